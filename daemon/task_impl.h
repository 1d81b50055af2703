/* daemon/task_impl.h - the insides of a task, for the files that read, check and run it. */
#ifndef DAEMON_TASK_IMPL_H
#define DAEMON_TASK_IMPL_H

#include <stdatomic.h>

#include "daemon/task.h"
#include "protocol/record.h"

/* What is shown: one row an example. */
struct examples {
	size_t n;
	double *source_V; /* [n][n_sources] */
	double *target_V; /* [n][n_targets]; NAN until the class means are known */
	int32_t *class_;  /* [n] index into the task's classes; -1: none */
	uint8_t *learn;   /* [n] 0: shown and measured, never ticked */
	uint8_t *clamp;   /* [n] 0: the clamped targets float */
	double *wait_s;   /* [n] rest after the step; NAN: as the task says */
	int32_t *group;   /* [n] -1: in every group */
	size_t n_sources, n_targets;
};

int examples_new(size_t n, size_t n_sources, size_t n_targets, struct examples *ret); /* or -1 */
void examples_free(struct examples *examples);
/* Row `from` of a becomes row `to` of b, which is as wide. */
void examples_copy_row(const struct examples *a, size_t from, struct examples *b, size_t to);

/* Where a set of examples comes from. */
enum task_source {
	TASK_NONE,     /* no such set, or for the test set: the rest of the split */
	TASK_GIVEN,    /* a list or a table: `given` */
	TASK_GENERATE, /* drawn by the run's seed: sources uniform, targets a linear map of them */
};

struct task_set {
	enum task_source source;
	struct examples given;
	size_t n;            /* GENERATE: so many */
	double min_V, max_V; /* GENERATE: of the drawn sources */
	double *map;         /* GENERATE: [n_targets][n_drawn] */
	double *fixed_V;     /* GENERATE: [n_sources]; NAN: drawn */
	size_t n_drawn;
};

enum task_order { TASK_CYCLIC, TASK_SHUFFLED, TASK_RANDOM, TASK_EACH };
enum task_batch { TASK_BATCH_NEXT, TASK_BATCH_ALL, TASK_BATCH_PROBABILITY, TASK_BATCH_EXACTLY };
enum task_targets { TASK_TARGETS_GIVEN, TASK_TARGETS_CLASS_MEANS, TASK_TARGETS_ONE_HOT };
enum task_initial { TASK_MIDSCALE, TASK_KEEP, TASK_RANDOM_TAPS, TASK_TAPS, TASK_R_OHM };
enum task_split_kind { TASK_NO_SPLIT, TASK_SPLIT_N, TASK_SPLIT_PER_CLASS };

enum task_event_kind {
	TASK_SET,
	TASK_TARGET_V,
	TASK_CUT,
	TASK_HOLD,
	TASK_LEARN,
	TASK_GROUP,
};

/* One entry of the schedule: before step `at`. */
struct task_event {
	uint64_t at;
	enum task_event_kind kind;
	size_t edge;          /* CUT, HOLD, LEARN */
	int32_t group;        /* GROUP */
	double *target_V;     /* TARGET_V: [n_targets] */
	const json_t *params; /* SET: members of param.set, inside the task's JSON */
	size_t index;         /* in the task file's list, for messages */
};

struct task_test {
	bool present; /* there is something to evaluate */
	bool on_train, on_test;
	uint64_t every; /* 0: not by period */
	uint64_t *at;   /* [n_at] ascending, log-spaced ones included */
	size_t n_at;
	unsigned repeat;
	double settle_s; /* NAN: not given */
};

struct task_stop {
	uint64_t steps;      /* 0: none */
	double mse_below_V2; /* NAN: none */
	double scaled_below; /* of the first step's; NAN: none */
	double seconds;      /* NAN: none */
	double accuracy;     /* NAN: none */
	unsigned for_tests;  /* in so many tests, one after the other */
};

struct task_log {
	uint64_t keep_every, wiper_every; /* 1: all; wiper_every UINT64_MAX: none */
	double budget_B;                  /* NAN: none */
};

struct task {
	atomic_uint references;
	json_t *json;
	const char *name, *kind; /* inside json */

	uint32_t *sources, *targets,
		*measured; /* measured: targets first; every node, unless the log says less */
	size_t n_sources, n_targets, n_measured;

	struct task_set train, test_set;
	json_t *classes; /* list of names; the order in which they first came */
	enum task_split_kind split;
	size_t split_n;
	int64_t split_seed; /* -1: the run's */

	enum task_order order;
	size_t each;
	enum task_batch batch;
	size_t batch_n; /* NEXT: so many in the task's order, usually 1; EXACTLY: so many, drawn */
	double batch_probability; /* PROBABILITY: of each example */
	double source_noise_V, target_noise_V;
	bool *quiet; /* [n_sources] in fixed_V: a source without noise */
	enum task_targets targets_from;
	double on_V, off_V;      /* one_hot */
	bool only_misclassified; /* update_when */
	double margin_V;
	enum task_initial initial;
	uint8_t *taps; /* TASK_TAPS: [n_edges] */
	double *r_ohm; /* TASK_R_OHM: [n_edges] */
	unsigned ticks;
	double wait_s;
	bool keep_modes;
	enum task_lease_loss lease_loss;
	struct task_test test;
	struct task_stop stop;
	struct task_log log;
	struct task_event *schedule; /* ascending; equal steps in the file's order */
	size_t n_schedule;
	int64_t seed;
};

/* task_data.c: train and test from lists, tables and generators.  All: 0, or -1 and *p. */
int task_read_data(struct task *task, struct problem *p);
void task_set_free(struct task_set *set);

/* task_log.c: what is kept, and which nodes are measured.  0, or -1 and *p. */
int task_read_log(struct task *task, const struct rig_info *info, struct problem *p);
/* What a row of its steps holds. */
void task_layout(const struct task *task, const struct rig_info *info, struct record_layout *ret);
/* What the log leaves out, for people: "steps: every 10; wipers: every 100; voltages of targets"; "" for nothing. */
void task_log_text(const struct task *task, const struct rig_info *info, char *text, size_t size);

/* schedule.c */
int schedule_read(struct task *task, const struct rig_info *info, struct problem *p);
/* First step at or after `step` before which the schedule has something; UINT64_MAX: none. */
uint64_t schedule_next(const struct task *task, uint64_t step);
const char *schedule_name(enum task_event_kind kind); /* "set", "target", "cut", ... */

/* task_check.c: every voltage that will be asked for is within the limits, and no scheduled cut leaves a target
 * without a path to a source. */
int task_check_limits(const struct task *task, const struct rig_info *info, struct problem *p);
int task_check_cuts(const struct task *task, const struct rig_info *info, struct problem *p);

#endif
