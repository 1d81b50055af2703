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

struct work {
	struct daq_channel *output, *input; /* [n_loops] */
	double *x_V, *y_V;                  /* [n_loops][n] written, read */
	size_t n_loops, n;
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

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	const json_t *loops = json_object_get(c->params, "channels");
	struct work *w = calloc(1, sizeof(*w));
	size_t n = json_array_size(loops);

	(void)r;
	c->work = w;
	if (!w)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	w->n_loops = n;
	w->n = (size_t)calibrate_real(c, "points", POINTS);
	c->total = n * w->n;
	w->output = calloc(n, sizeof(*w->output));
	w->input = calloc(n, sizeof(*w->input));
	w->x_V = calloc(n * w->n, sizeof(double));
	w->y_V = calloc(n * w->n, sizeof(double));
	if (!w->output || !w->input || !w->x_V || !w->y_V)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	for (size_t i = 0; i < n; i++)
		if (read_loop(json_array_get(loops, i), &w->output[i], &w->input[i]) < 0)
			return problem_set(p, PROBLEM_PARAMS, "/channels", "not channels");
	return 0;
}

/* ---- the measurement ---- */

/* One loop after the other: with all outputs alike, any input would seem to follow its own. */
static int write_point(struct runner *r, struct calibrate *c)
{
	const struct rig_limits *limits = &r->info->limits;
	struct work *w = c->work;
	size_t loop = c->done / w->n, at = c->done % w->n;
	double volts =
		limits->min_V + (limits->max_V - limits->min_V) * (double)at / (double)(w->n - 1);
	int e = 0;

	if (at == 0 && loop > 0)
		e = rig_channel_write(r->rig, w->output[loop - 1], calibrate_safe_V(r));
	if (e == 0)
		e = rig_channel_write(r->rig, w->output[loop], volts);
	w->x_V[c->done] = volts;
	w->written = true;
	return e;
}

static int read_point(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = rig_channels_read(r->rig, &w->input[c->done / w->n], 1, calibrate_settle_s(r),
				  &w->y_V[c->done]);

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

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	const struct rig_limits *limits = &r->info->limits;
	const char *reference = json_string_value(json_object_get(c->params, "reference"));
	bool believe_input = !reference || strcmp(reference, "input") == 0;
	double lsb_V = (limits->max_V - limits->min_V) / exp2(calibrate_real(c, "bits", BITS));
	json_t *loops = json_array(), *gains = json_array();
	const struct work *w = c->work;
	struct fit_line line;
	char names[2][16];

	for (size_t i = 0; i < w->n_loops; i++) {
		const char *out = daq_channel_name(w->output[i], names[0]);
		const char *in = daq_channel_name(w->input[i], names[1]);

		if (fit_line(w->x_V + i * w->n, w->y_V + i * w->n, w->n, &line) < 0 ||
		    !(line.gain > 0.5 && line.gain < 2)) {
			calibrate_warn(c, "%s does not follow %s: are they looped?", in, out);
			continue;
		}
		if (line.rms > 2 * lsb_V)
			calibrate_warn(c,
				       "%s to %s: the residual is %g V rms, above 2 LSB of %g V: a "
				       "loose wire, noise, or a card that is not straight",
				       out, in, line.rms, lsb_V);
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
	free(w);
}

const struct calibrate_kind calibrate_daq = {"daq", check, begin, step, result, end};
