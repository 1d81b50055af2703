/* daemon/identity.c - from a Peer-Address or a key to a name and a role. */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/identity.h"

#define KEEP_NS (60 * 1000000000ll)

/* Over ipc the address ends in uid:gid:pid (SO_PEERCRED); no IPv6 address has just that shape. */
static bool peer_user(const char *peer, uid_t *ret_uid, gid_t *ret_gid)
{
	unsigned uid, gid, pid;
	const char *colon = strchr(peer, ':');
	int used = 0;

	if (!colon || sscanf(colon, ":%u:%u:%u%n", &uid, &gid, &pid, &used) != 3 || colon[used])
		return false;
	*ret_uid = uid;
	*ret_gid = gid;
	return true;
}

/* ---- users of this machine ---- */

static bool group_id(const char *name, gid_t *ret)
{
	struct group entry, *found = NULL;
	size_t size = 65536; /* all its members */
	char *room = malloc(size);
	bool there = room && getgrnam_r(name, &entry, room, size, &found) == 0 && found;

	if (there)
		*ret = entry.gr_gid;
	free(room);
	return there;
}

static bool in_group(const char *group, const gid_t *groups, int n)
{
	gid_t gid;

	if (!group[0] || !group_id(group, &gid))
		return false;
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

static enum role role_of(const struct settings_roles *roles, const struct identity_user *user,
			 const struct passwd *entry)
{
	gid_t groups[256] = {user->gid};
	int n = 255;

	if (user->uid == 0 || user->uid == geteuid())
		return ROLE_ADMIN;
	if (!entry || getgrouplist(entry->pw_name, entry->pw_gid, groups + 1, &n) < 0)
		n = 0;
	if (in_group(roles->admin_group, groups, n + 1))
		return ROLE_ADMIN;
	return in_group(roles->operator_group, groups, n + 1) ? ROLE_OPERATOR : ROLE_OBSERVER;
}

static void look_up(struct identity *identity, struct identity_user *user, uid_t uid, gid_t gid)
{
	struct passwd entry, *found = NULL;
	char room[4096];

	*user = (struct identity_user){.uid = uid, .gid = gid};
	if (getpwuid_r(uid, &entry, room, sizeof(room), &found) != 0)
		found = NULL;
	if (found)
		snprintf(user->name, sizeof(user->name), "%s", found->pw_name);
	else
		snprintf(user->name, sizeof(user->name), "uid %u", (unsigned)uid);
	user->role = identity->auth ? role_of(&auth_settings(identity->auth)->roles, user, found)
				    : ROLE_ADMIN;
	user->until_ns = clock_now_ns() + KEEP_NS;
}

static const struct identity_user *known(struct identity *identity, uid_t uid, gid_t gid)
{
	struct identity_user *user = NULL;

	for (size_t i = 0; i < IDENTITY_KNOWN && !user; i++)
		if (identity->users[i].name[0] && identity->users[i].uid == uid &&
		    identity->users[i].gid == gid)
			user = &identity->users[i];
	if (user && clock_now_ns() < user->until_ns)
		return user;
	if (!user) {
		user = &identity->users[identity->next];
		identity->next = (identity->next + 1) % IDENTITY_KNOWN;
	}
	look_up(identity, user, uid, gid);
	return user;
}

/* ---- keys ---- */

/* Without CURVE a peer may write any User-Id into its own handshake, so it counts for nothing there. */
static void over_tcp(const struct identity *identity, const char *peer, const char *user_id,
		     struct visitor *ret)
{
	struct authorized_key key;

	snprintf(ret->from, sizeof(ret->from), "%.63s", peer);
	if (!identity->auth || !auth_key_pair(identity->auth)) {
		snprintf(ret->who, sizeof(ret->who), "tcp %.59s", peer);
		ret->from[0] = '\0'; /* the name says it */
		ret->role = ROLE_OPERATOR;
		return;
	}
	snprintf(ret->key, sizeof(ret->key), "%.40s", user_id ? user_id : "?");
	if (!auth_find(identity->auth, ret->key, &key)) {
		snprintf(ret->who, sizeof(ret->who), "revoked key");
		return;
	}
	snprintf(ret->who, sizeof(ret->who), "%s", key.name);
	ret->role = key.role;
}

void identity_of(struct identity *identity, const char *peer, const char *user_id,
		 struct visitor *ret)
{
	const struct identity_user *user;
	uid_t uid;
	gid_t gid;

	*ret = (struct visitor){.role = ROLE_NONE};
	if (!peer) {
		snprintf(ret->who, sizeof(ret->who), "unknown");
		return;
	}
	if (!peer_user(peer, &uid, &gid)) {
		over_tcp(identity, peer, user_id, ret);
		return;
	}
	user = known(identity, uid, gid);
	memcpy(ret->who, user->name, sizeof(ret->who));
	ret->role = user->role;
	ret->local = true;
}

const char *identity_whole(const struct visitor *visitor, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", visitor->who, visitor->from[0] ? " from " : "",
		 visitor->from);
	return text;
}
