/* sim_backend/updates.c - who updates on a tick, and how often everybody did. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/oscillators.h"
#include "sim_backend/random.h"
#include "sim_backend/updates.h"

#define BLOCK      16
#define MOST_PAIRS 512 /* edges of which pairs are counted */
#define FULL       255 /* ticks that a byte counts */

struct updates {
	size_t n, n_padded;
	enum sim_update kind;
	double p, bias_V;
	struct oscillators *oscillators; /* NULL: of another kind */
	/* counts; the newest ticks are still in bytes and bits */
	uint64_t ticks;
	unsigned n_recent, n_bits;
	uint8_t *recent;    /* [n_padded] */
	uint64_t *updated;  /* [n] */
	uint64_t *bits;     /* [n_padded] one a tick, up to 64; NULL: no pairs are counted */
	uint64_t *together; /* [n][n]; above the diagonal until updates_get() */
};

/* ---- life ---- */

static bool allocate(struct updates *u)
{
	bool pairs = u->kind != SIM_BERNOULLI && u->n <= MOST_PAIRS;

	u->recent = calloc(u->n_padded, 1);
	u->updated = calloc(u->n + 1, sizeof(*u->updated));
	if (pairs) {
		u->bits = calloc(u->n_padded, sizeof(*u->bits));
		u->together = calloc(u->n * u->n + 1, sizeof(*u->together));
	}
	return u->recent && u->updated && (!pairs || (u->bits && u->together));
}

int updates_new(const struct rig_config *config, size_t n, size_t n_padded, struct updates **ret)
{
	struct updates *u = calloc(1, sizeof(*u));
	int r = 0;

	if (!u)
		return -ENOMEM;
	*u = (struct updates){
		.n = n, .n_padded = n_padded, .kind = config->sim.update, .p = 1, .bias_V = NAN};
	if (u->kind == SIM_OSCILLATORS)
		r = oscillators_new(config, n, &u->oscillators);
	if (r == 0 && !allocate(u))
		r = -ENOMEM;
	if (r < 0)
		updates_free(u);
	else
		*ret = u;
	return r;
}

void updates_free(struct updates *u)
{
	if (!u)
		return;
	oscillators_free(u->oscillators);
	free(u->recent);
	free(u->updated);
	free(u->bits);
	free(u->together);
	free(u);
}

/* ---- who ---- */

void updates_set(struct updates *u, double p, double bias_V)
{
	u->p = p;
	u->bias_V = bias_V;
}

static void draw_each(const struct updates *u, const struct edges_draw *draw, uint8_t *ret)
{
	uint64_t tick = edges_draw_tick(draw);

	for (size_t j = 0; j < u->n; j++)
		ret[j] = random_uniform(draw->seed, RANDOM_UPDATE, draw->step, tick | j) < u->p;
}

/* Selection sampling (Knuth, TAOCP 2, algorithm S): each subset of that size is as likely as any other. */
static void draw_fraction(const struct updates *u, const uint8_t *learns,
			  const struct edges_draw *draw, uint8_t *ret)
{
	uint64_t tick = edges_draw_tick(draw);
	size_t left = 0, wanted;

	for (size_t j = 0; j < u->n; j++)
		left += learns[j];
	wanted = (size_t)llround(u->p * (double)left);
	for (size_t j = 0; j < u->n; j++) {
		double x = random_uniform(draw->seed, RANDOM_FRACTION, draw->step, tick | j);

		ret[j] = learns[j] && (double)left * x < (double)wanted;
		left -= learns[j];
		wanted -= ret[j];
	}
}

const uint8_t *updates_draw(struct updates *u, const uint8_t *learns, const uint8_t *able,
			    const struct edges_draw *draw, uint8_t *ret)
{
	switch (u->kind) {
	case SIM_BERNOULLI:
		if (u->p >= 1)
			return able;
		draw_each(u, draw, ret);
		break;
	case SIM_FRACTION:
		draw_fraction(u, learns, draw, ret);
		break;
	case SIM_OSCILLATORS:
		oscillators_compare(u->oscillators,
				    oscillators_level(u->oscillators, u->p, u->bias_V),
				    draw->time_ns, ret);
		break;
	}
	for (size_t j = 0; j < u->n_padded; j++)
		ret[j] &= able[j];
	return ret;
}

/* ---- how often ---- */

void updates_begin(struct updates *u)
{
	u->ticks = u->n_recent = u->n_bits = 0;
	memset(u->recent, 0, u->n_padded);
	memset(u->updated, 0, u->n * sizeof(*u->updated));
	if (!u->bits)
		return;
	memset(u->bits, 0, u->n_padded * sizeof(*u->bits));
	memset(u->together, 0, u->n * u->n * sizeof(*u->together));
}

static void empty_recent(struct updates *u)
{
	for (size_t j = 0; j < u->n; j++)
		u->updated[j] += u->recent[j];
	memset(u->recent, 0, u->n_padded);
	u->n_recent = 0;
}

/* The ones of a word, without the instruction that not every machine has: in loops this vectorises. */
static inline uint64_t ones(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555u;
	x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
	x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
	x += x >> 8;
	x += x >> 16;
	x += x >> 32;
	return x & 0x7F;
}

static void empty_bits(struct updates *u)
{
	const uint64_t *restrict bits = u->bits;

	for (size_t i = 0; i < u->n; i++) {
		uint64_t mine = bits[i], *restrict together = u->together + i * u->n;

		for (size_t j = i; j < u->n; j++)
			together[j] += ones(mine & bits[j]);
	}
	memset(u->bits, 0, u->n_padded * sizeof(*u->bits));
	u->n_bits = 0;
}

void updates_count(struct updates *u, const uint8_t *restrict moves)
{
	size_t n = u->n_padded / BLOCK * BLOCK;
	uint8_t *restrict recent = u->recent;

	for (size_t j = 0; j < n; j++)
		recent[j] = (uint8_t)(recent[j] + moves[j]);
	u->ticks++;
	if (++u->n_recent == FULL)
		empty_recent(u);
	if (!u->bits)
		return;
	for (size_t j = 0; j < n; j++)
		u->bits[j] |= (uint64_t)moves[j] << u->n_bits;
	if (++u->n_bits == 64)
		empty_bits(u);
}

void updates_get(struct updates *u, struct rig_updates *ret)
{
	empty_recent(u);
	if (u->bits) {
		empty_bits(u);
		for (size_t i = 0; i < u->n; i++)
			for (size_t j = i + 1; j < u->n; j++)
				u->together[j * u->n + i] = u->together[i * u->n + j];
	}
	*ret = (struct rig_updates){u->ticks, u->updated, u->together};
}
