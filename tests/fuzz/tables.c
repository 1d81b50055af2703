/* tests/fuzz/tables.c - what fuzzers begin with, made from the tables of the protocol.
 *
 * tables words NAME       - a dictionary for the harness of this name: members and words of its schema
 * tables requests FOLDER  - a file for each method, its example as a whole request
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/files.h"
#include "protocol/methods.h"

#define MOST_DEEP 12

/* ---- words ---- */

static void print_word(const char *word, bool json, bool name)
{
	/* what a dictionary's line cannot hold as it stands is no word of ours */
	if (!word[0] || strlen(word) > 50 || strpbrk(word, "\\\"\n"))
		return;
	if (json)
		printf("\"\\\"%s\\\"%s\"\n", word, name ? ":" : "");
	else
		printf("\"%s%s\"\n", word, name ? ": " : "");
}

static void print_schema(const struct schema *s, bool json, unsigned deep)
{
	if (!s || deep > MOST_DEEP)
		return;
	for (size_t i = 0; s->words && s->words[i]; i++)
		print_word(s->words[i], json, false);
	for (const struct schema_member *m = s->members; m && m->name; m++) {
		print_word(m->name, json, true);
		print_schema(m->schema, json, deep + 1);
	}
	print_schema(s->item, json, deep + 1);
	for (size_t i = 0; s->options && s->options[i]; i++)
		print_schema(s->options[i], json, deep + 1);
}

static void print_methods(void)
{
	for (int id = 0; id < N_METHODS; id++) {
		print_word(method_get((enum method_id)id)->name, true, false);
		print_schema(method_get((enum method_id)id)->params, true, 0);
	}
}

/* Of what no schema says; between blanks */
static const struct {
	const char *harness, *words;
} others[] = {
	{"request", "jsonrpc 2.0 id method params meta lease key if_rev dry_run"},
	{"record",
	 "topic kind boot seq prev run step n desc arrays name dtype shape unit result meta "
	 "<f8 <f4 <i8 <u8 <u4 <i2 |u1 |i1 step.00000001."},
	{"follow",
	 "kind boot seq prev run step n desc arrays name dtype shape unit result error meta "
	 "code data path message keep_every steps snapshot last event run_end test hb state "
	 "protocol lease <f8 <i8 <u4 |u1 $ID step.00000001. latest.00000001. state. event. hb. "
	 "test.00000001. desc.7."},
	{"control",
	 "do fault fault_when clear clear_counts state status plug unplugged power_cycle wait count at_tick "
	 "after_ticks for_s node side free clamped both input output channel board boards edge value what "
	 "silence half hang late wrong_address wrong_crc refuse_connection deaf_edge missed_tick double_tick "
	 "stuck_edge stuck_output noisy_input slow_inputs swapped sagging_source loop watchdog nan other"},
};

static void print_list(const char *words)
{
	char word[64];
	int n;

	for (; sscanf(words, "%63s%n", word, &n) == 1; words += n)
		print_word(word, true, false);
}

static int print_words(const char *name)
{
	static const struct {
		const char *harness;
		const struct schema *schema;
	} files[] = {
		{"task", &schema_task},   {"rig", &schema_rig},          {"config", &schema_config},
		{"sweep", &schema_sweep}, {"experiment", &schema_sweep}, {"sweep", &schema_task},
		{"sweep", &schema_rig},   {"experiment", &schema_task},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (!strcmp(files[i].harness, name))
			print_schema(files[i].schema, false, 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(others[i].harness, name))
			print_list(others[i].words);
	if (!strcmp(name, "request"))
		print_methods();
	return 0;
}

/* ---- requests ---- */

static int write_request(const char *folder, const struct method *method)
{
	char path[4096];
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", folder, method->name) >= (int)sizeof(path))
		return -1;
	f = fopen(path, "we");
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	fprintf(f, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":%s}", method->name,
		method->example);
	return fclose(f) == 0 ? 0 : -1;
}

static int write_requests(const char *folder)
{
	int r = 0;

	for (int id = 0; id < N_METHODS; id++)
		if (write_request(folder, method_get((enum method_id)id)) < 0)
			r = 1;
	return r;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "words"))
		return print_words(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "requests"))
		return write_requests(argv[2]);
	fprintf(stderr, "usage: tables words NAME | tables requests FOLDER\n");
	return 2;
}
