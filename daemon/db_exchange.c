/* daemon/db_exchange.c - nudge-db export and import: from the command line's words to the work, and what is said of it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_exchange.h"

static void print_json(json_t *line)
{
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

/* ---- export ---- */

static int64_t rows_of(const struct dump *dump, const char *table)
{
	for (size_t i = 0; i < dump->n; i++)
		if (strcmp(dump->tables[i].name, table) == 0)
			return dump->tables[i].rows;
	return 0;
}

static void tell_exported(const char *path, const struct dump *dump)
{
	printf("%s: run %lld, %lld steps, %lld tests, %lld events\n", path, (long long)dump->run,
	       (long long)rows_of(dump, "steps"), (long long)rows_of(dump, "tests"),
	       (long long)rows_of(dump, "events"));
}

static void tell_exported_json(const char *path, const struct dump *dump)
{
	const json_t *run = json_object_get(dump->manifest, "run");

	print_json(json_pack("{s:I, s:O, s:s, s:I}", "run", (json_int_t)dump->run, "uuid",
			     json_object_get(run, "uuid"), "file", path, "steps",
			     (json_int_t)rows_of(dump, "steps")));
}

static int read_run(const char *word, int64_t *ret, struct problem *p)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(word, &end, 10);
	if (end == word || *end || errno || value < 1)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "\"%s\": expected a run's number, from 1 on", word);
	*ret = value;
	return 0;
}

int db_exchange_export(const struct exchange *asked, char *const *words, size_t n,
		       struct problem *p)
{
	int64_t *runs;
	int r = 0;

	if (asked->format == EXPORT_NONE)
		return problem_set(p, PROBLEM_PARAMS, "", "export: --npz, --hdf5 or --csv?");
	runs = calloc(n, sizeof(*runs));
	if (!runs)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a list");
	for (size_t i = 1; i < n && r == 0; i++)
		r = read_run(words[i], &runs[i - 1], p);
	if (r == 0)
		r = db_export(words[0], runs, n - 1, asked->format, asked->out,
			      asked->json ? tell_exported_json : tell_exported, p);
	free(runs);
	return r;
}

/* ---- import ---- */

static void tell_imported(const char *file, const struct import_found *found)
{
	printf("%s: run %lld%s%s\n", file, (long long)found->out, found->name[0] ? ", " : "",
	       found->name);
}

static void tell_imported_json(const char *file, const struct import_found *found)
{
	print_json(json_pack("{s:s, s:I, s:s}", "file", file, "run", (json_int_t)found->out, "uuid",
			     found->uuid));
}

static int show(const struct exchange *asked, char *const *words, size_t n, struct problem *p)
{
	for (size_t i = 1; i < n; i++)
		if (db_foreign_show(words[i], &asked->foreign, p) < 0)
			return -1;
	return 0;
}

int db_exchange_import(const struct exchange *asked, char *const *words, size_t n,
		       struct problem *p)
{
	const struct foreign *foreign = &asked->foreign;

	if (!asked->table && (foreign->time || foreign->error || foreign->n_voltages ||
			      foreign->show || foreign->name))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "import: --time, --error, --voltage, --name and --show are of a "
				   "table: --csv");
	if (foreign->show)
		return show(asked, words, n, p);
	return db_import(words[0], words + 1, n - 1, asked->table ? db_foreign_read : db_import_run,
			 foreign, asked->json ? tell_imported_json : tell_imported, p);
}
