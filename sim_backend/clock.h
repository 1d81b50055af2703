/* sim_backend/clock.h - the simulated rig's time: as fast as it goes, or the wall's. */
#ifndef SIM_BACKEND_CLOCK_H
#define SIM_BACKEND_CLOCK_H

#include <stdint.h>

#include "drivers/rig_config.h"

struct clock {
	enum sim_clock kind;
	int64_t virtual_ns; /* starts at CLOCK_MONOTONIC */
	int wake_fd;        /* borrowed: readable ends a real wait */
	int timer_fd;       /* real clock only, else -1 */
};

int clock_open(struct clock *clock, enum sim_clock kind, int wake_fd); /* 0, -errno */
void clock_close(struct clock *clock);
int64_t clock_monotonic_ns(void);
int clock_wait_until(struct clock *clock, int64_t when_ns); /* 0, -EINTR when woken, -errno */

static inline int64_t clock_now_ns(const struct clock *clock)
{
	return clock->kind == SIM_VIRTUAL ? clock->virtual_ns : clock_monotonic_ns();
}

#endif
