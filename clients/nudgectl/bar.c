/* clients/nudgectl/bar.c - a bar on standard error: how many of how many, how fast, how long still. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clients/nudgectl/bar.h"
#include "clients/nudgectl/progress.h"

#define TERMINAL_S 0.1
#define PLAIN_S    5.0
#define LEAST_BAR  10
#define MOST_BAR   50

void bar_init(struct bar *bar, const char *what, size_t total, size_t before, bool unicode)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb");

	*bar = (struct bar){
		.what = what,
		.total = total,
		.before = before,
		.terminal = terminal,
		.color = terminal && !(no_color && no_color[0]),
		.unicode = unicode,
		.began_s = progress_now_s(),
	};
	if (!terminal) /* the first line after a while, not at once */
		bar->shown_s = bar->began_s;
}

const char *bar_time(double seconds, char text[32])
{
	long s = seconds < 0 ? 0 : seconds > 1e7 ? 10000000 : lround(seconds);

	if (s < 3600)
		snprintf(text, 32, "%ld:%02ld", s / 60, s % 60);
	else
		snprintf(text, 32, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
	return text;
}

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 40 ? 80 : size.ws_col;
}

static void add_bar(const struct bar *bar, size_t done, size_t width, char *text)
{
	size_t full = bar->total ? width * done / bar->total : width;

	for (size_t i = 0; i < width; i++) {
		if (bar->unicode)
			strcat(text, i < full ? "█" : "░");
		else
			strcat(text, i < full ? "#" : ".");
	}
}

void bar_text(const struct bar *bar, size_t done, size_t failed, double now_s, size_t room,
	      char *text, size_t size)
{
	double seconds = now_s - bar->began_s;
	double rate = seconds > 0 ? (double)(done - bar->before) / seconds : 0;
	char figures[160], left[32];
	size_t n, width;

	n = (size_t)snprintf(figures, sizeof(figures), " %zu/%zu %s", done, bar->total, bar->what);
	if (rate > 0)
		n += (size_t)snprintf(figures + n, sizeof(figures) - n, "  %.3g/s", rate);
	if (rate > 0 && done < bar->total)
		n += (size_t)snprintf(figures + n, sizeof(figures) - n, "  %s left",
				      bar_time((double)(bar->total - done) / rate, left));
	if (failed)
		n += (size_t)snprintf(figures + n, sizeof(figures) - n, "  %zu failed", failed);
	text[0] = '\0';
	width = room > n + 1 ? room - n - 1 : 0;
	if (width > MOST_BAR)
		width = MOST_BAR;
	if (width >= LEAST_BAR && 3 * width + n < size)
		add_bar(bar, done, width, text);
	n = strlen(text);
	snprintf(text + n, size - n, "%s", figures + (n == 0));
}

static void draw(struct bar *bar, size_t done, size_t failed, double now_s)
{
	char text[512];

	bar_text(bar, done, failed, now_s, bar->terminal ? columns() : 72, text, sizeof(text));
	if (bar->terminal)
		fprintf(stderr, "\r%s%s%s\033[K",
			bar->color ? failed ? "\033[33m" : "\033[36m" : "", text,
			bar->color ? "\033[0m" : "");
	else
		fprintf(stderr, "%s\n", text);
	bar->drawn = bar->terminal;
	bar->shown_s = now_s;
}

void bar_show(struct bar *bar, size_t done, size_t failed)
{
	double now_s = progress_now_s();

	if (now_s - bar->shown_s >= (bar->terminal ? TERMINAL_S : PLAIN_S))
		draw(bar, done, failed, now_s);
}

void bar_clear(struct bar *bar)
{
	if (!bar->drawn)
		return;
	fputs("\r\033[K", stderr);
	bar->drawn = false;
	bar->shown_s = 0;
}

void bar_end(struct bar *bar, size_t done, size_t failed)
{
	if (bar->terminal) {
		draw(bar, done, failed, progress_now_s());
		fputc('\n', stderr);
	}
	bar->drawn = false;
}
