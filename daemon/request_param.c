/* daemon/request_param.c - param.*: what learning is done with. */
#include "config.h"

#include "daemon/request_handlers.h"

void request_param_get(struct server *server, struct pending *pending)
{
	server_reply(server, pending, params_json(&server->live.params, server->live.r0_ohm));
}

/* Between two steps, by the rig's thread: only it knows from which step on. */
void request_param_set(struct server *server, struct pending *pending)
{
	struct rig_command command = {
		.kind = RIG_COMMAND_PARAMS,
		.if_rev = pending->request.if_rev,
	};
	bool dry_run = pending->request.dry_run; /* what is refused is gone */
	json_t *old;

	if (!params_given(server_params(pending))) {
		server_refuse_because(
			server, pending, PROBLEM_PARAMS, "",
			"nothing to change: give at least one of eta, p, tau_s, capacitance_F, "
			"relaxation_rate_per_s, alpha_over_gamma");
		return;
	}
	command.json = json_deep_copy(server_params(pending));
	old = params_json(&server->live.params, server->live.r0_ohm);
	if (!dry_run)
		command.change =
			server_change(server, pending, server->live.run, old, command.json);
	json_decref(old);
	if (command.change || dry_run)
		server_command(server, pending, &command);
	else
		json_decref(command.json);
}
