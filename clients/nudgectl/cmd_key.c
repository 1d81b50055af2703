/* clients/nudgectl/cmd_key.c - keys: made here, given and taken at the server; and the audit of who changed what. */
#include "config.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/rows.h"
#include "protocol/role.h"

static const struct table_column key_columns[] = {
	{"name", "NAME", TABLE_TEXT},
	{"role", "ROLE", TABLE_TEXT},
	{"public_key", "PUBLIC_KEY", TABLE_TEXT},
	{0},
};

static const char *login_name(void)
{
	const struct passwd *entry = getpwuid(geteuid());

	return entry ? entry->pw_name : "NAME";
}

/* The line for authorized_keys, and nothing else: it can be appended there as it is. */
static int new_key(struct context *c, const struct arguments *a)
{
	const char *name = options_value(a, "name"), *role = options_value(a, "role");
	struct nudge_error error = {0};
	char public_key[NUDGE_KEY_CHARS + 1], note[160], day[16];
	time_t now = time(NULL);
	json_t *result;

	name = name ? name : login_name();
	role = role ? role : role_word(ROLE_OBSERVER);
	if (role_of_word(role) == ROLE_NONE)
		return say_usage("--role %s: expected observer, operator or admin", role);
	if (strpbrk(name, " \t\r\n#'\"") || !name[0] || strlen(name) > 32)
		return say_usage("--name \"%s\": expected 1 to 32 letters, digits and . _ @ -",
				 name);
	strftime(day, sizeof(day), "%Y-%m-%d", gmtime(&now));
	snprintf(note, sizeof(note), "CURVE key of %s for nudged, made %s", name, day);
	if (nudge_key_new(a->words[1], note, public_key, &error) < 0)
		return say_error(&error);
	if (c->format == FORMAT_JSON) {
		result = json_pack("{s:s, s:s, s:s, s:s}", "public_key", public_key, "name", name,
				   "role", role, "file", a->words[1]);
		say_json(result);
		json_decref(result);
	} else {
		printf("%s %s %s\n", public_key, name, role);
	}
	return EXIT_FINE;
}

static int ask_about_key(struct context *c, const char *method, json_t *params, const char *done)
{
	json_t *result;
	int r = context_ask(c, method, params, &result);

	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("%s (%s) %s\n", json_string_value(json_object_get(result, "name")),
		       json_string_value(json_object_get(result, "role")), done);
	json_decref(result);
	return EXIT_FINE;
}

static int add_key(struct context *c, const struct arguments *a)
{
	char public_key[NUDGE_KEY_CHARS + 1];
	struct nudge_error error = {0};

	if (nudge_key_public(a->words[1], public_key, &error) < 0) {
		nudge_error_clear(&error);
		return say_usage("\"%.80s\" is neither a public key (%d characters of Z85) nor a "
				 "file that has one (FILE.pub)",
				 a->words[1], NUDGE_KEY_CHARS);
	}
	return ask_about_key(c, "key.add",
			     json_pack("{s:s, s:s, s:s}", "public_key", public_key, "name",
				       a->words[2], "role", a->words[3]),
			     "may come in");
}

static int run_key(struct context *c, const struct arguments *a)
{
	const char *verb = a->n_words ? a->words[0] : "list";

	if (strcmp(verb, "new") != 0 && (options_has(a, "name") || options_has(a, "role")))
		return say_usage("--name and --role go with key new");
	if (!strcmp(verb, "new") && a->n_words == 2)
		return new_key(c, a);
	if (!strcmp(verb, "add") && a->n_words == 4)
		return add_key(c, a);
	if (!strcmp(verb, "list") && a->n_words <= 1)
		return rows_print(c, "key.list", NULL, key_columns);
	if (!strcmp(verb, "revoke") && a->n_words == 2)
		return ask_about_key(c, "key.revoke", json_pack("{s:s}", "name", a->words[1]),
				     "may come in no more");
	return say_usage("expected: nudgectl key [list | new FILE | add PUBLIC NAME ROLE | "
			 "revoke NAME]");
}

/* ---- audit ---- */

static const struct table_column audit_columns[] = {
	{"t_utc", "TIME (UTC)", TABLE_TIME}, {"who", "WHO", TABLE_TEXT},
	{"from", "FROM", TABLE_TEXT},        {"what", "WHAT", TABLE_TEXT},
	{"run", "RUN", TABLE_NUMBER},        {"step", "STEP", TABLE_NUMBER},
	{"old", "OLD", TABLE_TEXT},          {"new", "NEW", TABLE_TEXT},
	{"request_id", "KEY", TABLE_TEXT},   {0},
};

static int run_audit(struct context *c, const struct arguments *a)
{
	static const char *const texts[] = {"from", "to", "who", "kind", NULL};
	static const char *const numbers[] = {"run", "limit", "after", NULL};
	json_t *params = json_object();
	int r = rows_params(a, texts, numbers, params);

	if (r == EXIT_FINE)
		return rows_print(c, "audit.list", params, audit_columns);
	json_decref(params);
	return r;
}

static const struct option_spec key_options[] = {
	{"name", 0, "NAME", "With new: whose key it is; else your login name."},
	{"role", 0, "ROLE", "With new: observer, operator or admin in the printed line; observer."},
	{0},
};

static const struct option_spec audit_options[] = {
	{"from", 0, "TIME", "Only from this time on, as in 2026-11-27T09:00:00Z."},
	{"to", 0, "TIME", "Only up to this time."},
	{"run", 0, "RUN", "Only changes of this run."},
	{"who", 0, "NAME", "Only what this person or key did."},
	{"kind", 0, "KIND", "Only param, run, key, lease, handshake, ..."},
	{"limit", 'n', "ROWS", "At most so many; 100."},
	{"after", 0, "ID", "Go on behind this row."},
	{0},
};

const struct command commands_key[] = {
	{
		.name = "key",
		.topic = TOPIC_SERVER,
		.synopsis = "[list | new FILE | add PUBLIC NAME ROLE | revoke NAME]",
		.summary = "Keys for TCP: makes a pair, lets keys in, takes them back.",
		.methods = "key.add key.list key.revoke",
		.text = "new writes FILE (mode 0600, never over another) and FILE.pub, and prints the line for\n"
			"authorized_keys.  PUBLIC is a key or a file that has one; a key may need 'quotes', and\n"
			"one that begins with - a -- before it.",
		.examples = "key new ~/.config/nudge.key --name ann --role operator\n"
			    "key add ann.key.pub ann operator\nkey list\nkey revoke ann\n",
		.options = key_options,
		.max_words = 4,
		.run = run_key,
	},
	{
		.name = "audit",
		.topic = TOPIC_HISTORY,
		.synopsis = "",
		.summary = "Who changed what, when, from where, at which step; newest first.",
		.methods = "audit.list",
		.examples = "audit\naudit --run 12\naudit --kind handshake\n"
			    "audit --csv --from 2026-11-01T00:00:00Z --limit 10000 > audit.csv\n",
		.options = audit_options,
		.run = run_audit,
	},
	{0},
};
