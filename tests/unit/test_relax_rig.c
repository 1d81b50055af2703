/* tests/unit/test_relax_rig.c - a simulated rig with capacitors, through drivers/rig.h: what its steps and waits do. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/allocations.h"

#define SEED    17u
#define N_NODES 9
#define N_EDGES 16
#define FARAD   22e-6
#define TAU_S   0.05

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5};
static const uint32_t all_nodes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const double first_V[] = {5, 1, 0}, then_V[] = {0, 4, 2}, target_V[] = {3, 2};

static void begin(struct rig *rig)
{
	const struct rig_session session = {sources, 3, targets, 2, all_nodes, N_NODES, SEED, 0};

	assert_ok(rig_begin(rig, &session));
}

static void draw_taps(struct rig *rig, uint64_t trial)
{
	uint8_t wiper[N_EDGES];

	for (size_t j = 0; j < N_EDGES; j++)
		wiper[j] = (uint8_t)random_below(SEED, RANDOM_INITIAL, trial, j, 128);
	assert_ok(rig_write_edges(rig, wiper, N_EDGES));
}

/* king9_16 with random taps and a bank of capacitors, of which `farad` is on; and with a fault, or NULL. */
static struct rig *open_faulty(double farad, struct sim_fault *fault)
{
	double bank_F[] = {0, 2.2e-6, FARAD, 220e-6};
	struct rig_config config = {
		.name = "relax",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.capacitance_F = bank_F,
		.n_capacitance = 4,
		.r0_ohm = 1e4,
		.sim = {.fault = fault, .n_faults = fault != NULL}};
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	assert_ok(network_shipped("king9_16", &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	begin(rig);
	draw_taps(rig, 1);
	assert_ok(rig_set_capacitance(rig, farad));
	return rig;
}

static struct rig *open_rig(double farad)
{
	return open_faulty(farad, NULL);
}

static void drive_both(struct rig *rig, const double *source_V)
{
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_drive(rig, RIG_CLAMPED, source_V, 3));
}

struct view {
	double V[2][N_NODES];
};

static struct view look(struct rig *rig)
{
	struct view v;

	for (int side = 0; side < 2; side++)
		assert_ok(rig_measure(rig, side, all_nodes, N_NODES, v.V[side]));
	return v;
}

static double distance(const struct view *a, const struct view *b)
{
	double worst = 0;

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < N_NODES; i++)
			worst = fmax(worst, fabs(a->V[side][i] - b->V[side][i]));
	return worst;
}

static void assert_same(const struct view *a, const struct view *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

/* What a rig without capacitors shows for these sources and no clamp. */
static struct view look_at_rest(const double *source_V)
{
	struct rig *rig = open_rig(0);
	struct view v;

	drive_both(rig, source_V);
	v = look(rig);
	rig_close(rig);
	return v;
}

/* ---- steps ---- */

struct trace {
	double free_V[N_NODES], clamped_V[N_NODES], target_free_V[2], clamp_V[2], equilibrium_V[2];
	uint8_t wiper[N_EDGES], updated[2], raised[2];
};

static int64_t step_at_once(struct rig *rig, uint64_t step, struct trace *t)
{
	const struct rig_request request = {.step = step,
					    .n_examples = 1,
					    .source_V = step % 3 ? first_V : then_V,
					    .target_V = target_V,
					    .eta = 0.2,
					    .settle_s = 1e-4,
					    .hold_s = TAU_S / 2,
					    .ticks = 1,
					    .clamp = true};
	struct rig_record record = {.free_V = t->free_V,
				    .clamped_V = t->clamped_V,
				    .target_free_V = t->target_free_V,
				    .clamp_V = t->clamp_V,
				    .wiper = t->wiper,
				    .updated = t->updated,
				    .raised = t->raised,
				    .equilibrium_V = t->equilibrium_V};

	assert_ok(rig_step(rig, &request, &record));
	assert_ok(rig_wait_until(rig, record.apply_ns + (int64_t)(TAU_S * 1e9)));
	return record.tick_ns - record.apply_ns;
}

static void step_by_hand(struct rig *rig, uint64_t step, struct trace *t)
{
	struct rig_edges edges = {.wiper = t->wiper, .updated = t->updated, .raised = t->raised};
	const double *source_V = step % 3 ? first_V : then_V;
	int64_t start_ns = rig_now_ns(rig);
	unsigned flags = 0;

	assert_ok(rig_mark_step(rig, step));
	drive_both(rig, source_V);
	assert_ok(rig_settle(rig, 1e-4));
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, t->free_V));
	assert_ok(rig_measure(rig, RIG_FREE, targets, 2, t->target_free_V));
	assert_ok(rig_evaluate(rig, 1, source_V, t->equilibrium_V));
	assert_ok(rig_nudge(rig, 0.2, t->target_free_V, target_V, 2, t->clamp_V, &flags));
	assert_ok(rig_clamp(rig, t->clamp_V, 2));
	assert_ok(rig_settle(rig, TAU_S / 2 + 1e-4));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, t->clamped_V));
	assert_ok(rig_tick(rig));
	assert_ok(rig_read_edges(rig, &edges));
	assert_ok(rig_wait_until(rig, start_ns + (int64_t)(TAU_S * 1e9)));
}

/* The equilibrium is that of rig_evaluate(), which disturbs no charge. */
static void a_whole_step_is_a_step_by_hand_to_the_bit(void **state)
{
	struct rig *whole = open_rig(FARAD), *hand = open_rig(FARAD), *again = open_rig(FARAD);
	struct trace a = {0}, b = {0}, c = {0};

	(void)state;
	for (uint64_t step = 0; step < 200; step++) {
		int64_t until_tick_ns = step_at_once(whole, step, &a);

		assert_int_equal(until_tick_ns, (int64_t)((TAU_S / 2 + 2e-4) * 1e9));
		step_by_hand(hand, step, &b);
		step_at_once(again, step, &c);
		assert_memory_equal(&a, &b, sizeof(a));
		assert_memory_equal(&a, &c, sizeof(a));
	}
	rig_close(whole);
	rig_close(hand);
	rig_close(again);
}

/* The first step's voltages, taps and equilibrium are those of a rig without capacitors; the clamped network's lag. */
static void a_run_starts_in_the_steady_state_of_its_first_example(void **state)
{
	struct rig *charged = open_rig(FARAD), *plain = open_rig(0);
	struct trace a = {0}, b = {0};

	(void)state;
	for (int session = 0; session < 2; session++) { /* what an earlier session left is gone */
		step_at_once(charged, 0, &a);
		step_at_once(plain, 0, &b);
		for (int i = 0; i < N_NODES; i++)
			assert_close(a.free_V[i], b.free_V[i], 1e-13);
		for (int i = 0; i < 2; i++) {
			assert_close(a.equilibrium_V[i], b.equilibrium_V[i], 0);
			assert_close(a.clamp_V[i], b.clamp_V[i], 1e-13);
			assert_close(b.equilibrium_V[i], b.target_free_V[i], 0);
		}
		assert_true(fabs(a.clamped_V[4] - b.clamped_V[4]) > 1e-4);
		for (uint64_t step = 1; step < 20; step++)
			step_at_once(charged, step, &a);
		begin(charged);
		draw_taps(charged, 1);
		draw_taps(plain, 1);
	}
	rig_close(charged);
	rig_close(plain);
}

static void a_step_with_capacitors_allocates_nothing(void **state)
{
	struct rig *rig = open_rig(FARAD);
	struct trace t;

	(void)state;
	assert_true(n_allocations > 0); /* the counting works */
	n_allocations = 0;
	for (uint64_t step = 0; step < 1000; step++)
		step_at_once(rig, step, &t);
	assert_int_equal(n_allocations, 0);
	rig_close(rig);
}

/* ---- charge ---- */

static void with_all_R_equal_nothing_but_the_jump_happens(void **state)
{
	struct rig *rig = open_rig(FARAD), *plain = open_rig(0);
	struct view a, b;

	(void)state;
	assert_ok(rig_home(rig));
	assert_ok(rig_home(plain));
	drive_both(rig, first_V);
	assert_ok(rig_settle(rig, 1));
	drive_both(rig, then_V);
	drive_both(plain, then_V);
	for (int k = 0; k < 5; k++) {
		a = look(rig);
		b = look(plain);
		if (!(distance(&a, &b) <= 1e-13))
			fail_msg("at time %d off by %g V", k, distance(&a, &b));
		assert_ok(rig_settle(rig, 0.01));
		if (k == 2) {
			assert_ok(rig_clamp(rig, target_V, 2));
			assert_ok(rig_clamp(plain, target_V, 2));
		}
	}
	rig_close(rig);
	rig_close(plain);
}

/* A rig on its way: driven, rested, driven otherwise, clamped, and some time later. */
static struct rig *open_on_its_way(void)
{
	struct rig *rig = open_rig(FARAD);

	drive_both(rig, first_V);
	assert_ok(rig_settle(rig, 1));
	drive_both(rig, then_V);
	assert_ok(rig_clamp(rig, target_V, 2));
	assert_ok(rig_settle(rig, 0.1));
	return rig;
}

static void a_change_of_R_moves_no_node_until_time_goes_on(void **state)
{
	struct rig *rig = open_on_its_way();
	struct view before = look(rig), after;

	(void)state;
	draw_taps(rig, 2);
	after = look(rig);
	assert_same(&before, &after);
	assert_ok(rig_tick(rig));
	after = look(rig);
	assert_same(&before, &after);
	assert_ok(rig_home(rig));
	after = look(rig);
	assert_same(&before, &after);
	assert_ok(rig_settle(rig, 0.1));
	after = look(rig);
	assert_true(distance(&before, &after) > 0.01);
	rig_close(rig);
}

static void a_change_of_capacitance_keeps_the_voltages(void **state)
{
	struct rig *rig = open_on_its_way();
	struct view before = look(rig), fast, slow, rest, after;

	(void)state;
	assert_ok(rig_set_capacitance(rig, 220e-6));
	after = look(rig);
	assert_same(&before, &after);
	assert_ok(rig_settle(rig, 0.1));
	slow = look(rig);
	assert_ok(rig_set_capacitance(rig, 2.2e-6));
	assert_ok(rig_settle(rig, 0.1));
	fast = look(rig);
	assert_true(distance(&fast, &slow) > 3 * distance(&slow, &before));
	assert_ok(rig_set_capacitance(rig, 0)); /* without capacitors all is at rest, */
	rest = look(rig);
	assert_true(distance(&rest, &fast) > 1e-6);
	assert_ok(rig_set_capacitance(rig, FARAD)); /* and with them it stays there */
	after = look(rig);
	assert_same(&rest, &after);
	assert_ok(rig_settle(rig, 10));
	after = look(rig);
	assert_true(distance(&rest, &after) <= 1e-12);
	rig_close(rig);
}

static void releasing_the_clamp_moves_nothing_and_the_twins_meet_again(void **state)
{
	struct rig *rig = open_on_its_way();
	struct view before = look(rig), after, rest = look_at_rest(then_V);

	(void)state;
	assert_ok(rig_clamp(rig, NULL, 0));
	after = look(rig);
	assert_same(&before, &after);
	assert_ok(rig_settle(rig, 0.1));
	after = look(rig);
	assert_true(fabs(after.V[RIG_CLAMPED][3] - target_V[0]) > 1e-3);
	assert_ok(rig_settle(rig, 200));
	after = look(rig);
	assert_true(distance(&rest, &after) <= 1e-12);
	rig_close(rig);
}

static void a_wait_in_many_pieces_is_a_wait_in_one(void **state)
{
	struct rig *one = open_on_its_way(), *many = open_on_its_way();
	struct view a, b;

	(void)state;
	assert_ok(rig_settle(one, 0.3));
	for (int k = 0; k < 100; k++) {
		assert_ok(rig_settle(many, 0.003));
		look(many); /* so that each piece is computed by itself */
	}
	a = look(one);
	b = look(many);
	print_message("# 100 pieces: off by %.1e V\n", distance(&a, &b));
	assert_true(distance(&a, &b) <= 1e-11);
	rig_close(one);
	rig_close(many);
}

static void safe_outputs_leave_the_charge_to_flow_away(void **state)
{
	struct rig *rig = open_on_its_way();
	struct view v;
	double most = 0;

	(void)state;
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	v = look(rig);
	for (int i = 0; i < 3; i++)
		assert_close(v.V[RIG_CLAMPED][sources[i]], 0, 0);
	for (int i = 0; i < N_NODES; i++)
		most = fmax(most, fabs(v.V[RIG_FREE][i]));
	assert_true(most > 0.01);
	assert_ok(rig_settle(rig, 200));
	v = look(rig);
	for (int i = 0; i < N_NODES; i++)
		assert_close(v.V[RIG_FREE][i], 0, 1e-12);
	rig_close(rig);
}

/* What differs after a fault, and how fast: until the fault nothing does, and charge takes its time after it. */
static void faults_of_the_wires_begin_where_the_charge_is(void **state)
{
	struct sim_fault faults[] = {
		{.at_step = 3, .kind = SIM_EDGE_CUT, .edge = 12, .node = -1, .value = NAN},
		{.at_step = 3, .kind = SIM_TWIN_RESISTOR, .edge = 12, .node = -1, .value = 1.5},
		{.at_step = 3, .kind = SIM_TWIN_SOURCE, .edge = -1, .node = 2, .value = 0.1}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct rig *good = open_rig(FARAD), *bad = open_faulty(FARAD, &faults[i]);
		struct trace a = {0}, b = {0};
		struct view u, v;

		for (uint64_t step = 0; step < 3; step++) {
			step_at_once(good, step, &a);
			step_at_once(bad, step, &b);
			assert_memory_equal(&a, &b, sizeof(a));
		}
		assert_ok(rig_mark_step(bad, 3));
		u = look(good);
		v = look(bad);
		if (faults[i].kind == SIM_TWIN_SOURCE) /* its neighbours jump with it */
			assert_close(v.V[RIG_CLAMPED][2] - u.V[RIG_CLAMPED][2], 0.1, 1e-14);
		else
			assert_true(distance(&u, &v) <= 1e-15);
		assert_ok(rig_settle(good, 0.1));
		assert_ok(rig_settle(bad, 0.1));
		u = look(good);
		v = look(bad);
		assert_true(distance(&u, &v) > 1e-4);
		rig_close(good);
		rig_close(bad);
	}
}

static void a_wire_off_is_refused_while_there_are_capacitors(void **state)
{
	struct sim_fault fault = {
		.at_step = 1, .kind = SIM_WIRE_OFF, .edge = -1, .node = 3, .value = NAN};
	struct rig *rig = open_faulty(FARAD, &fault);

	(void)state;
	assert_ok(rig_mark_step(rig, 0));
	assert_int_equal(rig_mark_step(rig, 1), -ENOTSUP);
	assert_non_null(strstr(rig_error(rig)->text, "set the capacitance to 0"));
	assert_ok(rig_set_capacitance(rig, 0));
	assert_ok(rig_mark_step(rig, 1));
	assert_int_equal(rig_set_capacitance(rig, FARAD), -ENOTSUP);
	rig_close(rig);
}

/* The relaxation is on the static tape alone. */
static void capacitors_are_refused_where_another_method_solves_the_network(void **state)
{
	double bank_F[] = {0, FARAD};
	struct rig_config config = {
		.name = "relax",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.capacitance_F = bank_F,
		.n_capacitance = 2,
		.r0_ohm = 1e4,
		.sim = {.solver = SIM_PCG}};
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	(void)state;
	assert_ok(network_shipped("king9_16", &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	begin(rig);
	assert_int_equal(rig_set_capacitance(rig, FARAD), -ENOTSUP);
	assert_non_null(
		strstr(rig_error(rig)->text, "a network of 16 edges is solved by pcg here"));
	assert_non_null(strstr(rig_error(rig)->text, "static tape"));
	print_message("# %s\n", rig_error(rig)->text);
	drive_both(rig, first_V); /* it goes on without */
	look(rig);
	rig_close(rig);
}

static void without_capacitors_a_hold_only_takes_time(void **state)
{
	struct rig *rig = open_rig(0);
	struct trace a = {0};
	struct view v;

	(void)state;
	assert_int_equal(step_at_once(rig, 1, &a), (int64_t)((TAU_S / 2 + 2e-4) * 1e9));
	draw_taps(rig, 1);
	v = look_at_rest(first_V);
	assert_memory_equal(v.V[RIG_FREE], a.free_V, sizeof(a.free_V));
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_step_is_a_step_by_hand_to_the_bit),
		cmocka_unit_test(a_run_starts_in_the_steady_state_of_its_first_example),
		cmocka_unit_test(a_step_with_capacitors_allocates_nothing),
		cmocka_unit_test(with_all_R_equal_nothing_but_the_jump_happens),
		cmocka_unit_test(a_change_of_R_moves_no_node_until_time_goes_on),
		cmocka_unit_test(a_change_of_capacitance_keeps_the_voltages),
		cmocka_unit_test(releasing_the_clamp_moves_nothing_and_the_twins_meet_again),
		cmocka_unit_test(a_wait_in_many_pieces_is_a_wait_in_one),
		cmocka_unit_test(safe_outputs_leave_the_charge_to_flow_away),
		cmocka_unit_test(faults_of_the_wires_begin_where_the_charge_is),
		cmocka_unit_test(a_wire_off_is_refused_while_there_are_capacitors),
		cmocka_unit_test(capacitors_are_refused_where_another_method_solves_the_network),
		cmocka_unit_test(without_capacitors_a_hold_only_takes_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
