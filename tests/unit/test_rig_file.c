/* tests/unit/test_rig_file.c - rig files: what they become, and how a mistake is told. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/rig_file.h"
#include "sim_backend/network.h"
#include "tests/check.h"

#define HEAD "rig: bench\nbackend: sim\n"
#define NET  "network: {edges: [[0, 1], [1, 2]]}\n"
#define LIMITS                                                                                      \
	"limits: {volts: [0, 5], slew_V_per_s: none, edge_power_W: 0.03, source_current_A: none,\n" \
	"  discrepancy_V: none, measure_slack_V: 0.01}\n"

static char directory[] = "/tmp/nudged-rig-XXXXXX";
static char file[64];

static int load(const char *text, struct rig_config **ret, struct problem *p)
{
	FILE *f = fopen(file, "w");
	json_t *json;
	int r;

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	r = rig_file_load(file, ret, &json, p);
	if (r == 0)
		json_decref(json);
	return r;
}

static void expect_refusal(const char *text, const char *place, const char *words)
{
	struct rig_config *config;
	struct problem p = {0};

	if (load(text, &config, &p) == 0)
		fail_msg("taken: %s", text);
	if (!strstr(p.message, place) || !strstr(p.message, words))
		fail_msg("\"%s\" does not say \"%s\" and \"%s\"", p.message, place, words);
	problem_clear(&p);
}

static void a_file_becomes_a_config(void **state)
{
	struct rig_config *config;
	struct problem p = {0};

	(void)state;
	if (load(HEAD NET LIMITS "capacitors_F: [0, 2.2e-6]\nsim: {comparator: {rule: xor, bias_V: "
				 "[0, 0.05], drawn: edge}, clock: real, daq_bits: 12, seed: 9}\n",
		 &config, &p) < 0)
		fail_msg("%s", p.message);
	assert_string_equal(config->name, "bench");
	assert_int_equal(config->network->n_nodes, 3);
	assert_int_equal(config->edge.taps, 128);
	assert_close(config->edge.r_step_ohm, 781.25, 0);
	assert_close(config->limits.max_V, 5, 0);
	assert_true(isinf(config->limits.slew_V_per_s));
	assert_close(config->limits.edge_power_W, 0.03, 0);
	assert_string_equal(config->limits.where, "rig.yaml:4");
	assert_int_equal(config->n_capacitance, 2);
	assert_close(config->r0_ohm, 10000, 0);
	assert_int_equal(config->sim.comparator, SIM_XOR);
	assert_close(config->sim.bias_V[1], 0.05, 0);
	assert_int_equal(config->sim.drawn, SIM_DRAWN_EDGE);
	assert_int_equal(config->sim.clock, SIM_REAL);
	assert_int_equal(config->sim.daq_bits, 12);
	assert_int_equal(config->sim.seed, 9);
	rig_config_free(config);
}

static void a_network_is_looked_up_beside_the_file_then_among_the_shipped(void **state)
{
	struct rig_config *config;
	struct problem p = {0};
	char beside[96];
	FILE *f;

	(void)state;
	assert_ok(load(HEAD "network: {file: divider2.csv}\n" LIMITS, &config, &p));
	assert_int_equal(config->network->n_edges, 2);
	rig_config_free(config);
	snprintf(beside, sizeof(beside), "%s/divider2.csv", directory);
	f = fopen(beside, "w");
	assert_non_null(f);
	fputs("kind,id,a,b\nnode,0,0,0\nnode,1,1,0\nedge,0,0,1\n", f);
	fclose(f);
	assert_ok(load(HEAD "network: {file: divider2.csv}\n" LIMITS, &config, &p));
	assert_int_equal(config->network->n_edges, 1);
	rig_config_free(config);
	unlink(beside);
	expect_refusal(HEAD "network: {file: nowhere.csv}\n" LIMITS, "rig.yaml:3:", "nowhere");
}

static void a_network_is_made_by_the_name_that_stands_for_a_file(void **state)
{
	struct rig_config *config;
	struct problem p = {0};

	(void)state;
	assert_ok(load(HEAD "network: {file: \"square:30x30\"}\n" LIMITS, &config, &p));
	assert_int_equal(config->network->n_edges, 1740);
	rig_config_free(config);
	expect_refusal(HEAD "network: {file: \"square:0x5\"}\n" LIMITS,
		       "rig.yaml:3:", "square:0x5: after the colon");
}

static void a_mistake_is_told_with_its_place(void **state)
{
	(void)state;
	expect_refusal(HEAD NET "limits: {volts: [0, 5]}\n", "rig.yaml:4:", "slew_V_per_s");
	expect_refusal(HEAD NET LIMITS "tau: 3\n", "rig.yaml:6:", "tau");
	expect_refusal(HEAD NET LIMITS "edge: {taps: 16}\n", "rig.yaml:6:", "63");
	expect_refusal(HEAD NET LIMITS "capacitors_F: [0, 2.0e-6, 1.0e-6]\n",
		       "rig.yaml:6:", "ascend");
	expect_refusal(HEAD NET LIMITS "safe: {volts: 7}\n", "rig.yaml:6:", "7 V");
	expect_refusal(HEAD NET LIMITS "sim: {comparator: {bias_V: [0.1, 0]}}\n",
		       "rig.yaml:6:", "first");
	expect_refusal("rig: bench\nbackend: sim\n", "rig.yaml:", "network");
}

static void a_bench_needs_its_card_and_its_boards(void **state)
{
	(void)state;
	expect_refusal("rig: bench\nbackend: bench\n" NET LIMITS, "rig.yaml:2:", "`daq`");
}

static void what_the_simulator_cannot_do_is_refused_with_its_place(void **state)
{
	(void)state;
	expect_refusal(HEAD NET LIMITS "sim: {rule: continuous}\n", "rig.yaml:6:", "learning_rate");
	expect_refusal(HEAD NET LIMITS "sim: {r_bounds_ohm: [2, 1]}\n", "rig.yaml:6:", "below");
	expect_refusal(HEAD NET LIMITS "sim: {faults: [{at_step: 1, what: board_silent}]}\n",
		       "rig.yaml:6:", "edge_stuck");
	expect_refusal(HEAD NET LIMITS "sim: {faults: [{at_step: 1, what: edge_stuck}]}\n",
		       "rig.yaml:6:", "needs edge");
	expect_refusal(HEAD NET LIMITS "sim: {faults: [{at_step: 1, what: edge_cut, edge: 2}]}\n",
		       "rig.yaml:6:", "0 to 1");
}

static void faults_are_sorted_by_step(void **state)
{
	struct rig_config *config;
	struct problem p = {0};

	(void)state;
	assert_ok(load(HEAD NET LIMITS "sim: {faults: [{at_step: 9, what: edge_cut, edge: 1},\n"
				       "  {at_step: 3, what: source_sag, node: 2, value: 50}]}\n",
		       &config, &p));
	assert_int_equal(config->sim.n_faults, 2);
	assert_int_equal(config->sim.fault[0].at_step, 3);
	assert_int_equal(config->sim.fault[0].kind, SIM_SOURCE_SAG);
	assert_int_equal(config->sim.fault[0].edge, -1);
	assert_close(config->sim.fault[0].value, 50, 0);
	assert_int_equal(config->sim.fault[1].kind, SIM_EDGE_CUT);
	rig_config_free(config);
}

static void sim_name_is_an_ideal_bench(void **state)
{
	struct rig_config *config;
	struct problem p = {0};
	json_t *json;

	(void)state;
	assert_ok(rig_file_load("sim:torus16_32", &config, &json, &p));
	assert_int_equal(config->network->n_edges, 32);
	assert_close(config->limits.max_V, 5, 0);
	assert_close(config->sim.comparator_noise_V, 0.003, 0);
	assert_close(config->sim.bias_V[1], 0, 0);
	assert_int_equal(config->sim.daq_bits, 0);
	assert_int_equal(config->sim.clock, SIM_VIRTUAL);
	assert_string_equal(json_string_value(json_object_get(json, "rig")), "torus16_32");
	json_decref(json);
	rig_config_free(config);
	assert_int_equal(rig_file_load("sim:kong9_16", &config, &json, &p), -1);
	assert_non_null(strstr(p.message, "kong9_16"));
	problem_clear(&p);
}

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(file, sizeof(file), "%s/rig.yaml", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_becomes_a_config),
		cmocka_unit_test(a_network_is_looked_up_beside_the_file_then_among_the_shipped),
		cmocka_unit_test(a_network_is_made_by_the_name_that_stands_for_a_file),
		cmocka_unit_test(a_mistake_is_told_with_its_place),
		cmocka_unit_test(a_bench_needs_its_card_and_its_boards),
		cmocka_unit_test(what_the_simulator_cannot_do_is_refused_with_its_place),
		cmocka_unit_test(faults_are_sorted_by_step),
		cmocka_unit_test(sim_name_is_an_ideal_bench),
	};

	return cmocka_run_group_tests_name("rig_file", tests, make_directory, remove_directory);
}
