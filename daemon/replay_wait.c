/* daemon/replay_wait.c - the replay's time: when what was recorded is due, and the commands that come meanwhile. */
#include "config.h"

#include <math.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/mailbox.h"
#include "daemon/replay_impl.h"

#define NEAR_S  0.0005 /* what is due so soon comes now: the next is on time again */
#define SLICE_S 0.5    /* a sign of life meanwhile */
#define LONG_S  10.0   /* a wait that people want to know of */

static void take(struct replay *r, const struct rig_command *command)
{
	r->taken++;
	r->awake |= command->kind == RIG_COMMAND_WAKE;
	r->quit |= command->kind == RIG_COMMAND_QUIT;
}

bool replay_obey(struct replay *r)
{
	struct rig_command command;

	atomic_store_explicit(&r->alive_ns, clock_now_ns(), memory_order_relaxed);
	while (atomic_load_explicit(&r->posted, memory_order_acquire) != r->taken &&
	       mailbox_take(r->box, &command))
		take(r, &command);
	return !r->quit;
}

static bool wait_until(struct replay *r, int64_t due_ns)
{
	struct rig_command command;

	while (replay_obey(r)) {
		double left_s = (double)(due_ns - clock_now_ns()) * 1e-9;

		if (left_s < NEAR_S)
			return true;
		if (mailbox_wait(r->box, &command, fmin(left_s, SLICE_S)))
			take(r, &command);
	}
	return false;
}

bool replay_wait(struct replay *r, int64_t at_ns, uint64_t step)
{
	int64_t due_ns;
	double left_s;

	if (isinf(r->how->speed))
		return replay_obey(r);
	due_ns = r->begun_ns + (int64_t)((double)at_ns / r->how->speed);
	left_s = (double)(due_ns - clock_now_ns()) * 1e-9;
	if (left_s > LONG_S)
		log_line(LOG_NOTICE_, "replay.waits",
			 "nothing is due for %.0f s: what comes then, at step %llu, came so much "
			 "later when it was recorded (--speed)",
			 left_s, (unsigned long long)step);
	return wait_until(r, due_ns);
}

bool replay_rest(struct replay *r, double seconds)
{
	return wait_until(r, clock_now_ns() + (int64_t)(seconds * 1e9));
}

bool replay_wait_for_word(struct replay *r)
{
	struct rig_command command;

	while (replay_obey(r) && !r->awake)
		if (mailbox_wait(r->box, &command, SLICE_S))
			take(r, &command);
	return !r->quit;
}

void replay_wait_for_end(struct replay *r)
{
	while (replay_rest(r, SLICE_S))
		;
}
