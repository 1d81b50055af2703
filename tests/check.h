/* tests/check.h - what cmocka wants before it, and two checks that it lacks. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka 1.1 compares floats only, to about 7 digits */
#define assert_close(got, want, tol)                                                               \
	do {                                                                                       \
		double got_ = (got), want_ = (want);                                               \
		if (!(fabs(got_ - want_) <= (tol)))                                                \
			fail_msg("%s is %.17g, not %.17g", #got, got_, want_);                     \
	} while (0)

/* for functions that return 0 or -errno */
#define assert_ok(call)                                                                            \
	do {                                                                                       \
		int r_ = (call);                                                                   \
		if (r_ < 0)                                                                        \
			fail_msg("%s: errno %d", #call, -r_);                                      \
	} while (0)

#endif
