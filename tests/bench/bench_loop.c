/* tests/bench/bench_loop.c - the yardstick of P10: a bare periodic loop, and how late it wakes.
 *
 * usage: bench_loop PERIOD_S SECONDS       prints the lateness of each beat, in ns, one a line
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "tests/bench/bench.h"

static struct timespec at(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds};

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	return t;
}

int main(int argc, char **argv)
{
	double period_s = argc == 3 ? atof(argv[1]) : 0, seconds = argc == 3 ? atof(argv[2]) : 0;
	double begin_s;
	long n;

	if (!(period_s > 0) || !(seconds > 0))
		bench_die("usage: bench_loop PERIOD_S SECONDS");
	prctl(PR_SET_TIMERSLACK, 1);
	n = (long)(seconds / period_s);
	begin_s = bench_now_s() + period_s;
	for (long i = 0; i < n; i++) {
		double due_s = begin_s + (double)i * period_s;
		struct timespec t = at(due_s);

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
			;
		printf("%.0f\n", (bench_now_s() - due_s) * 1e9);
	}
	return 0;
}
