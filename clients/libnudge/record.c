/* clients/libnudge/record.c - decodes stream records and replies with arrays, by their descriptor alone. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/internal.h"
#include "clients/libnudge/record.h"

/* Little-endian bytes to a host's integer, for 1, 2, 4 and 8 bytes */
static uint64_t little_endian(const unsigned char *bytes, size_t n)
{
	uint64_t value = 0;

	while (n-- > 0)
		value = value << 8 | bytes[n];
	return value;
}

/* The sign of an n byte integer, carried up to 64 bits */
static int64_t with_sign(uint64_t value, size_t n)
{
	unsigned shift = (unsigned)(64 - 8 * n);

	return (int64_t)(value << shift) >> shift;
}

static size_t dtype_bytes(const char *dtype)
{
	static const char *const known[] = {"<f8", "<f4", "<i8", "<u8", "<i4", "<u4",
					    "<i2", "<u2", "<i1", "<u1", "|u1", "|i1"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(dtype, known[i]))
			return (size_t)(dtype[2] - '0');
	return 0;
}

static const unsigned char *item(const struct nudge_array *array, size_t i, size_t j)
{
	if (i >= array->shape[0] || j >= array->shape[1])
		return NULL;
	return (const unsigned char *)array->bytes + (i * array->shape[1] + j) * array->item_bytes;
}

double nudge_array_real(const struct nudge_array *array, size_t i, size_t j)
{
	const unsigned char *at = item(array, i, j);
	uint64_t bits;

	if (!at)
		return NAN;
	bits = little_endian(at, array->item_bytes);
	switch (array->dtype[1]) {
	case 'f':
		if (array->item_bytes == 8) {
			double real;

			memcpy(&real, &bits, sizeof(real));
			return real;
		} else {
			uint32_t half = (uint32_t)bits;
			float real;

			memcpy(&real, &half, sizeof(real));
			return (double)real;
		}
	case 'i':
		return (double)with_sign(bits, array->item_bytes);
	default:
		return (double)bits;
	}
}

int64_t nudge_array_integer(const struct nudge_array *array, size_t i, size_t j)
{
	const unsigned char *at = item(array, i, j);
	uint64_t bits;
	double real;

	if (!at)
		return 0;
	bits = little_endian(at, array->item_bytes);
	switch (array->dtype[1]) {
	case 'f':
		real = nudge_array_real(array, i, j);
		return real > -9.2e18 && real < 9.2e18 ? (int64_t)real : 0;
	case 'i':
		return with_sign(bits, array->item_bytes);
	default:
		return (int64_t)bits;
	}
}

const struct nudge_array *nudge_record_array(const struct nudge_record *record, const char *name)
{
	for (size_t i = 0; i < record->n_arrays; i++)
		if (!strcmp(record->arrays[i].name, name))
			return &record->arrays[i];
	return NULL;
}

void record_free(struct record *record)
{
	if (!record)
		return;
	frames_free(&record->frames);
	json_decref(record->public.header);
	json_decref(record->public.meta);
	json_decref(record->arrays);
	free(record->public.arrays);
	free(record);
}

void nudge_record_free(struct nudge_record *record)
{
	record_free((struct record *)record);
}

static uint64_t member(const json_t *header, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(header, name));

	return value > 0 ? (uint64_t)value : 0;
}

/* Steals header */
static struct record *record_new(const char *topic, json_t *header)
{
	struct record *record = calloc(1, sizeof(*record));
	const char *kind = json_string_value(json_object_get(header, "kind"));

	if (!record || !header || strlen(topic) >= sizeof(record->topic)) {
		free(record);
		json_decref(header);
		return NULL;
	}
	strcpy(record->topic, topic);
	record->public.topic = record->topic;
	record->public.kind = kind ? kind : "";
	record->public.header = header;
	record->public.seq = member(header, "seq");
	record->public.run = member(header, "run");
	record->public.step = member(header, "step");
	record->public.n = member(header, "n");
	return record;
}

struct record *record_of_header(const char *topic, json_t *header)
{
	return record_new(topic, header);
}

/* Forgets the first k frames, which have been read */
static void drop_frames(struct frames *frames, size_t k)
{
	for (size_t i = 0; i < k; i++)
		free(frames->list[i].bytes);
	frames->n -= k;
	memmove(frames->list, frames->list + k, frames->n * sizeof(*frames->list));
}

int record_parse(struct frames *frames, struct record **ret, struct nudge_error *error)
{
	struct record *record = NULL;
	json_error_t where;
	json_t *header;

	if (frames->n < 2) {
		frames_free(frames);
		return error_set(error, NUDGE_INVALID,
				 "a stream record of one frame: expected topic and header");
	}
	header = json_loadb(frames->list[1].bytes, frames->list[1].size, JSON_REJECT_DUPLICATES,
			    &where);
	if (json_is_object(header))
		record = record_new(frames->list[0].bytes, json_incref(header));
	json_decref(header);
	if (!record) {
		error_set(error, NUDGE_INVALID,
			  "record on topic %.60s: its header is no object (%s)",
			  (const char *)frames->list[0].bytes, header ? "or too long" : where.text);
		frames_free(frames);
		return -1;
	}
	record->frames = *frames;
	*frames = (struct frames){0};
	drop_frames(&record->frames, 2);
	*ret = record;
	return 0;
}

/* One axis of a shape: a number, or "n" for the header's n */
static bool axis(const json_t *value, uint64_t n, size_t *ret)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		*ret = (size_t)json_integer_value(value);
	else if (json_is_string(value) && !strcmp(json_string_value(value), "n"))
		*ret = (size_t)n;
	else
		return false;
	return true;
}

static int describe_one(const struct record *record, const json_t *text, const struct frame *frame,
			struct nudge_array *ret, struct nudge_error *error)
{
	const json_t *shape = json_object_get(text, "shape");
	const char *unit = json_string_value(json_object_get(text, "unit"));
	size_t axes = json_array_size(shape), items;

	*ret = (struct nudge_array){
		.name = json_string_value(json_object_get(text, "name")),
		.dtype = json_string_value(json_object_get(text, "dtype")),
		.unit = unit ? unit : "",
		.axes = (int)axes,
		.shape = {1, 1},
		.bytes = frame->bytes,
	};
	if (!ret->name || !ret->dtype)
		return error_set(error, NUDGE_INVALID, "an array without name or dtype");
	ret->item_bytes = dtype_bytes(ret->dtype);
	if (!ret->item_bytes)
		return error_set(error, NUDGE_INVALID, "array %s: dtype \"%s\" is not known",
				 ret->name, ret->dtype);
	if (axes < 1 || axes > 2)
		return error_set(error, NUDGE_INVALID, "array %s: %zu axes, expected 1 or 2",
				 ret->name, axes);
	for (size_t i = 0; i < axes; i++)
		if (!axis(json_array_get(shape, i), record->public.n, &ret->shape[i]))
			return error_set(error, NUDGE_INVALID,
					 "array %s: axis %zu is neither a number nor \"n\"",
					 ret->name, i);
	if (__builtin_mul_overflow(ret->shape[0], ret->shape[1], &items) ||
	    frame->size % ret->item_bytes || frame->size / ret->item_bytes != items)
		return error_set(error, NUDGE_INVALID,
				 "array %s: %zu bytes came, [%zu, %zu] of %s expected", ret->name,
				 frame->size, ret->shape[0], ret->shape[1], ret->dtype);
	return 0;
}

int record_describe(struct record *record, json_t *arrays, struct nudge_error *error)
{
	size_t n = json_array_size(arrays);
	struct nudge_array *list;

	if (n != record->frames.n)
		return error_set(error, NUDGE_INVALID,
				 "record on topic \"%s\": %zu arrays came, %zu are described",
				 record->topic, record->frames.n, n);
	list = calloc(n ? n : 1, sizeof(*list));
	if (!list)
		return error_set(error, NUDGE_INVALID, "no memory for %zu arrays", n);
	for (size_t i = 0; i < n; i++) {
		if (describe_one(record, json_array_get(arrays, i), &record->frames.list[i],
				 &list[i], error) < 0) {
			free(list);
			return -1;
		}
	}
	record->arrays = json_incref(arrays);
	record->public.arrays = list;
	record->public.n_arrays = n;
	return 0;
}

int record_of_reply(struct frames *frames, const json_t *reply, struct record **ret,
		    struct nudge_error *error)
{
	json_t *result = json_object_get(reply, "result");
	struct record *record = record_new("", json_incref(result));

	if (!record) {
		frames_free(frames);
		return error_set(error, NUDGE_INVALID, "no memory for a reply");
	}
	record->public.meta = json_incref(json_object_get(reply, "meta"));
	record->frames = *frames;
	*frames = (struct frames){0};
	drop_frames(&record->frames, 1);
	if (record->frames.n > 0 &&
	    record_describe(record, json_object_get(result, "arrays"), error) < 0) {
		record_free(record);
		return -1;
	}
	*ret = record;
	return 0;
}

void record_skip(struct record *record, uint64_t rows)
{
	for (size_t i = 0; i < record->public.n_arrays; i++) {
		struct nudge_array *array = &record->public.arrays[i];

		if (array->shape[0] != record->public.n)
			continue;
		array->bytes =
			(const char *)array->bytes + rows * array->shape[1] * array->item_bytes;
		array->shape[0] -= rows;
	}
	record->public.step += rows;
	record->public.n -= rows;
}
