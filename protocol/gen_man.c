/* protocol/gen_man.c - writes the reference into a manual page: stdin to stdout, with what stands between
 * `.\" generated: WHAT` and `.\" end` made anew from the tables.  WHAT: a name of parts[] below. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/files.h"
#include "protocol/gen_need.h"
#include "protocol/methods.h"
#include "protocol/record.h"
#include "protocol/values.h"

#define BEGIN ".\\\" generated: "
#define END   ".\\\" end"

/* ---- text: lines of up to 78 bytes, each sentence on a new one, nothing that roff would take for its own ---- */

#define WIDTH 78u

struct text {
	char line[512]; /* escaped already */
	size_t length;
};

static void line_break(struct text *t)
{
	if (t->length)
		printf("%.*s\n", (int)t->length, t->line);
	t->length = 0;
}

static void word_add(struct text *t, const char *word, size_t n)
{
	char escaped[256];
	size_t length = 0;
	bool quoted = false;

	for (size_t i = 0; i < n && length < sizeof(escaped) - 8; i++) {
		const char *as = word[i] == '\\'  ? "\\e"
				 : word[i] == '^' ? "\\(ha"
				 : word[i] == '~' ? "\\(ti"
				 : word[i] != '`' ? NULL
				 : quoted         ? "\\(cq"
						  : "\\(oq";

		if (word[i] == '`')
			quoted = !quoted;
		if (as)
			length += (size_t)snprintf(escaped + length, sizeof(escaped) - length, "%s",
						   as);
		else
			escaped[length++] = word[i];
	}
	if (t->length && t->length + 1 + length > WIDTH)
		line_break(t);
	if (t->length)
		t->line[t->length++] = ' ';
	else if (length && (escaped[0] == '.' || escaped[0] == '\'')) {
		memcpy(t->line, "\\&", 2);
		t->length = 2;
	}
	memcpy(t->line + t->length, escaped, length);
	t->length += length;
	if (n > 1 && strchr(".?!", word[n - 1]))
		line_break(t);
}

static void text_add(struct text *t, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " \n");

		if (n)
			word_add(t, words, n);
		words += n + (words[n] != '\0');
	}
}

static void __attribute__((format(printf, 1, 2))) print_text(const char *format, ...)
{
	struct text t = {.length = 0};
	char words[4096];
	va_list values;

	va_start(values, format);
	vsnprintf(words, sizeof(words), format, values);
	va_end(values);
	text_add(&t, words);
	line_break(&t);
}

/* ---- types in a few words ---- */

static void describe(const struct schema *s, char *text, size_t size)
{
	char one[512];

	if (s == &schema_task)
		snprintf(text, size, "a task");
	else if (s == &value_params || s == &value_params_now)
		snprintf(text, size, "parameters");
	else if (s->type == SCHEMA_OBJECT)
		snprintf(text, size, "a mapping");
	else if (s->type == SCHEMA_LIST && s->item->type == SCHEMA_OBJECT)
		snprintf(text, size, "a list of mappings");
	else if (s->type == SCHEMA_EITHER) {
		text[0] = '\0';
		for (size_t i = 0; s->options[i]; i++) {
			size_t n = strlen(text);

			describe(s->options[i], one, sizeof(one));
			snprintf(text + n, size - n, "%s%s", i ? " or " : "", one);
		}
	} else {
		schema_describe(s, one, sizeof(one));
		snprintf(text, size, "%s", one);
	}
}

/* ---- lists of members ---- */

static void print_members(const char *prefix, const struct schema *s);

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
		print_members(below, s);
	}
}

static void print_members(const char *prefix, const struct schema *s)
{
	for (const struct schema_member *m = s->members; m->name; m++) {
		char name[128], type[512];

		snprintf(name, sizeof(name), "%s%s", prefix, m->name);
		describe(m->schema, type, sizeof(type));
		printf(".It Cm %s\n", name);
		if (m->fallback)
			print_text("(%s; default %s)", type, m->fallback);
		else
			print_text("(%s%s%s)", type, *gen_need(m) ? "; " : "", gen_need(m));
		if (m->help)
			print_text("%s", m->help);
		print_below(name, m->schema);
	}
}

static void print_list(const struct schema *s)
{
	printf(".Bl -tag -width Ds\n");
	print_members("", s);
	printf(".El\n");
}

/* ---- the parts ---- */

static void print_task(void)
{
	print_list(&schema_task);
}

static void print_params(void)
{
	print_list(&value_params);
}

static void print_rig(void)
{
	print_list(&schema_rig);
}

static void print_config(void)
{
	print_list(&schema_config);
}

/* What may be left out stands in brackets; of a result there is no such word. */
static void print_names(const char *what, const struct schema *s, bool brackets)
{
	char text[2048] = "";

	for (const struct schema_member *m = s->members; m->name; m++) {
		bool optional = brackets && !m->required;
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%s%s%s%s", n ? ", " : "", optional ? "[" : "",
			 m->name, optional ? "]" : "");
	}
	print_text("%s: %s.", what, text[0] ? text : "none");
}

static void print_methods(void)
{
	printf(".Bl -tag -width Ds\n");
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *m = method_get((enum method_id)i);
		bool keyed = (m->flags & METHOD_CHANGES) && !(m->flags & METHOD_UNKEYED);

		printf(".It Ic %s\n", m->name);
		print_text(
			"%s Role: %s.%s%s%s", m->help, role_word(method_role(m)),
			m->flags & METHOD_LEASE ? " Needs the lease while somebody holds it." : "",
			keyed ? " Takes a key." : "",
			m->flags & METHOD_IS_URGENT ? " Also answered on the urgent socket." : "");
		printf(".br\n");
		print_names("Params", m->params, true);
		printf(".br\n");
		print_names("Result", m->result, false);
	}
	printf(".El\n");
}

/* Without a default: a code that is new here is seen by the compiler */
static const char *code_meaning(enum problem_code code)
{
	switch (code) {
	case PROBLEM_NONE:
		return "";
	case PROBLEM_PARSE:
		return "No JSON.";
	case PROBLEM_REQUEST:
		return "No request: the envelope, meta, size, nesting, a duplicate key.";
	case PROBLEM_METHOD:
		return "No such method.";
	case PROBLEM_PARAMS:
		return "A member that is unknown, missing, of the wrong type or out of range; a key used for another request.";
	case PROBLEM_INTERNAL:
		return "A fault of the daemon itself.";
	case PROBLEM_LIMIT:
		return "A value outside the rig's limits.";
	case PROBLEM_LOCKED:
		return "Somebody else holds the lease: holder, note, since_utc.";
	case PROBLEM_FORBIDDEN:
		return "The role may not do this.";
	case PROBLEM_STATE:
		return "Not possible in the present state: which it is, and which methods are.";
	case PROBLEM_CONFLICT:
		return "The revision of the parameters is not if_rev.";
	case PROBLEM_DEVICE:
		return "A device failed: which, and what it said.";
	case PROBLEM_STORAGE:
		return "The store refused: disk full, read-only, too slow.";
	case PROBLEM_NOT_FOUND:
		return "No such run, edge, node or checkpoint.";
	}
	return NULL;
}

static void print_code(int code)
{
	const char *kind = problem_kind(code);
	const char *meaning = code_meaning((enum problem_code)code);

	if (!meaning)
		return;
	printf(".It %d Pq Li %s\n", code, kind);
	print_text("%s", meaning);
}

static void print_codes(void)
{
	printf(".Bl -tag -width Ds\n");
	for (int code = PROBLEM_PARSE; code < PROBLEM_NONE; code++)
		print_code(code);
	printf(".El\n");
}

static const char *flag_meaning(enum record_flag flag)
{
	switch (flag) {
	case RECORD_CLAMP_LIMITED:
		return "A clamped voltage was set to a limit.";
	case RECORD_NOT_LEARNT:
		return "Shown and measured, not ticked.";
	case RECORD_NOT_CLAMPED:
		return "The clamped targets floated.";
	case RECORD_LATE:
		return "Began later than its budget.";
	case RECORD_WIPER_UNREAD:
		return "wiper, updated and r_ohm were not read, or the run's log leaves them out: they are 0.";
	case RECORD_DISCREPANCY:
		return "A measurement is beyond the rig's discrepancy_V.";
	case RECORD_TICK_MISMATCH:
		return "A board counted another number of clock edges.";
	}
	return NULL;
}

static void print_flags(void)
{
	printf(".Bl -tag -width Ds\n");
	for (unsigned flag = 1; flag_meaning((enum record_flag)flag); flag <<= 1) {
		printf(".It %u\n", flag);
		print_text("%s", flag_meaning((enum record_flag)flag));
	}
	printf(".El\n");
}

static void print_arrays(void)
{
	const struct record_shape shape[] = {
		{.n_targets = 1, .n_measured = 1, .n_edges = 1, .equilibrium = true},
		{.n_targets = 1, .n_measured = 1, .n_edges = 1, .continuous = true},
	};
	struct record_array a[RECORD_ARRAYS];
	struct record_layout layout;
	size_t n;

	printf(".Bl -column mse_equilibrium_V2 dtype unit second\n");
	printf(".It Em array Ta Em dtype Ta Em unit Ta Em second axis\n");
	for (int rule = 0; rule < 2; rule++) {
		record_layout(&shape[rule], &layout);
		n = record_arrays(&layout, a);
		/* of the second shape what the first one lacks: resistances in place of taps */
		for (size_t i = 0; i < n; i++)
			if (rule == 0 || strcmp(a[i].name, "r_ohm") == 0)
				printf(".It %s Ta %s Ta %s Ta %s\n", a[i].name, a[i].dtype,
				       a[i].unit ? a[i].unit : "\\&",
				       a[i].axes == 1  ? "\\&"
				       : a[i].of_edges ? "edges"
						       : "nodes");
	}
	printf(".El\n");
}

static const struct part {
	const char *name;
	void (*print)(void);
} parts[] = {
	{"task", print_task},     {"params", print_params},   {"rig", print_rig},
	{"config", print_config}, {"methods", print_methods}, {"codes", print_codes},
	{"arrays", print_arrays}, {"flags", print_flags},
};

static int print_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strncmp(name, parts[i].name, strlen(parts[i].name)) == 0 &&
		    name[strlen(parts[i].name)] == '\n') {
			parts[i].print();
			return 0;
		}
	fprintf(stderr, "gen_man: there is no part %s", name);
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
			r = print_part(line + strlen(BEGIN));
		}
	}
	free(line);
	return r < 0 || inside || fflush(stdout) ? 1 : 0;
}
