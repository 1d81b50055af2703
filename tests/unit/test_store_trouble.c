/* tests/unit/test_store_trouble.c - kill -9, a full disk, somebody else's lock: nothing that was promised is lost. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit/store_help.h"

#define CRASHES 5

/* ---- kill -9 ---- */

/* Writes rows of a run without end; says in the pipe how far they are durable. */
static void write_until_killed(struct help *help, uint64_t run, int pipe_fd)
{
	struct ring *ring = ring_new(run, &help->layout, 256);
	struct change *c = change_new(1);
	struct store_report r;
	struct problem p;

	if (store_open(help->file, "boot-x", help->reports, &help->store, &help->found, &p) < 0 ||
	    store_start(help->store) < 0)
		_exit(1);
	help_run(c, run);
	change_run_begin(c, run, 0, NULL, "");
	store_post(help->store, c);
	store_add_ring(help->store, ring);
	for (uint64_t step = 0;; step++) {
		void *row = ring_reserve(ring, 10);

		if (!row)
			_exit(2);
		help_fill(&help->layout, row, step);
		ring_push(ring);
		while (mailbox_take(help->reports, &r))
			if (r.kind == STORE_DURABLE &&
			    write(pipe_fd, &r.rows, sizeof(r.rows)) != sizeof(r.rows))
				_exit(3);
	}
}

/* The last count that the child wrote, read until it is at least this. */
static uint64_t read_until(int pipe_fd, uint64_t least)
{
	uint64_t rows = 0, got;

	while (rows < least && read(pipe_fd, &got, sizeof(got)) == sizeof(got))
		rows = got;
	return rows;
}

static void no_durable_row_is_missing_after_kill_9(void **state)
{
	struct help *help = *state;
	char text[256];

	help_close(help); /* no thread is left that fork() would lose */
	for (uint64_t run = 1; run <= CRASHES; run++) {
		uint64_t durable, found_rows;
		int fds[2], status;
		pid_t child;

		assert_int_equal(pipe(fds), 0);
		child = fork();
		if (child == 0)
			write_until_killed(help, run, fds[1]);
		close(fds[1]);
		durable = read_until(fds[0], 1000 * run);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		durable = read_until(fds[0], UINT64_MAX) ?: durable; /* what it had still said */
		close(fds[0]);
		assert_true(durable >= 1000 * run);

		help_open(help);
		assert_true(help->found.crashed);
		assert_int_equal(help->found.interrupted_run, run);
		help_close(help);
		snprintf(text, sizeof(text),
			 "SELECT CASE count(*) WHEN max(step) + 1 THEN count(*) ELSE -1 END"
			 " FROM steps WHERE run = %d",
			 (int)run);
		found_rows = strtoull(help_sql(help, text, text), NULL, 10);
		assert_in_range(found_rows, durable, INT64_MAX); /* and without a hole */
		assert_sql(help, "PRAGMA integrity_check", "ok");
	}
	assert_sql(help, "SELECT count(*) FROM runs WHERE status = 'interrupted'", "5");
}

/* ---- a full disk: no file may grow beyond a limit ---- */

struct pushing {
	struct ring *ring;
	uint64_t n;
};

static void *push_rows(void *argument)
{
	struct pushing *pushing = argument;

	for (uint64_t step = 0; step < pushing->n; step++) {
		void *row = ring_reserve(pushing->ring, HELP_WAIT_S);

		if (!row)
			return "the ring stayed full";
		help_fill(ring_layout(pushing->ring), row, step);
		ring_push(pushing->ring);
	}
	return NULL;
}

static void limit_files_to(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_delays_and_loses_nothing(void **state)
{
	struct help *help = *state;
	struct pushing pushing = {.ring = help_begin(help, 1, 64), .n = 5000};
	struct change *c = change_new(9);
	struct store_report r;
	char wal[128];
	struct stat st;
	pthread_t writer;
	void *complaint;

	snprintf(wal, sizeof(wal), "%s-wal", help->file);
	assert_int_equal(stat(wal, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit_files_to((rlim_t)st.st_size + 200000);
	assert_int_equal(pthread_create(&writer, NULL, push_rows, &pushing), 0);
	r = help_wait(help, STORE_TROUBLE, 0);
	assert_int_equal(r.problem.code, PROBLEM_STORAGE);
	assert_non_null(strstr(r.problem.message, "lab.db"));
	assert_true(store_refused_s(help->store) > 0 && store_waiting_s(help->store) > 0);
	assert_true(ring_durable(pushing.ring) < pushing.n);
	change_event(c, 1, 0, "note", "root", "written when there was no room", NULL, NULL);
	store_post(help->store, c);

	limit_files_to(RLIM_INFINITY);
	help_wait(help, STORE_WELL, 0);
	pthread_join(writer, &complaint);
	assert_null(complaint);
	if (ring_durable(pushing.ring) < pushing.n)
		help_wait_rows(help, pushing.n);
	assert_sql(help, "SELECT count(*) || ' ' || sum(step) FROM steps", "5000 12497500");
	assert_close(store_refused_s(help->store), 0, 0);
	assert_sql(help, "SELECT what FROM events", "written when there was no room");
	ring_unref(pushing.ring);
}

/* ---- somebody else's lock ---- */

static void a_lock_of_somebody_else_is_waited_for_in_silence(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 64);
	struct store_report r;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(help->file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	help_push(ring, 0, 20);
	assert_false(mailbox_wait(help->reports, &r, 0.3)); /* neither durable nor trouble */
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_true(mailbox_wait(help->reports, &r, HELP_WAIT_S));
	assert_int_equal(r.kind, STORE_DURABLE);
	assert_int_equal(r.rows, 20);
	sqlite3_close(db);
	ring_unref(ring);
}

static void stopping_gives_up_at_its_deadline_and_says_so(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 64);
	sqlite3 *db;

	assert_int_equal(sqlite3_open(help->file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	help_push(ring, 0, 20);
	assert_int_equal(store_stop(help->store, 0.2), -EIO);
	help->store = NULL;
	sqlite3_close(db);
	ring_unref(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, help_setup, help_teardown)
		T(no_durable_row_is_missing_after_kill_9),
		T(a_full_disk_delays_and_loses_nothing),
		T(a_lock_of_somebody_else_is_waited_for_in_silence),
		T(stopping_gives_up_at_its_deadline_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
