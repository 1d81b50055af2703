/* daemon/rig_command.c - what the rig's thread does with each command, between two steps. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"
#include "daemon/rig_command.h"
#include "protocol/reply.h"

static const char *const safe_names[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
					 [RIG_SAFE_COMMANDED] = "commanded",
					 [RIG_SAFE_UNKNOWN] = "unknown"};

/* ---- answers ---- */

/* The sender's change, with the result in it, goes behind the steps made so far, and the store reports the token.
 * Without one the answer goes straight back. */
static void answer(struct runner *r, struct rig_command *command, bool from_sender, json_t *result)
{
	if (from_sender && !command->dry_run) {
		change_result(command->change, result);
		runner_post(r, command->change);
		command->change = NULL;
		return;
	}
	if (!from_sender && command->change) {
		runner_post(r, command->change);
		command->change = NULL;
	}
	if (!command->token) {
		json_decref(result);
		return;
	}
	report_send(r->reports, &(struct report){
					.kind = REPORT_ANSWER,
					.token = command->token,
					.json = result,
				});
}

static void answer_problem(struct runner *r, struct rig_command *command, struct problem *p)
{
	if (!command->token) {
		problem_clear(p);
		return;
	}
	report_send(r->reports, &(struct report){
					.kind = REPORT_ANSWER,
					.token = command->token,
					.problem = *p,
				});
}

/* Events need a change to ride in, also when the sender gave none. */
static struct change *change_of(struct rig_command *command)
{
	if (!command->change)
		command->change = change_new(0);
	return command->change;
}

/* ---- parameters ---- */

static json_t *params_result(const struct runner *r, const struct params *params)
{
	return json_pack("{s:I, s:o, s:o}", "rev", (json_int_t)params->rev, "effective_step",
			 r->run ? json_integer((json_int_t)r->run->step) : json_null(), "params",
			 params_json(params, r->info->r0_ohm));
}

static int set_params(struct runner *r, struct rig_command *command, json_t **ret,
		      struct problem *p)
{
	struct params trial = r->params;

	if (params_check_rev(&r->params, command->if_rev, p) < 0)
		return -1;
	if (command->dry_run) {
		if (params_apply(&trial, command->json, r->info, p) < 0)
			return -1;
	} else if (runner_set_params(r, change_of(command), command->json, command->who, p) < 0) {
		return -1;
	}
	*ret = params_result(r, command->dry_run ? &trial : &r->params);
	return 0;
}

/* ---- the run ---- */

static int check_run(const struct runner *r, const struct rig_command *command, struct problem *p)
{
	uint64_t on = r->run ? r->run->number : r->calibrate ? r->calibrate->number : 0;

	if (!command->run || on == command->run)
		return 0;
	if (!on)
		return problem_set(p, PROBLEM_NOT_FOUND, "/run", "run %llu is not on: none is",
				   (unsigned long long)command->run);
	return problem_set(p, PROBLEM_NOT_FOUND, "/run", "run %llu is not on: run %llu is",
			   (unsigned long long)command->run, (unsigned long long)on);
}

static json_t *run_result(uint64_t run, enum state state, uint64_t step)
{
	return json_pack("{s:I, s:s, s:I}", "run", (json_int_t)run, "state", state_name(state),
			 "step", (json_int_t)step);
}

/* A run that waits for a device goes on when that is back; asking is what brings it back. */
static int devices_are_back(struct runner *r, struct problem *p)
{
	int e = r->info->interlocks ? rig_idle(r->rig) : 0;

	runner_tell_notes(r);
	return e < 0 ? runner_problem(r, e, p) : 0;
}

static int steer(struct runner *r, struct rig_command *command, enum runner_input input,
		 json_t **ret, struct problem *p)
{
	static const char *const what[] = {
		[RUNNER_PAUSE] = "pause", [RUNNER_RESUME] = "resume", [RUNNER_STOP] = "stop"};

	if (check_run(r, command, p) < 0 || runner_may(r, input, p) < 0 ||
	    (input == RUNNER_RESUME && devices_are_back(r, p) < 0))
		return -1;
	if (!command->dry_run) {
		runner_change_state(r, input, p);
		runner_event(r, change_of(command), "run", command->who, what[input], NULL, NULL);
		if (input != RUNNER_STOP)
			change_run_status(change_of(command), r->run->number,
					  input == RUNNER_PAUSE ? "paused" : "running", NULL);
		r->run->unpaced = true;
		if (input == RUNNER_STOP)
			runner_end_soon(r, "stopped", command->who);
	}
	*ret = run_result(r->run->number, r->state, r->run->step);
	return 0;
}

static int suspend(struct runner *r, const struct rig_command *command, struct problem *p)
{
	if (check_run(r, command, p) < 0)
		return -1;
	runner_suspend(r, json_string_value(json_object_get(command->json, "reason")),
		       json_is_true(json_object_get(command->json, "safe")));
	return 0;
}

static int abort_run(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	uint64_t run, step;
	char reason[96];

	if (check_run(r, command, p) < 0 || runner_may(r, RUNNER_ABORT, p) < 0)
		return -1;
	run = r->run ? r->run->number : r->calibrate->number;
	step = r->run ? r->run->step : r->calibrate->done;
	snprintf(reason, sizeof(reason), "aborted by %s", command->who);
	if (!command->dry_run)
		runner_break_off(r, "aborted", reason);
	*ret = run_result(run, r->state, step);
	return 0;
}

static int make_safe(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	char reason[96];

	(void)p;
	snprintf(reason, sizeof(reason), "rig.safe by %s", command->who);
	*ret = json_pack("{s:s}", "safe",
			 command->dry_run ? "unknown"
					  : safe_names[runner_break_off(r, "aborted", reason)]);
	return 0;
}

/* ---- edges and volts ---- */

static int set_edge(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	static const char *const modes[] = {
		[RIG_LEARN] = "learn", [RIG_HOLD] = "hold", [RIG_CUT] = "cut"};

	if (command->edge >= r->info->n_edges)
		return problem_set(p, PROBLEM_NOT_FOUND, "/edge",
				   "edge %zu is not there: the edges are 0 to %zu", command->edge,
				   r->info->n_edges - 1);
	if (!command->dry_run &&
	    runner_set_mode(r, change_of(command), command->edge, (enum rig_edge_mode)command->mode,
			    command->who, p) < 0)
		return -1;
	*ret = json_pack("{s:I, s:s}", "edge", (json_int_t)command->edge, "mode",
			 modes[command->mode]);
	return 0;
}

static json_t *volts_by_node(const uint32_t *nodes, const double *volts, size_t n)
{
	json_t *object = json_object();
	char name[16];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%u", nodes[i]);
		json_object_set_new(object, name,
				    isfinite(volts[i]) ? json_real(volts[i]) : json_null());
	}
	return object;
}

/* The result of rig.apply and rig.read.  Volts that are not known are null, and are listed. */
static json_t *readings(struct runner *r, const uint32_t *nodes, size_t n, const double *free_V,
			const double *clamped_V, const uint8_t *wiper, const double *r_ohm)
{
	json_t *result = json_object(), *taps = json_array(), *invalid = json_array();
	const double *const sides[] = {free_V, clamped_V};
	const char *const names[] = {"free_V", "clamped_V"};
	const uint32_t *floating;
	size_t n_floating = r->begun ? rig_floating(r->rig, &floating) : 0;
	char path[32];

	for (size_t s = 0; s < 2; s++) {
		json_object_set_new(result, names[s], volts_by_node(nodes, sides[s], n));
		for (size_t i = 0; i < n; i++) {
			snprintf(path, sizeof(path), "%s/%u", names[s], nodes[i]);
			if (!isfinite(sides[s][i]))
				json_array_append_new(invalid, json_string(path));
		}
	}
	for (size_t j = 0; j < r->info->n_edges && !r->info->continuous; j++)
		json_array_append_new(taps, json_integer(wiper[j]));
	json_object_set_new(result, "wiper", taps);
	if (r_ohm)
		json_object_set_new(result, "r_ohm", reply_reals(r_ohm, r->info->n_edges));
	json_object_set_new(result, "capacitance_F", json_real(r->params.capacitance_F));
	if (n_floating) {
		json_t *list = json_array();

		for (size_t i = 0; i < n_floating; i++)
			json_array_append_new(list, json_integer(floating[i]));
		json_object_set_new(result, "floating", list);
	}
	if (json_array_size(invalid))
		json_object_set(result, "invalid", invalid);
	json_decref(invalid);
	return result;
}

struct volts { /* of every node, or of those of a map */
	uint32_t *nodes;
	double *free_V, *clamped_V;
	size_t n;
};

static void volts_free(struct volts *v)
{
	free(v->nodes);
	free(v->free_V);
	free(v->clamped_V);
}

static int volts_new(size_t n, struct volts *ret, struct problem *p)
{
	*ret = (struct volts){
		.nodes = calloc(n + 1, sizeof(uint32_t)),
		.free_V = calloc(n + 1, sizeof(double)),
		.clamped_V = calloc(n + 1, sizeof(double)),
		.n = n,
	};
	for (size_t i = 0; ret->nodes && i < n; i++)
		ret->nodes[i] = (uint32_t)i;
	for (size_t i = 0; ret->free_V && ret->clamped_V && i < n; i++)
		ret->free_V[i] = ret->clamped_V[i] = NAN;
	if (ret->nodes && ret->free_V && ret->clamped_V)
		return 0;
	volts_free(ret);
	return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
}

static int check_volts(const struct runner *r, const char *path, const char *node, double volts,
		       struct problem *p)
{
	const struct rig_limits *limits = &r->info->limits;
	bool above = volts > limits->max_V;
	double limit_V = above ? limits->max_V : limits->min_V;

	if (!above && volts >= limits->min_V)
		return 0;
	problem_set(p, PROBLEM_LIMIT, path, "%g V is %s the limit of %g V for node %s%s%s%s", volts,
		    above ? "above" : "below", limit_V, node, limits->where[0] ? " (" : "",
		    limits->where, limits->where[0] ? ")" : "");
	problem_add(p, "value", json_real(volts));
	problem_add(p, above ? "max" : "min", json_real(limit_V));
	return -1;
}

/* {node: volts} as lists. */
static int read_map(const struct runner *r, const json_t *map, const char *name, struct volts *ret,
		    struct problem *p)
{
	const json_t *volts;
	const char *node;
	char path[64];
	size_t i = 0;

	if (volts_new(json_object_size(map), ret, p) < 0)
		return -1;
	json_object_foreach((json_t *)map, node, volts)
	{
		unsigned long number = strtoul(node, NULL, 10);

		snprintf(path, sizeof(path), "/%s/%s", name, node);
		if (number >= r->info->n_nodes) {
			volts_free(ret);
			return problem_set(p, PROBLEM_NOT_FOUND, path,
					   "node %s is not there: the nodes are 0 to %zu", node,
					   r->info->n_nodes - 1);
		}
		if (check_volts(r, path, node, json_number_value(volts), p) < 0) {
			volts_free(ret);
			return -1;
		}
		ret->nodes[i] = (uint32_t)number;
		ret->free_V[i++] = json_number_value(volts);
	}
	return 0;
}

static int measure_all(struct runner *r, json_t **ret, struct problem *p)
{
	struct volts all;
	int e = 0;

	if (volts_new(r->info->n_nodes, &all, p) < 0)
		return -1;
	if (r->begun)
		e = rig_measure(r->rig, RIG_FREE, all.nodes, all.n, all.free_V);
	if (e == 0 && r->begun)
		e = rig_measure(r->rig, RIG_CLAMPED, all.nodes, all.n, all.clamped_V);
	if (e == 0)
		e = runner_take_edges(r);
	if (e == 0)
		*ret = readings(r, all.nodes, all.n, all.free_V, all.clamped_V, r->wiper,
				r->info->continuous ? r->r_ohm : NULL);
	else
		runner_problem(r, e, p);
	volts_free(&all);
	return e;
}

static int drive(struct runner *r, const struct volts *sources, const struct volts *targets,
		 double settle_s)
{
	const struct rig_session session = {.sources = sources->nodes,
					    .n_sources = sources->n,
					    .targets = targets->nodes,
					    .n_targets = targets->n,
					    .measured = sources->nodes,
					    .n_measured = sources->n};
	int e = rig_begin(r->rig, &session);

	r->begun = e == 0;
	if (e == 0)
		e = rig_drive(r->rig, RIG_FREE, sources->free_V, sources->n);
	if (e == 0)
		e = rig_drive(r->rig, RIG_CLAMPED, sources->free_V, sources->n);
	if (e == 0)
		e = rig_clamp(r->rig, targets->free_V, targets->n);
	return e < 0 ? e : rig_settle(r->rig, settle_s);
}

static int apply(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	const json_t *settle = json_object_get(command->json, "settle_s");
	struct volts sources, targets;
	int e;

	if (r->run)
		return problem_set(p, PROBLEM_STATE, "",
				   "rig.apply is not possible while a run is on (the rig is %s): "
				   "run.stop ends it",
				   state_name(r->state));
	if (read_map(r, json_object_get(command->json, "source_V"), "source_V", &sources, p) < 0)
		return -1;
	if (read_map(r, json_object_get(command->json, "target_V"), "target_V", &targets, p) < 0) {
		volts_free(&sources);
		return -1;
	}
	e = command->dry_run ? 0 : drive(r, &sources, &targets, json_number_value(settle));
	if (e < 0)
		runner_problem(r, e, p);
	else if (command->dry_run)
		*ret = json_object();
	else
		e = measure_all(r, ret, p);
	volts_free(&sources);
	volts_free(&targets);
	return e < 0 ? -1 : 0;
}

/* During a run: the last step's values; no output is touched. */
static int read_last_step(struct runner *r, json_t **ret, struct problem *p)
{
	const struct run *run = r->run;
	uint64_t from = run->step ? run->step - 1 : 0;
	uint8_t *row = malloc(run->layout.row_bytes);

	if (!row)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (!run->step || ring_copy(run->ring, &from, row, 1) != 1) {
		free(row);
		return problem_set(p, PROBLEM_STATE, "", "the run has made no step yet");
	}
	*ret = readings(r, run->task->measured, run->layout.n_measured,
			record_reals(row, run->layout.free_V),
			record_reals(row, run->layout.clamped_V),
			record_bytes(row, run->layout.wiper),
			run->layout.n_r_ohm ? record_reals(row, run->layout.r_ohm) : NULL);
	free(row);
	return 0;
}

static int read_rig(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	const json_t *settle = json_object_get(command->json, "settle_s");
	int e;

	if (r->run)
		return read_last_step(r, ret, p);
	e = rig_settle(r->rig, json_number_value(settle));
	return e < 0 ? runner_problem(r, e, p) : measure_all(r, ret, p);
}

/* ---- edge states ---- */

static int write_edges(struct runner *r, const json_t *json)
{
	const json_t *taps = json_object_get(json, "taps"), *ohms = json_object_get(json, "r_ohm");
	size_t n = r->info->n_edges;
	uint8_t *wiper = calloc(n + 1, 1);
	double *r_ohm = calloc(n + 1, sizeof(*r_ohm));
	int e = wiper && r_ohm ? 0 : -ENOBUFS;

	for (size_t j = 0; e == 0 && j < n; j++) {
		wiper[j] = (uint8_t)json_integer_value(json_array_get(taps, j));
		r_ohm[j] = json_number_value(json_array_get(ohms, j));
	}
	if (e == 0)
		e = ohms ? rig_write_resistances(r->rig, r_ohm, n)
			 : rig_write_edges(r->rig, wiper, n);
	free(wiper);
	free(r_ohm);
	return e < 0 ? e : runner_take_edges(r);
}

static int restore(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	const char *name = json_string_value(json_object_get(command->json, "name"));
	int e;

	if (r->run || r->state != STATE_IDLE)
		return problem_set(p, PROBLEM_STATE, "",
				   "checkpoint.restore is for an idle rig; this one is %s",
				   state_name(r->state));
	if ((json_object_get(command->json, "r_ohm") != NULL) != r->info->continuous)
		return problem_set(p, PROBLEM_PARAMS, "/name",
				   "checkpoint \"%s\" is of another kind of rig", name);
	e = command->dry_run ? 0 : write_edges(r, command->json);
	if (e == -ENOBUFS)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (e < 0)
		return runner_problem(r, e, p);
	if (!command->dry_run)
		runner_event(r, change_of(command), "checkpoint", command->who, name, NULL,
			     json_string("restored"));
	*ret = json_deep_copy(command->json);
	return 0;
}

/* ---- all of them ---- */

static int carry_out(struct runner *r, struct rig_command *command, json_t **ret, struct problem *p)
{
	if (calibrate_may(r, command, p) < 0)
		return -1;
	switch (command->kind) {
	case RIG_COMMAND_RUN:
		runner_begin(r, command->plan);
		command->plan = NULL;
		*ret = json_object();
		return 0;
	case RIG_COMMAND_PARAMS:
		return set_params(r, command, ret, p);
	case RIG_COMMAND_PAUSE:
		return steer(r, command, RUNNER_PAUSE, ret, p);
	case RIG_COMMAND_RESUME:
		return steer(r, command, RUNNER_RESUME, ret, p);
	case RIG_COMMAND_SUSPEND:
		*ret = json_object();
		return suspend(r, command, p);
	case RIG_COMMAND_STOP:
		return steer(r, command, RUNNER_STOP, ret, p);
	case RIG_COMMAND_ABORT:
		return abort_run(r, command, ret, p);
	case RIG_COMMAND_SAFE:
		return make_safe(r, command, ret, p);
	case RIG_COMMAND_EDGE:
		return set_edge(r, command, ret, p);
	case RIG_COMMAND_APPLY:
		return apply(r, command, ret, p);
	case RIG_COMMAND_RESTORE:
		return restore(r, command, ret, p);
	case RIG_COMMAND_READ:
		return read_rig(r, command, ret, p);
	case RIG_COMMAND_CALIBRATE:
		break; /* answers by itself */
	case RIG_COMMAND_WAKE:
		*ret = json_object();
		return 0;
	case RIG_COMMAND_QUIT:
		if (r->calibrate) {
			rig_make_safe(r->rig);
			calibrate_break_off(r, "aborted", "daemon stopped", false);
		}
		if (r->run) {
			runner_change_state(r, RUNNER_STOP, NULL);
			r->run->no_last_test = true;
			runner_end_soon(r, "stopped", "daemon stopped");
		}
		*ret = json_object();
		return 0;
	}
	return problem_set(p, PROBLEM_INTERNAL, "", "no such command");
}

void rig_command(struct runner *r, struct rig_command *command)
{
	struct problem p = {0};
	json_t *result = NULL;
	bool from_sender = command->change != NULL;

	if (command->kind == RIG_COMMAND_CALIBRATE)
		calibrate_begin(r, command);
	else if (carry_out(r, command, &result, &p) == 0)
		answer(r, command, from_sender, result);
	else
		answer_problem(r, command, &p);
	if (command->change)
		change_free(command->change);
	json_decref(command->json);
}
