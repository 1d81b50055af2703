/* tests/unit/world_lab.c - a world of docs/experiments/bench16.yaml. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rig_file.h"
#include "tests/check.h"
#include "tests/unit/world_lab.h"

void lab_load(struct lab *lab)
{
	const char *top = getenv("srcdir");
	struct problem p;
	json_t *json;
	char path[4096];

	snprintf(path, sizeof(path), "%s/docs/experiments/bench16.yaml", top ? top : ".");
	if (rig_file_load(path, &lab->config, &json, &p) < 0)
		fail_msg("%s", p.message);
	json_decref(json);
	lab->now_ns = 1000 * MS;
}

void lab_begin(struct lab *lab, uint64_t seed)
{
	struct world_error err;

	if (world_new(lab->config, seed, lab->now_ns, &lab->world, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < world_boards(lab->world); i++) {
		world_board_heard(lab->world, i, lab->now_ns);
		lab_write(lab, i, BOARD_EDGE + BOARD_EDGE_MODE, BOARD_LEARN);
	}
	world_set_line(lab->world, 0, true, lab->now_ns);
	world_clear_counts(lab->world);
}

void lab_end(struct lab *lab)
{
	world_free(lab->world);
	rig_config_free(lab->config);
}

void lab_connect(struct lab *lab, int side, unsigned node, bool on)
{
	world_set_line(lab->world, (side == RIG_FREE ? 1 : 10) + node, on, lab->now_ns);
}

void lab_drive(struct lab *lab, unsigned node, double volts)
{
	world_set_output(lab->world, node, volts, lab->now_ns);
}

void lab_tick(struct lab *lab)
{
	lab->now_ns += MS;
	world_set_line(lab->world, 0, false, lab->now_ns);
	lab->now_ns += MS;
	world_set_line(lab->world, 0, true, lab->now_ns);
}

uint16_t lab_read(struct lab *lab, size_t board, uint16_t at)
{
	uint16_t value;

	assert_int_equal(world_board_read(lab->world, board, at, 1, lab->now_ns, &value), 0);
	return value;
}

void lab_write(struct lab *lab, size_t board, uint16_t at, uint16_t value)
{
	assert_int_equal(world_board_write(lab->world, board, at, 1, lab->now_ns, &value), 0);
}

void lab_fault(struct lab *lab, const struct world_fault *fault)
{
	struct world_error err;

	if (world_fault(lab->world, fault, lab->now_ns, &err) < 0)
		fail_msg("%s", err.text);
}

struct world_counts lab_counts(const struct lab *lab)
{
	struct world_counts counts;

	world_counts(lab->world, &counts);
	return counts;
}

void lab_conductances(const struct lab *lab, const uint8_t *taps, double *ret_g)
{
	(void)lab;
	for (size_t j = 0; j < EDGES; j++)
		ret_g[j] = 1 / ((taps[j] + 1) * 781.25);
}
