/* daemon/identity.c - from a Peer-Address to a user's name. */
#include "config.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/identity.h"

/* Over ipc the address ends in uid:gid:pid (SO_PEERCRED); no IPv6 address has just that shape. */
static bool peer_uid(const char *peer, uid_t *ret)
{
	unsigned uid, gid, pid;
	const char *colon = strchr(peer, ':');
	int used = 0;

	if (!colon || sscanf(colon, ":%u:%u:%u%n", &uid, &gid, &pid, &used) != 3 || colon[used])
		return false;
	*ret = uid;
	return true;
}

static void look_up(struct identity *identity, uid_t uid)
{
	struct passwd entry, *found = NULL;
	char room[4096];

	identity->uid = uid;
	if (getpwuid_r(uid, &entry, room, sizeof(room), &found) == 0 && found)
		snprintf(identity->name, sizeof(identity->name), "%s", found->pw_name);
	else
		snprintf(identity->name, sizeof(identity->name), "uid %u", (unsigned)uid);
}

void identity_of(struct identity *identity, const char *peer, char *ret, size_t size)
{
	uid_t uid;

	if (!peer) {
		snprintf(ret, size, "unknown");
		return;
	}
	if (!peer_uid(peer, &uid)) {
		snprintf(ret, size, "tcp %s", peer);
		return;
	}
	if (!identity->name[0] || identity->uid != uid)
		look_up(identity, uid);
	snprintf(ret, size, "%s", identity->name);
}
