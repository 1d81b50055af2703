/* daemon/db_print.h - rows of JSON on standard output: as a table, CSV or JSON. */
#ifndef DAEMON_DB_PRINT_H
#define DAEMON_DB_PRINT_H

#include <jansson.h>

enum db_format { DB_TABLE, DB_CSV, DB_JSON };

/* rows: a list of objects; columns: {name: true, ...}, their order. */
void db_print(enum db_format format, const json_t *columns, const json_t *rows);
/* One cell of CSV: every digit; null is empty; quoted when it must be.  value NULL: empty */
void db_print_cell(const json_t *value);

#endif
