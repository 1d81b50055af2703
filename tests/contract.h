/* tests/contract.h - one rig under the contract, and a step of it in both ways of making one. */
#ifndef TESTS_CONTRACT_H
#define TESTS_CONTRACT_H

#include <string.h>

#include "drivers/rig.h"
#include "tests/check.h"

#define N_NODES 9
#define N_EDGES 16
#define N_MASK  2

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5, 4};
static const uint32_t all_nodes[] = {3, 5, 4, 0, 1, 2, 6, 7, 8};
static const double source_V[] = {5, 1, 0}, target_V[] = {3, 3, 3};

struct contract_rig {
	const char *name;
	double tolerance_V; /* of a voltage measured */
	double p;
	struct sim_config sim;
};

/* Facts about any rig, by what they are about; each array ends with a row without a name. */
extern const struct CMUnitTest contract_driving[];
extern const struct CMUnitTest contract_learning[];

/* A new rig of that kind, without a session. */
struct rig *contract_open(const struct contract_rig *which);

static inline void begin(struct rig *rig, uint64_t seed)
{
	const struct rig_session session = {sources, 3, targets, 3, all_nodes, N_NODES, seed};

	assert_ok(rig_begin(rig, &session));
}

static inline const struct contract_rig *rig_of(void **state)
{
	return *state;
}

static inline struct rig *open_and_begin(void **state, uint64_t seed)
{
	struct rig *rig = contract_open(rig_of(state));

	begin(rig, seed);
	assert_ok(rig_set_update(rig, rig_of(state)->p, 0));
	return rig;
}

static inline void drive_both(struct rig *rig)
{
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_drive(rig, RIG_CLAMPED, source_V, 3));
}

static inline void read_wipers(struct rig *rig, uint8_t *wiper)
{
	struct rig_edges edges = {.wiper = wiper};

	assert_ok(rig_read_edges(rig, &edges));
}

static inline void assert_says(struct rig *rig, int got, int want, const char *words)
{
	const char *text = rig_error(rig)->text;

	if (got != want || !strstr(text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", got, text, want, words);
}

/* Everything that a step leaves behind, for comparing two of them bit by bit. */
struct trace {
	double free_V[N_NODES], clamped_V[N_NODES], target_free_V[3], clamp_V[3];
	uint8_t wiper[N_EDGES], updated[N_MASK], raised[N_MASK];
	unsigned flags;
};

static inline void step_at_once(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	const struct rig_request request = {.step = step,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 0.2,
					    .settle_s = 1e-6,
					    .ticks = 2,
					    .clamp = clamp};
	struct rig_record record = {.free_V = t->free_V,
				    .clamped_V = t->clamped_V,
				    .target_free_V = t->target_free_V,
				    .clamp_V = t->clamp_V,
				    .wiper = t->wiper,
				    .updated = t->updated,
				    .raised = t->raised};

	assert_ok(rig_step(rig, &request, &record));
	assert_true(record.apply_ns <= record.free_ns && record.free_ns <= record.clamped_ns &&
		    record.clamped_ns <= record.tick_ns);
	t->flags = record.flags;
}

static inline void step_by_hand(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	struct rig_edges edges = {t->wiper, t->updated, t->raised, NULL};

	t->flags = 0;
	assert_ok(rig_mark_step(rig, step));
	drive_both(rig);
	assert_ok(rig_settle(rig, 1e-6));
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, t->free_V));
	memcpy(t->target_free_V, t->free_V, sizeof(t->target_free_V)); /* targets come first */
	memcpy(t->clamp_V, t->free_V, sizeof(t->clamp_V));
	if (clamp)
		assert_ok(rig_nudge(rig, 0.2, t->free_V, target_V, 3, t->clamp_V, &t->flags));
	assert_ok(rig_clamp(rig, t->clamp_V, clamp ? 3 : 0));
	assert_ok(rig_settle(rig, 1e-6));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, t->clamped_V));
	assert_ok(rig_tick(rig));
	assert_ok(rig_tick(rig));
	assert_ok(rig_read_edges(rig, &edges));
}

#endif
