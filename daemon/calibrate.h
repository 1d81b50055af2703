/* daemon/calibrate.h - calibrations as runs: a state machine on the rig's thread, one measurement at a time.
 *
 * The main thread numbers it and hands it over (request_calibrate.c); calibrate.c opens its row, saves taps and settings,
 * calls the kind's step() in slices, puts everything back, and stores the result with the reply.  Between two slices the
 * rig's thread takes commands: an abort ends it at once.
 */
#ifndef DAEMON_CALIBRATE_H
#define DAEMON_CALIBRATE_H

#include "daemon/runner.h"

struct calibrate;

struct calibrate_kind {
	const char *name; /* "p": of the method calibrate.p, and `kind` of its row */
	/* Can this rig do that, with these params?  Pure; any thread.  0, or -1 and *p. */
	int (*check)(const struct rig_info *info, const json_t *params, struct problem *p);
	/* Memory and plan, no volt; c->total: of its points.  0, or -1 and *p. */
	int (*begin)(struct runner *r, struct calibrate *c, struct problem *p);
	/* One small piece; may ask for a wait (calibrate_wait).  1: that was the last; 0; -errno of the rig, -ENOBUFS. */
	int (*step)(struct runner *r, struct calibrate *c);
	/* The members of the result, into *values. */
	void (*result)(struct runner *r, struct calibrate *c, json_t *values);
	void (*end)(struct calibrate *c); /* frees c->work; also after a begin that failed */
};

extern const struct calibrate_kind calibrate_p, calibrate_relaxation, calibrate_edges,
	calibrate_daq, calibrate_settle;
const struct calibrate_kind *calibrate_kind_find(const char *name); /* "p"; NULL: unknown */

enum {                       /* what a node's wires allow */
       CALIBRATE_SOURCE = 1, /* driven in both networks */
       CALIBRATE_TARGET = 2, /* driven in the clamped network, floating in the free one */
       CALIBRATE_HELD = 4,   /* no relay: it is one of them, whether it is wanted or not */
};

/* Which nodes it drives and measures. */
struct calibrate_nodes {
	uint32_t *sources, *targets, *measured;
	size_t n_sources, n_targets, n_measured;
	uint8_t *may;  /* [n_nodes] CALIBRATE_* */
	double *volts; /* [n_nodes] room for commands */
};

struct calibrate {
	const struct calibrate_kind *kind;
	uint64_t number, token, seed;
	char who[64];
	json_t *params; /* with defaults */
	json_t *warnings;
	struct change *change; /* the sender's: gets the result; NULL: nobody waits */
	size_t done, total;    /* points */
	uint64_t ticks;        /* numbers the steps, which key the rig's draws */
	int64_t next_ns;       /* nothing happens before, on the rig's clock */
	int64_t told_ns;       /* of the last progress, CLOCK_MONOTONIC */
	char why[200];         /* why step() failed, where the rig does not say it */
	uint8_t *wiper;        /* [n_edges] before */
	double *r_ohm;         /* [n_edges] before, where edges have no taps */
	struct calibrate_nodes nodes;
	void *work; /* the kind's own */
};

/* ---- calibrate.c ---- */

/* Takes over what the command carries: change, and json {number, method, params, seed, row {...}}. */
void calibrate_begin(struct runner *r, struct rig_command *command);
void calibrate_go(struct runner *r);       /* a slice */
double calibrate_wait_s(struct runner *r); /* until calibrate_go() has something to do */
/* Ends it before its time: the rig was made safe.  Puts taps and settings back. */
void calibrate_break_off(struct runner *r, const char *status, const char *reason, bool hold_queue);
/* What commands may do meanwhile: 0, or -1 and *p. */
int calibrate_may(const struct runner *r, const struct rig_command *command, struct problem *p);

/* ---- for the kinds ---- */

void calibrate_wait(struct runner *r, struct calibrate *c, double seconds); /* from now */
void calibrate_progress(struct runner *r, struct calibrate *c);             /* a point is done */
void calibrate_warn(struct calibrate *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
double calibrate_real(const struct calibrate *c, const char *name, double fallback);
double calibrate_settle_s(const struct runner *r); /* of the rig's card */
double calibrate_safe_V(const struct runner *r);

/* ---- calibrate_nodes.c ---- */

/* What each node may be, as the rig is wired (everything, of one without wires), and the fewest that can be driven: those
 * that are held anyway, and one source. */
int calibrate_nodes_wired(struct runner *r, struct calibrate *c);
int calibrate_nodes_begin(struct runner *r,
			  struct calibrate *c); /* a session of them: 0 or -errno */
/* Both networks' sources at these volts [n_sources]; targets float. */
int calibrate_drive(struct runner *r, struct calibrate *c, const double *volts);
int calibrate_drive_safe(struct runner *r, struct calibrate *c);
void calibrate_nodes_clear(struct calibrate_nodes *nodes);

#endif
