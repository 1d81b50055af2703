/* clients/nudgectl/measure.c - one number out of a run's series, by name. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/nudgectl/measure.h"

/* An error over the run: which rows it has, and its first value */
struct error {
	const double *at, *value; /* step (or test's step), V^2 */
	size_t n;
	double first_V2;
};

static double number(const json_t *what, const char *name, double fallback)
{
	const json_t *value = json_object_get(what, name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

static bool error_of(const json_t *what, const struct series *s, struct error *ret)
{
	const char *of = json_string_value(json_object_get(what, "of"));

	*ret = (struct error){
		.at = s->step, .value = s->mse_V2, .n = s->n, .first_V2 = s->mse_first_V2};
	if (of && !strcmp(of, "test"))
		*ret = (struct error){
			.at = s->test_step, .value = s->test_error_V2, .n = s->n_tests};
	if (of && !strcmp(of, "equilibrium"))
		*ret = (struct error){.at = s->step,
				      .value = s->equilibrium_V2,
				      .n = s->equilibrium_V2 ? s->n : 0};
	if (ret->n > 0 && ret->value != s->mse_V2)
		ret->first_V2 = ret->value[0];
	return ret->n > 0 && ret->first_V2 > 0;
}

double measure_mean_of_last(const double *values, size_t n, double part)
{
	size_t from = n - (size_t)ceil((double)n * part - 1e-9);
	double sum = 0;

	for (size_t i = from; i < n; i++)
		sum += values[i];
	return n > from ? sum / (double)(n - from) : NAN;
}

/* ---- errors ---- */

static double steps_within(const json_t *what, const struct series *s)
{
	double from = number(what, "from", 0), to = number(what, "to", INFINITY);
	double volts = number(what, "value", NAN);

	for (size_t i = 0; i < s->n && s->step[i] < to; i++)
		if (s->step[i] >= from &&
		    fabs(s->v_V[i * s->n_targets] - s->target_V[i * s->n_targets]) < volts)
			return s->step[i] - from;
	return NAN;
}

static double least_of(const json_t *what, const struct error *e)
{
	double from = number(what, "from", 0), to = number(what, "to", INFINITY);
	double least = INFINITY;

	for (size_t i = 0; i < e->n; i++)
		if (e->at[i] >= from && e->at[i] < to)
			least = fmin(least, e->value[i]);
	return isfinite(least) ? least : NAN;
}

/* The least of all steps is known even where not all were logged */
static double scaled_least(const json_t *what, const struct series *s)
{
	bool window = json_object_get(what, "from") || json_object_get(what, "to");
	struct error e;

	if (!error_of(what, s, &e))
		return NAN;
	if (e.value == s->mse_V2 && !window)
		return s->mse_min_V2 / e.first_V2;
	return least_of(what, &e) / e.first_V2;
}

/* Tests: those after nine tenths of the steps; one at the end at least */
static double mean_of_last_tests(const struct series *s, const struct error *e, double part)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++) {
		if (e->at[i] > (1 - part) * s->steps) {
			sum += e->value[i];
			n++;
		}
	}
	return n ? sum / (double)n : NAN;
}

static double scaled_end(const json_t *what, const struct series *s)
{
	double part = number(what, "last", 0.1);
	struct error e;

	if (!error_of(what, s, &e))
		return NAN;
	if (e.value == s->mse_V2 && part == 0.1)
		return s->mse_final_V2 / e.first_V2;
	return mean_of_last_tests(s, &e, part) / e.first_V2;
}

static double orders_best(const json_t *what, const struct series *s)
{
	return -log10(scaled_least(what, s));
}

static double orders_end(const json_t *what, const struct series *s)
{
	return -log10(scaled_end(what, s));
}

static double scaled_at(const json_t *what, const struct series *s)
{
	double step = number(what, "from", 0);
	struct error e;

	if (!error_of(what, s, &e))
		return NAN;
	for (size_t i = 0; i < e.n; i++)
		if (e.at[i] >= step)
			return e.value[i] / e.first_V2;
	return NAN;
}

static double below(const json_t *what, const struct series *s)
{
	const char *unit = json_string_value(json_object_get(what, "unit"));
	double level, step, time_s;
	struct error e;
	size_t i = 0;

	if (!error_of(what, s, &e))
		return NAN;
	level = number(what, "value", NAN) * e.first_V2;
	while (i < e.n && !(e.value[i] <= level))
		i++;
	if (i == e.n)
		return NAN;
	step = e.at[i];
	if (!unit || !strcmp(unit, "steps"))
		return step;
	if (!strcmp(unit, "steps_p"))
		return step * s->p;
	time_s = s->t_s[i];
	if (i > 0 && e.value[i - 1] > 0 && e.value[i] > 0) /* straight in the logarithm */
		time_s = s->t_s[i - 1] + (s->t_s[i] - s->t_s[i - 1]) * log(e.value[i - 1] / level) /
						 log(e.value[i - 1] / e.value[i]);
	return !strcmp(unit, "s") ? time_s : time_s * s->alpha_over_gamma;
}

/* The greatest error after it was first at `value`, over the first error */
static double rebound(const json_t *what, const struct series *s)
{
	double most = -INFINITY;
	struct error e;
	size_t i = 0;

	if (!error_of(what, s, &e))
		return NAN;
	while (i < e.n && !(e.value[i] <= number(what, "value", NAN) * e.first_V2))
		i++;
	for (; i < e.n; i++)
		most = fmax(most, e.value[i]);
	return isfinite(most) ? most / e.first_V2 : NAN;
}

/* ---- accuracy ---- */

static double accuracy_first(const json_t *what, const struct series *s)
{
	(void)what;
	return s->n_tests ? s->accuracy[0] : NAN;
}

static double accuracy_end(const json_t *what, const struct series *s)
{
	(void)what;
	return s->n_tests ? s->accuracy[s->n_tests - 1] : NAN;
}

static double accuracy_best(const json_t *what, const struct series *s)
{
	double best = NAN;

	(void)what;
	for (size_t i = 0; i < s->n_tests; i++)
		best = fmax(best, s->accuracy[i]);
	return best;
}

/* ---- edges ---- */

static size_t first_of_last(const json_t *what, const struct series *s)
{
	double part = number(what, "last", 0.1);
	size_t i = 0;

	while (i < s->n && s->step[i] < (1 - part) * s->steps)
		i++;
	return i;
}

static double moves_per_edge(const json_t *what, const struct series *s)
{
	size_t moves = 0;

	if (!s->r_ohm || s->n_edges == 0)
		return NAN;
	for (size_t i = first_of_last(what, s); i < s->n; i++)
		for (size_t j = 0; i > 0 && j < s->n_edges; j++)
			moves += s->r_ohm[i * s->n_edges + j] != s->r_ohm[(i - 1) * s->n_edges + j];
	return (double)moves / (double)s->n_edges;
}

static double travel_kohm(const json_t *what, const struct series *s)
{
	size_t from = first_of_last(what, s);
	double sum = 0;

	if (!s->r_ohm || s->n_edges == 0 || from == s->n)
		return NAN;
	for (size_t j = 0; j < s->n_edges; j++) {
		double least = INFINITY, most = -INFINITY;

		for (size_t i = from; i < s->n; i++) {
			least = fmin(least, s->r_ohm[i * s->n_edges + j]);
			most = fmax(most, s->r_ohm[i * s->n_edges + j]);
		}
		sum += most - least;
	}
	return sum / (double)s->n_edges / 1e3;
}

static double mean_r_kohm(const json_t *what, const struct series *s)
{
	size_t from = first_of_last(what, s), n = (s->n - from) * s->n_edges;
	double sum = 0;

	if (!s->r_ohm || n == 0)
		return NAN;
	for (size_t k = 0; k < n; k++)
		sum += s->r_ohm[from * s->n_edges + k];
	return sum / (double)n / 1e3;
}

double measure_pearson(const uint8_t *a, const uint8_t *b, size_t n, size_t stride)
{
	double n_a = 0, n_b = 0, n_ab = 0, all = (double)n;

	for (size_t i = 0; i < n; i++) {
		n_a += a[i * stride];
		n_b += b[i * stride];
		n_ab += a[i * stride] & b[i * stride];
	}
	return (all * n_ab - n_a * n_b) / sqrt(n_a * (all - n_a) * n_b * (all - n_b));
}

static void pearson(const struct series *s, double *ret_mean, double *ret_most)
{
	double sum = 0, most = 0;
	size_t pairs = 0;

	for (size_t a = 0; s->updated && a < s->n_edges; a++) {
		for (size_t b = a + 1; b < s->n_edges; b++) {
			double r = fabs(
				measure_pearson(s->updated + a, s->updated + b, s->n, s->n_edges));

			sum += r;
			most = fmax(most, r);
			pairs++;
		}
	}
	*ret_mean = pairs ? sum / (double)pairs : NAN;
	*ret_most = pairs ? most : NAN;
}

static double pearson_mean(const json_t *what, const struct series *s)
{
	double mean, most;

	(void)what;
	pearson(s, &mean, &most);
	return mean;
}

static double pearson_most(const json_t *what, const struct series *s)
{
	double mean, most;

	(void)what;
	pearson(s, &mean, &most);
	return most;
}

static double p_measured(const json_t *what, const struct series *s)
{
	size_t n = s->updated ? s->n * s->n_edges : 0, updates = 0;

	(void)what;
	for (size_t k = 0; k < n; k++)
		updates += s->updated[k];
	return n ? (double)updates / (double)n : NAN;
}

/* ---- oscillations ---- */

static double target_error(const struct series *s, size_t i, size_t target)
{
	return s->v_V[i * s->n_targets + target] - s->target_V[i * s->n_targets + target];
}

/* Changes of one target's sign, and the time from the first to the last of them */
static size_t crossings(const struct series *s, size_t target, double level, double *ret_s)
{
	double first_s = NAN, last_s = NAN;
	size_t changes = 0, end = s->n;

	while (end > 0 && fabs(target_error(s, end - 1, target)) < level)
		end--;
	for (size_t i = 1; i < end; i++) {
		double a = target_error(s, i - 1, target), b = target_error(s, i, target);

		if ((a < 0) == (b < 0))
			continue;
		last_s = s->t_s[i - 1] + (s->t_s[i] - s->t_s[i - 1]) * a / (a - b);
		if (changes++ == 0)
			first_s = last_s;
	}
	*ret_s = last_s - first_s;
	return changes;
}

/* All targets together: between two changes of sign there is half a period. */
static double crossings_per_s(const json_t *what, const struct series *s)
{
	double level = number(what, "value", 0), seconds = 0, halves = 0;

	for (size_t k = 0; s->n > 0 && k < s->n_targets; k++) {
		double span_s;
		size_t n = crossings(s, k, level * fabs(target_error(s, 0, k)), &span_s);

		if (n >= 2) {
			halves += (double)(n - 1);
			seconds += span_s;
		}
	}
	return halves > 0 ? halves / 2 / seconds : NAN;
}

static double swing(const json_t *what, const struct series *s)
{
	size_t from = first_of_last(what, s), n = s->n - from;
	double sum = 0, squares = 0;

	for (size_t i = from; i < s->n; i++)
		sum += s->mse_V2[i];
	for (size_t i = from; n && i < s->n; i++)
		squares += (s->mse_V2[i] - sum / (double)n) * (s->mse_V2[i] - sum / (double)n);
	return n && sum > 0 ? sqrt(squares / (double)n) / (sum / (double)n) : NAN;
}

static double alpha_over_gamma(const json_t *what, const struct series *s)
{
	(void)what;
	return s->alpha_over_gamma;
}

static const struct {
	const char *name;
	double (*measure)(const json_t *what, const struct series *s);
} kinds[] = {
	{"steps_within", steps_within},
	{"orders_best", orders_best},
	{"orders_end", orders_end},
	{"scaled_end", scaled_end},
	{"scaled_least", scaled_least},
	{"scaled_at", scaled_at},
	{"accuracy_first", accuracy_first},
	{"accuracy_end", accuracy_end},
	{"accuracy_best", accuracy_best},
	{"moves_per_edge", moves_per_edge},
	{"travel_kohm", travel_kohm},
	{"mean_r_kohm", mean_r_kohm},
	{"pearson_mean", pearson_mean},
	{"pearson_most", pearson_most},
	{"p_measured", p_measured},
	{"below", below},
	{"rebound", rebound},
	{"crossings_per_s", crossings_per_s},
	{"swing", swing},
	{"alpha_over_gamma", alpha_over_gamma},
};

bool measure_is_distance(const json_t *what)
{
	return !strcmp(json_string_value(json_object_get(what, "kind")), "distance");
}

double measure(const json_t *what, const struct series *s)
{
	const char *name = json_string_value(json_object_get(what, "kind"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (name && !strcmp(kinds[i].name, name))
			return kinds[i].measure(what, s);
	return NAN;
}
