/* clients/nudgectl/top_draw_edges.c - the edges: a bar each, page by page, or a histogram of all. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/top_view.h"

/* ---- values ---- */

struct scale {
	bool taps, log;
	double least, most;
};

static double value_of(const struct scale *scale, const struct top_edge *edge)
{
	if (!edge->known)
		return NAN;
	return scale->taps ? edge->tap : 1 / edge->r_ohm;
}

static double part_of(const struct scale *scale, double value)
{
	if (scale->log)
		return log(value / scale->least) / log(scale->most / scale->least);
	return (value - scale->least) / (scale->most - scale->least);
}

/* Taps from end to end; conductances from the least to the greatest, in decades where they span some */
static struct scale scale_make(const struct top_model *m, const struct top_view *v)
{
	struct scale scale = {.taps = m->taps > 0 && !v->conductance, .least = INFINITY};

	if (scale.taps)
		return (struct scale){.taps = true, .least = 0, .most = m->taps - 1};
	for (size_t i = 0; i < m->n_edges; i++) {
		double value = value_of(&scale, &m->edges[i]);

		if (!(value > 0) || !isfinite(value))
			continue;
		scale.least = fmin(scale.least, value);
		scale.most = fmax(scale.most, value);
	}
	if (!(scale.most > scale.least))
		return (struct scale){.least = 0, .most = scale.most > 0 ? scale.most : 1};
	if (scale.most / scale.least < 10)
		scale.least = 0; /* bars begin at nothing */
	else
		scale.log = true;
	if (scale.log)
		scale.least /= 2; /* the least has a bar, too */
	return scale;
}

static void say_value(const struct top_screen *s, const struct scale *scale, double value,
		      char text[TOP_TEXT])
{
	if (isnan(value))
		strcpy(text, "?");
	else if (scale->taps)
		snprintf(text, TOP_TEXT, "%.0f", value);
	else
		top_si(s, value, "S", text);
}

/* ---- bars ---- */

static void draw_edge(struct top_screen *s, const struct top_rect *cell, const struct top_model *m,
		      const struct scale *scale, size_t i, bool selected)
{
	const struct top_edge *edge = &m->edges[i];
	double value = value_of(scale, edge);
	int digits = snprintf(NULL, 0, "%zu", m->n_edges - 1), room = scale->taps ? 4 : 8;
	int begin = digits + 2, end = cell->width - room - 3;
	char text[TOP_TEXT];

	if (edge->mode == TOP_LEARN)
		top_fill(s, cell, 0, 0, 1, TOP_LIT, edge->lit ? 0x25cf : ' ');
	top_print(s, cell, 0, 1,
		  selected    ? TOP_SELECTED
		  : edge->lit ? TOP_LIT
			      : TOP_PLAIN,
		  "%*zu", digits, i);
	say_value(s, scale, value, text);
	if (edge->mode != TOP_LEARN) {
		const char *word = edge->mode == TOP_CUT ? "cut" : "held";

		begin += top_put(s, cell, 0, begin, TOP_WARN, word) + 1;
	}
	if (edge->mode == TOP_CUT)
		top_bar(s, cell, 0, begin, end - begin, 0, TOP_FAINT);
	else if (!isnan(value))
		top_bar(s, cell, 0, begin, end - begin, part_of(scale, value),
			edge->mode == TOP_HOLD ? TOP_FAINT : TOP_CURVE);
	top_put_right(s, cell, 0, begin, end + room,
		      edge->mode == TOP_LEARN ? TOP_PLAIN : TOP_FAINT, text);
}

static void draw_bars(struct top_screen *s, const struct top_rect *r, const struct top_grid *grid,
		      const struct top_model *m, const struct top_view *v,
		      const struct scale *scale)
{
	size_t first = v->edge / (size_t)grid->page * (size_t)grid->page;

	for (int k = 0; k < grid->page && first + (size_t)k < m->n_edges; k++) {
		size_t i = first + (size_t)k;
		/* down the columns, so that numbers follow each other */
		struct top_rect cell = {r->y + 1 + k % grid->down,
					r->x + k / grid->down * grid->cell, 1, grid->cell};

		draw_edge(s, &cell, m, scale, i, i == v->edge && v->focus == TOP_PANEL_EDGES);
	}
}

/* ---- histogram ---- */

static void draw_histogram(struct top_screen *s, const struct top_rect *r,
			   const struct top_model *m, const struct scale *scale)
{
	struct top_rect inner = {r->y + 1, r->x + 1, r->height - 2, r->width - 2};
	size_t n = (size_t)(inner.width > 0 ? inner.width : 0), most = 1;
	size_t *bins = calloc(n + 1, sizeof(*bins));
	char from[TOP_TEXT], to[TOP_TEXT];

	if (!bins || inner.height < 1 || n == 0) {
		free(bins);
		return;
	}
	if (scale->taps) { /* the same number of taps in each, or they would look like a comb */
		size_t taps = (size_t)m->taps, each = (taps + n - 1) / n;

		n = (taps + each - 1) / each;
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		double value = value_of(scale, &m->edges[i]), part = part_of(scale, value);
		size_t bin = n;

		if (scale->taps && m->edges[i].known)
			bin = (size_t)m->edges[i].tap / (((size_t)m->taps + n - 1) / n);
		else if (part >= 0)
			bin = (size_t)(part * (double)(n - 1) + 0.5);
		if (m->edges[i].mode != TOP_CUT && bin < n && ++bins[bin] > most)
			most = bins[bin];
	}
	for (size_t x = 0; x < n; x++) {
		double eighths = 8.0 * inner.height * (double)bins[x] / (double)most;

		for (int y = 0; y < inner.height; y++) {
			double left = eighths - 8.0 * (inner.height - 1 - y);
			int full = left >= 8 ? 8 : left > 0 ? (int)ceil(left) : 0;

			if (full > 0)
				top_fill(s, &inner, y, (int)x, 1, TOP_CURVE,
					 0x2580 + (uint32_t)full);
		}
	}
	say_value(s, scale, scale->least, from);
	say_value(s, scale, scale->most, to);
	top_put(s, r, r->height - 1, 1, TOP_FAINT, from);
	top_put_right(s, r, r->height - 1, 0, (int)n + 1, TOP_FAINT, to);
	free(bins);
}

/* ---- the panel ---- */

/* Appends */
static void say_selected(const struct top_screen *s, const struct top_model *m, size_t i,
			 char *note, size_t size)
{
	size_t used = strlen(note);
	static const char *const modes[] = {"learns", "held", "cut"};
	const struct top_edge *edge = &m->edges[i];
	char ohm[TOP_TEXT], tap[24] = "";

	if (edge->tap >= 0)
		snprintf(tap, sizeof(tap), "tap %d, ", edge->tap);
	snprintf(note + used, size - used, "%sedge %zu: nodes %d and %d, %s%s, %s",
		 used > 0 ? "; " : "", i, edge->a, edge->b, tap, top_si(s, edge->r_ohm, "ohm", ohm),
		 modes[edge->mode]);
}

static void say_all(const struct top_model *m, const struct top_view *v,
		    const struct top_grid *grid, char *note, size_t size)
{
	size_t held = 0, cut = 0, used, learn;
	char n[TOP_TEXT], lit[TOP_TEXT];

	for (size_t i = 0; i < m->n_edges; i++) {
		held += m->edges[i].mode == TOP_HOLD;
		cut += m->edges[i].mode == TOP_CUT;
	}
	learn = m->n_edges - held - cut;
	used = (size_t)snprintf(note, size, "%s of %s just updated", top_thousands(m->n_lit, lit),
				top_thousands(learn, n));
	if (held > 0)
		used += (size_t)snprintf(note + used, size - used, ", %zu held", held);
	if (cut > 0)
		used += (size_t)snprintf(note + used, size - used, ", %zu cut", cut);
	if (!v->histogram && grid->page > 0 && (size_t)grid->page < m->n_edges)
		snprintf(note + used, size - used, ", page %zu of %zu",
			 v->edge / (size_t)grid->page + 1,
			 (m->n_edges + (size_t)grid->page - 1) / (size_t)grid->page);
}

void top_draw_edges(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		    struct top_view *v)
{
	struct scale scale = scale_make(m, v);
	struct top_grid grid;
	char note[300], title[48];

	if (r->height < 2 || m->n_edges == 0)
		return;
	if (v->edge >= m->n_edges)
		v->edge = m->n_edges - 1;
	top_grid_make(r, m->n_edges, &grid);
	v->page = (size_t)grid.page;
	v->across = grid.down;
	note[0] = '\0';
	if (v->focus != TOP_PANEL_EDGES || r->width < 70 || r->width >= 110)
		say_all(m, v, &grid, note, sizeof(note));
	if (v->focus == TOP_PANEL_EDGES && r->width >= 70)
		say_selected(s, m, v->edge, note, sizeof(note));
	if (scale.taps)
		snprintf(title, sizeof(title), "edges, tap 0 to %d", m->taps - 1);
	else
		snprintf(title, sizeof(title), "edges, conductance%s", scale.log ? ", log" : "");
	top_rule(s, r, title, note, v->focus == TOP_PANEL_EDGES);
	if (v->histogram && r->height >= 3)
		draw_histogram(s, r, m, &scale);
	else if (grid.page > 0)
		draw_bars(s, r, &grid, m, v, &scale);
}
