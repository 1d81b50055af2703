/* sim_backend/benchd/standin/standin_convert.c - codes to physical values and back, and calibrations, as libcomedi has them. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim_backend/benchd/standin/standin.h"

static enum comedi_oor_behavior out_of_range = COMEDI_OOR_NAN; /* one a process, as in libcomedi */

enum comedi_oor_behavior comedi_set_global_oor_behavior(enum comedi_oor_behavior behavior)
{
	enum comedi_oor_behavior before = out_of_range;

	out_of_range = behavior;
	return before;
}

/* ---- straight lines ---- */

/* The first and the last code may mean anything beyond the range */
double comedi_to_phys(lsampl_t data, comedi_range *range, lsampl_t maxdata)
{
	if (!range || !maxdata)
		return NAN;
	if (out_of_range == COMEDI_OOR_NAN && (data == 0 || data >= maxdata))
		return NAN;
	return (double)data / maxdata * (range->max - range->min) + range->min;
}

lsampl_t comedi_from_phys(double data, comedi_range *range, lsampl_t maxdata)
{
	double code;

	if (!range || !maxdata)
		return 0;
	code = (data - range->min) / (range->max - range->min) * maxdata;
	if (!(code >= 0))
		return 0;
	return code > maxdata ? maxdata : (lsampl_t)floor(code + 0.5);
}

/* Strides are in bytes.  They return how many were beyond the range. */
int comedi_sampl_to_phys(double *to, int to_stride, sampl_t *from, int from_stride,
			 comedi_range *range, lsampl_t maxdata, int n)
{
	int beyond = 0;

	if (!range || !maxdata)
		return -1;
	for (int i = 0; i < n; i++) {
		bool edge = *from == 0 || *from >= maxdata;
		beyond += edge;
		*to = edge && out_of_range == COMEDI_OOR_NAN
			      ? NAN
			      : (range->max - range->min) / maxdata * *from + range->min;
		to = (double *)((char *)to + to_stride);
		from = (sampl_t *)((char *)from + from_stride);
	}
	return beyond;
}

/* libcomedi 0.11 compares with the least value where it means the greatest, so that whatever is above the least becomes
 * the last code.  Whoever calls this is to see what a real card would have got. */
int comedi_sampl_from_phys(sampl_t *to, int to_stride, double *from, int from_stride,
			   comedi_range *range, lsampl_t maxdata, int n)
{
	int beyond = 0;

	if (!range || !maxdata)
		return -1;
	for (int i = 0; i < n; i++) {
		beyond += *from < range->min || *from > range->min;
		*to = *from > range->min ? (sampl_t)maxdata : 0;
		to = (sampl_t *)((char *)to + to_stride);
		from = (double *)((char *)from + from_stride);
	}
	return beyond;
}

/* ---- polynomials ---- */

static double polynomial(const comedi_polynomial_t *p, double x)
{
	double term = 1, sum = 0;

	for (unsigned i = 0; i <= p->order && i < COMEDI_MAX_NUM_POLYNOMIAL_COEFFICIENTS; i++) {
		sum += p->coefficients[i] * term;
		term *= x - p->expansion_origin;
	}
	return sum;
}

double comedi_to_physical(lsampl_t data, const comedi_polynomial_t *p)
{
	return polynomial(p, data);
}

/* Without bounds: a value beyond the range makes a code beyond maxdata, as in libcomedi */
lsampl_t comedi_from_physical(double data, const comedi_polynomial_t *p)
{
	double code = nearbyint(polynomial(p, data));

	if (!(code > -9e18 && code < 9e18))
		return 0;
	return (lsampl_t)(long)code;
}

/* ---- calibrations: this card has none ---- */

int comedi_get_hardcal_converter(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
				 enum comedi_conversion_direction direction,
				 comedi_polynomial_t *ret)
{
	const comedi_range *r = comedi_get_range(it, subdevice, channel, range);
	lsampl_t maxdata = comedi_get_maxdata(it, subdevice, channel);

	if (!r || !maxdata)
		return -1;
	ret->order = 1;
	if (direction == COMEDI_TO_PHYSICAL) {
		ret->expansion_origin = 0;
		ret->coefficients[0] = r->min;
		ret->coefficients[1] = (r->max - r->min) / maxdata;
	} else {
		ret->expansion_origin = r->min;
		ret->coefficients[0] = 0;
		ret->coefficients[1] = maxdata / (r->max - r->min);
	}
	return 0;
}

int comedi_get_softcal_converter(unsigned subdevice, unsigned channel, unsigned range,
				 enum comedi_conversion_direction direction,
				 const comedi_calibration_t *calibration, comedi_polynomial_t *ret)
{
	(void)subdevice, (void)channel, (void)range, (void)direction, (void)calibration, (void)ret;
	return -1; /* no calibration has a setting for it: none can be read */
}

char *comedi_get_default_calibration_path(comedi_t *it)
{
	char *path;

	if (!standin_has(it) || asprintf(&path, "/var/lib/comedi/calibrations/%s_%s_comedi0",
					 comedi_get_driver_name(it), comedi_get_board_name(it)) < 0)
		return NULL;
	return path;
}

comedi_calibration_t *comedi_parse_calibration_file(const char *path)
{
	if (!path)
		standin_fail(EFAULT);
	else
		standin_fail(access(path, R_OK) < 0 ? errno : ENOSYS);
	return NULL;
}

void comedi_cleanup_calibration(comedi_calibration_t *calibration)
{
	(void)calibration; /* there never was one */
}
