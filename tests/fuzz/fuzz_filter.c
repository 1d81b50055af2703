/* tests/fuzz/fuzz_filter.c - the filter and the order of history.runs: two lines of text. */
#include "config.h"

#include "daemon/filter.h"
#include "tests/fuzz/fuzz.h"

static const char schema[] =
	"CREATE TABLE runs (run INTEGER PRIMARY KEY, uuid, name, task, kind, status, rig, backend, seed,"
	" submitted_utc, started_utc, ended_utc, t0_mono_ns, boot, steps, mse_first_V2, mse_last_V2,"
	" mse_min_V2, mse_final_V2, test_first_V2, test_best_V2, test_final_V2, accuracy_best,"
	" accuracy_final, edges, star, note, reason, version, who, place, log, tags);"
	"CREATE TABLE params (run, rev, from_step, eta, p, tau_s, capacitance_F)";

static sqlite3 *empty_tables(void)
{
	static sqlite3 *db; /* nothing is ever written into it */

	if (!db)
		FUZZ_MUST(sqlite3_open(":memory:", &db) == SQLITE_OK &&
			  sqlite3_exec(db, schema, NULL, NULL, NULL) == SQLITE_OK);
	return db;
}

/* One statement that only reads, in which no text of the input stands. */
static void must_be_sql(const struct filter *f)
{
	char *sql = sqlite3_mprintf("SELECT run FROM runs WHERE %s", filter_sql(f));
	const char *rest = NULL;
	sqlite3_stmt *s = NULL;

	FUZZ_MUST(!strpbrk(filter_sql(f), "'\";\\%?`[]-/"));
	FUZZ_MUST(sqlite3_prepare_v2(empty_tables(), sql, -1, &s, &rest) == SQLITE_OK);
	FUZZ_MUST(sqlite3_stmt_readonly(s) && *rest == '\0');
	FUZZ_MUST(filter_bind(f, s) == SQLITE_OK);
	FUZZ_MUST(sqlite3_step(s) == SQLITE_DONE);
	sqlite3_finalize(s);
	sqlite3_free(sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *where;
	struct filter *f = NULL;
	struct filter_order order;
	struct problem p = {0};

	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	where = strsep(&rest, "\n");
	if (filter_parse(where, &f, &p) == 0)
		must_be_sql(f);
	else
		FUZZ_MUST(p.code == PROBLEM_PARAMS && p.message[0] && p.data);
	problem_clear(&p);
	filter_free(f);
	if (rest && filter_order(rest, &order, &p) < 0)
		FUZZ_MUST(p.code == PROBLEM_PARAMS && p.message[0]);
	problem_clear(&p);
	free(text);
	return 0;
}
