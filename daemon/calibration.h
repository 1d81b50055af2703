/* daemon/calibration.h - the calibrations in force: volts for a p, the card's gains, the comparators' noise.
 *
 * Made from what calibrations stored (table `calibrations`, column `values`), of this rig alone.
 */
#ifndef DAEMON_CALIBRATION_H
#define DAEMON_CALIBRATION_H

#include <jansson.h>

#include "drivers/rig.h"
#include "protocol/problem.h"

struct calibration {
	struct rig_bias_point *curve; /* [n_curve] ascending volts, p monotone; NULL: none */
	size_t n_curve;
	double *noise_V;       /* [n_edges]; NULL: none */
	struct daq_gain *gain; /* [n_gain] */
	size_t n_gain;
};

void calibration_clear(struct calibration *k);

/* Takes one calibration over what is there: kind "p", "edges" or "daq"; others are kept for people alone.
 * 0, or -1 and *p: it is not of this rig, or cannot be read; *k is then as before. */
int calibration_take(struct calibration *k, const char *kind, const json_t *values,
		     const struct rig_info *info, struct problem *p);

/* Gains and noise to a rig that takes them; own: the rig file's gains, for channels without a calibration.  0 or -errno. */
int calibration_to_rig(const struct calibration *k, struct rig *rig, const struct daq_gain *own,
		       size_t n_own);

/* The bias voltage that makes p.  NAN: the rig has none, or is a simulator without a curve, which goes by p.  0 and 1 are the
 * rails; between, the stored curve, else the rig file's.  Linear between measured points; -1 and *p outside them, or without any curve. */
int calibration_bias(const struct calibration *k, const struct rig_info *info, double p,
		     double *ret_V, struct problem *problem);

#endif
