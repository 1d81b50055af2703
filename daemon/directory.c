/* daemon/directory.c - makes, checks and locks directories. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/directory.h"

static int make_all(char *path, struct problem *p)
{
	for (char *c = path + 1;; c++) {
		char was = *c;

		if (was != '/' && was != '\0')
			continue;
		*c = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return problem_set(p, PROBLEM_INTERNAL, "",
					   "cannot make the directory %s: %m", path);
		*c = was;
		if (was == '\0')
			return 0;
	}
}

static int check(const char *path, struct problem *p)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "%s: %m", path);
	if (!S_ISDIR(st.st_mode))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s is no directory; choose another with --runtime", path);
	if (st.st_uid != geteuid())
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"%s belongs to somebody else (uid %u); choose another with --runtime", path,
			(unsigned)st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "others may write to %s (mode %04o): chmod 700 %s", path,
				   (unsigned)st.st_mode & 07777, path);
	return 0;
}

int directory_private(const char *path, struct problem *p)
{
	char *copy = strdup(path);
	int r;

	if (!copy)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	r = make_all(copy, p);
	free(copy);
	return r < 0 ? -1 : check(path, p);
}

int directory_above(const char *file, struct problem *p)
{
	char *copy = strdup(file);
	int r;

	if (!copy)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	r = make_all(dirname(copy), p);
	free(copy);
	return r;
}

int directory_lock(const char *path, int *ret_fd, struct problem *p)
{
	char *file;
	int fd;

	if (asprintf(&file, "%s/lock", path) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			problem_set(p, PROBLEM_STATE, "",
				    "another nudged serves from %s (it holds %s); choose another "
				    "--runtime, or stop that one",
				    path, file);
		else
			problem_set(p, PROBLEM_INTERNAL, "", "cannot lock %s: %m", file);
		if (fd >= 0)
			close(fd);
		free(file);
		return -1;
	}
	free(file);
	*ret_fd = fd;
	return 0;
}

int directory_sync(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}
