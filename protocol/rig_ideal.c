/* protocol/rig_ideal.c - the rig of "sim:NAME", as if it had been written in a file. */
#include "config.h"

#include "protocol/files.h"

json_t *rig_ideal(const char *network)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:{s:s}, s:{s:[f,f], s:s, s:s, s:s, s:s, s:f}, s:{s:i}}", "rig",
		network, "backend", "sim", "network", "file", network, "limits", "volts", 0.0, 5.0,
		"slew_V_per_s", "none", "edge_power_W", "none", "source_current_A", "none",
		"discrepancy_V", "none", "measure_slack_V", 0.01, "sim", "daq_bits", 0);

	if (json && schema_fill(&schema_rig, json) < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}
