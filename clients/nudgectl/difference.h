/* clients/nudgectl/difference.h - in what two runs differ: parameters, rig, task, versions, outcome.  Pure: records in, rows
 * out. */
#ifndef CLIENTS_NUDGECTL_DIFFERENCE_H
#define CLIENTS_NUDGECTL_DIFFERENCE_H

#include <stdbool.h>

#include <jansson.h>

/* Of two results of history.run: a list of {group, path, a, b, equal}, null where a run has no such thing; a task's and a rig's
 * paths are those of their YAML.  all: also what is equal.  What tells any two runs apart (number, uuid, times, notes) is not
 * looked at.  New reference. */
json_t *difference_rows(const json_t *a, const json_t *b, bool all);
/* Is there a row that is not equal? */
bool difference_any(const json_t *rows);

#endif
