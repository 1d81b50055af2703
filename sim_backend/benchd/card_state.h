/* sim_backend/benchd/card_state.h - inside of the card: what card.c's clients ask for, done to the world. */
#ifndef SIM_BACKEND_BENCHD_CARD_STATE_H
#define SIM_BACKEND_BENCHD_CARD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim_backend/benchd/card.h"
#include "sim_backend/benchd/card_wire.h"

struct card_state {
	struct world *world;     /* borrowed */
	uint16_t held[WORLD_AO]; /* codes, whatever range they were written with */
	bool is_output[WORLD_DIO];
	bool latch[WORLD_DIO];          /* last level written, driven while the line is an output */
	int locked_by[CARD_SUBDEVICES]; /* a client, or -1 */
	struct card_counts counts;
};

/* As at power-on: outputs as the world has them, all lines inputs, no locks. */
void card_state_reset(struct card_state *state);

/* The nearest code of a range, at its ends when it lies beyond; a NaN gives the last code. */
uint16_t card_code(double volts, unsigned range);
double card_volts(uint16_t code, unsigned range);

/* Does a list at one moment.  0, or the errno (positive) of the instruction that failed; *ret_n answers of those before.
 * client: for locks. */
int card_do(struct card_state *state, int client, const struct card_instruction *list, uint32_t n,
	    int64_t now_ns, uint32_t answers[CARD_MOST_ANSWERS], uint32_t *ret_n);
int64_t card_now_ns(void);

#endif
