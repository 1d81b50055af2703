/* clients/nudgectl/draw.c - random tasks, as pure functions of the seed. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "clients/nudgectl/draw.h"

/* ---- numbers ---- */

static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t draw_bits(uint64_t seed, enum draw_stream stream, uint64_t i)
{
	return mix(mix(mix(seed) ^ (uint64_t)stream) ^ i);
}

double draw_uniform(uint64_t seed, enum draw_stream stream, uint64_t i)
{
	return (double)(draw_bits(seed, stream, i) >> 11) * 0x1p-53;
}

/* Box and Muller, of two draws that belong to i alone */
double draw_normal(uint64_t seed, enum draw_stream stream, uint64_t i)
{
	double a = 1 - draw_uniform(seed, stream, 2 * i);
	double b = draw_uniform(seed, stream, 2 * i + 1);

	return sqrt(-2 * log(a)) * cos(2 * M_PI * b);
}

/* The bias of a remainder is below n / 2^53, far below anything that these draws can show */
uint64_t draw_below(uint64_t seed, enum draw_stream stream, uint64_t i, uint64_t n)
{
	return (uint64_t)(draw_uniform(seed, stream, i) * (double)n);
}

/* Fisher and Yates */
void draw_permutation(uint64_t seed, enum draw_stream stream, size_t n, size_t *order)
{
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)draw_below(seed, stream, i, i), swap = order[i - 1];

		order[i - 1] = order[k];
		order[k] = swap;
	}
}

static double between(double u, const json_t *range)
{
	double low = json_number_value(json_array_get(range, 0));

	return low + u * (json_number_value(json_array_get(range, 1)) - low);
}

static size_t count(const json_t *draw, const char *name)
{
	double n = json_number_value(json_object_get(draw, name));

	return n > 0 ? (size_t)llround(n) : 0;
}

/* ---- nodes ---- */

/* The drawn nodes that are not fixed anyhow, in order; -1: too few */
static int take_nodes(size_t n, const json_t *fixed_V, const size_t *order, size_t n_nodes,
		      size_t *next, json_t *list)
{
	for (size_t i = 0; i < n; i++) {
		char name[24];

		do {
			if (*next == n_nodes)
				return -1;
			snprintf(name, sizeof(name), "%zu", order[(*next)++]);
		} while (json_object_get(fixed_V, name));
		json_array_append_new(list, json_integer((json_int_t)order[*next - 1]));
	}
	return 0;
}

static void take_fixed(const json_t *fixed_V, json_t *list)
{
	const char *name;
	json_t *volts;

	json_object_foreach((json_t *)fixed_V, name, volts)
		json_array_append_new(list, json_integer(atoll(name)));
}

/* task.sources: inputs, then grounds, then the fixed ones; task.targets */
static int draw_nodes(const json_t *draw, uint64_t seed, json_t *task)
{
	const json_t *fixed_V = json_object_get(draw, "fixed_V");
	size_t n_nodes = count(draw, "nodes"), next = 0;
	size_t *order = malloc((n_nodes ? n_nodes : 1) * sizeof(*order));
	json_t *sources = json_array(), *targets = json_array();
	int r;

	if (!order)
		return -1;
	draw_permutation(seed, DRAW_NODES, n_nodes, order);
	r = take_nodes(count(draw, "sources") + count(draw, "grounds"), fixed_V, order, n_nodes,
		       &next, sources);
	take_fixed(fixed_V, sources);
	if (r == 0)
		r = take_nodes(count(draw, "targets"), fixed_V, order, n_nodes, &next, targets);
	json_object_set_new(task, "sources", sources);
	json_object_set_new(task, "targets", targets);
	free(order);
	return r;
}

/* ---- allostery ---- */

static json_t *draw_sources(const json_t *draw, uint64_t seed)
{
	const json_t *uniform = json_object_get(draw, "source_uniform_V"), *volts;
	double rms_V = json_number_value(json_object_get(draw, "source_normal_V"));
	json_t *list = json_array();
	const char *name;

	for (size_t i = 0; i < count(draw, "sources"); i++)
		json_array_append_new(
			list,
			json_real(uniform ? between(draw_uniform(seed, DRAW_SOURCES, i), uniform)
					  : rms_V * draw_normal(seed, DRAW_SOURCES, i)));
	for (size_t i = 0; i < count(draw, "grounds"); i++)
		json_array_append_new(list, json_real(0));
	json_object_foreach((json_t *)json_object_get(draw, "fixed_V"), name, volts)
		json_array_append(list, (json_t *)volts);
	return list;
}

static json_t *draw_targets(const json_t *draw, uint64_t seed, const json_t *source_V)
{
	const json_t *span = json_object_get(draw, "target_span"), *volts;
	double rms_V = json_number_value(json_object_get(draw, "target_normal_V"));
	double least = INFINITY, most = -INFINITY;
	json_t *list = json_array();
	size_t i;

	json_array_foreach((json_t *)source_V, i, volts)
	{
		least = fmin(least, json_number_value(volts));
		most = fmax(most, json_number_value(volts));
	}
	for (i = 0; i < count(draw, "targets"); i++) {
		double part = span ? between(draw_uniform(seed, DRAW_TARGETS, i), span) : 0;

		json_array_append_new(list,
				      json_real(span ? least + part * (most - least)
						     : rms_V * draw_normal(seed, DRAW_TARGETS, i)));
	}
	return list;
}

static json_t *part_of(json_t *object, const char *name)
{
	json_t *part = json_object_get(object, name);

	if (!json_is_object(part)) {
		part = json_object();
		json_object_set_new(object, name, part);
	}
	return part;
}

static void draw_allostery(const json_t *draw, uint64_t seed, json_t *task)
{
	json_t *source_V = draw_sources(draw, seed);
	json_t *target_V = draw_targets(draw, seed, source_V);

	json_object_set_new(task, "kind", json_string("allostery"));
	json_object_set_new(part_of(task, "train"), "examples",
			    json_pack("[{s:o, s:o}]", "source_V", source_V, "target_V", target_V));
}

/* ---- a linear map, and a teacher ---- */

/* Grounds and what is fixed, by node: {"4": 0.0} */
static json_t *held_nodes(const json_t *draw, const json_t *task)
{
	const json_t *sources = json_object_get(task, "sources");
	json_t *fixed_V = json_object_get(draw, "fixed_V"), *ret;
	size_t inputs = count(draw, "sources");

	ret = fixed_V ? json_deep_copy(fixed_V) : json_object();
	for (size_t i = inputs; i < inputs + count(draw, "grounds"); i++) {
		char name[24];

		snprintf(name, sizeof(name), "%lld",
			 (long long)json_integer_value(json_array_get(sources, i)));
		json_object_set_new(ret, name, json_real(0));
	}
	return ret;
}

static void draw_regression(const json_t *draw, uint64_t seed, json_t *task)
{
	const json_t *range = json_object_get(draw, "matrix");
	size_t inputs = count(draw, "sources"), outputs = count(draw, "targets");
	size_t n_train = count(draw, "train"), n_test = count(draw, "test");
	json_t *matrix = json_array(), *train = part_of(task, "train");

	for (size_t i = 0; i < outputs; i++) {
		json_t *row = json_array();

		for (size_t k = 0; k < inputs; k++)
			json_array_append_new(row, json_real(between(draw_uniform(seed, DRAW_MATRIX,
										  inputs * i + k),
								     range)));
		json_array_append_new(matrix, row);
	}
	json_object_set_new(task, "kind", json_string("regression"));
	json_object_set_new(train, "generate",
			    json_pack("{s:I, s:O, s:o}", "n", (json_int_t)(n_train + n_test),
				      "uniform_V", json_object_get(draw, "source_uniform_V"),
				      "target", matrix));
	json_object_set_new(train, "fixed_V", held_nodes(draw, task));
	if (n_test > 0)
		json_object_set_new(train, "split", json_pack("{s:I}", "n", (json_int_t)n_train));
}

/* Inputs alone: the teacher answers them, and its answers become the targets */
static void draw_samples(const json_t *draw, uint64_t seed, json_t *task)
{
	const json_t *range = json_object_get(draw, "source_uniform_V");
	size_t inputs = count(draw, "sources"), n = count(draw, "train");
	json_t *examples = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *source_V = json_array(), *target_V = json_array();

		for (size_t k = 0; k < inputs; k++)
			json_array_append_new(
				source_V,
				json_real(between(draw_uniform(seed, DRAW_SAMPLES, inputs * i + k),
						  range)));
		for (size_t k = 0; k < count(draw, "grounds"); k++)
			json_array_append_new(source_V, json_real(0));
		for (size_t k = 0; k < count(draw, "targets"); k++)
			json_array_append_new(target_V, json_real(0));
		json_array_append_new(examples, json_pack("{s:o, s:o}", "source_V", source_V,
							  "target_V", target_V));
	}
	json_object_set_new(task, "kind", json_string("regression"));
	json_object_set_new(part_of(task, "train"), "examples", examples);
}

json_t *draw_teacher(const json_t *draw, uint64_t seed)
{
	json_t *list = json_array();

	for (size_t j = 0; j < count(draw, "edges"); j++)
		json_array_append_new(list,
				      json_real(between(draw_uniform(seed, DRAW_TEACHER, j),
							json_object_get(draw, "teacher_r_ohm"))));
	return list;
}

int draw_task(const json_t *draw, uint64_t seed, json_t *task)
{
	const char *kind = json_string_value(json_object_get(draw, "kind"));

	if (draw_nodes(draw, seed, task) < 0)
		return -1;
	switch (kind[0]) {
	case 'a':
		draw_allostery(draw, seed, task);
		break;
	case 'r':
		draw_regression(draw, seed, task);
		break;
	default: /* a teacher */
		draw_samples(draw, seed, task);
		break;
	}
	return 0;
}
