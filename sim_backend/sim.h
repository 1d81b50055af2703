/* sim_backend/sim.h - the simulated rig: twin networks, boards, a DAQ card and a clock behind drivers/rig.h.
 *
 * Of the table sim_rig_ops, the operations below are in sim_step.c, the others in sim.c; sim_batch.c sums several
 * examples, sim_faults.c plays the faults, sim_flow.c learns in time.
 */
#ifndef SIM_BACKEND_SIM_H
#define SIM_BACKEND_SIM_H

#include "drivers/rig_impl.h"
#include "sim_backend/clock.h"
#include "sim_backend/daq_model.h"
#include "sim_backend/edges.h"
#include "sim_backend/faults.h"
#include "sim_backend/settling.h"
#include "sim_backend/sim_flow.h"
#include "sim_backend/twins.h"

struct sim {
	char name[64];
	struct network *network;
	double *capacitance_F;
	struct rig_limits limits;
	double safe_V, source_offset_V;
	struct circuit_options solver;
	double farad; /* of every edge's capacitor; 0: none */
	struct clock clock;
	struct daq_model daq;
	struct edges *edges;
	struct faults *faults;     /* NULL: none in the rig file */
	struct settling *settling; /* NULL: no such fault */
	bool xor ;                 /* its comparators know no sums */
	struct sim_flow *flow;     /* NULL: learning is in ticks */
	/* of a session */
	struct twins *twins; /* NULL: none begun */
	uint32_t *source, *target, *measured;
	size_t n_sources, n_targets, n_measured;
	double *batch_free_V, *batch_clamp_V; /* [n_targets] of one example of a batch */
	int64_t begun_ns;
	struct edges_draw draw;
};

int sim_wait_until(void *self, int64_t when_ns, struct rig_error *err); /* sim.c */
void sim_mark_floating(struct sim *sim);                                /* sim.c */
int sim_mark_step(void *self, uint64_t step, struct rig_error *err);
int sim_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err);
int sim_clamp(void *self, const double *volts, size_t n, struct rig_error *err);
int sim_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V,
		struct rig_error *err);
int sim_tick(void *self, struct rig_error *err);
int sim_read_edges(void *self, struct rig_edges *ret, struct rig_error *err);
int sim_step(void *self, const struct rig_request *request, struct rig_record *ret,
	     struct rig_error *err);
int sim_evaluate(void *self, size_t n, const double *source_V, double *ret_V,
		 struct rig_error *err);

/* sim_step.c, for sim_batch.c */
/* As sim_measure(), of one example of a batch: its noise is its own. */
int sim_read(struct sim *sim, enum rig_side side, size_t example, const uint32_t *nodes, size_t n,
	     double *ret_V, struct rig_error *err);
int sim_settle(struct sim *sim, double seconds, struct rig_error *err);
int sim_nudge(const struct sim *sim, const struct rig_request *request, const double *target_V,
	      const double *free_V, double *ret_clamp_V, unsigned *flags, struct rig_error *err);
/* The outputs or the wipers have changed: readings that settle start anew. */
static inline void sim_changed(struct sim *sim)
{
	if (sim->settling)
		settling_changed(sim->settling, clock_now_ns(&sim->clock));
}

/* sim_batch.c: the examples after the first, and one tick for all. */
int sim_batch(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
	      struct rig_error *err);
double sim_mean_square(const double *desired_V, const double *free_V, size_t n);

/* sim_faults.c */
int sim_faults_open(struct sim *sim, const struct sim_config *config); /* 0, -ENOMEM */
void sim_faults_begin(struct sim *sim);
int sim_faults_play(struct sim *sim, uint64_t step, struct rig_error *err);

#endif
