/* daemon/disk_budget.c - how much of the disk a run's rows take: while it runs, and before. */
#include "config.h"

#include <math.h>

#include "daemon/disk_budget.h"
#include "daemon/store_schema.h"
#include "daemon/task_impl.h"

#define ROW_BYTES  96                       /* of a row besides its arrays, about */
#define TEST_BYTES 100                      /* of a test's row */
#define PAGE_USED  (STORE_PAGE_BYTES - 8.0) /* without the header of a leaf */
#define PAGE_OVER  (STORE_PAGE_BYTES - 4.0) /* of an overflow page */

double disk_row_B(const struct record_layout *l, uint64_t step)
{
	size_t volts = l->n_sources + 2 * l->n_targets + 2 * l->n_measured;
	size_t edges = l->n_wipers + l->mask_bytes + sizeof(double) * l->n_r_ohm;

	return (double)(ROW_BYTES + sizeof(double) * volts +
			(record_has_edges(l, step) ? edges : 0));
}

/* A row's share of the pages: as many as fit are put into one, and what is longer goes on in pages of its own
 * (SQLite's file format, "Cell Payload Overflow Pages"). */
static double on_pages_B(double row_B)
{
	double least_B = floor((STORE_PAGE_BYTES - 12) * 32.0 / 255) - 23;
	double here_B = row_B;
	double over = 0;

	if (row_B > STORE_PAGE_BYTES - 35) {
		here_B = least_B + fmod(row_B - least_B, PAGE_OVER);
		if (here_B > STORE_PAGE_BYTES - 35)
			here_B = least_B;
		over = ceil((row_B - here_B) / PAGE_OVER);
	}
	return STORE_PAGE_BYTES / floor(PAGE_USED / here_B) + over * STORE_PAGE_BYTES;
}

static double every(uint64_t steps, uint64_t n)
{
	return n == UINT64_MAX ? 0 : ceil((double)steps / (double)n);
}

static uint64_t least_common(uint64_t a, uint64_t b)
{
	uint64_t x = a, y = b;

	if (b == UINT64_MAX)
		return UINT64_MAX;
	while (y) {
		uint64_t rest = x % y;

		x = y;
		y = rest;
	}
	return a / x * b;
}

static double tests_B(const struct task *task, uint64_t steps)
{
	const struct task_test *test = &task->test;
	const struct task_set *set = &task->test_set;
	double n_train =
		(double)(task->train.source == TASK_GENERATE ? task->train.n : task->train.given.n);
	double n_test = set->source == TASK_GENERATE ? (double)set->n
			: set->source == TASK_GIVEN  ? (double)set->given.n
						     : n_train;
	double shown = (test->on_train ? n_train : 0) + (test->on_test ? n_test : 0);
	double n = 2 + (double)test->n_at;

	if (!test->present)
		return 0;
	if (test->every)
		n += every(steps, test->every);
	return n * on_pages_B(TEST_BYTES +
			      shown * (2.0 * sizeof(double) * (double)task->n_targets + 4));
}

uint64_t disk_steps(const struct task *task, double tau_s)
{
	double by_time = ceil(task->stop.seconds / tau_s); /* NAN: no limit of time */
	uint64_t steps = task->stop.steps;

	if (isfinite(by_time) && by_time >= 1 && by_time < 1e15 &&
	    (!steps || by_time < (double)steps))
		steps = (uint64_t)by_time;
	return steps;
}

double disk_run_B(const struct task *task, const struct rig_info *info, uint64_t steps)
{
	struct record_layout l;
	double kept, with_edges;
	double bare_B, full_B;

	task_layout(task, info, &l);
	kept = every(steps, l.keep_every);
	with_edges = every(steps, least_common(l.keep_every, l.wiper_every));
	full_B = disk_row_B(&l, 0);
	bare_B = with_edges < kept ? disk_row_B(&l, 1) : full_B;
	if (l.wiper_every == UINT64_MAX)
		full_B = bare_B = disk_row_B(&l, 1);
	return with_edges * on_pages_B(full_B) + (kept - with_edges) * on_pages_B(bare_B) +
	       tests_B(task, steps);
}
