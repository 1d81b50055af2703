/* daemon/publisher_steps.c - step records: alone at the bench's pace, in pages when they come fast. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/publisher_impl.h"

#define MS 1000000ll

/* Steps closer than this share a page, so above 100 steps/s there are pages, at most 100 of them a second. */
#define PAGE_PACE_NS   (10 * MS)
#define LATEST_PACE_NS (50 * MS)

void publisher_follow(struct publisher *publisher, struct ring *ring)
{
	const struct record_layout *layout = ring ? ring_layout(ring) : NULL;

	if (publisher->ring)
		publisher_steps_upto(publisher, ring_head(publisher->ring));
	ring_unref(publisher->ring);
	publisher->ring = NULL;
	free(publisher->rows);
	publisher->rows = NULL;
	if (!ring)
		return;
	publisher->rows = malloc(layout->page_rows * layout->row_bytes);
	if (!publisher->rows)
		return; /* this run's steps are to be fetched */
	publisher->ring = ring_ref(ring);
	publisher->seen_rows = publisher->next_row = publisher->latest_row = 0;
	publisher->page_ns = publisher->latest_ns = 0;
	publisher->desc = ring_run(ring);
	publisher->row_bytes = layout->row_bytes;
	publisher->n_arrays = record_arrays(layout, publisher->arrays);
	snprintf(publisher->topic, sizeof(publisher->topic), "step.%08llu.",
		 (unsigned long long)ring_run(ring));
}

/* Topic, header and one frame an array of n rows that stand in publisher->rows. */
static void send_rows(struct publisher *publisher, const char *topic,
		      const struct sequence_stamp *stamp, uint64_t step, size_t n)
{
	const struct record_page page = {
		.boot = publisher->boot,
		.seq = stamp->seq,
		.prev = stamp->prev,
		.durable_seq = stamp->durable_seq,
		.run = ring_run(publisher->ring),
		.step = step,
		.desc = publisher->desc,
		.n = n,
		.left_out = !record_is_kept(ring_layout(publisher->ring), step),
		.t_utc_ns = clock_utc_ns(),
	};
	char header[512];
	size_t length = record_header(&page, header, sizeof(header));

	publisher_frame(publisher, topic, strlen(topic), true);
	publisher_frame(publisher, header, length, true);
	for (size_t i = 0; i < publisher->n_arrays; i++) {
		const struct record_array *a = &publisher->arrays[i];
		zmq_msg_t frame;

		if (zmq_msg_init_size(&frame, n * a->width * a->item_bytes) < 0)
			zmq_msg_init(
				&frame); /* no memory: an empty frame keeps the shape of the message */
		else
			record_gather(a, publisher->rows, publisher->row_bytes, n,
				      zmq_msg_data(&frame));
		publisher_message(publisher, &frame, i + 1 < publisher->n_arrays);
	}
}

/* Rows that the store has already committed count at once: no report about them will come. */
static int stamp_rows(struct publisher *publisher, struct sequence_stamp *stamp)
{
	uint64_t run = ring_run(publisher->ring);

	if (!publisher->store ||
	    !record_is_kept(ring_layout(publisher->ring), publisher->next_row - 1) ||
	    ring_durable(publisher->ring) >= publisher->next_row)
		return sequence_next(publisher->sequence, publisher->topic, stamp);
	return sequence_next_rows(publisher->sequence, publisher->topic, run, publisher->next_row,
				  stamp);
}

static enum record_absent absent(const struct publisher *publisher, size_t i)
{
	return record_head(publisher->rows + i * publisher->row_bytes)->absent;
}

/* How many of the n rows that stand in publisher->rows, row number `first` and those behind it, are of one page: those that
 * the log keeps, or those that it leaves out; those that are there, or those that are not. */
static size_t kept_alike(const struct publisher *publisher, uint64_t first, size_t n)
{
	const struct record_layout *layout = ring_layout(publisher->ring);
	bool kept = record_is_kept(layout, first), there = absent(publisher, 0) == RECORD_PRESENT;
	size_t i = 1;

	while (i < n && record_is_kept(layout, first + i) == kept &&
	       (absent(publisher, i) == RECORD_PRESENT) == there)
		i++;
	return i;
}

/* One page from next_row on, of at most max rows; false: there is none. */
static bool publish_page(struct publisher *publisher, size_t max)
{
	const struct record_layout *layout = ring_layout(publisher->ring);
	struct sequence_stamp stamp;
	uint64_t from = publisher->next_row;
	size_t n = ring_copy(publisher->ring, &from, publisher->rows,
			     max < layout->page_rows ? max : layout->page_rows);

	if (n == 0)
		return false;
	from -= n;
	n = kept_alike(publisher, from, n);
	publisher->next_row = from + n;
	if (absent(publisher, 0) == RECORD_PRESENT && stamp_rows(publisher, &stamp) == 0)
		send_rows(publisher, publisher->topic, &stamp, record_head(publisher->rows)->step,
			  n);
	if (!publisher->store) /* nobody else reads the ring: there is room for more */
		ring_release(publisher->ring, publisher->next_row);
	return true;
}

static void publish_latest(struct publisher *publisher, uint64_t head)
{
	struct sequence_stamp stamp;
	uint64_t from = head - 1;

	if (ring_copy(publisher->ring, &from, publisher->rows, 1) != 1)
		return;
	publisher->latest_row = from;
	if (absent(publisher, 0) == RECORD_EMPTY)
		return;
	sequence_next(publisher->sequence, "latest.", &stamp);
	send_rows(publisher, "latest.", &stamp, record_head(publisher->rows)->step, 1);
}

void publisher_steps_upto(struct publisher *publisher, uint64_t rows)
{
	while (publisher->ring && publisher->next_row < rows)
		if (!publish_page(publisher, (size_t)(rows - publisher->next_row)))
			break;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a == 0 || b < a ? b : a;
}

void publisher_look(struct publisher *publisher)
{
	publisher->seen_rows = publisher->ring ? ring_head(publisher->ring) : 0;
}

void publisher_look_away(struct publisher *publisher)
{
	publisher->seen_rows = 0;
}

int64_t publisher_steps(struct publisher *publisher, int64_t now_ns)
{
	uint64_t head = publisher->seen_rows;
	int64_t again = 0;

	if (!publisher->ring)
		return 0;
	if (head > publisher->next_row) {
		if (now_ns - publisher->page_ns >= PAGE_PACE_NS ||
		    head - publisher->next_row >= ring_layout(publisher->ring)->page_rows) {
			publisher_steps_upto(publisher, head);
			publisher->page_ns = now_ns;
		} else {
			again = publisher->page_ns + PAGE_PACE_NS;
		}
	}
	if (head > publisher->latest_row) {
		if (now_ns - publisher->latest_ns >= LATEST_PACE_NS) {
			publish_latest(publisher, head);
			publisher->latest_ns = now_ns;
		} else {
			again = sooner(again, publisher->latest_ns + LATEST_PACE_NS);
		}
	}
	return again;
}
