/* daemon/settings.c - defaults, the configuration file, and what follows from them. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/settings.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

#define LONGEST_SOCKET (sizeof(((struct sockaddr_un *)0)->sun_path) - 1) /* 107 bytes */

static int no_memory(struct problem *p)
{
	return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the settings");
}

int settings_replace(char **member, const char *value, struct problem *p)
{
	char *copy = strdup(value);

	if (!copy)
		return no_memory(p);
	free(*member);
	*member = copy;
	return 0;
}

/* ---- defaults ---- */

/* front and back, joined. */
static int set_path(char **member, const char *front, const char *back, struct problem *p)
{
	char *path;

	if (asprintf(&path, "%s%s", front, back) < 0)
		return no_memory(p);
	free(*member);
	*member = path;
	return 0;
}

static int common(struct settings *ret, struct problem *p)
{
	ret->log_level = LOG_NOTICE_;
	ret->readers = 2;
	ret->store_reserve_B = 256.0 * 1024 * 1024;
	return settings_replace(&ret->rig, "sim:king9_16", p);
}

static int user_runtime(struct settings *ret, struct problem *p)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char uid[24];

	if (runtime && runtime[0] == '/')
		return set_path(&ret->runtime, runtime, "/nudged", p);
	snprintf(uid, sizeof(uid), "%u", (unsigned)getuid());
	return set_path(&ret->runtime, "/tmp/nudged-", uid, p);
}

static int user_db(struct settings *ret, struct problem *p)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (data && data[0] == '/')
		return set_path(&ret->db, data, "/nudged/nudged.db", p);
	if (home && home[0] == '/')
		return set_path(&ret->db, home, "/.local/share/nudged/nudged.db", p);
	return problem_set(p, PROBLEM_PARAMS, "",
			   "neither XDG_DATA_HOME nor HOME says where the database belongs; "
			   "give --db FILE");
}

int settings_user(struct settings *ret, struct problem *p)
{
	if (common(ret, p) < 0 || user_runtime(ret, p) < 0)
		return -1;
	return ret->db ? 0 : user_db(ret, p);
}

int settings_system(struct settings *ret, struct problem *p)
{
	if (common(ret, p) < 0 || settings_replace(&ret->runtime, "/run/nudged", p) < 0)
		return -1;
	return settings_replace(&ret->db, "/var/lib/nudged/nudged.db", p);
}

/* ---- the file ---- */

/* A path in the file is relative to the file. */
static int set_relative(char **member, const char *file, const char *value, struct problem *p)
{
	char *copy, *path;
	int r;

	if (value[0] == '/' || strncmp(value, "sim:", 4) == 0)
		return settings_replace(member, value, p);
	copy = strdup(file);
	if (!copy)
		return no_memory(p);
	r = asprintf(&path, "%s/%s", dirname(copy), value);
	free(copy);
	if (r < 0)
		return no_memory(p);
	free(*member);
	*member = path;
	return 0;
}

static int set_endpoints(struct settings *settings, const json_t *value, struct problem *p)
{
	struct settings_endpoints *e = &settings->endpoints;
	const struct {
		const char *name;
		char **member;
	} all[] = {{"control", &e->control}, {"urgent", &e->urgent}, {"stream", &e->stream}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *text = json_string_value(json_object_get(value, all[i].name));

		if (text && settings_replace(all[i].member, text, p) < 0)
			return -1;
	}
	return 0;
}

int settings_level(const char *word, enum log_level *ret)
{
	static const char *const words[] = {[LOG_ERROR_] = "error",
					    [LOG_WARNING_] = "warning",
					    [LOG_NOTICE_] = "notice",
					    [LOG_INFO_] = "info",
					    [LOG_DEBUG_] = "debug"};

	for (int i = LOG_ERROR_; i <= LOG_DEBUG_; i++)
		if (strcmp(words[i], word) == 0) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int take_over(struct settings *settings, const char *file, const json_t *value,
		     struct problem *p)
{
	const char *rig = json_string_value(json_object_get(value, "rig"));
	const char *db = json_string_value(json_object_get(value, "store"));
	const char *runtime = json_string_value(json_object_get(value, "runtime"));
	const char *level = json_string_value(json_object_get(value, "log_level"));
	const json_t *readers = json_object_get(value, "readers");
	const json_t *lease = json_object_get(value, "require_lease");
	const json_t *reserve = json_object_get(value, "store_reserve_B");

	if ((rig && set_relative(&settings->rig, file, rig, p) < 0) ||
	    (db && set_relative(&settings->db, file, db, p) < 0) ||
	    (runtime && set_relative(&settings->runtime, file, runtime, p) < 0))
		return -1;
	settings->db_given |= db != NULL;
	if (level)
		settings_level(level, &settings->log_level);
	if (readers)
		settings->readers = (unsigned)json_integer_value(readers);
	if (lease)
		settings->require_lease = json_is_true(lease);
	if (reserve)
		settings->store_reserve_B = json_number_value(reserve);
	return set_endpoints(settings, json_object_get(value, "endpoints"), p);
}

int settings_read(struct settings *settings, const char *file, struct problem *p)
{
	json_t *value;
	int r;

	if (yaml_read_checked(file, &schema_config, &value, NULL, p) < 0)
		return -1;
	r = take_over(settings, file, value, p);
	json_decref(value);
	if (r < 0)
		return -1;
	return settings_replace(&settings->config_file, file, p);
}

/* ---- endpoints ---- */

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

/* Nobody is authenticated over TCP in this version, so it stays on this machine. */
static int check_tcp(const char *name, const char *address, struct problem *p)
{
	struct in_addr v4;
	char host[64] = "";

	(void)sscanf(address, "%63[^:]", host);
	if (strncmp(address, "[::1]:", 6) == 0 ||
	    (inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127))
		return 0;
	return problem_set(p, PROBLEM_PARAMS, "",
			   "the %s endpoint tcp://%s can be reached from other machines, and this "
			   "version does not encrypt; use tcp://127.0.0.1:PORT and ssh -L",
			   name, address);
}

static int finish_endpoint(const char *name, char **member, const char *runtime, struct problem *p)
{
	if (!*member && asprintf(member, "ipc://%s/%s.sock", runtime, name) < 0) {
		*member = NULL;
		return no_memory(p);
	}
	if (strncmp(*member, "ipc://", 6) == 0)
		return check_ipc(name, *member + 6, p);
	if (strncmp(*member, "tcp://", 6) == 0)
		return check_tcp(name, *member + 6, p);
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

int settings_finish(struct settings *settings, struct problem *p)
{
	struct settings_endpoints *e = &settings->endpoints;

	if (make_absolute(&settings->runtime, p) < 0 || make_absolute(&settings->db, p) < 0)
		return -1;
	if (finish_endpoint("control", &e->control, settings->runtime, p) < 0 ||
	    finish_endpoint("urgent", &e->urgent, settings->runtime, p) < 0 ||
	    finish_endpoint("stream", &e->stream, settings->runtime, p) < 0)
		return -1;
	return 0;
}

void settings_clear(struct settings *settings)
{
	free(settings->rig);
	free(settings->db);
	free(settings->runtime);
	free(settings->endpoints.control);
	free(settings->endpoints.urgent);
	free(settings->endpoints.stream);
	free(settings->config_file);
	memset(settings, 0, sizeof(*settings));
}
