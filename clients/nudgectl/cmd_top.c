/* clients/nudgectl/cmd_top.c - the full-screen display of the server and its run. */
#include "config.h"

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/top.h"

static int run_top(struct context *c, const struct arguments *a)
{
	return top_run(c, options_has(a, "ascii"));
}

static const struct option_spec top_options[] = {
	{"ascii", 0, NULL, "Draw with ASCII alone, whatever the locale says."},
	{0},
};

const struct command commands_top[] = {
	{
		.name = "top",
		.synopsis = "",
		.summary =
			"A full-screen display: error curve, edges, targets, parameters, alarms; keys steer.",
		.text = "A aborts at once, p pauses, r resumes, x stops, s sets parameters, ? lists all keys, q quits;\n"
			"the run goes on without it.  Commands take the control lease for as long as they need it.\n"
			"When no word has come for 2.4 s, everything dims and says how old it is.",
		.topic = TOPIC_LOOKING,
		.examples = "top  # until q\n"
			    "top --take-over  # until q\n"
			    "top --ascii  # until q\n",
		.options = top_options,
		.run = run_top,
	},
	{0},
};
