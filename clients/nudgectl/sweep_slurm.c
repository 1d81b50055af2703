/* clients/nudgectl/sweep_slurm.c - a sweep as a Slurm job array: writes the batch script, submits, follows. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/nudgectl/bar.h"
#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/program.h"
#include "clients/nudgectl/sweep.h"

#define MOST_TASKS 1000 /* of an array; Slurm's MaxArraySize is 1001 unless somebody changed it */
#define POLL_MS    1000 /* squeue is a question to a daemon that others want something of, too */
#define MOST_WORDS 64   /* of --slurm-options */

struct slurm {
	struct sweep_run *run;
	char *nudged, *sbatch, *squeue;
	char job[64];     /* "1234"; "" none */
	size_t *cells, n; /* those of this job */
	size_t done, failed;
	int interrupt;
};

static int in_directory(const struct slurm *s, const char *name, const char *mode, FILE **ret)
{
	char *path;

	if (asprintf(&path, "%s/%s", s->run->directory, name) < 0)
		return say_failed("no memory for a name");
	*ret = fopen(path, mode);
	if (!*ret && mode[0] == 'w')
		say_failed("%s: %s", path, strerror(errno));
	free(path);
	return *ret ? EXIT_FINE : EXIT_FAILED;
}

/* ---- the scripts ---- */

static void put_quoted(FILE *f, const char *text)
{
	fputc('\'', f);
	for (; *text; text++)
		fputs(*text == '\'' ? "'\\''" : (char[2]){*text, '\0'}, f);
	fputc('\'', f);
}

/* A cell's own: its database grows on the node's disk (SQLite's log wants a local one) and then comes here. */
static int write_cell(const struct slurm *s, size_t i)
{
	const struct cell_result *result = &s->run->results[i];
	char **argv = cells_arguments(s->nudged, &s->run->sweep->cells[i], result), *path = NULL;
	FILE *f = NULL;
	int r = EXIT_FINE;

	if (!argv || asprintf(&path, "%s/run.sh", result->directory) < 0)
		r = say_failed("no memory for a script");
	else if (!(f = fopen(path, "w")))
		r = say_failed("%s: %s", path, strerror(errno));
	if (f) {
		fputs("cd ", f);
		put_quoted(f, result->directory);
		fputs(" || exit\nlocal=$(mktemp -d) || exit\n"
		      "export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1\n",
		      f);
		for (char **arg = argv; *arg; arg++) {
			if (strcmp(*arg, result->database))
				put_quoted(f, *arg);
			else
				fputs("\"$local/run.db\"", f);
			fputc(' ', f);
		}
		fputs("< /dev/null > out.json 2> stderr\ncode=$?\n"
		      "cp \"$local/run.db\" run.db || [ \"$code\" -ne 0 ] || code=1\n"
		      "rm -rf \"$local\"\n"
		      "echo \"$code\" > code.new && mv code.new code\n",
		      f);
	}
	if (f && fclose(f) == EOF)
		r = say_failed("%s: %s", path, strerror(errno));
	cells_arguments_free(argv);
	free(path);
	return r;
}

/* slurm.cells: a cell's directory a line; slurm.sh: array task k takes each that is k modulo the number of tasks. */
static int write_batch(const struct slurm *s)
{
	size_t tasks = s->n < MOST_TASKS ? s->n : MOST_TASKS;
	FILE *f;
	int r = in_directory(s, "slurm.cells", "w", &f);

	if (r != EXIT_FINE)
		return r;
	for (size_t i = 0; i < s->n; i++)
		fprintf(f, "%s\n", s->run->results[s->cells[i]].directory);
	if (fclose(f) == EOF)
		return say_failed("%s/slurm.cells: %s", s->run->directory, strerror(errno));
	r = in_directory(s, "slurm.sh", "w", &f);
	if (r != EXIT_FINE)
		return r;
	fprintf(f,
		"#!/bin/sh\n"
		"#SBATCH --job-name=nudge-sweep\n"
		"#SBATCH --array=0-%zu\n"
		"#SBATCH --ntasks=1 --cpus-per-task=1\n"
		"#SBATCH --output=/dev/null\n"
		"k=0\n"
		"while read -r cell; do\n"
		"\t[ $((k %% %zu)) -ne \"$SLURM_ARRAY_TASK_ID\" ] || sh \"$cell/run.sh\"\n"
		"\tk=$((k + 1))\n"
		"done < ",
		tasks - 1, tasks);
	put_quoted(f, s->run->directory);
	fputs("/slurm.cells\n", f);
	return fclose(f) == EOF ? say_failed("%s/slurm.sh: %s", s->run->directory, strerror(errno))
				: EXIT_FINE;
}

/* ---- asking Slurm ---- */

/* The first line that argv prints; its exit code. */
static int ask(char *const *argv, char *line, size_t size)
{
	FILE *out = tmpfile();
	int r;

	line[0] = '\0';
	if (!out)
		return -errno;
	r = program_run(argv, fileno(out));
	rewind(out);
	if (!fgets(line, (int)size, out))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(out);
	return r;
}

static int keep_job(const struct slurm *s)
{
	FILE *f;
	int r = in_directory(s, "slurm.job", "w", &f);

	if (r == EXIT_FINE)
		fprintf(f, "%s\n", s->job);
	return r == EXIT_FINE && fclose(f) == EOF ? EXIT_FAILED : r;
}

static int submit(struct slurm *s)
{
	char *options = strdup(s->run->slurm_options ? s->run->slurm_options : "");
	char *argv[MOST_WORDS + 4] = {s->sbatch, (char *)"--parsable"}, *script = NULL, *rest;
	size_t n = 2;
	int r;

	if (!options || asprintf(&script, "%s/slurm.sh", s->run->directory) < 0)
		r = say_failed("no memory for a command line");
	else {
		for (char *word = strtok_r(options, " ", &rest); word && n < MOST_WORDS;
		     word = strtok_r(NULL, " ", &rest))
			argv[n++] = word;
		argv[n] = script;
		r = ask(argv, s->job, sizeof(s->job));
		s->job[strcspn(s->job, ";")] = '\0'; /* "1234;cluster" */
		r = r == 0 && s->job[0]
			    ? keep_job(s)
			    : say_failed("sbatch did not take %s (it said why above)", script);
	}
	free(options);
	free(script);
	return r;
}

/* Whether some task of the job waits or runs.  A Slurm that does not answer has not ended our job. */
static bool job_is_there(const struct slurm *s)
{
	char *of_job[] = {s->squeue, (char *)"--noheader", (char *)"--jobs", (char *)s->job, NULL};
	char *of_all[] = {s->squeue, (char *)"--noheader", NULL};
	char line[200];

	if (ask(of_job, line, sizeof(line)) == 0)
		return line[0] != '\0';
	/* it knows the job no more, or does not answer at all */
	return ask(of_all, line, sizeof(line)) != 0;
}

/* ---- following ---- */

/* Reads what the cell's script wrote last; false: not yet. */
static bool take_code(struct cell_result *result)
{
	char *path;
	FILE *f;
	int code, got;

	if (asprintf(&path, "%s/code", result->directory) < 0)
		return false;
	f = fopen(path, "r");
	free(path);
	if (!f)
		return false;
	got = fscanf(f, "%d", &code);
	fclose(f);
	if (got == 1)
		cells_finish(result, code);
	return got == 1;
}

/* Those of the job that have ended since. */
static void take_ended(struct slurm *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct cell_result *result = &s->run->results[s->cells[i]];

		if (result->status != CELL_OPEN || !take_code(result))
			continue;
		s->done += result->status == CELL_DONE;
		s->failed += result->status == CELL_FAILED;
	}
}

static void give_up_open(struct slurm *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct cell_result *result = &s->run->results[s->cells[i]];

		if (result->status != CELL_OPEN)
			continue;
		result->status = CELL_FAILED;
		s->failed++;
		snprintf(
			result->why, sizeof(result->why),
			"Slurm's job %s ended without it (cancelled, out of time or memory, or its "
			"node does not see %s)",
			s->job, s->run->directory);
	}
}

static int leave(const struct slurm *s)
{
	return say_failed("Slurm's job %s goes on; the same command follows it, scancel %s ends it",
			  s->job, s->job);
}

static int follow(struct slurm *s)
{
	struct pollfd fd = {.fd = s->interrupt, .events = POLLIN};
	struct bar bar;
	bool there = true, interrupted = false;

	fprintf(stderr, "nudgectl: %zu cells are Slurm's job %s\n", s->n, s->job);
	s->done = s->failed = 0;
	bar_init(&bar, "cells", s->n, 0, s->run->c->unicode);
	while (s->done + s->failed < s->n && there && !interrupted) {
		poll(&fd, 1, POLL_MS);
		interrupted = interrupt_take(s->interrupt);
		there = job_is_there(s);
		take_ended(s); /* after the question: what had ended by then has written its last */
		bar_show(&bar, s->done, s->failed);
	}
	if (!interrupted)
		give_up_open(s);
	bar_end(&bar, s->done, s->failed);
	return interrupted ? leave(s) : EXIT_FINE;
}

/* ---- the whole ---- */

/* The open ones of those that are wanted, as this job's. */
static void choose(struct slurm *s)
{
	const struct sweep *sweep = s->run->sweep;

	s->n = 0;
	for (size_t i = 0; i < (s->run->only ? s->run->n_only : sweep->n); i++) {
		size_t cell = s->run->only ? s->run->only[i] : sweep->order[i];

		if (s->run->results[cell].status == CELL_OPEN)
			s->cells[s->n++] = cell;
	}
}

/* Those of a job that was submitted before and is still there. */
static int follow_former(struct slurm *s)
{
	char *directory = NULL;
	size_t size = 0;
	FILE *f;
	int r = EXIT_FINE;

	if (in_directory(s, "slurm.job", "r", &f) != EXIT_FINE)
		return EXIT_FINE;
	if (!fgets(s->job, sizeof(s->job), f))
		s->job[0] = '\0';
	fclose(f);
	s->job[strcspn(s->job, "\n")] = '\0';
	if (!s->job[0] || in_directory(s, "slurm.cells", "r", &f) != EXIT_FINE)
		return EXIT_FINE;
	while (getline(&directory, &size, f) > 0) {
		directory[strcspn(directory, "\n")] = '\0';
		for (size_t i = 0; i < s->run->sweep->n; i++)
			if (!strcmp(s->run->results[i].directory, directory) &&
			    s->run->results[i].status == CELL_OPEN && !s->run->results[i].why[0])
				s->cells[s->n++] = i;
	}
	free(directory);
	fclose(f);
	if (s->n && job_is_there(s))
		r = follow(s);
	else
		take_ended(s);
	return r;
}

static int submit_open(struct slurm *s)
{
	int r = EXIT_FINE;

	choose(s);
	if (s->n == 0)
		return EXIT_FINE;
	for (size_t i = 0; i < s->n && r == EXIT_FINE; i++) {
		r = cells_prepare(s->run->directory, &s->run->sweep->cells[s->cells[i]], true,
				  &s->run->results[s->cells[i]]);
		if (r == EXIT_FINE)
			r = write_cell(s, s->cells[i]);
	}
	if (r == EXIT_FINE)
		r = write_batch(s);
	if (r == EXIT_FINE)
		r = submit(s);
	return r == EXIT_FINE ? follow(s) : r;
}

static int find_programs(struct slurm *s)
{
	s->nudged = program_find("nudged");
	s->sbatch = program_find("sbatch");
	s->squeue = program_find("squeue");
	s->cells = calloc(s->run->sweep->n + 1, sizeof(*s->cells));
	if (!s->nudged)
		return say_failed(
			"nudged is neither beside nudgectl nor in $PATH: install it there");
	if (!s->sbatch || !s->squeue)
		return say_failed("sbatch and squeue are not in $PATH: install Slurm's client "
				  "programs (slurm-client), or run the sweep here without --slurm");
	return s->cells ? EXIT_FINE : say_failed("no memory for %zu cells", s->run->sweep->n);
}

static int run_all(struct slurm *s)
{
	int r = find_programs(s);

	if (r != EXIT_FINE)
		return r;
	s->interrupt = interrupt_open();
	if (s->interrupt < 0)
		return say_failed("cannot listen to Ctrl-C: %s", strerror(-s->interrupt));
	r = follow_former(s);
	if (r == EXIT_FINE)
		r = submit_open(s);
	interrupt_close(s->interrupt);
	for (size_t i = 0; i < s->run->sweep->n && r == EXIT_FINE; i++)
		if (s->run->results[i].status == CELL_FAILED)
			r = EXIT_FAILED;
	return r;
}

int sweep_on_slurm(struct sweep_run *run)
{
	struct slurm slurm = {.run = run};
	int lock, r = sweep_refuse_bench(run->sweep);

	if (r != EXIT_FINE)
		return r;
	lock = cells_lock(run->directory);
	if (lock < 0)
		return EXIT_FAILED;
	r = run_all(&slurm);
	free(slurm.nudged);
	free(slurm.sbatch);
	free(slurm.squeue);
	free(slurm.cells);
	close(lock);
	return r;
}
