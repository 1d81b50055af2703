/* daemon/params.h - the parameters of learning, what follows from them, and changes to them. */
#ifndef DAEMON_PARAMS_H
#define DAEMON_PARAMS_H

#include <stdint.h>

#include <jansson.h>

#include "drivers/rig.h"
#include "protocol/problem.h"

struct params {
	double eta;           /* nudge, 0 < eta <= 1 */
	double p;             /* probability that an edge updates at a tick, 0 .. 1 */
	double tau_s;         /* step period; alpha = 1 / tau */
	double capacitance_F; /* 0, or a capacitor of the rig's bank */
	double alpha_per_s; /* overdamped rule: its learning rate, at a relaxation rate of 1 per second; else NAN */
	double bias_V; /* that makes p, as the rig has it; NAN: none, or not set yet */
	uint64_t rev;  /* grows by one with each change, over the whole database */
};

void params_default(struct params *ret); /* eta 0.5, p 1, tau 0.25 s, no capacitor; rev 0 */

/* gamma = 1 / (R0 C) and alpha/gamma = R0 C / tau; NAN at C = 0.  Of the overdamped rule: 1 and alpha. */
double params_relaxation_rate_per_s(const struct params *params, double r0_ohm);
double params_alpha_over_gamma(const struct params *params, double r0_ohm);

/* The members of param.get; new reference. */
json_t *params_json(const struct params *params, double r0_ohm);

/* Is there anything in change for params_apply() to do? */
bool params_given(const json_t *change);
/* Refuses (PROBLEM_CONFLICT) unless if_rev is the present revision, or -1: any. */
int params_check_rev(const struct params *params, long long if_rev, struct problem *p);

/* *params changed by the members of change (eta, p, tau_s, capacitance_F, relaxation_rate_per_s,
 * alpha_over_gamma, nearest).  Refuses what disagrees, a capacitor that is not in the bank (the message
 * lists it), a ratio at C = 0, a tau below the rig's own step.  0, or -1 and *p; *params is then as before. */
int params_apply(struct params *params, const json_t *change, const struct rig_info *info,
		 struct problem *p);

#endif
