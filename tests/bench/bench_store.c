/* tests/bench/bench_store.c - P6: rows a second through ring and store against bare SQLite, in turns.
 *
 * The same rows into the same table with the same pages, FULL durability, a commit every 10 ms, and the log
 * copied into the database at the same length.
 */
#include "config.h"

#include <sqlite3.h>

#include "daemon/store.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_bare.h"

#define ROUNDS     5
#define RING_BYTES (64u << 20)
#define WINDOW_S   0.010

struct bench {
	char directory[64], ours[96], bare[96];
	struct record_layout layout;
	uint64_t rows;
	char *row; /* one, made anew for each step */
};

static const void *fill(struct bench *b, void *row, uint64_t step)
{
	struct record_head *head = record_head(row);

	head->step = step;
	head->t_mono_ns = (int64_t)step * 250000000;
	head->t_apply_ns = head->t_free_ns = head->t_clamped_ns = head->t_tick_ns = head->t_mono_ns;
	head->lateness_ns = 12345;
	head->example = (uint32_t)step % 30;
	head->mse_V2 = 1.0 / (double)(step + 1);
	for (size_t i = 0; i < b->layout.n_measured; i++) {
		record_reals(row, b->layout.free_V)[i] = 0.37 * (double)step + (double)i;
		record_reals(row, b->layout.clamped_V)[i] = 0.37 * (double)step - (double)i;
	}
	for (size_t i = 0; i < b->layout.n_edges; i++)
		record_bytes(row, b->layout.wiper)[i] = (uint8_t)(step + i) & 127;
	return row;
}

/* ---- ours ---- */

static struct change *new_run(void)
{
	json_t *task = json_object();
	struct run_row row = {
		.run = 1, .uuid = "u", .name = "bench", .task = task, .status = "queued"};
	struct change *c = change_new(1);

	change_run_new(c, &row);
	json_decref(task);
	return c;
}

static void wait_done(struct mailbox *reports, uint64_t token)
{
	struct store_report r = {0};

	while (r.kind != STORE_DONE || r.token != token) {
		if (!mailbox_wait(reports, &r, 60))
			bench_die("the store says nothing for a minute");
		if (r.kind == STORE_FAILED || r.kind == STORE_TROUBLE)
			bench_die("%s", r.problem.message);
	}
}

static double rows_per_s_of_the_store(struct bench *b)
{
	struct mailbox *reports = mailbox_new(sizeof(struct store_report), 65536);
	struct ring *ring = ring_new(1, &b->layout, RING_BYTES / b->layout.row_bytes);
	struct store_found found;
	struct store *store;
	struct problem p;
	struct change *c;
	double start_s, end_s;

	bench_remove(b->ours);
	if (store_open(b->ours, "bench", reports, &store, &found, &p) < 0)
		bench_die("%s", p.message);
	store_start(store);
	store_post(store, new_run());
	wait_done(reports, 1);
	store_add_ring(store, ring);
	start_s = bench_now_s();
	for (uint64_t step = 0; step < b->rows; step++) {
		void *row = ring_reserve(ring, 60);

		if (!row)
			bench_die("the ring stays full");
		fill(b, row, step);
		ring_push(ring);
	}
	c = change_new(2);
	change_event(c, 1, b->rows, "note", NULL, "the last row is in", NULL, NULL);
	store_post_after(store, c, ring, b->rows);
	wait_done(reports, 2);
	end_s = bench_now_s();
	store_stop(store, 60);
	ring_unref(ring);
	mailbox_free(reports);
	return (double)b->rows / (end_s - start_s);
}

/* ---- bare SQLite ---- */

static double rows_per_s_of_bare_sqlite(struct bench *b)
{
	sqlite3_stmt *q;
	sqlite3 *db = bare_open(b->ours, b->bare, &q);
	double start_s, begin_s, end_s;

	start_s = begin_s = bench_now_s();
	bare_sql(db, "BEGIN");
	for (uint64_t step = 0; step < b->rows; step++) {
		bare_insert(q, &b->layout, fill(b, b->row, step));
		if (step % 64 == 63 && bench_now_s() - begin_s > WINDOW_S) {
			bare_sql(db, "COMMIT; BEGIN");
			begin_s = bench_now_s();
		}
	}
	bare_sql(db, "COMMIT");
	end_s = bench_now_s();
	sqlite3_finalize(q);
	sqlite3_close(db);
	return (double)b->rows / (end_s - start_s);
}

static void compare(struct bench *b, const char *what, size_t n_measured, size_t n_edges,
		    uint64_t rows)
{
	double ours[ROUNDS], bare[ROUNDS];

	record_layout(&(struct record_shape){.n_sources = 3,
					     .n_targets = 3,
					     .n_measured = n_measured,
					     .n_edges = n_edges},
		      &b->layout);
	b->rows = rows;
	b->row = calloc(1, b->layout.row_bytes);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = rows_per_s_of_the_store(b);
		bare[i] = rows_per_s_of_bare_sqlite(b);
	}
	bench_row("P6", what, "rows/s", bench_median(ours, ROUNDS), bench_median(bare, ROUNDS),
		  "bare SQLite, goal >= 0.8");
	bench_load();
	free(b->row);
}

int main(void)
{
	struct bench b = {.directory = "/tmp/nudged-bench-XXXXXX"};

	if (!mkdtemp(b.directory))
		bench_die("mkdtemp");
	snprintf(b.ours, sizeof(b.ours), "%s/ours.db", b.directory);
	snprintf(b.bare, sizeof(b.bare), "%s/bare.db", b.directory);
	compare(&b, "rows through ring and store, 16 edges", 9, 16, 300000);
	compare(&b, "rows through ring and store, 143 edges", 62, 143, 80000);
	bench_remove(b.ours);
	bench_remove(b.bare);
	rmdir(b.directory);
	return 0;
}
