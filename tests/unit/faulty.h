/* tests/unit/faulty.h - rigs with and without faults, and single steps on them, for test_faults*.c. */
#ifndef TESTS_UNIT_FAULTY_H
#define TESTS_UNIT_FAULTY_H

#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "tests/check.h"

#define N_EDGES 16
#define N_NODES 9

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5};
static const uint32_t every_node[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
static const double source_V[] = {5, 1, 0}, target_V[] = {2.9, 1.7};

/* What a step left. */
struct seen {
	double free_V[N_NODES], clamped_V[N_NODES], target_free_V[2], clamp_V[2];
	uint8_t wiper[N_EDGES], updated[2], raised[2];
};

static inline struct sim_fault fault_of(enum sim_fault_kind kind, uint64_t at_step, uint64_t steps,
					long edge, long node, double value)
{
	return (struct sim_fault){at_step, steps, kind, edge, node, value};
}

static inline int try_faulty(const struct sim_config *sim, struct rig **ret, struct rig_error *err)
{
	struct rig_config config = {
		.name = "faulty",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.sim = *sim};
	struct network_error why;
	int r;

	assert_ok(network_shipped("king9_16", &config.network, &why));
	r = rig_open(&config, ret, err);
	network_free(config.network);
	return r;
}

static inline void begin_rig(struct rig *rig)
{
	const struct rig_session session = {sources, 3, targets, 2, every_node, N_NODES, 1, 0};

	assert_ok(rig_begin(rig, &session));
}

/* With these faults, of which there may be none. */
static inline struct rig *open_faulty(struct sim_config sim, struct sim_fault *faults, size_t n)
{
	struct rig_error err;
	struct rig *rig;

	sim.fault = faults;
	sim.n_faults = n;
	if (try_faulty(&sim, &rig, &err) < 0)
		fail_msg("%s", err.text);
	begin_rig(rig);
	return rig;
}

static inline struct rig *open_with(struct sim_fault fault)
{
	return open_faulty((struct sim_config){0}, &fault, 1);
}

static inline struct rig *open_healthy(void)
{
	return open_faulty((struct sim_config){0}, NULL, 0);
}

static inline int try_step(struct rig *rig, uint64_t step, unsigned ticks, bool clamp,
			   struct seen *ret)
{
	struct rig_record record = {.free_V = ret->free_V,
				    .clamped_V = ret->clamped_V,
				    .target_free_V = ret->target_free_V,
				    .clamp_V = ret->clamp_V,
				    .wiper = ret->wiper,
				    .updated = ret->updated,
				    .raised = ret->raised};
	const struct rig_request request = {.step = step,
					    .n_examples = 1,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 0.2,
					    .ticks = ticks,
					    .clamp = clamp};

	return rig_step(rig, &request, &record);
}

static inline void make_step(struct rig *rig, uint64_t step, struct seen *ret)
{
	if (try_step(rig, step, 1, true, ret) < 0)
		fail_msg("step %lu: %s", (unsigned long)step, rig_error(rig)->text);
}

/* The free state of a healthy network with these taps; cut: an edge that is open, or -1. */
static inline void healthy_V(const uint8_t *wiper, long cut, const double *volts, double *ret_V)
{
	struct rig *rig = open_healthy();

	assert_ok(rig_write_edges(rig, wiper, N_EDGES));
	if (cut >= 0)
		assert_ok(rig_set_edge_mode(rig, (size_t)cut, RIG_CUT));
	assert_ok(rig_drive(rig, RIG_FREE, volts, 3));
	assert_ok(rig_measure(rig, RIG_FREE, every_node, N_NODES, ret_V));
	rig_close(rig);
}

static inline void assert_same_V(const double *got, const double *want)
{
	for (int i = 0; i < N_NODES; i++)
		assert_close(got[i], want[i], 1e-9);
}

static inline double largest_gap_V(const double *a, const double *b)
{
	double gap = 0;

	for (int i = 0; i < N_NODES; i++)
		gap = fmax(gap, fabs(a[i] - b[i]));
	return gap;
}

#endif
