/* clients/nudgectl/top_draw.c - the whole screen of `nudgectl top`: head, panels, foot, and how a lost link looks. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/top_view.h"

/* ---- head ---- */

static enum top_style style_of_state(const char *state)
{
	if (!strcmp(state, "fault") || !strcmp(state, "aborting"))
		return TOP_ALERT;
	return TOP_BADGE;
}

static void upper(char *text)
{
	for (; *text; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
}

/* The badge of the state, the run, and at the right the rig and who one is */
static void draw_title(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	char badge[24], right[256];
	int x, from;

	snprintf(badge, sizeof(badge), " %.20s ", m->state[0] ? m->state : "?");
	upper(badge);
	x = top_put(s, r, 0, 0, style_of_state(m->state), badge) + 1;
	snprintf(right, sizeof(right), "%s (%s)  %s, %s", m->rig, m->backend, m->who, m->role);
	from = r->width - top_text_width(right);
	if (m->run > 0)
		x += top_print(s, r, 0, x, TOP_STRONG, "run %llu", (unsigned long long)m->run) + 1;
	if (m->name[0])
		x += top_put(s, r, 0, x, TOP_PLAIN, m->name) + 1;
	if (!m->active && m->status[0]) {
		bool fine = !strcmp(m->status, "done") || !strcmp(m->status, "stopped");

		x += top_put(s, r, 0, x, fine ? TOP_GOOD : TOP_BAD, m->status) + 1;
		if (m->reason[0] && !fine)
			x += top_print(s, r, 0, x, TOP_FAINT, "%s", m->reason) + 1;
	}
	if (from > x)
		top_put(s, r, 0, from, TOP_FAINT, right);
	else if (r->width - (int)strlen(m->rig) > x)
		top_put_right(s, r, 0, x, r->width, TOP_FAINT, m->rig);
}

/* How far it is */
static void draw_progress(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	char a[TOP_TEXT], b[TOP_TEXT], tail[96] = "";
	double part = m->steps_total > 0 ? (double)m->steps / (double)m->steps_total : NAN;
	int x, room;

	x = top_print(s, r, 1, 0, TOP_FAINT, "step ");
	x += top_put(s, r, 1, x, TOP_STRONG, top_thousands(m->steps, a));
	if (m->steps_total > 0)
		x += top_print(s, r, 1, x, TOP_FAINT, " of %s", top_thousands(m->steps_total, b));
	if (m->active && isfinite(m->pace_per_s))
		snprintf(tail, sizeof(tail), "%.3g steps/s", m->pace_per_s);
	if (m->active && m->pace_per_s > 0 && m->steps_total > m->steps) {
		size_t used = strlen(tail);

		snprintf(tail + used, sizeof(tail) - used, ", %s left",
			 top_duration((double)(m->steps_total - m->steps) / m->pace_per_s, a));
	}
	if (x + 2 + top_text_width(tail) > r->width && strchr(tail, ','))
		*strchr(tail, ',') = '\0';
	if (x + 2 + top_text_width(tail) > r->width)
		tail[0] = '\0';
	room = r->width - x - top_text_width(tail) - 11;
	if (isfinite(part) && room >= 4) {
		top_bar(s, r, 1, x + 2, room, part, m->active ? TOP_GOOD : TOP_FAINT);
		top_print(s, r, 1, x + 2 + room, TOP_PLAIN, " %3.0f %%", 100 * part);
	}
	top_put_right(s, r, 1, x + 2, r->width, TOP_PLAIN, tail);
}

struct figure {
	const char *label;
	char value[96];
	enum top_style style;
};

static void say_devices(const struct top_model *m, struct figure *f)
{
	size_t up = 0;

	for (size_t i = 0; i < m->n_devices; i++)
		up += !strcmp(m->devices[i].state, "up");
	snprintf(f->value, sizeof(f->value), "%zu/%zu", up, m->n_devices);
	f->style = up == m->n_devices ? TOP_PLAIN : TOP_BAD;
}

static void say_alarms(const struct top_model *m, struct figure *f)
{
	size_t critical = 0, unseen = 0;

	for (size_t i = 0; i < m->n_alarms; i++) {
		critical += !strcmp(m->alarms[i].severity, "critical");
		unseen += !m->alarms[i].seen_by[0];
	}
	f->style = critical ? TOP_BAD : m->n_alarms ? TOP_WARN : TOP_PLAIN;
	if (m->n_alarms == 0)
		strcpy(f->value, "none");
	else if (critical)
		snprintf(f->value, sizeof(f->value), "%zu, %zu critical", m->n_alarms, critical);
	else if (unseen == 0)
		snprintf(f->value, sizeof(f->value), "%zu, seen", m->n_alarms);
	else if (unseen == m->n_alarms)
		snprintf(f->value, sizeof(f->value), "%zu unseen", unseen);
	else
		snprintf(f->value, sizeof(f->value), "%zu, %zu unseen", m->n_alarms, unseen);
}

static void say_late(const struct top_screen *s, const struct top_model *m, struct figure *f)
{
	char mean[TOP_TEXT], worst[TOP_TEXT];

	top_si(s, m->lateness_mean_s, "s", mean);
	top_si(s, m->lateness_worst_s, "s", worst);
	if (isfinite(m->lateness_mean_s))
		snprintf(f->value, sizeof(f->value), "%s, most %s", mean, worst);
	else
		strcpy(f->value, "\xe2\x80\x93");
}

static void say_test(const struct top_model *m, struct figure *f)
{
	if (m->tests_are_accuracy)
		snprintf(f->value, sizeof(f->value), "%.1f %%", 100 * m->accuracy);
	else if (!isnan(m->test_error_V2))
		snprintf(f->value, sizeof(f->value), "%.2e V\xc2\xb2", m->test_error_V2);
	f->style = TOP_STRONG;
}

static int width_of(const struct figure *f)
{
	return f->value[0] ? (int)strlen(f->label) + 1 + top_text_width(f->value) : 0;
}

/* As many as there is room for, the first ones first; closer together before one is left out */
static void put_figures(struct top_screen *s, const struct top_rect *r,
			const struct figure *figures, size_t n)
{
	int x = 0, width = 0, gap = 3;

	for (size_t i = 0; i < n; i++)
		width += figures[i].value[0] ? width_of(&figures[i]) + gap : 0;
	if (width - gap > r->width)
		gap = 2;
	for (size_t i = 0; i < n; i++) {
		if (!figures[i].value[0] || x + width_of(&figures[i]) > r->width)
			continue;
		x += top_print(s, r, 2, x, TOP_FAINT, "%s ", figures[i].label);
		x += top_put(s, r, 2, x, figures[i].style, figures[i].value) + gap;
	}
}

/* Everything else that one figure says */
static void draw_figures(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
			 bool test)
{
	struct figure figures[] = {
		{"test", "", TOP_PLAIN},  {"alarms", "", TOP_PLAIN}, {"late", "", TOP_PLAIN},
		{"queue", "", TOP_PLAIN}, {"lease", "", TOP_PLAIN},  {"devices", "", TOP_PLAIN},
	};

	if (test)
		say_test(m, &figures[0]);
	say_alarms(m, &figures[1]);
	say_late(s, m, &figures[2]);
	snprintf(figures[3].value, sizeof(figures[3].value), "%u%s", m->queue_length,
		 m->queue_held ? ", held" : "");
	figures[3].style = m->queue_held ? TOP_WARN : TOP_PLAIN;
	snprintf(figures[4].value, sizeof(figures[4].value), "%.90s",
		 m->lease[0] ? m->lease : "nobody");
	say_devices(m, &figures[5]);
	put_figures(s, r, figures, sizeof(figures) / sizeof(figures[0]));
}

void top_draw_head(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		   bool test)
{
	draw_title(s, r, m);
	draw_progress(s, r, m);
	if (r->height > 2)
		draw_figures(s, r, m, test);
}

/* ---- foot ---- */

static const struct {
	const char *key, *what;
	int rank; /* the least is dropped last */
} keys[] = {
	{"p", "pause", 1},    {"r", "resume", 3}, {"x", "stop", 4},    {"s", "set", 2},
	{"c h l", "edge", 6}, {"k", "seen", 7},   {"tab", "panel", 8}, {"v u", "edges", 9},
	{"?", "help", 1},     {"q", "quit", 1},
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* Abort stands first and is always there; the others as far as there is room */
static void draw_keys(struct top_screen *s, const struct top_rect *r, int y)
{
	int x = top_put(s, r, y, 0, TOP_ALERT, " A ABORT ") + 2, rank = 9, width;

	for (; rank > 0; rank--) {
		width = x;
		for (size_t i = 0; i < N_KEYS; i++)
			if (keys[i].rank <= rank)
				width += (int)(strlen(keys[i].key) + strlen(keys[i].what)) + 3;
		if (width - 2 <= r->width)
			break;
	}
	for (size_t i = 0; i < N_KEYS; i++) {
		if (keys[i].rank > rank)
			continue;
		x += top_put(s, r, y, x, TOP_STRONG, keys[i].key) + 1;
		x += top_put(s, r, y, x, TOP_FAINT, keys[i].what) + 2;
	}
}

void top_draw_foot(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		   const struct top_view *v)
{
	int x;

	switch (v->asking) {
	case TOP_ASKS_PARAMS:
		x = top_put(s, r, 0, 0, TOP_STRONG, "set ");
		x += top_put(s, r, 0, x, TOP_PLAIN, v->typed);
		top_fill(s, r, 0, x, 1, TOP_SELECTED, ' ');
		if (!v->typed[0])
			top_put(s, r, 0, x + 2, TOP_FAINT, "eta=0.1 p=0.5   Enter, or Esc");
		break;
	case TOP_ASKS_STOP:
		top_print(s, r, 0, 0, TOP_WARN, "stop run %llu after this step?  y or n",
			  (unsigned long long)m->run);
		break;
	case TOP_ASKS_NOTHING:
		top_put(s, r, 0, 0, v->message_style, v->message);
		break;
	}
	draw_keys(s, r, 1);
}

/* ---- all of it ---- */

/* Everything dims but the reason and how old it is */
static void draw_lost(struct top_screen *s, const struct top_model *m)
{
	struct top_rect line = {0, 0, 1, s->width};
	char text[1024];

	top_screen_dim(s, 0, s->height);
	top_fill(s, &line, 0, 0, s->width, TOP_ALERT, ' ');
	snprintf(text, sizeof(text), " LOST  what you see is %.0f s old; no word from %s%s%s",
		 floor(m->now_s - m->heard_s), m->address, m->trouble[0] ? ": " : "", m->trouble);
	top_put(s, &line, 0, 0, TOP_ALERT, text);
}

static void draw_too_small(struct top_screen *s, const struct top_model *m)
{
	struct top_rect all = {0, 0, s->height, s->width};

	top_print(s, &all, 0, 0, TOP_STRONG, "%s %llu", m->state, (unsigned long long)m->steps);
	top_print(s, &all, 1, 0, TOP_PLAIN, "%dx%d is too small", s->width, s->height);
	top_print(s, &all, 2, 0, TOP_PLAIN, "needs %dx%d", TOP_LEAST_WIDTH, TOP_LEAST_HEIGHT);
	top_put(s, &all, 3, 0, TOP_ALERT, "A ABORT");
}

void top_draw(struct top_screen *s, const struct top_model *m, struct top_view *v)
{
	struct top_needs needs = {m->n_edges, m->n_targets, m->n_alarms,
				  TOP_PARAMS, m->n_devices, m->tests.n > 0};
	struct top_layout l;

	top_screen_clear(s);
	top_layout_make(s->height, s->width, &needs, &l);
	if (!l.fits) {
		draw_too_small(s, m);
	} else if (v->help) {
		top_draw_help(s);
	} else {
		top_draw_head(s, &l.head, m, l.panels[TOP_PANEL_TESTS].height == 0);
		top_draw_error(s, &l.panels[TOP_PANEL_ERROR], m);
		top_draw_tests(s, &l.panels[TOP_PANEL_TESTS], m);
		top_draw_params(s, &l.panels[TOP_PANEL_PARAMS], m);
		top_draw_targets(s, &l.panels[TOP_PANEL_TARGETS], m, v);
		top_draw_edges(s, &l.panels[TOP_PANEL_EDGES], m, v);
		top_draw_alarms(s, &l.panels[TOP_PANEL_ALARMS], m, v);
		top_draw_events(s, &l.panels[TOP_PANEL_EVENTS], m);
	}
	if (top_model_lost(m))
		draw_lost(s, m);
	if (l.fits)
		top_draw_foot(s, &l.foot, m, v);
}
