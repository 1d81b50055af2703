/* clients/nudgectl/top_without.c - stands for top.c in a build without ncurses. */
#include "config.h"

#include "clients/nudgectl/top.h"

int top_run(struct context *c, bool ascii)
{
	(void)c;
	(void)ascii;
	return say_failed(
		"this nudgectl was built --without-ncurses and has no top; nudgectl watch "
		"looks on in plain lines");
}
