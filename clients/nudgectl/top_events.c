/* clients/nudgectl/top_events.c - events as lines for people, and what they change in the model. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/nudgectl/top_model.h"

/* "12:04:31" of "2026-11-22T12:04:31.1Z"; now, where there is none */
static void time_of_day(const char *utc, char text[12])
{
	time_t now = time(NULL);
	struct tm tm;

	if (utc && strlen(utc) >= 19)
		snprintf(text, 12, "%.8s", utc + 11);
	else
		strftime(text, 12, "%H:%M:%S", gmtime_r(&now, &tm));
}

void top_add_event(struct top_model *m, const char *utc, uint64_t run, uint64_t step, bool grave,
		   const char *text)
{
	struct top_event *event = &m->events[m->n_events++ % TOP_EVENTS];

	*event = (struct top_event){.run = run, .step = step, .grave = grave};
	time_of_day(utc, event->time);
	snprintf(event->text, sizeof(event->text), "%s", text);
}

/* Appends as much as there is room for */
static void add(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void add(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* "eta 0.2 → 0.1": the numbers that differ */
static void add_changes(char *text, size_t size, json_t *old, json_t *now)
{
	const json_t *value;
	const char *name;

	json_object_foreach(now, name, value)
	{
		const json_t *before = json_object_get(old, name);

		if (!strcmp(name, "rev") || !json_is_number(value) || json_equal(value, before))
			continue;
		if (json_is_number(before))
			add(text, size, "  %s %g \xe2\x86\x92 %g", name, json_number_value(before),
			    json_number_value(value));
		else
			add(text, size, "  %s %g", name, json_number_value(value));
	}
}

static bool is_grave(const char *kind, const json_t *event)
{
	const char *status =
		json_string_value(json_object_get(json_object_get(event, "new"), "status"));

	if (!strcmp(kind, "alarm"))
		return false; /* the alarms' own panel shouts */
	return !strcmp(kind, "fault") ||
	       (status && strcmp(status, "done") && strcmp(status, "stopped"));
}

static void say_event(struct top_model *m, const char *kind, const json_t *event, uint64_t run,
		      uint64_t step)
{
	const json_t *old = json_object_get(event, "old"), *now = json_object_get(event, "new");
	const char *what = json_string_value(json_object_get(event, "what"));
	const char *who = json_string_value(json_object_get(event, "who"));
	const char *status =
		json_string_value(json_object_get(now, strcmp(kind, "alarm") ? "status" : "state"));
	char text[200];

	snprintf(text, sizeof(text), "%s", kind);
	for (char *at = text; *at; at++)
		*at = *at == '_' ? ' ' : *at;
	if (what && what[0] && strcmp(what, "params") && strcmp(what, kind))
		add(text, sizeof(text), "  %s", what);
	if (status)
		add(text, sizeof(text), "  %s", status);
	if (!strcmp(kind, "run_end") && json_is_string(now))
		add(text, sizeof(text), "  %s", json_string_value(now));
	if (json_is_string(now) && json_is_string(old))
		add(text, sizeof(text), "  %s \xe2\x86\x92 %s", json_string_value(old),
		    json_string_value(now));
	if (!strcmp(kind, "param"))
		add_changes(text, sizeof(text), (json_t *)old, (json_t *)now);
	if (who && strcmp(who, "task"))
		add(text, sizeof(text), "  (%s)", who);
	top_add_event(m, json_string_value(json_object_get(event, "t_utc")), run, step,
		      is_grave(kind, event), text);
}

/* "edge 3", now cut */
static void take_mode(struct top_model *m, const json_t *event, enum top_edge_mode mode)
{
	const char *what = json_string_value(json_object_get(event, "what"));
	int edge;

	if (what && sscanf(what, "edge %d", &edge) == 1 && edge >= 0 && (size_t)edge < m->n_edges) {
		m->edges[edge].mode = mode;
		m->edges[edge].lit = false;
	} else {
		m->wants |= TOP_WANT_RIG;
	}
}

void top_take_event(struct top_model *m, const json_t *event, uint64_t run, uint64_t step)
{
	static const char *const quiet[] = {"updates", "circuit", "class_means"};
	const char *kind = json_string_value(json_object_get(event, "event"));
	const json_t *now = json_object_get(event, "new");

	if (!kind)
		return;
	if (!strcmp(kind, "param") && run == m->run)
		top_params_since(m, now, step, true);
	else if (!strcmp(kind, "cut"))
		take_mode(m, event, TOP_CUT);
	else if (!strcmp(kind, "hold"))
		take_mode(m, event, TOP_HOLD);
	else if (!strcmp(kind, "learn"))
		take_mode(m, event, TOP_LEARN);
	else if (!strcmp(kind, "run_begin"))
		m->wants |= TOP_WANT_RIG;
	else if (!strcmp(kind, "run_end") && run == m->run)
		m->wants |= TOP_WANT_RUN;
	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (!strcmp(kind, quiet[i]))
			return;
	if (!strcmp(kind, "param") && step == 0 && json_is_null(json_object_get(event, "old")))
		return;
	say_event(m, kind, event, run, step);
}
