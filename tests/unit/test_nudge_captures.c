/* tests/unit/test_nudge_captures.c - libnudge reads the records that are kept as files as json and struct did. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/record.h"
#include "tests/check.h"

static char *path_of(const char *name, const char *ending)
{
	const char *top = getenv("srcdir");
	char *path;

	assert_true(asprintf(&path, "%s/clients/captures/%s%s", top ? top : ".", name, ending) > 0);
	return path;
}

static json_t *read_json(const char *name)
{
	char *path = path_of(name, ".json");
	json_error_t error;
	json_t *json = json_load_file(path, 0, &error);

	if (!json)
		fail_msg("%s: %s", path, error.text);
	free(path);
	return json;
}

static struct frame read_frame(const char *name, size_t i)
{
	struct frame frame = {0};
	char ending[24], *path;
	FILE *f;

	snprintf(ending, sizeof(ending), ".%zu", i);
	path = path_of(name, ending);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	frame.size = (size_t)ftell(f);
	rewind(f);
	frame.bytes = calloc(1, frame.size + 1);
	assert_non_null(frame.bytes);
	assert_int_equal(fread(frame.bytes, 1, frame.size, f), frame.size);
	fclose(f);
	free(path);
	return frame;
}

static struct frames read_frames(const char *name, size_t n)
{
	struct frames frames = {.n = n, .list = calloc(n, sizeof(struct frame))};

	assert_non_null(frames.list);
	for (size_t i = 0; i < n; i++)
		frames.list[i] = read_frame(name, i);
	return frames;
}

/* A stream record with its arrays, by the descriptor that the capture names, or its own */
static struct record *decode_stream(const json_t *wanted, struct frames *frames)
{
	const char *by = json_string_value(json_object_get(wanted, "described_by"));
	struct nudge_error error = {0};
	struct record *record;
	json_t *descriptor = by ? read_json(by) : NULL, *arrays;

	assert_int_equal(record_parse(frames, &record, &error), 0);
	arrays = descriptor ? json_object_get(json_object_get(descriptor, "header"), "arrays")
			    : NULL;
	if (!strcmp(record->public.kind, "test"))
		arrays = json_object_get(record->public.header, "arrays");
	if (arrays && record_describe(record, arrays, &error) < 0)
		fail_msg("%s", error.message);
	json_decref(descriptor);
	return record;
}

static struct record *decode_reply(struct frames *frames)
{
	struct nudge_error error = {0};
	struct record *record;
	json_t *reply = json_loadb(frames->list[0].bytes, frames->list[0].size, 0, NULL);

	assert_non_null(reply);
	assert_int_equal(record_of_reply(frames, reply, &record, &error), 0);
	json_decref(reply);
	frames_free(frames);
	return record;
}

static void compare_value(const struct nudge_array *array, size_t i, size_t j, const json_t *wanted)
{
	if (json_is_integer(wanted))
		assert_true(nudge_array_integer(array, i, j) == json_integer_value(wanted));
	else if (json_is_null(wanted))
		assert_true(isnan(nudge_array_real(array, i, j)));
	else
		assert_true(nudge_array_real(array, i, j) == json_real_value(wanted));
}

static size_t compare_array(const struct nudge_array *array, const json_t *wanted)
{
	json_t *values = json_object_get(wanted, "values"),
	       *shape = json_object_get(wanted, "shape");
	size_t n = json_array_size(values);

	assert_string_equal(array->name, json_string_value(json_object_get(wanted, "name")));
	assert_string_equal(array->dtype, json_string_value(json_object_get(wanted, "dtype")));
	assert_int_equal(array->axes, json_array_size(shape));
	assert_int_equal(array->shape[0] * array->shape[1], n);
	for (size_t i = 0; i < n; i++)
		compare_value(array, i / array->shape[1], i % array->shape[1],
			      json_array_get(values, i));
	return n;
}

static size_t compare_capture(const char *name)
{
	json_t *wanted = read_json(name), *arrays = json_object_get(wanted, "arrays"), *array;
	struct frames frames =
		read_frames(name, (size_t)json_integer_value(json_object_get(wanted, "frames")));
	const char *topic = json_string_value(json_object_get(wanted, "topic"));
	struct record *record = topic ? decode_stream(wanted, &frames) : decode_reply(&frames);
	size_t i, values = 0;

	assert_true(json_equal(record->public.header, json_object_get(wanted, "header")));
	assert_string_equal(record->public.topic, topic ? topic : "");
	assert_int_equal(record->public.n_arrays, json_array_size(arrays));
	json_array_foreach(arrays, i, array) values +=
		compare_array(&record->public.arrays[i], array);
	record_free(record);
	json_decref(wanted);
	return values;
}

static void reads_every_capture(void **state)
{
	json_t *index = read_json("index"), *entry;
	size_t i, values = 0;

	(void)state;
	assert_true(json_array_size(index) >= 17);
	json_array_foreach(index, i, entry) values +=
		compare_capture(json_string_value(json_object_get(entry, "name")));
	assert_true(values > 500);
	json_decref(index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_every_capture)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
