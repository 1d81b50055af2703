/* daemon/runner_change.c - changes to parameters and edges: made on the rig, kept by the store, told to everybody. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/runner.h"

/* ---- telling ---- */

void runner_post(struct runner *r, struct change *c)
{
	if (r->run)
		store_post_after(r->store, c, r->run->ring, r->run->step);
	else
		store_post(r->store, c);
}

void runner_event(struct runner *r, struct change *c, const char *kind, const char *who,
		  const char *what, json_t *old, json_t *new_)
{
	uint64_t run = r->run ? r->run->number : 0, step = r->run ? r->run->step : 0;

	change_event(c, run, step, kind, who, what, old, new_);
	report_send(
		r->reports,
		&(struct report){
			.kind = REPORT_EVENT,
			.run = run,
			.step = step,
			.rows = step,
			.json = json_pack("{s:s, s:I, s:I, s:s, s:s, s:o, s:o}", "event", kind,
					  "run", (json_int_t)run, "step", (json_int_t)step, "who",
					  who, "what", what, "old", old ? old : json_null(), "new",
					  new_ ? new_ : json_null()),
		});
}

int runner_problem(struct runner *r, int error, struct problem *p)
{
	const struct rig_error *e = rig_error(r->rig);
	enum problem_code code = PROBLEM_DEVICE;

	if (error == -ERANGE)
		code = PROBLEM_LIMIT;
	else if (error == -EINVAL || error == -ENOTCONN || error == -ENOTSUP || error == -EDOM)
		code = PROBLEM_PARAMS;
	else if (error == -EPERM)
		code = PROBLEM_STATE;
	else if (error == -EINTR)
		return problem_set(p, PROBLEM_STATE, "", "it was cut short by an abort");
	return problem_set(p, code, "", "%s", e->text);
}

/* ---- parameters ---- */

/* Sets *params' bias voltage: as it is read back where that is possible, else as it was commanded. */
static int params_to_rig(struct runner *r, struct params *params, double bias_V)
{
	int e = rig_set_capacitance(r->rig, params->capacitance_F);

	if (e == 0 && r->info->overdamped)
		e = rig_set_alpha(r->rig, params->alpha_per_s);
	if (e == 0)
		e = rig_set_step_time(r->rig, params->tau_s);
	if (e == 0)
		e = rig_set_update(r->rig, params->p, bias_V);
	params->bias_V = bias_V;
	if (e == 0 && r->info->bias && rig_bias(r->rig, &params->bias_V) < 0)
		params->bias_V = bias_V;
	return e;
}

int runner_settings_to_rig(struct runner *r)
{
	struct problem p = {0};
	double bias_V;

	/* a new curve that does not reach the present p leaves the bias as it was */
	if (calibration_bias(&r->calibration, r->info, r->params.p, &bias_V, &p) < 0) {
		log_line(LOG_WARNING_, "calibration.refused", "%s", p.message);
		bias_V = r->params.bias_V;
	}
	problem_clear(&p);
	return params_to_rig(r, &r->params, bias_V);
}

int runner_calibration_to_rig(struct runner *r)
{
	return calibration_to_rig(&r->calibration, r->rig, r->config ? r->config->daq.gain : NULL,
				  r->config ? r->config->daq.n_gain : 0);
}

static bool same_values(const struct params *a, const struct params *b)
{
	return a->eta == b->eta && a->p == b->p && a->tau_s == b->tau_s &&
	       a->capacitance_F == b->capacitance_F &&
	       (a->alpha_per_s == b->alpha_per_s ||
		(isnan(a->alpha_per_s) && isnan(b->alpha_per_s)));
}

static bool disturbs_charge(const struct runner *r, const struct params *params)
{
	const struct task *task = r->run ? r->run->task : NULL;

	return task && params->capacitance_F > 0 && isnan(task->test.settle_s) &&
	       (task->test.present || task->targets_from == TASK_TARGETS_CLASS_MEANS);
}

static void tell_params(struct runner *r, struct change *c, const struct params *new_,
			const char *who)
{
	uint64_t run = r->run ? r->run->number : 0, step = r->run ? r->run->step : 0;
	double r0_ohm = r->info->r0_ohm;
	json_t *old_json = params_json(&r->params, r0_ohm);

	r->params = *new_;
	r->params.rev++;
	change_params(c, run, step, &r->params, r0_ohm, who);
	runner_event(r, c, "param", who, "params", old_json, params_json(&r->params, r0_ohm));
	report_send(r->reports, &(struct report){
					.kind = REPORT_PARAMS,
					.run = run,
					.step = step,
					.rows = step,
					.params = r->params,
				});
}

void runner_params_moved(struct runner *r, struct change *c, const char *who)
{
	const struct params now = r->params;

	tell_params(r, c, &now, who);
}

int runner_set_params(struct runner *r, struct change *c, const json_t *change, const char *who,
		      struct problem *p)
{
	struct params new_ = r->params;
	double bias_V;
	bool paced;
	int e;

	if (change && params_apply(&new_, change, r->info, p) < 0)
		return -1;
	if (disturbs_charge(r, &new_))
		return problem_set(
			p, PROBLEM_PARAMS, "/capacitance_F",
			"with a capacitor, tests and class means disturb the charge: give "
			"test: {settle_s: ...}");
	if (calibration_bias(&r->calibration, r->info, new_.p, &bias_V, p) < 0)
		return -1;
	e = params_to_rig(r, &new_, bias_V);
	if (e < 0) {
		runner_problem(r, e, p);
		runner_settings_to_rig(r);
		return -1;
	}
	if (same_values(&new_, &r->params)) {
		r->params.bias_V = new_.bias_V;
		return 0;
	}
	paced = r->run && r->run->started && r->info->interlocks && new_.tau_s != r->params.tau_s;
	tell_params(r, c, &new_, who);
	if (paced) /* another tau, perhaps another number of steps between two readings */
		runner_tell_method(r);
	return 0;
}

/* ---- edges ---- */

static const char *const modes[] = {[RIG_LEARN] = "learn", [RIG_HOLD] = "hold", [RIG_CUT] = "cut"};

/* What a cut leaves without a path to a source reads NAN from now on: say which. */
static void tell_floating(struct runner *r, struct change *c, const char *who)
{
	const uint32_t *nodes;
	size_t n = r->run ? rig_floating(r->rig, &nodes) : 0;
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(nodes[i]));
	if (n)
		runner_event(r, c, "note", who, "floating nodes", NULL, json_incref(list));
	json_decref(list);
}

int runner_set_mode(struct runner *r, struct change *c, size_t edge, enum rig_edge_mode mode,
		    const char *who, struct problem *p)
{
	char what[32];
	uint8_t old;
	int e = rig_set_edge_mode(r->rig, edge, mode);

	if (e < 0)
		return runner_problem(r, e, p);
	pthread_mutex_lock(&r->edges_lock);
	old = r->mode[edge];
	r->mode[edge] = (uint8_t)mode;
	pthread_mutex_unlock(&r->edges_lock);
	snprintf(what, sizeof(what), "edge %zu", edge);
	runner_event(r, c, modes[mode], who, what, json_string(modes[old]),
		     json_string(modes[mode]));
	if (mode == RIG_CUT)
		tell_floating(r, c, who);
	return 0;
}

int runner_take_edges(struct runner *r)
{
	size_t n = r->info->n_edges;
	struct rig_edges edges = {.wiper = r->read_wiper, .mode = r->read_mode, .now = true};
	int e;

	if (r->info->continuous)
		edges.r_ohm = r->read_r_ohm;
	e = rig_read_edges(r->rig, &edges); /* boards take their time: not under the lock */
	pthread_mutex_lock(&r->edges_lock);
	r->edges_known = e == 0;
	if (e == 0) {
		memcpy(r->wiper, r->read_wiper, n);
		memcpy(r->mode, r->read_mode, n);
	}
	if (e == 0 && r->info->continuous)
		memcpy(r->r_ohm, r->read_r_ohm, n * sizeof(double));
	pthread_mutex_unlock(&r->edges_lock);
	return e;
}

/* The last row of the ring that is on, as it was pushed; a bench that does not read at each step keeps them itself. */
static void newest_edges(struct ring *ring, uint8_t *row, uint8_t *wiper, double *r_ohm)
{
	const struct record_layout *layout = ring_layout(ring);
	uint64_t head = ring_head(ring), from = head ? head - 1 : 0;

	if (!head || ring_copy(ring, &from, row, 1) != 1 ||
	    record_head(row)->flags & RECORD_WIPER_UNREAD)
		return;
	memcpy(wiper, record_bytes(row, layout->wiper), layout->n_wipers);
	memcpy(r_ohm, record_reals(row, layout->r_ohm), layout->n_r_ohm * sizeof(double));
}

bool runner_edges(struct runner *r, uint8_t *wiper, uint8_t *mode, double *r_ohm)
{
	const struct rig_edge_config *edge = &r->info->edge;
	size_t n = r->info->n_edges;
	struct ring *ring;
	uint8_t *row;
	bool known;

	pthread_mutex_lock(&r->edges_lock);
	memcpy(wiper, r->wiper, n);
	memcpy(mode, r->mode, n);
	memcpy(r_ohm, r->r_ohm, n * sizeof(double));
	known = r->edges_known;
	ring = r->edges_ring ? ring_ref(r->edges_ring) : NULL;
	pthread_mutex_unlock(&r->edges_lock);
	row = ring ? malloc(ring_layout(ring)->row_bytes) : NULL;
	if (row)
		newest_edges(ring, row, wiper, r_ohm);
	free(row);
	ring_unref(ring);
	for (size_t j = 0; j < n && !r->info->continuous; j++)
		r_ohm[j] =
			edge->r_min_ohm + (known ? wiper[j] : edge->initial_tap) * edge->r_step_ohm;
	return known;
}

uint64_t runner_number(struct runner *r)
{
	uint64_t number;

	pthread_mutex_lock(&r->edges_lock);
	number = r->edges_ring ? ring_run(r->edges_ring) : r->calibrating;
	pthread_mutex_unlock(&r->edges_lock);
	return number;
}
