/* sim_backend/edges.h - the boards: wipers, and the rule by which each edge moves its own.
 *
 * PHYSICS equations 4 and 5: eq10 raises R when |dV_C| + sigma > |dV_F|; xor is the circuit, A = dV_C + sigma >
 * dV_F, B = dV_C + dV_F > 0, up when A xnor B; xor_clamped has B = dV_C > 0.  An exact tie of eq10 goes down.
 * Equation 3, continuous: dR = learning_rate / R^2 (dV_C^2 - dV_F^2), stopped at r_bounds_ohm; no taps, no
 * comparators, no bias.
 */
#ifndef SIM_BACKEND_EDGES_H
#define SIM_BACKEND_EDGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"

struct edges; /* of one rig, both twins */

/* What keys the draws of one tick: rig_session.seed, the step, and the tick within the step; and the rig's time
 * since rig_begin(), for the oscillators. */
struct edges_draw {
	uint64_t seed, step;
	uint32_t tick;
	bool again; /* the echo of a clock edge that some boards see twice */
	int64_t time_ns;
};

static inline uint64_t edges_draw_tick(const struct edges_draw *draw)
{
	return (uint64_t)draw->tick << 32 | (uint64_t)draw->again << 63;
}

int edges_new(const struct rig_config *config, struct edges **ret); /* 0, -ENOMEM */
void edges_free(struct edges *e);                                   /* accepts NULL */
void edges_begin(struct edges *e); /* a session: no faults, counts from 0 */

/* One clock edge.  free_V, change_V: [n_nodes] V_F, and V_C - V_F from the linear response.
 * -EDOM with a sentence: the continuous rule is unstable here; nothing has moved. */
int edges_tick(struct edges *e, const double *free_V, const double *change_V,
	       const struct edges_draw *draw, struct rig_error *err);
/* The same for a batch [Wycoff 2022, eq. 7]: the differences of its examples are summed, then one clock edge.
 * eq10: up where the sum over examples of |dV_C| + sigma - |dV_F| is above 0, with one sigma a comparison; not for
 * the xor comparators.  The sum stays until the next edges_sum_clear(). */
void edges_sum_clear(struct edges *e);
void edges_sum(struct edges *e, const double *free_V, const double *change_V);
int edges_tick_sum(struct edges *e, const struct edges_draw *draw, struct rig_error *err);
/* A flow in time instead of a tick: who learns meanwhile, bytes [n_edges], valid until the next draw; and then the
 * conductances of those edges at its end. */
const uint8_t *edges_flow_draw(struct edges *e, const struct edges_draw *draw);
void edges_flow_keep(struct edges *e, const double *g, const uint8_t *learns,
		     const struct edges_draw *draw);
bool edges_continuous(const struct edges *e); /* any R, no taps */
bool edges_echo(const struct edges *e); /* some boards see each clock edge twice: tick `again` */

void edges_set_update(struct edges *e, double p, double bias_V); /* NAN: the bias of p */
void edges_write(struct edges *e, const uint8_t *wiper);         /* [n_edges] */
/* [n_edges] nominal, before tolerances.  -ERANGE with a sentence: beyond the stops. */
int edges_write_r(struct edges *e, const double *r_ohm, struct rig_error *err);
void edges_home(struct edges *e);
void edges_set_mode(struct edges *e, size_t edge, uint8_t mode); /* enum rig_edge_mode */
/* Edges that end at one of these nodes, given ascending, have no drop to compare: they sit every tick out. */
void edges_set_floating(struct edges *e, const uint32_t *nodes, size_t n);
/* The faults that are on now, of which those of edges, ticks and biases are played here. */
void edges_set_faults(struct edges *e, const struct sim_fault *const *on, size_t n);
void edges_set_drift(struct edges *e, double volts); /* added to every comparator's bias */

const double *edges_free_g(const struct edges *e);    /* [n_edges] siemens */
const double *edges_clamped_g(const struct edges *e); /* the same array while the twins match */
const uint8_t *
edges_wiper(const struct edges *e); /* [n_edges] as the boards count; 0 without taps */
void edges_r(const struct edges *e, double *ret_ohm); /* [n_edges] nominal, by tap or rule */
const uint8_t *edges_mode(const struct edges *e);     /* [n_edges] */
const uint8_t *edges_cut(const struct edges *e); /* [n_edges] 1: open, by its mode or by a fault */
const uint8_t *edges_updated(const struct edges *e); /* bit mask of the last tick */
const uint8_t *edges_raised(const struct edges *e);  /* the same; only of edges that updated */
void edges_updates(struct edges *e, struct rig_updates *ret); /* since edges_begin() */

#endif
