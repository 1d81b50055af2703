/* tests/unit/test_runner_wiring.c - runs whose plugs have to be moved first: they wait, say what for, and go on. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/runner.h"
#include "drivers/rig_impl.h"
#include "tests/unit/lab_tasks.h"

#define STOP "stop: {steps: 20}\n"

/* ---- the simulator with the wires of a bench ---- */

static struct daq_wire plugged[2][9];
static size_t n_wired; /* rig_wire() was called */
static int wire_fails;

static struct rig_ops ops;

static int open_wired(const struct rig_config *config, int wake_fd, void **ret,
		      struct rig_info *ret_info, struct rig_error *err)
{
	int r = sim_rig_ops.open(config, wake_fd, ret, ret_info, err);

	if (r < 0)
		return r;
	for (int side = 0; side < 2; side++)
		memcpy(plugged[side], config->daq.wire[side], sizeof(plugged[side]));
	ret_info->patch = config->daq.patch;
	ret_info->pause_on_fault = config->pause_on_fault;
	n_wired = 0;
	return 0;
}

static int wire(void *self, const struct rig_wiring *wiring, struct rig_error *err)
{
	(void)self;
	if (wire_fails)
		return rig_fail(err, wire_fails, "no card");
	n_wired++;
	for (int side = 0; side < 2; side++)
		memcpy(plugged[side], wiring->wire[side], sizeof(plugged[side]));
	return 0;
}

static int wired(void *self, struct rig_wiring *ret)
{
	(void)self;
	*ret = (struct rig_wiring){{plugged[0], plugged[1]}};
	return 0;
}

/* In place of drivers/rig_list.c: whatever the file says, it is the simulator with wires. */
const struct rig_ops *rig_list_find(const char *backend)
{
	(void)backend;
	ops = sim_rig_ops;
	ops.open = open_wired;
	ops.wire = wire;
	ops.wired = wired;
	return &ops;
}

/* ---- the lab ---- */

/* A shipped bench file; `without`: words that become blanks in it, NULL: none. */
static void open_bench(struct lab *lab, const char *name, const char *without)
{
	char path[512], text[8192], *found;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/docs/experiments/%s.yaml", getenv("srcdir"), name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(n < sizeof(text) - 1);
	text[n] = '\0';
	fclose(f);
	found = without ? strstr(text, without) : NULL;
	if (without)
		assert_non_null(found);
	if (found)
		memset(found, ' ', strlen(without));
	wire_fails = 0;
	lab_open(lab, text);
}

static const json_t *event(const struct lab *lab, const char *kind, size_t skip)
{
	json_t *row;
	size_t i;

	json_array_foreach(lab->events, i, row) if (strcmp(word(row, "event"), kind) == 0 &&
						    skip-- == 0) return row;
	return NULL;
}

/* Its answer is not waited for: the run's end may come before it. */
static void post(struct lab *lab, enum rig_command_kind kind)
{
	struct rig_command command = {
		.kind = kind, .change = change_new(0), .who = "test", .if_rev = -1};

	assert_true(rig_thread_post(lab->rig, &command));
}

static void nothing_to_plug_needs_no_word(void **state)
{
	struct lab lab;

	(void)state;
	open_bench(&lab, "bench16", NULL);
	expect_end(lab_run(&lab, ALLOSTERY STOP, 1), "done", 20);
	assert_null(event(&lab, "wiring", 0));
	assert_int_equal(n_wired, 0);
	lab_close(&lab);
}

static void a_run_waits_until_it_is_plugged(void **state)
{
	struct lab lab;
	const json_t *told;
	uint64_t run;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	told = event(&lab, "wiring", 0);
	assert_non_null(told);
	/* 1, 6 and 8 are held, and the task does not name them */
	assert_int_equal(json_array_size(json_object_get(told, "new")), 3);
	assert_string_equal(word(json_array_get(json_object_get(told, "new"), 0), "what"),
			    "unplug ao3 from node 1, both networks");
	assert_non_null(strstr(word(told, "what"), "3 plugs to move"));
	assert_int_equal(n_wired, 0);
	post(&lab, RIG_COMMAND_RESUME);
	expect_end(lab_end(&lab, run), "done", 20);
	assert_int_equal(n_wired, 1);
	assert_int_equal(plugged[RIG_FREE][1].drive.kind, DAQ_NONE);
	assert_int_equal(plugged[RIG_CLAMPED][8].drive.kind, DAQ_NONE);
	assert_int_equal(plugged[RIG_CLAMPED][0].drive.kind, DAQ_AO);
	assert_string_equal(word(event(&lab, "wiring", 1), "what"), "plugged");
	/* as it is plugged now, the same task needs nobody */
	expect_end(lab_run(&lab, ALLOSTERY STOP, 2), "done", 20);
	assert_int_equal(n_wired, 1);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(*) from steps where run = 1"), 20, 0);
	assert_close(lab_sql(&lab, "select count(*) from events where kind = 'wiring'"), 2, 0);
	lab_close(&lab);
}

static void other_threads_see_the_wires_as_they_are(void **state)
{
	struct lab lab;
	struct wiring *before, *after;
	uint64_t run;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	assert_ok(rig_thread_wires(lab.rig, &before));
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	post(&lab, RIG_COMMAND_RESUME);
	json_decref(lab_end(&lab, run));
	assert_ok(rig_thread_wires(lab.rig, &after));
	assert_int_equal(before->wire[RIG_FREE][6].drive.number, 4);
	assert_int_equal(after->wire[RIG_FREE][6].drive.kind, DAQ_NONE);
	assert_int_equal(after->n_outputs, before->n_outputs);
	wiring_free(before);
	wiring_free(after);
	lab_close(&lab);
}

static void a_waiting_run_can_be_aborted_or_stopped(void **state)
{
	struct lab lab;
	uint64_t run;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	post(&lab, RIG_COMMAND_ABORT);
	expect_end(lab_end(&lab, run), "aborted", 0);
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	post(&lab, RIG_COMMAND_STOP);
	expect_end(lab_end(&lab, run), "stopped", 0);
	assert_int_equal(n_wired, 0);
	lab_close(&lab);
}

static void a_waiting_run_ends_with_the_daemon(void **state)
{
	struct lab lab;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select status = 'stopped' from runs where run = 1"), 1, 0);
	lab_close(&lab);
}

/* The plugs are not lost to a card that fails at that moment: the next run.resume tells it again. */
static void a_card_that_fails_is_told_again(void **state)
{
	struct lab lab;
	uint64_t run;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	wire_fails = -EIO;
	post(&lab, RIG_COMMAND_RESUME);
	lab_wait_state(&lab, STATE_PAUSED);
	wire_fails = 0;
	post(&lab, RIG_COMMAND_RESUME);
	expect_end(lab_end(&lab, run), "done", 20);
	assert_int_equal(n_wired, 1);
	lab_close(&lab);
}

/* The same database, and the rig file as it was: another daemon. */
static void start_again(struct lab *lab)
{
	struct store_found found;
	struct rig_thread_setup setup;
	struct problem p = {0};

	lab_quit(lab);
	if (store_open(lab->file, "boot2", lab->store_reports, &lab->store, &found, &p) < 0)
		fail_msg("%s", p.message);
	assert_ok(store_start(lab->store));
	setup = (struct rig_thread_setup){
		.config = lab->config,
		.store = lab->store,
		.wiring = found.wiring,
		.reports = lab->reports,
		.params = found.params,
		.boot = "boot2",
		.ring_bytes = 1u << 20,
	};
	if (rig_thread_start(&setup, &lab->rig, &p) < 0)
		fail_msg("%s", p.message);
	json_decref(found.wiring);
}

static void the_next_daemon_knows_what_was_plugged(void **state)
{
	struct lab lab;
	uint64_t run;

	(void)state;
	open_bench(&lab, "bench16-patch", NULL);
	run = lab_submit(&lab, ALLOSTERY STOP, 1);
	lab_wait_state(&lab, STATE_PAUSED);
	post(&lab, RIG_COMMAND_RESUME);
	expect_end(lab_end(&lab, run), "done", 20);
	start_again(&lab);
	assert_int_equal(n_wired, 1); /* told at its start */
	assert_int_equal(plugged[RIG_FREE][6].drive.kind, DAQ_NONE);
	expect_end(lab_run(&lab, ALLOSTERY STOP, 2), "done", 20);
	/* a rig file with other wires was written since: it counts */
	memset(&lab.config->daq.wire[RIG_CLAMPED][8].drive, 0, sizeof(struct daq_channel));
	start_again(&lab);
	assert_int_equal(n_wired, 0);
	assert_int_equal(plugged[RIG_FREE][6].drive.kind, DAQ_AO);
	lab_close(&lab);
}

static void without_an_operator_the_run_fails(void **state)
{
	struct lab lab;
	json_t *end;

	(void)state;
	open_bench(&lab, "bench16-patch", "  patch: true ");
	end = lab_run(&lab, ALLOSTERY STOP, 1);
	assert_string_equal(word(end, "status"), "failed");
	assert_non_null(strstr(word(end, "reason"), "node 1 is held by ao3"));
	json_decref(end);
	assert_int_equal(n_wired, 0);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_plug_needs_no_word),
		cmocka_unit_test(a_run_waits_until_it_is_plugged),
		cmocka_unit_test(other_threads_see_the_wires_as_they_are),
		cmocka_unit_test(a_waiting_run_can_be_aborted_or_stopped),
		cmocka_unit_test(a_waiting_run_ends_with_the_daemon),
		cmocka_unit_test(a_card_that_fails_is_told_again),
		cmocka_unit_test(the_next_daemon_knows_what_was_plugged),
		cmocka_unit_test(without_an_operator_the_run_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
