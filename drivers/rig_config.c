/* drivers/rig_config.c - frees what a rig is told when it is opened. */
#include "config.h"

#include <stdlib.h>

#include "drivers/rig_config.h"
#include "sim_backend/network.h"

void rig_config_free(struct rig_config *config)
{
	if (!config)
		return;
	network_free(config->network);
	free(config->capacitance_F);
	free(config->sim.fault);
	free(config);
}
