/* daemon/request_key.c - key.*: who may come in over TCP.  The file is rewritten by a reader's thread. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/auth.h"
#include "daemon/request_handlers.h"

struct key_work {
	struct auth *auth;
	struct authorized_key key; /* revoke: as it was */
};

static const char *text(const struct pending *pending, const char *name)
{
	return json_string_value(json_object_get(server_params(pending), name));
}

static json_t *key_json(const struct authorized_key *key)
{
	return json_pack("{s:s, s:s, s:s}", "public_key", key->public_key, "name", key->name,
			 "role", role_word(key->role));
}

static void write_added(struct history *h, void *work, struct readers_answer *answer)
{
	struct key_work *w = work;

	(void)h;
	if (auth_add(w->auth, &w->key, &answer->problem) == 0)
		answer->result = key_json(&w->key);
}

static void write_revoked(struct history *h, void *work, struct readers_answer *answer)
{
	struct key_work *w = work;
	struct authorized_key old;

	(void)h;
	if (auth_revoke(w->auth, w->key.name, &old, &answer->problem) == 0)
		answer->result = key_json(&old);
}

/* The file is as it shall be: it comes into force, then into the audit. */
static void on_written(struct server *server, struct pending *pending, struct word *word)
{
	bool added = pending->request.method->id == METHOD_KEY_ADD;
	json_t *result = word->result;
	struct change *change;

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	change = server_change(server, pending, 0, added ? NULL : result, added ? result : NULL);
	if (change)
		server_store(server, pending, change, result, NULL);
	else
		json_decref(result);
	server_reload_keys(server);
}

static void write_file(struct server *server, struct pending *pending,
		       const struct authorized_key *key, readers_function *function)
{
	struct key_work *work = calloc(1, sizeof(*work));

	if (!work) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	*work = (struct key_work){.auth = server->auth, .key = *key};
	pending->work = work;
	pending->free_work = free;
	server_read(server, pending, function, work, on_written);
}

void request_key_add(struct server *server, struct pending *pending)
{
	struct authorized_key key;
	struct problem p = {0};

	if (authorized_key_make(text(pending, "public_key"), text(pending, "name"),
				text(pending, "role"), &key, &p) < 0)
		server_refuse(server, pending, &p);
	else if (pending->request.dry_run)
		server_reply(server, pending, key_json(&key));
	else
		write_file(server, pending, &key, write_added);
}

void request_key_list(struct server *server, struct pending *pending)
{
	server_reply(server, pending,
		     json_pack("{s:o, s:s}", "rows", auth_list(server->auth), "file",
			       server->settings->authorized_keys));
}

void request_key_revoke(struct server *server, struct pending *pending)
{
	struct authorized_key key = {0};
	const char *name = text(pending, "name");

	snprintf(key.name, sizeof(key.name), "%s", name);
	if (pending->request.dry_run)
		server_reply(server, pending, json_object());
	else
		write_file(server, pending, &key, write_revoked);
}
