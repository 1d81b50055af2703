/* protocol/openrpc.c - the table of methods as an OpenRPC document, for rpc.discover. */
#include "config.h"

#include "protocol/methods.h"

#define OPENRPC_VERSION "1.3.2"

static json_t *params_list(const struct schema *params)
{
	json_t *list = json_array();

	for (const struct schema_member *m = params->members; m->name; m++) {
		json_t *param = json_pack("{s:s,s:b,s:o}", "name", m->name, "required", m->required,
					  "schema", schema_to_json(m->schema));

		if (m->help)
			json_object_set_new(param, "description", json_string(m->help));
		if (m->fallback)
			json_object_set_new(json_object_get(param, "schema"), "default",
					    json_loads(m->fallback, JSON_DECODE_ANY, NULL));
		json_array_append_new(list, param);
	}
	return list;
}

static json_t *example(const struct method *method)
{
	json_t *values = json_loads(method->example, 0, NULL), *params = json_array(), *value;
	const char *name;

	json_object_foreach(values, name, value)
		json_array_append_new(params, json_pack("{s:s,s:O}", "name", name, "value", value));
	json_decref(values);
	return json_pack("{s:s,s:o}", "name", "example", "params", params);
}

static json_t *method_to_json(const struct method *method)
{
	return json_pack("{s:s,s:s,s:s,s:o,s:{s:s,s:o},s:[o],s:b,s:b,s:b,s:s}", "name",
			 method->name, "summary", method->help, "paramStructure", "by-name",
			 "params", params_list(method->params), "result", "name", "result",
			 "schema", schema_to_json(method->result), "examples", example(method),
			 "x-changes", (method->flags & METHOD_CHANGES) != 0, "x-lease",
			 (method->flags & METHOD_LEASE) != 0, "x-urgent",
			 (method->flags & METHOD_IS_URGENT) != 0, "x-role",
			 role_word(method_role(method)));
}

json_t *methods_openrpc(const char *version)
{
	json_t *methods = json_array();

	for (int i = 0; i < N_METHODS; i++)
		json_array_append_new(methods, method_to_json(method_get((enum method_id)i)));
	return json_pack("{s:s,s:{s:s,s:s,s:s},s:o}", "openrpc", OPENRPC_VERSION, "info", "title",
			 "nudged", "version", version, "description",
			 "Supervisor of a physical learning network.", "methods", methods);
}
