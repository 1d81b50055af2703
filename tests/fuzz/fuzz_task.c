/* tests/fuzz/fuzz_task.c - task files: YAML, schema, and what the rig makes of them. */
#include "config.h"

#include "daemon/rig_file.h"
#include "daemon/task.h"
#include "protocol/files.h"
#include "protocol/yaml.h"
#include "tests/fuzz/fuzz.h"

/* A task that asks for so much is right, and only slow */
#define MOST_BYTES 16384

static const struct rig_info *info(void)
{
	static struct rig *rig;
	struct rig_config *config;
	struct rig_error err;
	struct problem p;
	json_t *json;

	if (rig)
		return rig_info(rig);
	FUZZ_MUST(rig_file_load("sim:king9_16", &config, &json, &p) == 0);
	FUZZ_MUST(rig_open(config, &rig, &err) == 0);
	json_decref(json);
	rig_config_free(config);
	return rig_info(rig);
}

static void make_ready(const json_t *json, struct problem *p)
{
	struct task *task = NULL;
	json_t *predicted = NULL;

	if (task_new(json, info(), &task, p) < 0) {
		FUZZ_MUST(p->code != 0 && p->message[0]);
		return;
	}
	if (task_predict(task, info(), NULL, 1.0, &predicted, p) == 0)
		json_decref(predicted);
	task_unref(task);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct yaml_places *places = NULL;
	struct problem p = {0};
	json_t *json = NULL;

	if (size > MOST_BYTES)
		return 0;
	if (yaml_parse("task", (const char *)data, size, &json, &places, &p) == 0) {
		if (schema_check(&schema_task, json, &p) == 0) {
			FUZZ_MUST(schema_fill(&schema_task, json) == 0);
			FUZZ_MUST(schema_check(&schema_task, json, &p) == 0);
			make_ready(json, &p);
		}
		yaml_locate("task", places, &p);
	}
	problem_clear(&p);
	yaml_places_free(places);
	json_decref(json);
	return 0;
}
