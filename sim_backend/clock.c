/* sim_backend/clock.c - waits that take no time, or that a wake-up ends. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "sim_backend/clock.h"

#define NS_PER_S 1000000000

int64_t clock_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)NS_PER_S + now.tv_nsec;
}

int clock_open(struct clock *clock, enum sim_clock kind, int wake_fd)
{
	*clock = (struct clock){.kind = kind,
				.virtual_ns = clock_monotonic_ns(),
				.wake_fd = wake_fd,
				.timer_fd = -1};
	if (kind == SIM_VIRTUAL)
		return 0;
	clock->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return clock->timer_fd < 0 ? -errno : 0;
}

void clock_close(struct clock *clock)
{
	if (clock->timer_fd >= 0)
		close(clock->timer_fd);
}

static int wait_for_timer(struct clock *clock, int64_t when_ns)
{
	const struct itimerspec when = {
		.it_value = {.tv_sec = when_ns / NS_PER_S, .tv_nsec = when_ns % NS_PER_S}};
	struct pollfd fds[] = {{.fd = clock->wake_fd, .events = POLLIN},
			       {.fd = clock->timer_fd, .events = POLLIN}};

	if (timerfd_settime(clock->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return -errno;
	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR) /* a signal is no interrupt of ours */
			return -errno;
	return fds[0].revents ? -EINTR : 0;
}

int clock_wait_until(struct clock *clock, int64_t when_ns)
{
	if (clock->kind == SIM_VIRTUAL) {
		if (when_ns > clock->virtual_ns)
			clock->virtual_ns = when_ns;
		return 0;
	}
	return when_ns > clock_monotonic_ns() ? wait_for_timer(clock, when_ns) : 0;
}
