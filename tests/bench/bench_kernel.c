/* tests/bench/bench_kernel.c - P1: a step through the seam against the bare kernel, in turns, in one run.
 *
 * The kernel is one factorisation, the free solve, the nudge, the clamped solve and the rule.  `bench_kernel
 * NETWORK` prints the microseconds of a step through the seam alone, for the other benchmarks to compare with.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/rig.h"
#include "sim_backend/circuit.h"
#include "sim_backend/edges.h"
#include "sim_backend/random.h"

#define N_ROUNDS 500
#define ETA      0.2

struct subject {
	struct network *net;
	struct rig *rig;
	struct circuit *circuit;
	struct edges *edges;
	double *free_V, *change_V, *seen_V, *seen_clamped_V;
	uint8_t *wiper, *updated, *raised;
	uint32_t *all_nodes;
	uint64_t step;
};

static const double source_V[] = {5, 1, 0}, target_V[] = {2.9, 1.7};

static void die(const char *what)
{
	fprintf(stderr, "bench_kernel: %s\n", what);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct network *network_named(const char *name)
{
	struct network_error err;
	struct network *net;

	if (network_shipped(name, &net, &err) < 0)
		die(err.text);
	return net;
}

static void *zeros(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		die("out of memory");
	return p;
}

/* Nodes spread over the network; the same ones in Python (bench_numpy.py). */
static void pick_nodes(const struct network *net, uint32_t *sources, uint32_t *targets)
{
	uint32_t n = (uint32_t)net->n_nodes;

	sources[0] = 0;
	sources[1] = n / 4;
	sources[2] = n - 2;
	targets[0] = n / 2 - 1;
	targets[1] = n / 2 + 1;
}

static void open_rig(struct subject *s, struct rig_config *config, const uint32_t *sources,
		     const uint32_t *targets)
{
	size_t n = s->net->n_nodes;
	const struct rig_session session = {sources, 3, targets, 2, s->all_nodes, n, 1, 0};
	struct rig_error err;

	for (uint32_t i = 0; i < n; i++)
		s->all_nodes[i] = i;
	if (rig_open(config, &s->rig, &err) < 0)
		die(err.text);
	if (rig_begin(s->rig, &session) < 0)
		die(rig_error(s->rig)->text);
}

static void open_subject(const char *name, struct subject *s)
{
	struct rig_config config = {
		.name = "bench",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0, ""}};
	uint32_t sources[3], targets[2];
	struct network_error why;
	size_t n, m;

	config.network = s->net = network_named(name);
	n = s->net->n_nodes;
	m = s->net->n_edges;
	s->free_V = zeros(n, sizeof(double));
	s->change_V = zeros(n, sizeof(double));
	s->seen_V = zeros(n, sizeof(double));
	s->seen_clamped_V = zeros(n, sizeof(double));
	s->all_nodes = zeros(n, sizeof(uint32_t));
	s->wiper = zeros(m, 1);
	s->updated = zeros(m / 8 + 1, 1);
	s->raised = zeros(m / 8 + 1, 1);
	pick_nodes(s->net, sources, targets);
	open_rig(s, &config, sources, targets);
	if (circuit_new(s->net, NULL, sources, 3, targets, 2, NULL, &s->circuit, &why) < 0)
		die(why.text);
	if (edges_new(&config, &s->edges) < 0)
		die("out of memory");
	for (size_t j = 0; j < m; j++)
		s->wiper[j] = (uint8_t)random_below(1, RANDOM_INITIAL, j, 0, 128);
	edges_write(s->edges, s->wiper);
	if (rig_write_edges(s->rig, s->wiper, m) < 0)
		die(rig_error(s->rig)->text);
}

static void close_subject(struct subject *s)
{
	rig_close(s->rig);
	circuit_free(s->circuit);
	edges_free(s->edges);
	network_free(s->net);
	free(s->free_V);
	free(s->change_V);
	free(s->seen_V);
	free(s->seen_clamped_V);
	free(s->all_nodes);
	free(s->wiper);
	free(s->updated);
	free(s->raised);
}

/* Seconds a step. */
static double time_kernel(struct subject *s, unsigned n)
{
	uint32_t sources[3], targets[2];
	double clamp_V[2], start = now_s();
	struct rig_error err;
	const struct edges_draw draw = {.seed = 1, .step = 1};

	pick_nodes(s->net, sources, targets);
	for (unsigned i = 0; i < n; i++) {
		if (circuit_factor(s->circuit, edges_free_g(s->edges)) < 0)
			die("not positive definite");
		circuit_solve_free(s->circuit, source_V, s->free_V);
		for (int k = 0; k < 2; k++) {
			double volts = s->free_V[targets[k]];
			clamp_V[k] = volts + ETA * (target_V[k] - volts);
		}
		circuit_solve_change(s->circuit, clamp_V, s->change_V);
		edges_tick(s->edges, s->free_V, s->change_V, &draw, &err);
	}
	return (now_s() - start) / n;
}

static double time_rig(struct subject *s, unsigned n)
{
	double target_free_V[2], clamp_V[2];
	struct rig_record record = {.free_V = s->seen_V,
				    .clamped_V = s->seen_clamped_V,
				    .target_free_V = target_free_V,
				    .clamp_V = clamp_V,
				    .wiper = s->wiper,
				    .updated = s->updated,
				    .raised = s->raised};
	struct rig_request request = {.n_examples = 1,
				      .step = s->step,
				      .source_V = source_V,
				      .target_V = target_V,
				      .eta = ETA,
				      .ticks = 1,
				      .clamp = true};
	double start = now_s();

	for (unsigned i = 0; i < n; i++, request.step++)
		if (rig_step(s->rig, &request, &record) < 0)
			die(rig_error(s->rig)->text);
	s->step = request.step;
	return (now_s() - start) / n;
}

/* Minima over rounds run in turns: noise only ever adds.  Short rounds, so that some fit between two disturbances. */
static void compare(const char *name, double *ret_kernel_s, double *ret_rig_s)
{
	struct subject s = {0};
	unsigned n;

	open_subject(name, &s);
	n = (unsigned)(16000 / s.net->n_edges);
	*ret_kernel_s = *ret_rig_s = INFINITY;
	for (int round = 0; round < N_ROUNDS; round++) {
		*ret_kernel_s = fmin(*ret_kernel_s, time_kernel(&s, n));
		*ret_rig_s = fmin(*ret_rig_s, time_rig(&s, n));
	}
	close_subject(&s);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *goal;
	} all[] = {{"king9_16", "2"},
		   {"own_64_143", "1.25"},
		   {"square:16x16", "-"},
		   {"square:50x50", "1.25"}};
	double kernel_s, rig_s, load = NAN;

	if (argc > 1) {
		compare(argv[1], &kernel_s, &rig_s);
		printf("%.4f\n", rig_s * 1e6);
		return 0;
	}
	printf("# P1: one step, no noise, all nodes measured (us)\n");
	printf("%-12s %10s %10s %7s %6s\n", "network", "kernel", "rig_step", "ratio", "goal");
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		compare(all[i].name, &kernel_s, &rig_s);
		printf("%-12s %10.3f %10.3f %7.2f %6s\n", all[i].name, kernel_s * 1e6, rig_s * 1e6,
		       rig_s / kernel_s, all[i].goal);
	}
	getloadavg(&load, 1);
	printf("# load average %.2f\n", load);
	return 0;
}
