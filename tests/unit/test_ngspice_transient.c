/* tests/unit/test_ngspice_transient.c - how charge flows is as ngspice finds it for the same R and C (.tran).
 *
 * Three runs after each other, each at several times: sources that step, from rest (free network); a clamp that steps
 * (clamped network); other resistors, at the voltages reached.  A step rises in 1e-9 R C, because ngspice knows no
 * jump; the runs begin with the voltages at which the one before ended, in ngspice's own figures.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim_backend/random.h"
#include "sim_backend/twins.h"
#include "tests/check.h"

#define SEED    19u
#define MOST    160
#define CLOSE_V 1e-6 /* ngspice's trapezoidal rule with 4,000 steps a run: 5e-7 V at the worst */
#define RC_OHM  50e3 /* times are in units of this R times C */
#define N_TIMES 5

static const double times[N_TIMES] = {0, 0.01, 0.1, 0.4, 1};

struct circumstances {
	struct network *net;
	double farad, r_ohm[2][MOST], g[MOST], source_V[2][3], clamp_V[2];
	uint32_t node[MOST];   /* shuffled: sources, targets, the others */
	double theirs_V[MOST]; /* where ngspice's last run ended */
	double found[N_TIMES][MOST];
};

static void set_up(const char *name, double farad, uint64_t trial, struct circumstances *c)
{
	struct network_error why;

	assert_ok(network_shipped(name, &c->net, &why));
	c->farad = farad;
	random_permutation(SEED, RANDOM_ORDER, trial, c->net->n_nodes, c->node);
	for (size_t k = 0; k < 2; k++) {
		for (size_t j = 0; j < c->net->n_edges; j++)
			c->r_ohm[k][j] = 781.25 * (double)(1 + random_below(SEED, RANDOM_INITIAL,
									    2 * trial + k, j, 128));
		for (size_t i = 0; i < 3; i++)
			c->source_V[k][i] =
				5 * random_uniform(SEED, RANDOM_GENERATE, trial, 10 * k + i);
		c->clamp_V[k] = 5 * random_uniform(SEED, RANDOM_GENERATE, trial, 100 + k);
	}
}

/* ---- ngspice ---- */

enum run { SOURCES_STEP, CLAMP_STEPS, OTHER_R };

static double unit_s(const struct circumstances *c)
{
	return RC_OHM * c->farad;
}

/* When the step is over; the run's times count from here. */
static double start_s(const struct circumstances *c)
{
	return 1e-9 * unit_s(c);
}

static void write_source(FILE *deck, const struct circumstances *c, int id, uint32_t node,
			 double from_V, double to_V)
{
	fprintf(deck, "V%d n%u 0 PWL(0 %.17g %.17g %.17g)\n", id, node, from_V, start_s(c), to_V);
}

static void write_sources(FILE *deck, const struct circumstances *c, enum run run)
{
	for (int i = 0; i < 3; i++)
		write_source(deck, c, i, c->node[i], c->source_V[run != SOURCES_STEP][i],
			     c->source_V[1][i]);
	for (int i = 0; run != SOURCES_STEP && i < 2; i++)
		write_source(deck, c, 3 + i, c->node[3 + i],
			     run == CLAMP_STEPS ? c->theirs_V[c->node[3 + i]] : c->clamp_V[i],
			     c->clamp_V[i]);
}

static void write_deck(FILE *deck, const struct circumstances *c, enum run run, const char *table)
{
	double last_s = start_s(c) + times[N_TIMES - 1] * unit_s(c);

	fprintf(deck, "capacitors beside resistors\n");
	for (size_t j = 0; j < c->net->n_edges; j++) {
		uint32_t a = c->net->a[j], b = c->net->b[j];

		fprintf(deck, "R%zu n%u n%u %.17g\n", j, a, b, c->r_ohm[run == OTHER_R][j]);
		fprintf(deck, "C%zu n%u n%u %.17g\n", j, a, b, c->farad);
	}
	write_sources(deck, c, run);
	for (size_t i = 0; run != SOURCES_STEP && i < c->net->n_nodes; i++)
		fprintf(deck, ".ic v(n%zu)=%.17g\n", i, c->theirs_V[i]);
	fprintf(deck, "VX nx 0 PWL(0 0"); /* its corners make ngspice stop at these times */
	for (int k = 0; k < N_TIMES; k++)
		fprintf(deck, " %.17g 0", start_s(c) + times[k] * unit_s(c));
	fprintf(deck,
		")\nRX nx 0 1\n.options reltol=1e-6 abstol=1e-15 vntol=1e-12 chgtol=1e-22 trtol=1\n");
	fprintf(deck, ".control\nset numdgt=16\nset wr_singlescale\ntran %.17g %.17g 0 %.17g%s\n",
		last_s / 4000, last_s, last_s / 4000, run == SOURCES_STEP ? "" : " uic");
	fprintf(deck, "wrdata %s", table);
	for (size_t i = 0; i < c->net->n_nodes; i++)
		fprintf(deck, " v(n%zu)", i);
	fprintf(deck, "\nquit 0\n.endc\n.end\n");
}

/* Keeps the row nearest to each time; true: each was within 1e-7 R C. */
static bool read_table(FILE *table, struct circumstances *c)
{
	double nearest[N_TIMES], row[MOST], t;

	for (int k = 0; k < N_TIMES; k++)
		nearest[k] = INFINITY;
	while (fscanf(table, "%lf", &t) == 1) {
		for (size_t i = 0; i < c->net->n_nodes; i++)
			if (fscanf(table, "%lf", &row[i]) != 1)
				return false;
		for (int k = 0; k < N_TIMES; k++) {
			double off = fabs((t - start_s(c)) / unit_s(c) - times[k]);

			if (off >= nearest[k])
				continue;
			nearest[k] = off;
			memcpy(c->found[k], row, sizeof(row));
		}
	}
	for (int k = 0; k < N_TIMES; k++)
		if (!(nearest[k] < 1e-10))
			return false;
	memcpy(c->theirs_V, c->found[N_TIMES - 1], sizeof(c->theirs_V));
	return true;
}

static void run_ngspice(struct circumstances *c, enum run run)
{
	const char *ngspice =
		getenv("NGSPICE") && *getenv("NGSPICE") ? getenv("NGSPICE") : "ngspice";
	char folder[] = "/tmp/nudged-test-XXXXXX", deck_path[64], table_path[64], command[512];
	FILE *deck, *table, *out;
	bool found = false;

	assert_non_null(mkdtemp(folder));
	snprintf(deck_path, sizeof(deck_path), "%s/deck", folder);
	snprintf(table_path, sizeof(table_path), "%s/table", folder);
	deck = fopen(deck_path, "we");
	assert_non_null(deck);
	write_deck(deck, c, run, table_path);
	fclose(deck);
	snprintf(command, sizeof(command), "'%s' -b '%s' >'%s/log' 2>&1; rm -f '%s/log'", ngspice,
		 deck_path, folder, folder);
	out = popen(command, "re");
	assert_non_null(out);
	pclose(out);
	table = fopen(table_path, "re");
	if (table) {
		found = read_table(table, c);
		fclose(table);
	}
	unlink(table_path);
	unlink(deck_path);
	rmdir(folder);
	if (!found)
		fail_msg("'%s -b' gave no voltages at the times asked for: is ngspice there? (apt "
			 "install ngspice; or name it in $NGSPICE)",
			 ngspice);
}

/* ---- the twins ---- */

static void compare(const struct circumstances *c, struct twins *twins, enum run run,
		    struct clock *clock, double *worst)
{
	enum rig_side side = run == SOURCES_STEP ? RIG_FREE : RIG_CLAMPED;
	int64_t start_ns = clock->virtual_ns;
	struct rig_error err;

	for (int k = 0; k < N_TIMES; k++) {
		clock->virtual_ns = start_ns + (int64_t)(times[k] * unit_s(c) * 1e9 + 0.5);
		assert_ok(twins_solve(twins, side, &err));
		for (size_t i = 0; i < c->net->n_nodes; i++) {
			double off = fabs(twins_V(twins, side)[i] - c->found[k][i]);

			*worst = fmax(*worst, off);
			if (!(off <= CLOSE_V))
				fail_msg("run %d, %g RC, node %zu: %.12g V, not %.12g V", (int)run,
					 times[k], i, twins_V(twins, side)[i], c->found[k][i]);
		}
	}
}

static void set_g(struct circumstances *c, int which)
{
	for (size_t j = 0; j < c->net->n_edges; j++)
		c->g[j] = 1 / c->r_ohm[which][j];
}

/* The clamp is made from the free state, so that both networks are alike until then. */
static void check(const char *name, double farad, uint64_t trial)
{
	struct circumstances c;
	struct rig_error err;
	struct twins *twins;
	double worst = 0;

	set_up(name, farad, trial, &c);
	set_g(&c, 0);
	struct clock clock = {.kind = SIM_VIRTUAL};
	const struct rig_session session = {c.node, 3, c.node + 3, 2, NULL, 0, SEED, 0};
	const struct twins_setup setup = {
		.network = c.net, .free_g = c.g, .clamped_g = c.g, .clock = &clock};
	uint8_t cut[MOST] = {0};

	assert_ok(twins_new(&setup, &session, cut, &twins, &err));
	assert_ok(twins_set_capacitance(twins, farad, &err));
	twins_drive_both(twins, c.source_V[0]);
	assert_ok(twins_solve(twins, RIG_FREE, &err));
	run_ngspice(&c, SOURCES_STEP);
	twins_drive_both(twins, c.source_V[1]);
	compare(&c, twins, SOURCES_STEP, &clock, &worst);
	run_ngspice(&c, CLAMP_STEPS);
	twins_clamp(twins, c.clamp_V);
	compare(&c, twins, CLAMP_STEPS, &clock, &worst);
	run_ngspice(&c, OTHER_R);
	set_g(&c, 1);
	twins_moved(twins);
	compare(&c, twins, OTHER_R, &clock, &worst);
	print_message("# %s, %g F, seed %u: off by at most %.1e V\n", name, farad, SEED, worst);
	twins_free(twins);
	network_free(c.net);
}

static void check_capacitances(const char *name, uint64_t trial)
{
	static const double bank_F[] = {2.2e-9, 2.2e-6, 22e-6, 220e-6, 2.2e-3};

	for (size_t k = 0; k < sizeof(bank_F) / sizeof(bank_F[0]); k++)
		check(name, bank_F[k], trial + k);
}

static void king9_16_relaxes_as_ngspice_says(void **state)
{
	(void)state;
	check_capacitances("king9_16", 0);
}

static void torus16_32_relaxes_as_ngspice_says(void **state)
{
	(void)state;
	check_capacitances("torus16_32", 10);
}

static void own_64_143_relaxes_as_ngspice_says(void **state)
{
	(void)state;
	check_capacitances("own_64_143", 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(king9_16_relaxes_as_ngspice_says),
		cmocka_unit_test(torus16_32_relaxes_as_ngspice_says),
		cmocka_unit_test(own_64_143_relaxes_as_ngspice_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
