/* daemon/alarms.c - the list of what is wrong now, and who has seen it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/alarms.h"
#include "protocol/record.h"

struct alarms {
	json_t *rows;
};

static const char *const names[] = {
	[ALARM_NOTICE] = "notice", [ALARM_WARNING] = "warning", [ALARM_CRITICAL] = "critical"};

const char *alarm_severity_name(enum alarm_severity severity)
{
	return names[severity];
}

enum alarm_severity alarm_severity_of(const char *name)
{
	for (int i = ALARM_NOTICE; name && i <= ALARM_CRITICAL; i++)
		if (strcmp(names[i], name) == 0)
			return (enum alarm_severity)i;
	return ALARM_WARNING;
}

struct alarms *alarms_new(void)
{
	struct alarms *alarms = calloc(1, sizeof(*alarms));

	if (alarms)
		alarms->rows = json_array();
	if (alarms && alarms->rows)
		return alarms;
	alarms_free(alarms);
	return NULL;
}

void alarms_free(struct alarms *alarms)
{
	if (!alarms)
		return;
	json_decref(alarms->rows);
	free(alarms);
}

/* Its place in the list; the list's length: it is not up. */
static size_t place_of(const struct alarms *alarms, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(alarms->rows, i,
			   row) if (strcmp(json_string_value(json_object_get(row, "alarm")),
					   name) == 0) return i;
	return json_array_size(alarms->rows);
}

const json_t *alarms_find(const struct alarms *alarms, const char *name)
{
	return json_array_get(alarms->rows, place_of(alarms, name));
}

static json_t *utc(int64_t utc_ns)
{
	char text[28];

	return json_string(record_utc(utc_ns, text, sizeof(text)));
}

static enum alarm_change add(struct alarms *alarms, const char *name, enum alarm_severity severity,
			     const char *text, int64_t utc_ns)
{
	json_t *row = json_pack("{s:s, s:s, s:s, s:o, s:n, s:n}", "alarm", name, "severity",
				names[severity], "text", text, "since_utc", utc(utc_ns),
				"acknowledged_by", "acknowledged_utc");

	return json_array_append_new(alarms->rows, row) == 0 ? ALARM_RAISED : ALARM_SAME;
}

enum alarm_change alarms_set(struct alarms *alarms, const char *name, enum alarm_severity severity,
			     const char *text, int64_t utc_ns)
{
	size_t place = place_of(alarms, name);
	json_t *row = json_array_get(alarms->rows, place);
	enum alarm_severity before;

	if (!row)
		return text ? add(alarms, name, severity, text, utc_ns) : ALARM_SAME;
	if (!text) {
		json_array_remove(alarms->rows, place);
		return ALARM_CLEARED;
	}
	before = alarm_severity_of(json_string_value(json_object_get(row, "severity")));
	json_object_set_new(row, "text", json_string(text));
	json_object_set_new(row, "severity", json_string(names[severity]));
	if (severity <= before)
		return ALARM_SAME;
	json_object_set_new(row, "acknowledged_by", json_null());
	json_object_set_new(row, "acknowledged_utc", json_null());
	return ALARM_RAISED;
}

int alarms_ack(struct alarms *alarms, const char *name, const char *who, int64_t utc_ns,
	       struct problem *p)
{
	json_t *row = json_array_get(alarms->rows, place_of(alarms, name));

	if (!row)
		return problem_set(p, PROBLEM_NOT_FOUND, "/name",
				   "the alarm \"%s\" is not up; alarm.list has those that are",
				   name);
	if (json_is_string(json_object_get(row, "acknowledged_by")))
		return 0;
	json_object_set_new(row, "acknowledged_by", json_string(who));
	json_object_set_new(row, "acknowledged_utc", utc(utc_ns));
	return 0;
}

json_t *alarms_json(const struct alarms *alarms)
{
	return json_deep_copy(alarms->rows);
}
