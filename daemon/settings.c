/* daemon/settings.c - defaults, the configuration file, and what follows from them. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/settings.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

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
	ret->calibration_max_age_d = INFINITY;
	if (settings_replace(&ret->roles.admin_group, "nudged-admin", p) < 0 ||
	    settings_replace(&ret->roles.operator_group, "nudged", p) < 0)
		return -1;
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

static int set_roles(struct settings_roles *roles, const json_t *value, struct problem *p)
{
	const char *admin = json_string_value(json_object_get(value, "admin_group"));
	const char *operator= json_string_value(json_object_get(value, "operator_group"));
	const char *observer = json_string_value(json_object_get(value, "observer"));

	if ((admin && settings_replace(&roles->admin_group, admin, p) < 0) ||
	    (operator&& settings_replace(&roles->operator_group, operator, p) < 0))
		return -1;
	if (observer)
		roles->anybody = strcmp(observer, "anybody") == 0;
	return 0;
}

static int set_access(struct settings *settings, const char *file, const json_t *value,
		      struct problem *p)
{
	const char *tcp = json_string_value(json_object_get(value, "tcp"));
	const char *key = json_string_value(json_object_get(value, "key"));
	const char *keys = json_string_value(json_object_get(value, "authorized_keys"));
	const json_t *insecure = json_object_get(value, "insecure");

	if ((tcp && settings_replace(&settings->tcp, tcp, p) < 0) ||
	    (key && set_relative(&settings->key, file, key, p) < 0) ||
	    (keys && set_relative(&settings->authorized_keys, file, keys, p) < 0))
		return -1;
	if (insecure)
		settings->insecure = json_is_true(insecure);
	return set_roles(&settings->roles, json_object_get(value, "roles"), p);
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
	const json_t *age = json_object_get(value, "calibration_max_age_d");

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
	if (age)
		settings->calibration_max_age_d = json_number_value(age);
	if (set_access(settings, file, value, p) < 0)
		return -1;
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

void settings_clear(struct settings *settings)
{
	free(settings->rig);
	free(settings->db);
	free(settings->runtime);
	free(settings->endpoints.control);
	free(settings->endpoints.urgent);
	free(settings->endpoints.stream);
	free(settings->tcp);
	free(settings->also.control);
	free(settings->also.urgent);
	free(settings->also.stream);
	free(settings->key);
	free(settings->authorized_keys);
	free(settings->roles.admin_group);
	free(settings->roles.operator_group);
	free(settings->config_file);
	memset(settings, 0, sizeof(*settings));
}
