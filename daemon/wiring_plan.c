/* daemon/wiring_plan.c - the fewest plugs to move until a task fits.
 *
 * Each node without what it needs takes one move; so does each output that holds a node against the task.  A move of
 * such an output to such a node does both; only what is left over is unplugged, or taken from where it does no harm.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/wiring.h"

enum part { NO_PART, SOURCE, TARGET };

struct place {     /* of an output */
	long node; /* -1: nowhere */
	enum wiring_plug plug;
	bool must_move, moved;
};

struct planner {
	const struct wiring *w;
	const struct wiring_nodes *nodes;
	enum part *part;     /* [n_nodes] */
	bool *lacks;         /* [n_nodes] an output */
	struct place *place; /* [n_outputs] */
	bool *used;          /* [n_inputs] at a target, or moved there */
	struct wiring_plan *plan;
};

static bool same(struct daq_channel a, struct daq_channel b)
{
	return a.kind && a.kind == b.kind && a.number == b.number;
}

/* ---- how it is ---- */

/* The relay's line switches no other output. */
static bool is_own(const struct wiring *w, size_t output, struct daq_channel relay)
{
	for (size_t i = 0; i < w->n_outputs; i++)
		if (i != output &&
		    (same(w->output[i].relay[0], relay) || same(w->output[i].relay[1], relay)))
			return false;
	return true;
}

static size_t output_at(const struct planner *p, int side, size_t node) /* n_outputs: none */
{
	size_t i = 0;

	while (i < p->w->n_outputs && !same(p->w->output[i].channel, p->w->wire[side][node].drive))
		i++;
	return i;
}

static bool can_open(const struct planner *p, int side, size_t node)
{
	struct daq_channel relay = p->w->wire[side][node].relay;

	return relay.kind && is_own(p->w, output_at(p, side, node), relay);
}

static void find_places(struct planner *p)
{
	for (size_t i = 0; i < p->w->n_outputs; i++)
		p->place[i].node = -1;
	for (size_t node = 0; node < p->w->n_nodes; node++)
		for (int side = 0; side < 2; side++) {
			struct place *place = &p->place[output_at(p, side, node)];

			if (!p->w->wire[side][node].drive.kind)
				continue;
			place->node = (long)node;
			place->plug |= 1 << side;
		}
}

static void judge_source(struct planner *p, size_t node)
{
	size_t free_ = output_at(p, RIG_FREE, node), clamped = output_at(p, RIG_CLAMPED, node);
	size_t none = p->w->n_outputs;

	p->lacks[node] = free_ == none || clamped == none;
	if (p->lacks[node] && free_ != none)
		p->place[free_].must_move = true;
	if (p->lacks[node] && clamped != none)
		p->place[clamped].must_move = true;
}

static void judge_target(struct planner *p, size_t node)
{
	size_t free_ = output_at(p, RIG_FREE, node), clamped = output_at(p, RIG_CLAMPED, node);
	const struct daq_wire *wire = &p->w->wire[RIG_FREE][node];

	if (free_ != p->w->n_outputs && (!can_open(p, RIG_FREE, node) ||
					 same(wire->relay, p->w->wire[RIG_CLAMPED][node].relay)))
		p->place[free_].must_move = true;
	p->lacks[node] = clamped == p->w->n_outputs || p->place[clamped].must_move;
}

static void judge_other(struct planner *p, size_t node)
{
	for (int side = 0; side < 2; side++)
		if (p->w->wire[side][node].drive.kind && !can_open(p, side, node))
			p->place[output_at(p, side, node)].must_move = true;
}

static void judge(struct planner *p)
{
	find_places(p);
	for (size_t i = 0; i < p->nodes->n_targets; i++)
		p->part[p->nodes->targets[i]] = TARGET;
	for (size_t i = 0; i < p->nodes->n_sources; i++)
		p->part[p->nodes->sources[i]] = SOURCE;
	for (size_t node = 0; node < p->w->n_nodes; node++) {
		if (p->part[node] == SOURCE)
			judge_source(p, node);
		else if (p->part[node] == TARGET)
			judge_target(p, node);
		else
			judge_other(p, node);
	}
}

/* ---- outputs ---- */

static enum wiring_plug plug_for(const struct planner *p, size_t node)
{
	return p->part[node] == SOURCE ? WIRING_BOTH : WIRING_CLAMPED;
}

static void move_output(struct planner *p, size_t output, long to, enum wiring_plug plug)
{
	struct place *place = &p->place[output];

	p->plan->move[p->plan->n++] = (struct wiring_move){
		.channel = p->w->output[output].channel,
		.from = place->node,
		.from_plug = place->plug,
		.to = to,
		.to_plug = plug,
	};
	*place = (struct place){.node = to, .plug = plug, .moved = true};
}

/* How gladly an output is taken for a node; 0: not at all.  Those that must move come first, of these the one that is
 * there already, then one of the same kind; then those that nothing keeps where they are. */
static int gladness(const struct planner *p, size_t output, size_t node)
{
	const struct place *place = &p->place[output];
	bool here = place->node == (long)node;

	if (place->moved)
		return 0;
	if (place->must_move)
		return 10 + 2 * here + (place->plug == plug_for(p, node));
	if (place->node < 0)
		return 5;
	if (p->part[place->node] == NO_PART)
		return 4;
	/* behind an open relay at a target, where another output clamps */
	if (p->part[place->node] == TARGET && place->plug == WIRING_FREE)
		return 3 + here;
	return 0;
}

/* false: none that can be taken as gladly. */
static bool take_output(struct planner *p, size_t node, int least)
{
	size_t best = 0;
	int most = 0;

	for (size_t i = 0; i < p->w->n_outputs; i++) {
		int glad = gladness(p, i, node);

		if (glad > most) {
			most = glad;
			best = i;
		}
	}
	if (most < least)
		return false;
	move_output(p, best, (long)node, plug_for(p, node));
	p->lacks[node] = false;
	return true;
}

/* A source that has an output for each network can do with one of them. */
static void split_a_source(struct planner *p, size_t node)
{
	for (size_t i = 0; i < p->w->n_outputs; i++) {
		struct place *place = &p->place[i];
		size_t other;

		if (place->moved || place->plug != WIRING_FREE || p->part[place->node] != SOURCE)
			continue;
		other = output_at(p, RIG_CLAMPED, (size_t)place->node);
		move_output(p, other, place->node, WIRING_BOTH);
		move_output(p, i, (long)node, plug_for(p, node));
		p->lacks[node] = false;
		return;
	}
}

static void plan_outputs(struct planner *p)
{
	static const int least[] = {12, 11, 10, 1};

	for (size_t pass = 0; pass < sizeof(least) / sizeof(least[0]); pass++)
		for (size_t node = 0; node < p->w->n_nodes; node++)
			if (p->lacks[node])
				take_output(p, node, least[pass]);
	for (size_t node = 0; node < p->w->n_nodes; node++)
		if (p->lacks[node])
			split_a_source(p, node);
	for (size_t i = 0; i < p->w->n_outputs; i++)
		if (p->place[i].must_move)
			move_output(p, i, -1, WIRING_NOWHERE);
}

/* ---- inputs ---- */

static bool input_place(const struct wiring *w, size_t input, size_t *ret_node, int *ret_side)
{
	for (size_t i = 0; i < 2 * w->n_nodes; i++) {
		*ret_node = i / 2;
		*ret_side = i % 2;
		if (same(w->wire[i % 2][i / 2].measure, w->input[input]))
			return true;
	}
	return false;
}

static bool is_measured(const struct wiring_nodes *nodes, size_t node)
{
	for (size_t i = 0; i < nodes->n_measured; i++)
		if (nodes->measured[i] == node)
			return true;
	return false;
}

/* The less is lost, the better; -1: it measures a target. */
static int loss(const struct planner *p, size_t input, int side)
{
	size_t node;
	int at;

	if (p->used[input])
		return -1;
	if (!input_place(p->w, input, &node, &at))
		return 0;
	if (p->part[node] == TARGET)
		return -1;
	return 1 + 4 * (at != side) + 2 * (p->part[node] == SOURCE) + is_measured(p->nodes, node);
}

static void take_input(struct planner *p, size_t target, int side)
{
	size_t best = p->w->n_inputs, node;
	struct wiring_move move = {.from = -1, .to = (long)target, .to_plug = 1 << side};
	int least = 0, at;

	for (size_t i = 0; i < p->w->n_inputs; i++) {
		int lost = loss(p, i, side);

		if (lost < 0 || (best < p->w->n_inputs && lost >= least))
			continue;
		least = lost;
		best = i;
	}
	if (best == p->w->n_inputs)
		return;
	move.channel = p->w->input[best];
	if (input_place(p->w, best, &node, &at)) {
		move.from = (long)node;
		move.from_plug = 1 << at;
	}
	p->used[best] = true;
	p->plan->move[p->plan->n++] = move;
}

static void plan_inputs(struct planner *p)
{
	for (size_t i = 0; i < p->nodes->n_targets; i++)
		for (int side = 0; side < 2; side++)
			if (!p->w->wire[side][p->nodes->targets[i]].measure.kind)
				take_input(p, p->nodes->targets[i], side);
}

/* ---- what comes of it ---- */

/* Of a lead with one relay known, that one: the plug is behind it. */
static struct daq_channel relay_of(const struct wiring *w, struct daq_channel channel, int side)
{
	for (size_t i = 0; i < w->n_outputs; i++)
		if (same(w->output[i].channel, channel))
			return w->output[i].relay[side].kind ? w->output[i].relay[side]
							     : w->output[i].relay[!side];
	return (struct daq_channel){0};
}

static void pull(struct wiring *w, const struct wiring_move *move)
{
	for (int side = 0; side < 2 && move->from >= 0; side++) {
		struct daq_wire *wire = &w->wire[side][move->from];

		if (!(move->from_plug & 1 << side))
			continue;
		if (move->channel.kind == DAQ_AI)
			wire->measure = (struct daq_channel){0};
		else
			wire->drive = wire->relay = (struct daq_channel){0};
	}
}

static void plug(struct wiring *w, const struct wiring_move *move)
{
	for (int side = 0; side < 2 && move->to >= 0; side++) {
		struct daq_wire *wire = &w->wire[side][move->to];

		if (!(move->to_plug & 1 << side))
			continue;
		if (move->channel.kind == DAQ_AI) {
			wire->measure = move->channel;
			continue;
		}
		wire->drive = move->channel;
		wire->relay = relay_of(w, move->channel, side);
	}
}

static void make_moves(struct wiring *w, const struct wiring_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		pull(w, &plan->move[i]);
	for (size_t i = 0; i < plan->n; i++)
		plug(w, &plan->move[i]);
}

static void unplug_first(struct wiring_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->n; i++) {
		struct wiring_move move = plan->move[i];

		if (move.to >= 0)
			continue;
		memmove(plan->move + n + 1, plan->move + n, (i - n) * sizeof(move));
		plan->move[n++] = move;
	}
}

/* ---- all of it ---- */

static bool too_few(const struct wiring *w, const struct wiring_nodes *nodes,
		    struct wiring_misfit *ret)
{
	size_t outputs = nodes->n_sources + nodes->n_targets, inputs = 2 * nodes->n_targets;

	snprintf(ret->path, sizeof(ret->path), "/targets");
	if (outputs > w->n_outputs)
		snprintf(ret->text, sizeof(ret->text),
			 "%zu sources and %zu targets need %zu outputs, and there are %zu",
			 nodes->n_sources, nodes->n_targets, outputs, w->n_outputs);
	else if (inputs > w->n_inputs)
		snprintf(ret->text, sizeof(ret->text),
			 "%zu targets need %zu inputs, one in each network, and there are %zu",
			 nodes->n_targets, inputs, w->n_inputs);
	return outputs > w->n_outputs || inputs > w->n_inputs;
}

void wiring_plan_free(struct wiring_plan *plan)
{
	if (!plan)
		return;
	free(plan->move);
	wiring_free(plan->after);
	free(plan);
}

static struct wiring_plan *plan_new(const struct wiring *w)
{
	struct wiring_plan *plan = calloc(1, sizeof(*plan));

	if (!plan)
		return NULL;
	plan->move = calloc(w->n_outputs + w->n_inputs + 1, sizeof(*plan->move));
	if (plan->move && wiring_copy(w, &plan->after) == 0)
		return plan;
	wiring_plan_free(plan);
	return NULL;
}

static int plan_moves(struct planner *p)
{
	const struct wiring *w = p->w;
	int e = -ENOMEM;

	p->part = calloc(w->n_nodes + 1, sizeof(*p->part));
	p->lacks = calloc(w->n_nodes + 1, sizeof(*p->lacks));
	p->place = calloc(w->n_outputs + 1, sizeof(*p->place));
	p->used = calloc(w->n_inputs + 1, sizeof(*p->used));
	if (p->part && p->lacks && p->place && p->used) {
		judge(p);
		plan_outputs(p);
		plan_inputs(p);
		unplug_first(p->plan);
		make_moves(p->plan->after, p->plan);
		e = 0;
	}
	free(p->part);
	free(p->lacks);
	free(p->place);
	free(p->used);
	return e;
}

int wiring_plan(const struct wiring *wiring, const struct wiring_nodes *nodes,
		struct wiring_plan **ret, struct wiring_misfit *ret_misfit)
{
	struct planner p = {.w = wiring, .nodes = nodes};
	bool fits = wiring_fits(wiring, nodes, ret_misfit);

	if (!fits && too_few(wiring, nodes, ret_misfit))
		return -ENOSPC;
	p.plan = plan_new(wiring);
	if (!p.plan)
		return -ENOMEM;
	if (!fits && plan_moves(&p) < 0) {
		wiring_plan_free(p.plan);
		return -ENOMEM;
	}
	*ret = p.plan;
	return 0;
}

/* ---- in words ---- */

const char *wiring_move_text(const struct wiring_move *move, char *ret, size_t size)
{
	static const char *const where[] = {
		[WIRING_FREE] = "free network",
		[WIRING_CLAMPED] = "clamped network",
		[WIRING_BOTH] = "both networks",
	};
	char name[16];

	daq_channel_name(move->channel, name);
	if (move->to < 0)
		snprintf(ret, size, "unplug %s from node %ld, %s", name, move->from,
			 where[move->from_plug]);
	else if (move->from < 0)
		snprintf(ret, size, "plug %s into node %ld, %s", name, move->to,
			 where[move->to_plug]);
	else if (move->from_plug == move->to_plug)
		snprintf(ret, size, "move %s from node %ld to node %ld, %s", name, move->from,
			 move->to, where[move->to_plug]);
	else
		snprintf(ret, size, "move %s from node %ld (%s) to node %ld (%s)", name, move->from,
			 where[move->from_plug], move->to, where[move->to_plug]);
	return ret;
}
