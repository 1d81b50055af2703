/* protocol/gen_python.c - writes the Python client's methods to stdout: `py`, the methods themselves, or `pyi`, their
 * types. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "protocol/files.h"
#include "protocol/methods.h"
#include "protocol/values.h"

#define NAME_MAX_BYTES 160
#define WIDTH          110

static const char *const keywords[] = {"from", "in", "is", "with", "as", NULL};

/* "from" is a word of Python's own: from_ */
static const char *argument(const char *name, char *text, size_t size)
{
	for (size_t i = 0; keywords[i]; i++) {
		if (strcmp(name, keywords[i]) == 0) {
			snprintf(text, size, "%s_", name);
			return text;
		}
	}
	return name;
}

/* "run.submit" is run_submit() */
static void function(const char *method, char *text, size_t size)
{
	snprintf(text, size, "%s", method);
	for (char *at = text; *at; at++)
		if (*at == '.')
			*at = '_';
}

/* "run.submit" and "source_V" behind text: "RunSubmit", "SourceV" */
static void add_words(char *text, size_t size, const char *words)
{
	size_t n = strlen(text);
	bool begins = true;

	for (; *words && n + 1 < size; words++) {
		if (!isalnum((unsigned char)*words)) {
			begins = true;
			continue;
		}
		text[n++] = begins ? (char)toupper((unsigned char)*words) : *words;
		begins = false;
	}
	text[n] = '\0';
}

/* ---- types ---- */

static bool is_dictionary(const struct schema *s)
{
	return s == &schema_task || s == &value_params || !s->members || !s->members[0].name;
}

static void print_type(const struct schema *s, const char *name, bool input);

static void print_words(const struct schema *s)
{
	printf("Literal[");
	for (size_t i = 0; s->words[i]; i++)
		printf("%s\"%s\"", i ? ", " : "", s->words[i]);
	printf("]");
}

static void print_object(const struct schema *s, const char *name, bool input)
{
	if (s == &value_params_now)
		printf("ParamGet");
	else if (input)
		printf("Mapping[str, Any]");
	else if (is_dictionary(s))
		printf("Dict[str, Any]");
	else
		printf("%s", name);
}

static void print_either(const struct schema *s, const char *name, bool input)
{
	printf("Union[");
	for (size_t i = 0; s->options[i]; i++) {
		printf("%s", i ? ", " : "");
		print_type(s->options[i], name, input);
	}
	printf("]");
}

static void print_list(const struct schema *s, const char *name, bool input)
{
	printf("%s[", input ? "Sequence" : "List");
	print_type(s->item, name, input);
	printf("]");
}

static void print_type(const struct schema *s, const char *name, bool input)
{
	switch (s->type) {
	case SCHEMA_ANY:
		printf("Any");
		break;
	case SCHEMA_NULL:
		printf("None");
		break;
	case SCHEMA_BOOL:
		printf("bool");
		break;
	case SCHEMA_INTEGER:
		printf("int");
		break;
	case SCHEMA_NUMBER:
		printf("float");
		break;
	case SCHEMA_STRING:
		printf("str");
		break;
	case SCHEMA_WORD:
		print_words(s);
		break;
	case SCHEMA_OBJECT:
		print_object(s, name, input);
		break;
	case SCHEMA_MAP:
		printf("%s[str, ", input ? "Mapping" : "Dict");
		print_type(s->item, name, input);
		printf("]");
		break;
	case SCHEMA_LIST:
		print_list(s, name, input);
		break;
	case SCHEMA_EITHER:
		print_either(s, name, input);
		break;
	}
}

static void print_members(const struct schema *s, const char *name)
{
	printf("%s = TypedDict(\"%s\", {\n", name, name);
	for (const struct schema_member *m = s->members; m->name; m++) {
		char below[NAME_MAX_BYTES];

		snprintf(below, sizeof(below), "%s", name);
		add_words(below, sizeof(below), m->name);
		printf("    \"%s\": %s", m->name, m->required ? "" : "NotRequired[");
		print_type(m->schema, below, false);
		printf("%s,\n", m->required ? "" : "]");
	}
	printf("})\n");
}

/* The objects inside it first */
static void define(const struct schema *s, const char *name)
{
	char below[NAME_MAX_BYTES];

	if (s->type == SCHEMA_LIST || s->type == SCHEMA_MAP) {
		define(s->item, name);
	} else if (s->type == SCHEMA_EITHER) {
		for (size_t i = 0; s->options[i]; i++)
			define(s->options[i], name);
	} else if (s->type == SCHEMA_OBJECT && !is_dictionary(s) &&
		   (s != &value_params_now || strcmp(name, "ParamGet") == 0)) {
		for (const struct schema_member *m = s->members; m->name; m++) {
			snprintf(below, sizeof(below), "%s", name);
			add_words(below, sizeof(below), m->name);
			define(m->schema, below);
		}
		print_members(s, name);
	}
}

/* ---- methods ---- */

static void print_parameter(const struct schema_member *m, bool types)
{
	char text[NAME_MAX_BYTES];

	printf(", %s", argument(m->name, text, sizeof(text)));
	if (!types) {
		printf("%s", m->required ? "" : "=None");
		return;
	}
	printf(": %s", m->required ? "" : "Optional[");
	print_type(m->schema, "", true);
	printf("%s", m->required ? "" : "] = ...");
}

/* Those that are needed may go without their names */
static void print_signature(const struct method *method, bool types)
{
	char name[NAME_MAX_BYTES];

	function(method->name, name, sizeof(name));
	printf("    def %s(self", name);
	for (const struct schema_member *m = method->params->members; m->name; m++)
		if (m->required)
			print_parameter(m, types);
	printf(", *");
	for (const struct schema_member *m = method->params->members; m->name; m++)
		if (!m->required)
			print_parameter(m, types);
	printf(types ? ", meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...)"
		     : ", meta=None, deadline_s=None)");
}

static void print_text(const char *text)
{
	for (; *text; text++)
		printf(*text == '\\' || *text == '"' ? "\\%c" : "%c", *text);
}

static void print_help(const struct method *method)
{
	char text[512];

	printf("        \"\"\"");
	print_text(method->help);
	printf("\n\n        Least role: %s.%s%s\n", role_word(method_role(method)),
	       method->flags & METHOD_LEASE ? "  Needs the lease while somebody holds it." : "",
	       method->flags & METHOD_IS_URGENT ? "  Goes to the urgent socket." : "");
	for (const struct schema_member *m = method->params->members; m->name; m++) {
		printf("        %s: ", argument(m->name, text, sizeof(text)));
		print_text(m->schema == &schema_task ? "a task"
			   : m->schema == &value_params
				   ? "parameters"
				   : schema_describe(m->schema, text, sizeof(text)));
		printf("%s%s. ", m->fallback ? "; by default " : "",
		       m->fallback ? m->fallback : "");
		print_text(m->help ? m->help : "");
		printf("\n");
	}
	printf("        \"\"\"\n");
}

static void print_call(const struct method *method)
{
	char text[NAME_MAX_BYTES];
	int column = printf("        return self.call(\"%s\", {", method->name);

	for (const struct schema_member *m = method->params->members; m->name; m++) {
		if (m != method->params->members)
			column += printf(", ");
		if (column + 2 * (int)strlen(m->name) > WIDTH)
			column = printf("\n            ");
		column += printf("\"%s\": %s", m->name, argument(m->name, text, sizeof(text)));
	}
	printf("}, meta=meta, timeout_s=deadline_s)\n");
}

static void print_flags(const struct method *method)
{
	unsigned flags = method->flags;

	printf("    \"%s\": Method(%s, %s, %s, %s, \"%s\"),\n", method->name,
	       flags & METHOD_CHANGES ? "True" : "False",
	       (flags & METHOD_CHANGES) && !(flags & METHOD_UNKEYED) ? "True" : "False",
	       flags & METHOD_LEASE ? "True" : "False", flags & METHOD_IS_URGENT ? "True" : "False",
	       role_word(method_role(method)));
}

/* ---- the files ---- */

static void print_methods(void)
{
	printf("\"\"\"methods.py - the methods of nudged; made from its table by `make reference`.\"\"\"\n\n"
	       "from collections import namedtuple\n\n"
	       "Method = namedtuple(\"Method\", \"changes keyed lease urgent role\")\n\nTABLE = {\n");
	for (int i = 0; i < N_METHODS; i++)
		print_flags(method_get((enum method_id)i));
	printf("}\n\n\nclass Methods:\n    \"\"\"Each method of the table; None: a member that is left out.\"\"\"\n\n"
	       "    def call(self, method, params=None, *, meta=None, timeout_s=None):\n"
	       "        raise NotImplementedError\n");
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *method = method_get((enum method_id)i);

		printf("\n");
		print_signature(method, false);
		printf(":\n");
		print_help(method);
		print_call(method);
	}
}

static void print_types(void)
{
	char name[NAME_MAX_BYTES];

	printf("# methods.pyi - types of the methods of nudged; made from its table by `make reference`\n"
	       "from typing import Any, Dict, List, Literal, Mapping, NamedTuple, Optional, Sequence, TypedDict, Union\n\n"
	       "from typing_extensions import NotRequired\n\n"
	       "class Method(NamedTuple):\n    changes: bool\n    keyed: bool\n    lease: bool\n"
	       "    urgent: bool\n    role: str\n\nTABLE: Dict[str, Method]\n\n");
	for (int i = 0; i < N_METHODS; i++) {
		name[0] = '\0';
		add_words(name, sizeof(name), method_get((enum method_id)i)->name);
		define(method_get((enum method_id)i)->result, name);
	}
	printf("\nclass Methods:\n    def call(self, method: str, params: Optional[Mapping[str, Any]] = ..., *,\n"
	       "             meta: Optional[Mapping[str, Any]] = ..., timeout_s: Optional[float] = ...) -> Any: ...\n");
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *method = method_get((enum method_id)i);

		print_signature(method, true);
		name[0] = '\0';
		add_words(name, sizeof(name), method->name);
		printf(" -> ");
		print_type(method->result, name, false);
		printf(": ...\n");
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "py") == 0) {
		print_methods();
	} else if (argc == 2 && strcmp(argv[1], "pyi") == 0) {
		print_types();
	} else {
		fprintf(stderr, "usage: gen_python py|pyi\n");
		return 2;
	}
	return fflush(stdout) ? 1 : 0;
}
