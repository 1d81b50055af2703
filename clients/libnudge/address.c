/* clients/libnudge/address.c - finds the server: named, in the environment, the user's own, the system's. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/libnudge/address.h"
#include "clients/libnudge/internal.h"

/* Room that a socket's path has (sun_path), less "/control.sock" and its end */
#define DIR_MAX (sizeof(((struct sockaddr_un *)0)->sun_path) - sizeof("/control.sock"))

static int parse_ipc(const char *dir, struct address *ret, struct nudge_error *error)
{
	size_t n = strlen(dir);

	if (dir[0] != '/')
		return error_set(
			error, NUDGE_INVALID,
			"ipc://%s: the directory must be absolute, as in ipc:///run/nudged", dir);
	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (n > DIR_MAX)
		return error_set(error, NUDGE_INVALID,
				 "ipc://%s: longer than a socket's path may be (%zu bytes)", dir,
				 (size_t)DIR_MAX);
	snprintf(ret->text, sizeof(ret->text), "ipc://%.*s", (int)n, dir);
	snprintf(ret->control, sizeof(ret->control), "%s/control.sock", ret->text);
	snprintf(ret->urgent, sizeof(ret->urgent), "%s/urgent.sock", ret->text);
	snprintf(ret->stream, sizeof(ret->stream), "%s/stream.sock", ret->text);
	return 0;
}

static int parse_tcp(const char *text, struct address *ret, struct nudge_error *error)
{
	const char *host = text + strlen("tcp://"), *colon = strrchr(host, ':');
	char *end;
	long port;
	int n;

	if (!colon || colon == host || colon - host > 100)
		return error_set(error, NUDGE_INVALID,
				 "%s: expected tcp://HOST:PORT, as in tcp://127.0.0.1:7310", text);
	port = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end || port < 1 || port > 65533)
		return error_set(error, NUDGE_INVALID,
				 "%s: \"%s\" is no port from 1 to 65533 (control; the next two are "
				 "urgent and stream)",
				 text, colon + 1);
	n = (int)(colon - host);
	snprintf(ret->text, sizeof(ret->text), "tcp://%.*s:%ld", n, host, port);
	snprintf(ret->control, sizeof(ret->control), "tcp://%.*s:%ld", n, host, port);
	snprintf(ret->urgent, sizeof(ret->urgent), "tcp://%.*s:%ld", n, host, port + 1);
	snprintf(ret->stream, sizeof(ret->stream), "tcp://%.*s:%ld", n, host, port + 2);
	return 0;
}

int address_parse(const char *text, struct address *ret, struct nudge_error *error)
{
	if (text[0] == '/')
		return parse_ipc(text, ret, error);
	if (!strncmp(text, "ipc://", 6))
		return parse_ipc(text + 6, ret, error);
	if (!strncmp(text, "tcp://", 6))
		return parse_tcp(text, ret, error);
	return error_set(error, NUDGE_INVALID,
			 "\"%s\" is no address of a server: expected ipc://DIR or tcp://HOST:PORT",
			 text);
}

/* ZeroMQ would go on trying for ever and tell nobody, so knock first.  0, or -errno. */
static int knock(const struct address *address)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	const char *path = address->control + strlen("ipc://");
	int fd, r = 0;

	if (strncmp(address->control, "ipc://", 6))
		return 0;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0)
		r = -errno;
	close(fd);
	return r;
}

static const char *why_not(int r)
{
	switch (-r) {
	case ENOENT:
		return "no server there";
	case ECONNREFUSED:
		return "a server was there and is gone";
	case EACCES:
		return "permission denied; are you in the group that may use it (nudged, unless its "
		       "configuration says otherwise)?";
	default:
		return strerror(-r);
	}
}

static int named(const char *text, const char *whence, struct address *ret,
		 struct nudge_error *error)
{
	int r = address_parse(text, ret, error);

	if (r < 0)
		return r;
	r = knock(ret);
	if (r < 0)
		return error_number(error, NUDGE_UNREACHABLE, -r, "%s%s: %s", ret->text, whence,
				    why_not(r));
	return 0;
}

/* $XDG_RUNTIME_DIR/nudged, or /tmp/nudged-UID, which anybody could have made: then it must be ours */
static bool user_directory(char *dir, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (runtime && runtime[0] == '/')
		return (size_t)snprintf(dir, size, "%s/nudged", runtime) < size;
	snprintf(dir, size, "/tmp/nudged-%u", (unsigned)geteuid());
	return lstat(dir, &st) < 0 || (S_ISDIR(st.st_mode) && st.st_uid == geteuid());
}

int address_find(const char *to, struct address *ret, struct nudge_error *error)
{
	const char *environment = getenv("NUDGE_SERVER");
	char dir[DIR_MAX + 1];
	struct address user, system;
	int r_user = -ENOENT, r_system;

	if (to)
		return named(to, "", ret, error);
	if (environment && environment[0])
		return named(environment, " (from $NUDGE_SERVER)", ret, error);
	if (user_directory(dir, sizeof(dir)) && !parse_ipc(dir, &user, NULL)) {
		r_user = knock(&user);
		if (!r_user) {
			*ret = user;
			return 0;
		}
	}
	if (parse_ipc("/run/nudged", &system, error) < 0)
		return -1;
	r_system = knock(&system);
	if (!r_system) {
		*ret = system;
		return 0;
	}
	return error_number(
		error, NUDGE_UNREACHABLE, r_user == -ENOENT ? -r_system : -r_user,
		"no server found: %s (%s), ipc:///run/nudged (%s); start one with `nudged "
		"--user`, or say where it is with --to or $NUDGE_SERVER",
		dir, why_not(r_user), why_not(r_system));
}
