/* daemon/task.h - a task made ready for one rig: nodes, data, schedule, stop conditions.
 *
 * Immutable once made; any thread may read it.
 */
#ifndef DAEMON_TASK_H
#define DAEMON_TASK_H

#include <stdint.h>

#include <jansson.h>

#include "daemon/wiring.h"
#include "drivers/rig.h"
#include "protocol/problem.h"

struct task;

/* From a value that passed schema_task.  Checks what needs the rig: nodes exist and are distinct, volts within limits,
 * columns exist, cut edges leave no target floating, ...  0, or -1 and *p, whose path is inside the task. */
int task_new(const json_t *value, const struct rig_info *info, struct task **ret,
	     struct problem *p);
struct task *task_ref(struct task *task);
void task_unref(struct task *task); /* accepts NULL */

/* What becomes of a run when the lease that it is steered under expires. */
enum task_lease_loss { TASK_LOSS_CONTINUE, TASK_LOSS_PAUSE, TASK_LOSS_SAFE };
enum task_lease_loss task_lease_loss(const struct task *task);
const char *task_lease_loss_word(enum task_lease_loss loss); /* "continue", "pause", "safe" */

const char *task_name(const struct task *task);
const char *task_kind(const struct task *task); /* "allostery" | "regression" | "classification" */
const json_t *
task_json(const struct task *task); /* normalised: defaults filled in; as submitted otherwise */
const json_t *task_params(const struct task *task); /* its params; may be NULL */
uint64_t task_steps(const struct task *task);       /* 0: no step limit */
int64_t task_seed(const struct task *task);         /* -1: none given */

/* On a rig that is wired: what has to be plugged elsewhere first; nothing where `patch` is false.  0 and *ret, or -1 and
 * *p, whose path is inside the task: it does not fit, and why. */
int task_wiring(const struct task *task, const struct wiring *wiring, bool patch,
		struct wiring_plan **ret, struct problem *p);

/* task.check: {task, warnings, predicted: [{example, free_V, clamped_V}, ...], edge_power_W, source_current_A} from these
 * resistances (NULL: initial ones).  A rig with interlocks refuses what is above its limits of power and current at the
 * taps that the run begins with; on others that is a warning.  May take long on a big network: call it from a reader thread. */
int task_predict(const struct task *task, const struct rig_info *info, const double *r_ohm,
		 double eta, json_t **ret, struct problem *p);

#endif
