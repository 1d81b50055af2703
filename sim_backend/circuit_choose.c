/* sim_backend/circuit_choose.c - which way of solving a circuit gets, by predicted cost and memory.
 *
 * Up to STATIC_EDGES edges the static tape, unless its elimination fills in like a solid.  Beyond, CHOLMOD's analysis
 * says how many operations a factorisation takes; conjugate gradients are guessed from the network's depth.  The
 * times behind the choice are those of one x86-64 core of 2022: they need to be right to a factor of two.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_choose.h"
#include "sim_backend/circuit_cholmod.h"
#include "sim_backend/circuit_ldl.h"
#include "sim_backend/circuit_pcg.h"

#define STATIC_EDGES 5000
#define STATIC_FLOPS 6e7 /* more, and dense blocks are faster than single entries */
#define MUCH_FASTER                                                                                \
	2.0 /* that conjugate gradients must be to be preferred: they stop at a tolerance */
#define TOLERANCE 1e-12
#define MIB       1048576.0

/* What is known of each way before it is taken. */
struct candidate {
	bool known;
	double seconds, memory_B; /* a step; all arrays */
};

struct chooser {
	const struct circuit_system *system;
	size_t n_edges;
	double tolerance, limit_B;
	bool limit_given;
	struct candidate of[CIRCUIT_PCG + 1];
	struct circuit_order order; /* of the static tape */
	struct circuit_cholmod *direct;
	struct circuit_cholmod_figures figures;
	double iterations;
	struct network_error *err;
};

static const char *const words[] = {"auto", "static", "simplicial", "supernodal", "pcg"};

/* ---- memory ---- */

/* What the kernel believes can be had without swapping; infinite where it does not say. */
static double available_B(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	double kib = INFINITY;
	char line[128];

	if (!file)
		return INFINITY;
	while (fgets(line, sizeof(line), file) && sscanf(line, "MemAvailable: %lf kB", &kib) != 1)
		;
	fclose(file);
	return kib * 1024;
}

static bool fits(const struct chooser *c, enum circuit_solver solver)
{
	return c->of[solver].known && c->of[solver].memory_B <= c->limit_B;
}

static int refuse_memory(const struct chooser *c, enum circuit_solver solver)
{
	const struct candidate *pcg = &c->of[CIRCUIT_PCG];
	char cure[96] = "a smaller network";

	if (solver != CIRCUIT_PCG && pcg->known)
		snprintf(cure, sizeof(cure), "sim.solver: pcg takes %.4g MiB", pcg->memory_B / MIB);
	snprintf(c->err->text, sizeof(c->err->text),
		 "%zu edges by %s take %.4g MiB, and %s %.4g MiB: %s", c->n_edges, words[solver],
		 c->of[solver].memory_B / MIB,
		 c->limit_given ? "sim.memory_B is" : "this machine has", c->limit_B / MIB, cure);
	return -ENOMEM;
}

/* ---- predictions ---- */

static int predict_static(struct chooser *c)
{
	uint32_t(*ends)[2] = malloc((c->system->n_inner + 1) * sizeof(*ends));
	int r;

	if (!ends)
		return -ENOMEM;
	for (size_t i = 0; i < c->system->n_inner; i++) {
		ends[i][0] = c->system->inner[i].a;
		ends[i][1] = c->system->inner[i].b;
	}
	r = circuit_order_make(c->system->n_unknown, c->system->n_targets,
			       (const uint32_t(*)[2])ends, c->system->n_inner, &c->order);
	free(ends);
	if (r < 0)
		return r;
	c->of[CIRCUIT_STATIC] =
		(struct candidate){true, 2 * circuit_ldl_multiplications(&c->order) / 2e9,
				   circuit_ldl_memory_B(c->system, &c->order)};
	return 0;
}

/* Measured: simplicial 2.5 Gflop/s and 6 ns an entry, supernodal 20 Gflop/s and 36 ns. */
static int predict_direct(struct chooser *c)
{
	int r = circuit_cholmod_analyse(c->system, &c->direct, &c->figures);
	double flops, entries;

	if (r < 0)
		return r;
	flops = c->figures.flops;
	entries = c->figures.entries;
	c->of[CIRCUIT_SIMPLICIAL] =
		(struct candidate){entries < 1e9, flops / 2.5e9 + 6e-9 * entries,
				   circuit_cholmod_memory_B(c->direct, false)};
	c->of[CIRCUIT_SUPERNODAL] = (struct candidate){true, flops / 20e9 + 36e-9 * entries,
						       circuit_cholmod_memory_B(c->direct, true)};
	return 0;
}

/* Two solutions a step; measured: 2 ns for each edge and 3 ns for each unknown and iteration. */
static int predict_pcg(struct chooser *c)
{
	int r = circuit_pcg_guess_iterations(c->system, c->tolerance, &c->iterations);

	c->of[CIRCUIT_PCG] = (struct candidate){
		r == 0,
		2 * c->iterations *
			(2e-9 * (double)c->system->n_inner + 3e-9 * (double)c->system->n_unknown),
		circuit_pcg_memory_B(c->system)};
	return r;
}

/* Everything that may be taken, or that a refusal has to name. */
static int predict(struct chooser *c, enum circuit_solver asked)
{
	bool small = c->n_edges <= STATIC_EDGES, solid;
	int r = 0;

	if (asked == CIRCUIT_STATIC || (asked == CIRCUIT_AUTO && small) ||
	    c->system->n_unknown == c->system->n_targets)
		r = predict_static(c);
	solid = 2 * circuit_ldl_multiplications(&c->order) > STATIC_FLOPS;
	if (r == 0 && (asked == CIRCUIT_SIMPLICIAL || asked == CIRCUIT_SUPERNODAL ||
		       (asked == CIRCUIT_AUTO && (!small || solid))))
		r = predict_direct(c);
	return r < 0 ? r : predict_pcg(c);
}

static enum circuit_solver fastest(const struct chooser *c)
{
	static const enum circuit_solver exact[] = {CIRCUIT_STATIC, CIRCUIT_SIMPLICIAL,
						    CIRCUIT_SUPERNODAL};
	enum circuit_solver best = CIRCUIT_PCG;
	double seconds = INFINITY;

	for (size_t i = 0; i < 3; i++)
		if (fits(c, exact[i]) && c->of[exact[i]].seconds < seconds) {
			best = exact[i];
			seconds = c->of[best].seconds;
		}
	if (c->of[CIRCUIT_PCG].seconds * MUCH_FASTER < seconds && c->n_edges > STATIC_EDGES)
		best = CIRCUIT_PCG;
	return best;
}

/* ---- taking it ---- */

/* "AMD order, 1.09e+06 flops a factorisation, 0.0007 s a step, 1.13 MiB" */
static void describe_candidate(const struct chooser *c, enum circuit_solver solver, char *text,
			       size_t size)
{
	const struct candidate *of = &c->of[solver];
	size_t n = 0;

	switch (solver) {
	case CIRCUIT_AUTO:
	case CIRCUIT_STATIC:
		n = (size_t)snprintf(text, size, "%.3g flops a factorisation",
				     2 * circuit_ldl_multiplications(&c->order));
		break;
	case CIRCUIT_SIMPLICIAL:
	case CIRCUIT_SUPERNODAL:
		n = (size_t)snprintf(text, size, "%s order, %.3g flops a factorisation",
				     c->figures.order, c->figures.flops);
		break;
	case CIRCUIT_PCG:
		n = (size_t)snprintf(text, size, "about %.0f iterations to %.2g", c->iterations,
				     c->tolerance);
		break;
	}
	if (n < size)
		snprintf(text + n, size - n, ", %.2g s a step, %.3g MiB", of->seconds,
			 of->memory_B / MIB);
}

/* The best of the others, for comparison; CIRCUIT_AUTO: nothing was predicted. */
static enum circuit_solver second(const struct chooser *c, enum circuit_solver taken)
{
	enum circuit_solver best = CIRCUIT_AUTO;

	for (enum circuit_solver i = CIRCUIT_STATIC; i <= CIRCUIT_PCG; i++)
		if (i != taken && c->of[i].known &&
		    (best == CIRCUIT_AUTO || c->of[i].seconds < c->of[best].seconds))
			best = i;
	return best;
}

static void describe(const struct chooser *c, enum circuit_solver taken, bool asked, char *text,
		     size_t size)
{
	enum circuit_solver other = second(c, taken);
	char why[96], instead[64] = "";

	describe_candidate(c, taken, why, sizeof(why));
	if (!asked && taken != CIRCUIT_STATIC && other != CIRCUIT_AUTO)
		snprintf(instead, sizeof(instead), "; %s: %.2g s, %.3g MiB", words[other],
			 c->of[other].seconds, c->of[other].memory_B / MIB);
	snprintf(text, size, "%s%s: %zu edges, %zu unknowns, %s%s", words[taken],
		 asked ? " (as told)" : "", c->n_edges, c->system->n_unknown, why, instead);
}

static uint32_t *copy_place(const uint32_t *place, size_t n)
{
	uint32_t *copy = malloc((n + 1) * sizeof(*copy));

	for (uint32_t u = 0; copy && u < n; u++)
		copy[u] = place ? place[u] : u;
	return copy;
}

/* A solver that is ready; what it needs of c moves into it. */
static int make(struct chooser *c, enum circuit_solver taken, struct circuit_choice *ret)
{
	const uint32_t *place = NULL;
	struct circuit_ldl *ldl;
	struct circuit_pcg *pcg;
	int r = 0;

	switch (taken) {
	case CIRCUIT_AUTO:
	case CIRCUIT_STATIC:
		r = circuit_ldl_new(c->system, &c->order, &ldl);
		if (r < 0)
			return r;
		ret->ops = &circuit_ldl_ops;
		ret->solver = ldl;
		place = c->order.place;
		break;
	case CIRCUIT_SIMPLICIAL:
	case CIRCUIT_SUPERNODAL:
		r = circuit_cholmod_prepare(c->direct, c->system, taken == CIRCUIT_SUPERNODAL);
		if (r < 0)
			return r;
		ret->ops = &circuit_cholmod_ops;
		ret->solver = c->direct;
		place = circuit_cholmod_place(c->direct);
		c->direct = NULL;
		break;
	case CIRCUIT_PCG:
		r = circuit_pcg_new(c->system, c->tolerance, &pcg);
		if (r < 0)
			return r;
		ret->ops = &circuit_pcg_ops;
		ret->solver = pcg;
		break;
	}
	ret->place = copy_place(place, c->system->n_unknown);
	if (ret->place)
		return 0;
	ret->ops->free(ret->solver);
	return -ENOMEM;
}

static int choose(struct chooser *c, enum circuit_solver asked, struct circuit_choice *ret)
{
	enum circuit_solver taken = asked;
	int r = predict(c, asked);

	if (r == -E2BIG) {
		snprintf(c->err->text, sizeof(c->err->text),
			 "%zu edges are too many for a factorisation: give sim.solver: pcg",
			 c->n_edges);
		return r;
	}
	if (r < 0)
		return r;
	if (asked == CIRCUIT_AUTO)
		taken = fastest(c);
	else if (c->system->n_unknown == c->system->n_targets) /* no interior: nothing to order */
		taken = CIRCUIT_STATIC;
	if (!fits(c, taken))
		return refuse_memory(c, taken);
	describe(c, taken, asked != CIRCUIT_AUTO, ret->text, sizeof(ret->text));
	r = make(c, taken, ret);
	if (r == -ENOTSUP)
		snprintf(c->err->text, sizeof(c->err->text),
			 "this CHOLMOD was built without its supernodal module: give sim.solver: "
			 "simplicial or pcg");
	return r;
}

int circuit_choose(const struct circuit_plan *plan, size_t n_edges,
		   const struct circuit_options *options, struct circuit_choice *ret,
		   struct network_error *err)
{
	struct chooser c = {.system = &plan->system,
			    .n_edges = n_edges,
			    .tolerance = options ? options->pcg_tolerance : NAN,
			    .limit_B = options ? options->memory_B : NAN,
			    .err = err};
	struct circuit_choice choice;
	int r;

	c.limit_given = c.limit_B > 0;
	if (!c.limit_given)
		c.limit_B = available_B();
	if (!(c.tolerance > 0))
		c.tolerance = TOLERANCE;
	r = choose(&c, options ? options->solver : CIRCUIT_AUTO, &choice);
	circuit_order_clear(&c.order);
	circuit_cholmod_free(c.direct);
	if (r == 0)
		*ret = choice;
	return r;
}
