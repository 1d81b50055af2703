/* tests/unit/card_bench.h - the card's server with a fake world, in a thread of a test that uses the stand-in. */
#ifndef TESTS_UNIT_CARD_BENCH_H
#define TESTS_UNIT_CARD_BENCH_H

#include "sim_backend/benchd/card.h"
#include "tests/unit/fake_world.h"

struct card_bench;

/* Runs itself again, with the stand-in first in LD_LIBRARY_PATH (the loader looks at it only once); the second time it
 * returns.  Call it first in main(). */
void card_bench_use_standin(char **argv);

struct card_bench *card_bench_start(void); /* sets NUDGE_BENCHD_CARD */
void card_bench_stop(struct card_bench *bench);
const char *card_bench_path(const struct card_bench *bench);

/* The server does nothing between the two. */
struct world *card_bench_hold(struct card_bench *bench);
void card_bench_go_on(struct card_bench *bench);
struct card_counts card_bench_counts(struct card_bench *bench);
/* Returns when the server has looked at the world since. */
void card_bench_nudge(struct card_bench *bench);

#endif
