/* daemon/safe_main.c - nudge-safe: makes a rig safe from its rig file, without a daemon. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rig_file.h"
#include "daemon/settings.h"
#include "drivers/rig.h"

enum { EXIT_CONFIRMED, EXIT_COMMANDED, EXIT_UNKNOWN };

static const char *const words[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
				    [RIG_SAFE_COMMANDED] = "commanded",
				    [RIG_SAFE_UNKNOWN] = "unknown"};

enum option_id {
	OPTION_RIG = 256,
	OPTION_CONFIG,
	OPTION_JSON,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option table[] = {
	{"rig", required_argument, NULL, OPTION_RIG},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"json", no_argument, NULL, OPTION_JSON},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

struct asked {
	const char *rig, *config;
	bool json, version, help;
};

/* ---- what is said ---- */

/* What went wrong is said as it was noticed; the caller frees. */
static json_t *take_notes(struct rig *rig)
{
	json_t *notes = json_array();
	struct rig_note note;

	while (rig_take_note(rig, &note)) {
		json_array_append_new(notes, json_string(note.text));
		fprintf(stderr, "nudge-safe: %s\n", note.text);
	}
	return notes;
}

static void say(const struct asked *asked, const struct rig_info *info, enum rig_safe safe,
		json_t *notes)
{
	bool real = info->interlocks;
	json_t *json;
	char *text;

	if (!asked->json) {
		printf("safe: %s%s\n", words[safe],
		       real ? "" : " (a simulated rig: there is nothing to make safe)");
		return;
	}
	json = json_pack("{s:s, s:s, s:s, s:O}", "safe", words[safe], "rig", info->name, "backend",
			 info->backend, "notes", notes);
	text = json_dumps(json, JSON_COMPACT);
	if (text)
		puts(text);
	free(text);
	json_decref(json);
}

static int fail(const char *text)
{
	fprintf(stderr, "nudge-safe: %s\n", text);
	return EXIT_UNKNOWN;
}

static int fail_problem(struct problem *p)
{
	int code = fail(p->message);

	problem_clear(p);
	return code;
}

/* ---- the rig ---- */

static int make_safe(const struct asked *asked, const struct rig_config *config)
{
	struct rig_error err;
	struct rig *rig;
	enum rig_safe safe;
	json_t *notes;

	if (rig_open(config, &rig, &err) < 0)
		return fail(err.text);
	safe = rig_make_safe(rig);
	notes = take_notes(rig);
	say(asked, rig_info(rig), safe, notes);
	json_decref(notes);
	rig_close(rig);
	return safe == RIG_SAFE_CONFIRMED   ? EXIT_CONFIRMED
	       : safe == RIG_SAFE_COMMANDED ? EXIT_COMMANDED
					    : EXIT_UNKNOWN;
}

static int act(const struct asked *asked)
{
	struct settings settings = {0};
	struct rig_config *config;
	struct problem p = {0};
	const char *file = asked->rig;
	json_t *json;
	int code;

	if (settings_system(&settings, &p) < 0 ||
	    (asked->config && settings_read(&settings, asked->config, &p) < 0)) {
		settings_clear(&settings);
		return fail_problem(&p);
	}
	if (!file)
		file = settings.rig;
	code = rig_file_load(file, &config, &json, &p) < 0 ? fail_problem(&p) : -1;
	settings_clear(&settings);
	if (code >= 0)
		return code;
	code = make_safe(asked, config);
	rig_config_free(config);
	json_decref(json);
	return code;
}

/* ---- the command line ---- */

static bool take(int c, struct asked *ret)
{
	switch (c) {
	case OPTION_RIG:
		ret->rig = optarg;
		return true;
	case OPTION_CONFIG:
		ret->config = optarg;
		return true;
	case OPTION_JSON:
		ret->json = true;
		return true;
	case OPTION_VERSION:
		ret->version = true;
		return true;
	case OPTION_HELP:
		ret->help = true;
		return true;
	}
	return false;
}

static int parse(int argc, char **argv, struct asked *ret)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1) {
		if (take(c, ret))
			continue;
		fprintf(stderr, "nudge-safe: %s %s; see --help\n", argv[optind - 1],
			c == ':' ? "needs a value" : "is no option of nudge-safe");
		return -1;
	}
	if (optind < argc) {
		fprintf(stderr, "nudge-safe: %s: --rig FILE names the rig; see --help\n",
			argv[optind]);
		return -1;
	}
	if (ret->help || ret->version || ret->rig || ret->config)
		return 0;
	fputs("nudge-safe: which rig? --rig FILE, or --config FILE that names it\n", stderr);
	return -1;
}

static void print_help(void)
{
	fputs("Usage: nudge-safe --rig FILE | --config FILE [--json]\n"
	      "Makes a rig safe, without a daemon: boards on hold, then every output to safe volts.\n"
	      "\n"
	      "  --rig FILE     the rig file\n"
	      "  --config FILE  the daemon's configuration, which names the rig file\n"
	      "  --json         one line of JSON on standard output\n"
	      "  --version      the version of this program\n"
	      "  --help         this text\n"
	      "\n"
	      "Exit status: 0 confirmed, 1 commanded but not read back, 2 unknown or failed.\n",
	      stdout);
}

int main(int argc, char **argv)
{
	struct asked asked = {0};

	if (parse(argc, argv, &asked) < 0)
		return EXIT_UNKNOWN;
	if (asked.help) {
		print_help();
		return EXIT_SUCCESS;
	}
	if (asked.version) {
		printf("nudge-safe %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	return act(&asked);
}
