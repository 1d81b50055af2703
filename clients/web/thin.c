/* clients/web/thin.c - from a record to an event that a browser can bear. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/web/text.h"
#include "clients/web/thin.h"

#define ROWS_PER_S   50.0     /* of edges: more than a display shows */
#define EDGE_BYTES   2e6      /* a second, of the same: large networks get fewer rows */
#define VALUES_PER_S 400000.0 /* of latest */
#define OUTPUTS      64       /* of a test: more are asked for when somebody looks */
#define UNREAD       16       /* the flag of rows without edges (docs/PROTOCOL.md) */

static void fill(double *level, double *since_s, double now_s, double per_s)
{
	*level += (now_s - *since_s) * per_s;
	if (*level > per_s || *since_s == 0)
		*level = per_s;
	*since_s = now_s;
}

/* ---- the frame of an event ---- */

static void begin(struct text *text, const struct nudge_record *record, const char *name)
{
	const char *boot = json_string_value(json_object_get(record->header, "boot"));

	/* what was fetched or made has no place among the records: the last id stays */
	if (record->seq > 0 && boot && !record->fetched)
		text_format(text, "id: %s.%llu\n", boot, (unsigned long long)record->seq);
	text_format(text, "event: %s\ndata: ", name);
}

static bool end(struct text *text, const struct nudge_record *record, struct event *ret)
{
	const char *boot =
		record ? json_string_value(json_object_get(record->header, "boot")) : NULL;

	text_put(text, "\n\n");
	*ret = (struct event){.n = text->n,
			      .seq = record && boot && !record->fetched ? record->seq : 0};
	ret->text = text_take(text);
	return ret->text != NULL;
}

bool thin_made(const char *name, json_t *data, struct event *ret)
{
	struct text text = {0};

	text_format(&text, "event: %s\ndata: ", name);
	text_json(&text, data);
	json_decref(data);
	return end(&text, NULL, ret);
}

static bool header_alone(const struct nudge_record *record, const char *name, struct event *ret)
{
	struct text text = {0};

	begin(&text, record, name);
	text_json(&text, record->header);
	return end(&text, record, ret);
}

/* ---- steps ---- */

static void add_base64(struct text *text, const struct nudge_record *record, const char *name)
{
	const struct nudge_array *array = nudge_record_array(record, name);

	if (!array)
		return;
	text_format(text, ",\"%s\":\"", name);
	text_base64(text, array->bytes, array->shape[0] * array->shape[1] * array->item_bytes);
	text_put(text, "\"");
}

static void add_row_bytes(struct text *text, const struct nudge_record *record, const char *name,
			  const size_t *rows, size_t n)
{
	const struct nudge_array *array = nudge_record_array(record, name);
	size_t row_bytes = array ? array->shape[1] * array->item_bytes : 0;
	struct text bytes = {0};

	if (row_bytes == 0)
		return;
	for (size_t i = 0; i < n; i++)
		text_add(&bytes, (const char *)array->bytes + rows[i] * row_bytes, row_bytes);
	text_format(text, ",\"%s\":\"", name);
	if (bytes.failed)
		text->failed = true;
	else
		text_base64(text, bytes.bytes, bytes.n);
	text_put(text, "\"");
	text_clear(&bytes);
}

static double edge_bytes(const struct nudge_record *record)
{
	static const char *const names[] = {"wiper", "updated", "r_ohm"};
	double bytes = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct nudge_array *array = nudge_record_array(record, names[i]);

		bytes += array ? (double)(array->shape[1] * array->item_bytes) : 0;
	}
	return bytes;
}

/* Which rows show their edges: evenly, the last one among them, as many as there is room for */
static size_t choose_rows(struct thin *thin, const struct nudge_record *record, double now_s,
			  size_t rows[(size_t)ROWS_PER_S])
{
	const struct nudge_array *flags = nudge_record_array(record, "flags");
	double bytes = edge_bytes(record), per_s = ROWS_PER_S;
	size_t most, n = 0, with = 0, seen = 0;

	if (bytes * per_s > EDGE_BYTES)
		per_s = fmax(1, EDGE_BYTES / bytes);
	fill(&thin->rows, &thin->rows_s, now_s, per_s);
	most = thin->rows >= 1 ? (size_t)thin->rows : 0;
	for (size_t i = 0; i < record->n; i++)
		with += !(flags && nudge_array_integer(flags, i, 0) & UNREAD);
	if (most > with)
		most = with;
	for (size_t i = 0; i < record->n && most > 0; i++) {
		if (flags && nudge_array_integer(flags, i, 0) & UNREAD)
			continue;
		seen++; /* the k-th choice is the one at which seen / with reaches k / most */
		if (seen * most / with > n)
			rows[n++] = i;
	}
	thin->rows -= (double)n;
	return n;
}

static bool step_event(struct thin *thin, const struct nudge_record *record, double now_s,
		       struct event *ret)
{
	size_t rows[(size_t)ROWS_PER_S], n = choose_rows(thin, record, now_s, rows);
	const json_t *kept = json_object_get(record->header, "kept");
	const char *t_utc = json_string_value(json_object_get(record->header, "t_utc"));
	struct text text = {0};

	begin(&text, record, "step");
	text_format(&text, "{\"run\":%llu,\"step\":%llu,\"n\":%llu",
		    (unsigned long long)record->run, (unsigned long long)record->step,
		    (unsigned long long)record->n);
	if (record->seq > 0 && !record->fetched)
		text_format(&text, ",\"seq\":%llu", (unsigned long long)record->seq);
	if (t_utc)
		text_format(&text, ",\"t_utc\":\"%.40s\"", t_utc);
	if (json_is_false(kept))
		text_put(&text, ",\"kept\":false");
	if (record->fetched)
		text_put(&text, ",\"fetched\":true");
	add_base64(&text, record, "mse_V2");
	add_base64(&text, record, "flags");
	add_base64(&text, record, "rev");
	add_base64(&text, record, "t_mono_ns");
	add_base64(&text, record, "mse_equilibrium_V2");
	text_put(&text, ",\"rows\":[");
	for (size_t i = 0; i < n; i++)
		text_format(&text, i ? ",%zu" : "%zu", rows[i]);
	text_put(&text, "]");
	add_row_bytes(&text, record, "wiper", rows, n);
	add_row_bytes(&text, record, "updated", rows, n);
	add_row_bytes(&text, record, "r_ohm", rows, n);
	text_put(&text, "}");
	if (!end(&text, record, ret))
		return false;
	ret->run = record->run;
	ret->next_step = record->step + record->n;
	return true;
}

/* ---- latest and tests: small enough for lists ---- */

static json_t *value(const struct nudge_array *array, size_t i, size_t j)
{
	double real;

	if (array->dtype[1] != 'f')
		return json_integer(nudge_array_integer(array, i, j));
	real = nudge_array_real(array, i, j);
	return isfinite(real) ? json_real(real) : json_null();
}

/* A list of values, or of a list a row */
static json_t *values(const struct nudge_array *array, bool rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < array->shape[0]; i++) {
		json_t *row = rows ? json_array() : list;

		for (size_t j = 0; j < array->shape[1]; j++)
			json_array_append_new(row, value(array, i, j));
		if (rows)
			json_array_append_new(list, row);
	}
	return list;
}

static bool latest_event(struct thin *thin, const struct nudge_record *record, double now_s,
			 struct event *ret)
{
	struct text text = {0};
	double n = 0;
	json_t *arrays, *data;

	for (size_t i = 0; i < record->n_arrays; i++)
		n += (double)(record->arrays[i].shape[0] * record->arrays[i].shape[1]);
	fill(&thin->values, &thin->values_s, now_s, VALUES_PER_S);
	if (thin->values <= 0)
		return false;
	thin->values -= n;
	arrays = json_object();
	for (size_t i = 0; i < record->n_arrays; i++)
		json_object_set_new(arrays, record->arrays[i].name,
				    values(&record->arrays[i], false));
	data = json_pack("{s:O, s:o}", "header", record->header, "arrays", arrays);
	begin(&text, record, "latest");
	text_json(&text, data);
	json_decref(data);
	return end(&text, record, ret);
}

static bool test_event(const struct nudge_record *record, struct event *ret)
{
	const struct nudge_array *outputs = nudge_record_array(record, "outputs_V");
	json_t *data = json_copy(record->header);
	struct text text = {0};

	if (outputs && outputs->shape[0] * outputs->shape[1] <= OUTPUTS)
		json_object_set_new(data, "outputs_V", values(outputs, true));
	begin(&text, record, "test");
	text_json(&text, data);
	json_decref(data);
	return end(&text, record, ret);
}

/* What libnudge could not bring: {run, from_step, to_step} becomes {run, from, to}, {topic, after, before} stays */
static bool gap_event(const struct nudge_record *record, struct event *ret)
{
	json_t *data = json_copy(record->header);
	json_t *from = json_object_get(data, "from_step"), *to = json_object_get(data, "to_step");

	if (from && to) {
		json_object_set(data, "from", from);
		json_object_set(data, "to", to);
		json_object_del(data, "from_step");
		json_object_del(data, "to_step");
	}
	json_object_del(data, "kind");
	return thin_made("gap", data, ret);
}

bool thin_event(struct thin *thin, const struct nudge_record *record, double now_s,
		struct event *ret)
{
	static const char *const plain[] = {"hb", "state", "desc", "event", "log"};

	if (!strcmp(record->kind, "step"))
		return strncmp(record->topic, "latest.", 7)
			       ? step_event(thin, record, now_s, ret)
			       : latest_event(thin, record, now_s, ret);
	if (!strcmp(record->kind, "latest"))
		return latest_event(thin, record, now_s, ret);
	if (!strcmp(record->kind, "test"))
		return test_event(record, ret);
	if (!strcmp(record->kind, "gap"))
		return gap_event(record, ret);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(record->kind, plain[i]))
			continue;
		if (!header_alone(record, plain[i], ret))
			return false;
		ret->state = !strcmp(plain[i], "state");
		return true;
	}
	return false;
}
