/* clients/nudgectl/trial_curve.h - keeps of a run what the experiment's figure shows: some points of some lines. */
#ifndef CLIENTS_NUDGECTL_TRIAL_CURVE_H
#define CLIENTS_NUDGECTL_TRIAL_CURVE_H

#include "clients/nudgectl/trial.h"

/* Appends to t->curve, behind what a run before left there.  Nothing for a figure of points, or without memory. */
void trial_curve_add(const json_t *figure, struct trial *t, const struct series *s);

#endif
