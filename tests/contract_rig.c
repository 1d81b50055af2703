/* tests/contract_rig.c - what any rig must do, through drivers/rig.h alone.  `contract_rig [RIG]` runs it on one,
 * `contract_rig bench FILE` on the bench of a rig file.
 *
 * A new rig joins by a row in rigs[]: a configuration of king9_16, and how well it measures.
 */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rig_file.h"
#include "sim_backend/network.h"
#include "tests/contract_rig.h"

#define SIM_BANK .farad = 2.2e-9, .rest_s = 0.02

static const struct contract_rig rigs[] = {
	{.name = "sim-ideal", .tolerance_V = 1e-9, .p = 1, SIM_BANK},
	{.name = "sim-noisy",
	 .tolerance_V = 0.05,
	 .p = 0.5,
	 SIM_BANK,
	 .sim = {.comparator = SIM_XOR,
		 .bias_V = {0, 0.02},
		 .comparator_noise_V = 0.003,
		 .measure_noise_V = 0.001,
		 .daq_bits = 12,
		 .r_tolerance = 0.1}},
	{.name = "sim-apart",
	 .tolerance_V = 0.02,
	 .p = 0.9,
	 SIM_BANK,
	 .sim = {.comparator_noise_V = 0.003,
		 .bias_V = {-0.01, 0.01},
		 .drawn = SIM_DRAWN_EDGE,
		 .twin_mismatch = 0.05,
		 .twin_source_offset_V = 0.005}},
	{.name = "sim-real",
	 .tolerance_V = 1e-9,
	 .p = 1,
	 SIM_BANK,
	 .sim = {.comparator = SIM_XOR_CLAMPED, .clock = SIM_REAL}},
};

/* two codes of a card of 16 bits over 10 V, and its read-outs' */
static const struct contract_rig bench = {.name = "bench",
					  .tolerance_V = 0.002,
					  .p = 1,
					  .farad = 2.2e-6,
					  .rest_s = 2,
					  .switched_at_safe_volts = true};

/* A bank of two, and limits with the place that the tests know. */
static struct rig_config *config_of_file(const struct contract_rig *which)
{
	struct rig_config *config;
	struct problem p = {0};
	json_t *json;

	if (rig_file_load(which->file, &config, &json, &p) < 0)
		fail_msg("%s", p.message);
	json_decref(json);
	snprintf(config->limits.where, sizeof(config->limits.where), "here.yaml:7");
	config->n_capacitance = 2;
	return config;
}

static struct rig_config *config_of_sim(const struct contract_rig *which)
{
	struct rig_config *config = calloc(1, sizeof(*config));
	struct network_error why;

	*config = (struct rig_config){
		.name = "contract",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, "here.yaml:7"},
		.r0_ohm = 1e4,
		.sim = which->sim};
	config->capacitance_F = calloc(2, sizeof(double));
	config->capacitance_F[1] = which->farad;
	config->n_capacitance = 2;
	assert_ok(network_shipped("king9_16", &config->network, &why));
	return config;
}

/* A real rig keeps what the test before did to it; a simulated one is new. */
struct rig *open_rig(const struct contract_rig *which)
{
	struct rig_config *config = which->file ? config_of_file(which) : config_of_sim(which);
	struct rig_error err;
	struct rig *rig;

	if (rig_open(config, &rig, &err) < 0)
		fail_msg("%s", err.text);
	rig_config_free(config); /* what the rig keeps, it has copied */
	if (which->file) {
		assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
		assert_ok(rig_home(rig));
		assert_ok(rig_set_capacitance(rig, 0));
	}
	return rig;
}

void begin(struct rig *rig, uint64_t seed)
{
	const struct rig_session session = {.sources = sources,
					    .n_sources = 3,
					    .targets = targets,
					    .n_targets = 3,
					    .measured = all_nodes,
					    .n_measured = N_NODES,
					    .seed = seed};

	assert_ok(rig_begin(rig, &session));
}

const struct contract_rig *rig_of(void **state)
{
	return *state;
}

bool is_there_once(void **state)
{
	return rig_of(state)->file != NULL;
}

struct rig *open_and_begin(void **state, uint64_t seed)
{
	struct rig *rig = open_rig(rig_of(state));

	begin(rig, seed);
	assert_ok(rig_set_update(rig, rig_of(state)->p, 0));
	return rig;
}

void drive_both(struct rig *rig)
{
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 3));
	assert_ok(rig_drive(rig, RIG_CLAMPED, source_V, 3));
}

void read_wipers(struct rig *rig, uint8_t *wiper)
{
	struct rig_edges edges = {.wiper = wiper};

	assert_ok(rig_read_edges(rig, &edges));
}

void assert_says(struct rig *rig, int got, int want, const char *words)
{
	const char *text = rig_error(rig)->text;

	if (got != want || !strstr(text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", got, text, want, words);
}

void step_by_hand(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	struct rig_edges edges = {.wiper = t->wiper, .updated = t->updated, .raised = t->raised};

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

/* ---- all of it on all of them ---- */

#define N_RIGS (sizeof(rigs) / sizeof(rigs[0]))
#define N_MOST 64 /* tests on one rig */

static const struct contract_part *const parts[] = {&contract_refusals, &contract_networks,
						    &contract_steps, &contract_charge};

static size_t list_tests(struct CMUnitTest *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (size_t k = 0; k < parts[i]->n; k++) {
			assert(n < N_MOST);
			ret[n++] = parts[i]->tests[k];
		}
	return n;
}

static int run(const struct contract_rig *which, size_t n_rigs)
{
	struct CMUnitTest contract[N_MOST], tests[N_RIGS * N_MOST];
	char name[N_RIGS * N_MOST][128];
	size_t n_contract = list_tests(contract), n = 0;

	for (size_t i = 0; i < n_rigs; i++)
		for (size_t k = 0; k < n_contract; k++, n++) {
			snprintf(name[n], sizeof(name[n]), "%s: %s", which[i].name,
				 contract[k].name);
			tests[n] = contract[k];
			tests[n].name = name[n];
			tests[n].initial_state = (void *)(uintptr_t)&which[i];
		}
	return _cmocka_run_group_tests("contract", tests, n, NULL, NULL);
}

int main(int argc, char **argv)
{
	struct contract_rig real = bench;

	if (argc == 1)
		return run(rigs, N_RIGS);
	if (argc == 3 && !strcmp(argv[1], bench.name)) {
		real.file = argv[2];
		return run(&real, 1);
	}
	for (size_t i = 0; i < N_RIGS; i++)
		if (!strcmp(argv[1], rigs[i].name))
			return run(&rigs[i], 1);
	fprintf(stderr, "no rig '%s' here\n", argv[1]);
	return 2;
}
