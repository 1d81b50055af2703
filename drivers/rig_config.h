/* drivers/rig_config.h - what a rig is told when it is opened: plain data.
 *
 * The daemon makes it from a rig file (daemon/rig_file.c); rig_open() copies what
 * it keeps.  All values are SI: volts, ohms, farads, seconds, watts, amperes.
 */
#ifndef DRIVERS_RIG_CONFIG_H
#define DRIVERS_RIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct network;

/* The variable resistor of an edge: R = r_min_ohm + tap * r_step_ohm, tap 0 .. taps - 1.
 * The AD5220 of the papers' bench: 128 taps, 781.25 ohm each, 50 kohm at tap 63. */
struct rig_edge_config {
	int taps; /* 2 .. 256 */
	double r_step_ohm;
	double r_min_ohm;
	int initial_tap; /* after power-on and after homing */
};

/* Limits reject, they never clamp.  "none" in the rig file is an infinity here. */
struct rig_limits {
	double min_V, max_V; /* any commanded voltage */
	double slew_V_per_s;
	double edge_power_W;     /* of one resistor */
	double source_current_A; /* out of one driven node, one network */
	double discrepancy_V;    /* measured minus commanded */
	double measure_slack_V; /* a V_C so little outside the limits is set to the limit, and flagged */
	char where[96];         /* "bench16.yaml:41", for messages; "" if not from a file */
};

enum sim_rule {
	SIM_DISCRETE,   /* taps, equation 10 [Wycoff 2022] or the circuit [Dillavou 2022] */
	SIM_CONTINUOUS, /* dR = gamma / R^2 (dV_C^2 - dV_F^2), equation 3 [Wycoff 2022] */
	SIM_OVERDAMPED, /* equation 3 [Stern 2021]: voltages and conductances move in time */
};
enum sim_comparator { SIM_EQ10, SIM_XOR, SIM_XOR_CLAMPED }; /* PHYSICS: equations 4 and 5 */
enum sim_drawn { SIM_DRAWN_EACH, SIM_DRAWN_EDGE };
enum sim_update {
	SIM_BERNOULLI,   /* each edge with probability p */
	SIM_FRACTION,    /* exactly round(p n) of the n edges that learn, drawn anew at each tick */
	SIM_OSCILLATORS, /* a triangle wave for each edge against the global bias voltage */
};
enum sim_clock { SIM_VIRTUAL, SIM_REAL };
enum sim_solver { SIM_AUTO, SIM_STATIC, SIM_SIMPLICIAL, SIM_SUPERNODAL, SIM_PCG };

/* A triangle wave between the rig's bias.always_V and never_V: an edge updates when its wave is at or above the
 * bias voltage at the tick. */
struct sim_oscillators {
	double period_s; /* mean */
	double spread;   /* relative, uniform on [1 - spread, 1 + spread]; phases are uniform */
};

enum sim_fault_kind {
	SIM_EDGE_STUCK, /* edge: its wipers stay where they are, whatever its board decides and counts */
	SIM_EDGE_DEAF,    /* edge: sits every tick out */
	SIM_EDGE_CUT,     /* edge: open, and nobody was told */
	SIM_TICK_MISSED,  /* all edges (or `edge`) sit this step's tick out */
	SIM_TICK_DOUBLE,  /* all edges (or `edge`) see each clock edge of the step twice */
	SIM_BIAS_DRIFT,   /* value: volts a step that every comparator's bias grows by */
	SIM_DAQ_SETTLING, /* value: time constant in s with which a reading approaches the voltage */
	SIM_TWIN_RESISTOR,  /* edge, value: factor on the clamped twin's R */
	SIM_TWIN_SOURCE,    /* node, value: volts added to the clamped network's source */
	SIM_COUNTERS_APART, /* edge, value: taps that the clamped twin is off by */
	SIM_WIRE_OFF,       /* node: a source or clamp no longer reaches it, in both networks */
	SIM_SOURCE_SAG,     /* node, value: internal resistance in ohm of what drives it */
};

struct sim_fault {
	uint64_t at_step; /* from before this step on */
	uint64_t steps;   /* for so many; 0: until the end */
	enum sim_fault_kind kind;
	long edge, node; /* -1: none given */
	double value;    /* NAN: none given */
};

struct sim_config {
	enum sim_rule rule;
	double learning_rate; /* CONTINUOUS: gamma, ohm^3/V^2; OVERDAMPED: alpha, at gamma = 1; NAN: none given */
	bool clip;              /* OVERDAMPED: dg/dt >= -g, as the published code has it */
	double tolerance;       /* OVERDAMPED: relative, of the integrator */
	double r_bounds_ohm[2]; /* CONTINUOUS: R stays within; NAN: the edge's range of taps */
	double r_initial_ohm; /* CONTINUOUS, OVERDAMPED: of every edge after homing; NAN: that of initial_tap */
	enum sim_comparator comparator;
	double bias_V[2];          /* sigma, uniform on [bias_V[0], bias_V[1]] */
	enum sim_drawn drawn;      /* a new sigma at each comparison, or one for each edge's life */
	double comparator_noise_V; /* rms, added to sigma at each comparison */
	double measure_noise_V;    /* rms, of each voltage read */
	enum sim_update update;
	struct sim_oscillators oscillators;
	int daq_bits;         /* 0: ideal; else readings are rounded to (max_V - min_V) / 2^bits */
	double r_tolerance;   /* relative rms spread of R between edges (both twins alike) */
	double twin_mismatch; /* relative rms spread of R between the twins of an edge */
	double twin_source_offset_V; /* clamped network's sources minus the free network's */
	enum sim_clock clock;
	enum sim_solver solver;
	double pcg_tolerance;    /* relative residual at which the conjugate gradients stop */
	double memory_B;         /* no network may need more; NAN: what the machine has free */
	struct sim_fault *fault; /* [n_faults], ascending at_step; owned by rig_config */
	size_t n_faults;
	uint64_t seed; /* of what is fixed in the rig: tolerances, biases by edge, oscillators */
};

/* ---- the bench: a card and boards ---- */

enum daq_kind {
	DAQ_NONE, /* not wired */
	DAQ_AO,   /* "ao3": channel 3 of the first subdevice of that kind */
	DAQ_AI,
	DAQ_DIO,
	DAQ_DO,
};

struct daq_channel {
	enum daq_kind kind;
	unsigned number;
};

/* One node of one network, as it is wired to the card. */
struct daq_wire {
	struct daq_channel drive;   /* AO; the same in both networks where one output drives both */
	struct daq_channel relay;   /* DIO, DO: high connects `drive`; none: always connected */
	struct daq_channel measure; /* AI */
};

/* True volts of a channel: gain * nominal + offset_V, nominal being what the card's own ranges say. */
struct daq_gain {
	struct daq_channel channel;
	double gain, offset_V;
};

struct daq_clock {
	struct daq_channel line; /* DIO, DO */
	bool idle_high,
		active_falling; /* idle level; the edge at which boards step: never the pulse's end */
	double pulse_s;
	double done_s; /* waited after the pulse: debouncer, latch and move */
};

struct daq_config {
	char driver[16]; /* "comedi", "loopback" */
	char device[108];
	char digital_device[108]; /* of DIO and DO lines; "": the same device */
	double settle_s;          /* waited before a measurement */
	unsigned average, discard;
	struct daq_wire *wire[2]; /* [enum rig_side][n_nodes]; owned by rig_config */
	bool patch;               /* an operator can plug outputs and inputs elsewhere (rig_wire) */
	struct daq_channel bias;  /* AO */
	double relay_s;           /* a relay's time to switch */
	struct daq_clock clock;
	struct daq_gain *gain; /* [n_gain]; owned by rig_config */
	size_t n_gain;
};

enum boards_driver { BOARDS_RTU, BOARDS_TCP };

struct boards_config {
	enum boards_driver driver;
	char (*device)
		[108]; /* [n_devices] RTU: one serial device; TCP: HOST:PORT, one of all or one of each board */
	size_t n_devices;
	unsigned baud;
	uint8_t *address; /* [n_boards] 1 .. 247; board i carries edges i * edges_per_board ... */
	uint32_t *serial; /* [n_boards] 0: whoever answers first at that address */
	size_t n_boards;
	unsigned edges_per_board; /* 1 .. 16; the last board may carry fewer */
	double reply_timeout_s;
	unsigned tries;
	double watchdog_s; /* 0: off */
	unsigned
		read_every; /* steps between two readings of the taps; 0: as often as the wire allows */
	double noise_V; /* rms of a comparator, for the check of directions, until it is calibrated */
};

/* On the bench p is made by a bias voltage, through this curve: ascending volts, p not rising or not falling. */
struct rig_bias_point {
	double bias_V, p;
};

struct rig_config {
	char name[64];
	char backend[16];        /* "sim"; "bench" */
	struct network *network; /* owned by this struct (rig_config_free) */
	struct rig_edge_config edge;
	struct rig_limits limits;
	double *capacitance_F; /* the bank, ascending, [0] is 0 */
	size_t n_capacitance;
	double r0_ohm; /* relaxation rate = 1 / (r0_ohm * capacitance) */
	double bias_always_V,
		bias_never_V; /* rails of the global bias voltage: every edge, no edge updates */
	struct rig_bias_point *bias; /* [n_bias] of the rig file; none: by the stored calibration */
	size_t n_bias;
	double safe_V;
	double safe_ramp_s;
	bool bipolar; /* the bank's capacitors bear either sign; if not, a bench switches none on */
	double discharge_s;    /* at safe volts before capacitors are switched */
	bool pause_on_fault;   /* a lost device pauses a run (made safe); else it fails */
	struct sim_config sim; /* backend "bench": what nudge-benchd plays */
	struct daq_config daq; /* backend "bench" */
	struct boards_config boards;
};

/* "ao3", "ai0", "dio12", "do0".  0, or -EINVAL. */
int daq_channel_parse(const char *name, struct daq_channel *ret);
const char *daq_channel_name(struct daq_channel channel, char ret[16]); /* ret; "-" for none */

int rig_config_copy(const struct rig_config *config,
		    struct rig_config **ret);    /* deep; 0, -ENOMEM */
void rig_config_free(struct rig_config *config); /* accepts NULL */

#endif
