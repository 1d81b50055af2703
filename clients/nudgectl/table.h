/* clients/nudgectl/table.h - rows of JSON as a table for people, as CSV, or as they are. */
#ifndef CLIENTS_NUDGECTL_TABLE_H
#define CLIENTS_NUDGECTL_TABLE_H

#include <stdio.h>

#include "clients/nudgectl/context.h"

enum table_style {
	TABLE_TEXT,
	TABLE_NUMBER,  /* to the right, shortest digits */
	TABLE_SHORT,   /* a real with three digits */
	TABLE_PERCENT, /* 0.957 as 95.7 % */
	TABLE_TIME,    /* without fractions, T and Z */
	TABLE_STATUS,  /* coloured by what it means */
};

struct table_column {
	const char *key;     /* member of a row */
	const char *heading; /* NULL: the key */
	enum table_style style;
};

/* As the context's format says: a table, CSV (heads: the keys), or the rows themselves, whole.
 * columns end with a NULL key.  Takes nothing over.  An exit code. */
int table_print(const struct context *c, const struct table_column *columns, const json_t *rows);

/* "NAME  VALUE" lines, one a member: for one object rather than many. */
int table_print_object(const struct context *c, const struct table_column *members,
		       const json_t *object);

/* A value as the style shows it; text to free(), NULL: no memory. */
char *table_cell(const json_t *value, enum table_style style);
void table_csv_text(FILE *out, const char *text);     /* quoted when it must be */
void table_csv_value(FILE *out, const json_t *value); /* every digit; null is empty */

#endif
