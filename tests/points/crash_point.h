/* tests/points/crash_point.h - the same name for tests/nudged_points: there a point may be the last.
 *
 * NUDGED_CRASH_POINT=NAME:N kills the process (SIGKILL) when it passes the point NAME for the Nth time.
 */
#ifndef DAEMON_CRASH_POINT_H
#define DAEMON_CRASH_POINT_H

void crash_point(const char *name);

#endif
