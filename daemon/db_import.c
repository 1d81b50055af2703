/* daemon/db_import.c - nudge-db import: each file into a database of its own, all of them into OUT, or none. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/db_import.h"
#include "daemon/db_merge.h"
#include "daemon/store_impl.h"

struct part {
	const char *file;
	char *database;
	struct import_found found;
};

static void unlink_all(const char *file)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path = sqlite3_mprintf("%s%s", file, suffixes[i]);

		if (path)
			unlink(path);
		sqlite3_free(path);
	}
}

/* "FILE: " in front of what is wrong with it */
static int of_file(const char *file, struct problem *p)
{
	char why[sizeof(p->message)];

	if (strncmp(p->message, file, strlen(file)) == 0)
		return -1;
	snprintf(why, sizeof(why), "%s", p->message);
	problem_clear(p);
	return problem_set(p, PROBLEM_STORAGE, "", "%.150s: %.330s", file, why);
}

/* ---- which runs ---- */

/* The run of this uuid, or (NULL) the only one: 1 and *ret, 0: there is none, -1 and *p */
static int ask_run(const char *database, const char *uuid, struct import_found *ret, char *status,
		   size_t size, struct problem *p)
{
	struct history *h;
	sqlite3_stmt *s;
	int r = -1;

	if (db_open(database, &h, p) < 0)
		return -1;
	s = history_prepare(h,
			    "SELECT run, uuid, coalesce(name, task, ''), status FROM runs"
			    " WHERE ?1 IS NULL OR uuid = ?1",
			    p);
	if (s) {
		sqlite3_bind_text(s, 1, uuid, -1, SQLITE_STATIC);
		r = history_next(h, s, p);
	}
	if (r > 0) {
		ret->in = sqlite3_column_int64(s, 0);
		snprintf(ret->uuid, sizeof(ret->uuid), "%s", sqlite3_column_text(s, 1));
		snprintf(ret->name, sizeof(ret->name), "%s", sqlite3_column_text(s, 2));
		snprintf(status, size, "%s", sqlite3_column_text(s, 3));
	}
	sqlite3_finalize(s);
	history_close(h);
	return r;
}

static int refuse_unfinished(const struct part *part, const char *status, struct problem *p)
{
	if (strcmp(status, "queued") != 0 && strcmp(status, "running") != 0 &&
	    strcmp(status, "paused") != 0)
		return 0;
	return problem_set(p, PROBLEM_STATE, "",
			   "%s: run %lld (%s) had not ended when it was exported (%s): export it "
			   "again",
			   part->file, (long long)part->found.in, part->found.uuid, status);
}

static int refuse_known(const char *out, const struct part *parts, size_t i, struct problem *p)
{
	const struct import_found *found = &parts[i].found;
	struct import_found there = {0};
	char status[32];
	int r = access(out, F_OK) == 0
			? ask_run(out, found->uuid, &there, status, sizeof(status), p)
			: 0;

	if (r > 0)
		return problem_set(p, PROBLEM_CONFLICT, "",
				   "%s: run %s%s%s is in %s already, as run %lld: nothing was "
				   "imported",
				   parts[i].file, found->uuid, found->name[0] ? " " : "",
				   found->name, out, (long long)there.in);
	for (size_t k = 0; r == 0 && k < i; k++)
		if (strcmp(parts[k].found.uuid, found->uuid) == 0)
			return problem_set(p, PROBLEM_CONFLICT, "",
					   "%s and %s are the same run, %s: nothing was imported",
					   parts[k].file, parts[i].file, found->uuid);
	return r;
}

/* ---- the work ---- */

static int read_part(const char *out, struct part *parts, size_t i, import_reader *read,
		     const void *context, struct problem *p)
{
	struct part *part = &parts[i];
	char status[32] = "";

	part->database = sqlite3_mprintf("%s.%ld.%d.part", out, (long)getpid(), (int)i);
	if (!part->database)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	unlink_all(part->database);
	if (read(part->file, part->database, context, p) < 0)
		return of_file(part->file, p);
	if (ask_run(part->database, NULL, &part->found, status, sizeof(status), p) <= 0)
		return p->code ? -1
			       : problem_set(p, PROBLEM_STORAGE, "", "%s: it has no run",
					     part->file);
	if (refuse_unfinished(part, status, p) < 0)
		return -1;
	return refuse_known(out, parts, i, p);
}

static int merge(const char *out, const struct part *parts, size_t n, struct problem *p)
{
	const char **in = calloc(n, sizeof(*in));
	struct db_merged merged;
	int r;

	if (!in)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a list");
	for (size_t i = 0; i < n; i++)
		in[i] = parts[i].database;
	r = db_merge(out, in, n, &merged, p);
	free(in);
	return r;
}

/* Early, and in this program's words; db_merge() takes the lock itself. */
static int refuse_busy(const char *out, struct problem *p)
{
	int fd, r;

	if (access(out, F_OK) < 0)
		return 0;
	r = store_lock(out, &fd, p);
	if (r == 0) {
		close(fd);
		return 0;
	}
	if (r != -EBUSY)
		return -1;
	problem_clear(p);
	return problem_set(p, PROBLEM_STATE, "",
			   "%s is in use by a nudged that runs: stop it, import, and start it "
			   "again; or import into another file with --db",
			   out);
}

static int import_all(const char *out, struct part *parts, size_t n, import_reader *read,
		      const void *context,
		      void (*tell)(const char *file, const struct import_found *found),
		      struct problem *p)
{
	struct import_found there;
	char status[32];

	for (size_t i = 0; i < n; i++)
		if (read_part(out, parts, i, read, context, p) < 0)
			return -1;
	if (merge(out, parts, n, p) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (ask_run(out, parts[i].found.uuid, &there, status, sizeof(status), p) <= 0)
			return -1;
		parts[i].found.out = there.in;
		tell(parts[i].file, &parts[i].found);
	}
	return 0;
}

int db_import(const char *out, char *const *files, size_t n, import_reader *read,
	      const void *context, void (*tell)(const char *file, const struct import_found *found),
	      struct problem *p)
{
	struct part *parts = calloc(n ? n : 1, sizeof(*parts));
	int r;

	if (!parts)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a list");
	for (size_t i = 0; i < n; i++)
		parts[i].file = files[i];
	r = refuse_busy(out, p);
	if (r == 0)
		r = import_all(out, parts, n, read, context, tell, p);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].database)
			unlink_all(parts[i].database);
		sqlite3_free(parts[i].database);
	}
	free(parts);
	return r < 0 ? -1 : 0;
}

/* ---- formats ---- */

int db_import_run(const char *file, const char *part, const void *context, struct problem *p)
{
	char first[8] = "";
	struct stat st;
	FILE *f;

	(void)context;
	if (stat(file, &st) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	if (S_ISDIR(st.st_mode))
		return db_import_csv(file, part, p);
	f = fopen(file, "re");
	if (!f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	if (fread(first, 1, sizeof(first), f) == 0)
		first[0] = '\0';
	fclose(f);
	if (memcmp(first, "PK\3\4", 4) == 0)
		return db_import_npz(file, part, p);
	if (memcmp(first, "nudged-", 7) == 0 || memcmp(first, "\x89HDF\r\n\x1a\n", 8) == 0)
		return db_import_hdf5(file, part, p);
	return problem_set(
		p, PROBLEM_STORAGE, "",
		"%s is no run that nudged exported (NPZ, HDF5, or a directory of CSV); a "
		"table of measurements is imported with --csv",
		file);
}
