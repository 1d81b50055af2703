/* clients/nudgectl/reproduce.c - runs experiments one after the other, and judges them. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clients/nudgectl/reproduce.h"

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const struct experiment *find_experiment(struct experiment **list, const char *id)
{
	for (; *list; list++)
		if (!strcmp((*list)->id, id))
			return *list;
	return NULL;
}

/* Trials that were run for another experiment already */
static const struct trials *find_trials(const struct outcome *list, size_t n,
					const struct experiment *of)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].data && list[i].data->e == of)
			return list[i].data;
	return NULL;
}

static int run_trials(struct context *c, const struct experiment *of,
		      const struct reproduce_options *options, struct outcome *o)
{
	struct problem p = {0};
	char why[400];

	if (trials_new(of, &o->trials, &p) < 0) {
		int r = say_usage("%s", p.message);

		problem_clear(&p);
		return r;
	}
	o->data = o->trials;
	if (reproduce_run(c, o->trials, options->jobs, &o->runs, why, sizeof(why)) < 0)
		return say_failed("%s: %s", of->id, why);
	trials_distances(o->trials);
	return EXIT_FINE;
}

static void say_failures(const struct trials *all)
{
	size_t failed = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].failed && failed++ == 0)
			fprintf(stderr, "nudgectl: %s, seed %llu: %s\n", all->e->id,
				(unsigned long long)all->list[i].seed, all->list[i].failed);
	if (failed > 1)
		fprintf(stderr, "nudgectl: %s: %zu of %zu trials failed\n", all->e->id, failed,
			all->n);
}

static int run_one(struct context *c, struct experiment **known,
		   const struct reproduce_options *options, struct outcome *list, size_t i)
{
	struct outcome *o = &list[i];
	const char *data_of = experiment_text(o->e, "data_of");
	const struct experiment *of = data_of[0] ? find_experiment(known, data_of) : o->e;
	double began_s = now_s();
	int r;

	if (!of)
		return say_usage("%s: data_of: no experiment is called %s", o->e->file, data_of);
	o->data = find_trials(list, i, of);
	if (!o->data) {
		r = run_trials(c, of, options, o);
		if (r != EXIT_FINE)
			return r;
	}
	o->seconds = now_s() - began_s;
	say_failures(o->data);
	if (findings_new(o->e, o->data, &o->findings) < 0 ||
	    figure_new(o->e, o->data, &o->figure) < 0)
		return say_failed("%s: no memory for what was found", o->e->id);
	return EXIT_FINE;
}

/* OUT and the folders above it */
static int make_folder(const char *path)
{
	char *copy = strdup(path);
	int r = copy ? 0 : -ENOMEM;

	for (char *p = copy; r == 0 && (p = strchr(p + 1, '/'));) {
		*p = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			r = -errno;
		*p = '/';
	}
	if (r == 0 && mkdir(copy, 0777) < 0 && errno != EEXIST)
		r = -errno;
	free(copy);
	return r;
}

int reproduce(struct context *c, struct experiment **chosen, struct experiment **known,
	      const struct reproduce_options *options, struct outcome **ret, size_t *n_ret)
{
	bool without_gnuplot = false;
	int exit_code = EXIT_FINE, r;
	struct outcome *list;
	char why[300];
	size_t n = 0;

	while (chosen[n])
		n++;
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return say_failed("no memory for the experiments");
	*ret = list;
	*n_ret = n;
	r = make_folder(options->out);
	if (r < 0)
		return say_failed("%s: %s", options->out, strerror(-r));
	for (size_t i = 0; i < n; i++) {
		list[i].e = chosen[i];
		r = run_one(c, known, options, list, i);
		if (r != EXIT_FINE)
			return r;
		if (report_files(&list[i], options->out, &without_gnuplot, why, sizeof(why)) < 0)
			return say_failed("%s: %s", chosen[i]->id, why);
		if (c->format == FORMAT_TABLE)
			report_outcome(c, &list[i]);
		if (!list[i].findings->as_expected)
			exit_code = EXIT_FAILED;
	}
	r = report_summary(list, n, options->quick, options->out);
	return r < 0 ? say_failed("%s/summary.json: %s", options->out, strerror(-r)) : exit_code;
}

void outcomes_free(struct outcome *list, size_t n)
{
	for (size_t i = 0; list && i < n; i++) {
		findings_free(list[i].findings);
		figure_free(list[i].figure);
		trials_free(list[i].trials);
	}
	free(list);
}
