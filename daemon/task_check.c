/* daemon/task_check.c - what a task asks of the rig, before it is asked: limits, floating nodes, predicted volts and watts. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/task_impl.h"
#include "protocol/reply.h"
#include "sim_backend/circuit.h"

/* Noise is drawn within so many rms of its value (step.c); what is checked here therefore holds at every step. */

static int no_memory(struct problem *p)
{
	return problem_set(p, PROBLEM_INTERNAL, "", "out of memory while checking the task");
}

/* ---- limits ---- */

static int check_volts(const struct rig_info *info, const char *path, uint32_t node, double volts,
		       struct problem *p)
{
	const struct rig_limits *limits = &info->limits;
	bool above = volts > limits->max_V, below = volts < limits->min_V;

	if (!above && !below && isfinite(volts))
		return 0;
	problem_set(p, PROBLEM_LIMIT, path, "%g V is %s the limit of %g V for node %u%s%s%s", volts,
		    above ? "above" : "below", above ? limits->max_V : limits->min_V, node,
		    limits->where[0] ? " (" : "", limits->where, limits->where[0] ? ")" : "");
	problem_add(p, "value", json_real(volts));
	problem_add(p, above ? "max" : "min", json_real(above ? limits->max_V : limits->min_V));
	return -1;
}

static int check_set(const struct task *task, const struct task_set *set, const char *name,
		     const struct rig_info *info, struct problem *p)
{
	const struct examples *e = &set->given;
	char path[128];

	for (size_t i = 0; i < e->n * task->n_sources; i++) {
		size_t k = i % task->n_sources;

		snprintf(path, sizeof(path), "/%s/examples/%zu/source_V/%zu", name,
			 i / task->n_sources, k);
		if (check_volts(info, path, task->sources[k], e->source_V[i], p) < 0)
			return -1;
	}
	for (size_t i = 0; i < e->n * task->n_targets; i++) {
		size_t k = i % task->n_targets;

		if (task->targets_from == TASK_TARGETS_CLASS_MEANS)
			break;
		snprintf(path, sizeof(path), "/%s/examples/%zu/target_V/%zu", name,
			 i / task->n_targets, k);
		if (check_volts(info, path, task->targets[k], e->target_V[i], p) < 0)
			return -1;
	}
	return 0;
}

/* The corners of what a generator can draw. */
static int check_generator(const struct task *task, const struct task_set *set, const char *name,
			   const struct rig_info *info, struct problem *p)
{
	char path[64];

	for (size_t k = 0; k < task->n_sources; k++) {
		double low = isnan(set->fixed_V[k]) ? set->min_V : set->fixed_V[k];
		double high = isnan(set->fixed_V[k]) ? set->max_V : set->fixed_V[k];

		snprintf(path, sizeof(path), "/%s/generate/uniform_V", name);
		if (check_volts(info, path, task->sources[k], low, p) < 0 ||
		    check_volts(info, path, task->sources[k], high, p) < 0)
			return -1;
	}
	for (size_t t = 0; t < task->n_targets; t++) {
		double low = 0, high = 0;

		for (size_t k = 0; k < set->n_drawn; k++) {
			double factor = set->map[t * set->n_drawn + k];

			low += factor * (factor > 0 ? set->min_V : set->max_V);
			high += factor * (factor > 0 ? set->max_V : set->min_V);
		}
		snprintf(path, sizeof(path), "/%s/generate/target/%zu", name, t);
		if (check_volts(info, path, task->targets[t], low, p) < 0 ||
		    check_volts(info, path, task->targets[t], high, p) < 0)
			return -1;
	}
	return 0;
}

int task_check_limits(const struct task *task, const struct rig_info *info, struct problem *p)
{
	const struct task_set *sets[] = {&task->train, &task->test_set};
	const char *const names[] = {"train", "test"};
	char path[64];

	for (size_t s = 0; s < 2; s++) {
		if (sets[s]->source == TASK_GIVEN &&
		    check_set(task, sets[s], names[s], info, p) < 0)
			return -1;
		if (sets[s]->source == TASK_GENERATE &&
		    check_generator(task, sets[s], names[s], info, p) < 0)
			return -1;
	}
	for (size_t i = 0; i < task->n_schedule; i++) {
		const struct task_event *event = &task->schedule[i];

		for (size_t t = 0; event->target_V && t < task->n_targets; t++) {
			snprintf(path, sizeof(path), "/schedule/%zu/target_V/%zu", event->index, t);
			if (check_volts(info, path, task->targets[t], event->target_V[t], p) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- cuts ---- */

/* Who floats is all that is asked: the solver that is made fastest. */
static const struct circuit_options not_solved = {CIRCUIT_PCG, NAN, INFINITY};

static int open_circuit(const struct task *task, const struct rig_info *info, const uint8_t *cut,
			const char *path, const struct circuit_options *options,
			struct circuit **ret, struct problem *p)
{
	struct network_error error;
	int r = circuit_new(info->network, cut, task->sources, task->n_sources, task->targets,
			    task->n_targets, options, ret, &error);

	if (r == -ENOMEM)
		return no_memory(p);
	if (r < 0)
		return problem_set(p, PROBLEM_PARAMS, path, "%s", error.text);
	return 0;
}

/* Names the nodes that nothing holds, as a warning for people. */
static void warn_floating(const struct circuit *circuit, const char *when, json_t *warnings)
{
	const uint32_t *nodes;
	size_t n = circuit_floating(circuit, &nodes), used;
	char text[256];

	if (n == 0)
		return;
	used = (size_t)snprintf(text, sizeof(text), "%s: no path to a source from node", when);
	for (size_t i = 0; i < n && used + 16 < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %u", i ? "," : "",
					 nodes[i]);
	json_array_append_new(warnings, json_string(text));
}

/* The network after each scheduled cut, one after the other. */
static int try_cuts(const struct task *task, const struct rig_info *info, json_t *warnings,
		    struct problem *p)
{
	uint8_t *cut = calloc(info->n_edges + 1, 1);
	char path[64], when[64];
	int r = 0;

	if (!cut)
		return no_memory(p);
	for (size_t i = 0; r == 0 && i < task->n_schedule; i++) {
		const struct task_event *event = &task->schedule[i];
		struct circuit *circuit = NULL;

		if (event->kind == TASK_HOLD || event->kind == TASK_LEARN)
			cut[event->edge] = 0;
		if (event->kind != TASK_CUT)
			continue;
		cut[event->edge] = 1;
		snprintf(path, sizeof(path), "/schedule/%zu/cut", event->index);
		snprintf(when, sizeof(when), "after the cut of edge %zu at step %llu", event->edge,
			 (unsigned long long)event->at);
		r = open_circuit(task, info, cut, path, &not_solved, &circuit, p);
		if (r == 0 && warnings)
			warn_floating(circuit, when, warnings);
		circuit_free(circuit);
	}
	free(cut);
	return r;
}

int task_check_cuts(const struct task *task, const struct rig_info *info, struct problem *p)
{
	struct circuit *circuit = NULL;

	if (open_circuit(task, info, NULL, "/targets", &not_solved, &circuit, p) < 0)
		return -1;
	circuit_free(circuit);
	return try_cuts(task, info, NULL, p);
}

/* ---- prediction ---- */

struct prediction {
	const struct task *task;
	const struct rig_info *info;
	struct circuit *circuit;
	double *g_S;                /* [n_edges] */
	double *free_V, *clamped_V; /* [n_nodes] */
	double *clamp_V;            /* [n_targets] */
	double *edge_W;             /* [n_edges] largest over examples and both networks */
	double *source_A;           /* [n_nodes] largest magnitude out of a source, or a clamp */
	double *node_A;             /* [n_nodes] scratch */
	bool failed;                /* a circuit could not be solved */
};

static void prediction_free(struct prediction *p)
{
	circuit_free(p->circuit);
	free(p->g_S);
	free(p->free_V);
	free(p->clamped_V);
	free(p->clamp_V);
	free(p->edge_W);
	free(p->source_A);
	free(p->node_A);
}

/* Interlocks look at the taps that the run begins with, others at those that are there. */
static double start_ohm(const struct task *task, const struct rig_info *info, const double *r_ohm,
			size_t j)
{
	bool as_it_is = !info->interlocks || task->initial == TASK_KEEP;
	int tap = task->initial == TASK_TAPS && info->interlocks ? task->taps[j]
								 : info->edge.initial_tap;

	return as_it_is && r_ohm ? r_ohm[j] : info->edge.r_min_ohm + tap * info->edge.r_step_ohm;
}

static int prediction_new(const struct task *task, const struct rig_info *info, const double *r_ohm,
			  struct prediction *ret, struct problem *problem)
{
	struct prediction p = {.task = task, .info = info};

	if (open_circuit(task, info, NULL, "/targets", NULL, &p.circuit, problem) < 0)
		return -1;
	p.g_S = calloc(info->n_edges + 1, sizeof(double));
	p.free_V = calloc(info->n_nodes, sizeof(double));
	p.clamped_V = calloc(info->n_nodes, sizeof(double));
	p.clamp_V = calloc(task->n_targets + 1, sizeof(double));
	p.edge_W = calloc(info->n_edges + 1, sizeof(double));
	p.source_A = calloc(info->n_nodes, sizeof(double));
	p.node_A = calloc(info->n_nodes, sizeof(double));
	if (!p.g_S || !p.free_V || !p.clamped_V || !p.clamp_V || !p.edge_W || !p.source_A ||
	    !p.node_A) {
		prediction_free(&p);
		return no_memory(problem);
	}
	for (size_t j = 0; j < info->n_edges; j++)
		p.g_S[j] = 1.0 / start_ohm(task, info, r_ohm, j);
	if (circuit_factor(p.circuit, p.g_S) < 0) {
		prediction_free(&p);
		return problem_set(problem, PROBLEM_INTERNAL, "", "the network cannot be solved");
	}
	*ret = p;
	return 0;
}

static void keep_current(struct prediction *p, const uint32_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->source_A[nodes[i]] = fmax(p->source_A[nodes[i]], fabs(p->node_A[nodes[i]]));
}

/* Joule's law on every edge, Kirchhoff's current law at every driven node; the largest so far is kept. */
static void keep_largest(struct prediction *p, const double *v)
{
	const struct network *net = p->info->network;

	for (size_t i = 0; i < p->info->n_nodes; i++)
		p->node_A[i] = 0;
	for (size_t j = 0; j < p->info->n_edges; j++) {
		double drop = v[net->a[j]] - v[net->b[j]], current = drop * p->g_S[j];

		if (!isfinite(drop))
			continue;
		p->edge_W[j] = fmax(p->edge_W[j], drop * current);
		p->node_A[net->a[j]] += current;
		p->node_A[net->b[j]] -= current;
	}
	keep_current(p, p->task->sources, p->task->n_sources);
	keep_current(p, p->task->targets, p->task->n_targets);
}

static json_t *by_node(const double *values, size_t n)
{
	json_t *object = json_object();
	char name[24];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		reply_set_real(object, name, values[i]);
	}
	return object;
}

static json_t *predict_example(struct prediction *p, const double *source_V, const double *target_V,
			       double eta, size_t i)
{
	const struct task *task = p->task;
	json_t *row = json_object();

	p->failed |= circuit_solve_free(p->circuit, source_V, p->free_V) < 0;
	for (size_t t = 0; t < task->n_targets; t++) {
		double v_f = p->free_V[task->targets[t]];

		/* Class means are the free response itself: nothing to nudge yet. */
		p->clamp_V[t] = isnan(target_V[t]) ? v_f : v_f + eta * (target_V[t] - v_f);
	}
	p->failed |= circuit_solve_clamped(p->circuit, p->clamp_V, p->clamped_V) < 0;
	keep_largest(p, p->free_V);
	keep_largest(p, p->clamped_V);
	json_object_set_new(row, "example", json_integer((json_int_t)i));
	json_object_set_new(row, "free_V", by_node(p->free_V, p->info->n_nodes));
	json_object_set_new(row, "clamped_V", by_node(p->clamped_V, p->info->n_nodes));
	return row;
}

/* A generated set is predicted at the middle of its range, where the map gives the target. */
static json_t *predict_generated(struct prediction *p, double eta)
{
	const struct task_set *set = &p->task->train;
	struct examples middle;
	json_t *list = json_array();

	if (examples_new(1, p->task->n_sources, p->task->n_targets, &middle) < 0)
		return list;
	for (size_t k = 0, drawn = 0; k < p->task->n_sources; k++) {
		middle.source_V[k] = set->fixed_V[k];
		if (!isnan(set->fixed_V[k]))
			continue;
		middle.source_V[k] = (set->min_V + set->max_V) / 2;
		for (size_t t = 0; t < p->task->n_targets; t++)
			middle.target_V[t] +=
				set->map[t * set->n_drawn + drawn] * middle.source_V[k];
		drawn++;
	}
	json_array_append_new(list, predict_example(p, middle.source_V, middle.target_V, eta, 0));
	examples_free(&middle);
	return list;
}

/* So many examples are listed; all of them count for the powers and currents. */
#define LISTED 16

static json_t *predict_given(struct prediction *p, double eta)
{
	const struct examples *e = &p->task->train.given;
	json_t *list = json_array();

	for (size_t i = 0; i < e->n; i++) {
		json_t *row = predict_example(p, e->source_V + i * e->n_sources,
					      e->target_V + i * e->n_targets, eta, i);

		if (i < LISTED)
			json_array_append(list, row);
		json_decref(row);
	}
	return list;
}

static void warn_limits(const struct prediction *p, json_t *warnings)
{
	const struct rig_limits *limits = &p->info->limits;
	char text[160];

	for (size_t j = 0; j < p->info->n_edges; j++) {
		if (p->edge_W[j] <= limits->edge_power_W)
			continue;
		snprintf(text, sizeof(text), "edge %zu: %.3g W, above the limit of %.3g W", j,
			 p->edge_W[j], limits->edge_power_W);
		json_array_append_new(warnings, json_string(text));
	}
	for (size_t k = 0; k < p->task->n_sources; k++) {
		uint32_t node = p->task->sources[k];

		if (p->source_A[node] <= limits->source_current_A)
			continue;
		snprintf(text, sizeof(text), "source %u: %.3g A, above the limit of %.3g A", node,
			 p->source_A[node], limits->source_current_A);
		json_array_append_new(warnings, json_string(text));
	}
}

/* ---- interlocks ---- */

static int refuse(const struct prediction *p, const char *what, size_t index, double value,
		  double limit, const char *unit, struct problem *problem)
{
	const char *where = p->info->limits.where;

	problem_set(problem, PROBLEM_LIMIT, "/train",
		    "%s %zu: %.3g %s, above the limit of %.3g %s%s%s%s, at the taps that the run "
		    "begins with",
		    what, index, value, unit, limit, unit, where[0] ? " (" : "", where,
		    where[0] ? ")" : "");
	problem_add(problem, what, json_integer((json_int_t)index));
	problem_add(problem, "value", json_real(value));
	problem_add(problem, "max", json_real(limit));
	return -1;
}

static int refuse_currents(const struct prediction *p, const char *what, const uint32_t *nodes,
			   size_t n, struct problem *problem)
{
	double limit_A = p->info->limits.source_current_A;

	for (size_t i = 0; i < n; i++)
		if (p->source_A[nodes[i]] > limit_A)
			return refuse(p, what, nodes[i], p->source_A[nodes[i]], limit_A, "A",
				      problem);
	return 0;
}

/* What the rig would refuse in the run's first step. */
static int refuse_limits(const struct prediction *p, struct problem *problem)
{
	double limit_W = p->info->limits.edge_power_W;

	for (size_t j = 0; j < p->info->n_edges; j++)
		if (p->edge_W[j] > limit_W)
			return refuse(p, "edge", j, p->edge_W[j], limit_W, "W", problem);
	if (refuse_currents(p, "source", p->task->sources, p->task->n_sources, problem) < 0)
		return -1;
	return refuse_currents(p, "target", p->task->targets, p->task->n_targets, problem);
}

int task_predict(const struct task *task, const struct rig_info *info, const double *r_ohm,
		 double eta, json_t **ret, struct problem *p)
{
	struct prediction prediction;
	json_t *warnings, *predicted, *currents;
	char name[24];

	if (prediction_new(task, info, r_ohm, &prediction, p) < 0)
		return -1;
	warnings = json_array();
	warn_floating(prediction.circuit, "from the start", warnings);
	if (try_cuts(task, info, warnings, p) < 0) {
		json_decref(warnings);
		prediction_free(&prediction);
		return -1;
	}
	predicted = task->train.source == TASK_GENERATE ? predict_generated(&prediction, eta)
							: predict_given(&prediction, eta);
	if (prediction.failed)
		problem_set(p, PROBLEM_INTERNAL, "", "%s", circuit_error(prediction.circuit));
	if (prediction.failed || (info->interlocks && refuse_limits(&prediction, p) < 0)) {
		json_decref(predicted);
		json_decref(warnings);
		prediction_free(&prediction);
		return -1;
	}
	warn_limits(&prediction, warnings);
	currents = json_object();
	for (size_t k = 0; k < task->n_sources; k++) {
		snprintf(name, sizeof(name), "%u", task->sources[k]);
		reply_set_real(currents, name, prediction.source_A[task->sources[k]]);
	}
	*ret = json_pack("{s:O, s:o, s:o, s:o, s:o}", "task", task->json, "warnings", warnings,
			 "predicted", predicted, "edge_power_W",
			 reply_reals(prediction.edge_W, info->n_edges), "source_current_A",
			 currents);
	prediction_free(&prediction);
	return *ret ? 0 : no_memory(p);
}
