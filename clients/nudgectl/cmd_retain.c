/* clients/nudgectl/cmd_retain.c - room: what runs take, thinning them, and copies of the database. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/nudge_db.h"
#include "clients/nudgectl/rows.h"
#include "clients/nudgectl/table.h"

#define LOOK_MS 200 /* how far it is */

static double real_of(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* "20.7 MB" */
static const char *size_text(double bytes, char text[24])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	size_t i = 0;

	while (bytes >= 999.5 && i < 4) {
		bytes /= 1000;
		i++;
	}
	snprintf(text, 24, i ? "%.3g %s" : "%.0f %s", bytes, units[i]);
	return text;
}

/* ---- du ---- */

static const struct table_column du_columns[] = {
	{"run", "RUN", TABLE_NUMBER},
	{"name", "NAME", TABLE_TEXT},
	{"status", "STATUS", TABLE_STATUS},
	{"ended_utc", "ENDED (UTC)", TABLE_TIME},
	{"star", "STAR", TABLE_NUMBER},
	{"steps", "STEPS", TABLE_NUMBER},
	{"keep_every", "KEPT_EVERY", TABLE_NUMBER},
	{"rows", "ROWS", TABLE_NUMBER},
	{"total_B", "BYTES", TABLE_NUMBER},
	{"steps_B", "STEPS_B", TABLE_NUMBER},
	{"bins_B", "BINS_B", TABLE_NUMBER},
	{"tests_B", "TESTS_B", TABLE_NUMBER},
	{"events_B", "EVENTS_B", TABLE_NUMBER},
	{"params_B", "PARAMS_B", TABLE_NUMBER},
	{"run_B", "RUN_B", TABLE_NUMBER},
	{0},
};

static void say_room(const json_t *result)
{
	char total[24], file[24], unused[24], log[24], disk[24];
	double n = real_of(result, "runs"),
	       shown = json_array_size(json_object_get(result, "rows"));

	if (shown < n)
		printf("and %.0f smaller ones\n", n - shown);
	printf("\n%s in %.0f run%s, about; the file has %s, of which %s not in use, its log %s; %s free on "
	       "its disk\n",
	       size_text(real_of(result, "total_B"), total), n, n == 1 ? "" : "s",
	       size_text(real_of(result, "file_B"), file),
	       size_text(real_of(result, "free_in_file_B"), unused),
	       size_text(real_of(result, "log_B"), log),
	       json_is_number(json_object_get(result, "disk_free_B"))
		       ? size_text(real_of(result, "disk_free_B"), disk)
		       : "?");
	if (!json_is_true(json_object_get(result, "gives_back")))
		puts("room that rows leave stays in the file, for others to come, until nudge-db vacuum "
		     "FILE (with the daemon stopped)");
}

static int run_du(struct context *c, const struct arguments *a)
{
	static const char *const texts[] = {"where", NULL}, *const numbers[] = {"limit", NULL};
	json_t *params = json_pack("{s:i}", "limit", 20), *result;
	unsigned long long run;
	int r = rows_params(a, texts, numbers, params);

	if (r == EXIT_FINE && a->n_words > 0) {
		if (!options_number(a->words[0], INT64_MAX, &run))
			r = say_usage("du %s: expected a run's number", a->words[0]);
		json_object_set_new(params, "run", json_integer((json_int_t)run));
	}
	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	r = context_ask(c, "history.du", params, &result);
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON) {
		say_json(result);
	} else {
		r = table_print(c, du_columns, json_object_get(result, "rows"));
		if (c->format == FORMAT_TABLE)
			say_room(result);
	}
	json_decref(result);
	return r;
}

/* ---- retain ---- */

static int read_runs(const struct arguments *a, json_t *params)
{
	json_t *runs = json_array();
	unsigned long long run;

	for (size_t i = 0; i < a->n_words; i++) {
		if (!options_number(a->words[i], INT64_MAX, &run)) {
			json_decref(runs);
			return say_usage("retain %s: expected a run's number", a->words[i]);
		}
		json_array_append_new(runs, json_integer((json_int_t)run));
	}
	json_object_set_new(params, "runs", runs);
	return EXIT_FINE;
}

static int retain_params(const struct arguments *a, json_t *params)
{
	const char *every = options_value(a, "keep-every"), *days = options_value(a, "after-days");
	const char *where = options_value(a, "where");
	unsigned long long k;
	double d = 0;

	if (!every)
		return say_usage("retain: which steps stay? --keep-every K");
	if (!options_number(every, 1000000000, &k) || k < 2)
		return say_usage("--keep-every %s: expected a whole number from 2 on", every);
	if (days && !options_real(days, 0, 36500, &d))
		return say_usage("--after-days %s: expected a number from 0 on", days);
	if ((where != NULL) == (a->n_words > 0))
		return say_usage("retain: which runs? Their numbers, or --where FILTER");
	json_object_set_new(params, "keep_every", json_integer((json_int_t)k));
	if (days)
		json_object_set_new(params, "after_days", json_real(d));
	if (where)
		json_object_set_new(params, "where", json_string(where));
	return where ? EXIT_FINE : read_runs(a, params);
}

static int call(struct context *c, const json_t *params, bool dry_run, json_t **ret)
{
	json_t *meta = dry_run ? json_pack("{s:b}", "dry_run", 1) : NULL;
	struct nudge_record *record;
	int r = context_ask_record(c, "history.retain", json_deep_copy(params), meta, &record);

	if (r != EXIT_FINE)
		return r;
	*ret = json_incref(record->header);
	nudge_record_free(record);
	return EXIT_FINE;
}

static void say_plan(const json_t *plan, FILE *out)
{
	const json_t *row;
	char bytes[24];
	size_t i;

	json_array_foreach(json_object_get(plan, "left_alone"), i, row)
		fprintf(out, "run %.0f stays as it is: %s\n", real_of(row, "run"),
			json_string_value(json_object_get(row, "why")));
	json_array_foreach(json_object_get(plan, "runs"), i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));

		fprintf(out,
			"run %.0f (%s): %.0f of %.0f rows go, about %s; every %.0fth step stays\n",
			real_of(row, "run"), name ? name : "", real_of(row, "rows_to_go"),
			real_of(row, "rows"), size_text(real_of(row, "bytes_to_go"), bytes),
			real_of(row, "keep_every"));
	}
	fprintf(out, "in all %.0f rows, about %s\n", real_of(plan, "rows_to_go"),
		size_text(real_of(plan, "bytes_to_go"), bytes));
}

static bool is_yes(FILE *in)
{
	char answer[16];

	return fgets(answer, sizeof(answer), in) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int confirm(const json_t *plan)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return say_usage(
			"retain: these rows would be gone for good: say --yes, or look with "
			"--dry-run first");
	say_plan(plan, stderr);
	fputs("They are gone for good; bins, tests, events and parameters stay. Thin these runs? [y/N] ",
	      stderr);
	return is_yes(stdin) ? EXIT_FINE : say_failed("nothing has gone");
}

/* Until nothing is being thinned any more.  An interrupt leaves it to the daemon. */
static int watch(struct context *c)
{
	bool show = isatty(STDERR_FILENO), ended = false, left = false;
	struct pollfd interrupt = {.fd = interrupt_open(), .events = POLLIN};
	json_t *snapshot, *at;
	int r = EXIT_FINE;

	while (!ended && !left) {
		r = context_ask(c, "state.snapshot", NULL, &snapshot);
		if (r != EXIT_FINE)
			break;
		at = json_object_get(snapshot, "retaining");
		ended = !json_is_object(at);
		if (show && !ended)
			fprintf(stderr,
				"\r\033[Krun %.0f: %s %.0f %%, %.0f rows gone, %.0f more to come",
				real_of(at, "run"),
				strcmp(json_string_value(json_object_get(at, "doing")), "steps")
					? "giving room back"
					: "steps",
				100 * real_of(at, "done") /
					(real_of(at, "of") > 0 ? real_of(at, "of") : 1),
				real_of(at, "deleted"),
				real_of(at, "runs_left") > 1 ? real_of(at, "runs_left") - 1 : 0);
		json_decref(snapshot);
		if (!ended)
			(void)poll(&interrupt, 1, LOOK_MS);
		left = interrupt.fd >= 0 && interrupt_take(interrupt.fd);
	}
	if (show)
		fputs("\r\033[K", stderr);
	if (left && !ended)
		fputs("nudgectl: the daemon goes on with it\n", stderr);
	if (interrupt.fd >= 0)
		interrupt_close(interrupt.fd);
	return r;
}

static int thin(struct context *c, const struct arguments *a, const json_t *params)
{
	json_t *plan, *done;
	size_t n;
	int r = call(c, params, true, &plan);

	if (r != EXIT_FINE)
		return r;
	n = json_array_size(json_object_get(plan, "runs"));
	if (n > 0 && !options_has(a, "dry-run") && !options_has(a, "yes"))
		r = confirm(plan);
	if (r == EXIT_FINE && n > 0 && !options_has(a, "dry-run")) {
		r = call(c, params, false, &done);
		if (r == EXIT_FINE) {
			json_decref(plan);
			plan = done;
			r = options_has(a, "no-wait") ? EXIT_FINE : watch(c);
		}
	}
	if (r == EXIT_FINE && c->format == FORMAT_JSON) {
		say_json(plan);
	} else if (r == EXIT_FINE) {
		say_plan(plan, stdout);
		puts(n == 0                      ? "nothing to thin"
		     : options_has(a, "dry-run") ? "a dry run: nothing has gone"
		     : options_has(a, "no-wait") ? "the daemon thins them when it has time"
						 : "thinned");
	}
	json_decref(plan);
	return r;
}

static int run_retain(struct context *c, const struct arguments *a)
{
	json_t *params = json_object();
	int r = retain_params(a, params);

	if (r == EXIT_FINE)
		r = thin(c, a, params);
	json_decref(params);
	return r;
}

/* ---- snapshot ---- */

static int run_snapshot(struct context *c, const struct arguments *a)
{
	const char *given = options_value(a, "db");
	char *asked = NULL;
	char *words[] = {NULL,
			 (char *)"snapshot",
			 (char *)given,
			 a->words[0],
			 c->format == FORMAT_JSON ? (char *)"--json" : NULL,
			 NULL};
	int r = EXIT_FINE;

	if (!given)
		r = nudge_db_of_daemon(c, "snapshot", &asked);
	if (asked)
		words[2] = asked;
	if (r == EXIT_FINE)
		r = nudge_db_run(words);
	free(asked);
	return r;
}

static const struct option_spec du_options[] = {
	{"where", 0, "FILTER", "Only runs of which this is true."},
	{"limit", 'n', "ROWS", "At most so many; 20."},
	{0},
};

static const struct option_spec retain_options[] = {
	{"keep-every", 0, "K", "The steps that stay: those that K divides."},
	{"where", 0, "FILTER", "Runs of which this is true, but starred ones."},
	{"after-days", 0, "N", "Only runs that ended so many days ago."},
	{"dry-run", 0, NULL, "Say what would go; change nothing."},
	{"yes", 0, NULL, "Do not ask."},
	{"no-wait", 0, NULL, "Do not wait until it is done."},
	{0},
};

static const struct option_spec snapshot_options[] = {
	{"db", 0, "FILE", "The database; else the daemon says which."},
	{0},
};

const struct command commands_retain[] = {
	{
		.name = "du",
		.topic = TOPIC_HISTORY,
		.synopsis = "[RUN]",
		.summary = "How many bytes runs take, the largest first, and what room there is.",
		.methods = "history.du",
		.examples = "du\ndu 12\ndu --where \"not star\" --limit 5\ndu --csv > du.csv\n",
		.options = du_options,
		.max_words = 1,
		.run = run_du,
	},
	{
		.name = "retain",
		.topic = TOPIC_HISTORY,
		.synopsis = "--keep-every K RUN...|--where FILTER",
		.summary = "Thin the steps of ended runs, for good.",
		.methods = "history.retain",
		.text = "Of the rows of steps every K-th stays, with the first, the last, those behind the\n"
			"last whole bin of 256, and those that a checkpoint or a fork refers to.  Bins,\n"
			"tests, events, parameters and the run's own figures stay as they are.  A filter\n"
			"leaves starred runs alone; a run that is named is meant.  The daemon does it\n"
			"little by little, and goes on with it after a crash.",
		.examples =
			"retain --keep-every 100 12 13 --yes\n"
			"retain --keep-every 1000 --where \"tag = 'draft'\" --after-days 30 --yes\n"
			"retain --keep-every 100 --dry-run --where \"steps > 1000000\"\n",
		.options = retain_options,
		.max_words = 1000,
		.run = run_retain,
	},
	{
		.name = "snapshot",
		.topic = TOPIC_HISTORY,
		.synopsis = "FILE",
		.summary = "A copy of the daemon's database as of one moment, while it goes on.",
		.methods = "server.hello",
		.text = "Made by nudge-db snapshot, on the daemon's own machine.  FILE must not be there yet.",
		.examples = "snapshot friday.db\nsnapshot --db old.db old-friday.db\n",
		.options = snapshot_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_snapshot,
	},
	{0},
};
