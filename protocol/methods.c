/* protocol/methods.c - the table of methods. */
#include "config.h"

#include <string.h>

#include "protocol/method_schemas.h"
#include "protocol/methods.h"
#include "protocol/nearest.h"

static const struct method methods[N_METHODS] = {
#define METHOD(id_, name_, flags_, help_)                                                          \
	[METHOD_##id_] = {.id = METHOD_##id_,                                                      \
			  .name = name_,                                                           \
			  .flags = flags_,                                                         \
			  .help = help_,                                                           \
			  .params = &params_##id_,                                                 \
			  .result = &result_##id_,                                                 \
			  .example = example_##id_},
#include "protocol/methods.def"
#undef METHOD
};

const struct method *method_get(enum method_id id)
{
	return &methods[id];
}

const struct method *method_find(const char *name)
{
	for (size_t i = 0; i < N_METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

enum role method_role(const struct method *method)
{
	if (method->flags & METHOD_ADMIN)
		return ROLE_ADMIN;
	return method->flags & METHOD_CHANGES ? ROLE_OPERATOR : ROLE_OBSERVER;
}

bool method_acts(const struct method *method)
{
	return method->flags & (METHOD_CHANGES | METHOD_LEASE | METHOD_UNKEYED);
}

const char *method_nearest(const char *name)
{
	const char *near = NULL;
	size_t best = (size_t)-1;

	for (size_t i = 0; i < N_METHODS; i++) {
		size_t distance = nearest_distance(name, methods[i].name);

		if (distance < best) {
			best = distance;
			near = methods[i].name;
		}
	}
	return near;
}
