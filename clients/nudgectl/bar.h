/* clients/nudgectl/bar.h - a bar on standard error: how many of how many, how fast, how long still. */
#ifndef CLIENTS_NUDGECTL_BAR_H
#define CLIENTS_NUDGECTL_BAR_H

#include <stdbool.h>
#include <stddef.h>

struct bar {
	const char *what; /* "cells" */
	size_t total;
	size_t before; /* were done when it began: they say nothing about the speed */
	bool terminal, color, unicode;
	bool drawn; /* there is a line on the terminal to be replaced */
	double began_s, shown_s;
};

/* On a terminal a bar that moves; else a line now and then.  NO_COLOR and TERM=dumb count. */
void bar_init(struct bar *bar, const char *what, size_t total, size_t before, bool unicode);
void bar_show(struct bar *bar, size_t done, size_t failed);
void bar_clear(struct bar *bar); /* makes room for a sentence; the next show draws it again */
void bar_end(struct bar *bar, size_t done, size_t failed);

/* "0:09", "1:02:03" */
const char *bar_time(double seconds, char text[32]);
/* The line without colours and line end, at most `room` columns wide; text[size] holds room * 3 bytes. */
void bar_text(const struct bar *bar, size_t done, size_t failed, double now_s, size_t room,
	      char *text, size_t size);

#endif
