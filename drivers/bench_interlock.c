/* drivers/bench_interlock.c - what a voltage would do, before it is applied: power of each edge, current of each driven node.
 *
 * First a bound that needs no solution: every node of a resistor network lies between the least and the greatest of the
 * driven ones, and no resistor is smaller than its tap less the clock edges since it was read.  Only what that does not
 * clear is solved, with taps that are read if need be, and only the solution refuses.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "drivers/bench_impl.h"

static const char *const side_name[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};

/* ---- circuits ---- */

void bench_circuits_free(struct bench_circuits *c)
{
	for (int side = 0; side < 2; side++) {
		circuit_free(c->of[side]);
		c->of[side] = NULL;
	}
}

int bench_circuits_new(struct bench *b, const struct bench_session *s, struct bench_circuits *ret,
		       struct rig_error *err)
{
	const struct network *net = b->config->network;
	struct bench_circuits c = {{NULL, NULL}};
	struct network_error why;
	int r;

	for (size_t j = 0; j < net->n_edges; j++)
		b->cut[j] = b->mode[j] == RIG_CUT;
	r = circuit_new(net, b->cut, s->sources, s->n_sources, s->targets, s->n_targets, NULL,
			&c.of[RIG_FREE], &why);
	if (r == 0)
		r = circuit_new(net, b->cut, s->held, s->n_held, s->switched, s->n_switched, NULL,
				&c.of[RIG_CLAMPED], &why);
	if (r < 0) {
		bench_circuits_free(&c);
		return rig_fail(err, r, "%s", why.text);
	}
	*ret = c;
	return 0;
}

/* ---- what is asked ---- */

struct question {
	struct bench *b;
	enum rig_side side;
	const uint8_t *taps;
	unsigned unread;  /* clock edges that the taps may have moved by */
	bool tap_unknown; /* any tap is possible */
	const double *output_V;
	bool clamped;
};

static double r_ohm(const struct question *q, size_t edge)
{
	const struct rig_edge_config *e = &q->b->config->edge;
	unsigned tap = q->tap_unknown || q->taps[edge] < q->unread ? 0 : q->taps[edge] - q->unread;

	return e->r_min_ohm + tap * e->r_step_ohm;
}

static double driven_V(const struct question *q, uint32_t node)
{
	return q->output_V[q->b->node[q->side][node].output];
}

/* [n_nodes] NAN where nothing drives. */
static void find_driven(const struct question *q, double *ret_V)
{
	const struct bench_session *s = &q->b->session;
	bool free_side = q->side == RIG_FREE;
	const uint32_t *held = free_side ? s->sources : s->held;
	size_t n_held = free_side ? s->n_sources : s->n_held;

	for (size_t i = 0; i < bench_n_nodes(q->b); i++)
		ret_V[i] = NAN;
	for (size_t i = 0; i < n_held; i++)
		ret_V[held[i]] = driven_V(q, held[i]);
	for (size_t i = 0; !free_side && q->clamped && i < s->n_switched; i++)
		ret_V[s->switched[i]] = driven_V(q, s->switched[i]);
}

/* ---- the bound ---- */

struct span {
	double low_V, high_V;
};

static double most_drop_V(const struct span *span, double a_V, double b_V)
{
	if (!isnan(a_V) && !isnan(b_V))
		return fabs(a_V - b_V);
	if (isnan(a_V) && isnan(b_V))
		return span->high_V - span->low_V;
	if (isnan(a_V))
		a_V = b_V;
	return fmax(span->high_V - a_V, a_V - span->low_V);
}

/* current_A [n_nodes]: scratch. */
static bool bound_clears(const struct question *q, const double *volts, double *current_A)
{
	const struct network *net = q->b->config->network;
	const struct rig_limits *limits = &q->b->config->limits;
	struct span span = {INFINITY, -INFINITY};

	for (size_t i = 0; i < net->n_nodes; i++) {
		current_A[i] = 0;
		span.low_V = fmin(span.low_V, volts[i]); /* not for NAN */
		span.high_V = fmax(span.high_V, volts[i]);
	}
	for (size_t j = 0; j < net->n_edges; j++) {
		double drop_V = most_drop_V(&span, volts[net->a[j]], volts[net->b[j]]);
		double ohm = r_ohm(q, j);

		if (q->b->mode[j] == RIG_CUT)
			continue;
		if (!(drop_V * drop_V / ohm <= limits->edge_power_W))
			return false;
		current_A[net->a[j]] += drop_V / ohm;
		current_A[net->b[j]] += drop_V / ohm;
	}
	for (size_t i = 0; i < net->n_nodes; i++)
		if (!isnan(volts[i]) && !(current_A[i] <= limits->source_current_A))
			return false;
	return true;
}

/* ---- the solution ---- */

static int refuse(struct rig_error *err, double value, double limit)
{
	err->value = value;
	err->min = 0;
	err->max = limit;
	return -ERANGE;
}

static int check_power(const struct question *q, const double *volts, struct rig_error *err)
{
	const struct network *net = q->b->config->network;
	const struct rig_limits *limits = &q->b->config->limits;

	for (size_t j = 0; j < net->n_edges; j++) {
		double drop_V = volts[net->a[j]] - volts[net->b[j]], ohm = r_ohm(q, j);
		double power_W = drop_V * drop_V / ohm;

		if (q->b->mode[j] == RIG_CUT || isnan(drop_V) || power_W <= limits->edge_power_W)
			continue;
		rig_fail(err, -ERANGE,
			 "edge %zu would take %.3g mW (%.3f V over %g ohm, tap %u, %s network), "
			 "more than the limit of %g mW%s%s%s",
			 j, 1e3 * power_W, fabs(drop_V), ohm, q->taps[j], side_name[q->side],
			 1e3 * limits->edge_power_W, limits->where[0] ? " (" : "", limits->where,
			 limits->where[0] ? ")" : "");
		err->edge = (long)j;
		return refuse(err, power_W, limits->edge_power_W);
	}
	return 0;
}

static double current_of(const struct question *q, const double *volts, uint32_t node)
{
	const struct network *net = q->b->config->network;
	double sum_A = 0;

	for (size_t j = 0; j < net->n_edges; j++) {
		double drop_V;

		if (q->b->mode[j] == RIG_CUT || (net->a[j] != node && net->b[j] != node))
			continue;
		drop_V = volts[node] - volts[net->a[j] == node ? net->b[j] : net->a[j]];
		sum_A += drop_V / r_ohm(q, j);
	}
	return fabs(sum_A);
}

static int check_current(const struct question *q, const double *driven, const double *volts,
			 struct rig_error *err)
{
	const struct rig_limits *limits = &q->b->config->limits;

	for (uint32_t i = 0; i < bench_n_nodes(q->b); i++) {
		double current_A = isnan(driven[i]) ? 0 : current_of(q, volts, i);

		if (current_A <= limits->source_current_A)
			continue;
		rig_fail(err, -ERANGE,
			 "node %u at %.3f V would draw %.3g mA in the %s network, more than the "
			 "limit of %g mA%s%s%s",
			 i, driven[i], 1e3 * current_A, side_name[q->side],
			 1e3 * limits->source_current_A, limits->where[0] ? " (" : "",
			 limits->where, limits->where[0] ? ")" : "");
		err->node = (long)i;
		return refuse(err, current_A, limits->source_current_A);
	}
	return 0;
}

static int solve(const struct question *q, double *ret_V)
{
	struct bench *b = q->b;
	const struct bench_session *s = &b->session;
	bool free_side = q->side == RIG_FREE;
	const uint32_t *held = free_side ? s->sources : s->held;
	size_t n_held = free_side ? s->n_sources : s->n_held;
	struct circuit *c = s->circuits.of[q->side];
	int r;

	for (size_t j = 0; j < bench_n_edges(b); j++)
		b->g[j] = 1 / r_ohm(q, j);
	for (size_t i = 0; i < n_held; i++)
		b->driven_V[i] = driven_V(q, held[i]);
	r = circuit_factor(c, b->g);
	if (r == 0)
		r = circuit_solve_free(c, b->driven_V, ret_V);
	if (r < 0 || free_side || !q->clamped || !s->n_switched)
		return r;
	for (size_t i = 0; i < s->n_switched; i++)
		b->driven_V[i] = driven_V(q, s->switched[i]);
	return circuit_solve_clamped(c, b->driven_V, ret_V);
}

/* Solved with R as the taps say, exactly. */
static int check_exactly(const struct question *q, struct rig_error *err)
{
	struct bench *b = q->b;
	double *volts = b->solved_V, *driven = b->solved_V + bench_n_nodes(b);
	int r = solve(q, volts);

	if (r < 0)
		return rig_fail(err, r, "the %s network cannot be solved for its power: %s",
				side_name[q->side], circuit_error(b->session.circuits.of[q->side]));
	find_driven(q, driven);
	r = check_power(q, volts, err);
	return r < 0 ? r : check_current(q, driven, volts, err);
}

static bool is_cleared(const struct question *q)
{
	struct bench *b = q->b;

	find_driven(q, b->solved_V);
	return bound_clears(q, b->solved_V, b->solved_V + bench_n_nodes(b));
}

static bool has_limits(const struct bench *b)
{
	return isfinite(b->config->limits.edge_power_W) ||
	       isfinite(b->config->limits.source_current_A);
}

int bench_allow(struct bench *b, const double *output_V, bool clamped, struct rig_error *err)
{
	for (int side = 0; side < 2 && has_limits(b); side++) {
		struct question q = {.b = b,
				     .side = (enum rig_side)side,
				     .taps = b->taps,
				     .unread = b->unread,
				     .tap_unknown = !b->taps_known,
				     .output_V = output_V,
				     .clamped = clamped};
		int r;

		if (is_cleared(&q))
			continue;
		r = b->taps_known && !b->unread ? 0 : bench_refresh(b, err);
		if (r < 0)
			return r;
		q.unread = b->unread;
		q.tap_unknown = false;
		r = check_exactly(&q, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int bench_allow_taps(struct bench *b, const uint8_t *taps, const double *output_V, bool clamped,
		     struct rig_error *err)
{
	for (int side = 0; side < 2 && has_limits(b); side++) {
		const struct question q = {.b = b,
					   .side = (enum rig_side)side,
					   .taps = taps,
					   .output_V = output_V,
					   .clamped = clamped};
		int r = is_cleared(&q) ? 0 : check_exactly(&q, err);

		if (r < 0)
			return r;
	}
	return 0;
}

bool bench_is_clear(struct bench *b, const uint8_t *taps)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		b->before_V[i] = b->output[i].volts;
	for (int side = 0; side < 2 && has_limits(b); side++) {
		const struct question q = {.b = b,
					   .side = (enum rig_side)side,
					   .taps = taps,
					   .output_V = b->before_V,
					   .clamped = b->session.clamped};

		if (!is_cleared(&q))
			return false;
	}
	return true;
}
