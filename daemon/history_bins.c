/* daemon/history_bins.c - steps in bins for a plot: from the table step_bins where it has them, from the rows elsewhere. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/history_query.h"
#include "daemon/store_schema.h"

#define WORTH_BINS                                                                                 \
	65536 /* fewer steps are read as rows in a moment, and need not be cut where the table's bins are */

struct bin {
	int64_t number, step, count;
	double min, max, sum, first, last;
	int64_t n_finite;
};

static void bin_begin(struct bin *bin, int64_t number, int64_t step)
{
	*bin = (struct bin){
		.number = number, .step = step, .min = NAN, .max = NAN, .first = NAN, .last = NAN};
}

static void bin_add(struct bin *bin, double mse_V2)
{
	bin->count++;
	if (isnan(mse_V2))
		return;
	if (bin->n_finite++ == 0)
		bin->first = mse_V2;
	bin->last = mse_V2;
	bin->sum += mse_V2;
	bin->min = fmin(bin->min, mse_V2); /* fmin and fmax pass over NaN */
	bin->max = fmax(bin->max, mse_V2);
}

static double real_of(sqlite3_stmt *s, int i)
{
	return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

/* A row of the table step_bins: count, finite, min, max, sum, first, last from column 2 on. */
static void bin_add_bin(struct bin *bin, sqlite3_stmt *s)
{
	int64_t n_finite = sqlite3_column_int64(s, 3);

	bin->count += sqlite3_column_int64(s, 2);
	if (n_finite == 0)
		return;
	if (bin->n_finite == 0)
		bin->first = real_of(s, 7);
	bin->n_finite += n_finite;
	bin->min = fmin(bin->min, real_of(s, 4));
	bin->max = fmax(bin->max, real_of(s, 5));
	bin->sum += real_of(s, 6);
	bin->last = real_of(s, 8);
}

static int bin_end(struct steps_query *q, const struct bin *bin, struct problem *p)
{
	double mean = bin->n_finite ? bin->sum / (double)bin->n_finite : NAN;
	const double figures[] = {bin->min, bin->max, mean, bin->first, bin->last};

	if (bin->count == 0)
		return 0;
	if (column_add_integer(&q->values[0], bin->step, p) < 0 ||
	    column_add_integer(&q->values[1], bin->count, p) < 0)
		return -1;
	for (size_t i = 0; i < 5; i++)
		if (column_add_real(&q->values[2 + i], figures[i], p) < 0)
			return -1;
	return 0;
}

static void name_bin_arrays(struct steps_query *q)
{
	static const struct column arrays[N_BIN_ARRAYS] = {
		{"step", NULL, COLUMN_I8},         {"count", NULL, COLUMN_I8},
		{"mse_V2_min", "V^2", COLUMN_F8},  {"mse_V2_max", "V^2", COLUMN_F8},
		{"mse_V2_mean", "V^2", COLUMN_F8}, {"mse_V2_first", "V^2", COLUMN_F8},
		{"mse_V2_last", "V^2", COLUMN_F8},
	};
	struct column_values others[MAX_COLUMNS];
	size_t n_others = 0;

	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->values[i].column.name, "step") != 0 &&
		    strcmp(q->values[i].column.name, "mse_V2") != 0)
			others[n_others++] = q->values[i];
	for (size_t i = 0; i < N_BIN_ARRAYS; i++)
		q->values[i] = (struct column_values){.column = arrays[i]};
	if (n_others)
		memcpy(q->values + N_BIN_ARRAYS, others, n_others * sizeof(others[0]));
	q->n = N_BIN_ARRAYS + n_others;
}

/* ---- the way through the steps ---- */

struct walk {
	struct history *h;
	struct steps_query *q;
	int64_t base, every; /* bins begin at base, base + every, ... */
	struct bin bin;
	sqlite3_stmt *rows, *others; /* others NULL: no further columns */
};

static sqlite3_stmt *prepare_others(struct history *h, const struct steps_query *q,
				    struct problem *p)
{
	char sql[600] = "SELECT step";
	size_t used = strlen(sql);

	/* the names are those of our own table of columns: nobody else's text gets here */
	for (size_t i = N_BIN_ARRAYS; i < q->n; i++)
		used += (size_t)snprintf(sql + used, sizeof(sql) - used, ", %s",
					 q->values[i].column.name);
	snprintf(sql + used, sizeof(sql) - used,
		 " FROM steps WHERE run = ?1 AND step >= ?2 ORDER BY step LIMIT 1");
	return history_prepare(h, sql, p);
}

static int add_others(struct walk *w, int64_t step, struct problem *p)
{
	int r;

	if (!w->others)
		return 0;
	sqlite3_reset(w->others);
	sqlite3_bind_int64(w->others, 1, (sqlite3_int64)w->q->run);
	sqlite3_bind_int64(w->others, 2, step);
	r = history_next(w->h, w->others, p);
	for (size_t i = N_BIN_ARRAYS; i < w->q->n && r > 0; i++)
		if (column_add(&w->q->values[i], w->others, (int)(1 + i - N_BIN_ARRAYS), p) < 0)
			r = -1;
	return r < 0 ? -1 : 0;
}

/* The bin of this step is at hand: 0; 1: the reply is full; -1 and *p. */
static int walk_to(struct walk *w, int64_t step, struct problem *p)
{
	int64_t number = (step - w->base) / w->every;

	if (number == w->bin.number)
		return 0;
	if (bin_end(w->q, &w->bin, p) < 0)
		return -1;
	w->bin.count = 0;
	if (steps_query_full(w->q)) {
		w->q->next = step;
		return 1;
	}
	bin_begin(&w->bin, number, step);
	return add_others(w, step, p);
}

static int walk_rows(struct walk *w, int64_t from, int64_t to, struct problem *p)
{
	int r;

	sqlite3_reset(w->rows);
	sqlite3_bind_int64(w->rows, 1, (sqlite3_int64)w->q->run);
	sqlite3_bind_int64(w->rows, 2, from);
	sqlite3_bind_int64(w->rows, 3, to);
	while ((r = history_next(w->h, w->rows, p)) > 0) {
		r = walk_to(w, sqlite3_column_int64(w->rows, 0), p);
		if (r != 0)
			break;
		bin_add(&w->bin, real_of(w->rows, 1));
	}
	return r;
}

/* Whole bins of the table; rows before, behind, and wherever it has none: a run of an older version, a daemon that was
 * killed, or one whose row was refused. */
static int walk_bins(struct walk *w, sqlite3_stmt *bins, struct problem *p)
{
	int64_t at = w->q->from;
	int r;

	sqlite3_bind_int64(bins, 1, (sqlite3_int64)w->q->run);
	sqlite3_bind_int64(bins, 2, (at + STORE_BIN_STEPS - 1) / STORE_BIN_STEPS);
	sqlite3_bind_int64(bins, 3, (w->q->to + 1) / STORE_BIN_STEPS - 1);
	while ((r = history_next(w->h, bins, p)) > 0) {
		int64_t first = sqlite3_column_int64(bins, 0) * STORE_BIN_STEPS;

		r = first > at ? walk_rows(w, at, first - 1, p) : 0;
		if (r == 0)
			r = walk_to(w, sqlite3_column_int64(bins, 1), p);
		if (r != 0)
			return r;
		bin_add_bin(&w->bin, bins);
		at = first + STORE_BIN_STEPS;
	}
	return r == 0 && at <= w->q->to ? walk_rows(w, at, w->q->to, p) : r;
}

static bool by_table(const struct history *h, int64_t every)
{
	return every % STORE_BIN_STEPS == 0 &&
	       sqlite3_table_column_metadata(h->db, "main", "step_bins", NULL, NULL, NULL, NULL,
					     NULL, NULL) == SQLITE_OK;
}

static int walk(struct walk *w, struct problem *p)
{
	static const char sql[] =
		"SELECT bin, first_step, count, finite, mse_min_V2, mse_max_V2, mse_sum_V2,"
		" mse_first_V2, mse_last_V2 FROM step_bins WHERE run = ?1 AND size = 256"
		" AND bin BETWEEN ?2 AND ?3 ORDER BY bin";
	sqlite3_stmt *bins;
	int r;

	if (!by_table(w->h, w->every))
		return walk_rows(w, w->q->from, w->q->to, p);
	bins = history_prepare(w->h, sql, p);
	r = bins ? walk_bins(w, bins, p) : -1;
	sqlite3_finalize(bins);
	return r;
}

int64_t steps_query_every(const struct steps_query *q, int64_t max_points)
{
	int64_t every = (q->to - q->from) / max_points + 1;
	int64_t base = q->from - q->from % STORE_BIN_STEPS;

	if (q->thinned && every > 1 && every < STORE_BIN_STEPS)
		every = STORE_BIN_STEPS;
	/* of a multiple of 256 steps a bin begins at one: so these are left to long ranges */
	if (every < STORE_BIN_STEPS || (q->to - q->from < WORTH_BINS && !q->thinned))
		return every == 1 || every % STORE_BIN_STEPS ? every : every + 1;
	every = (q->to - base) / max_points + 1;
	return (every + STORE_BIN_STEPS - 1) / STORE_BIN_STEPS * STORE_BIN_STEPS;
}

int steps_query_bins(struct history *h, struct steps_query *q, int64_t every, struct problem *p)
{
	struct walk w = {.h = h, .q = q, .every = every, .base = q->from, .bin.number = -1};
	int r = 0;

	if (every % STORE_BIN_STEPS == 0)
		w.base -= q->from % STORE_BIN_STEPS;
	name_bin_arrays(q);
	w.rows = history_prepare(h,
				 "SELECT step, mse_V2 FROM steps WHERE run = ?1"
				 " AND step BETWEEN ?2 AND ?3 ORDER BY step",
				 p);
	if (w.rows && q->n > N_BIN_ARRAYS) {
		w.others = prepare_others(h, q, p);
		r = w.others ? 0 : -1;
	}
	r = w.rows && r == 0 ? walk(&w, p) : -1;
	sqlite3_finalize(w.rows);
	sqlite3_finalize(w.others);
	return r < 0 ? -1 : bin_end(q, &w.bin, p);
}
