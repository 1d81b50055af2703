/* clients/nudgectl/top_screen.h - a screen as cells in memory: what is drawn into it can be looked at without a
 * terminal. */
#ifndef CLIENTS_NUDGECTL_TOP_SCREEN_H
#define CLIENTS_NUDGECTL_TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means; the terminal decides how it looks, and never by colour alone. */
enum top_style {
	TOP_PLAIN,
	TOP_FAINT,    /* frames, labels, what is of little weight */
	TOP_STRONG,   /* the numbers that one looks for */
	TOP_CURVE,    /* error curves */
	TOP_SECOND,   /* a second curve */
	TOP_GOOD,     /* runs, up */
	TOP_LIT,      /* just updated */
	TOP_WARN,     /* paused, late, a warning */
	TOP_BAD,      /* critical, failed, lost */
	TOP_BADGE,    /* reversed: a state, a title */
	TOP_ALERT,    /* reversed and bad */
	TOP_SELECTED, /* reversed: the cursor */
	TOP_STYLES
};

struct top_cell {
	uint32_t glyph; /* Unicode; 0: a space */
	enum top_style style;
};

struct top_rect {
	int y, x, height, width;
};

struct top_screen {
	int height, width;
	bool unicode; /* else each glyph becomes one of ASCII */
	struct top_cell *cells;
};

/* 0 or -ENOMEM.  Empty; free with top_screen_free(). */
int top_screen_resize(struct top_screen *s, int height, int width);
void top_screen_free(struct top_screen *s);
void top_screen_clear(struct top_screen *s);
void top_screen_dim(struct top_screen *s, int from_y,
		    int to_y); /* rows from_y .. to_y - 1: all faint */

/* Text within a rectangle, at its row y and column x; what does not fit is cut, with a mark where `cut`.  Control
 * characters and what is not one column wide come as '?'.  Returns the columns that were written. */
int top_put(struct top_screen *s, const struct top_rect *r, int y, int x, enum top_style style,
	    const char *text);
int top_print(struct top_screen *s, const struct top_rect *r, int y, int x, enum top_style style,
	      const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same so that it ends at column `right` of the rectangle, not beginning before `left`. */
void top_put_right(struct top_screen *s, const struct top_rect *r, int y, int left, int right,
		   enum top_style style, const char *text);
void top_fill(struct top_screen *s, const struct top_rect *r, int y, int x, int n,
	      enum top_style style, uint32_t glyph);
int top_text_width(const char *text); /* columns */

/* A rule with a title in it, over the whole first row; note: at its right, NULL or "": none. */
void top_rule(struct top_screen *s, const struct top_rect *r, const char *title, const char *note,
	      bool focused);
/* A bar of `width` cells, filled to part (0 to 1) in eighths of a cell. */
void top_bar(struct top_screen *s, const struct top_rect *r, int y, int x, int width, double part,
	     enum top_style style);

#endif
