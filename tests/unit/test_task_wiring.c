/* tests/unit/test_task_wiring.c - tasks on the shipped bench files: what their wires and their limits refuse. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bench_json.h"
#include "daemon/rig_file.h"
#include "daemon/task.h"
#include "daemon/wiring_json.h"
#include "protocol/files.h"
#include "protocol/yaml.h"
#include "sim_backend/network.h"
#include "tests/check.h"

#define TASK(nodes)                                                                                \
	"task: t\nkind: allostery\n" nodes                                                         \
	"train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n"

struct bench {
	struct rig_config *config;
	json_t *json;
	struct rig_info info;
	struct wiring *wiring;
};

/* What a rig would say of itself, from its file: what a task needs of it. */
static struct rig_info info_of(const struct rig_config *config)
{
	return (struct rig_info){
		.name = config->name,
		.backend = config->backend,
		.n_nodes = config->network->n_nodes,
		.n_edges = config->network->n_edges,
		.network = config->network,
		.edge = config->edge,
		.limits = config->limits,
		.capacitance_F = config->capacitance_F,
		.n_capacitance = config->n_capacitance,
		.r0_ohm = config->r0_ohm,
		.real_time = true,
		.interlocks = true,
		.patch = config->daq.patch,
	};
}

static struct bench open_bench(const char *name)
{
	const struct daq_wire *wire[2];
	struct problem p = {0};
	struct bench b = {0};
	char file[512];

	snprintf(file, sizeof(file), "%s/docs/experiments/%s.yaml", getenv("srcdir"), name);
	if (rig_file_load(file, &b.config, &b.json, &p) < 0)
		fail_msg("%s", p.message);
	b.info = info_of(b.config);
	wire[0] = b.config->daq.wire[0];
	wire[1] = b.config->daq.wire[1];
	assert_ok(wiring_new(b.info.n_nodes, wire, &b.wiring));
	return b;
}

static void close_bench(struct bench *b)
{
	wiring_free(b->wiring);
	rig_config_free(b->config);
	json_decref(b->json);
}

static struct task *task_of(const struct bench *b, const char *yaml)
{
	struct problem p = {0};
	struct task *task;
	json_t *json;

	if (yaml_parse("test", yaml, strlen(yaml), &json, NULL, &p) < 0 ||
	    schema_check(&schema_task, json, &p) < 0 || task_new(json, &b->info, &task, &p) < 0)
		fail_msg("%s: %s", p.path, p.message);
	json_decref(json);
	return task;
}

static void expect_moves(const struct bench *b, const char *yaml, const char *const *moves)
{
	struct task *task = task_of(b, yaml);
	struct wiring_plan *plan;
	struct problem p = {0};
	size_t i = 0;

	if (task_wiring(task, b->wiring, b->info.patch, &plan, &p) < 0)
		fail_msg("%s: %s", p.path, p.message);
	for (; moves[i]; i++) {
		char text[160];

		assert_true(i < plan->n);
		assert_string_equal(wiring_move_text(&plan->move[i], text, sizeof(text)), moves[i]);
	}
	assert_int_equal(plan->n, i);
	wiring_plan_free(plan);
	task_unref(task);
}

static void expect_refusal(const struct bench *b, const char *yaml, const char *path,
			   const char *words)
{
	struct task *task = task_of(b, yaml);
	struct wiring_plan *plan;
	struct problem p = {0};

	assert_int_equal(task_wiring(task, b->wiring, b->info.patch, &plan, &p), -1);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	assert_string_equal(p.path, path);
	if (!strstr(p.message, words))
		fail_msg("\"%s\" does not say \"%s\"", p.message, words);
	problem_clear(&p);
	task_unref(task);
}

static void a_relay_at_each_node_serves_any_task(void **state)
{
	static const char *const none[] = {NULL};
	struct bench b = open_bench("bench16");

	(void)state;
	expect_moves(&b, TASK("sources: [0, 2]\ntargets: [4]\n"), none);
	expect_moves(&b, TASK("sources: [8, 4]\ntargets: [0]\n"), none);
	close_bench(&b);
}

static void an_operator_is_asked_for_the_fewest_plugs(void **state)
{
	/* what holds a node that this task leaves alone, by node */
	static const char *const moves[] = {"unplug ao3 from node 1, both networks",
					    "unplug ao5 from node 3, clamped network",
					    "unplug ao6 from node 5, clamped network",
					    "unplug ao4 from node 6, both networks",
					    "unplug ao2 from node 7, both networks",
					    "unplug ao8 from node 8, clamped network",
					    NULL};
	struct bench b = open_bench("bench16-patch");
	struct wiring_plan *plan;
	struct task *task;
	struct problem p = {0};
	json_t *list;

	(void)state;
	expect_moves(&b, TASK("sources: [0, 2]\ntargets: [4]\n"), moves);
	/* six to unplug; 4 and 7 keep their outputs, plugged in the other way */
	task = task_of(&b, TASK("sources: [0, 4]\ntargets: [7]\n"));
	assert_int_equal(task_wiring(task, b.wiring, true, &plan, &p), 0);
	assert_int_equal(plan->n, 8);
	list = wiring_moves_json(plan);
	assert_int_equal(json_array_size(list), 8);
	json_decref(list);
	wiring_plan_free(plan);
	task_unref(task);
	close_bench(&b);
}

static void without_an_operator_it_is_refused(void **state)
{
	struct bench b = open_bench("bench16-patch");

	(void)state;
	b.info.patch = false;
	expect_refusal(&b, TASK("sources: [0, 2]\ntargets: [4]\n"), "/targets",
		       "node 1 is held by ao3, but the task neither drives nor clamps it: unplug "
		       "it, or give it a relay (`switch:`)");
	expect_refusal(&b, TASK("sources: [0, 3]\ntargets: [4]\n"), "/sources/1",
		       "source 3: no output drives it in the free network");
	expect_refusal(&b, TASK("sources: [0, 2]\ntargets: [7]\n"), "/targets/0",
		       "target 7 is held by ao2 in the free network");
	close_bench(&b);
}

static void too_few_channels_are_counted(void **state)
{
	struct bench b = open_bench("bench16-patch");

	(void)state;
	b.wiring->n_outputs = 2;
	expect_refusal(&b, TASK("sources: [0, 2]\ntargets: [7]\n"), "/targets",
		       "2 sources and 1 targets need 3 outputs, and there are 2");
	close_bench(&b);
}

static void a_wiring_is_read_back_as_it_was_written(void **state)
{
	struct bench b = open_bench("bench16");
	struct wiring *read;
	json_t *list = wiring_json(b.wiring), *again;

	(void)state;
	assert_ok(wiring_copy(b.wiring, &read));
	memset(read->wire[RIG_FREE], 0, 9 * sizeof(struct daq_wire));
	assert_ok(wiring_read(list, read));
	again = wiring_json(read);
	assert_true(json_equal(list, again));
	json_object_set_new(json_object_get(json_array_get(list, 2), "free"), "drive",
			    json_string("ao77"));
	assert_int_equal(wiring_read(list, read), -EINVAL);
	assert_int_equal(wiring_read(NULL, read), -EINVAL);
	json_decref(list);
	json_decref(again);
	wiring_free(read);
	close_bench(&b);
}

/* ---- interlocks ---- */

/* 5 V over 781.25 ohm (tap 0) are 32 mW, above the file's 30 mW; at midscale, 50 kohm, 0.5 mW. */
static void powers_above_the_limit_are_refused(void **state)
{
	static const char text[] = "task: t\nkind: allostery\nsources: [0, 1]\ntargets: [4]\n"
				   "train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n%s";
	struct bench b = open_bench("bench16");
	size_t edge = 0;
	struct problem p = {0};
	struct task *task;
	json_t *found;
	char yaml[512], initial[128] = "initial: {taps: [", *end = initial + strlen(initial);

	(void)state;
	while (!(b.info.network->a[edge] + b.info.network->b[edge] == 1))
		edge++;
	for (size_t j = 0; j < b.info.n_edges; j++)
		end += sprintf(end, "%s%d", j ? "," : "", j == edge ? 0 : 63);
	sprintf(end, "]}\n");
	snprintf(yaml, sizeof(yaml), text, initial);
	task = task_of(&b, yaml);
	assert_int_equal(task_predict(task, &b.info, NULL, 0.5, &found, &p), -1);
	assert_int_equal(p.code, PROBLEM_LIMIT);
	assert_string_equal(p.path, "/train");
	snprintf(yaml, sizeof(yaml), "edge %zu: 0.032 W, above the limit of 0.03 W", edge);
	assert_non_null(strstr(p.message, yaml));
	assert_non_null(strstr(p.message, "bench16.yaml"));
	problem_clear(&p);
	task_unref(task);
	close_bench(&b);
}

/* The edges as they are do not matter to a run that homes them first. */
static void a_run_that_homes_is_judged_by_midscale(void **state)
{
	struct bench b = open_bench("bench16");
	struct task *home = task_of(&b, TASK("sources: [0, 1]\ntargets: [4]\n"));
	struct task *keep = task_of(&b, TASK("sources: [0, 1]\ntargets: [4]\ninitial: keep\n"));
	double *r_ohm = calloc(b.info.n_edges, sizeof(double));
	struct problem p = {0};
	json_t *found;

	(void)state;
	for (size_t j = 0; j < b.info.n_edges; j++)
		r_ohm[j] = 781.25;
	assert_int_equal(task_predict(home, &b.info, r_ohm, 0.5, &found, &p), 0);
	json_decref(found);
	assert_int_equal(task_predict(keep, &b.info, r_ohm, 0.5, &found, &p), -1);
	problem_clear(&p);
	b.info.interlocks = false;
	assert_int_equal(task_predict(keep, &b.info, r_ohm, 0.5, &found, &p), 0);
	assert_true(json_array_size(json_object_get(found, "warnings")) > 0);
	json_decref(found);
	free(r_ohm);
	task_unref(home);
	task_unref(keep);
	close_bench(&b);
}

static void currents_above_the_limit_are_refused(void **state)
{
	struct bench b = open_bench("bench16");
	struct task *task = task_of(&b, TASK("sources: [0, 8]\ntargets: [4]\n"));
	struct problem p = {0};
	json_t *found;

	(void)state;
	b.info.limits.source_current_A = 1e-5;
	assert_int_equal(task_predict(task, &b.info, NULL, 0.5, &found, &p), -1);
	assert_int_equal(p.code, PROBLEM_LIMIT);
	assert_non_null(strstr(p.message, "source 0: "));
	assert_non_null(strstr(p.message, " A, above the limit of 1e-05 A"));
	problem_clear(&p);
	task_unref(task);
	close_bench(&b);
}

/* ---- rig.describe ---- */

static void a_bench_tells_its_channels_and_boards(void **state)
{
	struct bench b = open_bench("bench16");
	json_t *channels = bench_channels(b.json, b.wiring);
	json_t *boards = bench_boards(b.json, b.info.n_edges);
	json_t *node = json_array_get(json_object_get(channels, "nodes"), 4);
	json_t *clamped = json_object_get(node, "clamped"), *last = json_array_get(boards, 15);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(channels, "bias")), "ao9");
	assert_string_equal(json_string_value(json_object_get(channels, "clock")), "dio0");
	assert_string_equal(json_string_value(json_object_get(clamped, "drive")), "ao4");
	assert_string_equal(json_string_value(json_object_get(clamped, "switch")), "dio14");
	assert_string_equal(json_string_value(json_object_get(clamped, "measure")), "ai20");
	assert_int_equal(json_array_size(boards), 16);
	assert_int_equal(json_integer_value(json_object_get(last, "address")), 16);
	assert_int_equal(json_integer_value(json_object_get(last, "first_edge")), 15);
	assert_int_equal(json_integer_value(json_object_get(last, "n_edges")), 1);
	assert_string_equal(json_string_value(json_object_get(last, "device")), "/dev/ttyUSB0");
	json_decref(channels);
	json_decref(boards);
	close_bench(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relay_at_each_node_serves_any_task),
		cmocka_unit_test(an_operator_is_asked_for_the_fewest_plugs),
		cmocka_unit_test(without_an_operator_it_is_refused),
		cmocka_unit_test(too_few_channels_are_counted),
		cmocka_unit_test(a_wiring_is_read_back_as_it_was_written),
		cmocka_unit_test(powers_above_the_limit_are_refused),
		cmocka_unit_test(a_run_that_homes_is_judged_by_midscale),
		cmocka_unit_test(currents_above_the_limit_are_refused),
		cmocka_unit_test(a_bench_tells_its_channels_and_boards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
