/* daemon/replay_rows.c - the steps of a recorded run, from the database into the ring. */
#include "config.h"

#include <string.h>

#include "daemon/replay_impl.h"

#define RING_SLICE_S 0.1

int replay_next_row(struct replay *r, void **ret, struct problem *p)
{
	if (r->at_row == r->n_rows && !r->all_read) {
		r->at_row = 0;
		if (history_made_steps(r->history, r->run, r->read_upto, &r->layout, r->rows,
				       REPLAY_ROWS, &r->n_rows, p) < 0) {
			r->n_rows = 0;
			return -1;
		}
		r->all_read = r->n_rows < REPLAY_ROWS;
		if (r->n_rows)
			r->read_upto = (int64_t)record_head(r->rows +
							    (r->n_rows - 1) * r->layout.row_bytes)
					       ->step;
	}
	*ret = r->at_row < r->n_rows ? r->rows + r->at_row * r->layout.row_bytes : NULL;
	return 0;
}

/* Taps and resistances for those who ask for them: as they were read last. */
static void keep_edges(struct replay *r, void *row)
{
	if (record_head(row)->flags & RECORD_WIPER_UNREAD)
		return;
	pthread_mutex_lock(&r->lock);
	memcpy(r->wiper, record_bytes(row, r->layout.wiper), r->layout.n_wipers);
	memcpy(r->r_ohm, record_reals(row, r->layout.r_ohm), r->layout.n_r_ohm * sizeof(double));
	r->edges_known = true;
	pthread_mutex_unlock(&r->lock);
}

/* The publisher makes room: none of its pages is skipped. */
static bool push(struct replay *r, const void *from, enum record_absent absent)
{
	void *row;

	do {
		if (!replay_obey(r))
			return false;
		row = ring_reserve(r->ring, RING_SLICE_S);
	} while (!row);
	memcpy(row, from, r->layout.row_bytes);
	record_head(row)->absent = absent;
	ring_push(r->ring);
	r->head++;
	return true;
}

bool replay_push(struct replay *r, void *row)
{
	if (!replay_fill(r, record_head(row)->step) || !push(r, row, RECORD_PRESENT))
		return false;
	keep_edges(r, row);
	memcpy(r->newest, row, r->layout.row_bytes);
	r->has_newest = true;
	r->at_row++;
	return true;
}

bool replay_fill(struct replay *r, uint64_t steps)
{
	if (!r->has_newest)
		memset(r->newest, 0, r->layout.row_bytes);
	while (r->head < steps)
		if (!push(r, r->newest, r->has_newest ? RECORD_REPEATED : RECORD_EMPTY))
			return false;
	return true;
}
