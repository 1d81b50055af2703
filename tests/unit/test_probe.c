/* tests/unit/test_probe.c - what --probe prints is a rig file that loads, and that the card it came from can be opened with. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/rig_file.h"
#include "drivers/daq.h"
#include "sim_backend/network.h"
#include "tests/check.h"

static struct rig_config *load_probed(const char *driver, const char *device)
{
	char path[] = "/tmp/nudged-probe-XXXXXX";
	struct rig_config *config = NULL;
	struct rig_error err;
	struct problem p = {0};
	int fd = mkstemp(path);
	json_t *json;
	char *text;

	assert_true(fd >= 0);
	if (rig_probe(driver, device, &text, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	if (rig_file_load(path, &config, &json, &p) < 0)
		fail_msg("%s in\n%s", p.message, text);
	unlink(path);
	json_decref(json);
	free(text);
	return config;
}

static void the_loopback_cards_rig_file_loads_and_opens_it(void **state)
{
	struct rig_config *config = load_probed("loopback", "none");
	const struct daq_config *daq = &config->daq;
	struct rig_error err;
	struct daq *card;

	(void)state;
	assert_string_equal(config->backend, "bench");
	assert_string_equal(daq->driver, "loopback");
	assert_string_equal(daq->device, "none");
	assert_string_equal(daq->digital_device, "");
	assert_int_equal(config->network->n_nodes, 8); /* 16 inputs, two a node */
	assert_int_equal(config->network->n_edges, 8);
	assert_int_equal(config->boards.n_boards, 8);
	assert_true(daq_same(daq->wire[RIG_FREE][7].measure, (struct daq_channel){DAQ_AI, 7}));
	assert_true(daq_same(daq->wire[RIG_CLAMPED][7].measure, (struct daq_channel){DAQ_AI, 15}));
	assert_true(daq_same(daq->wire[RIG_FREE][3].drive, daq->wire[RIG_CLAMPED][3].drive));
	assert_int_equal(daq->wire[RIG_CLAMPED][7].relay.number, 16);
	assert_true(daq_same(daq->bias, (struct daq_channel){DAQ_AO, 8}));
	assert_false(daq->patch);
	if (daq_open(daq, &config->limits, config->network->n_nodes, -1, &card, &err) < 0)
		fail_msg("%s", err.text);
	daq_close(card);
	rig_config_free(config);
}

static void the_second_device_has_the_lines(void **state)
{
	struct rig_config *config = load_probed("loopback", "/dev/one,/dev/two");

	(void)state;
	assert_string_equal(config->daq.device, "/dev/one");
	assert_string_equal(config->daq.digital_device, "/dev/two");
	rig_config_free(config);
}

static void refuses_a_driver_that_is_not_built_in(void **state)
{
	struct rig_error err;
	char *text;

	(void)state;
	assert_int_equal(rig_probe("nidaq", "x", &text, &err), -EINVAL);
	assert_non_null(strstr(err.text, "comedi, loopback"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loopback_cards_rig_file_loads_and_opens_it),
		cmocka_unit_test(the_second_device_has_the_lines),
		cmocka_unit_test(refuses_a_driver_that_is_not_built_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
