/* daemon/db_export.c - nudge-db export: which runs, under which names, whole or not at all. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/directory.h"
#include "daemon/db_export.h"

static const struct {
	const char *ending;
	int (*write)(const struct dump *dump, const char *part, struct problem *p);
} formats[] = {
	[EXPORT_CSV] = {"", db_export_csv},
	[EXPORT_NPZ] = {".npz", db_export_npz},
	[EXPORT_HDF5] = {".h5", db_export_hdf5},
};

/* ---- names ---- */

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *name_of(const char *out, int64_t run, enum export_format format)
{
	const char *ending = formats[format].ending;

	if (out && !is_directory(out))
		return sqlite3_mprintf("%s", out);
	return sqlite3_mprintf("%s%srun-%lld%s", out ? out : "", out ? "/" : "", (long long)run,
			       ending);
}

static int is_there(const char *path, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "",
			   "%s is there already, and stays: choose another name with -o", path);
}

/* ---- on disk ---- */

/* Calls work() for each file of a directory; of a file just for that. */
static int each_file(const char *path, int (*work)(const char *path))
{
	DIR *directory = is_directory(path) ? opendir(path) : NULL;
	struct dirent *entry;
	int r = 0;

	if (!directory)
		return work(path);
	while ((entry = readdir(directory))) {
		char *inside;

		if (entry->d_name[0] == '.')
			continue;
		inside = sqlite3_mprintf("%s/%s", path, entry->d_name);
		if (!inside || work(inside) < 0)
			r = -1;
		sqlite3_free(inside);
	}
	closedir(directory);
	return r;
}

static int sync_file(const char *path)
{
	return directory_sync(path, O_RDONLY);
}

static void remove_part(const char *part)
{
	int e = errno;

	(void)each_file(part, unlink);
	if (is_directory(part))
		(void)rmdir(part);
	errno = e;
}

/* Whole on disk first.  Who came first under this name keeps it, also when two write at once. */
static int give_name(const char *part, const char *path, struct problem *p)
{
	char *copy = strdup(path);
	int r = copy ? each_file(part, sync_file) : -1;

	if (r == 0)
		r = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);
	if (r < 0 && copy && (errno == EINVAL || errno == ENOSYS) && access(path, F_OK) < 0)
		r = rename(part, path); /* of a file system that cannot tell */
	if (r < 0)
		r = errno == EEXIST ? is_there(path, p)
				    : problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path);
	else
		(void)directory_sync(dirname(copy),
				     O_RDONLY | O_DIRECTORY); /* not every share can */
	free(copy);
	return r;
}

static int make_part(const char *part, enum export_format format, struct problem *p)
{
	int fd;

	remove_part(part); /* of one that was killed, and had our number */
	if (format == EXPORT_CSV)
		return mkdir(part, 0750) == 0 ? 0
					      : problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	close(fd);
	return 0;
}

static int write_whole(const struct dump *dump, const char *path, enum export_format format,
		       struct problem *p)
{
	char *part = sqlite3_mprintf("%s.%ld.part", path, (long)getpid());
	int r;

	if (!part)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	r = make_part(part, format, p);
	if (r == 0) {
		r = formats[format].write(dump, part, p);
		if (r == 0)
			r = give_name(part, path, p);
		if (r < 0)
			remove_part(part);
	}
	sqlite3_free(part);
	return r;
}

static int export_one(struct history *h, int64_t run, enum export_format format, const char *out,
		      void (*tell)(const char *path, const struct dump *dump), struct problem *p)
{
	char *path = name_of(out, run, format);
	struct dump dump = {0};
	int r;

	if (!path)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	/* before the work of reading it all */
	r = access(path, F_OK) == 0 ? is_there(path, p) : dump_open(h, run, &dump, p);
	if (r == 0)
		r = write_whole(&dump, path, format, p);
	if (r == 0)
		tell(path, &dump);
	dump_clear(&dump);
	sqlite3_free(path);
	return r;
}

int db_export(const char *file, const int64_t *runs, size_t n, enum export_format format,
	      const char *out, void (*tell)(const char *path, const struct dump *dump),
	      struct problem *p)
{
	struct history *h;
	int r = 0;

	if (out && n > 1 && !is_directory(out))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "-o %s: for more than one run it must be a directory that is "
				   "there",
				   out);
	if (db_open(file, &h, p) < 0)
		return -1;
	for (size_t i = 0; i < n && r == 0; i++) /* a number that is wrong is told before work */
		r = db_need_run(h, runs[i], p);
	for (size_t i = 0; i < n && r == 0; i++)
		r = export_one(h, runs[i], format, out, tell, p);
	history_close(h);
	return r;
}
