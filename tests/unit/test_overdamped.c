/* tests/unit/test_overdamped.c - the integrator of the overdamped rule against equation 7 itself, in long double. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/overdamped.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/dense.h"

#define MOST       32
#define SEED       11u
#define NO_CLIP    1e6
#define UNTIL_S    2.0
#define RK4_STEP_S 5e-5L

static uint8_t all_learn[MOST];

struct setting {
	struct network *net;
	uint32_t sources[3], targets[2];
	size_t n_sources, n_targets;
	double source_V[3], target_V[2];
};

static void open_setting(const char *name, struct setting *ret)
{
	static const struct setting divider = {.sources = {0, 2},
					       .targets = {1},
					       .n_sources = 2,
					       .n_targets = 1,
					       .source_V = {1, 0},
					       .target_V = {0.7}};
	static const struct setting king = {.sources = {0, 2, 7},
					    .targets = {3, 5},
					    .n_sources = 3,
					    .n_targets = 2,
					    .source_V = {1, 0.2, -0.5},
					    .target_V = {0.4, 0.1}};
	struct network_error why;

	*ret = strcmp(name, "divider2") == 0 ? divider : king;
	assert_ok(network_shipped(name, &ret->net, &why));
	memset(all_learn, 1, sizeof(all_learn));
}

/* At rest, by the dense reference: V_F, and u as the clamped response to eta = 1. */
static void at_rest(const struct setting *s, const double *g, double *ret_V, double *ret_u)
{
	char held[MOST] = {0};

	memset(ret_V, 0, s->net->n_nodes * sizeof(double));
	for (size_t i = 0; i < s->n_sources; i++) {
		held[s->sources[i]] = 1;
		ret_V[s->sources[i]] = s->source_V[i];
	}
	assert_int_equal(dense_solve(s->net, g, held, ret_V), 0);
	memset(ret_u, 0, s->net->n_nodes * sizeof(double));
	for (size_t i = 0; i < s->n_targets; i++) {
		held[s->targets[i]] = 1;
		ret_u[s->targets[i]] = s->target_V[i] - ret_V[s->targets[i]];
	}
	assert_int_equal(dense_solve(s->net, g, held, ret_u), 0);
}

static struct overdamped *start(const struct setting *s, double tolerance, const double *g)
{
	double free_V[MOST], response_V[MOST];
	struct overdamped *o;

	assert_ok(overdamped_new(s->net, s->sources, s->n_sources, s->targets, s->n_targets,
				 tolerance, &o));
	at_rest(s, g, free_V, response_V);
	overdamped_put(o, free_V, response_V);
	return o;
}

static struct overdamped_drive drive(const struct setting *s, double alpha, double eta, double fall)
{
	return (struct overdamped_drive){.alpha_per_s = alpha,
					 .eta = eta,
					 .fall_per_s = fall,
					 .clamped = true,
					 .source_V = s->source_V,
					 .target_V = s->target_V,
					 .learns = all_learn};
}

static void ones(double *g)
{
	for (size_t j = 0; j < MOST; j++)
		g[j] = 1;
}

/* ---- the reference: V_F, V_C and g as the paper writes them ---- */

struct exact {
	long double free_V[MOST], clamped_V[MOST], g[MOST];
};

static void clamp(const struct setting *s, const struct overdamped_drive *d, struct exact *y)
{
	for (size_t i = 0; i < s->n_targets; i++) {
		uint32_t v = s->targets[i];

		y->clamped_V[v] = y->free_V[v] + d->eta * (s->target_V[i] - y->free_V[v]);
	}
}

static void exact_rates(const struct setting *s, const struct overdamped_drive *d, struct exact *y,
			struct exact *ret)
{
	const struct network *net = s->net;

	memset(ret, 0, sizeof(*ret));
	clamp(s, d, y);
	for (size_t j = 0; j < net->n_edges; j++) {
		uint32_t a = net->a[j], b = net->b[j];
		long double f = y->free_V[a] - y->free_V[b], c = y->clamped_V[a] - y->clamped_V[b];

		ret->free_V[a] -= y->g[j] * f;
		ret->free_V[b] += y->g[j] * f;
		ret->clamped_V[a] -= y->g[j] * c;
		ret->clamped_V[b] += y->g[j] * c;
		ret->g[j] = d->alpha_per_s / d->eta * (f * f - c * c);
		if (ret->g[j] < -d->fall_per_s * y->g[j])
			ret->g[j] = -d->fall_per_s * y->g[j];
	}
	for (size_t i = 0; i < s->n_sources; i++)
		ret->free_V[s->sources[i]] = ret->clamped_V[s->sources[i]] = 0;
	for (size_t i = 0; i < s->n_targets; i++)
		ret->clamped_V[s->targets[i]] = 0;
}

static void add(const struct exact *y, long double h, const struct exact *rate, struct exact *ret)
{
	for (size_t i = 0; i < MOST; i++) {
		ret->free_V[i] = y->free_V[i] + h * rate->free_V[i];
		ret->clamped_V[i] = y->clamped_V[i] + h * rate->clamped_V[i];
		ret->g[i] = y->g[i] + h * rate->g[i];
	}
}

static void runge_kutta(const struct setting *s, const struct overdamped_drive *d, struct exact *y,
			long double h)
{
	static struct exact k[4], at;

	exact_rates(s, d, y, &k[0]);
	add(y, h / 2, &k[0], &at);
	exact_rates(s, d, &at, &k[1]);
	add(y, h / 2, &k[1], &at);
	exact_rates(s, d, &at, &k[2]);
	add(y, h, &k[2], &at);
	exact_rates(s, d, &at, &k[3]);
	add(y, h / 6, &k[0], y);
	add(y, h / 3, &k[1], y);
	add(y, h / 3, &k[2], y);
	add(y, h / 6, &k[3], y);
}

static double distance(const struct setting *s, struct overdamped *o,
		       const struct overdamped_drive *d, const double *g, struct exact *y)
{
	double free_V[MOST], response_V[MOST], most = 0;

	clamp(s, d, y);
	overdamped_voltages(o, d, free_V, response_V);
	for (size_t v = 0; v < s->net->n_nodes; v++) {
		long double u = (y->clamped_V[v] - y->free_V[v]) / d->eta;

		most = fmax(most, (double)fabsl(free_V[v] - y->free_V[v]));
		most = fmax(most, (double)fabsl(response_V[v] - u));
	}
	for (size_t j = 0; j < s->net->n_edges; j++)
		most = fmax(most, (double)(fabsl(g[j] - y->g[j]) / fmaxl(1, fabsl(y->g[j]))));
	return most;
}

/* The largest error up to UNTIL_S, of V_F, u and g, in units of 1 V and of max(1, g). */
static double error_of(const char *name, double alpha, double eta, double fall, double tolerance)
{
	struct setting s;
	struct overdamped_error err;
	static struct exact y;
	double g[MOST], u[MOST], v[MOST], most = 0;

	open_setting(name, &s);
	ones(g);
	struct overdamped_drive d = drive(&s, alpha, eta, fall);
	struct overdamped *o = start(&s, tolerance, g);
	memset(&y, 0, sizeof(y));
	at_rest(&s, g, v, u);
	for (size_t i = 0; i < s.net->n_nodes; i++) {
		y.free_V[i] = v[i];
		y.clamped_V[i] = v[i] + (long double)eta * u[i];
	}
	for (size_t j = 0; j < s.net->n_edges; j++)
		y.g[j] = 1;
	for (int k = 0; k < 20; k++) {
		int n = (int)(UNTIL_S / 20 / (double)RK4_STEP_S + 0.5);

		for (int i = 0; i < n; i++)
			runge_kutta(&s, &d, &y, RK4_STEP_S);
		assert_ok(overdamped_flow(o, &d, UNTIL_S / 20, g, &err));
		most = fmax(most, distance(&s, o, &d, g, &y));
	}
	overdamped_free(o);
	network_free(s.net);
	return most;
}

static void is_as_near_to_the_exact_solution_as_its_tolerance(void **state)
{
	static const struct {
		const char *network;
		double alpha, eta, fall;
	} cases[] = {{"divider2", 0.1, 0.5, 1},     {"divider2", 1, 1e-3, 1},
		     {"divider2", 30, 0.5, 1},      {"divider2", 1, 0.5, NO_CLIP},
		     {"king9_16", 0.1, 0.5, 1},     {"king9_16", 1, 1e-3, 1},
		     {"king9_16", 30, 0.5, 1},      {"king9_16", 30, 1e-3, 1},
		     {"king9_16", 1, 0.5, NO_CLIP}, {"king9_16", 2, 1e-3, NO_CLIP}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double off = error_of(cases[i].network, cases[i].alpha, cases[i].eta, cases[i].fall,
				      1e-6);

		print_message("%s alpha %g eta %g fall %g: off by %.3g\n", cases[i].network,
			      cases[i].alpha, cases[i].eta, cases[i].fall, off);
		if (!(off <= 1e-6))
			fail_msg("%s, alpha %g, eta %g: off by %g", cases[i].network,
				 cases[i].alpha, cases[i].eta, off);
	}
}

static void a_smaller_tolerance_comes_nearer(void **state)
{
	double coarse = error_of("king9_16", 30, 1e-3, 1, 1e-4);
	double fine = error_of("king9_16", 30, 1e-3, 1, 1e-7);

	(void)state;
	print_message("1e-4: %.3g, 1e-7: %.3g\n", coarse, fine);
	assert_true(coarse <= 1e-4);
	assert_true(fine <= 1e-7);
	assert_true(coarse > 1e-7); /* the two differ by what was asked for, not by luck */
}

/* ---- by hand ---- */

/* Near the solution of a divider of 1 V, e = v - V_D obeys e'' + G e' + 2 alpha ((1 - V_D)^2 + V_D^2) e = 0 with
 * G = g1 + g2: half a period between two zeros of e is pi / sqrt(2 alpha (...) - G^2 / 4). */
static void a_divider_rings_at_the_frequency_found_by_hand(void **state)
{
	struct setting s;
	struct overdamped_error err;
	double g[MOST], free_V[MOST], response_V[MOST], last = 0, zero_s[8], want;
	size_t n_zeros = 0;

	(void)state;
	open_setting("divider2", &s);
	s.target_V[0] = 0.5 + 1e-5;
	ones(g);
	struct overdamped_drive d = drive(&s, 400, 1e-3, NO_CLIP);
	struct overdamped *o = start(&s, 1e-10, g);
	for (int k = 1; k < 10000 && n_zeros < 6; k++) {
		assert_ok(overdamped_flow(o, &d, 1e-3, g, &err));
		overdamped_voltages(o, &d, free_V, response_V);
		double e = free_V[1] - s.target_V[0];
		if (k > 1 && (e < 0) != (last < 0))
			zero_s[n_zeros++] = 1e-3 * (k - e / (e - last));
		last = e;
	}
	assert_int_equal(n_zeros, 6);
	want = acos(-1) / sqrt(2 * 400 * (0.25 + 0.25) - 2.0 * 2.0 / 4);
	for (int i = 1; i < 6; i++)
		assert_close(zero_s[i] - zero_s[i - 1], want, 2e-4 * want);
	overdamped_free(o);
	network_free(s.net);
}

/* ---- what it promises ---- */

static void run(const struct setting *s, double alpha, int n, double seconds, double *ret_g,
		double *ret_V)
{
	struct overdamped_error err;
	double response_V[MOST];

	ones(ret_g);
	struct overdamped_drive d = drive(s, alpha, 1e-3, 1);
	struct overdamped *o = start(s, 1e-6, ret_g);
	for (int k = 0; k < n; k++)
		assert_ok(overdamped_flow(o, &d, seconds, ret_g, &err));
	overdamped_voltages(o, &d, ret_V, response_V);
	overdamped_free(o);
}

static void gives_the_same_bits_twice(void **state)
{
	struct setting s;
	double g[2][MOST], v[2][MOST];

	(void)state;
	open_setting("king9_16", &s);
	for (int i = 0; i < 2; i++)
		run(&s, 10, 17, 0.13, g[i], v[i]);
	assert_memory_equal(g[0], g[1], s.net->n_edges * sizeof(double));
	assert_memory_equal(v[0], v[1], s.net->n_nodes * sizeof(double));
	network_free(s.net);
}

static void two_halves_are_one_whole(void **state)
{
	struct setting s;
	double g[2][MOST], v[2][MOST];

	(void)state;
	open_setting("king9_16", &s);
	run(&s, 10, 4, 0.5, g[0], v[0]);
	run(&s, 10, 2, 1.0, g[1], v[1]);
	for (size_t j = 0; j < s.net->n_edges; j++)
		assert_close(g[0][j], g[1][j], 1e-6 * g[1][j]);
	for (size_t i = 0; i < s.net->n_nodes; i++)
		assert_close(v[0][i], v[1][i], 1e-6);
	network_free(s.net);
}

static void no_conductance_falls_faster_than_the_clip_lets_it(void **state)
{
	struct setting s;
	struct overdamped_error err;
	double g[MOST], before[MOST], closest = INFINITY;

	(void)state;
	open_setting("king9_16", &s);
	ones(g);
	struct overdamped_drive d = drive(&s, 30, 1e-3, 1);
	struct overdamped *o = start(&s, 1e-6, g);
	for (int k = 0; k < 200; k++) {
		memcpy(before, g, sizeof(g));
		assert_ok(overdamped_flow(o, &d, 0.05, g, &err));
		for (size_t j = 0; j < s.net->n_edges; j++) {
			double share = g[j] / before[j] / exp(-0.05);

			closest = fmin(closest, share);
			assert_true(share >= 1 - 1e-12);
		}
	}
	assert_true(closest < 1 + 1e-6); /* it was needed */
	overdamped_free(o);
	network_free(s.net);
}

static void its_jacobian_is_the_derivative_of_its_rates(void **state)
{
	struct setting s;
	struct overdamped_field f;
	double y[MOST], up[MOST], down[MOST], values[MOST * 20];

	(void)state;
	print_message("seed %u\n", SEED);
	open_setting("king9_16", &s);
	assert_ok(overdamped_field_make(s.net, s.sources, 3, s.targets, 2, &f));
	for (int variant = 0; variant < 4; variant++) {
		struct overdamped_drive d = drive(&s, 3, 0.3, variant & 1 ? 1 : NO_CLIP);

		d.clamped = variant & 2;
		for (size_t i = 0; i < f.n_state; i++)
			y[i] = 0.5 + random_uniform(SEED, RANDOM_GENERATE, (uint64_t)variant, i);
		overdamped_field_jacobian(&f, &d, y, values);
		for (size_t c = 0; c < f.n_state; c++) {
			double dense[MOST] = {0}, here = y[c], h = 1e-6;

			for (int64_t k = f.column[c]; k < f.column[c + 1]; k++)
				dense[f.row[k]] = values[k];
			y[c] = here + h;
			overdamped_field_rate(&f, &d, y, up);
			y[c] = here - h;
			overdamped_field_rate(&f, &d, y, down);
			y[c] = here;
			for (size_t r = 0; r < f.n_state; r++)
				assert_close(dense[r], (up[r] - down[r]) / (2 * h), 1e-7);
		}
	}
	overdamped_field_clear(&f);
	network_free(s.net);
}

static void an_impossible_flow_is_refused_and_leaves_all_as_it_was(void **state)
{
	struct setting s;
	struct overdamped_error err;
	double g[MOST], before[MOST];

	(void)state;
	open_setting("king9_16", &s);
	ones(g);
	g[3] = NAN;
	memcpy(before, g, sizeof(g));
	struct overdamped_drive d = drive(&s, 30, 1e-3, 1);
	double one[MOST];
	ones(one);
	struct overdamped *o = start(&s, 1e-6, one);
	assert_int_equal(overdamped_flow(o, &d, 1, g, &err), -EDOM);
	print_message("%s\n", err.text);
	assert_non_null(strstr(err.text, "alpha = 30 per second"));
	assert_non_null(strstr(err.text, "smaller alpha"));
	assert_memory_equal(g, before, sizeof(g));
	assert_ok(overdamped_flow(o, &d, 1, one, &err)); /* and it can go on */
	overdamped_free(o);
	network_free(s.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_as_near_to_the_exact_solution_as_its_tolerance),
		cmocka_unit_test(a_smaller_tolerance_comes_nearer),
		cmocka_unit_test(a_divider_rings_at_the_frequency_found_by_hand),
		cmocka_unit_test(gives_the_same_bits_twice),
		cmocka_unit_test(two_halves_are_one_whole),
		cmocka_unit_test(no_conductance_falls_faster_than_the_clip_lets_it),
		cmocka_unit_test(its_jacobian_is_the_derivative_of_its_rates),
		cmocka_unit_test(an_impossible_flow_is_refused_and_leaves_all_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
