/* sim_backend/daq_model.c - measurement noise and the DAQ's bits. */
#include "config.h"

#include <math.h>

#include "sim_backend/daq_model.h"

void daq_model_read(const struct daq_model *daq, uint64_t seed, enum random_stream stream,
		    uint64_t a, uint64_t b, const double *node_V, const uint32_t *nodes, size_t n,
		    double *ret_V)
{
	for (size_t i = 0; i < n; i++)
		ret_V[i] = node_V[nodes[i]];
	if (daq->noise_V > 0)
		for (size_t i = 0; i < n; i++)
			ret_V[i] += daq->noise_V * random_normal(seed, stream, a, b + nodes[i]);
	if (daq->step_V > 0)
		for (size_t i = 0; i < n; i++)
			ret_V[i] = daq->zero_V +
				   daq->step_V * rint((ret_V[i] - daq->zero_V) / daq->step_V);
}
