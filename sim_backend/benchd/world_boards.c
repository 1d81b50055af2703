/* sim_backend/benchd/world_boards.c - the edge boards of the world: their registers, power and watchdogs (docs/BOARDS.md). */
#include "config.h"

#include <string.h>

#include "sim_backend/benchd/world_impl.h"

enum { NO_SUCH_REGISTER = 2, NO_SUCH_VALUE = 3, FIRMWARE = 1 };

size_t world_boards(const struct world *w)
{
	return w->n_boards;
}

unsigned world_board_address(const struct world *w, size_t board)
{
	for (size_t i = 0; i < w->n_faults; i++) {
		const struct world_fault *fault = &w->fault[i].fault;

		if (!w->fault[i].on || w->fault[i].kind != FAULT_SWAPPED)
			continue;
		if (fault->board == (long)board)
			return w->board[fault->other].address;
		if (fault->other == (long)board)
			return w->board[fault->board].address;
	}
	return w->board[board].address;
}

/* ---- modes, capacitors, power ---- */

void world_set_modes(struct world *w)
{
	for (size_t i = 0; i < w->n_boards; i++)
		for (size_t k = 0; k < w->board[i].n_edges; k++) {
			size_t j = w->board[i].first_edge + k;
			uint8_t mode = w->mode[j];

			if (mode == RIG_LEARN && w->board[i].tripped)
				mode = RIG_HOLD;
			if (mode != edges_mode(w->edges)[j])
				edges_set_mode(w->edges, j, mode);
		}
	world_moved(w);
}

/* One capacitance for all: what most edges have.  Boards are switched one after another, at safe volts. */
void world_choose_capacitor(struct world *w, int64_t now_ns)
{
	size_t votes[BOARD_CAPACITOR_MOST + 1] = {0}, best = 0;

	for (size_t i = 0; i < w->n_boards; i++)
		votes[w->board[i].capacitor] += w->board[i].n_edges;
	for (size_t c = 1; c <= BOARD_CAPACITOR_MOST; c++)
		if (votes[c] > votes[best])
			best = c;
	world_set_farad(w, best < w->config->n_capacitance ? w->config->capacitance_F[best] : 0,
			now_ns);
}

static void write_taps(struct world *w, const struct board *board, size_t edge, long tap)
{
	memcpy(w->wiper, edges_wiper(w->edges), w->network->n_edges);
	for (size_t k = 0; k < board->n_edges; k++)
		if (edge == SIZE_MAX || edge == k)
			w->wiper[board->first_edge + k] = (uint8_t)tap;
	edges_write(w->edges, w->wiper);
	world_moved(w);
}

static void reset_counters(struct world *w, const struct board *board)
{
	memset(w->updated + board->first_edge, 0, board->n_edges * sizeof(*w->updated));
	memset(w->raised + board->first_edge, 0, board->n_edges * sizeof(*w->raised));
}

void world_power_cycle(struct world *w, size_t i, int64_t now_ns)
{
	struct board *board = &w->board[i];

	world_flow(w, now_ns);
	board->boots++;
	board->clock = 0;
	board->capacitor = board->watchdog_ms = 0;
	board->tripped = board->clocked = board->heard = false;
	board->heard_ns = now_ns;
	memset(w->mode + board->first_edge, BOARD_HOLD, board->n_edges);
	memset(w->last + board->first_edge, 0, board->n_edges);
	memset(w->asked + board->first_edge, w->config->edge.initial_tap, board->n_edges);
	reset_counters(w, board);
	write_taps(w, board, SIZE_MAX, w->config->edge.initial_tap);
	world_set_modes(w);
	world_choose_capacitor(w, now_ns);
}

/* ---- the watchdog ---- */

void world_trip(struct world *w, size_t board, int64_t now_ns)
{
	world_flow(w, now_ns);
	w->board[board].tripped = true;
	world_set_modes(w);
}

void world_watch(struct world *w, int64_t now_ns)
{
	for (size_t i = 0; i < w->n_boards; i++) {
		const struct board *board = &w->board[i];

		if (board->watchdog_ms && !board->tripped &&
		    now_ns - board->heard_ns > board->watchdog_ms * INT64_C(1000000))
			world_trip(w, i, now_ns);
	}
}

void world_board_heard(struct world *w, size_t board, int64_t now_ns)
{
	world_advance(w, now_ns);
	w->board[board].heard = true;
	w->board[board].heard_ns = now_ns;
}

/* ---- reading ---- */

static uint16_t status_of(const struct world *w, size_t i, int64_t now_ns)
{
	const struct board *board = &w->board[i];
	bool clocked = board->clocked && now_ns - board->clocked_ns < INT64_C(1000000000);

	return (uint16_t)((board->tripped ? BOARD_IS_TRIPPED : 0) |
			  (world_board_has(w, FAULT_UNPOWERED, i) ? BOARD_IS_UNPOWERED : 0) |
			  (clocked ? BOARD_IS_CLOCKED : 0));
}

static uint16_t high(uint32_t value)
{
	return (uint16_t)(value >> 16);
}

static uint16_t low(uint32_t value)
{
	return (uint16_t)value;
}

static uint16_t edge_word(const struct world *w, size_t j)
{
	uint8_t last = w->last[j];

	return (uint16_t)((edges_wiper(w->edges)[j] & BOARD_WORD_TAP) |
			  (last & BOARD_LAST_UPDATED ? BOARD_WORD_UPDATED : 0) |
			  (last & BOARD_LAST_RAISED ? BOARD_WORD_RAISED : 0) |
			  (last & BOARD_LAST_AT_END ? BOARD_WORD_AT_END : 0));
}

static int read_edge(const struct world *w, size_t j, unsigned offset, uint16_t *ret)
{
	switch (offset) {
	case BOARD_EDGE_TAP:
		*ret = edges_wiper(w->edges)[j];
		return 0;
	case BOARD_EDGE_LAST:
		*ret = w->last[j];
		return 0;
	case BOARD_EDGE_MODE:
		*ret = w->mode[j];
		return 0;
	case BOARD_EDGE_GO:
		*ret = w->asked[j];
		return 0;
	case BOARD_EDGE_UPDATED:
		*ret = high(w->updated[j]);
		return 0;
	case BOARD_EDGE_UPDATED + 1:
		*ret = low(w->updated[j]);
		return 0;
	case BOARD_EDGE_RAISED:
		*ret = high(w->raised[j]);
		return 0;
	case BOARD_EDGE_RAISED + 1:
		*ret = low(w->raised[j]);
		return 0;
	default:
		return NO_SUCH_REGISTER;
	}
}

static int read_board(const struct world *w, size_t i, unsigned at, int64_t now_ns, uint16_t *ret)
{
	const struct board *board = &w->board[i];
	const uint16_t identity[] = {
		[BOARD_MAGIC] = BOARD_MAGIC_VALUE,
		[BOARD_MAP_VERSION] = BOARD_VERSION_VALUE,
		[BOARD_FIRMWARE] = FIRMWARE,
		[BOARD_EDGES] = (uint16_t)board->n_edges,
		[BOARD_BOOTS] = board->boots,
		[BOARD_STATUS] = status_of(w, i, now_ns),
		[BOARD_CLOCK] = high(board->clock),
		[BOARD_CLOCK + 1] = low(board->clock),
		[BOARD_CAPACITOR] = board->capacitor,
		[BOARD_WATCHDOG_MS] = board->watchdog_ms,
		[BOARD_COMMAND] = 0,
		[BOARD_SERIAL] = high(board->serial),
		[BOARD_SERIAL + 1] = low(board->serial),
	};
	const uint16_t step[] = {board->boots, identity[BOARD_STATUS], low(board->clock)};

	if (at < sizeof(identity) / sizeof(*identity)) {
		*ret = identity[at];
		return 0;
	}
	if (at < BOARD_STEP || at >= BOARD_STEP_EDGE + board->n_edges)
		return NO_SUCH_REGISTER;
	*ret = at < BOARD_STEP_EDGE ? step[at - BOARD_STEP]
				    : edge_word(w, board->first_edge + at - BOARD_STEP_EDGE);
	return 0;
}

/* The edge that a register belongs to, if it belongs to one. */
static bool find_edge(const struct board *board, unsigned at, size_t *ret_edge,
		      unsigned *ret_offset)
{
	if (at < BOARD_EDGE || at >= BOARD_EDGE + board->n_edges * BOARD_EDGE_SIZE)
		return false;
	*ret_edge = (at - BOARD_EDGE) / BOARD_EDGE_SIZE;
	*ret_offset = (at - BOARD_EDGE) % BOARD_EDGE_SIZE;
	return true;
}

int world_board_read(struct world *w, size_t i, uint16_t first, uint16_t n, int64_t now_ns,
		     uint16_t *ret)
{
	const struct board *board = &w->board[i];
	size_t edge;
	unsigned offset;

	world_advance(w, now_ns);
	for (unsigned k = 0; k < n; k++) {
		unsigned at = first + k;
		int refused = find_edge(board, at, &edge, &offset)
				      ? read_edge(w, board->first_edge + edge, offset, &ret[k])
				      : read_board(w, i, at, now_ns, &ret[k]);

		if (refused)
			return refused;
	}
	return 0;
}

/* ---- writing ---- */

static int check_edge(const struct world *w, unsigned offset, uint16_t value)
{
	if (offset == BOARD_EDGE_MODE)
		return value <= BOARD_CUT ? 0 : NO_SUCH_VALUE;
	if (offset == BOARD_EDGE_GO)
		return value < w->config->edge.taps ? 0 : NO_SUCH_VALUE;
	return NO_SUCH_REGISTER;
}

static int check_write(const struct world *w, const struct board *board, unsigned at,
		       uint16_t value)
{
	size_t edge;
	unsigned offset;

	if (find_edge(board, at, &edge, &offset))
		return check_edge(w, offset, value);
	switch (at) {
	case BOARD_CAPACITOR:
		return value <= BOARD_CAPACITOR_MOST && value < w->config->n_capacitance
			       ? 0
			       : NO_SUCH_VALUE;
	case BOARD_WATCHDOG_MS:
		return 0;
	case BOARD_COMMAND:
		return value >= BOARD_RESET_COUNTERS && value <= BOARD_CLEAR_WATCHDOG
			       ? 0
			       : NO_SUCH_VALUE;
	default:
		return NO_SUCH_REGISTER;
	}
}

static void write_edge(struct world *w, const struct board *board, size_t edge, unsigned offset,
		       uint16_t value, bool broadcast)
{
	size_t j = board->first_edge + edge;

	if (offset == BOARD_EDGE_GO) {
		w->asked[j] = (uint8_t)value;
		write_taps(w, board, edge, value);
		return;
	}
	/* going safe closes no relay */
	if (broadcast && value == BOARD_HOLD && w->mode[j] == BOARD_CUT)
		return;
	w->mode[j] = (uint8_t)value;
	world_set_modes(w);
}

static void command(struct world *w, struct board *board, uint16_t value)
{
	switch (value) {
	case BOARD_RESET_COUNTERS:
		reset_counters(w, board);
		break;
	case BOARD_HOME:
		memset(w->asked + board->first_edge, w->config->edge.initial_tap, board->n_edges);
		write_taps(w, board, SIZE_MAX, w->config->edge.initial_tap);
		break;
	case BOARD_CLEAR_WATCHDOG:
		board->tripped = false;
		world_set_modes(w);
		break;
	}
}

static void write_board(struct world *w, struct board *board, unsigned at, uint16_t value,
			int64_t now_ns)
{
	switch (at) {
	case BOARD_CAPACITOR:
		w->counts.live_switches += value != board->capacitor && world_is_live(w);
		board->capacitor = value;
		world_choose_capacitor(w, now_ns);
		break;
	case BOARD_WATCHDOG_MS:
		board->watchdog_ms = value;
		board->heard_ns = now_ns;
		break;
	case BOARD_COMMAND:
		command(w, board, value);
		break;
	}
}

static int write(struct world *w, size_t i, uint16_t first, uint16_t n, int64_t now_ns,
		 const uint16_t *values, bool broadcast)
{
	struct board *board = &w->board[i];
	size_t edge;
	unsigned offset;

	for (unsigned k = 0; k < n; k++) {
		int refused = check_write(w, board, first + k, values[k]);

		if (refused)
			return refused;
	}
	for (unsigned k = 0; k < n; k++)
		if (find_edge(board, first + k, &edge, &offset))
			write_edge(w, board, edge, offset, values[k], broadcast);
		else
			write_board(w, board, first + k, values[k], now_ns);
	return 0;
}

int world_board_write(struct world *w, size_t board, uint16_t first, uint16_t n, int64_t now_ns,
		      const uint16_t *values)
{
	world_advance(w, now_ns);
	world_flow(w, now_ns);
	return write(w, board, first, n, now_ns, values, false);
}

int world_board_broadcast(struct world *w, size_t board, uint16_t first, uint16_t n, int64_t now_ns,
			  const uint16_t *values)
{
	world_advance(w, now_ns);
	world_flow(w, now_ns);
	return write(w, board, first, n, now_ns, values, true);
}
