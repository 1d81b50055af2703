/* daemon/runner_wiring.c - a run whose plugs have to be moved first: it says which, and waits for the operator's word. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/runner.h"
#include "daemon/wiring_json.h"

/* ---- the wires as they are, for other threads too ---- */

static int wires_to_rig(struct runner *r, const struct wiring *wiring)
{
	const struct rig_wiring now = {{wiring->wire[0], wiring->wire[1]}};
	int e = rig_wire(r->rig, &now);

	if (e < 0)
		return e;
	pthread_mutex_lock(&r->edges_lock);
	wiring_plug(r->wiring, now.wire);
	pthread_mutex_unlock(&r->edges_lock);
	return 0;
}

/* The plugs stay where the operator put them, whatever becomes of the daemon. */
static int plug_as_kept(struct runner *r, const json_t *kept)
{
	struct wiring *wiring;
	int e;

	if (!r->info->patch || !json_equal(json_object_get(kept, "file"), r->file_wires))
		return 0;
	e = wiring_copy(r->wiring, &wiring);
	if (e < 0)
		return e;
	if (wiring_read(json_object_get(kept, "now"), wiring) == 0) {
		log_line(
			LOG_NOTICE_, "wiring.kept",
			"the rig is taken to be plugged as for its last run, not as its file says");
		e = wires_to_rig(r, wiring);
	}
	wiring_free(wiring);
	return e;
}

int runner_take_wires(struct runner *r, const json_t *kept)
{
	struct rig_wiring wired;
	int e = rig_wired(r->rig, &wired);

	if (e == -ENOTSUP) /* a simulator has none */
		return 0;
	if (e == 0)
		e = wiring_new(r->info->n_nodes, wired.wire, &r->wiring);
	if (e < 0)
		return e;
	r->file_wires = wiring_json(r->wiring);
	return kept ? plug_as_kept(r, kept) : 0;
}

int runner_wires(struct runner *r, struct wiring **ret)
{
	int e = 0;

	pthread_mutex_lock(&r->edges_lock);
	if (r->wiring)
		e = wiring_copy(r->wiring, ret);
	else
		*ret = NULL;
	pthread_mutex_unlock(&r->edges_lock);
	return e;
}

/* ---- the wait ---- */

/* Nobody shall plug what is live: safe first. */
static void ask_operator(struct runner *r, struct wiring_plan *plan)
{
	static const char *const safe_names[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
						 [RIG_SAFE_COMMANDED] = "commanded",
						 [RIG_SAFE_UNKNOWN] = "unknown"};
	enum rig_safe safe;
	struct change *c;
	char plugs[40], what[160];

	rig_clear_interrupt(r->rig);
	safe = rig_make_safe(r->rig);
	r->begun = false;
	r->run->wiring = plan;
	snprintf(what, sizeof(what), "%s, then run.resume; outputs at safe volts: %s",
		 wiring_plugs(plan, plugs, sizeof(plugs)), safe_names[safe]);
	log_line(LOG_NOTICE_, "wiring.wait", "run %llu waits: %s",
		 (unsigned long long)r->run->number, what);
	c = change_new(0);
	runner_event(r, c, "wiring", "rig", what, NULL, wiring_moves_json(plan));
	runner_change_state(r, RUNNER_PAUSE, NULL);
	change_run_status(c, r->run->number, "paused", what);
	runner_post(r, c);
	r->run->unpaced = true;
}

int runner_rewired(struct runner *r)
{
	struct change *c;
	json_t *kept;
	int e;

	rig_clear_interrupt(r->rig);
	e = wires_to_rig(r, r->run->wiring->after);
	if (e < 0)
		return e;
	kept = json_pack("{s:O, s:o}", "file", r->file_wires, "now", wiring_json(r->wiring));
	c = change_new(0);
	runner_event(r, c, "wiring", "operator", "plugged", NULL, wiring_json(r->wiring));
	change_wiring(c, kept);
	runner_post(r, c);
	json_decref(kept);
	wiring_plan_free(r->run->wiring);
	r->run->wiring = NULL;
	return 0;
}

int runner_wiring(struct runner *r, bool *ret_wait)
{
	struct wiring_plan *plan = NULL;
	struct problem p = {0};

	*ret_wait = false;
	if (!r->wiring)
		return 0;
	if (r->run->wiring) /* the operator's word has come */
		return runner_rewired(r);
	if (task_wiring(r->run->task, r->wiring, r->info->patch, &plan, &p) < 0) {
		runner_break_off(r, "failed", p.message);
		problem_clear(&p);
		*ret_wait = true;
		return 0;
	}
	if (plan->n == 0) {
		wiring_plan_free(plan);
		return 0;
	}
	ask_operator(r, plan);
	*ret_wait = true;
	return 0;
}
