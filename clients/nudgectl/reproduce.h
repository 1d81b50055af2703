/* clients/nudgectl/reproduce.h - runs experiments, judges them, and writes what came out. */
#ifndef CLIENTS_NUDGECTL_REPRODUCE_H
#define CLIENTS_NUDGECTL_REPRODUCE_H

#include "clients/nudgectl/context.h"
#include "clients/nudgectl/figure.h"
#include "clients/nudgectl/finding.h"

struct reproduce_options {
	bool quick;
	size_t seeds;    /* 0: as many as each experiment's file says */
	size_t jobs;     /* processes at a time; 0: as many as processors */
	const char *out; /* folder of CSV, pictures and summary.json */
};

/* One experiment, run and judged */
struct outcome {
	const struct experiment *e;
	struct trials *trials; /* of its own; NULL: another's, or not run */
	const struct trials *data;
	struct findings *findings;
	struct figure *figure;
	size_t runs;
	double seconds;
	bool plotted;
};

/* Runs all experiments of chosen; those whose data they use (data_of) are looked for in known.  *ret: an array as long
 * as chosen; outcomes_free().  An enum exit_code: EXIT_FAILED unless every verdict is the expected one. */
int reproduce(struct context *c, struct experiment **chosen, struct experiment **known,
	      const struct reproduce_options *options, struct outcome **ret, size_t *n_ret);
void outcomes_free(struct outcome *list, size_t n);

/* Makes all runs of the trials, jobs at a time.  *runs counts them.  0, or -1 and why. */
int reproduce_run(struct context *c, struct trials *all, size_t jobs, size_t *runs, char *why,
		  size_t why_size);

/* reproduce_report.c */
void report_outcome(const struct context *c, const struct outcome *o);
json_t *report_json(const struct outcome *o);
/* OUT/ID.csv, OUT/ID-figure.csv, OUT/ID.svg and .png; 0, or -1 and why.  gnuplot that is missing is said once. */
int report_files(struct outcome *o, const char *out, bool *without_gnuplot, char *why,
		 size_t why_size);
/* OUT/summary.json */
int report_summary(const struct outcome *list, size_t n, bool quick, const char *out);

/* reproduce_docs.c: docs/EXPERIMENTS.md anew, and docs/figures/ID.svg beside it; an enum exit_code. */
int docs_write(const struct outcome *list, size_t n, const char *file, const char *out, bool quick);

#endif
