/* daemon/calibrate_daq.c - gain and offset of card channels that are looped: an output straight to an input. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"
#include "daemon/fit.h"

#define POINTS 11
#define BITS   16
/* Of the channels of a card and the buffer between: what is farther from 1, or from 0 V in parts of the limits, is none of
 * theirs, but a loaded wire, or another one. */
#define GAIN_BEYOND   0.05
#define OFFSET_BEYOND 0.05

struct work {
	struct daq_channel *output, *input; /* [n_loops] */
	double *x_V, *y_V;                  /* [n_loops][n] written, read */
	double *all_V;              /* [n_loops] read, with all outputs at the upper limit */
	struct daq_channel *driver; /* [n_drivers] the outputs that are wired to nodes */
	size_t n_loops, n, n_drivers, n_raised;
	bool begun, written;
};

static int read_loop(const json_t *loop, struct daq_channel *output, struct daq_channel *input)
{
	const char *out = json_string_value(json_array_get(loop, 0));
	const char *in = json_string_value(json_array_get(loop, 1));

	if (!out || !in || daq_channel_parse(out, output) < 0 || daq_channel_parse(in, input) < 0)
		return -EINVAL;
	return output->kind == DAQ_AO && input->kind == DAQ_AI ? 0 : -EINVAL;
}

static int check(const struct rig_info *info, const json_t *params, struct problem *p)
{
	const json_t *loops = json_object_get(params, "channels"), *loop;
	struct daq_channel output, input;
	char path[40];
	size_t i;

	if (strcmp(info->backend, "sim") == 0)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s is a simulated rig and has no card: calibrate.daq is for a "
				   "bench",
				   info->name);
	json_array_foreach((json_t *)loops, i, loop)
	{
		snprintf(path, sizeof(path), "/channels/%zu", i);
		if (read_loop(loop, &output, &input) < 0)
			return problem_set(p, PROBLEM_PARAMS, path,
					   "expected an output and the input that it is looped to, "
					   "as in [\"ao0\", \"ai0\"]");
	}
	return 0;
}

/* Each once; none where the rig does not tell. */
static int find_drivers(struct runner *r, struct work *w)
{
	struct rig_wiring wiring;
	size_t n_nodes = r->info->n_nodes;

	w->driver = calloc(2 * n_nodes + 1, sizeof(*w->driver));
	if (!w->driver)
		return -ENOMEM;
	if (rig_wired(r->rig, &wiring) < 0)
		return 0;
	for (size_t i = 0; i < 2 * n_nodes; i++) {
		struct daq_channel drive = wiring.wire[i / n_nodes][i % n_nodes].drive;
		size_t k = 0;

		while (k < w->n_drivers &&
		       !(w->driver[k].kind == drive.kind && w->driver[k].number == drive.number))
			k++;
		if (drive.kind == DAQ_AO && k == w->n_drivers)
			w->driver[w->n_drivers++] = drive;
	}
	return 0;
}

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	const json_t *loops = json_object_get(c->params, "channels");
	struct work *w = calloc(1, sizeof(*w));
	size_t n = json_array_size(loops);

	c->work = w;
	if (!w)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	w->n_loops = n;
	w->n = (size_t)calibrate_real(c, "points", POINTS);
	c->total = n * (w->n + 1);
	w->output = calloc(n, sizeof(*w->output));
	w->input = calloc(n, sizeof(*w->input));
	w->x_V = calloc(n * w->n, sizeof(double));
	w->y_V = calloc(n * w->n, sizeof(double));
	w->all_V = calloc(n, sizeof(double));
	if (!w->output || !w->input || !w->x_V || !w->y_V || !w->all_V || find_drivers(r, w) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	for (size_t i = 0; i < n; i++)
		if (read_loop(json_array_get(loops, i), &w->output[i], &w->input[i]) < 0)
			return problem_set(p, PROBLEM_PARAMS, "/channels", "not channels");
	return 0;
}

/* ---- the measurement ---- */

/* One loop after the other: with all outputs alike, any input would seem to follow its own.  At the end all are alike once:
 * an input that moves then hangs on other outputs, too, by the network's resistors, and would show a gain of theirs. */
static int write_point(struct runner *r, struct calibrate *c)
{
	const struct rig_limits *limits = &r->info->limits;
	struct work *w = c->work;
	size_t loop = c->done / (w->n + 1), at = c->done % (w->n + 1);
	double volts;

	if (at == w->n && w->n_raised < w->n_drivers)
		return rig_channel_write(r->rig, w->driver[w->n_raised++], limits->max_V);
	if (at < w->n && w->n_raised > 0)
		return rig_channel_write(r->rig, w->driver[--w->n_raised], calibrate_safe_V(r));
	w->written = true;
	if (at == w->n)
		return 0;
	/* it is none of the drivers, perhaps */
	if (at == 0 && loop > 0) {
		int e = rig_channel_write(r->rig, w->output[loop - 1], calibrate_safe_V(r));

		if (e < 0)
			return e;
	}
	volts = limits->min_V + (limits->max_V - limits->min_V) * (double)at / (double)(w->n - 1);
	w->x_V[loop * w->n + at] = volts;
	return rig_channel_write(r->rig, w->output[loop], volts);
}

static int read_point(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	size_t loop = c->done / (w->n + 1), at = c->done % (w->n + 1);
	int e = rig_channels_read(r->rig, &w->input[loop], 1, calibrate_settle_s(r),
				  at < w->n ? &w->y_V[loop * w->n + at] : &w->all_V[loop]);

	w->written = false;
	if (e == 0)
		calibrate_progress(r, c);
	return e < 0 ? e : c->done == c->total;
}

static int step(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	if (!w->begun) {
		w->begun = true;
		return rig_make_safe(r->rig) == RIG_SAFE_UNKNOWN ? -EIO : 0;
	}
	return w->written ? read_point(r, c) : write_point(r, c);
}

/* ---- the result ---- */

/* Nominal to true.  The input is believed: what the loop does is the output's; or the other way round. */
static json_t *gain_row(const struct work *w, size_t i, const struct fit_line *line,
			bool believe_input)
{
	char name[16];

	if (believe_input)
		return json_pack("{s:s, s:f, s:f}", "channel", daq_channel_name(w->output[i], name),
				 "gain", line->gain, "offset_V", line->offset);
	return json_pack("{s:s, s:f, s:f}", "channel", daq_channel_name(w->input[i], name), "gain",
			 1 / line->gain, "offset_V", -line->offset / line->gain);
}

static json_t *loop_row(const struct work *w, size_t i, const struct fit_line *line)
{
	char out[16], in[16];

	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f}", "output",
			 daq_channel_name(w->output[i], out), "input",
			 daq_channel_name(w->input[i], in), "gain", line->gain, "gain_error",
			 line->gain_error, "offset_V", line->offset, "offset_error_V",
			 line->offset_error, "residual_V", line->rms, "worst_V", line->worst);
}

/* Is that a loop?  If not, nothing is taken from it: with a gain that is not the card's own, limits would not hold. */
static bool is_loop(struct calibrate *c, size_t i, const struct fit_line *line, double span_V)
{
	const struct work *w = c->work;
	char names[2][16];
	const char *out = daq_channel_name(w->output[i], names[0]);
	const char *in = daq_channel_name(w->input[i], names[1]);
	double moved_V = w->all_V[i] - w->y_V[(i + 1) * w->n - 1];

	if (!(line->gain > 0.5 && line->gain < 2)) {
		calibrate_warn(c, "%s does not follow %s: are they looped?", in, out);
		return false;
	}
	/* the spread of its own points, and a part of the limits that no buffer loses */
	if (fabs(moved_V) > 6 * line->rms + 1e-3 * span_V) {
		calibrate_warn(
			c,
			"%s follows %s by a gain of %.4g, and moved by %.3g V with the other "
			"outputs: it hangs on the network, and is not looped",
			in, out, line->gain, moved_V);
		return false;
	}
	if (fabs(line->gain - 1) <= GAIN_BEYOND && fabs(line->offset) <= OFFSET_BEYOND * span_V)
		return true;
	calibrate_warn(c,
		       "%s follows %s by a gain of %.4g and an offset of %.3g V: no card is so far "
		       "off (%g, %g V); look for a load on the wire, or another one",
		       in, out, line->gain, line->offset, GAIN_BEYOND, OFFSET_BEYOND * span_V);
	return false;
}

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	const struct rig_limits *limits = &r->info->limits;
	const char *reference = json_string_value(json_object_get(c->params, "reference"));
	bool believe_input = !reference || strcmp(reference, "input") == 0;
	double span_V = limits->max_V - limits->min_V;
	double lsb_V = span_V / exp2(calibrate_real(c, "bits", BITS));
	json_t *loops = json_array(), *gains = json_array();
	const struct work *w = c->work;
	struct fit_line line;
	char names[2][16];

	for (size_t i = 0; i < w->n_loops; i++) {
		if (fit_line(w->x_V + i * w->n, w->y_V + i * w->n, w->n, &line) < 0)
			line = (struct fit_line){0};
		if (!is_loop(c, i, &line, span_V))
			continue;
		if (line.rms > 2 * lsb_V)
			calibrate_warn(c,
				       "%s to %s: the residual is %g V rms, above 2 LSB of %g V: a "
				       "loose wire, noise, or a card that is not straight",
				       daq_channel_name(w->output[i], names[0]),
				       daq_channel_name(w->input[i], names[1]), line.rms, lsb_V);
		json_array_append_new(loops, loop_row(w, i, &line));
		json_array_append_new(gains, gain_row(w, i, &line, believe_input));
	}
	json_object_set_new(values, "loops", loops);
	json_object_set_new(values, "gains", gains);
}

static void end(struct calibrate *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	free(w->output);
	free(w->input);
	free(w->x_V);
	free(w->y_V);
	free(w->all_V);
	free(w->driver);
	free(w);
}

const struct calibrate_kind calibrate_daq = {"daq", check, begin, step, result, end};
