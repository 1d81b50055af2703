/* daemon/rig_file.c - a rig file, or "sim:NAME", as the plain data that rig_open() wants. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/rig_file_impl.h"
#include "protocol/files.h"
#include "protocol/yaml.h"
#include "sim_backend/network.h"

/* ---- small readers; what is not there has its default already (schema_fill) ---- */

static const json_t *at(const json_t *object, const char *a, const char *b)
{
	return json_object_get(json_object_get(object, a), b);
}

static double number(const json_t *object, const char *a, const char *b)
{
	return json_number_value(at(object, a, b));
}

static int no_memory(const struct rig_reading *in)
{
	return problem_set(in->p, PROBLEM_INTERNAL, "", "out of memory while reading the rig");
}

/* ---- the network ---- */

/* A name in a rig file is looked up beside that file first, then among those that are built in. */
static int find_network(const char *rig_file, const char *name, struct network **ret,
			struct network_error *error)
{
	const char *slash = rig_file && name[0] != '/' ? strrchr(rig_file, '/') : NULL;
	int n_directory = slash ? (int)(slash + 1 - rig_file) : 0, r = -ENOENT;
	size_t n = strlen(name);
	char bare[64], *path = NULL;

	if (asprintf(&path, "%.*s%s", n_directory, rig_file ? rig_file : "", name) < 0)
		return -ENOMEM;
	if ((rig_file || name[0] == '/') && access(path, F_OK) == 0) {
		r = network_read(path, ret, error);
	} else if (n < sizeof(bare)) {
		memcpy(bare, name, n + 1);
		if (n > 4 && strcmp(bare + n - 4, ".csv") == 0)
			bare[n - 4] = '\0';
		r = network_shipped(bare, ret, error);
	}
	if (r == -ENOENT && rig_file) { /* a file was meant: say first that it is not there */
		char shipped[sizeof(error->text)];

		memcpy(shipped, error->text, sizeof(shipped));
		snprintf(error->text, sizeof(error->text), "%.80s: no such file, and %.140s", path,
			 shipped);
	}
	free(path);
	return r;
}

static int edges_in_place(const json_t *list, struct network **ret, struct network_error *error)
{
	size_t n = json_array_size(list);
	uint32_t(*ends)[2] = calloc(n + 1, sizeof(*ends));
	int r;

	if (!ends)
		return -ENOMEM;
	for (size_t j = 0; j < n; j++)
		for (size_t k = 0; k < 2; k++)
			ends[j][k] = (uint32_t)json_integer_value(
				json_array_get(json_array_get(list, j), k));
	r = network_from_edges((const uint32_t(*)[2])ends, n, ret, error);
	free(ends);
	return r;
}

static int read_network(const struct rig_reading *in)
{
	const json_t *file = at(in->json, "network", "file");
	struct network_error error = {.text = "out of memory"};
	int r;

	if (file)
		r = find_network(in->file, json_string_value(file), &in->config->network, &error);
	else
		r = edges_in_place(at(in->json, "network", "edges"), &in->config->network, &error);
	if (r < 0)
		return problem_set(in->p, PROBLEM_PARAMS, file ? "/network/file" : "/network/edges",
				   "%s", error.text);
	return 0;
}

/* ---- limits ---- */

static double limit(const json_t *limits, const char *name)
{
	const json_t *value = json_object_get(limits, name);

	return json_is_number(value) ? json_number_value(value) : INFINITY;
}

static int read_limits(const struct rig_reading *in)
{
	const json_t *limits = json_object_get(in->json, "limits");
	const json_t *volts = json_object_get(limits, "volts");
	struct rig_limits *ret = &in->config->limits;
	const char *base = in->file ? strrchr(in->file, '/') : NULL;
	int line, column;

	*ret = (struct rig_limits){
		.min_V = -INFINITY,
		.max_V = INFINITY,
		.slew_V_per_s = limit(limits, "slew_V_per_s"),
		.edge_power_W = limit(limits, "edge_power_W"),
		.source_current_A = limit(limits, "source_current_A"),
		.discrepancy_V = limit(limits, "discrepancy_V"),
		.measure_slack_V = json_number_value(json_object_get(limits, "measure_slack_V")),
	};
	if (json_is_array(volts)) {
		ret->min_V = json_number_value(json_array_get(volts, 0));
		ret->max_V = json_number_value(json_array_get(volts, 1));
	}
	if (!(ret->min_V < ret->max_V))
		return problem_set(in->p, PROBLEM_PARAMS, "/limits/volts",
				   "limits.volts is [%g, %g]: the first must be below the second",
				   ret->min_V, ret->max_V);
	if (in->file && in->places && yaml_place(in->places, "/limits/volts", &line, &column))
		snprintf(ret->where, sizeof(ret->where), "%.80s:%d", base ? base + 1 : in->file,
			 line);
	return 0;
}

/* ---- edges, capacitors, safety ---- */

static int read_edge(const struct rig_reading *in)
{
	struct rig_edge_config *edge = &in->config->edge;

	*edge = (struct rig_edge_config){
		.taps = (int)number(in->json, "edge", "taps"),
		.r_step_ohm = number(in->json, "edge", "r_step_ohm"),
		.r_min_ohm = number(in->json, "edge", "r_min_ohm"),
		.initial_tap = (int)number(in->json, "edge", "initial_tap"),
	};
	if (edge->initial_tap >= edge->taps)
		return problem_set(in->p, PROBLEM_PARAMS, "/edge/initial_tap",
				   "edge.initial_tap is %d, but the taps are 0 to %d",
				   edge->initial_tap, edge->taps - 1);
	return 0;
}

static int read_capacitors(const struct rig_reading *in)
{
	const json_t *bank = json_object_get(in->json, "capacitors_F");
	struct rig_config *config = in->config;
	char path[64];

	config->n_capacitance = json_array_size(bank);
	config->capacitance_F = calloc(config->n_capacitance + 1, sizeof(double));
	if (!config->capacitance_F)
		return no_memory(in);
	for (size_t i = 0; i < config->n_capacitance; i++) {
		double farad = json_number_value(json_array_get(bank, i));

		config->capacitance_F[i] = farad;
		snprintf(path, sizeof(path), "/capacitors_F/%zu", i);
		if (i == 0 && farad != 0)
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "the bank begins with %g F; it must begin with 0, none "
					   "switched on",
					   farad);
		if (i && farad <= config->capacitance_F[i - 1])
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "%g F after %g F: the bank must ascend", farad,
					   config->capacitance_F[i - 1]);
	}
	return 0;
}

static int read_safe(const struct rig_reading *in)
{
	struct rig_config *config = in->config;

	config->r0_ohm = number(in->json, "relaxation", "r0_ohm");
	config->bias_always_V = number(in->json, "bias", "always_V");
	config->bias_never_V =
		json_object_get(in->json, "bias") ? number(in->json, "bias", "never_V") : 5.0;
	config->safe_V = number(in->json, "safe", "volts");
	config->safe_ramp_s = number(in->json, "safe", "ramp_s");
	if (config->safe_V < config->limits.min_V || config->safe_V > config->limits.max_V)
		return problem_set(in->p, PROBLEM_LIMIT, "/safe/volts",
				   "safe.volts is %g V, outside the limits of %g to %g V",
				   config->safe_V, config->limits.min_V, config->limits.max_V);
	return 0;
}

/* ---- the whole ---- */

static int copy_text(const struct rig_reading *in, const char *name, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(in->json, name));
	char path[32];

	snprintf(path, sizeof(path), "/%s", name);
	if (strlen(text) >= size)
		return problem_set(in->p, PROBLEM_PARAMS, path, "%s is longer than %zu characters",
				   name, size - 1);
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

static int read_rig(const struct rig_reading *in)
{
	if (copy_text(in, "rig", in->config->name, sizeof(in->config->name)) < 0 ||
	    copy_text(in, "backend", in->config->backend, sizeof(in->config->backend)) < 0 ||
	    read_network(in) < 0 || read_limits(in) < 0 || read_edge(in) < 0 ||
	    read_capacitors(in) < 0 || read_safe(in) < 0)
		return -1;
	if (strcmp(in->config->backend, "bench") == 0 && rig_file_bench(in) < 0)
		return -1;
	return rig_file_sim(in);
}

int rig_file_load(const char *what, struct rig_config **ret, json_t **ret_json, struct problem *p)
{
	bool is_file = strncmp(what, "sim:", 4) != 0;
	struct yaml_places *places = NULL;
	struct rig_reading in = {.file = is_file ? what : NULL, .p = p};
	json_t *json = NULL;

	if (is_file) {
		if (yaml_read_checked(what, &schema_rig, &json, &places, p) < 0)
			return -1;
		if (!json_object_get(json, "sim"))
			json_object_set_new(json, "sim", json_object());
		schema_fill(&schema_rig, json);
	} else {
		json = rig_ideal(what + 4);
	}
	in.json = json;
	in.places = places;
	in.config = calloc(1, sizeof(*in.config));
	if (!json || !in.config || read_rig(&in) < 0) {
		if (!json || !in.config)
			no_memory(&in);
		else if (is_file)
			yaml_locate(what, places, p);
		rig_config_free(in.config);
		yaml_places_free(places);
		json_decref(json);
		return -1;
	}
	yaml_places_free(places);
	*ret = in.config;
	*ret_json = json;
	return 0;
}

int rig_file_again(const json_t *json, const char *beside, struct rig_config **ret,
		   json_t **ret_json, struct problem *p)
{
	json_t *copy = json_deep_copy((json_t *)json);
	struct rig_reading in = {.file = beside, .json = copy, .p = p};

	if (!json_is_object(copy)) {
		json_decref(copy);
		return problem_set(p, PROBLEM_PARAMS, "", "no rig file was kept with it");
	}
	if (!json_object_get(copy, "sim"))
		json_object_set_new(copy, "sim", json_object());
	schema_fill(&schema_rig, copy); /* what an older version did not know */
	in.config = calloc(1, sizeof(*in.config));
	if (!in.config || read_rig(&in) < 0) {
		if (!in.config)
			no_memory(&in);
		rig_config_free(in.config);
		json_decref(copy);
		return -1;
	}
	*ret = in.config;
	*ret_json = copy;
	return 0;
}
