/* tests/unit/test_web.c - the dashboard's parts: base64, cookies, the row of recent events, fewer rows of edges. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/web/hub.h"
#include "clients/web/places.h"
#include "clients/web/text.h"
#include "clients/web/thin.h"
#include "clients/web/token.h"
#include "tests/check.h"

static void base64_is_that_of_rfc_4648(void **state)
{
	static const char *const vectors[][2] = {{"", ""},
						 {"f", "Zg=="},
						 {"fo", "Zm8="},
						 {"foo", "Zm9v"},
						 {"foob", "Zm9vYg=="},
						 {"fooba", "Zm9vYmE="},
						 {"foobar", "Zm9vYmFy"},
						 {"\xfb\xff\xfe", "+//+"}};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct text text = {0};
		char *got;

		text_put(&text, "");
		text_base64(&text, vectors[i][0], strlen(vectors[i][0]));
		got = text_take(&text);
		assert_string_equal(got, vectors[i][1]);
		free(got);
	}
}

static void a_token_is_found_among_cookies_and_only_whole(void **state)
{
	struct token token, other;
	char cookies[200], why[200];

	(void)state;
	assert_ok(token_make(NULL, &token, why, sizeof(why)));
	assert_ok(token_make(NULL, &other, why, sizeof(why)));
	assert_int_equal(strlen(token.text), TOKEN_CHARS);
	assert_string_not_equal(token.text, other.text);
	snprintf(cookies, sizeof(cookies), "a=b; nudge=%s ;c=d", token.text);
	assert_true(token_in_cookies(&token, cookies));
	assert_false(token_in_cookies(&other, cookies));
	snprintf(cookies, sizeof(cookies), "xnudge=%s", token.text);
	assert_false(token_in_cookies(&token, cookies));
	snprintf(cookies, sizeof(cookies), "nudge=%.31s", token.text);
	assert_false(token_in_cookies(&token, cookies));
	assert_false(token_in_cookies(&token, "nudge="));
	assert_false(token_in_cookies(&token, NULL));
	assert_false(token_is(&token, NULL));
}

/* ---- the hub ---- */

static void publish(struct hub *hub, uint64_t seq, size_t n)
{
	struct event event = {.seq = seq, .n = n, .text = calloc(1, n + 1)};

	snprintf(event.text, n + 1, "%llu", (unsigned long long)seq);
	hub_publish(hub, &event);
}

/* The seq of the next event; -1: nothing, -2: missed, -3: a beginning */
static long long next(struct hub *hub, uint64_t *place)
{
	const struct event *event;
	long long seq;

	switch (hub_next(hub, place, 0, &event)) {
	case HUB_NOTHING:
		return -1;
	case HUB_MISSED:
		return -2;
	case HUB_CLOSED:
		return -4;
	case HUB_EVENT:
		break;
	}
	seq = event->begin ? -3 : (long long)event->seq;
	hub_drop(hub, event);
	return seq;
}

static void events_come_in_order_to_each_reader(void **state)
{
	struct hub *hub = hub_new(1000);
	uint64_t a = 0, b = 0;

	(void)state;
	hub_begin(hub, "b1", 10);
	publish(hub, 11, 10);
	publish(hub, 12, 10);
	assert_int_equal(next(hub, &a), -3);
	assert_int_equal(next(hub, &a), 11);
	assert_int_equal(next(hub, &b), -3);
	assert_int_equal(next(hub, &a), 12);
	assert_int_equal(next(hub, &a), -1);
	publish(hub, 13, 10);
	assert_int_equal(next(hub, &a), 13);
	assert_int_equal(next(hub, &b), 11);
	hub_close(hub);
	assert_int_equal(next(hub, &b), -4);
	hub_free(hub);
}

static void what_has_left_is_told_and_not_gone_on_from(void **state)
{
	struct hub *hub = hub_new(1000);
	uint64_t place = 0, other = 0;

	(void)state;
	hub_begin(hub, "b1", 10);
	assert_true(hub_after(hub, "b1", 10, &other));
	assert_int_equal(next(hub, &other), -1);
	assert_false(hub_after(hub, "b1", 9, &other));
	for (uint64_t seq = 11; seq <= 20; seq++)
		publish(hub, seq, 300); /* three of them fit */
	assert_int_equal(next(hub, &place), -2);
	assert_true(hub_after(hub, "b1", 17, &other));
	assert_int_equal(next(hub, &other), 18);
	assert_true(hub_after(hub, "b1", 19, &other));
	assert_int_equal(next(hub, &other), 20);
	assert_false(hub_after(hub, "b1", 16, &other));
	assert_false(hub_after(hub, "b2", 19, &other));
	hub_begin(hub, "b2", 3);
	assert_false(hub_after(hub, "b1", 20, &other));
	publish(hub, 4, 10);
	assert_true(hub_after(hub, "b2", 3, &other));
	assert_int_equal(next(hub, &other), 4);
	hub_free(hub);
}

static void events_without_a_seq_are_not_lost_in_silence(void **state)
{
	struct hub *hub = hub_new(1000);
	uint64_t place;

	(void)state;
	hub_begin(hub, "b1", 10);
	publish(hub, 11, 300);
	publish(hub, 0, 300); /* steps that were fetched */
	publish(hub, 12, 300);
	assert_true(hub_after(hub, "b1", 11, &place));
	assert_int_equal(next(hub, &place), 0);
	publish(hub, 13, 300); /* 11 leaves */
	assert_true(hub_after(hub, "b1", 11, &place));
	assert_int_equal(next(hub, &place), 0);
	publish(hub, 14, 300); /* the fetched ones leave */
	assert_false(hub_after(hub, "b1", 11, &place));
	assert_true(hub_after(hub, "b1", 12, &place));
	assert_int_equal(next(hub, &place), 13);
	hub_free(hub);
}

/* ---- thinning ---- */

#define ROWS 256

/* How many rows of a page show their edges, and the last of them */
static size_t rows_shown(struct thin *thin, const uint32_t flags[ROWS], double at_s, long *ret_last)
{
	static double mse[ROWS];
	static unsigned char wiper[ROWS][3];
	struct nudge_array arrays[] = {
		{"mse_V2", "<f8", "", 1, {ROWS, 1}, 8, mse},
		{"flags", "<u4", "", 1, {ROWS, 1}, 4, flags},
		{"wiper", "<u1", "", 2, {ROWS, 3}, 1, wiper},
	};
	struct nudge_record record = {.topic = "step.00000001.",
				      .kind = "step",
				      .header = json_pack("{s:s}", "boot", "b1"),
				      .seq = 7,
				      .run = 1,
				      .n = ROWS,
				      .n_arrays = 3,
				      .arrays = arrays};
	struct event event;
	json_t *data, *rows;
	size_t n;

	assert_true(thin_event(thin, &record, at_s, &event));
	assert_memory_equal(event.text, "id: b1.7\nevent: step\ndata: {", 28);
	assert_int_equal(event.next_step, ROWS);
	data = json_loads(strstr(event.text, "data: ") + 6, JSON_DISABLE_EOF_CHECK, NULL);
	rows = json_object_get(data, "rows");
	n = json_array_size(rows);
	*ret_last = n ? (long)json_integer_value(json_array_get(rows, n - 1)) : -1;
	assert_int_equal(json_string_length(json_object_get(data, "mse_V2")),
			 (ROWS * 8 + 2) / 3 * 4);
	json_decref(data);
	json_decref(record.header);
	free(event.text);
	return n;
}

static void touch(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fclose(file);
}

static void a_program_finds_the_pages_of_the_checkout_it_was_built_in(void **state)
{
	char top[] = "/tmp/nw-places.XXXXXX", *found;
	char clean[64];

	(void)state;
	assert_non_null(mkdtemp(top));
	assert_int_equal(chdir(top), 0);
	assert_int_equal(mkdir("pages", 0700) | mkdir("build", 0700) | mkdir("build/.libs", 0700),
			 0);
	snprintf(clean, sizeof(clean), "%s/build/nudge-web", top);
	assert_null(places_in_checkout(clean, "pages")); /* as an installed one */
	touch("build/config.status");
	assert_null(places_in_checkout(clean, "pages")); /* above it is no checkout */
	touch("configure.ac");
	found = places_in_checkout(clean, "pages");
	assert_non_null(found);
	assert_memory_equal(found, top, strlen(top));
	assert_string_equal(found + strlen(top), "/pages");
	free(found);
	snprintf(clean, sizeof(clean), "%s/build/.libs/nudge-web", top);
	found = places_in_checkout(clean, "pages");
	assert_non_null(found);
	free(found);
	assert_null(places_in_checkout(clean, "none"));
	assert_int_equal(unlink("configure.ac") | unlink("build/config.status") |
				 rmdir("build/.libs") | rmdir("build") | rmdir("pages") |
				 chdir("/") | rmdir(top),
			 0);
}

static void fifty_rows_of_edges_a_second_the_newest_among_them(void **state)
{
	struct thin thin = {0};
	uint32_t flags[ROWS] = {0};
	long last;

	(void)state;
	assert_int_equal(rows_shown(&thin, flags, 100.0, &last), 50);
	assert_int_equal(last, ROWS - 1);
	assert_int_equal(rows_shown(&thin, flags, 100.0, &last), 0);
	assert_int_equal(rows_shown(&thin, flags, 100.125, &last), 6);
	assert_int_equal(last, ROWS - 1);
	for (size_t i = 0; i < ROWS; i++)
		flags[i] = i == 9 ? 0 : 16; /* the log leaves all others' edges out */
	assert_int_equal(rows_shown(&thin, flags, 105, &last), 1);
	assert_int_equal(last, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(a_token_is_found_among_cookies_and_only_whole),
		cmocka_unit_test(events_come_in_order_to_each_reader),
		cmocka_unit_test(what_has_left_is_told_and_not_gone_on_from),
		cmocka_unit_test(events_without_a_seq_are_not_lost_in_silence),
		cmocka_unit_test(a_program_finds_the_pages_of_the_checkout_it_was_built_in),
		cmocka_unit_test(fifty_rows_of_edges_a_second_the_newest_among_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
