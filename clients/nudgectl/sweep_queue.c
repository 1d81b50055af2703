/* clients/nudgectl/sweep_queue.c - a sweep through a running daemon. */
#include "config.h"

#include "clients/nudgectl/sweep.h"

int sweep_on_queue(struct context *c, const struct sweep *sweep)
{
	(void)c;
	return say_failed("%s: --queue is not there yet", sweep->file);
}
