/* daemon/db_vacuum.c - nudge-db vacuum: a database without unused pages, that gives room back by itself from now on. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/db_vacuum.h"
#include "daemon/store_impl.h"

static int64_t ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s;
	int64_t value = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return 0;
	if (sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

static int64_t length_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : 0;
}

/* SQLite writes all of it beside the file, and once more into the log. */
static int need_room(sqlite3 *db, const char *file, struct problem *p)
{
	int64_t used = (ask(db, "PRAGMA page_count") - ask(db, "PRAGMA freelist_count")) *
		       ask(db, "PRAGMA page_size");
	struct statvfs fs;
	double room;

	if (statvfs(file, &fs) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	room = (double)fs.f_bavail * (double)fs.f_frsize;
	if (room > 2.05 * (double)used)
		return 0;
	return problem_set(p, PROBLEM_STORAGE, "",
			   "%s: its disk has %.1f MB left, and this takes twice the %.1f MB in "
			   "use: make room, or copy the file to a larger disk first",
			   file, room / 1e6, (double)used / 1e6);
}

/* The copy that SQLite makes lies on the file's own disk, of which we know that it has room. */
static int aim_beside(const char *file)
{
	char *copy = realpath(file, NULL);
	int r = copy ? setenv("SQLITE_TMPDIR", dirname(copy), 1) : -1;

	free(copy);
	return r;
}

static int vacuum(sqlite3 *db, const char *file, struct problem *p)
{
	char why[STORE_WHY_BYTES];

	if (need_room(db, file, p) < 0)
		return -1;
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_exec(db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", NULL, NULL, NULL) !=
	    SQLITE_OK)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %s; it stays as it was", file,
				   store_why(db, why, sizeof(why)));
	if (sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
	    SQLITE_OK)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "%s: done, but its log cannot be emptied while somebody reads: "
				   "the room comes back when they have ended",
				   file);
	return 0;
}

int db_vacuum(const char *file, int64_t *ret_before, int64_t *ret_after, struct problem *p)
{
	struct store_found found;
	sqlite3 *db;
	int lock_fd, r;

	if (access(file, R_OK | W_OK) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	*ret_before = length_of(file);
	if (aim_beside(file) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	if (store_open_database(file, NULL, &db, &lock_fd, &found, p) < 0)
		return -1;
	json_decref(found.wiring);
	json_decref(found.thins);
	r = vacuum(db, file, p);
	sqlite3_close(db);
	close(lock_fd);
	*ret_after = length_of(file);
	return r;
}
