/* daemon/disk_budget.h - how much of the disk a run's rows take: while it runs, and before. */
#ifndef DAEMON_DISK_BUDGET_H
#define DAEMON_DISK_BUDGET_H

#include "daemon/task.h"
#include "protocol/record.h"

/* What a kept row holds, in bytes. */
double disk_row_B(const struct record_layout *layout, uint64_t step);

/* Steps after which the run ends at the latest, by stop.steps or stop.seconds at this tau_s; 0: no end is declared. */
uint64_t disk_steps(const struct task *task, double tau_s);

/* What the database grows by with so many steps of the task and the tests that it makes meanwhile: pages as SQLite fills
 * them.  Within a tenth of what runs wrote from 1 MB on (tests/system/40-preflight.test); tests are counted as if each showed
 * every example. */
double disk_run_B(const struct task *task, const struct rig_info *info, uint64_t steps);

#endif
