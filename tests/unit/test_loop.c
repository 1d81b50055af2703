/* tests/unit/test_loop.c - descriptors, ZeroMQ sockets and timers call back when they should. */
#include "config.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <zmq.h>

#include "daemon/clock.h"
#include "daemon/loop.h"
#include "tests/check.h"

#define MS 1000000ll

struct counter {
	struct loop *loop;
	int fd;
	void *socket;
	int calls, quit_after;
};

static void count(struct counter *c)
{
	if (++c->calls == c->quit_after)
		loop_quit(c->loop);
}

static void on_fd(void *context)
{
	struct counter *c = context;
	eventfd_t ignored;

	(void)eventfd_read(c->fd, &ignored);
	count(c);
}

/* Takes one message a call: the rest must call again. */
static void on_socket(void *context)
{
	struct counter *c = context;
	char byte;

	assert_int_equal(zmq_recv(c->socket, &byte, 1, ZMQ_DONTWAIT), 1);
	count(c);
}

static void on_timer(void *context)
{
	count(context);
}

static void calls_back_for_a_readable_descriptor(void **state)
{
	struct loop *loop = loop_new();
	struct counter c = {.loop = loop, .fd = eventfd(1, EFD_NONBLOCK)};

	(void)state;
	assert_ok(loop_add_fd(loop, c.fd, on_fd, &c));
	assert_int_equal(loop_add_fd(loop, c.fd, on_fd, &c), -EEXIST);
	assert_ok(loop_once(loop, 0));
	assert_int_equal(c.calls, 1);
	assert_ok(loop_once(loop, 0));
	assert_int_equal(c.calls, 1);
	loop_remove_fd(loop, c.fd);
	(void)eventfd_write(c.fd, 1);
	assert_ok(loop_once(loop, 0));
	assert_int_equal(c.calls, 1);
	close(c.fd);
	loop_free(loop);
}

static void messages_left_in_a_socket_call_again(void **state)
{
	void *context = zmq_ctx_new();
	void *in = zmq_socket(context, ZMQ_PULL), *out = zmq_socket(context, ZMQ_PUSH);
	struct loop *loop = loop_new();
	struct counter c = {.loop = loop, .socket = in, .quit_after = 5};

	(void)state;
	assert_int_equal(zmq_bind(in, "inproc://loop"), 0);
	assert_int_equal(zmq_connect(out, "inproc://loop"), 0);
	for (int i = 0; i < 5; i++)
		assert_int_equal(zmq_send(out, "x", 1, 0), 1);
	assert_ok(loop_add_socket(loop, in, on_socket, &c));
	assert_ok(loop_run(loop)); /* a lost edge would wait here for ever */
	assert_int_equal(c.calls, 5);
	zmq_close(in);
	zmq_close(out);
	zmq_ctx_term(context);
	loop_free(loop);
}

static void a_timer_fires_once_and_not_before_its_time(void **state)
{
	struct loop *loop = loop_new();
	struct counter c = {.loop = loop};
	struct loop_timer *t = loop_timer_new(loop, on_timer, &c);
	int64_t due_ns = clock_now_ns() + 5 * MS;

	(void)state;
	assert_ok(loop_once(loop, 0));
	assert_int_equal(c.calls, 0); /* it is off */
	loop_timer_set(t, due_ns);
	while (c.calls == 0)
		assert_ok(loop_once(loop, -1));
	assert_true(clock_now_ns() >= due_ns);
	assert_ok(loop_once(loop, 10 * MS));
	assert_int_equal(c.calls, 1);
	loop_free(loop);
}

static void a_period_goes_on_until_it_is_switched_off(void **state)
{
	struct loop *loop = loop_new();
	struct counter c = {.loop = loop, .quit_after = 3};
	struct loop_timer *t = loop_timer_new(loop, on_timer, &c);
	int64_t start_ns = clock_now_ns();

	(void)state;
	loop_timer_every(t, 2 * MS);
	assert_ok(loop_run(loop));
	assert_int_equal(c.calls, 3);
	assert_true(clock_now_ns() - start_ns >= 6 * MS);
	loop_timer_off(t);
	assert_ok(loop_once(loop, 10 * MS));
	assert_int_equal(c.calls, 3);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_back_for_a_readable_descriptor),
		cmocka_unit_test(messages_left_in_a_socket_call_again),
		cmocka_unit_test(a_timer_fires_once_and_not_before_its_time),
		cmocka_unit_test(a_period_goes_on_until_it_is_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
