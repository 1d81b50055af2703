/* sim_backend/leads.c - what stands between an output and its node. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig_impl.h"
#include "sim_backend/leads.h"

struct leads {
	const struct network *net;
	size_t n_outputs, n_bad, n_floating;
	uint32_t *output;   /* [n_outputs] nodes, sources first */
	uint32_t *floating; /* [n_floating] nodes */
	uint32_t *group;    /* [n_nodes] while it is made */
	bool *lives;        /* [n_nodes] of a group's root: a source reaches it */
	uint8_t *cut;       /* [n_edges] */
	uint32_t *bad;      /* [n_bad] outputs, ascending */
	double *inner_S;    /* [n_bad] 1 / r */
	double *matrix;     /* [n_bad][n_bad] 1 / r + dI/dx */
	double *excess_A;   /* [n_bad] I(V) */
	double *unit_V;     /* [n_outputs] */
	double *node_V;     /* [n_nodes] */
};

/* ---- made once ---- */

static uint32_t root_of(uint32_t *group, uint32_t v)
{
	while (group[v] != v)
		v = group[v] = group[group[v]];
	return v;
}

static void connect(struct leads *l, size_t n_sources, const double *inner_ohm)
{
	const struct network *net = l->net;

	for (uint32_t v = 0; v < net->n_nodes; v++)
		l->group[v] = v;
	for (size_t j = 0; j < net->n_edges; j++)
		if (!l->cut[j])
			l->group[root_of(l->group, net->a[j])] = root_of(l->group, net->b[j]);
	for (size_t i = 0; i < n_sources; i++)
		if (isfinite(inner_ohm[i]))
			l->lives[root_of(l->group, l->output[i])] = true;
	for (uint32_t v = 0; v < net->n_nodes; v++)
		if (!l->lives[root_of(l->group, v)])
			l->floating[l->n_floating++] = v;
}

/* What holds nothing at all needs no voltage: only bad leads in parts that live are solved for. */
static void list_bad(struct leads *l, const double *inner_ohm)
{
	for (uint32_t i = 0; i < l->n_outputs; i++) {
		if (inner_ohm[i] == 0 || !l->lives[root_of(l->group, l->output[i])])
			continue;
		l->bad[l->n_bad] = i;
		l->inner_S[l->n_bad++] = 1 / inner_ohm[i];
	}
}

static int refuse_floating(struct leads *l, size_t n_sources, struct rig_error *err)
{
	char names[128];
	size_t n_text = 0, n_lost = 0;
	long first = -1;

	for (size_t i = n_sources; i < l->n_outputs; i++) {
		uint32_t node = l->output[i];

		if (l->lives[root_of(l->group, node)])
			continue;
		if (n_text < sizeof(names))
			n_text += (size_t)snprintf(names + n_text, sizeof(names) - n_text,
						   n_lost++ ? ", %u" : "%u", node);
		first = first < 0 ? (long)node : first;
	}
	if (first < 0)
		return 0;
	rig_fail(err, -ENOTCONN, "target node %s: no path to a source: a wire is off (sim.faults)",
		 names);
	err->node = first;
	return -ENOTCONN;
}

static bool allocate(struct leads *l)
{
	size_t n = l->net->n_nodes, m = l->n_outputs + 1;

	l->output = calloc(m, sizeof(*l->output));
	l->floating = calloc(n, sizeof(*l->floating));
	l->group = calloc(n, sizeof(*l->group));
	l->lives = calloc(n, sizeof(*l->lives));
	l->cut = calloc(l->net->n_edges, 1);
	l->bad = calloc(m, sizeof(*l->bad));
	l->inner_S = calloc(m, sizeof(double));
	l->matrix = calloc(m * m, sizeof(double));
	l->excess_A = calloc(m, sizeof(double));
	l->unit_V = calloc(m, sizeof(double));
	l->node_V = calloc(n, sizeof(double));
	return l->output && l->floating && l->group && l->lives && l->cut && l->bad && l->inner_S &&
	       l->matrix && l->excess_A && l->unit_V && l->node_V;
}

int leads_new(const struct network *net, const struct rig_session *session, const double *inner_ohm,
	      const uint8_t *cut, struct leads **ret, struct rig_error *err)
{
	struct leads *l = calloc(1, sizeof(*l));
	size_t n = session->n_sources;
	int r;

	if (l) {
		l->net = net;
		l->n_outputs = n + session->n_targets;
	}
	if (!l || !allocate(l)) {
		leads_free(l);
		return rig_fail(err, -ENOMEM, "out of memory for a fault");
	}
	for (size_t i = 0; i < l->n_outputs; i++)
		l->output[i] = i < n ? session->sources[i] : session->targets[i - n];
	memcpy(l->cut, cut, net->n_edges);
	connect(l, n, inner_ohm);
	list_bad(l, inner_ohm);
	r = refuse_floating(l, n, err);
	if (r < 0)
		leads_free(l);
	else
		*ret = l;
	return r;
}

void leads_free(struct leads *l)
{
	if (!l)
		return;
	free(l->output);
	free(l->floating);
	free(l->group);
	free(l->lives);
	free(l->cut);
	free(l->bad);
	free(l->inner_S);
	free(l->matrix);
	free(l->excess_A);
	free(l->unit_V);
	free(l->node_V);
	free(l);
}

size_t leads_floating(const struct leads *l, const uint32_t **nodes)
{
	*nodes = l->floating;
	return l->n_floating;
}

/* ---- voltages ---- */

/* The current that each of the first n bad outputs' nodes sends into the network, into ret[i * stride]. */
static void currents(const struct leads *l, const double *g, size_t n, const double *node_V,
		     double *ret, size_t stride)
{
	for (size_t k = 0; k < n; k++)
		ret[k * stride] = 0;
	for (size_t j = 0; j < l->net->n_edges; j++) {
		uint32_t a = l->net->a[j], b = l->net->b[j];

		for (size_t k = 0; k < n && !l->cut[j]; k++) {
			uint32_t node = l->output[l->bad[k]];

			if (a == node || b == node)
				ret[k * stride] += g[j] * (node == a ? node_V[a] - node_V[b]
								     : node_V[b] - node_V[a]);
		}
	}
}

/* matrix [n][n of stride], positive definite: Gauss without pivoting; the solution is left in rhs. */
static void eliminate(double *matrix, size_t stride, size_t n, double *rhs)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = k + 1; i < n; i++) {
			double factor = matrix[i * stride + k] / matrix[k * stride + k];

			for (size_t j = k; j < n; j++)
				matrix[i * stride + j] -= factor * matrix[k * stride + j];
			rhs[i] -= factor * rhs[k];
		}
	for (size_t k = n; k-- > 0;) {
		for (size_t j = k + 1; j < n; j++)
			rhs[k] -= matrix[k * stride + j] * rhs[j];
		rhs[k] /= matrix[k * stride + k];
	}
}

void leads_bend(struct leads *l, const double *g, size_t n_held, double *held_V, leads_solve *solve,
		void *arg, double *ret_node_V)
{
	size_t n = 0, stride = l->n_bad;

	while (n < l->n_bad && l->bad[n] < n_held)
		n++;
	solve(arg, held_V, ret_node_V);
	currents(l, g, n, ret_node_V, l->excess_A, 1);
	for (size_t k = 0; k < n; k++) {
		memset(l->unit_V, 0, n_held * sizeof(double));
		l->unit_V[l->bad[k]] = 1;
		solve(arg, l->unit_V, l->node_V);
		currents(l, g, n, l->node_V, l->matrix + k, stride);
		l->matrix[k * stride + k] += l->inner_S[k];
	}
	eliminate(l->matrix, stride, n, l->excess_A);
	for (size_t k = 0; k < n; k++)
		held_V[l->bad[k]] -= l->excess_A[k];
	if (n)
		solve(arg, held_V, ret_node_V);
	for (size_t i = 0; i < l->n_floating; i++)
		ret_node_V[l->floating[i]] = NAN;
}
