/* clients/nudgectl/rows.h - what sub-commands that list the past have in common: filters, rows, "there are more". */
#ifndef CLIENTS_NUDGECTL_ROWS_H
#define CLIENTS_NUDGECTL_ROWS_H

#include "clients/nudgectl/table.h"

/* Copies options whose names are those of params: texts as they are, numbers checked.  NULL-terminated lists.  An exit
 * code. */
int rows_params(const struct arguments *a, const char *const *texts, const char *const *numbers,
		json_t *params);
/* People want to see what changed: members that are the same in `old` and `new` are left out of both. */
void rows_keep_changes(json_t *rows);
/* Asks for rows and prints them; says on standard error when there are more.  Takes over params.  An exit code. */
int rows_print(struct context *c, const char *method, json_t *params,
	       const struct table_column *columns);

#endif
