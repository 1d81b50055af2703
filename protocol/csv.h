/* protocol/csv.h - a table of numbers and words from a CSV file, as a task's `table: {columns, rows}`.
 *
 * First line: names.  A cell that is a number becomes a number, any other a string.
 */
#ifndef PROTOCOL_CSV_H
#define PROTOCOL_CSV_H

#include <jansson.h>

#include "protocol/problem.h"

/* {"columns": ["petal_length", ...], "rows": [[1.4, ..., "setosa"], ...]}; errors name file:line. */
int csv_read(const char *file, json_t **ret, struct problem *p);
/* The same of a text, which errors call by this name. */
int csv_parse(const char *name, const char *text, size_t n, json_t **ret, struct problem *p);

/* Replaces each `csv:` of a task (train, test) by its `table:`; paths are relative to the task file. */
int csv_inline(json_t *task, const char *task_file, struct problem *p);

#endif
