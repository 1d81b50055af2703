/* drivers/rig.h - the seam between the supervisor and a rig, real or simulated.
 *
 * A rig is a pair of identical networks of variable resistors, one free and one
 * clamped, with the means to drive nodes, to measure them and to tick the clock at
 * which every edge moves its own wiper.  The daemon never computes an update.
 *
 * Only volts, ohms, farads and seconds cross this seam.  Counts, finiteness and limits
 * are checked here, once, on the way in: a value outside is refused, never clamped.
 *
 * Every call returns 0 or -errno; the sentence that goes with it is rig_error(rig)->text.
 *   -EINVAL    a wrong count, a node or an edge that does not exist, a value that is not finite
 *   -ERANGE    outside a limit
 *   -ENOTCONN  nodes that matter have no path to a held node; the text names them
 *   -ENOTSUP   this rig cannot do that
 *   -EPERM     called before rig_begin()
 *   -EDOM      the numbers run away: an unstable learning rate; nothing has moved
 *   -EINTR     rig_interrupt() was called
 *   -EIO, -ETIMEDOUT, -ENODEV   a device failed; the text names it
 *   -EHOSTDOWN  an interlock: nothing leaves safe volts, or nothing more may be driven; the text says why
 *
 * One thread uses a rig (rig_interrupt() excepted).  Arrays belong to the caller.
 */
#ifndef DRIVERS_RIG_H
#define DRIVERS_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig_config.h"

struct rig;

enum rig_side { RIG_FREE, RIG_CLAMPED };
enum rig_edge_mode { RIG_LEARN, RIG_HOLD, RIG_CUT };
enum rig_safe { RIG_SAFE_CONFIRMED, RIG_SAFE_COMMANDED, RIG_SAFE_UNKNOWN };

struct rig_error {
	char text[256];         /* names the culprit, its value and the limit */
	long node, edge;        /* -1: not about one */
	double value, min, max; /* NAN where they do not apply */
};

/* What this rig is and can do; constant from open to close. */
struct rig_info {
	const char *name;    /* of the rig file */
	const char *backend; /* "sim", "bench" */
	size_t n_nodes, n_edges;
	const struct network *network;
	struct rig_edge_config edge;
	struct rig_limits limits;
	const double *capacitance_F; /* [n_capacitance] */
	size_t n_capacitance;
	double r0_ohm;
	double min_step_s;   /* a shorter step period is refused; 0: any */
	bool real_time;      /* settle() takes real seconds */
	bool whole_step;     /* rig_step() is there */
	bool batch_evaluate; /* rig_evaluate() is there */
	bool continuous;     /* edges have any R and no taps (rules continuous, overdamped) */
	bool overdamped; /* learning goes on in time, at the rate of rig_set_alpha(); gamma is 1 / s */
	bool batches;    /* rig_step() takes more than one example */
	double alpha_per_s; /* overdamped: until rig_set_alpha(); else NAN */
	bool targets_held; /* rig_clamp(rig, NULL, 0) may leave targets driven where they were: a bench without relays */
	bool interlocks;     /* power and current are refused, not only predicted */
	bool pause_on_fault; /* a lost device pauses a run instead of failing it */
	bool bias;           /* p is made by a bias voltage: rig_set_update() wants one */
	double bias_always_V, bias_never_V; /* its rails: every edge, no edge updates */
	const struct rig_bias_point
		*bias_point; /* [n_bias] the rig file's own curve; none: a calibration is wanted */
	size_t n_bias;
	bool patch; /* an operator can plug nodes elsewhere: rig_wire() */
};

enum rig_device_state { RIG_DEVICE_UP, RIG_DEVICE_DEGRADED, RIG_DEVICE_DOWN };

/* A card, a bus or a board, as it was at the last call. */
struct rig_device {
	char name[64]; /* "card /dev/comedi0", "board 3" */
	enum rig_device_state state;
	int64_t since_ns; /* the rig's clock */
	uint64_t requests, retries, failures;
	uint32_t serial, boots; /* boards; else 0 */
	char text[160];         /* why it is not up; "" */
};

enum rig_note_kind {
	RIG_NOTE_DEVICE,      /* a device changed its state */
	RIG_NOTE_DISCREPANCY, /* measured minus commanded beyond discrepancy_V */
	RIG_NOTE_TICK,        /* a board counted another number of clock edges than were made */
	RIG_NOTE_BOOT,        /* a board was power-cycled: its wipers are at midscale */
	RIG_NOTE_IDENTITY,    /* another board answers at this address */
	RIG_NOTE_DIRECTION,   /* an edge moves against the sign of its own comparison too often */
	RIG_NOTE_SUPPLY,      /* a board's supply is out of range, or its watchdog has tripped */
	RIG_NOTE_OUTPUT,      /* read back other than commanded */
};

/* Something that the rig noticed by itself, for the log, the events and the alarms. */
struct rig_note {
	enum rig_note_kind kind;
	bool alarm;             /* people should look */
	bool over;              /* it is well again */
	long node, edge, board; /* -1: not about one */
	char text[240];
};

/* Which channels drive and measure a node (rig_wire): `sources` need one output for both networks, `targets` one for the
 * clamped network, `measured` one input for each network. */
struct rig_wiring {
	const struct daq_wire *wire[2]; /* [enum rig_side][n_nodes] */
};

/* Which nodes the arrays of the following calls mean. */
struct rig_session {
	const uint32_t *sources; /* driven in both networks */
	size_t n_sources;
	const uint32_t *targets; /* clamped in the clamped network; may be none */
	size_t n_targets;
	const uint32_t *measured; /* the order of rig_record's voltages */
	size_t n_measured;
	uint64_t seed; /* every draw is a pure function of (seed, step, tick, edge or node) */
	double step_s; /* the step period to come, so that a bench knows how often it can read the taps; 0: not known */
};

/* One learning step that the rig makes by itself: apply, measure the free network, clamp to
 * V_C = V_F + eta (V_D - V_F) [Wycoff 2022, eq. 1], tick, read the edges. */
struct rig_request {
	uint64_t step;
	size_t n_examples; /* 1; more: a batch, whose differences are summed before the update [Wycoff 2022, eq. 7] */
	const double *source_V; /* [n_examples][n_sources] commanded */
	const double *target_V; /* [n_examples][n_targets] desired, V_D */
	double eta;             /* 0 < eta <= 1 */
	double settle_s;        /* waited before each measurement */
	double hold_s; /* waited between the clamp and its measurement and tick: tau / 2 with capacitors */
	double flow_s;  /* overdamped: both networks learn for so long after the free measurement */
	unsigned ticks; /* clock edges; 0: shown and measured only */
	bool clamp;     /* false: the clamped network's targets float too */
};

/* rig_record.flags, and rig_step_flags() of a step by hand */
#define RIG_CLAMP_LIMITED 1u /* a V_C was set to a limit (measure_slack_V) */
#define RIG_DISCREPANCY   2u /* measured minus commanded beyond discrepancy_V */
#define RIG_WIPER_UNREAD                                                                           \
	4u /* the boards were not read after this step's tick: wiper and updated mean nothing */
#define RIG_TICK_MISMATCH 8u /* a board counted another number of clock edges */

struct rig_record {            /* the arrays are the caller's */
	double *free_V;        /* [n_measured]; NAN for a node that floats */
	double *clamped_V;     /* [n_measured] */
	double *target_free_V; /* [n_targets] the V_F that the clamp was made from */
	double *clamp_V;       /* [n_targets] commanded; equals V_F when not clamped */
	uint8_t *wiper;        /* [n_edges] tap after the last tick */
	uint8_t *
		updated; /* [(n_edges + 7) / 8] bit mask: sat not out at the last tick; edge 0 is bit 0 */
	uint8_t *raised; /* the same shape: decided up; may be NULL */
	double *r_ohm; /* [n_edges] after the last tick, where info says continuous; may be NULL */
	double *equilibrium_V; /* [n_targets] where the free targets would come to rest with the R and sources at the
				  free measurement; may be NULL */
	double *batch_mse_V2; /* [n_examples] mean square of V_D - V_F over targets; may be NULL */
	int64_t apply_ns, free_ns, clamped_ns, tick_ns; /* the rig's clock */
	unsigned flags;
};

struct rig_edges {                 /* the arrays are the caller's; any may be NULL */
	uint8_t *wiper;            /* [n_edges] */
	uint8_t *updated, *raised; /* bit masks, of the last tick */
	uint8_t *mode;             /* [n_edges] enum rig_edge_mode */
	double *r_ohm;             /* [n_edges] as the taps or the continuous rule have it */
	bool now; /* false: in a step, where a bench may leave the boards unread (RIG_WIPER_UNREAD) */
};

/* ---- life ---- */

/* Opens the backend named by config->backend.  On failure *err says why and *ret is untouched. */
int rig_open(const struct rig_config *config, struct rig **ret, struct rig_error *err);
void rig_close(struct rig *rig); /* does not make safe; accepts NULL */
const struct rig_info *rig_info(const struct rig *rig);
const struct rig_error *rig_error(const struct rig *rig); /* of the last call that failed */

/* Names the sources, targets and measured nodes, builds what solving or wiring needs, and
 * refuses floating targets.  Wipers and edge modes stay as they are. */
int rig_begin(struct rig *rig, const struct rig_session *session);

/* Nodes with no path to a source over edges that are not cut: they read NAN.  Valid from
 * rig_begin() to the next rig_begin() or rig_set_edge_mode(). */
size_t rig_floating(const struct rig *rig, const uint32_t **nodes);

/* After rig_begin(): what solves the circuit, why, and the memory it takes, for the log; "" where nothing does. */
const char *rig_method(const struct rig *rig);
/* In what a run's summary keeps about the rig's own doings since rig_begin(): ticks seen, and by edge how often it updated;
 * [n_edges] counts, NULL where the rig does not count.  Sums of products [n_edges][n_edges] of the update masks, for
 * their Pearson correlations; NULL above 512 edges. */
struct rig_updates {
	uint64_t ticks;
	const uint64_t *updated;
	const uint64_t *together;
};
int rig_updates(struct rig *rig, struct rig_updates *ret); /* -ENOTSUP */

/* Of each edge whose ends are both measured: how often the sign of |dV_C| - |dV_F| stood beyond 3 rms of its comparator's
 * noise since rig_begin(), and how often it moved the other way.  [n_edges] each; -ENOTSUP. */
struct rig_directions {
	const uint64_t *compared, *against;
};
int rig_directions(struct rig *rig, struct rig_directions *ret);

/* ---- what it is made of, and what it noticed ---- */

size_t rig_devices(struct rig *rig,
		   const struct rig_device **ret); /* valid until the next call; 0 of a simulator */
bool rig_take_note(struct rig *rig, struct rig_note *ret); /* oldest first; false: none left */
unsigned rig_step_flags(struct rig *rig); /* of what was done since rig_mark_step() */

/* ---- time: belongs to the rig; a bench sleeps, a simulator advances ---- */

int64_t rig_now_ns(struct rig *rig);                  /* monotonic */
int rig_settle(struct rig *rig, double seconds);      /* the only sleep; -EINTR when interrupted */
int rig_wait_until(struct rig *rig, int64_t when_ns); /* the same, absolute; at once if past */

/* When an output was last written and when the clock's last active edge was, as the card stamped them; a simulator's are
 * now. */
void rig_stamps(struct rig *rig, int64_t *ret_written_ns, int64_t *ret_tick_ns);

/* From any thread, async-signal-safe: a wait in progress and all later ones return -EINTR until
 * rig_clear_interrupt() is called by the rig's own thread. */
void rig_interrupt(struct rig *rig);
void rig_clear_interrupt(struct rig *rig);

/* ---- one step by hand ---- */

int rig_mark_step(struct rig *rig, uint64_t step); /* the step that follows; keys the draws */
int rig_drive(struct rig *rig, enum rig_side side, const double *volts, size_t n);
int rig_clamp(struct rig *rig, const double *volts, size_t n); /* n_targets, or 0: let them float */
int rig_measure(struct rig *rig, enum rig_side side, const uint32_t *nodes, size_t n,
		double *ret_V);
int rig_tick(struct rig *rig);
int rig_read_edges(struct rig *rig, struct rig_edges *ret);

/* V_C from V_F and V_D, with the one exception to "never clamp" (measure_slack_V, sets
 * RIG_CLAMP_LIMITED in *flags); -ERANGE further outside.  Pure: writes no output. */
int rig_nudge(struct rig *rig, double eta, const double *free_V, const double *target_V, size_t n,
	      double *ret_V, unsigned *flags);

/* ---- the same at once, where info says so ---- */

int rig_step(struct rig *rig, const struct rig_request *request, struct rig_record *ret);
/* Free responses of the targets: source_V [n][n_sources] -> ret_V [n][n_targets].  Moves no wiper. */
int rig_evaluate(struct rig *rig, size_t n, const double *source_V, double *ret_V);

/* ---- settings ---- */

/* How many edges update on a tick: p 0 .. 1, and the bias voltage that a bench makes it with (NAN: none).  A rig
 * uses the one it has. */
int rig_set_update(struct rig *rig, double p, double bias_V);
/* The bias voltage as it is read back; -ENOTSUP where there is none or it cannot be read. */
int rig_bias(struct rig *rig, double *ret_V);
/* Beside every edge: of the bank exactly, else -ERANGE; -ENOTSUP with a sentence where the rig cannot.  Nodes keep their
 * voltages.  After rig_begin() the first drive of a network finds it at rest; later ones move it as the capacitors
 * divide, and it relaxes while the rig's clock goes on [Stern 2021, Dillavou 2022]. */
int rig_set_capacitance(struct rig *rig, double farad);
int rig_write_edges(struct rig *rig, const uint8_t *wiper, size_t n);
int rig_write_resistances(struct rig *rig, const double *r_ohm,
			  size_t n);                    /* continuous only, else -ENOTSUP */
int rig_set_alpha(struct rig *rig, double alpha_per_s); /* overdamped only, else -ENOTSUP */
int rig_set_edge_mode(struct rig *rig, size_t edge, enum rig_edge_mode mode);
int rig_home(struct rig *rig);                         /* every edge to initial_tap */
int rig_set_step_time(struct rig *rig, double step_s); /* as in rig_session, when it changes */
/* An operator has plugged nodes elsewhere: this is how it is now.  At safe volts, before rig_begin(); -ENOTSUP. */
int rig_wire(struct rig *rig, const struct rig_wiring *wiring);
int rig_wired(struct rig *rig,
	      struct rig_wiring *ret); /* as it is; borrowed until rig_wire(); -ENOTSUP */

/* ---- calibration: channels of the card by themselves, all others as they are; -ENOTSUP of a simulator ---- */

/* Nominal volts, as the card's own ranges say; within the limits, like every output.  Not between rig_begin() and
 * rig_make_safe(). */
int rig_channel_write(struct rig *rig, struct daq_channel output, double volts);
/* In the order given, settle_s after the call, averaged as the rig file says; true volts by the gains in use. */
int rig_channels_read(struct rig *rig, const struct daq_channel *inputs, size_t n, double settle_s,
		      double *ret_V);
int rig_set_gains(struct rig *rig, const struct daq_gain *gain,
		  size_t n); /* from now on; replaces all */
/* rms of each comparator [n_edges], for rig_directions() */
int rig_set_noise(struct rig *rig, const double *noise_V, size_t n);

/* ---- safety ---- */

/* Boards on hold first, then every output to safe volts by the ramp, the clock at its idle level; tries every output even
 * after a failure.  Ends the session's right to drive: the next rig_drive() asks the boards anew. */
enum rig_safe rig_make_safe(struct rig *rig);
/* At least every 0.5 s while nothing else is called: feeds watchdogs, checks interlocks, brings lost devices back. */
int rig_idle(struct rig *rig);
/* Any thread: a count that moves with each wait, measurement, step or rig_idle() that has ended, well or not. */
uint64_t rig_activity(const struct rig *rig);

/* ---- looking at a card without a rig file ---- */

/* What the card has and a skeleton of a rig file for it, as text that the caller frees.  device: DEVICE, or
 * DEVICE,DIGITAL_DEVICE where the digital lines are of another.  Writes nothing to it.  0 or -errno and *err. */
int rig_probe(const char *driver, const char *device, char **ret_text, struct rig_error *err);

#endif
