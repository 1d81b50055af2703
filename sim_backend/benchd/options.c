/* sim_backend/benchd/options.c - the command line of nudge-benchd. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/benchd/options.h"

const char options_usage[] =
	"usage: nudge-benchd --rig FILE [--dir DIR] [--card PATH] [--control PATH]\n"
	"                    [--rtu LINK] [--tcp HOST:PORT] [--pace] [--seed N]\n"
	"Plays the bench of a rig file: the card behind the stand-in for libcomedi, the boards on a\n"
	"serial line or TCP, as nudged finds them there.  Man page: nudge-benchd(1).\n";

static const struct option known[] = {
	{"rig", required_argument, NULL, 'r'},
	{"dir", required_argument, NULL, 'd'},
	{"card", required_argument, NULL, 'c'},
	{"control", required_argument, NULL, 'o'},
	{"rtu", required_argument, NULL, 'u'},
	{"tcp", required_argument, NULL, 't'},
	{"pace", no_argument, NULL, 'p'},
	{"seed", required_argument, NULL, 's'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

static void wrong(struct options *o, const char *what, const char *why)
{
	fprintf(stderr, "nudge-benchd: %s %s\n", what, why);
	o->what = OPTIONS_WRONG;
}

static void read_seed(struct options *o, const char *text)
{
	char *end;

	errno = 0;
	o->seed = strtoull(text, &end, 10);
	if (errno || end == text || *end || strchr(text, '-'))
		wrong(o, "--seed", "wants a whole number of 0 or more");
}

static void set_path(struct options *o, char ret[OPTIONS_PATH], const char *dir, const char *given,
		     const char *usual)
{
	int n = given ? snprintf(ret, OPTIONS_PATH, "%s", given)
		      : snprintf(ret, OPTIONS_PATH, "%s/%s", dir, usual);

	if (n >= OPTIONS_PATH)
		wrong(o, given ? given : dir, "is too long a path");
}

void options_read(int argc, char **argv, struct options *ret)
{
	const char *dir = ".", *card = NULL, *control = NULL;
	int c;

	*ret = (struct options){.seed = 1};
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		switch (c) {
		case 'r':
			ret->rig = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'c':
			card = optarg;
			break;
		case 'o':
			control = optarg;
			break;
		case 'u':
			ret->rtu = optarg;
			break;
		case 't':
			ret->tcp = optarg;
			break;
		case 'p':
			ret->pace = true;
			break;
		case 's':
			read_seed(ret, optarg);
			break;
		case 'h':
			ret->what = OPTIONS_HELP;
			return;
		case 'V':
			ret->what = OPTIONS_VERSION;
			return;
		default:
			ret->what = OPTIONS_WRONG;
			return;
		}
	if (optind < argc)
		wrong(ret, argv[optind], "is no option: see nudge-benchd --help");
	else if (!ret->rig)
		wrong(ret, "--rig FILE", "is wanted: the rig file that nudged reads, too");
	set_path(ret, ret->card, dir, card, "card.sock");
	set_path(ret, ret->control, dir, control, "control.sock");
}
