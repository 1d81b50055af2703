/* tests/unit/test_circuit_solvers.c - every way of solving a circuit finds what a dense Cholesky finds, twice alike. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim_backend/circuit.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/dense.h"

#define SEED      23u
#define MOST      400
#define N_SOURCES 3
#define N_TARGETS 4

static const enum circuit_solver all[] = {CIRCUIT_STATIC, CIRCUIT_SIMPLICIAL, CIRCUIT_SUPERNODAL,
					  CIRCUIT_PCG};
static const char *const words[] = {"auto", "static", "simplicial", "supernodal", "pcg"};

/* A network, random taps, random sources and targets and their volts. */
struct subject {
	struct network *net;
	uint32_t *node; /* shuffled: sources, then targets, then the others */
	double *g, source_V[N_SOURCES], push_V[N_TARGETS];
	double *free_V, *change_V, *clamped_V;
};

static void *array(size_t n, size_t size)
{
	void *p = calloc(n, size);

	assert_non_null(p);
	return p;
}

static void open_subject(const char *name, uint64_t trial, struct subject *s)
{
	struct network_error err;
	size_t n;

	assert_ok(network_shipped(name, &s->net, &err));
	n = s->net->n_nodes;
	s->node = array(n, sizeof(*s->node));
	random_permutation(SEED, RANDOM_ORDER, trial, n, s->node);
	s->g = array(s->net->n_edges, sizeof(double));
	for (size_t j = 0; j < s->net->n_edges; j++)
		s->g[j] = 1 / (781.25 *
			       (double)(1 + random_below(SEED, RANDOM_INITIAL, trial, j, 128)));
	for (size_t i = 0; i < N_SOURCES; i++)
		s->source_V[i] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, i);
	for (size_t i = 0; i < N_TARGETS; i++)
		s->push_V[i] = random_uniform(SEED, RANDOM_GENERATE, trial, 9 + i) - 0.5;
	s->free_V = array(n, sizeof(double));
	s->change_V = array(n, sizeof(double));
	s->clamped_V = array(n, sizeof(double));
}

static void close_subject(struct subject *s)
{
	network_free(s->net);
	free(s->node);
	free(s->g);
	free(s->free_V);
	free(s->change_V);
	free(s->clamped_V);
}

static struct circuit *make(const struct subject *s, enum circuit_solver solver)
{
	const struct circuit_options options = {solver, NAN, NAN};
	struct network_error err;
	struct circuit *c;
	int r = circuit_new(s->net, NULL, s->node, N_SOURCES, s->node + N_SOURCES, N_TARGETS,
			    &options, &c, &err);

	if (r < 0)
		fail_msg("%s: %s", words[solver], err.text);
	if (strncmp(circuit_method(c), words[solver], strlen(words[solver])) != 0)
		fail_msg("asked for %s, got %s", words[solver], circuit_method(c));
	return c;
}

/* Free, then clamped: each target pushed away from its free voltage. */
static void solve(struct subject *s, struct circuit *c)
{
	double clamp_V[N_TARGETS];

	if (circuit_factor(c, s->g) < 0 || circuit_solve_free(c, s->source_V, s->free_V) < 0)
		fail_msg("%s", circuit_error(c));
	for (size_t i = 0; i < N_TARGETS; i++)
		clamp_V[i] = s->free_V[s->node[N_SOURCES + i]] + s->push_V[i];
	if (circuit_solve_change(c, clamp_V, s->change_V) < 0)
		fail_msg("%s", circuit_error(c));
	circuit_clamped(c, clamp_V, s->clamped_V);
}

/* The largest current that does not balance at a node that nobody holds, relative to the largest current. */
static double residual(const struct subject *s, size_t n_held, const double *volts)
{
	const struct network *net = s->net;
	double *sum = array(net->n_nodes, sizeof(double)), largest = 0, worst = 0;

	for (size_t j = 0; j < net->n_edges; j++) {
		double current = s->g[j] * (volts[net->a[j]] - volts[net->b[j]]);

		sum[net->a[j]] += current;
		sum[net->b[j]] -= current;
		largest = fmax(largest, fabs(current));
	}
	for (size_t i = n_held; i < net->n_nodes; i++)
		worst = fmax(worst, fabs(sum[s->node[i]]));
	free(sum);
	return worst / largest;
}

static void check_kirchhoff(const struct subject *s, const char *what)
{
	double in_free = residual(s, N_SOURCES, s->free_V);
	double in_clamped = residual(s, N_SOURCES + N_TARGETS, s->clamped_V);

	if (!(in_free <= 1e-10) || !(in_clamped <= 1e-10))
		fail_msg("%s: Kirchhoff's current law off by %g and %g", what, in_free, in_clamped);
}

static void check_dense(const struct subject *s, size_t n_held, const double *volts,
			const char *what)
{
	double want[MOST] = {0};
	char held[MOST] = {0};

	for (size_t i = 0; i < n_held; i++) {
		held[s->node[i]] = 1;
		want[s->node[i]] = volts[s->node[i]];
	}
	assert_int_equal(dense_solve(s->net, s->g, held, want), 0);
	for (size_t i = 0; i < s->net->n_nodes; i++)
		if (!(fabs(volts[i] - want[i]) <= 1e-9))
			fail_msg("%s, node %zu: %.17g V, not %.17g V", what, i, volts[i], want[i]);
}

static void every_solver_agrees_with_a_dense_cholesky(void **state)
{
	static const char *const names[] = {"king9_16",        "own_64_143", "torus:7x9",
					    "square:11x14",    "cubic:6",    "disordered:150,4.5",
					    "disordered:60,9", "square:1x40"};

	(void)state;
	print_message("# seed %u\n", SEED);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			struct subject s;
			struct circuit *c;
			char what[64];

			open_subject(names[i], i, &s);
			c = make(&s, all[k]);
			solve(&s, c);
			snprintf(what, sizeof(what), "%s by %s", names[i], words[all[k]]);
			check_dense(&s, N_SOURCES, s.free_V, what);
			check_dense(&s, N_SOURCES + N_TARGETS, s.clamped_V, what);
			check_kirchhoff(&s, what);
			circuit_free(c);
			close_subject(&s);
		}
}

/* Too large for a dense solve: against each other. */
static void large_networks_have_the_same_voltages_by_every_solver(void **state)
{
	static const char *const names[] = {"square:60x70", "torus:64x64", "cubic:14",
					    "disordered:3000,5"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct subject first;

		open_subject(names[i], 50 + i, &first);
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			struct subject s;
			struct circuit *c;

			open_subject(names[i], 50 + i, &s);
			c = make(&s, all[k]);
			solve(k ? &s : &first, c);
			check_kirchhoff(k ? &s : &first, circuit_method(c));
			for (size_t v = 0; k && v < s.net->n_nodes; v++)
				if (!(fabs(s.free_V[v] - first.free_V[v]) <= 1e-9) ||
				    !(fabs(s.change_V[v] - first.change_V[v]) <= 1e-9))
					fail_msg("%s, node %zu: not as by the tape",
						 circuit_method(c), v);
			circuit_free(c);
			close_subject(&s);
		}
		close_subject(&first);
	}
}

/* A push of 1e-9 V has the response of a push of 1 V, digit for digit. */
static void a_small_nudge_keeps_its_digits_by_every_solver(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		struct subject big, small;
		struct circuit *c;

		open_subject("disordered:300,5", 3, &big);
		open_subject("disordered:300,5", 3, &small);
		for (size_t i = 1; i < N_TARGETS; i++)
			small.push_V[i] = big.push_V[i] = 0;
		small.push_V[0] = 1e-9;
		c = make(&big, all[k]);
		solve(&big, c);
		solve(&small, c);
		for (size_t v = 0; v < big.net->n_nodes; v++) {
			uint32_t target = big.node[N_SOURCES];

			assert_close(small.change_V[v] / small.change_V[target],
				     big.change_V[v] / big.change_V[target], 1e-11);
		}
		circuit_free(c);
		close_subject(&big);
		close_subject(&small);
	}
}

/* The reduced network's response against solving, over random sources. */
static void the_reduced_network_responds_like_the_whole_one(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		double reduced[N_TARGETS][N_SOURCES];
		struct subject s;
		struct circuit *c;

		open_subject("own_64_143", 8, &s);
		c = make(&s, all[k]);
		assert_ok(circuit_factor(c, s.g));
		assert_ok(circuit_reduce(c, reduced[0]));
		for (uint64_t sample = 0; sample < 20; sample++) {
			for (size_t i = 0; i < N_SOURCES; i++)
				s.source_V[i] =
					5 * random_uniform(SEED, RANDOM_GENERATE, sample, 60 + i);
			assert_ok(circuit_solve_free(c, s.source_V, s.free_V));
			for (size_t t = 0; t < N_TARGETS; t++) {
				double sum = 0;

				for (size_t i = 0; i < N_SOURCES; i++)
					sum += reduced[t][i] * s.source_V[i];
				assert_close(sum, s.free_V[s.node[N_SOURCES + t]], 1e-12);
			}
		}
		circuit_free(c);
		close_subject(&s);
	}
}

/* Two ladders, of which only one has a source. */
static void every_solver_names_the_floating_nodes(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}, {3, 0}, {4, 5}, {5, 6}, {6, 4}};
	static const uint32_t source[] = {0, 2}, target[] = {1}, lost[] = {1, 5};
	const double g[] = {1, 2, 3, 4, 5, 6, 7};

	(void)state;
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		const struct circuit_options options = {all[k], NAN, NAN};
		struct network_error err;
		struct network *net;
		struct circuit *c;
		const uint32_t *nodes;
		double volts[7];

		assert_ok(network_from_edges(ends, 7, &net, &err));
		assert_ok(circuit_new(net, NULL, source, 2, target, 1, &options, &c, &err));
		assert_int_equal(circuit_floating(c, &nodes), 3);
		assert_ok(circuit_factor(c, g));
		assert_ok(circuit_solve_free(c, (const double[]){5, 2}, volts));
		assert_close(volts[1], 3, 1e-9); /* (5 * 1 + 2 * 2) / 3 */
		assert_close(volts[3], (2 * 3 + 5 * 4) / 7.0, 1e-8);
		for (uint32_t i = 0; i < 3; i++) {
			assert_int_equal(nodes[i], 4 + i);
			assert_true(isnan(volts[4 + i]));
		}
		circuit_free(c);
		assert_int_equal(circuit_new(net, NULL, source, 2, lost, 2, &options, &c, &err),
				 -ENOTCONN);
		assert_string_equal(err.text, "target node 5 has no path to a source");
		network_free(net);
	}
}

static void every_solver_refuses_conductances_that_no_resistor_has(void **state)
{
	static const double wrong[] = {0, -1e-5, NAN, INFINITY};

	(void)state;
	for (size_t k = 1; k < sizeof(all) / sizeof(all[0]); k++)
		for (size_t i = 0; i < 4; i++) {
			struct subject s;
			struct circuit *c;

			open_subject("torus16_32", 1, &s);
			c = make(&s, all[k]);
			s.g[7] = wrong[i];
			assert_int_equal(circuit_factor(c, s.g), -EDOM);
			assert_string_equal(circuit_error(c),
					    "an edge's conductance is not a positive number");
			s.g[7] = 1e-5; /* and is as good as new afterwards */
			solve(&s, c);
			check_dense(&s, N_SOURCES, s.free_V, words[all[k]]);
			circuit_free(c);
			close_subject(&s);
		}
}

static void memory_that_is_not_there_is_refused_with_both_figures_and_a_cure(void **state)
{
	static const struct {
		enum circuit_solver solver;
		const char *why[3];
	} all_refused[] = {
		{CIRCUIT_SUPERNODAL,
		 {"by supernodal take ", "sim.memory_B is 0.25 MiB", "pcg takes"}},
		{CIRCUIT_SIMPLICIAL,
		 {"by simplicial take ", "sim.memory_B is 0.25 MiB", "pcg takes"}},
		{CIRCUIT_PCG, {"by pcg take ", "sim.memory_B is 0.25 MiB", "a smaller network"}},
		{CIRCUIT_AUTO, {"by pcg take ", "sim.memory_B is 0.25 MiB", "a smaller network"}},
	};
	static const uint32_t source[] = {0, 9}, target[] = {5};
	struct network_error err;
	struct network *net;
	struct circuit *c = NULL;

	(void)state;
	assert_ok(network_shipped("square:60x60", &net, &err));
	for (size_t i = 0; i < sizeof(all_refused) / sizeof(all_refused[0]); i++) {
		const struct circuit_options options = {all_refused[i].solver, NAN, 262144};

		assert_int_equal(circuit_new(net, NULL, source, 2, target, 1, &options, &c, &err),
				 -ENOMEM);
		for (size_t k = 0; k < 3; k++)
			if (!strstr(err.text, all_refused[i].why[k]))
				fail_msg("no '%s' in '%s'", all_refused[i].why[k], err.text);
	}
	/* where a factor does not fit, auto takes what does */
	assert_ok(circuit_new(net, NULL, source, 2, target, 1,
			      &(struct circuit_options){CIRCUIT_AUTO, NAN, 655360}, &c, &err));
	assert_non_null(strstr(circuit_method(c), "pcg: 7080 edges"));
	circuit_free(c);
	network_free(net);
}

static void gradients_that_do_not_converge_say_so(void **state)
{
	const struct circuit_options options = {CIRCUIT_PCG, 1e-30, NAN};
	struct network_error err;
	struct subject s;
	struct circuit *c;

	(void)state;
	open_subject("square:11x14", 1, &s);
	assert_ok(circuit_new(s.net, NULL, s.node, N_SOURCES, s.node + N_SOURCES, N_TARGETS,
			      &options, &c, &err));
	assert_ok(circuit_factor(c, s.g));
	assert_int_equal(circuit_solve_free(c, s.source_V, s.free_V), -EDOM);
	assert_non_null(strstr(circuit_error(c), "iterations, not 1e-30: raise sim.pcg_tolerance"));
	circuit_free(c);
	close_subject(&s);
}

static void auto_takes_the_tape_for_small_and_cholmod_for_large_networks(void **state)
{
	static const struct {
		const char *network, *method;
	} want[] = {{"own_64_143", "static: 143 edges, 62 unknowns"},
		    {"square:50x50", "static: 4900 edges"},
		    {"square:60x60", "simplicial: 7080 edges"},
		    {"cubic:14", "supernodal: 7644 edges"}};
	static const uint32_t source[] = {0, 1}, target[] = {5};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct network_error err;
		struct network *net;
		struct circuit *c;

		assert_ok(network_shipped(want[i].network, &net, &err));
		assert_ok(circuit_new(net, NULL, source, 2, target, 1, NULL, &c, &err));
		if (strncmp(circuit_method(c), want[i].method, strlen(want[i].method)) != 0)
			fail_msg("%s: %s", want[i].network, circuit_method(c));
		circuit_free(c);
		network_free(net);
	}
}

/* ---- the same bits ---- */

static uint64_t digest(const double *values, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits;

		memcpy(&bits, &values[i], sizeof(bits));
		sum = (sum ^ bits) * 0x9E3779B97F4A7C15u;
		sum ^= sum >> 29;
	}
	return sum;
}

/* Of both states; the network is large enough for a BLAS to use its threads. */
static uint64_t digest_of(enum circuit_solver solver)
{
	struct subject s;
	struct circuit *c;
	uint64_t sum;

	open_subject("cubic:14", 4, &s);
	c = make(&s, solver);
	solve(&s, c);
	sum = digest(s.free_V, s.net->n_nodes) ^ digest(s.clamped_V, s.net->n_nodes) << 1;
	circuit_free(c);
	close_subject(&s);
	return sum;
}

/* This program, told by "digest N" to print what solver N finds, under another environment. */
static uint64_t digest_elsewhere(enum circuit_solver solver, const char *threads)
{
	char command[512], self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	unsigned long long sum = 0;
	FILE *out;

	assert_true(n > 0);
	self[n] = '\0';
	snprintf(command, sizeof(command),
		 "OPENBLAS_NUM_THREADS=%s OMP_NUM_THREADS=%s '%s' digest %d", threads, threads,
		 self, (int)solver);
	out = popen(command, "re");
	assert_non_null(out);
	assert_int_equal(fscanf(out, "%llx", &sum), 1);
	assert_int_equal(pclose(out), 0);
	return sum;
}

static void results_have_the_same_bits_twice_on_one_thread_or_many(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		uint64_t once = digest_of(all[k]);

		assert_true(digest_of(all[k]) == once);
		assert_true(digest_elsewhere(all[k], "1") == once);
		assert_true(digest_elsewhere(all[k], "4") == once);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_solver_agrees_with_a_dense_cholesky),
		cmocka_unit_test(large_networks_have_the_same_voltages_by_every_solver),
		cmocka_unit_test(a_small_nudge_keeps_its_digits_by_every_solver),
		cmocka_unit_test(the_reduced_network_responds_like_the_whole_one),
		cmocka_unit_test(every_solver_names_the_floating_nodes),
		cmocka_unit_test(every_solver_refuses_conductances_that_no_resistor_has),
		cmocka_unit_test(memory_that_is_not_there_is_refused_with_both_figures_and_a_cure),
		cmocka_unit_test(gradients_that_do_not_converge_say_so),
		cmocka_unit_test(auto_takes_the_tape_for_small_and_cholmod_for_large_networks),
		cmocka_unit_test(results_have_the_same_bits_twice_on_one_thread_or_many),
	};

	if (argc == 3 && !strcmp(argv[1], "digest")) {
		printf("%llx\n", (unsigned long long)digest_of((enum circuit_solver)atoi(argv[2])));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
