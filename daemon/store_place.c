/* daemon/store_place.c - where the database lies: not on a network file system, whose locks and memory SQLite cannot trust. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "daemon/store_impl.h"

#define FUSE 0x65735546ul /* a program serves it: what it is stands in the list of mounts alone */

const char *store_network_file_system(unsigned long magic)
{
	static const struct {
		unsigned long magic;
		const char *name;
	} known[] = {
		{0x6969, "NFS"},      {0x517B, "SMB"},        {0xFF534D42, "CIFS"},
		{0xFE534D42, "SMB2"}, {0x5346414F, "AFS"},    {0x6B414653, "AFS"},
		{0x73757245, "Coda"}, {0x564C, "NCP"},        {0x01021997, "9p"},
		{0x00C36400, "Ceph"}, {0x0BD00BD0, "Lustre"}, {0x7461636F, "OCFS2"},
		{0x01161970, "GFS2"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].magic == magic)
			return known[i].name;
	return NULL;
}

const char *store_network_fuse(const char *line, unsigned major, unsigned minor)
{
	static const char *const known[] = {
		"fuse.sshfs",      "fuse.rclone",    "fuse.s3fs",      "fuse.glusterfs",
		"fuse.davfs",      "fuse.ceph",      "fuse.ceph-fuse", "fuse.moosefs",
		"fuse.juicefs",    "fuse.gcsfuse",   "fuse.smbnetfs",  "fuse.curlftpfs",
		"fuse.gvfsd-fuse", "fuse.seaweedfs", "fuse.goofys",
	};
	unsigned its_major, its_minor;
	const char *type = strstr(line, " - ");

	if (!type || sscanf(line, "%*d %*d %u:%u ", &its_major, &its_minor) != 2 ||
	    its_major != major || its_minor != minor)
		return NULL;
	type += 3;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(type, known[i], strlen(known[i])) == 0 && type[strlen(known[i])] == ' ')
			return known[i];
	return NULL;
}

/* A local one (of a USB disk, say) is as good as any. */
static const char *behind_fuse(const char *directory)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	const char *name = NULL;
	struct stat st;
	char *line = NULL;
	size_t size = 0;

	if (!mounts)
		return NULL;
	if (stat(directory, &st) == 0)
		while (!name && getline(&line, &size, mounts) > 0)
			name = store_network_fuse(line, major(st.st_dev), minor(st.st_dev));
	free(line);
	fclose(mounts);
	return name;
}

int store_refuse_network(const char *file, struct problem *p)
{
	char path[PATH_MAX];
	struct statfs fs;
	const char *name, *folder;

	if (snprintf(path, sizeof(path), "%s", file) >= (int)sizeof(path)) {
		problem_set(p, PROBLEM_STORAGE, "", "the database's path is longer than %d bytes",
			    PATH_MAX - 1);
		return -ENAMETOOLONG;
	}
	folder = dirname(path);
	if (statfs(folder, &fs) < 0) {
		int r = -errno;

		problem_set(p, PROBLEM_STORAGE, "", "%s: its directory: %s; create it first", file,
			    strerror(-r));
		return r;
	}
	name = store_network_file_system((unsigned long)fs.f_type & 0xFFFFFFFFul);
	if (((unsigned long)fs.f_type & 0xFFFFFFFFul) == FUSE)
		name = behind_fuse(folder);
	if (!name)
		return 0;
	problem_set(p, PROBLEM_STORAGE, "",
		    "%s is on a network file system (%s), where SQLite's log is not safe: "
		    "choose a local disk with --db",
		    file, name);
	return -EREMOTE;
}
