/* drivers/daq_comedi.h - a card behind comedi: what daq_comedi*.c share. */
#ifndef DRIVERS_DAQ_COMEDI_H
#define DRIVERS_DAQ_COMEDI_H

#include <comedilib.h>

#include "drivers/daq.h"

struct comedi_port { /* one device file */
	comedi_t *dev;
	char path[108];
};

/* The first subdevice of a kind.  All channels counted have the ranges and the resolution of channel 0. */
struct comedi_part {
	struct comedi_port *port;
	unsigned subdevice, n_channels, flags, aref;
	lsampl_t maxdata;
	unsigned range;               /* in use */
	comedi_polynomial_t *to_phys; /* [n_channels] of the soft calibration; NULL: none */
	comedi_polynomial_t *from_phys;
};

struct comedi_card {
	struct comedi_port analogue, digital; /* digital.dev NULL: the same device */
	struct comedi_part part[DAQ_KINDS];   /* n_channels 0: none */
	char *calibration_path;               /* of a card that is calibrated in software */
	comedi_calibration_t *calibration;    /* NULL: no such file */
	comedi_insn *insn;                    /* room for a list of instructions and its data */
	lsampl_t *data;
	size_t n_insn, n_data;
};

/* The one place where comedi's codes become ours: -errno with "device: doing: why".  Anything that means that the card is
 * gone is -ENODEV. */
int comedi_card_fail(const struct comedi_port *port, const char *doing, struct rig_error *err);

/* daq_comedi_open.c */
int comedi_card_open(const char *device, const char *digital, void **ret, struct daq_facts *facts,
		     struct rig_error *err);
void comedi_card_close(void *self);
/* The soft calibration of the ranges in use. */
int comedi_card_calibrate(struct comedi_card *card, struct rig_error *err);

/* daq_comedi_describe.c */
char *comedi_card_describe(void *self);

#endif
