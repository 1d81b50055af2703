/* tests/unit/fake_card.h - a card that records every list that it is given, and a bench of two nodes on it. */
#ifndef TESTS_UNIT_FAKE_CARD_H
#define TESTS_UNIT_FAKE_CARD_H

#include "drivers/daq.h"
#include "tests/check.h"

enum { AOS = 4, AIS = 6, DIOS = 40, DOS = 2, LISTS = 64 };

struct record {
	char kind; /* 'p'repare, 'w'rite, 'r'ead, 'b'ack, 'l'ines, 'g'et */
	size_t n;
	struct daq_channel channel[8];
	double volts[8];
	bool high[8];
	int64_t at_ns;
};

struct fake {
	struct record record[LISTS];
	size_t n_records;
	unsigned range[DAQ_KINDS], average, discard;
	double held_V[AOS];
	int fail;         /* -errno of the calls from now on */
	size_t fail_from; /* so many lists are well before */
	size_t nan_at;    /* 1 + the reading that is no number */
	bool level[2][DIOS];
	bool open;
};

extern struct fake fake;

extern const struct daq_driver fake_driver;

int64_t now_ns(void); /* CLOCK_MONOTONIC */

#define ao0   ((struct daq_channel){DAQ_AO, 0})
#define ao1   ((struct daq_channel){DAQ_AO, 1})
#define ao3   ((struct daq_channel){DAQ_AO, 3})
#define ao4   ((struct daq_channel){DAQ_AO, 4})
#define ai1   ((struct daq_channel){DAQ_AI, 1})
#define ai5   ((struct daq_channel){DAQ_AI, 5})
#define ai6   ((struct daq_channel){DAQ_AI, 6})
#define dio7  ((struct daq_channel){DAQ_DIO, 7})
#define dio39 ((struct daq_channel){DAQ_DIO, 39})
#define dio40 ((struct daq_channel){DAQ_DIO, 40})
#define do1   ((struct daq_channel){DAQ_DO, 1})

struct bench {
	struct daq_config config;
	struct rig_limits limits;
	struct daq_wire wire[2][2];
	struct daq *daq;
	struct rig_error err;
};

void set_up(struct bench *b);    /* a fresh card and its configuration, not opened */
int open_bench(struct bench *b); /* on the fake card */
void made(struct bench *b);      /* both */
void assert_says(const struct bench *b, const char *words);

#endif
