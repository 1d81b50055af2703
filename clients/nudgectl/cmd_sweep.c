/* clients/nudgectl/cmd_sweep.c - nudgectl sweep: one task over many values and seeds. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/table.h"

#define MOST_TOLD 5 /* failed cells that are told one by one */

/* ---- the directory, and what it holds from before ---- */

static int open_directory(struct sweep_run *run, const char *out)
{
	char *path = NULL;
	int r = EXIT_FINE;

	if (out ? !(path = strdup(out)) : asprintf(&path, "%s.sweep", run->sweep->file) < 0)
		return say_failed("no memory for a name");
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		r = say_failed("cannot make %s: %s; choose another with --out", path,
			       strerror(errno));
	else if (!(run->directory = realpath(path, NULL)))
		r = say_failed("%s: %s; choose another with --out", path, strerror(errno));
	free(path);
	return r;
}

static int look(struct sweep_run *run)
{
	int r = EXIT_FINE;

	run->results = calloc(run->sweep->n + 1, sizeof(*run->results));
	if (!run->results)
		return say_failed("no memory for %zu cells", run->sweep->n);
	for (size_t i = 0; i < run->sweep->n && r == EXIT_FINE; i++)
		r = cells_prepare(run->directory, &run->sweep->cells[i], false, &run->results[i]);
	return r;
}

static size_t count(const struct sweep_run *run, enum cell_status status)
{
	size_t n = 0;

	for (size_t i = 0; i < run->sweep->n; i++)
		n += run->results[i].status == status;
	return n;
}

/* {directory: true} of the present cells */
static json_t *directories(const struct sweep_run *run)
{
	json_t *set = json_object();

	for (size_t i = 0; i < run->sweep->n; i++) {
		const char *name = strrchr(run->results[i].directory, '/');

		json_object_set_new(set, name + 1, json_true());
	}
	return set;
}

/* Notices that the sweep is another than last time, and keeps what it is now. */
static int notice_change(const struct sweep_run *run)
{
	json_t *now = directories(run), *before, *value;
	size_t gone = 0, fresh = 0;
	const char *name;
	char *path;
	int r = EXIT_FINE;

	if (asprintf(&path, "%s/sweep.json", run->directory) < 0)
		return say_failed("no memory for a name");
	before = json_load_file(path, 0, NULL);
	json_object_foreach(before, name, value) gone += !json_object_get(now, name);
	json_object_foreach(now, name, value) fresh += !json_object_get(before, name);
	if (before && (gone || fresh))
		fprintf(stderr,
			"nudgectl: the sweep is another than last time: %zu cells are new, %zu "
			"former ones are no part of it any more (they stay in %s/cells)\n",
			fresh, gone, run->directory);
	if (json_dump_file(now, path, JSON_COMPACT) < 0)
		r = say_failed("%s: %s", path, strerror(errno));
	json_decref(before);
	json_decref(now);
	free(path);
	return r;
}

/* ---- what came of it ---- */

static json_t *result_rows(const struct sweep_run *run)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < run->sweep->n; i++)
		if (run->results[i].status == CELL_DONE)
			json_array_append_new(rows,
					      json_pack("{s:O, s:O}", "point",
							json_array_get(run->sweep->points,
								       i / run->sweep->n_seeds),
							"figures", run->results[i].figures));
	return rows;
}

static void tell_failed(const struct sweep_run *run)
{
	size_t failed = count(run, CELL_FAILED), told = 0;

	for (size_t i = 0; i < run->sweep->n && told < MOST_TOLD; i++) {
		if (run->results[i].status != CELL_FAILED)
			continue;
		told++;
		fprintf(stderr, "nudgectl: cell %zu (%s) failed: %s\n", i + 1, run->sweep->names[i],
			run->results[i].why);
	}
	if (failed > told)
		fprintf(stderr, "nudgectl: and %zu more\n", failed - told);
	if (failed)
		fprintf(stderr,
			"nudgectl: nudgectl sweep %s --only CELL runs one again; what it said is in "
			"%s\n",
			run->sweep->file, run->directory);
}

static json_t *cell_json(const struct sweep_run *run, size_t i)
{
	static const char *const words[] = {
		[CELL_OPEN] = "open", [CELL_DONE] = "done", [CELL_FAILED] = "failed"};
	const struct cell_result *result = &run->results[i];
	bool failed = result->status != CELL_DONE && result->why[0];

	return json_pack(
		"{s:I, s:s, s:I, s:O, s:s, s:s?, s:s, s:O?}", "cell", (json_int_t)i + 1, "name",
		run->sweep->names[i], "seed", (json_int_t)run->sweep->cells[i].seed, "point",
		json_array_get(run->sweep->points, i / run->sweep->n_seeds), "status",
		failed ? "failed" : words[result->status], "why", failed ? result->why : NULL,
		"directory", result->directory, "figures", result->figures);
}

static json_t *cells_json(const struct sweep_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < run->sweep->n; i++)
		json_array_append_new(list, cell_json(run, i));
	return list;
}

static int print_json(const struct sweep_run *run, const char *database, json_t *summary)
{
	json_t *all = json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:O, s:o}", "sweep", run->sweep->name, "directory",
		run->directory, "database", database, "n", (json_int_t)run->sweep->n, "done",
		(json_int_t)count(run, CELL_DONE), "table", summary, "cells", cells_json(run));

	say_json(all);
	json_decref(all);
	return EXIT_FINE;
}

static int show_results(const struct sweep_run *run, const char *database)
{
	json_t *rows = result_rows(run), *summary = sweep_summary(rows, run->sweep->figures);
	int r;

	if (run->c->format == FORMAT_JSON)
		r = print_json(run, database, summary);
	else
		r = sweep_print_summary(run->c, summary);
	if (r == EXIT_FINE && run->c->format == FORMAT_TABLE)
		printf("%zu of %zu cells in %s\n", count(run, CELL_DONE), run->sweep->n, database);
	json_decref(rows);
	json_decref(summary);
	return r;
}

/* ---- the command ---- */

static const struct table_column list_columns[] = {
	{"cell", "CELL", TABLE_NUMBER},         {"name", "NAME", TABLE_TEXT},
	{"status", "STATUS", TABLE_STATUS},     {"why", "WHY", TABLE_TEXT},
	{"directory", "DIRECTORY", TABLE_TEXT}, {0},
};

static int list_cells(const struct sweep_run *run)
{
	json_t *list = cells_json(run);
	int r = table_print(run->c, list_columns, list);

	json_decref(list);
	return r;
}

static int read_only(const struct arguments *a, struct sweep_run *run, size_t *room)
{
	const char *text;

	for (size_t i = 0; (text = options_nth(a, "only", i)); i++) {
		unsigned long long cell;

		if (!options_number(text, run->sweep->n, &cell) || cell == 0)
			return say_usage("--only %s: expected a cell's number, 1 to %zu; "
					 "--list shows them",
					 text, run->sweep->n);
		room[run->n_only++] = (size_t)cell - 1;
	}
	if (run->n_only)
		run->only = room;
	return EXIT_FINE;
}

static int make_and_show(struct sweep_run *run, bool slurm)
{
	char *database = NULL;
	int r = notice_change(run), shown;

	if (r != EXIT_FINE)
		return r;
	r = slurm ? sweep_on_slurm(run) : sweep_on_cores(run);
	tell_failed(run);
	/* broken off, or not even begun */
	if (count(run, CELL_DONE) == 0 || (!run->only && count(run, CELL_OPEN) > 0))
		return r == EXIT_FINE ? EXIT_FAILED : r;
	shown = sweep_merge(run, &database);
	if (shown == EXIT_FINE)
		shown = show_results(run, database);
	free(database);
	return r == EXIT_FINE ? shown : r;
}

static int run_here(struct context *c, const struct arguments *a, const struct sweep *sweep)
{
	struct sweep_run run = {
		.c = c, .sweep = sweep, .slurm_options = options_value(a, "slurm-options")};
	const char *jobs = options_value(a, "jobs");
	unsigned long long n_jobs = 0;
	size_t only[OPTIONS_MAX];
	int r = EXIT_FINE;

	if (jobs && (!options_number(jobs, 10000, &n_jobs) || n_jobs == 0))
		return say_usage("--jobs %s: expected a whole number from 1 to 10000", jobs);
	run.jobs = (unsigned)n_jobs;
	r = read_only(a, &run, only);
	if (r == EXIT_FINE)
		r = open_directory(&run, options_value(a, "out"));
	if (r == EXIT_FINE)
		r = look(&run);
	if (r == EXIT_FINE)
		r = options_has(a, "list") ? list_cells(&run)
					   : make_and_show(&run, options_has(a, "slurm"));
	if (run.results)
		cells_clear(run.results, sweep->n);
	free(run.results);
	free(run.directory);
	return r;
}

static int refuse_mixtures(const struct arguments *a)
{
	static const char *const only_files[] = {"jobs", "out", "only", "list"};

	if (options_has(a, "queue") && options_has(a, "slurm"))
		return say_usage("--queue and --slurm: one of them");
	if (options_has(a, "slurm-options") && !options_has(a, "slurm"))
		return say_usage("--slurm-options belongs to --slurm");
	for (size_t i = 0; i < sizeof(only_files) / sizeof(only_files[0]); i++)
		if (options_has(a, "queue") && options_has(a, only_files[i]))
			return say_usage("--%s has no meaning with --queue: the daemon runs the "
					 "cells one by one and keeps them",
					 only_files[i]);
	return EXIT_FINE;
}

static int run_sweep(struct context *c, const struct arguments *a)
{
	struct sweep *sweep = NULL;
	int r = refuse_mixtures(a);

	if (r == EXIT_FINE)
		r = sweep_read(a->words[0], &sweep);
	if (r == EXIT_FINE)
		r = options_has(a, "queue") ? sweep_on_queue(c, sweep) : run_here(c, a, sweep);
	sweep_free(sweep);
	return r;
}

static const struct option_spec sweep_options[] = {
	{"jobs", 'j', "N", "Runs at a time; else one a core."},
	{"out", 'o', "DIR", "Where cells and results are kept; else FILE.sweep."},
	{"only", 0, "CELL", "Only this cell, by its number; repeatable."},
	{"list", 0, NULL, "Show the cells and what became of them; run nothing."},
	{"queue", 0, NULL, "Submit the cells to a running daemon, and follow."},
	{"slurm", 0, NULL, "Run the cells as a Slurm job array, and follow."},
	{"slurm-options", 0, "OPTIONS", "More for sbatch: '--partition=short --time=10'."},
	{0},
};

const struct command commands_sweep[] = {
	{
		.name = "sweep",
		.topic = TOPIC_STUDIES,
		.synopsis = "FILE",
		.summary = "Run a task over many values and seeds, and sum up.",
		.text = "FILE says which task, rig, values and seeds (docs/FILES.md).  Each cell is a run of\n"
			"nudged --once, in random order, on all cores.  A sweep that was ended, however,\n"
			"goes on where it was by the same command; what has changed is run anew.  All\n"
			"runs are merged into DIR/results.db.  A failed cell is told and stops no other.\n"
			"Exit status: 0 all cells are done, 1 some failed or it was interrupted.",
		.examples = "sweep docs/experiments/sweep-p.yaml\n"
			    "sweep --jobs 4 --out p sweep-p.yaml\n"
			    "sweep sweep-p.yaml --list\n"
			    "sweep sweep-p.yaml --only 7\n"
			    "sweep sweep-p.yaml --queue\n"
			    "sweep sweep-p.yaml --slurm --slurm-options '--partition=short'\n",
		.options = sweep_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_sweep,
	},
	{0},
};
