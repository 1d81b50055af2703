/* sim_backend/benchd/world_impl.h - what the files of the world share: world.c (card), world_volts.c (Kirchhoff and charge),
 * world_tick.c (clock edges), world_boards.c (registers), world_faults.c (what is wrong).
 */
#ifndef SIM_BACKEND_BENCHD_WORLD_IMPL_H
#define SIM_BACKEND_BENCHD_WORLD_IMPL_H

#include "drivers/board_registers.h"
#include "drivers/rig.h"
#include "sim_backend/benchd/world.h"
#include "sim_backend/circuit.h"
#include "sim_backend/edges.h"
#include "sim_backend/faults.h"
#include "sim_backend/leads.h"
#include "sim_backend/network.h"
#include "sim_backend/relax.h"
#include "sim_backend/settling.h"

enum { WORLD_FAULTS = 64 }; /* at one time */

enum fault_kind {
	FAULT_SILENCE, /* the wire's, in the order of enum world_wire */
	FAULT_HANG,
	FAULT_HALF,
	FAULT_LATE,
	FAULT_CRC,
	FAULT_ADDRESS,
	FAULT_REFUSED,
	FAULT_CONNECTION,
	FAULT_POWER_CYCLE,
	FAULT_WATCHDOG,
	FAULT_UNPOWERED,
	FAULT_MISSED,
	FAULT_DOUBLE,
	FAULT_SWAPPED,
	FAULT_STUCK_OUTPUT,
	FAULT_SAG,
	FAULT_NOISE,
	FAULT_NAN,
	FAULT_UNPLUGGED,
	FAULT_STUCK_EDGE,
	FAULT_DEAF_EDGE,
	FAULT_AGAINST,
	FAULT_SLOW,
	FAULT_MULTIPLEXER,
	FAULT_AI_GAIN,
	FAULT_AI_OFFSET,
	FAULT_AO_GAIN,
	FAULT_AO_OFFSET,
	FAULT_KINDS,
};

struct fault_on {
	enum fault_kind kind;
	struct world_fault fault;
	bool on;         /* else it waits for fault.after_ticks */
	int64_t from_ns; /* since when it is on */
	double kept_V;   /* of a stuck output */
};

struct board {
	uint8_t address;
	uint32_t serial;
	size_t first_edge, n_edges;
	uint16_t boots, capacitor, watchdog_ms;
	uint32_t clock;
	bool tripped, heard, clocked;
	int64_t heard_ns, clocked_ns;
};

/* One of the two networks. */
struct side {
	struct circuit *circuit; /* NULL: nothing drives it */
	struct leads *leads;     /* NULL: all are good */
	struct relax *relax;     /* NULL: no capacitors */
	uint32_t *driven;        /* [n_driven] nodes */
	size_t n_driven;
	double *held_V, *ohm;     /* [n_driven] */
	double *rest_V;           /* [n_nodes] */
	bool anew, factor, solve; /* to do: circuit, conductances, voltages */
	bool put, jump, moved;    /* to do, of the charge */
	int64_t at_ns;            /* when relax was as it is */
};

struct world {
	struct rig_config *config;
	const struct network *network;
	uint64_t seed, draws; /* draws: of readings */
	int64_t begun_ns;
	/* the card */
	double output_V[WORLD_AO]; /* as commanded */
	int64_t output_ns[WORLD_AO];
	bool line[WORLD_DIO];
	struct {
		int side; /* -1: none */
		uint32_t node;
		long loop; /* ao; -1: none */
	} input[WORLD_AI];
	double before_V; /* the last reading, for the multiplexer */
	long before;     /* its channel */
	struct world_counts counts;
	/* physics */
	struct daq_wire *wire[2]; /* [n_nodes] as it is plugged; of config */
	struct side side[2];
	double *zero_V, *change_V; /* [n_nodes] */
	uint32_t *floating;        /* [n_nodes] */
	struct edges *edges;
	struct settling *settling;
	double settling_s;
	double farad;
	uint64_t ticks;
	/* boards */
	struct board *board; /* [n_boards] */
	size_t n_boards;
	uint8_t *mode, *last;       /* [n_edges] as written; BOARD_LAST_ bits */
	uint8_t *asked;             /* [n_edges] the last tap asked for */
	uint32_t *updated, *raised; /* [n_edges] counts */
	uint8_t *wiper, *raise;     /* [n_edges] room for a tick */
	int *stuck;                 /* [n_edges] tap at which it sticks; -1: it does not */
	uint8_t *cut;               /* [n_edges] that the circuits were made with */
	/* faults */
	struct faults *planned; /* of sim.faults, by ticks */
	struct fault_on fault[WORLD_FAULTS];
	size_t n_faults;
	struct sim_fault *play;        /* room for what the edges are told */
	const struct sim_fault **list; /* [n_play_most] */
	size_t n_play_most;
};

/* world.c */
int world_fail(struct world_error *err, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* world_card.c */
void world_set_bias(struct world *w);      /* p follows the bias voltage */
bool world_is_live(const struct world *w); /* an output that drives nodes is not at safe volts */
double world_real_output(const struct world *w, unsigned ao); /* volts at the terminal */
void world_find_inputs(struct world *w);                      /* after plugging */

/* world_volts.c.  Charge flows until now, before anything changes; nothing where there are no capacitors. */
int world_volts_new(struct world *w);
void world_volts_free(struct world *w);
void world_flow(struct world *w, int64_t now_ns);
void world_rewired(struct world *w);  /* other nodes are driven, other edges are cut */
void world_revolted(struct world *w); /* outputs are others */
void world_moved(struct world *w); /* conductances are others; finds out whether edges were cut */
const double *world_V(struct world *w, int side, int64_t now_ns); /* [n_nodes] */
void world_set_farad(struct world *w, double farad, int64_t now_ns);

/* world_tick.c */
void world_tick(struct world *w, int64_t now_ns);

/* world_boards.c */
void world_power_cycle(struct world *w, size_t board, int64_t now_ns);
void world_trip(struct world *w, size_t board, int64_t now_ns);
void world_watch(struct world *w, int64_t now_ns); /* watchdogs that have run out */
void world_set_modes(struct world *w);             /* as written, or on hold where tripped */
void world_choose_capacitor(struct world *w, int64_t now_ns);

/* world_faults.c */
/* Is one of that kind on?  which: its board, edge, node or channel; -1: any. */
const struct fault_on *world_has(const struct world *w, enum fault_kind kind, long which);
bool world_board_has(const struct world *w, enum fault_kind kind, size_t board); /* or all */
double world_fault_value(const struct world *w, enum fault_kind kind, long which, double without);
void world_faults_refresh(struct world *w); /* tells the edges and the circuits */
void world_faults_ticked(struct world *w, int64_t now_ns);
void world_faults_end_by_time(struct world *w, int64_t now_ns);
int64_t world_faults_due(const struct world *w);

#endif
