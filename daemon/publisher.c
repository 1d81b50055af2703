/* daemon/publisher.c - the XPUB socket: headers, events, heartbeat, welcome. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/door.h"
#include "daemon/publisher_impl.h"
#include "daemon/router.h"
#include "protocol/record.h"

/* What may wait for one slow subscriber. */
#define WAITING_BYTES (64u * 1024u * 1024u)
/* Subscriptions read at a time, so that a flood of them leaves the loop its turn. */
#define HEAR_AT_ONCE     64
#define MAX_SUBSCRIPTION 4096
/* A change that somebody waits for is committed at once, so not after every test of a fast run. */
#define TICKET_PACE_NS 20000000ll
#define TICKET_TOKEN   (1ull << 63)

static int set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int make_socket(struct publisher *publisher, const struct publisher_setup *setup)
{
	const int64_t largest = MAX_SUBSCRIPTION;
	size_t page = setup->largest_row_bytes > RECORD_MAX_BYTES ? setup->largest_row_bytes
								  : RECORD_MAX_BYTES;
	size_t hwm = WAITING_BYTES / (page + 4096);

	publisher->socket = zmq_socket(setup->zmq_context, ZMQ_XPUB);
	if (!publisher->socket)
		return -1;
	/* the limit counts messages and holds for connections made after it was set */
	if (set_int(publisher->socket, ZMQ_SNDHWM, hwm < 4 ? 4 : (int)hwm) < 0 ||
	    set_int(publisher->socket, ZMQ_LINGER, 500) < 0 ||
	    set_int(publisher->socket, ZMQ_XPUB_VERBOSE, 1) < 0 ||
	    set_int(publisher->socket, ZMQ_HANDSHAKE_IVL, ROUTER_HANDSHAKE_MS) < 0 ||
	    zmq_setsockopt(publisher->socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) < 0)
		return -1;
	return 0;
}

static int bind_socket(struct publisher *publisher, const struct publisher_setup *setup,
		       struct problem *p)
{
	char last[256];
	size_t size = sizeof(last);

	if (make_socket(publisher, setup) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no socket for the stream: %s",
				   zmq_strerror(zmq_errno()));
	if (door_bind(setup->door, setup->zmq_context, publisher->socket, setup->endpoint,
		      setup->also, p) < 0)
		return -1;
	/* the TCP one is bound last, if there is one */
	if (zmq_getsockopt(publisher->socket, ZMQ_LAST_ENDPOINT, last, &size) == 0 &&
	    strncmp(last, "tcp://", 6) == 0)
		publisher->tcp = strdup(last);
	return 0;
}

void publisher_drop_tcp(struct publisher *publisher)
{
	if (publisher->tcp)
		(void)zmq_unbind(publisher->socket, publisher->tcp);
}

int publisher_bind_tcp(struct publisher *publisher)
{
	if (!publisher->tcp || zmq_bind(publisher->socket, publisher->tcp) == 0)
		return 0;
	return -zmq_errno();
}

int publisher_open(const struct publisher_setup *setup, struct publisher **ret, struct problem *p)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (publisher)
		publisher->sequence = sequence_new();
	if (!publisher || !publisher->sequence) {
		publisher_close(publisher);
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the stream");
	}
	publisher->boot = setup->boot;
	publisher->store = setup->store;
	publisher->replay = setup->replay;
	publisher->on_welcome = setup->on_welcome;
	publisher->context = setup->context;
	publisher->ticket = 1;
	if (bind_socket(publisher, setup, p) < 0) {
		publisher_close(publisher);
		return -1;
	}
	*ret = publisher;
	return 0;
}

void publisher_close(struct publisher *publisher)
{
	if (!publisher)
		return;
	if (publisher->socket)
		zmq_close(publisher->socket);
	ring_unref(publisher->ring);
	ring_unref(publisher->after);
	free(publisher->rows);
	free(publisher->tcp);
	sequence_free(publisher->sequence);
	free(publisher);
}

void *publisher_socket(struct publisher *publisher)
{
	return publisher->socket;
}

struct sequence *publisher_sequence(struct publisher *publisher)
{
	return publisher->sequence;
}

/* An XPUB socket never says EAGAIN: it drops for those who do not keep up. */
void publisher_frame(struct publisher *publisher, const void *bytes, size_t size, bool more)
{
	(void)zmq_send(publisher->socket, bytes, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
}

void publisher_message(struct publisher *publisher, zmq_msg_t *message, bool more)
{
	if (zmq_msg_send(message, publisher->socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0)
		zmq_msg_close(message);
}

/* body's members behind those that every record has. */
static void send_json(struct publisher *publisher, const char *topic, const char *kind,
		      const struct sequence_stamp *stamp, const json_t *body, bool more)
{
	json_t *header =
		json_pack("{s:i, s:s, s:s, s:I, s:I, s:I}", "v", PROTOCOL_VERSION, "kind", kind,
			  "boot", publisher->boot, "seq", (json_int_t)stamp->seq, "prev",
			  (json_int_t)stamp->prev, "durable_seq", (json_int_t)stamp->durable_seq);
	const char *name;
	json_t *value;
	char *text;

	json_object_foreach((json_t *)body, name, value) if (!json_object_get(header, name))
		json_object_set(header, name, value);
	text = json_dumps(header, JSON_COMPACT);
	publisher_frame(publisher, topic, strlen(topic), true);
	publisher_frame(publisher, text ? text : "{}", text ? strlen(text) : 2, more);
	free(text);
	json_decref(header);
}

static void send_plain(struct publisher *publisher, const char *topic, const char *kind,
		       const json_t *body)
{
	struct sequence_stamp stamp;

	if (sequence_next(publisher->sequence, topic, &stamp) == 0)
		send_json(publisher, topic, kind, &stamp, body, false);
}

/* A kept record counts as durable when the change behind the run's first `rows` rows is. */
static int stamp_kept(struct publisher *publisher, const char *topic, uint64_t rows,
		      struct sequence_stamp *stamp)
{
	if (publisher->ring && publisher->after != publisher->ring) {
		ring_unref(publisher->after);
		publisher->after = ring_ref(publisher->ring);
		publisher->after_rows = 0;
	}
	if (publisher->after_rows < rows)
		publisher->after_rows = rows;
	publisher->ticket_used = true;
	return sequence_next_ticket(publisher->sequence, topic, publisher->ticket, stamp);
}

void publisher_descriptor(struct publisher *publisher, const json_t *descriptor, uint64_t rows)
{
	struct sequence_stamp stamp;

	if (stamp_kept(publisher, "desc.", rows, &stamp) == 0)
		send_json(publisher, "desc.", "desc", &stamp, descriptor, false);
}

void publisher_event(struct publisher *publisher, const json_t *body, uint64_t rows)
{
	struct sequence_stamp stamp;
	json_t *copy = json_copy((json_t *)body);
	char utc[28];

	if (!json_object_get(copy, "t_utc"))
		json_object_set_new(copy, "t_utc",
				    json_string(record_utc(clock_utc_ns(), utc, sizeof(utc))));
	if (stamp_kept(publisher, "event.", rows, &stamp) == 0)
		send_json(publisher, "event.", "event", &stamp, copy, false);
	json_decref(copy);
}

void publisher_test(struct publisher *publisher, const struct report *report)
{
	struct sequence_stamp stamp;
	json_t *body = json_copy(report->json);
	char topic[32];

	json_object_set_new(body, "run", json_integer((json_int_t)report->run));
	json_object_set_new(body, "step", json_integer((json_int_t)report->step));
	json_object_set_new(body, "arrays",
			    json_pack("[{s:s, s:s, s:[I, I]}]", "name", "outputs_V", "dtype", "<f8",
				      "shape", (json_int_t)report->n_examples,
				      (json_int_t)report->n_targets));
	snprintf(topic, sizeof(topic), "test.%08llu.", (unsigned long long)report->run);
	if (stamp_kept(publisher, topic, report->rows, &stamp) == 0) {
		send_json(publisher, topic, "test", &stamp, body, true);
		publisher_frame(publisher, report->outputs_V,
				report->n_examples * report->n_targets * sizeof(double), false);
	}
	json_decref(body);
}

void publisher_state(struct publisher *publisher, const json_t *changed)
{
	send_plain(publisher, "state.", "state", changed);
}

static void welcome(void *context, const char *topic)
{
	struct publisher *publisher = context;
	char nonce[WELCOME_LENGTH];
	json_t *body;

	snprintf(nonce, sizeof(nonce), "%s", topic + strlen("welcome."));
	nonce[strlen(nonce) - 1] = '\0'; /* its dot */
	body = json_pack("{s:s}", "nonce", nonce);
	if (publisher->replay)
		json_object_set(body, "replay", (json_t *)publisher->replay);
	send_plain(publisher, topic, "welcome", body);
	json_decref(body);
}

void publisher_heartbeat(struct publisher *publisher, const json_t *body)
{
	json_t *copy = json_copy((json_t *)body);

	json_object_set_new(copy, "last", sequence_last(publisher->sequence));
	send_plain(publisher, "hb.", "hb", copy);
	json_decref(copy);
	welcome_again(&publisher->welcomes, welcome, publisher);
}

void publisher_log(struct publisher *publisher, enum log_level level, const char *name,
		   const char *text)
{
	char utc[28];
	json_t *body = json_pack("{s:i, s:s, s:s, s:s}", "level", (int)level, "name", name, "text",
				 text, "t_utc", record_utc(clock_utc_ns(), utc, sizeof(utc)));

	if (!body) /* a text that is not UTF-8 */
		return;
	send_plain(publisher, "log.", "log", body);
	json_decref(body);
}

static void hear(struct publisher *publisher, bool comes, const char *topic, size_t n)
{
	char name[WELCOME_LENGTH];

	if (!welcome_topic(topic, n))
		return;
	if (!comes) {
		welcome_forget(&publisher->welcomes, topic, n);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)n, topic);
	welcome(publisher, name);
	welcome_remember(&publisher->welcomes, topic, n);
	if (publisher->on_welcome)
		publisher->on_welcome(publisher->context);
}

void publisher_hear(struct publisher *publisher)
{
	for (int i = 0; i < HEAR_AT_ONCE; i++) {
		zmq_msg_t m;
		const char *bytes;

		zmq_msg_init(&m);
		if (zmq_msg_recv(&m, publisher->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&m);
			return;
		}
		bytes = zmq_msg_data(&m);
		if (zmq_msg_size(&m) > 1 && (bytes[0] == 0 || bytes[0] == 1))
			hear(publisher, bytes[0] == 1, bytes + 1, zmq_msg_size(&m) - 1);
		zmq_msg_close(&m);
	}
}

uint64_t publisher_want_ticket(struct publisher *publisher)
{
	publisher->ticket_used = true;
	return publisher->ticket;
}

bool publisher_ticket_done(const struct publisher *publisher, uint64_t ticket)
{
	return publisher->ticket_done >= ticket;
}

/* There is no store: what is published was on disk before. */
static void pass_ticket(struct publisher *publisher)
{
	publisher->ticket_done = publisher->ticket_posted = publisher->ticket++;
	publisher->ticket_used = false;
	sequence_ticket_durable(publisher->sequence, publisher->ticket_done);
}

int64_t publisher_post_ticket(struct publisher *publisher, int64_t now_ns)
{
	struct change *change;

	if (!publisher->store) {
		if (publisher->ticket_used)
			pass_ticket(publisher);
		return 0;
	}
	if (!publisher->ticket_used || publisher->ticket_posted > publisher->ticket_done)
		return 0;
	if (now_ns < publisher->ticket_ns + TICKET_PACE_NS)
		return publisher->ticket_ns + TICKET_PACE_NS;
	change = change_new(TICKET_TOKEN | publisher->ticket);
	if (!change)
		return now_ns + TICKET_PACE_NS;
	publisher->ticket_ns = now_ns;
	publisher->ticket_posted = publisher->ticket++;
	publisher->ticket_used = false;
	if (publisher->after)
		store_post_after(publisher->store, change, publisher->after, publisher->after_rows);
	else
		store_post(publisher->store, change);
	if (publisher->after != publisher->ring) {
		ring_unref(publisher->after);
		publisher->after = NULL;
	}
	return 0;
}

bool publisher_heard(struct publisher *publisher, const struct store_report *report)
{
	switch (report->kind) {
	case STORE_DURABLE:
		sequence_rows_durable(publisher->sequence, report->run, report->rows);
		return true;
	case STORE_DONE:
	case STORE_FAILED: /* what cannot be stored is not waited for */
		if (!(report->token & TICKET_TOKEN))
			return false;
		publisher->ticket_done = report->token & ~TICKET_TOKEN;
		sequence_ticket_durable(publisher->sequence, publisher->ticket_done);
		return true;
	case STORE_TROUBLE:
	case STORE_WELL:
	case STORE_THINS:
		break;
	}
	return false;
}
