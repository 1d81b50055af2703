/* clients/nudgectl/top_draw_lists.c - alarms, devices, the last events, and the help. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/top_view.h"

/* ---- alarms and devices ---- */

static enum top_style style_of_alarm(const struct top_alarm *alarm)
{
	if (alarm->seen_by[0])
		return TOP_FAINT;
	return !strcmp(alarm->severity, "critical")  ? TOP_ALERT
	       : !strcmp(alarm->severity, "warning") ? TOP_WARN
						     : TOP_PLAIN;
}

/* The severity as a word, the name, and as much of the sentence as the rows left for it hold */
static int draw_alarm(struct top_screen *s, const struct top_rect *r, int y, int rows,
		      const struct top_alarm *alarm, bool selected)
{
	struct top_rect rest;
	char text[420];
	const char *at = text;
	int x, width;

	x = top_print(s, r, y, 1, style_of_alarm(alarm), "%s", alarm->severity) + 2;
	x += top_put(s, r, y, x, selected ? TOP_SELECTED : TOP_STRONG, alarm->name) + 1;
	snprintf(text, sizeof(text), "%s%s%s%s%s", alarm->seen_by[0] ? "(seen by " : "",
		 alarm->seen_by, alarm->seen_by[0] ? ") " : "", alarm->text,
		 alarm->text[0] ? "" : alarm->since);
	rest = (struct top_rect){r->y, r->x + x, r->height, r->width - x};
	if (rows < 2 || top_text_width(text) <= rest.width) {
		top_put(s, &rest, y, 0, TOP_PLAIN, text);
		return 1;
	}
	for (int row = 0; row < rows && *at; row++) {
		char part[256];

		if (row > 0)
			rest = (struct top_rect){r->y, r->x + 3, r->height, r->width - 3};
		width = rest.width < 240 ? rest.width : 240;
		snprintf(part, sizeof(part), "%.*s", width, at);
		if ((int)strlen(at) > width && row < rows - 1 && strrchr(part, ' '))
			*strrchr(part, ' ') = '\0';
		else if ((int)strlen(at) > width)
			snprintf(part, sizeof(part), "%.250s", at);
		top_put(s, &rest, y + row, 0, TOP_PLAIN, part);
		at += strlen(part) < strlen(at) ? strlen(part) : strlen(at);
		at += *at == ' ';
		if (!*at)
			return row + 1;
	}
	return rows;
}

static int draw_device(struct top_screen *s, const struct top_rect *r, int y,
		       const struct top_device *device)
{
	bool up = !strcmp(device->state, "up");
	int x = 1;

	x += top_put(s, r, y, x, TOP_PLAIN, device->name) + 1;
	x += top_put(s, r, y, x, up ? TOP_GOOD : TOP_BAD, device->state) + 1;
	top_put(s, r, y, x, TOP_FAINT, device->text);
	return 1;
}

void top_draw_alarms(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		     const struct top_view *v)
{
	bool devices = r->width < 70 || r->height > 3;
	char note[32];
	size_t from = 0;
	int y = 1, left;

	if (r->height < 2)
		return;
	snprintf(note, sizeof(note), "%zu", m->n_alarms);
	top_rule(s, r, devices ? "alarms and devices" : "alarms", m->n_alarms > 0 ? note : "none",
		 v->focus == TOP_PANEL_ALARMS);
	if (m->n_alarms > 0 && v->alarm > 0 && v->alarm < m->n_alarms)
		from = v->alarm; /* the selected one is seen, whatever there is room for */
	left = (int)(m->n_alarms - from);
	for (size_t i = from; i < m->n_alarms && y < r->height; i++, left--) {
		int rows = r->height - y - (left - 1);

		y += draw_alarm(s, r, y,
				rows < 1   ? 1
				: rows > 3 ? 3
					   : rows,
				&m->alarms[i], v->focus == TOP_PANEL_ALARMS && i == v->alarm);
	}
	for (size_t i = 0; devices && i < m->n_devices && y < r->height; i++)
		y += draw_device(s, r, y, &m->devices[i]);
}

/* ---- events ---- */

void top_draw_events(struct top_screen *s, const struct top_rect *r, const struct top_model *m)
{
	size_t n = m->n_events < TOP_EVENTS ? m->n_events : TOP_EVENTS;
	char step[TOP_TEXT];

	if (r->height < 2)
		return;
	top_rule(s, r, "events", "newest first", false);
	for (size_t i = 0; i < n && (int)i < r->height - 1; i++) {
		const struct top_event *event = &m->events[(m->n_events - 1 - i) % TOP_EVENTS];
		int y = (int)i + 1, x = 1;

		x += top_put(s, r, y, x, TOP_FAINT, event->time) + 1;
		if (r->width >= 50) {
			top_put_right(s, r, y, x, x + 9, TOP_FAINT,
				      top_thousands(event->step, step));
			x += 11;
		}
		top_put(s, r, y, x, event->grave ? TOP_BAD : TOP_PLAIN, event->text);
	}
}

/* ---- help ---- */

void top_draw_help(struct top_screen *s)
{
	static const char *const lines[][2] = {
		{"A", "abort: ends the run now, makes the rig safe; asks nothing"},
		{"p  r", "pause after this step; resume"},
		{"x", "stop after this step (asks)"},
		{"s", "set parameters, as in eta=0.1 p=0.5"},
		{"c  h  l", "the selected edge: cut, hold, learn"},
		{"k", "the selected alarm: say that you have seen it"},
		{"Tab", "next panel: edges, targets, alarms; Shift-Tab: the one before"},
		{"arrows", "select in the panel; PgUp, PgDn: a page; Home, End"},
		{"[  ]", "the target before, the next one"},
		{"v", "edges: bars, or a histogram of all"},
		{"u", "edges: taps, or conductances"},
		{"Ctrl-L", "draw everything anew"},
		{"Ctrl-Z", "suspend; fg comes back"},
		{"q", "quit; the run goes on"},
	};
	struct top_rect all = {0, 0, s->height - 2, s->width};
	int y = 1;

	top_rule(s, &all, "nudgectl top: keys", "any key goes back", false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && y < all.height; i++, y++) {
		top_put(s, &all, y, 2, TOP_STRONG, lines[i][0]);
		top_put(s, &all, y, 11, TOP_PLAIN, lines[i][1]);
	}
	y++;
	top_put(s, &all, y++, 2, TOP_FAINT,
		"A dot beside an edge: it did not sit the last clock tick out.");
	top_put(s, &all, y++, 2, TOP_FAINT,
		"A gap in a curve: steps that nobody has any more.  Everything is dim: no word");
	top_put(s, &all, y, 2, TOP_FAINT, "from the server; what you see is as old as it says.");
}
