/* clients/nudgectl/command.c - the list of all sub-commands. */
#include "config.h"

#include <string.h>

#include "clients/nudgectl/command.h"
#include "protocol/nearest.h"

static const struct command *const groups[] = {
	commands_status,  commands_run,        commands_watch, commands_control, commands_queue,
	commands_history, commands_steps,      commands_plot,  commands_rig,     commands_calibrate,
	commands_call,    commands_sweep,      commands_merge, commands_export,  commands_reproduce,
	commands_alarms,  commands_checkpoint, commands_key,   commands_doctor,  commands_top,
	commands_retain,  commands_diff,       commands_help,
};

const struct option_spec options_global[] = {
	{"to", 0, "ADDRESS", "ipc://DIR or tcp://HOST:PORT; else see nudgectl(1)."},
	{"server-key", 0, "KEY", "The server's public key, or a file that has it: CURVE over TCP."},
	{"key", 0, "FILE", "Your own key, as nudgectl key new makes it."},
	{"timeout", 0, "SECONDS", "How long one request may take; 10."},
	{"json", 0, NULL, "Print JSON."},
	{"csv", 0, NULL, "Print tables as CSV."},
	{"take-over", 0, NULL, "Take the control lease from whoever holds it."},
	{"help", 'h', NULL, "Help on the program, or on the sub-command."},
	{"version", 0, NULL, "The version of this program."},
	{0},
};

const struct command *command_at(size_t i)
{
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct command *command = groups[g]; command->name; command++)
			if (i-- == 0)
				return command;
	return NULL;
}

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

const char *command_nearest(const char *name)
{
	size_t best = (size_t)-1;
	const struct command *command;
	const char *ret = NULL;

	for (size_t i = 0; (command = command_at(i)); i++) {
		size_t distance = nearest_distance(name, command->name);

		if (command->hidden)
			continue;
		if (strlen(name) > 1 && !strncmp(command->name, name, strlen(name)))
			distance = 1;
		if (distance < best) {
			best = distance;
			ret = command->name;
		}
	}
	return ret;
}
