/* drivers/boards_mode.c - learn, hold and cut: one edge, and all at once; the capacitors. */
#include "config.h"

#include "drivers/boards_impl.h"

#define HOLD_SILENT_S 1.0 /* once a board was silent, reading back ends after so long */

static const uint16_t register_of_mode[] = {
	[RIG_LEARN] = BOARD_LEARN, [RIG_HOLD] = BOARD_HOLD, [RIG_CUT] = BOARD_CUT};

static uint16_t value_now(enum rig_edge_mode mode, bool held)
{
	return register_of_mode[held && mode == RIG_LEARN ? RIG_HOLD : mode];
}

int board_write_modes(struct boards *b, struct board *board, bool held, struct rig_error *err)
{
	for (unsigned e = 0; e < board->n; e++) {
		int r = board_set(b, board, board_edge_register(e, BOARD_EDGE_MODE),
				  value_now(board->mode[e], held), err);

		if (r < 0)
			return r;
	}
	return 0;
}

int boards_set_mode(struct boards *b, size_t edge, enum rig_edge_mode mode, struct rig_error *err)
{
	struct board *board;
	unsigned e;
	int r;

	if (edge >= b->n_edges || mode > RIG_CUT)
		return rig_fail(err, -EINVAL, "edge %zu of %zu, mode %d", edge, b->n_edges,
				(int)mode);
	board = &b->board[edge / b->config->edges_per_board];
	e = (unsigned)(edge - board->first);
	r = board_awake(b, board, err);
	if (r == 0)
		r = board_set(b, board, board_edge_register(e, BOARD_EDGE_MODE),
			      value_now(mode, b->held), err);
	if (r == 0)
		board->mode[e] = (uint8_t)mode;
	return r;
}

int boards_set_capacitor(struct boards *b, unsigned index, struct rig_error *err)
{
	if (index > BOARD_CAPACITOR_MOST)
		return rig_fail(err, -EINVAL, "capacitor %u: the boards have 0 to %d", index,
				BOARD_CAPACITOR_MOST);
	for (size_t i = 0; i < b->n; i++) {
		int r = board_awake(b, &b->board[i], err);

		if (r == 0)
			r = board_set(b, &b->board[i], BOARD_CAPACITOR, (uint16_t)index, err);
		if (r < 0)
			return r;
	}
	b->capacitor = (int)index;
	return 0;
}

/* ---- all at once ---- */

static enum rig_safe less_safe(enum rig_safe a, enum rig_safe b)
{
	return a > b ? a : b;
}

/* Does it hold?  A cut edge does.  told: what a silent board was told by broadcast. */
static enum rig_safe edge_holds(struct boards *b, struct board *board, unsigned e,
				enum rig_safe told)
{
	uint16_t mode, reg = board_edge_register(e, BOARD_EDGE_MODE);

	if (board_read(b, board, reg, 1, &mode, &b->ignored) < 0)
		return told;
	if (mode == BOARD_HOLD || mode == BOARD_CUT)
		return RIG_SAFE_CONFIRMED;
	/* it did not hear the broadcast */
	return board_set(b, board, reg, value_now(board->mode[e], true), &b->ignored) < 0
		       ? RIG_SAFE_UNKNOWN
		       : RIG_SAFE_CONFIRMED;
}

static enum rig_safe board_holds(struct boards *b, struct board *board, enum rig_safe told)
{
	enum rig_safe safe = RIG_SAFE_CONFIRMED;

	for (unsigned e = 0; e < board->n; e++) {
		safe = less_safe(safe, edge_holds(b, board, e, told));
		if (board->device->state != RIG_DEVICE_UP)
			break;
	}
	return safe;
}

/* The line's every board at once.  Twice, as nobody says that he has heard it. */
static bool hold_by_broadcast(struct boards *b)
{
	for (unsigned k = 0; k < 2; k++)
		for (unsigned e = 0; e < b->config->edges_per_board; e++)
			if (boards_bus_broadcast(b->bus[0], board_edge_register(e, BOARD_EDGE_MODE),
						 BOARD_HOLD) < 0)
				return false;
	return true;
}

/* Before any is read back: each is told. */
static bool hold_by_itself(struct boards *b, struct board *board)
{
	if (!board_is_due(board))
		return false;
	for (unsigned e = 0; e < board->n; e++)
		if (board_write(b, board, board_edge_register(e, BOARD_EDGE_MODE),
				value_now(board->mode[e], true), &b->ignored) < 0)
			return false;
	return true;
}

static enum rig_safe tell_all(struct boards *b)
{
	enum rig_safe safe = RIG_SAFE_COMMANDED;

	if (b->config->driver == BOARDS_RTU)
		return hold_by_broadcast(b) ? RIG_SAFE_COMMANDED : RIG_SAFE_UNKNOWN;
	for (size_t i = 0; i < b->n; i++)
		if (!hold_by_itself(b, &b->board[i]))
			safe = RIG_SAFE_UNKNOWN;
	return safe;
}

enum rig_safe boards_hold(struct boards *b)
{
	int64_t until_ns = boards_now_ns() + (int64_t)(HOLD_SILENT_S * 1e9);
	enum rig_safe told, safe = RIG_SAFE_CONFIRMED;

	b->held = true;
	b->once = true;
	told = tell_all(b);
	for (size_t i = 0; i < b->n; i++)
		if (!board_is_due(&b->board[i]) ||
		    (safe != RIG_SAFE_CONFIRMED && boards_now_ns() > until_ns))
			safe = less_safe(safe, told);
		else
			safe = less_safe(safe, board_holds(b, &b->board[i], told));
	b->once = false;
	return safe;
}

static int release_board(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t status;
	int r = board_awake(b, board, err);

	if (r == 0)
		r = board_read(b, board, BOARD_STEP_STATUS, 1, &status, err);
	if (r == 0 && (status & BOARD_IS_TRIPPED)) {
		board_status(b, board, status, &b->ignored);
		r = board_write(b, board, BOARD_COMMAND, BOARD_CLEAR_WATCHDOG, err);
		if (r == 0)
			r = board_read(b, board, BOARD_STEP_STATUS, 1, &status, err);
	}
	if (r == 0)
		r = board_status(b, board, status, err);
	return r < 0 ? r : board_write_modes(b, board, false, err);
}

int boards_release(struct boards *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n; i++) {
		int r = release_board(b, &b->board[i], err);

		if (r < 0)
			return r;
	}
	b->held = false;
	return 0;
}

bool boards_held(const struct boards *b)
{
	return b->held;
}
