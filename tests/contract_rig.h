/* tests/contract_rig.h - what the parts of the contract suite share: one network, how to open, drive and step it.
 *
 * Each test gets the rig that it runs on as its state (rig_of), and closes what it opens.
 */
#ifndef TESTS_CONTRACT_RIG_H
#define TESTS_CONTRACT_RIG_H

#include "drivers/rig.h"
#include "tests/check.h"

#define N_NODES 9
#define N_EDGES 16
#define N_MASK  2

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5, 4};
static const uint32_t all_nodes[] = {3, 5, 4, 0, 1, 2, 6, 7, 8};
static const double source_V[] = {5, 1, 0}, target_V[] = {3, 3, 3};

/* What a rig promises.  A real one is there once: tests that compare two of a kind leave it out. */
struct contract_rig {
	const char *name;
	double tolerance_V; /* of a voltage measured */
	double p;
	double farad;                /* what its bank holds beside 0 */
	double rest_s;               /* many times what farad needs beside 100 kohm */
	bool switched_at_safe_volts; /* after a change of capacitors the nodes come to rest anew */
	const char *file;            /* its rig file; NULL: a simulator of these */
	struct sim_config sim;
};

/* Everything that a step leaves behind, for comparing two of them bit by bit. */
struct trace {
	double free_V[N_NODES], clamped_V[N_NODES], target_free_V[3], clamp_V[3];
	uint8_t wiper[N_EDGES], updated[N_MASK], raised[N_MASK];
	unsigned flags;
};

struct contract_part {
	const struct CMUnitTest *tests;
	size_t n;
};

extern const struct contract_part contract_refusals, contract_networks, contract_steps,
	contract_charge;

const struct contract_rig *rig_of(void **state);
bool is_there_once(void **state);
struct rig *open_rig(const struct contract_rig *which); /* no session yet */
void begin(struct rig *rig, uint64_t seed);
struct rig *open_and_begin(void **state, uint64_t seed);

void drive_both(struct rig *rig);                      /* with source_V */
void read_wipers(struct rig *rig, uint8_t *ret_wiper); /* [N_EDGES] */
/* Towards target_V with eta 0.2, two ticks. */
void step_by_hand(struct rig *rig, uint64_t step, bool clamp, struct trace *ret);
/* A call gave `want`, and the sentence holds these words. */
void assert_says(struct rig *rig, int got, int want, const char *words);

#endif
