/* clients/nudgectl/top_draw_curve.c - the error's curve and that of the tests. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/top_view.h"

#define AXIS_LINES 2 /* the axis and its labels */

/* An axis that stands still for a while, and is filled by two thirds or more; never beyond the run's end */
static double axis_end(const struct top_model *m)
{
	static const double parts[] = {1, 1.5, 2, 3, 4, 6, 8, 10};
	double n = m->steps > 10 ? (double)m->steps : 10, power = pow(10, floor(log10(n)));
	double end = 10 * power;

	for (size_t i = sizeof(parts) / sizeof(parts[0]); i-- > 0;)
		if (parts[i] * power >= n)
			end = parts[i] * power;
	if (!m->active)
		end = n;
	return m->steps_total > 0 && end > (double)m->steps_total && m->steps_total >= m->steps
		       ? (double)m->steps_total
		       : end;
}

static void restyle(struct top_screen *s, const struct top_rect *r, int y, int to_x)
{
	for (int x = 0; x < to_x && x < r->width; x++)
		if (r->y + y < s->height && r->x + x < s->width)
			s->cells[(r->y + y) * s->width + r->x + x].style = TOP_FAINT;
}

static void draw_curve(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		       const struct curve *curve, enum top_style style)
{
	struct top_rect inner = {r->y + 1, r->x, r->height - 1, r->width};
	struct chart chart = {
		.curve = curve,
		.width = (size_t)(r->width > CHART_LABEL + 9 ? r->width - CHART_LABEL - 1 : 8),
		.height = (size_t)(r->height - 1 - AXIS_LINES),
		.unicode = s->unicode,
		.x_max = axis_end(m),
		.percent = !curve->log,
		.fine = true,
	};
	char *text = chart_draw(&chart), *next = text;

	for (int y = 0; next && *next; y++) {
		char *line = strsep(&next, "\n");

		top_put(s, &inner, y, 0, style, line);
		restyle(s, &inner, y, y < (int)chart.height ? CHART_LABEL + 1 : inner.width);
	}
	free(text);
}

static void draw_nothing(struct top_screen *s, const struct top_rect *r, const char *why)
{
	top_put(s, r, r->height / 2, (r->width - (int)strlen(why)) / 2, TOP_FAINT, why);
}

/* As much of it as a title has room for */
static void say_error(const struct top_model *m, int room, char *note, size_t size)
{
	char step[TOP_TEXT];
	int n;

	note[0] = '\0';
	if (isnan(m->mse_V2))
		return;
	top_thousands(m->mse_step, step);
	n = snprintf(note, size, "%.3e at step %s", m->mse_V2, step);
	if (n > room)
		n = snprintf(note, size, "%.2e at %s", m->mse_V2, step);
	if (!isnan(m->mse_min_V2) && n + 16 <= room)
		n += snprintf(note + n, size - (size_t)n, ", least %.2e", m->mse_min_V2);
	if (!isnan(m->test_error_V2) && n + 15 <= room)
		snprintf(note + n, size - (size_t)n, ", test %.2e", m->test_error_V2);
}

/* Where there is no room for a curve: its last point, and what stands beside it elsewhere */
static void draw_words(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	static const char *const names[] = {"eta", "p"};
	char tau[TOP_TEXT], step[TOP_TEXT];
	int x = 0;

	top_print(s, r, 1, 1, TOP_STRONG, "%.3e V\xc2\xb2", m->mse_V2);
	top_print(s, r, 1, 15, TOP_FAINT, "at step %s", top_thousands(m->mse_step, step));
	if (m->tests_are_accuracy)
		top_print(s, r, 2, 1, TOP_PLAIN, "test accuracy %.1f %%, best %.1f %%",
			  100 * m->accuracy, 100 * m->accuracy_best);
	else if (!isnan(m->test_error_V2))
		top_print(s, r, 2, 1, TOP_PLAIN, "test error %.3e V\xc2\xb2", m->test_error_V2);
	for (size_t i = 0; i < 2; i++)
		x += top_print(s, r, 3, 1 + x, TOP_PLAIN, "%s %.4g  ", names[i],
			       m->params[i].value);
	top_print(s, r, 3, 1 + x, TOP_PLAIN, "tau %s",
		  top_si(s, m->params[TOP_TAU].value, "s", tau));
}

void top_draw_error(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	const char *title = r->width >= 60 ? "training error, V\xc2\xb2" : "error, V\xc2\xb2";
	bool curve = r->height >= 1 + AXIS_LINES + 3;
	char note[160];

	if (r->height < 2)
		return;
	say_error(m, r->width - top_text_width(title) - 9, note, sizeof(note));
	top_rule(s, r, title, curve ? note : NULL, false);
	if (m->error.n == 0)
		draw_nothing(s, r, m->run > 0 ? "no step yet" : "no run yet");
	else if (curve)
		draw_curve(s, r, m, &m->error, TOP_CURVE);
	else
		draw_words(s, r, m);
}

void top_draw_tests(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	char note[160], step[TOP_TEXT];

	if (r->height < 1 + AXIS_LINES + 2 || m->tests.n == 0)
		return;
	top_thousands(m->test_step, step);
	if (m->tests_are_accuracy)
		snprintf(note, sizeof(note), "%.1f %% at step %s, best %.1f %%", 100 * m->accuracy,
			 step, 100 * m->accuracy_best);
	else
		snprintf(note, sizeof(note), "%.3e at step %s, best %.2e", m->test_error_V2, step,
			 m->test_best_V2);
	top_rule(s, r, m->tests_are_accuracy ? "test accuracy" : "test error, V\xc2\xb2", note,
		 false);
	draw_curve(s, r, m, &m->tests, TOP_SECOND);
}
