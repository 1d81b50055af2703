/* tests/unit/test_network.c - network files are read, and wrong ones refused by file, line and reason. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network.h"
#include "tests/check.h"

#define NODES "kind,id,a,b\nnode,0,0,0\nnode,1,1,0\nnode,2,2,0.5\n"

static void the_shipped_networks_have_the_sizes_of_their_names(void **state)
{
	static const struct {
		const char *name;
		size_t n_nodes, n_edges;
	} want[] = {{"divider2", 3, 2},
		    {"king9_16", 9, 16},
		    {"own_64_143", 64, 143},
		    {"torus16_32", 16, 32}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct network_error err;
		struct network *net;

		assert_string_equal(network_shipped_names()[i], want[i].name);
		assert_ok(network_shipped(want[i].name, &net, &err));
		assert_int_equal(net->n_nodes, want[i].n_nodes);
		assert_int_equal(net->n_edges, want[i].n_edges);
		network_free(net);
	}
	assert_null(network_shipped_names()[4]);
}

static void an_unknown_name_is_answered_with_the_known_ones(void **state)
{
	struct network_error err;
	struct network *net;

	(void)state;
	assert_int_equal(network_shipped("king9", &net, &err), -ENOENT);
	assert_non_null(strstr(err.text, "'king9'"));
	assert_non_null(strstr(err.text, "king9_16"));
	assert_non_null(strstr(err.text, "square:NxM"));
}

static void a_file_is_read_like_the_built_in_text(void **state)
{
	struct network_error err;
	struct network *file, *built_in;
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/sim_backend/networks/own_64_143.csv", getenv("srcdir"));
	assert_ok(network_read(path, &file, &err));
	assert_ok(network_shipped("own_64_143", &built_in, &err));
	assert_int_equal(file->n_nodes, built_in->n_nodes);
	assert_int_equal(file->n_edges, built_in->n_edges);
	assert_memory_equal(file->a, built_in->a, file->n_edges * sizeof(*file->a));
	assert_memory_equal(file->b, built_in->b, file->n_edges * sizeof(*file->b));
	assert_memory_equal(file->x, built_in->x, file->n_nodes * sizeof(*file->x));
	network_free(file);
	network_free(built_in);
}

static void rows_may_come_in_any_order_with_comments_and_blanks(void **state)
{
	static const char text[] =
		"# two edges\n\nedge, 1 ,2,1\r\nnode,2,2,0\nnode,0,-1.5e0,0 # left\n"
		"edge,0,0,1\nnode,1,1,0";
	struct network_error err;
	struct network *net;

	(void)state;
	assert_ok(network_parse("two", text, strlen(text), &net, &err));
	assert_int_equal(net->n_nodes, 3);
	assert_int_equal(net->n_edges, 2);
	assert_int_equal(net->a[1], 2);
	assert_int_equal(net->b[1], 1);
	assert_close(net->x[0], -1.5, 0);
	network_free(net);
}

static void wrong_files_are_refused_with_their_line_and_the_reason(void **state)
{
	static const struct {
		const char *text, *line, *why;
	} wrong[] = {
		{"", "f.csv:1: ", "no node"},
		{"bogus,0,0,0\n", "f.csv:1: ", "'bogus'"},
		{NODES "edge,0,0\n", "f.csv:5: ", "4 fields"},
		{NODES "edge,0,0,1,2\n", "f.csv:5: ", "4 fields"},
		{NODES "edge,x,0,1\n", "f.csv:5: ", "'x'"},
		{NODES "edge,-1,0,1\n", "f.csv:5: ", "'-1'"},
		{NODES "edge,0,0,1e0\n", "f.csv:5: ", "'1e0'"},
		{NODES "edge,0,1,1\n", "f.csv:5: ", "with itself"},
		{NODES "edge,0,0,1\nedge,0,1,2\n", "f.csv:6: ", "edge 0 is there twice"},
		{NODES "node,1,0,0\n", "f.csv:5: ", "node 1 is there twice"},
		{NODES "edge,0,0,1\nedge,1,0,9\nedge,2,1,2\n", "f.csv:6: ", "edge 1 joins node 9"},
		{NODES "edge,0,0,1\nedge,2,1,2\n", "f.csv:", "edge 1 is missing"},
		{"node,0,0,0\nnode,2,0,0\nedge,0,0,2\n", "f.csv:", "node 1 is missing"},
		{"node,0,zero,0\n", "f.csv:1: ", "'zero'"},
		{"node,0,nan,0\n", "f.csv:1: ", "'nan'"},
		{"node,0,inf,0\n", "f.csv:1: ", "'inf'"},
		{"node,99999999999999999999,0,0\n", "f.csv:1: ", "too large"},
		{"node,0,0,0\nnode,4000000000,0,0\n", "f.csv:2: ", "too large"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct network_error err = {""};
		struct network *net = NULL;
		int r = network_parse("f.csv", wrong[i].text, strlen(wrong[i].text), &net, &err);

		if (r != -EINVAL || net ||
		    strncmp(err.text, wrong[i].line, strlen(wrong[i].line)) ||
		    !strstr(err.text, wrong[i].why))
			fail_msg("%s: %d, \"%s\"", wrong[i].text, r, err.text);
	}
}

static void a_zero_byte_in_a_file_is_refused(void **state)
{
	static const char text[] = NODES "edge,0,0,1\n\0edge,1,1,2\n";
	struct network_error err;
	struct network *net;

	(void)state;
	assert_int_equal(network_parse("f", text, sizeof(text) - 1, &net, &err), -EINVAL);
	assert_non_null(strstr(err.text, "zero byte"));
}

static void a_file_that_is_not_there_is_named(void **state)
{
	struct network_error err;
	struct network *net;

	(void)state;
	assert_int_equal(network_read("/nowhere/net.csv", &net, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/net.csv"));
}

static void a_list_of_edges_lies_on_a_circle(void **state)
{
	static const uint32_t ends[][2] = {{0, 1}, {1, 2}, {2, 3}, {3, 0}};
	struct network_error err;
	struct network *net;

	(void)state;
	assert_ok(network_from_edges(ends, 4, &net, &err));
	assert_int_equal(net->n_nodes, 4);
	for (int i = 0; i < 4; i++)
		assert_close(net->x[i] * net->x[i] + net->y[i] * net->y[i], 1, 1e-12);
	assert_close(net->x[1], 0, 1e-12);
	assert_close(net->y[1], 1, 1e-12);
	network_free(net);
}

static void lists_of_edges_with_holes_or_loops_are_refused(void **state)
{
	static const uint32_t hole[][2] = {{0, 1}, {1, 3}}, far[][2] = {{0, 4000000000u}},
			      loop[][2] = {{0, 1}, {1, 1}};
	struct network_error err;
	struct network *net;

	(void)state;
	assert_int_equal(network_from_edges(hole, 2, &net, &err), -EINVAL);
	assert_non_null(strstr(err.text, "node 2"));
	assert_int_equal(network_from_edges(far, 1, &net, &err), -EINVAL);
	assert_non_null(strstr(err.text, "4000000000"));
	assert_int_equal(network_from_edges(loop, 2, &net, &err), -EINVAL);
	assert_non_null(strstr(err.text, "edge 1 joins node 1 with itself"));
	assert_int_equal(network_from_edges(NULL, 0, &net, &err), -EINVAL);
}

static void a_copy_is_equal_and_apart(void **state)
{
	struct network_error err;
	struct network *net, *copy;

	(void)state;
	assert_ok(network_shipped("king9_16", &net, &err));
	copy = network_copy(net);
	assert_non_null(copy);
	assert_memory_equal(copy->a, net->a, net->n_edges * sizeof(*net->a));
	assert_memory_equal(copy->y, net->y, net->n_nodes * sizeof(*net->y));
	network_free(net);
	assert_int_equal(copy->n_edges, 16);
	network_free(copy);
	network_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_networks_have_the_sizes_of_their_names),
		cmocka_unit_test(an_unknown_name_is_answered_with_the_known_ones),
		cmocka_unit_test(a_file_is_read_like_the_built_in_text),
		cmocka_unit_test(rows_may_come_in_any_order_with_comments_and_blanks),
		cmocka_unit_test(wrong_files_are_refused_with_their_line_and_the_reason),
		cmocka_unit_test(a_zero_byte_in_a_file_is_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(a_list_of_edges_lies_on_a_circle),
		cmocka_unit_test(lists_of_edges_with_holes_or_loops_are_refused),
		cmocka_unit_test(a_copy_is_equal_and_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
