/* daemon/replay_clock.c - when what was recorded is due. */
#include "config.h"

#include "daemon/replay_clock.h"
#include "daemon/replay_script.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void replay_clock_begin(struct replay_clock *c, bool real_time, bool has_mono, int64_t mono_ns,
			int64_t utc_ns)
{
	*c = (struct replay_clock){
		.real_time = real_time,
		.row_mono_ns = mono_ns,
		.item_utc_ns = utc_ns,
		.has_mono = has_mono,
		.has_utc = utc_ns != REPLAY_NO_TIME,
	};
}

/* A clock that went back stands still. */
static int64_t interval(const struct replay_clock *c, int64_t t_mono_ns)
{
	return c->has_mono ? later(t_mono_ns - c->row_mono_ns, 0) : 0;
}

int64_t replay_clock_step(struct replay_clock *c, int64_t t_mono_ns)
{
	int64_t interval_ns = interval(c, t_mono_ns);

	c->at_ns =
		c->real_time ? later(c->at_ns, c->row_at_ns + interval_ns) : c->at_ns + interval_ns;
	c->row_at_ns = c->at_ns;
	c->row_mono_ns = t_mono_ns;
	c->has_mono = true;
	return c->at_ns;
}

int64_t replay_clock_item(struct replay_clock *c, int64_t t_utc_ns, bool has_next,
			  int64_t next_mono_ns)
{
	int64_t due_ns = c->at_ns, next_ns = c->row_at_ns + interval(c, next_mono_ns);

	if (t_utc_ns == REPLAY_NO_TIME)
		return c->at_ns;
	if (c->has_utc)
		due_ns = later(due_ns, c->item_at_ns + later(t_utc_ns - c->item_utc_ns, 0));
	if (c->real_time && has_next && due_ns > next_ns)
		due_ns = later(next_ns, c->at_ns);
	c->at_ns = c->item_at_ns = due_ns;
	c->item_utc_ns = t_utc_ns;
	c->has_utc = true;
	return due_ns;
}
