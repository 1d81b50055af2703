/* drivers/bench_edges.c - ticks, what the boards made of them, and whether they do what the physics says. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "drivers/bench_impl.h"

#define ENOUGH_COMPARISONS 20u
#define TOO_OFTEN          0.2
#define NOISE_RMS          3.0

/* ---- steps ---- */

int bench_mark_step(void *self, uint64_t step, struct rig_error *err)
{
	struct bench *b = self;

	(void)step; /* a bench draws nothing */
	(void)err;
	b->in_step = true;
	b->look++;
	b->since_read++;
	b->flags = 0;
	b->ticks = 0;
	b->seen[RIG_FREE] = b->seen[RIG_CLAMPED] = false;
	return 0;
}

unsigned bench_step_flags(void *self)
{
	const struct bench *b = self;

	return b->flags;
}

void bench_stamps(void *self, int64_t *ret_written_ns, int64_t *ret_tick_ns)
{
	const struct bench *b = self;

	*ret_written_ns = b->written_ns;
	*ret_tick_ns = b->tick_ns;
}

/* The edges that were made count, also of a pulse that failed half way. */
int bench_tick(void *self, struct rig_error *err)
{
	struct bench *b = self;
	int r = bench_wake(b, err);
	uint64_t before;
	unsigned made;

	if (r < 0)
		return r;
	before = daq_pulses(b->card);
	r = daq_pulse(b->card, &b->tick_ns, err);
	made = (unsigned)(daq_pulses(b->card) - before);
	b->unread += made;
	b->untold += made;
	b->ticks += made;
	b->session.ticks += made;
	r = bench_card_told(b, r, err);
	if (r < 0)
		return r;
	return bench_wait_until(
		b, bench_now_ns(b) + (int64_t)ceil(1e9 * b->config->daq.clock.done_s), err);
}

/* ---- directions ---- */

static bool bit(const uint8_t *mask, size_t j)
{
	return mask[j / 8] >> j % 8 & 1;
}

static double drop_V(const struct bench *b, enum rig_side side, size_t edge)
{
	const struct network *net = b->config->network;

	return fabs(b->seen_V[side][net->a[edge]] - b->seen_V[side][net->b[edge]]);
}

static void note_direction(struct bench *b, size_t edge, bool over)
{
	const struct bench_session *s = &b->session;
	const struct rig_note note = {.kind = RIG_NOTE_DIRECTION,
				      .alarm = true,
				      .over = over,
				      .node = -1,
				      .edge = (long)edge,
				      .board = -1};

	s->told[edge] = !over;
	bench_note(b, &note,
		   "edge %zu moved against the sign of |dV_C| - |dV_F| in %lu of %lu comparisons "
		   "beyond %g rms of its noise",
		   edge, (unsigned long)s->against[edge], (unsigned long)s->compared[edge],
		   NOISE_RMS);
}

static void tell_direction(struct bench *b, size_t edge)
{
	const struct bench_session *s = &b->session;
	bool often = s->compared[edge] >= ENOUGH_COMPARISONS &&
		     (double)s->against[edge] > TOO_OFTEN * (double)s->compared[edge];

	if (often != (s->told[edge] != 0))
		note_direction(b, edge, !often);
}

/* The next session counts anew. */
void bench_end_directions(struct bench *b)
{
	for (size_t j = 0; b->session.told && j < bench_n_edges(b); j++)
		if (b->session.told[j])
			note_direction(b, j, true);
}

/* An edge decides at the tick by what it sees then: only a step of one tick, both networks measured before it, can be held
 * against it.  A check, never a command. */
static void compare_directions(struct bench *b)
{
	const struct bench_session *s = &b->session;

	if (!b->seen[RIG_FREE] || !b->seen[RIG_CLAMPED])
		return;
	for (size_t j = 0; j < bench_n_edges(b); j++) {
		double change_V = drop_V(b, RIG_CLAMPED, j) - drop_V(b, RIG_FREE, j);

		if (!bit(b->updated, j) || !(fabs(change_V) > NOISE_RMS * b->noise_V[j]))
			continue; /* not measured: NAN */
		s->compared[j]++;
		s->against[j] += bit(b->raised, j) != (change_V > 0);
		tell_direction(b, j);
	}
}

int bench_directions(void *self, struct rig_directions *ret, struct rig_error *err)
{
	const struct bench *b = self;

	(void)err;
	*ret = (struct rig_directions){b->session.compared, b->session.against};
	return 0;
}

int bench_set_noise(void *self, const double *noise_V, struct rig_error *err)
{
	struct bench *b = self;

	for (size_t j = 0; j < bench_n_edges(b); j++)
		if (!(noise_V[j] >= 0) || !isfinite(noise_V[j])) {
			rig_fail(err, -EINVAL, "edge %zu: a noise of %g V is not 0 V or more", j,
				 noise_V[j]);
			err->edge = (long)j;
			return -EINVAL;
		}
	memcpy(b->noise_V, noise_V, bench_n_edges(b) * sizeof(double));
	return 0;
}

/* ---- taps ---- */

int bench_refresh(struct bench *b, struct rig_error *err)
{
	struct rig_edges edges = {.wiper = b->taps, .updated = b->updated, .raised = b->raised};
	bool mismatch = false;
	int r = boards_read(b->boards, b->untold, &edges, &mismatch, err);

	b->untold = 0;
	if (r < 0) {
		b->taps_known = false;
		return r;
	}
	b->fed_ns = bench_now_ns(b);
	if (mismatch)
		b->flags |= RIG_TICK_MISMATCH;
	if (b->in_step && b->unread == 1 && b->ticks == 1 && !mismatch)
		compare_directions(b);
	b->taps_known = true;
	b->unread = 0;
	b->since_read = 0;
	return 0;
}

/* Steps between two readings: of the wire's time at most half of a step's. */
uint64_t bench_read_every(const struct bench *b)
{
	double steps;

	if (b->config->boards.read_every)
		return b->config->boards.read_every;
	if (!(b->step_s > 0))
		return 1;
	steps = ceil(boards_read_s(b->boards) / (b->step_s / 2));
	return steps < 1 ? 1 : (uint64_t)fmin(steps, 1e6);
}

static bool is_due(const struct bench *b, const struct rig_edges *ret)
{
	double watchdog_s = b->config->boards.watchdog_s;

	if (ret->now || !b->in_step || b->since_read >= bench_read_every(b))
		return true;
	return watchdog_s > 0 && 1e-9 * (double)(bench_now_ns(NULL) - b->fed_ns) > watchdog_s / 3;
}

static void hand_out(const struct bench *b, struct rig_edges *ret)
{
	const struct rig_edge_config *e = &b->config->edge;
	size_t n = bench_n_edges(b), bytes = (n + 7) / 8;

	if (ret->wiper)
		memcpy(ret->wiper, b->taps, n);
	if (ret->updated)
		memcpy(ret->updated, b->updated, bytes);
	if (ret->raised)
		memcpy(ret->raised, b->raised, bytes);
	for (size_t j = 0; ret->r_ohm && j < n; j++)
		ret->r_ohm[j] = e->r_min_ohm + b->taps[j] * e->r_step_ohm;
}

int bench_read_edges(void *self, struct rig_edges *ret, struct rig_error *err)
{
	struct bench *b = self;

	if (ret->mode)
		memcpy(ret->mode, b->mode, bench_n_edges(b));
	if (!ret->wiper && !ret->updated && !ret->raised && !ret->r_ohm)
		return 0;
	if (is_due(b, ret)) {
		int r = bench_refresh(b, err);

		if (r < 0)
			return r;
	} else if (!b->taps_known || b->unread) {
		b->flags |= RIG_WIPER_UNREAD;
		return 0;
	} /* else they are where they were read last */
	hand_out(b, ret);
	return 0;
}

/* The boards' own counts; as they were told last when a board does not answer. */
void bench_updates(void *self, struct rig_updates *ret)
{
	struct bench *b = self;
	struct bench_session *s = &b->session;
	struct rig_error err;

	boards_counts(b->boards, s->updated, s->raised, &err);
	*ret = (struct rig_updates){.ticks = s->ticks, .updated = s->updated};
}
