/* tests/unit/test_record.c - rows, pages and their headers, against bytes worked out by hand. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/record.h"
#include "tests/check.h"

static void lays_a_row_out_without_overlap(void **state)
{
	struct record_layout l;

	(void)state;
	record_layout(
		&(struct record_shape){
			.n_sources = 2, .n_targets = 1, .n_measured = 3, .n_edges = 10},
		&l);
	/* head 88, source 16, target 8, clamp 8, free 24, clamped 24, wiper 10, updated 2 */
	assert_int_equal(sizeof(struct record_head), 88);
	assert_int_equal(l.source_V, 88);
	assert_int_equal(l.target_V, 104);
	assert_int_equal(l.clamp_V, 112);
	assert_int_equal(l.free_V, 120);
	assert_int_equal(l.clamped_V, 144);
	assert_int_equal(l.wiper, 168);
	assert_int_equal(l.updated, 178);
	assert_int_equal(l.mask_bytes, 2);
	assert_int_equal(l.row_bytes, 184);
}

static void edges_without_taps_have_resistances(void **state)
{
	struct record_array arrays[RECORD_ARRAYS];
	struct record_layout l;

	(void)state;
	record_layout(&(struct record_shape){.n_sources = 2,
					     .n_targets = 1,
					     .n_measured = 3,
					     .n_edges = 10,
					     .continuous = true,
					     .equilibrium = true},
		      &l);
	assert_int_equal(l.n_wipers, 0);
	assert_int_equal(l.r_ohm, 168);
	assert_int_equal(l.updated, 168 + 80);
	assert_int_equal(record_arrays(&l, arrays), 11);
	assert_string_equal(arrays[7].name, "wiper");
	assert_int_equal(arrays[7].width, 0);
	assert_string_equal(arrays[9].name, "mse_equilibrium_V2");
	assert_string_equal(arrays[10].name, "r_ohm");
	assert_int_equal(arrays[10].width, 10);
}

static void a_log_keeps_the_steps_that_its_period_divides(void **state)
{
	struct record_page page = {.boot = "b1", .run = 42, .step = 11, .n = 3, .desc = 42};
	struct record_layout l;
	char text[512];

	(void)state;
	record_layout(&(struct record_shape){.n_edges = 9, .keep_every = 10, .wiper_every = 100},
		      &l);
	assert_true(record_is_kept(&l, 0));
	assert_false(record_is_kept(&l, 9));
	assert_true(record_is_kept(&l, 110));
	assert_true(record_has_edges(&l, 100));
	assert_false(record_has_edges(&l, 110));
	record_layout(&(struct record_shape){.n_edges = 9, .wiper_every = UINT64_MAX}, &l);
	assert_true(record_is_kept(&l, 7));
	assert_false(record_has_edges(&l, 0));
	assert_true(record_header(&page, text, sizeof(text)) > 0);
	assert_null(strstr(text, "kept"));
	page.left_out = true;
	assert_true(record_header(&page, text, sizeof(text)) > 0);
	assert_non_null(strstr(text, ",\"n\":3,\"kept\":false,"));
}

static void edges_that_were_not_read_are_gathered_as_0(void **state)
{
	struct record_array arrays[RECORD_ARRAYS];
	struct record_layout l;
	uint8_t row[256] = {0}, out[16];

	(void)state;
	record_layout(
		&(struct record_shape){
			.n_sources = 1, .n_targets = 1, .n_measured = 2, .n_edges = 9},
		&l);
	assert_true(l.row_bytes <= sizeof(row));
	record_arrays(&l, arrays);
	memset(record_bytes(row, l.wiper), 77, 9);
	record_gather(&arrays[7], row, l.row_bytes, 1, out);
	assert_int_equal(out[8], 77);
	record_head(row)->flags = RECORD_WIPER_UNREAD;
	record_gather(&arrays[7], row, l.row_bytes, 1, out);
	assert_int_equal(out[8], 0);
}

static void fits_a_page_into_rows_and_bytes(void **state)
{
	struct record_layout l;

	(void)state;
	record_layout(
		&(struct record_shape){
			.n_sources = 2, .n_targets = 1, .n_measured = 9, .n_edges = 16},
		&l); /* 28 + 144 + 18 bytes a row: rows limit */
	assert_int_equal(l.page_rows, 256);
	record_layout(
		&(struct record_shape){
			.n_sources = 10, .n_targets = 3, .n_measured = 64, .n_edges = 143},
		&l); /* 28 + 1024 + 143 + 18 = 1213 bytes: 216.1 rows */
	assert_int_equal(l.page_rows, 216);
	record_layout(
		&(struct record_shape){
			.n_sources = 2, .n_targets = 1, .n_measured = 250000, .n_edges = 500000},
		&l); /* one row is more than a page */
	assert_int_equal(l.page_rows, 1);
}

/* Two rows of a divider: 1 source, 1 target, 2 measured, 9 edges. */
static void *two_rows(const struct record_layout *l)
{
	char *rows = calloc(2, l->row_bytes);

	assert_non_null(rows);
	for (size_t i = 0; i < 2; i++) {
		char *row = rows + i * l->row_bytes;
		struct record_head *head = record_head(row);

		head->step = 1203 + i;
		head->t_mono_ns = 0x0102030405060708 + (int64_t)i;
		head->example = 7;
		head->rev = 0x11223344;
		head->flags = i ? RECORD_LATE : 0;
		head->mse_V2 = 1.0;
		record_reals(row, l->free_V)[0] = 2.0;
		record_reals(row, l->free_V)[1] = i ? -0.5 : NAN;
		record_bytes(row, l->wiper)[8] = (uint8_t)(126 + i);
		record_bytes(row, l->updated)[0] = 0x81;
		record_bytes(row, l->updated)[1] = 0x01;
	}
	return rows;
}

static void gathers_columns_little_endian(void **state)
{
	static const uint8_t t_mono[16] = {8, 7, 6, 5, 4, 3, 2, 1, 9, 7, 6, 5, 4, 3, 2, 1};
	static const uint8_t rev[8] = {0x44, 0x33, 0x22, 0x11, 0x44, 0x33, 0x22, 0x11};
	static const uint8_t flags[8] = {0, 0, 0, 0, 8, 0, 0, 0};
	static const uint8_t free_V[32] = {0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F,
					   0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xE0, 0xBF};
	static const uint8_t wiper[18] = {[8] = 126, [17] = 127};
	static const uint8_t updated[4] = {0x81, 0x01, 0x81, 0x01};
	const struct {
		const char *name;
		const uint8_t *bytes;
		size_t size;
	} want[] = {{"t_mono_ns", t_mono, 16}, {"rev", rev, 8},      {"flags", flags, 8},
		    {"v_free_V", free_V, 32},  {"wiper", wiper, 18}, {"updated", updated, 4}};
	struct record_array arrays[RECORD_ARRAYS];
	struct record_layout l;
	size_t n_seen = 0, n_arrays;
	uint8_t out[64];
	void *rows;

	(void)state;
	record_layout(
		&(struct record_shape){
			.n_sources = 1, .n_targets = 1, .n_measured = 2, .n_edges = 9},
		&l);
	n_arrays = record_arrays(&l, arrays);
	rows = two_rows(&l);
	for (size_t i = 0; i < n_arrays; i++) {
		for (size_t j = 0; j < sizeof(want) / sizeof(want[0]); j++) {
			if (strcmp(arrays[i].name, want[j].name) != 0)
				continue;
			assert_int_equal(2 * arrays[i].width * arrays[i].item_bytes, want[j].size);
			memset(out, 0xAA, sizeof(out));
			record_gather(&arrays[i], rows, l.row_bytes, 2, out);
			assert_memory_equal(out, want[j].bytes, want[j].size);
			assert_int_equal(out[want[j].size], 0xAA);
			n_seen++;
		}
	}
	assert_int_equal(n_seen, 6);
	free(rows);
}

static void describes_arrays_in_their_order(void **state)
{
	static const char *const names[] = {"t_mono_ns", "example",     "rev",   "flags",  "mse_V2",
					    "v_free_V",  "v_clamped_V", "wiper", "updated"};
	const uint32_t measured[] = {1, 0}, targets[] = {1}, sources[] = {0};
	struct record_layout l;
	json_t *d, *arrays, *free_V;
	char *text;

	(void)state;
	record_layout(
		&(struct record_shape){
			.n_sources = 1, .n_targets = 1, .n_measured = 2, .n_edges = 9},
		&l);
	d = record_descriptor(&l, 42, 42, measured, targets, sources);
	arrays = json_object_get(d, "arrays");
	assert_int_equal(json_array_size(arrays), sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(arrays, i), "name")),
			names[i]);
	free_V = json_array_get(arrays, 5);
	text = json_dumps(free_V, JSON_COMPACT);
	assert_string_equal(text, "{\"name\":\"v_free_V\",\"dtype\":\"<f8\",\"shape\":[\"n\",2],"
				  "\"unit\":\"V\",\"nodes\":[1,0]}");
	free(text);
	text = json_dumps(json_array_get(arrays, 8), JSON_COMPACT);
	assert_string_equal(text, "{\"name\":\"updated\",\"dtype\":\"<u1\",\"shape\":[\"n\",2],"
				  "\"unit\":null,\"edges\":[0,1,2,3,4,5,6,7,8]}");
	free(text);
	json_decref(d);
}

static const struct record_page page = {.boot = "b1",
					.seq = 48211,
					.prev = 48190,
					.durable_seq = 48209,
					.run = 42,
					.step = 1203,
					.n = 1,
					.desc = 7,
					.t_utc_ns = 1795319491123456789};

static void writes_the_header_of_the_protocol(void **state)
{
	char text[512];
	size_t n = record_header(&page, text, sizeof(text));

	(void)state;
	assert_string_equal(
		text, "{\"v\":1,\"kind\":\"step\",\"boot\":\"b1\",\"seq\":48211,\"prev\":48190,"
		      "\"durable_seq\":48209,\"run\":42,\"step\":1203,\"n\":1,\"desc\":7,"
		      "\"t_utc\":\"2026-11-22T03:51:31.123456Z\"}");
	assert_int_equal(n, strlen(text));
}

static void writes_headers_that_are_json_up_to_the_largest_numbers(void **state)
{
	struct record_page most = page;
	char text[512];
	json_t *header;
	size_t n;

	(void)state;
	most.seq = most.prev = most.durable_seq = INT64_MAX;
	most.run = most.step = most.desc = INT64_MAX;
	n = record_header(&most, text, sizeof(text));
	header = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(header);
	assert_true(json_integer_value(json_object_get(header, "seq")) == INT64_MAX);
	assert_true(json_integer_value(json_object_get(header, "step")) == INT64_MAX);
	assert_int_equal(json_integer_value(json_object_get(header, "v")), PROTOCOL_VERSION);
	json_decref(header);
}

static void leaves_seq_out_of_fetched_pages(void **state)
{
	struct record_page fetched = page;
	char text[512];
	json_t *header;

	(void)state;
	fetched.seq = 0;
	header = json_loadb(text, record_header(&fetched, text, sizeof(text)), 0, NULL);
	assert_null(json_object_get(header, "seq"));
	assert_null(json_object_get(header, "prev"));
	assert_int_equal(json_integer_value(json_object_get(header, "run")), 42);
	json_decref(header);
}

static void says_when_a_header_does_not_fit(void **state)
{
	char text[512];
	size_t n = record_header(&page, text, sizeof(text));

	(void)state;
	assert_int_equal(record_header(&page, text, n), 0);
	assert_int_equal(record_header(&page, text, 1), 0);
	assert_int_equal(record_header(&page, text, n + 1), n);
}

static void writes_utc_as_date_does(void **state)
{
	/* date -u -d @SECONDS +%FT%T */
	static const struct {
		int64_t ns;
		const char *text;
	} want[] = {
		{0, "1970-01-01T00:00:00.000000Z"},
		{-1, "1969-12-31T23:59:59.999999Z"},
		{951782399999999999, "2000-02-28T23:59:59.999999Z"},
		{951782400000000000, "2000-02-29T00:00:00.000000Z"},
		{1709164800000001000, "2024-02-29T00:00:00.000001Z"},
		{4107542400000000000, "2100-03-01T00:00:00.000000Z"},
	};
	char text[28];

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_string_equal(record_utc(want[i].ns, text, sizeof(text)), want[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lays_a_row_out_without_overlap),
		cmocka_unit_test(edges_without_taps_have_resistances),
		cmocka_unit_test(a_log_keeps_the_steps_that_its_period_divides),
		cmocka_unit_test(edges_that_were_not_read_are_gathered_as_0),
		cmocka_unit_test(fits_a_page_into_rows_and_bytes),
		cmocka_unit_test(gathers_columns_little_endian),
		cmocka_unit_test(describes_arrays_in_their_order),
		cmocka_unit_test(writes_the_header_of_the_protocol),
		cmocka_unit_test(writes_headers_that_are_json_up_to_the_largest_numbers),
		cmocka_unit_test(leaves_seq_out_of_fetched_pages),
		cmocka_unit_test(says_when_a_header_does_not_fit),
		cmocka_unit_test(writes_utc_as_date_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
