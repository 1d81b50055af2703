/* daemon/request_lease.c - lease.*: who may steer. */
#include "config.h"

#include <string.h>

#include "daemon/request_handlers.h"

/* From somebody else only an admin takes it. */
static int may_take_over(const struct server *server, const struct pending *pending,
			 struct lease_time now, struct problem *p)
{
	const char *holder;
	json_t *held;
	struct problem none = {0};
	int r = 0;

	if (pending->visitor.role == ROLE_ADMIN ||
	    lease_check(server->lease, NULL, false, now, &none) == 0)
		return 0;
	problem_clear(&none);
	held = lease_public(server->lease);
	holder = json_string_value(json_object_get(held, "holder"));
	if (holder && strcmp(holder, pending->who) != 0) {
		r = problem_set(
			p, PROBLEM_FORBIDDEN, "/take_over",
			"the lease of %s is taken over by %s or by an admin, and %s has the "
			"role %s; wait for its end",
			holder, holder, pending->who, role_word(pending->visitor.role));
		problem_add(p, "needed", json_string(role_word(ROLE_ADMIN)));
		problem_add(p, "role", json_string(role_word(pending->visitor.role)));
	}
	json_decref(held);
	return r;
}

void request_lease_acquire(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const char *note = json_string_value(json_object_get(params, "note"));
	double ttl_s = json_number_value(json_object_get(params, "ttl_s"));
	bool take_over = json_is_true(json_object_get(params, "take_over"));
	struct lease_time now = lease_time_now();
	struct problem p = {0};
	uint64_t before = lease_number(server->lease);
	json_t *old, *held;

	if (take_over && may_take_over(server, pending, now, &p) < 0) {
		server_refuse(server, pending, &p);
		return;
	}
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
	if (before)
		server_lease_moved(server, before, lease_number(server->lease));
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
