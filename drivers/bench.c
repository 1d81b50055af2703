/* drivers/bench.c - a bench's life and sessions: a card and edge boards, joined into a rig. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/bench_impl.h"

#define CONVERSION_S 1e-5 /* of one sample: 100,000 a second, as cards of this kind make */

/* ---- open and close ---- */

static void end_session(struct bench_session *s)
{
	bench_circuits_free(&s->circuits);
	free(s->sources);
	free(s->targets);
	free(s->held);
	free(s->switched);
	free(s->updated);
	free(s->raised);
	free(s->compared);
	free(s->against);
	free(s->told);
	*s = (struct bench_session){0};
}

/* Writes nothing: what outputs hold, they hold. */
static void bench_close(void *self)
{
	struct bench *b = self;

	daq_close(b->card);
	boards_close(b->boards);
	end_session(&b->session);
	for (int side = 0; side < 2; side++) {
		free(b->wire[side]);
		free(b->node[side]);
		free(b->input_node[side]);
		free(b->input[side]);
		free(b->seen_V[side]);
	}
	void *const owned[] = {b->devices, b->output,   b->wanted_V, b->before_V,  b->from_V,
			       b->back_V,  b->volts,    b->channels, b->reading_V, b->levels,
			       b->g,       b->solved_V, b->driven_V, b->taps,      b->lower,
			       b->updated, b->raised,   b->mode,     b->cut,       b->noise_V,
			       b->method};

	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		free(owned[i]);
	rig_config_free(b->config);
	free(b);
}

/* One more than asked for, so that none is NULL for a size of 0.  *ok turns false when memory is out. */
static void *get(size_t n, size_t size, bool *ok)
{
	void *p = calloc(n + 1, size);

	*ok &= p != NULL;
	return p;
}

static int allocate(struct bench *b)
{
	size_t n = bench_n_nodes(b), n_edges = bench_n_edges(b), n_outputs = 2 * n + 1;
	bool ok = true;

	for (int side = 0; side < 2; side++) {
		b->wire[side] = get(n, sizeof(struct daq_wire), &ok);
		b->node[side] = get(n, sizeof(struct bench_node), &ok);
		b->input_node[side] = get(n, sizeof(uint32_t), &ok);
		b->input[side] = get(n, sizeof(struct daq_channel), &ok);
		b->seen_V[side] = get(n, sizeof(double), &ok);
	}
	b->output = get(n_outputs, sizeof(*b->output), &ok);
	b->wanted_V = get(n_outputs, sizeof(double), &ok);
	b->before_V = get(n_outputs, sizeof(double), &ok);
	b->from_V = get(n_outputs, sizeof(double), &ok);
	b->back_V = get(n_outputs, sizeof(double), &ok);
	b->volts = get(n_outputs, sizeof(*b->volts), &ok);
	b->channels = get(n_outputs, sizeof(*b->channels), &ok);
	b->reading_V = get(n, sizeof(double), &ok);
	b->levels = get(2 * n, sizeof(*b->levels), &ok);
	b->g = get(n_edges, sizeof(double), &ok);
	b->solved_V = get(2 * n, sizeof(double), &ok);
	b->driven_V = get(n, sizeof(double), &ok);
	b->taps = get(n_edges, 1, &ok);
	b->lower = get(n_edges, 1, &ok);
	b->updated = get(n_edges / 8 + 1, 1, &ok);
	b->raised = get(n_edges / 8 + 1, 1, &ok);
	b->mode = get(n_edges, 1, &ok);
	b->cut = get(n_edges, 1, &ok);
	b->noise_V = get(n_edges, sizeof(double), &ok);
	b->method = get(BENCH_METHOD_SIZE, 1, &ok);
	return ok ? 0 : -ENOMEM;
}

static void fill_in(struct bench *b)
{
	const struct rig_config *config = b->config;

	for (int side = 0; side < 2; side++)
		memcpy(b->wire[side], config->daq.wire[side],
		       bench_n_nodes(b) * sizeof(struct daq_wire));
	for (size_t j = 0; j < bench_n_edges(b); j++)
		b->noise_V[j] = config->boards.noise_V;
	b->capacitor = -1;
	b->bias_V = NAN;
	b->written_ns = b->changed_ns = b->fed_ns = bench_now_ns(b);
	b->device.row.state = RIG_DEVICE_UP; /* until it is not there */
	b->device.row.since_ns = b->written_ns;
	snprintf(b->device.row.name, sizeof(b->device.row.name), "card %.58s", config->daq.device);
}

static int open_devices(struct bench *b, struct rig_error *err)
{
	const struct rig_config *config = b->config;
	bool ok = true;
	int r = boards_open(&config->boards, bench_n_edges(b), config->edge.taps, &b->boards, err);

	if (r < 0)
		return r;
	b->devices = get(boards_count(b->boards) + 1, sizeof(*b->devices), &ok);
	if (!ok)
		return rig_fail(err, -ENOMEM, "out of memory for a bench");
	return bench_card_open(b, err);
}

/* ---- what it is ---- */

static bool holds_targets(const struct bench *b)
{
	for (size_t i = 0; i < bench_n_nodes(b); i++) {
		const struct daq_wire *wire = &b->wire[RIG_CLAMPED][i];

		if (wire->drive.kind && !wire->relay.kind)
			return true;
	}
	return false;
}

/* Nothing that a step waits for is shorter: both networks settle and are converted, then comes the pulse.  How long boards and
 * relays take is left out: a step that does not leave them the time is late, and its row says so. */
static double min_step_s(const struct bench *b)
{
	const struct daq_config *daq = &b->config->daq;
	double samples =
		(double)((b->n_inputs[0] + b->n_inputs[1]) * (daq->average + daq->discard));

	return 2 * daq->settle_s + samples * CONVERSION_S + daq->clock.pulse_s + daq->clock.done_s;
}

static void describe(const struct bench *b, struct rig_info *ret)
{
	const struct rig_config *config = b->config;

	*ret = (struct rig_info){
		.name = config->name,
		.backend = bench_rig_ops.backend,
		.n_nodes = bench_n_nodes(b),
		.n_edges = bench_n_edges(b),
		.network = config->network,
		.edge = config->edge,
		.limits = config->limits,
		.capacitance_F = config->capacitance_F,
		.n_capacitance = config->n_capacitance,
		.r0_ohm = config->r0_ohm,
		.min_step_s = min_step_s(b),
		.real_time = true,
		.alpha_per_s = NAN,
		.targets_held = holds_targets(b),
		.interlocks = true,
		.pause_on_fault = config->pause_on_fault,
		.bias = b->bias >= 0,
		.bias_always_V = config->bias_always_V,
		.bias_never_V = config->bias_never_V,
		.bias_point = config->bias,
		.n_bias = config->n_bias,
		.patch = config->daq.patch,
	};
}

static int build(struct bench *b, const struct rig_config *config, struct rig_error *err)
{
	int r = rig_config_copy(config, &b->config);

	if (r == 0)
		r = allocate(b);
	if (r < 0)
		return rig_fail(err, r, "out of memory for a bench");
	fill_in(b);
	bench_index(b);
	return open_devices(b, err);
}

static int bench_open(const struct rig_config *config, int wake_fd, void **ret,
		      struct rig_info *ret_info, struct rig_error *err)
{
	struct bench *b;
	int r;

	if (!config->daq.wire[RIG_FREE] || !config->daq.wire[RIG_CLAMPED])
		return rig_fail(err, -EINVAL, "the rig file wires no node to the card (daq)");
	b = calloc(1, sizeof(*b));
	if (!b)
		return rig_fail(err, -ENOMEM, "out of memory for a bench");
	b->wake_fd = wake_fd;
	r = build(b, config, err);
	if (r < 0) {
		bench_close(b);
		return r;
	}
	describe(b, ret_info);
	*ret = b;
	return 0;
}

/* ---- sessions ---- */

static void copy_nodes(uint32_t *ret, const uint32_t *nodes, size_t n)
{
	if (n)
		memcpy(ret, nodes, n * sizeof(*ret));
}

/* The targets that a relay lets go, and what is held for good. */
static void sort_targets(const struct bench *b, struct bench_session *s)
{
	copy_nodes(s->held, s->sources, s->n_sources);
	s->n_held = s->n_sources;
	for (size_t i = 0; i < s->n_targets; i++)
		if (bench_has_relay(b, RIG_CLAMPED, s->targets[i]))
			s->switched[s->n_switched++] = s->targets[i];
		else
			s->held[s->n_held++] = s->targets[i];
}

static int new_session(struct bench *b, const struct rig_session *session,
		       struct bench_session *ret, struct rig_error *err)
{
	size_t n = bench_n_edges(b), n_sources = session->n_sources, n_targets = session->n_targets;
	bool ok = true;
	int r;

	*ret = (struct bench_session){
		.n_sources = n_sources,
		.n_targets = n_targets,
		.sources = get(n_sources, sizeof(uint32_t), &ok),
		.targets = get(n_targets, sizeof(uint32_t), &ok),
		.held = get(n_sources + n_targets, sizeof(uint32_t), &ok),
		.switched = get(n_targets, sizeof(uint32_t), &ok),
		.updated = get(n, sizeof(uint64_t), &ok),
		.raised = get(n, sizeof(uint64_t), &ok),
		.compared = get(n, sizeof(uint64_t), &ok),
		.against = get(n, sizeof(uint64_t), &ok),
		.told = get(n, 1, &ok),
	};
	if (!ok) {
		end_session(ret);
		return rig_fail(err, -ENOMEM, "out of memory for a session");
	}
	copy_nodes(ret->sources, session->sources, n_sources);
	copy_nodes(ret->targets, session->targets, n_targets);
	sort_targets(b, ret);
	r = bench_circuits_new(b, ret, &ret->circuits, err);
	if (r < 0)
		end_session(ret);
	return r;
}

static void start_anew(struct bench *b, const struct rig_session *session)
{
	b->session.begun = b->armed = true;
	b->live = false; /* the first drive asks the boards */
	b->in_step = false;
	b->flags = 0;
	b->since_read = 0;
	b->seen[RIG_FREE] = b->seen[RIG_CLAMPED] = false;
	b->step_s = session->step_s;
	b->slope_s = 0;
	b->slopes = 0;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < bench_n_nodes(b); i++)
			b->node[side][i].streak = 0;
}

/* Relays move at safe volts; then the boards are asked for their taps. */
static int bench_begin(void *self, const struct rig_session *session, struct rig_error *err)
{
	struct bench *b = self;
	struct bench_session s;
	int r = bench_check_wiring(b, session, err);

	if (r == 0)
		r = new_session(b, session, &s, err);
	if (r < 0)
		return r;
	bench_end_directions(b);
	end_session(&b->session);
	b->session = s;
	start_anew(b, session);
	r = bench_card_need(b, err);
	if (r == 0)
		r = bench_to_safe_volts(b, BENCH_INTERRUPTIBLE, err);
	if (r == 0)
		r = bench_set_relays(b, err);
	if (r == 0)
		r = bench_refresh(b, err);
	if (r == 0)
		r = boards_reset_counts(b->boards, err);
	return r;
}

static size_t bench_floating(const void *self, const uint32_t **nodes)
{
	const struct bench *b = self;

	return circuit_floating(b->session.circuits.of[RIG_FREE], nodes);
}

static int bench_set_step_time(void *self, double step_s, struct rig_error *err)
{
	struct bench *b = self;

	(void)err;
	b->step_s = step_s;
	return 0;
}

const struct rig_ops bench_rig_ops = {
	.backend = "bench",
	.open = bench_open,
	.close = bench_close,
	.begin = bench_begin,
	.floating = bench_floating,
	.now_ns = bench_now_ns,
	.wait_until = bench_wait_until,
	.mark_step = bench_mark_step,
	.drive = bench_drive,
	.clamp = bench_clamp,
	.measure = bench_measure,
	.tick = bench_tick,
	.read_edges = bench_read_edges,
	.write_edges = bench_write_edges,
	.home = bench_home,
	.set_edge_mode = bench_set_edge_mode,
	.set_update = bench_set_update,
	.set_capacitance = bench_set_capacitance,
	.method = bench_method,
	.updates = bench_updates,
	.make_safe = bench_make_safe,
	.idle = bench_idle,
	.step_flags = bench_step_flags,
	.stamps = bench_stamps,
	.directions = bench_directions,
	.devices = bench_devices,
	.take_note = bench_take_note,
	.bias = bench_bias,
	.set_step_time = bench_set_step_time,
	.wire = bench_wire,
	.wired = bench_wired,
	.channel_write = bench_channel_write,
	.channels_read = bench_channels_read,
	.set_gains = bench_set_gains,
	.set_noise = bench_set_noise,
};
