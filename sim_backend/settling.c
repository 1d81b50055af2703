/* sim_backend/settling.c - drawn-out settling of the DAQ: a reading approaches the voltage. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/settling.h"

struct settling {
	size_t n;
	double tau_s;
	int64_t changed_ns, read_ns[2]; /* by side */
	double *reading_V[2], *node_V[2];
};

static void nothing_yet(double *volts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		volts[i] = NAN;
}

int settling_new(size_t n_nodes, struct settling **ret)
{
	struct settling *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->n = n_nodes;
	for (int side = 0; side < 2; side++) {
		s->reading_V[side] = calloc(n_nodes + 1, sizeof(double));
		s->node_V[side] = calloc(n_nodes + 1, sizeof(double));
		if (!s->reading_V[side] || !s->node_V[side]) {
			settling_free(s);
			return -ENOMEM;
		}
		nothing_yet(s->reading_V[side], n_nodes);
		nothing_yet(s->node_V[side], n_nodes);
	}
	*ret = s;
	return 0;
}

void settling_free(struct settling *s)
{
	if (!s)
		return;
	for (int side = 0; side < 2; side++) {
		free(s->reading_V[side]);
		free(s->node_V[side]);
	}
	free(s);
}

void settling_set(struct settling *s, double tau_s)
{
	s->tau_s = tau_s;
}

void settling_changed(struct settling *s, int64_t now_ns)
{
	s->changed_ns = now_ns;
}

/* What is left of the distance after so long; a reading that was never made, or floated, is there at once. */
static void approach(double *reading_V, const double *node_V, size_t n, double left)
{
	for (size_t i = 0; i < n; i++)
		reading_V[i] = isnan(reading_V[i]) ? node_V[i]
						   : node_V[i] + (reading_V[i] - node_V[i]) * left;
}

static double left_after(const struct settling *s, int64_t from_ns, int64_t to_ns)
{
	return s->tau_s > 0 ? exp(-1e-9 * (double)(to_ns - from_ns) / s->tau_s) : 0;
}

const double *settling_read(struct settling *s, enum rig_side side, int64_t now_ns,
			    const double *node_V)
{
	double *reading_V = s->reading_V[side];
	int64_t from_ns = s->read_ns[side];

	if (s->changed_ns > from_ns) {
		approach(reading_V, s->node_V[side], s->n, left_after(s, from_ns, s->changed_ns));
		from_ns = s->changed_ns;
	}
	approach(reading_V, node_V, s->n, left_after(s, from_ns, now_ns));
	memcpy(s->node_V[side], node_V, s->n * sizeof(*node_V));
	s->read_ns[side] = now_ns;
	return reading_V;
}
