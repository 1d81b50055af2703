/* drivers/boards_state.c - a board's state, changed in one place, and the notes and sentences that tell of it.
 *
 *            first failure            second                    taken up
 *        UP ---------------> DEGRADED --------> DOWN (back-off) ---------> UP
 *         ^______ answered ______|
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drivers/boards_impl.h"

#define BACK_OFF_FIRST_S 0.1
#define BACK_OFF_MOST_S  2.0

/* ---- notes ---- */

void boards_note(struct boards *b, enum rig_note_kind kind, bool alarm, bool over,
		 const struct board *board, long edge, const char *format, ...)
{
	struct boards_notes *notes = &b->notes;
	struct rig_note *note;
	va_list args;

	if (notes->n == notes->size) { /* nobody takes them: the newest tell more */
		notes->first = (notes->first + 1) % notes->size;
		notes->n--;
		notes->dropped++;
	}
	note = &notes->note[(notes->first + notes->n++) % notes->size];
	*note = (struct rig_note){.kind = kind,
				  .alarm = alarm,
				  .over = over,
				  .node = -1,
				  .edge = edge,
				  .board = board ? board->address : -1};
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

bool boards_take_note(struct boards *b, struct rig_note *ret)
{
	struct boards_notes *notes = &b->notes;

	if (notes->dropped) {
		*ret = (struct rig_note){
			.kind = RIG_NOTE_DEVICE, .node = -1, .edge = -1, .board = -1};
		snprintf(ret->text, sizeof(ret->text),
			 "boards: %llu older notes were not taken in time",
			 (unsigned long long)notes->dropped);
		notes->dropped = 0;
		return true;
	}
	if (notes->n == 0)
		return false;
	*ret = notes->note[notes->first];
	notes->first = (notes->first + 1) % notes->size;
	notes->n--;
	return true;
}

const char *board_name(const struct board *board, char ret[64])
{
	if (board->n == 1)
		snprintf(ret, 64, "board %u (edge %zu)", board->address, board->first);
	else
		snprintf(ret, 64, "board %u (edges %zu to %zu)", board->address, board->first,
			 board->first + board->n - 1);
	return ret;
}

/* ---- states ---- */

static void change_state(struct board *board, enum rig_device_state state, const char *text)
{
	struct rig_device *device = board->device;

	if (device->state != state)
		device->since_ns = boards_now_ns();
	device->state = state;
	snprintf(device->text, sizeof(device->text), "%s", text);
}

static void up(struct boards *b, struct board *board)
{
	bool first = !board->known && board->device->failures == 0;
	char name[64];

	board->failures = 0;
	board->error = 0;
	board->ask_ns = 0;
	board->back_off_s = 0;
	if (board->device->state == RIG_DEVICE_UP)
		return;
	change_state(board, RIG_DEVICE_UP, "");
	if (!first)
		boards_note(b, RIG_NOTE_DEVICE, false, true, board, -1, "%s answers again",
			    board_name(board, name));
}

void board_answered(struct boards *b, struct board *board)
{
	board->device->requests++;
	if (!board->lost)
		up(b, board);
}

void board_taken_up(struct boards *b, struct board *board)
{
	board->lost = false;
	up(b, board);
	board->known = true;
}

int board_failed(struct boards *b, struct board *board, int r, const char *why,
		 struct rig_error *err)
{
	struct rig_device *device = board->device;
	enum rig_device_state state = RIG_DEVICE_DOWN;
	char name[64], text[160];

	device->requests++;
	device->failures++;
	board->failures++;
	board->error = r;
	if (!board->lost && board->failures == 1)
		state = RIG_DEVICE_DEGRADED;
	snprintf(text, sizeof(text), "%s: %s", board_name(board, name), why);
	if (state == RIG_DEVICE_DOWN) {
		board->lost = true;
		board->back_off_s = board->back_off_s == 0 ? BACK_OFF_FIRST_S
				    : board->back_off_s < BACK_OFF_MOST_S / 2
					    ? 2 * board->back_off_s
					    : BACK_OFF_MOST_S;
		board->ask_ns = boards_now_ns() + (int64_t)(board->back_off_s * 1e9);
		if (device->state != RIG_DEVICE_DOWN) /* adapters hang, too */
			boards_bus_renew(board->bus);
	}
	if (device->state != state || (!board->known && board->failures == 1))
		boards_note(b, RIG_NOTE_DEVICE, state == RIG_DEVICE_DOWN, false, board, -1, "%s%s",
			    text, state == RIG_DEVICE_DOWN ? ": lost" : "");
	change_state(board, state, text);
	rig_fail(err, r, "%s", text);
	err->edge = (long)board->first;
	return r;
}

int board_changed(struct boards *b, struct board *board, enum rig_note_kind kind, long edge,
		  struct rig_error *err, const char *format, ...)
{
	char name[64], what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	board->stale = true;
	board->told = false;
	board->changed = kind;
	board->lost = true;
	boards_note(b, kind, true, false, board, edge, "%s: %s", board_name(board, name), what);
	rig_fail(err, -ESTALE, "%s: %s", name, what);
	err->edge = edge >= 0 ? edge : (long)board->first;
	return -ESTALE;
}

/* ---- supply and watchdog ---- */

static void note_supply(struct boards *b, struct board *board, bool *was, bool is, const char *bad,
			const char *well)
{
	char name[64];

	if (*was == is)
		return;
	*was = is;
	boards_note(b, RIG_NOTE_SUPPLY, is, !is, board, -1, "%s: %s", board_name(board, name),
		    is ? bad : well);
}

int board_status(struct boards *b, struct board *board, uint16_t status, struct rig_error *err)
{
	char name[64];

	note_supply(b, board, &board->unpowered, status & BOARD_IS_UNPOWERED, "supply out of range",
		    "supply in range again");
	note_supply(b, board, &board->tripped, status & BOARD_IS_TRIPPED,
		    "watchdog tripped, its edges hold", "watchdog cleared");
	if (!board->unpowered && !board->tripped)
		return 0;
	rig_fail(err, -EHOSTDOWN, "%s: %s", board_name(board, name),
		 board->unpowered ? "supply out of range" : "watchdog tripped, its edges hold");
	err->edge = (long)board->first;
	return -EHOSTDOWN;
}
