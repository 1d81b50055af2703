/* tests/points/crash_point.c - kills the process at the point that the environment names. */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/points/crash_point.h"

void crash_point(const char *name)
{
	static atomic_long passed;
	const char *wanted = getenv("NUDGED_CRASH_POINT");
	const char *colon = wanted ? strrchr(wanted, ':') : NULL;

	if (!colon || strlen(name) != (size_t)(colon - wanted) ||
	    memcmp(wanted, name, (size_t)(colon - wanted)) != 0)
		return;
	if (atomic_fetch_add(&passed, 1) + 1 < atol(colon + 1))
		return;
	kill(getpid(), SIGKILL);
	for (;;) /* no thread goes on from here */
		pause();
}
