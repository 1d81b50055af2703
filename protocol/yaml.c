/* protocol/yaml.c - YAML and .json files as the values that a request carries. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "protocol/request.h"
#include "protocol/yaml.h"
#include "protocol/yaml_places.h"
#include "protocol/yaml_scalar.h"

#define FILE_MAX_BYTES (64u << 20)

struct reader {
	yaml_parser_t parser;
	const char *name; /* of the file */
	char path[sizeof(((struct problem *)0)->path)];
	size_t depth;
	struct yaml_places *places;
	struct problem *p;
};

static json_t *read_node(struct reader *r, const yaml_event_t *event);

/* "file:line:column: ..." about a place in the text; returns NULL. */
static json_t *refuse(struct reader *r, yaml_mark_t mark, const char *what)
{
	problem_set(r->p, PROBLEM_PARSE, r->path, "%s:%zu:%zu: %s", r->name, mark.line + 1,
		    mark.column + 1, what);
	return NULL;
}

static int next_event(struct reader *r, yaml_event_t *event)
{
	const char *problem, *context;
	char what[256];

	if (yaml_parser_parse(&r->parser, event))
		return 0;
	problem = r->parser.problem ? r->parser.problem : "not YAML";
	context = r->parser.context ? r->parser.context : "";
	/* libyaml's sentence for a tab is true of it alone, but does not say so */
	snprintf(what, sizeof(what), "%s%s%s%s", problem, context[0] ? " " : "", context,
		 strstr(problem, "cannot start any token") ? " (YAML indents with spaces, not tabs)"
							   : "");
	refuse(r, r->parser.problem_mark, what);
	return -1;
}

static json_t *read_scalar(struct reader *r, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	char what[256];
	json_t *value = NULL;

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE &&
	    strlen(text) == event->data.scalar.length)
		value = json_string(text);
	else if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		value = yaml_scalar(text);
	if (value)
		return value;
	snprintf(what, sizeof(what), "%.100s: no JSON value can hold this", text);
	return refuse(r, event->start_mark, what);
}

static json_t *read_list(struct reader *r)
{
	json_t *list = json_array();
	size_t used = strlen(r->path);
	yaml_event_t event;

	for (;;) {
		json_t *item;
		bool done;

		if (next_event(r, &event) < 0)
			break;
		done = event.type == YAML_SEQUENCE_END_EVENT;
		problem_path_index(r->path, sizeof(r->path), json_array_size(list));
		item = done ? NULL : read_node(r, &event);
		yaml_event_delete(&event);
		if (done || item)
			r->path[used] = '\0';
		if (done)
			return list;
		if (!item)
			break;
		json_array_append_new(list, item);
	}
	json_decref(list);
	return NULL;
}

/* A key's text, checked, and its place; NULL after a refusal.  free() it. */
static char *read_key(struct reader *r, const yaml_event_t *event, const json_t *object)
{
	const char *text = (const char *)event->data.scalar.value;
	char what[128];

	if (event->type != YAML_SCALAR_EVENT) {
		refuse(r, event->start_mark, "a key must be a word or a number");
		return NULL;
	}
	if (event->data.scalar.tag || strlen(text) != event->data.scalar.length) {
		refuse(r, event->start_mark, "a key with a tag or a zero byte is not taken");
		return NULL;
	}
	if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(text, "<<") == 0) {
		refuse(r, event->start_mark, "merge keys are not taken: write the members out");
		return NULL;
	}
	if (json_object_get(object, text)) {
		snprintf(what, sizeof(what), "the key \"%.60s\" stands here a second time", text);
		refuse(r, event->start_mark, what);
		return NULL;
	}
	problem_path_name(r->path, sizeof(r->path), text);
	yaml_places_add(r->places, r->path, event->start_mark.line, event->start_mark.column);
	return strdup(text);
}

/* One member, or the end (*done). */
static int read_member(struct reader *r, json_t *object, bool *done)
{
	size_t used = strlen(r->path);
	yaml_event_t event;
	json_t *item = NULL;
	char *key = NULL;
	int failed;

	if (next_event(r, &event) < 0)
		return -1;
	*done = event.type == YAML_MAPPING_END_EVENT;
	if (!*done)
		key = read_key(r, &event, object);
	yaml_event_delete(&event);
	if (*done || !key)
		return *done ? 0 : -1;
	if (next_event(r, &event) == 0) {
		item = read_node(r, &event);
		yaml_event_delete(&event);
	}
	failed = !item || json_object_set_new(object, key, item) < 0;
	free(key);
	if (failed)
		return -1;
	r->path[used] = '\0';
	return 0;
}

static json_t *read_mapping(struct reader *r)
{
	json_t *object = json_object();
	bool done = false;

	while (!done) {
		if (read_member(r, object, &done) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *read_node(struct reader *r, const yaml_event_t *event)
{
	const yaml_char_t *tag = NULL;
	json_t *value = NULL;

	yaml_places_add(r->places, r->path, event->start_mark.line, event->start_mark.column);
	if (event->type == YAML_ALIAS_EVENT)
		return refuse(r, event->start_mark, "aliases are not taken: write the value out");
	if (event->type == YAML_SCALAR_EVENT)
		tag = event->data.scalar.tag;
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		tag = event->data.sequence_start.tag;
	else if (event->type == YAML_MAPPING_START_EVENT)
		tag = event->data.mapping_start.tag;
	if (tag)
		return refuse(r, event->start_mark, "tags are not taken");
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(r, event);
	if (++r->depth > REQUEST_MAX_DEPTH)
		return refuse(r, event->start_mark, "this is nested too deep");
	value = event->type == YAML_SEQUENCE_START_EVENT ? read_list(r) : read_mapping(r);
	r->depth--;
	return value;
}

/* Stream start, one document, stream end. */
static json_t *read_stream(struct reader *r)
{
	json_t *value = NULL;
	yaml_event_t event;
	bool more = true;

	while (more && next_event(r, &event) == 0) {
		switch (event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_DOCUMENT_START_EVENT:
			if (!value)
				break;
			json_decref(value);
			value = refuse(r, event.start_mark, "a second document is not taken");
			more = false;
			break;
		case YAML_STREAM_END_EVENT:
			more = false;
			if (!value)
				refuse(r, event.start_mark, "there is nothing in this file");
			break;
		default:
			value = read_node(r, &event);
			more = value != NULL;
			break;
		}
		yaml_event_delete(&event);
	}
	if (!more)
		return value;
	json_decref(value);
	return NULL;
}

int yaml_parse(const char *name, const char *text, size_t n, json_t **ret,
	       struct yaml_places **ret_places, struct problem *p)
{
	struct reader r = {.name = name, .p = p, .places = yaml_places_new()};
	json_t *value = NULL;

	if (!r.places || !yaml_parser_initialize(&r.parser)) {
		yaml_places_free(r.places);
		return problem_set(p, PROBLEM_INTERNAL, "", "%s: no memory", name);
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
	value = read_stream(&r);
	yaml_parser_delete(&r.parser);
	if (value && ret_places)
		*ret_places = r.places;
	else
		yaml_places_free(r.places);
	if (!value)
		return -1;
	*ret = value;
	return 0;
}

/* ---- files ---- */

/* JSON by jansson; the places by libyaml, to which JSON is YAML, and which may fail. */
static int parse_json(const char *name, const char *text, size_t n, json_t **ret,
		      struct yaml_places **ret_places, struct problem *p)
{
	json_error_t error;
	json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error),
	       *again = NULL;

	if (!value)
		return problem_set(p, PROBLEM_PARSE, "", "%s:%d:%d: %s", name, error.line,
				   error.column, error.text);
	if (ret_places) {
		*ret_places = NULL;
		(void)yaml_parse(name, text, n, &again, ret_places, NULL);
		json_decref(again);
	}
	*ret = value;
	return 0;
}

static int read_whole(const char *file, char **ret, size_t *ret_n, struct problem *p)
{
	FILE *f = fopen(file, "rbe");
	size_t n = 0, room = 1 << 16;
	char *text = NULL, *grown;

	if (!f)
		return problem_set(p, PROBLEM_PARSE, "", "%s: %s", file, strerror(errno));
	while ((grown = realloc(text, room))) {
		text = grown;
		n += fread(text + n, 1, room - n, f);
		if (n < room || room > FILE_MAX_BYTES)
			break;
		room *= 2;
	}
	if (!grown || ferror(f) || n > FILE_MAX_BYTES) {
		problem_set(p, PROBLEM_PARSE, "", "%s: %s", file,
			    n > FILE_MAX_BYTES ? "larger than 64 MiB"
			    : ferror(f)        ? strerror(errno)
					       : "no memory");
		free(text);
		fclose(f);
		return -1;
	}
	fclose(f);
	*ret = text;
	*ret_n = n;
	return 0;
}

int yaml_read(const char *file, json_t **ret, struct yaml_places **ret_places, struct problem *p)
{
	size_t n = 0, length = strlen(file);
	bool is_json = length > 5 && strcmp(file + length - 5, ".json") == 0;
	char *text = NULL;
	int r;

	if (read_whole(file, &text, &n, p) < 0)
		return -1;
	r = (is_json ? parse_json : yaml_parse)(file, text, n, ret, ret_places, p);
	free(text);
	return r;
}

int yaml_read_checked(const char *file, const struct schema *schema, json_t **ret,
		      struct yaml_places **ret_places, struct problem *p)
{
	struct yaml_places *places = NULL;
	json_t *value = NULL;
	int r;

	if (yaml_read(file, &value, &places, p) < 0)
		return -1;
	r = schema_check(schema, value, p);
	if (r == 0 && schema_fill(schema, value) < 0)
		r = problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	if (r < 0) {
		yaml_locate(file, places, p);
		yaml_places_free(places);
		json_decref(value);
		return -1;
	}
	*ret = value;
	if (ret_places)
		*ret_places = places;
	else
		yaml_places_free(places);
	return 0;
}

const char *yaml_library_version(void)
{
	return yaml_get_version_string();
}
