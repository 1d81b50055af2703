/* daemon/calibrate_decisions.h - what each comparator decided at each point, and what follows from it. */
#ifndef DAEMON_CALIBRATE_DECISIONS_H
#define DAEMON_CALIBRATE_DECISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct decisions {
	size_t n_edges, n_points;
	double *x_V;          /* [n_edges][n_points] |dV_C| - |dV_F| */
	uint32_t *n, *ups;    /* the same shape */
	int8_t *sign;         /* of the drops; 0: they differ, or are not known */
	uint8_t *is_measured; /* [n_edges] both ends, always */
};

int decisions_new(struct decisions *d, size_t n_edges, size_t n_points); /* 0 or -ENOMEM */
void decisions_clear(struct decisions *d);

/* The drops that edge compares at this point. */
void decisions_at(struct decisions *d, size_t edge, size_t point, double free_drop_V,
		  double clamped_drop_V, bool is_measured);
void decisions_add(struct decisions *d, size_t edge, size_t point, bool up);

/* {edge, bias_V, bias_error_V, noise_V, noise_error_V, sign, decisions, computed}; null where unknown.  *known grows by
 * one where it is not. */
json_t *decisions_row(struct decisions *d, size_t edge, size_t *known);

#endif
