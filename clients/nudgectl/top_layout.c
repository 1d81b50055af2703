/* clients/nudgectl/top_layout.c - panels on a screen: the curve gets what the others leave. */
#include "config.h"

#include "clients/nudgectl/top_layout.h"

#define SIDE      32 /* the right column: parameters and targets */
#define SIDE_FROM 72 /* screens as wide have one */

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int most(int a, int b)
{
	return a > b ? a : b;
}

void top_grid_make(const struct top_rect *panel, size_t n_edges, struct top_grid *ret)
{
	int rows = panel->height - 1, n = (int)n_edges, across;

	*ret = (struct top_grid){0};
	if (rows < 1 || panel->width < 14 || n == 0)
		return;
	/* as few columns as hold all, so that bars are long; what does not fit anyhow has pages of cells that are as wide
	 * as one likes */
	across = most((n + rows - 1) / rows, 1);
	if (across > panel->width / 15)
		across = most(panel->width / 19, 1);
	if (across < panel->width / 40)
		across = panel->width / 40;
	across = least(across, n);
	ret->across = across;
	ret->cell = panel->width / across;
	ret->down = least(rows, (n + across - 1) / across);
	ret->page = ret->across * ret->down;
}

/* Rows that the edges would like: all of them where that is few, else a share of the screen */
static int rows_of_edges(int height, int width, size_t n_edges)
{
	int n = (int)(n_edges < 100000 ? n_edges : 100000), across = most(width / 20, 1);
	int rows = (n + across - 1) / across;

	return least(rows, height < 30 ? 4 : height / 4);
}

static struct top_rect take_bottom(struct top_rect *from, int height)
{
	struct top_rect part = {from->y + from->height - height, from->x, height, from->width};

	from->height -= height;
	return part;
}

static struct top_rect take_top(struct top_rect *from, int height)
{
	struct top_rect part = {from->y, from->x, height, from->width};

	from->y += height;
	from->height -= height;
	return part;
}

/* Parameters, then targets, in a column of their own */
static void place_side(struct top_rect side, const struct top_needs *needs, struct top_layout *ret)
{
	int params = least((int)needs->n_params + 1, side.height);
	int targets = least((int)needs->n_targets + 2, 40);

	if (params + targets > side.height && side.height > 7)
		params = most(4, least(params, side.height - least(targets, 5)));
	ret->panels[TOP_PANEL_PARAMS] = take_top(&side, params);
	if (side.height >= 3 && needs->n_targets > 0)
		ret->panels[TOP_PANEL_TARGETS] = side;
}

/* Alarms where there are any, and events: beside each other where it is wide enough */
static void place_lists(struct top_rect lists, const struct top_needs *needs,
			struct top_layout *ret)
{
	struct top_rect *alarms = &ret->panels[TOP_PANEL_ALARMS];
	int rows = (int)(needs->n_alarms < 8 ? needs->n_alarms : 8);

	if (lists.width >= 110) {
		*alarms = (struct top_rect){lists.y, lists.x + lists.width - lists.width * 2 / 5,
					    lists.height, lists.width * 2 / 5};
		lists.width -= alarms->width + 1;
	} else if (rows > 0) {
		*alarms = take_top(&lists, least(rows + 1, most(lists.height - 2, 2)));
	}
	if (lists.height >= 2)
		ret->panels[TOP_PANEL_EVENTS] = lists;
}

/* The lists' rows: some, more where there is room */
static int rows_of_lists(int height, int width, const struct top_needs *needs)
{
	int rows = height < 20 ? 0 : height < 26 ? 4 : height / 6;

	if (needs->n_alarms > 0 && width < 110)
		rows = most(rows, 2) + (height >= 26 ? 2 : 0);
	return rows;
}

static void place_curves(struct top_rect rest, const struct top_needs *needs,
			 struct top_layout *ret)
{
	if (needs->tests && rest.width >= 100) {
		int left = rest.width * 3 / 5;

		ret->panels[TOP_PANEL_TESTS] = (struct top_rect){
			rest.y, rest.x + left + 1, rest.height, rest.width - left - 1};
		rest.width = left;
	} else if (needs->tests && rest.height >= 22) {
		ret->panels[TOP_PANEL_TESTS] = take_bottom(&rest, rest.height * 2 / 5);
	}
	if (rest.height >= 2)
		ret->panels[TOP_PANEL_ERROR] = rest;
}

void top_layout_make(int height, int width, const struct top_needs *needs, struct top_layout *ret)
{
	struct top_rect rest = {0, 0, height, width};
	int edges, lists;

	*ret = (struct top_layout){.fits = height >= TOP_LEAST_HEIGHT && width >= TOP_LEAST_WIDTH};
	if (!ret->fits)
		return;
	ret->head = take_top(&rest, height >= 16 ? 3 : 2);
	ret->foot = take_bottom(&rest, 2);
	lists = least(rows_of_lists(height, width, needs), rest.height);
	if (lists >= 2)
		place_lists(take_bottom(&rest, lists), needs, ret);
	edges = rows_of_edges(height, width, needs->n_edges) + 1;
	if (rest.height < 13 && rest.height >= 8)
		edges = least(edges, 3);
	if (edges > 1 && rest.height - edges >= 5)
		ret->panels[TOP_PANEL_EDGES] = take_bottom(&rest, edges);
	if (width >= SIDE_FROM) {
		int share = most(SIDE, least(width / 4, 40));
		struct top_rect side = {rest.y, width - share, rest.height, share};

		place_side(side, needs, ret);
		rest.width -= share + 1;
	} else if (rest.height >= 20) {
		struct top_rect below =
			take_bottom(&rest, least((int)(needs->n_params + needs->n_targets) + 3,
						 rest.height / 2));

		place_side(below, needs, ret);
	}
	place_curves(rest, needs, ret);
}
