/* daemon/runner_budget.c - how much of the disk a run may take: it pauses before there is none left. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "daemon/log.h"
#include "daemon/runner.h"

#define ROW_BYTES 96 /* of a row on disk besides its arrays, about */

/* What one kept row takes in the database. */
static double row_on_disk_B(const struct record_layout *l, uint64_t step)
{
	size_t volts = l->n_sources + 2 * l->n_targets + 2 * l->n_measured;
	size_t edges = l->n_wipers + l->mask_bytes + sizeof(double) * l->n_r_ohm;

	return (double)(ROW_BYTES + sizeof(double) * volts +
			(record_has_edges(l, step) ? edges : 0));
}

static void pause_run(struct runner *r, const char *why)
{
	struct run *run = r->run;
	struct change *c;

	if (r->state != STATE_RUNNING || run->status)
		return;
	c = change_new(0);
	log_line(LOG_WARNING_, "run.paused", "run %llu paused: %s", (unsigned long long)run->number,
		 why);
	runner_change_state(r, RUNNER_PAUSE, NULL);
	runner_event(r, c, "run", "nudged", "pause", NULL, json_string(why));
	change_run_status(c, run->number, "paused", why);
	runner_post(r, c);
	run->unpaced = true;
	run->kept_B = 0;
}

void runner_count_row(struct runner *r, uint64_t step)
{
	struct run *run = r->run;
	double budget_B = run->task->log.budget_B;
	char why[160];

	if (!record_is_kept(&run->layout, step))
		return;
	run->kept_B += row_on_disk_B(&run->layout, step);
	if (!(run->kept_B >= budget_B))
		return;
	snprintf(why, sizeof(why),
		 "its log has taken the %.3g B of budget_B: run.resume goes on for as much again",
		 budget_B);
	pause_run(r, why);
}

void runner_watch_disk(struct runner *r)
{
	double free_B = store_free_B(r->store);
	char why[200];

	if (!(free_B < r->reserve_B))
		return;
	snprintf(why, sizeof(why),
		 "the database's disk has %.3g MB left, less than the reserve of %.3g MB "
		 "(store_reserve_B): make room, then run.resume",
		 free_B * 1e-6, r->reserve_B * 1e-6);
	pause_run(r, why);
}
