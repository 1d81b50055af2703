/* daemon/options.c - the command line of nudged. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <zmq.h>

#include "daemon/options.h"
#include "daemon/store.h"
#include "protocol/nearest.h"
#include "protocol/yaml.h"

enum option_id {
	OPTION_USER = 256,
	OPTION_CONFIG,
	OPTION_RIG,
	OPTION_DB,
	OPTION_RUNTIME,
	OPTION_KEY,
	OPTION_KEYS,
	OPTION_TCP,
	OPTION_ONCE,
	OPTION_NAME,
	OPTION_SEED,
	OPTION_TAG,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_CHECK,
	OPTION_PROBE,
	OPTION_DRIVER,
	OPTION_REPLAY,
	OPTION_SPEED,
	OPTION_LOOP,
	OPTION_WAIT,
	OPTION_LEVEL,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option table[] = {
	{"user", no_argument, NULL, OPTION_USER},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"rig", required_argument, NULL, OPTION_RIG},
	{"db", required_argument, NULL, OPTION_DB},
	{"runtime", required_argument, NULL, OPTION_RUNTIME},
	{"key", required_argument, NULL, OPTION_KEY},
	{"authorized-keys", required_argument, NULL, OPTION_KEYS},
	{"tcp", required_argument, NULL, OPTION_TCP},
	{"once", required_argument, NULL, OPTION_ONCE},
	{"name", required_argument, NULL, OPTION_NAME},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"tag", required_argument, NULL, OPTION_TAG},
	{"json", no_argument, NULL, OPTION_JSON},
	{"quiet", no_argument, NULL, OPTION_QUIET},
	{"check-config", no_argument, NULL, OPTION_CHECK},
	{"probe", required_argument, NULL, OPTION_PROBE},
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"replay", required_argument, NULL, OPTION_REPLAY},
	{"speed", required_argument, NULL, OPTION_SPEED},
	{"loop", no_argument, NULL, OPTION_LOOP},
	{"wait", no_argument, NULL, OPTION_WAIT},
	{"log-level", required_argument, NULL, OPTION_LEVEL},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{0},
};

/* As they were given; they count more than the file, wherever they stand. */
struct given {
	const char *config, *rig, *db, *runtime, *level, *seed;
	const char *key, *authorized_keys, *tcp;
	bool user;
	size_t tags;      /* how many were said; the first ones are kept */
	const char *once; /* an option that only --once has */
	const char *replay, *speed;
	bool loop, wait;
};

static const char *nearest_option(const char *said)
{
	const char *name = said + strspn(said, "-"), *meant = NULL;
	size_t best = (size_t)-1;

	for (const struct option *option = table; option->name; option++) {
		size_t distance = nearest_distance(name, option->name);

		if (distance < best) {
			best = distance;
			meant = option->name;
		}
	}
	return meant;
}

static int wrong(int c, char **argv, struct problem *p)
{
	const char *option = argv[optind - 1], *meant;

	if (c == ':')
		return problem_set(p, PROBLEM_PARAMS, "", "%s needs a value; see --help", option);
	meant = nearest_option(option);
	return problem_set(p, PROBLEM_PARAMS, "", "%s is no option of nudged%s%s%s", option,
			   meant ? "; did you mean --" : "; see --help", meant ? meant : "",
			   meant ? "?" : "");
}

/* Those that say how --once makes its run. */
static int take_once(int c, struct once_options *ret, struct given *given)
{
	switch (c) {
	case OPTION_NAME:
		given->once = "--name";
		ret->name = optarg;
		return 0;
	case OPTION_SEED:
		given->once = "--seed";
		given->seed = optarg;
		return 0;
	case OPTION_TAG:
		given->once = "--tag";
		if (given->tags++ < OPTIONS_MAX_TAGS)
			ret->tags[ret->n_tags++] = optarg;
		return 0;
	case OPTION_JSON:
		given->once = "--json";
		ret->json = true;
		return 0;
	case OPTION_QUIET:
		given->once = "--quiet";
		ret->quiet = true;
		return 0;
	}
	return -1;
}

static bool take_replay(int c, struct given *given)
{
	switch (c) {
	case OPTION_REPLAY:
		given->replay = optarg;
		return true;
	case OPTION_SPEED:
		given->speed = optarg;
		return true;
	case OPTION_LOOP:
		given->loop = true;
		return true;
	case OPTION_WAIT:
		given->wait = true;
		return true;
	}
	return false;
}

static bool take_access(int c, struct given *given)
{
	switch (c) {
	case OPTION_KEY:
		given->key = optarg;
		return true;
	case OPTION_KEYS:
		given->authorized_keys = optarg;
		return true;
	case OPTION_TCP:
		given->tcp = optarg;
		return true;
	}
	return false;
}

static int take(int c, struct options *ret, struct given *given)
{
	switch (c) {
	case OPTION_USER:
		given->user = true;
		return 0;
	case OPTION_CONFIG:
		given->config = optarg;
		return 0;
	case OPTION_RIG:
		given->rig = optarg;
		return 0;
	case OPTION_DB:
		given->db = optarg;
		return 0;
	case OPTION_RUNTIME:
		given->runtime = optarg;
		return 0;
	case OPTION_LEVEL:
		given->level = optarg;
		return 0;
	case OPTION_ONCE:
		ret->action = OPTIONS_ONCE;
		ret->once.task_file = optarg;
		return 0;
	case OPTION_CHECK:
		ret->action = OPTIONS_CHECK;
		return 0;
	case OPTION_PROBE:
		ret->action = OPTIONS_PROBE;
		ret->probe_device = optarg;
		return 0;
	case OPTION_DRIVER:
		ret->probe_driver = optarg;
		return 0;
	case OPTION_VERSION:
		ret->action = OPTIONS_VERSION;
		return 0;
	case OPTION_HELP:
		ret->action = OPTIONS_HELP;
		return 0;
	}
	if (take_access(c, given) || take_replay(c, given))
		return 0;
	return take_once(c, &ret->once, given);
}

static int apply_once(const struct given *given, struct options *ret, struct problem *p)
{
	unsigned long long seed;
	char *end;

	if (given->once && ret->action != OPTIONS_ONCE)
		return problem_set(p, PROBLEM_PARAMS, "", "%s belongs to --once TASK.yaml",
				   given->once);
	if (given->tags > OPTIONS_MAX_TAGS)
		return problem_set(p, PROBLEM_PARAMS, "", "--tag: %zu given, at most %d are kept",
				   given->tags, OPTIONS_MAX_TAGS);
	if (!given->seed)
		return 0;
	errno = 0;
	seed = strtoull(given->seed, &end, 10);
	if (given->seed[0] < '0' || given->seed[0] > '9' || *end || errno)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--seed %s: expected a whole number from 0 to 2^64 - 1",
				   given->seed);
	ret->once.seed = seed;
	ret->once.seed_given = true;
	return 0;
}

/* A recording has its own rig and database, and is served, not run once. */
static int check_replay(const struct given *given, const struct options *options, struct problem *p)
{
	const struct {
		const char *name;
		bool given;
	} without[] = {{"--speed", given->speed}, {"--loop", given->loop}, {"--wait", given->wait}},
	  with[] = {{"--rig", given->rig},
		    {"--db", given->db},
		    {"--once", options->action == OPTIONS_ONCE},
		    {"--check-config", options->action == OPTIONS_CHECK},
		    {"--probe", options->action == OPTIONS_PROBE}};

	for (size_t i = 0; !given->replay && i < sizeof(without) / sizeof(without[0]); i++)
		if (without[i].given)
			return problem_set(p, PROBLEM_PARAMS, "",
					   "%s belongs to --replay FILE[:RUN]", without[i].name);
	for (size_t i = 0; given->replay && i < sizeof(with) / sizeof(with[0]); i++)
		if (with[i].given)
			return problem_set(p, PROBLEM_PARAMS, "",
					   "--replay and %s exclude each other: what is replayed "
					   "has its rig and its database with it",
					   with[i].name);
	return 0;
}

static int apply(const struct given *given, struct settings *settings, struct problem *p)
{
	if (given->config && settings_read(settings, given->config, p) < 0)
		return -1;
	if ((given->rig && settings_replace(&settings->rig, given->rig, p) < 0) ||
	    (given->db && settings_replace(&settings->db, given->db, p) < 0) ||
	    (given->runtime && settings_replace(&settings->runtime, given->runtime, p) < 0) ||
	    (given->key && settings_replace(&settings->key, given->key, p) < 0) ||
	    (given->authorized_keys &&
	     settings_replace(&settings->authorized_keys, given->authorized_keys, p) < 0) ||
	    (given->tcp && settings_replace(&settings->tcp, given->tcp, p) < 0))
		return -1;
	settings->db_given |= given->db != NULL;
	settings->replay.loop = given->loop;
	settings->replay.wait = given->wait;
	if (given->replay && settings_replay(settings, given->replay, given->speed, p) < 0)
		return -1;
	if (given->level && settings_level(given->level, &settings->log_level) < 0)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"--log-level %s: it is one of error, warning, notice, info, debug",
			given->level);
	return settings_finish(settings, p);
}

int options_parse(int argc, char **argv, struct options *ret, struct settings *settings,
		  struct problem *p)
{
	struct given given = {0};
	int c;

	*ret = (struct options){.action = OPTIONS_SERVE};
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1)
		if (take(c, ret, &given) < 0)
			return wrong(c, argv, p);
	if (optind < argc)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "\"%s\" is no option; nudged takes options alone; see --help",
				   argv[optind]);
	if (ret->probe_driver && ret->action != OPTIONS_PROBE)
		return problem_set(p, PROBLEM_PARAMS, "", "--driver belongs to --probe DEVICE");
	if (ret->action == OPTIONS_HELP || ret->action == OPTIONS_VERSION)
		return 0;
	if (check_replay(&given, ret, p) < 0)
		return -1;
	if (ret->action == OPTIONS_PROBE)
		return 0;
	if (apply_once(&given, ret, p) < 0)
		return -1;
	if (given.user && given.config)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--user and --config exclude each other; see --help");
	/* an option spares the default that the environment could not give */
	if ((given.db || given.replay) &&
	    settings_replace(&settings->db, given.db ? given.db : given.replay, p) < 0)
		return -1;
	if ((given.config ? settings_system(settings, p) : settings_user(settings, p)) < 0)
		return -1;
	return apply(&given, settings, p);
}

void options_print_help(void)
{
	fputs("Usage: nudged [--user | --config FILE] [OPTION]...\n"
	      "Supervises a physical network that learns, or a simulated one.\n"
	      "\n"
	      "  --user              as the daemon of this user (the default)\n"
	      "  --config FILE       as the system's daemon, told by FILE (YAML)\n"
	      "  --rig FILE|sim:NAME the rig: its file, or an ideal simulated bench on a built-in network\n"
	      "                      (divider2, king9_16, torus16_32, own_64_143; square:NxM,\n"
	      "                      torus:NxM, cubic:N, disordered:N,z); else sim:king9_16\n"
	      "  --db FILE           the database; else ~/.local/share/nudged/nudged.db\n"
	      "  --runtime DIR       the sockets' directory; else $XDG_RUNTIME_DIR/nudged\n"
	      "  --tcp HOST:PORT     requests also over TCP (urgent at PORT + 1, stream at PORT + 2)\n"
	      "  --key FILE          the server's key, for CURVE on every TCP socket\n"
	      "  --authorized-keys FILE\n"
	      "                      who may come in over TCP; else authorized_keys beside the database\n"
	      "  --once TASK.yaml    runs one task without sockets, then ends\n"
	      "      --name NAME     of the run; else the task's title\n"
	      "      --seed N        of all draws; else the task's, else the run's number\n"
	      "      --tag WORD      to find the run by; repeatable\n"
	      "      --json          at the end one line of JSON with the run's figures\n"
	      "      --quiet         says nothing but what went wrong\n"
	      "  --replay FILE[:RUN] in place of a rig, a run that was recorded (else the last one)\n"
	      "      --speed X       of it: real (the default), X times as fast, or max\n"
	      "      --loop          begins again when it has ended\n"
	      "      --wait          begins with the first subscriber that asks for a welcome\n"
	      "  --check-config      reads the settings and the rig file, then ends\n"
	      "  --probe DEVICE[,DIGITAL_DEVICE]\n"
	      "                      what a data acquisition card has, and a rig file to begin with\n"
	      "      --driver NAME   of the card: comedi (the default) or loopback\n"
	      "  --log-level LEVEL   error, warning, notice, info or debug; else notice\n"
	      "  --version           versions of nudged and of its libraries\n"
	      "  --help              this text\n"
	      "\n"
	      "Exit status: 0 all went well, 1 it failed, 2 wrong options, configuration or files.\n",
	      stdout);
}

void options_print_version(void)
{
	int major, minor, patch;

	zmq_version(&major, &minor, &patch);
	printf("%s\n", PACKAGE_STRING);
	printf("libzmq %d.%d.%d\n", major, minor, patch);
	printf("jansson %s\n", jansson_version_str());
	printf("libyaml %s\n", yaml_library_version());
	printf("sqlite %s\n", store_library_version());
}
