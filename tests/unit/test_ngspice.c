/* tests/unit/test_ngspice.c - node voltages are those that ngspice finds for the same resistors. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim_backend/circuit.h"
#include "sim_backend/random.h"
#include "tests/check.h"

#define SEED    11u
#define MOST    160
#define CLOSE_V 1e-6

/* A network with random taps, three sources and two targets. */
struct circumstances {
	struct network *net;
	double r_ohm[MOST], g[MOST], source_V[3], clamp_V[2];
	uint32_t node[MOST]; /* shuffled: sources, then targets, then the others */
};

static void set_up(const char *name, uint64_t trial, struct circumstances *c)
{
	struct network_error err;

	assert_ok(network_shipped(name, &c->net, &err));
	random_permutation(SEED, RANDOM_ORDER, trial, c->net->n_nodes, c->node);
	for (size_t j = 0; j < c->net->n_edges; j++) {
		c->r_ohm[j] =
			781.25 * (double)(1 + random_below(SEED, RANDOM_INITIAL, trial, j, 128));
		c->g[j] = 1 / c->r_ohm[j];
	}
	for (size_t i = 0; i < 3; i++)
		c->source_V[i] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, i);
	for (size_t i = 0; i < 2; i++)
		c->clamp_V[i] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, 3 + i);
}

static void write_deck(FILE *deck, const struct circumstances *c, bool clamped)
{
	fprintf(deck, "resistor network\n");
	for (size_t j = 0; j < c->net->n_edges; j++)
		fprintf(deck, "R%zu n%u n%u %.17g\n", j, c->net->a[j], c->net->b[j], c->r_ohm[j]);
	for (int i = 0; i < 3; i++)
		fprintf(deck, "VS%d n%u 0 DC %.17g\n", i, c->node[i], c->source_V[i]);
	for (int i = 0; clamped && i < 2; i++)
		fprintf(deck, "VT%d n%u 0 DC %.17g\n", i, c->node[3 + i], c->clamp_V[i]);
	fprintf(deck, ".control\nset numdgt=15\nop\n");
	for (size_t i = 0; i < c->net->n_nodes; i++)
		fprintf(deck, "print v(n%zu)\n", i);
	fprintf(deck, ".endc\n.end\n");
}

static const char *ngspice(void)
{
	const char *path = getenv("NGSPICE");

	return path && path[0] ? path : "ngspice";
}

/* Fills volts[] from lines like "v(n12) = 1.234567890123456e+00"; returns how many there were. */
static size_t run_ngspice(const char *deck, double *volts, size_t n_nodes)
{
	char command[512], line[256];
	size_t n = 0;
	FILE *out;

	snprintf(command, sizeof(command), "'%s' -b '%s' 2>&1", ngspice(), deck);
	out = popen(command, "re");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out)) {
		unsigned node;
		double value;

		if (sscanf(line, "v(n%u) = %lf", &node, &value) == 2 && node < n_nodes) {
			volts[node] = value;
			n++;
		}
	}
	pclose(out);
	return n;
}

static void compare(const struct circumstances *c, bool clamped, const double *ours)
{
	char path[] = "/tmp/nudged-test-XXXXXX";
	int fd = mkstemp(path);
	FILE *deck = fd < 0 ? NULL : fdopen(fd, "w");
	double theirs[MOST];
	size_t n;

	assert_non_null(deck);
	write_deck(deck, c, clamped);
	fclose(deck);
	n = run_ngspice(path, theirs, c->net->n_nodes);
	unlink(path);
	if (n != c->net->n_nodes)
		fail_msg("'%s -b' gave %zu of %zu voltages: is ngspice there? (apt install "
			 "ngspice; or name it in $NGSPICE)",
			 ngspice(), n, c->net->n_nodes);
	for (size_t i = 0; i < n; i++)
		assert_close(ours[i], theirs[i], CLOSE_V);
}

static void check(const char *name, uint64_t trial)
{
	struct circumstances c;
	struct network_error err;
	struct circuit *circuit;
	double volts[MOST];

	set_up(name, trial, &c);
	assert_ok(circuit_new(c.net, NULL, c.node, 3, c.node + 3, 2, NULL, &circuit, &err));
	assert_ok(circuit_factor(circuit, c.g));
	circuit_solve_free(circuit, c.source_V, volts);
	compare(&c, false, volts);
	circuit_solve_clamped(circuit, c.clamp_V, volts);
	compare(&c, true, volts);
	circuit_free(circuit);
	network_free(c.net);
}

static void king9_16_is_as_ngspice_says(void **state)
{
	(void)state;
	for (uint64_t trial = 0; trial < 3; trial++)
		check("king9_16", trial);
}

static void torus16_32_is_as_ngspice_says(void **state)
{
	(void)state;
	for (uint64_t trial = 10; trial < 13; trial++)
		check("torus16_32", trial);
}

static void own_64_143_is_as_ngspice_says(void **state)
{
	(void)state;
	for (uint64_t trial = 20; trial < 23; trial++)
		check("own_64_143", trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(king9_16_is_as_ngspice_says),
		cmocka_unit_test(torus16_32_is_as_ngspice_says),
		cmocka_unit_test(own_64_143_is_as_ngspice_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
