/* sim_backend/faults.h - which of a rig file's faults are on, step by step. */
#ifndef SIM_BACKEND_FAULTS_H
#define SIM_BACKEND_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"

struct faults;

int faults_new(const struct sim_config *sim, struct faults **ret); /* 0, -ENOMEM; copies the list */
void faults_free(struct faults *f);                                /* accepts NULL */
void faults_begin(struct faults *f);                               /* a session: none is on */
/* The step that follows.  Returns a bit (1u << kind) for each kind of fault that begins or ends here. */
unsigned faults_step(struct faults *f, uint64_t step);
size_t faults_on(const struct faults *f, const struct sim_fault *const **ret);
/* By how much every comparator's bias has drifted: a fault that is on grows by its value at each step, the first
 * included. */
double faults_drift_V(const struct faults *f, uint64_t step);

/* -EINVAL, -ENOTSUP and a sentence: a fault that does not say what it needs, or that this rule cannot have. */
int faults_check(const struct rig_config *config, struct rig_error *err);

#endif
