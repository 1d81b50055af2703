/* sim_backend/benchd/world.c - the bench that is not there: what it is made of, and an operator's hands. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/benchd/world_impl.h"

#define SERIALS 1000 /* serial numbers are this plus the address */

int world_fail(struct world_error *err, int r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	return r;
}

/* ---- life ---- */

static int check(const struct rig_config *config, struct world_error *err)
{
	const struct boards_config *boards = &config->boards;

	if (config->sim.rule != SIM_DISCRETE)
		return world_fail(err, -EINVAL,
				  "%s: the bench's edges have taps: sim.rule must be discrete",
				  config->name);
	if (config->edge.taps > BOARD_WORD_TAP + 1)
		return world_fail(err, -EINVAL,
				  "%s: edge.taps is %d, but a board's registers hold 2 to %d",
				  config->name, config->edge.taps, BOARD_WORD_TAP + 1);
	if (boards->n_boards == 0 || boards->edges_per_board == 0 ||
	    boards->n_boards * boards->edges_per_board < config->network->n_edges)
		return world_fail(err, -EINVAL,
				  "%s: %zu boards of %u edges cannot carry %zu edges: set "
				  "boards.addresses and edges_per_board",
				  config->name, boards->n_boards, boards->edges_per_board,
				  config->network->n_edges);
	return 0;
}

static bool allocate(struct world *w)
{
	size_t n = w->network->n_edges;

	w->board = calloc(w->n_boards, sizeof(*w->board));
	w->mode = calloc(n, 1);
	w->last = calloc(n, 1);
	w->asked = calloc(n, 1);
	w->wiper = calloc(n, 1);
	w->raise = calloc(n, 1);
	w->cut = calloc(n, 1);
	w->updated = calloc(n, sizeof(*w->updated));
	w->raised = calloc(n, sizeof(*w->raised));
	w->stuck = calloc(n, sizeof(*w->stuck));
	w->n_play_most = w->config->sim.n_faults + 3 * n + WORLD_FAULTS;
	w->play = calloc(w->n_play_most, sizeof(*w->play));
	w->list = calloc(w->n_play_most, sizeof(*w->list));
	return w->board && w->mode && w->last && w->asked && w->wiper && w->raise && w->cut &&
	       w->updated && w->raised && w->stuck && w->play && w->list;
}

/* With room for the defects of faults that come later. */
static int make_edges(struct world *w)
{
	struct rig_config roomy = *w->config;

	roomy.sim.n_faults += WORLD_FAULTS;
	return edges_new(&roomy, &w->edges);
}

static void power_on(struct world *w, int64_t now_ns)
{
	const struct boards_config *config = &w->config->boards;
	size_t per_board = config->edges_per_board, n_edges = w->network->n_edges;

	for (size_t i = 0; i < w->n_boards; i++) {
		struct board *board = &w->board[i];

		board->address = config->address[i];
		board->serial = SERIALS + board->address;
		board->first_edge = i * per_board < n_edges ? i * per_board : n_edges;
		board->n_edges = n_edges - board->first_edge;
		if (board->n_edges > per_board)
			board->n_edges = per_board;
		world_power_cycle(w, i, now_ns);
	}
}

int world_new(const struct rig_config *config, uint64_t seed, int64_t now_ns, struct world **ret,
	      struct world_error *err)
{
	struct world *w;
	int r = check(config, err);

	if (r < 0)
		return r;
	w = calloc(1, sizeof(*w));
	r = w ? rig_config_copy(config, &w->config) : -ENOMEM;
	if (r == 0) {
		w->network = w->config->network;
		w->wire[RIG_FREE] = w->config->daq.wire[RIG_FREE];
		w->wire[RIG_CLAMPED] = w->config->daq.wire[RIG_CLAMPED];
		w->n_boards = config->boards.n_boards;
		w->seed = seed;
		w->begun_ns = now_ns;
		w->before = -1;
		r = allocate(w) ? make_edges(w) : -ENOMEM;
	}
	if (r == 0)
		r = faults_new(&w->config->sim, &w->planned);
	if (r == 0)
		r = settling_new(w->network->n_nodes, &w->settling);
	if (r == 0)
		r = world_volts_new(w);
	if (r < 0) {
		world_free(w);
		return world_fail(err, r, "%s: out of memory", config->name);
	}
	for (size_t i = 0; i < WORLD_AI; i++)
		w->input[i].loop = -1;
	for (size_t j = 0; j < w->network->n_edges; j++)
		w->stuck[j] = -1;
	world_find_inputs(w);
	faults_begin(w->planned);
	faults_step(w->planned, 0);
	world_faults_refresh(w);
	power_on(w, now_ns);
	*ret = w;
	return 0;
}

void world_free(struct world *w)
{
	if (!w)
		return;
	world_volts_free(w);
	settling_free(w->settling);
	faults_free(w->planned);
	edges_free(w->edges);
	free(w->board);
	free(w->mode);
	free(w->last);
	free(w->asked);
	free(w->wiper);
	free(w->raise);
	free(w->cut);
	free(w->updated);
	free(w->raised);
	free(w->stuck);
	free(w->play);
	free(w->list);
	rig_config_free(w->config);
	free(w);
}

void world_advance(struct world *w, int64_t now_ns)
{
	world_faults_end_by_time(w, now_ns);
	world_watch(w, now_ns);
}

int64_t world_due_ns(const struct world *w)
{
	return world_faults_due(w);
}

/* ---- what it counted, and what it is ---- */

void world_counts(const struct world *w, struct world_counts *ret)
{
	*ret = w->counts;
}

void world_clear_counts(struct world *w)
{
	w->counts = (struct world_counts){.least_V = INFINITY, .most_V = -INFINITY};
	for (unsigned ao = 0; ao < WORLD_AO; ao++) {
		w->counts.least_V = fmin(w->counts.least_V, w->output_V[ao]);
		w->counts.most_V = fmax(w->counts.most_V, w->output_V[ao]);
	}
}

size_t world_edges(const struct world *w)
{
	return w->network->n_edges;
}

const struct rig_config *world_config(const struct world *w)
{
	return w->config;
}

uint64_t world_ticks(const struct world *w)
{
	return w->ticks;
}

double world_farad(const struct world *w)
{
	return w->farad;
}

void world_taps(const struct world *w, uint8_t *ret_wiper)
{
	const uint8_t *counted = edges_wiper(w->edges);

	for (size_t j = 0; j < w->network->n_edges; j++)
		ret_wiper[j] = w->stuck[j] >= 0 ? (uint8_t)w->stuck[j] : counted[j];
}

void world_edge(const struct world *w, size_t edge, struct world_edge *ret)
{
	*ret = (struct world_edge){.tap = edges_wiper(w->edges)[edge],
				   .mode = w->mode[edge],
				   .last = w->last[edge],
				   .updated = w->updated[edge],
				   .raised = w->raised[edge]};
}

/* ---- an operator's hands ---- */

static int check_plug(const struct world *w, struct daq_channel channel, long node,
		      struct world_error *err)
{
	char name[16];

	daq_channel_name(channel, name);
	if (channel.kind != DAQ_AO && channel.kind != DAQ_AI)
		return world_fail(err, -EINVAL, "%s: only ao and ai channels are plugged", name);
	if (channel.number >= (channel.kind == DAQ_AO ? WORLD_AO : WORLD_AI))
		return world_fail(err, -EINVAL, "%s: this card has ao0 to ao%d and ai0 to ai%d",
				  name, WORLD_AO - 1, WORLD_AI - 1);
	if (node >= (long)w->network->n_nodes)
		return world_fail(err, -EINVAL, "node %ld: the nodes are 0 to %zu", node,
				  w->network->n_nodes - 1);
	return 0;
}

static bool same(struct daq_channel a, struct daq_channel b)
{
	return a.kind == b.kind && a.number == b.number;
}

/* Out of where it is, with its relay; into the node, whose own plug comes out. */
static void plug_drive(struct daq_wire *wire, size_t n, struct daq_channel channel, long node)
{
	struct daq_channel relay = {.kind = DAQ_NONE}, none = {.kind = DAQ_NONE};

	for (size_t i = 0; i < n; i++)
		if (same(wire[i].drive, channel)) {
			relay = wire[i].relay;
			wire[i].drive = wire[i].relay = none;
		}
	if (node < 0)
		return;
	wire[node].drive = channel;
	wire[node].relay = relay;
}

static void plug_measure(struct daq_wire *wire, size_t n, struct daq_channel channel, long node)
{
	for (size_t i = 0; i < n; i++)
		if (same(wire[i].measure, channel))
			wire[i].measure.kind = DAQ_NONE;
	if (node >= 0)
		wire[node].measure = channel;
}

int world_plug(struct world *w, struct daq_channel channel, int side, long node, int64_t now_ns,
	       struct world_error *err)
{
	int r = check_plug(w, channel, node, err);

	if (r < 0)
		return r;
	world_flow(w, now_ns);
	for (int s = RIG_FREE; s <= RIG_CLAMPED; s++) {
		if (side >= 0 && side != s)
			continue;
		if (channel.kind == DAQ_AO)
			plug_drive(w->wire[s], w->network->n_nodes, channel, node);
		else
			plug_measure(w->wire[s], w->network->n_nodes, channel, node);
	}
	world_find_inputs(w);
	world_rewired(w);
	settling_changed(w->settling, now_ns);
	return 0;
}

int world_loop(struct world *w, unsigned ai, long ao, int64_t now_ns, struct world_error *err)
{
	if (ai >= WORLD_AI || ao >= WORLD_AO)
		return world_fail(err, -EINVAL,
				  "ai%u to ao%ld: this card has ao0 to ao%d and ai0 to ai%d", ai,
				  ao, WORLD_AO - 1, WORLD_AI - 1);
	w->input[ai].loop = ao;
	settling_changed(w->settling, now_ns);
	return 0;
}
