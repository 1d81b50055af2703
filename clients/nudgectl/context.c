/* clients/nudgectl/context.c - asks the server on behalf of a sub-command, and says what went wrong. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/context.h"
#include "protocol/methods.h"

#define LEASE_S 30.0 /* how long a command that died keeps others waiting */

struct nudge_options context_options(const struct context *c)
{
	return (struct nudge_options){
		.to = c->to, .timeout_s = c->timeout_s, .server_key = c->server_key, .key = c->key};
}

int context_connect(struct context *c)
{
	const struct nudge_options options = context_options(c);
	struct nudge_error error = {0};

	if (c->nudge)
		return EXIT_FINE;
	if (nudge_connect_with(&options, &c->nudge, &error) < 0)
		return say_error(&error);
	return EXIT_FINE;
}

int context_lease(struct context *c, const char *note)
{
	struct nudge_error error = {0};
	int r = context_connect(c);

	if (r != EXIT_FINE || nudge_lease_due_s(c->nudge) < LEASE_S)
		return r;
	if (nudge_lease_acquire(c->nudge, LEASE_S, note, c->take_over, &error) < 0)
		return say_error(&error);
	return EXIT_FINE;
}

void context_close(struct context *c)
{
	if (!c->nudge)
		return;
	/* without an answer the lease ends by itself */
	nudge_lease_release(c->nudge, NULL);
	nudge_close(c->nudge);
	c->nudge = NULL;
}

int context_ask_record(struct context *c, const char *method, json_t *params, json_t *meta,
		       struct nudge_record **ret)
{
	const struct method *known = method_find(method);
	struct nudge_error error = {0};
	bool own_lease = false;
	char note[80];
	int r = context_connect(c);

	if (r == EXIT_FINE && known && (known->flags & METHOD_LEASE) &&
	    !json_object_get(meta, "lease") && nudge_lease_due_s(c->nudge) > LEASE_S) {
		snprintf(note, sizeof(note), "nudgectl: %s", method);
		r = context_lease(c, note);
		own_lease = r == EXIT_FINE;
	}
	if (r != EXIT_FINE) {
		json_decref(params);
		json_decref(meta);
		return r;
	}
	if (nudge_call_record(c->nudge, method, params, meta, c->timeout_s, ret, &error) < 0)
		r = say_error(&error);
	if (own_lease)
		nudge_lease_release(c->nudge, NULL);
	return r;
}

int context_ask(struct context *c, const char *method, json_t *params, json_t **ret)
{
	struct nudge_record *record;
	int r = context_ask_record(c, method, params, NULL, &record);

	if (r != EXIT_FINE)
		return r;
	*ret = json_incref(record->header);
	nudge_record_free(record);
	return EXIT_FINE;
}

static int exit_code_of(enum nudge_kind kind)
{
	switch (kind) {
	case NUDGE_FINE:
		return EXIT_FINE;
	case NUDGE_REFUSED:
	case NUDGE_UNWELCOME:
		return EXIT_REFUSED;
	case NUDGE_UNREACHABLE:
	case NUDGE_TIMED_OUT:
		return EXIT_AWAY;
	case NUDGE_INVALID:
		return EXIT_USAGE;
	}
	return EXIT_FAILED;
}

/* Who has the lease, since when and why, unless the sentence says so already */
static void say_holder(const struct nudge_error *error)
{
	const char *holder = json_string_value(json_object_get(error->data, "holder"));
	const char *note = json_string_value(json_object_get(error->data, "note"));
	char since[24];

	if (error->code != PROBLEM_LOCKED || !holder || strstr(error->message, holder))
		return;
	say_time(json_object_get(error->data, "since_utc"), since);
	fprintf(stderr, "nudgectl: held by %s%s%s%s%s%s\n", holder, since[0] ? " since " : "",
		since, since[0] ? " UTC" : "", note && note[0] ? ": " : "", note ? note : "");
}

int say_error(struct nudge_error *error)
{
	int code = exit_code_of(error->kind);

	fprintf(stderr, "nudgectl: %s\n", error->message);
	say_holder(error);
	nudge_error_clear(error);
	return code;
}

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
	fputs("nudgectl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int say_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return EXIT_USAGE;
}

int say_failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return EXIT_FAILED;
}

void say_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

const char *say_time(const json_t *utc, char text[24])
{
	const char *value = json_string_value(utc);

	snprintf(text, 24, "%.19s", value ? value : "");
	if (strlen(text) == 19 && text[10] == 'T')
		text[10] = ' ';
	return text;
}

const char *say_color(const struct context *c, enum color color)
{
	static const char *const codes[] = {
		[COLOR_NONE] = "\033[0m",  [COLOR_GOOD] = "\033[32m", [COLOR_BAD] = "\033[31m",
		[COLOR_WARN] = "\033[33m", [COLOR_BUSY] = "\033[36m", [COLOR_DIM] = "\033[2m",
		[COLOR_BOLD] = "\033[1m",
	};

	return c->color ? codes[color] : "";
}

enum color color_of_status(const char *status)
{
	static const struct {
		const char *status;
		enum color color;
	} colors[] = {
		{"done", COLOR_GOOD},       {"idle", COLOR_GOOD},    {"running", COLOR_BUSY},
		{"stopped", COLOR_WARN},    {"paused", COLOR_WARN},  {"stopping", COLOR_WARN},
		{"aborted", COLOR_BAD},     {"failed", COLOR_BAD},   {"fault", COLOR_BAD},
		{"interrupted", COLOR_BAD}, {"aborting", COLOR_BAD}, {"queued", COLOR_DIM},
	};

	for (size_t i = 0; status && i < sizeof(colors) / sizeof(colors[0]); i++)
		if (!strcmp(status, colors[i].status))
			return colors[i].color;
	return COLOR_NONE;
}
