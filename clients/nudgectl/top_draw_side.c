/* clients/nudgectl/top_draw_side.c - parameters and targets. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/top_view.h"

static void say_param(const struct top_screen *s, const struct top_model *m, size_t i,
		      char text[TOP_TEXT])
{
	static const char *const units[TOP_PARAMS] = {"", "", "s", "F", "", "V"};
	double value = m->params[i].value;

	if (units[i][0])
		top_si(s, value, units[i], text);
	else if (isnan(value))
		strcpy(text, "\xe2\x80\x93");
	else
		snprintf(text, TOP_TEXT, "%.4g", value);
}

void top_draw_params(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	static const char *const names[TOP_PARAMS] = {"eta",         "p",           "tau",
						      "capacitance", "alpha/gamma", "bias"};
	char text[TOP_TEXT], step[TOP_TEXT];
	int y = 1;

	if (r->height < 2)
		return;
	top_rule(s, r, "parameters", "since step", false);
	for (size_t i = 0; i < TOP_PARAMS && y < r->height; i++, y++) {
		const struct top_param *p = &m->params[i];
		bool fresh = p->dated && p->since > 0;

		say_param(s, m, i, text);
		top_put(s, r, y, 1, TOP_FAINT, names[i]);
		top_put_right(s, r, y, 13, r->width - 11, isnan(p->value) ? TOP_FAINT : TOP_STRONG,
			      text);
		if (isnan(p->value))
			continue;
		top_put_right(s, r, y, r->width - 11, r->width - 2, fresh ? TOP_PLAIN : TOP_FAINT,
			      p->dated ? top_thousands(p->since, step) : "\xe2\x80\x93");
	}
}

static void put_volts(struct top_screen *s, const struct top_rect *r, int y, int right,
		      enum top_style style, double volts)
{
	char text[TOP_TEXT];

	if (isfinite(volts))
		snprintf(text, sizeof(text), "%.3f", volts);
	else
		strcpy(text, "\xe2\x80\x93");
	top_put_right(s, r, y, right - 8, right, style, text);
}

/* Where the columns end; a fifth, what is missing, where there is room */
static void ends(const struct top_rect *r, int *x)
{
	int step = (r->width - 8) / (r->width >= 39 ? 4 : 3);

	for (int i = 0; i < 4; i++)
		x[i] = 6 + step * (i + 1);
}

void top_draw_targets(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		      const struct top_view *v)
{
	static const char *const heads[] = {"free", "clamped", "desired", "missing"};
	char note[TOP_TEXT + 16], step[TOP_TEXT];
	int rows = r->height - 2, x[4], n = r->width >= 39 ? 4 : 3;
	size_t from = 0;

	if (r->height < 3 || m->n_targets == 0)
		return;
	if (rows > 0 && v->target >= (size_t)rows)
		from = v->target - (size_t)rows + 1;
	if (!isnan(m->volts_V[0]))
		snprintf(note, sizeof(note), "V at step %s", top_thousands(m->volts_step, step));
	else
		strcpy(note, "V");
	top_rule(s, r, "targets", note, v->focus == TOP_PANEL_TARGETS);
	ends(r, x);
	top_put(s, r, 1, 1, TOP_FAINT, "node");
	for (int i = 0; i < n; i++)
		top_put_right(s, r, 1, 0, x[i], TOP_FAINT, heads[i]);
	for (int i = 0; i < rows && from + (size_t)i < m->n_targets; i++) {
		size_t k = from + (size_t)i;
		bool here = v->focus == TOP_PANEL_TARGETS && k == v->target;
		const double *V = m->volts_V + k;
		double desired_V = V[TOP_DESIRED * m->n_targets];

		if (here)
			top_fill(s, r, i + 2, 0, 5, TOP_SELECTED, ' ');
		top_print(s, r, i + 2, 1, here ? TOP_SELECTED : TOP_PLAIN, "%4d", m->targets[k]);
		put_volts(s, r, i + 2, x[0], TOP_STRONG, V[TOP_FREE * m->n_targets]);
		put_volts(s, r, i + 2, x[1], TOP_PLAIN, V[TOP_CLAMPED * m->n_targets]);
		put_volts(s, r, i + 2, x[2], TOP_PLAIN, desired_V);
		if (n > 3)
			put_volts(s, r, i + 2, x[3], TOP_FAINT,
				  desired_V - V[TOP_FREE * m->n_targets]);
	}
}
