/* daemon/figures.h - a run's figures as they grow: errors of its steps and of its tests. */
#ifndef DAEMON_FIGURES_H
#define DAEMON_FIGURES_H

#include "daemon/store.h"

struct figures;

struct run_figures figures_none(void); /* no step, no test */
struct figures *figures_new(void);     /* NULL: no memory */
void figures_free(struct figures *f);

void figures_step(struct figures *f, double mse_V2);
void figures_test(struct figures *f, double error_V2, double accuracy); /* NAN: none */

/* mse_final_V2 is the mean over the last tenth of the steps (rounded up): exactly so for runs of up to
 * 65536 steps, to a 1/32768th of the run beyond. */
void figures_get(const struct figures *f, struct run_figures *ret);
json_t *figures_json(const struct figures *f); /* members as in run.get; new reference */

#endif
