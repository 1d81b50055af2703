/* daemon/alarm_rules.c - when disk, clocks, pace and the rig's thread are reason for an alarm. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/alarm_rules.h"

struct teller {
	const struct alarms *up;
	alarm_tell *tell;
	void *context;
};

static void over(const struct teller *t, const char *name, enum alarm_severity severity)
{
	if (alarms_find(t->up, name))
		t->tell(t->context, name, severity, NULL);
}

static void look_at_disk(const struct alarm_look *look, const struct teller *t)
{
	char text[200];

	if (look->free_B < look->reserve_B) {
		snprintf(text, sizeof(text),
			 "the database's disk has %.3g MB left, less than the reserve of %.3g MB "
			 "(store_reserve_B): make room; runs pause meanwhile",
			 look->free_B * 1e-6, look->reserve_B * 1e-6);
		t->tell(t->context, "disk", ALARM_CRITICAL, text);
	} else if (!(look->free_B < ALARM_DISK_DOWN * look->reserve_B)) {
		over(t, "disk", ALARM_CRITICAL);
	}
}

static void look_at_store(const struct alarm_look *look, const struct teller *t)
{
	char text[200];

	if (look->waiting_s < ALARM_STUCK_S) {
		over(t, "store-stuck", ALARM_CRITICAL);
		return;
	}
	snprintf(
		text, sizeof(text),
		"the database's disk has taken nothing for %.0f s, and what is to be written waits: a "
		"disk that hangs, or is full, or fails; runs pause meanwhile",
		look->waiting_s);
	t->tell(t->context, "store-stuck", ALARM_CRITICAL, text);
}

static void look_at_clock(struct alarm_rules *rules, const struct alarm_look *look,
			  const struct teller *t)
{
	int64_t offset_ns = look->utc_ns - look->mono_ns;
	double step_s = (double)(offset_ns - rules->offset_ns) * 1e-9;
	bool stepped = rules->seen && fabs(step_s) > ALARM_STEP_S;
	char text[200];

	rules->offset_ns = offset_ns;
	rules->seen = true;
	if (stepped) {
		rules->stepped_ns = look->mono_ns;
		snprintf(text, sizeof(text),
			 "the wall clock was set by %+.3f s: times in UTC before and after do not "
			 "compare; steps keep the steady clock's (t_mono_ns)",
			 step_s);
		t->tell(t->context, "clock", ALARM_WARNING, text);
	} else if ((double)(look->mono_ns - rules->stepped_ns) * 1e-9 > ALARM_STEP_HOLD_S) {
		over(t, "clock", ALARM_WARNING);
	}
}

static void look_at_pace(const struct alarm_look *look, const struct teller *t)
{
	double share = look->n_steps ? (double)look->n_late / look->n_steps : 0;
	char text[200];

	if (look->running && look->n_steps >= ALARM_LATE_FEWEST && share > ALARM_LATE_UP) {
		snprintf(text, sizeof(text),
			 "%u of the last %u steps began late by more than a tenth of tau_s (%g s): "
			 "a longer tau_s, or a machine with less else to do",
			 look->n_late, look->n_steps, look->tau_s);
		t->tell(t->context, "lateness", ALARM_WARNING, text);
	} else if (!look->running || share <= ALARM_LATE_DOWN) {
		over(t, "lateness", ALARM_WARNING);
	}
}

static void look_at_rig(const struct alarm_look *look, const struct teller *t)
{
	double silent_s = (double)(look->mono_ns - look->alive_ns) * 1e-9;
	double limit_s = ALARM_STALE_S + 4 * look->tau_s;
	char text[200];

	if (look->running && silent_s > limit_s) {
		snprintf(text, sizeof(text),
			 "the rig's thread has ended no step and looked after no device for %.0f s "
			 "(at most %.0f s are usual): the values shown are old; run.abort ends it",
			 silent_s, limit_s);
		t->tell(t->context, "stale", ALARM_CRITICAL, text);
	} else {
		over(t, "stale", ALARM_CRITICAL);
	}
}

void alarm_rules_look(struct alarm_rules *rules, const struct alarm_look *look,
		      const struct alarms *up, alarm_tell *tell, void *context)
{
	const struct teller t = {up, tell, context};

	look_at_disk(look, &t);
	look_at_store(look, &t);
	look_at_clock(rules, look, &t);
	look_at_pace(look, &t);
	look_at_rig(look, &t);
}
