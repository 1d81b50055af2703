/* daemon/replay_impl.h - what the files of the replay share. */
#ifndef DAEMON_REPLAY_IMPL_H
#define DAEMON_REPLAY_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/history_frozen.h"
#include "daemon/history_replay.h"
#include "daemon/replay.h"
#include "daemon/replay_clock.h"
#include "daemon/replay_rig.h"
#include "daemon/rig_thread_impl.h"

struct replay {
	struct rig_thread front;
	const struct settings_replay *how;
	struct history_frozen frozen;
	struct history *history; /* the thread's, once it is started */

	/* the run; constant */
	json_t *row, *descriptor, *rig_json;
	uint64_t run, steps; /* made; those that the log left out are counted */
	struct record_layout layout;
	struct rig_config *config;
	struct rig_info info;
	struct replay_items script;
	struct params before;
	struct replay_view view;

	/* the thread */
	struct mailbox *box, *reports; /* of struct rig_command; of struct report * */
	pthread_t thread;
	size_t ring_rows;
	atomic_uint posted; /* commands put into the box */
	unsigned taken;
	atomic_llong alive_ns;
	bool awake, quit;

	/* the pass */
	struct replay_clock clock;
	int64_t begun_ns; /* on clock_now_ns()'s clock */
	enum state state;
	struct ring *ring; /* NULL: the run has not begun, or has ended */
	uint64_t head;     /* rows pushed */
	size_t item;       /* the next of the script */
	bool ended;
	json_t *updates; /* of the event of that name; NULL: none yet */

	/* rows read ahead, and the last one that was pushed */
	char *rows, *newest;
	size_t n_rows, at_row;
	int64_t read_upto; /* step of the last row read; -1: none */
	bool has_newest, all_read;

	pthread_mutex_t lock; /* guards the rest */
	uint8_t *wiper, *mode;
	double *r_ohm;
	bool edges_known;
	struct wiring *wiring; /* NULL: a rig without wires */
};

#define REPLAY_ROWS 256 /* read at a time */

/* ---- replay_wait.c: time, and commands ---- */

/* What has come, without waiting; false: it is to end. */
bool replay_obey(struct replay *r);
/* Until at_ns of the recording is due at the replay's speed; long waits are told in the log.  false: it is to end. */
bool replay_wait(struct replay *r, int64_t at_ns, uint64_t step);
/* So long by the wall's clock, or until a replay that waits may begin.  false: it is to end. */
bool replay_rest(struct replay *r, double seconds);
bool replay_wait_for_word(struct replay *r);
/* Until it is to end. */
void replay_wait_for_end(struct replay *r);

/* ---- replay_rows.c: the steps ---- */

/* The next one that there is; *ret NULL: that was all.  0, or -1 and *p. */
int replay_next_row(struct replay *r, void **ret, struct problem *p);
bool replay_push(struct replay *r, void *row);      /* false: it is to end */
bool replay_fill(struct replay *r, uint64_t steps); /* for those that the log left out; likewise */

/* ---- replay_tell.c: what happened between them ---- */

void replay_state(struct replay *r, enum state state);
/* event: of the run's beginning, taken over; NULL: none was kept. */
bool replay_begin(struct replay *r, json_t *event);
/* event: of its end, likewise; reason: why there is none, NULL: it was not kept. */
bool replay_end(struct replay *r, json_t *event, const char *reason);
/* One item of the script.  0; 1: it is to end; -1 and *p. */
int replay_tell(struct replay *r, const struct replay_item *item, struct problem *p);

/* ---- replay_thread.c ---- */

void *replay_main(void *replay);

#endif
