/* daemon/request_server.c - server.*, rpc.discover, state.snapshot. */
#include "config.h"

#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/request_handlers.h"
#include "protocol/record.h"

void request_server_hello(struct server *server, struct pending *pending)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	const struct settings_endpoints *e = &server->settings->endpoints;
	/* where something is on this machine is nobody else's business */
	char *database = pending->visitor.local ? realpath(server->settings->db, NULL) : NULL;
	json_t *hello = json_pack(
		"{s:s, s:s, s:i, s:s, s:s, s:s, s:s?, s:s, s:s, s:{s:s, s:s, s:s}}", "name",
		PACKAGE_NAME, "version", PACKAGE_VERSION, "protocol", PROTOCOL_VERSION, "boot",
		server->boot, "backend", server->replay ? "replay" : info->backend, "rig",
		info->name, "database", database, "role", role_word(pending->visitor.role), "who",
		pending->who, "endpoints", "control", e->control, "urgent", e->urgent, "stream",
		e->stream);

	if (server->replay_told)
		json_object_set(hello, "replay", server->replay_told);
	server_reply(server, pending, hello);
	free(database);
}

void request_server_ping(struct server *server, struct pending *pending)
{
	char utc[28];

	server_reply(server, pending,
		     json_pack("{s:s}", "t_utc", record_utc(clock_utc_ns(), utc, sizeof(utc))));
}

void request_rpc_discover(struct server *server, struct pending *pending)
{
	server_reply(server, pending, methods_openrpc(PACKAGE_VERSION));
}

void request_state_snapshot(struct server *server, struct pending *pending)
{
	const struct sequence *sequence = publisher_sequence(server->publisher);
	json_t *snapshot = server_snapshot(server);

	json_object_set_new(snapshot, "seq", json_integer((json_int_t)sequence_seq(sequence)));
	json_object_set_new(snapshot, "durable_seq",
			    json_integer((json_int_t)sequence_durable(sequence)));
	server_reply(server, pending, snapshot);
}
