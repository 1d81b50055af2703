/* clients/nudgectl/finding.h - what came out of an experiment: figures over seeds, whether they are as they should be,
 * and the verdict. */
#ifndef CLIENTS_NUDGECTL_FINDING_H
#define CLIENTS_NUDGECTL_FINDING_H

#include "clients/nudgectl/trial.h"

struct finding {
	const char *name;
	const json_t *says; /* the experiment's file about it */
	double value;
	double least, most;  /* over seeds; NAN: there is no such thing */
	size_t n, n_missing; /* values it is made of, and those that are not there */
	bool judged;         /* it has a range in which it should be */
	bool holds;
};

enum verdict {
	VERDICT_REPRODUCED,
	VERDICT_RESERVATIONS,
	VERDICT_NOT,
	VERDICT_REPORTED,
	VERDICT_FAILED
};

struct findings {
	struct finding *list;
	size_t n;
	enum verdict verdict;
	char *why; /* the reservations, or what did not hold; "" */
	bool as_expected;
};

/* A statistic by its name in the file, of n values.  NAN: none of that name. */
double finding_statistic(const char *by, const double *values, size_t n, const json_t *says);

/* e: whose findings; all: the trials, which may be another experiment's (data_of).  0, or -1: no memory. */
int findings_new(const struct experiment *e, const struct trials *all, struct findings **ret);
void findings_free(struct findings *f); /* accepts NULL */

/* From what holds and what does not: any unheld finding without `otherwise` is "not reproduced"; else any unheld one
 * is a reservation; nothing judged is "reported". */
enum verdict finding_verdict(const struct finding *list, size_t n);
const char *finding_verdict_text(enum verdict verdict);

/* "3.32 (3.00 to 3.50)" */
char *finding_text(const struct finding *f);

#endif
