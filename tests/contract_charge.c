/* tests/contract_charge.c - what any rig with a bank of capacitors does, as far as any rig can show it. */
#include "config.h"

#include <errno.h>

#include "tests/contract_rig.h"

struct view {
	double V[2][N_NODES];
};

static struct view look(struct rig *rig)
{
	struct view v;

	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, v.V[RIG_FREE]));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, v.V[RIG_CLAMPED]));
	return v;
}

/* The noise of a reading is its step's and node's own, so that two rigs of one kind have the same. */
static void assert_alike(const struct view *a, const struct view *b, double tolerance_V)
{
	for (int i = 0; i < N_NODES; i++) {
		assert_close(a->V[RIG_FREE][i], b->V[RIG_FREE][i], tolerance_V);
		assert_close(a->V[RIG_CLAMPED][i], b->V[RIG_CLAMPED][i], tolerance_V);
	}
}

static void uneven_taps(struct rig *rig)
{
	uint8_t wiper[N_EDGES];

	for (size_t j = 0; j < N_EDGES; j++)
		wiper[j] = (uint8_t)(7 * j + 3);
	assert_ok(rig_write_edges(rig, wiper, N_EDGES));
}

static void charge_comes_to_rest_where_it_would_be_without_capacitors(void **state)
{
	const struct contract_rig *which = rig_of(state);
	struct rig *charged, *plain, *both[2];
	struct view a, b;

	if (is_there_once(state))
		return;
	both[0] = charged = open_and_begin(state, 1);
	both[1] = plain = open_and_begin(state, 1);
	assert_ok(rig_set_capacitance(charged, which->farad));
	for (int clamped = 0; clamped < 2; clamped++) {
		for (int i = 0; i < 2; i++) {
			uneven_taps(both[i]);
			drive_both(both[i]);
			assert_ok(rig_clamp(both[i], target_V, clamped ? 3 : 0));
			assert_ok(rig_settle(both[i], which->rest_s));
		}
		a = look(charged);
		b = look(plain);
		assert_alike(&a, &b, which->tolerance_V);
		assert_ok(rig_home(charged));
		assert_ok(rig_settle(charged, which->rest_s));
	}
	rig_close(charged);
	rig_close(plain);
}

static void a_change_of_capacitance_at_rest_shows_nowhere(void **state)
{
	const struct contract_rig *which = rig_of(state);
	struct rig *rig = open_and_begin(state, 1);
	struct view before, after;

	uneven_taps(rig);
	drive_both(rig);
	assert_ok(rig_clamp(rig, target_V, 3));
	assert_ok(rig_settle(rig, which->rest_s));
	before = look(rig);
	assert_ok(rig_set_capacitance(rig, which->farad));
	if (which->switched_at_safe_volts)
		assert_ok(rig_settle(rig, which->rest_s));
	after = look(rig);
	assert_alike(&before, &after, which->tolerance_V);
	assert_ok(rig_settle(rig, which->rest_s));
	after = look(rig);
	assert_alike(&before, &after, which->tolerance_V);
	assert_ok(rig_set_capacitance(rig, 0));
	after = look(rig);
	assert_alike(&before, &after, which->tolerance_V);
	rig_close(rig);
}

static void a_bad_capacitance_is_refused_and_changes_nothing(void **state)
{
	struct rig *rig = open_and_begin(state, 1);

	assert_says(rig, rig_set_capacitance(rig, -2.2e-9), -ERANGE, "no capacitor of -2.2e-09 F");
	assert_says(rig, rig_set_capacitance(rig, NAN), -EINVAL, "no capacitor of nan F");
	assert_says(rig, rig_set_capacitance(rig, 1.0), -ERANGE, "in the bank of 2");
	rig_close(rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(charge_comes_to_rest_where_it_would_be_without_capacitors),
	cmocka_unit_test(a_change_of_capacitance_at_rest_shows_nowhere),
	cmocka_unit_test(a_bad_capacitance_is_refused_and_changes_nothing),
};

const struct contract_part contract_charge = {tests, sizeof(tests) / sizeof(tests[0])};
