/* drivers/boards.c - the edge boards of a rig: opened, asked whether they are ready, kept alive, closed. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "drivers/boards_impl.h"

#define IDLE_MOST_S 0.5 /* lost boards do not keep the others waiting for longer */

/* ---- life ---- */

static int check_config(const struct boards_config *config, size_t n_edges, int taps,
			struct rig_error *err)
{
	size_t per = config->edges_per_board;

	if (per < 1 || per > BOARD_EDGES_MOST || n_edges == 0 ||
	    config->n_boards != (n_edges + per - 1) / per)
		return rig_fail(err, -EINVAL, "%zu boards of %zu edges for %zu edges",
				config->n_boards, per, n_edges);
	if (taps < 2 || taps > BOARD_WORD_TAP + 1)
		return rig_fail(err, -EINVAL, "%d taps: the boards' registers carry 2 to %d", taps,
				BOARD_WORD_TAP + 1);
	if (config->n_devices != 1 && config->n_devices != config->n_boards)
		return rig_fail(err, -EINVAL, "%zu devices for %zu boards: one, or one for each",
				config->n_devices, config->n_boards);
	if (config->n_devices != 1 && config->driver == BOARDS_RTU)
		return rig_fail(err, -EINVAL, "%zu devices: a serial line is one",
				config->n_devices);
	if (config->driver == BOARDS_RTU && !boards_bus_has_baud(config->baud))
		return rig_fail(err, -EINVAL,
				"boards.baud is %u, not a speed of serial lines such as 115200",
				config->baud);
	if (!(config->reply_timeout_s > 0 && config->reply_timeout_s <= 10) || config->tries < 1)
		return rig_fail(err, -EINVAL, "boards.reply_timeout_s is %g s, tries %u",
				config->reply_timeout_s, config->tries);
	if (!(config->watchdog_s >= 0 && config->watchdog_s <= 65))
		return rig_fail(err, -EINVAL, "boards.watchdog_s is %g, not 0 to 65 s",
				config->watchdog_s);
	return 0;
}

static int allocate(struct boards *b)
{
	b->board = calloc(b->n, sizeof(*b->board));
	b->device = calloc(b->n, sizeof(*b->device));
	b->bus = calloc(b->config->n_devices, sizeof(struct boards_bus *));
	b->word = calloc(b->n_edges, sizeof(*b->word));
	b->notes.size = 64 + 8 * b->n;
	b->notes.note = calloc(b->notes.size, sizeof(*b->notes.note));
	return b->board && b->device && b->bus && b->word && b->notes.note ? 0 : -ENOMEM;
}

static void set_up_board(struct boards *b, size_t i)
{
	const struct boards_config *config = b->config;
	struct board *board = &b->board[i];
	size_t left = b->n_edges - i * config->edges_per_board;

	board->device = &b->device[i];
	board->bus = b->bus[config->n_devices == 1 ? 0 : i];
	board->address = config->address[i];
	board->first = i * config->edges_per_board;
	board->n = left < config->edges_per_board ? (unsigned)left : config->edges_per_board;
	board->serial_wanted = config->serial ? config->serial[i] : 0;
	board->lost = true;
	snprintf(board->device->name, sizeof(board->device->name), "board %u", board->address);
	snprintf(board->device->text, sizeof(board->device->text), "not asked yet");
	board->device->state = RIG_DEVICE_DOWN;
	board->device->since_ns = boards_now_ns();
}

int boards_open(const struct boards_config *config, size_t n_edges, int taps, struct boards **ret,
		struct rig_error *err)
{
	struct boards *b;
	int r = check_config(config, n_edges, taps, err);

	if (r < 0)
		return r;
	b = calloc(1, sizeof(*b));
	if (!b)
		return rig_fail(err, -ENOMEM, "no memory for the boards");
	b->config = config;
	b->n = config->n_boards;
	b->n_edges = n_edges;
	b->taps = taps;
	b->held = true;
	b->capacitor = -1;
	if (allocate(b) < 0)
		r = rig_fail(err, -ENOMEM, "no memory for %zu boards", b->n);
	for (size_t i = 0; r == 0 && i < config->n_devices; i++)
		r = boards_bus_new(config, config->device[i], &b->bus[i], err);
	if (r < 0) {
		boards_close(b);
		return r;
	}
	for (size_t i = 0; i < b->n; i++)
		set_up_board(b, i);
	boards_plan_reading(b);
	for (size_t i = 0; i < b->n; i++)
		board_awake(b, &b->board[i], &b->ignored);
	*ret = b;
	return 0;
}

void boards_close(struct boards *b)
{
	if (!b)
		return;
	for (size_t i = 0; b->bus && i < b->config->n_devices; i++)
		boards_bus_free(b->bus[i]);
	free(b->bus);
	free(b->board);
	free(b->device);
	free(b->word);
	free(b->notes.note);
	free(b);
}

size_t boards_count(const struct boards *b)
{
	return b->n;
}

const struct rig_device *boards_devices(const struct boards *b)
{
	return b->device;
}

/* ---- are they there? ---- */

static int accept_changed(struct boards *b, struct rig_error *err)
{
	struct board *changed = NULL;
	size_t n = 0;
	char name[64];

	for (size_t i = 0; i < b->n; i++) {
		struct board *board = &b->board[i];

		if (!board->stale)
			continue;
		board->stale = false;
		boards_note(b, board->changed, false, true, board, -1, "%s: taken as it is now",
			    board_name(board, name));
		if (!board->told && n++ == 0)
			changed = board;
	}
	if (!changed)
		return 0;
	rig_fail(err, -ESTALE, "%s%s: came back with other taps than it had",
		 board_name(changed, name), n > 1 ? " and others" : "");
	err->edge = (long)changed->first;
	return -ESTALE;
}

int boards_ready(struct boards *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n; i++) {
		int r = board_check(b, &b->board[i], err);

		if (r < 0)
			return r;
	}
	return accept_changed(b, err);
}

static int look_after(struct boards *b, struct board *board, struct rig_error *err)
{
	uint16_t word[2]; /* boots, status */
	bool was_lost = board->lost;
	int r = board_awake(b, board, err);

	if (r < 0 || was_lost) /* a take-up has read all of it */
		return r;
	r = board_read(b, board, BOARD_STEP, 2, word, err);
	if (r == 0)
		r = board_booted(b, board, word[0], err);
	return r < 0 ? r : board_status(b, board, word[1], err);
}

int boards_idle(struct boards *b, struct rig_error *err)
{
	int64_t until_ns = boards_now_ns() + (int64_t)(IDLE_MOST_S * 1e9);
	struct rig_error *where = err;
	size_t i;
	int first = 0;

	for (i = 0; i < b->n && boards_now_ns() < until_ns; i++) {
		int r = look_after(b, &b->board[(b->idle_at + i) % b->n], where);

		if (r < 0 && first == 0) {
			first = r;
			where = &b->ignored;
		}
	}
	b->idle_at = (b->idle_at + i) % b->n;
	return first;
}
