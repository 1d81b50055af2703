/* sim_backend/network.c - the graph of a network: read from text, made from a list of edges, copied. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network.h"

/* What is being read: rows come in any order, so counts are known at the end only. */
struct parser {
	const char *name;
	unsigned line;
	struct network *net;
	size_t room_nodes, room_edges;
	bool *seen_node, *seen_edge;
	unsigned *edge_line; /* where each edge stands, for complaints about its ends */
	struct network_error *err;
};

__attribute__((format(printf, 2, 3))) static int complain(struct parser *p, const char *format, ...)
{
	va_list args;
	size_t size = sizeof(p->err->text);
	int n = snprintf(p->err->text, size, "%s:%u: ", p->name, p->line);

	if (n >= 0 && (size_t)n < size) {
		va_start(args, format);
		vsnprintf(p->err->text + n, size - (size_t)n, format, args);
		va_end(args);
	}
	return -EINVAL;
}

static int out_of_memory(struct network_error *err)
{
	snprintf(err->text, sizeof(err->text), "out of memory for a network");
	return -ENOMEM;
}

/* Makes *array hold at least `count` elements, new ones zero. */
static int grow(void *array, size_t old, size_t count, size_t size)
{
	void **p = array;
	char *bigger = realloc(*p, count * size);

	if (!bigger)
		return -ENOMEM;
	memset(bigger + old * size, 0, (count - old) * size);
	*p = bigger;
	return 0;
}

static size_t room_for(size_t room, size_t id)
{
	size_t bigger = room ? 2 * room : 64;

	return bigger > id ? bigger : id + 1;
}

static int grow_nodes(struct parser *p, size_t id)
{
	size_t old = p->room_nodes, room = room_for(old, id);

	if (grow(&p->net->x, old, room, sizeof(double)) < 0 ||
	    grow(&p->net->y, old, room, sizeof(double)) < 0 ||
	    grow(&p->seen_node, old, room, sizeof(bool)) < 0)
		return out_of_memory(p->err);
	p->room_nodes = room;
	return 0;
}

static int grow_edges(struct parser *p, size_t id)
{
	size_t old = p->room_edges, room = room_for(old, id);

	if (grow(&p->net->a, old, room, sizeof(uint32_t)) < 0 ||
	    grow(&p->net->b, old, room, sizeof(uint32_t)) < 0 ||
	    grow(&p->edge_line, old, room, sizeof(unsigned)) < 0 ||
	    grow(&p->seen_edge, old, room, sizeof(bool)) < 0)
		return out_of_memory(p->err);
	p->room_edges = room;
	return 0;
}

/* A node or edge number; ids without holes cannot exceed the file's size, so nothing larger is believed. */
static int parse_id(struct parser *p, const char *what, const char *field, size_t most, size_t *ret)
{
	char *end;
	unsigned long value;

	if (field[0] < '0' || field[0] > '9')
		return complain(p, "%s is '%s', not a number from 0 on", what, field);
	value = strtoul(field, &end, 10);
	if (*end)
		return complain(p, "%s is '%s', not a number from 0 on", what, field);
	if (value > most)
		return complain(p, "%s %lu is too large: ids count from 0 without holes", what,
				value);
	*ret = value;
	return 0;
}

static int parse_place(struct parser *p, const char *what, const char *field, double *ret)
{
	char *end;
	double value = strtod(field, &end);

	if (end == field || *end || !isfinite(value))
		return complain(p, "%s is '%s', not a number", what, field);
	*ret = value;
	return 0;
}

static int parse_node(struct parser *p, char *field[4], size_t most)
{
	size_t id;
	int r = parse_id(p, "the node", field[1], most, &id);

	if (r < 0)
		return r;
	if (id >= p->room_nodes && (r = grow_nodes(p, id)) < 0)
		return r;
	if (p->seen_node[id])
		return complain(p, "node %zu is there twice", id);
	r = parse_place(p, "x", field[2], &p->net->x[id]);
	if (r < 0)
		return r;
	r = parse_place(p, "y", field[3], &p->net->y[id]);
	if (r < 0)
		return r;
	p->seen_node[id] = true;
	if (id >= p->net->n_nodes)
		p->net->n_nodes = id + 1;
	return 0;
}

static int parse_edge(struct parser *p, char *field[4], size_t most)
{
	size_t id, a, b;
	int r = parse_id(p, "the edge", field[1], most, &id);

	if (r < 0)
		return r;
	if (id >= p->room_edges && (r = grow_edges(p, id)) < 0)
		return r;
	if (p->seen_edge[id])
		return complain(p, "edge %zu is there twice", id);
	r = parse_id(p, "the edge's node a", field[2], UINT32_MAX, &a);
	if (r < 0)
		return r;
	r = parse_id(p, "the edge's node b", field[3], UINT32_MAX, &b);
	if (r < 0)
		return r;
	if (a == b)
		return complain(p, "edge %zu joins node %zu with itself", id, a);
	p->seen_edge[id] = true;
	p->edge_line[id] = p->line;
	p->net->a[id] = (uint32_t)a;
	p->net->b[id] = (uint32_t)b;
	if (id >= p->net->n_edges)
		p->net->n_edges = id + 1;
	return 0;
}

/* Splits a line at its commas, in place; returns the number of fields, at most 5. */
static size_t split(char *line, char *field[5])
{
	size_t n = 0;
	char *rest = line;

	while (n < 5 && (field[n] = strsep(&rest, ",")) != NULL) {
		char *f = field[n] + strspn(field[n], " \t");

		for (size_t len = strlen(f); len && strchr(" \t\r", f[len - 1]); len--)
			f[len - 1] = '\0';
		field[n++] = f;
	}
	return n;
}

static int parse_line(struct parser *p, char *line, size_t most)
{
	char *field[5];
	size_t n;

	line[strcspn(line, "#")] = '\0';
	n = split(line, field);
	if (n == 1 && !field[0][0])
		return 0;
	if (n == 4 && !strcmp(field[0], "kind") && !p->net->n_nodes && !p->net->n_edges)
		return 0;
	if (n != 4)
		return complain(p,
				"a row has 4 fields (node,id,x,y or edge,id,a,b), this one %s%zu",
				n > 4 ? "at least " : "", n);
	if (!strcmp(field[0], "node"))
		return parse_node(p, field, most);
	if (!strcmp(field[0], "edge"))
		return parse_edge(p, field, most);
	return complain(p, "a row begins with 'node' or 'edge', not with '%s'", field[0]);
}

/* No holes, and every edge joins nodes that exist. */
static int check_whole(struct parser *p)
{
	const struct network *net = p->net;

	if (!net->n_nodes)
		return complain(p, "no node: rows are node,id,x,y and edge,id,a,b");
	for (size_t i = 0; i < net->n_nodes; i++)
		if (!p->seen_node[i])
			return complain(p, "node %zu is missing: ids count from 0 without holes",
					i);
	for (size_t j = 0; j < net->n_edges; j++) {
		if (!p->seen_edge[j])
			return complain(p, "edge %zu is missing: ids count from 0 without holes",
					j);
		uint32_t end = net->a[j] >= net->n_nodes ? net->a[j] : net->b[j];
		p->line = p->edge_line[j];
		if (end >= net->n_nodes)
			return complain(p, "edge %zu joins node %u, but the nodes are 0 to %zu", j,
					end, net->n_nodes - 1);
	}
	return 0;
}

static int parse_text(struct parser *p, char *text, size_t n)
{
	int r = 0;
	char *rest = text;
	size_t zeros = strlen(text);

	while (rest && r == 0) {
		char *line = strsep(&rest, "\n");
		p->line++;
		r = parse_line(p, line, n / 4);
	}
	if (r == 0 && zeros < n)
		r = complain(p, "a zero byte: this is no text file");
	return r < 0 ? r : check_whole(p);
}

int network_parse(const char *name, const char *text, size_t n, struct network **ret,
		  struct network_error *err)
{
	struct parser p = {.name = name, .err = err};
	char *copy = malloc(n + 1);
	int r;

	p.net = calloc(1, sizeof(*p.net));
	if (!copy || !p.net) {
		r = out_of_memory(err);
	} else {
		memcpy(copy, text, n);
		copy[n] = '\0';
		r = parse_text(&p, copy, n);
	}
	free(copy);
	free(p.seen_node);
	free(p.seen_edge);
	free(p.edge_line);
	if (r < 0)
		network_free(p.net);
	else
		*ret = p.net;
	return r;
}

static int read_whole(FILE *file, char **ret, size_t *ret_n)
{
	char *text = NULL;
	size_t room = 0, n = 0, got;

	do {
		if (n == room && grow(&text, room, room + 65536, 1) < 0) {
			free(text);
			return -ENOMEM;
		}
		room = n == room ? room + 65536 : room;
		got = fread(text + n, 1, room - n, file);
		n += got;
	} while (got);
	if (ferror(file)) {
		free(text);
		return -EIO;
	}
	*ret = text;
	*ret_n = n;
	return 0;
}

int network_read(const char *path, struct network **ret, struct network_error *err)
{
	char *text = NULL;
	size_t n = 0;
	FILE *file = fopen(path, "re");
	int r = file ? read_whole(file, &text, &n) : -errno;

	if (file)
		fclose(file);
	if (r < 0) {
		snprintf(err->text, sizeof(err->text), "%s: %s", path, strerror(-r));
		return r;
	}
	r = network_parse(path, text, n, ret, err);
	free(text);
	return r;
}

struct network *network_alloc(size_t n_nodes, size_t n_edges)
{
	struct network *net = calloc(1, sizeof(*net));

	if (!net)
		return NULL;
	net->n_nodes = n_nodes;
	net->n_edges = n_edges;
	net->a = calloc(n_edges + 1, sizeof(*net->a));
	net->b = calloc(n_edges + 1, sizeof(*net->b));
	net->x = calloc(n_nodes + 1, sizeof(*net->x));
	net->y = calloc(n_nodes + 1, sizeof(*net->y));
	if (net->a && net->b && net->x && net->y)
		return net;
	network_free(net);
	return NULL;
}

/* The first id below n that no edge names, or n. */
static size_t first_unused(const uint32_t (*ends)[2], size_t n_edges, bool *used, size_t n)
{
	size_t hole = 0;

	for (size_t j = 0; j < n_edges; j++)
		used[ends[j][0]] = used[ends[j][1]] = true;
	while (hole < n && used[hole])
		hole++;
	return hole;
}

/* Checks a list of edges in which no id is below 0 nor much too large; counts the nodes. */
static int check_ends(const uint32_t (*ends)[2], size_t n_edges, size_t *ret_n,
		      struct network_error *err)
{
	size_t n = 0, hole;
	bool *used;

	for (size_t j = 0; j < n_edges; j++) {
		uint32_t a = ends[j][0], b = ends[j][1], last = a > b ? a : b;

		if (a == b || last >= 2 * n_edges) {
			snprintf(err->text, sizeof(err->text), "edge %zu joins node %u %s", j, last,
				 a == b ? "with itself" : "but ids count from 0 without holes");
			return -EINVAL;
		}
		n = last >= n ? (size_t)last + 1 : n;
	}
	used = calloc(n + 1, sizeof(*used));
	if (!used)
		return out_of_memory(err);
	hole = first_unused(ends, n_edges, used, n);
	free(used);
	if (hole == n && n_edges) {
		*ret_n = n;
		return 0;
	}
	if (n_edges)
		snprintf(err->text, sizeof(err->text),
			 "no edge joins node %zu: ids count from 0 without holes", hole);
	else
		snprintf(err->text, sizeof(err->text), "a network without edges");
	return -EINVAL;
}

int network_from_edges(const uint32_t (*ends)[2], size_t n_edges, struct network **ret,
		       struct network_error *err)
{
	struct network *net;
	size_t n_nodes;
	int r = check_ends(ends, n_edges, &n_nodes, err);

	if (r < 0)
		return r;
	net = network_alloc(n_nodes, n_edges);
	if (!net)
		return out_of_memory(err);
	for (size_t j = 0; j < n_edges; j++) {
		net->a[j] = ends[j][0];
		net->b[j] = ends[j][1];
	}
	for (size_t i = 0; i < n_nodes; i++) {
		double angle = 2 * M_PI * (double)i / (double)n_nodes;
		net->x[i] = cos(angle);
		net->y[i] = sin(angle);
	}
	*ret = net;
	return 0;
}

struct network *network_copy(const struct network *net)
{
	struct network *copy = network_alloc(net->n_nodes, net->n_edges);

	if (!copy)
		return NULL;
	memcpy(copy->x, net->x, net->n_nodes * sizeof(*net->x));
	memcpy(copy->y, net->y, net->n_nodes * sizeof(*net->y));
	if (net->n_edges) { /* a network without edges has no arrays for them */
		memcpy(copy->a, net->a, net->n_edges * sizeof(*net->a));
		memcpy(copy->b, net->b, net->n_edges * sizeof(*net->b));
	}
	return copy;
}

void network_free(struct network *net)
{
	if (!net)
		return;
	free(net->a);
	free(net->b);
	free(net->x);
	free(net->y);
	free(net);
}
