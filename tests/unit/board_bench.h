/* tests/unit/board_bench.h - the boards' driver on boards that the test plays, over either wire. */
#ifndef TESTS_UNIT_BOARD_BENCH_H
#define TESTS_UNIT_BOARD_BENCH_H

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/boards.h"
#include "tests/check.h"
#include "tests/unit/slave.h"

struct board_bench {
	struct slave *slave;
	struct boards_config config;
	char device[1][108];
	uint8_t address[SLAVE_BOARDS];
	uint32_t serial[SLAVE_BOARDS];
	size_t n_edges;
	struct boards *boards;
	struct rig_error err;
	uint8_t wiper[SLAVE_BOARDS * SLAVE_EDGES], mode[SLAVE_BOARDS * SLAVE_EDGES];
	uint8_t updated[SLAVE_BOARDS * 2], raised[SLAVE_BOARDS * 2];
	bool mismatch;
};

static inline double bench_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + now.tv_nsec * 1e-9;
}

/* Nothing is opened yet: the test may change bench->config. */
static inline struct board_bench *bench_prepare(bool line, size_t n_boards, size_t n_edges,
						unsigned per, double timeout_s)
{
	struct board_bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	bench->slave = slave_start(line, n_boards, per);
	snprintf(bench->device[0], sizeof(bench->device[0]), "%s", slave_device(bench->slave));
	for (size_t i = 0; i < n_boards; i++)
		bench->address[i] = (uint8_t)(i + 1);
	bench->n_edges = n_edges;
	bench->config = (struct boards_config){.driver = line ? BOARDS_RTU : BOARDS_TCP,
					       .device = bench->device,
					       .n_devices = 1,
					       .baud = 115200,
					       .address = bench->address,
					       .serial = bench->serial,
					       .n_boards = n_boards,
					       .edges_per_board = per,
					       .reply_timeout_s = timeout_s,
					       .tries = 3,
					       .watchdog_s = 2};
	return bench;
}

static inline void bench_open(struct board_bench *bench)
{
	if (boards_open(&bench->config, bench->n_edges, 128, &bench->boards, &bench->err) < 0)
		fail_msg("%s", bench->err.text);
}

static inline struct board_bench *bench_new(bool line, size_t n_boards, size_t n_edges,
					    unsigned per)
{
	struct board_bench *bench = bench_prepare(line, n_boards, n_edges, per, 0.1);

	bench_open(bench);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(boards_release(bench->boards, &bench->err));
	return bench;
}

static inline void bench_free(struct board_bench *bench)
{
	boards_close(bench->boards);
	slave_stop(bench->slave);
	free(bench);
}

static inline int bench_read(struct board_bench *bench, unsigned ticks)
{
	struct rig_edges edges = {.wiper = bench->wiper,
				  .mode = bench->mode,
				  .updated = bench->updated,
				  .raised = bench->raised};

	return boards_read(bench->boards, ticks, &edges, &bench->mismatch, &bench->err);
}

static inline void bench_says(const struct board_bench *bench, const char *words)
{
	if (!strstr(bench->err.text, words))
		fail_msg("'%s' does not say '%s'", bench->err.text, words);
}

/* Until a lost board is back: asks again and again, with a deadline. */
static inline void bench_idle_until_well(struct board_bench *bench)
{
	double until_s = bench_now_s() + 20;

	while (boards_idle(bench->boards, &bench->err) < 0) {
		if (bench_now_s() > until_s)
			fail_msg("not well in 20 s: %s", bench->err.text);
		poll(NULL, 0, 5);
	}
}

/* Takes all notes; how many there were of that kind.  *ret_last: the last of them. */
static inline unsigned bench_notes(struct board_bench *bench, enum rig_note_kind kind,
				   struct rig_note *ret_last)
{
	struct rig_note note;
	unsigned n = 0;

	while (boards_take_note(bench->boards, &note)) {
		if (note.kind != kind)
			continue;
		n++;
		if (ret_last)
			*ret_last = note;
	}
	return n;
}

static inline enum rig_device_state bench_state(const struct board_bench *bench, size_t board)
{
	return boards_devices(bench->boards)[board].state;
}

/* A test void name(bool line), as one on a line and one over TCP. */
#define BOTH(name)                                                                                 \
	static void name##_on_a_line(void **state)                                                 \
	{                                                                                          \
		(void)state;                                                                       \
		name(true);                                                                        \
	}                                                                                          \
	static void name##_over_tcp(void **state)                                                  \
	{                                                                                          \
		(void)state;                                                                       \
		name(false);                                                                       \
	}
#define TEST_BOTH(name) cmocka_unit_test(name##_on_a_line), cmocka_unit_test(name##_over_tcp)

#endif
