/* tests/unit/test_top.c - the display in a terminal without one: what it knows, where panels stand, what keys do. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/top_keys.h"
#include "tests/check.h"
#include "tests/unit/top_lab.h"

/* ---- the layout ---- */

static bool overlap(const struct top_rect *a, const struct top_rect *b)
{
	return a->height > 0 && b->height > 0 && a->y < b->y + b->height &&
	       b->y < a->y + a->height && a->x < b->x + b->width && b->x < a->x + a->width;
}

static void every_size_has_panels_inside_it_and_none_on_another(void **state)
{
	size_t n = 0;

	(void)state;
	for (int height = 1; height <= 90; height++)
		for (int width = 1; width <= 260; width += 3)
			for (unsigned kind = 0; kind < 16; kind++) {
				struct top_needs needs = {kind & 1 ? 5000 : 16,
							  kind & 2 ? 40 : 3,
							  kind & 4 ? 3 : 0,
							  TOP_PARAMS,
							  2,
							  (kind & 8) != 0};
				struct top_layout l;
				struct top_rect all[TOP_PANELS + 2];

				top_layout_make(height, width, &needs, &l);
				n++;
				if (!l.fits) {
					assert_true(height < TOP_LEAST_HEIGHT ||
						    width < TOP_LEAST_WIDTH);
					continue;
				}
				memcpy(all, l.panels, sizeof(l.panels));
				all[TOP_PANELS] = l.head;
				all[TOP_PANELS + 1] = l.foot;
				for (size_t i = 0; i < TOP_PANELS + 2; i++) {
					assert_true(all[i].y >= 0 && all[i].x >= 0);
					assert_true(all[i].height >= 0);
					assert_true(all[i].height == 0 ||
						    all[i].y + all[i].height <= height);
					assert_true(all[i].height == 0 ||
						    all[i].x + all[i].width <= width);
					for (size_t k = 0; k < i; k++)
						assert_false(overlap(&all[i], &all[k]));
				}
			}
	print_message("# %zu layouts\n", n);
}

static void eighty_by_twenty_four_has_all_panels(void **state)
{
	struct top_needs needs = {16, 3, 1, TOP_PARAMS, 1, false};
	struct top_layout l;

	(void)state;
	top_layout_make(24, 80, &needs, &l);
	for (size_t i = 0; i < TOP_PANELS; i++)
		assert_true(i == TOP_PANEL_TESTS || l.panels[i].height >= 2);
	assert_true(l.panels[TOP_PANEL_ERROR].height >= 8);
}

/* Whatever is drawn stays inside, at any size: the sanitizers look on */
static void draws_at_any_size(void **state)
{
	struct top_model *m = running();
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct made r;

	(void)state;
	make_steps(&r, 1, 0, 8, false);
	top_model_record(m, &r.record, 1);
	for (int height = 1; height < 70; height += 3)
		for (int width = 1; width < 220; width += 7) {
			struct top_screen *s = screen_new(height, width, width % 2);

			v.histogram = height % 2;
			v.conductance = width % 4 > 1;
			v.help = height % 5 == 0;
			top_draw(s, m, &v);
			screen_free(s);
		}
	top_model_free(m);
}

/* ---- the model ---- */

static void shows_the_numbers_of_its_records(void **state)
{
	struct top_model *m = running();
	struct top_screen *s = screen_new(24, 80, true);
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct made r;

	(void)state;
	make_steps(&r, 1, 0, 4, false);
	top_model_record(m, &r.record, 10);
	make_steps(&r, 1, 3, 1, true);
	top_model_record(m, &r.record, 10);
	assert_int_equal(m->steps, 4);
	assert_true(m->mse_V2 == 0.125 && m->mse_step == 3);
	assert_int_equal(m->n_lit, 2);
	assert_int_equal(m->edges[6].tap, 60);
	assert_true(m->edges[6].r_ohm == 700);
	m->now_s = 10.5;
	top_draw(s, m, &v);
	assert_true(shows(s, "RUNNING"));
	assert_true(shows(s, "three outputs"));
	assert_true(shows(s, "step 4 of 100"));
	assert_true(shows(s, "1.250e-01 at step 3"));
	assert_true(shows(s, "queue 2"));
	assert_true(shows(s, "A ABORT"));
	assert_true(shows(s, "cut"));
	/* another run's records change nothing */
	make_steps(&r, 2, 0, 8, false);
	top_model_record(m, &r.record, 11);
	assert_int_equal(m->steps, 4);
	screen_free(s);
	top_model_free(m);
}

static void a_parameter_knows_since_which_step_it_holds(void **state)
{
	struct top_model *m = running();

	(void)state;
	take_header(
		m, "event", 1, 40,
		"{\"event\": \"param\", \"run\": 1, \"step\": 40, \"old\": {\"eta\": 0.2, \"p\": 1.0},"
		"\"new\": {\"eta\": 0.1, \"p\": 1.0, \"rev\": 2}, \"who\": \"ann\"}",
		1);
	assert_true(m->params[TOP_ETA].value == 0.1 && m->params[TOP_ETA].since == 40);
	assert_true(m->params[TOP_P].value == 1 && m->params[TOP_P].since == 0);
	assert_int_equal(m->n_events, 1);
	assert_non_null(strstr(m->events[0].text, "eta 0.2 \xe2\x86\x92 0.1"));
	/* an answer from before that is late, and says nothing new */
	answer(top_answer_run, m,
	       "{\"run\": 1, \"steps\": 0, \"params\": [{\"rev\": 1, \"from_step\": 0, \"eta\": 0.2}]}");
	assert_true(m->params[TOP_ETA].value == 0.1 && m->params[TOP_ETA].since == 40);
	top_model_free(m);
}

static void cut_and_held_edges_are_marked_by_their_events(void **state)
{
	struct top_model *m = running();

	(void)state;
	take_header(
		m, "event", 1, 5,
		"{\"event\": \"hold\", \"what\": \"edge 2\", \"old\": \"learn\", \"new\": \"hold\"}",
		1);
	assert_int_equal(m->edges[2].mode, TOP_HOLD);
	take_header(
		m, "event", 1, 6,
		"{\"event\": \"learn\", \"what\": \"edge 7\", \"old\": \"cut\", \"new\": \"learn\"}",
		1);
	assert_int_equal(m->edges[7].mode, TOP_LEARN);
	m->wants = 0;
	take_header(m, "event", 1, 6, "{\"event\": \"cut\", \"what\": \"edge 999\"}", 1);
	assert_true(m->wants & TOP_WANT_RIG); /* what it does not understand it asks about */
	top_model_free(m);
}

static size_t dots_in(const char *line, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t x = from; x < to; x++)
		n += line[CHART_LABEL + 1 + x] != ' ';
	return n;
}

static void steps_that_nobody_has_are_a_gap_in_the_curve(void **state)
{
	struct top_model *m = running();
	struct chart chart = {.curve = &m->error, .width = 40, .height = 1, .x_max = 40};
	struct made r;
	char *text;

	(void)state;
	for (int part = 0; part < 2; part++) {
		top_begin_run(m, 1);
		for (uint64_t step = 0; step <= 40; step++) {
			if (step > 10 && step < 30)
				continue;
			make_steps(&r, 1, step, 1, false);
			r.mse[0] = 1;
			top_model_record(m, &r.record, 1);
			if (step == 10 && part == 1)
				take_header(m, "gap", 0, 0,
					    "{\"run\": 1, \"from_step\": 11, \"to_step\": 29,"
					    "\"left_out\": false, \"why\": \"gone\"}",
					    1);
			if (step == 10 && part == 0) /* the task's log asked for it: no gap */
				take_header(m, "gap", 0, 0,
					    "{\"run\": 1, \"from_step\": 11, \"to_step\": 29,"
					    "\"left_out\": true, \"why\": \"left out\"}",
					    1);
		}
		text = chart_draw(&chart);
		assert_non_null(text);
		assert_int_equal(dots_in(text, 0, 10), 10);
		assert_int_equal(dots_in(text, 12, 28), part == 1 ? 0 : 16);
		assert_int_equal(dots_in(text, 30, 40), 10);
		free(text);
	}
	top_model_free(m);
}

static void no_line_goes_past_the_last_sample(void **state)
{
	struct top_model *m = running();
	struct chart chart = {.curve = &m->error, .width = 40, .height = 1, .x_max = 40};
	struct made r;
	char *text;

	(void)state;
	make_steps(&r, 1, 0, 8, false);
	top_model_record(m, &r.record, 1);
	take_header(m, "hb", 1, 0, "{\"run\": 1, \"step\": 30, \"state\": \"running\"}", 1);
	assert_int_equal(m->steps, 30);
	text = chart_draw(&chart);
	assert_int_equal(dots_in(text, 0, 8), 8);
	assert_int_equal(dots_in(text, 9, 40), 0);
	free(text);
	top_model_free(m);
}

static void without_a_word_everything_dims_and_says_its_age(void **state)
{
	struct top_model *m = running();
	struct top_screen *s = screen_new(24, 80, true);
	struct top_view v = {.focus = TOP_PANEL_EDGES};

	(void)state;
	take_header(m, "hb", 1, 0, "{\"run\": 1, \"step\": 3, \"state\": \"running\"}", 100);
	m->now_s = 102;
	top_draw(s, m, &v);
	assert_false(shows(s, "LOST"));
	m->now_s = 100 + 2.9; /* a frame later than 2.4 s, and earlier than 3 s */
	top_draw(s, m, &v);
	assert_true(shows(s, "LOST  what you see is 2 s old; no word from ipc:///run/nudged"));
	for (int i = s->width; i < (s->height - 2) * s->width; i++)
		assert_true(s->cells[i].style == TOP_FAINT);
	take_header(m, "hb", 1, 0, "{\"run\": 1, \"step\": 4, \"state\": \"running\"}", 103);
	m->now_s = 103.5;
	top_draw(s, m, &v);
	assert_false(shows(s, "LOST"));
	screen_free(s);
	top_model_free(m);
}

static void a_restart_begins_with_what_is_on_disk(void **state)
{
	struct top_model *m = running();
	struct made r;

	(void)state;
	make_steps(&r, 1, 0, 8, false);
	top_model_record(m, &r.record, 1);
	m->wants = 0;
	take_header(
		m, "boot", 0, 0,
		"{\"snapshot\": {\"state\": \"idle\", \"run\": null, \"step\": null, \"alarms\": [],"
		"\"queue_held\": true}}",
		2);
	assert_false(m->active);
	assert_int_equal(m->run, 1);
	assert_int_equal(m->error.n, 0);
	assert_true(m->wants & TOP_WANT_CURVE && m->wants & TOP_WANT_RUN);
	assert_true(m->queue_held);
	top_model_free(m);
}

/* ---- texts ---- */

static void in_ascii_no_cell_is_anything_else(void **state)
{
	struct top_model *m = running();
	struct top_screen *s = screen_new(40, 130, false);
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct made r;

	(void)state;
	make_steps(&r, 1, 0, 8, false);
	top_model_record(m, &r.record, 1);
	snprintf(m->name, sizeof(m->name), "\xce\xbc\xe2\x82\xac \xe4\xbd\xa0");
	for (int i = 0; i < 8; i++) {
		v.histogram = i & 1;
		v.conductance = i & 2;
		v.help = i == 7;
		top_draw(s, m, &v);
		for (int k = 0; k < s->height * s->width; k++)
			assert_true(s->cells[k].glyph < 0x7f);
	}
	screen_free(s);
	top_model_free(m);
}

static void control_characters_never_reach_the_terminal(void **state)
{
	struct top_screen *s = screen_new(1, 40, true);
	struct top_rect all = {0, 0, 1, 40};
	char text[400];

	(void)state;
	top_put(s, &all, 0, 0, TOP_PLAIN, "a\x1b[31mb\tc\x7f\xc2\x9b\xff\xe2\x82");
	assert_string_equal(row_text(s, 0, text), "a?[31mb?c????                           ");
	screen_free(s);
}

static void numbers_are_written_as_people_read_them(void **state)
{
	struct top_screen s = {.unicode = true};
	char text[TOP_TEXT];

	(void)state;
	assert_string_equal(top_thousands(0, text), "0");
	assert_string_equal(top_thousands(999, text), "999");
	assert_string_equal(top_thousands(1234567, text), "1,234,567");
	assert_string_equal(top_si(&s, 0.01, "s", text), "10 ms");
	assert_string_equal(top_si(&s, 2.2e-5, "F", text), "22 \xc2\xb5"
							   "F");
	assert_string_equal(top_si(&s, 1e5, "ohm", text), "100 k\xce\xa9");
	assert_string_equal(top_si(&s, 0, "F", text), "0 F");
	s.unicode = false;
	assert_string_equal(top_si(&s, 2.2e-5, "F", text), "22 uF");
	assert_string_equal(top_si(&s, 1e5, "ohm", text), "100 kohm");
	assert_string_equal(top_duration(90, text), "90 s");
	assert_string_equal(top_duration(7200, text), "2 h");
}

/* ---- keys ---- */

static void press(struct top_view *v, const struct top_model *m, int key, struct top_request *ret)
{
	top_press(v, m, key, ret);
	if (ret->params && !ret->method)
		fail_msg("params without a method");
}

static void abort_asks_nothing_wherever_one_is(void **state)
{
	struct top_model *m = running();
	struct top_view views[] = {{.focus = TOP_PANEL_EDGES},
				   {.focus = TOP_PANEL_ALARMS, .help = true},
				   {.asking = TOP_ASKS_STOP}};
	struct top_request request;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		press(&views[i], m, 'A', &request);
		assert_string_equal(request.method, "run.abort");
		assert_int_equal(json_object_size(request.params), 0);
		json_decref(request.params);
	}
	top_model_free(m);
}

static void a_stop_is_asked_about(void **state)
{
	struct top_model *m = running();
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct top_request request;

	(void)state;
	press(&v, m, 'x', &request);
	assert_null(request.method);
	press(&v, m, 'n', &request);
	assert_null(request.method);
	press(&v, m, 'x', &request);
	press(&v, m, 'y', &request);
	assert_string_equal(request.method, "run.stop");
	json_decref(request.params);
	top_model_free(m);
}

static void type(struct top_view *v, const struct top_model *m, const char *text,
		 struct top_request *request)
{
	press(v, m, 's', request);
	for (; *text; text++)
		press(v, m, *text, request);
	press(v, m, '\r', request);
}

static void parameters_are_typed(void **state)
{
	struct top_model *m = running();
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct top_request request;

	(void)state;
	type(&v, m, "eta=0.1  p=0.5", &request);
	assert_string_equal(request.method, "param.set");
	assert_true(json_real_value(json_object_get(request.params, "eta")) == 0.1);
	assert_true(json_real_value(json_object_get(request.params, "p")) == 0.5);
	json_decref(request.params);
	type(&v, m, "A", &request); /* at a prompt a letter is a letter */
	assert_null(request.method);
	assert_non_null(strstr(v.message, "NAME=VALUE"));
	type(&v, m, "eta=", &request);
	assert_null(request.method);
	press(&v, m, 's', &request);
	press(&v, m, 'q', &request);
	assert_false(request.quit);
	press(&v, m, TOP_KEY_BACKSPACE, &request);
	assert_string_equal(v.typed, "");
	press(&v, m, 27, &request);
	press(&v, m, 'q', &request);
	assert_true(request.quit);
	top_model_free(m);
}

static void every_one_of_5000_edges_can_be_reached(void **state)
{
	struct top_model *m = running();
	struct top_view v = {.focus = TOP_PANEL_EDGES};
	struct top_screen *s = screen_new(24, 80, true);
	struct top_request request;
	char name[16];
	size_t pages = 1;

	(void)state;
	assert_true(top_set_edges(m, 5000));
	top_draw(s, m, &v);
	while (v.edge < 4999) {
		size_t before = v.edge;

		snprintf(name, sizeof(name), "%zu", v.edge);
		assert_true(shows(s, name));
		press(&v, m, TOP_KEY_PAGE_DOWN, &request);
		assert_true(v.edge > before && v.edge - before <= v.page);
		top_draw(s, m, &v);
		pages++;
	}
	assert_true(shows(s, "4999"));
	assert_in_range(pages, 100, 400);
	press(&v, m, TOP_KEY_HOME, &request);
	assert_int_equal(v.edge, 0);
	press(&v, m, 'c', &request);
	assert_string_equal(request.method, "rig.edge");
	assert_string_equal(json_string_value(json_object_get(request.params, "mode")), "cut");
	json_decref(request.params);
	screen_free(s);
	top_model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_has_panels_inside_it_and_none_on_another),
		cmocka_unit_test(eighty_by_twenty_four_has_all_panels),
		cmocka_unit_test(draws_at_any_size),
		cmocka_unit_test(shows_the_numbers_of_its_records),
		cmocka_unit_test(a_parameter_knows_since_which_step_it_holds),
		cmocka_unit_test(cut_and_held_edges_are_marked_by_their_events),
		cmocka_unit_test(steps_that_nobody_has_are_a_gap_in_the_curve),
		cmocka_unit_test(no_line_goes_past_the_last_sample),
		cmocka_unit_test(without_a_word_everything_dims_and_says_its_age),
		cmocka_unit_test(a_restart_begins_with_what_is_on_disk),
		cmocka_unit_test(in_ascii_no_cell_is_anything_else),
		cmocka_unit_test(control_characters_never_reach_the_terminal),
		cmocka_unit_test(numbers_are_written_as_people_read_them),
		cmocka_unit_test(abort_asks_nothing_wherever_one_is),
		cmocka_unit_test(a_stop_is_asked_about),
		cmocka_unit_test(parameters_are_typed),
		cmocka_unit_test(every_one_of_5000_edges_can_be_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
