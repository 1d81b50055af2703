/* tests/unit/test_boards_wire.c - what a wire does to requests, and that each of it is noticed, named and recovered from. */
#include "config.h"

#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include "tests/unit/board_bench.h"

enum { LINE = 1, TCP = 2 };

struct trouble {
	enum slave_fault fault;
	int wires;
	int r;
	const char *words;
};

/* three tries each, of a board whose reading fails */
static const struct trouble troubles[] = {
	{SLAVE_SILENT, LINE | TCP, -ETIMEDOUT, "no reply in 0.1 s after 3 tries"},
	{SLAVE_WRONG_CRC, LINE, -EBADMSG, "a reply with a wrong CRC after 3 tries"},
	{SLAVE_WRONG_ADDRESS, LINE | TCP, -EBADMSG, "a reply of board 3 instead after 3 tries"},
	{SLAVE_HALF, LINE | TCP, -EBADMSG, "half a reply after 3 tries"},
	{SLAVE_REFUSED, LINE | TCP, -EREMOTEIO, "refused with exception 4, failed after 3 tries"},
	{SLAVE_SHORT, LINE | TCP, -EBADMSG, "not as many as asked after 3 tries"},
	{SLAVE_HANGS_UP, TCP, -ENODEV, "Connection reset by peer after 3 tries"},
};
enum { N_TROUBLES = sizeof(troubles) / sizeof(troubles[0]) };

static void notices_names_and_recovers(bool line)
{
	for (size_t i = 0; i < N_TROUBLES; i++) {
		const struct trouble *trouble = &troubles[i];
		struct board_bench *bench;
		struct rig_note note = {0};

		if (!(trouble->wires & (line ? LINE : TCP)))
			continue;
		bench = bench_new(line, 3, 3, 1);
		slave_set_fault(bench->slave, 1, trouble->fault, 0, 0);
		slave_tick(bench->slave);
		assert_int_equal(bench_read(bench, 1), trouble->r);
		bench_says(bench, "board 2 (edge 1): ");
		bench_says(bench, trouble->words);
		assert_int_equal(bench->err.edge, 1);
		assert_int_equal(bench_state(bench, 1), RIG_DEVICE_DEGRADED);
		assert_int_equal(bench_notes(bench, RIG_NOTE_DEVICE, &note), 1);
		assert_int_equal(note.board, 2);
		assert_false(note.over);
		slave_set_fault(bench->slave, 1, SLAVE_WELL, 0, 0);
		slave_tick(bench->slave);
		assert_ok(bench_read(bench, 1)); /* the first tick was not lost */
		assert_false(bench->mismatch);
		for (size_t e = 0; e < 3; e++)
			assert_int_equal(bench->wiper[e], 65);
		assert_int_equal(bench_state(bench, 1), RIG_DEVICE_UP);
		assert_int_equal(bench_notes(bench, RIG_NOTE_DEVICE, &note), 1);
		assert_true(note.over);
		bench_free(bench);
	}
}

static void tries_again_before_it_complains(bool line)
{
	for (size_t i = 0; i < N_TROUBLES; i++) {
		struct board_bench *bench;
		struct rig_note note = {0};

		if (!(troubles[i].wires & (line ? LINE : TCP)))
			continue;
		bench = bench_new(line, 2, 2, 1);
		slave_set_fault(bench->slave, 1, troubles[i].fault, 2, 0);
		slave_tick(bench->slave);
		if (bench_read(bench, 1) < 0)
			fail_msg("fault %d: %s", (int)troubles[i].fault, bench->err.text);
		assert_int_equal(bench->wiper[1], 64);
		assert_in_range(boards_devices(bench->boards)[1].retries, 1, 2);
		assert_int_equal(bench_notes(bench, RIG_NOTE_DEVICE, &note), 1);
		assert_true(strstr(note.text, "answered at try") && !note.alarm);
		bench_free(bench);
	}
}

static unsigned requests_of(struct board_bench *bench, size_t board)
{
	unsigned n = slave_lock(bench->slave)[board].requests;

	slave_unlock(bench->slave);
	return n;
}

static void asks_a_lost_board_with_a_back_off_and_takes_it_up(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);
	struct rig_note note = {0};
	unsigned asked;

	assert_ok(boards_set_mode(bench->boards, 1, RIG_HOLD, &bench->err));
	slave_set_fault(bench->slave, 1, SLAVE_SILENT, 0, 0);
	assert_int_equal(bench_read(bench, 0), -ETIMEDOUT);
	assert_int_equal(bench_read(bench, 0), -ETIMEDOUT);
	assert_int_equal(bench_state(bench, 1), RIG_DEVICE_DOWN);
	assert_int_equal(bench_notes(bench, RIG_NOTE_DEVICE, &note), 2);
	assert_true(note.alarm);
	asked = requests_of(bench, 1);
	assert_int_equal(bench_read(bench, 0), -ETIMEDOUT); /* not asked, and the same sentence */
	bench_says(bench, "board 2 (edge 1): no reply");
	assert_int_equal(requests_of(bench, 1), asked);
	while (requests_of(bench, 1) < asked + 3) /* 0.1, 0.2, 0.4 s apart */
		boards_idle(bench->boards, &bench->err);
	slave_lock(bench->slave)[1].mode[0] = 0;
	slave_unlock(bench->slave);
	slave_set_fault(bench->slave, 1, SLAVE_WELL, 0, 0);
	bench_idle_until_well(bench);
	assert_int_equal(bench_state(bench, 1), RIG_DEVICE_UP);
	assert_int_equal(slave_lock(bench->slave)[1].mode[0], 1);
	slave_unlock(bench->slave);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	bench_free(bench);
}

/* ---- late answers ---- */

/* All readings that succeed show the taps of their own time, whatever is still on the way. */
static void never_takes_a_late_answer_for_another(bool line)
{
	struct board_bench *bench = bench_prepare(line, 2, 2, 1, 0.02);
	unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED")) : (unsigned)getpid();
	unsigned right = 0, ticks = 0;

	print_message("# SEED=%u\n", seed);
	srand(seed);
	bench_open(bench);
	assert_ok(boards_release(bench->boards, &bench->err));
	for (unsigned i = 0; i < 30; i++) {
		size_t late = (size_t)(rand() % 2);

		slave_set_fault(bench->slave, late, SLAVE_LATE, 1 + (unsigned)rand() % 3,
				rand() % 80 * 1e-3); /* up to four time-outs */
		slave_tick(bench->slave);
		ticks++;
		if (bench_read(bench, 1) == 0) {
			assert_false(bench->mismatch);
			assert_int_equal(bench->wiper[0], 63 + ticks);
			assert_int_equal(bench->wiper[1], 63 + ticks);
			right++;
		} else if (bench_state(bench, late) == RIG_DEVICE_DOWN) {
			slave_set_fault(bench->slave, late, SLAVE_WELL, 0, 0);
			bench_idle_until_well(bench);
			assert_ok(boards_ready(bench->boards, &bench->err));
		}
	}
	print_message("# %u of 30 readings succeeded\n", right);
	assert_true(right > 5);
	assert_int_equal(bench_notes(bench, RIG_NOTE_TICK, NULL), 0);
	bench_free(bench);
}

/* The worst case: the board's own answer of the same length, from before its mode was changed. */
static void asks_until_no_old_answer_is_on_the_way(void **state)
{
	struct board_bench *bench = bench_prepare(true, 1, 1, 1, 0.02);

	(void)state;
	bench->config.tries = 1;
	bench_open(bench);
	assert_ok(boards_release(bench->boards, &bench->err));
	slave_tick(bench->slave);
	/* beyond the time-out and the silence after it, while the next request is waiting */
	slave_set_fault(bench->slave, 0, SLAVE_LATE, 1, 0.045);
	assert_int_equal(bench_read(bench, 1), -ETIMEDOUT);
	slave_tick(bench->slave);
	if (bench_read(bench, 1) < 0) /* the old answer, seen to be one */
		bench_says(bench, "not as many as asked");
	else
		assert_int_equal(bench->wiper[0], 65);
	bench_idle_until_well(bench);
	assert_ok(bench_read(bench, 0));
	assert_int_equal(bench->wiper[0], 65);
	assert_int_equal(bench_notes(bench, RIG_NOTE_TICK, NULL), 0);
	bench_free(bench);
}

static void checks_the_echo_of_a_write(bool line)
{
	struct board_bench *bench = bench_new(line, 1, 1, 1);

	slave_set_fault(bench->slave, 0, SLAVE_OTHER_REGISTER, 3, 0);
	assert_int_equal(boards_set_mode(bench->boards, 0, RIG_HOLD, &bench->err), -EBADMSG);
	bench_says(bench, "a reply to another write");
	bench_free(bench);
}

static void connects_anew_after_a_connection_was_closed(void **state)
{
	struct board_bench *bench = bench_new(false, 2, 2, 1);

	(void)state;
	assert_int_equal(slave_connections(bench->slave), 1);
	slave_set_fault(bench->slave, 0, SLAVE_HANGS_UP, 1, 0);
	assert_ok(bench_read(bench, 0));
	assert_int_equal(slave_connections(bench->slave), 2);
	bench_free(bench);
}

/* ---- a wire that is gone ---- */

static void finds_a_line_again_that_was_unplugged(void **state)
{
	struct board_bench *bench = bench_prepare(true, 2, 2, 1, 0.1);
	char folder[] = "/tmp/nd-boards-XXXXXX", plug[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(plug, sizeof(plug), "%s/line", folder);
	assert_ok(symlink(slave_device(bench->slave), plug));
	strcpy(bench->device[0], plug);
	bench_open(bench);
	assert_ok(bench_read(bench, 0));
	assert_ok(unlink(plug));
	slave_stop(bench->slave);
	for (unsigned k = 0; k < 2; k++)
		assert_int_equal(bench_read(bench, 0), -ENODEV);
	bench_says(bench, "board 1 (edge 0): cannot open the line: No such file or directory");
	bench->slave = slave_start(true, 2, 1);
	assert_ok(symlink(slave_device(bench->slave), plug));
	bench_idle_until_well(bench);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	unlink(plug);
	rmdir(folder);
	bench_free(bench);
}

/* One connection for each board: what happens to one is nothing to the other. */
static void keeps_the_connections_of_boards_apart(void **state)
{
	struct board_bench *bench = bench_prepare(false, 2, 2, 1, 0.1);
	struct slave *other = slave_start(false, 2, 1);
	char device[2][108];

	(void)state;
	strcpy(device[0], bench->device[0]);
	snprintf(device[1], sizeof(device[1]), "%s", slave_device(other));
	bench->config.device = device;
	bench->config.n_devices = 2;
	bench_open(bench);
	assert_ok(boards_release(bench->boards, &bench->err));
	slave_set_fault(other, 1, SLAVE_HANGS_UP, 2, 0);
	assert_ok(bench_read(bench, 0));
	assert_int_equal(slave_connections(bench->slave), 1);
	assert_int_equal(slave_connections(other), 3);
	assert_int_equal(slave_lock(bench->slave)[1].requests, 0);
	slave_unlock(bench->slave);
	bench_free(bench);
	slave_stop(other);
}

/* libmodbus selects: beyond the set's size it would end the program. */
static void opens_no_bus_beyond_what_select_can_wait_for(void **state)
{
	struct board_bench *bench = bench_prepare(false, 1, 1, 1, 0.1);
	struct rlimit limit, more = {FD_SETSIZE + 64, FD_SETSIZE + 64};
	int fd[FD_SETSIZE], n = 0;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < more.rlim_cur) {
		more.rlim_max = limit.rlim_max;
		assert_ok(setrlimit(RLIMIT_NOFILE, &more));
	}
	while (n < FD_SETSIZE && (n == 0 || fd[n - 1] < FD_SETSIZE - 1))
		fd[n++] = dup(0);
	bench_open(bench);
	assert_int_equal(boards_ready(bench->boards, &bench->err), -ENODEV);
	bench_says(bench, "cannot connect: Too many open files");
	while (n > 0)
		close(fd[--n]);
	bench_idle_until_well(bench);
	bench_free(bench);
}

/* ---- going safe ---- */

static void holds_all_by_broadcast_without_waiting(void **state)
{
	struct board_bench *bench = bench_prepare(true, 3, 5, 2, 0.5);
	struct slave_board *board;
	double from_s;

	(void)state;
	bench_open(bench);
	assert_ok(boards_set_mode(bench->boards, 4, RIG_CUT, &bench->err));
	assert_ok(boards_release(bench->boards, &bench->err));
	from_s = bench_now_s();
	assert_int_equal(boards_hold(bench->boards), RIG_SAFE_CONFIRMED);
	assert_true(bench_now_s() - from_s < 0.5); /* one time-out */
	assert_int_equal(slave_broadcasts(bench->slave), 4);
	assert_int_equal(slave_garbage(bench->slave), 0);
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].mode[0], 1);
	assert_int_equal(board[1].mode[1], 1);
	assert_int_equal(board[2].mode[0], 2); /* cut stays cut */
	slave_unlock(bench->slave);
	assert_true(boards_held(bench->boards));
	assert_ok(boards_set_mode(bench->boards, 4, RIG_LEARN, &bench->err));
	board = slave_lock(bench->slave);
	assert_int_equal(board[2].mode[0], 1); /* kept for the release */
	slave_unlock(bench->slave);
	assert_ok(boards_release(bench->boards, &bench->err));
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].mode[0], 0);
	assert_int_equal(board[2].mode[0], 0);
	slave_unlock(bench->slave);
	bench_free(bench);
}

static void tells_how_safe_it_is(bool line)
{
	struct board_bench *bench = bench_new(line, 3, 3, 1);

	assert_int_equal(boards_hold(bench->boards), RIG_SAFE_CONFIRMED);
	assert_ok(boards_release(bench->boards, &bench->err));
	slave_set_fault(bench->slave, 0, SLAVE_SILENT, 0, 0);
	assert_int_equal(boards_hold(bench->boards), line ? RIG_SAFE_COMMANDED : RIG_SAFE_UNKNOWN);
	/* the others were tried all the same */
	assert_int_equal(slave_lock(bench->slave)[2].mode[0], 1);
	slave_unlock(bench->slave);
	bench_free(bench);
}

static void names_a_board_that_does_not_hold(void **state)
{
	struct board_bench *bench = bench_new(true, 2, 2, 1);

	(void)state;
	slave_set_fault(bench->slave, 1, SLAVE_DEAF, 0, 0);
	assert_int_equal(boards_hold(bench->boards), RIG_SAFE_UNKNOWN);
	assert_non_null(strstr(boards_devices(bench->boards)[1].text, "read back 0"));
	bench_free(bench);
}

BOTH(notices_names_and_recovers)
BOTH(tries_again_before_it_complains)
BOTH(asks_a_lost_board_with_a_back_off_and_takes_it_up)
BOTH(never_takes_a_late_answer_for_another)
BOTH(checks_the_echo_of_a_write)
BOTH(tells_how_safe_it_is)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_BOTH(notices_names_and_recovers),
		TEST_BOTH(tries_again_before_it_complains),
		TEST_BOTH(asks_a_lost_board_with_a_back_off_and_takes_it_up),
		TEST_BOTH(never_takes_a_late_answer_for_another),
		cmocka_unit_test(asks_until_no_old_answer_is_on_the_way),
		TEST_BOTH(checks_the_echo_of_a_write),
		cmocka_unit_test(connects_anew_after_a_connection_was_closed),
		cmocka_unit_test(finds_a_line_again_that_was_unplugged),
		cmocka_unit_test(keeps_the_connections_of_boards_apart),
		cmocka_unit_test(opens_no_bus_beyond_what_select_can_wait_for),
		cmocka_unit_test(holds_all_by_broadcast_without_waiting),
		TEST_BOTH(tells_how_safe_it_is),
		cmocka_unit_test(names_a_board_that_does_not_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
