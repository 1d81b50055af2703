/* drivers/bench_card.c - the card as a device that may be away, and comes back by itself. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/bench_impl.h"

#define FIRST_BACKOFF_S 0.5
#define LAST_BACKOFF_S  30.0

/* ---- its state, changed here alone ---- */

static void change_state(struct bench *b, enum rig_device_state state, const char *why)
{
	static const char *const word[] = {[RIG_DEVICE_UP] = "up",
					   [RIG_DEVICE_DEGRADED] = "degraded",
					   [RIG_DEVICE_DOWN] = "down"};
	struct rig_device *row = &b->device.row;
	struct rig_note note = {.kind = RIG_NOTE_DEVICE,
				.alarm = state == RIG_DEVICE_DOWN || row->state == RIG_DEVICE_DOWN,
				.over = state == RIG_DEVICE_UP,
				.node = -1,
				.edge = -1,
				.board = -1};

	snprintf(row->text, sizeof(row->text), "%s", why);
	if (row->state == state)
		return;
	row->state = state;
	row->since_ns = bench_now_ns(b);
	bench_note(b, &note, "%s is %s%s%s", row->name, word[state], why[0] ? ": " : "", why);
}

/* The card is asked again later, each time after a longer while. */
static void lose(struct bench *b, const char *why)
{
	struct bench_device *d = &b->device;

	daq_close(b->card);
	b->card = NULL;
	b->live = false;
	b->relays_known = false;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->output[i].volts = NAN;
	d->backoff_s = d->backoff_s > 0 ? fmin(2 * d->backoff_s, LAST_BACKOFF_S) : FIRST_BACKOFF_S;
	d->retry_ns = bench_now_ns(b) + (int64_t)(1e9 * d->backoff_s);
	change_state(b, RIG_DEVICE_DOWN, why);
}

/* ---- calls ---- */

/* A request that made no sense says nothing about the card. */
static bool is_the_cards_fault(int r)
{
	return r < 0 && r != -EINVAL && r != -ERANGE && r != -ENOTSUP && r != -EINTR &&
	       r != -ENOMEM;
}

/* Only a card that is gone is let go: of one that fails at something, outputs can still be brought to safe volts. */
int bench_card_told(struct bench *b, int r, const struct rig_error *err)
{
	struct bench_device *d = &b->device;

	d->row.requests++;
	if (!is_the_cards_fault(r)) {
		if (r == 0 && d->row.state == RIG_DEVICE_DEGRADED)
			change_state(b, RIG_DEVICE_UP, "");
		return r;
	}
	d->row.failures++;
	if (r == -ENODEV)
		lose(b, err->text);
	else
		change_state(b, RIG_DEVICE_DEGRADED, err->text);
	return r;
}

int bench_card_need(struct bench *b, struct rig_error *err)
{
	if (b->card)
		return 0;
	return rig_fail(err, -ENODEV, "%s is away: %.160s", b->device.row.name, b->device.row.text);
}

int bench_card_open(struct bench *b, struct rig_error *err)
{
	const struct rig_config *config = b->config;
	int r = daq_open(&config->daq, &config->limits, bench_n_nodes(b), b->wake_fd, &b->card,
			 err);

	b->device.row.requests++;
	if (r < 0) {
		b->card = NULL;
		b->device.row.failures++;
		if (!is_the_cards_fault(r))
			return r;
		lose(b, err->text);
		return 0;
	}
	b->device.backoff_s = 0;
	b->relays_known = false;
	change_state(b, RIG_DEVICE_UP, "");
	bench_learn_outputs(b, err); /* what fails here is the card's state by now */
	return 0;
}

void bench_card_retry(struct bench *b)
{
	struct rig_error err;

	if (b->card || bench_now_ns(b) < b->device.retry_ns)
		return;
	b->device.row.retries++;
	if (bench_card_open(b, &err) < 0)
		lose(b, err.text);
}
