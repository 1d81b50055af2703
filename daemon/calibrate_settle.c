/* daemon/calibrate_settle.c - is settle_s long enough?  Each input 1, 2 and 5 times settle_s after a step, in two orders.
 *
 * A multiplexed input on a node of 10 to 50 kohm remembers the channel before it: readings that depend on the order or
 * on the wait by more than discrepancy_V are named.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"

#define N_WAITS  3
#define N_ORDERS 2
#define REST     10.0 /* times the longest wait, at safe volts between two steps */

static const double waits[N_WAITS] = {1, 2, 5};

enum phase { BEGIN, REST_SAFE, STEP_UP, READ };

struct input {
	enum rig_side side;
	uint32_t node;
	struct daq_channel channel; /* of a card; else kind DAQ_NONE */
};

struct work {
	struct input *input; /* [n] */
	size_t n;
	double settle_s, high_V;
	double *volts; /* [N_WAITS * N_ORDERS][n] in the inputs' own order */
	double *read_V;
	struct daq_channel *channels;
	enum phase phase;
	bool card;
};

static int check(const struct rig_info *info, const json_t *params, struct problem *p)
{
	(void)info;
	(void)params;
	(void)p;
	return 0;
}

static int list_inputs(struct runner *r, struct calibrate *c, struct work *w)
{
	struct rig_wiring wiring;

	w->card = rig_wired(r->rig, &wiring) == 0;
	w->input = calloc(2 * c->nodes.n_measured + 1, sizeof(*w->input));
	if (!w->input)
		return -ENOMEM;
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++)
		for (size_t i = 0; i < c->nodes.n_measured; i++) {
			uint32_t node = c->nodes.measured[i];

			w->input[w->n++] = (struct input){
				.side = (enum rig_side)side,
				.node = node,
				.channel = w->card ? wiring.wire[side][node].measure
						   : (struct daq_channel){0},
			};
		}
	return 0;
}

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	const struct rig_limits *limits = &r->info->limits;
	struct work *w = calloc(1, sizeof(*w));
	int e;

	c->work = w;
	c->total = N_WAITS * N_ORDERS;
	e = w ? calibrate_nodes_wired(r, c) : -ENOMEM;
	if (e == 0)
		e = list_inputs(r, c, w);
	if (e < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (w->n == 0 || c->nodes.n_sources == 0)
		return problem_set(p, PROBLEM_STATE, "", "no source or no input is wired");
	w->settle_s = calibrate_real(c, "settle_s", calibrate_settle_s(r));
	w->high_V = calibrate_real(c, "step_V", (limits->min_V + limits->max_V) / 2);
	w->volts = calloc(c->total * w->n, sizeof(double));
	w->read_V = calloc(w->n, sizeof(double));
	w->channels = calloc(w->n, sizeof(*w->channels));
	if (!w->volts || !w->read_V || !w->channels)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	return 0;
}

/* ---- the measurement ---- */

/* Which input is the i-th to be read. */
static size_t in_order(const struct calibrate *c, const struct work *w, size_t i)
{
	return c->done % N_ORDERS ? w->n - 1 - i : i;
}

static double wait_s(const struct calibrate *c, const struct work *w)
{
	return waits[c->done / N_ORDERS] * w->settle_s;
}

static int read_card(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	for (size_t i = 0; i < w->n; i++)
		w->channels[i] = w->input[in_order(c, w, i)].channel;
	return rig_channels_read(r->rig, w->channels, w->n, wait_s(c, w), w->read_V);
}

static int read_nodes(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = 0;

	for (size_t i = 0; e == 0 && i < w->n; i++) {
		const struct input *input = &w->input[in_order(c, w, i)];

		e = rig_measure(r->rig, input->side, &input->node, 1, &w->read_V[i]);
	}
	return e;
}

static int read_inputs(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	return w->card ? read_card(r, c) : read_nodes(r, c);
}

static int rest(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = calibrate_drive_safe(r, c);

	w->phase = STEP_UP;
	calibrate_wait(r, c, REST * waits[N_WAITS - 1] * w->settle_s);
	return e;
}

/* Read before, too, so that an input that remembers has the low volts to remember. */
static int step_up(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = rig_mark_step(r->rig, c->ticks++);

	if (e == 0)
		e = read_inputs(r, c);

	for (size_t i = 0; i < c->nodes.n_sources; i++)
		c->nodes.volts[i] = w->high_V;
	if (e == 0)
		e = calibrate_drive(r, c, c->nodes.volts);
	w->phase = READ;
	/* a card waits by itself, inside its own list of instructions */
	calibrate_wait(r, c, w->card ? 0 : wait_s(c, w));
	return e;
}

static int read_all(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = read_inputs(r, c);

	if (e < 0)
		return e;
	for (size_t i = 0; i < w->n; i++)
		w->volts[c->done * w->n + in_order(c, w, i)] = w->read_V[i];
	w->phase = REST_SAFE;
	calibrate_progress(r, c);
	return c->done == c->total;
}

static int step(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	switch (w->phase) {
	case BEGIN:
		w->phase = REST_SAFE;
		return calibrate_nodes_begin(r, c);
	case REST_SAFE:
		return rest(r, c);
	case STEP_UP:
		return step_up(r, c);
	case READ:
		break;
	}
	return read_all(r, c);
}

/* ---- the result ---- */

static json_t *row_of(struct runner *r, struct calibrate *c, size_t i)
{
	static const char *const sides[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};
	const struct work *w = c->work;
	const struct input *input = &w->input[i];
	double least = INFINITY, most = -INFINITY, limit_V = r->info->limits.discrepancy_V;
	json_t *forwards = json_array(), *backwards = json_array(), *row;
	char name[16];
	const char *channel = daq_channel_name(input->channel, name);

	for (size_t k = 0; k < c->total; k++) {
		double volts = w->volts[k * w->n + i];

		least = fmin(least, volts);
		most = fmax(most, volts);
		json_array_append_new(k % N_ORDERS ? backwards : forwards,
				      isfinite(volts) ? json_real(volts) : json_null());
	}
	row = json_pack("{s:I, s:s, s:s, s:o, s:o, s:f, s:b}", "node", (json_int_t)input->node,
			"side", sides[input->side], "channel", channel, "forwards_V", forwards,
			"backwards_V", backwards, "spread_V", most >= least ? most - least : 0,
			"settled", !(most - least > limit_V));
	if (most - least > limit_V)
		calibrate_warn(c,
			       "node %u of the %s network (%s): readings differ by %g V between "
			       "waits or orders, more than discrepancy_V (%g V)",
			       input->node, sides[input->side], channel, most - least, limit_V);
	return row;
}

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	const struct work *w = c->work;
	json_t *rows = json_array(), *all = json_array();

	for (size_t i = 0; i < N_WAITS; i++)
		json_array_append_new(all, json_real(waits[i] * w->settle_s));
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(rows, row_of(r, c, i));
	json_object_set_new(values, "settle_s", all);
	json_object_set_new(values, "channels", rows);
}

static void end(struct calibrate *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	free(w->input);
	free(w->volts);
	free(w->read_V);
	free(w->channels);
	free(w);
}

const struct calibrate_kind calibrate_settle = {"settle", check, begin, step, result, end};
