/* daemon/request_lease.c - lease.*: who may steer. */
#include "config.h"

#include "daemon/request_handlers.h"

void request_lease_acquire(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const char *note = json_string_value(json_object_get(params, "note"));
	double ttl_s = json_number_value(json_object_get(params, "ttl_s"));
	bool take_over = json_is_true(json_object_get(params, "take_over"));
	struct lease_time now = lease_time_now();
	struct problem p = {0};
	json_t *old, *held;

	if (pending->request.dry_run) {
		if (!take_over && lease_check(server->lease, NULL, false, now, &p) < 0)
			server_refuse(server, pending, &p);
		else
			server_reply(server, pending, json_object());
		return;
	}
	old = lease_public(server->lease);
	if (lease_acquire(server->lease, pending->who, note, ttl_s, take_over, now, &p) < 0) {
		json_decref(old);
		server_refuse(server, pending, &p);
		return;
	}
	held = lease_public(server->lease);
	server_audit(server, pending, old, held);
	json_decref(old);
	json_decref(held);
	server_reply(server, pending, lease_secret(server->lease));
}

void request_lease_renew(struct server *server, struct pending *pending)
{
	const json_t *token = json_object_get(server_params(pending), "lease");
	struct problem p = {0};

	if (lease_renew(server->lease, json_string_value(token), pending->request.dry_run,
			lease_time_now(), &p) < 0)
		server_refuse(server, pending, &p);
	else
		server_reply(server, pending, lease_secret(server->lease));
}

void request_lease_release(struct server *server, struct pending *pending)
{
	const char *token = json_string_value(json_object_get(server_params(pending), "lease"));
	json_t *old = lease_public(server->lease);
	struct problem p = {0};

	if (lease_release(server->lease, token, pending->request.dry_run, lease_time_now(), &p) <
	    0) {
		server_refuse(server, pending, &p);
	} else {
		if (!pending->request.dry_run)
			server_audit(server, pending, old, NULL);
		server_reply(server, pending, json_object());
	}
	json_decref(old);
}
