/* tests/contract_rig.c - what any rig must do, through drivers/rig.h alone.  `contract_rig [RIG]` runs it on one.
 *
 * A new rig joins by a row in rigs[]: a configuration of king9_16, and how well it measures.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "tests/check.h"

#define N_NODES 9
#define N_EDGES 16
#define N_MASK  2

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5, 4};
static const uint32_t all_nodes[] = {3, 5, 4, 0, 1, 2, 6, 7, 8};
static const double source_V[] = {5, 1, 0}, target_V[] = {3, 3, 3};

struct contract_rig {
	const char *name;
	double tolerance_V; /* of a voltage measured */
	double p;
	struct sim_config sim;
};

static const struct contract_rig rigs[] = {
	{.name = "sim-ideal", .tolerance_V = 1e-9, .p = 1},
	{.name = "sim-noisy",
	 .tolerance_V = 0.05,
	 .p = 0.5,
	 .sim = {.comparator = SIM_XOR,
		 .bias_V = {0, 0.02},
		 .comparator_noise_V = 0.003,
		 .measure_noise_V = 0.001,
		 .daq_bits = 12,
		 .r_tolerance = 0.1}},
	{.name = "sim-apart",
	 .tolerance_V = 0.02,
	 .p = 0.9,
	 .sim = {.comparator_noise_V = 0.003,
		 .bias_V = {-0.01, 0.01},
		 .drawn = SIM_DRAWN_EDGE,
		 .twin_mismatch = 0.05,
		 .twin_source_offset_V = 0.005}},
	{.name = "sim-real",
	 .tolerance_V = 1e-9,
	 .p = 1,
	 .sim = {.comparator = SIM_XOR_CLAMPED, .clock = SIM_REAL}},
};

static struct rig *open_rig(const struct contract_rig *which)
{
	struct rig_config *config = calloc(1, sizeof(*config));
	struct network_error why;
	struct rig_error err;
	struct rig *rig;

	*config = (struct rig_config){
		.name = "contract",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, "here.yaml:7"},
		.r0_ohm = 1e4,
		.sim = which->sim};
	config->capacitance_F = calloc(2, sizeof(double));
	config->n_capacitance = 1;
	assert_ok(network_shipped("king9_16", &config->network, &why));
	if (rig_open(config, &rig, &err) < 0)
		fail_msg("%s", err.text);
	rig_config_free(config); /* what the rig keeps, it has copied */
	return rig;
}

static void begin(struct rig *rig, uint64_t seed)
{
	const struct rig_session session = {sources, 3, targets, 3, all_nodes, N_NODES, seed};

	assert_ok(rig_begin(rig, &session));
}

static const struct contract_rig *rig_of(void **state)
{
	return *state;
}

static struct rig *open_and_begin(void **state, uint64_t seed)
{
	struct rig *rig = open_rig(rig_of(state));

	begin(rig, seed);
	assert_ok(rig_set_update(rig, rig_of(state)->p, 0));
	return rig;
}

static void drive_both(struct rig *rig)
{
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_drive(rig, RIG_CLAMPED, source_V, 3));
}

static void read_wipers(struct rig *rig, uint8_t *wiper)
{
	struct rig_edges edges = {.wiper = wiper};

	assert_ok(rig_read_edges(rig, &edges));
}

static void assert_says(struct rig *rig, int got, int want, const char *words)
{
	const char *text = rig_error(rig)->text;

	if (got != want || !strstr(text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", got, text, want, words);
}

/* Everything that a step leaves behind, for comparing two of them bit by bit. */
struct trace {
	double free_V[N_NODES], clamped_V[N_NODES], target_free_V[3], clamp_V[3];
	uint8_t wiper[N_EDGES], updated[N_MASK], raised[N_MASK];
	unsigned flags;
};

static void step_at_once(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	const struct rig_request request = {.step = step,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 0.2,
					    .settle_s = 1e-6,
					    .ticks = 2,
					    .clamp = clamp};
	struct rig_record record = {.free_V = t->free_V,
				    .clamped_V = t->clamped_V,
				    .target_free_V = t->target_free_V,
				    .clamp_V = t->clamp_V,
				    .wiper = t->wiper,
				    .updated = t->updated,
				    .raised = t->raised};

	assert_ok(rig_step(rig, &request, &record));
	assert_true(record.apply_ns <= record.free_ns && record.free_ns <= record.clamped_ns &&
		    record.clamped_ns <= record.tick_ns);
	t->flags = record.flags;
}

static void step_by_hand(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	struct rig_edges edges = {t->wiper, t->updated, t->raised, NULL};

	t->flags = 0;
	assert_ok(rig_mark_step(rig, step));
	drive_both(rig);
	assert_ok(rig_settle(rig, 1e-6));
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, t->free_V));
	memcpy(t->target_free_V, t->free_V, sizeof(t->target_free_V)); /* targets come first */
	memcpy(t->clamp_V, t->free_V, sizeof(t->clamp_V));
	if (clamp)
		assert_ok(rig_nudge(rig, 0.2, t->free_V, target_V, 3, t->clamp_V, &t->flags));
	assert_ok(rig_clamp(rig, t->clamp_V, clamp ? 3 : 0));
	assert_ok(rig_settle(rig, 1e-6));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, t->clamped_V));
	assert_ok(rig_tick(rig));
	assert_ok(rig_tick(rig));
	assert_ok(rig_read_edges(rig, &edges));
}

/* ---- what is refused ---- */

static void what_needs_a_session_is_refused_before_one(void **state)
{
	struct rig *rig = open_rig(rig_of(state));
	double volts[3];
	unsigned flags = 0;
	const struct rig_request request = {
		.source_V = source_V, .target_V = target_V, .eta = 1, .clamp = true};
	struct rig_record record = {0};

	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 3), -EPERM, "rig_drive()");
	assert_says(rig, rig_clamp(rig, target_V, 3), -EPERM, "rig_clamp()");
	assert_says(rig, rig_measure(rig, RIG_FREE, targets, 3, volts), -EPERM, "rig_measure()");
	assert_says(rig, rig_tick(rig), -EPERM, "rig_tick()");
	assert_says(rig, rig_nudge(rig, 1, target_V, target_V, 3, volts, &flags), -EPERM,
		    "rig_nudge()");
	if (rig_info(rig)->whole_step)
		assert_says(rig, rig_step(rig, &request, &record), -EPERM, "rig_step()");
	if (rig_info(rig)->batch_evaluate)
		assert_says(rig, rig_evaluate(rig, 1, source_V, volts), -EPERM, "rig_evaluate()");
	rig_close(rig);
}

static void a_refused_voltage_is_named_and_leaves_the_output_alone(void **state)
{
	static const double above[] = {5, 5.001, 0}, below[] = {5, 1, -1e-9}, nan[] = {5, NAN, 0},
			    infinite[] = {-INFINITY, 1, 0};
	double tolerance = rig_of(state)->tolerance_V, seen[3];
	struct rig *rig = open_and_begin(state, 1);

	drive_both(rig);
	assert_says(rig, rig_drive(rig, RIG_FREE, above, 3), -ERANGE,
		    "node 2: 5.001 V is above the limit of 5 V (here.yaml:7)");
	assert_int_equal(rig_error(rig)->node, 2);
	assert_close(rig_error(rig)->value, 5.001, 0);
	assert_close(rig_error(rig)->max, 5, 0);
	assert_says(rig, rig_drive(rig, RIG_CLAMPED, below, 3), -ERANGE, "node 7");
	assert_says(rig, rig_drive(rig, RIG_FREE, nan, 3), -EINVAL, "node 2");
	assert_says(rig, rig_drive(rig, RIG_FREE, infinite, 3), -EINVAL, "node 0");
	assert_says(rig, rig_clamp(rig, above, 3), -ERANGE, "node 5");
	assert_ok(rig_measure(rig, RIG_FREE, sources, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], source_V[i], tolerance);
	rig_close(rig);
}

static void wrong_counts_nodes_edges_and_settings_are_refused(void **state)
{
	static const uint32_t no_node[] = {9};
	const struct rig_session lost = {no_node, 1, targets, 3, all_nodes, N_NODES, 1};
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES] = {0};
	double volts[3];
	unsigned flags = 0;

	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 2), -EINVAL, "2 source voltages");
	assert_says(rig, rig_clamp(rig, source_V, 2), -EINVAL, "2 clamp voltages");
	assert_says(rig, rig_measure(rig, RIG_FREE, no_node, 1, volts), -EINVAL, "node 9");
	assert_says(rig, rig_nudge(rig, 0, volts, target_V, 3, volts, &flags), -EINVAL, "eta");
	assert_says(rig, rig_nudge(rig, 1.5, volts, target_V, 3, volts, &flags), -EINVAL, "eta");
	assert_says(rig, rig_settle(rig, -1), -EINVAL, "-1 s");
	assert_says(rig, rig_settle(rig, NAN), -EINVAL, "nan s");
	assert_says(rig, rig_set_update(rig, 1.1, 0), -EINVAL, "p is 1.1");
	assert_says(rig, rig_set_update(rig, NAN, 0), -EINVAL, "p is nan");
	assert_says(rig, rig_set_capacitance(rig, 1e-6), -ERANGE, "1e-06 F");
	assert_says(rig, rig_set_edge_mode(rig, 16, RIG_HOLD), -EINVAL, "edge 16");
	assert_says(rig, rig_set_edge_mode(rig, 3, (enum rig_edge_mode)7), -EINVAL, "mode 7");
	assert_says(rig, rig_write_edges(rig, wiper, 15), -EINVAL, "15 taps");
	wiper[5] = 128;
	assert_says(rig, rig_write_edges(rig, wiper, N_EDGES), -EINVAL, "edge 5: tap 128");
	assert_ok(rig_set_capacitance(rig, 0));
	assert_says(rig, rig_begin(rig, &lost), -EINVAL, "source node 9");
	rig_close(rig);
}

static void a_whole_step_with_wrong_numbers_is_refused_and_moves_nothing(void **state)
{
	static const double high[] = {5, 1, 6}, nan[] = {3, NAN, 3};
	struct rig_request request = {
		.source_V = source_V, .target_V = target_V, .eta = 0.5, .ticks = 1, .clamp = true};
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], after[N_EDGES];
	struct rig_record record = {0};

	if (!rig_info(rig)->whole_step) {
		rig_close(rig);
		return;
	}
	read_wipers(rig, before);
	request.source_V = high;
	assert_says(rig, rig_step(rig, &request, &record), -ERANGE, "node 7: 6 V");
	request.source_V = source_V;
	request.target_V = nan;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "target node 5");
	request.target_V = target_V;
	request.eta = NAN;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "eta");
	request.eta = 0.5;
	request.settle_s = INFINITY;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "inf s");
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	rig_close(rig);
}

static void a_nudge_a_little_outside_is_set_to_the_limit_and_flagged(void **state)
{
	static const double low[] = {-0.004, 1, 1}, to_low[] = {-0.004, 1, 1}, far[] = {1, 1, 5.02},
			    to_far[] = {1, 1, 5.02};
	struct rig *rig = open_and_begin(state, 1);
	double clamp_V[3];
	unsigned flags = 0;

	assert_ok(rig_nudge(rig, 0.25, target_V, source_V, 3, clamp_V, &flags));
	assert_close(clamp_V[0], 3 + 0.25 * (5 - 3), 1e-15);
	assert_close(clamp_V[2], 3 + 0.25 * (0 - 3), 1e-15);
	assert_int_equal(flags, 0);
	assert_ok(rig_nudge(rig, 0.5, low, to_low, 3, clamp_V, &flags));
	assert_close(clamp_V[0], 0, 0);
	assert_int_equal(flags, RIG_CLAMP_LIMITED);
	assert_says(rig, rig_nudge(rig, 0.5, far, to_far, 3, clamp_V, &flags), -ERANGE,
		    "node 4: 5.02 V");
	rig_close(rig);
}

/* ---- time ---- */

static void settling_takes_at_least_its_time_on_the_rigs_clock(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	int64_t start = rig_now_ns(rig);

	assert_ok(rig_settle(rig, 0.002));
	assert_true(rig_now_ns(rig) - start >= 2000000);
	assert_ok(rig_wait_until(rig, start)); /* past: at once */
	assert_ok(rig_idle(rig));
	rig_close(rig);
}

static void an_interrupt_ends_waits_and_steps_until_it_is_cleared(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	struct rig_record record = {0};
	const struct rig_request request = {
		.source_V = source_V, .target_V = target_V, .eta = 1, .clamp = true};

	rig_interrupt(rig);
	rig_interrupt(rig);
	assert_int_equal(rig_settle(rig, 3600), -EINTR);
	assert_int_equal(rig_wait_until(rig, rig_now_ns(rig) + 3600000000000), -EINTR);
	if (rig_info(rig)->whole_step)
		assert_int_equal(rig_step(rig, &request, &record), -EINTR);
	drive_both(rig); /* outputs go on, or nothing could be made safe */
	rig_clear_interrupt(rig);
	assert_ok(rig_settle(rig, 1e-6));
	rig_close(rig);
}

static struct rig *interrupted_by_signal; /* a handler has no other way to know */

static void interrupt_from_signal(int number)
{
	(void)number;
	rig_interrupt(interrupted_by_signal);
}

static void an_interrupt_ends_a_wait_in_progress(void **state)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
	const struct sigaction action = {.sa_handler = interrupt_from_signal};
	struct rig *rig = open_and_begin(state, 1);

	if (rig_info(rig)->real_time) { /* a virtual wait is never in progress */
		interrupted_by_signal = rig;
		assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
		assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
		assert_int_equal(rig_settle(rig, 3600), -EINTR);
		signal(SIGALRM, SIG_DFL);
	}
	rig_close(rig);
}

/* ---- networks ---- */

static void a_clamp_holds_its_targets_until_it_is_let_go(void **state)
{
	double tolerance = rig_of(state)->tolerance_V, free_V[3], seen[3];
	struct rig *rig = open_and_begin(state, 1);

	drive_both(rig);
	assert_ok(rig_measure(rig, RIG_FREE, targets, 3, free_V));
	assert_ok(rig_clamp(rig, target_V, 3));
	assert_ok(rig_measure(rig, RIG_CLAMPED, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], 3, tolerance);
	assert_ok(rig_measure(rig, RIG_FREE, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], free_V[i], tolerance); /* the free network does not care */
	assert_ok(rig_clamp(rig, NULL, 0));
	assert_ok(rig_measure(rig, RIG_CLAMPED, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], free_V[i], tolerance + 0.05); /* the twins differ a little */
	rig_close(rig);
}

static void edges_of_the_network(struct rig *rig, uint32_t node, size_t *ret, size_t *n)
{
	const struct network *net = rig_info(rig)->network;

	*n = 0;
	for (size_t j = 0; j < net->n_edges; j++)
		if (net->a[j] == node || net->b[j] == node)
			ret[(*n)++] = j;
}

/* Node 8 left with one edge carries no current: it has its neighbour's voltage.  With none it floats. */
static void a_cut_edge_carries_no_current(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	const struct network *net = rig_info(rig)->network;
	const uint32_t *floating;
	size_t edge[N_EDGES], n;
	uint32_t both[2] = {8, 0};
	double seen[2];
	struct rig_edges edges = {0};
	uint8_t mode[N_EDGES];

	drive_both(rig);
	edges_of_the_network(rig, 8, edge, &n);
	for (size_t i = 1; i < n; i++)
		assert_ok(rig_set_edge_mode(rig, edge[i], RIG_CUT));
	both[1] = net->a[edge[0]] == 8 ? net->b[edge[0]] : net->a[edge[0]];
	assert_ok(rig_measure(rig, RIG_FREE, both, 2, seen));
	assert_close(seen[0], seen[1], 2 * rig_of(state)->tolerance_V);
	assert_int_equal(rig_floating(rig, &floating), 0);

	assert_ok(rig_set_edge_mode(rig, edge[0], RIG_CUT));
	assert_int_equal(rig_floating(rig, &floating), 1);
	assert_int_equal(floating[0], 8);
	assert_ok(rig_measure(rig, RIG_FREE, both, 2, seen));
	assert_true(isnan(seen[0]) && isfinite(seen[1]));
	edges.mode = mode;
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(mode[edge[0]], RIG_CUT);

	assert_ok(rig_set_edge_mode(rig, edge[0], RIG_LEARN));
	assert_int_equal(rig_floating(rig, &floating), 0);
	rig_close(rig);
}

static void a_cut_that_lets_a_target_float_is_refused_and_undone(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	size_t edge[N_EDGES], n;
	uint8_t mode[N_EDGES];
	struct rig_edges edges = {.mode = mode};
	const struct rig_session again = {sources, 3, targets, 3, all_nodes, N_NODES, 1};

	edges_of_the_network(rig, 3, edge, &n);
	for (size_t i = 1; i < n; i++)
		assert_ok(rig_set_edge_mode(rig, edge[i], RIG_CUT));
	assert_says(rig, rig_set_edge_mode(rig, edge[0], RIG_CUT), -ENOTCONN, "target node 3");
	assert_int_equal(rig_error(rig)->edge, edge[0]);
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(mode[edge[0]], RIG_LEARN);
	drive_both(rig);
	assert_ok(rig_tick(rig)); /* the session goes on */
	assert_ok(rig_begin(rig, &again));
	rig_close(rig);
}

/* ---- edges ---- */

static void each_learning_edge_that_updates_moves_by_one_and_no_other_does(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], wiper[N_EDGES], updated[N_MASK], raised[N_MASK];
	struct rig_edges edges = {wiper, updated, raised, NULL};
	double clamp_V[] = {3, 3, 3};
	unsigned moved = 0;

	assert_ok(rig_set_edge_mode(rig, 4, RIG_HOLD));
	assert_ok(rig_set_edge_mode(rig, 9, RIG_CUT));
	drive_both(rig);
	assert_ok(rig_clamp(rig, clamp_V, 3));
	for (uint64_t step = 0; step < 40; step++) {
		read_wipers(rig, before);
		assert_ok(rig_mark_step(rig, step));
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &edges));
		for (int j = 0; j < N_EDGES; j++) {
			int u = updated[j / 8] >> j % 8 & 1, up = raised[j / 8] >> j % 8 & 1;

			assert_int_equal(wiper[j], before[j] + (u ? (up ? 1 : -1) : 0));
			moved += (unsigned)u;
		}
		assert_int_equal(wiper[4], 63);
		assert_int_equal(wiper[9], 63);
	}
	assert_true(moved > 40 * 14 * rig_of(state)->p * 0.8);
	rig_close(rig);
}

static void wipers_stop_at_their_ends(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES], updated[N_MASK];
	struct rig_edges edges = {.wiper = wiper, .updated = updated};
	unsigned at_end = 0;

	for (int end = 0; end < 2; end++) {
		memset(wiper, end ? 127 : 0, N_EDGES);
		assert_ok(rig_write_edges(rig, wiper, N_EDGES));
		assert_ok(rig_set_update(rig, 1, 0));
		drive_both(rig);
		assert_ok(rig_clamp(rig, target_V, 3));
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &edges));
		assert_int_equal(updated[0] & updated[1], 0xFF);
		for (int j = 0; j < N_EDGES; j++) {
			at_end += wiper[j] == (end ? 127 : 0);
			assert_true(wiper[j] == (end ? 127 : 0) || wiper[j] == (end ? 126 : 1));
		}
	}
	assert_true(at_end > 0); /* some did want to go on */
	rig_close(rig);
}

static void wipers_are_read_as_written_and_homed(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES], seen[N_EDGES];

	for (int j = 0; j < N_EDGES; j++)
		wiper[j] = (uint8_t)(8 * j);
	assert_ok(rig_write_edges(rig, wiper, N_EDGES));
	begin(rig, 2);
	read_wipers(rig, seen);
	assert_memory_equal(seen, wiper, N_EDGES);
	assert_ok(rig_home(rig));
	read_wipers(rig, seen);
	for (int j = 0; j < N_EDGES; j++)
		assert_int_equal(seen[j], 63);
	rig_close(rig);
}

static void making_safe_drives_safe_volts_and_moves_no_tap(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], after[N_EDGES];
	struct trace t;
	double seen[N_NODES];

	step_by_hand(rig, 0, true, &t);
	read_wipers(rig, before);
	rig_interrupt(rig); /* an abort comes this way */
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	rig_clear_interrupt(rig);
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, seen));
	for (int i = 0; i < N_NODES; i++)
		assert_close(seen[i], 0, rig_of(state)->tolerance_V);
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, seen));
	for (int i = 0; i < N_NODES; i++)
		assert_close(seen[i], 0, rig_of(state)->tolerance_V);
	rig_close(rig);
}

/* ---- whole steps ---- */

static void a_whole_step_is_a_step_by_hand_to_the_bit(void **state)
{
	struct rig *whole = open_and_begin(state, 42), *hand = open_and_begin(state, 42);
	struct trace a, b;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	for (uint64_t step = 0; rig_info(whole)->whole_step && step < 200; step++) {
		bool clamp = step % 10 != 7;

		step_at_once(whole, step, clamp, &a);
		step_by_hand(hand, step, clamp, &b);
		if (memcmp(&a, &b, sizeof(a)))
			fail_msg("step %lu differs", (unsigned long)step);
	}
	rig_close(whole);
	rig_close(hand);
}

static void the_same_seed_gives_the_same_taps_and_another_does_not(void **state)
{
	struct rig *one = open_and_begin(state, 5), *same = open_and_begin(state, 5),
		   *other = open_and_begin(state, 6);
	struct trace a, b, c;
	bool differs = false;

	for (uint64_t step = 0; step < 100; step++) {
		step_by_hand(one, step, true, &a);
		step_by_hand(same, step, true, &b);
		step_by_hand(other, step, true, &c);
		assert_memory_equal(a.wiper, b.wiper, N_EDGES);
		differs |= memcmp(a.wiper, c.wiper, N_EDGES) != 0;
	}
	if (rig_of(state)->p < 1)
		assert_true(differs);
	rig_close(one);
	rig_close(same);
	rig_close(other);
}

static void a_set_is_evaluated_as_if_it_were_driven_and_measured(void **state)
{
	static const double set_V[] = {5, 1, 0, 0, 0, 5, 2, 2, 2};
	double tolerance = rig_of(state)->tolerance_V, at_once[9], one[3];
	uint8_t before[N_EDGES], after[N_EDGES];
	struct rig *rig = open_and_begin(state, 1);
	struct trace t;

	if (!rig_info(rig)->batch_evaluate) {
		rig_close(rig);
		return;
	}
	for (uint64_t step = 0; step < 20; step++)
		step_by_hand(rig, step, true, &t);
	read_wipers(rig, before);
	assert_ok(rig_evaluate(rig, 3, set_V, at_once));
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	assert_ok(rig_measure(rig, RIG_FREE, sources, 3, one)); /* what is driven stays */
	assert_close(one[0], source_V[0], tolerance);
	for (int i = 0; i < 3; i++) {
		assert_ok(rig_drive(rig, RIG_FREE, set_V + 3 * i, 3));
		assert_ok(rig_measure(rig, RIG_FREE, targets, 3, one));
		for (int k = 0; k < 3; k++)
			assert_close(at_once[3 * i + k], one[k], tolerance);
	}
	for (int k = 0; k < 3; k++)
		assert_close(at_once[6 + k], 2, tolerance); /* all sources at 2 V: all nodes are */
	rig_close(rig);
}

static void a_session_may_have_no_targets(void **state)
{
	const struct rig_session session = {sources, 3, NULL, 0, all_nodes, N_NODES, 1};
	const struct rig_request request = {
		.source_V = source_V, .eta = 0.5, .ticks = 1, .clamp = true};
	double free_V[N_NODES], clamped_V[N_NODES];
	uint8_t wiper[N_EDGES], updated[N_MASK];
	struct rig_record record = {
		.free_V = free_V, .clamped_V = clamped_V, .wiper = wiper, .updated = updated};
	struct rig *rig = open_rig(rig_of(state));

	assert_ok(rig_begin(rig, &session));
	drive_both(rig);
	assert_ok(rig_clamp(rig, NULL, 0));
	assert_ok(rig_tick(rig));
	if (rig_info(rig)->whole_step)
		assert_ok(rig_step(rig, &request, &record));
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, free_V));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, clamped_V));
	for (int i = 0; i < N_NODES; i++)
		assert_close(clamped_V[i], free_V[i], rig_of(state)->tolerance_V + 0.05);
	rig_close(rig);
}

/* ---- all of it on all of them ---- */

static const struct CMUnitTest contract[] = {
	cmocka_unit_test(what_needs_a_session_is_refused_before_one),
	cmocka_unit_test(a_refused_voltage_is_named_and_leaves_the_output_alone),
	cmocka_unit_test(wrong_counts_nodes_edges_and_settings_are_refused),
	cmocka_unit_test(a_whole_step_with_wrong_numbers_is_refused_and_moves_nothing),
	cmocka_unit_test(a_nudge_a_little_outside_is_set_to_the_limit_and_flagged),
	cmocka_unit_test(settling_takes_at_least_its_time_on_the_rigs_clock),
	cmocka_unit_test(an_interrupt_ends_waits_and_steps_until_it_is_cleared),
	cmocka_unit_test(an_interrupt_ends_a_wait_in_progress),
	cmocka_unit_test(a_clamp_holds_its_targets_until_it_is_let_go),
	cmocka_unit_test(a_cut_edge_carries_no_current),
	cmocka_unit_test(a_cut_that_lets_a_target_float_is_refused_and_undone),
	cmocka_unit_test(each_learning_edge_that_updates_moves_by_one_and_no_other_does),
	cmocka_unit_test(wipers_stop_at_their_ends),
	cmocka_unit_test(wipers_are_read_as_written_and_homed),
	cmocka_unit_test(making_safe_drives_safe_volts_and_moves_no_tap),
	cmocka_unit_test(a_whole_step_is_a_step_by_hand_to_the_bit),
	cmocka_unit_test(the_same_seed_gives_the_same_taps_and_another_does_not),
	cmocka_unit_test(a_set_is_evaluated_as_if_it_were_driven_and_measured),
	cmocka_unit_test(a_session_may_have_no_targets),
};

#define N_RIGS     (sizeof(rigs) / sizeof(rigs[0]))
#define N_CONTRACT (sizeof(contract) / sizeof(contract[0]))

int main(int argc, char **argv)
{
	struct CMUnitTest tests[N_RIGS * N_CONTRACT];
	char name[N_RIGS * N_CONTRACT][128];
	size_t n = 0;

	for (size_t i = 0; i < N_RIGS; i++) {
		if (argc > 1 && strcmp(argv[1], rigs[i].name))
			continue;
		for (size_t k = 0; k < N_CONTRACT; k++, n++) {
			snprintf(name[n], sizeof(name[n]), "%s: %s", rigs[i].name,
				 contract[k].name);
			tests[n] = contract[k];
			tests[n].name = name[n];
			tests[n].initial_state = (void *)(uintptr_t)&rigs[i];
		}
	}
	if (!n) {
		fprintf(stderr, "no rig '%s' here\n", argv[1]);
		return 2;
	}
	return _cmocka_run_group_tests("contract", tests, n, NULL, NULL);
}
