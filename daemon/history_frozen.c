/* daemon/history_frozen.c - a database that is read and not touched. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/history_frozen.h"
#include "daemon/history_impl.h"
#include "daemon/log.h"
#include "daemon/store_impl.h"
#include "daemon/store_schema.h"

#define COPY_NAME "replay.db" /* in the directory of the sockets, which is one daemon's alone */

/* ---- how it may be opened ---- */

/* A daemon that writes it holds the lock of FILE.lock; else daemons are kept away while it is read, if they can be without
 * making that file. */
static bool is_in_use(const char *file, int *ret_lock_fd)
{
	char path[PATH_MAX];
	int fd;

	*ret_lock_fd = -1;
	if (snprintf(path, sizeof(path), "%s.lock", file) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT; /* it is somebody's who may be writing */
	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		close(fd);
		return true;
	}
	*ret_lock_fd = fd;
	return false;
}

static bool has_log(const char *file)
{
	char path[PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof(path), "%s-wal", file) < (int)sizeof(path) &&
	       stat(path, &st) == 0 && st.st_size > 0;
}

/* Without a log nothing but the file is needed; with one, its index is made in memory. */
static const char *manner(const char *file, bool in_use)
{
	return in_use ? "" : has_log(file) ? "&readonly_shm=1" : "&immutable=1";
}

/* "file:/PATH?mode=ro..."; NULL: no memory. */
static char *name_of(const char *file, const char *manner)
{
	char *plain = history_uri(file), *name = NULL;

	if (plain && asprintf(&name, "%s%s", plain, manner) < 0)
		name = NULL;
	sqlite3_free(plain);
	return name;
}

/* ---- whose it is ---- */

static int pragma(struct history *h, const char *sql, int64_t *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r = s ? history_next(h, s, p) : -1;

	if (r > 0)
		*ret = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

static int check(struct history *h, const char *file, int64_t *ret_version, struct problem *p)
{
	int64_t id = 0, version = 0;

	if (pragma(h, "PRAGMA application_id", &id, p) < 0 ||
	    pragma(h, "PRAGMA user_version", &version, p) < 0)
		return -1;
	if (id != STORE_APPLICATION_ID)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s is no database of nudged (application_id %lld)", file,
				   (long long)id);
	if (version > (int64_t)store_schema_n_versions)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s was written by a newer nudged (tables of version %lld; this "
				   "one knows up to %zu): use that nudged",
				   file, (long long)version, store_schema_n_versions);
	*ret_version = version;
	return 0;
}

/* ---- older tables ---- */

static int fail(sqlite3 *db, const char *copy, struct problem *p)
{
	char why[STORE_WHY_BYTES];

	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", copy, store_why(db, why, sizeof(why)));
}

static int fill(sqlite3 *db, struct history *from, const char *copy, struct problem *p)
{
	sqlite3_backup *backup = sqlite3_backup_init(db, "main", from->db, "main");
	int r = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;

	sqlite3_backup_finish(backup);
	if (r != SQLITE_DONE ||
	    sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF", NULL, NULL,
			 NULL) != SQLITE_OK)
		return fail(db, copy, p);
	return store_migrate(db, copy, store_schema_versions, store_schema_n_versions, p) < 0 ? -1
											      : 0;
}

/* The whole file again, with the tables of today. */
static int copy_up_to_date(struct history *from, struct history_frozen *f, struct problem *p)
{
	sqlite3 *db = NULL;
	int r;

	(void)unlink(f->copy); /* of one that was killed */
	history_deadline(from, 1e9);
	if (sqlite3_open_v2(f->copy, &db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		r = fail(db, f->copy, p);
	else
		r = fill(db, from, f->copy, p);
	sqlite3_close(db);
	free(f->name);
	f->name = r == 0 ? name_of(f->copy, "&immutable=1") : NULL;
	return r == 0 && !f->name ? problem_set(p, PROBLEM_INTERNAL, "", "no memory") : r;
}

/* ---- all of it ---- */

static int look(const char *file, const char *directory, struct history_frozen *f,
		struct problem *p)
{
	struct history *h = NULL;
	int64_t version = 0;
	int r = history_open(f->name, &h, p);

	if (r == 0)
		r = check(h, file, &version, p);
	if (r == 0 && version < (int64_t)store_schema_n_versions) {
		log_line(LOG_NOTICE_, "replay.copy",
			 "%s has tables of version %lld: a copy of it in %s is brought up to date",
			 file, (long long)version, directory);
		if (asprintf(&f->copy, "%s/" COPY_NAME, directory) < 0) {
			f->copy = NULL;
			r = problem_set(p, PROBLEM_INTERNAL, "", "no memory");
		} else {
			r = copy_up_to_date(h, f, p);
		}
	}
	history_close(h);
	return r;
}

int history_freeze(const char *file, const char *directory, struct history_frozen *ret,
		   struct problem *p)
{
	struct history_frozen f = {.lock_fd = -1};
	struct stat st;

	if (stat(file, &st) < 0 || access(file, R_OK) < 0)
		return problem_set(p, PROBLEM_PARAMS, "", "%s: %s", file,
				   errno == ENOENT ? "no such file" : strerror(errno));
	if (!S_ISREG(st.st_mode))
		return problem_set(p, PROBLEM_PARAMS, "", "%s is no file", file);
	f.name = name_of(file, manner(file, is_in_use(file, &f.lock_fd)));
	if (!f.name) {
		history_thaw(&f);
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	}
	if (look(file, directory, &f, p) < 0) {
		history_thaw(&f);
		return -1;
	}
	*ret = f;
	return 0;
}

void history_thaw(struct history_frozen *frozen)
{
	if (frozen->copy)
		(void)unlink(frozen->copy);
	if (frozen->lock_fd >= 0)
		close(frozen->lock_fd);
	free(frozen->name);
	free(frozen->copy);
	*frozen = (struct history_frozen){.lock_fd = -1};
}
