/* tests/unit/lab.c - a simulated rig, its thread and a real store, for tests of runs. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/rig_file.h"
#include "protocol/files.h"
#include "protocol/yaml.h"
#include "tests/check.h"
#include "tests/unit/lab.h"

#define DEADLINE_S 60.0

static void write_text(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void load_rig(struct lab *lab, const char *rig)
{
	struct problem p = {0};
	char file[128];

	snprintf(file, sizeof(file), "%s/rig.yaml", lab->directory);
	if (strncmp(rig, "sim:", 4) != 0)
		write_text(file, rig);
	if (rig_file_load(strncmp(rig, "sim:", 4) == 0 ? rig : file, &lab->config, &lab->rig_json,
			  &p) < 0)
		fail_msg("%s", p.message);
}

static void sink(struct lab *lab)
{
	struct store_report report;

	while (mailbox_take(lab->store_reports, &report)) {
		if (report.kind == STORE_FAILED || report.kind == STORE_TROUBLE)
			fail_msg("store: %s", report.problem.message);
		json_decref(report.result);
		problem_clear(&report.problem);
	}
}

void lab_open(struct lab *lab, const char *rig)
{
	struct problem p = {0};
	struct store_found found;
	struct rig_thread_setup setup;

	*lab = (struct lab){.events = json_array(), .tests = json_array(), .states = json_array()};
	snprintf(lab->directory, sizeof(lab->directory), "/tmp/nudged-test-XXXXXX");
	assert_non_null(mkdtemp(lab->directory));
	snprintf(lab->file, sizeof(lab->file), "%s/lab.db", lab->directory);
	load_rig(lab, rig);
	lab->store_reports = mailbox_new(sizeof(struct store_report), 65536);
	lab->reports = mailbox_new(sizeof(struct report *), 65536);
	if (store_open(lab->file, "boot", lab->store_reports, &lab->store, &found, &p) < 0)
		fail_msg("%s", p.message);
	assert_ok(store_start(lab->store));
	setup = (struct rig_thread_setup){
		.config = lab->config,
		.store = lab->store,
		.reports = lab->reports,
		.params = found.params,
		.boot = "boot",
		.ring_bytes = 1u << 20,
	};
	if (rig_thread_start(&setup, &lab->rig, &p) < 0)
		fail_msg("%s", p.message);
}

/* ---- reports ---- */

static void keep(json_t *list, const struct report *report)
{
	json_t *row = json_deep_copy(report->json);

	json_object_set_new(row, "run", json_integer((json_int_t)report->run));
	json_object_set_new(row, "step", json_integer((json_int_t)report->step));
	json_array_append_new(list, row);
}

static void note(struct lab *lab, const struct report *report)
{
	if (report->kind == REPORT_EVENT)
		keep(lab->events, report);
	else if (report->kind == REPORT_TEST)
		keep(lab->tests, report);
	else if (report->kind == REPORT_STATE)
		json_array_append_new(lab->states, json_string(state_name(report->state)));
}

/* The next report, what it says noted; report_free() it. */
static struct report *next_report(struct lab *lab)
{
	struct report *report;

	if (!mailbox_wait(lab->reports, &report, DEADLINE_S))
		fail_msg("the rig's thread said nothing for %g s", DEADLINE_S);
	sink(lab);
	note(lab, report);
	return report;
}

void lab_wait_state(struct lab *lab, enum state state)
{
	for (;;) {
		struct report *report = next_report(lab);
		bool found = report->kind == REPORT_STATE && report->state == state;

		report_free(report);
		if (found)
			return;
	}
}

json_t *lab_end(struct lab *lab, uint64_t run)
{
	for (;;) {
		struct report *report = next_report(lab);
		json_t *json = NULL;

		if (report->kind == REPORT_END && report->run == run) {
			json = json_deep_copy(report->json);
			json_object_set_new(json, "hold", json_boolean(report->hold_queue));
			json_object_set_new(json, "step", json_integer((json_int_t)report->step));
		}
		report_free(report);
		if (json)
			return json;
	}
}

/* ---- tasks and commands ---- */

json_t *lab_json(const char *yaml)
{
	struct problem p = {0};
	json_t *json;

	if (yaml_parse("test", yaml, strlen(yaml), &json, NULL, &p) < 0)
		fail_msg("%s", p.message);
	return json;
}

static int read_task(struct lab *lab, const char *yaml, struct task **ret, struct problem *p)
{
	json_t *json = lab_json(yaml);
	int r = schema_check(&schema_task, json, p);

	if (r == 0)
		r = task_new(json, rig_thread_info(lab->rig), ret, p);
	json_decref(json);
	return r;
}

struct task *lab_task(struct lab *lab, const char *yaml)
{
	struct problem p = {0};
	struct task *task;

	if (read_task(lab, yaml, &task, &p) < 0)
		fail_msg("%s: %s", p.path, p.message);
	return task;
}

void lab_refuses(struct lab *lab, const char *yaml, const char *path, const char *words)
{
	struct problem p = {0};
	struct task *task;

	if (read_task(lab, yaml, &task, &p) == 0)
		fail_msg("taken, though %s is wrong: %s", path, words);
	assert_string_equal(p.path, path);
	if (!strstr(p.message, words))
		fail_msg("\"%s\" does not say \"%s\"", p.message, words);
	problem_clear(&p);
}

uint64_t lab_submit(struct lab *lab, const char *yaml, uint64_t seed)
{
	struct rig_command command = {.kind = RIG_COMMAND_RUN, .if_rev = -1};
	struct run_row row = {.run = ++lab->last_run,
			      .kind = "allostery",
			      .rig = lab->config->name,
			      .backend = "sim",
			      .version = "test",
			      .who = "test",
			      .boot = "boot",
			      .seed = seed,
			      .rig_json = lab->rig_json,
			      .status = "queued"};
	struct plan *plan = calloc(1, sizeof(*plan));
	struct change *c = change_new(0);

	plan->run = lab->last_run;
	plan->task = lab_task(lab, yaml);
	plan->seed = seed;
	snprintf(plan->who, sizeof(plan->who), "test");
	snprintf(row.uuid, sizeof(row.uuid), "00000000-0000-4000-8000-%012u",
		 (unsigned)lab->last_run);
	row.name = task_name(plan->task);
	row.task = task_json(plan->task);
	change_run_new(c, &row);
	store_post(lab->store, c);
	command.plan = plan;
	assert_true(rig_thread_post(lab->rig, &command));
	return lab->last_run;
}

json_t *lab_run(struct lab *lab, const char *yaml, uint64_t seed)
{
	return lab_end(lab, lab_submit(lab, yaml, seed));
}

/* The store's word about the change; NULL: none yet. */
static json_t *stored_result(struct lab *lab, uint64_t token)
{
	struct store_report report;

	while (mailbox_take(lab->store_reports, &report)) {
		bool mine = report.kind == STORE_DONE && report.token == token;

		problem_clear(&report.problem);
		if (mine)
			return report.result;
		json_decref(report.result);
	}
	return NULL;
}

json_t *lab_command(struct lab *lab, struct rig_command *command, struct problem *ret_p)
{
	uint64_t token = command->token = ++lab->last_token;
	struct report *report = NULL;
	json_t *result = NULL;

	snprintf(command->who, sizeof(command->who), "test");
	if (command->change) { /* one that bears the token */
		change_free(command->change);
		command->change = change_new(token);
	}
	assert_true(rig_thread_post(lab->rig, command));
	for (double waited_s = 0; waited_s < DEADLINE_S; waited_s += 0.01) {
		result = stored_result(lab, token);
		if (result)
			return result;
		while (mailbox_wait(lab->reports, &report, 0.01)) {
			bool mine = report->kind == REPORT_ANSWER && report->token == token;

			note(lab, report);
			if (mine) {
				result = json_incref(report->json);
				if (!result) {
					*ret_p = report->problem;
					report->problem.data = NULL;
				}
			}
			report_free(report);
			if (mine)
				return result;
			if ((result = stored_result(lab, token)))
				return result;
		}
	}
	fail_msg("no answer in %g s", DEADLINE_S);
	return NULL;
}

/* ---- the end ---- */

void lab_quit(struct lab *lab)
{
	struct rig_command quit = {.kind = RIG_COMMAND_QUIT, .if_rev = -1};

	if (!lab->rig)
		return;
	assert_true(rig_thread_post(lab->rig, &quit));
	for (bool gone = false; !gone;) {
		struct report *report = next_report(lab);

		gone = report->kind == REPORT_GONE;
		report_free(report);
	}
	rig_thread_join(lab->rig);
	assert_ok(store_stop(lab->store, DEADLINE_S));
	lab->rig = NULL;
	lab->store = NULL;
	sink(lab);
}

void lab_close(struct lab *lab)
{
	static const char *const files[] = {"lab.db", "lab.db-wal", "lab.db-shm", "lab.db.lock",
					    "rig.yaml"};
	char path[128];

	lab_quit(lab);
	mailbox_free(lab->reports);
	mailbox_free(lab->store_reports);
	rig_config_free(lab->config);
	json_decref(lab->rig_json);
	json_decref(lab->events);
	json_decref(lab->tests);
	json_decref(lab->states);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", lab->directory, files[i]);
		unlink(path);
	}
	rmdir(lab->directory);
}

double lab_sql(struct lab *lab, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	double value = NAN;

	assert_int_equal(sqlite3_open_v2(lab->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		value = sqlite3_column_double(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}
