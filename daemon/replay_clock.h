/* daemon/replay_clock.h - when what was recorded is due, in nanoseconds of the recording since it began.  Pure.
 *
 * Steps keep the intervals of the rig's clock (t_mono_ns).  What happened between them has the wall clock's time alone: it comes
 * as long after the last such thing as it did then, but never after the step that follows it, if the rig's clock was the
 * wall's.  The clock of a simulated rig may stand still while a run is paused: then the pause pushes what follows.
 */
#ifndef DAEMON_REPLAY_CLOCK_H
#define DAEMON_REPLAY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct replay_clock {
	bool real_time;                  /* the rig's clock keeps the pace of the wall's */
	int64_t at_ns;                   /* of what came last */
	int64_t row_at_ns, row_mono_ns;  /* of the last step, or of the beginning */
	int64_t item_at_ns, item_utc_ns; /* of the last thing with a time by the wall's clock */
	bool has_mono, has_utc;
};

/* mono_ns: the rig's clock at the run's beginning, if has_mono; utc_ns: the wall's then, or REPLAY_NO_TIME. */
void replay_clock_begin(struct replay_clock *c, bool real_time, bool has_mono, int64_t mono_ns,
			int64_t utc_ns);
int64_t replay_clock_step(struct replay_clock *c, int64_t t_mono_ns);
/* next_mono_ns: the end of the step behind it, if has_next. */
int64_t replay_clock_item(struct replay_clock *c, int64_t t_utc_ns, bool has_next,
			  int64_t next_mono_ns);

#endif
