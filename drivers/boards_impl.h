/* drivers/boards_impl.h - what the files behind drivers/boards.h share: the bus, a board's state, requests. */
#ifndef DRIVERS_BOARDS_IMPL_H
#define DRIVERS_BOARDS_IMPL_H

#include <errno.h>
#include <time.h>

#include "drivers/board_registers.h"
#include "drivers/boards.h"

/* ---- boards_modbus.c: one line or one connection; one try of one request ---- */

struct boards_bus;

#define BOARDS_TURNAROUND_S 0.001  /* of a board, until it is measured */
#define BOARDS_TCP_S        0.0005 /* of a request over TCP, until it is measured */
#define BOARDS_PAUSE_S      0.005  /* after a broadcast, which nobody answers */

/* device: a serial device, or HOST:PORT, "[::1]:502", HOST.  Opens nothing.  config, device: borrowed. */
int boards_bus_new(const struct boards_config *config, const char *device, struct boards_bus **ret,
		   struct rig_error *err);
void boards_bus_free(struct boards_bus *bus); /* accepts NULL */

/* Opens the bus if it is not.  The errors of boards.h; boards_bus_why() has the words.  After one that leaves doubt about what
 * is still to come, a connection is closed, and a line is listened to until it is silent. */
int boards_bus_read(struct boards_bus *bus, uint8_t address, uint16_t first, uint16_t n,
		    uint16_t *ret);
int boards_bus_write(struct boards_bus *bus, uint8_t address, uint16_t reg, uint16_t value);
int boards_bus_broadcast(struct boards_bus *bus, uint16_t reg, uint16_t value); /* RTU */
const char *boards_bus_why(const struct boards_bus *bus);
bool boards_bus_is_missing(const struct boards_bus *bus); /* the last request could not open it */
void boards_bus_renew(struct boards_bus *bus); /* closed; the next request builds it anew */
void boards_bus_pause(struct boards_bus *bus, double seconds);

/* Bytes and silences of one request at the configured baud, board's turnaround included; TCP: a guess. */
double boards_bus_request_s(const struct boards_config *config, unsigned sent, unsigned received);
bool boards_bus_has_baud(unsigned baud);

/* RTU: address, function, two words, CRC; a reply to a read: address, function, count, words, CRC */
enum { BOARDS_REQUEST_BYTES = 8, BOARDS_REPLY_BYTES = 5 };

/* ---- the boards ---- */

struct board {
	struct rig_device *device;
	struct boards_bus *bus; /* perhaps others' too */
	uint8_t address;
	size_t first; /* its edges: first, first + 1, ... */
	unsigned n;
	uint32_t serial_wanted; /* 0: whoever answered first */

	bool known;                 /* was taken up once: serial, boots, clock, tap are its own */
	bool lost;                  /* to be taken up before anything else is asked of it */
	bool stale;                 /* boards_ready() has yet to accept it as it is */
	bool told;                  /* boards_read() has said so */
	enum rig_note_kind changed; /* how it was noticed */
	bool unpowered, tripped;
	uint16_t clock;   /* clock edges at the last reading, low word */
	unsigned pending; /* clock edges made since */
	uint8_t tap[BOARD_EDGES_MOST];
	uint8_t mode[BOARD_EDGES_MOST]; /* as set; not as held */

	unsigned failures; /* in a row */
	int error;         /* of the last one */
	int64_t ask_ns;    /* not before, once it is DOWN */
	double back_off_s;
	uint32_t unanswered; /* RTU: bit n: a reply to a read of n registers may still come */
};

struct boards_notes {
	struct rig_note *note; /* [size], oldest at first */
	size_t size, first, n;
	uint64_t dropped;
};

struct boards {
	const struct boards_config *config;
	size_t n, n_edges;
	int taps;
	struct board *board;       /* [n] */
	struct rig_device *device; /* [n] */
	struct boards_bus **bus;   /* [config->n_devices] */
	uint16_t *word;            /* [n_edges] of the reading in progress */
	bool held;
	bool once;                 /* one try: going safe does not wait for the third */
	int capacitor;             /* -1: as they are */
	size_t serial_at, serials; /* whose serial number is next, and how many a reading reads */
	size_t idle_at;
	double read_s;
	bool measured;
	struct boards_notes notes;
	struct rig_error ignored; /* sentences that only a note tells */
};

static inline int64_t boards_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline uint32_t boards_long(const uint16_t *word)
{
	return (uint32_t)word[0] << 16 | word[1];
}

/* ---- boards_state.c ---- */

/* board: NULL for none; edge: -1. */
void boards_note(struct boards *b, enum rig_note_kind kind, bool alarm, bool over,
		 const struct board *board, long edge, const char *format, ...)
	__attribute__((format(printf, 7, 8)));
const char *board_name(const struct board *board, char ret[64]); /* "board 13 (edge 12)" */
void board_answered(struct boards *b, struct board *board);
/* A request failed for good: counts, changes the state, notes.  Returns r and says why. */
int board_failed(struct boards *b, struct board *board, int r, const char *why,
		 struct rig_error *err);
/* The board is not what it was: -ESTALE until boards_ready() accepts it. */
int board_changed(struct boards *b, struct board *board, enum rig_note_kind kind, long edge,
		  struct rig_error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* Supply and watchdog, noted when they change: 0 or -EHOSTDOWN. */
int board_status(struct boards *b, struct board *board, uint16_t status, struct rig_error *err);
/* It is what it should be (again). */
void board_taken_up(struct boards *b, struct board *board);

/* ---- boards_ask.c: a request with its tries ---- */

int board_read(struct boards *b, struct board *board, uint16_t first, uint16_t n, uint16_t *ret,
	       struct rig_error *err);
int board_write(struct boards *b, struct board *board, uint16_t reg, uint16_t value,
		struct rig_error *err);
/* Written and read back. */
int board_set(struct boards *b, struct board *board, uint16_t reg, uint16_t value,
	      struct rig_error *err);

/* ---- boards_identity.c ---- */

/* Before anything is asked of it: a lost board is taken up, if it is time to ask it. */
int board_awake(struct boards *b, struct board *board, struct rig_error *err);
/* One read of all that a board is: takes it up anew where that is not as it should be.  -EHOSTDOWN for its supply. */
int board_check(struct boards *b, struct board *board, struct rig_error *err);
/* The boot counter or serial number as it was just read: 0 or -ESTALE.  Another boot counter may be another board's: its
 * serial number is asked for first. */
int board_booted(struct boards *b, struct board *board, uint16_t boots, struct rig_error *err);
int board_is_itself(struct boards *b, struct board *board, uint32_t serial, struct rig_error *err);
bool board_is_due(const struct board *board); /* not DOWN, or its back-off is over */

/* ---- boards_read.c ---- */

/* What a reading of BOARD_STEP shows: clock edges and taps against the last one.  stepped: *mismatch may be set. */
int board_compare(struct boards *b, struct board *board, const uint16_t *word, bool *mismatch,
		  struct rig_error *err);
void boards_plan_reading(struct boards *b); /* how long it takes, how many serial numbers */

/* ---- boards_mode.c ---- */

static inline uint16_t board_edge_register(size_t edge, enum board_edge_register which)
{
	return (uint16_t)(BOARD_EDGE + BOARD_EDGE_SIZE * edge + which);
}

/* As it should be now: held, an edge that learns holds. */
int board_write_modes(struct boards *b, struct board *board, bool held, struct rig_error *err);

#endif
