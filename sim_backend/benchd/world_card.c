/* sim_backend/benchd/world_card.c - the card of the world: outputs and what is asserted of them, inputs, lines, the clock. */
#include "config.h"

#include <math.h>

#include "sim_backend/benchd/world_impl.h"
#include "sim_backend/random.h"

#define LSB_V          (20.0 / 65535) /* of the widest range */
#define STAIR_S        2e-3           /* a pause before a write allows no more than this does */
#define AT_SAFE_V      (2 * LSB_V)
#define SLEW_TOLERANCE 1.01

/* ---- outputs ---- */

static bool drives_nodes(const struct world *w, unsigned ao)
{
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++)
		for (size_t i = 0; i < w->network->n_nodes; i++)
			if (w->wire[side][i].drive.kind == DAQ_AO &&
			    w->wire[side][i].drive.number == ao)
				return true;
	return false;
}

static bool is_bias(const struct world *w, unsigned ao)
{
	return w->config->daq.bias.kind == DAQ_AO && w->config->daq.bias.number == ao;
}

bool world_is_live(const struct world *w)
{
	for (unsigned ao = 0; ao < WORLD_AO; ao++)
		if (fabs(w->output_V[ao] - w->config->safe_V) > AT_SAFE_V && !is_bias(w, ao) &&
		    drives_nodes(w, ao))
			return true;
	return false;
}

static bool is_unready(const struct world *w, size_t board)
{
	const struct board *b = &w->board[board];

	return !b->heard || b->tripped || world_board_has(w, FAULT_SILENCE, board) ||
	       world_board_has(w, FAULT_HANG, board) || world_board_has(w, FAULT_UNPOWERED, board);
}

static bool any_unready(const struct world *w)
{
	for (size_t i = 0; i < w->n_boards; i++)
		if (is_unready(w, i))
			return true;
	return false;
}

static bool is_beyond(const struct world *w, unsigned ao, double volts)
{
	const struct rig_limits *limits = &w->config->limits;
	double least_V = limits->min_V, most_V = limits->max_V;

	if (is_bias(w, ao)) {
		least_V = fmin(least_V, fmin(w->config->bias_always_V, w->config->bias_never_V));
		most_V = fmax(most_V, fmax(w->config->bias_always_V, w->config->bias_never_V));
	}
	return volts < least_V - LSB_V || volts > most_V + LSB_V;
}

static void count_write(struct world *w, unsigned ao, double volts, int64_t now_ns)
{
	struct world_counts *counts = &w->counts;
	double passed_s = fmin(1e-9 * (double)(now_ns - w->output_ns[ao]), STAIR_S);
	double allowed_V = w->config->limits.slew_V_per_s * passed_s * SLEW_TOLERANCE + LSB_V;

	counts->writes++;
	counts->beyond_limits += is_beyond(w, ao, volts);
	counts->too_steep += fabs(volts - w->output_V[ao]) > allowed_V;
	counts->least_V = fmin(counts->least_V, volts);
	counts->most_V = fmax(counts->most_V, volts);
	if (fabs(volts - w->config->safe_V) > AT_SAFE_V && !is_bias(w, ao) && drives_nodes(w, ao) &&
	    !world_is_live(w))
		counts->live_unready += any_unready(w);
}

void world_set_bias(struct world *w)
{
	const struct rig_config *config = w->config;
	double bias_V, p;

	if (config->daq.bias.kind != DAQ_AO)
		return;
	bias_V = world_real_output(w, config->daq.bias.number);
	p = (config->bias_never_V - bias_V) / (config->bias_never_V - config->bias_always_V);
	edges_set_update(w->edges, fmin(fmax(p, 0), 1), bias_V);
}

void world_set_output(struct world *w, unsigned ao, double volts, int64_t now_ns)
{
	if (ao >= WORLD_AO)
		return;
	world_advance(w, now_ns);
	count_write(w, ao, volts, now_ns);
	w->output_ns[ao] = now_ns;
	if (volts == w->output_V[ao])
		return;
	world_flow(w, now_ns);
	w->output_V[ao] = volts;
	if (is_bias(w, ao))
		world_set_bias(w);
	world_revolted(w);
	settling_changed(w->settling, now_ns);
}

double world_output(const struct world *w, unsigned ao)
{
	return ao < WORLD_AO ? w->output_V[ao] : NAN;
}

double world_real_output(const struct world *w, unsigned ao)
{
	const struct fault_on *stuck = world_has(w, FAULT_STUCK_OUTPUT, ao);

	if (stuck)
		return stuck->kept_V;
	if (w->n_faults == 0)
		return w->output_V[ao];
	return world_fault_value(w, FAULT_AO_GAIN, ao, 1) * w->output_V[ao] +
	       world_fault_value(w, FAULT_AO_OFFSET, ao, 0);
}

/* ---- inputs ---- */

void world_find_inputs(struct world *w)
{
	for (size_t i = 0; i < WORLD_AI; i++)
		w->input[i].side = -1;
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++)
		for (size_t i = 0; i < w->network->n_nodes; i++) {
			struct daq_channel ai = w->wire[side][i].measure;

			if (ai.kind != DAQ_AI || ai.number >= WORLD_AI)
				continue;
			w->input[ai.number].side = side;
			w->input[ai.number].node = (uint32_t)i;
		}
}

/* An input that nothing is connected to, or a node that floats, reads 0 V. */
static double volts_at(struct world *w, unsigned ai, int64_t now_ns)
{
	int side = w->input[ai].side;
	const double *node_V;

	if (w->input[ai].loop >= 0)
		return world_real_output(w, (unsigned)w->input[ai].loop);
	if (side < 0)
		return 0;
	node_V = world_V(w, side, now_ns);
	if (w->settling_s > 0)
		node_V = settling_read(w->settling, side, now_ns, node_V);
	return isnan(node_V[w->input[ai].node]) ? 0 : node_V[w->input[ai].node];
}

/* A multiplexer's capacitance brings some of the channel before along. */
static double multiplexed(struct world *w, unsigned ai, double volts)
{
	double left = world_fault_value(w, FAULT_MULTIPLEXER, -1, 0);

	if (left > 0 && w->before >= 0 && w->before != (long)ai)
		volts += left * (w->before_V - volts);
	w->before = ai;
	w->before_V = volts;
	return volts;
}

double world_read_input(struct world *w, unsigned ai, int64_t now_ns)
{
	double noise_V = w->config->sim.measure_noise_V, volts;

	world_advance(w, now_ns);
	if (ai >= WORLD_AI || world_has(w, FAULT_NAN, ai))
		return NAN;
	volts = volts_at(w, ai, now_ns);
	if (w->n_faults) {
		volts = multiplexed(w, ai, volts);
		volts = world_fault_value(w, FAULT_AI_GAIN, ai, 1) * volts +
			world_fault_value(w, FAULT_AI_OFFSET, ai, 0);
		noise_V = hypot(noise_V, world_fault_value(w, FAULT_NOISE, ai, 0));
	}
	if (noise_V > 0)
		volts += noise_V * random_normal(w->seed, RANDOM_MEASURE_FREE, w->draws++, ai);
	return volts;
}

/* ---- lines ---- */

static bool is_relay(const struct world *w, unsigned line)
{
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++)
		for (size_t i = 0; i < w->network->n_nodes; i++)
			if (w->wire[side][i].relay.kind != DAQ_NONE &&
			    w->wire[side][i].relay.number == line)
				return true;
	return false;
}

void world_set_line(struct world *w, unsigned line, bool high, int64_t now_ns)
{
	const struct daq_clock *clock = &w->config->daq.clock;

	if (line >= WORLD_DIO || w->line[line] == high)
		return;
	world_advance(w, now_ns);
	world_flow(w, now_ns);
	w->line[line] = high;
	if (is_relay(w, line)) {
		world_rewired(w);
		settling_changed(w->settling, now_ns);
	}
	if (clock->line.kind == DAQ_NONE || clock->line.number != line)
		return;
	w->counts.line_changes++;
	if (high == clock->active_falling)
		return;
	w->counts.clock_edges++;
	world_tick(w, now_ns);
	settling_changed(w->settling, now_ns);
}

bool world_line(const struct world *w, unsigned line)
{
	return line < WORLD_DIO && w->line[line];
}

bool world_card_present(const struct world *w, int64_t now_ns)
{
	const struct fault_on *fault = world_has(w, FAULT_UNPLUGGED, -1);

	return !fault || (fault->fault.for_s > 0 &&
			  1e-9 * (double)(now_ns - fault->from_ns) >= fault->fault.for_s);
}
