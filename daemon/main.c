/* daemon/main.c - nudged: the command line, and what it asks for. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "daemon/once.h"
#include "daemon/options.h"
#include "daemon/supervisor.h"
#include "drivers/rig.h"

#define MOST_FILES 65536

static int probe(const struct options *options)
{
	const char *driver = options->probe_driver ? options->probe_driver : "comedi";
	struct rig_error error = {0};
	char *text;

	if (rig_probe(driver, options->probe_device, &text, &error) < 0) {
		log_line(LOG_ERROR_, "probe.failed", "%s", error.text);
		return 1;
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

/* Each connection is an open file until its handshake is over: those that only knock must not take the ones that the rig,
 * the database and the next run need. */
static void allow_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max < MOST_FILES ? limit.rlim_max : MOST_FILES;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* else it is as it was */
}

static int act(const struct options *options, const struct settings *settings)
{
	switch (options->action) {
	case OPTIONS_SERVE:
		allow_open_files();
		return supervisor_run(settings);
	case OPTIONS_ONCE:
		return once_run(settings, &options->once);
	case OPTIONS_CHECK:
		return supervisor_check(settings);
	case OPTIONS_PROBE:
		return probe(options);
	case OPTIONS_VERSION:
		options_print_version();
		return 0;
	case OPTIONS_HELP:
		options_print_help();
		return 0;
	}
	return 2;
}

int main(int argc, char **argv)
{
	struct settings settings = {0};
	struct options options;
	struct problem p = {0};
	int code = 2;

	if (options_parse(argc, argv, &options, &settings, &p) < 0)
		log_line(LOG_ERROR_, "options.wrong", "%s", p.message);
	else
		code = act(&options, &settings);
	log_flush(true);
	problem_clear(&p);
	settings_clear(&settings);
	return code;
}
