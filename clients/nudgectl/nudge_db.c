/* clients/nudgectl/nudge_db.c - nudge-db for nudgectl's commands that read or write database files. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/nudge_db.h"
#include "clients/nudgectl/program.h"

/* A path of another machine says nothing here: the daemon tells it to local users alone. */
int nudge_db_of_daemon(struct context *c, const char *command, char **ret)
{
	json_t *hello;
	const char *path;
	int r = context_ask(c, "server.hello", NULL, &hello);

	if (r != EXIT_FINE)
		return r;
	path = json_string_value(json_object_get(hello, "database"));
	if (!path)
		r = say_failed("the daemon is reached over TCP, and does not say where its "
			       "database is: run nudgectl %s on its machine, or give --db FILE",
			       command);
	else if (access(path, R_OK) < 0)
		r = say_failed("the daemon's database %s cannot be read here: %m; run nudgectl "
			       "%s on its machine, as a user who may read it",
			       path, command);
	else if (!(*ret = strdup(path)))
		r = say_failed("no memory for a path");
	json_decref(hello);
	return r;
}

int nudge_db_run(char **words)
{
	int r;

	words[0] = program_find("nudge-db");
	if (!words[0])
		return say_failed(
			"nudge-db is neither beside nudgectl nor in $PATH: install it there");
	r = program_run(words, -1);
	if (r < 0)
		r = say_failed("%s: %s", words[0], strerror(-r));
	free(words[0]);
	words[0] = NULL;
	return r;
}
