/* tests/unit/test_taps.c - taps equal those of a dense reference, step by step; steps allocate nothing (P4, P9). */
#include "config.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/rig.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/allocations.h"
#include "tests/unit/dense.h"

#define MOST     160
#define STEPS    1000
#define MARGIN_V 1e-9

struct setting {
	const char *network;
	uint32_t sources[3], targets[2];
	double source_V[3], target_V[2], eta;
	uint64_t seed;
};

static struct rig *open_on(const struct setting *s, const struct network **ret_net)
{
	struct rig_config config = {
		.name = "taps",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""}};
	const struct rig_session session = {s->sources, 3, s->targets, 2,
					    s->targets, 2, s->seed,    0};
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	assert_ok(network_shipped(s->network, &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	*ret_net = rig_info(rig)->network;
	return rig;
}

/* One step of the reference; returns the least margin of its comparisons in volts. */
static double reference_step(const struct network *net, const struct setting *s, uint8_t *wiper)
{
	double g[MOST], free_V[MOST] = {0}, clamped_V[MOST] = {0}, least = INFINITY;
	char held[MOST] = {0};

	for (size_t j = 0; j < net->n_edges; j++)
		g[j] = 1 / (781.25 * (wiper[j] + 1));
	for (int i = 0; i < 3; i++) {
		held[s->sources[i]] = 1;
		free_V[s->sources[i]] = clamped_V[s->sources[i]] = s->source_V[i];
	}
	assert_int_equal(dense_solve(net, g, held, free_V), 0);
	for (int i = 0; i < 2; i++) {
		double v = free_V[s->targets[i]];

		held[s->targets[i]] = 1;
		clamped_V[s->targets[i]] = v + s->eta * (s->target_V[i] - v);
	}
	assert_int_equal(dense_solve(net, g, held, clamped_V), 0);
	for (size_t j = 0; j < net->n_edges; j++) {
		double f = fabs(free_V[net->a[j]] - free_V[net->b[j]]);
		double c = fabs(clamped_V[net->a[j]] - clamped_V[net->b[j]]);

		least = fmin(least, fabs(c - f));
		if (c > f)
			wiper[j] = wiper[j] < 127 ? wiper[j] + 1 : 127;
		else
			wiper[j] = wiper[j] > 0 ? wiper[j] - 1 : 0;
	}
	return least;
}

static void draw_taps(const struct setting *s, size_t n, uint8_t *wiper)
{
	for (size_t j = 0; j < n; j++)
		wiper[j] = (uint8_t)random_below(s->seed, RANDOM_INITIAL, j, 0, 128);
}

/* Follows the reference until a comparison is too close to call; returns the steps that agreed. */
static unsigned follow(const struct setting *s)
{
	uint8_t want[MOST], got[MOST], updated[MOST];
	double free_V[2], clamped_V[2], target_free_V[2], clamp_V[2], margin = INFINITY;
	struct rig_record record = {.free_V = free_V,
				    .clamped_V = clamped_V,
				    .target_free_V = target_free_V,
				    .clamp_V = clamp_V,
				    .wiper = got,
				    .updated = updated};
	struct rig_request request = {.n_examples = 1,
				      .source_V = s->source_V,
				      .target_V = s->target_V,
				      .eta = s->eta,
				      .ticks = 1,
				      .clamp = true};
	const struct network *net;
	struct rig *rig = open_on(s, &net);

	draw_taps(s, net->n_edges, want);
	assert_ok(rig_write_edges(rig, want, net->n_edges));
	for (; request.step < STEPS; request.step++) {
		margin = reference_step(net, s, want);
		if (margin <= MARGIN_V)
			break;
		assert_ok(rig_step(rig, &request, &record));
		if (memcmp(got, want, net->n_edges))
			fail_msg("%s, seed %lu, step %lu: taps differ", s->network,
				 (unsigned long)s->seed, (unsigned long)request.step);
	}
	print_message("# %s, seed %lu: %lu steps equal", s->network, (unsigned long)s->seed,
		      (unsigned long)request.step);
	if (margin <= MARGIN_V)
		print_message("; at step %lu a comparison is as close as %.2g V",
			      (unsigned long)request.step, margin);
	print_message("\n");
	rig_close(rig);
	return (unsigned)request.step;
}

static void follow_over_seeds(struct setting s)
{
	unsigned longest = 0, steps;

	for (s.seed = 1; s.seed <= 5; s.seed++) {
		steps = follow(&s);
		longest = steps > longest ? steps : longest;
	}
	assert_int_equal(longest, STEPS);
}

static void taps_of_16_edges_are_those_of_a_dense_reference(void **state)
{
	(void)state;
	follow_over_seeds(
		(struct setting){"king9_16", {0, 2, 7}, {3, 5}, {5, 1, 0}, {2.9, 1.7}, 0.2, 0});
}

static void taps_of_143_edges_are_those_of_a_dense_reference(void **state)
{
	(void)state;
	follow_over_seeds((struct setting){
		"own_64_143", {0, 20, 41}, {10, 33}, {5, 1, 0}, {2.5, 1.5}, 0.5, 0});
}

static int make_steps(struct rig *rig, const struct setting *s, uint64_t n)
{
	uint8_t wiper[MOST], updated[MOST];
	double volts[4][2];
	struct rig_record record = {.free_V = volts[0],
				    .clamped_V = volts[1],
				    .target_free_V = volts[2],
				    .clamp_V = volts[3],
				    .wiper = wiper,
				    .updated = updated};
	struct rig_request request = {.n_examples = 1,
				      .source_V = s->source_V,
				      .target_V = s->target_V,
				      .eta = s->eta,
				      .settle_s = 1e-3,
				      .ticks = 1,
				      .clamp = true};
	int r = 0;

	for (; r == 0 && request.step < n; request.step++)
		r = rig_step(rig, &request, &record);
	return r;
}

/* In strict mode the kernel kills a process at any system call but read, write and exit. */
static void a_million_steps_allocate_nothing_and_call_no_system(void **state)
{
	const struct setting s = {"king9_16", {0, 2, 7}, {3, 5}, {5, 1, 0}, {3, 2}, 0.2, 1};
	const struct network *net;
	struct rig *rig = open_on(&s, &net);
	int status;
	pid_t child;

	(void)state;
	assert_true(n_allocations > 0); /* the counting works */
	n_allocations = 0;
	assert_ok(make_steps(rig, &s, 1000));
	assert_int_equal(n_allocations, 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		long failed = prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);

		failed |= make_steps(rig, &s, 1000000);
		syscall(SYS_exit, failed || n_allocations);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("the steps ended with wait status %#x", (unsigned)status);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(taps_of_16_edges_are_those_of_a_dense_reference),
		cmocka_unit_test(taps_of_143_edges_are_those_of_a_dense_reference),
		cmocka_unit_test(a_million_steps_allocate_nothing_and_call_no_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
