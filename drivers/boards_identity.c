/* drivers/boards_identity.c - who answers at an address, and taking a board up: at first, and after it was lost. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "drivers/boards_impl.h"

enum { IDENTITY = BOARD_SERIAL + 2 }; /* registers 0x0000 to 0x000C */

static int no_board(struct boards *b, struct board *board, const uint16_t *id,
		    struct rig_error *err)
{
	char why[128];

	if (id[BOARD_MAGIC] != BOARD_MAGIC_VALUE)
		snprintf(why, sizeof(why), "no edge board: register 0 reads 0x%04X, not 0x%04X",
			 id[BOARD_MAGIC], BOARD_MAGIC_VALUE);
	else if (id[BOARD_MAP_VERSION] != BOARD_VERSION_VALUE)
		snprintf(why, sizeof(why), "register map %u, not %u: another firmware is needed",
			 id[BOARD_MAP_VERSION], BOARD_VERSION_VALUE);
	else
		snprintf(why, sizeof(why), "has %u edges, needs %u", id[BOARD_EDGES], board->n);
	return board_failed(b, board, -EPROTO, why, err);
}

int board_is_itself(struct boards *b, struct board *board, uint32_t serial, struct rig_error *err)
{
	uint32_t before = board->device->serial;

	if (serial == before)
		return 0;
	board->device->serial = serial;
	return board_changed(b, board, RIG_NOTE_IDENTITY, -1, err,
			     "serial number %u answers, it was %u", serial, before);
}

static int compare_boots(struct boards *b, struct board *board, uint16_t boots,
			 struct rig_error *err)
{
	uint32_t before = board->device->boots;

	if (boots == before)
		return 0;
	board->device->boots = boots;
	return board_changed(b, board, RIG_NOTE_BOOT, -1, err,
			     "was power-cycled (boot %u, before %u): wipers at midscale", boots,
			     before);
}

int board_booted(struct boards *b, struct board *board, uint16_t boots, struct rig_error *err)
{
	uint16_t word[2];
	int r;

	if (boots == board->device->boots)
		return 0;
	if (board_read(b, board, BOARD_SERIAL, 2, word, &b->ignored) == 0) {
		r = board_is_itself(b, board, boards_long(word), err);
		if (r < 0) {
			board->device->boots = boots;
			return r;
		}
	}
	return compare_boots(b, board, boots, err);
}

/* -ESTALE for the rig file's serial number, always; for another than before, once it is taken up. */
static int check_serial(struct boards *b, struct board *board, uint32_t serial,
			struct rig_error *err)
{
	uint32_t before = board->device->serial;

	if (board->serial_wanted && serial != board->serial_wanted) {
		char why[128];

		board->device->serial = serial;
		snprintf(why, sizeof(why), "serial number %u answers, the rig file says %u", serial,
			 board->serial_wanted);
		if (serial != before)
			board_changed(b, board, RIG_NOTE_IDENTITY, -1, err, "%s", why);
		return board_failed(b, board, -ESTALE, why, err);
	}
	if (board->known)
		board_is_itself(b, board, serial, err);
	board->device->serial = serial;
	return 0;
}

static int check_identity(struct boards *b, struct board *board, const uint16_t *id,
			  struct rig_error *err)
{
	int r;

	if (id[BOARD_MAGIC] != BOARD_MAGIC_VALUE || id[BOARD_MAP_VERSION] != BOARD_VERSION_VALUE ||
	    id[BOARD_EDGES] < board->n)
		return no_board(b, board, id, err);
	r = check_serial(b, board, boards_long(id + BOARD_SERIAL), err);
	if (r < 0)
		return r;
	if (board->known && !board->stale)
		compare_boots(b, board, id[BOARD_BOOTS], err);
	board->device->boots = id[BOARD_BOOTS];
	return 0;
}

static uint16_t watchdog_ms(const struct boards *b)
{
	return (uint16_t)(b->config->watchdog_s * 1000 + 0.5);
}

/* Modes first: a board that has just come back must not learn by what the others' ticks are for. */
static int write_settings(struct boards *b, struct board *board, uint16_t status,
			  struct rig_error *err)
{
	int r = board_write_modes(b, board, b->held, err);

	if (r == 0 && b->capacitor >= 0)
		r = board_set(b, board, BOARD_CAPACITOR, (uint16_t)b->capacitor, err);
	if (r == 0)
		r = board_set(b, board, BOARD_WATCHDOG_MS, watchdog_ms(b), err);
	if (r == 0 && (status & BOARD_IS_TRIPPED))
		r = board_write(b, board, BOARD_COMMAND, BOARD_CLEAR_WATCHDOG, err);
	return r;
}

/* Taps as they are from now on, and whether they may have become so by ticks. */
static int take_taps(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t word[BOARD_STEP_EDGE - BOARD_STEP + BOARD_EDGES_MOST];
	bool mismatch = false;
	int r = board_read(b, board, BOARD_STEP,
			   (uint16_t)(BOARD_STEP_EDGE - BOARD_STEP + board->n), word, err);

	if (r < 0)
		return r;
	if (board->known && !board->stale)
		board_compare(b, board, word, &mismatch, err);
	board->clock = word[BOARD_STEP_CLOCK - BOARD_STEP];
	board->pending = 0;
	for (unsigned e = 0; e < board->n; e++)
		board->tap[e] = word[BOARD_STEP_EDGE - BOARD_STEP + e] & BOARD_WORD_TAP;
	board_status(b, board, word[BOARD_STEP_STATUS - BOARD_STEP], &b->ignored);
	return 0;
}

static int take_up(struct boards *b, struct board *board, const uint16_t *id, struct rig_error *err)
{
	int r = check_identity(b, board, id, err);

	if (r < 0)
		return r;
	board_status(b, board, id[BOARD_STATUS], &b->ignored);
	r = write_settings(b, board, id[BOARD_STATUS], err);
	if (r == 0)
		r = take_taps(b, board, err);
	if (r == 0)
		board_taken_up(b, board);
	return r;
}

/* The command's register, which is between them, can only be written. */
static int read_identity(struct boards *b, struct board *board, uint16_t *ret,
			 struct rig_error *err)
{
	int r = board_read(b, board, BOARD_MAGIC, BOARD_COMMAND, ret, err);

	ret[BOARD_COMMAND] = 0;
	return r < 0 ? r : board_read(b, board, BOARD_SERIAL, 2, ret + BOARD_SERIAL, err);
}

bool board_is_due(const struct board *board)
{
	return !board->lost || boards_now_ns() >= board->ask_ns;
}

static int still_lost(const struct board *board, struct rig_error *err)
{
	rig_fail(err, board->error, "%s", board->device->text);
	err->edge = (long)board->first;
	return board->error;
}

int board_awake(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t id[IDENTITY];
	int r;

	if (!board->lost)
		return 0;
	if (!board_is_due(board))
		return still_lost(board, err);
	r = read_identity(b, board, id, err);
	return r < 0 ? r : take_up(b, board, id, err);
}

static bool is_as_set(const struct boards *b, const struct board *board, const uint16_t *id)
{
	return !board->lost && id[BOARD_MAGIC] == BOARD_MAGIC_VALUE &&
	       id[BOARD_BOOTS] == (uint16_t)board->device->boots &&
	       boards_long(id + BOARD_SERIAL) == board->device->serial &&
	       id[BOARD_WATCHDOG_MS] == watchdog_ms(b) &&
	       (b->capacitor < 0 || id[BOARD_CAPACITOR] == b->capacitor) &&
	       !(id[BOARD_STATUS] & BOARD_IS_TRIPPED);
}

int board_check(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t id[IDENTITY];
	int r;

	if (!board_is_due(board))
		return still_lost(board, err);
	r = read_identity(b, board, id, err);
	if (r == 0 && !is_as_set(b, board, id)) {
		board->lost = true;
		r = take_up(b, board, id, err);
	} else if (r == 0) {
		board_status(b, board, id[BOARD_STATUS], &b->ignored);
	}
	if (r < 0)
		return r;
	/* what is left after a take-up, which clears the watchdog */
	return board_status(b, board,
			    (board->unpowered ? BOARD_IS_UNPOWERED : 0) |
				    (board->tripped ? BOARD_IS_TRIPPED : 0),
			    err);
}
