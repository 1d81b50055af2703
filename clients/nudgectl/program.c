/* clients/nudgectl/program.c - other programs of ours: where they are, and what they print. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/nudgectl/program.h"

extern char **environ;

static char *in_folder(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return NULL;
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *in_path(const char *name)
{
	const char *path = getenv("PATH");
	char *all = strdup(path ? path : "/usr/bin:/bin"), *at = all, *folder, *found = NULL;

	while (!found && at && (folder = strsep(&at, ":")))
		found = in_folder(*folder ? folder : ".", name);
	free(all);
	return found;
}

char *program_find(const char *name)
{
	static const char *const beside[] = {".", "..", "../sbin", "../bin"};
	char self[PATH_MAX], *found = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	for (size_t i = 0; n > 0 && !found && i < sizeof(beside) / sizeof(beside[0]); i++) {
		char *folder;

		self[n] = '\0';
		if (asprintf(&folder, "%.*s/%s", (int)(strrchr(self, '/') - self), self,
			     beside[i]) < 0)
			break;
		found = in_folder(folder, name);
		free(folder);
	}
	return found ? found : in_path(name);
}

/* Its signals as they are by default, whatever this program waits for */
static int start(char **words, posix_spawn_file_actions_t *files, pid_t *pid)
{
	posix_spawnattr_t how;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	r = posix_spawn(pid, words[0], files, &how, words, environ);
	posix_spawnattr_destroy(&how);
	return r;
}

int program_read(char **words, struct program *ret, char *why, size_t why_size)
{
	posix_spawn_file_actions_t files;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		snprintf(why, why_size, "%s: no pipe: %s", words[0], strerror(errno));
		return -1;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
	r = start(words, &files, &ret->pid);
	posix_spawn_file_actions_destroy(&files);
	close(ends[1]);
	ret->name = words[0];
	ret->out = r == 0 ? fdopen(ends[0], "r") : NULL;
	if (ret->out)
		return 0;
	snprintf(why, why_size, "%s cannot be started: %s", words[0], strerror(r ? r : errno));
	close(ends[0]);
	return -1;
}

int program_end(struct program *run, char *why, size_t why_size)
{
	int status = 0;

	fclose(run->out);
	while (waitpid(run->pid, &status, 0) < 0)
		if (errno != EINTR)
			break;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	snprintf(why, why_size, "%s ended with %d", run->name,
		 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return -1;
}

pid_t program_start(char **words, const char *output, char *why, size_t why_size)
{
	posix_spawn_file_actions_t files;
	pid_t pid = -1;
	int r;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
	r = start(words, &files, &pid);
	posix_spawn_file_actions_destroy(&files);
	if (r == 0)
		return pid;
	snprintf(why, why_size, "%s cannot be started: %s", words[0], strerror(r));
	return -1;
}
