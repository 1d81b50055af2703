/* sim_backend/oscillators.c - a triangle wave for each edge, against the global bias voltage. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/oscillators.h"
#include "sim_backend/random.h"

struct oscillators {
	size_t n;
	double always_V, never_V;
	double *rate_per_s; /* [n] */
	double *phase;      /* [n] of a period, at time 0 */
};

int oscillators_new(const struct rig_config *config, size_t n, struct oscillators **ret)
{
	const struct sim_config *sim = &config->sim;
	struct oscillators *o = calloc(1, sizeof(*o));

	if (!o)
		return -ENOMEM;
	*o = (struct oscillators){n, config->bias_always_V, config->bias_never_V,
				  calloc(n + 1, sizeof(double)), calloc(n + 1, sizeof(double))};
	if (!o->rate_per_s || !o->phase) {
		oscillators_free(o);
		return -ENOMEM;
	}
	for (size_t j = 0; j < n; j++) {
		double off = 2 * random_uniform(sim->seed, RANDOM_PERIOD, j, 0) - 1;

		o->rate_per_s[j] =
			1 / (sim->oscillators.period_s * (1 + sim->oscillators.spread * off));
		o->phase[j] = random_uniform(sim->seed, RANDOM_PHASE, j, 0);
	}
	*ret = o;
	return 0;
}

void oscillators_free(struct oscillators *o)
{
	if (!o)
		return;
	free(o->rate_per_s);
	free(o->phase);
	free(o);
}

double oscillators_level(const struct oscillators *o, double p, double bias_V)
{
	double level = isnan(bias_V) ? 1 - p : (bias_V - o->always_V) / (o->never_V - o->always_V);

	return fmin(fmax(level, 0), 1);
}

double oscillators_wave(const struct oscillators *o, size_t edge, int64_t time_ns)
{
	double turns = (double)time_ns * 1e-9 * o->rate_per_s[edge] + o->phase[edge];

	return fabs(1 - 2 * (turns - floor(turns)));
}

void oscillators_compare(const struct oscillators *o, double level, int64_t time_ns, uint8_t *ret)
{
	if (level <= 0 || level >= 1) {
		memset(ret, level <= 0, o->n);
		return;
	}
	for (size_t j = 0; j < o->n; j++)
		ret[j] = oscillators_wave(o, j, time_ns) >= level;
}
