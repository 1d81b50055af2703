/* daemon/settings_network.c - where the daemon can be reached, and that nobody unasked reaches it over TCP. */
#include "config.h"

#include <arpa/inet.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/settings.h"

#define LONGEST_SOCKET (sizeof(((struct sockaddr_un *)0)->sun_path) - 1) /* 107 bytes */

static int no_memory(struct problem *p)
{
	return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the settings");
}

static int check_ipc(const char *name, const char *path, struct problem *p)
{
	if (path[0] != '/' && path[0] != '@')
		return problem_set(p, PROBLEM_PARAMS, "",
				   "the %s endpoint ipc://%s is not an absolute path", name, path);
	if (strlen(path) > LONGEST_SOCKET)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"the %s socket's path %s has %zu bytes, and the system allows %zu; "
			"choose a shorter --runtime",
			name, path, strlen(path), LONGEST_SOCKET);
	return 0;
}

static bool is_loopback(const char *address)
{
	struct in_addr v4;
	char host[64] = "";

	(void)sscanf(address, "%63[^:]", host);
	return strncmp(address, "[::1]:", 6) == 0 ||
	       (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127);
}

/* Without CURVE whoever reaches the port steers the rig: on the loopback every user of this machine, whatever
 * the modes of the sockets say; elsewhere the whole network. */
static int check_tcp(const struct settings *settings, const char *name, const char *address,
		     struct problem *p)
{
	if (settings->key || settings->insecure)
		return 0;
	return problem_set(p, PROBLEM_PARAMS, "",
			   "the %s endpoint tcp://%s can be reached by %s, and there is no key; "
			   "make one (nudgectl key new) and give it with --key or `key:`, or say "
			   "`insecure: true` in the configuration",
			   name, address,
			   is_loopback(address) ? "every user of this machine" : "other machines");
}

static int finish_endpoint(const struct settings *settings, const char *name, char **member,
			   struct problem *p)
{
	if (!*member && asprintf(member, "ipc://%s/%s.sock", settings->runtime, name) < 0) {
		*member = NULL;
		return no_memory(p);
	}
	if (strncmp(*member, "ipc://", 6) == 0)
		return check_ipc(name, *member + 6, p);
	if (strncmp(*member, "tcp://", 6) == 0)
		return check_tcp(settings, name, *member + 6, p);
	return problem_set(p, PROBLEM_PARAMS, "", "the %s endpoint %s is neither ipc:// nor tcp://",
			   name, *member);
}

/* ZeroMQ wants absolute paths, and so does whoever reads server.hello. */
static int make_absolute(char **path, struct problem *p)
{
	char *here, *whole;
	int r;

	if ((*path)[0] == '/')
		return 0;
	here = getcwd(NULL, 0);
	if (!here)
		return problem_set(p, PROBLEM_INTERNAL, "", "no working directory: %m");
	r = asprintf(&whole, "%s/%s", here, *path);
	free(here);
	if (r < 0)
		return no_memory(p);
	free(*path);
	*path = whole;
	return 0;
}

/* HOST:PORT: control there, urgent and stream at the next two ports. */
static int finish_tcp(struct settings *settings, struct problem *p)
{
	const char *colon = settings->tcp ? strrchr(settings->tcp, ':') : NULL;
	const struct settings_endpoints *e = &settings->also;
	char **const all[] = {&settings->also.control, &settings->also.urgent,
			      &settings->also.stream};
	char *end;
	long port;

	if (!settings->tcp)
		return 0;
	port = colon ? strtol(colon + 1, &end, 10) : 0;
	if (!colon || colon == settings->tcp || *end || port < 1 || port > 65533)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"tcp \"%s\": expected HOST:PORT, as in 0.0.0.0:7310, with a port "
			"from 1 to 65533",
			settings->tcp);
	for (long i = 0; i < 3; i++) {
		free(*all[i]);
		if (asprintf(all[i], "tcp://%.*s:%ld", (int)(colon - settings->tcp), settings->tcp,
			     port + i) < 0) {
			*all[i] = NULL;
			return no_memory(p);
		}
	}
	return check_tcp(settings, "control", e->control + 6, p);
}

static bool is_tcp(const char *endpoint)
{
	return endpoint && strncmp(endpoint, "tcp://", 6) == 0;
}

bool settings_have_tcp(const struct settings *settings)
{
	const struct settings_endpoints *e = &settings->endpoints;

	return settings->tcp || is_tcp(e->control) || is_tcp(e->urgent) || is_tcp(e->stream);
}

/* Beside the database, where the daemon may write. */
static int finish_keys(struct settings *settings, struct problem *p)
{
	char *copy;
	int r;

	if (settings->key && settings->insecure)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"`insecure: true` and a key (%s) exclude each other; leave one out",
			settings->key);
	if (settings->authorized_keys)
		return make_absolute(&settings->authorized_keys, p);
	copy = strdup(settings->db);
	r = copy ? asprintf(&settings->authorized_keys, "%s/authorized_keys", dirname(copy)) : -1;
	free(copy);
	if (r < 0) {
		settings->authorized_keys = NULL;
		return no_memory(p);
	}
	return 0;
}

int settings_finish(struct settings *settings, struct problem *p)
{
	struct settings_endpoints *e = &settings->endpoints;

	if (make_absolute(&settings->runtime, p) < 0 || make_absolute(&settings->db, p) < 0 ||
	    finish_keys(settings, p) < 0)
		return -1;
	if (finish_endpoint(settings, "control", &e->control, p) < 0 ||
	    finish_endpoint(settings, "urgent", &e->urgent, p) < 0 ||
	    finish_endpoint(settings, "stream", &e->stream, p) < 0)
		return -1;
	return finish_tcp(settings, p);
}
