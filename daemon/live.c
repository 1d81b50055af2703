/* daemon/live.c - keeps the reports' last word. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/live.h"

static void let_go(struct live *live)
{
	ring_unref(live->ring);
	json_decref(live->descriptor);
	free(live->row);
	live->ring = NULL;
	live->descriptor = NULL;
	live->row = NULL;
}

void live_clear(struct live *live)
{
	let_go(live);
	for (size_t i = 0; i < LIVE_RINGS; i++)
		ring_unref(live->rings[i].ring);
	free(live->name);
	json_decref(live->devices);
	json_decref(live->suspend);
	memset(live, 0, sizeof(*live));
}

void live_hand(struct live *live, uint64_t run, const char *name, uint64_t steps_total)
{
	live->run = run;
	live->lease = 0;
	live->on_lease_loss = NULL;
	live->steps_total = steps_total;
	free(live->name);
	live->name = strdup(name);
}

void live_begin(struct live *live, uint64_t run, struct ring *ring, json_t *descriptor)
{
	let_go(live);
	live->run = run;
	live->descriptor = json_incref(descriptor);
	if (!ring)
		return;
	live->ring = ring_ref(ring);
	live->row = malloc(ring_layout(ring)->row_bytes);
	ring_unref(live->rings[LIVE_RINGS - 1].ring);
	memmove(live->rings + 1, live->rings, (LIVE_RINGS - 1) * sizeof(live->rings[0]));
	live->rings[0] = (struct live_ring){.ring = ring_ref(ring), .run = run};
}

void live_end(struct live *live, uint64_t run, uint64_t ticket)
{
	memmove(live->ends + 1, live->ends, (LIVE_RINGS - 1) * sizeof(live->ends[0]));
	live->ends[0] = (struct live_end){.run = run, .ticket = ticket};
	if (live->run != run)
		return;
	live->run = 0;
	json_decref(live->suspend);
	live->suspend = NULL;
}

uint64_t live_step(const struct live *live)
{
	/* a run that the rig was given and has not begun has made none; the ring is still the last one's */
	if (!live->ring || (live->run && ring_run(live->ring) != live->run))
		return 0;
	return ring_head(live->ring);
}

const void *live_row(struct live *live)
{
	uint64_t head = live->ring ? ring_head(live->ring) : 0, from = head - 1;

	if (head == 0 || !live->row || ring_copy(live->ring, &from, live->row, 1) != 1)
		return NULL;
	return live->row;
}

bool live_rows(const struct live *live, uint64_t run, uint64_t *ret_made, uint64_t *ret_durable)
{
	for (size_t i = 0; i < LIVE_RINGS; i++) {
		if (!live->rings[i].ring || live->rings[i].run != run)
			continue;
		*ret_made = ring_head(live->rings[i].ring);
		*ret_durable = ring_durable(live->rings[i].ring);
		return true;
	}
	return false;
}

uint64_t live_end_ticket(const struct live *live, uint64_t run)
{
	for (size_t i = 0; i < LIVE_RINGS; i++)
		if (live->ends[i].run == run)
			return live->ends[i].ticket;
	return 0;
}

void live_forget_durable(struct live *live)
{
	for (size_t i = 0; i < LIVE_RINGS; i++) {
		struct live_ring *r = &live->rings[i];

		if (!r->ring || r->run == live->run || ring_durable(r->ring) < ring_head(r->ring))
			continue;
		ring_unref(r->ring);
		r->ring = NULL;
	}
}
