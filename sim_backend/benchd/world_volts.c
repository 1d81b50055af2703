/* sim_backend/benchd/world_volts.c - Kirchhoff's laws in both networks of the world, and the charge on their nodes.
 *
 * A node is held by the output that is connected to it, the others follow.  With capacitors, the charge of a network that
 * nothing drives any more is forgotten.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/benchd/world_impl.h"

int world_volts_new(struct world *w)
{
	size_t n = w->network->n_nodes;

	w->zero_V = calloc(n, sizeof(double));
	w->change_V = calloc(n, sizeof(double));
	w->floating = calloc(n, sizeof(*w->floating));
	for (int i = RIG_FREE; i <= RIG_CLAMPED; i++) {
		struct side *side = &w->side[i];

		side->driven = calloc(n, sizeof(*side->driven));
		side->held_V = calloc(n, sizeof(double));
		side->ohm = calloc(n, sizeof(double));
		side->rest_V = calloc(n, sizeof(double));
		if (!side->driven || !side->held_V || !side->ohm || !side->rest_V)
			return -ENOMEM;
		side->anew = true;
	}
	return w->zero_V && w->change_V && w->floating ? 0 : -ENOMEM;
}

static void forget(struct side *side)
{
	relax_free(side->relax);
	leads_free(side->leads);
	circuit_free(side->circuit);
	side->relax = NULL;
	side->leads = NULL;
	side->circuit = NULL;
}

void world_volts_free(struct world *w)
{
	for (int i = RIG_FREE; i <= RIG_CLAMPED; i++) {
		struct side *side = &w->side[i];

		forget(side);
		free(side->driven);
		free(side->held_V);
		free(side->ohm);
		free(side->rest_V);
	}
	free(w->zero_V);
	free(w->change_V);
	free(w->floating);
}

/* ---- which nodes are held, and at what ---- */

static const struct sim_fault *planned(const struct world *w, enum sim_fault_kind kind, long node)
{
	const struct sim_fault *const *on;
	size_t n = faults_on(w->planned, &on);

	for (size_t i = 0; i < n; i++)
		if (on[i]->kind == kind && on[i]->node == node)
			return on[i];
	return NULL;
}

static bool is_driven(const struct world *w, int side, size_t node)
{
	const struct daq_wire *wire = &w->wire[side][node];

	return wire->drive.kind == DAQ_AO && wire->drive.number < WORLD_AO &&
	       (wire->relay.kind == DAQ_NONE || world_line(w, wire->relay.number)) &&
	       !planned(w, SIM_WIRE_OFF, (long)node);
}

/* The clamped network's sources have an offset: outputs that drive the node in both. */
static double held_at(const struct world *w, int side, size_t node)
{
	const struct sim_fault *apart = planned(w, SIM_TWIN_SOURCE, (long)node);
	unsigned ao = w->wire[side][node].drive.number;
	double volts = world_real_output(w, ao);

	if (side == RIG_CLAMPED && is_driven(w, RIG_FREE, node) &&
	    w->wire[RIG_FREE][node].drive.number == ao)
		volts += w->config->sim.twin_source_offset_V + (apart ? apart->value : 0);
	return volts;
}

static double lead_of(const struct world *w, size_t node)
{
	const struct sim_fault *sags = planned(w, SIM_SOURCE_SAG, (long)node);

	return world_fault_value(w, FAULT_SAG, (long)node, sags ? sags->value : 0);
}

/* ---- circuits ---- */

static int make_circuit(const struct world *w, struct side *side, struct circuit **ret)
{
	struct network_error why;

	return circuit_new(w->network, w->cut, side->driven, side->n_driven, NULL, 0, NULL, ret,
			   &why);
}

static int make_leads(const struct world *w, struct side *side)
{
	const struct rig_session session = {.sources = side->driven, .n_sources = side->n_driven};
	bool any = false;
	struct rig_error why;

	for (size_t i = 0; i < side->n_driven; i++)
		any |= (side->ohm[i] = lead_of(w, side->driven[i])) > 0;
	return any ? leads_new(w->network, &session, side->ohm, w->cut, &side->leads, &why) : 0;
}

static int make_relax(const struct world *w, struct side *side, const struct relax *before)
{
	const struct relax_setup setup = {.network = w->network,
					  .cut = w->cut,
					  .source = side->driven,
					  .n_sources = side->n_driven,
					  .circuit = {side->circuit, side->circuit}};
	struct network_error why;
	int r = relax_new(&setup, &side->relax, &why);

	if (r == 0 && before)
		relax_take_over(side->relax, before);
	side->put = !before;
	side->jump = side->moved = true;
	return r;
}

/* What cannot be made leaves a network in which every node floats. */
static void rebuild(struct world *w, int i)
{
	struct side *side = &w->side[i];
	struct side before = *side;
	int r = 0;

	side->anew = false;
	side->factor = true;
	side->circuit = NULL;
	side->leads = NULL;
	side->relax = NULL;
	side->n_driven = 0;
	for (size_t node = 0; node < w->network->n_nodes; node++)
		if (is_driven(w, i, node))
			side->driven[side->n_driven++] = (uint32_t)node;
	if (side->n_driven)
		r = make_circuit(w, side, &side->circuit);
	if (r == 0 && side->circuit)
		r = make_leads(w, side);
	if (r == 0 && side->circuit && w->farad > 0)
		r = make_relax(w, side, before.relax);
	forget(&before);
	if (r < 0)
		forget(side);
}

static void list_floating(struct world *w)
{
	size_t n = 0;

	for (uint32_t node = 0; node < w->network->n_nodes; node++)
		if (isnan(w->side[RIG_FREE].rest_V[node]) ||
		    isnan(w->side[RIG_CLAMPED].rest_V[node]))
			w->floating[n++] = node;
	edges_set_floating(w->edges, w->floating, n);
}

/* ---- voltages ---- */

struct solving {
	struct circuit *circuit;
};

static void solve_held(void *arg, const double *held_V, double *ret_node_V)
{
	const struct solving *solving = arg;

	circuit_solve_free(solving->circuit, held_V, ret_node_V);
}

static const double *conductances(const struct world *w, int i)
{
	return i == RIG_FREE ? edges_free_g(w->edges) : edges_clamped_g(w->edges);
}

static void solve(struct world *w, int i)
{
	struct side *side = &w->side[i];
	struct solving solving = {side->circuit};

	side->solve = false;
	side->jump = true;
	for (size_t k = 0; k < side->n_driven; k++)
		side->held_V[k] = held_at(w, i, side->driven[k]);
	if (side->leads)
		leads_bend(side->leads, conductances(w, i), side->n_driven, side->held_V,
			   solve_held, &solving, side->rest_V);
	else
		circuit_solve_free(side->circuit, side->held_V, side->rest_V);
}

static void rest(struct world *w, int i)
{
	struct side *side = &w->side[i];
	bool topology = side->anew;

	if (topology)
		rebuild(w, i);
	if (side->circuit && side->factor) {
		circuit_factor(side->circuit, conductances(w, i));
		side->solve = side->moved = true;
	}
	side->factor = false;
	if (side->circuit && side->solve)
		solve(w, i);
	for (size_t k = 0; topology && !side->circuit && k < w->network->n_nodes; k++)
		side->rest_V[k] = NAN;
	if (topology)
		list_floating(w);
}

/* What is held happens at once, then charge flows until now. */
static void charge(struct world *w, int i, int64_t now_ns)
{
	struct side *side = &w->side[i];
	const struct relax_held held = {.source_V = {side->held_V, side->held_V}, .linked = true};
	const struct relax_rest at_rest = {.V = {side->rest_V, side->rest_V},
					   .change_V = w->zero_V};

	if (side->put) {
		relax_put(side->relax, RIG_FREE, &held, &at_rest);
		relax_put(side->relax, RIG_CLAMPED, &held, &at_rest);
		side->at_ns = now_ns;
	} else if (side->jump) {
		relax_jump(side->relax, &held);
	}
	side->put = side->jump = false;
	if (now_ns <= side->at_ns)
		return;
	relax_decay(side->relax,
		    &(struct relax_span){.seconds = 1e-9 * (double)(now_ns - side->at_ns),
					 .farad = w->farad,
					 .g = {conductances(w, i), conductances(w, i)},
					 .moved = side->moved},
		    &held, &at_rest);
	side->moved = false;
	side->at_ns = now_ns;
}

const double *world_V(struct world *w, int i, int64_t now_ns)
{
	struct side *side = &w->side[i];

	rest(w, i);
	if (!side->relax)
		return side->rest_V;
	charge(w, i, now_ns);
	return relax_V(side->relax, RIG_FREE);
}

int world_voltages(struct world *w, int side, int64_t now_ns, double *ret_V)
{
	if (side != RIG_FREE && side != RIG_CLAMPED)
		return -EINVAL;
	world_advance(w, now_ns);
	memcpy(ret_V, world_V(w, side, now_ns), w->network->n_nodes * sizeof(*ret_V));
	return 0;
}

/* ---- before and after a change ---- */

void world_flow(struct world *w, int64_t now_ns)
{
	if (w->farad == 0)
		return;
	world_V(w, RIG_FREE, now_ns);
	world_V(w, RIG_CLAMPED, now_ns);
}

void world_rewired(struct world *w)
{
	w->side[RIG_FREE].anew = w->side[RIG_CLAMPED].anew = true;
}

void world_revolted(struct world *w)
{
	w->side[RIG_FREE].solve = w->side[RIG_CLAMPED].solve = true;
}

void world_moved(struct world *w)
{
	const uint8_t *cut = edges_cut(w->edges);

	w->side[RIG_FREE].factor = w->side[RIG_CLAMPED].factor = true;
	if (memcmp(w->cut, cut, w->network->n_edges) == 0)
		return;
	memcpy(w->cut, cut, w->network->n_edges);
	world_rewired(w);
}

void world_set_farad(struct world *w, double farad, int64_t now_ns)
{
	if (farad == w->farad)
		return;
	world_flow(w, now_ns);
	if ((farad > 0) != (w->farad > 0))
		world_rewired(w);
	w->farad = farad;
	w->side[RIG_FREE].moved = w->side[RIG_CLAMPED].moved = true;
}
