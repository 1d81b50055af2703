/* drivers/boards_taps.c - wipers sent to taps, homing, and the counters of updates. */
#include "config.h"

#include <stdio.h>

#include "drivers/boards_impl.h"

enum { HEAD = BOARD_STEP_EDGE - BOARD_STEP };

#define MOVE_MOST_S  0.5 /* docs/BOARDS.md */
#define LOOK_EVERY_S 0.002
#define HOME_TAP     63

/* ---- moves ---- */

static uint8_t wanted_tap(const struct board *board, const uint8_t *wiper, unsigned e)
{
	return wiper ? wiper[board->first + e] : HOME_TAP;
}

/* 1: all are there; 0: not yet; -errno.  *ret_e: an edge that is not. */
static int look(struct boards *b, struct board *board, const uint8_t *wiper, unsigned *ret_e,
		struct rig_error *err)
{
	uint16_t word[HEAD + BOARD_EDGES_MOST];
	int there = 1;
	int r = board_read(b, board, BOARD_STEP, (uint16_t)(HEAD + board->n), word, err);

	if (r == 0)
		r = board_booted(b, board, word[0], err);
	if (r < 0)
		return r;
	for (unsigned e = 0; e < board->n; e++) {
		board->tap[e] = word[HEAD + e] & BOARD_WORD_TAP;
		if (board->tap[e] != wanted_tap(board, wiper, e)) {
			there = 0;
			*ret_e = e;
		}
	}
	return (word[BOARD_STEP_STATUS - BOARD_STEP] & BOARD_IS_MOVING) ? 0 : there;
}

static int wait_until_there(struct boards *b, struct board *board, const uint8_t *wiper,
			    int64_t until_ns, struct rig_error *err)
{
	char why[128];
	unsigned e = 0;

	for (;;) {
		bool last = boards_now_ns() > until_ns;
		int r = look(b, board, wiper, &e, err);

		if (r != 0)
			return r < 0 ? r : 0;
		if (last)
			break;
		boards_bus_pause(board->bus, LOOK_EVERY_S);
	}
	snprintf(why, sizeof(why), "edge %zu is at tap %u, sent to %u %g s ago", board->first + e,
		 board->tap[e], wanted_tap(board, wiper, e), MOVE_MOST_S);
	return board_failed(b, board, -EREMOTEIO, why, err);
}

static int send_board(struct boards *b, struct board *board, const uint8_t *wiper,
		      struct rig_error *err)
{
	int r = board_awake(b, board, err);

	if (r == 0 && !wiper)
		return board_write(b, board, BOARD_COMMAND, BOARD_HOME, err);
	for (unsigned e = 0; r == 0 && e < board->n; e++)
		r = board_write(b, board, board_edge_register(e, BOARD_EDGE_GO),
				wiper[board->first + e], err);
	return r;
}

/* wiper: NULL for home.  All are sent before any is waited for. */
static int move(struct boards *b, const uint8_t *wiper, struct rig_error *err)
{
	int64_t until_ns;

	for (size_t i = 0; i < b->n; i++) {
		int r = send_board(b, &b->board[i], wiper, err);

		if (r < 0)
			return r;
	}
	until_ns = boards_now_ns() + (int64_t)(MOVE_MOST_S * 1e9);
	for (size_t i = 0; i < b->n; i++) {
		int r = wait_until_there(b, &b->board[i], wiper, until_ns, err);

		if (r < 0)
			return r;
	}
	return 0;
}

int boards_write_taps(struct boards *b, const uint8_t *wiper, struct rig_error *err)
{
	for (size_t e = 0; e < b->n_edges; e++)
		if (wiper[e] >= b->taps)
			return rig_fail(err, -EINVAL, "edge %zu: tap %u is not 0 to %d", e,
					wiper[e], b->taps - 1);
	return move(b, wiper, err);
}

int boards_home(struct boards *b, struct rig_error *err)
{
	return move(b, NULL, err);
}

/* ---- counters ---- */

int boards_reset_counts(struct boards *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n; i++) {
		int r = board_awake(b, &b->board[i], err);

		if (r == 0)
			r = board_write(b, &b->board[i], BOARD_COMMAND, BOARD_RESET_COUNTERS, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int boards_counts(struct boards *b, uint64_t *ret_updated, uint64_t *ret_raised,
		  struct rig_error *err)
{
	for (size_t i = 0; i < b->n; i++) {
		struct board *board = &b->board[i];
		int r = board_awake(b, board, err);

		for (unsigned e = 0; r == 0 && e < board->n; e++) {
			uint16_t word[4]; /* updated, raised */

			r = board_read(b, board, board_edge_register(e, BOARD_EDGE_UPDATED), 4,
				       word, err);
			if (r == 0) {
				ret_updated[board->first + e] = boards_long(word);
				ret_raised[board->first + e] = boards_long(word + 2);
			}
		}
		if (r < 0)
			return r;
	}
	return 0;
}
