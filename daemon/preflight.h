/* daemon/preflight.h - what would keep a run from its end, or a person from starting it, before the first volt.
 *
 * Knows nothing but what it is shown, and asks no device: the main thread calls it.
 */
#ifndef DAEMON_PREFLIGHT_H
#define DAEMON_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/calibration.h"
#include "daemon/params.h"
#include "daemon/task.h"

struct preflight { /* what there is to see */
	const struct rig_info *info;
	const json_t *rig;                     /* the rig file */
	const struct task *task;               /* NULL: it does not fit, for the problem */
	const struct problem *problem;         /* of the task or the parameters; NULL: none */
	const json_t *warnings;                /* of task.check; may be NULL */
	struct params params;                  /* that the run would begin with */
	const char *p_path;                    /* where its p stands in the request: "/params/p" */
	const struct calibration *calibration; /* in force; NULL: p and calibrations are left out */
	const json_t *calibrations;            /* rows {kind, age_d}; may be NULL */
	double max_age_d;                      /* INFINITY: any age will do */
	const json_t *devices, *alarms;        /* rows of state.snapshot */
	double free_B, reserve_B;              /* of the database's disk; NAN: unknown */
	double queued_B;                       /* that the runs before it will take */
	size_t n_before;                       /* runs before it, the active one included */
	bool queue_held;
	const uint8_t *mode; /* [n_edges] enum rig_edge_mode; NULL: left out */
	size_t n_moves;      /* plugs to move */
	const char *holder;  /* of the lease; NULL: nobody */
	bool own_lease, lease_required;
};

/* {ready, items: [{item, ok, level, what, cure, code, path}]}; new reference. */
json_t *preflight_look(const struct preflight *look);
/* 0, or -1 and the first error as *p. */
int preflight_problem(const json_t *result, struct problem *p);

#endif
