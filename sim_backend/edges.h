/* sim_backend/edges.h - the boards: wipers, and the rule by which each edge moves its own.
 *
 * PHYSICS equations 4 and 5: eq10 raises R when |dV_C| + sigma > |dV_F|; xor is the circuit, A = dV_C + sigma >
 * dV_F, B = dV_C + dV_F > 0, up when A xnor B; xor_clamped has B = dV_C > 0.  An exact tie of eq10 goes down.
 */
#ifndef SIM_BACKEND_EDGES_H
#define SIM_BACKEND_EDGES_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/rig_config.h"
#include "sim_backend/network.h"

struct edges; /* of one rig, both twins */

/* What keys the draws of one tick: rig_session.seed, the step, and the tick within the step. */
struct edges_draw {
	uint64_t seed, step;
	uint32_t tick;
};

int edges_new(const struct rig_config *config, struct edges **ret); /* 0, -ENOMEM */
void edges_free(struct edges *e);                                   /* accepts NULL */

/* One clock edge.  free_V, change_V: [n_nodes] V_F, and V_C - V_F from the linear response. */
void edges_tick(struct edges *e, const double *free_V, const double *change_V,
		const struct edges_draw *draw);

void edges_set_p(struct edges *e, double p);
void edges_write(struct edges *e, const uint8_t *wiper); /* [n_edges] */
void edges_home(struct edges *e);
void edges_set_mode(struct edges *e, size_t edge, uint8_t mode); /* enum rig_edge_mode */
/* Edges that end at one of these nodes have no drop to compare: they sit every tick out. */
void edges_set_floating(struct edges *e, const uint32_t *nodes, size_t n);

const double *edges_free_g(const struct edges *e);    /* [n_edges] siemens */
const double *edges_clamped_g(const struct edges *e); /* the same array when the twins match */
const uint8_t *edges_wiper(const struct edges *e);    /* [n_edges] */
const uint8_t *edges_mode(const struct edges *e);     /* [n_edges] */
const uint8_t *edges_cut(const struct edges *e);      /* [n_edges] 1: mode is RIG_CUT */
const uint8_t *edges_updated(const struct edges *e);  /* bit mask of the last tick */
const uint8_t *edges_raised(const struct edges *e);   /* the same; only of edges that updated */

#endif
