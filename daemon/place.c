/* daemon/place.c - the directory of the sockets, and modes and group of both. */
#include "config.h"

#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/directory.h"
#include "daemon/log.h"
#include "daemon/place.h"

struct modes {
	unsigned alone, group, anybody;
};

static const struct modes modes[] = {
	[PLACE_SOCKET] = {0600, 0660, 0666},
	[PLACE_DIRECTORY] = {0700, 0750, 0755},
};

/* The path is the group's: as it was made, or from now on. */
static bool give_to_group(const char *path, const char *name)
{
	const struct group *group = name[0] ? getgrnam(name) : NULL;
	struct stat st;

	if (!group)
		return false;
	if (stat(path, &st) == 0 && st.st_gid == group->gr_gid)
		return true;
	if (chown(path, (uid_t)-1, group->gr_gid) == 0)
		return true;
	log_line(LOG_WARNING_, "socket.group",
		 "%s cannot be given to the group %s (%m), so its members are not let in; make the "
		 "daemon's user a member of it",
		 path, name);
	return false;
}

unsigned place_open(const struct settings *settings, const char *path, enum place_kind kind)
{
	const struct settings_roles *roles = &settings->roles;
	unsigned mode = modes[kind].alone;

	if (settings->config_file && give_to_group(path, roles->operator_group))
		mode = modes[kind].group;
	if (settings->config_file && roles->anybody)
		mode = modes[kind].anybody;
	if (chmod(path, mode) == 0)
		return mode;
	log_line(LOG_WARNING_, "socket.mode", "%s: its mode cannot be set: %m", path);
	return 0;
}

int place_take(const struct settings *settings, int *ret_lock_fd, struct problem *p)
{
	if (!settings->config_file)
		umask(0077);
	if (directory_private(settings->runtime, p) < 0 ||
	    (!settings->db_given && directory_above(settings->db, p) < 0) ||
	    directory_lock(settings->runtime, ret_lock_fd, p) < 0)
		return -1;
	if (settings->config_file) /* whoever made it, it is as open as the roles say */
		(void)place_open(settings, settings->runtime, PLACE_DIRECTORY);
	return 0;
}

void place_leave(const struct settings *settings)
{
	const struct settings_endpoints *e = &settings->endpoints;
	const char *const all[] = {e->control, e->urgent, e->stream};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strncmp(all[i], "ipc:///", 7) == 0)
			(void)unlink(all[i] + 6);
}
