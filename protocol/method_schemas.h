/* protocol/method_schemas.h - what methods.c puts together: params, result and example of each method. */
#ifndef PROTOCOL_METHOD_SCHEMAS_H
#define PROTOCOL_METHOD_SCHEMAS_H

#include "protocol/schema.h"

/* params_RUN_SUBMIT and example_RUN_SUBMIT (JSON text) in method_params.c, result_RUN_SUBMIT in
 * method_results.c */
#define METHOD(id, name, flags, help)                                                              \
	extern const struct schema params_##id, result_##id;                                       \
	extern const char example_##id[];
#include "protocol/methods.def"
#undef METHOD

#endif
