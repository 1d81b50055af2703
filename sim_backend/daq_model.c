/* sim_backend/daq_model.c - measurement noise and the DAQ's bits. */
#include "config.h"

#include <math.h>

#include "sim_backend/daq_model.h"

void daq_model_spoil(const struct daq_model *daq, uint64_t seed, enum random_stream stream,
		     uint64_t a, uint64_t b, const uint32_t *nodes, size_t n, double *volts)
{
	if (daq->noise_V > 0)
		for (size_t i = 0; i < n; i++)
			volts[i] += daq->noise_V * random_normal(seed, stream, a, b + nodes[i]);
	if (daq->step_V > 0)
		for (size_t i = 0; i < n; i++)
			volts[i] = daq->zero_V +
				   daq->step_V * rint((volts[i] - daq->zero_V) / daq->step_V);
}
