/* daemon/runner_table.c - the supervisor's states, drawn as a table, and the one function that changes them. */
#include "config.h"

#include <stdio.h>

#include "daemon/log.h"
#include "daemon/runner.h"

#define NO (-1)

static const char *const verbs[] = {
	[RUNNER_BEGIN] = "run.submit", [RUNNER_PAUSE] = "run.pause", [RUNNER_RESUME] = "run.resume",
	[RUNNER_STOP] = "run.stop",    [RUNNER_ABORT] = "run.abort",
};

#define N_INPUTS 7
#define N_VERBS  5

#define RUN   STATE_RUNNING
#define PAUSE STATE_PAUSED
#define STOP  STATE_STOPPING
#define ABORT STATE_ABORTING
#define FAULT STATE_FAULT
#define IDLE  STATE_IDLE

/* clang-format off */
static const int next[][N_INPUTS] = {
	/*                   begin  pause  resume stop   abort  fault  ended */
	[STATE_IDLE]     = { RUN,   NO,    NO,    NO,    NO,    FAULT, NO   },
	[STATE_RUNNING]  = { NO,    PAUSE, NO,    STOP,  ABORT, FAULT, IDLE },
	[STATE_PAUSED]   = { NO,    NO,    RUN,   STOP,  ABORT, FAULT, IDLE },
	[STATE_STOPPING] = { NO,    NO,    NO,    NO,    ABORT, FAULT, IDLE },
	[STATE_ABORTING] = { NO,    NO,    NO,    NO,    NO,    FAULT, IDLE },
	[STATE_FAULT]    = { NO,    NO,    NO,    NO,    NO,    NO,    IDLE },
};
/* clang-format on */

static void list_verbs(enum state state, char *text, size_t size)
{
	size_t used = 0;

	snprintf(text, size, "nothing but waiting");
	for (int i = 0; i < N_VERBS; i++)
		if (next[state][i] != NO && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 verbs[i]);
}

int runner_may(const struct runner *r, enum runner_input input, struct problem *p)
{
	char possible[128];

	if (next[r->state][input] != NO)
		return 0;
	list_verbs(r->state, possible, sizeof(possible));
	problem_set(p, PROBLEM_STATE, "", "%s is not possible while the rig is %s; possible: %s",
		    input < N_VERBS ? verbs[input] : "this", state_name(r->state), possible);
	if (p)
		problem_add(p, "state", json_string(state_name(r->state)));
	return -1;
}

int runner_change_state(struct runner *r, enum runner_input input, struct problem *p)
{
	enum state old = r->state;

	if (runner_may(r, input, p) < 0)
		return -1;
	r->state = (enum state)next[old][input];
	log_line(LOG_INFO_, "state.change", "%s -> %s", state_name(old), state_name(r->state));
	report_send(r->reports, &(struct report){
					.kind = REPORT_STATE,
					.state = r->state,
					.run = r->run ? r->run->number : 0,
					.step = r->run ? r->run->step : 0,
					.rows = r->run ? r->run->step : 0,
				});
	return 0;
}
