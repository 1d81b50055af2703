/* clients/nudgectl/program.c - our other programs: where they are, and running one. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/nudgectl/program.h"

extern char **environ;

static char *in_directory(const char *directory, size_t n, const char *name)
{
	char *path, *real = NULL;

	if (asprintf(&path, "%.*s/%s", (int)n, directory, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		real = realpath(path, NULL);
	free(path);
	return real;
}

/* In a build tree libtool runs .libs/nudgectl, and the others are one folder up. */
static char *beside(const char *name)
{
	char own[PATH_MAX], *directory, *found;
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (n < 0)
		return NULL;
	own[n] = '\0';
	directory = dirname(own);
	found = in_directory(directory, strlen(directory), name);
	n = (ssize_t)strlen(directory) - (ssize_t)strlen("/.libs");
	if (n > 0 && strcmp(directory + n, "/.libs") == 0) {
		free(found);
		found = in_directory(directory, (size_t)n, name);
	}
	return found;
}

char *program_find(const char *name)
{
	char *found = beside(name);
	const char *path = getenv("PATH");

	while (!found && path && *path) {
		size_t n = strcspn(path, ":");

		if (n > 0)
			found = in_directory(path, n, name);
		path += n + (path[n] == ':');
	}
	return found;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int spawn(char *const *argv, int out, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int r;

	posix_spawn_file_actions_init(&actions);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	r = posix_spawn(ret, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

int program_run(char *const *argv, int out)
{
	pid_t pid;
	int r = spawn(argv, out, &pid);

	return r < 0 ? r : wait_for(pid);
}

int program_json(char *const *argv, json_t **ret)
{
	FILE *out = tmpfile();
	int r;

	*ret = NULL;
	if (!out)
		return -errno;
	r = program_run(argv, fileno(out));
	rewind(out);
	*ret = json_loadf(out, JSON_DECODE_ANY, NULL);
	fclose(out);
	return r;
}
