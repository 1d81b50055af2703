/* clients/nudgectl/cmd_status.c - what the server is and does: status, the lease, the methods it offers. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"

/* ---- status ---- */

static long long integer_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void say_run(const json_t *snapshot)
{
	const json_t *total = json_object_get(snapshot, "steps_total");

	if (!json_is_integer(json_object_get(snapshot, "run")))
		return;
	printf("run        %lld, step %lld", integer_of(snapshot, "run"),
	       integer_of(snapshot, "step"));
	if (json_is_integer(total))
		printf(" of %lld", (long long)json_integer_value(total));
	putchar('\n');
}

static void say_params(const json_t *params)
{
	const json_t *value;
	const char *name;
	bool first = true;

	fputs("params     ", stdout);
	json_object_foreach((json_t *)params, name, value)
	{
		if (!json_is_number(value))
			continue;
		printf("%s%s %g", first ? "" : ", ", name, json_number_value(value));
		first = false;
	}
	putchar('\n');
}

static void say_lease(const struct context *c, const json_t *lease)
{
	char since[24], until[24];
	const char *note = json_string_value(json_object_get(lease, "note"));

	(void)c;
	if (!json_is_object(lease)) {
		puts("lease      nobody");
		return;
	}
	printf("lease      %s since %s UTC, until %s if not renewed%s%s\n",
	       json_string_value(json_object_get(lease, "holder")),
	       say_time(json_object_get(lease, "since_utc"), since),
	       say_time(json_object_get(lease, "expires_utc"), until), note && note[0] ? ": " : "",
	       note ? note : "");
}

/* An alarm is an object or a word, as the server likes */
static void say_alarms(const struct context *c, const json_t *alarms)
{
	const json_t *alarm;
	size_t i;

	json_array_foreach(alarms, i, alarm)
	{
		char *text = table_cell(
			json_is_object(alarm) ? json_object_get(alarm, "text") : alarm, TABLE_TEXT);

		printf("alarm      %s%s%s\n", say_color(c, COLOR_BAD), text ? text : "",
		       say_color(c, COLOR_NONE));
		free(text);
	}
}

/* One line for all that are up, one for each that is not. */
static void say_devices(const struct context *c, const json_t *devices)
{
	const json_t *device;
	size_t i, up = 0;

	json_array_foreach(devices, i, device)
	{
		const char *state = json_string_value(json_object_get(device, "state"));
		const char *name = json_string_value(json_object_get(device, "device"));
		const char *text = json_string_value(json_object_get(device, "text"));

		if (state && !strcmp(state, "up"))
			up++;
		else
			printf("device     %s%s is %s%s%s%s\n", say_color(c, COLOR_BAD),
			       name ? name : "?", state ? state : "?", text && text[0] ? ": " : "",
			       text ? text : "", say_color(c, COLOR_NONE));
	}
	printf("devices    %zu of %zu up\n", up, json_array_size(devices));
}

static void say_snapshot(const struct context *c, const json_t *snapshot)
{
	const json_t *hello = nudge_hello(c->nudge);
	const char *state = json_string_value(json_object_get(snapshot, "state"));

	printf("server     %s %s at %s\n", json_string_value(json_object_get(hello, "name")),
	       json_string_value(json_object_get(hello, "version")), nudge_address(c->nudge));
	printf("rig        %s (%s)\n", json_string_value(json_object_get(hello, "rig")),
	       json_string_value(json_object_get(hello, "backend")));
	printf("state      %s%s%s\n", say_color(c, color_of_status(state)), state ? state : "?",
	       say_color(c, COLOR_NONE));
	say_run(snapshot);
	printf("queue      %lld queued%s\n", integer_of(snapshot, "queue_length"),
	       json_is_true(json_object_get(snapshot, "queue_held"))
		       ? ", held: nudgectl queue release lets it go on"
		       : "");
	say_params(json_object_get(snapshot, "params"));
	say_lease(c, json_object_get(snapshot, "lease"));
	say_devices(c, json_object_get(snapshot, "devices"));
	say_alarms(c, json_object_get(snapshot, "alarms"));
}

/* What state.snapshot says, or one member of it. */
static int say_of_snapshot(struct context *c, const char *member,
			   void (*say)(const struct context *c, const json_t *value))
{
	json_t *snapshot;
	const json_t *value;
	int r = context_ask(c, "state.snapshot", NULL, &snapshot);

	if (r != EXIT_FINE)
		return r;
	value = member ? json_object_get(snapshot, member) : snapshot;
	if (c->format == FORMAT_JSON)
		say_json(value);
	else
		say(c, value);
	json_decref(snapshot);
	return EXIT_FINE;
}

static int run_status(struct context *c, const struct arguments *a)
{
	(void)a;
	return say_of_snapshot(c, NULL, say_snapshot);
}

/* ---- lease ---- */

static int run_lease(struct context *c, const struct arguments *a)
{
	(void)a;
	return say_of_snapshot(c, "lease", say_lease);
}

/* ---- discover ---- */

static const struct table_column discover_columns[] = {
	{"name", "METHOD", TABLE_TEXT},
	{"summary", "WHAT IT DOES", TABLE_TEXT},
	{0},
};

static int run_discover(struct context *c, const struct arguments *a)
{
	json_t *document;
	int r = context_ask(c, "rpc.discover", NULL, &document);

	(void)a;
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(document);
	else
		r = table_print(c, discover_columns, json_object_get(document, "methods"));
	json_decref(document);
	return r;
}

const struct command commands_status[] = {
	{
		.name = "status",
		.topic = TOPIC_LOOKING,
		.synopsis = "",
		.summary =
			"What the server is doing: state, run, queue, parameters, lease, devices, alarms.",
		.methods = "state.snapshot",
		.examples = "status\nstatus --json\n",
		.run = run_status,
	},
	{
		.name = "lease",
		.topic = TOPIC_LOOKING,
		.synopsis = "",
		.summary = "Who steers, since when and why.",
		.text = "The control lease keeps two people from steering at once.  Sub-commands that change\n"
			"something take it for as long as they need it.",
		.examples = "lease\n",
		.run = run_lease,
	},
	{
		.name = "discover",
		.topic = TOPIC_SERVER,
		.synopsis = "",
		.summary = "The methods the server offers; --json: its OpenRPC document.",
		.methods = "rpc.discover",
		.examples = "discover\ndiscover --json > openrpc.json\n",
		.run = run_discover,
	},
	{0},
};
