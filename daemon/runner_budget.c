/* daemon/runner_budget.c - how much of the disk a run may take: it pauses before there is none left. */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "daemon/disk_budget.h"
#include "daemon/log.h"
#include "daemon/runner.h"

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
	run->kept_B += disk_row_B(&run->layout, step);
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

/* What the ring holds is kept, and written once the disk lets it; but nothing is learned that may never be on disk. */
void runner_watch_store(struct runner *r)
{
	double refused_s, waiting_s;
	char why[200];

	if (!r->pause_for_disk)
		return;
	refused_s = store_refused_s(r->store);
	waiting_s = store_waiting_s(r->store);
	if (refused_s < STORE_REFUSED_S && waiting_s < STORE_STUCK_S)
		return;
	if (refused_s >= STORE_REFUSED_S)
		snprintf(
			why, sizeof(why),
			"the database could not be written for %.0f s (alarm store); what was made "
			"is kept in memory: mend the disk, then run.resume",
			refused_s);
	else
		snprintf(
			why, sizeof(why),
			"the database's disk has taken nothing for %.0f s (alarm store-stuck); what "
			"was made is kept in memory: mend the disk, then run.resume",
			waiting_s);
	pause_run(r, why);
}
