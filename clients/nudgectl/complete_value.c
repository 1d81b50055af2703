/* clients/nudgectl/complete_value.c - which values the names in the tables stand for: "RUN", "TASK", "NAME=VALUE". */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/complete.h"
#include "clients/nudgectl/experiment.h"
#include "protocol/methods.h"

static complete_source offer_tasks, offer_sweeps, offer_addresses, offer_commands, offer_methods,
	offer_arguments, offer_json, offer_experiments, offer_order, offer_audited;

static const char *const topics[] = {"step.", "latest.", "event.", "test.", "state.",
				     "desc.", "hb.",     "log.",   NULL};
static const char *const events[] = {"param",   "run_begin",   "run_end", "cut",   "hold",
				     "learn",   "target",      "group",   "set",   "class_means",
				     "circuit", "updates",     "wiring",  "fault", "note",
				     "queue",   "calibration", NULL};
static const char *const along[] = {"steps", "time", "steps_p", NULL};
static const char *const roles[] = {"observer", "operator", "admin", NULL};
static const char *const nothing[] = {NULL};

/* One of them; where: a sub-command, with an option of it or its first word, which goes before a line without */
static const struct value {
	const char *name, *where;
	complete_source *source;
	const char *files; /* the shell's own; patterns, "": all */
	const char *const *words;
} values[] = {
	{"+WORD", NULL, .words = nothing},
	{"ADDRESS", NULL, .source = offer_addresses},
	{"ALARM", NULL, .source = complete_alarms},
	{"CELL", NULL, .words = nothing},
	{"CHECKPOINT", NULL, .source = complete_checkpoints},
	{"COLUMN", NULL, .words = nothing},
	{"COLUMN=NODE", NULL, .words = nothing},
	{"COMMAND", NULL, .source = offer_commands},
	{"DIR", NULL, .files = "/"},
	{"EDGE", NULL, .source = complete_edges},
	{"EXPERIMENT", NULL, .source = offer_experiments},
	{"F", NULL, .words = nothing},
	{"FIELD", NULL, .source = offer_order},
	{"FILE", "sweep", .source = offer_sweeps},
	{"FILE", "plot --svg", .files = "*.svg"},
	{"FILE", "plot --output", .files = "*.svg *.png"},
	{"FILE", "import --db", .files = "*.db"},
	{"FILE", "import", .files = "*.npz *.h5 *.csv"},
	{"FILE", "export --db", .files = "*.db"},
	{"FILE", "snapshot", .files = "*.db"},
	{"FILE", NULL, .files = ""},
	{"FILTER", NULL, .words = nothing},
	{"ID", "calibrate show", .source = complete_calibrations},
	{"ID", NULL, .words = nothing},
	{"IN", NULL, .files = "*.db"},
	{"JSON", NULL, .source = offer_json},
	{"K", NULL, .words = nothing},
	{"KEY", NULL, .files = "*.pub"},
	{"KIND", "events", .words = events},
	{"KIND", "audit", .source = offer_audited},
	{"KIND", NULL, .words = nothing},
	{"METHOD", NULL, .source = offer_methods},
	{"N", NULL, .words = nothing},
	{"NAME", "alarms ack", .source = complete_alarms},
	{"NAME", "audit --who", .source = complete_key_owners},
	{"NAME", "checkpoint delete", .source = complete_checkpoints},
	{"NAME", "checkpoint restore", .source = complete_checkpoints},
	{"NAME", "key revoke", .source = complete_key_owners},
	{"NAME", "run --name", .source = complete_run_names},
	{"NAME", "runs --group", .source = complete_groups},
	{"NAME", "runs --task", .source = complete_tasks_known},
	{"NAME", "steps --columns", .source = complete_columns},
	{"NAME", NULL, .words = nothing},
	{"NAME=VALUE", "call", .source = offer_arguments},
	{"NAME=VALUE", NULL, .source = complete_params},
	{"NODE=VOLTS", NULL, .source = complete_nodes},
	{"OPTIONS", NULL, .words = nothing},
	{"OUT", NULL, .files = "*.db"},
	{"OUTPUT=INPUT", NULL, .words = nothing},
	{"PATH", NULL, .files = ""},
	{"POSITION", NULL, .words = nothing},
	{"PREFIX", NULL, .words = topics},
	{"PUBLIC", NULL, .files = "*.pub"},
	{"REV", NULL, .words = nothing},
	{"ROLE", NULL, .words = roles},
	{"ROWS", NULL, .words = nothing},
	{"RUN", "queue", .source = complete_queued},
	{"RUN", "pause", .source = complete_active},
	{"RUN", "resume", .source = complete_active},
	{"RUN", "stop", .source = complete_active},
	{"RUN", "abort", .source = complete_active},
	{"RUN", NULL, .source = complete_runs},
	{"SECONDS", NULL, .words = nothing},
	{"SEED", NULL, .words = nothing},
	{"SIDE", NULL, .words = nothing},
	{"STATUS", NULL, .words = nothing},
	{"STEP", NULL, .words = nothing},
	{"TAG", NULL, .source = complete_tags},
	{"TASK", NULL, .source = offer_tasks},
	{"TEXT", NULL, .words = nothing},
	{"TIME", NULL, .words = nothing},
	{"UUID", NULL, .words = nothing},
	{"V", NULL, .words = nothing},
	{"VOLTS", NULL, .words = nothing},
	{"WHAT", "plot --x", .words = along},
	{"WHAT", NULL, .words = nothing},
	{"WORD", NULL, .source = complete_tags},
	{"WORDS", NULL, .words = nothing},
};

/* ---- what needs no server ---- */

static void offer_commands(const struct asked *a)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (!command->hidden)
			offer_add(a->offer, command->name, command->summary);
}

static void offer_methods(const struct asked *a)
{
	for (enum method_id id = 0; id < N_METHODS; id++)
		offer_add(a->offer, method_get(id)->name, method_get(id)->help);
}

/* An audit row's kind is the first word of the method */
static void offer_audited(const struct asked *a)
{
	const char *last = "";

	offer_add(a->offer, "handshake", "who was not let in");
	for (enum method_id id = 0; id < N_METHODS; id++) {
		const struct method *method = method_get(id);
		size_t n = strcspn(method->name, ".");

		if (!(method->flags & METHOD_CHANGES) || !strncmp(last, method->name, n + 1))
			continue;
		last = method->name;
		offer_addn(a->offer, last, n, NULL);
	}
}

static const struct method *called(const struct asked *a)
{
	return a->n_words > 0 ? method_find(a->words[0]) : NULL;
}

static void offer_arguments(const struct asked *a)
{
	if (called(a))
		complete_members(a, called(a)->params->members, NULL);
}

/* The table's example, when the user has begun to write an object */
static void offer_json(const struct asked *a)
{
	if (called(a) && a->offer->word[0] == '{')
		offer_add(a->offer, called(a)->example, "an example");
}

static void offer_addresses(const struct asked *a)
{
	static const char prefix[] = "ipc://";
	const char *server = getenv("NUDGE_SERVER");
	struct offer *o = a->offer;

	if (!strncmp(o->word, prefix, strlen(prefix))) {
		o->word += strlen(prefix);
		o->n_head += strlen(prefix);
		offer_directories(o);
		return;
	}
	if (server && server[0])
		offer_add(o, server, "$NUDGE_SERVER");
	offer_add(o, prefix, "a directory with the server's sockets");
	offer_add(o, "tcp://", "HOST:PORT");
}

static void offer_order(const struct asked *a)
{
	offer_words(a->offer, (const char *const[]){"newest", "oldest", NULL});
	complete_fields(a);
}

/* ---- files that were installed ---- */

/* The first line that is neither empty nor a comment begins with member: what stands behind it */
static bool begins_with(const char *path, const char *member, char *ret, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t n = strlen(member);
	bool found = false;

	if (!file)
		return false;
	while (fgets(ret, (int)size, file)) {
		ret[strcspn(ret, "\n")] = '\0';
		if (!ret[0] || ret[0] == '#')
			continue;
		found = !strncmp(ret, member, n);
		break;
	}
	fclose(file);
	if (found) {
		n += strspn(ret + n, " ");
		memmove(ret, ret + n, strlen(ret + n) + 1);
	}
	return found;
}

static int is_yaml(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".yaml");
}

/* papers: those that nudgectl reproduce knows; else the tasks beside them */
static void offer_installed(const struct asked *a, bool papers, const char *member)
{
	size_t n = 0;
	const char *folder = papers ? experiment_folder(NULL) : experiment_tasks(&n);
	struct dirent **entries = NULL;
	char *path, text[300];
	int count;

	if (papers && folder)
		n = strlen(folder);
	if (n == 0 || asprintf(&path, "%.*s", (int)n, folder) < 0)
		return;
	count = scandir(path, &entries, is_yaml, alphasort);
	free(path);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (asprintf(&path, "%.*s%s%s", (int)n, folder, papers ? "/" : "", name) >= 0) {
			if (begins_with(path, member, text, sizeof(text)))
				offer_add(a->offer, papers ? text : path, papers ? NULL : text);
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
}

static void offer_experiments(const struct asked *a)
{
	offer_installed(a, true, "experiment:");
}

/* Behind the beginning of a path the shell's files are enough */
static void offer_tasks(const struct asked *a)
{
	offer_files(a->offer, "*.yaml *.yml *.json");
	if (!a->offer->word[0])
		offer_installed(a, false, "task:");
}

static void offer_sweeps(const struct asked *a)
{
	offer_files(a->offer, "*.yaml *.yml");
	if (!a->offer->word[0])
		offer_installed(a, false, "sweep:");
}

/* ---- which one ---- */

static bool is_place(const char *where, const struct command *command, const char *option,
		     const char *first)
{
	char text[100];

	if (!where || !command)
		return !where;
	if (!strcmp(where, command->name))
		return true;
	snprintf(text, sizeof(text), "%s %s%s", command->name, option ? "--" : "",
		 option  ? option
		 : first ? first
			 : "");
	return !strcmp(where, text);
}

static const struct value *value_at(const struct command *command, const char *option,
				    const char *first, const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strlen(values[i].name) == n && !strncmp(values[i].name, name, n) &&
		    is_place(values[i].where, command, option, first))
			return &values[i];
	return NULL;
}

/* A member of one of the sub-command's methods that has the name and may be a few words only */
static const char *const *words_of_methods(const struct command *command, const char *name)
{
	const char *methods = command && command->methods ? command->methods : "";

	while (*methods) {
		char text[64];
		size_t n = strcspn(methods, " ");
		const struct method *method;

		snprintf(text, sizeof(text), "%.*s", (int)n, methods);
		method = method_find(text);
		for (const struct schema_member *m = method ? method->params->members : NULL;
		     m && m->name; m++)
			if (!strcmp(m->name, name) && m->schema->type == SCHEMA_WORD)
				return m->schema->words;
		methods += n + (methods[n] == ' ');
	}
	return NULL;
}

/* --on-lease-loss, ROLE: as the methods write it */
static const char *const *words_for(const struct command *command, const char *option,
				    const char *name, size_t n)
{
	char member[64];

	if (option)
		snprintf(member, sizeof(member), "%s", option);
	else
		snprintf(member, sizeof(member), "%.*s", (int)n, name);
	for (char *c = member; *c; c++)
		*c = *c == '-' ? '_' : (char)tolower((unsigned char)*c);
	return words_of_methods(command, member);
}

bool complete_value(const struct asked *a, const char *name, size_t n)
{
	const char *const *words = words_for(a->command, a->option, name, n);
	const char *first = !a->option && a->n_words > 0 ? a->words[0] : NULL;
	const struct value *value = value_at(a->command, a->option, first, name, n);

	if (words)
		offer_words(a->offer, words);
	else if (value && value->source)
		value->source(a);
	else if (value && value->files && !strcmp(value->files, "/"))
		offer_directories(a->offer);
	else if (value && value->files)
		offer_files(a->offer, value->files);
	else if (value)
		offer_words(a->offer, value->words);
	return words || value;
}

bool complete_knows(const struct command *command, const char *option, const char *name, size_t n)
{
	return words_for(command, option, name, n) || value_at(command, option, NULL, name, n);
}
