/* clients/nudgectl/top_model.h - what `nudgectl top` knows: made from records and answers alone, without a terminal, a
 * socket or a clock of its own. */
#ifndef CLIENTS_NUDGECTL_TOP_MODEL_H
#define CLIENTS_NUDGECTL_TOP_MODEL_H

#include "clients/libnudge/nudge.h"
#include "clients/nudgectl/curve.h"

#define TOP_LOST_S                                                                                 \
	2.4 /* without a word for so long (heartbeats come every second), what is shown is old */
#define TOP_EVENTS  100
#define TOP_NAMES   64
#define TOP_SAMPLES 16
#define TOP_ROWS                                                                                   \
	40 /* shown steps whose voltages are kept until their desired ones are known: 2 s of them */

enum top_edge_mode { TOP_LEARN, TOP_HOLD, TOP_CUT };

struct top_edge {
	int a, b;
	enum top_edge_mode mode;
	bool known; /* tap or r_ohm is */
	int tap;    /* -1: the edge has none */
	double r_ohm;
	bool lit; /* did not sit the last tick out */
};

/* A parameter, and the step since which it holds */
enum top_param_id { TOP_ETA, TOP_P, TOP_TAU, TOP_CAPACITANCE, TOP_ALPHA, TOP_BIAS, TOP_PARAMS };
struct top_param {
	double value; /* NAN: none */
	uint64_t since;
	bool dated; /* since is known */
};

struct top_alarm {
	char name[TOP_NAMES], severity[12], since[24], seen_by[TOP_NAMES], text[300];
};

enum top_volts { TOP_FREE, TOP_CLAMPED, TOP_DESIRED };

struct top_event {
	uint64_t run, step;
	char time[12]; /* of the day, UTC */
	char text[200];
	bool grave;
};

struct top_device {
	char name[TOP_NAMES], state[16], text[160];
};

/* What it would like to be asked; whoever asks clears it */
enum top_want {
	TOP_WANT_RIG = 1,   /* rig.describe */
	TOP_WANT_RUN = 2,   /* history.run */
	TOP_WANT_CURVE = 4, /* history.steps of the steps before curve_from */
	TOP_WANT_LAST = 8,  /* history.runs: the newest, as none is active */
};

struct top_model {
	/* the server */
	char address[128], rig[TOP_NAMES], backend[12], who[TOP_NAMES], role[12];
	double heard_s;    /* when anything came, on the caller's clock */
	double now_s;      /* by the caller, before drawing */
	char trouble[768]; /* why nothing comes, if anybody said so */
	unsigned wants;    /* of enum top_want */

	/* the present state */
	char state[12];
	uint64_t run; /* shown: the active one, or the last; 0: none */
	bool active;
	uint64_t steps, steps_total; /* made, and to make; 0: not known */
	unsigned queue_length;
	bool queue_held;
	char lease[TOP_NAMES], lease_note[TOP_NAMES];
	struct top_param params[TOP_PARAMS];
	uint64_t rev; /* of the parameters */
	size_t n_alarms, n_devices;
	struct top_alarm *alarms;
	struct top_device *devices;

	/* the run */
	char name[TOP_NAMES], kind[24], status[16], reason[160];
	struct curve error, tests; /* tests: accuracy, or log10 of error_V2 */
	bool tests_are_accuracy;
	uint64_t curve_from; /* the first step that came by itself; UINT64_MAX: none has */
	double mse_V2, mse_first_V2, mse_min_V2, test_error_V2, test_best_V2, accuracy,
		accuracy_best;
	uint64_t mse_step, test_step; /* which they are of */

	/* the targets: rows of TOP_FREE, TOP_CLAMPED and TOP_DESIRED voltages, all of one step */
	size_t n_targets;
	int *targets;
	double *volts_V; /* 3 x n_targets; NAN: not known */
	uint64_t volts_step;
	double volts_s; /* since when they are shown */
	double *rows_V; /* TOP_ROWS x 2 x n_targets: free and clamped of the latest steps, a ring */
	uint64_t row_steps[TOP_ROWS];
	size_t n_rows;
	uint64_t latest_step;
	double lateness_mean_s, lateness_worst_s;
	double pace_per_s; /* NAN: not known */
	struct {
		double s;
		uint64_t steps;
	} samples[TOP_SAMPLES];
	size_t n_samples;

	/* the edges */
	size_t n_edges, n_lit;
	struct top_edge *edges;
	int taps; /* of an edge; 0: none */
	double r_min_ohm, r_step_ohm;

	struct top_event events[TOP_EVENTS]; /* a ring: the newest is (n_events - 1) % TOP_EVENTS */
	size_t n_events;
};

struct top_model *top_model_new(void); /* NULL: no memory */
void top_model_free(struct top_model *m);

/* The beginning: server.hello and the snapshot, or after a restart the new one. */
void top_model_hello(struct top_model *m, const char *address, const json_t *hello);
void top_model_snapshot(struct top_model *m, const json_t *snapshot);

/* A record of a watch, at now_s. */
void top_model_record(struct top_model *m, const struct nudge_record *record, double now_s);
bool top_model_lost(const struct top_model *m);

/* ---- top_answers.c: what was asked for ---- */
void top_answer_rig(struct top_model *m, const json_t *rig);
void top_answer_run(struct top_model *m, const json_t *run);
void top_answer_last(struct top_model *m, const json_t *runs);
void top_answer_curve(struct top_model *m, const struct nudge_record *steps);
void top_answer_recent(struct top_model *m, const struct nudge_record *steps,
		       double now_s); /* lateness, desired voltages */

/* ---- shared by both ---- */
void top_begin_run(struct top_model *m, uint64_t run);
bool top_set_targets(struct top_model *m, const json_t *nodes);
bool top_set_edges(struct top_model *m, size_t n);
void top_take_event(struct top_model *m, const json_t *event, uint64_t run, uint64_t step);
void top_add_event(struct top_model *m, const char *utc, uint64_t run, uint64_t step, bool grave,
		   const char *text);
void top_take_test(struct top_model *m, const json_t *test, uint64_t step);
void top_params_since(struct top_model *m, const json_t *params, uint64_t step, bool dated);
void top_copy(char *to, size_t size, const json_t *text); /* null: "" */
double top_real(const json_t *object, const char *name);  /* NAN: none */
uint64_t top_count(const json_t *object, const char *name);

#endif
