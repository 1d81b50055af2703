/* sim_backend/random.h - counter-based random numbers: pure functions of what they are drawn for.
 *
 * No state: the draw for (seed, stream, a, b) is the same whenever, wherever and in whatever order it
 * is made, so a run can be repeated, resumed and split over threads.
 */
#ifndef SIM_BACKEND_RANDOM_H
#define SIM_BACKEND_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a number is for; numbers in use never change their meaning. */
enum random_stream {
	RANDOM_UPDATE = 1,
	RANDOM_COMPARATOR,
	RANDOM_BIAS,
	RANDOM_EDGE_BIAS,
	RANDOM_MEASURE_FREE,
	RANDOM_MEASURE_CLAMPED,
	RANDOM_TOLERANCE,
	RANDOM_TWIN,
	RANDOM_EVALUATE,
	RANDOM_FRACTION = 12,
	RANDOM_PERIOD,
	RANDOM_PHASE,
	RANDOM_SPLIT = 32,
	RANDOM_ORDER,
	RANDOM_SOURCE_NOISE,
	RANDOM_TARGET_NOISE,
	RANDOM_GENERATE,
	RANDOM_INITIAL,
	RANDOM_BATCH,
};

uint64_t random_bits(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b);
double random_uniform(uint64_t seed, enum random_stream stream, uint64_t a,
		      uint64_t b); /* [0, 1) */
double random_normal(uint64_t seed, enum random_stream stream, uint64_t a,
		     uint64_t b); /* mean 0, rms 1 */
uint64_t random_below(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b,
		      uint64_t n); /* [0, n), unbiased */
/* The two halves of random_bits(), for loops that draw many numbers of one stream: Philox 2x64-10 with the
 * counter (a, b), and the key of a stream. */
uint64_t random_key(uint64_t seed, enum random_stream stream);
uint64_t random_philox(uint64_t key, uint64_t a, uint64_t b);

/* Fills order[] with a permutation of 0 .. n - 1; a is for instance the epoch. */
void random_permutation(uint64_t seed, enum random_stream stream, uint64_t a, size_t n,
			uint32_t *order);

#endif
