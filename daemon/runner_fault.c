/* daemon/runner_fault.c - devices that fail, and what a real rig notices by itself: told, and the run made to wait. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/runner.h"

#define LOOK_S  0.3  /* a rig that was asked for something so lately needs no look */
#define NEAR_S  0.15 /* a step so near is not held up by one */
#define SLICE_S 0.4  /* of a long wait: watchdogs are fed in between */

bool runner_is_device(int error)
{
	switch (error) {
	case -EIO:
	case -ETIMEDOUT:
	case -ENODEV:
	case -EBADMSG:
	case -ESTALE:
	case -EREMOTEIO:
	case -EHOSTDOWN:
	case -EPROTO:
		return true;
	default:
		return false;
	}
}

/* The run is paused, after its outputs were brought to safe volts if `safe`. */
static void wait_for_resume(struct runner *r, const char *kind, const char *who, const char *reason,
			    bool safe)
{
	static const char *const safe_names[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
						 [RIG_SAFE_COMMANDED] = "commanded",
						 [RIG_SAFE_UNKNOWN] = "unknown"};
	json_t *now = json_pack("{s:s}", "state", "paused");
	struct change *c;

	if (safe)
		json_object_set_new(now, "safe", json_string(safe_names[rig_make_safe(r->rig)]));
	c = change_new(0);
	runner_event(r, c, kind, who, reason, NULL, now);
	if (r->state == STATE_RUNNING)
		runner_change_state(r, RUNNER_PAUSE, NULL);
	change_run_status(c, r->run->number, "paused", reason);
	runner_post(r, c);
	r->run->unpaced = true;
	runner_tell_notes(r);
}

bool runner_pause_on_fault(struct runner *r, int error, const char *reason)
{
	struct run *run = r->run;

	if (!run || !r->info->pause_on_fault || !runner_is_device(error) || run->status ||
	    (r->state != STATE_RUNNING && r->state != STATE_PAUSED))
		return false;
	wait_for_resume(r, "fault", "rig", reason, true);
	return true;
}

void runner_suspend(struct runner *r, const char *reason, bool safe)
{
	if (!r->run || r->run->status || (r->state != STATE_RUNNING && r->state != STATE_PAUSED))
		return;
	log_line(LOG_WARNING_, "run.paused", "run %llu paused: %s",
		 (unsigned long long)r->run->number, reason);
	wait_for_resume(r, "lease", "nudged", reason, safe);
	report_send(r->reports, &(struct report){
					.kind = REPORT_ALARM,
					.json = json_pack("{s:s, s:s, s:s}", "alarm", "lease",
							  "severity", "warning", "text", reason),
				});
}

/* ---- notes ---- */

static const char *const kinds[] = {
	[RIG_NOTE_DEVICE] = "device",     [RIG_NOTE_DISCREPANCY] = "discrepancy",
	[RIG_NOTE_TICK] = "tick",         [RIG_NOTE_BOOT] = "boot",
	[RIG_NOTE_IDENTITY] = "identity", [RIG_NOTE_DIRECTION] = "direction",
	[RIG_NOTE_SUPPLY] = "supply",     [RIG_NOTE_OUTPUT] = "output",
};

/* As the log calls it: what is found, what is over. */
static const char *log_name(const struct rig_note *note)
{
	static const char *const names[][2] = {
		[RIG_NOTE_DEVICE] = {"device.trouble", "device.up"},
		[RIG_NOTE_DISCREPANCY] = {"discrepancy.found", "discrepancy.over"},
		[RIG_NOTE_TICK] = {"tick.wrong", "tick.right"},
		[RIG_NOTE_BOOT] = {"board.restarted", "board.known"},
		[RIG_NOTE_IDENTITY] = {"board.another", "board.known"},
		[RIG_NOTE_DIRECTION] = {"direction.wrong", "direction.right"},
		[RIG_NOTE_SUPPLY] = {"supply.wrong", "supply.right"},
		[RIG_NOTE_OUTPUT] = {"output.wrong", "output.right"},
	};

	if (note->kind == RIG_NOTE_DEVICE && note->alarm && !note->over)
		return "device.down";
	return names[note->kind][note->over];
}

static json_t *note_json(const struct rig_note *note)
{
	json_t *json = json_object();

	if (note->node >= 0)
		json_object_set_new(json, "node", json_integer(note->node));
	if (note->edge >= 0)
		json_object_set_new(json, "edge", json_integer(note->edge));
	if (note->board >= 0)
		json_object_set_new(json, "board", json_integer(note->board));
	json_object_set_new(json, "over", json_boolean(note->over));
	return json;
}

/* "board 3 device", "node 4 discrepancy", "edge 12 direction": one alarm for each thing that is wrong. */
static void tell_alarm(struct runner *r, const struct rig_note *note)
{
	char name[64];

	if (note->board >= 0)
		snprintf(name, sizeof(name), "board %ld %s", note->board, kinds[note->kind]);
	else if (note->edge >= 0)
		snprintf(name, sizeof(name), "edge %ld %s", note->edge, kinds[note->kind]);
	else if (note->node >= 0)
		snprintf(name, sizeof(name), "node %ld %s", note->node, kinds[note->kind]);
	else
		snprintf(name, sizeof(name), "card %s", kinds[note->kind]);
	report_send(r->reports,
		    &(struct report){
			    .kind = REPORT_ALARM,
			    .json = json_pack(
				    "{s:s, s:s, s:o}", "alarm", name, "severity",
				    note->kind == RIG_NOTE_DEVICE ? "critical" : "warning", "text",
				    note->over ? json_null() : json_string(note->text)),
		    });
}

void runner_tell_notes(struct runner *r)
{
	struct rig_note note;
	bool devices = false;

	while (rig_take_note(r->rig, &note)) {
		struct change *c = change_new(0);

		log_line(note.over ? LOG_NOTICE_ : LOG_WARNING_, log_name(&note), "%s", note.text);
		runner_event(r, c, kinds[note.kind], "rig", note.text, NULL, note_json(&note));
		runner_post(r, c);
		if (note.alarm || note.over)
			tell_alarm(r, &note);
		devices |= note.kind == RIG_NOTE_DEVICE || note.kind == RIG_NOTE_BOOT ||
			   note.kind == RIG_NOTE_IDENTITY;
	}
	if (devices)
		runner_tell_devices(r);
}

void runner_tell_devices(struct runner *r)
{
	static const char *const states[] = {[RIG_DEVICE_UP] = "up",
					     [RIG_DEVICE_DEGRADED] = "degraded",
					     [RIG_DEVICE_DOWN] = "down"};
	const struct rig_device *device;
	size_t n = rig_devices(r->rig, &device);
	json_t *rows;

	if (n == 0)
		return;
	rows = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "device",
					device[i].name, "backend", r->info->backend, "state",
					states[device[i].state], "text", device[i].text, "requests",
					(json_int_t)device[i].requests, "retries",
					(json_int_t)device[i].retries, "failures",
					(json_int_t)device[i].failures, "serial",
					(json_int_t)device[i].serial, "boots",
					(json_int_t)device[i].boots));
	report_send(r->reports, &(struct report){.kind = REPORT_DEVICES, .json = rows});
}

/* ---- watchdogs and interlocks ---- */

int runner_settle(struct runner *r, double seconds)
{
	int64_t end_ns = rig_now_ns(r->rig) + llround(seconds * 1e9);
	int64_t slice_ns = llround(SLICE_S * 1e9);
	int e = 0;

	if (!r->info->interlocks)
		return rig_settle(r->rig, seconds);
	while (e == 0 && end_ns - rig_now_ns(r->rig) > slice_ns + llround(NEAR_S * 1e9)) {
		e = rig_wait_until(r->rig, rig_now_ns(r->rig) + slice_ns);
		if (e == 0)
			e = rig_idle(r->rig);
	}
	return e < 0 ? e : rig_wait_until(r->rig, end_ns);
}

int runner_look_after(struct runner *r)
{
	int64_t now_ns = rig_now_ns(r->rig);
	bool steps = r->run && r->state == STATE_RUNNING && !r->run->unpaced;
	int e;

	if (!r->info->interlocks)
		return rig_idle(r->rig);
	if (now_ns - r->touched_ns < llround(LOOK_S * 1e9) ||
	    (steps && r->run->next_ns - now_ns < llround(NEAR_S * 1e9)))
		return 0;
	e = rig_idle(r->rig);
	r->touched_ns = rig_now_ns(r->rig);
	runner_tell_notes(r);
	return e;
}
