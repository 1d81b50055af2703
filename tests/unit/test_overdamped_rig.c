/* tests/unit/test_overdamped_rig.c - the overdamped rule through drivers/rig.h: what a step shows, does and refuses. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "tests/check.h"
#include "tests/unit/dense.h"

#define NODES 9
#define EDGES 16

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5};
static const uint32_t measured[] = {3, 5, 0, 1, 2, 4, 6, 7, 8};
static const double source_V[] = {1, 0.2, -0.5}, target_V[] = {0.4, 0.1};

struct row {
	double free_V[NODES], clamped_V[NODES], target_free_V[2], clamp_V[2], equilibrium_V[2];
	double r_ohm[EDGES];
	uint8_t wiper[EDGES], updated[2], raised[2];
	struct rig_record record;
};

static struct rig *open_rig(double alpha, bool clip)
{
	struct rig_config config = {
		.name = "overdamped",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {-50, 50, INFINITY, INFINITY, INFINITY, INFINITY, 0, ""},
		.sim = {.rule = SIM_OVERDAMPED,
			.learning_rate = alpha,
			.clip = clip,
			.tolerance = 1e-6,
			.r_bounds_ohm = {NAN, NAN},
			.r_initial_ohm = 1}};
	const struct rig_session session = {sources, 3, targets, 2, measured, NODES, 5, 0};
	static double bank_F[] = {0, 1e-6};
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	config.capacitance_F = bank_F;
	config.n_capacitance = 2;
	config.r0_ohm = 1e4;
	assert_ok(network_shipped("king9_16", &config.network, &why));
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	return rig;
}

static struct rig_request request(uint64_t step, double flow_s)
{
	return (struct rig_request){.step = step,
				    .n_examples = 1,
				    .source_V = source_V,
				    .target_V = target_V,
				    .eta = 1e-3,
				    .flow_s = flow_s,
				    .ticks = 1,
				    .clamp = true};
}

static int make(struct rig *rig, const struct rig_request *request_, struct row *ret)
{
	ret->record = (struct rig_record){.free_V = ret->free_V,
					  .clamped_V = ret->clamped_V,
					  .target_free_V = ret->target_free_V,
					  .clamp_V = ret->clamp_V,
					  .wiper = ret->wiper,
					  .updated = ret->updated,
					  .raised = ret->raised,
					  .r_ohm = ret->r_ohm,
					  .equilibrium_V = ret->equilibrium_V};
	return rig_step(rig, request_, &ret->record);
}

static void step(struct rig *rig, uint64_t number, double flow_s, struct row *ret)
{
	struct rig_request r = request(number, flow_s);

	assert_ok(make(rig, &r, ret));
}

static double read_ohm(struct rig *rig, size_t edge)
{
	double r_ohm[EDGES];

	assert_ok(rig_read_edges(rig, &(struct rig_edges){.r_ohm = r_ohm}));
	return r_ohm[edge];
}

/* V_F, and u, the response to V_D - V_F, of a network at rest: by the dense reference. */
static void rest(const struct network *net, const double *g, double *ret_V, double *ret_u)
{
	char held[NODES] = {0};

	memset(ret_V, 0, NODES * sizeof(double));
	memset(ret_u, 0, NODES * sizeof(double));
	for (int i = 0; i < 3; i++) {
		held[sources[i]] = 1;
		ret_V[sources[i]] = source_V[i];
	}
	assert_int_equal(dense_solve(net, g, held, ret_V), 0);
	for (int i = 0; i < 2; i++) {
		held[targets[i]] = 1;
		ret_u[targets[i]] = target_V[i] - ret_V[targets[i]];
	}
	assert_int_equal(dense_solve(net, g, held, ret_u), 0);
}

static void conductances(const struct row *row, double *ret_g)
{
	for (size_t j = 0; j < EDGES; j++)
		ret_g[j] = 1 / row->r_ohm[j];
}

static void says_what_it_is_and_begins_at_rest(void **state)
{
	struct rig *rig = open_rig(1, true);
	double g[EDGES], want_V[NODES], want_u[NODES];
	struct row row;

	(void)state;
	assert_true(rig_info(rig)->continuous && rig_info(rig)->overdamped);
	assert_false(rig_info(rig)->batches);
	assert_true(rig_info(rig)->alpha_per_s == 1);
	for (size_t j = 0; j < EDGES; j++)
		g[j] = 1;
	rest(rig_info(rig)->network, g, want_V, want_u);
	step(rig, 0, 0.5, &row);
	for (size_t i = 0; i < NODES; i++) {
		assert_close(row.free_V[i], want_V[measured[i]], 1e-12);
		assert_close(row.clamped_V[i] - row.free_V[i], 1e-3 * want_u[measured[i]], 1e-15);
	}
	assert_close(row.clamp_V[0], want_V[3] + 1e-3 * (0.4 - want_V[3]), 1e-15);
	assert_int_equal(row.updated[0], 0xFF);
	assert_int_equal(row.updated[1], 0xFF);
	rig_close(rig);
}

static void a_step_takes_its_flow_of_the_rigs_time(void **state)
{
	struct rig *rig = open_rig(1, true);
	int64_t before_ns = rig_now_ns(rig);
	struct row row;

	(void)state;
	step(rig, 0, 0.25, &row);
	assert_int_equal(row.record.free_ns, before_ns);
	assert_int_equal(row.record.clamped_ns, before_ns);
	assert_int_equal(row.record.tick_ns, before_ns + 250000000);
	assert_int_equal(rig_now_ns(rig), before_ns + 250000000);
	rig_close(rig);
}

/* dg/ds = -2 dV dU at rest, s = alpha t: what the flow becomes when learning is slow. */
static void quasi_static(const struct network *net, double s, double *g)
{
	double v[NODES], u[NODES], half[EDGES], h = 1e-3;

	for (int k = 0; k < (int)(s / h + 0.5); k++) {
		rest(net, g, v, u);
		for (size_t j = 0; j < EDGES; j++)
			half[j] = g[j] -
				  h * (v[net->a[j]] - v[net->b[j]]) * (u[net->a[j]] - u[net->b[j]]);
		rest(net, half, v, u);
		for (size_t j = 0; j < EDGES; j++)
			g[j] -= 2 * h * (v[net->a[j]] - v[net->b[j]]) *
				(u[net->a[j]] - u[net->b[j]]);
	}
}

static double off_the_slow_limit(double alpha)
{
	struct rig *rig = open_rig(alpha, true);
	double g[EDGES], want[EDGES], most = 0;
	struct row row;

	for (size_t j = 0; j < EDGES; j++)
		want[j] = 1;
	quasi_static(rig_info(rig)->network, 1, want);
	step(rig, 0, 1 / alpha, &row);
	conductances(&row, g);
	for (size_t j = 0; j < EDGES; j++)
		most = fmax(most, fabs(g[j] - want[j]));
	rig_close(rig);
	return most;
}

static void slow_learning_follows_the_gradient_at_rest(void **state)
{
	double slow = off_the_slow_limit(0.01), slower = off_the_slow_limit(0.001);

	(void)state;
	print_message("alpha 0.01: off by %.3g, 0.001: %.3g\n", slow, slower);
	assert_true(slow < 0.02);
	assert_true(slower > 0.08 * slow && slower < 0.12 * slow); /* of first order in alpha */
}

static void equilibrium_is_where_the_targets_would_come_to_rest(void **state)
{
	struct rig *rig = open_rig(20, true);
	const struct network *net = rig_info(rig)->network;
	double g[EDGES], v[NODES], u[NODES], out_V[2];
	struct row row;

	(void)state;
	for (uint64_t k = 0; k < 5; k++) {
		step(rig, k, 0.1, &row);
		conductances(&row, g);
		rest(net, g, v, u);
		assert_ok(rig_evaluate(rig, 1, source_V, out_V));
		step(rig, k, 0, &row); /* shows the state that the flow has left */
		for (int i = 0; i < 2; i++) {
			assert_close(row.equilibrium_V[i], v[targets[i]], 1e-10);
			assert_close(out_V[i], v[targets[i]], 1e-10);
		}
	}
	assert_true(fabs(row.target_free_V[0] - row.equilibrium_V[0]) > 1e-4); /* not there yet */
	rig_close(rig);
}

static void without_ticks_voltages_relax_and_conductances_hold(void **state)
{
	struct rig *rig = open_rig(20, true);
	struct rig_request still = request(1, 200);
	struct row row;
	double before_ohm, v[NODES], u[NODES], g[EDGES];

	(void)state;
	step(rig, 0, 0.2, &row);
	before_ohm = read_ohm(rig, 4);
	still.ticks = 0;
	assert_ok(make(rig, &still, &row));
	assert_true(read_ohm(rig, 4) == before_ohm);
	step(rig, 2, 0, &row);
	conductances(&row, g);
	rest(rig_info(rig)->network, g, v, u);
	for (size_t i = 0; i < NODES; i++)
		assert_close(row.free_V[i], v[measured[i]], 2e-6);
	for (size_t i = 0; i < NODES; i++)
		assert_close((row.clamped_V[i] - row.free_V[i]) / 1e-3, u[measured[i]], 2e-6);
	rig_close(rig);
}

static void without_a_clamp_both_networks_come_to_the_same_rest(void **state)
{
	struct rig *rig = open_rig(20, true);
	struct rig_request loose = request(1, 200);
	struct row row;

	(void)state;
	step(rig, 0, 0.2, &row);
	assert_true(fabs(row.clamped_V[0] - row.free_V[0]) > 1e-5);
	loose.clamp = false;
	assert_ok(make(rig, &loose, &row));
	assert_true(row.clamp_V[0] == row.target_free_V[0]);
	loose.step = 2;
	assert_ok(make(rig, &loose, &row));
	for (size_t i = 0; i < NODES; i++)
		assert_close(row.clamped_V[i], row.free_V[i], 1e-9);
	rig_close(rig);
}

static void a_step_of_the_sources_moves_no_free_node_at_once(void **state)
{
	const double other_V[] = {-1, 0.7, 0.3};
	struct rig *rig = open_rig(1, true);
	struct rig_request r = request(1, 0);
	struct row before, after;

	(void)state;
	step(rig, 0, 0.3, &before);
	step(rig, 1, 0, &before);
	r.source_V = other_V;
	r.eta = 0.5;
	assert_ok(make(rig, &r, &after));
	for (size_t i = 0; i < NODES; i++) {
		bool source = measured[i] == 0 || measured[i] == 2 || measured[i] == 7;

		if (source)
			continue;
		assert_true(after.free_V[i] == before.free_V[i]);
		if (i >= 2) /* nor does another eta move the clamped network's interior */
			assert_close(after.clamped_V[i], before.clamped_V[i], 1e-15);
	}
	assert_true(after.free_V[2] == -1); /* node 0, a source */
	rig_close(rig);
}

static void edges_on_hold_and_cut_edges_do_not_learn(void **state)
{
	struct rig *rig = open_rig(20, true);
	const struct network *net = rig_info(rig)->network;
	double g[EDGES], v[NODES], u[NODES];
	struct row row;

	(void)state;
	assert_ok(rig_set_edge_mode(rig, 2, RIG_HOLD));
	assert_ok(rig_set_edge_mode(rig, 5, RIG_CUT));
	step(rig, 0, 0.5, &row);
	assert_true(row.r_ohm[2] == 1 && row.r_ohm[5] == 1);
	assert_int_equal(row.updated[0], 0xFF & ~(1 << 2 | 1 << 5));
	conductances(&row, g);
	g[5] = 0;
	rest(net, g, v, u);
	step(rig, 1, 0, &row);
	assert_close(row.equilibrium_V[0], v[3], 1e-10);
	assert_close(row.equilibrium_V[1], v[5], 1e-10);
	rig_close(rig);
}

static void a_node_cut_off_reads_nan_and_the_rest_learns_on(void **state)
{
	struct rig *rig = open_rig(20, true);
	const struct network *net = rig_info(rig)->network;
	const uint32_t *nodes;
	struct row row;

	(void)state;
	for (size_t j = 0; j < EDGES; j++)
		if (net->a[j] == 8 || net->b[j] == 8)
			assert_ok(rig_set_edge_mode(rig, j, RIG_CUT));
	assert_int_equal(rig_floating(rig, &nodes), 1);
	assert_int_equal(nodes[0], 8);
	for (uint64_t k = 0; k < 3; k++)
		step(rig, k, 0.2, &row);
	assert_true(isnan(row.free_V[8]) && isnan(row.clamped_V[8])); /* measured[8] is node 8 */
	for (size_t i = 0; i < 8; i++)
		assert_true(isfinite(row.free_V[i]));
	assert_true(isfinite(row.equilibrium_V[0]));
	rig_close(rig);
}

static void edges_sit_out_with_probability_one_minus_p(void **state)
{
	struct rig *rig = open_rig(5, true);
	struct row row;
	int sat_in = 0;

	(void)state;
	assert_ok(rig_set_update(rig, 0.5, NAN));
	for (uint64_t k = 0; k < 100; k++) {
		double before[EDGES], after[EDGES];

		assert_ok(rig_read_edges(rig, &(struct rig_edges){.r_ohm = before}));
		step(rig, k, 0.01, &row);
		assert_ok(rig_read_edges(rig, &(struct rig_edges){.r_ohm = after}));
		for (size_t j = 0; j < EDGES; j++) {
			bool updated = row.updated[j / 8] >> j % 8 & 1;

			sat_in += updated;
			assert_true(updated || after[j] == before[j]);
		}
	}
	assert_true(abs(sat_in - 800) < 80); /* four standard deviations */
	rig_close(rig);
}

static void refuses_what_has_no_meaning_in_time(void **state)
{
	struct rig *rig = open_rig(1, true);
	const double two[] = {1, 0.2, -0.5, 0, 0, 0, 0, 0, 0, 0};
	struct rig_request r = request(0, 0.1);
	struct row row;
	uint8_t taps[EDGES] = {0};

	(void)state;
	r.n_examples = 2;
	r.source_V = r.target_V = two;
	assert_int_equal(make(rig, &r, &row), -ENOTSUP);
	assert_int_equal(rig_tick(rig), -ENOTSUP);
	assert_int_equal(rig_write_edges(rig, taps, EDGES), -ENOTSUP);
	assert_int_equal(rig_set_alpha(rig, 0), -EINVAL);
	assert_int_equal(rig_set_capacitance(rig, 1e-6), -ENOTSUP);
	assert_ok(rig_set_capacitance(rig, 0));
	rig_close(rig);
}

static void alpha_and_resistances_can_be_set_between_steps(void **state)
{
	struct rig *rig = open_rig(NAN, true); /* 1 per second */
	double r_ohm[EDGES], fell[2];
	struct row row;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_ok(rig_set_alpha(rig, i ? 2e-3 : 1e-3));
		for (size_t j = 0; j < EDGES; j++)
			r_ohm[j] = 1;
		assert_ok(rig_write_resistances(rig, r_ohm, EDGES));
		assert_true(read_ohm(rig, 7) == 1);
		step(rig, 0, 1e-3, &row);
		fell[i] = row.r_ohm[7] - 1;
	}
	assert_true(fell[0] != 0);
	assert_close(fell[1] / fell[0], 2, 1e-3);
	assert_ok(rig_home(rig));
	assert_true(read_ohm(rig, 7) == 1);
	rig_close(rig);
}

static void learns_with_and_without_the_clip(void **state)
{
	(void)state;
	for (int clip = 0; clip < 2; clip++) {
		struct rig *rig = open_rig(10, clip);
		struct row row;
		double error_V = 0;

		for (uint64_t k = 0; k < 2000; k++)
			step(rig, k, 0.05, &row);
		for (int i = 0; i < 2; i++)
			error_V = fmax(error_V, fabs(row.equilibrium_V[i] - target_V[i]));
		print_message("clip %d: %.3g V off\n", clip, error_V);
		assert_true(error_V < 1e-4);
		for (size_t j = 0; j < EDGES; j++)
			assert_true(row.r_ohm[j] > 0 && isfinite(row.r_ohm[j]));
		rig_close(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_is_and_begins_at_rest),
		cmocka_unit_test(a_step_takes_its_flow_of_the_rigs_time),
		cmocka_unit_test(slow_learning_follows_the_gradient_at_rest),
		cmocka_unit_test(equilibrium_is_where_the_targets_would_come_to_rest),
		cmocka_unit_test(without_ticks_voltages_relax_and_conductances_hold),
		cmocka_unit_test(without_a_clamp_both_networks_come_to_the_same_rest),
		cmocka_unit_test(a_step_of_the_sources_moves_no_free_node_at_once),
		cmocka_unit_test(edges_on_hold_and_cut_edges_do_not_learn),
		cmocka_unit_test(a_node_cut_off_reads_nan_and_the_rest_learns_on),
		cmocka_unit_test(edges_sit_out_with_probability_one_minus_p),
		cmocka_unit_test(refuses_what_has_no_meaning_in_time),
		cmocka_unit_test(alpha_and_resistances_can_be_set_between_steps),
		cmocka_unit_test(learns_with_and_without_the_clip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
