/* daemon/server_preflight.c - what the main thread knows, shown to the preflight: when asked, at submission, at the beginning. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/disk_budget.h"
#include "daemon/preflight.h"
#include "daemon/server.h"

static double queued_B(const struct server *server)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	double sum_B = 0;

	for (size_t i = 0; i < queue_length(server->queue); i++) {
		const struct task *task = queue_at(server->queue, i)->plan->task;

		sum_B += disk_run_B(task, info, disk_steps(task, server->live.params.tau_s));
	}
	return sum_B;
}

json_t *server_preflight(struct server *server, const struct pending *pending,
			 struct preflight *look)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	uint8_t *edges = malloc(2 * info->n_edges + 1);
	double *r_ohm = calloc(info->n_edges + 1, sizeof(*r_ohm));
	json_t *devices = server_devices(server), *alarms = alarms_json(server->alarms);
	json_t *held = lease_public(server->lease), *result;
	struct problem none = {0};

	look->info = info;
	look->rig = server->rig_json;
	look->devices = devices;
	look->alarms = alarms;
	look->free_B = store_free_B(server->store);
	look->reserve_B = server->settings->store_reserve_B;
	look->max_age_d = server->settings->calibration_max_age_d;
	look->n_before = queue_length(server->queue) + (server->live.run != 0);
	look->queued_B = queued_B(server);
	look->queue_held = queue_is_held(server->queue);
	look->holder = json_string_value(json_object_get(held, "holder"));
	look->own_lease = look->holder && lease_check(server->lease, pending->request.lease, false,
						      lease_time_now(), &none) == 0;
	look->lease_required = server->settings->require_lease;
	if (edges && r_ohm) {
		rig_thread_edges(server->rig, edges, edges + info->n_edges, r_ohm);
		look->mode = edges + info->n_edges;
	}
	result = preflight_look(look);
	problem_clear(&none);
	free(edges);
	free(r_ohm);
	json_decref(devices);
	json_decref(alarms);
	json_decref(held);
	return result;
}

/* ---- a run whose turn has come ---- */

static void hold_back(struct server *server, uint64_t run, const struct problem *p)
{
	char text[sizeof(p->message) + 96];
	struct change *change = change_new(0);
	json_t *now = json_pack("{s:i, s:s}", "code", p->code, "message", p->message);

	if (change) {
		server_event(server, change, run, "preflight", "nudged", "the run does not begin",
			     NULL, now);
		store_post(server->store, change);
	}
	json_decref(now);
	snprintf(text, sizeof(text), "run %llu does not begin: %s; then queue.release",
		 (unsigned long long)run, p->message);
	server_alarm(server, "preflight", ALARM_WARNING, text);
	server_hold_queue(server, "nudged", "a run's preflight failed");
}

bool server_may_begin(struct server *server, const struct plan *plan)
{
	json_t *devices = server_devices(server), *alarms = alarms_json(server->alarms);
	struct preflight look = {
		.info = rig_thread_info(server->rig),
		.rig = server->rig_json,
		.task = plan->task,
		.params = server->live.params,
		.devices = devices,
		.alarms = alarms,
		.free_B = store_free_B(server->store),
		.reserve_B = server->settings->store_reserve_B,
	};
	struct problem p = {0};
	json_t *both, *result;
	bool may;

	/* what is wrong with them is the rig's thread's to say */
	both = task_params(plan->task) ? json_copy((json_t *)task_params(plan->task))
				       : json_object();
	if (plan->params)
		json_object_update(both, (json_t *)plan->params);
	(void)params_apply(&look.params, both, look.info, NULL);
	json_decref(both);
	result = preflight_look(&look);
	may = preflight_problem(result, &p) == 0;
	if (!may)
		hold_back(server, plan->run, &p);
	problem_clear(&p);
	json_decref(result);
	json_decref(devices);
	json_decref(alarms);
	return may;
}
