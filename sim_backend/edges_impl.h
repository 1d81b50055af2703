/* sim_backend/edges_impl.h - what the files of the edges share: edges.c (state, settings), edges_tick.c (comparators),
 * edges_continuous.c (equation 3), edges_faults.c (what is wrong with single edges).
 */
#ifndef SIM_BACKEND_EDGES_IMPL_H
#define SIM_BACKEND_EDGES_IMPL_H

#include <stdbool.h>

#include "sim_backend/edges.h"
#include "sim_backend/updates.h"

/* Arrays of edges are padded with edges that join node 0 to itself and never move, so that loops over blocks have a
 * fixed length and vectorise without remainders. */
#define EDGES_BLOCK 16

#define EDGES_INLINE static inline __attribute__((always_inline))

/* What is wrong with one edge now. */
struct edges_defect {
	size_t edge;
	bool stuck;
	double stuck_r_ohm; /* nominal, where its wipers are */
	double twin_factor; /* on the clamped twin's R */
	int taps_apart;     /* of the clamped twin */
};

struct edges {
	size_t n, n_padded;
	int taps, initial_tap;
	double r_min_ohm, r_step_ohm;
	enum sim_comparator comparator;
	bool bias_each; /* a new bias at each comparison */
	double bias_least_V, bias_span_V, noise_V;
	double drift_V; /* added to every bias by a fault */
	struct updates *updates;
	const uint32_t *a, *b; /* [n] ends, of ends[] */
	uint32_t *ends;        /* [2 n] */
	double *tap_g;         /* [taps] 1 / R of the nominal edge */
	double *free_scale;    /* [n] of this edge's g, from tolerance */
	double *clamped_scale; /* [n] the same for the other twin, or NULL: as free_scale */
	double *free_g;
	double *clamped_g;   /* NULL: the twins always match */
	bool apart;          /* the twins differ now */
	double *edge_bias_V; /* [n] fixed in each edge */
	double *sigma_V;     /* [n] of this tick */
	double *sum_V;       /* [n] of a batch: V^2 where continuous */
	size_t n_summed;
	uint8_t *wiper, *mode;
	uint8_t *floating;         /* [n] an end floats */
	uint8_t *learns;           /* [n] 1: mode is RIG_LEARN, does not float; in the padding 0 */
	uint8_t *able;             /* [n] 1: learns, and no fault keeps it from it */
	uint8_t *moves, *up;       /* [n] of the last tick; in the padding always 0, like able */
	uint8_t *updated, *raised; /* bit masks */
	/* any R, equation 3 */
	bool continuous;
	double learning_rate, r_least_ohm, r_most_ohm, r_initial_ohm;
	double *r_ohm, *step_ohm; /* [n] nominal; NULL where there are taps */
	/* faults */
	uint8_t *open;               /* [n] by mode or by a fault */
	uint8_t *lost;               /* [n] open by a fault */
	uint8_t *sits_out, *echo;    /* [n] deaf or missing the tick; seeing it twice */
	bool echoes;                 /* an edge sees it twice */
	struct edges_defect *defect; /* [2 n_most_defects] */
	size_t n_defects, n_most_defects;
};

/* The padded number of edges, visibly a multiple of EDGES_BLOCK; and a copy: a store to a byte could change
 * e->n_padded, for all the compiler knows. */
EDGES_INLINE size_t edges_blocks(const struct edges *e)
{
	return e->n_padded / EDGES_BLOCK * EDGES_BLOCK;
}

void edges_set_able(struct edges *e);        /* edges.c: from modes, floating ends and faults */
void edges_set_conductance(struct edges *e); /* edges.c: from taps or R */
double edges_nominal_r(const struct edges *e, size_t edge);
const double *edges_biases(struct edges *e, const struct edges_draw *draw); /* edges_tick.c */
/* Keeps what an edge did at this tick: masks and counts. */
void edges_keep_masks(struct edges *e, const uint8_t *moves, const struct edges_draw *draw);

/* edges_continuous.c: R moves by learning_rate / R^2 sum_V, within the stops; -EDOM where that is unstable. */
int edges_continuous_move(struct edges *e, const uint8_t *moves, struct rig_error *err);

/* edges_faults.c */
void edges_spoil(struct edges *e); /* the conductances of edges with defects */

#endif
