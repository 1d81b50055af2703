/* sim_backend/benchd/world_faults.c - what is wrong with the world: faults that are on, begin and end. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "sim_backend/benchd/world_impl.h"

#define VALUE_MOST 1e9 /* of seconds, too: times in ns must hold them */

/* What a fault must name.  BOARDS: a board, or none for all. */
enum {
	BOARD = 1,
	BOARDS = 2,
	OTHER = 4,
	EDGE = 8,
	NODE = 16,
	AO = 32,
	AI = 64,
	VALUE = 128,
	NOT_NEGATIVE = 256,
	AT_ONCE = 512, /* does not stay on */
};

static const struct {
	const char *name;
	unsigned needs;
} kinds[FAULT_KINDS] = {
	[FAULT_SILENCE] = {"silence", BOARDS},
	[FAULT_HANG] = {"hang", BOARDS},
	[FAULT_HALF] = {"half", BOARDS},
	[FAULT_LATE] = {"late", BOARDS | VALUE | NOT_NEGATIVE},
	[FAULT_CRC] = {"wrong_crc", BOARDS},
	[FAULT_ADDRESS] = {"wrong_address", BOARDS},
	[FAULT_REFUSED] = {"refused", BOARDS},
	[FAULT_CONNECTION] = {"refuse_connection", BOARDS},
	[FAULT_POWER_CYCLE] = {"power_cycle", BOARDS | AT_ONCE},
	[FAULT_WATCHDOG] = {"watchdog", BOARDS | AT_ONCE},
	[FAULT_UNPOWERED] = {"unpowered", BOARDS},
	[FAULT_MISSED] = {"missed_tick", BOARDS},
	[FAULT_DOUBLE] = {"double_tick", BOARDS},
	[FAULT_SWAPPED] = {"swapped", BOARD | OTHER},
	[FAULT_STUCK_OUTPUT] = {"stuck_output", AO},
	[FAULT_SAG] = {"sagging_source", NODE | VALUE | NOT_NEGATIVE},
	[FAULT_NOISE] = {"noisy_input", AI | VALUE | NOT_NEGATIVE},
	[FAULT_NAN] = {"nan", AI},
	[FAULT_UNPLUGGED] = {"unplugged", 0},
	[FAULT_STUCK_EDGE] = {"stuck_edge", EDGE},
	[FAULT_DEAF_EDGE] = {"deaf_edge", EDGE},
	[FAULT_AGAINST] = {"against", EDGE},
	[FAULT_SLOW] = {"slow_inputs", VALUE | NOT_NEGATIVE},
	[FAULT_MULTIPLEXER] = {"multiplexer", VALUE | NOT_NEGATIVE},
	[FAULT_AI_GAIN] = {"ai_gain", AI | VALUE},
	[FAULT_AI_OFFSET] = {"ai_offset", AI | VALUE},
	[FAULT_AO_GAIN] = {"ao_gain", AO | VALUE},
	[FAULT_AO_OFFSET] = {"ao_offset", AO | VALUE},
};

static bool is_of_the_wire(enum fault_kind kind)
{
	return kind <= FAULT_CONNECTION;
}

/* ---- asking ---- */

/* What a fault is about, whatever that is. */
static long about(const struct fault_on *fault)
{
	unsigned needs = kinds[fault->kind].needs;

	if (needs & (BOARD | BOARDS))
		return fault->fault.board;
	if (needs & EDGE)
		return fault->fault.edge;
	if (needs & NODE)
		return fault->fault.node;
	return needs & (AO | AI) ? fault->fault.channel : -1;
}

const struct fault_on *world_has(const struct world *w, enum fault_kind kind, long which)
{
	for (size_t i = 0; i < w->n_faults; i++) {
		const struct fault_on *fault = &w->fault[i];

		if (fault->on && fault->kind == kind && (which < 0 || about(fault) == which))
			return fault;
	}
	return NULL;
}

bool world_board_has(const struct world *w, enum fault_kind kind, size_t board)
{
	for (size_t i = 0; i < w->n_faults; i++) {
		const struct fault_on *fault = &w->fault[i];

		if (fault->on && fault->kind == kind &&
		    (fault->fault.board < 0 || fault->fault.board == (long)board))
			return true;
	}
	return false;
}

double world_fault_value(const struct world *w, enum fault_kind kind, long which, double without)
{
	const struct fault_on *fault = w->n_faults ? world_has(w, kind, which) : NULL;

	return fault ? fault->fault.value : without;
}

bool world_fault_at(const struct world *w, size_t i, struct world_fault *ret, bool *ret_on)
{
	if (i >= w->n_faults)
		return false;
	*ret = w->fault[i].fault;
	*ret_on = w->fault[i].on;
	return true;
}

/* ---- what the edges are told ---- */

static void tell(struct world *w, size_t *n, enum sim_fault_kind kind, size_t edge)
{
	size_t i = *n;

	if (i == w->n_play_most)
		return;
	w->play[i] = (struct sim_fault){.kind = kind, .edge = (long)edge, .node = -1, .value = NAN};
	w->list[i] = &w->play[i];
	*n = i + 1;
}

static void tell_board(struct world *w, size_t *n, enum sim_fault_kind kind, size_t board)
{
	for (size_t k = 0; k < w->board[board].n_edges; k++)
		tell(w, n, kind, w->board[board].first_edge + k);
}

/* Without power the potentiometers are open, and nothing moves. */
static void tell_boards(struct world *w, size_t *n)
{
	for (size_t i = 0; i < w->n_boards; i++) {
		bool unpowered = world_board_has(w, FAULT_UNPOWERED, i);

		if (unpowered)
			tell_board(w, n, SIM_EDGE_CUT, i);
		if (unpowered || world_board_has(w, FAULT_MISSED, i))
			tell_board(w, n, SIM_TICK_MISSED, i);
		if (world_board_has(w, FAULT_DOUBLE, i))
			tell_board(w, n, SIM_TICK_DOUBLE, i);
	}
}

static void tell_edges(struct world *w, size_t *n)
{
	for (size_t i = 0; i < w->n_faults; i++) {
		const struct fault_on *fault = &w->fault[i];

		if (fault->on && fault->kind == FAULT_STUCK_EDGE)
			tell(w, n, SIM_EDGE_STUCK, (size_t)fault->fault.edge);
		if (fault->on && fault->kind == FAULT_DEAF_EDGE)
			tell(w, n, SIM_EDGE_DEAF, (size_t)fault->fault.edge);
	}
}

/* Where wipers really are that stick. */
static void find_stuck(struct world *w, size_t n)
{
	for (size_t j = 0; j < w->network->n_edges; j++) {
		bool sticks = false;

		for (size_t i = 0; i < n; i++)
			sticks |= w->list[i]->kind == SIM_EDGE_STUCK && w->list[i]->edge == (long)j;
		if (!sticks)
			w->stuck[j] = -1;
		else if (w->stuck[j] < 0)
			w->stuck[j] = edges_wiper(w->edges)[j];
	}
}

static double slowness(const struct world *w)
{
	const struct sim_fault *const *on;
	size_t n = faults_on(w->planned, &on);
	double tau_s = 0;

	for (size_t i = 0; i < n; i++)
		if (on[i]->kind == SIM_DAQ_SETTLING)
			tau_s = on[i]->value;
	return world_fault_value(w, FAULT_SLOW, -1, tau_s);
}

void world_faults_refresh(struct world *w)
{
	const struct sim_fault *const *on;
	size_t n = faults_on(w->planned, &on);

	for (size_t i = 0; i < n; i++)
		w->list[i] = on[i];
	tell_boards(w, &n);
	tell_edges(w, &n);
	find_stuck(w, n);
	edges_set_faults(w->edges, w->list, n);
	edges_set_drift(w->edges, faults_drift_V(w->planned, w->ticks));
	w->settling_s = slowness(w);
	settling_set(w->settling, w->settling_s);
	world_moved(w);
	world_rewired(w);
	world_set_bias(w);
}

/* ---- beginning ---- */

static void at_once(struct world *w, const struct world_fault *fault, enum fault_kind kind,
		    int64_t now_ns)
{
	for (size_t i = 0; i < w->n_boards; i++) {
		if (fault->board >= 0 && fault->board != (long)i)
			continue;
		if (kind == FAULT_POWER_CYCLE)
			world_power_cycle(w, i, now_ns);
		else
			world_trip(w, i, now_ns);
	}
}

static void begin(struct world *w, size_t i, int64_t now_ns)
{
	struct fault_on *fault = &w->fault[i];

	if (fault->kind == FAULT_STUCK_OUTPUT)
		fault->kept_V = world_real_output(w, (unsigned)fault->fault.channel);
	world_flow(w, now_ns);
	fault->on = true;
	fault->from_ns = now_ns;
	fault->fault.after_ticks = 0;
	if (!is_of_the_wire(fault->kind))
		world_faults_refresh(w);
}

/* ---- ending ---- */

/* A board whose supply comes back has its wipers at midscale. */
static void power_up(struct world *w, long board, int64_t now_ns)
{
	for (size_t i = 0; i < w->n_boards; i++)
		if ((board < 0 || board == (long)i) && !world_board_has(w, FAULT_UNPOWERED, i))
			world_power_cycle(w, i, now_ns);
}

static void end(struct world *w, size_t i, int64_t now_ns)
{
	struct fault_on ended = w->fault[i];

	world_flow(w, now_ns);
	w->n_faults--;
	memmove(&w->fault[i], &w->fault[i + 1], (w->n_faults - i) * sizeof(*w->fault));
	if (!ended.on || is_of_the_wire(ended.kind))
		return;
	world_faults_refresh(w);
	if (ended.kind == FAULT_UNPOWERED)
		power_up(w, ended.fault.board, now_ns);
}

void world_clear_faults(struct world *w, int64_t now_ns)
{
	while (w->n_faults)
		end(w, w->n_faults - 1, now_ns);
}

static int64_t ends_ns(const struct fault_on *fault)
{
	if (!fault->on || !(fault->fault.for_s > 0))
		return INT64_MAX;
	return fault->from_ns + (int64_t)(fault->fault.for_s * 1e9);
}

int64_t world_faults_due(const struct world *w)
{
	int64_t due_ns = INT64_MAX;

	for (size_t i = 0; i < w->n_faults; i++)
		if (ends_ns(&w->fault[i]) < due_ns)
			due_ns = ends_ns(&w->fault[i]);
	return due_ns;
}

void world_faults_end_by_time(struct world *w, int64_t now_ns)
{
	for (size_t i = w->n_faults; i-- > 0;)
		if (ends_ns(&w->fault[i]) <= now_ns)
			end(w, i, now_ns);
}

/* Uses up one of its count: true when none is left. */
static bool used_up(struct fault_on *fault)
{
	return fault->fault.count && --fault->fault.count == 0;
}

/* After a tick: those that are over, those whose time has come, and those of the rig file. */
void world_faults_ticked(struct world *w, int64_t now_ns)
{
	bool planned = faults_step(w->planned, w->ticks) != 0;

	for (size_t i = w->n_faults; i-- > 0;) {
		struct fault_on *fault = &w->fault[i];

		if (fault->on && !is_of_the_wire(fault->kind)) {
			if (used_up(fault))
				end(w, i, now_ns);
		} else if (!fault->on && --fault->fault.after_ticks == 0) {
			struct fault_on come = *fault;

			if (!(kinds[come.kind].needs & AT_ONCE)) {
				begin(w, i, now_ns);
				continue;
			}
			end(w, i, now_ns);
			at_once(w, &come.fault, come.kind, now_ns);
		}
	}
	if (planned || faults_drift_V(w->planned, w->ticks) != 0)
		world_faults_refresh(w);
}

/* ---- from outside ---- */

static enum fault_kind find_kind(const char *what)
{
	enum fault_kind kind = 0;

	while (kind < FAULT_KINDS && strcmp(kinds[kind].name, what) != 0)
		kind++;
	return kind;
}

static int check_index(const char *what, const char *of, long value, size_t n,
		       struct world_error *err)
{
	if (value >= 0 && value < (long)n)
		return 0;
	return world_fail(err, -EINVAL, "%s: names no %s of 0 to %zu, but %ld", what, of, n - 1,
			  value);
}

static int check(const struct world *w, const struct world_fault *fault, unsigned needs,
		 struct world_error *err)
{
	const struct {
		unsigned need;
		const char *of;
		long value;
		size_t n;
	} indices[] = {
		{BOARD, "board (by index)", fault->board, w->n_boards},
		{OTHER, "other board (by index)", fault->other, w->n_boards},
		{EDGE, "edge", fault->edge, w->network->n_edges},
		{NODE, "node", fault->node, w->network->n_nodes},
		{AO, "output", fault->channel, WORLD_AO},
		{AI, "input", fault->channel, WORLD_AI},
	};

	for (size_t i = 0; i < sizeof(indices) / sizeof(*indices); i++)
		if (needs & indices[i].need) {
			int r = check_index(fault->what, indices[i].of, indices[i].value,
					    indices[i].n, err);
			if (r < 0)
				return r;
		}
	if ((needs & BOARDS) && fault->board >= (long)w->n_boards)
		return check_index(fault->what, "board (by index)", fault->board, w->n_boards, err);
	if ((needs & VALUE) && !isfinite(fault->value))
		return world_fail(err, -EINVAL, "%s: needs a value", fault->what);
	if ((needs & NOT_NEGATIVE) && fault->value < 0)
		return world_fail(err, -EINVAL, "%s: the value %g is below 0", fault->what,
				  fault->value);
	if ((needs & VALUE) && fabs(fault->value) > VALUE_MOST)
		return world_fail(err, -EINVAL, "%s: the value %g is above %g", fault->what,
				  fault->value, VALUE_MOST);
	if (!(fault->for_s >= 0 && fault->for_s <= VALUE_MOST))
		return world_fail(err, -EINVAL, "%s: for_s is %g, not 0 to %g s", fault->what,
				  fault->for_s, VALUE_MOST);
	return 0;
}

int world_fault(struct world *w, const struct world_fault *fault, int64_t now_ns,
		struct world_error *err)
{
	enum fault_kind kind = find_kind(fault->what);
	int r;

	if (kind == FAULT_KINDS)
		return world_fail(err, -EINVAL, "there is no fault '%s'", fault->what);
	r = check(w, fault, kinds[kind].needs, err);
	if (r < 0)
		return r;
	world_advance(w, now_ns);
	if ((kinds[kind].needs & AT_ONCE) && fault->after_ticks == 0) {
		at_once(w, fault, kind, now_ns);
		return 0;
	}
	if (w->n_faults == WORLD_FAULTS)
		return world_fail(err, -ENOSPC, "%s: there are %d faults already: clear some",
				  fault->what, WORLD_FAULTS);
	w->fault[w->n_faults] = (struct fault_on){.kind = kind, .fault = *fault};
	w->fault[w->n_faults].fault.what = kinds[kind].name;
	w->n_faults++;
	if (fault->after_ticks == 0)
		begin(w, w->n_faults - 1, now_ns);
	return 0;
}

/* ---- the wire ---- */

unsigned world_wire_fault(struct world *w, size_t board, int64_t now_ns, double *ret_late_s)
{
	unsigned met = 0;

	world_advance(w, now_ns);
	*ret_late_s = 0;
	for (size_t i = w->n_faults; i-- > 0;) {
		struct fault_on *fault = &w->fault[i];

		if (!fault->on || fault->kind > FAULT_REFUSED ||
		    (fault->fault.board >= 0 && fault->fault.board != (long)board))
			continue;
		met |= 1u << fault->kind;
		if (fault->kind == FAULT_LATE)
			*ret_late_s = fault->fault.value;
		if (used_up(fault))
			end(w, i, now_ns);
	}
	return met;
}

bool world_refuses_connection(const struct world *w, size_t board)
{
	return world_board_has(w, FAULT_CONNECTION, board);
}
