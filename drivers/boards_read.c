/* drivers/boards_read.c - all of a step from every board: taps, who updated, and whether each board saw the ticks. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/boards_impl.h"

enum { HEAD = BOARD_STEP_EDGE - BOARD_STEP }; /* boots, status, clock */

#define SERIALS_MOST_S 0.1 /* what a reading spends on serial numbers */
#define MEAN_OVER      8   /* readings, of the running mean */

/* ---- time ---- */

void boards_plan_reading(struct boards *b)
{
	double serial_s =
		boards_bus_request_s(b->config, BOARDS_REQUEST_BYTES, BOARDS_REPLY_BYTES + 2 * 2);
	double s = 0;

	b->serials = (size_t)(SERIALS_MOST_S / serial_s);
	if (b->serials < 1)
		b->serials = 1;
	if (b->serials > b->n)
		b->serials = b->n;
	for (size_t i = 0; i < b->n; i++)
		s += boards_bus_request_s(b->config, BOARDS_REQUEST_BYTES,
					  BOARDS_REPLY_BYTES + 2 * (HEAD + b->board[i].n));
	b->read_s = s + (double)b->serials * serial_s;
}

double boards_read_s(const struct boards *b)
{
	return b->read_s;
}

unsigned boards_serials_every(const struct boards *b)
{
	return (unsigned)((b->n + b->serials - 1) / b->serials);
}

static uint64_t retries(const struct boards *b)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->device[i].retries;
	return n;
}

static void measured(struct boards *b, double seconds)
{
	b->read_s = b->measured ? b->read_s + (seconds - b->read_s) / MEAN_OVER : seconds;
	b->measured = true;
}

/* ---- one board ---- */

int board_compare(struct boards *b, struct board *board, const uint16_t *word, bool *mismatch,
		  struct rig_error *err)
{
	unsigned counted = (uint16_t)(word[BOARD_STEP_CLOCK - BOARD_STEP] - board->clock);
	unsigned most = counted > board->pending ? counted : board->pending;
	char name[64];

	if (counted != (board->pending & 0xFFFF)) {
		*mismatch = true;
		boards_note(b, RIG_NOTE_TICK, false, false, board, -1,
			    "%s: counted %u clock edges, %u were made", board_name(board, name),
			    counted, board->pending);
	}
	for (unsigned e = 0; e < board->n; e++) {
		int tap = word[HEAD + e] & BOARD_WORD_TAP;

		if ((unsigned)abs(tap - board->tap[e]) > most)
			return board_changed(
				b, board, RIG_NOTE_IDENTITY, (long)(board->first + e), err,
				"tap of edge %zu went from %u to %d in %u clock edges: "
				"another board, or it was power-cycled",
				board->first + e, board->tap[e], tap, most);
	}
	return 0;
}

static int still_stale(const struct board *board, struct rig_error *err)
{
	char name[64];

	rig_fail(err, -ESTALE, "%s: is not the board that it was, or was power-cycled",
		 board_name(board, name));
	err->edge = (long)board->first;
	return -ESTALE;
}

static int read_serial(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t word[2];
	int r = board_read(b, board, BOARD_SERIAL, 2, word, err);

	return r < 0 ? r : board_is_itself(b, board, boards_long(word), err);
}

static int read_board(struct boards *b, struct board *board, bool serial, bool *mismatch,
		      struct rig_error *err)
{
	uint16_t word[HEAD + BOARD_EDGES_MOST];
	int r = board_awake(b, board, err);

	if (r < 0)
		return r;
	if (board->stale)
		return still_stale(board, err);
	r = board_read(b, board, BOARD_STEP, (uint16_t)(HEAD + board->n), word, err);
	if (r == 0)
		r = board_booted(b, board, word[0], err);
	if (r == 0 && serial)
		r = read_serial(b, board, err);
	if (r == 0)
		r = board_compare(b, board, word, mismatch, err);
	if (r < 0)
		return r;
	board->clock = word[BOARD_STEP_CLOCK - BOARD_STEP];
	board->pending = 0;
	for (unsigned e = 0; e < board->n; e++) {
		board->tap[e] = word[HEAD + e] & BOARD_WORD_TAP;
		b->word[board->first + e] = word[HEAD + e];
	}
	return board_status(b, board, word[BOARD_STEP_STATUS - BOARD_STEP], err);
}

/* ---- all ---- */

static void fill_in(const struct boards *b, struct rig_edges *ret)
{
	size_t n_bytes = (b->n_edges + 7) / 8;

	if (ret->updated)
		memset(ret->updated, 0, n_bytes);
	if (ret->raised)
		memset(ret->raised, 0, n_bytes);
	for (size_t e = 0; e < b->n_edges; e++) {
		uint8_t bit = (uint8_t)(1u << (e % 8));

		if (ret->wiper)
			ret->wiper[e] = b->word[e] & BOARD_WORD_TAP;
		if (ret->updated && (b->word[e] & BOARD_WORD_UPDATED))
			ret->updated[e / 8] |= bit;
		if (ret->raised && (b->word[e] & BOARD_WORD_RAISED))
			ret->raised[e / 8] |= bit;
	}
	for (size_t i = 0; ret->mode && i < b->n; i++)
		memcpy(ret->mode + b->board[i].first, b->board[i].mode, b->board[i].n);
}

int boards_read(struct boards *b, unsigned ticks, struct rig_edges *ret, bool *ret_mismatch,
		struct rig_error *err)
{
	int64_t from_ns = boards_now_ns();
	uint64_t tried = retries(b);
	bool mismatch = false;

	for (size_t i = 0; i < b->n; i++)
		b->board[i].pending += ticks;
	for (size_t i = 0; i < b->n; i++) {
		bool serial = (i + b->n - b->serial_at) % b->n < b->serials;
		int r = read_board(b, &b->board[i], serial, &mismatch, err);

		b->board[i].told |= r == -ESTALE;
		if (r < 0)
			return r;
	}
	b->serial_at = (b->serial_at + b->serials) % b->n;
	if (retries(b) == tried)
		measured(b, (double)(boards_now_ns() - from_ns) * 1e-9);
	if (ret)
		fill_in(b, ret);
	if (ret_mismatch)
		*ret_mismatch = mismatch;
	return 0;
}
