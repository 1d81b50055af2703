/* sim_backend/overdamped.h - the overdamped rule in time: both networks and their conductances, by SUNDIALS' CVODE.
 *
 * The equations are in overdamped_field.h.  The state of the networks is kept from flow to flow; the conductances
 * belong to the caller.  A flow that goes on where the last one ended, driven the same, goes on with the integrator's
 * own steps, whatever the pieces; any change starts them anew.
 */
#ifndef SIM_BACKEND_OVERDAMPED_H
#define SIM_BACKEND_OVERDAMPED_H

#include "sim_backend/overdamped_field.h"

struct overdamped;

struct overdamped_error {
	char text[256]; /* names time, alpha and the cure */
};

/* relative: tolerance of the solution; sources and targets are distinct nodes.  0, -ENOMEM. */
int overdamped_new(const struct network *net, const uint32_t *sources, size_t n_sources,
		   const uint32_t *targets, size_t n_targets, double relative,
		   struct overdamped **ret);
void overdamped_free(struct overdamped *o); /* accepts NULL */

/* Puts the state where it is told: V_F and u = (V_C - V_F) / eta [n_nodes]; NAN (of nodes that float) counts as 0. */
void overdamped_put(struct overdamped *o, const double *free_V, const double *response_V);
/* u becomes u * factor: eta is another one now, and V_C does not jump. */
void overdamped_scale_response(struct overdamped *o, double factor);

/* Lets both networks go on for seconds.  g: [n_edges], in and out; that of an edge that does not learn is left alone.
 * The work is bounded; -EDOM with a sentence when it does not suffice or the state is no longer finite: g and the state
 * are then as before. */
int overdamped_flow(struct overdamped *o, const struct overdamped_drive *drive, double seconds,
		    double *g, struct overdamped_error *err);

/* Sources held and targets clamped as the drive says; [n_nodes]. */
void overdamped_voltages(struct overdamped *o, const struct overdamped_drive *drive,
			 double *ret_free_V, double *ret_response_V);
/* Steps that the integrator made since overdamped_new(), and calls for the rates. */
void overdamped_work(const struct overdamped *o, long *ret_steps, long *ret_rates);

#endif
