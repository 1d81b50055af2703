/* daemon/evaluate.c - free responses to a set of examples: test errors, class means, classes found. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/evaluate.h"

int evaluation_new(const struct task *task, const struct data *data, struct evaluation *ret)
{
	size_t n = data->train.n > data->test.n ? data->train.n : data->test.n;
	struct evaluation e = {
		.outputs_V = calloc(n * task->n_targets + 1, sizeof(double)),
		.class_found = calloc(n + 1, sizeof(int32_t)),
		.class_output_V = calloc(data->n_classes * task->n_targets + 1, sizeof(double)),
		.once_V = calloc(n * task->n_targets + 1, sizeof(double)),
	};

	if (!e.outputs_V || !e.class_found || !e.class_output_V || !e.once_V) {
		evaluation_free(&e);
		return -1;
	}
	*ret = e;
	return 0;
}

void evaluation_free(struct evaluation *e)
{
	free(e->outputs_V);
	free(e->class_found);
	free(e->class_output_V);
	free(e->once_V);
	*e = (struct evaluation){0};
}

/* Free responses, by the rig at once or one after the other. */
static int respond(struct rig *rig, const struct task *task, size_t n, const double *source_V,
		   double *ret_V)
{
	double settle_s = isnan(task->test.settle_s) ? 0 : task->test.settle_s;
	int r = 0;

	/* a wait that was asked for is made, and then the charge is disturbed, on any rig */
	if (rig_info(rig)->batch_evaluate && settle_s == 0)
		return rig_evaluate(rig, n, source_V, ret_V);
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = rig_drive(rig, RIG_FREE, source_V + i * task->n_sources, task->n_sources);
		if (r == 0)
			r = rig_settle(rig, settle_s);
		if (r == 0)
			r = rig_measure(rig, RIG_FREE, task->targets, task->n_targets,
					ret_V + i * task->n_targets);
	}
	return r;
}

/* The mean of task->test.repeat responses. */
static int respond_often(struct rig *rig, const struct task *task, size_t n, const double *source_V,
			 struct evaluation *e)
{
	size_t n_values = n * task->n_targets;
	int r = respond(rig, task, n, source_V, e->outputs_V);

	for (unsigned k = 1; r == 0 && k < task->test.repeat; k++) {
		r = respond(rig, task, n, source_V, e->once_V);
		for (size_t i = 0; i < n_values; i++)
			e->outputs_V[i] += e->once_V[i];
	}
	for (size_t i = 0; task->test.repeat > 1 && i < n_values; i++)
		e->outputs_V[i] /= task->test.repeat;
	return r;
}

/* Mean outputs of the classes now; a class without a training example has none (NAN). */
static int respond_to_classes(struct rig *rig, const struct task *task, const struct data *data,
			      double *ret_V)
{
	for (size_t c = 0; c < data->n_classes; c++) {
		const double *source_V = data->class_source_V + c * task->n_sources;
		double *output_V = ret_V + c * task->n_targets;
		int r;

		if (isnan(source_V[0])) {
			for (size_t t = 0; t < task->n_targets; t++)
				output_V[t] = NAN;
			continue;
		}
		r = respond(rig, task, 1, source_V, output_V);
		if (r < 0)
			return r;
	}
	return 0;
}

int32_t evaluate_nearest(const double *class_V, size_t n_classes, size_t n_targets,
			 const double *output_V, int32_t own, double *ret_margin_V)
{
	double best = INFINITY, own_distance = INFINITY, others = INFINITY;
	int32_t found = -1;

	for (size_t c = 0; c < n_classes; c++) {
		double squares = 0, distance;

		for (size_t t = 0; t < n_targets; t++) {
			double d = output_V[t] - class_V[c * n_targets + t];

			squares += d * d;
		}
		distance = sqrt(squares);
		if (distance < best) {
			best = distance;
			found = (int32_t)c;
		}
		if ((int32_t)c == own)
			own_distance = distance;
		else if (distance < others)
			others = distance;
	}
	*ret_margin_V = others - own_distance;
	return found;
}

static void judge_errors(const struct examples *set, struct evaluation *e)
{
	double sum = 0;

	for (size_t i = 0; i < set->n * set->n_targets; i++) {
		double d = set->target_V[i] - e->outputs_V[i];

		sum += d * d;
	}
	e->error_V2 = sum / (double)(set->n * set->n_targets);
}

static void judge_classes(const struct data *data, const struct examples *set, struct evaluation *e)
{
	size_t n_right = 0;
	double margin_V;

	for (size_t i = 0; i < set->n; i++) {
		e->class_found[i] = evaluate_nearest(
			e->class_output_V, data->n_classes, set->n_targets,
			e->outputs_V + i * set->n_targets, set->class_[i], &margin_V);
		n_right += e->class_found[i] == set->class_[i];
	}
	e->accuracy = (double)n_right / (double)set->n;
}

int evaluate(struct rig *rig, const struct task *task, const struct data *data,
	     const struct examples *set, struct evaluation *e)
{
	int r = respond_often(rig, task, set->n, set->source_V, e);

	if (r < 0)
		return r;
	judge_errors(set, e);
	e->accuracy = NAN;
	if (strcmp(task->kind, "classification") != 0)
		return 0;
	r = respond_to_classes(rig, task, data, e->class_output_V);
	if (r < 0)
		return r;
	judge_classes(data, set, e);
	return 0;
}

static void take_class_targets(const struct data *data, struct examples *set)
{
	for (size_t i = 0; i < set->n; i++)
		memcpy(set->target_V + i * set->n_targets,
		       data->class_V + (size_t)set->class_[i] * set->n_targets,
		       set->n_targets * sizeof(double));
}

int evaluate_class_means(struct rig *rig, const struct task *task, struct data *data,
			 struct evaluation *e)
{
	int r = respond_to_classes(rig, task, data, e->class_output_V);

	if (r < 0)
		return r;
	memcpy(data->class_V, e->class_output_V,
	       data->n_classes * task->n_targets * sizeof(double));
	take_class_targets(data, &data->train);
	take_class_targets(data, &data->test);
	return 0;
}
