/* clients/nudgectl/reproduce_run.c - makes the runs of an experiment's trials, some at a time.
 *
 * Every run is a process `nudged --once` in a place of its own, which is emptied as soon as the run was measured: what
 * is kept is small, whatever the experiment.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/procedure.h"
#include "clients/nudgectl/program.h"
#include "clients/nudgectl/reproduce.h"
#include "clients/nudgectl/series_read.h"

#define JOBS_MAX 256

/* A place in which one run at a time is made */
struct place {
	pid_t pid; /* 0: free */
	struct trial *trial;
	char *folder, *task, *rig, *db, *log;
};

struct pool {
	struct context *c;
	struct trials *all;
	char *nudged, *nudge_db, *folder;
	struct place *place;
	size_t n_places, busy, next, done, runs;
	int interrupt;
	char *why;
	size_t why_size;
};

static int fail(struct pool *pool, const char *what, const char *reason)
{
	snprintf(pool->why, pool->why_size, "%s%s%s", what, reason ? ": " : "",
		 reason ? reason : "");
	return -1;
}

/* ---- places ---- */

/* Memory where there is some: nothing here outlives its measuring, and a disk would be asked to keep all of it */
static const char *folder_of_folders(void)
{
	const char *given = getenv("TMPDIR");

	if (given && *given)
		return given;
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

static void empty(const struct place *place)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock", "-journal"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *file;

		if (asprintf(&file, "%s%s", place->db, ends[i]) < 0)
			return;
		unlink(file);
		free(file);
	}
}

static int place_open(struct pool *pool, size_t i)
{
	struct place *place = &pool->place[i];

	if (asprintf(&place->folder, "%s/%zu", pool->folder, i) < 0 ||
	    mkdir(place->folder, 0700) < 0 ||
	    asprintf(&place->task, "%s/task.json", place->folder) < 0 ||
	    asprintf(&place->rig, "%s/rig.json", place->folder) < 0 ||
	    asprintf(&place->db, "%s/run.db", place->folder) < 0 ||
	    asprintf(&place->log, "%s/log", place->folder) < 0)
		return fail(pool, pool->folder, strerror(errno));
	return 0;
}

static void place_close(struct place *place)
{
	if (place->db)
		empty(place);
	if (place->task)
		unlink(place->task);
	if (place->rig)
		unlink(place->rig);
	if (place->log)
		unlink(place->log);
	if (place->folder)
		rmdir(place->folder);
	free(place->folder);
	free(place->task);
	free(place->rig);
	free(place->db);
	free(place->log);
}

static int pool_open(struct pool *pool, size_t jobs)
{
	if (jobs == 0)
		jobs = (size_t)fmax(1, (double)sysconf(_SC_NPROCESSORS_ONLN));
	pool->n_places = jobs < JOBS_MAX ? jobs : JOBS_MAX;
	pool->interrupt = -1;
	pool->nudged = program_find("nudged");
	pool->nudge_db = program_find("nudge-db");
	if (!pool->nudged || !pool->nudge_db)
		return fail(pool, pool->nudged ? "nudge-db" : "nudged",
			    "neither beside nudgectl nor in PATH; install it");
	pool->place = calloc(pool->n_places, sizeof(*pool->place));
	if (!pool->place || asprintf(&pool->folder, "%s/nudge.XXXXXX", folder_of_folders()) < 0)
		return fail(pool, "no memory for the runs", NULL);
	if (!mkdtemp(pool->folder)) {
		fail(pool, pool->folder, strerror(errno));
		free(pool->folder);
		pool->folder = NULL;
		return -1;
	}
	for (size_t i = 0; i < pool->n_places; i++)
		if (place_open(pool, i) < 0)
			return -1;
	pool->interrupt = interrupt_open();
	return 0;
}

static void pool_close(struct pool *pool)
{
	for (size_t i = 0; pool->place && i < pool->n_places; i++) {
		if (pool->place[i].pid) {
			kill(pool->place[i].pid, SIGTERM);
			while (waitpid(pool->place[i].pid, NULL, 0) < 0 && errno == EINTR)
				;
		}
		place_close(&pool->place[i]);
	}
	if (pool->interrupt >= 0)
		interrupt_close(pool->interrupt);
	if (pool->folder)
		rmdir(pool->folder);
	free(pool->folder);
	free(pool->place);
	free(pool->nudged);
	free(pool->nudge_db);
}

/* ---- a run ---- */

static bool is_in(const char *word, const char *const *words)
{
	for (; word && *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* Which columns the measures and the picture need */
static struct series_want wanted(const struct trials *all, const struct trial *t)
{
	static const char *const volts[] = {"steps_within", "crossings_per_s", "v_V", NULL};
	static const char *const edges[] = {"moves_per_edge", "travel_kohm", "mean_r_kohm",
					    "distance",       "taps",        NULL};
	static const char *const updates[] = {"pearson_mean", "pearson_most", "p_measured", NULL};
	static const char *const steady[] = {"equilibrium", NULL};
	const json_t *rig = json_object_get(t->root, "rig"), *edge = json_object_get(rig, "edge");
	const char *rule = json_string_value(json_object_get(json_object_get(rig, "sim"), "rule"));
	const char *y = json_string_value(json_object_get(experiment_part(all->e, "figure"), "y"));
	struct series_want want = {
		.r_min_ohm = json_number_value(json_object_get(edge, "r_min_ohm")),
		.r_step_ohm = json_number_value(json_object_get(edge, "r_step_ohm")),
		.tests = true,
	};
	const char *name;
	json_t *what;

	want.volts = is_in(y, volts) || !strcmp(experiment_text(all->e, "procedure"), "teacher");
	want.edges = is_in(y, edges);
	want.equilibrium = is_in(y, steady);
	json_object_foreach((json_t *)experiment_part(all->e, "measures"), name, what)
	{
		const char *kind = json_string_value(json_object_get(what, "kind"));

		want.volts = want.volts || is_in(kind, volts);
		want.edges = want.edges || is_in(kind, edges);
		want.updated = want.updated || is_in(kind, updates);
		want.equilibrium = want.equilibrium ||
				   is_in(json_string_value(json_object_get(what, "of")), steady);
	}
	want.r_ohm = want.edges && rule && strcmp(rule, "discrete");
	return want;
}

static double param(const json_t *task, const char *name, double fallback)
{
	const json_t *value = json_object_get(json_object_get(task, "params"), name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

/* What the task says and the database knows by revisions only */
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

static void complain(struct pool *pool, struct place *place)
{
	char line[300] = "";
	FILE *log = fopen(place->log, "r");

	(void)pool;
	if (log) {
		while (fgets(line, sizeof(line), log))
			line[strcspn(line, "\n")] = '\0';
		fclose(log);
	}
	trial_fail(place->trial, line[0] ? line : "nudged --once failed and did not say why");
}

static int start_run(struct pool *pool, struct place *place, json_t *task, json_t *rig)
{
	char *words[] = {pool->nudged, "--once",  place->task, "--rig", place->rig,
			 "--db",       place->db, "--quiet",   NULL};
	int r = json_dump_file(task, place->task, JSON_COMPACT) |
		json_dump_file(rig, place->rig, JSON_COMPACT);

	json_decref(task);
	json_decref(rig);
	if (r != 0)
		return fail(pool, place->folder, "the task cannot be written");
	place->pid = program_start(words, place->log, pool->why, pool->why_size);
	if (place->pid < 0) {
		place->pid = 0;
		return -1;
	}
	pool->busy++;
	pool->runs++;
	return 0;
}

static int end_run(struct pool *pool, struct place *place, int status)
{
	struct series_want want = wanted(pool->all, place->trial);
	struct series *s;
	char why[300];

	place->pid = 0;
	pool->busy--;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		complain(pool, place);
	} else if (series_read(pool->nudge_db, place->db, &want, &s, why, sizeof(why)) < 0) {
		trial_fail(place->trial, why);
	} else {
		add_params(place->trial, s);
		trial_take(pool->all, place->trial, s);
		series_free(s);
	}
	empty(place);
	return 0;
}

/* The place's trial goes on, or the next one begins there */
static int fill(struct pool *pool, struct place *place)
{
	json_t *task, *rig;

	while (place->trial || pool->next < pool->all->n) {
		if (!place->trial)
			place->trial = &pool->all->list[pool->next++];
		if (trial_next(pool->all, place->trial, &task, &rig))
			return start_run(pool, place, task, rig);
		place->trial = NULL;
		pool->done++;
	}
	return 0;
}

static void show_progress(const struct pool *pool, bool last)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (last)
		fputs("\r\033[K", stderr);
	else
		fprintf(stderr, "\r%s: %zu of %zu trials\033[K", pool->all->e->id, pool->done,
			pool->all->n);
}

static int work(struct pool *pool)
{
	for (;;) {
		int status;
		pid_t pid;

		for (size_t i = 0; i < pool->n_places; i++)
			if (!pool->place[i].pid && fill(pool, &pool->place[i]) < 0)
				return -1;
		show_progress(pool, false);
		if (pool->busy == 0)
			return 0;
		pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno != EINTR)
			return fail(pool, "waiting for nudged --once", strerror(errno));
		if (pool->interrupt >= 0 && interrupt_take(pool->interrupt))
			return fail(pool, "interrupted", NULL);
		for (size_t i = 0; i < pool->n_places; i++)
			if (pid > 0 && pool->place[i].pid == pid &&
			    end_run(pool, &pool->place[i], status) < 0)
				return -1;
	}
}

int reproduce_run(struct context *c, struct trials *all, size_t jobs, size_t *runs, char *why,
		  size_t why_size)
{
	struct pool pool = {.c = c, .all = all, .why = why, .why_size = why_size};
	int r = pool_open(&pool, jobs);

	if (r == 0)
		r = work(&pool);
	show_progress(&pool, true);
	*runs = pool.runs;
	pool_close(&pool);
	return r;
}
