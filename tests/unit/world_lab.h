/* tests/unit/world_lab.h - a world of docs/experiments/bench16.yaml, and hands for its card and boards. */
#ifndef TESTS_UNIT_WORLD_LAB_H
#define TESTS_UNIT_WORLD_LAB_H

#include "drivers/board_registers.h"
#include "drivers/rig.h"
#include "sim_backend/benchd/world.h"
#include "sim_backend/network.h"

enum { NODES = 9, EDGES = 16, BIAS = 9 }; /* BIAS: its output */
#define MS INT64_C(1000000)

struct lab {
	struct rig_config *config; /* as the world has it */
	struct world *world;
	int64_t now_ns;
};

/* The rig file's configuration, to be changed before lab_begin(). */
void lab_load(struct lab *lab);
void lab_begin(struct lab *lab,
	       uint64_t seed); /* every board asked, every edge on learn, clock idle */
void lab_end(struct lab *lab);

void lab_connect(struct lab *lab, int side, unsigned node, bool on); /* its relay */
void lab_drive(struct lab *lab, unsigned node, double volts); /* its output, one for both sides */
void lab_tick(struct lab *lab);                               /* a pulse, 1 ms each way */
uint16_t lab_read(struct lab *lab, size_t board, uint16_t at);
void lab_write(struct lab *lab, size_t board, uint16_t at, uint16_t value);
/* what, and one number: edge, node, channel or board, by what it is about; value NAN: none */
void lab_fault(struct lab *lab, const struct world_fault *fault);
struct world_counts lab_counts(const struct lab *lab);
/* [EDGES] 1 / R of the taps given */
void lab_conductances(const struct lab *lab, const uint8_t *taps, double *ret_g);

#endif
