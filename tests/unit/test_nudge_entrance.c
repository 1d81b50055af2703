/* tests/unit/test_nudge_entrance.c - a client's socket at a door that is shut, opened, and shut again. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "clients/libnudge/wire.h"
#include "tests/check.h"

/* A server that speaks CURVE and lets in whom `open` says, with an echo behind. */
struct server {
	void *context, *zap, *echo;
	struct key_pair pair;
	char endpoint[64];
	atomic_bool open, stop;
	atomic_int asked; /* by ZAP */
	pthread_t thread;
};

static double slow(void)
{
	const char *text = getenv("NUDGED_TEST_SLOW");

	return text ? atof(text) : 1;
}

static void answer_zap(struct server *s)
{
	char frames[8][256];
	int size[8], n = 0, more = 1;
	size_t more_size = sizeof(more);
	bool good = atomic_load(&s->open);

	for (; more && n < 8; n++) {
		size[n] = zmq_recv(s->zap, frames[n], sizeof(frames[n]), 0);
		zmq_getsockopt(s->zap, ZMQ_RCVMORE, &more, &more_size);
	}
	zmq_send(s->zap, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(s->zap, frames[1], (size_t)size[1], ZMQ_SNDMORE);
	zmq_send(s->zap, good ? "200" : "400", 3, ZMQ_SNDMORE);
	zmq_send(s->zap, "", 0, ZMQ_SNDMORE);
	zmq_send(s->zap, "", 0, ZMQ_SNDMORE);
	zmq_send(s->zap, "", 0, 0);
	atomic_fetch_add(&s->asked, 1);
}

static void echo(struct server *s)
{
	char who[64], text[64];
	int n = zmq_recv(s->echo, who, sizeof(who), 0);
	int m = zmq_recv(s->echo, text, sizeof(text), 0);

	zmq_send(s->echo, who, (size_t)n, ZMQ_SNDMORE);
	zmq_send(s->echo, text, (size_t)m, 0);
}

static void *serve(void *argument)
{
	struct server *s = argument;
	zmq_pollitem_t items[2] = {{.socket = s->zap, .events = ZMQ_POLLIN},
				   {.socket = s->echo, .events = ZMQ_POLLIN}};

	while (!atomic_load(&s->stop)) {
		zmq_poll(items, 2, 20);
		if (items[0].revents)
			answer_zap(s);
		if (items[1].revents)
			echo(s);
	}
	return NULL;
}

/* endpoint NULL: a port that is free */
static void server_start(struct server *s, const char *endpoint)
{
	const int on = 1, linger = 0;
	size_t size = sizeof(s->endpoint);

	s->context = zmq_ctx_new();
	s->zap = zmq_socket(s->context, ZMQ_REP);
	s->echo = zmq_socket(s->context, ZMQ_ROUTER);
	assert_int_equal(zmq_bind(s->zap, "inproc://zeromq.zap.01"), 0);
	zmq_setsockopt(s->echo, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(s->echo, ZMQ_CURVE_SERVER, &on, sizeof(on));
	zmq_setsockopt(s->echo, ZMQ_CURVE_SECRETKEY, s->pair.secret_key, KEY_CHARS + 1);
	zmq_setsockopt(s->echo, ZMQ_ZAP_DOMAIN, "test", 4);
	assert_int_equal(zmq_bind(s->echo, endpoint ? endpoint : "tcp://127.0.0.1:*"), 0);
	if (!endpoint)
		zmq_getsockopt(s->echo, ZMQ_LAST_ENDPOINT, s->endpoint, &size);
	atomic_store(&s->stop, false);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	atomic_store(&s->stop, true);
	pthread_join(s->thread, NULL);
	zmq_close(s->zap);
	zmq_close(s->echo);
	zmq_ctx_term(s->context);
}

static struct wire_keys keys_for(const struct server *s)
{
	struct wire_keys keys;

	memcpy(keys.server_key, s->pair.public_key, sizeof(keys.server_key));
	assert_true(wire_make_pair(&keys.own));
	assert_true(wire_is_pair(&keys.own));
	return keys;
}

/* Asks until the echo comes, at most so long: how often the door said no. */
static int refusals_until_in(struct wire *w, double patience_s)
{
	double end_s = wire_now_s() + patience_s * slow();
	int refused = 0;

	for (;;) {
		struct frames frames;
		int r = wire_send(w, "hello", 5, wire_now_s() + 0.2);

		assert_true(wire_now_s() < end_s);
		if (r == -EACCES)
			refused++;
		if (r == 0 && wire_receive(w, wire_now_s() + 10 * slow(), &frames) == 0) {
			assert_int_equal(frames.list[0].size, 5);
			frames_free(&frames);
			return refused;
		}
	}
}

static void a_refused_key_is_told_and_let_in_later(void **state)
{
	struct server s = {0};
	void *context = wire_context();
	struct wire_keys keys;
	struct wire *w;
	int status;

	(void)state;
	assert_true(wire_make_pair(&s.pair));
	server_start(&s, NULL);
	keys = keys_for(&s);
	w = wire_request(context, s.endpoint, &keys);
	assert_non_null(w);
	assert_int_equal(wire_send(w, "hello", 5, wire_now_s() + 30 * slow()), -EACCES);
	assert_int_equal(wire_entry(w, &status), WIRE_ENTRY_REFUSED);
	assert_int_equal(status, 400);
	atomic_store(&s.open, true); /* the key was added */
	(void)refusals_until_in(w, 30);
	assert_int_equal(wire_entry(w, &status), WIRE_ENTRY_OPEN);
	assert_true(atomic_load(&s.asked) >= 2);
	wire_close(w);
	server_stop(&s);
	wire_context_free(context);
}

static void a_restarted_server_is_found_again(void **state)
{
	struct server s = {.open = true};
	void *context = wire_context();
	struct wire_keys keys;
	struct wire *w;

	(void)state;
	assert_true(wire_make_pair(&s.pair));
	server_start(&s, NULL);
	keys = keys_for(&s);
	w = wire_request(context, s.endpoint, &keys);
	assert_int_equal(refusals_until_in(w, 30), 0);
	for (int i = 0; i < 3; i++) {
		double end_s = wire_now_s() + 30 * slow();
		int r;

		server_stop(&s);
		/* a connection that stood is waited for, whatever the port says */
		do /* its end may not have been noticed yet */
			r = wire_send(w, "hello", 5, wire_now_s() + 0.5);
		while (r == 0 && wire_now_s() < end_s);
		assert_int_equal(r, -ENOTCONN);
		atomic_store(&s.open, i != 1); /* once it does not know the key for a while */
		server_start(&s, s.endpoint);
		if (i == 1) {
			assert_int_equal(wire_send(w, "hello", 5, wire_now_s() + 30 * slow()),
					 -EACCES);
			atomic_store(&s.open, true);
		}
		(void)refusals_until_in(w, 30);
	}
	wire_close(w);
	server_stop(&s);
	wire_context_free(context);
}

static void nobody_and_another_key_are_told_apart(void **state)
{
	struct server s = {.open = true};
	void *context = wire_context();
	struct wire_keys keys;
	struct wire *w;

	(void)state;
	assert_true(wire_make_pair(&s.pair));
	server_start(&s, NULL);
	keys = keys_for(&s);
	memcpy(keys.server_key, keys.own.public_key, sizeof(keys.server_key));
	w = wire_request(context, s.endpoint, &keys);
	assert_int_equal(wire_send(w, "hello", 5, wire_now_s() + 30 * slow()), -EACCES);
	assert_int_equal(wire_entry(w, NULL), WIRE_ENTRY_DROPPED);
	wire_close(w);
	w = wire_subscriber(context, s.endpoint, NULL);
	assert_int_equal(wire_receive(w, wire_now_s() + 30 * slow(), &(struct frames){0}), -EACCES);
	assert_true(wire_entry(w, NULL) == WIRE_ENTRY_FOREIGN ||
		    wire_entry(w, NULL) == WIRE_ENTRY_DROPPED);
	wire_close(w);
	server_stop(&s);
	w = wire_request(context, s.endpoint, &keys);
	assert_int_equal(wire_send(w, "hello", 5, wire_now_s() + 30 * slow()), -EACCES);
	assert_int_equal(wire_entry(w, NULL), WIRE_ENTRY_NOBODY);
	wire_close(w);
	wire_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_key_is_told_and_let_in_later),
		cmocka_unit_test(a_restarted_server_is_found_again),
		cmocka_unit_test(nobody_and_another_key_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
