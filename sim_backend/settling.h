/* sim_backend/settling.h - drawn-out settling of the DAQ: a reading approaches the voltage, it is not there at once.
 *
 * reading = v_new + (v_old - v_new) exp(-wait / tau), v_old what it read at the last change (an output set, a clock
 * edge), wait the rig's time from then to the reading.  Of several changes between two readings the last one counts.
 */
#ifndef SIM_BACKEND_SETTLING_H
#define SIM_BACKEND_SETTLING_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"

struct settling;

int settling_new(size_t n_nodes, struct settling **ret); /* 0, -ENOMEM; tau 0 */
void settling_free(struct settling *s);                  /* accepts NULL */
void settling_set(struct settling *s, double tau_s);     /* 0: readings are there at once */
void settling_changed(struct settling *s, int64_t now_ns);
/* [n_nodes] what is read now where the voltages are node_V; valid until the next call for that side. */
const double *settling_read(struct settling *s, enum rig_side side, int64_t now_ns,
			    const double *node_V);

#endif
