/* daemon/db_dump.c - a run as tables of typed columns: which there are, and their measures. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/db_dump.h"
#include "daemon/db_dump_impl.h"

/* Everything that belongs to a run (docs/SCHEMA.md); step_bins are made anew.  `run` is the same in all rows, `id` is the
 * database's own. */
static const struct dump_source sources[] = {
	{"runs", "run = ?1", "run"},
	{"steps", "run = ?1", "step"},
	{"tests", "run = ?1", "step, \"set\""},
	{"params", "run = ?1", "rev"},
	{"events", "run = ?1", "id"},
	{"audit", "run = ?1", "id"},
	{"checkpoints", "run = ?1", "time, name"},
	{"calibrations", DUMP_IN_FORCE, "kind, time"},
};
_Static_assert(sizeof(sources) / sizeof(sources[0]) == DUMP_TABLES, "all of them");

const struct dump_source *dump_source(const char *table)
{
	for (size_t i = 0; i < DUMP_TABLES; i++)
		if (strcmp(sources[i].table, table) == 0)
			return &sources[i];
	return NULL;
}

bool dump_is_array(const struct dump_column *c)
{
	return c->type >= DUMP_F8;
}

size_t dump_item_bytes(enum dump_type type)
{
	static const size_t bytes[] = {8, 8, 1, 8, 4, 1};

	return bytes[type];
}

bool dump_has_mask(const struct dump_column *c)
{
	return (c->type == DUMP_INTEGER || c->type == DUMP_TEXT) && c->n_null > 0;
}

bool dump_has_lengths(const struct dump_column *c)
{
	return dump_is_array(c) && (c->n_null > 0 || c->least != c->most);
}

const char *dump_unit(const char *column)
{
	static const char *const units[][2] = {
		{"_V2", "V^2"}, {"_V", "V"},       {"_ohm", "ohm"}, {"_ns", "ns"},
		{"_F", "F"},    {"_per_s", "1/s"}, {"_s", "s"},
	};
	size_t n = strlen(column);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t m = strlen(units[i][0]);

		if (n > m && strcmp(column + n - m, units[i][0]) == 0)
			return units[i][1];
	}
	return "";
}

/* ---- sums ---- */

static uint64_t sum_word(uint64_t sum, uint64_t word)
{
	sum ^= word;
	sum = sum << 29 | sum >> 35;
	return sum * UINT64_C(0x9e3779b97f4a7c15);
}

/* Each step can be undone, so that two texts that differ in one word have different sums. */
uint64_t dump_sum(uint64_t sum, const void *bytes, size_t n)
{
	const char *at = bytes;
	uint64_t word;

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, 8);
		sum = sum_word(sum, word);
	}
	word = (uint64_t)n << 56;
	if (n)
		memcpy(&word, at, n);
	return sum_word(sum, word);
}

/* ---- which columns ---- */

static enum dump_type type_of(const char *name, const char *declared)
{
	if (strcmp(declared, "INTEGER") == 0)
		return DUMP_INTEGER;
	if (strcmp(declared, "REAL") == 0)
		return DUMP_REAL;
	if (strcmp(declared, "TEXT") == 0)
		return DUMP_TEXT;
	switch (db_array_of(name)) {
	case DB_F8:
		return DUMP_F8;
	case DB_I4:
		return DUMP_I4;
	case DB_U1:
	case DB_BITS:
		break;
	}
	return DUMP_U1;
}

/* A row's own number, and the run where it is said anyway */
static bool is_ours(const char *table, const char *column)
{
	bool runs = strcmp(table, "runs") == 0;

	return strcmp(column, "id") != 0 && (runs || strcmp(column, "run") != 0);
}

static int find_columns(struct dump *dump, struct dump_table *table, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		dump->h, "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid", p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, table->name, -1, SQLITE_STATIC);
	while ((r = history_next(dump->h, s, p)) > 0) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		struct dump_column *grown;

		if (!is_ours(table->name, name))
			continue;
		grown = reallocarray(table->columns, table->n + 1, sizeof(*grown));
		if (!grown || strlen(name) >= sizeof(grown->name)) {
			r = problem_set(p, PROBLEM_STORAGE, "", "no room for column %s", name);
			break;
		}
		table->columns = grown;
		grown[table->n] = (struct dump_column){
			.type = type_of(name, (const char *)sqlite3_column_text(s, 1)),
			.sum = DUMP_SUM};
		strcpy(grown[table->n++].name, name);
	}
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

/* ---- reading ---- */

int dump_scan(const struct dump *dump, const struct dump_table *table, size_t first, size_t n,
	      int (*take)(void *context, sqlite3_stmt *row, struct problem *p), void *context,
	      struct problem *p)
{
	const struct dump_source *source = dump_source(table->name);
	char *sql = sqlite3_mprintf("SELECT ");
	sqlite3_stmt *s = NULL;
	int r;

	for (size_t i = 0; i < n; i++)
		sql = sqlite3_mprintf("%z%s\"%w\"", sql, i ? ", " : "",
				      table->columns[first + i].name);
	sql = sqlite3_mprintf("%z FROM \"%w\" WHERE %s ORDER BY %s", sql, source->table,
			      source->where, source->order);
	if (sql)
		s = history_prepare(dump->h, sql, p);
	else
		problem_set(p, PROBLEM_STORAGE, "", "no memory for a question");
	sqlite3_free(sql);
	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, dump->run);
	while ((r = history_next(dump->h, s, p)) > 0)
		if (take(context, s, p) < 0) {
			r = -1;
			break;
		}
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

/* ---- measures ---- */

struct measuring {
	struct dump_table *table;
	bool *by_edges; /* each array of this column has 8 bytes an edge */
	int64_t edges;
};

static void measure_length(struct dump_column *c, int64_t bytes, bool first)
{
	if (first || bytes < c->least)
		c->least = bytes;
	if (first || bytes > c->most)
		c->most = bytes;
}

static int measure_bytes(struct measuring *m, size_t i, sqlite3_stmt *s, struct problem *p)
{
	struct dump_column *c = &m->table->columns[i];
	bool blob = sqlite3_column_type(s, (int)i) == SQLITE_BLOB;
	const void *bytes = blob ? sqlite3_column_blob(s, (int)i)
				 : (const void *)sqlite3_column_text(s, (int)i);
	int64_t n = sqlite3_column_bytes(s, (int)i);

	if (!blob && n > 0 && memchr(bytes, 0, (size_t)n))
		return problem_set(p, PROBLEM_STORAGE, "",
				   "%s.%s has a text with a NUL in it, which no format can hold",
				   m->table->name, c->name);
	measure_length(c, n, m->table->rows == c->n_null);
	m->by_edges[i] &= n == 8 * m->edges && n > 0;
	if (n % (int64_t)dump_item_bytes(c->type))
		c->type = DUMP_U1; /* no array of ours: kept as bytes */
	c->sum = dump_sum(sum_word(c->sum, (uint64_t)n), bytes, (size_t)n);
	return 0;
}

static int measure_row(void *context, sqlite3_stmt *s, struct problem *p)
{
	struct measuring *m = context;
	uint64_t word;
	double real;

	for (size_t i = 0; i < m->table->n; i++) {
		struct dump_column *c = &m->table->columns[i];
		int type = sqlite3_column_type(s, (int)i);

		c->sum = sum_word(c->sum, (uint64_t)type);
		switch (type) {
		case SQLITE_NULL:
			c->n_null++;
			continue;
		case SQLITE_INTEGER:
			c->sum = sum_word(c->sum, (uint64_t)sqlite3_column_int64(s, (int)i));
			continue;
		case SQLITE_FLOAT:
			real = sqlite3_column_double(s, (int)i);
			memcpy(&word, &real, sizeof(word));
			c->sum = sum_word(c->sum, word);
			continue;
		}
		if (measure_bytes(m, i, s, p) < 0)
			return -1;
	}
	m->table->rows++;
	return 0;
}

/* From bytes to items.  Taps have a byte an edge, resistances eight: the name does not tell. */
static void settle_types(const struct measuring *m)
{
	for (size_t i = 0; i < m->table->n; i++) {
		struct dump_column *c = &m->table->columns[i];
		bool either =
			strcmp(c->name, "edges_at_stop") == 0 || strcmp(c->name, "values") == 0;

		if (c->type == DUMP_U1 && either && m->by_edges[i] && m->table->rows > c->n_null)
			c->type = DUMP_F8;
		c->least /= (int64_t)dump_item_bytes(c->type);
		c->most /= (int64_t)dump_item_bytes(c->type);
	}
}

static int measure(struct dump *dump, struct dump_table *table, int64_t edges, struct problem *p)
{
	struct measuring m = {.table = table, .edges = edges};
	int r;

	m.by_edges = malloc(table->n + 1);
	if (!m.by_edges)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory to measure columns");
	memset(m.by_edges, true, table->n + 1);
	r = dump_scan(dump, table, 0, table->n, measure_row, &m, p);
	if (r == 0)
		settle_types(&m);
	free(m.by_edges);
	return r;
}

int dump_open(struct history *h, int64_t run, struct dump *ret, struct problem *p)
{
	json_t *row = NULL;
	int64_t edges;

	*ret = (struct dump){.h = h, .run = run};
	if (db_need_run(h, run, p) < 0 ||
	    history_one_row(h, (uint64_t)run, "SELECT edges FROM runs WHERE run = ?1", &row, p) < 0)
		return -1;
	edges = json_integer_value(json_object_get(row, "edges"));
	json_decref(row);
	for (size_t i = 0; i < DUMP_TABLES; i++) {
		struct dump_table *table = &ret->tables[ret->n];

		strcpy(table->name, sources[i].table);
		if (find_columns(ret, table, p) < 0)
			return -1;
		if (table->n == 0) /* of an older database */
			continue;
		ret->n++;
		if (measure(ret, table, edges, p) < 0)
			return -1;
	}
	return dump_tell(ret, p);
}

void dump_clear(struct dump *dump)
{
	for (size_t i = 0; i < DUMP_TABLES; i++)
		free(dump->tables[i].columns);
	json_decref(dump->manifest);
	memset(dump, 0, sizeof(*dump));
}

static const struct dump_table *table_named(const struct dump *dump, const char *name)
{
	for (size_t i = 0; i < dump->n; i++)
		if (strcmp(dump->tables[i].name, name) == 0)
			return &dump->tables[i];
	return NULL;
}

static const struct dump_column *column_named(const struct dump_table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->columns[i].name, name) == 0)
			return &table->columns[i];
	return NULL;
}

static int same_table(const struct dump_table *here, const struct dump_table *there,
		      struct problem *p)
{
	if (!here || here->rows != there->rows)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %lld rows instead of %lld",
				   there->name, here ? (long long)here->rows : 0LL,
				   (long long)there->rows);
	for (size_t i = 0; i < there->n; i++) {
		const struct dump_column *c = column_named(here, there->columns[i].name);

		if (!c || c->sum != there->columns[i].sum)
			return problem_set(p, PROBLEM_STORAGE, "",
					   "%s.%s: not the values that were exported", there->name,
					   there->columns[i].name);
	}
	return 0;
}

int dump_same(const struct dump *here, const struct dump *there, struct problem *p)
{
	for (size_t i = 0; i < there->n; i++) {
		const struct dump_table *table = &there->tables[i];

		if (same_table(table_named(here, table->name), table, p) < 0)
			return -1;
	}
	return 0;
}
