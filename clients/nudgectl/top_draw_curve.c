/* clients/nudgectl/top_draw_curve.c - the error's curve and that of the tests. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/top_view.h"

#define AXIS_LINES 2 /* the axis and its labels */

/* An axis that stands still for a while: up to 1, 2 or 5 times a power of ten, and never beyond the run's end */
static double axis_end(const struct top_model *m)
{
	static const double parts[] = {1, 2, 5, 10};
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

void top_draw_error(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	char note[160], step[TOP_TEXT];
	int used = 0;

	if (r->height < 1 + AXIS_LINES + 2)
		return;
	note[0] = '\0';
	if (!isnan(m->mse_V2))
		used = snprintf(note, sizeof(note), "%.3e at step %s", m->mse_V2,
				top_thousands(m->mse_step, step));
	if (!isnan(m->mse_V2) && !isnan(m->mse_min_V2) && r->width >= 56)
		used += snprintf(note + used, sizeof(note) - (size_t)used, ", least %.2e",
				 m->mse_min_V2);
	if (!isnan(m->test_error_V2) && m->tests.n > 0 && r->width >= 84)
		snprintf(note + used, sizeof(note) - (size_t)used, ", test %.2e", m->test_error_V2);
	top_rule(s, r, r->width >= 40 ? "training error, V\xc2\xb2" : "mse V\xc2\xb2", note, false);
	if (m->error.n > 0)
		draw_curve(s, r, m, &m->error, TOP_CURVE);
	else
		draw_nothing(s, r, m->run > 0 ? "no step yet" : "no run yet");
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
