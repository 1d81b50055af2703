/* tests/unit/test_filter.c - the filter of history.runs: what it finds in a table, what it refuses and how it says so, and
 * that no text whatever makes anything else of it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/filter.h"
#include "tests/check.h"

#define ROUNDS 20000

static sqlite3 *db;

static const char table[] =
	"CREATE TABLE runs (run INTEGER PRIMARY KEY, uuid TEXT, name TEXT, task TEXT, kind TEXT,"
	" status TEXT, rig TEXT, backend TEXT, seed INTEGER, submitted_utc TEXT, started_utc TEXT,"
	" ended_utc TEXT, t0_mono_ns INTEGER, boot TEXT, steps INTEGER, mse_first_V2 REAL,"
	" mse_last_V2 REAL, mse_min_V2 REAL, mse_final_V2 REAL, test_first_V2 REAL,"
	" test_best_V2 REAL, test_final_V2 REAL, accuracy_best REAL, accuracy_final REAL,"
	" edges INTEGER, star INTEGER NOT NULL DEFAULT 0, note TEXT, reason TEXT, version TEXT,"
	" who TEXT, place INTEGER, log TEXT, tags TEXT);"
	"CREATE TABLE params (run INTEGER, rev INTEGER, from_step INTEGER, eta REAL, p REAL,"
	" tau_s REAL, capacitance_F REAL);"
	"INSERT INTO runs (run, name, task, status, seed, started_utc, steps, mse_first_V2,"
	" mse_last_V2, star, note, tags) VALUES"
	" (1, 'one', 'iris', 'done', 7, '2026-10-31T23:59:59.999999Z', 100, 0.1, 1e-4, 0,"
	"  'it''s fine', '[\"paper\",\"night\"]'),"
	" (2, 'two', 'iris', 'failed', -1, '2026-11-01T00:00:00.000000Z', 200, 0.1, 0.5, 1, NULL,"
	"  '[\"paper\"]'),"
	" (3, 'three', 'allostery', 'done', 9, '2026-11-01T12:30:00.000000Z', 300, 0.2, 0.1, 0,"
	"  'Fan was OFF', '[]'),"
	" (4, 'four', 'allostery', 'queued', 10, NULL, 0, NULL, NULL, 0, '', NULL);"
	"INSERT INTO params VALUES (1, 1, 0, 0.2, 0.25, 0.1, 0), (1, 2, 50, 0.9, 1, 0.1, 0),"
	" (2, 3, 0, 0.2, 1, 0.1, 0), (2, 4, 0, 0.5, 0.5, 0.1, 0), (3, 5, 0, 1, 1, 0.1, 2.2e-6);";

static int setup(void **state)
{
	(void)state;
	return sqlite3_open(":memory:", &db) != SQLITE_OK ||
			       sqlite3_exec(db, table, NULL, NULL, NULL) != SQLITE_OK
		       ? -1
		       : 0;
}

static int teardown(void **state)
{
	(void)state;
	sqlite3_close(db);
	return 0;
}

/* The runs that it finds, as "1 2 3". */
static const char *found(const struct filter *f, char text[64])
{
	char *sql = sqlite3_mprintf("SELECT run FROM runs WHERE %s ORDER BY run", filter_sql(f));
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(filter_bind(f, s), SQLITE_OK);
	for (*text = '\0'; sqlite3_step(s) == SQLITE_ROW;)
		snprintf(text + strlen(text), 64 - strlen(text), "%s%d", *text ? " " : "",
			 sqlite3_column_int(s, 0));
	assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
	sqlite3_free(sql);
	return text;
}

static void finds_what_the_text_says(void **state)
{
	static const struct {
		const char *filter, *runs;
	} cases[] = {
		{"run = 2", "2"},
		{"run != 2", "1 3 4"},
		{"steps < 200", "1 4"},
		{"steps <= 200 and steps>=100", "1 2"},
		{"steps > 2e2", "3"},
		{"mse_last_V2 < 1e-3", "1"},
		{"not mse_last_V2 < 1e-3", "2 3"}, /* what does not exist is neither */
		{"mse_last_V2 < mse_first_V2", "1 3"},
		{"task = 'iris' and not status = 'done' or run = 4", "2 4"},
		{"task = 'iris' and not (status = 'done' or run = 4)", "2"},
		{"TASK = 'x' or true", NULL},
		{"not not run = 1", "1"},
		{"Run = 1", NULL},
		{"run = 1 OR run = 3", "1 3"},
		{"run in (1, 3,99)", "1 3"},
		{"run not in (1, 3)", "2 4"},
		{"status in ('done', \"queued\")", "1 3 4"},
		{"note = 'it''s fine'", "1"},
		{"note = \"it's fine\"", "1"},
		{"note ~ 'fan'", "3"},
		{"note not ~ 'fan'", "1 4"},
		{"note like '%OFF'", "3"},
		{"note like 'it_s%'", "1"},
		{"note not like '%f%'", "4"},
		{"note is null", "2"},
		{"note is not null", "1 3 4"},
		{"tag = 'paper'", "1 2"},
		{"tag != 'paper'", "3 4"},
		{"tag = 'night' and tag = 'paper'", "1"},
		{"tag in ('night', 'day')", "1"},
		{"tag like 'NI%'", "1"},
		{"tag ~ 'ape'", "1 2"},
		{"tag is null", "3 4"},
		{"tag is not null", "1 2"},
		{"star", "2"},
		{"not star", "1 3 4"},
		{"star = true", "2"},
		{"star = false and steps > 0", "1 3"},
		{"(star) or run = 1", "1 2"},
		{"p < 0.5", "1"},              /* 0.25 when it began, 1 later */
		{"p = .5 and eta = 0.5", "2"}, /* twice set before the first step */
		{"capacitance_F > 0", "3"},
		{"eta is null", "4"},
		{"started_utc > '2026-11-01'", "2 3"},
		{"started_utc < '2026-11-01'", "1"},
		{"started_utc = '2026-11-01'", "2 3"},
		{"started_utc != '2026-11-01'", "1"},
		{"started_utc = '2026-11'", "2 3"},
		{"started_utc >= '2026-11-01 12:30'", "3"},
		{"started_utc <= '2026-11-01T00:00:00Z'", "1"},
		{"started_utc > '2026-10-31T23:59:59Z'", "1 2 3"},
		{"started_utc is null", "4"},
		{"seed = 18446744073709551615", "2"},
		{"seed = -1", "2"},
		{"steps > -1", "1 2 3 4"},
		{"name = '; DROP TABLE runs; --'", ""},
		{"name = ''' OR 1=1 --'", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filter *f = NULL;
		struct problem p = {0};
		char text[64];

		if (filter_parse(cases[i].filter, &f, &p) < 0) {
			if (cases[i].runs)
				fail_msg("%s: %s", cases[i].filter, p.message);
		} else if (!cases[i].runs || strcmp(found(f, text), cases[i].runs) != 0) {
			fail_msg("%s finds %s, not %s", cases[i].filter, found(f, text),
				 cases[i].runs ? cases[i].runs : "an error");
		}
		problem_clear(&p);
		filter_free(f);
	}
}

static void refuses_with_place_and_suggestion(void **state)
{
	static const struct {
		const char *filter;
		int position;
		const char *word; /* stands in the sentence */
	} cases[] = {
		{"", 1, "expected a condition"},
		{"   ", 4, "the end"},
		{"etaa < 1", 1, "did you mean \"eta\""},
		{"tau < 1", 1, "did you mean \"tau_s\""},
		{"run = 1 and mse_last_v2 < 1", 13, "did you mean \"mse_last_V2\""},
		{"tags = 'a'", 1, "did you mean \"tag\""},
		{"qwertyuiop = 1", 1, "no field \"qwertyuiop\""},
		{"status = 'don'", 10, "did you mean \"done\""},
		{"task = iris", 8, "did you mean 'iris'"},
		{"task = 5", 8, "a text in quotes"},
		{"steps = 'x'", 9, "expected a number"},
		{"steps = null", 9, "write \"steps is null\""},
		{"steps == 5", 7, "did you mean \"=\""},
		{"steps <> 5", 7, "did you mean \"!=\""},
		{"steps = 5 5", 11, "expected and, or, or the end"},
		{"steps 5", 7, "behind steps, got 5"},
		{"steps", 6, "behind steps, got the end"},
		{"steps = 1e999", 9, "beyond all numbers"},
		{"steps = 12abc", 9, "is no number"},
		{"steps = 0x10", 9, "is no number"},
		{"steps = 1.2.3", 9, "is no number"},
		{"steps like '5%'", 7, "steps is no text"},
		{"steps < name", 9, "expected a number"},
		{"tag < 'x'", 5, "no order"},
		{"star > 0", 6, "no order"},
		{"star = 2", 8, "true or false"},
		{"note = 'open", 8, "no second quote"},
		{"(run = 1", 1, "never closed"},
		{"run = 1)", 8, "never opened"},
		{"run in 5", 8, "expected \"(\""},
		{"run in (5", 10, "expected \",\" or \")\""},
		{"run in ()", 9, "expected a number"},
		{"run is 5", 8, "expected null"},
		{"started_utc > 'yesterday'", 15, "like '2026-11-01'"},
		{"started_utc > '2026-13-1'", 15, "like '2026-11-01'"},
		{"run = 1; drop table runs", 8, "got \";\""},
		{"note = '\xc3\xa4\xc3\xb6' and x = 1", 17,
		 "no field \"x\""}, /* characters, not bytes */
		{"not", 4, "the end"},
		{"and run = 1", 1, "no field \"and\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct filter *f = NULL;
		struct problem p = {0};

		if (filter_parse(cases[i].filter, &f, &p) == 0)
			fail_msg("%s was taken", cases[i].filter);
		if (!strstr(p.message, cases[i].word) ||
		    json_integer_value(json_object_get(p.data, "position")) != cases[i].position)
			fail_msg("%s: %s (not \"%s\" at %d)", cases[i].filter, p.message,
				 cases[i].word, cases[i].position);
		assert_int_equal(p.code, PROBLEM_PARAMS);
		assert_string_equal(p.path, "/where");
		problem_clear(&p);
	}
}

static void nothing_grows_without_end(void **state)
{
	char text[8192] = "";
	struct filter *f = NULL;
	struct problem p = {0};

	(void)state;
	memset(text, '(', 4000);
	assert_int_equal(filter_parse(text, &f, &p), -1);
	assert_non_null(strstr(p.message, "parentheses"));
	problem_clear(&p);
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 4 * i, "not ", 5);
	assert_int_equal(filter_parse(text, &f, &p), -1);
	problem_clear(&p);
	strcpy(text, "run = 0");
	for (size_t i = 1; i < FILTER_MAX_VALUES; i++)
		strcat(text, i % 2 ? " or run = 3" : " and run = 3");
	if (filter_parse(text, &f, &p) < 0) /* SQLite takes that many */
		fail_msg("%s", p.message);
	assert_string_equal(found(f, (char[64]){0}), "3");
	filter_free(f);
	strcat(text, " or run = 3");
	assert_int_equal(filter_parse(text, &f, &p), -1);
	assert_non_null(strstr(p.message, "values"));
	problem_clear(&p);
}

static void orders_are_fields(void **state)
{
	static const char *const wrong[] = {"",
					    "tag",
					    "run up",
					    "run asc desc",
					    "run,",
					    "1",
					    "run; drop table runs",
					    "mse_lastV2",
					    "newest desc"};
	struct filter_order order;
	struct problem p = {0};

	(void)state;
	assert_ok(filter_order("newest", &order, &p));
	assert_true(order.descending);
	assert_ok(filter_order("oldest", &order, &p));
	assert_string_equal(order.sql, "run");
	assert_false(order.descending);
	assert_ok(filter_order("mse_last_V2 DESC", &order, &p));
	assert_string_equal(order.sql, "mse_last_V2");
	assert_true(order.descending);
	assert_ok(filter_order("star asc", &order, &p));
	assert_false(order.descending);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (filter_order(wrong[i], &order, &p) == 0)
			fail_msg("order \"%s\" was taken", wrong[i]);
		assert_string_equal(p.path, "/order");
	}
	(void)filter_order("mse_lastV2", &order, &p);
	assert_non_null(strstr(p.message, "did you mean \"mse_last_V2\""));
}

/* ---- any text ---- */

static const char *const pieces[] = {
	"run",    "steps",       "task",         "status",   "tag",   "star",  "p",
	"eta",    "started_utc", "note",         "seed",     "and",   "or",    "not",
	"like",   "~",           "in",           "is",       "null",  "(",     ")",
	",",      "=",           "!=",           "<",        "<=",    ">",     ">=",
	"'done'", "'iris'",      "'2026-11-01'", "'%a%'",    "''",    "\"x\"", "1",
	"0.5",    "-3",          "1e9",          "true",     "false", "'",     ";",
	"--",     "/*",          "%s",           "%n",       ":f0",   "?1",    "\\",
	"[run]",  "`run`",       "||",           "\xc3\xa4", "\xff",  "run)",  "'''",
	"select", "union",       "1e",           "."};
#define N_PIECES (sizeof(pieces) / sizeof(pieces[0]))

static const char *const conditions[] = {"run = 1",
					 "steps < 2e2",
					 "task ~ 'RIS'",
					 "status in ('done', 'failed')",
					 "tag != 'paper'",
					 "star",
					 "p <= .5",
					 "started_utc > '2026-11-01'",
					 "note not like '%a%'",
					 "seed is not null",
					 "mse_last_V2 < mse_first_V2",
					 "(eta = 0.2 or not star)",
					 "tag is null",
					 "ended_utc is null"};
#define N_CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

/* Words at random, or conditions that are fine but for a character now and then. */
static void make_text(char text[512])
{
	int words = 1 + rand() % 14;

	*text = '\0';
	if (rand() % 2) {
		while (words-- > 0) {
			strcat(text, pieces[(size_t)rand() % N_PIECES]);
			strcat(text, rand() % 8 ? " " : "");
		}
		return;
	}
	for (words = 1 + words % 6; words > 0; words--) {
		strcat(text, rand() % 4 ? "" : "not ");
		strcat(text, conditions[(size_t)rand() % N_CONDITIONS]);
		strcat(text, words == 1 ? "" : rand() % 2 ? " and " : " or ");
	}
	if (rand() % 3 == 0)
		text[(size_t)rand() % strlen(text)] = (char)(1 + rand() % 127);
}

/* Of a filter's SQL nothing but words of ours: no quote, no comment, no end of a statement. */
static bool is_ours(const char *sql)
{
	return !strpbrk(sql, "'\";\\%?`[]-/") && strlen(sql) < 400000;
}

static void any_text_is_taken_or_refused(void **state)
{
	const char *given = getenv("NUDGED_TEST_SEED"), *rounds = getenv("NUDGED_TEST_ROUNDS");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)getpid();
	long n = rounds ? strtol(rounds, NULL, 10) : ROUNDS, taken = 0;

	(void)state;
	print_message("# NUDGED_TEST_SEED=%u\n", seed);
	srand(seed);
	for (long i = 0; i < n; i++) {
		struct filter *f = NULL;
		struct problem p = {0};
		char text[512], runs[64];

		make_text(text);
		if (filter_parse(text, &f, &p) == 0) {
			if (!is_ours(filter_sql(f)))
				fail_msg("\"%s\" became %s", text, filter_sql(f));
			found(f, runs); /* SQLite takes it */
			taken++;
		} else {
			assert_true(p.code == PROBLEM_PARAMS && p.message[0] && p.data);
		}
		problem_clear(&p);
		filter_free(f);
	}
	print_message("# %ld texts, %ld of them filters\n", n, taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_the_text_says),
		cmocka_unit_test(refuses_with_place_and_suggestion),
		cmocka_unit_test(nothing_grows_without_end),
		cmocka_unit_test(orders_are_fields),
		cmocka_unit_test(any_text_is_taken_or_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
