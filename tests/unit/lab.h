/* tests/unit/lab.h - a simulated rig, its thread and a real store, for tests of runs. */
#ifndef TESTS_UNIT_LAB_H
#define TESTS_UNIT_LAB_H

#include <jansson.h>

#include "daemon/rig_thread.h"

struct lab {
	char directory[64], file[96];
	struct rig_config *config;
	json_t *rig_json;
	struct mailbox *store_reports, *reports;
	struct store *store;
	struct rig_thread *rig;
	uint64_t last_run, last_token;
	json_t *events; /* of all runs: {kind, who, what, old, new, run, step} */
	json_t *tests;  /* of all runs: {set, error_V2, accuracy, run, step} */
	json_t *states; /* names, in order */
};

/* rig: "sim:NAME", or the text of a rig file. */
void lab_open(struct lab *lab, const char *rig);
void lab_close(struct lab *lab); /* after what is left in the database was checked */

json_t *lab_json(const char *yaml);
struct task *lab_task(struct lab *lab, const char *yaml); /* fails the test when it is refused */
void lab_refuses(struct lab *lab, const char *yaml, const char *path, const char *words);

uint64_t lab_submit(struct lab *lab, const char *yaml, uint64_t seed); /* the run's number */
json_t *lab_end(struct lab *lab,
		uint64_t run); /* waits; the END report's JSON, with "hold" and "step" */
json_t *lab_run(struct lab *lab, const char *yaml, uint64_t seed); /* both */
/* Posts it with a token and a change; waits for the answer.  NULL: refused, *ret_p says why. */
json_t *lab_command(struct lab *lab, struct rig_command *command, struct problem *ret_p);
void lab_wait_state(struct lab *lab, enum state state);

void lab_quit(struct lab *lab); /* ends the threads; the database stays until lab_close() */
/* First column of the first row; NAN for NULL or no row. */
double lab_sql(struct lab *lab, const char *sql);

#endif
