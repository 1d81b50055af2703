/* tests/unit/test_store_open.c - a database is created, found again, brought up to date, recovered, or refused. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "daemon/store_impl.h"
#include "tests/unit/store_help.h"

static void sql(const char *file, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Opening fails with r and a message that has these words. */
static void refused(struct help *help, int r, const char *words)
{
	struct store *store = NULL;
	struct store_found found;
	struct problem p = {0};

	assert_int_equal(store_open(help->file, "boot-2", help->reports, &store, &found, &p), r);
	assert_null(store);
	if (!strstr(p.message, words))
		fail_msg("\"%s\" does not say \"%s\"", p.message, words);
	assert_non_null(strstr(p.message, "lab.db"));
}

static void a_new_database_has_nothing_to_recover(void **state)
{
	struct help *help = *state;

	assert_int_equal(help->found.last_run, 0);
	assert_int_equal(help->found.last_rev, 0);
	assert_false(help->found.crashed);
	assert_close(help->found.params.eta, 0.5, 0);
	assert_sql(help, "PRAGMA journal_mode", "wal");
	assert_sql(help, "PRAGMA user_version", "4");
}

static void the_last_run_and_parameters_are_found_again(void **state)
{
	struct help *help = *state;
	struct params params = {.eta = 0.2, .p = 0.9, .tau_s = 0.5, .rev = 3};
	struct change *c = change_new(1);

	help_run(c, 41);
	help_run(c, 42);
	change_params(c, 42, 0, &params, 10000, "root");
	params.eta = 0.1;
	params.rev = 4;
	change_params(c, 42, 7, &params, 10000, "root");
	store_post(help->store, c);
	help_done(help, 1);
	help_close(help);
	help_open(help);
	assert_int_equal(help->found.last_run, 42);
	assert_int_equal(help->found.last_rev, 4);
	assert_close(help->found.params.eta, 0.1, 0);
	assert_close(help->found.params.tau_s, 0.5, 0);
	assert_false(help->found.crashed); /* queued runs are no crash */
}

static void a_second_store_is_refused(void **state)
{
	struct help *help = *state;
	char pid[32];

	snprintf(pid, sizeof(pid), "(process %ld)", (long)getpid());
	refused(help, -EBUSY, "in use by another nudged");
	refused(help, -EBUSY, pid);
}

static void a_newer_database_is_refused_and_left_alone(void **state)
{
	struct help *help = *state;

	help_close(help);
	sql(help->file, "PRAGMA user_version = 99");
	refused(help, -ENOTSUP, "newer nudged");
	assert_sql(help, "PRAGMA user_version", "99");
}

static void what_is_no_database_of_ours_is_refused(void **state)
{
	struct help *help = *state;
	FILE *f;

	help_close(help);
	sql(help->file, "PRAGMA application_id = 7");
	refused(help, -EEXIST, "another program");
	f = fopen(help->file, "w");
	for (int i = 0; i < 1000; i++)
		fputs("this is a poem, not a database\n", f);
	fclose(f);
	refused(help, -EUCLEAN, "not a database");
}

/* Fills a page of the file, counted from 1, with noise. */
static void spoil_page(const char *file, int page)
{
	unsigned char noise[16384];
	FILE *f = fopen(file, "r+b");

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (unsigned char)(i * 151 + 17);
	assert_non_null(f);
	assert_int_equal(fseek(f, (page - 1) * (long)sizeof(noise), SEEK_SET), 0);
	assert_int_equal(fwrite(noise, 1, sizeof(noise), f), sizeof(noise));
	assert_int_equal(fclose(f), 0);
}

static void a_damaged_database_is_refused_with_what_to_do(void **state)
{
	struct help *help = *state;
	char page[256];

	help_sql(help, "SELECT rootpage FROM sqlite_schema WHERE name = 'params'", page);
	help_close(help);
	spoil_page(help->file, atoi(page));
	refused(help, -EUCLEAN, "is damaged");
	refused(help, -EUCLEAN, ".recover");
}

static void a_missing_directory_is_named(void **state)
{
	struct help *help = *state;
	char right[96];

	strcpy(right, help->file);
	snprintf(help->file, sizeof(help->file), "%s/nowhere/lab.db", help->directory);
	refused(help, -ENOENT, "directory");
	strcpy(help->file, right);
}

static void network_file_systems_are_known(void **state)
{
	(void)state;
	assert_string_equal(store_network_file_system(0x6969), "NFS");
	assert_string_equal(store_network_file_system(0xFF534D42), "CIFS");
	assert_null(store_network_file_system(0xEF53));     /* ext4 */
	assert_null(store_network_file_system(0x01021994)); /* tmpfs */
}

/* Lines as the kernel writes them: proc(5). */
static void a_fuse_is_known_by_the_list_of_mounts(void **state)
{
	static const char ssh[] = "98 29 0:52 / /mnt/far rw,nosuid shared:70 - fuse.sshfs "
				  "ann@far:/ rw,user_id=0\n";
	static const char usb[] = "99 29 0:53 / /media/usb rw - fuseblk /dev/sdb1 rw\n";

	(void)state;
	assert_string_equal(store_network_fuse(ssh, 0, 52), "fuse.sshfs");
	assert_null(store_network_fuse(ssh, 0, 53));
	assert_null(store_network_fuse(usb, 0, 53));
	assert_null(store_network_fuse("", 0, 0));
}

static void versions_are_climbed_one_by_one(void **state)
{
	static const char *const versions[] = {
		"CREATE TABLE a (x)",
		"ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES (1, 2)",
		"INSERT INTO a VALUES (3, 4); INSERT INTO nothing VALUES (1)",
	};
	struct help *help = *state;
	struct problem p = {0};
	sqlite3 *db;

	help_close(help);
	unlink(help->file);
	assert_int_equal(sqlite3_open(help->file, &db), SQLITE_OK);
	assert_ok(store_migrate(db, help->file, versions, 1, &p));
	assert_ok(store_migrate(db, help->file, versions, 2, &p));
	assert_ok(store_migrate(db, help->file, versions, 2, &p)); /* nothing left to do */
	assert_true(store_migrate(db, help->file, versions, 3, &p) < 0);
	assert_non_null(strstr(p.message, "nothing"));
	sqlite3_close(db);
	assert_sql(help, "SELECT group_concat(x || y) FROM a", "12"); /* no half of version 3 */
	assert_sql(help, "PRAGMA user_version", "2");
}

static void a_run_without_an_end_is_closed_as_interrupted(void **state)
{
	struct help *help = *state;
	struct test_row test = {.run = 5, .set = "test", .error_V2 = 0.5, .accuracy = 0.25};
	struct ring *ring = help_begin(help, 5, 64);
	struct change *c = change_new(1);

	help_push(ring, 0, 40);
	change_test(c, &test);
	test.step = 40;
	test.error_V2 = 0.125;
	test.accuracy = 0.75;
	change_test(c, &test);
	change_run_status(c, 5, "paused", NULL);
	store_post_after(help->store, c, ring, 40);
	help_done(help, 1);
	ring_unref(ring);
	help_close(help);
	help_open(help);
	assert_true(help->found.crashed);
	assert_int_equal(help->found.interrupted_run, 5);
	assert_sql(help,
		   "SELECT status || ' ' || steps || ' ' || mse_first_V2 || ' ' ||"
		   " mse_last_V2 || ' ' || mse_min_V2 FROM runs",
		   "interrupted 40 1.0 0.025 0.025");
	assert_sql(help,
		   "SELECT test_first_V2 || ' ' || test_best_V2 || ' ' || accuracy_final"
		   " FROM runs",
		   "0.5 0.125 0.75");
	assert_sql(help, "SELECT ended_utc IS NOT NULL AND reason LIKE '%kill%' FROM runs", "1");
	assert_sql(help, "SELECT kind || run || step FROM events", "run_end540");
	help_close(help);
	help_open(help);
	assert_false(help->found.crashed); /* told once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, help_setup, help_teardown)
		T(a_new_database_has_nothing_to_recover),
		T(the_last_run_and_parameters_are_found_again),
		T(a_second_store_is_refused),
		T(a_newer_database_is_refused_and_left_alone),
		T(what_is_no_database_of_ours_is_refused),
		T(a_damaged_database_is_refused_with_what_to_do),
		T(a_missing_directory_is_named),
		T(network_file_systems_are_known),
		T(a_fuse_is_known_by_the_list_of_mounts),
		T(versions_are_climbed_one_by_one),
		T(a_run_without_an_end_is_closed_as_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
