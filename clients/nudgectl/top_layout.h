/* clients/nudgectl/top_layout.h - which panel stands where on a screen of a given size.  Pure. */
#ifndef CLIENTS_NUDGECTL_TOP_LAYOUT_H
#define CLIENTS_NUDGECTL_TOP_LAYOUT_H

#include "clients/nudgectl/top_screen.h"

#define TOP_LEAST_HEIGHT 6
#define TOP_LEAST_WIDTH  30

enum top_panel {
	TOP_PANEL_ERROR,
	TOP_PANEL_TESTS,
	TOP_PANEL_PARAMS,
	TOP_PANEL_TARGETS,
	TOP_PANEL_EDGES,
	TOP_PANEL_ALARMS,
	TOP_PANEL_EVENTS,
	TOP_PANELS
};

struct top_layout {
	bool fits;                          /* false: the screen is too small for anything */
	struct top_rect head, foot;         /* state and figures; message and keys */
	struct top_rect panels[TOP_PANELS]; /* height 0: not shown */
};

struct top_needs {
	size_t n_edges, n_targets, n_alarms, n_params, n_devices;
	bool tests;
};

void top_layout_make(int height, int width, const struct top_needs *needs, struct top_layout *ret);

/* How an edges panel holds its edges: cells of `cell` columns, across x down, row by row. */
struct top_grid {
	int across, down, cell, page; /* page: edges a page; 0: no room */
};
void top_grid_make(const struct top_rect *panel, size_t n_edges, struct top_grid *ret);

#endif
