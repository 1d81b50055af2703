/* tests/unit/test_boards.c - edge boards: set up, read, lost, exchanged, power-cycled (drivers/boards*.c). */
#include "config.h"

#include "tests/unit/board_bench.h"

/* ---- what a board is told ---- */

static void holds_every_edge_until_released(bool line)
{
	struct board_bench *bench = bench_prepare(line, 2, 7, 4, 0.1);
	struct slave_board *board;

	board = slave_lock(bench->slave);
	memset(board[0].mode, 0, SLAVE_EDGES);
	slave_unlock(bench->slave);
	bench_open(bench);
	assert_true(boards_held(bench->boards));
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].mode[3], 1);
	assert_int_equal(board[0].watchdog_ms, 2000);
	slave_unlock(bench->slave);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(boards_release(bench->boards, &bench->err));
	assert_false(boards_held(bench->boards));
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].mode[3], 0);
	assert_int_equal(board[1].mode[2], 0);
	slave_unlock(bench->slave);
	assert_int_equal(boards_devices(bench->boards)[1].serial, 102);
	assert_int_equal(boards_devices(bench->boards)[1].boots, 5);
	bench_free(bench);
}

static void reads_all_of_a_step(bool line)
{
	struct board_bench *bench = bench_new(line, 3, 11, 4);

	assert_ok(boards_set_mode(bench->boards, 9, RIG_HOLD, &bench->err));
	slave_tick(bench->slave);
	slave_tick(bench->slave);
	assert_ok(bench_read(bench, 2));
	assert_false(bench->mismatch);
	for (size_t e = 0; e < 11; e++)
		assert_int_equal(bench->wiper[e], e == 9 ? 63 : 65);
	assert_int_equal(bench->updated[0], 0xFF);
	assert_int_equal(bench->updated[1], 0x05);
	assert_int_equal(bench->raised[1], 0x05);
	assert_int_equal(bench->mode[9], RIG_HOLD);
	assert_int_equal(bench->mode[10], RIG_LEARN);
	bench_free(bench);
}

static void sets_taps_and_capacitors_and_counts(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 3, 2);
	uint8_t wiper[3] = {0, 127, 64};
	uint64_t updated[3], raised[3];
	struct slave_board *board;

	assert_ok(boards_write_taps(bench->boards, wiper, &bench->err));
	assert_ok(bench_read(bench, 0));
	assert_memory_equal(bench->wiper, wiper, 3);
	assert_ok(boards_home(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	assert_int_equal(bench->wiper[1], 63);
	wiper[1] = 128;
	assert_int_equal(boards_write_taps(bench->boards, wiper, &bench->err), -EINVAL);
	assert_ok(boards_set_capacitor(bench->boards, 3, &bench->err));
	assert_int_equal(boards_set_capacitor(bench->boards, 5, &bench->err), -EINVAL);
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].capacitor, 3);
	assert_int_equal(board[1].capacitor, 3);
	assert_int_equal(board[1].homes, 1);
	board[1].updated[0] = 70001;
	board[1].raised[0] = 65536;
	slave_unlock(bench->slave);
	assert_ok(boards_counts(bench->boards, updated, raised, &bench->err));
	assert_int_equal(updated[2], 70001);
	assert_int_equal(raised[2], 65536);
	assert_int_equal(raised[1], 0);
	assert_ok(boards_reset_counts(bench->boards, &bench->err));
	assert_ok(boards_counts(bench->boards, updated, raised, &bench->err));
	assert_int_equal(updated[2], 0);
	bench_free(bench);
}

static void notices_a_board_that_does_not_obey(void **state)
{
	struct board_bench *bench = bench_new(true, 2, 2, 1);
	uint8_t wiper[2] = {10, 20};

	(void)state;
	slave_set_fault(bench->slave, 1, SLAVE_DEAF, 0, 0);
	assert_int_equal(boards_set_mode(bench->boards, 1, RIG_CUT, &bench->err), -EREMOTEIO);
	bench_says(bench, "board 2 (edge 1): wrote 2 to register 0x0102, read back 0");
	assert_int_equal(boards_write_taps(bench->boards, wiper, &bench->err), -EREMOTEIO);
	bench_says(bench, "edge 1 is at tap 63, sent to 20");
	bench_free(bench);
}

/* ---- what a board did ---- */

static void notes_a_missed_and_a_double_tick(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);
	struct slave_board *board;
	struct rig_note note = {0};

	slave_tick(bench->slave);
	board = slave_lock(bench->slave);
	board[1].clock--;
	board[1].tap[0]--;
	slave_unlock(bench->slave);
	assert_ok(bench_read(bench, 1));
	assert_true(bench->mismatch);
	assert_int_equal(bench_notes(bench, RIG_NOTE_TICK, &note), 1);
	assert_int_equal(note.board, 2);
	assert_string_equal(note.text, "board 2 (edge 1): counted 0 clock edges, 1 were made");
	slave_tick(bench->slave);
	slave_tick(bench->slave);
	assert_ok(bench_read(bench, 1));
	assert_true(bench->mismatch);
	assert_int_equal(bench_notes(bench, RIG_NOTE_TICK, NULL), 2);
	slave_tick(bench->slave);
	assert_ok(bench_read(bench, 1));
	assert_false(bench->mismatch);
	bench_free(bench);
}

static void notices_a_power_cycle_and_sets_the_board_up_anew(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);
	struct slave_board *board;
	struct rig_note note = {0};

	assert_ok(boards_set_capacitor(bench->boards, 2, &bench->err));
	assert_ok(boards_set_mode(bench->boards, 0, RIG_CUT, &bench->err));
	slave_power_cycle(bench->slave, 0);
	assert_int_equal(bench_read(bench, 0), -ESTALE);
	bench_says(bench, "board 1 (edge 0): was power-cycled (boot 6, before 5)");
	assert_int_equal(bench->err.edge, 0);
	assert_int_equal(bench_read(bench, 0), -ESTALE);
	assert_int_equal(bench_notes(bench, RIG_NOTE_BOOT, &note), 1);
	assert_int_equal(note.board, 1);
	assert_ok(boards_ready(bench->boards, &bench->err)); /* the readings have said so */
	assert_int_equal(bench_notes(bench, RIG_NOTE_BOOT, &note), 1);
	assert_true(note.over);
	assert_ok(bench_read(bench, 0));
	board = slave_lock(bench->slave);
	assert_int_equal(board[0].capacitor, 2);
	assert_int_equal(board[0].mode[0], 2);
	assert_int_equal(board[0].watchdog_ms, 2000);
	slave_unlock(bench->slave);
	bench_free(bench);
}

static void notices_exchanged_boards_at_the_next_read(bool line)
{
	struct board_bench *bench = bench_new(line, 3, 3, 1);
	struct slave_board *board;
	struct rig_note note = {0};

	board = slave_lock(bench->slave);
	board[1].serial = 103;
	board[2].serial = 102;
	board[1].boots = 9; /* that is no power cycle of board 2 */
	slave_unlock(bench->slave);
	assert_int_equal(bench_read(bench, 0), -ESTALE);
	bench_says(bench, "board 2 (edge 1): serial number 103 answers, it was 102");
	/* the other of the two is news */
	assert_int_equal(boards_ready(bench->boards, &bench->err), -ESTALE);
	assert_int_equal(bench_notes(bench, RIG_NOTE_IDENTITY, &note),
			 4); /* begun and over, of both */
	assert_int_equal(note.board, 3);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	bench_free(bench);
}

static void notices_a_tap_that_jumped(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);

	slave_tick(bench->slave);
	slave_lock(bench->slave)[1].tap[0] = 60;
	slave_unlock(bench->slave);
	assert_int_equal(bench_read(bench, 1), -ESTALE);
	bench_says(bench, "tap of edge 1 went from 63 to 60 in 1 clock edges");
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	assert_int_equal(bench->wiper[1], 60);
	bench_free(bench);
}

static void refuses_another_serial_number_than_the_configured(bool line)
{
	struct board_bench *bench = bench_prepare(line, 2, 2, 1, 0.1);

	bench->serial[1] = 777;
	bench_open(bench);
	for (unsigned k = 0; k < 2; k++) {
		assert_int_equal(boards_ready(bench->boards, &bench->err), -ESTALE);
		bench_says(bench,
			   "board 2 (edge 1): serial number 102 answers, the rig file says 777");
	}
	assert_int_equal(bench_notes(bench, RIG_NOTE_IDENTITY, NULL), 1);
	slave_lock(bench->slave)[1].serial = 777;
	slave_unlock(bench->slave);
	bench_idle_until_well(bench);
	boards_ready(bench->boards, &bench->err);
	assert_ok(boards_ready(bench->boards, &bench->err));
	bench_free(bench);
}

static void refuses_what_is_no_board_of_this_map(void **state)
{
	struct board_bench *bench = bench_prepare(true, 3, 6, 2, 0.1);
	struct slave_board *board = slave_lock(bench->slave);

	(void)state;
	board[0].magic = 1;
	board[1].version = 2;
	board[2].edges = 1;
	slave_unlock(bench->slave);
	bench_open(bench);
	assert_non_null(strstr(boards_devices(bench->boards)[0].text, "register 0 reads 0x0001"));
	assert_non_null(strstr(boards_devices(bench->boards)[1].text, "register map 2"));
	assert_non_null(strstr(boards_devices(bench->boards)[2].text, "has 1 edges, needs 2"));
	assert_int_equal(boards_ready(bench->boards, &bench->err), -EPROTO);
	bench_free(bench);
}

/* ---- supply and watchdog ---- */

static void set_status(struct board_bench *bench, size_t board, uint16_t status)
{
	slave_lock(bench->slave)[board].status = status;
	slave_unlock(bench->slave);
}

static void names_an_unpowered_board_until_it_is_well(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);
	struct rig_note note = {0};

	set_status(bench, 1, 2);
	assert_int_equal(bench_read(bench, 0), -EHOSTDOWN);
	bench_says(bench, "board 2 (edge 1): supply out of range");
	assert_int_equal(boards_ready(bench->boards, &bench->err), -EHOSTDOWN);
	assert_int_equal(boards_idle(bench->boards, &bench->err), -EHOSTDOWN);
	assert_int_equal(bench_notes(bench, RIG_NOTE_SUPPLY, &note), 1);
	assert_true(note.alarm);
	set_status(bench, 1, 0);
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_int_equal(bench_notes(bench, RIG_NOTE_SUPPLY, &note), 1);
	assert_true(note.over);
	bench_free(bench);
}

static void clears_a_watchdog_that_tripped(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);

	set_status(bench, 0, 1);
	assert_int_equal(bench_read(bench, 0), -EHOSTDOWN);
	bench_says(bench, "board 1 (edge 0): watchdog tripped");
	assert_ok(boards_ready(bench->boards, &bench->err));
	assert_int_equal(bench_notes(bench, RIG_NOTE_SUPPLY, NULL), 2);
	set_status(bench, 0, 1);
	assert_ok(boards_release(bench->boards, &bench->err));
	assert_ok(bench_read(bench, 0));
	bench_free(bench);
}

/* ---- configurations and time ---- */

static void refuses_configurations_that_cannot_be(void **state)
{
	struct board_bench *bench = bench_prepare(true, 2, 2, 1, 0.1);

	(void)state;
	bench->config.baud = 115201;
	assert_int_equal(boards_open(&bench->config, 2, 128, &bench->boards, &bench->err), -EINVAL);
	bench_says(bench, "boards.baud is 115201");
	bench->config.baud = 115200;
	assert_int_equal(boards_open(&bench->config, 3, 128, &bench->boards, &bench->err), -EINVAL);
	assert_int_equal(boards_open(&bench->config, 1, 128, &bench->boards, &bench->err), -EINVAL);
	assert_int_equal(boards_open(&bench->config, 2, 129, &bench->boards, &bench->err), -EINVAL);
	bench->config.driver = BOARDS_TCP;
	strcpy(bench->device[0], "[::1]:70000");
	assert_int_equal(boards_open(&bench->config, 2, 128, &bench->boards, &bench->err), -EINVAL);
	bench_says(bench, "port \"70000\"");
	bench_free(bench);
}

/* 16 boards of one edge: 21 and 17 bytes, 7 of silence, 11 bits each, and 1 ms, twice sixteen times (docs/BOARDS.md) */
static void knows_how_long_a_reading_takes(void **state)
{
	uint8_t address[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	char device[1][108] = {"/nonexistent/line"};
	struct boards_config config = {.driver = BOARDS_RTU,
				       .device = device,
				       .n_devices = 1,
				       .baud = 115200,
				       .address = address,
				       .n_boards = 16,
				       .edges_per_board = 1,
				       .reply_timeout_s = 0.1,
				       .tries = 3};
	struct boards *boards;
	struct rig_error err;

	(void)state;
	assert_ok(boards_open(&config, 16, 128, &boards, &err));
	assert_close(boards_read_s(boards), 0.111444, 1e-6);
	assert_int_equal(boards_serials_every(boards), 1);
	assert_int_equal(boards_ready(boards, &err), -ENODEV);
	assert_non_null(strstr(err.text, "board 1 (edge 0): cannot open the line: No such file"));
	boards_close(boards);
	config.baud = 9600; /* a serial number takes 28.5 ms: three of them a reading */
	assert_ok(boards_open(&config, 16, 128, &boards, &err));
	assert_int_equal(boards_serials_every(boards), 6);
	boards_close(boards);
}

static void measures_how_long_a_reading_takes(bool line)
{
	struct board_bench *bench = bench_new(line, 2, 2, 1);
	double from_s = bench_now_s();

	assert_ok(bench_read(bench, 0));
	assert_true(boards_read_s(bench->boards) <= bench_now_s() - from_s);
	assert_true(boards_read_s(bench->boards) > 1e-6);
	bench_free(bench);
}

BOTH(holds_every_edge_until_released)
BOTH(reads_all_of_a_step)
BOTH(sets_taps_and_capacitors_and_counts)
BOTH(notes_a_missed_and_a_double_tick)
BOTH(notices_a_power_cycle_and_sets_the_board_up_anew)
BOTH(notices_exchanged_boards_at_the_next_read)
BOTH(notices_a_tap_that_jumped)
BOTH(refuses_another_serial_number_than_the_configured)
BOTH(names_an_unpowered_board_until_it_is_well)
BOTH(clears_a_watchdog_that_tripped)
BOTH(measures_how_long_a_reading_takes)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_BOTH(holds_every_edge_until_released),
		TEST_BOTH(reads_all_of_a_step),
		TEST_BOTH(sets_taps_and_capacitors_and_counts),
		cmocka_unit_test(notices_a_board_that_does_not_obey),
		TEST_BOTH(notes_a_missed_and_a_double_tick),
		TEST_BOTH(notices_a_power_cycle_and_sets_the_board_up_anew),
		TEST_BOTH(notices_exchanged_boards_at_the_next_read),
		TEST_BOTH(notices_a_tap_that_jumped),
		TEST_BOTH(refuses_another_serial_number_than_the_configured),
		cmocka_unit_test(refuses_what_is_no_board_of_this_map),
		TEST_BOTH(names_an_unpowered_board_until_it_is_well),
		TEST_BOTH(clears_a_watchdog_that_tripped),
		cmocka_unit_test(refuses_configurations_that_cannot_be),
		cmocka_unit_test(knows_how_long_a_reading_takes),
		TEST_BOTH(measures_how_long_a_reading_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
