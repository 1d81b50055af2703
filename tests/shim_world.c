/* tests/shim_world.c - preloaded into a daemon: a wall clock that somebody sets, time that passes, a file system of any name.
 *
 * $NUDGED_TEST_CLOCK names a file of two 64-bit numbers of nanoseconds, which a test may change at any time: what the wall
 * clock is ahead of the truth, and what both clocks are.  $NUDGED_TEST_STATFS is the magic number of every file system.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000LL

static volatile const int64_t *ahead; /* [2]: NULL before the constructor, or without a file */

__attribute__((constructor)) static void find_clock(void)
{
	const char *name = getenv("NUDGED_TEST_CLOCK");
	int fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		ahead = map;
	close(fd);
}

static int64_t shift_ns(clockid_t id)
{
	if (!ahead)
		return 0;
	if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)
		return ahead[0] + ahead[1];
	return id == CLOCK_MONOTONIC ? ahead[1] : 0;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int r = (int)syscall(SYS_clock_gettime, id, t);
	int64_t ns;

	if (r < 0)
		return r;
	ns = t->tv_sec * NS + t->tv_nsec + shift_ns(id);
	t->tv_sec = ns / NS;
	t->tv_nsec = ns % NS;
	return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	t->tv_sec = now.tv_sec;
	t->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec;
	return now.tv_sec;
}

static long magic(long truth)
{
	const char *said = getenv("NUDGED_TEST_STATFS");

	return said ? (long)strtoul(said, NULL, 0) : truth;
}

int statfs(const char *path, struct statfs *fs)
{
	int r = (int)syscall(SYS_statfs, path, fs);

	if (r == 0)
		fs->f_type = magic(fs->f_type);
	return r;
}
