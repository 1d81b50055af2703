/* protocol/gen_reference.c - writes the reference into a document: stdin to stdout, with what stands between
 * `<!-- generated: WHAT -->` and `<!-- end -->` made anew.  WHAT: methods, task, rig, config. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/files.h"
#include "protocol/gen_need.h"
#include "protocol/methods.h"
#include "protocol/values.h"

#define BEGIN "<!-- generated: "
#define END   "<!-- end -->"

static void print_rows(const char *prefix, const struct schema *s);

/* ---- types in a few words ---- */

static void print_options(const struct schema *s);

static void print_type(const struct schema *s)
{
	char text[512];

	if (s == &schema_task)
		printf("a task, as in [FILES.md](FILES.md)");
	else if (s == &value_params)
		printf("parameters, as in `param.set`");
	else if (s == &value_params_now)
		printf("parameters, as `param.get` gives them");
	else if (s->type == SCHEMA_OBJECT)
		printf("a mapping");
	else if (s->type == SCHEMA_LIST && s->item->type == SCHEMA_OBJECT)
		printf("a list of mappings");
	else if (s->type == SCHEMA_EITHER)
		print_options(s);
	else
		printf("%s", schema_describe(s, text, sizeof(text)));
}

static void print_options(const struct schema *s)
{
	for (size_t i = 0; s->options[i]; i++) {
		printf("%s", i ? " or " : "");
		print_type(s->options[i]);
	}
}

/* ---- tables of members ---- */

static void print_below(const char *name, const struct schema *s)
{
	char below[128];

	if (s == &schema_task || s == &value_params || s == &value_params_now)
		return;
	if (s->type == SCHEMA_LIST || s->type == SCHEMA_MAP) {
		snprintf(below, sizeof(below), s->type == SCHEMA_LIST ? "%s[]" : "%s.NODE", name);
		print_below(below, s->item);
	} else if (s->type == SCHEMA_EITHER) {
		for (size_t i = 0; s->options[i]; i++)
			print_below(name, s->options[i]);
	} else if (s->type == SCHEMA_OBJECT) {
		snprintf(below, sizeof(below), "%s.", name);
		print_rows(below, s);
	}
}

static void print_rows(const char *prefix, const struct schema *s)
{
	for (const struct schema_member *m = s->members; m->name; m++) {
		char name[128];

		snprintf(name, sizeof(name), "%s%s", prefix, m->name);
		printf("| `%s` | ", name);
		print_type(m->schema);
		if (m->fallback)
			printf(" | `%s` | ", m->fallback);
		else
			printf(" | %s | ", gen_need(m));
		printf("%s |\n", m->help ? m->help : "");
		print_below(name, m->schema);
	}
}

static void print_table(const char *what, const struct schema *s)
{
	if (!s->members[0].name) {
		printf("%c%s: none.\n\n", what[0] - 'a' + 'A', what + 1);
		return;
	}
	printf("| %s | type | default | meaning |\n|--|--|--|--|\n", what);
	print_rows("", s);
	printf("\n");
}

/* ---- the parts of the reference ---- */

static void print_method(const struct method *m)
{
	printf("#### `%s`\n\n%s", m->name, m->help);
	printf(" Role: %s.", role_word(method_role(m)));
	if (m->flags & METHOD_LEASE)
		printf(" Needs the lease while somebody holds it.");
	if ((m->flags & METHOD_CHANGES) && !(m->flags & METHOD_UNKEYED))
		printf(" Takes `meta.key`.");
	if (m->flags & METHOD_IS_URGENT)
		printf(" Also answered on the urgent socket.");
	printf("\n\n");
	print_table("params", m->params);
	if (m->params->members[0].name)
		printf("For example `%s`\n\n", m->example);
	print_table("result", m->result);
}

static void print_glance(void)
{
	printf("| method | what it does | least role | lease |\n|--|--|--|--|\n");
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *m = method_get((enum method_id)i);

		printf("| `%s` | %s | %s | %s |\n", m->name, m->help, role_word(method_role(m)),
		       m->flags & METHOD_LEASE ? "yes" : "");
	}
	printf("\n");
}

static void print_methods(void)
{
	print_glance();
	for (int i = 0; i < N_METHODS; i++)
		print_method(method_get((enum method_id)i));
}

static void print_task(void)
{
	print_table("task file", &schema_task);
	printf("Parameters, as in `params` and `schedule[].set`:\n\n");
	print_table("parameter", &value_params);
}

static void print_rig(void)
{
	print_table("rig file", &schema_rig);
}

static void print_config(void)
{
	print_table("configuration", &schema_config);
}

static void print_sweep(void)
{
	print_table("sweep file", &schema_sweep);
}

static const struct part {
	const char *name;
	void (*print)(void);
} parts[] = {
	{"methods", print_methods}, {"task", print_task},   {"rig", print_rig},
	{"config", print_config},   {"sweep", print_sweep},
};

static int print_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t n = strlen(parts[i].name);

		if (strncmp(name, parts[i].name, n) == 0 && strncmp(name + n, " -->", 4) == 0) {
			parts[i].print();
			return 0;
		}
	}
	fprintf(stderr, "gen_reference: there is no part %s", name);
	return -1;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	bool inside = false;
	int r = 0;

	while (r == 0 && getline(&line, &size, stdin) >= 0) {
		if (strncmp(line, END, strlen(END)) == 0)
			inside = false;
		if (!inside)
			fputs(line, stdout);
		if (strncmp(line, BEGIN, strlen(BEGIN)) == 0) {
			inside = true;
			printf("\n");
			r = print_part(line + strlen(BEGIN));
		}
	}
	free(line);
	return r < 0 || inside || fflush(stdout) ? 1 : 0;
}
