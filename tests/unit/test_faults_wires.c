/* tests/unit/test_faults_wires.c - faults of sources, wires and the DAQ: what each does, and that it ends. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/dense.h"
#include "tests/unit/faulty.h"

#define EXTRA 2 /* resistors between an output and its node, in the reference */

/* ---- the reference: an inner resistance is one more edge, a wire that is off one output less ---- */

struct lead {
	uint32_t node;
	double inner_ohm; /* INFINITY: off */
};

/* All nodes of the network with these taps, its sources and, where clamp_V is given, its targets driven. */
static void dense_V(const uint8_t *wiper, const struct lead *leads, size_t n_leads,
		    const double *clamp_V, double *ret_V)
{
	uint32_t ends[N_EDGES + EXTRA][2];
	double g[N_EDGES + EXTRA], volts[N_NODES + EXTRA] = {0};
	char held[N_NODES + EXTRA] = {0};
	struct rig *rig = open_healthy();
	const struct network *net = rig_info(rig)->network;
	size_t n_edges = N_EDGES, n_nodes = N_NODES;
	struct network_error why;
	struct network *with;

	for (int i = 0; i < 3; i++) {
		held[sources[i]] = 1;
		volts[sources[i]] = source_V[i];
	}
	for (int i = 0; clamp_V && i < 2; i++) {
		held[targets[i]] = 1;
		volts[targets[i]] = clamp_V[i];
	}
	for (size_t j = 0; j < N_EDGES; j++) {
		ends[j][0] = net->a[j];
		ends[j][1] = net->b[j];
		g[j] = 1 / (781.25 * (wiper[j] + 1));
	}
	for (size_t i = 0; i < n_leads; i++) {
		if (!held[leads[i].node])
			continue;
		held[leads[i].node] = 0;
		if (isinf(leads[i].inner_ohm))
			continue;
		ends[n_edges][0] = leads[i].node;
		ends[n_edges][1] = (uint32_t)n_nodes;
		g[n_edges++] = 1 / leads[i].inner_ohm;
		held[n_nodes] = 1;
		volts[n_nodes++] = volts[leads[i].node];
	}
	assert_ok(network_from_edges((const uint32_t(*)[2])ends, n_edges, &with, &why));
	assert_int_equal(dense_solve(with, g, held, volts), 0);
	memcpy(ret_V, volts, N_NODES * sizeof(double));
	network_free(with);
	rig_close(rig);
}

/* Ten steps with these leads between 3 and 7, against the reference at every one. */
static void follow(const struct lead *leads, size_t n, struct sim_config sim, double least_gap_V)
{
	struct sim_fault faults[EXTRA];
	double want_V[N_NODES], plain_V[N_NODES], gap_V = 0;
	uint8_t wiper[N_EDGES];
	struct rig *rig;
	struct seen seen;

	for (size_t i = 0; i < n; i++)
		faults[i] = fault_of(isinf(leads[i].inner_ohm) ? SIM_WIRE_OFF : SIM_SOURCE_SAG, 3,
				     4, -1, (long)leads[i].node, leads[i].inner_ohm);
	rig = open_faulty(sim, faults, n);
	memset(wiper, 63, sizeof(wiper));
	for (uint64_t step = 0; step < 10; step++) {
		size_t n_bad = step >= 3 && step < 7 ? n : 0;

		make_step(rig, step, &seen);
		dense_V(wiper, leads, n_bad, NULL, want_V);
		assert_same_V(seen.free_V, want_V);
		dense_V(wiper, leads, n_bad, seen.clamp_V, want_V);
		assert_same_V(seen.clamped_V, want_V);
		dense_V(wiper, leads, 0, seen.clamp_V, plain_V);
		gap_V = fmax(gap_V, largest_gap_V(plain_V, want_V));
		assert_int_equal(seen.updated[0] & seen.updated[1], 0xFF);
		memcpy(wiper, seen.wiper, sizeof(wiper));
	}
	assert_true(gap_V > least_gap_V); /* the fault is no trifle */
	rig_close(rig);
}

static void a_source_whose_wire_is_off_is_an_unknown(void **state)
{
	(void)state;
	follow(&(struct lead){0, INFINITY}, 1, (struct sim_config){0}, 1);
	follow(&(struct lead){2, INFINITY}, 1, (struct sim_config){0}, 0.1);
}

static void a_clamp_whose_wire_is_off_leaves_its_target_free(void **state)
{
	(void)state;
	follow(&(struct lead){3, INFINITY}, 1, (struct sim_config){0}, 0.01);
	follow((const struct lead[]){{3, INFINITY}, {5, INFINITY}}, 2, (struct sim_config){0},
	       0.01);
}

static void a_sagging_source_drops_with_its_current(void **state)
{
	(void)state;
	follow(&(struct lead){0, 2e3}, 1, (struct sim_config){0}, 0.1);
	follow((const struct lead[]){{0, 2e3}, {7, 50e3}}, 2, (struct sim_config){0}, 0.1);
}

static void a_clamp_may_sag_and_a_wire_be_off_at_the_same_time(void **state)
{
	(void)state;
	follow(&(struct lead){5, 10e3}, 1, (struct sim_config){0}, 0.01);
	follow((const struct lead[]){{2, INFINITY}, {5, 10e3}}, 2, (struct sim_config){0}, 0.1);
}

/* By hand: 5 V through 1 kohm into 50 kohm to the middle and 50 kohm from there to ground. */
static void a_divider_sags_as_worked_by_hand(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}}, source[] = {0, 2}, target[] = {1};
	const struct rig_session session = {source, 2, target, 1, every_node, 3, 1, 0};
	struct sim_fault sag = fault_of(SIM_SOURCE_SAG, 0, 1, -1, 0, 1e3);
	struct rig_config config = {
		.name = "divider",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.sim = {.fault = &sag, .n_faults = 1}};
	struct network_error why;
	struct rig_error err;
	struct rig *rig;
	double volts[3], response_V;

	(void)state;
	assert_ok(network_from_edges(ends, 2, &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	assert_ok(rig_mark_step(rig, 0));
	assert_ok(rig_drive(rig, RIG_FREE, (const double[]){5, 0}, 2));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, 3, volts));
	assert_close(volts[0], 5 - 5.0 / 101, 1e-12);
	assert_close(volts[1], 2.5 - 2.5 / 101, 1e-12);
	assert_ok(rig_evaluate(rig, 1, (const double[]){4, 0}, &response_V));
	assert_close(response_V, 2 - 2.0 / 101, 1e-12);
	assert_ok(rig_mark_step(rig, 1));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, 3, volts));
	assert_close(volts[1], 2.5, 1e-12);
	rig_close(rig);
}

static void targets_that_lose_every_source_fail_the_step_by_name(void **state)
{
	struct sim_fault faults[] = {fault_of(SIM_WIRE_OFF, 2, 0, -1, 0, NAN),
				     fault_of(SIM_WIRE_OFF, 2, 0, -1, 2, NAN),
				     fault_of(SIM_WIRE_OFF, 2, 0, -1, 7, NAN)};
	struct rig *rig = open_faulty((struct sim_config){0}, faults, 3);
	struct seen seen;

	(void)state;
	make_step(rig, 0, &seen);
	make_step(rig, 1, &seen);
	assert_int_equal(try_step(rig, 2, 1, true, &seen), -ENOTCONN);
	assert_non_null(strstr(rig_error(rig)->text, "target node 3, 5: no path to a source"));
	assert_int_equal(rig_error(rig)->node, 3);
	/* by hand too, and again; a new session begins with its wires on */
	assert_int_equal(rig_mark_step(rig, 2), -ENOTCONN);
	assert_int_equal(rig_mark_step(rig, 3), -ENOTCONN);
	begin_rig(rig);
	make_step(rig, 0, &seen);
	rig_close(rig);
}

/* Two parts; the second one's only source goes off: its nodes read NAN, and its edge has nothing to compare. */
static void what_hangs_on_a_lost_wire_alone_floats(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {3, 4}}, source[] = {0, 2, 3},
			      target[] = {1};
	const struct rig_session session = {source, 3, target, 1, every_node, 5, 1, 0};
	struct sim_fault off = fault_of(SIM_WIRE_OFF, 1, 1, -1, 3, NAN);
	struct rig_config config = {
		.name = "parts",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.sim = {.fault = &off, .n_faults = 1}};
	double volts[5];
	uint8_t updated;
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	(void)state;
	assert_ok(network_from_edges(ends, 3, &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	for (uint64_t step = 0; step < 3; step++) {
		const uint32_t *floating;
		bool lost = step == 1;

		assert_ok(rig_mark_step(rig, step));
		assert_ok(rig_drive(rig, RIG_FREE, (const double[]){4, 0, 3}, 3));
		assert_ok(rig_drive(rig, RIG_CLAMPED, (const double[]){4, 0, 3}, 3));
		assert_ok(rig_measure(rig, RIG_FREE, every_node, 5, volts));
		assert_true(volts[1] > 1 && volts[1] < 3);
		assert_int_equal(isnan(volts[3]) && isnan(volts[4]), lost);
		assert_int_equal(rig_floating(rig, &floating), lost ? 2 : 0);
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &(struct rig_edges){.updated = &updated}));
		assert_int_equal(updated, lost ? 3 : 7);
	}
	rig_close(rig);
}

static void the_twins_sources_differ(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_TWIN_SOURCE, 1, 2, -1, 2, 0.25));
	static const double other_V[] = {5, 1.25, 0};
	double home_V[N_NODES], apart_V[N_NODES];
	uint8_t home[N_EDGES];
	struct seen seen;

	(void)state;
	memset(home, 63, sizeof(home));
	healthy_V(home, -1, source_V, home_V);
	healthy_V(home, -1, other_V, apart_V);
	for (uint64_t step = 0; step < 5; step++) {
		assert_ok(try_step(rig, step, 0, false, &seen));
		assert_same_V(seen.free_V, home_V);
		assert_same_V(seen.clamped_V, step >= 1 && step < 3 ? apart_V : home_V);
	}
	rig_close(rig);
}

/* ---- the DAQ ---- */

/* reading = v_new + (v_old - v_new) exp(-wait / tau); both voltages from a healthy rig. */
static void a_reading_approaches_the_new_voltage(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_DAQ_SETTLING, 1, 1, -1, -1, 2e-3));
	static const double low_V[] = {1, 0, 2};
	uint8_t home[N_EDGES];
	double old_V[N_NODES], new_V[N_NODES], got_V[N_NODES];

	(void)state;
	memset(home, 63, sizeof(home));
	healthy_V(home, -1, source_V, old_V);
	healthy_V(home, -1, low_V, new_V);
	assert_ok(rig_mark_step(rig, 0));
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, N_NODES, got_V));
	assert_same_V(got_V, old_V);
	assert_ok(rig_mark_step(rig, 1));
	assert_ok(rig_settle(rig, 1)); /* nothing changes while one waits */
	assert_ok(rig_drive(rig, RIG_FREE, low_V, 3));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, N_NODES, got_V));
	assert_same_V(got_V, old_V);
	for (int i = 1; i < 6; i++) {
		assert_ok(rig_settle(rig, 1e-3));
		assert_ok(rig_measure(rig, RIG_FREE, every_node, N_NODES, got_V));
		for (int k = 0; k < N_NODES; k++)
			assert_close(got_V[k], new_V[k] + (old_V[k] - new_V[k]) * exp(-i / 2.0),
				     1e-9);
	}
	assert_ok(rig_mark_step(rig, 2));
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, N_NODES, got_V));
	assert_same_V(got_V, old_V);
	rig_close(rig);
}

/* The clamp is made from what the DAQ says, the comparators look at the voltages themselves. */
static void slow_readings_spoil_the_clamp_but_not_the_comparators(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_DAQ_SETTLING, 3, 0, -1, -1, 1e-3));
	const struct network *net = rig_info(rig)->network;
	double free_V[N_NODES], clamped_V[N_NODES];
	uint8_t wiper[N_EDGES];
	unsigned compared = 0;
	struct seen seen;

	(void)state;
	memset(wiper, 63, sizeof(wiper));
	for (uint64_t step = 0; step < 8; step++) {
		make_step(rig, step, &seen);
		dense_V(wiper, NULL, 0, NULL, free_V);
		dense_V(wiper, NULL, 0, seen.clamp_V, clamped_V);
		/* no wait at all: from step 3 on a reading is what it was before the last move */
		assert_int_equal(largest_gap_V(seen.free_V, free_V) < 1e-9, step < 3);
		for (size_t j = 0; j < N_EDGES; j++) {
			double f = fabs(free_V[net->a[j]] - free_V[net->b[j]]);
			double c = fabs(clamped_V[net->a[j]] - clamped_V[net->b[j]]);

			if (fabs(c - f) < 1e-9)
				continue;
			compared++;
			assert_int_equal(seen.raised[j / 8] >> j % 8 & 1, c > f);
		}
		memcpy(wiper, seen.wiper, sizeof(wiper));
	}
	assert_true(compared > 100);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_whose_wire_is_off_is_an_unknown),
		cmocka_unit_test(a_clamp_whose_wire_is_off_leaves_its_target_free),
		cmocka_unit_test(a_sagging_source_drops_with_its_current),
		cmocka_unit_test(a_clamp_may_sag_and_a_wire_be_off_at_the_same_time),
		cmocka_unit_test(a_divider_sags_as_worked_by_hand),
		cmocka_unit_test(targets_that_lose_every_source_fail_the_step_by_name),
		cmocka_unit_test(what_hangs_on_a_lost_wire_alone_floats),
		cmocka_unit_test(the_twins_sources_differ),
		cmocka_unit_test(a_reading_approaches_the_new_voltage),
		cmocka_unit_test(slow_readings_spoil_the_clamp_but_not_the_comparators),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
