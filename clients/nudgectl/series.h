/* clients/nudgectl/series.h - what a run left in its database, as arrays to measure on. */
#ifndef CLIENTS_NUDGECTL_SERIES_H
#define CLIENTS_NUDGECTL_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct series {
	/* logged steps, ascending; NAN where a value does not exist; NULL: the column does not */
	size_t n, n_targets, n_edges;
	double *step, *t_s;     /* t_s: on the rig's clock, since the run began */
	double *mse_V2;         /* as measured */
	double *equilibrium_V2; /* of the steady state that the network would come to; NULL: not kept */
	double *v_V, *target_V; /* n x n_targets: free, desired */
	double *r_ohm;          /* n x n_edges: after the step; NULL: not kept */
	uint8_t *updated;       /* n x n_edges: 1: did not sit the tick out; NULL: not kept */
	/* tests of the test set, ascending */
	size_t n_tests;
	double *test_step, *test_error_V2, *accuracy;
	/* of the whole run, whatever was logged */
	double steps, mse_first_V2, mse_min_V2, mse_final_V2;
	double p, tau_s, alpha_over_gamma; /* at its start; alpha_over_gamma NAN: none */
	json_t *taps;                      /* at its end; NULL: none */
};

void series_free(struct series *s); /* accepts NULL */

#endif
