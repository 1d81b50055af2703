/* clients/nudgectl/cmd_alarms.c - what is wrong, and saying that one has seen it. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"

static const struct table_column columns[] = {
	{"alarm", "ALARM", TABLE_TEXT},
	{"severity", "SEVERITY", TABLE_TEXT},
	{"since_utc", "SINCE (UTC)", TABLE_TIME},
	{"acknowledged_by", "SEEN BY", TABLE_TEXT},
	{"text", "TEXT", TABLE_TEXT},
	{0},
};

static int list(struct context *c)
{
	const json_t *alarms;
	json_t *result;
	int r = context_ask(c, "alarm.list", NULL, &result);

	if (r != EXIT_FINE)
		return r;
	alarms = json_object_get(result, "alarms");
	if (c->format == FORMAT_TABLE && json_array_size(alarms) == 0)
		puts("no alarm");
	else
		r = table_print(c, columns, alarms);
	json_decref(result);
	return r;
}

/* The name may come as several words: board 3 device. */
static int ack(struct context *c, const struct arguments *a)
{
	char name[128] = "";
	json_t *result;
	int r;

	for (size_t i = 1; i < a->n_words; i++) {
		size_t used = strlen(name);

		snprintf(name + used, sizeof(name) - used, "%s%s", used ? " " : "", a->words[i]);
	}
	r = context_ask(c, "alarm.ack", json_pack("{s:s}", "name", name), &result);
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("%s: seen by %s\n", name,
		       json_string_value(json_object_get(result, "acknowledged_by")));
	json_decref(result);
	return EXIT_FINE;
}

static int run_alarms(struct context *c, const struct arguments *a)
{
	if (a->n_words == 0 || (a->n_words == 1 && !strcmp(a->words[0], "list")))
		return list(c);
	if (a->n_words > 1 && !strcmp(a->words[0], "ack"))
		return ack(c, a);
	return say_usage("expected: nudgectl alarms [list | ack NAME]");
}

const struct command commands_alarms[] = {
	{
		.name = "alarms",
		.topic = TOPIC_LOOKING,
		.synopsis = "[list | ack NAME]",
		.summary = "What is wrong now; ack says that you have seen it.",
		.methods = "alarm.list alarm.ack",
		.text = "An alarm stays until its cause is gone, acknowledged or not.",
		.examples = "alarms\nalarms ack disk\nalarms ack board 3 device\n",
		.max_words = 4,
		.run = run_alarms,
	},
	{0},
};
