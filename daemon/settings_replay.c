/* daemon/settings_replay.c - which run is played again, and how fast. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/settings.h"

#define MOST_SPEED 1e9

/* FILE:RUN, unless a file has that very name. */
static int read_what(struct settings *settings, const char *what, struct problem *p)
{
	const char *colon = strrchr(what, ':');
	char *file, *end;
	int r;

	if (!colon || colon == what || !colon[1] ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) || access(what, F_OK) == 0)
		return settings_replace(&settings->db, what, p);
	errno = 0;
	settings->replay.run = strtoull(colon + 1, &end, 10);
	if (errno || settings->replay.run == 0)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--replay %s: expected FILE or FILE:RUN, and runs count from 1",
				   what);
	file = strndup(what, (size_t)(colon - what));
	if (!file)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the settings");
	r = settings_replace(&settings->db, file, p);
	free(file);
	return r;
}

static int read_speed(const char *text, double *ret, struct problem *p)
{
	char *end;
	double speed;

	if (!text || strcmp(text, "real") == 0) {
		*ret = 1;
		return 0;
	}
	if (strcmp(text, "max") == 0) {
		*ret = INFINITY;
		return 0;
	}
	speed = strtod(text, &end);
	if (end == text || *end || !(speed > 0) || speed > MOST_SPEED)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--speed %s: expected real, max, or a number above 0 and up to "
				   "%g: so many times the recorded pace",
				   text, MOST_SPEED);
	*ret = speed;
	return 0;
}

int settings_replay(struct settings *settings, const char *what, const char *speed,
		    struct problem *p)
{
	settings->replay.on = true;
	settings->db_given = true; /* nothing is made for it */
	return read_speed(speed, &settings->replay.speed, p) < 0 || read_what(settings, what, p) < 0
		       ? -1
		       : 0;
}
