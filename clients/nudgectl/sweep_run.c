/* clients/nudgectl/sweep_run.c - a sweep on all cores of this machine, and its runs merged into one database. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/program.h"
#include "clients/nudgectl/sweep.h"

/* ---- making the cells ---- */

struct subset {
	struct sweep_run *run;
	struct cell *cells;
	struct cell_result *results;
	size_t *order;
	size_t n;
};

/* Those that are wanted, in the order that was drawn. */
static int choose(struct subset *subset)
{
	const struct sweep_run *run = subset->run;
	const struct sweep *s = run->sweep;

	subset->n = run->only ? run->n_only : s->n;
	subset->cells = calloc(subset->n + 1, sizeof(*subset->cells));
	subset->results = calloc(subset->n + 1, sizeof(*subset->results));
	subset->order = calloc(subset->n + 1, sizeof(*subset->order));
	if (!subset->cells || !subset->results || !subset->order)
		return say_failed("no memory for %zu cells", subset->n);
	for (size_t i = 0; i < subset->n; i++) {
		subset->order[i] = run->only ? i : s->order[i];
		subset->cells[i] = s->cells[run->only ? run->only[i] : i];
	}
	return EXIT_FINE;
}

int sweep_refuse_bench(const struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *backend =
			json_string_value(json_object_get(s->cells[i].rig, "backend"));

		if (backend && !strcmp(backend, "bench"))
			return say_usage("%s: the rig is a bench: sweep FILE --queue lets the "
					 "daemon that has it run the cells one by one",
					 s->file);
	}
	return EXIT_FINE;
}

/* All results, those that were not wanted now as they are. */
static int gather(struct subset *subset)
{
	struct sweep_run *run = subset->run;
	int r = EXIT_FINE;

	for (size_t i = 0; i < run->sweep->n && r == EXIT_FINE; i++)
		r = cells_prepare(run->directory, &run->sweep->cells[i], false, &run->results[i]);
	for (size_t i = 0; i < subset->n && r == EXIT_FINE; i++) {
		size_t cell = run->only ? run->only[i] : i;

		cells_clear(&run->results[cell], 1);
		run->results[cell] = subset->results[i];
		subset->results[i] = (struct cell_result){0};
	}
	return r;
}

int sweep_on_cores(struct sweep_run *run)
{
	struct subset subset = {.run = run};
	int r = sweep_refuse_bench(run->sweep);

	if (r == EXIT_FINE)
		r = choose(&subset);
	if (r == EXIT_FINE) {
		struct cells_setup setup = {
			.directory = run->directory,
			.jobs = run->jobs,
			.what = "cells",
			.unicode = run->c->unicode,
			.order = subset.order,
		};
		int gathered;

		r = cells_run(&setup, subset.cells, subset.n, subset.results);
		gathered = gather(&subset);
		r = r == EXIT_FINE ? gathered : r;
	}
	if (subset.results)
		cells_clear(subset.results, subset.n);
	free(subset.cells);
	free(subset.results);
	free(subset.order);
	return r;
}

/* ---- one database ---- */

/* The merged file is made anew each time: what it holds depends on the cells alone. */
static int clear_old(const char *database)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path;

		if (asprintf(&path, "%s%s", database, suffixes[i]) < 0)
			return say_failed("no memory for a name");
		if (unlink(path) < 0 && errno != ENOENT) {
			say_failed("%s: %s", path, strerror(errno));
			free(path);
			return EXIT_FAILED;
		}
		free(path);
	}
	return EXIT_FINE;
}

static int write_list(const struct sweep_run *run, const char *path)
{
	FILE *f = fopen(path, "w");
	size_t n = 0;

	if (!f)
		return say_failed("%s: %s", path, strerror(errno));
	for (size_t i = 0; i < run->sweep->n; i++)
		if (run->results[i].status == CELL_DONE && ++n)
			fprintf(f, "%s\n", run->results[i].database);
	if (fclose(f) == EOF)
		return say_failed("%s: %s", path, strerror(errno));
	return n ? EXIT_FINE : say_failed("no cell is done: there is nothing to merge");
}

int sweep_merge(const struct sweep_run *run, char **ret_database)
{
	char *database = NULL, *list = NULL, *nudge_db = program_find("nudge-db");
	json_t *said = NULL;
	int r = EXIT_FINE;

	if (asprintf(&database, "%s/results.db", run->directory) < 0)
		database = NULL;
	if (asprintf(&list, "%s/merged.txt", run->directory) < 0)
		list = NULL;
	if (!nudge_db)
		r = say_failed(
			"nudge-db is neither beside nudgectl nor in $PATH: install it there");
	else if (!database || !list)
		r = say_failed("no memory for a name");
	if (r == EXIT_FINE)
		r = write_list(run, list);
	if (r == EXIT_FINE)
		r = clear_old(database);
	if (r == EXIT_FINE) {
		char *argv[] = {nudge_db,
				(char *)"merge",
				(char *)"--json",
				(char *)"--inputs",
				list,
				database,
				NULL};

		if (program_json(argv, &said) != 0)
			r = say_failed("the runs could not be merged into %s", database);
	}
	json_decref(said);
	free(list);
	free(nudge_db);
	if (r == EXIT_FINE)
		*ret_database = database;
	else
		free(database);
	return r;
}
