/* daemon/calibrate_relaxation.c - gamma of each node from its transient after a step of the sources [Stern 2021].
 *
 * With equal resistances beside equal capacitors a step divides as it will stay, and nothing relaxes: the taps are
 * spread for the measurement, by the run's seed, unless it is to be done at those that are there.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"
#include "daemon/fit.h"
#include "sim_backend/network.h"
#include "sim_backend/random.h"

#define SAMPLES   40
#define FIRST_TAU 0.02 /* of R C, R the mean of the edges */
#define LAST_TAU  8.0

enum phase { PREPARE, DRIVE, SAMPLE };

struct work {
	const double *farad; /* [n] */
	double *own;         /* what `farad` is, when it was asked for */
	size_t n, n_samples;
	size_t at, sample; /* of the capacitors, of its samples */
	enum phase phase;
	uint8_t *wiper;
	double r_mean_ohm, high_V;
	int64_t driven_ns;
	double *t_s, *volts; /* [n_samples], [n_measured][n_samples] */
	double *at_once;     /* [n_measured] */
	json_t *rows;        /* by capacitor */
};

/* ---- what is asked for ---- */

static int check(const struct rig_info *info, const json_t *params, struct problem *p)
{
	const json_t *wanted = json_object_get(params, "capacitance_F");
	double farad = json_number_value(wanted);

	if (info->overdamped)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "the overdamped rule relaxes at 1 per second: there is nothing "
				   "to calibrate");
	if (info->n_capacitance < 2)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s has no capacitors: its voltages do not relax", info->name);
	for (size_t i = 0; json_is_number(wanted) && i < info->n_capacitance; i++)
		if (info->capacitance_F[i] > 0 && fabs(info->capacitance_F[i] / farad - 1) < 1e-9)
			return 0;
	if (json_is_number(wanted))
		return problem_set(p, PROBLEM_PARAMS, "/capacitance_F",
				   "%g F is no capacitor of %s: rig.describe lists them", farad,
				   info->name);
	return 0;
}

/* The bank's own number, to the last bit. */
static int choose(const struct rig_info *info, struct calibrate *c, struct work *w)
{
	double wanted_F = calibrate_real(c, "capacitance_F", NAN);

	w->own = calloc(info->n_capacitance, sizeof(double));
	for (size_t i = 0; w->own && i < info->n_capacitance; i++) {
		double farad = info->capacitance_F[i];

		if (farad > 0 && (isnan(wanted_F) || fabs(farad / wanted_F - 1) < 1e-9))
			w->own[w->n++] = farad;
	}
	w->farad = w->own;
	return w->own ? 0 : -ENOMEM;
}

/* The node farthest from the source by edges that can be one, too: driven low, so that the step falls across the network. */
static uint32_t farthest(const struct network *net, const uint8_t *may, uint32_t from,
			 uint32_t *distance)
{
	uint32_t best = from;
	bool moved = true;

	for (size_t i = 0; i < net->n_nodes; i++)
		distance[i] = UINT32_MAX;
	distance[from] = 0;
	while (moved) {
		moved = false;
		for (size_t j = 0; j < net->n_edges; j++) {
			uint32_t a = net->a[j], b = net->b[j];

			if (distance[a] != UINT32_MAX && distance[b] > distance[a] + 1)
				distance[b] = distance[a] + 1, moved = true;
			if (distance[b] != UINT32_MAX && distance[a] > distance[b] + 1)
				distance[a] = distance[b] + 1, moved = true;
		}
	}
	for (uint32_t i = 0; i < net->n_nodes; i++)
		if (distance[i] != UINT32_MAX && distance[i] > distance[best] &&
		    may[i] & CALIBRATE_SOURCE)
			best = i;
	return best;
}

/* Two sources at least; sources are not measured: they do not relax. */
static int choose_nodes(struct runner *r, struct calibrate *c, struct problem *p)
{
	struct calibrate_nodes *nodes = &c->nodes;
	uint32_t *distance = calloc(r->info->n_nodes + 1, sizeof(uint32_t));
	size_t kept = 0;
	int e = distance ? calibrate_nodes_wired(r, c) : -ENOBUFS;

	if (e == 0 && nodes->n_sources == 1) {
		uint32_t other =
			farthest(r->info->network, nodes->may, nodes->sources[0], distance);

		if (other != nodes->sources[0])
			nodes->sources[nodes->n_sources++] = other;
	}
	free(distance);
	if (e < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	for (size_t i = 0; i < nodes->n_measured; i++) {
		bool source = false;

		for (size_t s = 0; s < nodes->n_sources; s++)
			source |= nodes->sources[s] == nodes->measured[i];
		if (!source)
			nodes->measured[kept++] = nodes->measured[i];
	}
	nodes->n_measured = kept;
	if (nodes->n_sources < 2 || kept == 0)
		return problem_set(p, PROBLEM_STATE, "",
				   "it takes two sources and a measured node beside them; %zu and "
				   "%zu are wired",
				   nodes->n_sources, kept);
	return 0;
}

static bool spreads(const struct calibrate *c)
{
	const char *taps = json_string_value(json_object_get(c->params, "taps"));

	return !taps || strcmp(taps, "spread") == 0;
}

/* An eighth of the range is left at either end: less power, and rates that lie closer together. */
static void choose_taps(const struct runner *r, const struct calibrate *c, struct work *w)
{
	const struct rig_edge_config *edge = &r->info->edge;
	uint64_t least = (uint64_t)edge->taps / 8, range = (uint64_t)edge->taps - 2 * least;

	w->r_mean_ohm = 0;
	for (size_t j = 0; j < r->info->n_edges; j++) {
		w->wiper[j] = c->wiper[j];
		if (spreads(c))
			w->wiper[j] = (uint8_t)(least +
						random_below(c->seed, RANDOM_INITIAL, j, 0, range));
		w->r_mean_ohm += r->info->continuous
					 ? c->r_ohm[j]
					 : edge->r_min_ohm + w->wiper[j] * edge->r_step_ohm;
	}
	w->r_mean_ohm /= (double)r->info->n_edges;
}

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	const struct rig_limits *limits = &r->info->limits;
	struct work *w = calloc(1, sizeof(*w));

	c->work = w;
	if (!w || choose(r->info, c, w) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (choose_nodes(r, c, p) < 0)
		return -1;
	w->n_samples = (size_t)calibrate_real(c, "samples", SAMPLES);
	c->total = w->n * w->n_samples;
	w->high_V = calibrate_real(c, "step_V", (limits->min_V + limits->max_V) / 2);
	w->wiper = calloc(r->info->n_edges + 1, 1);
	w->t_s = calloc(w->n_samples, sizeof(double));
	w->volts = calloc(w->n_samples * c->nodes.n_measured, sizeof(double));
	w->at_once = calloc(c->nodes.n_measured, sizeof(double));
	w->rows = json_array();
	if (!w->wiper || !w->t_s || !w->volts || !w->at_once)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	choose_taps(r, c, w);
	return 0;
}

/* ---- the measurement ---- */

/* Capacitors are switched at safe volts; the session begins with a network at rest. */
static int prepare(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e = 0;

	if (rig_make_safe(r->rig) == RIG_SAFE_UNKNOWN)
		return -EIO;
	e = rig_set_capacitance(r->rig, w->farad[w->at]);
	if (e == 0 && spreads(c) && !r->info->continuous)
		e = rig_write_edges(r->rig, w->wiper, r->info->n_edges);
	if (e == 0)
		e = calibrate_nodes_begin(r, c);
	if (e == 0)
		e = calibrate_drive_safe(r, c);
	w->phase = DRIVE;
	calibrate_wait(r, c, calibrate_settle_s(r));
	return e;
}

static double sample_s(const struct work *w, size_t i)
{
	double tau_s = w->r_mean_ohm * w->farad[w->at];

	return tau_s * FIRST_TAU *
	       pow(LAST_TAU / FIRST_TAU, (double)i / (double)(w->n_samples - 1));
}

/* The first source high, the others where they were. */
static int drive(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int e;

	for (size_t i = 0; i < c->nodes.n_sources; i++)
		c->nodes.volts[i] = i == 0 ? w->high_V : calibrate_safe_V(r);
	e = rig_mark_step(r->rig, c->ticks++);
	if (e == 0)
		e = calibrate_drive(r, c, c->nodes.volts);
	w->driven_ns = rig_now_ns(r->rig);
	w->sample = 0;
	w->phase = SAMPLE;
	c->next_ns = w->driven_ns + llround(sample_s(w, 0) * 1e9);
	return e;
}

static json_t *node_row(struct calibrate *c, size_t i, double *ret_log)
{
	struct work *w = c->work;
	struct fit_exponential fit;
	json_t *row = json_pack("{s:I}", "node", (json_int_t)c->nodes.measured[i]);

	*ret_log = NAN;
	if (fit_exponential(w->t_s, w->volts + i * w->n_samples, w->n_samples, &fit) < 0) {
		json_object_set_new(row, "gamma_per_s", json_null());
		json_object_set_new(row, "error_per_s", json_null());
		return row;
	}
	*ret_log = log(fit.rate);
	json_object_set_new(row, "gamma_per_s", json_real(fit.rate));
	json_object_set_new(row, "error_per_s", json_real(fit.rate_error));
	json_object_set_new(row, "amplitude_V", json_real(fit.amplitude));
	json_object_set_new(row, "final_V", json_real(fit.v_inf));
	json_object_set_new(row, "residual_V", json_real(fit.rms));
	return row;
}

static void keep_rows(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	double farad = w->farad[w->at], sum = 0, one;
	json_t *nodes = json_array(), *row;
	size_t known = 0;

	for (size_t i = 0; i < c->nodes.n_measured; i++) {
		json_array_append_new(nodes, node_row(c, i, &one));
		if (isnan(one))
			continue;
		sum += one;
		known++;
	}
	row = json_pack("{s:f, s:f, s:o}", "capacitance_F", farad, "expected_per_s",
			1 / (r->info->r0_ohm * farad), "nodes", nodes);
	json_object_set_new(row, "gamma_per_s",
			    known ? json_real(exp(sum / (double)known)) : json_null());
	json_object_set_new(row, "r_ohm",
			    known ? json_real(1 / (exp(sum / (double)known) * farad))
				  : json_null());
	if (known == 0)
		calibrate_warn(c, "at %g F no node relaxes measurably%s", farad,
			       spreads(c) ? ""
					  : ": equal taps divide a step at once (taps: spread)");
	json_array_append_new(w->rows, row);
}

static int sample(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	int64_t before_ns = rig_now_ns(r->rig);
	int e = rig_measure(r->rig, RIG_FREE, c->nodes.measured, c->nodes.n_measured, w->at_once);

	if (e < 0)
		return e;
	w->t_s[w->sample] =
		((double)(before_ns + rig_now_ns(r->rig)) / 2 - (double)w->driven_ns) * 1e-9;
	for (size_t i = 0; i < c->nodes.n_measured; i++)
		w->volts[i * w->n_samples + w->sample] = w->at_once[i];
	calibrate_progress(r, c);
	if (++w->sample < w->n_samples) {
		c->next_ns = w->driven_ns + llround(sample_s(w, w->sample) * 1e9);
		return 0;
	}
	keep_rows(r, c);
	w->phase = PREPARE;
	return ++w->at == w->n;
}

static int step(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;

	switch (w->phase) {
	case PREPARE:
		return prepare(r, c);
	case DRIVE:
		return drive(r, c);
	case SAMPLE:
		break;
	}
	return sample(r, c);
}

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	const struct work *w = c->work;
	json_t *taps = json_array(), *sources = json_array();

	for (size_t j = 0; j < r->info->n_edges && !r->info->continuous; j++)
		json_array_append_new(taps, json_integer(w->wiper[j]));
	for (size_t i = 0; i < c->nodes.n_sources; i++)
		json_array_append_new(sources, json_integer(c->nodes.sources[i]));
	json_object_set(values, "capacitors", w->rows);
	json_object_set_new(values, "sources", sources);
	json_object_set_new(values, "taps", taps);
}

static void end(struct calibrate *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	free(w->own);
	free(w->wiper);
	free(w->t_s);
	free(w->volts);
	free(w->at_once);
	json_decref(w->rows);
	free(w);
}

const struct calibrate_kind calibrate_relaxation = {"relaxation", check, begin, step, result, end};
