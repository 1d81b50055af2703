/* drivers/bench_impl.h - a bench: a card and boards joined into a rig; what its files share.
 *
 * bench.c          life, sessions, settings
 * bench_card.c     the card as a device that may be away
 * bench_wire.c     nodes, channels and relays
 * bench_drive.c    outputs and their slope
 * bench_interlock.c  power of each edge and current of each driven node, before a voltage is applied
 * bench_measure.c  inputs, and what was measured against what was commanded
 * bench_edges.c    ticks, taps, the check of directions
 * bench_settings.c taps, modes, capacitors and bias, written
 * bench_safe.c     safe volts, and what is done while nothing else is
 * bench_notes.c    notes, devices, the wait
 */
#ifndef DRIVERS_BENCH_IMPL_H
#define DRIVERS_BENCH_IMPL_H

#include "drivers/boards.h"
#include "drivers/daq.h"
#include "sim_backend/circuit.h"
#include "sim_backend/network.h"

#define BENCH_NOTES       64u
#define BENCH_METHOD_SIZE 512u

struct bench_output { /* an analogue output of the card, whatever it drives */
	struct daq_channel channel;
	double volts; /* as last written or read back; NAN: not known */
};

struct bench_node {     /* of one network */
	int output;     /* index into outputs; -1: none */
	bool connected; /* its relay as it was set last; true where it has none */
	unsigned streak;
	uint64_t bad_at; /* the last look at which it was beyond discrepancy_V */
};

struct bench_device { /* the card */
	struct rig_device row;
	int64_t retry_ns;
	double backoff_s;
};

/* What solves one network; made anew with the session and when an edge is cut or joined. */
struct bench_circuits {
	struct circuit *of[2]; /* [enum rig_side] */
};

struct bench_session {
	bool begun;
	uint32_t *sources, *targets;
	size_t n_sources, n_targets;
	/* the clamped network: sources and targets without a relay are always held, the others when clamped */
	uint32_t *held, *switched;
	size_t n_held, n_switched;
	struct bench_circuits circuits;
	bool clamped; /* the targets' relays are closed */
	uint64_t ticks;
	uint64_t *updated, *raised;   /* [n_edges] */
	uint64_t *compared, *against; /* [n_edges] */
	uint8_t *told;                /* [n_edges] its direction was alarmed */
};

struct bench {
	struct rig_config *config;
	int wake_fd;
	struct daq *card; /* NULL: away */
	struct boards *boards;
	struct bench_device device;
	struct rig_device *devices; /* [1 + boards] for rig_devices() */

	struct daq_wire *wire[2]; /* [n_nodes] as it is plugged now */
	struct bench_node *node[2];
	uint32_t *input_node[2]; /* [n_inputs] */
	struct daq_channel *input[2];
	size_t n_inputs[2];
	struct bench_output *output;
	size_t n_outputs;
	int bias; /* index of an output; -1: none */
	bool reads_back;
	bool live;         /* outputs may leave safe volts */
	bool armed;        /* between rig_begin() and rig_make_safe() */
	bool output_alarm; /* told, and not yet over */
	bool relays_known;

	/* scratch */
	double *wanted_V, *before_V, *from_V, *back_V; /* [n_outputs] */
	struct daq_volt *volts;
	struct daq_channel *channels;
	double *reading_V;               /* [most inputs] */
	struct daq_level *levels;        /* [2 n_nodes] */
	double *g, *solved_V, *driven_V; /* [n_edges], [2 n_nodes], [n_nodes] */

	/* time */
	int64_t tick_ns;    /* of the last active edge */
	int64_t written_ns; /* outputs */
	int64_t changed_ns; /* outputs or relays: settling counts from here */
	int64_t fed_ns;     /* every board heard something */
	double slope_s;     /* spent on staircases since begin */
	uint64_t slopes;
	double step_s;

	/* edges */
	uint8_t *taps, *updated, *raised, *mode; /* as last read; mode as set */
	uint8_t *cut, *lower;                    /* [n_edges] scratch */
	bool taps_known;
	unsigned unread; /* clock edges since the taps were read */
	unsigned untold; /* clock edges that boards_read() was not told of */
	double *noise_V; /* [n_edges] */
	int capacitor;   /* index in the boards' bank; -1: not known */
	double bias_V;   /* commanded; NAN: never */

	/* the step */
	bool in_step;
	uint64_t look; /* counts steps and looks while idle */
	unsigned flags, ticks;
	uint64_t since_read; /* steps */
	double *seen_V[2];   /* [n_nodes] NAN: not measured in this step */
	bool seen[2];

	struct bench_session session;
	char *method;

	struct rig_note note[BENCH_NOTES];
	unsigned note_first, n_notes, notes_lost;
};

static inline size_t bench_n_nodes(const struct bench *b)
{
	return b->config->network->n_nodes;
}

static inline size_t bench_n_edges(const struct bench *b)
{
	return b->config->network->n_edges;
}

/* ---- bench_notes.c ---- */

int64_t bench_now_ns(void *self);
/* Wakes at an interrupt with -EINTR; feeds the boards meanwhile. */
int bench_wait_until(void *self, int64_t when_ns, struct rig_error *err);
void bench_sleep_until(int64_t when_ns); /* not to be interrupted: short, or on the way to safety */
void bench_note(struct bench *b, const struct rig_note *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool bench_take_note(void *self, struct rig_note *ret);
size_t bench_devices(void *self, const struct rig_device **ret);
bool bench_board_down(const struct bench *b);
const char *bench_method(const void *self);

/* ---- bench_card.c ---- */

int bench_card_open(struct bench *b, struct rig_error *err); /* a card that is away is no error */
void bench_card_retry(struct bench *b);
int bench_card_need(struct bench *b, struct rig_error *err); /* -ENODEV while it is away */
/* What a call of the card gave: keeps its state, and passes it on. */
int bench_card_told(struct bench *b, int r, const struct rig_error *err);

/* ---- bench_wire.c ---- */

void bench_index(struct bench *b); /* wire to outputs, nodes and inputs */
int bench_check_wiring(const struct bench *b, const struct rig_session *session,
		       struct rig_error *err);
bool bench_has_relay(const struct bench *b, enum rig_side side, uint32_t node);
/* By role: a source is connected, a target in the clamped network while it is clamped, nothing else is. */
int bench_set_relays(struct bench *b, struct rig_error *err);
int bench_wire(void *self, const struct rig_wiring *wiring, struct rig_error *err);
int bench_wired(void *self, struct rig_wiring *ret);

/* ---- bench_drive.c ---- */

enum bench_wait { BENCH_HURRY, BENCH_INTERRUPTIBLE };

/* Outputs to wanted_V [n_outputs] (NAN: as it is) by a staircase that takes least_s and keeps the slope.  Checks nothing but
 * the limits: bench_allow() comes first.  Reads back. */
int bench_move(struct bench *b, const double *wanted_V, double least_s, enum bench_wait how,
	       struct rig_error *err);
int bench_read_back(struct bench *b, struct rig_error *err); /* against what was written */
void bench_tell_output(struct bench *b, bool over, const char *text);
int bench_learn_outputs(struct bench *b, struct rig_error *err);
/* Boards asked and released, relays set, the bias where it is to be: from here on outputs may leave safe volts. */
int64_t bench_feed_ns(const struct bench *b); /* the boards are asked at least so often */
int bench_wake(struct bench *b, struct rig_error *err);
int bench_to_safe_volts(struct bench *b, enum bench_wait how, struct rig_error *err);
bool bench_is_at_safe_volts(const struct bench *b);
bool bench_nodes_are_safe(const struct bench *b);
/* Around what is done at safe volts alone: to them, and back to where outputs were. */
int bench_leave(struct bench *b, struct rig_error *err);
int bench_return(struct bench *b, struct rig_error *err);
int bench_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err);
int bench_clamp(void *self, const double *volts, size_t n, struct rig_error *err);

/* ---- bench_interlock.c ---- */

int bench_circuits_new(struct bench *b, const struct bench_session *s, struct bench_circuits *ret,
		       struct rig_error *err);
void bench_circuits_free(struct bench_circuits *c);
/* May outputs be at output_V, with the targets' relays closed or not?  -ERANGE with edge or node, value and limit. */
int bench_allow(struct bench *b, const double *output_V, bool clamped, struct rig_error *err);
/* Without solving: outputs as they are, no tap below these. */
bool bench_is_clear(struct bench *b, const uint8_t *taps);
/* The same as bench_allow() with other taps than those of the boards. */
int bench_allow_taps(struct bench *b, const uint8_t *taps, const double *output_V, bool clamped,
		     struct rig_error *err);

/* ---- bench_measure.c ---- */

int bench_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V,
		  struct rig_error *err);
int bench_look(struct bench *b, enum rig_side side, struct rig_error *err); /* while idle */
int bench_channel_write(void *self, struct daq_channel output, double volts, struct rig_error *err);
int bench_channels_read(void *self, const struct daq_channel *inputs, size_t n, double settle_s,
			double *ret_V, struct rig_error *err);
int bench_set_gains(void *self, const struct daq_gain *gain, size_t n, struct rig_error *err);

/* ---- bench_edges.c ---- */

int bench_mark_step(void *self, uint64_t step, struct rig_error *err);
void bench_stamps(void *self, int64_t *ret_written_ns, int64_t *ret_tick_ns);
unsigned bench_step_flags(void *self);
int bench_tick(void *self, struct rig_error *err);
int bench_refresh(struct bench *b, struct rig_error *err); /* taps from the boards, now */
int bench_read_edges(void *self, struct rig_edges *ret, struct rig_error *err);
uint64_t bench_read_every(const struct bench *b); /* steps */
void bench_updates(void *self, struct rig_updates *ret);
int bench_directions(void *self, struct rig_directions *ret, struct rig_error *err);
void bench_end_directions(struct bench *b);
int bench_set_noise(void *self, const double *noise_V, struct rig_error *err);

/* ---- bench_settings.c ---- */

int bench_write_edges(void *self, const uint8_t *wiper, struct rig_error *err);
int bench_home(void *self, struct rig_error *err);
int bench_set_edge_mode(void *self, size_t edge, enum rig_edge_mode mode, struct rig_error *err);
int bench_set_update(void *self, double p, double bias_V, struct rig_error *err);
int bench_bias(void *self, double *ret_V, struct rig_error *err);
int bench_set_capacitance(void *self, double farad, struct rig_error *err);

/* ---- bench_safe.c ---- */

enum rig_safe bench_make_safe(void *self);
int bench_rest_clock(struct bench *b, struct rig_error *err);
int bench_idle(void *self, struct rig_error *err);

#endif
