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

enum sim_rule { SIM_DISCRETE };
enum sim_comparator { SIM_EQ10, SIM_XOR, SIM_XOR_CLAMPED }; /* PHYSICS: equations 4 and 5 */
enum sim_drawn { SIM_DRAWN_EACH, SIM_DRAWN_EDGE };
enum sim_clock { SIM_VIRTUAL, SIM_REAL };

struct sim_config {
	enum sim_rule rule;
	enum sim_comparator comparator;
	double bias_V[2];          /* sigma, uniform on [bias_V[0], bias_V[1]] */
	enum sim_drawn drawn;      /* a new sigma at each comparison, or one for each edge's life */
	double comparator_noise_V; /* rms, added to sigma at each comparison */
	double measure_noise_V;    /* rms, of each voltage read */
	int daq_bits;         /* 0: ideal; else readings are rounded to (max_V - min_V) / 2^bits */
	double r_tolerance;   /* relative rms spread of R between edges (both twins alike) */
	double twin_mismatch; /* relative rms spread of R between the twins of an edge */
	double twin_source_offset_V; /* clamped network's sources minus the free network's */
	enum sim_clock clock;
	uint64_t seed; /* of what is fixed in the rig: tolerances, biases by edge */
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
	double safe_V;
	double safe_ramp_s;
	struct sim_config sim;
};

void rig_config_free(struct rig_config *config); /* accepts NULL */

#endif
