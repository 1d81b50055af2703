/* tests/fuzz/fuzz_words.c - what people type: settings, paths into files, addresses, tags; a line each. */
#include "config.h"

#include "clients/libnudge/address.h"
#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/dotted.h"
#include "clients/nudgectl/sweep_points.h"
#include "protocol/methods.h"
#include "tests/fuzz/fuzz.h"

#define MOST_LINES 32

static void read_word(json_t *object, const char *word)
{
	struct nudge_error error = {0};
	struct address address;
	char pointer[64], why[64] = "";
	json_t *words = assign_words(word);

	if (address_parse(word, &address, &error) < 0)
		FUZZ_MUST(error.message[0]);
	nudge_error_clear(&error);
	assign_one(object, word);
	FUZZ_MUST(strlen(dotted_pointer(word, pointer, sizeof(pointer))) < sizeof(pointer));
	FUZZ_MUST(dotted_last(word));
	if (dotted_set(object, word, words, why, sizeof(why)) < 0)
		FUZZ_MUST(why[0]);
	json_decref(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, *line;
	json_t *object = json_object(), *tags, *point;

	FUZZ_MUST(text && object);
	memcpy(text, data, size);
	text[size] = '\0';
	for (unsigned i = 0; i < MOST_LINES && (line = strsep(&rest, "\n")); i++)
		read_word(object, line);
	if (!method_find(text))
		method_nearest(text);
	assign_check(method_get(METHOD_PARAM_SET)->params, object);
	tags = sweep_point_tags("sweep", object, 1);
	point = sweep_tags_point(tags);
	FUZZ_MUST(json_is_array(tags) && json_is_object(point));
	json_decref(point);
	json_decref(tags);
	json_decref(object);
	free(text);
	return 0;
}
