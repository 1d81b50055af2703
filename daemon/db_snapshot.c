/* daemon/db_snapshot.c - nudge-db snapshot: a copy of a database as of one moment, also while a daemon writes it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/directory.h"
#include "daemon/db_snapshot.h"
#include "daemon/db_value.h"
#include "daemon/history_impl.h"

#define PAGES_AT_ONCE 256 /* 4 MiB: then it says how far it is */

struct snapshot {
	struct history *from;
	sqlite3 *part;
	const char *to;
	char *part_name;
	bool show;
};

static int fail(const struct snapshot *s, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", s->part_name, sqlite3_errmsg(s->part));
}

static int part_sql(struct snapshot *s, const char *sql, struct problem *p)
{
	return sqlite3_exec(s->part, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(s, p);
}

/* All pages as they are in the transaction that the reader holds: what is written meanwhile stands in the log behind it. */
static int copy_pages(struct snapshot *s, struct problem *p)
{
	sqlite3_backup *backup = sqlite3_backup_init(s->part, "main", s->from->db, "main");
	int r;

	if (!backup)
		return fail(s, p);
	while ((r = sqlite3_backup_step(backup, PAGES_AT_ONCE)) == SQLITE_OK) {
		int all = sqlite3_backup_pagecount(backup);

		if (s->show)
			fprintf(stderr, "\r%3d %% of %d pages",
				(int)(100.0 * (all - sqlite3_backup_remaining(backup)) / all), all);
	}
	if (s->show)
		fputs("\r                              \r", stderr);
	sqlite3_backup_finish(backup);
	return r == SQLITE_DONE ? 0 : fail(s, p);
}

static int check_whole(struct snapshot *s, struct problem *p)
{
	sqlite3_stmt *check;
	int r = -1;

	if (sqlite3_prepare_v2(s->part, "PRAGMA integrity_check(1)", -1, &check, NULL) != SQLITE_OK)
		return fail(s, p);
	if (sqlite3_step(check) != SQLITE_ROW)
		fail(s, p);
	else if (strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0)
		r = 0;
	else
		problem_set(p, PROBLEM_STORAGE, "",
			    "the copy is damaged (%.100s), and so may be the database itself",
			    (const char *)sqlite3_column_text(check, 0));
	sqlite3_finalize(check);
	return r;
}

static int make_part(struct snapshot *s, struct problem *p)
{
	sqlite3_stmt *hold;
	int r;

	if (sqlite3_open_v2(s->part_name, &s->part, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK)
		return fail(s, p);
	/* db_open() began a transaction: with the first word read it is of this moment */
	hold = history_prepare(s->from, "SELECT count(*) FROM sqlite_schema", p);
	r = hold ? history_next(s->from, hold, p) : -1;
	sqlite3_finalize(hold);
	r = r < 0 ? -1 : copy_pages(s, p);
	/* alone, without shared memory: a share may have none */
	if (r == 0)
		r = part_sql(s, "PRAGMA locking_mode = EXCLUSIVE", p);
	if (r == 0)
		r = part_sql(s, "PRAGMA journal_mode = DELETE", p);
	return r == 0 ? check_whole(s, p) : r;
}

/* Over the empty file of this name, which is ours. */
static int give_name(const struct snapshot *s, int64_t *ret_bytes, struct problem *p)
{
	char *copy = strdup(s->to);
	int fd = open(s->part_name, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 || !copy ? -1 : 0;

	if (r == 0) {
		*ret_bytes = lseek(fd, 0, SEEK_END);
		r = fsync(fd);
	}
	if (fd >= 0)
		close(fd);
	if (r == 0)
		r = rename(s->part_name, s->to);
	if (r < 0)
		problem_set(p, PROBLEM_STORAGE, "", "%s: %m", s->to);
	else
		(void)directory_sync(dirname(copy),
				     O_RDONLY | O_DIRECTORY); /* not every share can */
	free(copy);
	return r;
}

static void unlink_part(const struct snapshot *s)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path = sqlite3_mprintf("%s%s", s->part_name, suffixes[i]);

		if (path)
			unlink(path);
		sqlite3_free(path);
	}
}

static int fill(struct snapshot *s, int64_t *ret_bytes, struct problem *p)
{
	int r = make_part(s, p);

	if (sqlite3_close(s->part) != SQLITE_OK && r == 0)
		r = fail(s, p);
	if (r == 0)
		r = give_name(s, ret_bytes, p);
	if (r < 0)
		unlink_part(s);
	return r;
}

int db_snapshot(const char *from, const char *to, bool show, int64_t *ret_bytes, struct problem *p)
{
	struct snapshot s = {.to = to, .show = show};
	int fd, r;

	if (db_open(from, &s.from, p) < 0)
		return -1;
	s.part_name = sqlite3_mprintf("%s.part", to);
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (!s.part_name || fd < 0) {
		r = problem_set(p, PROBLEM_STORAGE, "",
				errno == EEXIST
					? "%s is there already, and stays: choose another name"
					: "%s: %m",
				to);
	} else {
		close(fd);
		unlink_part(&s); /* of one that was killed */
		r = fill(&s, ret_bytes, p);
		if (r < 0)
			unlink(to);
	}
	sqlite3_free(s.part_name);
	history_close(s.from);
	return r;
}
