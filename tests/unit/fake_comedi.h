/* tests/unit/fake_comedi.h - what stands in front of libcomedi in a test: two devices that record what they are asked.
 *
 * Device "/dev/both": subdevice 0 AI (6 channels; 0..5 V, -10..10 V, a range in mA), 1 AO (4; 0..5 V, -10..10 V), 2 DIO (40
 * lines, directions in blocks of 8), 3 DO (2).  "/dev/lines": the same without analogue channels.  12 bits.
 * Conversions and calibration files are the library's own.
 */
#ifndef TESTS_UNIT_FAKE_COMEDI_H
#define TESTS_UNIT_FAKE_COMEDI_H

#include <comedilib.h>
#include <stdbool.h>

enum { FAKE_AI, FAKE_AO, FAKE_DIO, FAKE_DO, FAKE_SUBDEVICES };
enum { FAKE_LINES = 40, FAKE_EVENTS = 128, FAKE_MAXDATA = 4095 };

struct fake_event {
	enum { FAKE_LIST, FAKE_WRITE, FAKE_READ, FAKE_BITS, FAKE_DIRECTION } what;
	const char *path; /* of the device */
	unsigned subdevice, channel, range, n;
	lsampl_t data[2]; /* FAKE_BITS: mask, levels */
};

struct fake_comedi {
	struct fake_event event[FAKE_EVENTS];
	unsigned n_events;
	lsampl_t ai[6][16]; /* the samples of each input, one after another */
	lsampl_t ao[4];
	bool level[FAKE_LINES], output[FAKE_LINES];
	unsigned edges[FAKE_LINES]; /* seen at the pin, pulled up while it is an input */
	unsigned flags;             /* of the analogue subdevices, beside the usual ones */
	const char *calibration;    /* the default path */
	int error;                  /* comedi_errno() of a failure; 0: all is well */
	bool mute;                  /* outputs cannot be read */
	bool specific;              /* channel 4 of the inputs has other ranges */
	bool pulled_up;
	unsigned n_open, most; /* most: instructions of a list that are done; 0: all */
};

extern struct fake_comedi fake_comedi;

#endif
