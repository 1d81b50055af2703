/* tests/fuzz/fuzz_calibration.c - a calibration's values, as a database has them, and what they make of p. */
#include "config.h"

#include <math.h>

#include "daemon/calibration.h"
#include "tests/fuzz/fuzz.h"

static const struct rig_info bench = {
	.name = "b",
	.backend = "bench",
	.n_edges = 3,
	.bias = true,
	.bias_always_V = 0,
	.bias_never_V = 5,
};

static void look(const struct calibration *k)
{
	struct problem p = {0};
	double bias_V;

	for (int i = 0; i <= 8; i++) {
		if (calibration_bias(k, &bench, i / 8.0, &bias_V, &p) < 0)
			FUZZ_MUST(p.message[0]);
		problem_clear(&p);
	}
	for (size_t i = 0; i < k->n_curve; i++) /* p goes one way: down, as the rails say */
		FUZZ_MUST(i == 0 || !(k->curve[i].p > k->curve[i - 1].p));
	for (size_t j = 0; k->noise_V && j < bench.n_edges; j++)
		FUZZ_MUST(!isnan(k->noise_V[j]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"p", "edges", "daq", "settle"};
	json_t *values = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
	struct calibration k = {0};
	struct problem p = {0};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (calibration_take(&k, kinds[i], values, &bench, &p) < 0)
			FUZZ_MUST(p.code != 0 && p.message[0]);
		problem_clear(&p);
	}
	look(&k);
	calibration_clear(&k);
	json_decref(values);
	return 0;
}
