/* clients/nudgectl/top_screen.c - cells in memory, texts and bars put into them. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "clients/nudgectl/top_screen.h"

int top_screen_resize(struct top_screen *s, int height, int width)
{
	struct top_cell *cells = calloc((size_t)height * (size_t)width + 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	free(s->cells);
	s->cells = cells;
	s->height = height;
	s->width = width;
	return 0;
}

void top_screen_free(struct top_screen *s)
{
	free(s->cells);
	s->cells = NULL;
	s->height = s->width = 0;
}

void top_screen_clear(struct top_screen *s)
{
	memset(s->cells, 0, (size_t)s->height * (size_t)s->width * sizeof(*s->cells));
}

void top_screen_dim(struct top_screen *s, int from_y, int to_y)
{
	for (int y = from_y; y < to_y && y < s->height; y++)
		for (int x = 0; x < s->width; x++)
			s->cells[y * s->width + x].style = TOP_FAINT;
}

/* The next character of UTF-8; what is none comes as '?'. */
static uint32_t next_glyph(const char **text)
{
	const unsigned char *at = (const unsigned char *)*text;
	uint32_t c = *at;
	int more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;

	*text += 1;
	if (c >= 0x80 && (c < 0xc2 || c > 0xf4))
		return '?';
	if (more > 0)
		c &= 0x3fu >> more;
	for (int i = 1; i <= more; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return '?';
		c = c << 6 | (at[i] & 0x3f);
		*text += 1;
	}
	return c;
}

int top_text_width(const char *text)
{
	int n = 0;

	for (; *text; n++)
		next_glyph(&text);
	return n;
}

/* The nearest that ASCII has */
static uint32_t ascii_of(uint32_t glyph)
{
	static const struct {
		uint32_t glyph;
		char ascii;
	} pairs[] = {
		{0x2500, '-'}, {0x2501, '='}, {0x2502, '|'}, {0x2514, '+'}, {0x2524, '|'},
		{0x00b7, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2026, '~'}, {0x2192, '>'},
		{0x00b5, 'u'}, {0x00b2, '2'}, {0x00b1, '~'}, {0x25cf, '*'}, {0x25b8, '>'},
		{0x2191, '^'}, {0x2193, 'v'}, {0x00d7, 'x'}, {0x2588, '#'},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].glyph == glyph)
			return (unsigned char)pairs[i].ascii;
	if (glyph >= 0x2589 && glyph <= 0x258f) /* parts of a block: half and more is one */
		return glyph <= 0x258c ? '#' : ' ';
	if (glyph >= 0x2581 && glyph <= 0x2587)
		return (unsigned char)"._-=+*#"[glyph - 0x2581];
	return '?';
}

static void set_cell(struct top_screen *s, int y, int x, enum top_style style, uint32_t glyph)
{
	if (y < 0 || x < 0 || y >= s->height || x >= s->width)
		return;
	if (glyph < 0x20 || (glyph >= 0x7f && glyph < 0xa0))
		glyph = '?';
	if (glyph >= 0x80 && !s->unicode)
		glyph = ascii_of(glyph);
	else if (glyph >= 0x80 && wcwidth((wchar_t)glyph) != 1 &&
		 !(glyph >= 0x2500 && glyph < 0x2900))
		glyph = '?';
	s->cells[y * s->width + x] = (struct top_cell){glyph, style};
}

int top_put(struct top_screen *s, const struct top_rect *r, int y, int x, enum top_style style,
	    const char *text)
{
	int begin = x;

	if (y < 0 || y >= r->height)
		return 0;
	for (; *text && x < r->width; x++) {
		uint32_t glyph = next_glyph(&text);

		if (x == r->width - 1 && *text)
			glyph = 0x2026;
		if (x >= 0)
			set_cell(s, r->y + y, r->x + x, style, glyph);
	}
	return x - begin;
}

int top_print(struct top_screen *s, const struct top_rect *r, int y, int x, enum top_style style,
	      const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return top_put(s, r, y, x, style, text);
}

void top_put_right(struct top_screen *s, const struct top_rect *r, int y, int left, int right,
		   enum top_style style, const char *text)
{
	int x = right - top_text_width(text);
	struct top_rect part = {r->y, r->x, r->height, right < r->width ? right : r->width};

	top_put(s, &part, y, x > left ? x : left, style, text);
}

void top_fill(struct top_screen *s, const struct top_rect *r, int y, int x, int n,
	      enum top_style style, uint32_t glyph)
{
	for (int i = 0; i < n; i++)
		if (y >= 0 && y < r->height && x + i >= 0 && x + i < r->width)
			set_cell(s, r->y + y, r->x + x + i, style, glyph);
}

void top_rule(struct top_screen *s, const struct top_rect *r, const char *title, const char *note,
	      bool focused)
{
	int n, used, from, width = r->width;

	if (r->height < 1)
		return;
	top_fill(s, r, 0, 0, width, TOP_FAINT, 0x2500);
	used = top_put(s, r, 0, 1, TOP_FAINT, " ");
	used += top_put(s, r, 0, 1 + used, focused ? TOP_SELECTED : TOP_STRONG, title);
	used += top_put(s, r, 0, 1 + used, TOP_FAINT, " ");
	n = note ? top_text_width(note) : 0;
	from = width - n - 3;
	if (n == 0 || width - used < 12)
		return;
	if (from < used + 3)
		from = used + 3;
	struct top_rect inner = {r->y, r->x, 1, width - 2};

	top_put(s, &inner, 0, from, TOP_FAINT, " ");
	top_put(s, &inner, 0, from + 1, TOP_FAINT, note);
	top_put(s, r, 0, width - 2, TOP_FAINT, " ");
}

void top_bar(struct top_screen *s, const struct top_rect *r, int y, int x, int width, double part,
	     enum top_style style)
{
	double eighths = round(fmin(fmax(part, 0), 1) * width * 8);

	if (!(eighths >= 0))
		return;
	for (int i = 0; i < width; i++) {
		double left = eighths - 8.0 * i;

		if (left >= 8)
			top_fill(s, r, y, x + i, 1, style, 0x2588);
		else if (left > 0) /* U+258F is an eighth, U+2589 seven */
			top_fill(s, r, y, x + i, 1, style, 0x2590 - (uint32_t)left);
		else
			top_fill(s, r, y, x + i, 1, TOP_FAINT, s->unicode ? 0xb7 : '.');
	}
}
