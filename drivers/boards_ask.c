/* drivers/boards_ask.c - a request with its tries, on a line that may owe us answers.
 *
 * On a line, a reply to a read does not tell what was read.  One that comes late, to a read that was given up, must not be
 * taken for the answer to another of the same length.  So after a failed read the board is first asked for its identity in
 * a length of which no reply can be on its way; as a board answers in order, all earlier ones are over once that one
 * is there.  (A connection is closed instead.)
 */
#include "config.h"

#include <stdio.h>

#include "drivers/boards_impl.h"

enum { IDENTITY = BOARD_COMMAND }; /* registers that can be read from 0 on, in any number */

struct request {
	uint16_t first, n;
	uint16_t *ret; /* NULL: a write */
	uint16_t value;
};

static bool is_line(const struct boards *b)
{
	return b->config->driver == BOARDS_RTU;
}

static uint32_t bit_of(unsigned n)
{
	return n < 32 ? UINT32_C(1) << n : 0;
}

static int settle_debts(struct boards *b, struct board *board)
{
	uint16_t word[IDENTITY], n = 1;
	int r;

	if (!board->unanswered || !is_line(b))
		return 0;
	while (n <= IDENTITY && (board->unanswered & bit_of(n)))
		n++;
	if (n > IDENTITY) { /* given up so often that the first ones are long over */
		board->unanswered = 0;
		n = 1;
	}
	board->unanswered |= bit_of(n);
	r = boards_bus_read(board->bus, board->address, BOARD_MAGIC, n, word);
	if (r == 0)
		board->unanswered = 0;
	return r;
}

static int try_once(struct boards *b, struct board *board, const struct request *request)
{
	int r = settle_debts(b, board);

	if (r < 0)
		return r;
	if (!request->ret)
		return boards_bus_write(board->bus, board->address, request->first, request->value);
	r = boards_bus_read(board->bus, board->address, request->first, request->n, request->ret);
	if (r < 0 && r != -EREMOTEIO && is_line(b))
		board->unanswered |= bit_of(request->n);
	return r;
}

static int ask(struct boards *b, struct board *board, const struct request *request,
	       struct rig_error *err)
{
	bool once = b->once || board->device->state == RIG_DEVICE_DOWN;
	unsigned tries = once ? 1 : b->config->tries;
	char why[160], name[64];
	unsigned i = 0;
	int r;

	for (;;) {
		r = try_once(b, board, request);
		if (r == 0) {
			board_answered(b, board);
			if (i)
				boards_note(b, RIG_NOTE_DEVICE, false, false, board, -1,
					    "%s: %s, answered at try %u", board_name(board, name),
					    why, i + 1);
			return 0;
		}
		snprintf(why, sizeof(why), "%s", boards_bus_why(board->bus));
		i++;
		if (i >= tries || boards_bus_is_missing(board->bus))
			break;
		board->device->retries++;
	}
	if (i > 1)
		snprintf(why, sizeof(why), "%s after %u tries", boards_bus_why(board->bus), i);
	return board_failed(b, board, r, why, err);
}

int board_read(struct boards *b, struct board *board, uint16_t first, uint16_t n, uint16_t *ret,
	       struct rig_error *err)
{
	return ask(b, board, &(struct request){.first = first, .n = n, .ret = ret}, err);
}

int board_write(struct boards *b, struct board *board, uint16_t reg, uint16_t value,
		struct rig_error *err)
{
	return ask(b, board, &(struct request){.first = reg, .n = 1, .value = value}, err);
}

int board_set(struct boards *b, struct board *board, uint16_t reg, uint16_t value,
	      struct rig_error *err)
{
	uint16_t back;
	char why[96];
	int r = board_write(b, board, reg, value, err);

	if (r == 0)
		r = board_read(b, board, reg, 1, &back, err);
	if (r < 0)
		return r;
	if (back == value)
		return 0;
	snprintf(why, sizeof(why), "wrote %u to register 0x%04X, read back %u", value, reg, back);
	return board_failed(b, board, -EREMOTEIO, why, err);
}
