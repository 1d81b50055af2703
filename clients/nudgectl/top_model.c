/* clients/nudgectl/top_model.c - what `nudgectl top` knows, record by record. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/top_model.h"

#define PACE_S  3.0 /* over how long the pace is taken */
#define STALE_S 4.0 /* so long voltages of a step wait for the desired ones of a later */

enum { NOT_READ = 16 }; /* a step's flag: no taps in it */

void top_copy(char *to, size_t size, const json_t *text)
{
	const char *value = json_string_value(text);

	snprintf(to, size, "%s", value ? value : "");
}

double top_real(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

uint64_t top_count(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

/* ---- life ---- */

struct top_model *top_model_new(void)
{
	struct top_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	top_begin_run(m, 0);
	for (size_t i = 0; i < TOP_PARAMS; i++)
		m->params[i].value = NAN;
	return m;
}

void top_model_free(struct top_model *m)
{
	if (!m)
		return;
	free(m->alarms);
	free(m->devices);
	free(m->targets);
	free(m->volts_V);
	free(m->rows_V);
	free(m->edges);
	free(m);
}

void top_begin_run(struct top_model *m, uint64_t run)
{
	m->run = run;
	m->steps = m->steps_total = m->mse_step = m->test_step = m->latest_step = 0;
	m->name[0] = m->kind[0] = m->status[0] = m->reason[0] = '\0';
	curve_init(&m->error, true);
	m->error.means = true; /* so that the past, which comes as means, goes on in the same way */
	curve_init(&m->tests, true);
	m->tests_are_accuracy = false;
	m->curve_from = UINT64_MAX;
	m->mse_V2 = m->mse_first_V2 = m->mse_min_V2 = NAN;
	m->test_error_V2 = m->test_best_V2 = m->accuracy = m->accuracy_best = NAN;
	m->lateness_mean_s = m->lateness_worst_s = m->pace_per_s = NAN;
	m->n_samples = 0;
	m->n_targets = m->n_rows = 0;
	for (size_t i = 0; i < m->n_edges; i++)
		m->edges[i].lit = false;
	m->n_lit = 0;
	for (size_t i = 0; i < TOP_PARAMS; i++)
		m->params[i].dated = false;
}

bool top_set_targets(struct top_model *m, const json_t *nodes)
{
	size_t n = json_array_size(nodes);
	int *targets = calloc(n + 1, sizeof(*targets));
	double *volts_V = calloc(3 * n + 1, sizeof(double));
	double *rows_V = calloc(2 * n * TOP_ROWS + 1, sizeof(double));

	if (!targets || !volts_V || !rows_V) {
		free(targets);
		free(volts_V);
		free(rows_V);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		targets[i] = (int)json_integer_value(json_array_get(nodes, i));
	for (size_t i = 0; i < 3 * n; i++)
		volts_V[i] = NAN;
	free(m->targets);
	free(m->volts_V);
	free(m->rows_V);
	m->targets = targets;
	m->volts_V = volts_V;
	m->rows_V = rows_V;
	m->n_targets = n;
	m->n_rows = 0;
	return true;
}

bool top_set_edges(struct top_model *m, size_t n)
{
	struct top_edge *edges;

	if (n == m->n_edges)
		return true;
	edges = calloc(n + 1, sizeof(*edges));
	if (!edges)
		return false;
	for (size_t i = 0; i < n; i++)
		edges[i] = (struct top_edge){.tap = -1, .r_ohm = NAN};
	free(m->edges);
	m->edges = edges;
	m->n_edges = n;
	return true;
}

/* ---- the state ---- */

void top_params_since(struct top_model *m, const json_t *params, uint64_t step, bool dated)
{
	static const char *const names[TOP_PARAMS] = {
		"eta", "p", "tau_s", "capacitance_F", "alpha_over_gamma", "bias_V"};

	if (json_object_get(params, "rev"))
		m->rev = top_count(params, "rev");
	for (size_t i = 0; i < TOP_PARAMS; i++) {
		struct top_param *p = &m->params[i];
		double value = top_real(params, names[i]);

		if (!json_object_get(params, names[i]))
			continue;
		if (p->dated && (p->value == value || (isnan(p->value) && isnan(value))))
			continue;
		if (dated || p->value != value)
			*p = (struct top_param){value, step, dated};
	}
}

static void take_alarms(struct top_model *m, const json_t *list)
{
	size_t n = json_array_size(list);
	struct top_alarm *alarms = calloc(n + 1, sizeof(*alarms));

	if (!alarms)
		return;
	for (size_t i = 0; i < n; i++) {
		const json_t *alarm = json_array_get(list, i);
		struct top_alarm *to = &alarms[i];

		top_copy(to->name, sizeof(to->name), json_object_get(alarm, "alarm"));
		top_copy(to->severity, sizeof(to->severity), json_object_get(alarm, "severity"));
		top_copy(to->text, sizeof(to->text), json_object_get(alarm, "text"));
		top_copy(to->since, sizeof(to->since), json_object_get(alarm, "since_utc"));
		top_copy(to->seen_by, sizeof(to->seen_by),
			 json_object_get(alarm, "acknowledged_by"));
	}
	free(m->alarms);
	m->alarms = alarms;
	m->n_alarms = n;
}

static void take_devices(struct top_model *m, const json_t *list)
{
	size_t n = json_array_size(list);
	struct top_device *devices = calloc(n + 1, sizeof(*devices));

	if (!devices)
		return;
	for (size_t i = 0; i < n; i++) {
		const json_t *device = json_array_get(list, i);

		top_copy(devices[i].name, sizeof(devices[i].name),
			 json_object_get(device, "device"));
		top_copy(devices[i].state, sizeof(devices[i].state),
			 json_object_get(device, "state"));
		top_copy(devices[i].text, sizeof(devices[i].text), json_object_get(device, "text"));
	}
	free(m->devices);
	m->devices = devices;
	m->n_devices = n;
}

/* A snapshot's object, or a heartbeat's holder */
static void take_lease(struct top_model *m, const json_t *lease)
{
	top_copy(m->lease, sizeof(m->lease),
		 json_is_object(lease) ? json_object_get(lease, "holder") : lease);
	if (!m->lease[0] || json_is_object(lease))
		top_copy(m->lease_note, sizeof(m->lease_note), json_object_get(lease, "note"));
}

static void take_steps_made(struct top_model *m, uint64_t steps)
{
	if (steps > m->steps)
		m->steps = steps;
}

/* The record of a run that is over may be asked for before it says so. */
static bool says_end(const struct top_model *m)
{
	static const char *const unfinished[] = {"", "queued", "running", "paused"};

	for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++)
		if (!strcmp(m->status, unfinished[i]))
			return false;
	return true;
}

/* Which run it is, if any: another one begins, or the one that was is over */
static void take_run(struct top_model *m, const json_t *run)
{
	uint64_t number = (uint64_t)json_integer_value(run);

	if (json_is_integer(run) && number != m->run) {
		top_begin_run(m, number);
		m->wants |= TOP_WANT_RUN | TOP_WANT_CURVE | TOP_WANT_RIG;
	} else if (!json_is_integer(run) && m->run > 0 && (m->active || !says_end(m))) {
		m->wants |= TOP_WANT_RUN;
	}
	m->active = json_is_integer(run);
}

/* The members of a snapshot that are there */
static void take_state(struct top_model *m, const json_t *state)
{
	const json_t *value;

	if ((value = json_object_get(state, "run")))
		take_run(m, value);
	if ((value = json_object_get(state, "state")))
		top_copy(m->state, sizeof(m->state), value);
	if (json_is_integer(json_object_get(state, "step")) && m->active)
		take_steps_made(m, top_count(state, "step"));
	if (json_object_get(state, "steps_total") && m->active)
		m->steps_total = top_count(state, "steps_total");
	if ((value = json_object_get(state, "params")))
		top_params_since(m, value, 0, false);
	if (json_object_get(state, "queue_length"))
		m->queue_length = (unsigned)top_count(state, "queue_length");
	if ((value = json_object_get(state, "queue_held")))
		m->queue_held = json_is_true(value);
	if ((value = json_object_get(state, "devices")))
		take_devices(m, value);
	if ((value = json_object_get(state, "alarms")))
		take_alarms(m, value);
	if ((value = json_object_get(state, "lease")))
		take_lease(m, value);
}

void top_model_hello(struct top_model *m, const char *address, const json_t *hello)
{
	snprintf(m->address, sizeof(m->address), "%s", address);
	top_copy(m->rig, sizeof(m->rig), json_object_get(hello, "rig"));
	top_copy(m->backend, sizeof(m->backend), json_object_get(hello, "backend"));
	top_copy(m->who, sizeof(m->who), json_object_get(hello, "who"));
	top_copy(m->role, sizeof(m->role), json_object_get(hello, "role"));
}

void top_model_snapshot(struct top_model *m, const json_t *snapshot)
{
	m->active = false;
	take_state(m, snapshot);
	m->wants |= TOP_WANT_RIG;
	if (m->run == 0)
		m->wants |= TOP_WANT_LAST;
}

/* Steps that were shown and did not come to the disk are no longer true */
static void take_boot(struct top_model *m, const json_t *header)
{
	uint64_t run = m->run;

	top_begin_run(m, run);
	top_model_snapshot(m, json_object_get(header, "snapshot"));
	if (m->run > 0)
		m->wants |= TOP_WANT_RUN | TOP_WANT_CURVE;
	top_add_event(m, NULL, m->run, m->steps, true, "the server was started anew");
}

/* ---- steps ---- */

static void take_steps(struct top_model *m, const struct nudge_record *record)
{
	const struct nudge_array *mse = nudge_record_array(record, "mse_V2");

	if (m->curve_from == UINT64_MAX && mse)
		m->curve_from = record->step;
	for (size_t i = 0; mse && i < mse->shape[0]; i++) {
		double value = nudge_array_real(mse, i, 0);

		if (record->step + i == 0)
			m->mse_first_V2 = value;
		m->mse_V2 = value;
		m->mse_step = record->step + i;
		m->mse_min_V2 = fmin(m->mse_min_V2, value);
		curve_add(&m->error, (double)m->mse_step, value);
	}
	take_steps_made(m, record->step + record->n);
}

static void take_edges(struct top_model *m, const struct nudge_record *record)
{
	const struct nudge_array *wiper = nudge_record_array(record, "wiper");
	const struct nudge_array *ohm = nudge_record_array(record, "r_ohm");
	const struct nudge_array *updated = nudge_record_array(record, "updated");
	size_t last = record->n - 1;

	m->n_lit = 0;
	for (size_t i = 0; i < m->n_edges; i++) {
		struct top_edge *edge = &m->edges[i];

		if (wiper && i < wiper->shape[1]) {
			edge->tap = (int)nudge_array_integer(wiper, last, i);
			edge->r_ohm = m->r_min_ohm + edge->tap * m->r_step_ohm;
			edge->known = true;
		}
		if (ohm && i < ohm->shape[1]) {
			edge->r_ohm = nudge_array_real(ohm, last, i);
			edge->known = true;
		}
		edge->lit = updated && i / 8 < updated->shape[1] && edge->mode == TOP_LEARN &&
			    nudge_array_integer(updated, last, i / 8) >> (i % 8) & 1;
		m->n_lit += edge->lit;
	}
}

/* Its desired voltages are known a little later; until then the step before is shown, or, where none comes, this one
 * without them */
static void keep_row(struct top_model *m, const struct nudge_record *record, uint64_t step)
{
	const struct nudge_array *sides[] = {nudge_record_array(record, "v_free_V"),
					     nudge_record_array(record, "v_clamped_V")};
	size_t n = m->n_targets;
	double *row = m->rows_V + m->n_rows % TOP_ROWS * 2 * n;

	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < n; i++) /* targets come first */
			row[side * n + i] =
				sides[side] ? nudge_array_real(sides[side], record->n - 1, i) : NAN;
	m->row_steps[m->n_rows++ % TOP_ROWS] = step;
	if (m->heard_s - m->volts_s < STALE_S)
		return;
	memcpy(m->volts_V, row, 2 * n * sizeof(*row));
	for (size_t i = 0; i < n; i++)
		m->volts_V[TOP_DESIRED * n + i] = NAN;
	m->volts_step = step;
}

static void take_latest(struct top_model *m, const struct nudge_record *record)
{
	const struct nudge_array *flags = nudge_record_array(record, "flags");
	size_t last = record->n - 1;

	if (m->n_targets == 0)
		m->wants |= TOP_WANT_RUN;
	m->latest_step = record->step + last;
	if (m->n_targets > 0)
		keep_row(m, record, m->latest_step);
	if (flags && !(nudge_array_integer(flags, last, 0) & NOT_READ))
		take_edges(m, record);
}

void top_take_test(struct top_model *m, const json_t *test, uint64_t step)
{
	const char *set = json_string_value(json_object_get(test, "set"));
	double error_V2 = top_real(test, "error_V2"), accuracy = top_real(test, "accuracy");

	if (set && strcmp(set, "test"))
		return;
	m->test_step = step;
	m->test_error_V2 = error_V2;
	m->test_best_V2 = fmin(m->test_best_V2, error_V2);
	if (!isnan(accuracy)) {
		m->accuracy = accuracy;
		m->accuracy_best = fmax(m->accuracy_best, accuracy);
		if (!m->tests_are_accuracy)
			curve_init(&m->tests, false);
		m->tests_are_accuracy = true;
		curve_add(&m->tests, (double)step, accuracy);
	} else if (!m->tests_are_accuracy) {
		curve_add(&m->tests, (double)step, error_V2);
	}
}

/* Steps that nobody has any more: the curve does not go on as if they had been there */
static void take_gap(struct top_model *m, const json_t *header)
{
	char text[160];

	if (!json_object_get(header, "from_step")) {
		m->wants |= TOP_WANT_RUN;
		return;
	}
	if (top_count(header, "run") != m->run || json_is_true(json_object_get(header, "left_out")))
		return;
	curve_break(&m->error);
	snprintf(text, sizeof(text), "steps %llu to %llu are missing",
		 (unsigned long long)top_count(header, "from_step"),
		 (unsigned long long)top_count(header, "to_step"));
	top_add_event(m, NULL, m->run, top_count(header, "from_step"), true, text);
}

/* ---- all of them ---- */

/* Steps a second, over the last few seconds */
static void sample(struct top_model *m, double now_s)
{
	size_t n = m->n_samples;

	if (n > 0 && now_s - m->samples[n - 1].s < PACE_S / (TOP_SAMPLES - 1))
		return;
	if (n == TOP_SAMPLES) {
		memmove(m->samples, m->samples + 1, (n - 1) * sizeof(m->samples[0]));
		n--;
	}
	m->samples[n].s = now_s;
	m->samples[n].steps = m->steps;
	m->n_samples = n + 1;
	m->pace_per_s =
		n > 0 && now_s - m->samples[0].s >= 0.5
			? (double)(m->steps - m->samples[0].steps) / (now_s - m->samples[0].s)
			: NAN;
}

static void take_heartbeat(struct top_model *m, const json_t *header)
{
	m->trouble[0] = '\0';
	take_state(m, header);
}

void top_model_record(struct top_model *m, const struct nudge_record *record, double now_s)
{
	bool mine = record->run == m->run;

	m->heard_s = now_s;
	if (!strcmp(record->kind, "hb"))
		take_heartbeat(m, record->header);
	else if (!strcmp(record->kind, "state"))
		take_state(m, record->header);
	else if (!strcmp(record->kind, "boot"))
		take_boot(m, record->header);
	else if (!strcmp(record->kind, "gap"))
		take_gap(m, record->header);
	else if (!strcmp(record->kind, "event"))
		top_take_event(m, record->header, record->run, record->step);
	else if (!strcmp(record->kind, "test") && mine)
		top_take_test(m, record->header, record->step);
	else if (!strcmp(record->kind, "step") && mine && record->n > 0)
		strncmp(record->topic, "latest.", 7) ? take_steps(m, record)
						     : take_latest(m, record);
	if (m->active)
		sample(m, now_s);
}

bool top_model_lost(const struct top_model *m)
{
	return m->now_s - m->heard_s > TOP_LOST_S;
}
