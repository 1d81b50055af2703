/* clients/nudgectl/draw.h - what an experiment draws by the seed: nodes, volts, linear maps, a teacher's resistances.
 *
 * Counter-based: every number is a pure function of (seed, what it is for, place), so that the tasks are the same
 * whatever else is varied.  The generator is SplitMix64's finalizer over the three, folded in one after the other; these
 * draws are ours and never those of the daemon.
 */
#ifndef CLIENTS_NUDGECTL_DRAW_H
#define CLIENTS_NUDGECTL_DRAW_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* What a number is for; a number in use never changes its meaning. */
enum draw_stream {
	DRAW_NODES = 1,
	DRAW_SOURCES,
	DRAW_TARGETS,
	DRAW_MATRIX,
	DRAW_SAMPLES,
	DRAW_TEACHER,
	DRAW_CUT,
};

uint64_t draw_bits(uint64_t seed, enum draw_stream stream, uint64_t i);
double draw_uniform(uint64_t seed, enum draw_stream stream, uint64_t i); /* [0, 1) */
double draw_normal(uint64_t seed, enum draw_stream stream, uint64_t i);  /* mean 0, rms 1 */
uint64_t draw_below(uint64_t seed, enum draw_stream stream, uint64_t i, uint64_t n);
/* order[0 .. n-1]: a permutation. */
void draw_permutation(uint64_t seed, enum draw_stream stream, size_t n, size_t *order);

/* Draws what `draw` asks for into the task: sources, targets, kind, train.  0, or -1: too few nodes, or no memory. */
int draw_task(const json_t *draw, uint64_t seed, json_t *task);

/* The teacher's resistances, ohm: a new list. */
json_t *draw_teacher(const json_t *draw, uint64_t seed);

#endif
