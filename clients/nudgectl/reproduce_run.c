/* clients/nudgectl/reproduce_run.c - makes the runs of an experiment's trials, some at a time.
 *
 * In rounds: each trial that still needs a run gets one (cells.h), and what it left is measured as soon as it has ended.
 * A run's database is deleted then: what is kept is small, whatever the experiment.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/cells.h"
#include "clients/nudgectl/program.h"
#include "clients/nudgectl/reproduce.h"
#include "clients/nudgectl/series_want.h"

struct rounds {
	struct trials *all;
	char *nudged, *nudge_db, *folder;
	struct trial **trial; /* [n] of this round's cells */
	struct cell *cell;
	struct cell_result *result;
	size_t n;
};

static int fail(char *why, size_t why_size, const char *what, const char *reason)
{
	snprintf(why, why_size, "%s: %s", what, reason);
	return -1;
}

/* ---- a folder of our own ---- */

/* In memory where there is some: nothing here outlives its measuring, and a disk would be asked to keep all of it */
static const char *folder_of_folders(void)
{
	const char *given = getenv("TMPDIR");

	if (given && *given)
		return given;
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	remove(path);
	return 0;
}

static int open_folder(struct rounds *r, char *why, size_t why_size)
{
	r->nudged = program_find("nudged");
	r->nudge_db = program_find("nudge-db");
	if (!r->nudged || !r->nudge_db)
		return fail(why, why_size, r->nudged ? "nudge-db" : "nudged",
			    "neither beside nudgectl nor in PATH; install it");
	if (asprintf(&r->folder, "%s/nudge.XXXXXX", folder_of_folders()) < 0) {
		r->folder = NULL;
		return fail(why, why_size, "the runs", strerror(ENOMEM));
	}
	if (!mkdtemp(r->folder)) {
		fail(why, why_size, r->folder, strerror(errno));
		free(r->folder);
		r->folder = NULL;
		return -1;
	}
	r->trial = calloc(r->all->n, sizeof(struct trial *));
	r->cell = calloc(r->all->n, sizeof(*r->cell));
	r->result = calloc(r->all->n, sizeof(*r->result));
	return r->trial && r->cell && r->result ? 0
						: fail(why, why_size, "the runs", strerror(ENOMEM));
}

static void close_folder(struct rounds *r)
{
	if (r->folder)
		nftw(r->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(r->folder);
	free(r->nudged);
	free(r->nudge_db);
	free(r->trial);
	free(r->cell);
	free(r->result);
}

/* ---- what a run left ---- */

static double param(const json_t *task, const char *name, double fallback)
{
	const json_t *value = json_object_get(json_object_get(task, "params"), name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

/* What the task says, and the database by revisions only */
static void add_params(const struct trial *t, struct series *s)
{
	const json_t *task = json_object_get(t->root, "task"),
		     *rig = json_object_get(t->root, "rig");
	const json_t *r0 = json_object_get(json_object_get(rig, "relaxation"), "r0_ohm");
	double farads = param(task, "capacitance_F", 0);

	s->p = param(task, "p", 1);
	s->tau_s = param(task, "tau_s", NAN);
	s->alpha_over_gamma = param(task, "alpha_over_gamma", NAN);
	if (farads > 0)
		s->alpha_over_gamma = (r0 ? json_number_value(r0) : 10e3) * farads / s->tau_s;
}

static void drop_database(const char *database)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *file;

		if (asprintf(&file, "%s%s", database, ends[i]) < 0)
			return;
		unlink(file);
		free(file);
	}
}

static void take(void *context, size_t i, const struct cell_result *result)
{
	struct rounds *r = context;
	struct trial *t = r->trial[i];
	struct series_want want;
	struct series *s;
	char why[300];

	if (result->status == CELL_FAILED)
		trial_fail(t, result->why);
	if (result->status != CELL_DONE)
		return;
	series_want_of(r->all, t, &want);
	if (series_read(r->nudge_db, result->database, &want, &s, why, sizeof(why)) < 0) {
		trial_fail(t, why);
	} else {
		add_params(t, s);
		trial_take(r->all, t, s);
		series_free(s);
	}
	drop_database(result->database);
}

/* ---- rounds ---- */

static size_t next_round(struct rounds *r)
{
	r->n = 0;
	for (size_t i = 0; i < r->all->n; i++) {
		struct trial *t = &r->all->list[i];
		struct cell *cell = &r->cell[r->n];
		char *name;

		*cell = (struct cell){.seed = t->seed};
		if (!trial_next(r->all, t, &cell->task, &cell->rig))
			continue;
		if (asprintf(&name, "%s %zu.%zu", r->all->e->id, i, t->stage) < 0)
			name = NULL;
		cell->name =
			name; /* unlike any other, so that two trials with the same run both get one */
		r->trial[r->n++] = t;
	}
	return r->n;
}

static void end_round(struct rounds *r)
{
	cells_clear(r->result, r->n);
	for (size_t i = 0; i < r->n; i++) {
		json_decref(r->cell[i].task);
		json_decref(r->cell[i].rig);
		free((char *)r->cell[i].name);
	}
	memset(r->result, 0, r->n * sizeof(*r->result));
}

/* A trial that failed is told of by whoever asked; another reason why a round is not done is one to stop */
static bool all_taken(const struct rounds *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->result[i].status == CELL_OPEN)
			return false;
	return true;
}

int reproduce_run(struct context *c, struct trials *all, size_t jobs, size_t *runs, char *why,
		  size_t why_size)
{
	struct rounds r = {.all = all};
	int ret = open_folder(&r, why, why_size);

	while (ret == 0 && next_round(&r) > 0) {
		const struct cells_setup setup = {
			.directory = r.folder,
			.nudged = r.nudged,
			.jobs = (unsigned)jobs,
			.what = isatty(STDERR_FILENO) ? all->e->id : NULL,
			.unicode = c->unicode,
			.done = take,
			.context = &r,
		};

		cells_run(&setup, r.cell, r.n, r.result);
		*runs += r.n;
		if (!all_taken(&r))
			ret = fail(why, why_size, "its runs", "not all were made");
		end_round(&r);
	}
	close_folder(&r);
	return ret;
}
