/* tests/unit/test_circuit.c - node voltages against a dense Cholesky, Kirchhoff's laws and hand-made cases. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/dense.h"

#define SEED 7u
#define MOST 400

static uint32_t draw(uint64_t a, uint64_t b, size_t n)
{
	return (uint32_t)random_below(SEED, RANDOM_GENERATE, a, b, n);
}

/* The largest current that does not balance, relative to the largest current, at nodes that nobody holds. */
static double residual(const struct network *net, const double *g, const char *held,
		       const double *volts)
{
	double sum[MOST] = {0}, largest = 0, worst = 0;

	for (size_t j = 0; j < net->n_edges; j++) {
		double current = g[j] * (volts[net->a[j]] - volts[net->b[j]]);

		if (g[j] == 0)
			continue;
		sum[net->a[j]] += current;
		sum[net->b[j]] -= current;
		largest = fmax(largest, fabs(current));
	}
	for (size_t i = 0; i < net->n_nodes; i++)
		if (!held[i])
			worst = fmax(worst, fabs(sum[i]));
	return worst / largest;
}

static void compare(const struct network *net, const double *g, const char *held,
		    const double *volts, const char *what)
{
	double want[MOST];

	memcpy(want, volts, net->n_nodes * sizeof(*want));
	assert_int_equal(dense_solve(net, g, held, want), 0);
	for (size_t i = 0; i < net->n_nodes; i++)
		if (!(fabs(volts[i] - want[i]) <= 1e-9))
			fail_msg("%s, node %zu: %.17g V, not %.17g V", what, i, volts[i], want[i]);
	double worst = residual(net, g, held, volts);
	if (!(worst <= 1e-10))
		fail_msg("%s: Kirchhoff's current law off by %g", what, worst);
}

/* Random sources, targets and taps; the free and the clamped state against the reference. */
static void check_against_dense(const struct network *net, uint64_t trial)
{
	size_t n_sources = 2 + draw(trial, 0, net->n_nodes > 4 ? 3 : 1);
	size_t n_targets = net->n_nodes - n_sources > 4 ? draw(trial, 1, 4) : 1;
	uint32_t order[MOST];
	double g[MOST * 4], source_V[8], clamp_V[8], volts[MOST], change[MOST], clamped[MOST];
	char held[MOST] = {0}, what[64];
	struct network_error err;
	struct circuit *c;

	snprintf(what, sizeof(what), "seed %u, trial %lu", SEED, (unsigned long)trial);
	random_permutation(SEED, RANDOM_ORDER, trial, net->n_nodes, order);
	for (size_t j = 0; j < net->n_edges; j++)
		g[j] = 1 / (781.25 * (1 + draw(trial, 100 + j, 128)));
	for (size_t i = 0; i < n_sources; i++) {
		source_V[i] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, 10 + i);
		held[order[i]] = 1;
	}
	assert_ok(circuit_new(net, NULL, order, n_sources, order + n_sources, n_targets, NULL, &c,
			      &err));
	assert_ok(circuit_factor(c, g));
	circuit_solve_free(c, source_V, volts);
	compare(net, g, held, volts, what);
	for (size_t i = 0; i < n_targets; i++) {
		clamp_V[i] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, 20 + i);
		held[order[n_sources + i]] = 1;
	}
	circuit_solve_clamped(c, clamp_V, clamped);
	for (size_t i = 0; i < n_targets; i++)
		assert_true(clamped[order[n_sources + i]] == clamp_V[i]);
	compare(net, g, held, clamped, what);
	circuit_solve_change(c, clamp_V, change);
	for (size_t i = 0; i < net->n_nodes; i++)
		assert_close(change[i], clamped[i] - volts[i], 1e-14);
	circuit_free(c);
}

static void the_shipped_networks_agree_with_a_dense_cholesky(void **state)
{
	(void)state;
	for (const char *const *name = network_shipped_names(); *name; name++) {
		struct network_error err;
		struct network *net;

		assert_ok(network_shipped(*name, &net, &err));
		for (uint64_t trial = 0; trial < 50; trial++)
			check_against_dense(net, trial);
		network_free(net);
	}
}

/* A random tree, so that all is connected, and as many random edges again, some of them parallel. */
static struct network *random_network(uint64_t trial)
{
	uint32_t ends[MOST][2];
	size_t n_nodes = 6 + draw(trial, 0, 100), n_edges = 0;
	struct network_error err;
	struct network *net;

	for (uint32_t i = 1; i < n_nodes; i++, n_edges++) {
		ends[n_edges][0] = i;
		ends[n_edges][1] = draw(trial, 1000 + i, i);
	}
	for (uint32_t i = 0; i < n_nodes; i++, n_edges++) {
		ends[n_edges][0] = i;
		ends[n_edges][1] = (i + 1 + draw(trial, 2000 + i, n_nodes - 1)) % (uint32_t)n_nodes;
	}
	assert_ok(network_from_edges((const uint32_t(*)[2])ends, n_edges, &net, &err));
	return net;
}

static void random_networks_agree_with_a_dense_cholesky(void **state)
{
	(void)state;
	for (uint64_t trial = 1000; trial < 1200; trial++) {
		struct network *net = random_network(trial);

		check_against_dense(net, trial);
		network_free(net);
	}
}

/* 5 V over 50 kohm and 25 kohm to 0 V: 5/3 V */
static void a_divider_divides(void **state)
{
	static const uint32_t sources[] = {0, 2}, target[] = {1};
	const double g[] = {1 / 50e3, 1 / 25e3}, source_V[] = {5, 0};
	struct network_error err;
	struct network *net;
	struct circuit *c;
	double volts[3];

	(void)state;
	assert_ok(network_shipped("divider2", &net, &err));
	assert_ok(circuit_new(net, NULL, sources, 2, target, 1, NULL, &c, &err));
	assert_non_null(strstr(circuit_method(c), "static: 2 edges, 1 unknowns"));
	assert_ok(circuit_factor(c, g));
	circuit_solve_free(c, source_V, volts);
	assert_close(volts[0], 5, 0);
	assert_close(volts[1], 5.0 / 3, 1e-15);
	assert_close(volts[2], 0, 0);
	circuit_free(c);
	network_free(net);
}

/* A push of 1e-9 V: V_C - V_F taken from the two states would have 6 digits left, and these are all right. */
static void a_small_nudge_keeps_all_its_digits(void **state)
{
	static const uint32_t sources[] = {0, 2, 7}, targets[] = {3};
	const double source_V[] = {5, 1, 0};
	double g[16], free_V[9], big[9], small[9];
	struct network_error err;
	struct network *net;
	struct circuit *c;

	(void)state;
	for (size_t j = 0; j < 16; j++)
		g[j] = 1e-5 * (double)(1 + j);
	assert_ok(network_shipped("king9_16", &net, &err));
	assert_ok(circuit_new(net, NULL, sources, 3, targets, 1, NULL, &c, &err));
	assert_ok(circuit_factor(c, g));
	circuit_solve_free(c, source_V, free_V);
	circuit_solve_change(c, &(double){free_V[3] + 1e-9}, small);
	circuit_solve_change(c, &(double){free_V[3] + 1}, big);
	for (size_t i = 0; i < 9; i++)
		assert_close(small[i] / small[3], big[i] / big[3], 1e-14);
	circuit_free(c);
	network_free(net);
}

/* The path 0 - 1 - 2 - 3, with edge 1 cut: 2 and 3 float */
static void nodes_without_a_path_to_a_source_float_and_are_listed(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}}, source[] = {0}, one[] = {1};
	static const uint8_t cut[] = {0, 1, 0};
	const double g[] = {1, NAN, 1};
	struct network_error err;
	struct network *net;
	struct circuit *c;
	const uint32_t *nodes;
	double volts[4];

	(void)state;
	assert_ok(network_from_edges(ends, 3, &net, &err));
	assert_ok(circuit_new(net, cut, source, 1, one, 1, NULL, &c, &err));
	assert_int_equal(circuit_floating(c, &nodes), 2);
	assert_int_equal(nodes[0], 2);
	assert_int_equal(nodes[1], 3);
	assert_ok(circuit_factor(c, g)); /* the conductance of a cut edge is not read */
	circuit_solve_free(c, &(double){4}, volts);
	assert_close(volts[1], 4, 0);
	assert_true(isnan(volts[2]) && isnan(volts[3]));
	circuit_solve_clamped(c, &(double){3}, volts);
	assert_close(volts[0], 4, 0);
	assert_close(volts[1], 3, 0);
	assert_true(isnan(volts[2]) && isnan(volts[3]));
	circuit_free(c);
	network_free(net);
}

static void floating_targets_and_wrong_nodes_are_refused_by_name(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}};
	static const uint8_t cut[] = {0, 1, 0};
	static const struct {
		uint32_t source[2], target[2];
		int want;
		const char *why;
	} wrong[] = {
		{{0, 1}, {3, 2}, -ENOTCONN, "target node 2, 3 have no path"},
		{{0, 0}, {1, 2}, -EINVAL, "source node 0 is there twice"},
		{{0, 9}, {1, 2}, -EINVAL, "source node 9 does not exist"},
		{{0, 3}, {1, 1}, -EINVAL, "target node 1 is there twice"},
		{{0, 3}, {3, 1}, -EINVAL, "target node 3 is a source too"},
		{{0, 3}, {4, 1}, -EINVAL, "target node 4 does not exist"},
	};
	struct network_error err;
	struct network *net;

	(void)state;
	assert_ok(network_from_edges(ends, 3, &net, &err));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct circuit *c = NULL;
		int r = circuit_new(net, cut, wrong[i].source, 2, wrong[i].target, 2, NULL, &c,
				    &err);

		if (r != wrong[i].want || c || !strstr(err.text, wrong[i].why))
			fail_msg("%s: %d, \"%s\"", wrong[i].why, r, err.text);
	}
	network_free(net);
}

static void conductances_that_no_resistor_has_are_refused(void **state)
{
	static const uint32_t sources[] = {0, 2}, target[] = {1};
	const double wrong[][2] = {{0, 0}, {-1, 0.5}, {NAN, 1}};
	struct network_error err;
	struct network *net;
	struct circuit *c;

	(void)state;
	assert_ok(network_shipped("divider2", &net, &err));
	assert_ok(circuit_new(net, NULL, sources, 2, target, 1, NULL, &c, &err));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(circuit_factor(c, wrong[i]), -EDOM);
	circuit_free(c);
	network_free(net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_networks_agree_with_a_dense_cholesky),
		cmocka_unit_test(random_networks_agree_with_a_dense_cholesky),
		cmocka_unit_test(a_divider_divides),
		cmocka_unit_test(a_small_nudge_keeps_all_its_digits),
		cmocka_unit_test(nodes_without_a_path_to_a_source_float_and_are_listed),
		cmocka_unit_test(floating_targets_and_wrong_nodes_are_refused_by_name),
		cmocka_unit_test(conductances_that_no_resistor_has_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
