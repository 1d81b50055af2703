/* tests/unit/test_relax.c - charge on the twins' nodes against a dense eigendecomposition (P8), and by hand. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit.h"
#include "sim_backend/random.h"
#include "sim_backend/twins.h"
#include "tests/check.h"
#include "tests/unit/dense_rc.h"

#define SEED      13u
#define MOST      160
#define N_SOURCES 3
#define N_TARGETS 2
#define S         INT64_C(1000000000)

/* The twins and a dense copy of them, which go through the same. */
struct pair {
	struct network *net;
	double g[2][MOST], offset_V;
	uint8_t cut[MOST];
	uint32_t node[MOST]; /* shuffled: sources, targets, the others */
	struct twins *twins;
	struct clock clock; /* virtual */
	/* the copy, by side */
	double V[2][MOST], held_V[2][MOST], copy_g[2][MOST], farad[MOST];
	char held[2][MOST];
};

static double uniform(uint64_t trial, uint64_t what)
{
	return random_uniform(SEED, RANDOM_GENERATE, trial, what);
}

static void draw_taps(struct pair *p, uint64_t trial, uint64_t what, double mismatch)
{
	for (size_t j = 0; j < p->net->n_edges; j++) {
		double r_ohm = 781.25 * (1 + floor(128 * uniform(trial, what * 1000 + j)));
		double other = 1 + mismatch * (uniform(trial, what * 1000 + 500 + j) - 0.5);

		p->g[0][j] = 1 / r_ohm;
		p->g[1][j] = other / r_ohm;
		p->copy_g[0][j] = p->cut[j] ? 0 : p->g[0][j];
		p->copy_g[1][j] = p->cut[j] ? 0 : p->g[1][j];
	}
}

static void set_farad(struct pair *p, double farad)
{
	for (size_t j = 0; j < p->net->n_edges; j++)
		p->farad[j] = p->cut[j] ? 0 : farad;
}

static void open_pair(struct pair *p, const char *name, uint64_t trial, double mismatch)
{
	struct network_error why;
	struct rig_error err;
	struct rig_session session = {p->node, N_SOURCES, p->node + N_SOURCES, N_TARGETS, NULL, 0,
				      1,       0};

	memset(p->cut, 0, sizeof(p->cut));
	memset(p->held, 0, sizeof(p->held));
	p->clock = (struct clock){.kind = SIM_VIRTUAL, .virtual_ns = 1000};
	assert_ok(network_shipped(name, &p->net, &why));
	random_permutation(SEED, RANDOM_ORDER, trial, p->net->n_nodes, p->node);
	draw_taps(p, trial, 0, mismatch);
	const struct twins_setup setup = {.network = p->net,
					  .free_g = p->g[0],
					  .clamped_g = p->g[mismatch > 0],
					  .source_offset_V = p->offset_V,
					  .clock = &p->clock};
	assert_ok(twins_new(&setup, &session, p->cut, &p->twins, &err));
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < N_SOURCES; i++)
			p->held[side][p->node[i]] = 1;
}

static void close_pair(struct pair *p)
{
	twins_free(p->twins);
	network_free(p->net);
}

static void drive(struct pair *p, int side, const double *source_V)
{
	twins_drive(p->twins, side, source_V);
	for (int i = 0; i < N_SOURCES; i++)
		p->held_V[side][p->node[i]] = source_V[i] + (side ? p->offset_V : 0);
}

static void drive_both(struct pair *p, const double *source_V)
{
	drive(p, RIG_FREE, source_V);
	drive(p, RIG_CLAMPED, source_V);
}

static void clamp(struct pair *p, const double *clamp_V)
{
	twins_clamp(p->twins, clamp_V);
	for (int i = 0; i < N_TARGETS; i++) {
		p->held[RIG_CLAMPED][p->node[N_SOURCES + i]] = clamp_V != NULL;
		p->held_V[RIG_CLAMPED][p->node[N_SOURCES + i]] = clamp_V ? clamp_V[i] : 0;
	}
}

/* The copy comes to rest; the twins do so at the first drive. */
static void rest_copy(struct pair *p)
{
	for (int side = 0; side < 2; side++) {
		memcpy(p->V[side], p->held_V[side], sizeof(p->V[side]));
		assert_int_equal(dense_solve(p->net, p->copy_g[side], p->held[side], p->V[side]),
				 0);
	}
}

static void jump_copy(struct pair *p)
{
	for (int side = 0; side < 2; side++)
		dense_jump(p->net, p->farad, p->held[side], p->held_V[side], p->V[side]);
}

static void wait_ns(struct pair *p, int64_t ns)
{
	struct rig_error err;

	for (int side = 0; side < 2; side++)
		dense_relax(p->net, p->copy_g[side], p->farad, p->held[side], (double)ns * 1e-9,
			    p->V[side]);
	p->clock.virtual_ns += ns;
	assert_ok(twins_catch_up(p->twins, &err));
}

/* The largest difference of a node voltage, or of V_C - V_F; the twins are solved here. */
static double error_of(struct pair *p)
{
	const double *ours[2], *change_V;
	struct rig_error err;
	double worst = 0;

	assert_ok(twins_solve(p->twins, RIG_CLAMPED, &err));
	change_V = twins_change_V(p->twins);
	for (int side = 0; side < 2; side++)
		ours[side] = twins_V(p->twins, side);
	for (size_t i = 0; i < p->net->n_nodes; i++) {
		double change = p->V[1][i] - p->V[0][i];

		for (int side = 0; side < 2; side++)
			worst = fmax(worst, fabs(ours[side][i] - p->V[side][i]));
		worst = fmax(worst, fabs(change_V[i] - change));
		assert_false(isnan(ours[0][i] + ours[1][i] + change_V[i]));
	}
	return worst;
}

static void set_capacitance(struct pair *p, double farad)
{
	struct rig_error err;

	set_farad(p, farad);
	if (twins_set_capacitance(p->twins, farad, &err) < 0)
		fail_msg("%s", err.text);
}

static void draw_volts(uint64_t trial, uint64_t what, double *volts, int n)
{
	for (int i = 0; i < n; i++)
		volts[i] = 5 * uniform(trial, 1000000 + what * 10 + (uint64_t)i);
}

/* ---- P8 ---- */

/* A step of the papers' bench at a ratio of tau to R C of 50 kohm: drive, tau / 2, clamp, tau / 2. */
static double error_of_a_step(const char *name, uint64_t trial, double ratio)
{
	double first_V[N_SOURCES], then_V[N_SOURCES], clamp_V[N_TARGETS], worst;
	int64_t half_ns = (int64_t)(ratio * 50e3 * 22e-6 / 2 * 1e9);
	struct pair p = {0};

	open_pair(&p, name, trial, 0);
	set_capacitance(&p, 22e-6);
	draw_volts(trial, 1, first_V, N_SOURCES);
	draw_volts(trial, 2, then_V, N_SOURCES);
	draw_volts(trial, 3, clamp_V, N_TARGETS);
	drive_both(&p, first_V);
	rest_copy(&p);
	worst = error_of(&p);
	drive_both(&p, then_V);
	jump_copy(&p);
	worst = fmax(worst, error_of(&p));
	wait_ns(&p, half_ns);
	worst = fmax(worst, error_of(&p));
	clamp(&p, clamp_V);
	jump_copy(&p);
	worst = fmax(worst, error_of(&p));
	wait_ns(&p, half_ns);
	worst = fmax(worst, error_of(&p));
	close_pair(&p);
	return worst;
}

static void check_ratios(const char *name)
{
	static const double ratio[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 5};

	for (size_t k = 0; k < sizeof(ratio) / sizeof(ratio[0]); k++) {
		double worst = 0;

		for (uint64_t trial = 0; trial < 5; trial++)
			worst = fmax(worst, error_of_a_step(name, 10 * trial + k, ratio[k]));
		print_message("# %s, tau/RC %g: off by at most %.1e V (seed %u)\n", name, ratio[k],
			      worst, SEED);
		if (!(worst <= 1e-11))
			fail_msg("%s, tau/RC %g: off by %g V", name, ratio[k], worst);
	}
}

static void steps_of_16_edges_relax_as_an_eigendecomposition_says(void **state)
{
	(void)state;
	check_ratios("king9_16");
}

static void steps_of_143_edges_relax_as_an_eigendecomposition_says(void **state)
{
	(void)state;
	check_ratios("own_64_143");
}

/* ---- anything in any order ---- */

/* An edge whose cut leaves every node with a path to a source. */
static void cut_or_join(struct pair *p, size_t edge)
{
	struct network_error why;
	struct rig_error err;
	const uint32_t *nodes;
	struct circuit *c;

	p->cut[edge] ^= 1;
	if (circuit_new(p->net, p->cut, p->node, N_SOURCES, NULL, 0, NULL, &c, &why) < 0)
		fail_msg("%s", why.text);
	if (circuit_floating(c, &nodes))
		p->cut[edge] ^= 1;
	circuit_free(c);
	if (twins_set_cut(p->twins, p->cut, &err) < 0)
		fail_msg("%s", err.text);
}

static void do_something(struct pair *p, uint64_t trial, uint64_t k, double mismatch)
{
	static const double bank_F[] = {2.2e-6, 22e-6, 220e-6, 2200e-6};
	double volts[N_SOURCES], farad = 0;

	for (size_t j = 0; j < p->net->n_edges; j++)
		farad = fmax(farad, p->farad[j]);
	draw_volts(trial, k, volts, N_SOURCES);
	switch ((int)(8 * uniform(trial, 7000000 + k))) {
	case 0:
		drive(p, RIG_FREE, volts);
		jump_copy(p);
		break;
	case 1:
		drive(p, RIG_CLAMPED, volts);
		jump_copy(p);
		break;
	case 2:
		drive_both(p, volts);
		jump_copy(p);
		break;
	case 3:
		clamp(p, volts);
		jump_copy(p);
		break;
	case 4:
		clamp(p, NULL);
		break;
	case 5:
		draw_taps(p, trial, k, mismatch);
		twins_moved(p->twins);
		break;
	case 6:
		set_capacitance(p, bank_F[(int)(4 * uniform(trial, 8000000 + k))]);
		break;
	case 7:
		cut_or_join(p, (size_t)(16 * uniform(trial, 9000000 + k)));
		break;
	}
	for (size_t j = 0; j < p->net->n_edges; j++) {
		if (p->farad[j] > 0)
			farad = p->farad[j];
		p->copy_g[0][j] = p->cut[j] ? 0 : p->g[0][j];
		p->copy_g[1][j] = p->cut[j] ? 0 : p->g[mismatch > 0][j];
	}
	set_farad(p, farad);
	if (uniform(trial, 10000000 + k) < 0.6)
		wait_ns(p, (int64_t)(exp(12 * uniform(trial, 11000000 + k)) * 1e4));
}

static void check_protocols(double mismatch, double offset_V)
{
	double worst = 0;

	for (uint64_t trial = 100; trial < 110; trial++) {
		double volts[N_SOURCES];
		struct pair p = {.offset_V = offset_V};

		open_pair(&p, "king9_16", trial, mismatch);
		set_capacitance(&p, 22e-6);
		draw_volts(trial, 0, volts, N_SOURCES);
		drive_both(&p, volts);
		rest_copy(&p);
		worst = fmax(worst, error_of(&p));
		for (uint64_t k = 1; k <= 60; k++) {
			double off;

			do_something(&p, trial, k, mismatch);
			off = error_of(&p);
			worst = fmax(worst, off);
			if (!(off <= 1e-11))
				fail_msg("seed %u, trial %lu, act %lu: off by %g V", SEED,
					 (unsigned long)trial, (unsigned long)k, off);
		}
		close_pair(&p);
	}
	print_message("# 600 acts (seed %u): off by at most %.1e V\n", SEED, worst);
}

static void any_protocol_gives_what_the_dense_copy_gives(void **state)
{
	(void)state;
	check_protocols(0, 0);
}

static void twins_that_differ_relax_each_by_itself(void **state)
{
	(void)state;
	check_protocols(0.2, 0);
	check_protocols(0, 0.005);
	check_protocols(0.1, -0.005);
}

/* ---- single facts ---- */

/* The charge of node i in units of C: sum over its edges of the drops towards it. */
static void charges(const struct network *net, const double *V, double *ret)
{
	memset(ret, 0, net->n_nodes * sizeof(*ret));
	for (size_t j = 0; j < net->n_edges; j++) {
		double drop = V[net->a[j]] - V[net->b[j]];

		ret[net->a[j]] += drop;
		ret[net->b[j]] -= drop;
	}
}

static void a_jump_conserves_the_charge_of_the_nodes_that_nobody_holds(void **state)
{
	const double first_V[] = {1, 4, 0}, then_V[] = {5, 2, 1}, clamp_V[] = {3, 2};
	double before[2][MOST], after[MOST], moved = 0;
	struct rig_error err;
	struct pair p = {0};

	(void)state;
	open_pair(&p, "own_64_143", 1, 0);
	set_capacitance(&p, 220e-6);
	drive_both(&p, first_V);
	assert_ok(twins_solve(p.twins, RIG_CLAMPED, &err));
	p.clock.virtual_ns += S / 10;
	assert_ok(twins_catch_up(p.twins, &err));
	for (int side = 0; side < 2; side++)
		charges(p.net, twins_V(p.twins, side), before[side]);
	drive_both(&p, then_V);
	clamp(&p, clamp_V);
	assert_ok(twins_solve(p.twins, RIG_CLAMPED, &err));
	for (int side = 0; side < 2; side++) {
		charges(p.net, twins_V(p.twins, side), after);
		for (size_t i = 0; i < p.net->n_nodes; i++) {
			if (p.held[side][i])
				moved = fmax(moved, fabs(after[i] - before[side][i]));
			else
				assert_close(after[i], before[side][i], 1e-13);
		}
	}
	assert_true(moved > 1); /* the sources' own charge did change */
	close_pair(&p);
}

/* 5 V over R1 and R2 to 0 V, C beside each: the middle jumps to 2.5 V, and then e^(-t (g1 + g2) / 2C) is left. */
static void a_divider_jumps_to_its_middle_and_relaxes_as_by_hand(void **state)
{
	static const uint32_t sources[] = {0, 2}, target[] = {1};
	const double g[] = {1 / 10e3, 1 / 40e3}, low_V[] = {0, 0}, high_V[] = {5, 0};
	const struct rig_session session = {sources, 2, target, 1, NULL, 0, 1, 0};
	struct clock clock = {.kind = SIM_VIRTUAL};
	struct network_error why;
	struct twins *twins;
	struct network *net;
	struct rig_error err;

	(void)state;
	assert_ok(network_shipped("divider2", &net, &why));
	const struct twins_setup setup = {
		.network = net, .free_g = g, .clamped_g = g, .clock = &clock};
	assert_ok(twins_new(&setup, &session, (const uint8_t[2]){0}, &twins, &err));
	assert_ok(twins_set_capacitance(twins, 22e-6, &err));
	twins_drive_both(twins, low_V);
	clock.virtual_ns = S;
	assert_ok(twins_catch_up(twins, &err));
	twins_drive_both(twins, high_V);
	assert_ok(twins_solve(twins, RIG_FREE, &err));
	assert_close(twins_V(twins, RIG_FREE)[1], 2.5, 1e-15);
	clock.virtual_ns = S + S / 4;
	assert_ok(twins_catch_up(twins, &err));
	assert_ok(twins_solve(twins, RIG_FREE, &err));
	assert_close(twins_V(twins, RIG_FREE)[1], 4 - 1.5 * exp(-0.25 * 125e-6 / 44e-6), 1e-12);
	double rest_V;
	assert_ok(twins_equilibrium(twins, &rest_V, &err));
	assert_close(rest_V, 4, 1e-15);
	twins_free(twins);
	network_free(net);
}

/* V_C - V_F some time after a push of both targets, over that push. */
static void respond_to(double push_V, double *ret_change)
{
	const double first_V[] = {1, 4, 0}, then_V[] = {5, 2, 1};
	double clamp_V[N_TARGETS];
	struct rig_error err;
	struct pair p = {0};

	open_pair(&p, "king9_16", 3, 0);
	set_capacitance(&p, 22e-6);
	drive_both(&p, first_V);
	p.clock.virtual_ns = 1 * S;
	assert_ok(twins_catch_up(p.twins, &err));
	drive_both(&p, then_V);
	p.clock.virtual_ns = 200 * S;
	assert_ok(twins_catch_up(p.twins, &err)); /* to rest but for the last bit, */
	p.clock.virtual_ns = 300 * S;
	assert_ok(twins_catch_up(p.twins, &err)); /* and that */
	for (int i = 0; i < N_TARGETS; i++)
		clamp_V[i] = twins_V(p.twins, RIG_FREE)[p.node[N_SOURCES + i]] + push_V;
	clamp(&p, clamp_V);
	p.clock.virtual_ns = 300 * S + S / 5;
	assert_ok(twins_catch_up(p.twins, &err));
	for (size_t i = 0; i < p.net->n_nodes; i++)
		ret_change[i] = twins_change_V(p.twins)[i] / push_V;
	close_pair(&p);
}

/* From the two states it would have 5 digits left. */
static void a_push_of_a_nanovolt_keeps_all_its_digits_while_charge_flows(void **state)
{
	double big[MOST], small[MOST];

	(void)state;
	respond_to(0x1p-1, big);
	respond_to(0x1p-30, small); /* both add to V_F without rounding */
	for (size_t i = 0; i < 9; i++)
		assert_close(small[i], big[i], 1e-12);
}

static void nodes_that_float_are_named_read_nan_and_join_again(void **state)
{
	/* the path 0 - 1 - 2 - 3 */
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}}, source[] = {0}, target[] = {1};
	const double g[] = {1e-4, 1e-4, 1e-4}, low_V = 1, high_V = 4;
	const struct rig_session session = {source, 1, target, 1, NULL, 0, 1, 0};
	const uint32_t *nodes;
	struct clock clock = {.kind = SIM_VIRTUAL};
	struct network_error why;
	struct twins *twins;
	struct network *net;
	struct rig_error err;

	(void)state;
	assert_ok(network_from_edges(ends, 3, &net, &why));
	const struct twins_setup setup = {
		.network = net, .free_g = g, .clamped_g = g, .clock = &clock};
	assert_ok(twins_new(&setup, &session, (const uint8_t[3]){0}, &twins, &err));
	assert_ok(twins_set_capacitance(twins, 22e-6, &err));
	twins_drive_both(twins, &low_V);
	clock.virtual_ns = S;
	assert_ok(twins_catch_up(twins, &err));
	assert_ok(twins_set_cut(twins, (const uint8_t[3]){0, 1, 0}, &err));
	assert_int_equal(twins_floating(twins, &nodes), 2);
	assert_true(nodes[0] == 2 && nodes[1] == 3);
	twins_drive_both(twins, &high_V);
	clock.virtual_ns = 2 * S;
	assert_ok(twins_catch_up(twins, &err));
	assert_ok(twins_solve(twins, RIG_CLAMPED, &err));
	assert_true(isnan(twins_V(twins, RIG_FREE)[2]) && isnan(twins_V(twins, RIG_CLAMPED)[3]));
	assert_close(twins_V(twins, RIG_FREE)[1], 4, 1e-14);
	assert_ok(twins_set_cut(twins, (const uint8_t[3]){0}, &err));
	assert_ok(twins_solve(twins, RIG_CLAMPED, &err));
	for (int i = 0; i < 4; i++)
		assert_close(twins_V(twins, RIG_FREE)[i], 4, 1e-14);
	clock.virtual_ns = 3 * S;
	assert_ok(twins_catch_up(twins, &err));
	for (int i = 0; i < 4; i++)
		assert_close(twins_V(twins, RIG_CLAMPED)[i], 4, 1e-14);
	twins_free(twins);
	network_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_of_16_edges_relax_as_an_eigendecomposition_says),
		cmocka_unit_test(steps_of_143_edges_relax_as_an_eigendecomposition_says),
		cmocka_unit_test(any_protocol_gives_what_the_dense_copy_gives),
		cmocka_unit_test(twins_that_differ_relax_each_by_itself),
		cmocka_unit_test(a_jump_conserves_the_charge_of_the_nodes_that_nobody_holds),
		cmocka_unit_test(a_divider_jumps_to_its_middle_and_relaxes_as_by_hand),
		cmocka_unit_test(a_push_of_a_nanovolt_keeps_all_its_digits_while_charge_flows),
		cmocka_unit_test(nodes_that_float_are_named_read_nan_and_join_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
