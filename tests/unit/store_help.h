/* tests/unit/store_help.h - a database in a directory of its own, a run's rows, and what plain SQL sees. */
#ifndef TESTS_UNIT_STORE_HELP_H
#define TESTS_UNIT_STORE_HELP_H

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/store.h"
#include "tests/check.h"

#define HELP_WAIT_S 20.0

struct help {
	char directory[64], file[96];
	struct mailbox *reports;
	struct store *store;
	struct store_found found;
	struct record_layout layout;
};

static inline void help_open(struct help *help)
{
	struct problem p = {0};

	if (store_open(help->file, "boot-1", help->reports, &help->store, &help->found, &p) < 0)
		fail_msg("%s", p.message);
	assert_ok(store_start(help->store));
}

static inline int help_setup(void **state)
{
	struct help *help = calloc(1, sizeof(*help));

	strcpy(help->directory, "/tmp/nudged-store-XXXXXX");
	if (!mkdtemp(help->directory))
		return -1;
	snprintf(help->file, sizeof(help->file), "%s/lab.db", help->directory);
	help->reports = mailbox_new(sizeof(struct store_report), 1024);
	record_layout(
		&(struct record_shape){
			.n_sources = 2, .n_targets = 1, .n_measured = 3, .n_edges = 9},
		&help->layout);
	help_open(help);
	*state = help;
	return 0;
}

static inline void help_close(struct help *help)
{
	struct store_report r;

	if (help->store)
		assert_ok(store_stop(help->store, HELP_WAIT_S));
	help->store = NULL;
	while (mailbox_take(help->reports, &r)) {
		json_decref(r.result);
		problem_clear(&r.problem);
	}
}

static inline int help_teardown(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".lock"};
	struct help *help = *state;
	char path[128];

	help_close(help);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", help->file, suffixes[i]);
		unlink(path);
	}
	rmdir(help->directory);
	mailbox_free(help->reports);
	free(help);
	return 0;
}

/* Fills the row of a step with values that follow from its number. */
static inline void help_fill(const struct record_layout *l, void *row, uint64_t step)
{
	struct record_head *head = record_head(row);

	memset(row, 0, l->row_bytes);
	head->step = step;
	head->t_mono_ns = (int64_t)step * 1000;
	head->t_apply_ns = (int64_t)step * 1000 - 400;
	head->example = (uint32_t)(step % 7);
	head->rev = 3;
	head->flags = step % 5 == 0 ? RECORD_NOT_LEARNT : 0;
	head->mse_V2 = 1.0 / (double)(step + 1);
	for (size_t i = 0; i < l->n_measured; i++) {
		record_reals(row, l->free_V)[i] = (double)step + 0.25 * (double)i;
		record_reals(row, l->clamped_V)[i] = (double)step - 0.25 * (double)i;
	}
	for (size_t i = 0; i < l->n_edges; i++)
		record_bytes(row, l->wiper)[i] = (uint8_t)(step + 20 * i);
	record_bytes(row, l->updated)[0] = (uint8_t)step;
}

static inline void help_push(struct ring *ring, uint64_t from, uint64_t n)
{
	for (uint64_t step = from; step < from + n; step++) {
		void *row = ring_reserve(ring, HELP_WAIT_S);

		assert_non_null(row);
		help_fill(ring_layout(ring), row, step);
		ring_push(ring);
	}
}

/* Waits for this report and drops the others; its result and problem are the caller's. */
static inline struct store_report help_wait(struct help *help, int kind, uint64_t token)
{
	struct store_report r;

	while (mailbox_wait(help->reports, &r, HELP_WAIT_S)) {
		if ((int)r.kind == kind && (kind > STORE_FAILED || r.token == token))
			return r;
		json_decref(r.result);
		problem_clear(&r.problem);
	}
	fail_msg("no report of kind %d, token %llu", kind, (unsigned long long)token);
	return r;
}

static inline void help_wait_rows(struct help *help, uint64_t rows)
{
	while (help_wait(help, STORE_DURABLE, 0).rows < rows)
		;
}

static inline void help_done(struct help *help, uint64_t token)
{
	json_decref(help_wait(help, STORE_DONE, token).result);
}

/* Adds a run to the change. */
static inline void help_run(struct change *c, uint64_t run)
{
	json_t *task = json_pack("{s:s, s:{s:i}}", "task", "a divider", "stop", "steps", 100);
	struct run_row row = {.run = run,
			      .name = "first try",
			      .kind = "allostery",
			      .rig = "bench",
			      .backend = "sim",
			      .version = "0.1",
			      .who = "root",
			      .boot = "boot-1",
			      .seed = 7,
			      .task = task,
			      .status = "queued"};

	snprintf(row.uuid, sizeof(row.uuid), "00000000-0000-4000-8000-%012llu",
		 (unsigned long long)run);
	change_run_new(c, &row);
	json_decref(task);
}

/* A run in the table, begun, with its ring known to the store. */
static inline struct ring *help_begin(struct help *help, uint64_t run, size_t capacity)
{
	struct change *c = change_new(run);
	struct ring *ring = ring_new(run, &help->layout, capacity);

	help_run(c, run);
	change_run_begin(c, run, 5, NULL, "");
	store_post(help->store, c);
	help_done(help, run);
	store_add_ring(help->store, ring);
	return ring;
}

/* What a user's own connection sees: the first column of the first row as text. */
static inline const char *help_sql(struct help *help, const char *sql, char text[256])
{
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open_v2(help->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	strcpy(text, "(no row)");
	if (sqlite3_step(s) == SQLITE_ROW) {
		const char *got = (const char *)sqlite3_column_text(s, 0);

		snprintf(text, 256, "%s", got ? got : "(null)");
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	return text;
}

#define assert_sql(help, sql, want)                                                                \
	do {                                                                                       \
		char text_[256];                                                                   \
		assert_string_equal(help_sql(help, sql, text_), want);                             \
	} while (0)

#endif
