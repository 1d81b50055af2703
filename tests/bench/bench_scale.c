/* tests/bench/bench_scale.c - P3, and steps per second and memory from 2 to 500,000 edges.
 *
 * P3: factorisation and both states of a large square, against CHOLMOD called by hand (bench_cholmod.c), in turns.
 * The table: whole steps through the seam, each network in a process of its own, whose peak is its memory.
 * Times are processor times.  `bench_scale --csv` prints the table alone, for tests/bench/scale.gp.
 */
#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/rig.h"
#include "sim_backend/circuit.h"
#include "sim_backend/random.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_cholmod.h"

#define ETA         0.2
#define BENCH_HZ    5.0   /* the bench's pace, at which the paper compares */
#define PAPER_EDGES 500.0 /* from where on, it says, the bench outpaces a simulation */
#define LEAST_S     2.0   /* of steps, for one figure */

static const double source_V[] = {5, 1, 0}, target_V[] = {2.9, 1.7};

static struct network *network_named(const char *name)
{
	struct network_error err;
	struct network *net;

	if (network_shipped(name, &net, &err) < 0)
		bench_die("%s", err.text);
	return net;
}

/* Nodes spread over the network, as in bench_kernel.c; returns how many sources there are. */
static size_t pick_nodes(const struct network *net, uint32_t sources[3], uint32_t targets[2])
{
	uint32_t n = (uint32_t)net->n_nodes;

	if (n == 3) { /* divider2 */
		sources[0] = 0;
		sources[1] = 2;
		targets[0] = 1;
		return 2;
	}
	sources[0] = 0;
	sources[1] = n / 4;
	sources[2] = n - 2;
	targets[0] = n / 2 - 1;
	targets[1] = n / 2 + 1;
	return 3;
}

static void draw_taps(const struct network *net, uint8_t *wiper)
{
	for (size_t j = 0; j < net->n_edges; j++)
		wiper[j] = (uint8_t)random_below(1, RANDOM_INITIAL, j, 0, 128);
}

static void *zeros(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		bench_die("out of memory");
	return p;
}

/* Of this process: on an idle machine as much as by the clock, for all that is timed runs on one thread; on a shared
 * one without what others took. */
static double processor_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- P3 ---- */

static double time_ours(struct circuit *c, const double *g, double *volts, double *change_V,
			const uint32_t *targets)
{
	double start = processor_s(), clamp_V[2];

	if (circuit_factor(c, g) < 0 || circuit_solve_free(c, source_V, volts) < 0)
		bench_die("%s", circuit_error(c));
	for (int i = 0; i < 2; i++)
		clamp_V[i] = volts[targets[i]] + ETA * (target_V[i] - volts[targets[i]]);
	if (circuit_solve_change(c, clamp_V, change_V) < 0)
		bench_die("%s", circuit_error(c));
	return processor_s() - start;
}

static double time_by_hand(struct bench_cholmod *c, const double *g)
{
	double start = processor_s();

	bench_cholmod_step(c, g, source_V);
	return processor_s() - start;
}

static void compare(const char *name, bool supernodal, int rounds)
{
	struct network *net = network_named(name);
	uint32_t sources[3], targets[2];
	size_t n_sources = pick_nodes(net, sources, targets);
	uint8_t *wiper = zeros(net->n_edges, 1);
	double *g = zeros(net->n_edges, sizeof(double)), ours = INFINITY, by_hand = INFINITY;
	double *volts = zeros(net->n_nodes, sizeof(double)),
	       *change_V = zeros(net->n_nodes, sizeof(double));
	struct bench_cholmod *hand = bench_cholmod_new(net, sources, n_sources, supernodal);
	struct network_error err;
	struct circuit *c;
	char what[64];

	if (circuit_new(net, NULL, sources, n_sources, targets, 2, NULL, &c, &err) < 0)
		bench_die("%s", err.text);
	draw_taps(net, wiper);
	for (size_t j = 0; j < net->n_edges; j++)
		g[j] = 1 / (781.25 * (wiper[j] + 1));
	for (int round = 0; round < rounds; round++) {
		ours = fmin(ours, time_ours(c, g, volts, change_V, targets));
		by_hand = fmin(by_hand, time_by_hand(hand, g));
	}
	if (!(fabs(volts[targets[0]] - bench_cholmod_V(hand, targets[0])) < 1e-9))
		bench_die("the two do not solve the same network");
	snprintf(what, sizeof(what), "%s, %zu edges: factor, free, clamped", name, net->n_edges);
	bench_row("P3", what, "ms", ours * 1e3, by_hand * 1e3,
		  supernodal ? "CHOLMOD supernodal by hand" : "CHOLMOD simplicial by hand");
	printf("     %s\n", circuit_method(c));
	circuit_free(c);
	bench_cholmod_free(hand);
	network_free(net);
	free(wiper);
	free(g);
	free(volts);
	free(change_V);
}

/* ---- the table ---- */

struct figures {
	size_t n_nodes, n_edges;
	double steps_per_s, open_s, memory_MiB;
	char method[16], text[256];
};

static struct rig *open_rig(struct network *net, const uint32_t *sources, size_t n_sources,
			    const uint32_t *targets)
{
	struct rig_config config = {
		.name = "scale",
		.backend = "sim",
		.network = net,
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0, ""}};
	size_t n_targets = n_sources == 2 ? 1 : 2;
	const struct rig_session session = {sources, n_sources, targets, n_targets,
					    targets, n_targets, 1,       0};
	struct rig_error err;
	struct rig *rig;

	if (rig_open(&config, &rig, &err) < 0)
		bench_die("%s", err.text);
	if (rig_begin(rig, &session) < 0)
		bench_die("%s", rig_error(rig)->text);
	return rig;
}

/* Seconds of the fastest block of steps. */
static double time_steps(struct rig *rig, size_t n_edges)
{
	double volts[4][2], best = INFINITY, begun = bench_now_s();
	uint8_t *wiper = zeros(n_edges, 1), *updated = zeros(n_edges / 8 + 1, 1);
	struct rig_record record = {.free_V = volts[0],
				    .clamped_V = volts[1],
				    .target_free_V = volts[2],
				    .clamp_V = volts[3],
				    .wiper = wiper,
				    .updated = updated};
	struct rig_request request = {.n_examples = 1,
				      .source_V = source_V,
				      .target_V = target_V,
				      .eta = ETA,
				      .ticks = 1,
				      .clamp = true};
	unsigned block = n_edges < 20000 ? (unsigned)(20000 / n_edges) : 1;

	for (int i = 0; i < 4 || bench_now_s() - begun < LEAST_S; i++) {
		double start = processor_s();

		for (unsigned k = 0; k < block; k++, request.step++)
			if (rig_step(rig, &request, &record) < 0)
				bench_die("%s", rig_error(rig)->text);
		best = fmin(best, (processor_s() - start) / block);
	}
	free(wiper);
	free(updated);
	return best;
}

/* The most memory that this program had; not getrusage(), which knows what its parent had before exec. */
static double peak_MiB(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	double kib = NAN;
	char line[128];

	while (file && fgets(line, sizeof(line), file) && sscanf(line, "VmHWM: %lf kB", &kib) != 1)
		;
	if (file)
		fclose(file);
	return kib / 1024;
}

static void measure(const char *name, struct figures *ret)
{
	struct network *net = network_named(name);
	uint32_t sources[3], targets[2];
	size_t n_sources = pick_nodes(net, sources, targets), n_edges = net->n_edges;
	uint8_t *wiper = zeros(n_edges, 1);
	double start = bench_now_s();
	struct rig *rig = open_rig(net, sources, n_sources, targets);

	*ret = (struct figures){.n_nodes = net->n_nodes, .n_edges = n_edges};
	ret->open_s = bench_now_s() - start;
	draw_taps(net, wiper);
	network_free(net);
	if (rig_write_edges(rig, wiper, n_edges) < 0)
		bench_die("%s", rig_error(rig)->text);
	ret->steps_per_s = 1 / time_steps(rig, n_edges);
	snprintf(ret->text, sizeof(ret->text), "%s", rig_method(rig));
	ret->memory_MiB = peak_MiB();
	snprintf(ret->method, sizeof(ret->method), "%.*s", (int)strcspn(ret->text, ": ("),
		 ret->text);
	free(wiper);
	rig_close(rig);
}

/* In a process and program of its own, so that the peak of its memory is the network's (and because OpenMP, which
 * CHOLMOD uses, does not survive a fork). */
static void measure_apart(const char *name, struct figures *ret)
{
	int ends[2], status;
	pid_t child;

	if (pipe(ends) < 0)
		bench_die("no pipe");
	fflush(stdout);
	child = fork();
	if (child < 0)
		bench_die("no process");
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "bench_scale", "--one", name, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], ret, sizeof(*ret)) != sizeof(*ret))
		bench_die("%s could not be measured", name);
	close(ends[0]);
	if (waitpid(child, &status, 0) != child || status)
		bench_die("%s could not be measured", name);
}

static const char *const table[] = {
	"divider2",       "king9_16",       "own_64_143",         "square:16x16",
	"square:34x34",   "square:50x50",   "square:72x72",       "square:100x100",
	"square:158x158", "square:224x224", "square:288x288",     "square:354x354",
	"square:418x418", "square:500x500", "disordered:20000,5", "cubic:20",
	"cubic:40",
};

/* Between two squares, on straight lines in a log-log plot; 0: not there yet. */
static double crossing(const struct figures *slower, const struct figures *faster)
{
	double x0 = log((double)faster->n_edges), x1 = log((double)slower->n_edges);
	double y0 = log(faster->steps_per_s), y1 = log(slower->steps_per_s);

	if (slower->steps_per_s >= BENCH_HZ || faster->steps_per_s < BENCH_HZ)
		return 0;
	return exp(x0 + (x1 - x0) * (log(BENCH_HZ) - y0) / (y1 - y0));
}

static void print_row(const char *name, const struct figures *f, bool csv)
{
	if (csv)
		printf("\"%s\",%zu,%zu,%s,%.6g,%.4g,%.4g\n", name, f->n_edges, f->n_nodes,
		       f->method, f->steps_per_s, f->memory_MiB, f->open_s);
	else
		printf("%-20s %8zu %8zu  %-10s %12.4g %10.4g %9.3g\n", name, f->n_edges, f->n_nodes,
		       f->method, f->steps_per_s, f->memory_MiB, f->open_s);
}

static void print_table(bool csv)
{
	struct figures f, before = {.n_edges = 0};
	double edges = 0;

	if (csv)
		printf("network,edges,nodes,method,steps_per_s,peak_MiB,open_s\n");
	else
		printf("\n%-20s %8s %8s  %-10s %12s %10s %9s\n", "network", "edges", "nodes",
		       "method", "steps/s", "peak MiB", "open s");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		measure_apart(table[i], &f);
		print_row(table[i], &f, csv);
		if (strncmp(table[i], "square", 6) != 0)
			continue;
		if (before.n_edges && !(edges > 0))
			edges = crossing(&f, &before);
		before = f;
	}
	if (csv)
		return;
	printf("     squares fall below %.0f steps/s at about %.0f edges; the paper's bench "
	       "outpaces its simulation from %.0f on\n",
	       BENCH_HZ, edges, PAPER_EDGES);
}

int main(int argc, char **argv)
{
	bool csv = argc > 1 && !strcmp(argv[1], "--csv");
	struct figures f;

	if (argc > 2 && !strcmp(argv[1], "--one")) {
		measure(argv[2], &f);
		return write(STDOUT_FILENO, &f, sizeof(f)) == sizeof(f) ? 0 : 1;
	}
	if (!csv) {
		printf("# P3: one thread for both\n");
		compare("square:158x158", false, 10);
		compare("square:500x500", true, 4);
	}
	print_table(csv);
	if (!csv)
		bench_load();
	return 0;
}
