/* daemon/auth.c - the server's key and the list of keys, behind a lock. */
#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "daemon/auth.h"

struct auth {
	const struct settings *settings;
	struct key_pair pair; /* "": no CURVE */
	pthread_mutex_t lock; /* of keys */
	struct authorized_keys keys;
	pthread_mutex_t file_lock; /* one change of the file after the other */
};

/* A file whose two halves do not belong together would turn everybody away. */
static int read_pair(struct auth *auth, struct problem *p)
{
	char public_key[KEY_CHARS + 1];

	if (!zmq_has("curve"))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "this libzmq has no CURVE, so a key is of no use: install one "
				   "that was built with libsodium");
	if (key_file_read(auth->settings->key, true, &auth->pair, p) < 0)
		return -1;
	if (zmq_curve_public(public_key, auth->pair.secret_key) < 0 ||
	    strcmp(public_key, auth->pair.public_key) != 0)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "%s: the public key is not that of the secret one; make a new "
				   "pair with nudgectl key new",
				   auth->settings->key);
	return 0;
}

int auth_open(const struct settings *settings, struct auth **ret, struct problem *p)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	if (!auth)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the keys");
	auth->settings = settings;
	pthread_mutex_init(&auth->lock, NULL);
	pthread_mutex_init(&auth->file_lock, NULL);
	if (settings->key && read_pair(auth, p) < 0) {
		auth_close(auth);
		return -1;
	}
	if (authorized_keys_read(settings->authorized_keys, &auth->keys, p) < 0) {
		if (settings->key) {
			auth_close(auth);
			return -1;
		}
		problem_clear(
			p); /* without a key of the daemon's own nobody comes in by the list */
	}
	*ret = auth;
	return 0;
}

void auth_close(struct auth *auth)
{
	if (!auth)
		return;
	authorized_keys_clear(&auth->keys);
	pthread_mutex_destroy(&auth->lock);
	pthread_mutex_destroy(&auth->file_lock);
	explicit_bzero(&auth->pair, sizeof(auth->pair));
	free(auth);
}

const struct settings *auth_settings(const struct auth *auth)
{
	return auth->settings;
}

const struct key_pair *auth_key_pair(const struct auth *auth)
{
	return auth->pair.secret_key[0] ? &auth->pair : NULL;
}

bool auth_find(struct auth *auth, const char *public_key, struct authorized_key *ret)
{
	const struct authorized_key *key;

	pthread_mutex_lock(&auth->lock);
	key = authorized_keys_find(&auth->keys, public_key);
	if (key)
		*ret = *key;
	pthread_mutex_unlock(&auth->lock);
	return key != NULL;
}

json_t *auth_list(struct auth *auth)
{
	json_t *list = json_array();

	pthread_mutex_lock(&auth->lock);
	for (size_t i = 0; i < auth->keys.n; i++) {
		const struct authorized_key *key = &auth->keys.list[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s}", "public_key", key->public_key,
						"name", key->name, "role", role_word(key->role)));
	}
	pthread_mutex_unlock(&auth->lock);
	return list;
}

/* Another name counts as less, too: what is on its way was asked for under the old one. */
static bool somebody_has_less(const struct authorized_keys *old, const struct authorized_keys *now)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct authorized_key *was = &old->list[i];
		const struct authorized_key *is = authorized_keys_find(now, was->public_key);

		if (!is || is->role < was->role || strcmp(is->name, was->name) != 0)
			return true;
	}
	return false;
}

int auth_reload(struct auth *auth, struct problem *p)
{
	struct authorized_keys keys = {0}, old;
	bool less;

	if (authorized_keys_read(auth->settings->authorized_keys, &keys, p) < 0)
		return -1;
	pthread_mutex_lock(&auth->lock);
	old = auth->keys;
	auth->keys = keys;
	less = somebody_has_less(&old, &keys);
	pthread_mutex_unlock(&auth->lock);
	authorized_keys_clear(&old);
	return less ? 1 : 0;
}

int auth_add(struct auth *auth, const struct authorized_key *key, struct problem *p)
{
	int r;

	pthread_mutex_lock(&auth->file_lock);
	r = authorized_keys_add(auth->settings->authorized_keys, key, p);
	pthread_mutex_unlock(&auth->file_lock);
	return r;
}

int auth_revoke(struct auth *auth, const char *name, struct authorized_key *ret_old,
		struct problem *p)
{
	int r;

	pthread_mutex_lock(&auth->file_lock);
	r = authorized_keys_remove(auth->settings->authorized_keys, name, ret_old, p);
	pthread_mutex_unlock(&auth->file_lock);
	return r;
}
