/* clients/nudgectl/progress.h - how far a run is: its figures from the records, shown as a line and a curve. */
#ifndef CLIENTS_NUDGECTL_PROGRESS_H
#define CLIENTS_NUDGECTL_PROGRESS_H

#include "clients/nudgectl/context.h"
#include "clients/nudgectl/curve.h"

struct progress {
	const struct context *c;
	uint64_t run;
	char name[64];
	uint64_t steps, steps_total;             /* total 0: not known */
	double mse_V2, mse_first_V2, mse_min_V2; /* NAN: none yet */
	double test_error_V2, accuracy, accuracy_best;
	double eta, p;
	struct curve error, tests;             /* log10 mse_V2; accuracy, of the test set */
	double began_s, shown_s, rate_s, rate; /* steps a second, since rate_s */
	uint64_t rate_steps, shown_steps;
	size_t drawn; /* lines on the terminal that the next show replaces */
};

double progress_now_s(void);

/* status: of run.get; params: of the snapshot */
void progress_init(struct progress *p, const struct context *c, uint64_t run, const json_t *status,
		   const json_t *params);
void progress_record(struct progress *p,
		     const struct nudge_record *record); /* others than of this run: ignored */

/* All tests of the run, as history.run lists them: those before the watch began, too. */
void progress_tests(struct progress *p, const json_t *tests);

/* Shows it if there is something new and it is time: on a terminal 8 times a second, else every 2 s. */
void progress_show(struct progress *p);
/* Says a sentence above the live display; ends the line itself. */
void progress_say(struct progress *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The curve once more, if it is wanted, and what came of it (run.get's status). */
void progress_end(struct progress *p, const json_t *status, bool curve);

#endif
