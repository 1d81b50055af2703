/* daemon/request_history.c - history.* and stream.fetch: answered by reader threads. */
#include "config.h"

#include "daemon/request_handlers.h"

static uint64_t number(const struct pending *pending, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(server_params(pending), name));
}

static void read_runs(struct history *h, void *work, struct readers_answer *answer)
{
	history_runs(h, work, &answer->result, &answer->problem);
}

static void read_run(struct history *h, void *work, struct readers_answer *answer)
{
	const struct pending *pending = work;

	history_run(h, pending->run, &answer->result, &answer->problem);
}

static void read_steps(struct history *h, void *work, struct readers_answer *answer)
{
	history_steps(h, work, &answer->result, &answer->frames, &answer->problem);
}

static void read_events(struct history *h, void *work, struct readers_answer *answer)
{
	history_events(h, work, &answer->result, &answer->problem);
}

static void read_audit(struct history *h, void *work, struct readers_answer *answer)
{
	history_audit(h, work, &answer->result, &answer->problem);
}

static void read_records(struct history *h, void *work, struct readers_answer *answer)
{
	history_fetch(h, work, &answer->result, &answer->frames, &answer->problem);
}

void request_history_runs(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_runs, server_params(pending), NULL);
}

static bool begin_is_stored(const struct server *server, const struct pending *pending)
{
	const struct live *live = &server->live;

	return !live->ring || ring_run(live->ring) != pending->run ||
	       publisher_ticket_done(server->publisher, live->begin_ticket);
}

static void read_record(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_run, pending, NULL);
}

/* Who has seen a run's first step finds its descriptor here. */
void request_history_run(struct server *server, struct pending *pending)
{
	pending->run = number(pending, "run");
	if (begin_is_stored(server, pending))
		read_record(server, pending);
	else
		server_park(server, pending, begin_is_stored, read_record, 5.0);
}

void request_history_events(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_events, server_params(pending), NULL);
}

void request_audit_list(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_audit, server_params(pending), NULL);
}

/* ---- steps, also those that were published and are not on disk yet ---- */

static bool rows_are_stored(const struct server *server, const struct pending *pending)
{
	uint64_t made, durable;

	return !live_rows(&server->live, pending->run, &made, &durable) || durable >= pending->rows;
}

static void read_now(struct server *server, struct pending *pending)
{
	bool records = pending->request.method->id == METHOD_STREAM_FETCH;

	server_read(server, pending, records ? read_records : read_steps, server_params(pending),
		    NULL);
}

/* Waits for the commit that is on its way, so that what was published can always be fetched. */
static void read_when_stored(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const json_t *to_step = json_object_get(params, "to_step");
	const json_t *to = to_step ? to_step : json_object_get(params, "to");
	uint64_t made, durable, end;

	pending->run = number(pending, "run");
	if (live_rows(&server->live, pending->run, &made, &durable)) {
		end = to ? (uint64_t)json_integer_value(to) + 1 : made;
		pending->rows = end < made ? end : made;
	}
	if (rows_are_stored(server, pending))
		read_now(server, pending);
	else
		server_park(server, pending, rows_are_stored, read_now, 5.0);
}

void request_history_steps(struct server *server, struct pending *pending)
{
	read_when_stored(server, pending);
}

void request_stream_fetch(struct server *server, struct pending *pending)
{
	if (!request_fetch_ring(server, pending))
		read_when_stored(server, pending);
}
