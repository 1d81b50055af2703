/* daemon/store_open.c - the database file: whose it is, that it is fit, up to date, and closed properly last time. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/crash_point.h"
#include "daemon/store_impl.h"
#include "daemon/store_schema.h"

#define CACHE_KIB       16384
#define WAL_LIMIT       67108864 /* an emptied log is cut down to this */
#define BUSY_TIMEOUT_MS 50       /* then store.c backs off */

const char *store_why(sqlite3 *db, char *ret, size_t size)
{
	int code = sqlite3_extended_errcode(db) & 0xff, e = sqlite3_system_errno(db);
	bool told = e && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_FULL);

	snprintf(ret, size, "%s%s%s%s", sqlite3_errmsg(db), told ? " (" : "",
		 told ? strerror(e) : "", told ? ")" : "");
	return ret;
}

static int fail(struct problem *p, sqlite3 *db, const char *file, const char *doing)
{
	int code = sqlite3_extended_errcode(db) & 0xff;
	char why[STORE_WHY_BYTES];

	problem_set(p, PROBLEM_STORAGE, "", "%s: cannot %s: %s", file, doing,
		    store_why(db, why, sizeof(why)));
	switch (code) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EUCLEAN;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_PERM:
		return -EACCES;
	default:
		return -EIO;
	}
}

static int run_sql(sqlite3 *db, const char *file, const char *sql, const char *doing,
		   struct problem *p)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(p, db, file, doing);
	return 0;
}

/* The first column of the first row; fallback if there is none or it is NULL. */
static int64_t ask(sqlite3 *db, const char *sql, int64_t fallback)
{
	sqlite3_stmt *s;
	int64_t value = fallback;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return fallback;
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

/* ---- may we? ---- */

/* FILE.lock and never the database itself: closing any descriptor on that would drop SQLite's own locks. */
int store_lock(const char *file, int *ret_fd, struct problem *p)
{
	char path[PATH_MAX], pid[32] = "";
	int fd, r;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s.lock", file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = errno == EWOULDBLOCK ? -EBUSY : -errno;
		n = fd < 0 ? 0 : pread(fd, pid, sizeof(pid) - 1, 0);
		if (r == -EBUSY)
			problem_set(p, PROBLEM_STORAGE, "",
				    "%s is in use by another nudged (process %.*s): stop that one, "
				    "or choose another file with --db",
				    file, n > 0 ? (int)strcspn(pid, "\n") : 1, n > 0 ? pid : "?");
		else
			problem_set(p, PROBLEM_STORAGE, "", "%s: %s", path, strerror(-r));
		if (fd >= 0)
			close(fd);
		return r;
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
		/* a full disk: the number is a courtesy, the lock holds without it */
	}
	*ret_fd = fd;
	return 0;
}

/* ---- up to date ---- */

static int migrate_one(sqlite3 *db, const char *file, const char *sql, size_t version,
		       struct problem *p)
{
	char set[64];
	int r;

	snprintf(set, sizeof(set), "PRAGMA user_version = %zu; COMMIT", version);
	r = run_sql(db, file, "BEGIN EXCLUSIVE", "begin an update of its tables", p);
	if (r < 0)
		return r;
	r = run_sql(db, file, sql, "update its tables", p);
	crash_point("store.in_migration");
	if (r == 0)
		r = run_sql(db, file, set, "update its tables", p);
	crash_point("store.migrated");
	if (r < 0)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static int refuse_newer(sqlite3 *db, const char *file, size_t n, int64_t *ret_have,
			struct problem *p)
{
	*ret_have = ask(db, "PRAGMA user_version", -1);
	if (*ret_have < 0)
		return fail(p, db, file, "read its version");
	if ((size_t)*ret_have <= n)
		return 0;
	problem_set(p, PROBLEM_STORAGE, "",
		    "%s was written by a newer nudged (tables of version %lld; this one "
		    "knows up to %zu): use that nudged, or another file",
		    file, (long long)*ret_have, n);
	return -ENOTSUP;
}

int store_migrate(sqlite3 *db, const char *file, const char *const *versions, size_t n,
		  struct problem *p)
{
	int64_t have;
	int r = refuse_newer(db, file, n, &have, p);

	for (size_t i = (size_t)have; r == 0 && i < n; i++)
		r = migrate_one(db, file, versions[i], i + 1, p);
	return r;
}

static int damaged(struct problem *p, const char *file, const char *found)
{
	problem_set(p, PROBLEM_STORAGE, "",
		    "%s is damaged (%.*s), and was left as it is: put a copy that is whole in its "
		    "place, rescue what there is (sqlite3 FILE .recover), or choose another file "
		    "with --db",
		    file, (int)strcspn(found, "\n"), found);
	return -EUCLEAN;
}

static int refuse_foreign(sqlite3 *db, const char *file, struct problem *p)
{
	int64_t id = ask(db, "PRAGMA application_id", -1);
	int64_t tables = ask(db, "SELECT count(*) FROM sqlite_schema", -1);

	if (tables < 0 && (sqlite3_extended_errcode(db) & 0xff) == SQLITE_CORRUPT)
		return damaged(p, file, sqlite3_errmsg(db));
	if (tables < 0)
		return fail(p, db, file, "read it");
	if (tables == 0 || id == STORE_APPLICATION_ID)
		return 0;
	problem_set(p, PROBLEM_STORAGE, "",
		    "%s is a database of another program (application_id %lld): choose another "
		    "file with --db",
		    file, (long long)id);
	return -EEXIST;
}

/* What a start reads and writes is whole.  Steps are not looked at: there may be hours of them. */
static int refuse_damaged(sqlite3 *db, const char *file, struct problem *p)
{
	static const char tables[] = "SELECT name FROM sqlite_schema WHERE type = 'table'"
				     " AND name NOT IN ('steps', 'tests', 'events', 'audit')";
	char sql[320], found[200] = "ok";
	sqlite3_stmt *s;
	int r;

	snprintf(sql, sizeof(sql),
		 "SELECT q.quick_check FROM (%s) t, pragma_quick_check(t.name) q"
		 " WHERE q.quick_check <> 'ok' LIMIT 1",
		 tables);
	r = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_step(s);
	if (r == SQLITE_ROW)
		snprintf(found, sizeof(found), "%s", (const char *)sqlite3_column_text(s, 0));
	else if (r != SQLITE_DONE)
		snprintf(found, sizeof(found), "%s", sqlite3_errmsg(db));
	sqlite3_finalize(s);
	if (r == SQLITE_DONE)
		return 0;
	return damaged(p, file, found);
}

static int configure(sqlite3 *db, const char *file, struct problem *p)
{
	char sql[512];
	int persist = 1;

	snprintf(
		sql, sizeof(sql),
		"PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = %d; PRAGMA journal_mode = WAL;"
		"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
		"PRAGMA journal_size_limit = %d; PRAGMA cache_size = -%d;"
		"PRAGMA secure_delete = OFF",
		STORE_PAGE_BYTES, STORE_APPLICATION_ID, WAL_LIMIT, CACHE_KIB);
	/* the log stays when the last connection closes, so that those who may only read still can */
	sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	return run_sql(db, file, sql, "set it up", p);
}

/* ---- what the last daemon left behind ---- */

/* Figures of a run that nobody ended, from its rows. */
#define LAST_TENTH(run) "(SELECT max(step) * 9 / 10 FROM steps WHERE run = " run ")"
static const char recover_sql[] =
	"UPDATE runs SET"
	" steps = coalesce((SELECT max(step) + 1 FROM steps s WHERE s.run = runs.run), 0),"
	" mse_first_V2 = (SELECT mse_V2 FROM steps s WHERE s.run = runs.run"
	"  ORDER BY step LIMIT 1),"
	" mse_last_V2 = (SELECT mse_V2 FROM steps s WHERE s.run = runs.run"
	"  ORDER BY step DESC LIMIT 1),"
	" mse_min_V2 = (SELECT min(mse_V2) FROM steps s WHERE s.run = runs.run),"
	" mse_final_V2 = (SELECT avg(mse_V2) FROM steps s WHERE s.run = runs.run"
	"  AND step >= " LAST_TENTH(
		"runs.run") "),"
			    " edges_at_stop = (SELECT coalesce(r_ohm, wiper) FROM steps s WHERE s.run = runs.run"
			    "  AND NOT flags & 16 ORDER BY step DESC LIMIT 1),"
			    " test_first_V2 = (SELECT error_V2 FROM tests t WHERE t.run = runs.run"
			    "  AND t.\"set\" = 'test' ORDER BY step LIMIT 1),"
			    " test_best_V2 = (SELECT min(error_V2) FROM tests t WHERE t.run = runs.run"
			    "  AND t.\"set\" = 'test'),"
			    " test_final_V2 = (SELECT error_V2 FROM tests t WHERE t.run = runs.run"
			    "  AND t.\"set\" = 'test' ORDER BY step DESC LIMIT 1),"
			    " accuracy_best = (SELECT max(accuracy) FROM tests t WHERE t.run = runs.run"
			    "  AND t.\"set\" = 'test'),"
			    " accuracy_final = (SELECT accuracy FROM tests t WHERE t.run = runs.run"
			    "  AND t.\"set\" = 'test' ORDER BY step DESC LIMIT 1)"
			    " WHERE status IN ('running', 'paused');"

			    "INSERT INTO events (time, run, step, kind, who, what, old, new)"
			    " SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), run, steps, 'run_end', 'nudged',"
			    " 'interrupted', '\"' || status || '\"', '\"interrupted\"'"
			    " FROM runs WHERE status IN ('running', 'paused');"

			    "UPDATE runs SET status = 'interrupted', ended_utc = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),"
			    " reason = 'the daemon ended in mid-run (power cut, kill or crash); found at its next start'"
			    " WHERE status IN ('running', 'paused');";

static int recover(sqlite3 *db, const char *file, const char *boot, struct store_found *found,
		   struct problem *p)
{
	char *sql = sqlite3_mprintf(
		"INSERT OR REPLACE INTO meta VALUES ('boot', %Q), ('goodbye', 'no');"
		"DELETE FROM replies WHERE t_utc <"
		" strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now', '-%d days'); COMMIT",
		boot, STORE_KEY_DAYS);
	int r = sql ? run_sql(db, file, "BEGIN IMMEDIATE", "begin recovery", p) : -ENOMEM;

	if (r == 0) {
		found->interrupted_run = (uint64_t)ask(
			db, "SELECT max(run) FROM runs WHERE status IN ('running', 'paused')", 0);
		found->crashed = found->interrupted_run != 0 ||
				 ask(db, "SELECT value = 'no' FROM meta WHERE name = 'goodbye'", 0);
		r = run_sql(db, file, recover_sql, "close interrupted runs", p);
		crash_point("store.in_recovery");
		if (r == 0)
			r = run_sql(db, file, sql, "note this start", p);
	}
	sqlite3_free(sql);
	return r;
}

/* What the daemon noted as JSON; NULL: nothing that can be read. */
static json_t *noted(sqlite3 *db, const char *name)
{
	sqlite3_stmt *s;
	json_t *json = NULL;

	if (sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name = ?1", -1, &s, NULL) !=
	    SQLITE_OK)
		return NULL;
	sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	if (sqlite3_step(s) == SQLITE_ROW)
		json = json_loads((const char *)sqlite3_column_text(s, 0), 0, NULL);
	sqlite3_finalize(s);
	return json;
}

static int look(sqlite3 *db, const char *file, struct store_found *found, struct problem *p)
{
	sqlite3_stmt *s;
	int r;

	params_default(&found->params);
	found->last_run = (uint64_t)ask(db, "SELECT max(run) FROM runs", 0);
	found->queue_held = ask(db, "SELECT value = 'yes' FROM meta WHERE name = 'queue_held'", 0);
	found->wiring = noted(db, "wiring");
	found->thins = noted(db, "retain");
	if (sqlite3_prepare_v2(db,
			       "SELECT eta, p, tau_s, capacitance_F, rev FROM params"
			       " ORDER BY rev DESC, t_utc DESC LIMIT 1",
			       -1, &s, NULL) != SQLITE_OK)
		return fail(p, db, file, "read the last parameters");
	r = sqlite3_step(s);
	if (r == SQLITE_ROW)
		found->params = (struct params){
			.eta = sqlite3_column_double(s, 0),
			.p = sqlite3_column_double(s, 1),
			.tau_s = sqlite3_column_double(s, 2),
			.capacitance_F = sqlite3_column_double(s, 3),
			.alpha_per_s = NAN,
			.bias_V = NAN,
			.rev = (uint64_t)sqlite3_column_int64(s, 4),
		};
	found->last_rev = found->params.rev;
	sqlite3_finalize(s);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0
						   : fail(p, db, file, "read the last parameters");
}

/* ---- open and close ---- */

static int open_locked(const char *file, const char *boot, sqlite3 **ret, struct store_found *found,
		       struct problem *p)
{
	sqlite3 *db = NULL;
	int64_t have;
	int r;

	if (sqlite3_open_v2(file, &db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		r = fail(p, db, file, "open it");
	else
		r = 0;
	sqlite3_extended_result_codes(db, 1);
	/* a file that is refused stays as it is: its log is not copied into it either */
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_busy_timeout(db, 2000); /* somebody may just be looking */
	if (r == 0)
		r = refuse_foreign(db, file, p);
	if (r == 0)
		r = refuse_newer(db, file, store_schema_n_versions, &have, p);
	if (r == 0)
		r = refuse_damaged(db, file, p);
	if (r == 0)
		r = configure(db, file, p);
	if (r == 0)
		r = store_migrate(db, file, store_schema_versions, store_schema_n_versions, p);
	if (r == 0 && boot)
		r = recover(db, file, boot, found, p);
	if (r == 0)
		r = look(db, file, found, p);
	if (r < 0) {
		sqlite3_close(db);
		return r;
	}
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
	*ret = db;
	return 0;
}

int store_open_database(const char *file, const char *boot, sqlite3 **ret, int *ret_lock_fd,
			struct store_found *found, struct problem *p)
{
	int lock_fd, r;

	*found = (struct store_found){0};
	r = store_refuse_network(file, p);
	if (r == 0)
		r = store_lock(file, &lock_fd, p);
	if (r < 0)
		return r;
	r = open_locked(file, boot, ret, found, p);
	if (r < 0) {
		close(lock_fd);
		return r;
	}
	*ret_lock_fd = lock_fd;
	return 0;
}

int store_close_database(sqlite3 *db, int lock_fd)
{
	int r;

	crash_point("store.before_goodbye");
	r = sqlite3_exec(db, "UPDATE meta SET value = 'yes' WHERE name = 'goodbye'", NULL, NULL,
			 NULL);
	crash_point("store.after_goodbye");

	/* a reader in the way leaves the log for the next start: no harm */
	sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	crash_point("store.before_close");
	sqlite3_close(db);
	close(lock_fd);
	return r == SQLITE_OK ? 0 : -EIO;
}

const char *store_library_version(void)
{
	return sqlite3_libversion();
}
