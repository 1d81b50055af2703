/* sim_backend/twins_impl.h - what twins.c and twins_charge.c share. */
#ifndef SIM_BACKEND_TWINS_IMPL_H
#define SIM_BACKEND_TWINS_IMPL_H

#include "drivers/rig_impl.h"
#include "sim_backend/circuit.h"
#include "sim_backend/leads.h"
#include "sim_backend/relax.h"
#include "sim_backend/twins.h"

/* Whose sources a circuit was last solved with: the linear response goes on from there. */
enum holds { HOLDS_NOTHING, HOLDS_FREE, HOLDS_OTHER };

/* What capacitors add; twins_charge.c. */
struct twins_charge {
	struct relax *relax; /* NULL: no capacitors */
	double farad;
	int64_t at_ns;    /* when relax was as it is */
	bool undriven[2]; /* since the session began: the first drive finds the network at rest */
	bool put[2];      /* at rest, before anything else */
	bool jump;        /* what is held is another than relax knows */
	bool moved;       /* the conductances are others than relax knows */
	int failed;       /* -errno of what nobody could be told; the next solution says it */
	struct rig_error why;
};

struct twins {
	struct twins_setup setup;
	uint32_t *source, *target;
	size_t n_sources, n_targets;
	uint8_t *cut;                    /* [n_edges] */
	struct circuit *circuit, *other; /* other: of mismatched twins, else NULL */
	enum holds holds;                /* of circuit */
	double *source_V[2];             /* by side; the clamped one without the offset */
	double *clamp_V, *shifted_V, *response_V;
	double *node_V[2], *change_V; /* at rest */
	double *offset_V;             /* [n_sources] of the clamped network's sources */
	double *held_V;               /* [n_sources + n_targets] behind leads */
	double *reduced_V; /* [n_targets][n_sources] the targets' free response, while `reduced` */
	struct leads *leads; /* NULL: all are good */
	bool same_sources, shifted, clamped, factored, reduced, solved[2];
	struct twins_charge charge;
};

/* twins.c: node_V[side] and, of the clamped network, change_V, at rest. */
int twins_rest(struct twins *t, enum rig_side side, struct rig_error *err);
bool twins_linked(const struct twins *t);
int twins_fail_circuit(struct rig_error *err, int r, const struct network_error *why);

/* twins_charge.c.  Each comes before the change it is named after, and does nothing without capacitors. */
void twins_before_drive(struct twins *t, enum rig_side side);
void twins_before_hold(struct twins *t); /* clamped, released, safe */
/* The charge for other circuits; on success *ret (NULL without capacitors) takes the place of t->charge.relax. */
int twins_before_rewire(struct twins *t, struct circuit *const circuits[2], const uint8_t *cut,
			struct relax **ret, struct rig_error *err);
int twins_refuse_leads(struct rig_error *err); /* -ENOTSUP: charge and bad leads together */

#endif
