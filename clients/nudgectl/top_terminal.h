/* clients/nudgectl/top_terminal.h - the terminal, full screen: cells out, keys in, and left as it was found. */
#ifndef CLIENTS_NUDGECTL_TOP_TERMINAL_H
#define CLIENTS_NUDGECTL_TOP_TERMINAL_H

#include "clients/nudgectl/top_screen.h"

/* Takes the terminal; from here on it is given back also by abort(3) and by what else kills a program from within.
 * 0, or -1 and a sentence. */
int top_terminal_open(bool color, char *why, size_t size);
void top_terminal_close(void); /* as it was; harmless a second time */

void top_terminal_size(int *height, int *width);    /* as it is now; also tells the library */
void top_terminal_show(const struct top_screen *s); /* sends what changed */
void top_terminal_redraw(void);                     /* the next show sends everything */
int top_terminal_key(void);                         /* one of top_keys.h; -1: none is there */
void top_terminal_suspend(
	void); /* Ctrl-Z: gives the terminal back, stops, and takes it again when it goes on */

#endif
