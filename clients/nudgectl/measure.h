/* clients/nudgectl/measure.h - one number out of a run's series, by name.
 *
 * A measure is an object of an experiment's file: {kind: steps_within, value: 0.05, from: 0, to: 100}.  What cannot be
 * measured (a threshold that was never reached) is NAN.
 */
#ifndef CLIENTS_NUDGECTL_MEASURE_H
#define CLIENTS_NUDGECTL_MEASURE_H

#include <stdbool.h>

#include "clients/nudgectl/series.h"

/*
 * steps_within    steps, counted from `from`, until the first target is less than `value` V from its desired volts
 * orders_best     log10(first error / least error)
 * orders_end      log10(first error / mean over the last tenth)
 * scaled_end      mean over the last tenth / first error
 * scaled_least    least error of the window / first error of the run
 * scaled_at       error at step `from` / first error
 * accuracy_first, accuracy_end, accuracy_best   share of the test set classified right
 * moves_per_edge  moves of an edge in the last part `last` of the run, mean over edges
 * travel_kohm     largest minus least resistance of an edge in the last part, mean over edges
 * mean_r_kohm     mean over edges and the last part `last` of the run
 * pearson_mean, pearson_most    of |r| over all pairs of edges' update masks
 * p_measured      share of ticks at which an edge updates, mean over edges
 * below           when the error is first at `value` times the first error: `unit` steps, steps * p, s, or alpha * s
 * rebound         greatest error after it was first at `value` times the first error, over the first error
 * crossings_per_s half the rate at which the targets' errors change sign, from the first change to the last while the error
 *                 is above `value` of its start; targets together
 * swing           rms of the error about its mean, over the mean, in the last part `last`
 * alpha_over_gamma
 *
 * of: mse, equilibrium, or test.  distance is no function of one run and is measured by whoever has both.
 */
double measure(const json_t *what, const struct series *s);

bool measure_is_distance(const json_t *what);

/* The mean over the last part (0 < part <= 1) of n values. */
double measure_mean_of_last(const double *values, size_t n, double part);

/* Pearson's r of two masks of n bytes that are stride apart; NAN where one of them never changes. */
double measure_pearson(const uint8_t *a, const uint8_t *b, size_t n, size_t stride);

#endif
