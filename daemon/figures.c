/* daemon/figures.c - a run's figures as they grow, in a fixed amount of memory. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/figures.h"
#include "protocol/reply.h"

#define N_SUMS 65536u

struct figures {
	struct run_figures so_far;
	uint64_t per_sum; /* steps a sum covers: 1, then 2, 4, ... */
	size_t n;         /* sums in use; the last one may still grow */
	double sum_V2[N_SUMS];
};

struct run_figures figures_none(void)
{
	return (struct run_figures){
		.mse_first_V2 = NAN,
		.mse_last_V2 = NAN,
		.mse_min_V2 = NAN,
		.mse_final_V2 = NAN,
		.test_first_V2 = NAN,
		.test_best_V2 = NAN,
		.test_final_V2 = NAN,
		.accuracy_best = NAN,
		.accuracy_final = NAN,
	};
}

struct figures *figures_new(void)
{
	struct figures *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->per_sum = 1;
	f->so_far = figures_none();
	return f;
}

void figures_free(struct figures *f)
{
	free(f);
}

/* Pairs of sums become one, so that there is room for as many again. */
static void halve(struct figures *f)
{
	for (size_t i = 0; i < N_SUMS / 2; i++)
		f->sum_V2[i] = f->sum_V2[2 * i] + f->sum_V2[2 * i + 1];
	f->n = N_SUMS / 2;
	f->per_sum *= 2;
}

void figures_step(struct figures *f, double mse_V2)
{
	struct run_figures *run = &f->so_far;

	if (run->steps == f->n * f->per_sum) {
		if (f->n == N_SUMS)
			halve(f);
		f->sum_V2[f->n++] = 0;
	}
	f->sum_V2[f->n - 1] += mse_V2;
	if (run->steps++ == 0)
		run->mse_first_V2 = run->mse_min_V2 = mse_V2;
	if (mse_V2 < run->mse_min_V2)
		run->mse_min_V2 = mse_V2;
	run->mse_last_V2 = mse_V2;
}

void figures_test(struct figures *f, double error_V2, double accuracy)
{
	struct run_figures *run = &f->so_far;

	if (isnan(run->test_first_V2))
		run->test_first_V2 = error_V2;
	run->test_best_V2 = fmin(run->test_best_V2, error_V2);
	run->test_final_V2 = error_V2;
	run->accuracy_best = fmax(run->accuracy_best, accuracy);
	run->accuracy_final = accuracy;
}

static double mean_of_last_tenth(const struct figures *f)
{
	uint64_t steps = f->so_far.steps, first = steps - (steps + 9) / 10;
	uint64_t from = first / f->per_sum;
	double sum = 0;

	if (steps == 0)
		return NAN;
	for (uint64_t i = from; i < f->n; i++)
		sum += f->sum_V2[i];
	return sum / (double)(steps - from * f->per_sum);
}

void figures_get(const struct figures *f, struct run_figures *ret)
{
	*ret = f->so_far;
	ret->mse_final_V2 = mean_of_last_tenth(f);
}

json_t *figures_json(const struct figures *f)
{
	json_t *json = json_object();
	struct run_figures run;

	figures_get(f, &run);
	json_object_set_new(json, "steps", json_integer((json_int_t)run.steps));
	reply_set_real(json, "mse_first_V2", run.mse_first_V2);
	reply_set_real(json, "mse_last_V2", run.mse_last_V2);
	reply_set_real(json, "mse_min_V2", run.mse_min_V2);
	reply_set_real(json, "mse_final_V2", run.mse_final_V2);
	reply_set_real(json, "test_first_V2", run.test_first_V2);
	reply_set_real(json, "test_best_V2", run.test_best_V2);
	reply_set_real(json, "test_final_V2", run.test_final_V2);
	reply_set_real(json, "accuracy_best", run.accuracy_best);
	reply_set_real(json, "accuracy_final", run.accuracy_final);
	/* null says "none" here; nothing is invalid */
	json_object_del(json, "invalid");
	return json;
}
