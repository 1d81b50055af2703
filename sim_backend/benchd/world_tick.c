/* sim_backend/benchd/world_tick.c - an active edge of the clock line: every board that sees it compares and moves. */
#include "config.h"

#include "sim_backend/benchd/world_impl.h"

static bool bit(const uint8_t *mask, size_t i)
{
	return mask[i / 8] >> i % 8 & 1;
}

/* A fault of the rig file that names an edge is its board's. */
static bool planned(const struct world *w, enum sim_fault_kind kind, size_t board)
{
	const struct sim_fault *const *on;
	size_t n = faults_on(w->planned, &on);

	for (size_t i = 0; i < n; i++)
		if (on[i]->kind == kind &&
		    (on[i]->edge < 0 ||
		     (size_t)on[i]->edge / w->config->boards.edges_per_board == board))
			return true;
	return false;
}

static bool sees(const struct world *w, size_t board, bool again)
{
	if (again)
		return world_board_has(w, FAULT_DOUBLE, board) ||
		       planned(w, SIM_TICK_DOUBLE, board);
	return !world_board_has(w, FAULT_MISSED, board) && !planned(w, SIM_TICK_MISSED, board);
}

/* ---- comparators and wipers ---- */

/* An edge that moves against its comparator: the other way, and its board says so. */
static void turn_round(struct world *w, const uint8_t *updated, uint8_t *raised)
{
	const uint8_t *now = edges_wiper(w->edges);
	int last = w->config->edge.taps - 1;
	bool any = false;

	for (size_t j = 0; j < w->network->n_edges; j++) {
		int before = w->wiper[j];

		w->wiper[j] = now[j];
		if (!bit(updated, j) || !world_has(w, FAULT_AGAINST, (long)j))
			continue;
		raised[j] = !raised[j];
		before += raised[j] ? 1 : -1;
		w->wiper[j] = (uint8_t)(before < 0 ? 0 : before > last ? last : before);
		any = true;
	}
	if (any)
		edges_write(w->edges, w->wiper);
}

static void keep(struct world *w, size_t edge, bool updated, bool raised)
{
	int tap = edges_wiper(w->edges)[edge];
	bool at_end = tap == 0 || tap == w->config->edge.taps - 1;

	w->last[edge] =
		(uint8_t)((updated ? BOARD_LAST_UPDATED : 0) | (raised ? BOARD_LAST_RAISED : 0) |
			  (at_end ? BOARD_LAST_AT_END : 0));
	w->updated[edge] += updated;
	w->raised[edge] += raised;
}

static void compare(struct world *w, const struct edges_draw *draw, int64_t now_ns)
{
	const double *free_V = world_V(w, RIG_FREE, now_ns);
	const double *clamped_V = world_V(w, RIG_CLAMPED, now_ns);
	struct rig_error why;

	for (size_t i = 0; i < w->network->n_nodes; i++)
		w->change_V[i] = clamped_V[i] - free_V[i];
	for (size_t j = 0; j < w->network->n_edges; j++)
		w->wiper[j] = edges_wiper(w->edges)[j];
	edges_tick(w->edges, free_V, w->change_V, draw, &why);
}

/* One edge of the clock; echo: as those boards see it that see each twice. */
static void tick_once(struct world *w, const struct edges_draw *draw, int64_t now_ns)
{
	const uint8_t *updated, *up;

	compare(w, draw, now_ns);
	updated = edges_updated(w->edges);
	up = edges_raised(w->edges);
	for (size_t j = 0; j < w->network->n_edges; j++)
		w->raise[j] = bit(up, j);
	turn_round(w, updated, w->raise);
	world_moved(w);
	for (size_t i = 0; i < w->n_boards; i++) {
		struct board *board = &w->board[i];

		if (!sees(w, i, draw->again))
			continue;
		board->clock++;
		board->clocked = true;
		board->clocked_ns = now_ns;
		for (size_t k = 0; k < board->n_edges; k++) {
			size_t j = board->first_edge + k;

			keep(w, j, bit(updated, j), w->raise[j]);
		}
	}
}

void world_tick(struct world *w, int64_t now_ns)
{
	struct edges_draw draw = {
		.seed = w->seed, .step = w->ticks, .time_ns = now_ns - w->begun_ns};

	tick_once(w, &draw, now_ns);
	if (edges_echo(w->edges)) {
		draw.again = true;
		tick_once(w, &draw, now_ns);
	}
	w->ticks++;
	world_faults_ticked(w, now_ns);
}
