/* daemon/calibrate_edges.c - bias and noise of each comparator from its decisions at known |dV_C| - |dV_F|.
 *
 * The sources are held, the targets clamped at V_F + delta, and the clock ticked with p = 1; after each tick the taps are
 * written back, so that the state stays where it is.  An edge decides up when |dV_C| - |dV_F| + bias + noise > 0.  Of the
 * circuit's comparators (xor) the bias turns with the sign of the drop: only decisions of the more frequent sign count.
 * Where the wires leave open which nodes are which, bit k of a node's number says it in round k: any two differ in one.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"
#include "daemon/calibrate_decisions.h"
#include "sim_backend/circuit.h"
#include "sim_backend/random.h"

#define TRIALS   10
#define POINTS   21
#define PATTERNS 4
#define SPAN_V   0.05
#define MARGIN   0.2 /* of the volts' range, left below and above the sources */

enum phase { ROUND, FREE, CLAMP, LOOK, TICK };

struct work {
	size_t n_rounds, n_patterns, n_deltas, trials;
	size_t round, point, trial; /* point: of the round */
	double span_V;
	enum phase phase;
	struct circuit *circuit;    /* of this round; NULL: cannot be solved */
	double *g_S;                /* [n_edges] */
	double *free_V, *clamped_V; /* [n_nodes] computed, and measured where that is possible */
	double *read_V, *clamp_V;   /* [n_nodes] room */
	uint8_t *is_known;          /* [n_nodes] measured */
	uint8_t *updated, *raised;  /* bit masks */
	struct decisions decisions;
};

static int check(const struct rig_info *info, const json_t *params, struct problem *p)
{
	const struct rig_limits *limits = &info->limits;
	const json_t *span = json_object_get(params, "span_V");
	double most_V = MARGIN * (limits->max_V - limits->min_V);

	if (info->continuous)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "the edges of %s have no comparators: nothing to calibrate",
				   info->name);
	if (json_is_number(span) && json_number_value(span) > most_V)
		return problem_set(p, PROBLEM_LIMIT, "/span_V",
				   "span_V is %g V; at most %g V keep the clamps within the limits",
				   json_number_value(span), most_V);
	return 0;
}

static size_t bits_of(size_t n)
{
	size_t bits = 0;

	while (bits < 32 && (size_t)1 << bits < n)
		bits++;
	return bits;
}

static bool allocate(struct runner *r, struct work *w)
{
	size_t n = r->info->n_nodes, n_edges = r->info->n_edges;

	w->g_S = calloc(n_edges + 1, sizeof(double));
	w->free_V = calloc(n, sizeof(double));
	w->clamped_V = calloc(n, sizeof(double));
	w->read_V = calloc(n, sizeof(double));
	w->clamp_V = calloc(n, sizeof(double));
	w->is_known = calloc(n, 1);
	w->updated = calloc(n_edges / 8 + 1, 1);
	w->raised = calloc(n_edges / 8 + 1, 1);
	return w->g_S && w->free_V && w->clamped_V && w->read_V && w->clamp_V && w->is_known &&
	       w->updated && w->raised;
}

/* Is there a node that may be either? */
static bool is_open(const struct runner *r, const struct calibrate *c)
{
	const uint8_t both = CALIBRATE_SOURCE | CALIBRATE_TARGET;

	for (size_t i = 0; i < r->info->n_nodes; i++)
		if ((c->nodes.may[i] & both) == both)
			return true;
	return false;
}

static void divide_nodes(const struct runner *r, struct calibrate *c, const struct work *w)
{
	struct calibrate_nodes *nodes = &c->nodes;

	nodes->n_sources = nodes->n_targets = 0;
	for (uint32_t i = 0; i < r->info->n_nodes; i++) {
		bool source = nodes->may[i] & CALIBRATE_SOURCE;
		bool target = nodes->may[i] & CALIBRATE_TARGET;

		if (target && (!source || i >> w->round & 1))
			nodes->targets[nodes->n_targets++] = i;
		else if (source)
			nodes->sources[nodes->n_sources++] = i;
	}
}

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	const struct rig_edge_config *edge = &r->info->edge;
	struct work *w = calloc(1, sizeof(*w));

	c->work = w;
	if (!w || calibrate_nodes_wired(r, c) < 0 || !allocate(r, w))
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	w->n_rounds = is_open(r, c) ? bits_of(r->info->n_nodes) : 1;
	w->trials = (size_t)calibrate_real(c, "trials", TRIALS);
	w->n_deltas = (size_t)calibrate_real(c, "points", POINTS);
	w->n_patterns = (size_t)calibrate_real(c, "patterns", PATTERNS);
	w->span_V = calibrate_real(c, "span_V", SPAN_V);
	c->total = w->n_rounds * w->n_patterns * w->n_deltas;
	divide_nodes(r, c, w);
	if (c->nodes.n_targets == 0 || c->nodes.n_sources == 0)
		return problem_set(p, PROBLEM_STATE, "",
				   "it takes a source and a target that can be clamped; %zu and "
				   "%zu are wired",
				   c->nodes.n_sources, c->nodes.n_targets);
	if (decisions_new(&w->decisions, r->info->n_edges, c->total) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "",
				   "no memory for %zu edges at %zu points: fewer points, patterns",
				   r->info->n_edges, c->total);
	for (size_t j = 0; j < r->info->n_edges; j++)
		w->g_S[j] = 1 / (edge->r_min_ohm + c->wiper[j] * edge->r_step_ohm);
	return 0;
}

/* ---- a round: its nodes, its session, its free state ---- */

/* What cannot be measured is computed from the taps; without a solution it stays unknown. */
static void new_circuit(const struct runner *r, const struct calibrate *c, struct work *w)
{
	const struct calibrate_nodes *nodes = &c->nodes;
	struct network_error error;
	uint8_t *cut = calloc(r->info->n_edges + 1, 1);

	circuit_free(w->circuit);
	w->circuit = NULL;
	for (size_t j = 0; cut && j < r->info->n_edges; j++)
		cut[j] = r->mode[j] == RIG_CUT;
	if (cut && circuit_new(r->info->network, cut, nodes->sources, nodes->n_sources,
			       nodes->targets, nodes->n_targets, NULL, &w->circuit, &error) < 0)
		w->circuit = NULL;
	free(cut);
	if (w->circuit && circuit_factor(w->circuit, w->g_S) < 0) {
		circuit_free(w->circuit);
		w->circuit = NULL;
	}
	memset(w->is_known, 0, r->info->n_nodes);
	for (size_t i = 0; i < nodes->n_measured; i++)
		w->is_known[nodes->measured[i]] = 1;
}

/* Spread over the range, by node, so that most edges have a drop to compare. */
static void choose_volts(const struct runner *r, struct calibrate *c)
{
	const struct rig_limits *limits = &r->info->limits;
	double range_V = limits->max_V - limits->min_V;
	size_t n = c->nodes.n_sources;

	for (size_t i = 0; i < n; i++)
		c->nodes.volts[i] =
			limits->min_V +
			range_V * (MARGIN +
				   (1 - 2 * MARGIN) * (n > 1 ? (double)i / (double)(n - 1) : 1));
}

static int begin_round(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e;

	divide_nodes(r, c, w);
	e = calibrate_nodes_begin(r, c);
	if (e == 0)
		e = rig_set_update(r->rig, 1, r->info->bias ? r->info->bias_always_V : NAN);
	if (e == 0)
		e = rig_mark_step(r->rig, c->ticks++);
	choose_volts(r, c);
	if (e == 0)
		e = calibrate_drive(r, c, c->nodes.volts);
	new_circuit(r, c, w);
	w->phase = FREE;
	calibrate_wait(r, c, calibrate_settle_s(r));
	return e;
}

/* Computed, then measured over it. */
static int look(struct runner *r, struct calibrate *c, enum rig_side side, double *ret_V)
{
	const struct calibrate_nodes *nodes = &c->nodes;
	struct work *w = c->work;
	int e, solved = -EDOM;

	if (w->circuit && side == RIG_FREE)
		solved = circuit_solve_free(w->circuit, nodes->volts, ret_V);
	else if (w->circuit)
		solved = circuit_solve_clamped(w->circuit, w->clamp_V, ret_V);
	for (size_t i = 0; solved < 0 && i < r->info->n_nodes; i++)
		ret_V[i] = NAN;
	e = rig_measure(r->rig, side, nodes->measured, nodes->n_measured, w->read_V);
	for (size_t i = 0; e == 0 && i < nodes->n_measured; i++)
		ret_V[nodes->measured[i]] = w->read_V[i];
	return e;
}

static int look_free(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = look(r, c, RIG_FREE, w->free_V);

	w->point = 0;
	w->phase = CLAMP;
	for (size_t i = 0; e == 0 && i < c->nodes.n_targets; i++)
		if (!isfinite(w->free_V[c->nodes.targets[i]])) {
			snprintf(c->why, sizeof(c->why),
				 "node %u floats or cannot be measured: nobody knows where to "
				 "clamp it",
				 c->nodes.targets[i]);
			return -ENOTCONN;
		}
	return e;
}

/* ---- a point: a clamp, and ticks at it ---- */

/* The first pattern moves all targets alike, the others each by a share of its own. */
static double share(const struct calibrate *c, const struct work *w, size_t pattern, size_t target)
{
	if (pattern == 0)
		return 1;
	return 2 * random_uniform(c->seed, RANDOM_GENERATE, w->round * w->n_patterns + pattern,
				  target) -
	       1;
}

static int clamp(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	size_t pattern = w->point / w->n_deltas, at = w->point % w->n_deltas;
	double delta_V = w->span_V * (2.0 * (double)at / (double)(w->n_deltas - 1) - 1);

	for (size_t i = 0; i < c->nodes.n_targets; i++)
		w->clamp_V[i] = w->free_V[c->nodes.targets[i]] + delta_V * share(c, w, pattern, i);
	w->phase = LOOK;
	w->trial = 0;
	calibrate_wait(r, c, calibrate_settle_s(r));
	return rig_clamp(r->rig, w->clamp_V, c->nodes.n_targets);
}

static int look_clamped(struct runner *r, struct calibrate *c)
{
	const struct network *net = r->info->network;
	struct work *w = c->work;
	int e = look(r, c, RIG_CLAMPED, w->clamped_V);

	for (size_t j = 0; e == 0 && j < r->info->n_edges; j++)
		decisions_at(&w->decisions, j, c->done, w->free_V[net->a[j]] - w->free_V[net->b[j]],
			     w->clamped_V[net->a[j]] - w->clamped_V[net->b[j]],
			     w->is_known[net->a[j]] && w->is_known[net->b[j]]);
	w->phase = TICK;
	return e;
}

/* One decision of everybody, and back. */
static int tick(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	struct rig_edges edges = {.updated = w->updated, .raised = w->raised, .now = true};
	int e = rig_mark_step(r->rig, c->ticks++);

	if (e == 0)
		e = rig_tick(r->rig);
	if (e == 0)
		e = rig_read_edges(r->rig, &edges);
	for (size_t j = 0; e == 0 && j < r->info->n_edges; j++)
		if (w->updated[j / 8] >> (j % 8) & 1)
			decisions_add(&w->decisions, j, c->done, w->raised[j / 8] >> (j % 8) & 1);
	return e < 0 ? e : rig_write_edges(r->rig, c->wiper, r->info->n_edges);
}

static int next_point(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	calibrate_progress(r, c);
	w->phase = CLAMP;
	if (++w->point < w->n_patterns * w->n_deltas)
		return 0;
	w->phase = ROUND;
	return ++w->round == w->n_rounds;
}

static int step(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e;

	switch (w->phase) {
	case ROUND:
		return begin_round(r, c);
	case FREE:
		return look_free(r, c);
	case CLAMP:
		return clamp(r, c);
	case LOOK:
		return look_clamped(r, c);
	case TICK:
		break;
	}
	e = tick(r, c);
	if (e < 0 || ++w->trial < w->trials)
		return e;
	return next_point(r, c);
}

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	struct work *w = c->work;
	json_t *rows = json_array();
	size_t known = 0;

	for (size_t j = 0; j < r->info->n_edges; j++)
		json_array_append_new(rows, decisions_row(&w->decisions, j, &known));
	json_object_set_new(values, "edges", rows);
	json_object_set_new(values, "known", json_integer((json_int_t)known));
	if (known < r->info->n_edges)
		calibrate_warn(
			c,
			"%zu of %zu comparators are unknown: their differences never reached "
			"the threshold (span_V), or did not follow it",
			r->info->n_edges - known, r->info->n_edges);
}

static void end(struct calibrate *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	circuit_free(w->circuit);
	decisions_clear(&w->decisions);
	free(w->g_S);
	free(w->free_V);
	free(w->clamped_V);
	free(w->read_V);
	free(w->clamp_V);
	free(w->is_known);
	free(w->updated);
	free(w->raised);
	free(w);
}

const struct calibrate_kind calibrate_edges = {"edges", check, begin, step, result, end};
