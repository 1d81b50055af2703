/* tests/unit/test_db.c - databases merged: what is kept, renumbered, taken once, or left as it was. */
#include "config.h"

#include <fcntl.h>
#include <sys/file.h>

#include "daemon/db_merge.h"
#include "daemon/db_rows.h"
#include "daemon/store_schema.h"
#include "tests/unit/store_help.h"

struct files {
	char directory[64], a[96], b[96], out[96];
};

/* A database with a run that has ended, with steps, an event and a test; and one that still waits. */
static void make(const char *file, const char *uuid, double mse_V2)
{
	struct help help = {.reports = mailbox_new(sizeof(struct store_report), 1024)};
	sqlite3 *db;
	char *sql;

	snprintf(help.file, sizeof(help.file), "%s", file);
	help_open(&help);
	help_close(&help);
	mailbox_free(help.reports);
	sql = sqlite3_mprintf(
		"INSERT INTO runs (run, uuid, name, status, submitted_utc, steps, task_json, tags,"
		" descriptor_json) VALUES (1, '%s', 'first', 'done', 'now', 2, '{}', '[\"x\"]',"
		" '{\"desc\":1,\"run\":1}'),"
		" (2, '%s-q', 'waits', 'queued', 'now', 0, '{}', NULL, NULL);"
		"INSERT INTO steps (run, step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns,"
		" t_tick_ns, lateness_ns, example, rev, mse_V2, flags, source_V, target_V,"
		" clamp_V, v_free_V, v_clamped_V, wiper, updated) SELECT 1, value, 5 + value, 1, 2, 3, 4, 0, 0, 7, %!.15g, 0, x'00',"
		" x'00', x'00', x'000000000000F03F0000000000000040', x'00', x'0508', x'02'"
		" FROM json_each('[0, 1]');"
		"INSERT INTO params (run, rev, from_step, t_utc, eta, p, tau_s, capacitance_F)"
		" VALUES (1, 7, 0, 'now', 0.5, 1, 0.25, 0);"
		"INSERT INTO tests (run, step, \"set\", t_utc, error_V2, examples, targets)"
		" VALUES (1, 1, 'test', 'now', 0.5, 1, 1);"
		"INSERT INTO events (time, run, step, kind) VALUES ('t1', 1, 0, 'run_begin'),"
		" ('t2', NULL, NULL, 'note');"
		"INSERT INTO checkpoints VALUES ('good', 't', 1, 1, 'me', x'%02x');",
		uuid, uuid, mse_V2, (unsigned)(100 * mse_V2));
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_free(sql);
	sqlite3_close(db);
}

static int setup(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/nudged-db-XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(f->a, sizeof(f->a), "%s/a.db", f->directory);
	snprintf(f->b, sizeof(f->b), "%s/b.db", f->directory);
	snprintf(f->out, sizeof(f->out), "%s/out.db", f->directory);
	make(f->a, "uuid-a", 0.25);
	make(f->b, "uuid-b", 0.5);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct files *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", f->directory);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void merge_ok(const char *out, const char *const *in, size_t n, struct db_merged *merged)
{
	struct problem p = {0};

	if (db_merge(out, in, n, merged, &p) < 0)
		fail_msg("%s", p.message);
}

static void expect(const char *file, const char *sql, const char *want)
{
	struct help help = {0};

	snprintf(help.file, sizeof(help.file), "%s", file);
	assert_sql(&help, sql, want);
}

#define ALL_ROWS                                                                                   \
	"SELECT group_concat(n) FROM (SELECT count(*) AS n FROM runs UNION ALL SELECT count(*)"    \
	" FROM steps UNION ALL SELECT count(*) FROM params UNION ALL SELECT count(*) FROM tests"   \
	" UNION ALL SELECT count(*) FROM events UNION ALL SELECT count(*) FROM checkpoints)"

static void clashing_runs_are_renumbered_with_all_that_is_theirs(void **state)
{
	struct files *f = *state;
	const char *const in[] = {f->a, f->b};
	struct db_merged merged;

	merge_ok(f->out, in, 2, &merged);
	assert_int_equal(merged.added, 2);
	assert_int_equal(merged.unfinished, 2);
	expect(f->out, "SELECT group_concat(run || uuid) FROM runs", "1uuid-a,2uuid-b");
	expect(f->out, "SELECT group_concat(run || ':' || mse_V2) FROM steps",
	       "1:0.25,1:0.25,2:0.5,2:0.5");
	expect(f->out, "SELECT descriptor_json FROM runs WHERE run = 2", "{\"desc\":2,\"run\":2}");
	expect(f->out, "SELECT group_concat(run) FROM tests", "1,2");
	expect(f->out, "SELECT eta FROM steps JOIN params USING (run, rev) WHERE run = 2", "0.5");
	expect(f->out, "SELECT group_concat(run) FROM events WHERE kind = 'run_begin'", "1,2");
	/* the same note in both is one; a name taken by another state gets a number */
	expect(f->out, "SELECT count(*) FROM events WHERE run IS NULL", "1");
	expect(f->out, "SELECT group_concat(name || run) FROM checkpoints", "good1,good 22");
	expect(f->out, "PRAGMA integrity_check", "ok");
}

static void merging_twice_changes_nothing(void **state)
{
	struct files *f = *state;
	const char *const in[] = {f->a, f->b, f->a};
	struct db_merged merged;

	merge_ok(f->out, in, 2, &merged);
	expect(f->out, ALL_ROWS, "2,4,2,2,3,2");
	merge_ok(f->out, in, 3, &merged);
	assert_int_equal(merged.added, 0);
	assert_int_equal(merged.known, 3);
	expect(f->out, ALL_ROWS, "2,4,2,2,3,2");
	merge_ok(f->out, (const char *const[]){f->out}, 1, &merged);
	expect(f->out, ALL_ROWS, "2,4,2,2,3,2");
}

static void a_failure_leaves_everything_as_it_was(void **state)
{
	struct files *f = *state;
	const char *const in[] = {f->b, "/nowhere/c.db"};
	struct db_merged merged;
	struct problem p = {0};

	/* a new file does not appear */
	assert_int_equal(db_merge(f->out, in, 2, &merged, &p), -1);
	assert_non_null(strstr(p.message, "/nowhere/c.db"));
	assert_int_equal(access(f->out, F_OK), -1);
	problem_clear(&p);
	/* an old one is as before */
	merge_ok(f->out, (const char *const[]){f->a}, 1, &merged);
	assert_int_equal(db_merge(f->out, in, 2, &merged, &p), -1);
	problem_clear(&p);
	expect(f->out, "SELECT group_concat(uuid) FROM runs", "uuid-a");
	expect(f->out, "SELECT count(*) FROM steps", "2");
}

static void columns_that_are_new_flow_through(void **state)
{
	struct files *f = *state;
	struct db_merged merged;
	sqlite3 *db;

	/* as a later version would add them, on both sides */
	merge_ok(f->out, (const char *const[]){f->a}, 1, &merged);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_open(i ? f->out : f->b, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db,
					      "ALTER TABLE steps ADD COLUMN extra_ohm BLOB;"
					      "CREATE TABLE more (run INTEGER, word TEXT)",
					      NULL, NULL, NULL),
				 SQLITE_OK);
		sqlite3_close(db);
	}
	assert_int_equal(sqlite3_open(f->b, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "UPDATE steps SET extra_ohm = x'0102';"
				      "INSERT INTO more VALUES (1, 'kept'), (2, 'waits')",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	merge_ok(f->out, (const char *const[]){f->b}, 1, &merged);
	expect(f->out, "SELECT hex(extra_ohm) FROM steps WHERE run = 2", "0102");
	expect(f->out, "SELECT group_concat(run || word) FROM more", "2kept");
}

static void newer_and_foreign_databases_are_refused(void **state)
{
	struct files *f = *state;
	struct db_merged merged;
	struct problem p = {0};
	char sql[64];
	sqlite3 *db;

	snprintf(sql, sizeof(sql), "PRAGMA user_version = %zu", store_schema_n_versions + 1);
	assert_int_equal(sqlite3_open(f->b, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(db_merge(f->out, (const char *const[]){f->b}, 1, &merged, &p), -1);
	assert_non_null(strstr(p.message, "newer nudged"));
	problem_clear(&p);
	assert_int_equal(db_merge(f->b, (const char *const[]){f->a}, 1, &merged, &p), -1);
	assert_non_null(strstr(p.message, "newer nudged"));
	problem_clear(&p);
	assert_int_equal(sqlite3_open(f->out, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE other (x)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(db_merge(f->a, (const char *const[]){f->out}, 1, &merged, &p), -1);
	assert_non_null(strstr(p.message, "no database of nudged"));
	problem_clear(&p);
	expect(f->a, "SELECT count(*) FROM runs", "2");
}

static void a_database_that_a_daemon_has_is_left_alone(void **state)
{
	struct files *f = *state;
	struct db_merged merged;
	struct problem p = {0};
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s.lock", f->a);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(db_merge(f->a, (const char *const[]){f->b}, 1, &merged, &p), -1);
	assert_non_null(strstr(p.message, "in use by another nudged"));
	problem_clear(&p);
	/* to be read it is free */
	merge_ok(f->out, (const char *const[]){f->a}, 1, &merged);
	assert_int_equal(merged.added, 1);
	close(fd);
}

static void rows_and_arrays_are_read_as_json(void **state)
{
	struct files *f = *state;
	struct db_rows query = {.table = "runs", .run = 1};
	json_t *columns, *rows, *row;
	struct problem p = {0};
	struct history *h;
	static const double volts[] = {1.5, -2};
	static const unsigned char bits[] = {0x05};

	assert_int_equal(db_open(f->a, &h, &p), 0);
	assert_int_equal(db_rows(h, &query, &columns, &rows, &p), 0);
	assert_int_equal(json_array_size(rows), 1);
	row = json_array_get(rows, 0);
	assert_string_equal(json_string_value(json_array_get(json_object_get(row, "tags"), 0)),
			    "x");
	assert_null(json_object_get(row, "task_json"));
	json_decref(columns);
	json_decref(rows);
	query.run = 9;
	assert_int_equal(db_rows(h, &query, &columns, &rows, &p), -1);
	assert_non_null(strstr(p.message, "has no run 9"));
	problem_clear(&p);
	history_close(h);
	row = db_array_item(db_array_of("v_free_V"), volts, sizeof(volts), 1);
	assert_close(json_number_value(row), -2, 0);
	json_decref(row);
	row = db_array_item(db_array_of("updated"), bits, sizeof(bits), 2);
	assert_int_equal(json_integer_value(row), 1);
	json_decref(row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(clashing_runs_are_renumbered_with_all_that_is_theirs),
		TEST(merging_twice_changes_nothing),
		TEST(a_failure_leaves_everything_as_it_was),
		TEST(columns_that_are_new_flow_through),
		TEST(newer_and_foreign_databases_are_refused),
		TEST(a_database_that_a_daemon_has_is_left_alone),
		TEST(rows_and_arrays_are_read_as_json),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
