/* clients/nudgectl/top_view.h - what the one in front of the screen has chosen: panel, edge, page, what is being typed. */
#ifndef CLIENTS_NUDGECTL_TOP_VIEW_H
#define CLIENTS_NUDGECTL_TOP_VIEW_H

#include "clients/nudgectl/top_layout.h"
#include "clients/nudgectl/top_model.h"

enum top_asking { TOP_ASKS_NOTHING, TOP_ASKS_PARAMS, TOP_ASKS_STOP };

struct top_view {
	enum top_panel focus;        /* EDGES, TARGETS or ALARMS */
	size_t edge, target, alarm;  /* selected */
	bool histogram, conductance; /* of the edges: instead of bars; instead of taps */
	bool help;
	enum top_asking asking;
	char typed[200];   /* at a prompt */
	char message[900]; /* of the last command: an answer or an error */
	enum top_style message_style;
	double message_s; /* since when */
	size_t page;      /* edges a page, as last laid out */
	int across;
};

/* ---- top_draw*.c: the model as cells ---- */
void top_draw(struct top_screen *s, const struct top_model *m, struct top_view *v);

/* parts of it, each into its rectangle */
/* test: say the last test, too */
void top_draw_head(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		   bool test);
void top_draw_foot(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		   const struct top_view *v);
void top_draw_error(struct top_screen *s, const struct top_rect *r, const struct top_model *m);
void top_draw_tests(struct top_screen *s, const struct top_rect *r, const struct top_model *m);
void top_draw_params(struct top_screen *s, const struct top_rect *r, const struct top_model *m);
void top_draw_targets(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		      const struct top_view *v);
void top_draw_edges(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		    struct top_view *v);
void top_draw_alarms(struct top_screen *s, const struct top_rect *r, const struct top_model *m,
		     const struct top_view *v);
void top_draw_events(struct top_screen *s, const struct top_rect *r, const struct top_model *m);
void top_draw_help(struct top_screen *s);

/* "1,203"; "10 ms", "1.2 kohm" (the sign where the screen has it), "-" for none; into text, which is returned */
#define TOP_TEXT 32
const char *top_thousands(uint64_t n, char text[TOP_TEXT]);
const char *top_si(const struct top_screen *s, double value, const char *unit, char text[TOP_TEXT]);
const char *top_duration(double seconds, char text[TOP_TEXT]);

#endif
