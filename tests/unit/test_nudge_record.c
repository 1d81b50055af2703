/* tests/unit/test_nudge_record.c - stream records decoded from bytes written by hand. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/record.h"
#include "tests/check.h"

/* Two steps of a run: 1.5 and -0.25 as IEEE doubles, taps 3 4 / 127 0, and a time that needs 64 bits */
static const unsigned char times[] = {0x15, 0xcd, 0x5b, 0x07, 0,    0,    0,    0,
				      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const unsigned char reals[] = {0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0xd0, 0xbf};
static const unsigned char taps[] = {3, 4, 127, 0};
static const unsigned char counts[] = {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff};

static const char header[] =
	"{\"v\":1,\"kind\":\"step\",\"boot\":\"b\",\"seq\":9,\"prev\":7,\"run\":42,\"step\":1203,"
	"\"n\":2,\"desc\":7}";
static const char descriptor[] =
	"[{\"name\":\"t_mono_ns\",\"dtype\":\"<i8\",\"shape\":[\"n\"],\"unit\":\"ns\"},"
	"{\"name\":\"mse_V2\",\"dtype\":\"<f8\",\"shape\":[\"n\"],\"unit\":\"V^2\"},"
	"{\"name\":\"wiper\",\"dtype\":\"|u1\",\"shape\":[\"n\",2],\"unit\":null},"
	"{\"name\":\"rev\",\"dtype\":\"<u4\",\"shape\":[\"n\"]}]";

static void add(struct frames *frames, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	frames->list = realloc(frames->list, (frames->n + 1) * sizeof(*frames->list));
	assert_non_null(frames->list);
	frames->list[frames->n++] = (struct frame){copy, size};
}

static struct frames message(const char *header_text, size_t reals_size)
{
	struct frames frames = {0};

	add(&frames, "step.00000042.", 14);
	add(&frames, header_text, strlen(header_text));
	add(&frames, times, sizeof(times));
	add(&frames, reals, reals_size);
	add(&frames, taps, sizeof(taps));
	add(&frames, counts, sizeof(counts));
	return frames;
}

static struct record *decoded(void)
{
	struct frames frames = message(header, sizeof(reals));
	json_t *arrays = json_loads(descriptor, 0, NULL);
	struct nudge_error error = {0};
	struct record *record;

	assert_int_equal(record_parse(&frames, &record, &error), 0);
	assert_int_equal(record_describe(record, arrays, &error), 0);
	json_decref(arrays);
	return record;
}

static void reads_a_page_by_its_descriptor(void **state)
{
	struct record *record = decoded();
	const struct nudge_array *mse = nudge_record_array(&record->public, "mse_V2");
	const struct nudge_array *wiper = nudge_record_array(&record->public, "wiper");
	const struct nudge_array *time = nudge_record_array(&record->public, "t_mono_ns");
	const struct nudge_array *rev = nudge_record_array(&record->public, "rev");

	(void)state;
	assert_string_equal(record->public.topic, "step.00000042.");
	assert_string_equal(record->public.kind, "step");
	assert_int_equal(record->public.run, 42);
	assert_int_equal(record->public.step, 1203);
	assert_int_equal(record->public.n, 2);
	assert_close(nudge_array_real(mse, 0, 0), 1.5, 0);
	assert_close(nudge_array_real(mse, 1, 0), -0.25, 0);
	assert_string_equal(mse->unit, "V^2");
	assert_int_equal(nudge_array_integer(wiper, 0, 1), 4);
	assert_int_equal(nudge_array_integer(wiper, 1, 0), 127);
	assert_int_equal(nudge_array_integer(time, 0, 0), 123456789);
	assert_int_equal(nudge_array_integer(time, 1, 0), -1);
	assert_int_equal(nudge_array_integer(rev, 1, 0), 4294967295);
	record_free(record);
}

static void says_nan_outside_an_array(void **state)
{
	struct record *record = decoded();
	const struct nudge_array *wiper = nudge_record_array(&record->public, "wiper");

	(void)state;
	assert_true(isnan(nudge_array_real(wiper, 2, 0)));
	assert_true(isnan(nudge_array_real(wiper, 0, 2)));
	assert_null(nudge_record_array(&record->public, "wipers"));
	record_free(record);
}

static void skips_rows_that_were_there_before(void **state)
{
	struct record *record = decoded();
	const struct nudge_array *mse = nudge_record_array(&record->public, "mse_V2");

	(void)state;
	record_skip(record, 1);
	assert_int_equal(record->public.step, 1204);
	assert_int_equal(record->public.n, 1);
	assert_close(nudge_array_real(mse, 0, 0), -0.25, 0);
	assert_true(isnan(nudge_array_real(mse, 1, 0)));
	record_free(record);
}

static void leaves_arrays_whole_that_have_no_rows_of_the_page(void **state)
{
	struct frames frames = message("{\"kind\":\"step\",\"step\":0,\"n\":22}", 16);
	json_t *arrays = json_loads("[{\"name\":\"a\",\"dtype\":\"<i8\",\"shape\":[2]},"
				    "{\"name\":\"b\",\"dtype\":\"<f8\",\"shape\":[2]},"
				    "{\"name\":\"c\",\"dtype\":\"|u1\",\"shape\":[4]},"
				    "{\"name\":\"d\",\"dtype\":\"<u4\",\"shape\":[2]}]",
				    0, NULL);
	struct record *record;

	(void)state;
	assert_int_equal(record_parse(&frames, &record, NULL), 0);
	assert_int_equal(record_describe(record, arrays, NULL), 0);
	record_skip(record, 9);
	assert_int_equal(record->public.n, 13);
	for (size_t i = 0; i < record->public.n_arrays; i++)
		assert_in_range(record->public.arrays[i].shape[0], 2, 4);
	assert_false(isnan(nudge_array_real(&record->public.arrays[0], 1, 0)));
	assert_true(isnan(nudge_array_real(&record->public.arrays[0], 2, 0)));
	json_decref(arrays);
	record_free(record);
}

static void refuses(const char *header_text, const char *arrays_text, size_t reals_size,
		    const char *word)
{
	struct frames frames = message(header_text, reals_size);
	json_t *arrays = json_loads(arrays_text, 0, NULL);
	struct nudge_error error = {0};
	struct record *record = NULL;
	int r = record_parse(&frames, &record, &error);

	if (r == 0)
		r = record_describe(record, arrays, &error);
	assert_int_equal(r, -1);
	assert_int_equal(error.kind, NUDGE_INVALID);
	if (!strstr(error.message, word))
		fail_msg("\"%s\" does not name %s", error.message, word);
	json_decref(arrays);
	record_free(record);
}

static void refuses_what_does_not_fit_its_descriptor(void **state)
{
	(void)state;
	refuses(header, descriptor, 8, "mse_V2");
	refuses(header, descriptor, 15, "mse_V2");
	refuses(header, "[]", 16, "4 arrays came");
	refuses("[1]", descriptor, 16, "no object");
	refuses("{\"kind\":", descriptor, 16, "no object");
	refuses(header,
		"[{\"name\":\"a\",\"dtype\":\"<c16\",\"shape\":[2]},{\"name\":\"b\",\"dtype\":\"<f8\","
		"\"shape\":[2]},{\"name\":\"c\",\"dtype\":\"|u1\",\"shape\":[4]},"
		"{\"name\":\"d\",\"dtype\":\"<u4\",\"shape\":[2]}]",
		16, "<c16");
}

static void refuses_a_message_of_one_frame(void **state)
{
	struct frames frames = {0};
	struct nudge_error error = {0};
	struct record *record;

	(void)state;
	add(&frames, "step.", 5);
	assert_int_equal(record_parse(&frames, &record, &error), -1);
	assert_int_equal(frames.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_page_by_its_descriptor),
		cmocka_unit_test(says_nan_outside_an_array),
		cmocka_unit_test(skips_rows_that_were_there_before),
		cmocka_unit_test(leaves_arrays_whole_that_have_no_rows_of_the_page),
		cmocka_unit_test(refuses_what_does_not_fit_its_descriptor),
		cmocka_unit_test(refuses_a_message_of_one_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
