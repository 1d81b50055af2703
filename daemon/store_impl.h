/* daemon/store_impl.h - what the files of the store share: the connection's statements, the inside of a
 * change, and opening.  Nobody else includes it (but its tests). */
#ifndef DAEMON_STORE_IMPL_H
#define DAEMON_STORE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "daemon/store.h"

/* ---- store_change.c: a change is a list of statements with their values ---- */

enum store_statement {
	STATEMENT_AUDIT,
	STATEMENT_EVENT,
	STATEMENT_PARAMS,
	STATEMENT_RUN_NEW,
	STATEMENT_RUN_BEGIN,
	STATEMENT_RUN_STATUS,
	STATEMENT_RUN_END,
	STATEMENT_RUN_PROGRESS,
	STATEMENT_RUN_PLACE,
	STATEMENT_WIRING,
	STATEMENT_QUEUE_HELD,
	STATEMENT_TEST,
	STATEMENT_ANNOTATE,
	STATEMENT_TAGS,
	STATEMENT_THINNED,
	STATEMENT_THIN,
	STATEMENT_CALIBRATION,
	STATEMENT_CHECKPOINT,
	STATEMENT_CHECKPOINT_DELETE,
	STATEMENT_REPLY,
	N_STATEMENTS
};

struct store_value {
	enum { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT, VALUE_BLOB } type;
	union {
		int64_t integer;
		double real;
		struct {
			char *bytes; /* owned */
			size_t n;
		};
	};
};

#define STORE_MAX_VALUES 20

struct store_operation {
	enum store_statement statement;
	size_t n;
	struct store_value values[STORE_MAX_VALUES];
};

struct change {
	struct change *next;
	uint64_t token;
	struct store_operation *operations;
	size_t n, capacity;
	char *key, *method; /* NULL: no reply is kept */
	uint64_t hash;
	json_t *result;
	struct problem refusal; /* the reply in place of result; code 0: none */
	uint64_t begins_run;    /* its ring is opened once this is on disk; 0: none */
	uint64_t ends_run;      /* its ring is dropped once this is on disk; 0: none */
	bool thins;             /* there are rows to be thinned once this is on disk */
	struct ring *ring;      /* posted after `rows` rows of this one; NULL: at once */
	uint64_t rows;
	bool no_memory;         /* something was lost while it was built: it fails whole */
	struct problem problem; /* of the present attempt; code 0: went well */
};

/* Adds the reply to the operations; the change is complete. */
void change_seal(struct change *c);

/* Changes in the order in which they were posted. */
struct change_list {
	struct change *first, **end;
};
void change_list_init(struct change_list *list);
void change_list_add(struct change_list *list, struct change *c);
struct change *change_list_take(struct change_list *list); /* NULL: empty */
/* Everything of `behind` goes behind everything of list. */
void change_list_join(struct change_list *list, struct change_list *behind);
void change_list_free(struct change_list *list);

/* ---- store_write.c: prepared statements ---- */

struct store_writer {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *undo;
	sqlite3_stmt *step, *bin, *run_edges;
	sqlite3_stmt *statements[N_STATEMENTS];
};

/* How a statement that failed is to be taken. */
enum store_failure {
	STORE_FINE,
	STORE_REFUSED, /* the change's own fault (constraint, unknown run): the others go on */
	STORE_BUSY,    /* somebody holds a lock: a slow disk */
	STORE_DISK,    /* full, failing, read-only: the transaction is taken back and tried again */
};

int store_writer_open(struct store_writer *w, sqlite3 *db, struct problem *p); /* 0 or -1 */
void store_writer_close(struct store_writer *w);                               /* not the db */
enum store_failure store_write_simple(struct store_writer *w, sqlite3_stmt *statement);
/* Writes n rows that stand together; *ret_written of them are in.  REFUSED: the next one cannot be. */
enum store_failure store_write_rows(struct store_writer *w, struct ring *ring, const void *rows,
				    size_t n, size_t *ret_written);
/* The bins of a run whose rows came otherwise, in a transaction of its own; 0, or -1 and *p. */
int store_make_bins(sqlite3 *db, int64_t run, struct problem *p);
/* The bin whose last step this is; of other steps, and of a bin without rows, nothing. */
enum store_failure store_write_bin(struct store_writer *w, uint64_t run, uint64_t step);
/* The layout's counts, once a run. */
enum store_failure store_write_edges(struct store_writer *w, struct ring *ring);
/* Whole or not at all; REFUSED fills c->problem. */
enum store_failure store_write_change(struct store_writer *w, struct change *c);

/* ---- store_open.c ---- */

/* Locks FILE.lock: -EBUSY, another program of ours writes the database.  close(*ret_fd) unlocks.  0 or -errno and *p. */
int store_lock(const char *file, int *ret_fd, struct problem *p);
/* boot NULL: not by a daemon; its notes and its unfinished runs stay as they are. */
int store_open_database(const char *file, const char *boot, sqlite3 **ret, int *ret_lock_fd,
			struct store_found *found, struct problem *p);
#define STORE_WHY_BYTES 200
/* SQLite's last error with what the system said to it; returns ret. */
const char *store_why(sqlite3 *db, char *ret, size_t size);
/* Says goodbye, empties the write-ahead log, closes.  0 or -EIO. */
int store_close_database(sqlite3 *db, int lock_fd);
/* Brings the database from its user_version up to n; 0 or -errno. */
int store_migrate(sqlite3 *db, const char *file, const char *const *versions, size_t n,
		  struct problem *p);

/* ---- store_place.c ---- */

const char *store_network_file_system(unsigned long magic); /* its name; NULL: a local one */
/* By a line of /proc/self/mountinfo: its name if it is of this device, and a network file system served by FUSE. */
const char *store_network_fuse(const char *line, unsigned major, unsigned minor);
int store_refuse_network(const char *file, struct problem *p); /* 0, -EREMOTE, or -errno, and *p */

/* ---- store.c: the thread ---- */

#define STORE_WINDOW_S 0.010 /* commits of a fast run: one in so long, and of no more than so */

struct ring_state {
	struct ring_state *next;
	struct ring *ring;
	uint64_t written; /* rows in the open transaction or on disk */
	uint64_t durable; /* rows on disk */
	bool edges_written;
};

/* ---- store_thin.c: what it does when it has time ---- */

enum thin_phase { THIN_RESTS, THIN_LOOKS, THIN_STEPS, THIN_GIVES };

enum thin_statement {
	THIN_NEXT,
	THIN_BINLESS,
	THIN_KEPT,
	THIN_RANGE,
	THIN_HAS_BIN,
	THIN_DELETE,
	THIN_DONE,
	THIN_ALL_DONE,
	THIN_FREE,
	THIN_CAN_GIVE,
	N_THIN_STATEMENTS
};

struct store_thin {
	enum thin_phase phase;
	sqlite3_stmt *statements[N_THIN_STATEMENTS];
	int64_t run, keep_every; /* keep_every 1: its bins are filled in, no row goes */
	int64_t from, next, end; /* steps: whole bins */
	int64_t deleted, runs_left;
	char *kept; /* JSON list of steps that stay */
	bool look_for_bins;
	int64_t binless_after;
	double next_s; /* not before */
	double told_s; /* when it said last how far it is */
	bool busy;     /* the list is not empty, or room is given back */
};

struct store {
	/* constant once started */
	sqlite3 *db;
	int lock_fd;
	struct mailbox *reports;
	pthread_t thread;
	bool started;

	/* for any thread to look at, in nanoseconds of CLOCK_MONOTONIC; 0: not */
	atomic_llong
		waiting_since_ns; /* something is due, and no call of SQLite has put it on disk since */
	atomic_llong refused_since_ns; /* the disk refuses it */

	pthread_mutex_t lock; /* guards the next block */
	pthread_cond_t ended_cond;
	struct change_list posted;
	struct ring_state *new_rings;
	bool waited_for; /* a posted change has a token, or begins a run */
	bool stopping, ended;
	double stop_at_s;
	int wake_fd; /* posted, new ring or stopping */

	/* the thread's own */
	struct store_writer writer;
	struct store_thin thin;
	struct change_list due, applied; /* to be written; in the open transaction */
	struct ring_state *rings; /* the newest first; an older one waits for its run's end */
	double last_begin_s;      /* of the last transaction */
	double retry_s;           /* the next pause after a failure; 0: all is well */
	double trouble_since_s;   /* of the first failure in a row */
	bool trouble_told, wal_told;
	int wal_pages;        /* length of the log after the last commit */
	int checkpoint_pages; /* length from which it is copied into the database */
	uint64_t rows_lost;
	int result;
};

double store_now_s(void); /* monotonic */

/* ---- store_commit.c: one transaction, and what follows from it ---- */

/* Writes what is due and commits it, then makes room in the rings and reports; false: it is all due again, and
 * store->retry_s says when. */
bool store_commit(struct store *store);
void store_report(struct store *store, struct store_report *r); /* waits while the box is full */
void store_note_waiting(struct store *store, bool on);          /* for store_waiting_s() */
void store_copy_wal(struct store *store);
/* Copies the write-ahead log into the database when it has grown long; tells of one that cannot be emptied. */
void store_watch_wal(struct store *store);

int store_thin_open(struct store *store, struct problem *p); /* 0, or -1 and *p */
void store_thin_close(struct store *store);
void store_thin_look(struct store *store); /* something was added to the list */
double
store_thin_pause_s(const struct store *store); /* until its next turn; -1: nothing is to be done */
void store_thin(struct store *store); /* milliseconds of it; tries again later if it cannot */

/* ---- times ---- */

#define STORE_KEY_DAYS 7
char *store_utc_now(char text[32]);

#endif
