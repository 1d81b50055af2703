/* clients/nudgectl/series_want.h - which columns of a run an experiment looks at: reading one takes time. */
#ifndef CLIENTS_NUDGECTL_SERIES_WANT_H
#define CLIENTS_NUDGECTL_SERIES_WANT_H

#include "clients/nudgectl/series_read.h"
#include "clients/nudgectl/trial.h"

void series_want_of(const struct trials *all, const struct trial *t, struct series_want *ret);

#endif
