/* sim_backend/benchd/standin/standin.h - what the files of the stand-in for libcomedi share: the handle, errors, the wire.
 *
 * A library that has libcomedi's name, functions and symbol versions, and asks nudge-benchd where libcomedi asks the
 * kernel.  A program that is linked with libcomedi finds it first by LD_LIBRARY_PATH.
 */
#ifndef SIM_BACKEND_BENCHD_STANDIN_STANDIN_H
#define SIM_BACKEND_BENCHD_STANDIN_STANDIN_H

#include <stdbool.h>
#include <stdint.h>

#include <comedilib.h>

#include "sim_backend/benchd/card_wire.h"

struct comedi_t_struct {
	unsigned magic;
	int fd; /* of the socket; -1: the card is gone */
	unsigned n_channels[CARD_SUBDEVICES];
	comedi_range analogue[CARD_RANGES], digital;
};

/* Set comedi_errno(), and errno where it is one; all return -1. */
int standin_fail(int error);
int standin_fail_internal(int comedi_error); /* of <comedi_errno.h>: leaves errno as it is */

/* false and comedi_errno() set: no such handle, subdevice, channel. */
bool standin_has(const comedi_t *it);
bool standin_has_subdevice(const comedi_t *it, unsigned subdevice);
bool standin_has_channel(const comedi_t *it, unsigned subdevice, unsigned channel);

/* One request and its answer; `room` for answers, *ret_n of them came.  0, or -1 with errno: what the card said, ENODEV
 * when it is gone (and from then on), ETIMEDOUT when nudge-benchd does not answer. */
int standin_ask(comedi_t *it, const struct card_instruction *list, uint32_t count,
		uint32_t *answers, uint32_t room, uint32_t *ret_n);

#endif
