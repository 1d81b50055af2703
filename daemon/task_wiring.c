/* daemon/task_wiring.c - whether a task can be run as the rig is wired, and what an operator has to plug for it. */
#include "config.h"

#include <errno.h>

#include "daemon/task_impl.h"

int task_wiring(const struct task *task, const struct wiring *wiring, bool patch,
		struct wiring_plan **ret, struct problem *p)
{
	const struct wiring_nodes nodes = {
		.sources = task->sources,
		.targets = task->targets,
		.measured = task->measured,
		.n_sources = task->n_sources,
		.n_targets = task->n_targets,
		.n_measured = task->n_measured,
	};
	struct wiring_misfit misfit;
	int e;

	if (!patch && !wiring_fits(wiring, &nodes, &misfit))
		return problem_set(p, PROBLEM_PARAMS, misfit.path, "%s", misfit.text);
	e = wiring_plan(wiring, &nodes, ret, &misfit);
	if (e == -ENOSPC)
		return problem_set(p, PROBLEM_PARAMS, misfit.path, "%s", misfit.text);
	return e < 0 ? problem_set(p, PROBLEM_INTERNAL, "", "out of memory for the wiring") : 0;
}
