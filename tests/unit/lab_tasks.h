/* tests/unit/lab_tasks.h - tasks that several tests of runs have in common, and what became of them. */
#ifndef TESTS_UNIT_LAB_TASKS_H
#define TESTS_UNIT_LAB_TASKS_H

#include <string.h>

#include "tests/check.h"
#include "tests/unit/lab.h"

#define DIVIDER                                                                                    \
	"task: divider\n"                                                                          \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2]\n"                                                                        \
	"targets: [1]\n"                                                                           \
	"train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n"

#define ALLOSTERY                                                                                  \
	"task: allostery\n"                                                                        \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2, 7]\n"                                                                     \
	"targets: [3, 5, 4]\n"                                                                     \
	"train: {examples: [{source_V: [5, 1, 0], target_V: [3, 3, 3]}]}\n"                        \
	"params: {eta: 0.2}\n"

static inline const char *word(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static inline double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static inline void expect_end(json_t *end, const char *status, double steps)
{
	assert_string_equal(word(end, "status"), status);
	if (steps >= 0)
		assert_close(number(end, "steps"), steps, 0);
	json_decref(end);
}

static inline size_t count_events(const struct lab *lab, const char *event, const char *who)
{
	const json_t *row;
	size_t i, n = 0;

	json_array_foreach(lab->events, i, row) n +=
		strcmp(word(row, "event"), event) == 0 && strcmp(word(row, "who"), who) == 0;
	return n;
}

#endif
