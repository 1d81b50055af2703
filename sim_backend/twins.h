/* sim_backend/twins.h - the free and the clamped network as a pair: what drives them, and their voltages.
 *
 * While both have the same conductances and the same sources, one factorisation serves both and the clamped state
 * is the free one plus its linear response.  Solved when asked for, once per change.
 *
 * With capacitors (twins_set_capacitance) the voltages lag behind: charge flows by the rig's clock, whenever
 * something is driven, clamped, cut or solved.  What is driven and clamped at one time happens at once.
 */
#ifndef SIM_BACKEND_TWINS_H
#define SIM_BACKEND_TWINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"
#include "sim_backend/circuit.h"
#include "sim_backend/clock.h"
#include "sim_backend/network.h"

struct twins;

/* What stays for the life of a rig. */
struct twins_setup {
	const struct network *network;
	const double *free_g, *clamped_g; /* [n_edges], borrowed; equal pointers: matched twins */
	double source_offset_V;           /* clamped network's sources minus the free network's */
	double safe_V;                    /* of all sources when a session begins */
	struct circuit_options options;
	const struct clock *clock; /* of the rig, borrowed; read only where there are capacitors */
};

/* 0, -ENOMEM, -EINVAL, -ENOTCONN with a sentence. */
int twins_new(const struct twins_setup *setup, const struct rig_session *session,
	      const uint8_t *cut, struct twins **ret, struct rig_error *err);
void twins_free(struct twins *t); /* accepts NULL */
/* Other edges are cut now: what is driven stays.  On failure nothing changes. */
int twins_set_cut(struct twins *t, const uint8_t *cut, struct rig_error *err);
size_t twins_floating(const struct twins *t, const uint32_t **nodes);

/* What faults make of the wires, from now on.  Copied, but for the conductances. */
struct twins_wiring {
	const double *clamped_g; /* [n_edges] as in twins_setup */
	const uint8_t *cut;      /* [n_edges] */
	const double *offset_V;  /* [n_sources] of the clamped network, beside source_offset_V */
	const double *inner_ohm; /* [n_sources + n_targets] of the leads (leads.h) */
	bool anew;               /* cut or clamped_g are others than before: new circuits */
};
/* -ENOTCONN with a sentence: targets float now. */
int twins_rewire(struct twins *t, const struct twins_wiring *wiring, struct rig_error *err);

/* 0: none.  Nodes keep their voltages, be they charged or at rest; the session's first drive of a network finds it
 * at rest.  On failure nothing changes: -ENOTSUP with a sentence, -ENOMEM, -EDOM. */
int twins_set_capacitance(struct twins *t, double farad, struct rig_error *err);
/* Lets charge flow until now: before conductances change. */
int twins_catch_up(struct twins *t, struct rig_error *err); /* -EDOM */

void twins_drive(struct twins *t, enum rig_side side, const double *volts); /* [n_sources] */
void twins_drive_both(struct twins *t, const double *volts);                /* [n_sources] */
void twins_clamp(struct twins *t, const double *volts); /* [n_targets]; NULL: let them float */
void twins_make_safe(struct twins *t);                  /* every output, targets too */
void twins_moved(struct twins *t);                      /* the conductances are others now */

/* -EDOM, -ENOMEM with a sentence: conductances that no network can have, no convergence. */
int twins_solve(struct twins *t, enum rig_side side, struct rig_error *err);
/* Valid after twins_solve() of that side; change: after that of the clamped one. */
const double *twins_V(const struct twins *t, enum rig_side side); /* [n_nodes] */
const double *twins_change_V(const struct twins *t);              /* [n_nodes] V_C - V_F */

/* Where the free targets come to rest: [n_targets]; without capacitors, where they are. */
int twins_equilibrium(struct twins *t, double *ret_V, struct rig_error *err);
/* The targets of the free network at other sources, [n][n_sources] -> [n][n_targets], at rest, what is driven left
 * alone.  Of many, by the reduced (Kron) network: 2 n_targets n_sources operations each, as exact as a solution. */
int twins_respond(struct twins *t, size_t n, const double *source_V, double *ret_V,
		  struct rig_error *err);

const char *
twins_method(const struct twins *t); /* what solves them, why, and the memory it takes */

#endif
