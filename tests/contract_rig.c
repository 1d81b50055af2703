/* tests/contract_rig.c - what any rig must do, through drivers/rig.h alone.  `contract_rig [RIG]` runs it on one.
 *
 * A new rig joins by a row in rigs[]: a configuration of king9_16, and how well it measures.
 */
#include "config.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network.h"
#include "tests/contract.h"

static const struct contract_rig rigs[] = {
	{.name = "sim-ideal", .tolerance_V = 1e-9, .p = 1},
	{.name = "sim-noisy",
	 .tolerance_V = 0.05,
	 .p = 0.5,
	 .sim = {.comparator = SIM_XOR,
		 .bias_V = {0, 0.02},
		 .comparator_noise_V = 0.003,
		 .measure_noise_V = 0.001,
		 .daq_bits = 12,
		 .r_tolerance = 0.1}},
	{.name = "sim-apart",
	 .tolerance_V = 0.02,
	 .p = 0.9,
	 .sim = {.comparator_noise_V = 0.003,
		 .bias_V = {-0.01, 0.01},
		 .drawn = SIM_DRAWN_EDGE,
		 .twin_mismatch = 0.05,
		 .twin_source_offset_V = 0.005}},
	{.name = "sim-real",
	 .tolerance_V = 1e-9,
	 .p = 1,
	 .sim = {.comparator = SIM_XOR_CLAMPED, .clock = SIM_REAL}},
};

struct rig *contract_open(const struct contract_rig *which)
{
	struct rig_config *config = calloc(1, sizeof(*config));
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	*config = (struct rig_config){
		.name = "contract",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, "here.yaml:7"},
		.r0_ohm = 1e4,
		.sim = which->sim};
	config->capacitance_F = calloc(2, sizeof(double));
	config->n_capacitance = 1;
	assert_ok(network_shipped("king9_16", &config->network, &why));
	if (rig_open(config, &rig, &err) < 0)
		fail_msg("%s", err.text);
	rig_config_free(config); /* what the rig keeps, it has copied */
	return rig;
}

#define N_RIGS  (sizeof(rigs) / sizeof(rigs[0]))
#define N_FACTS 32 /* at most, about one rig */

/* Facts as tests of one rig, each with the rig's name before its own. */
static size_t add(const struct CMUnitTest *facts, const struct contract_rig *rig, size_t n,
		  struct CMUnitTest *tests, char (*names)[128])
{
	for (; facts->name; facts++, n++) {
		assert(n < N_RIGS * N_FACTS);
		snprintf(names[n], sizeof(names[n]), "%s: %s", rig->name, facts->name);
		tests[n] = *facts;
		tests[n].name = names[n];
		tests[n].initial_state = (void *)(uintptr_t)rig;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[N_RIGS * N_FACTS];
	char names[N_RIGS * N_FACTS][128];
	size_t n = 0;

	for (size_t i = 0; i < N_RIGS; i++) {
		if (argc > 1 && strcmp(argv[1], rigs[i].name))
			continue;
		n = add(contract_driving, &rigs[i], n, tests, names);
		n = add(contract_learning, &rigs[i], n, tests, names);
	}
	if (!n) {
		fprintf(stderr, "no rig '%s' here\n", argv[1]);
		return 2;
	}
	return _cmocka_run_group_tests("contract", tests, n, NULL, NULL);
}
