/* sim_backend/sim.h - the simulated rig: twin networks, boards, a DAQ card and a clock behind drivers/rig.h.
 *
 * Of the table sim_rig_ops, the operations below are in sim_step.c, the others in sim.c.
 */
#ifndef SIM_BACKEND_SIM_H
#define SIM_BACKEND_SIM_H

#include "drivers/rig_impl.h"
#include "sim_backend/clock.h"
#include "sim_backend/daq_model.h"
#include "sim_backend/edges.h"
#include "sim_backend/twins.h"

struct sim {
	char name[64];
	struct network *network;
	double *capacitance_F;
	struct rig_limits limits;
	double safe_V, source_offset_V;
	struct circuit_options solver;
	struct clock clock;
	struct daq_model daq;
	struct edges *edges;
	/* of a session */
	struct twins *twins; /* NULL: none begun */
	uint32_t *target, *measured;
	size_t n_sources, n_targets, n_measured;
	struct edges_draw draw;
};

int sim_wait_until(void *self, int64_t when_ns, struct rig_error *err); /* sim.c */
int sim_mark_step(void *self, uint64_t step);
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

#endif
