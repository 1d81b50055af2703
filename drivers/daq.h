/* drivers/daq.h - a data acquisition card: analogue outputs and inputs in volts, digital lines, a clock pulse.
 *
 * daq.c checks and converts, a driver (struct daq_driver, one file each: docs/ADDING-A-DRIVER.md) moves the numbers.
 * One function writes outputs, daq_write(), so that no path gets past the limits.
 *
 * All calls: 0 or -errno with a sentence.  -ERANGE outside the limits or the card's range; -EINVAL a channel that the card
 * does not have; -ENODEV, -EIO, -ETIMEDOUT the card failed; -ENOTSUP it cannot do that.  One thread uses a card.
 */
#ifndef DRIVERS_DAQ_H
#define DRIVERS_DAQ_H

#include "drivers/rig_impl.h"

struct daq;

static inline bool daq_same(struct daq_channel a, struct daq_channel b)
{
	return a.kind == b.kind && a.number == b.number;
}

struct daq_volt { /* an analogue output and what it is to be */
	struct daq_channel channel;
	double volts;
};

struct daq_level { /* a digital line and what it is to be */
	struct daq_channel channel;
	bool high;
};

/* ---- a card ---- */

/* Opens the device and checks that it has every channel of the configuration, each with a range that holds the limits: the
 * smallest with 2 % of the limits' span to spare on each side (a calibration shifts what is written, and an input at the end
 * of its range says nothing), or else the smallest.  Moves nothing: outputs, lines and the clock stay as they are found, or
 * as the card has them at power-on; a line that must become an output is given its idle level first (a relay: low), so that
 * no edge is made.
 * config, limits: borrowed while it is open.  wake_fd: readable ends daq_wait_until() early; -1: nothing does.
 * A card that was lost (-ENODEV) and is there again is closed and opened anew. */
int daq_open(const struct daq_config *config, const struct rig_limits *limits, size_t n_nodes,
	     int wake_fd, struct daq **ret, struct rig_error *err);
void daq_close(struct daq *daq); /* writes nothing; accepts NULL */

/* Until when_ns, CLOCK_MONOTONIC; at once if past.  -EINTR: wake_fd became readable.  For settling; no pulse waits here. */
int daq_wait_until(struct daq *daq, int64_t when_ns, struct rig_error *err);

/* Every analogue output of the rig goes through here.  One instruction list; *ret_ns (may be NULL): when it was done,
 * CLOCK_MONOTONIC.  All values are checked before any is written. */
int daq_write(struct daq *daq, const struct daq_volt *volts, size_t n, int64_t *ret_ns,
	      struct rig_error *err);
/* One instruction list for all: `discard` samples are dropped and `average` averaged of each channel, in the order
 * given.  A conversion that is not a number, as comedi has it at the ends of a range, is -EIO with the channel's name. */
int daq_read(struct daq *daq, const struct daq_channel *inputs, size_t n, double *ret_V,
	     struct rig_error *err);
/* What the card holds on its outputs, true volts; -ENOTSUP where it cannot tell. */
int daq_read_back(struct daq *daq, const struct daq_channel *outputs, size_t n, double *ret_V,
		  struct rig_error *err);

int daq_set_lines(struct daq *daq, const struct daq_level *levels, size_t n, struct rig_error *err);
int daq_get_line(struct daq *daq, struct daq_channel line, bool *ret_high, struct rig_error *err);

/* One pulse of the clock line: away from idle, pulse_s, back.  *ret_ns (may be NULL): time stamp of the active edge, which
 * is the first edge where `active` leads away from `idle`, else the second.  Interrupts do not shorten it: a pulse that was
 * begun is ended.  Does not wait for done_s. */
int daq_pulse(struct daq *daq, int64_t *ret_ns, struct rig_error *err);
uint64_t daq_pulses(const struct daq *daq); /* active edges made since it was opened */
/* Is the clock line at its idle level?  0, or -EIO with a sentence.  To be asked after opening, since a program may have
 * been killed in a pulse, and after a pulse that failed: from away, the next pulse would make no first edge.  Back to idle
 * by daq_set_lines() is the edge at which no board steps, where `active` leads away from `idle`. */
int daq_clock_idle(struct daq *daq, struct rig_error *err);

/* True volts of those channels from now on; all others as the card's own ranges say. */
void daq_set_gains(struct daq *daq, const struct daq_gain *gain, size_t n);
/* True volts of what the card's own range calls nominal_V, by the gains in use: for calibrations. */
double daq_true_V(const struct daq *daq, struct daq_channel channel, double nominal_V);
/* Smallest change that an output can make, volts: for the check of what is read back. */
double daq_resolution_V(const struct daq *daq, struct daq_channel channel);
const char *daq_name(const struct daq *daq); /* "comedi_test on /dev/comedi0" */

/* What the card has and a skeleton of a rig file for it, as text that the caller frees.  Writes nothing
 * to the card.  digital: as in daq_config. */
int daq_probe(const char *driver, const char *device, const char *digital, char **ret_text,
	      struct rig_error *err);

/* ---- what a driver fills in ---- */

#define DAQ_KINDS       (DAQ_DO + 1)
#define DAQ_RANGES_MOST 32

struct daq_range {
	double min_V, max_V; /* NAN: not volts */
};

struct daq_facts {       /* what a card has; by enum daq_kind, [DAQ_NONE] unused */
	char name[160];  /* "comedi_test on /dev/comedi0" */
	char lines[160]; /* the same of the device that has the lines; "": it is the same one */
	unsigned n_channels[DAQ_KINDS];
	struct {
		unsigned n, bits;
		struct daq_range range[DAQ_RANGES_MOST];
	} analogue[DAQ_KINDS];
	bool reads_back; /* outputs */
};

struct daq_driver {
	const char *name; /* as in the rig file: daq.driver */
	/* digital: device of the digital lines, "" for the same.  Claims nothing and writes nothing. */
	int (*open)(const char *device, const char *digital, void **ret, struct daq_facts *facts,
		    struct rig_error *err);
	void (*close)(void *self);
	/* Once, before any of the rest.  range[kind]: index into facts->analogue[kind].range for all channels of that kind.
	 * level: the lines that are to be outputs.  One that is an output already stays as it is; any other has its level from
	 * its first moment on. */
	int (*prepare)(void *self, const unsigned range[DAQ_KINDS], const struct daq_level *level,
		       size_t n, struct rig_error *err);
	/* Nominal volts from here on, within the range; channels that are there.  Each call is one list of instructions. */
	int (*write)(void *self, const struct daq_volt *volts, size_t n, struct rig_error *err);
	int (*read)(void *self, const struct daq_channel *inputs, size_t n, unsigned average,
		    unsigned discard, double *ret_V,
		    struct rig_error *err); /* NAN: no conversion */
	int (*read_back)(void *self, const struct daq_channel *outputs, size_t n, double *ret_V,
			 struct rig_error *err); /* NULL: it cannot */
	int (*set_lines)(void *self, const struct daq_level *level, size_t n,
			 struct rig_error *err);
	int (*get_line)(void *self, struct daq_channel line, bool *ret_high, struct rig_error *err);
	/* What else it knows of itself, for people: lines of text that the caller frees; NULL: nothing */
	char *(*describe)(void *self);
};

extern const struct daq_driver daq_comedi, daq_loopback;
/* drivers/daq_list.c; NULL: not built in */
const struct daq_driver *daq_driver_find(const char *name);
const char *daq_driver_names(void); /* "comedi, loopback", for messages */

/* daq_open() with this driver, whatever the configuration says. */
int daq_open_with(const struct daq_driver *driver, const struct daq_config *config,
		  const struct rig_limits *limits, size_t n_nodes, int wake_fd, struct daq **ret,
		  struct rig_error *err);

#endif
