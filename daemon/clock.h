/* daemon/clock.h - the wall clock and the steady one, in nanoseconds. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Since 1970: for people. */
static inline int64_t clock_utc_ns(void)
{
	return clock_read_ns(CLOCK_REALTIME);
}

/* Never set back: for intervals. */
static inline int64_t clock_now_ns(void)
{
	return clock_read_ns(CLOCK_MONOTONIC);
}

#endif
