/* daemon/keys.c - a list: few requests with a key are on their way at a time. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/keys.h"

struct entry {
	struct entry *next;
	uint64_t token, hash;
	char *key;
	const char *method; /* from the table of methods */
};

struct keys {
	struct entry *entries;
};

struct keys *keys_new(void)
{
	return calloc(1, sizeof(struct keys));
}

static void entry_free(struct entry *e)
{
	free(e->key);
	free(e);
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	while (keys->entries) {
		struct entry *e = keys->entries;

		keys->entries = e->next;
		entry_free(e);
	}
	free(keys);
}

static int misused(const char *key, const char *method, struct problem *p)
{
	return problem_set(
		p, PROBLEM_PARAMS, "/meta/key",
		"the key \"%s\" was used for another request (%s): draw a new key for each", key,
		method);
}

int keys_begin(struct keys *keys, const char *key, const char *method, uint64_t hash,
	       uint64_t token, uint64_t *ret_first, struct problem *p)
{
	struct entry *e;

	for (e = keys->entries; e; e = e->next)
		if (strcmp(e->key, key) == 0)
			break;
	if (e) {
		if (e->hash != hash || strcmp(e->method, method) != 0)
			return misused(key, e->method, p);
		*ret_first = e->token;
		return 0;
	}
	e = calloc(1, sizeof(*e));
	if (e)
		e->key = strdup(key);
	if (!e || !e->key) {
		free(e);
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the key");
	}
	e->token = token;
	e->hash = hash;
	e->method = method;
	e->next = keys->entries;
	keys->entries = e;
	return 1;
}

void keys_end(struct keys *keys, uint64_t token)
{
	for (struct entry **at = &keys->entries; *at; at = &(*at)->next) {
		struct entry *e = *at;

		if (e->token != token)
			continue;
		*at = e->next;
		entry_free(e);
		return;
	}
}

int keys_compare(const json_t *kept, const char *key, const char *method, uint64_t hash,
		 struct problem *p)
{
	const char *old_method = json_string_value(json_object_get(kept, "method"));
	const char *old_hash = json_string_value(json_object_get(kept, "hash"));
	char text[24];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	if (!old_method || !old_hash || strcmp(old_method, method) != 0 ||
	    strcmp(old_hash, text) != 0)
		return misused(key, old_method ? old_method : "?", p);
	return 0;
}
