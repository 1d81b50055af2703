/* clients/web/places.c - where the page's files and the shipped tasks are, if nobody says. */
#include "config.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/web/places.h"

#define LEVELS 4 /* a build tree lies in its checkout, at most so far down */

static bool has(const char *directory, const char *name)
{
	char *path;
	bool there;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return false;
	there = access(path, F_OK) == 0;
	free(path);
	return there;
}

/* Takes the last name off; false: there is none left */
static bool up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/* Only a build tree has config.status: nothing that lies about above /usr/bin is taken for a checkout. */
char *places_in_checkout(const char *program, const char *name)
{
	char at[PATH_MAX], *path;

	if (snprintf(at, sizeof(at), "%s", program) >= (int)sizeof(at) || !up(at))
		return NULL;
	if (strlen(at) > 6 && !strcmp(at + strlen(at) - 6, "/.libs"))
		up(at); /* libtool keeps the program itself there */
	if (!has(at, "config.status"))
		return NULL;
	for (int i = 0; i < LEVELS; i++) {
		if (has(at, "configure.ac") && has(at, name))
			return asprintf(&path, "%s/%s", at, name) < 0 ? NULL : path;
		if (!up(at))
			return NULL;
	}
	return NULL;
}

const char *places_find(const char *name, const char *installed)
{
	char own[PATH_MAX];
	const ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	const char *found = NULL;

	if (n > 0) {
		own[n] = '\0';
		found = places_in_checkout(own, name);
	}
	return found ? found : installed;
}
