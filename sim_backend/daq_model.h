/* sim_backend/daq_model.h - what a DAQ card makes of a voltage: noise and steps, apart from the comparators'. */
#ifndef SIM_BACKEND_DAQ_MODEL_H
#define SIM_BACKEND_DAQ_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/random.h"

struct daq_model {
	double noise_V;        /* rms, of each voltage read */
	double zero_V, step_V; /* readings are zero_V + k step_V; step_V 0: ideal */
};

/* What noise and bits make of [n] ideal readings, if there are any. */
void daq_model_spoil(const struct daq_model *daq, uint64_t seed, enum random_stream stream,
		     uint64_t a, uint64_t b, const uint32_t *nodes, size_t n, double *volts);

/* Reads node_V[nodes[i]] into ret_V[i]; the noise of a node is drawn for (seed, stream, a, b + node). */
static inline void daq_model_read(const struct daq_model *daq, uint64_t seed,
				  enum random_stream stream, uint64_t a, uint64_t b,
				  const double *node_V, const uint32_t *nodes, size_t n,
				  double *ret_V)
{
	for (size_t i = 0; i < n; i++)
		ret_V[i] = node_V[nodes[i]];
	if (daq->noise_V > 0 || daq->step_V > 0)
		daq_model_spoil(daq, seed, stream, a, b, nodes, n, ret_V);
}

#endif
