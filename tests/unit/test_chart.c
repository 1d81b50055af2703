/* tests/unit/test_chart.c - curves as text and as a picture, compared with what was drawn by hand. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/svg.h"
#include "tests/check.h"

static struct curve *curve_new(bool log)
{
	struct curve *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	curve_init(c, log);
	return c;
}

static void compare(const struct chart *chart, const char *want)
{
	char *text = chart_draw(chart);

	assert_non_null(text);
	assert_string_equal(text, want);
	free(text);
}

/* Eight points down three decades on 8 x 8 dots: a diagonal */
static void draws_decades_as_a_straight_line(void **state)
{
	struct curve *c = curve_new(true);
	struct chart chart = {
		.curve = c, .width = 8, .height = 4, .title = "mse_V2", .y_min = -3, .y_max = 0};

	(void)state;
	for (int i = 0; i <= 7; i++)
		curve_add(c, i, pow(10, -3 * i / 7.0));
	compare(&chart, "        mse_V2\n"
			"    1e0 |'.      \n"
			"   1e-1 |  '.    \n"
			"   1e-2 |    '.  \n"
			"   1e-3 |      '.\n"
			"        +--------\n"
			"        0 7 steps\n");
	free(c);
}

/* Two points at the top of one character: dots 1 and 4, U+2809 */
static void draws_braille_dots_where_unicode_puts_them(void **state)
{
	struct curve *c = curve_new(false);
	struct chart chart = {
		.curve = c, .width = 1, .height = 1, .unicode = true, .x_max = 1, .y_max = 1};
	char *text;

	(void)state;
	curve_add(c, 0, 1);
	curve_add(c, 1, 1);
	text = chart_draw(&chart);
	assert_non_null(text);
	assert_non_null(strstr(text, "\xe2\xa0\x89"));
	free(text);
	free(c);
}

static void leaves_out_what_has_no_logarithm(void **state)
{
	struct curve *c = curve_new(true);

	(void)state;
	curve_add(c, 0, 0);
	curve_add(c, 1, -1);
	curve_add(c, 2, NAN);
	assert_int_equal(c->n, 0);
	curve_add(c, 3, 100);
	assert_int_equal(c->n, 1);
	assert_close(curve_y(c, 0), 2, 1e-15);
	free(c);
}

static void keeps_the_mean_of_a_long_run_in_few_bins(void **state)
{
	struct curve *c = curve_new(false);
	double sum = 0, count = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++)
		curve_add(c, i, i % 10);
	assert_true(c->n <= CURVE_BINS && c->n > CURVE_BINS / 4);
	for (size_t i = 0; i < c->n; i++) {
		sum += c->bins[i].y;
		count += c->bins[i].count;
		assert_true(i == 0 || curve_x(c, i) > curve_x(c, i - 1));
	}
	assert_close(count, 1e6, 0);
	assert_close(sum / count, 4.5, 1e-12);
	free(c);
}

/* A thousand points on two columns: one that falls far out does not stretch the axis to its decade */
static void fits_the_axis_to_what_is_drawn(void **state)
{
	struct curve *c = curve_new(true);
	struct chart chart = {.curve = c, .width = 2, .height = 3};
	char *text;

	(void)state;
	for (int i = 0; i < 1000; i++)
		curve_add(c, i, i == 300 ? 1e-9 : i < 500 ? 0.5 : 0.02);
	text = chart_draw(&chart);
	assert_non_null(text);
	assert_non_null(strstr(text, "1e-2"));
	assert_null(strstr(text, "1e-3"));
	assert_null(strstr(text, "1e-9"));
	free(text);
	free(c);
}

static char *svg_text(const struct svg_plot *plot)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	svg_write(out, plot);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* 1e-2 is two of the four decades down from 1 V2: half the panel of 220 below its top at 88 */
static void puts_a_point_of_the_picture_where_it_belongs(void **state)
{
	struct svg_point points[] = {{0, 1, 1, 1}, {100, 1e-2, 1e-9, 1e-2}};
	struct svg_point tests[] = {{0, 1e-4, 1e-4, 1e-4}};
	struct svg_point right[] = {{0, 0.75, 0.75, 0.75}, {100, 0.85, 0.85, 0.85}};
	struct svg_plot plot = {
		.title = "a < b & \"c\"",
		.subtitle = "",
		.error = {"error", points, 2},
		.test = {"test", tests, 1},
		.accuracy = {"accuracy", right, 2},
		.x_max = 100,
	};
	char *text = svg_text(&plot);

	(void)state;
	assert_non_null(strstr(text, "M64.0 88.0L696.0 198.0\""));
	/* from 70 to 100 %, 130 high, below 360: half is 425 */
	assert_non_null(strstr(text, "L696.0 425.0\""));
	assert_non_null(strstr(text, ">85.0 %<"));
	assert_non_null(strstr(text, ">70 %<"));
	assert_non_null(strstr(text, "a &lt; b &amp; &quot;c&quot;"));
	assert_non_null(strstr(text, "prefers-color-scheme:dark"));
	assert_non_null(strstr(text, "</svg>"));
	assert_null(strstr(text, "nan"));
	free(text);
}

/* Far apart they stand in the first row, close together in rows of their own; the last is turned inwards */
static void keeps_words_in_the_picture_apart(void **state)
{
	struct svg_mark marks[] = {{10, "a"}, {50, "b"}, {51, "c"}, {99, "d"}};
	struct svg_plot plot = {
		.title = "", .subtitle = "", .marks = marks, .n_marks = 4, .x_max = 100};
	char *text = svg_text(&plot);

	(void)state;
	assert_non_null(strstr(text, "y=\"101.0\" class=\"word\">a<"));
	assert_non_null(strstr(text, "y=\"101.0\" class=\"word\">b<"));
	assert_non_null(strstr(text, "y=\"115.0\" class=\"word\">c<"));
	assert_non_null(strstr(text, "y=\"101.0\" class=\"word end\">d<"));
	free(text);
}

static void draws_a_picture_of_nothing(void **state)
{
	struct svg_plot plot = {.title = "run 1", .subtitle = ""};
	char *text = svg_text(&plot);

	(void)state;
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
	assert_non_null(strstr(text, "</svg>"));
	free(text);
}

/* 2 to 50 over six lines: ends and marks at 1, 2 and 5 times a power of ten */
static void a_fine_axis_ends_where_the_curve_does(void **state)
{
	struct curve *c = curve_new(true);
	struct chart chart = {.curve = c, .width = 8, .height = 6, .fine = true};

	(void)state;
	for (int i = 0; i <= 7; i++)
		curve_add(c, i, 45 * pow(2.5 / 45, i / 7.0));
	compare(&chart, "    5e1 |'.      \n"
			"    2e1 | ':     \n"
			"    1e1 |   :.   \n"
			"        |    '.  \n"
			"    5e0 |      : \n"
			"    2e0 |       '\n"
			"        +--------\n"
			"        0 7 steps\n");
	free(c);
}

/* The log of the mean, however few and heavy the bins are that it comes in */
static void means_of_bins_go_on_as_their_steps_would(void **state)
{
	struct curve *steps = curve_new(true), *bins = curve_new(true);

	(void)state;
	steps->means = bins->means = true;
	for (int i = 0; i < 4096; i++)
		curve_add(steps, i, i % 2 ? 1e-4 : 1);
	for (int i = 0; i < 4096; i += 16)
		curve_add_mean(bins, i + 7.5, (1 + 1e-4) / 2, 16);
	for (size_t i = 0; i < steps->n; i++)
		assert_close(curve_y(steps, i), log10((1 + 1e-4) / 2), 1e-9);
	for (size_t i = 0; i < bins->n; i++)
		assert_close(curve_y(bins, i), log10((1 + 1e-4) / 2), 1e-9);
	free(steps);
	free(bins);
}

/* One low value in a column of its own, after columns of four: it joins them and does not hang off the end */
static void a_column_that_has_only_begun_joins_the_one_before(void **state)
{
	struct curve *c = curve_new(false);
	struct chart chart = {.curve = c, .width = 4, .height = 2, .y_max = 1, .x_max = 15};

	(void)state;
	for (int i = 0; i < 12; i++)
		curve_add(c, i, 1);
	curve_add(c, 13, 0);
	compare(&chart, "      1 |''. \n"
			"      0 |    \n"
			"        +----\n"
			"        0 15 steps\n");
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_decades_as_a_straight_line),
		cmocka_unit_test(draws_braille_dots_where_unicode_puts_them),
		cmocka_unit_test(leaves_out_what_has_no_logarithm),
		cmocka_unit_test(keeps_the_mean_of_a_long_run_in_few_bins),
		cmocka_unit_test(puts_a_point_of_the_picture_where_it_belongs),
		cmocka_unit_test(keeps_words_in_the_picture_apart),
		cmocka_unit_test(fits_the_axis_to_what_is_drawn),
		cmocka_unit_test(draws_a_picture_of_nothing),
		cmocka_unit_test(a_fine_axis_ends_where_the_curve_does),
		cmocka_unit_test(means_of_bins_go_on_as_their_steps_would),
		cmocka_unit_test(a_column_that_has_only_begun_joins_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
