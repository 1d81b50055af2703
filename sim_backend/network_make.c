/* sim_backend/network_make.c - networks made on the spot: lattices, and who reads their names. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network_make.h"

#define MOST_NODES 100000000u

__attribute__((format(printf, 3, 4))) static int refuse(const char *name, struct network_error *err,
							const char *format, ...)
{
	size_t size = sizeof(err->text);
	size_t n = (size_t)snprintf(err->text, size, "%.64s: ", name);
	va_list args;

	va_start(args, format);
	vsnprintf(err->text + n, size - n, format, args);
	va_end(args);
	return -EINVAL;
}

/* A whole number from `least` to MOST_NODES; moves *at behind it.  0: there is none. */
static size_t read_count(const char **at, size_t least)
{
	char *end;
	unsigned long long value;

	if (**at < '0' || **at > '9')
		return 0;
	value = strtoull(*at, &end, 10);
	*at = end;
	return value >= least && value <= MOST_NODES ? (size_t)value : 0;
}

static int finish(struct network *net, const char *name, struct network **ret,
		  struct network_error *err)
{
	if (!net) {
		refuse(name, err, "out of memory");
		return -ENOMEM;
	}
	*ret = net;
	return 0;
}

/* ---- lattices ---- */

struct lattice {
	size_t size
		[3]; /* columns, rows, layers; node = column + row size[0] + layer size[0] size[1] */
	bool periodic;
};

/* All edges of one direction after those of another, each in the order of its first node. */
static size_t join(const struct lattice *of, size_t direction, struct network *net, size_t n_edges)
{
	size_t n = of->size[0] * of->size[1] * of->size[2], stride = 1;

	for (size_t d = 0; d < direction; d++)
		stride *= of->size[d];
	for (size_t v = 0; v < n; v++) {
		bool last = v / stride % of->size[direction] == of->size[direction] - 1;

		if (last && !of->periodic)
			continue;
		if (net) {
			net->a[n_edges] = (uint32_t)v;
			net->b[n_edges] = (uint32_t)(last ? v - stride * (of->size[direction] - 1)
							  : v + stride);
		}
		n_edges++;
	}
	return n_edges;
}

static size_t join_all(const struct lattice *of, struct network *net)
{
	size_t n_edges = 0;

	for (size_t direction = 0; direction < 3; direction++)
		if (of->size[direction] > 1)
			n_edges = join(of, direction, net, n_edges);
	return n_edges;
}

/* Row 0 is at the top; layers recede to the right and upwards. */
static struct network *make_lattice(const struct lattice *of)
{
	size_t columns = of->size[0], rows = of->size[1], n = columns * rows * of->size[2];
	struct network *net = network_alloc(n, join_all(of, NULL));

	if (!net)
		return NULL;
	join_all(of, net);
	for (size_t v = 0; v < n; v++) {
		double layer = (double)(v / (columns * rows));

		net->x[v] = (double)(v % columns) + 0.4 * layer;
		net->y[v] = (double)(rows - 1 - v / columns % rows) + 0.3 * layer;
	}
	return net;
}

/* "NxM": N rows of M nodes. */
static int make_plane(const char *name, const char *at, bool periodic, struct network **ret,
		      struct network_error *err)
{
	size_t least = periodic ? 3 : 1, rows = read_count(&at, least), columns = 0;
	struct lattice of = {.periodic = periodic};

	if (rows && *at == 'x') {
		at++;
		columns = read_count(&at, least);
	}
	if (!columns || *at || rows * columns < 2 || rows * columns > MOST_NODES)
		return refuse(name, err,
			      "after the colon stands NxM, N rows of M nodes, each %zu or more, "
			      "2 to %u nodes in all",
			      least, MOST_NODES);
	of.size[0] = columns;
	of.size[1] = rows;
	of.size[2] = 1;
	return finish(make_lattice(&of), name, ret, err);
}

static int make_square(const char *name, const char *at, struct network **ret,
		       struct network_error *err)
{
	return make_plane(name, at, false, ret, err);
}

static int make_torus(const char *name, const char *at, struct network **ret,
		      struct network_error *err)
{
	return make_plane(name, at, true, ret, err);
}

static int make_cubic(const char *name, const char *at, struct network **ret,
		      struct network_error *err)
{
	size_t n = read_count(&at, 2);
	struct lattice of = {{n, n, n}, false};

	if (!n || *at || n > 464)
		return refuse(name, err, "after the colon stands N, 2 to 464: N x N x N nodes");
	return finish(make_lattice(&of), name, ret, err);
}

/* ---- disorder ---- */

static int make_disordered(const char *name, const char *at, struct network **ret,
			   struct network_error *err)
{
	size_t n = read_count(&at, 2);
	uint64_t seed = 1;
	double degree = NAN, tree;
	char *end;

	if (!n || *at != ',' || at[1] < '0' || at[1] > '9')
		return refuse(name, err,
			      "after the colon stands N,z or N,z,seed: 2 to %u nodes, their mean "
			      "degree, and which of those networks",
			      MOST_NODES);
	degree = strtod(at + 1, &end);
	if (*end == ',' && end[1] >= '0' && end[1] <= '9')
		seed = strtoull(end + 1, &end, 10);
	if (*end)
		return refuse(name, err, "'%.32s' behind the mean degree is no seed", end);
	tree = 2 * (double)(n - 1) / (double)n;
	if (!(degree >= tree - 0.005 && degree <= (double)(n - 1)))
		return refuse(name, err,
			      "the mean degree of %zu connected nodes is from %.2f to %zu", n, tree,
			      n - 1);
	return finish(network_disordered(
			      n, (size_t)fmax(rint(degree * (double)n / 2), (double)(n - 1)), seed),
		      name, ret, err);
}

int network_make(const char *name, struct network **ret, struct network_error *err)
{
	static const struct {
		const char *word;
		int (*make)(const char *name, const char *at, struct network **ret,
			    struct network_error *err);
	} kinds[] = {{"square:", make_square},
		     {"torus:", make_torus},
		     {"cubic:", make_cubic},
		     {"disordered:", make_disordered}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(name, kinds[i].word, strlen(kinds[i].word)))
			return kinds[i].make(name, name + strlen(kinds[i].word), ret, err);
	return refuse(name, err, "no such kind of network; there are " NETWORK_MAKE_NAMES);
}
