/* drivers/bench_notes.c - what a bench noticed, its devices, and its waits. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drivers/bench_impl.h"

#define NS_PER_S 1000000000

/* ---- time ---- */

int64_t bench_now_ns(void *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)NS_PER_S + now.tv_nsec;
}

void bench_sleep_until(int64_t when_ns)
{
	const struct timespec when = {when_ns / NS_PER_S, when_ns % NS_PER_S};

	if (when_ns > bench_now_ns(NULL))
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
			;
}

static int wait_awake(const struct bench *b, int64_t when_ns, struct rig_error *err)
{
	struct pollfd wake = {.fd = b->wake_fd, .events = POLLIN};
	int64_t left_ns;

	while ((left_ns = when_ns - bench_now_ns(NULL)) > 0) {
		const struct timespec left = {left_ns / NS_PER_S, left_ns % NS_PER_S};
		int n = ppoll(&wake, 1, &left, NULL);

		if (n > 0)
			return rig_fail(err, -EINTR, "interrupted");
		if (n < 0 && errno != EINTR) /* a signal is no interrupt of ours */
			return rig_fail(err, -errno, "a wait: %s", strerror(errno));
	}
	return 0;
}

/* How long the boards may go without a frame; a watchdog that is off lets them go, but a lost board is still wanted
 * to be noticed. */
int64_t bench_feed_ns(const struct bench *b)
{
	double watchdog_s = b->config->boards.watchdog_s;

	return (int64_t)(1e9 * (watchdog_s > 0 && watchdog_s < 1.5 ? watchdog_s / 3 : 0.5));
}

int bench_wait_until(void *self, int64_t when_ns, struct rig_error *err)
{
	struct bench *b = self;
	int64_t reading_ns = (int64_t)(2e9 * boards_read_s(b->boards)) + 10000000;

	for (;;) {
		int64_t feed = bench_now_ns(b) + bench_feed_ns(b);
		int r;

		if (!b->live || feed + reading_ns >= when_ns)
			return wait_awake(b, when_ns, err);
		r = wait_awake(b, feed, err);
		if (r == 0)
			r = boards_idle(b->boards, err);
		if (r < 0)
			return r;
		b->fed_ns = bench_now_ns(b);
	}
}

/* ---- notes ---- */

static void keep(struct bench *b, const struct rig_note *note)
{
	if (b->n_notes == BENCH_NOTES) {
		b->notes_lost++;
		return;
	}
	b->note[(b->note_first + b->n_notes++) % BENCH_NOTES] = *note;
}

void bench_note(struct bench *b, const struct rig_note *what, const char *format, ...)
{
	struct rig_note note = *what;
	va_list args;

	va_start(args, format);
	vsnprintf(note.text, sizeof(note.text), format, args);
	va_end(args);
	keep(b, &note);
}

static bool tell_lost(struct bench *b, struct rig_note *ret)
{
	if (!b->notes_lost)
		return false;
	*ret = (struct rig_note){
		.kind = RIG_NOTE_DEVICE, .alarm = true, .node = -1, .edge = -1, .board = -1};
	snprintf(ret->text, sizeof(ret->text), "%u more notes came faster than they were taken",
		 b->notes_lost);
	b->notes_lost = 0;
	return true;
}

bool bench_take_note(void *self, struct rig_note *ret)
{
	struct bench *b = self;

	if (!b->n_notes)
		return boards_take_note(b->boards, ret) || tell_lost(b, ret);
	*ret = b->note[b->note_first];
	b->note_first = (b->note_first + 1) % BENCH_NOTES;
	b->n_notes--;
	return true;
}

/* ---- devices ---- */

size_t bench_devices(void *self, const struct rig_device **ret)
{
	struct bench *b = self;
	size_t n = boards_count(b->boards);

	b->devices[0] = b->device.row;
	memcpy(b->devices + 1, boards_devices(b->boards), n * sizeof(*b->devices));
	*ret = b->devices;
	return n + 1;
}

bool bench_board_down(const struct bench *b)
{
	const struct rig_device *board = boards_devices(b->boards);

	for (size_t i = 0; i < boards_count(b->boards); i++)
		if (board[i].state == RIG_DEVICE_DOWN)
			return true;
	return false;
}

/* ---- how it works, in words ---- */

static void say_reading(const struct bench *b, char *text, size_t size)
{
	uint64_t every = bench_read_every(b);

	if (every > 1 && b->config->boards.read_every)
		snprintf(text, size, "every %lu steps, as the rig file says", (unsigned long)every);
	else if (every > 1)
		snprintf(text, size,
			 "every %lu steps, so that reading takes at most half of a step of %g s",
			 (unsigned long)every, b->step_s);
	else
		snprintf(text, size, "every step");
}

const char *bench_method(const void *self)
{
	const struct bench *b = self;
	char reading[128];

	say_reading(b, reading, sizeof(reading));
	snprintf(b->method, BENCH_METHOD_SIZE,
		 "bench: the taps of %zu boards are read in %.3g s, %s; settled %g s before each "
		 "measurement of %u samples; slopes took %.3g s in %lu changes of outputs",
		 boards_count(b->boards), boards_read_s(b->boards), reading,
		 b->config->daq.settle_s, b->config->daq.average, b->slope_s,
		 (unsigned long)b->slopes);
	return b->method;
}
