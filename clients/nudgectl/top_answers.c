/* clients/nudgectl/top_answers.c - what `nudgectl top` learns by asking: the rig, the run so far, its curve. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/top_model.h"

/* ---- the rig ---- */

static enum top_edge_mode mode_of(const json_t *word)
{
	const char *mode = json_string_value(word);

	return !mode                   ? TOP_LEARN
	       : !strcmp(mode, "cut")  ? TOP_CUT
	       : !strcmp(mode, "hold") ? TOP_HOLD
				       : TOP_LEARN;
}

void top_answer_rig(struct top_model *m, const json_t *rig)
{
	const json_t *edges = json_object_get(rig, "edges");

	if (!top_set_edges(m, json_array_size(edges)))
		return;
	m->taps = (int)top_count(rig, "taps");
	m->r_min_ohm = top_real(rig, "r_min_ohm");
	m->r_step_ohm = top_real(rig, "r_step_ohm");
	for (size_t i = 0; i < m->n_edges; i++) {
		const json_t *from = json_array_get(edges, i);
		struct top_edge *edge = &m->edges[i];

		edge->a = (int)top_count(from, "a");
		edge->b = (int)top_count(from, "b");
		edge->mode = mode_of(json_object_get(from, "mode"));
		if (edge->known && m->active) /* the records know it better, and later */
			continue;
		if (json_is_integer(json_object_get(from, "tap")))
			edge->tap = (int)top_count(from, "tap");
		edge->r_ohm = top_real(from, "r_ohm");
		edge->known = edge->tap >= 0 || !isnan(edge->r_ohm);
	}
}

/* ---- the run so far ---- */

static void take_tests(struct top_model *m, const json_t *tests)
{
	const json_t *test;
	size_t i;

	if (json_array_size(tests) == 0)
		return;
	curve_init(&m->tests, !m->tests_are_accuracy);
	json_array_foreach(tests, i, test) top_take_test(m, test, top_count(test, "step"));
}

static void take_revisions(struct top_model *m, const json_t *revisions)
{
	size_t n = json_array_size(revisions);
	const json_t *revision;
	size_t i;

	if (n == 0 || top_count(json_array_get(revisions, n - 1), "rev") < m->rev)
		return; /* there was another since */
	for (i = 0; i < TOP_PARAMS; i++)
		m->params[i].dated = false;
	json_array_foreach(revisions, i, revision)
		top_params_since(m, revision, top_count(revision, "from_step"), true);
}

static bool has_event(const struct top_model *m, const struct top_event *event)
{
	size_t n = m->n_events < TOP_EVENTS ? m->n_events : TOP_EVENTS;

	for (size_t i = 0; i < n; i++)
		if (m->events[i].run == event->run && m->events[i].step == event->step &&
		    strcmp(m->events[i].text, event->text) == 0)
			return true;
	return false;
}

/* Those that came by themselves behind the last one that the answer knows: it was on its way meanwhile. */
static void keep_later(struct top_model *m, const struct top_event *seen, size_t n)
{
	size_t first = n;

	while (first > 0 && !has_event(m, &seen[first - 1]))
		first--;
	for (size_t i = first; i < n; i++)
		if (seen[i].run == m->run)
			m->events[m->n_events++ % TOP_EVENTS] = seen[i];
}

/* Those of the run take the place of what was seen of it: they are all of them until the answer was made. */
static void take_events(struct top_model *m, const json_t *events)
{
	struct top_event seen[TOP_EVENTS];
	size_t n_seen = m->n_events < TOP_EVENTS ? m->n_events : TOP_EVENTS;
	size_t n = json_array_size(events);

	for (size_t i = 0; i < n_seen; i++)
		seen[i] = m->events[(m->n_events - n_seen + i) % TOP_EVENTS];
	m->n_events = 0;
	for (size_t i = 0; i < n; i++) { /* most may be of a kind that is not told */
		json_t *event = json_copy(json_array_get(events, i));

		json_object_set(event, "event", json_object_get(event, "kind"));
		top_take_event(m, event, m->run, top_count(event, "step"));
		json_decref(event);
	}
	keep_later(m, seen, n_seen);
}

void top_answer_run(struct top_model *m, const json_t *run)
{
	uint64_t steps = top_count(run, "steps");
	unsigned wants = m->wants;

	if (top_count(run, "run") != m->run)
		return;
	top_copy(m->name, sizeof(m->name), json_object_get(run, "name"));
	if (!m->name[0])
		top_copy(m->name, sizeof(m->name), json_object_get(run, "task"));
	top_copy(m->kind, sizeof(m->kind), json_object_get(run, "kind"));
	top_copy(m->status, sizeof(m->status), json_object_get(run, "status"));
	top_copy(m->reason, sizeof(m->reason), json_object_get(run, "reason"));
	m->mse_first_V2 = top_real(run, "mse_first_V2");
	m->mse_min_V2 = fmin(m->mse_min_V2, top_real(run, "mse_min_V2"));
	if (steps > m->steps)
		m->steps = steps;
	if (m->n_targets == 0)
		top_set_targets(m, json_object_get(json_object_get(run, "descriptor"), "targets"));
	take_revisions(m, json_object_get(run, "params"));
	take_tests(m, json_object_get(run, "tests"));
	take_events(m, json_object_get(run, "events"));
	m->wants = wants; /* the past wants nothing new */
}

void top_answer_last(struct top_model *m, const json_t *runs)
{
	const json_t *run = json_array_get(json_object_get(runs, "rows"), 0);

	if (!run || m->run != 0)
		return;
	top_begin_run(m, top_count(run, "run"));
	m->wants |= TOP_WANT_RUN | TOP_WANT_CURVE;
}

/* ---- steps of the past ---- */

/* The steps before those that came by themselves, then these again */
void top_answer_curve(struct top_model *m, const struct nudge_record *steps)
{
	const struct nudge_array *step = nudge_record_array(steps, "step");
	const struct nudge_array *mean = nudge_record_array(steps, "mse_V2_mean");
	const struct nudge_array *count = nudge_record_array(steps, "count");
	const struct nudge_array *last = nudge_record_array(steps, "mse_V2_last");
	struct curve *seen = malloc(sizeof(*seen));
	double from = m->curve_from == UINT64_MAX ? INFINITY : (double)m->curve_from;
	size_t n = step ? step->shape[0] : 0;

	if (!mean)
		mean = last = nudge_record_array(steps, "mse_V2");
	if (!seen || !mean || !last || top_count(steps->header, "run") != m->run) {
		free(seen);
		return;
	}
	*seen = m->error;
	curve_init(&m->error, true);
	m->error.means = true;
	for (size_t i = 0; i < n; i++) {
		double x = nudge_array_real(step, i, 0);

		if (x >= from)
			break;
		curve_add_mean(&m->error, x, nudge_array_real(mean, i, 0),
			       count ? nudge_array_real(count, i, 0) : 1);
		m->mse_min_V2 = fmin(m->mse_min_V2, nudge_array_real(mean, i, 0));
	}
	if (isinf(from) && n > 0) {
		m->mse_V2 = nudge_array_real(last, n - 1, 0);
		m->mse_step = m->steps > 0 ? m->steps - 1 : 0;
	}
	for (size_t i = 0; i < seen->n; i++) {
		if (seen->bins[i].begins)
			curve_break(&m->error);
		curve_add_mean(&m->error, curve_x(seen, i), pow(10, curve_y(seen, i)),
			       seen->bins[i].count);
	}
	m->error.broken = seen->broken;
	free(seen);
}

/* The row of a step that was shown, and what was desired of it */
static bool show_row(struct top_model *m, const struct nudge_array *step,
		     const struct nudge_array *target_V, size_t row, double now_s)
{
	uint64_t number = (uint64_t)nudge_array_integer(step, row, 0);
	size_t n = m->n_targets, kept = m->n_rows < TOP_ROWS ? m->n_rows : TOP_ROWS;

	for (size_t k = 0; k < kept; k++) {
		if (m->row_steps[k] != number)
			continue;
		memcpy(m->volts_V, m->rows_V + k * 2 * n, 2 * n * sizeof(*m->volts_V));
		for (size_t i = 0; i < n; i++)
			m->volts_V[TOP_DESIRED * n + i] = nudge_array_real(target_V, row, i);
		m->volts_step = number;
		m->volts_s = now_s;
		return true;
	}
	return false;
}

/* None was seen: of a run that is paused or over the last row is asked with its voltages */
static void show_last(struct top_model *m, const struct nudge_record *steps, size_t row)
{
	static const char *const names[] = {"v_free_V", "v_clamped_V", "target_V"};

	for (size_t side = 0; side < 3; side++) {
		const struct nudge_array *volts = nudge_record_array(steps, names[side]);

		for (size_t i = 0; i < m->n_targets; i++)
			m->volts_V[side * m->n_targets + i] =
				volts ? nudge_array_real(volts, row, i) : NAN;
	}
	m->volts_step = (uint64_t)nudge_array_integer(nudge_record_array(steps, "step"), row, 0);
}

/* The last rows as they are on disk: how late they began, and what was desired */
void top_answer_recent(struct top_model *m, const struct nudge_record *steps, double now_s)
{
	const struct nudge_array *late = nudge_record_array(steps, "lateness_ns");
	const struct nudge_array *step = nudge_record_array(steps, "step");
	const struct nudge_array *target_V = nudge_record_array(steps, "target_V");
	double sum = 0, worst = 0;
	size_t n = late ? late->shape[0] : 0;

	if (n == 0 || top_count(steps->header, "run") != m->run)
		return;
	for (size_t i = 0; i < n; i++) {
		double late_s = 1e-9 * nudge_array_real(late, i, 0);

		sum += late_s;
		worst = fmax(worst, late_s);
	}
	m->lateness_mean_s = sum / (double)n;
	m->lateness_worst_s = worst;
	for (size_t i = n; i-- > 0 && step && target_V;)
		if (show_row(m, step, target_V, i, now_s))
			return;
	if (m->n_rows == 0 && step)
		show_last(m, steps, n - 1);
}
