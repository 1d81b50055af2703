/* sim_backend/benchd/slave.c - a board on a wire: who is asked, and what spoils its answer. */
#include "config.h"

#include <string.h>

#include "sim_backend/benchd/slave.h"

enum { DEVICE_FAILURE = 4, ADDRESS_MOST = 247 };

long slave_find(const struct world *w, unsigned address)
{
	for (size_t i = 0; i < world_boards(w); i++)
		if (world_board_address(w, i) == address)
			return (long)i;
	return -1;
}

static bool met(unsigned faults, enum world_wire kind)
{
	return faults >> kind & 1;
}

void slave_ask(struct world *w, size_t board, uint8_t address, const uint8_t *pdu, size_t n,
	       int64_t now_ns, struct slave_answer *ret)
{
	double late_s;
	unsigned faults = world_wire_fault(w, board, now_ns, &late_s);

	*ret = (struct slave_answer){.address = address, .late_s = late_s};
	if (met(faults, WORLD_WIRE_SILENCE))
		return;
	world_board_heard(w, board, now_ns);
	if (met(faults, WORLD_WIRE_REFUSED))
		ret->n = modbus_pdu_exception(pdu[0], DEVICE_FAILURE, ret->pdu);
	else
		ret->n = modbus_pdu_answer(w, board, pdu, n, now_ns, ret->pdu);
	if (met(faults, WORLD_WIRE_HANG))
		ret->n = 0;
	if (met(faults, WORLD_WIRE_ADDRESS))
		ret->address = (uint8_t)(address % ADDRESS_MOST + 1);
	ret->half = met(faults, WORLD_WIRE_HALF);
	ret->wrong_crc = met(faults, WORLD_WIRE_CRC);
}

void slave_broadcast(struct world *w, const uint8_t *pdu, size_t n, int64_t now_ns)
{
	for (size_t i = 0; i < world_boards(w); i++) {
		double late_s;
		unsigned faults = world_wire_fault(w, i, now_ns, &late_s);

		if (met(faults, WORLD_WIRE_SILENCE))
			continue;
		world_board_heard(w, i, now_ns);
		if (!met(faults, WORLD_WIRE_REFUSED))
			modbus_pdu_broadcast(w, i, pdu, n, now_ns);
	}
}

/* ---- answers that wait ---- */

void slave_queue_put(struct slave_queue *q, int64_t due_ns, const uint8_t *bytes, size_t n)
{
	if (q->n == SLAVE_WAITING || n == 0 || n > SLAVE_BYTES)
		return;
	q->item[q->n].due_ns = due_ns;
	q->item[q->n].n = n;
	memcpy(q->item[q->n].bytes, bytes, n);
	q->n++;
}

static size_t earliest(const struct slave_queue *q)
{
	size_t best = 0;

	for (size_t i = 1; i < q->n; i++)
		if (q->item[i].due_ns < q->item[best].due_ns)
			best = i;
	return best;
}

int64_t slave_queue_due_ns(const struct slave_queue *q)
{
	return q->n ? q->item[earliest(q)].due_ns : INT64_MAX;
}

size_t slave_queue_take(struct slave_queue *q, int64_t now_ns, uint8_t ret[SLAVE_BYTES])
{
	size_t i = earliest(q), n;

	if (q->n == 0 || q->item[i].due_ns > now_ns)
		return 0;
	n = q->item[i].n;
	memcpy(ret, q->item[i].bytes, n);
	q->n--;
	memmove(&q->item[i], &q->item[i + 1], (q->n - i) * sizeof(q->item[0]));
	return n;
}
