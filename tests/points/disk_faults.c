/* tests/points/disk_faults.c - a disk that is slow, full, failing or torn: loaded in front of libc by a test (LD_PRELOAD).
 *
 * Only the database of NUDGED_FAULTS_DB and its companions (-wal, ...) are touched.  A test steers by writing into the
 * file NUDGED_FAULTS, which is mapped here: `struct control`, numbers of 8 bytes.  tests/system/lib/disks.py knows its layout.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum call { CALL_WRITE, CALL_SYNC, CALL_TRUNCATE, N_CALLS };
enum file { FILE_DB, FILE_WAL, FILE_OTHER, N_FILES };
enum action { ACTION_NONE, ACTION_ERROR, ACTION_SHORT, ACTION_KILL, ACTION_TEAR };

struct control {
	atomic_ullong action, error;     /* enum action; errno */
	atomic_ullong call_bits, files;  /* which calls, on which files: a bit for each */
	atomic_ullong skip, times;       /* so many calls go well, then so many do not */
	atomic_ullong delay_us[N_CALLS]; /* before each call */
	atomic_ullong hold;              /* not 0: syncs wait until it is 0 */
	atomic_ullong held,
		injected;            /* counted here: syncs that wait now; calls that were spoilt */
	atomic_ullong seen[N_CALLS]; /* and all calls */
};

static struct control *control(void)
{
	static _Atomic(struct control *) mapped;
	struct control *c = atomic_load(&mapped);
	const char *name = getenv("NUDGED_FAULTS");
	int fd;

	if (c || !name)
		return c;
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	c = mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (c == MAP_FAILED)
		return NULL;
	atomic_store(&mapped, c); /* mapped twice by two threads at once: it is the same memory */
	return c;
}

/* Is this the database, or one of its companions? */
static bool which(int fd, enum file *ret)
{
	const char *db = getenv("NUDGED_FAULTS_DB");
	size_t n = db ? strlen(db) : 0;
	char link[64], path[PATH_MAX];
	ssize_t length;

	if (!n)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < (ssize_t)n || memcmp(path, db, n) != 0)
		return false;
	path[length] = '\0';
	*ret = path[n] == '\0' ? FILE_DB : strcmp(path + n, "-wal") == 0 ? FILE_WAL : FILE_OTHER;
	return true;
}

static void rest(unsigned long long us)
{
	struct timespec t = {.tv_sec = (time_t)(us / 1000000),
			     .tv_nsec = (long)(us % 1000000) * 1000};

	while (us && nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void wait_while_held(struct control *c)
{
	atomic_fetch_add(&c->held, 1);
	while (atomic_load(&c->hold))
		rest(1000);
	atomic_fetch_sub(&c->held, 1);
}

/* Takes one from a counter that is not 0 yet. */
static bool take(atomic_ullong *left)
{
	unsigned long long have = atomic_load(left);

	while (have && !atomic_compare_exchange_weak(left, &have, have - 1))
		;
	return have != 0;
}

/* What is to become of this call. */
static enum action fate(int fd, enum call call)
{
	int was = errno;
	struct control *c = control();
	enum action action;
	enum file file;

	if (!c || !which(fd, &file)) {
		errno = was;
		return ACTION_NONE;
	}
	atomic_fetch_add(&c->seen[call], 1);
	rest(atomic_load(&c->delay_us[call]));
	if (call == CALL_SYNC && atomic_load(&c->hold))
		wait_while_held(c);
	errno = was;
	action = (enum action)atomic_load(&c->action);
	if (action == ACTION_NONE || !(atomic_load(&c->call_bits) >> call & 1) ||
	    !(atomic_load(&c->files) >> file & 1) || take(&c->skip) || !take(&c->times))
		return ACTION_NONE;
	atomic_fetch_add(&c->injected, 1);
	if (action == ACTION_KILL)
		kill(getpid(), SIGKILL);
	if (action == ACTION_ERROR)
		errno = (int)atomic_load(&c->error);
	return action;
}

/* A write that is cut in half; torn: and is the last thing that this process did. */
static ssize_t write_at(int fd, const void *bytes, size_t n, off_t at, bool placed)
{
	enum action action = fate(fd, CALL_WRITE);
	size_t some = (action == ACTION_SHORT || action == ACTION_TEAR) && n > 1 ? n / 2 : n;
	ssize_t done;

	if (action == ACTION_ERROR)
		return -1;
	done = placed ? syscall(SYS_pwrite64, fd, bytes, some, at)
		      : syscall(SYS_write, fd, bytes, some);
	if (action == ACTION_TEAR)
		kill(getpid(), SIGKILL);
	return done;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	return write_at(fd, bytes, n, 0, false);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return write_at(fd, bytes, n, at, true);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return write_at(fd, bytes, n, at, true);
}

int fsync(int fd)
{
	return fate(fd, CALL_SYNC) == ACTION_ERROR ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fate(fd, CALL_SYNC) == ACTION_ERROR ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t length)
{
	return fate(fd, CALL_TRUNCATE) == ACTION_ERROR ? -1
						       : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off_t length)
{
	return ftruncate(fd, length);
}
