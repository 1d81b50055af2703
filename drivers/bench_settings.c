/* drivers/bench_settings.c - what is written to boards and bias: taps, modes, capacitors, p. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "drivers/bench_impl.h"

/* ---- taps ---- */

static void forget_taps(struct bench *b)
{
	b->taps_known = false;
	b->seen[RIG_FREE] = b->seen[RIG_CLAMPED] = false; /* measured with others */
}

static int write_taps(struct bench *b, const uint8_t *wiper, struct rig_error *err)
{
	int r;

	forget_taps(b);
	r = boards_write_taps(b->boards, wiper, err);
	return r < 0 ? r : bench_refresh(b, err);
}

/* On the way a counter passes every tap between two: the smaller of both is the worst. */
static void lower_of(const struct bench *b, const uint8_t *wiper, uint8_t *ret)
{
	for (size_t j = 0; j < bench_n_edges(b); j++)
		ret[j] = wiper[j] < b->taps[j] ? wiper[j] : b->taps[j];
}

static bool way_is_clear(struct bench *b, const uint8_t *wiper)
{
	if (!b->taps_known || b->unread)
		return false;
	lower_of(b, wiper, b->lower);
	return bench_is_clear(b, b->lower);
}

int bench_write_edges(void *self, const uint8_t *wiper, struct rig_error *err)
{
	struct bench *b = self;
	int r;

	if (!b->session.begun || !b->live || bench_nodes_are_safe(b) || way_is_clear(b, wiper))
		return write_taps(b, wiper, err);
	for (size_t i = 0; i < b->n_outputs; i++)
		b->before_V[i] = b->output[i].volts;
	r = bench_allow_taps(b, wiper, b->before_V, b->session.clamped, err);
	if (r == 0)
		r = bench_leave(b, err);
	if (r == 0)
		r = write_taps(b, wiper, err);
	return r < 0 ? r : bench_return(b, err);
}

/* Homing passes the end stop, where the resistance is least. */
int bench_home(void *self, struct rig_error *err)
{
	struct bench *b = self;
	int r = bench_leave(b, err);

	if (r < 0)
		return r;
	forget_taps(b);
	r = boards_home(b->boards, err);
	if (r == 0)
		r = bench_refresh(b, err);
	return r < 0 ? r : bench_return(b, err);
}

/* ---- modes ---- */

static int set_mode(struct bench *b, size_t edge, enum rig_edge_mode mode, struct rig_error *err)
{
	int r = boards_set_mode(b->boards, edge, mode, err);

	if (r == 0)
		b->mode[edge] = (uint8_t)mode;
	return r;
}

/* What a cut edge carried flows elsewhere: that is asked first. */
static int try_without(struct bench *b, size_t edge, struct bench_circuits *ret,
		       struct rig_error *err)
{
	struct bench_circuits before = b->session.circuits;
	int r = bench_circuits_new(b, &b->session, ret, err);

	if (r < 0) {
		err->edge = (long)edge;
		return r;
	}
	if (!b->live)
		return 0;
	b->session.circuits = *ret;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->before_V[i] = b->output[i].volts;
	r = bench_allow(b, b->before_V, b->session.clamped, err);
	b->session.circuits = before;
	if (r < 0)
		bench_circuits_free(ret);
	return r;
}

int bench_set_edge_mode(void *self, size_t edge, enum rig_edge_mode mode, struct rig_error *err)
{
	struct bench *b = self;
	uint8_t before = b->mode[edge];
	struct bench_circuits circuits = {{NULL, NULL}};
	bool same_graph = (before == RIG_CUT) == (mode == RIG_CUT);
	int r = 0;

	if (b->session.begun && !same_graph) {
		b->mode[edge] = (uint8_t)mode;
		r = try_without(b, edge, &circuits, err);
		b->mode[edge] = before;
	}
	if (r < 0)
		return r;
	r = set_mode(b, edge, mode, err);
	if (!circuits.of[RIG_FREE])
		return r;
	if (r < 0) {
		bench_circuits_free(&circuits);
		return r;
	}
	bench_circuits_free(&b->session.circuits);
	b->session.circuits = circuits;
	b->seen[RIG_FREE] = b->seen[RIG_CLAMPED] = false;
	return 0;
}

/* ---- p, by the bias voltage ---- */

static int interpolate(const struct rig_config *config, double p, double *ret_V)
{
	for (size_t i = 0; i + 1 < config->n_bias; i++) {
		const struct rig_bias_point *a = &config->bias[i], *c = a + 1;
		double low = fmin(a->p, c->p), high = fmax(a->p, c->p);

		if (!(p >= low && p <= high))
			continue;
		*ret_V = low == high
				 ? a->bias_V
				 : a->bias_V + (p - a->p) / (c->p - a->p) * (c->bias_V - a->bias_V);
		return 0;
	}
	return -ENOTSUP;
}

static int bias_for(const struct bench *b, double p, double *ret_V, struct rig_error *err)
{
	const struct rig_config *config = b->config;

	if (p == 1 || p == 0) {
		*ret_V = p == 1 ? config->bias_always_V : config->bias_never_V;
		return 0;
	}
	if (!config->n_bias)
		return rig_fail(err, -ENOTSUP,
				"p = %g: no calibration of p here: calibrate.p makes one", p);
	if (interpolate(config, p, ret_V) < 0)
		return rig_fail(err, -ENOTSUP,
				"p = %g is not on the rig file's bias.curve: calibrate.p makes one "
				"that reaches it",
				p);
	return 0;
}

static int write_bias(struct bench *b, double volts, struct rig_error *err)
{
	int r = 0;

	if (!b->live && volts != b->config->safe_V && b->output[b->bias].volts != volts)
		r = boards_ready(b->boards, err); /* no current into unpowered chips */
	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->wanted_V[i] = NAN;
	b->wanted_V[b->bias] = volts;
	return bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
}

int bench_set_update(void *self, double p, double bias_V, struct rig_error *err)
{
	struct bench *b = self;
	int r;

	if (b->bias < 0)
		return p == 1 ? 0
			      : rig_fail(err, -ENOTSUP,
					 "p = %g: the rig file names no bias output (daq.bias), so "
					 "that p is 1",
					 p);
	r = isnan(bias_V) ? bias_for(b, p, &bias_V, err) : 0;
	if (r == 0)
		r = rig_check_output(&b->config->limits, "bias", -1, bias_V, err);
	if (r == 0)
		r = write_bias(b, bias_V, err);
	if (r == 0)
		b->bias_V = bias_V;
	return r;
}

int bench_bias(void *self, double *ret_V, struct rig_error *err)
{
	struct bench *b = self;
	int r = bench_card_need(b, err);

	if (b->bias < 0)
		return rig_fail(err, -ENOTSUP, "the rig file names no bias output (daq.bias)");
	if (r < 0)
		return r;
	return bench_card_told(
		b, daq_read_back(b->card, &b->output[b->bias].channel, 1, ret_V, err), err);
}

/* ---- capacitors ---- */

static const double bank_F[] = {0, 2.2e-6, 22e-6, 220e-6, 2200e-6}; /* by register value */

static int index_of(double farad)
{
	for (int i = 0; i < (int)(sizeof(bank_F) / sizeof(bank_F[0])); i++)
		if (fabs(farad - bank_F[i]) <= 1e-9 * bank_F[i])
			return i;
	return -1;
}

/* Charged, they would dump into the next state: at safe volts, after the time that they need to be empty. */
int bench_set_capacitance(void *self, double farad, struct rig_error *err)
{
	struct bench *b = self;
	int index = index_of(farad), r;

	if (index < 0)
		return rig_fail(err, -ENOTSUP,
				"%g F: the boards have 0, 2.2e-6, 22e-6, 220e-6 and 2200e-6 F",
				farad);
	if (index > 0 && !b->config->bipolar)
		return rig_fail(
			err, -ENOTSUP,
			"%g F: capacitors on a bench see drops of either sign; say `relaxation: "
			"{bipolar: true}` in the rig file if these bear that",
			farad);
	if (index == b->capacitor)
		return 0;
	r = bench_leave(b, err);
	if (r == 0)
		r = bench_wait_until(b, b->written_ns + (int64_t)ceil(1e9 * b->config->discharge_s),
				     err);
	if (r < 0)
		return r;
	b->capacitor = -1;
	r = boards_set_capacitor(b->boards, (unsigned)index, err);
	if (r < 0)
		return r;
	b->capacitor = index;
	return bench_return(b, err);
}
