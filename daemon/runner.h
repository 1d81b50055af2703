/* daemon/runner.h - the supervisor of a rig: its state, its parameters, and the run that is on.
 *
 * Used by the rig's thread alone, but for the edges, which others may ask for (runner_edges).
 */
#ifndef DAEMON_RUNNER_H
#define DAEMON_RUNNER_H

#include <pthread.h>

#include "daemon/calibration.h"
#include "daemon/evaluate.h"
#include "daemon/figures.h"
#include "daemon/rig_thread.h"

enum runner_input { /* what changes the state */
		    RUNNER_BEGIN,
		    RUNNER_PAUSE,
		    RUNNER_RESUME,
		    RUNNER_STOP,
		    RUNNER_ABORT,
		    RUNNER_FAULT,
		    RUNNER_ENDED,
};

struct run {
	uint64_t number, seed;
	struct task *task;
	struct data data;
	struct ring *ring;
	struct record_layout layout;
	struct figures *figures;
	struct evaluation evaluation;
	double *target_free_V; /* [n_targets] the V_F that the clamp was made from */
	uint8_t *mode_before;  /* [n_edges] before the schedule touched them */
	uint32_t *batch_row;   /* [data_batch_most()] rows of the training set that a step shows */
	double *batch_source_V, *batch_target_V, *batch_mse_V2;
	double *equilibrium_V; /* [n_targets] where the free targets would come to rest */
	uint8_t *no_wiper;     /* [n_edges] of edges without taps */
	double first_V2;       /* the first step's error that scaled_below is a fraction of */
	double kept_B;         /* on disk, since the run began or was resumed */
	char who[64];

	uint64_t step;        /* made so far, so the number of the one that comes */
	uint64_t due;         /* before this step there is something to do besides stepping */
	uint64_t tested;      /* step of the newest test; UINT64_MAX: none */
	size_t next_event;    /* in the task's schedule */
	unsigned right_tests; /* in a row */
	int64_t next_ns;      /* when the step that comes is due, on the rig's clock */
	int64_t stop_ns;      /* INT64_MAX: no limit of time */
	int64_t said_ns;      /* when progress was written, on CLOCK_MONOTONIC */
	bool begun;           /* its beginning is on disk */
	bool started;         /* parameters, session and edges are on the rig */
	bool compared;        /* the twins agreed with eta 0 (runner_twins.c) */
	json_t *start_params; /* to begin with; owned */
	bool unpaced;         /* the next step begins the beat anew */

	const char *status; /* how it will end; NULL: not yet */
	char reason[256];
	bool hold_queue, no_last_test;
	enum rig_safe safe;
	int64_t safe_begin_ns,
		safe_end_ns; /* of making it safe, on CLOCK_MONOTONIC; 0: it was not */

	struct wiring_plan *wiring; /* to be plugged before it starts; NULL: nothing; owned */
};

struct runner {
	struct rig *rig;
	const struct rig_info *info;
	struct store *store;
	struct mailbox *reports;
	size_t ring_bytes;
	double reserve_B;    /* a run pauses when the disk has less left, */
	bool pause_for_disk; /* or when the store cannot write */
	enum state state;
	struct params params;
	struct run *run;                 /* NULL: none */
	struct calibrate *calibrate;     /* the calibration that is on instead; NULL: none */
	struct calibration calibration;  /* in force */
	const struct rig_config *config; /* borrowed; NULL: not known */
	bool interrupted;                /* a wait of the rig was cut short */
	bool begun;                      /* the rig has a session */
	bool ticked;                     /* by hand: this step's clock edges may have been made */
	bool row_lost; /* a step was broken off after its tick: the next row has more ticks than its own */
	int after_step; /* -errno of a device that failed when the step had been made; 0: none */
	int64_t touched_ns; /* when a real rig was last asked for anything, on its clock */

	uint8_t *read_wiper, *read_mode; /* [n_edges] room for a reading */
	double *read_r_ohm;

	pthread_mutex_t edges_lock; /* guards the rest */
	uint8_t *wiper, *mode; /* [n_edges] as of the last command or run's end; mode: always */
	double *r_ohm;         /* [n_edges] likewise */
	struct wiring *wiring; /* as it is plugged; NULL: a rig without wires */
	json_t *file_wires;    /* as the rig file has it; the rig's thread alone */
	bool edges_known;      /* a bench whose boards have not answered yet has no taps to tell */
	struct ring *edges_ring; /* of the run that is on: its last row is newer */
	uint64_t calibrating;    /* number of the calibration that is on; 0: none */
};

/* ---- runner_table.c ---- */

/* The only function that changes runner->state; logs and reports it.  0, or -1 and *p (PROBLEM_STATE, which says
 * what is possible) when this input means nothing in the present state. */
int runner_change_state(struct runner *r, enum runner_input input, struct problem *p);
int runner_may(const struct runner *r, enum runner_input input, struct problem *p);

/* ---- runner_begin.c ---- */

/* Takes the plan over.  A run that cannot begin is reported as failed. */
void runner_begin(struct runner *r, struct plan *plan);
void runner_free_run(struct run *run); /* accepts NULL */
/* Parameters, session and edges onto the rig; again after a pause before the first step. */
void runner_start(struct runner *r);
/* An event: what solves the circuit, or how often the boards are read, and why. */
void runner_tell_method(struct runner *r);

/* ---- runner.c: a run step by step ---- */

/* One step, or what is due before it, or the end of the run.  Never waits longer than RUNNER_SLICE_S. */
void runner_go(struct runner *r);
/* How long until runner_go() has something to do; at most RUNNER_SLICE_S. */
double runner_wait_s(struct runner *r);
void runner_end_soon(struct runner *r, const char *status, const char *reason);
/* Makes safe first, then ends the run (if there is one).  status: "aborted", "failed". */
enum rig_safe runner_break_off(struct runner *r, const char *status, const char *reason);
void runner_fail(struct runner *r, int error); /* -errno of the rig, or -ENOBUFS: our own memory */

/* ---- runner_fault.c: devices that fail, and what a real rig notices by itself ---- */

bool runner_is_device(int error); /* a device failed or an interlock tripped, no mistake of ours */
/* Makes safe and pauses the run until run.resume, if the rig's policy is that; false: it does not apply. */
bool runner_pause_on_fault(struct runner *r, int error, const char *reason);
/* The same by somebody's wish, at safe volts or as it is, with the alarm "lease"; a run that ends anyway is left alone. */
void runner_suspend(struct runner *r, const char *reason, bool safe);
/* Events, log lines and alarms of what the rig noticed, and devices whose state changed. */
void runner_tell_notes(struct runner *r);
void runner_tell_devices(struct runner *r);
/* rig_settle() that feeds watchdogs and checks interlocks during long waits. */
int runner_settle(struct runner *r, double seconds);
/* Watchdogs and interlocks, when nothing else has asked the rig for a while and no step is near. */
int runner_look_after(struct runner *r);

/* ---- runner_wiring.c: what is plugged in where ---- */

/* At the start, from the rig.  kept: what change_wiring() kept of an operator's work, which holds as long as the rig file
 * says what it said then; may be NULL.  0 or -errno. */
int runner_take_wires(struct runner *r, const json_t *kept);
/* A copy; NULL where the rig has no wires.  Any thread.  0, -ENOMEM. */
int runner_wires(struct runner *r, struct wiring **ret);
/* Before a run starts: *ret_wait when it pauses until an operator has plugged what the event "wiring" lists, or when it
 * was ended because it does not fit.  Called again after run.resume, it takes the plugs as moved.  0 or -errno. */
int runner_wiring(struct runner *r, bool *ret_wait);
int runner_rewired(struct runner *r); /* tells the rig how it is wired now; 0 or -errno */

/* ---- runner_twins.c ---- */

/* Before the first volt of learning: with eta 0 every node measured in both networks must agree within discrepancy_V.
 * 0, -errno of the rig, or -ECANCELED with `reason` [256]. */
int runner_compare_twins(struct runner *r, char *reason);
json_t *
runner_directions(struct runner *r); /* of the run's summary; NULL where the rig does not compare */

#define RUNNER_SLICE_S 0.25

/* ---- runner_between.c: what happens between two steps ---- */

int runner_between(struct runner *r); /* 0 or -errno of the rig */
int runner_test(struct runner *r);
uint64_t runner_next_due(const struct run *run);

/* ---- runner_change.c: changes to parameters and edges, and how they are told ---- */

/* c: the change that it becomes part of. */
void runner_event(struct runner *r, struct change *c, const char *kind, const char *who,
		  const char *what, json_t *old, json_t *new_);
int runner_set_params(struct runner *r, struct change *c, const json_t *change, const char *who,
		      struct problem *p);
int runner_set_mode(struct runner *r, struct change *c, size_t edge, enum rig_edge_mode mode,
		    const char *who, struct problem *p);
int runner_settings_to_rig(struct runner *r); /* the parameters as they are; 0 or -errno */
/* Their next revision, kept and told: the bias voltage has another value for the same p. */
void runner_params_moved(struct runner *r, struct change *c, const char *who);
int runner_calibration_to_rig(struct runner *r);      /* gains and noise; 0 or -errno */
void runner_post(struct runner *r, struct change *c); /* behind the steps made so far */
int runner_take_edges(struct runner *r);              /* reads them from the rig; 0 or -errno */
/* Any thread; false: taps are not known. */
bool runner_edges(struct runner *r, uint8_t *wiper, uint8_t *mode, double *r_ohm);
uint64_t runner_number(struct runner *r); /* of the run that is on; 0: none; any thread */
int runner_problem(struct runner *r, int error, struct problem *p); /* of the rig's last error */

/* ---- runner_budget.c: a run pauses before the disk is full ---- */

void runner_count_row(struct runner *r, uint64_t step); /* after each step */
void runner_watch_disk(struct runner *r);               /* about once a second */
void runner_watch_store(struct runner *r); /* often: costs two loads while all is well */

/* ---- report.c ---- */
void report_send(struct mailbox *reports,
		 const struct report *report); /* a copy; takes json, ring */

/* ---- step.c ---- */

/* One learning step into a row of the ring.  0 or -errno of the rig. */
int step_make(struct runner *r, void *row);

#endif
