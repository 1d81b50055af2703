/* daemon/crash_point.h - named places at which a test can kill the daemon: nothing at all in the one that is installed.
 *
 * tests/nudged_points is built with tests/points/crash_point.h in front of this file, which is then left out.
 */
#ifndef DAEMON_CRASH_POINT_H
#define DAEMON_CRASH_POINT_H

static inline void crash_point(const char *name)
{
	(void)name;
}

#endif
