/* daemon/rig_file.h - a rig file, or "sim:NAME", as the plain data that rig_open() wants. */
#ifndef DAEMON_RIG_FILE_H
#define DAEMON_RIG_FILE_H

#include <jansson.h>

#include "drivers/rig_config.h"
#include "protocol/problem.h"

/* what: "FILE", or "sim:NAME" for an ideal simulated bench on a shipped network (volts 0 .. 5, comparator noise 3 mV,
 * no bias, ideal DAQ, virtual clock).  *ret_json: the normalised rig file, as kept with each run.  0, or -1 and *p. */
int rig_file_load(const char *what, struct rig_config **ret, json_t **ret_json, struct problem *p);

/* A rig file as it was kept with a run.  beside: a file; what the rig file names is looked for in the same directory first,
 * then among what is built in.  0, or -1 and *p. */
int rig_file_again(const json_t *json, const char *beside, struct rig_config **ret,
		   json_t **ret_json, struct problem *p);

/* boards.addresses of a rig file, a list or "1-8,10"; *ret_n may be more than 247.  0, or -EINVAL. */
int rig_file_addresses(const json_t *addresses, uint8_t ret[247], size_t *ret_n);

#endif
