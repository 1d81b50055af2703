/* tests/unit/test_rig_open.c - a rig is opened only from a configuration that makes sense. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "tests/check.h"

static struct rig_config good(void)
{
	struct rig_config config = {
		.name = "bench16",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.r0_ohm = 1e4};
	struct network_error err;

	assert_ok(network_shipped("king9_16", &config.network, &err));
	return config;
}

static void assert_refused(const struct rig_config *config, int want, const char *words)
{
	struct rig *rig = NULL;
	struct rig_error err = {.text = ""};
	int r = rig_open(config, &rig, &err);

	if (r != want || rig || !strstr(err.text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", r, err.text, want, words);
}

/* Spoils one value of a good configuration and wants it refused by its key. */
#define REFUSES(member, value, want, words)                                                        \
	do {                                                                                       \
		struct rig_config spoiled = config;                                                \
		spoiled.member = (value);                                                          \
		assert_refused(&spoiled, want, words);                                             \
	} while (0)

static void what_makes_no_sense_is_refused_by_its_key(void **state)
{
	struct rig_config config = good();

	(void)state;
	REFUSES(backend[0], 'x', -ENOTSUP, "'xim'");
	REFUSES(network, NULL, -EINVAL, "no network");
	REFUSES(edge.taps, 1, -EINVAL, "edge.taps is 1");
	REFUSES(edge.taps, 257, -EINVAL, "edge.taps is 257");
	REFUSES(edge.r_step_ohm, 0, -EINVAL, "edge.r_step_ohm");
	REFUSES(edge.r_min_ohm, NAN, -EINVAL, "edge.r_min_ohm");
	REFUSES(edge.initial_tap, 128, -EINVAL, "edge.initial_tap is 128");
	REFUSES(limits.min_V, 5, -EINVAL, "limits.volts");
	REFUSES(limits.max_V, NAN, -EINVAL, "limits.volts");
	REFUSES(limits.edge_power_W, -1, -EINVAL, "limits.edge_power_W");
	REFUSES(limits.measure_slack_V, NAN, -EINVAL, "limits.measure_slack_V");
	REFUSES(safe_V, 5.1, -ERANGE, "safe.volts is 5.1 V");
	REFUSES(safe_V, NAN, -ERANGE, "safe.volts");
	REFUSES(safe_ramp_s, -1, -EINVAL, "safe.ramp_s");
	REFUSES(sim.comparator_noise_V, -1e-3, -EINVAL, "sim.comparator_noise_V");
	REFUSES(sim.measure_noise_V, NAN, -EINVAL, "sim.measure_noise_V");
	REFUSES(sim.r_tolerance, INFINITY, -EINVAL, "sim.r_tolerance");
	REFUSES(sim.twin_mismatch, -0.1, -EINVAL, "sim.twin_mismatch");
	REFUSES(sim.twin_source_offset_V, NAN, -EINVAL, "sim.twin_source_offset_V");
	REFUSES(sim.bias_V[0], 0.1, -EINVAL, "sim.comparator.bias_V");
	REFUSES(sim.daq_bits, 33, -EINVAL, "sim.daq_bits is 33");
	config.limits.max_V = INFINITY;
	REFUSES(sim.daq_bits, 16, -EINVAL, "limits.volts");
	network_free(config.network);
}

static void readings_lie_on_the_steps_of_the_daq(void **state)
{
	static const uint32_t source[] = {0, 8}, target[] = {4},
			      all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
	const struct rig_session session = {source, 2, target, 1, all, 9, 1, 0};
	struct rig_config config = good();
	struct rig_error err;
	struct rig *rig;
	double volts[9];

	(void)state;
	config.sim.daq_bits = 8;
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	assert_ok(rig_drive(rig, RIG_FREE, (const double[]){5, 0}, 2));
	assert_ok(rig_measure(rig, RIG_FREE, all, 9, volts));
	for (int i = 0; i < 9; i++)
		assert_close(volts[i] * 256 / 5, rint(volts[i] * 256 / 5), 1e-12);
	assert_close(volts[4], 2.5, 5.0 / 256); /* the middle, by symmetry */
	rig_close(rig);
}

static void info_says_what_the_rig_is(void **state)
{
	struct rig_config config = good();
	struct rig_error err;
	struct rig *rig;

	(void)state;
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_string_equal(rig_info(rig)->name, "bench16");
	assert_string_equal(rig_info(rig)->backend, "sim");
	assert_int_equal(rig_info(rig)->n_nodes, 9);
	assert_int_equal(rig_info(rig)->n_edges, 16);
	assert_int_equal(rig_info(rig)->network->n_edges, 16);
	assert_true(rig_info(rig)->whole_step && rig_info(rig)->batch_evaluate);
	assert_false(rig_info(rig)->real_time);
	rig_close(rig);
	rig_close(NULL);
	rig_config_free(NULL);
}

static void only_a_capacitor_of_the_bank_can_be_set(void **state)
{
	double bank[] = {0, 2.2e-6};
	struct rig_config config = good();
	struct rig_error err;
	struct rig *rig;

	(void)state;
	config.capacitance_F = bank;
	config.n_capacitance = 2;
	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_set_capacitance(rig, 0));
	assert_ok(rig_set_capacitance(rig, 2.2e-6));
	assert_int_equal(rig_set_capacitance(rig, 1e-6), -ERANGE);
	assert_non_null(strstr(rig_error(rig)->text, "1e-06 F"));
	assert_int_equal(rig_set_capacitance(rig, -2.2e-6), -ERANGE);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_no_sense_is_refused_by_its_key),
		cmocka_unit_test(readings_lie_on_the_steps_of_the_daq),
		cmocka_unit_test(info_says_what_the_rig_is),
		cmocka_unit_test(only_a_capacitor_of_the_bank_can_be_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
