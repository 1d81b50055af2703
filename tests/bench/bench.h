/* tests/bench/bench.h - what every benchmark needs: a clock, medians, and one form of line.
 *
 * A line gives the goal, what was measured, both figures and their ratio; the load average stands below.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline void __attribute__((noreturn, format(printf, 1, 2)))
bench_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static inline double bench_now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static inline double bench_median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), bench_compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static inline void bench_row(const char *goal, const char *what, const char *unit, double ours,
			     double yardstick, const char *against)
{
	printf("%-4s %-56s %12.4g %-9s %12.4g  %-36s ratio %.3g\n", goal, what, ours, unit,
	       yardstick, against, ours / yardstick);
}

static inline void bench_load(void)
{
	double load[3] = {0};

	if (getloadavg(load, 3) == 3)
		printf("     load average %.2f %.2f %.2f\n", load[0], load[1], load[2]);
}

/* A database of an earlier round, with its journal. */
static inline void bench_remove(const char *file)
{
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	char name[640];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", file, ends[i]);
		unlink(name);
	}
}

#endif
