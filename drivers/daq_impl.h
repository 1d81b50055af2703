/* drivers/daq_impl.h - what an open card consists of, for daq.c and daq_open.c. */
#ifndef DRIVERS_DAQ_IMPL_H
#define DRIVERS_DAQ_IMPL_H

#include "drivers/daq.h"

struct daq_scale { /* true = gain * nominal + offset_V */
	double gain, offset_V;
};

struct daq {
	const struct daq_driver *driver;
	void *self;
	const struct daq_config *config;
	const struct rig_limits *limits;
	int wake_fd;
	struct daq_facts facts;
	unsigned range[DAQ_KINDS];          /* in use, of DAQ_AO and DAQ_AI */
	struct daq_scale *scale[DAQ_KINDS]; /* [n_channels], of DAQ_AO and DAQ_AI */
	struct daq_volt *nominal;           /* [n_channels[DAQ_AO]] */
	double *reading_V;                  /* [n_reading]; grows */
	size_t n_reading;
	uint64_t pulses;
};

static inline bool daq_has(const struct daq *daq, struct daq_channel c)
{
	return c.kind > DAQ_NONE && c.kind < DAQ_KINDS && c.number < daq->facts.n_channels[c.kind];
}

/* -EINVAL with a sentence that says what the card has */
int daq_refuse_channel(const struct daq_facts *facts, struct daq_channel c, struct rig_error *err);

#endif
