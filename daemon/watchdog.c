/* daemon/watchdog.c - signs of life of the rig's thread, and how old the newest is. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/watchdog.h"

static int64_t period_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	long long us = usec ? atoll(usec) : 0;

	if (us <= 0 || us > INT64_MAX / 1000 || (pid && atoll(pid) != getpid()))
		return 0;
	return us * 1000;
}

int64_t watchdog_init(struct watchdog *ret, int64_t now_ns)
{
	int64_t period = period_ns();

	*ret = (struct watchdog){.patience_ns = period / 2, .seen_ns = now_ns};
	return period / 4;
}

bool watchdog_may_feed(struct watchdog *w, uint64_t sign, int64_t now_ns, int64_t *ret_silence_ns)
{
	bool may;

	*ret_silence_ns = 0;
	if (sign != w->sign) {
		w->sign = sign;
		w->seen_ns = now_ns;
	}
	may = now_ns - w->seen_ns <= w->patience_ns;
	if (!may && !w->silent)
		*ret_silence_ns = now_ns - w->seen_ns;
	w->silent = !may;
	return may;
}
