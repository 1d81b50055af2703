/* clients/nudgectl/error_curve.h - the training error of a run over its steps, as history.steps has it. */
#ifndef CLIENTS_NUDGECTL_ERROR_CURVE_H
#define CLIENTS_NUDGECTL_ERROR_CURVE_H

#include "clients/nudgectl/context.h"
#include "clients/nudgectl/svg.h"

/* At most some 700 points; where different examples are shown in turn, the mean of an epoch around each.  series->points: free()
 * them.  with_time: the record has t_mono_ns too.  ret_steps: nudge_record_free() it; may be NULL.  An exit code. */
int error_curve_ask(struct context *c, json_int_t run, bool with_time, struct svg_series *ret,
		    struct nudge_record **ret_steps);

#endif
