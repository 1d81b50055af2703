/* tests/unit/test_network_make.c - networks made on the spot have the sizes, ends and degrees that their names say. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network.h"
#include "tests/check.h"

static struct network *make(const char *name)
{
	struct network_error err;
	struct network *net;
	int r = network_shipped(name, &net, &err);

	if (r < 0)
		fail_msg("%s: %s", name, err.text);
	return net;
}

static uint32_t root_of(uint32_t *group, uint32_t v)
{
	while (group[v] != v)
		v = group[v] = group[group[v]];
	return v;
}

static size_t n_parts(const struct network *net)
{
	uint32_t *group = calloc(net->n_nodes, sizeof(*group));
	size_t n = 0;

	assert_non_null(group);
	for (uint32_t v = 0; v < net->n_nodes; v++)
		group[v] = v;
	for (size_t j = 0; j < net->n_edges; j++)
		group[root_of(group, net->a[j])] = root_of(group, net->b[j]);
	for (uint32_t v = 0; v < net->n_nodes; v++)
		n += group[v] == v;
	free(group);
	return n;
}

static bool joined(const struct network *net, uint32_t a, uint32_t b)
{
	for (size_t j = 0; j < net->n_edges; j++)
		if ((net->a[j] == a && net->b[j] == b) || (net->a[j] == b && net->b[j] == a))
			return true;
	return false;
}

static void networks_have_the_sizes_of_their_names_and_are_connected(void **state)
{
	static const struct {
		const char *name;
		size_t n_nodes, n_edges; /* (N-1) M + N (M-1); 2 N M; 3 N^2 (N-1); N z / 2 */
	} want[] = {{"square:30x30", 900, 1740},
		    {"square:3x5", 15, 22},
		    {"square:1x2", 2, 1},
		    {"torus:3x5", 15, 30},
		    {"torus:64x64", 4096, 8192},
		    {"cubic:2", 8, 12},
		    {"cubic:10", 1000, 2700},
		    {"disordered:64,4.47", 64, 143},
		    {"disordered:1000,5", 1000, 2500},
		    {"disordered:1000,2", 1000, 1000},
		    {"disordered:2,1", 2, 1},
		    {"disordered:9,8", 9, 36},
		    {"disordered:20000,4,7", 20000, 40000}};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct network *net = make(want[i].name);

		if (net->n_nodes != want[i].n_nodes || net->n_edges != want[i].n_edges ||
		    n_parts(net) != 1)
			fail_msg("%s: %zu nodes, %zu edges, %zu parts", want[i].name, net->n_nodes,
				 net->n_edges, n_parts(net));
		network_free(net);
	}
}

static void a_torus_of_4_by_4_is_the_shipped_one(void **state)
{
	struct network *made = make("torus:4x4"), *shipped = make("torus16_32");

	(void)state;
	assert_int_equal(made->n_edges, shipped->n_edges);
	for (size_t j = 0; j < made->n_edges; j++) {
		assert_int_equal(made->a[j], shipped->a[j]);
		assert_int_equal(made->b[j], shipped->b[j]);
	}
	for (size_t v = 0; v < made->n_nodes; v++) {
		assert_close(made->x[v], shipped->x[v], 0);
		assert_close(made->y[v], shipped->y[v], 0);
	}
	network_free(made);
	network_free(shipped);
}

/* Of a cube with nodes x + 3 y + 9 z the middle one, 13, has the six around it. */
static void the_middle_of_a_cube_has_six_neighbours(void **state)
{
	static const uint32_t around[] = {12, 14, 10, 16, 4, 22};
	struct network *net = make("cubic:3");
	size_t degree = 0;

	(void)state;
	for (size_t j = 0; j < net->n_edges; j++)
		degree += net->a[j] == 13 || net->b[j] == 13;
	assert_int_equal(degree, 6);
	for (size_t i = 0; i < 6; i++)
		assert_true(joined(net, 13, around[i]));
	network_free(net);
}

/* Edges join near nodes, across the box's border too: in a box of side 30 none is as long as 4, and without the
 * periodic images some would be nearly 30. */
static void disordered_nodes_are_joined_to_near_ones_across_the_border(void **state)
{
	struct network *net = make("disordered:900,4");
	double longest = 0, plain = 0, nearest = INFINITY;

	(void)state;
	for (size_t j = 0; j < net->n_edges; j++) {
		double dx = net->x[net->a[j]] - net->x[net->b[j]];
		double dy = net->y[net->a[j]] - net->y[net->b[j]];

		plain = fmax(plain, hypot(dx, dy));
		longest = fmax(longest, hypot(dx - 30 * rint(dx / 30), dy - 30 * rint(dy / 30)));
		nearest = fmin(nearest, hypot(dx - 30 * rint(dx / 30), dy - 30 * rint(dy / 30)));
		for (size_t k = 0; k < j; k++)
			assert_false(net->a[k] == net->a[j] && net->b[k] == net->b[j]);
	}
	print_message("# edges are %.2f to %.2f long\n", nearest, longest);
	assert_true(longest <
		    2); /* relaxed: no holes; unrelaxed random points have edges above 2 */
	assert_true(nearest > 0.5); /* and no clusters */
	assert_true(plain > 25);
	for (size_t v = 0; v < net->n_nodes; v++) {
		assert_true(net->x[v] >= 0 && net->x[v] < 30);
		assert_true(net->y[v] >= 0 && net->y[v] < 30);
	}
	network_free(net);
}

static size_t n_common(const struct network *a, const struct network *b)
{
	size_t n = 0;

	for (size_t j = 0; j < a->n_edges; j++)
		n += a->a[j] == b->a[j] && a->b[j] == b->b[j];
	return n;
}

static void disorder_is_the_same_for_the_same_seed_only(void **state)
{
	struct network *once = make("disordered:200,4"), *again = make("disordered:200,4,1"),
		       *other = make("disordered:200,4,2");

	(void)state;
	assert_int_equal(n_common(once, again), 400);
	assert_memory_equal(once->x, again->x, 200 * sizeof(double));
	assert_true(n_common(once, other) < 100);
	network_free(once);
	network_free(again);
	network_free(other);
}

static void wrong_names_are_refused_with_the_name_and_what_it_should_be(void **state)
{
	static const struct {
		const char *name, *why;
	} wrong[] = {
		{"square:0x5", "square:0x5: after the colon stands NxM"},
		{"square:5", "NxM"},
		{"square:5x", "NxM"},
		{"square:5x5x5", "NxM"},
		{"square:-5x5", "NxM"},
		{"square: 5x5", "NxM"},
		{"square:1x1", "2 to 100000000 nodes"},
		{"square:99999999999999999999x2", "2 to 100000000 nodes"},
		{"square:100000x100000", "2 to 100000000 nodes"},
		{"torus:2x5", "torus:2x5: after the colon stands NxM, N rows of M nodes, each 3"},
		{"cubic:1", "cubic:1: after the colon stands N, 2 to 464"},
		{"cubic:465", "2 to 464"},
		{"cubic:3x3", "2 to 464"},
		{"disordered:64", "disordered:64: after the colon stands N,z"},
		{"disordered:1,2", "N,z"},
		{"disordered:64,1.5", "the mean degree of 64 connected nodes is from 1.97 to 63"},
		{"disordered:64,64", "from 1.97 to 63"},
		{"disordered:64,4,x", "',x' behind the mean degree is no seed"},
		{"disordered:64,4z", "'z' behind the mean degree is no seed"},
		{"hexagon:5",
		 "hexagon:5: no such kind of network; there are square:NxM, torus:NxM, "
		 "cubic:N, disordered:N,z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct network_error err = {.text = ""};
		struct network *net;

		assert_int_equal(network_shipped(wrong[i].name, &net, &err), -EINVAL);
		if (!strstr(err.text, wrong[i].why))
			fail_msg("no '%s' in '%s'", wrong[i].why, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_have_the_sizes_of_their_names_and_are_connected),
		cmocka_unit_test(a_torus_of_4_by_4_is_the_shipped_one),
		cmocka_unit_test(the_middle_of_a_cube_has_six_neighbours),
		cmocka_unit_test(disordered_nodes_are_joined_to_near_ones_across_the_border),
		cmocka_unit_test(disorder_is_the_same_for_the_same_seed_only),
		cmocka_unit_test(wrong_names_are_refused_with_the_name_and_what_it_should_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
