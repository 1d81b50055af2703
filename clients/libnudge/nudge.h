/* nudge.h - client of nudged, the supervisor of a physical learning machine.
 *
 * Connect, call a method, watch the streams, hold the control lease.  Values are SI units; a name
 * that carries a unit says so in its suffix (mse_V2, tau_s).  Steps, nodes and edges count from 0.
 *
 * Errors: calls return 0 (or a count) when fine, -1 and *error when not.  `error` may be NULL.
 * Ownership: what comes back by `ret` is the caller's; json_t by json_decref(), the others by the
 * function named with them.  `ret` is written on success only.  A `json_t *params` that is handed in
 * is taken over in every case, so that nudge_call(n, "run.get", json_pack(...), ...) leaks nothing.
 * Threads: a connection with its watches and its lease belongs to one thread at a time; different
 * connections are independent.  The library starts no thread of its own that a caller can notice,
 * installs no signal handler and prints nothing.
 * Time: every wait has a deadline in seconds; a wait that a signal cuts short says so where written.
 */
#ifndef NUDGE_H
#define NUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- errors ---- */

enum nudge_kind {
	NUDGE_FINE = 0,
	NUDGE_REFUSED,     /* the server said no: code, path and data say to what */
	NUDGE_UNREACHABLE, /* nobody answers there, or the connection was lost */
	NUDGE_TIMED_OUT,   /* the server is there and did not answer in time; it may yet act */
	NUDGE_INVALID,     /* this side: an address, a file, a record that cannot be understood */
	NUDGE_UNWELCOME,   /* somebody is there, and the keys do not fit */
};

struct nudge_error {
	enum nudge_kind kind;
	int code;          /* REFUSED: the JSON-RPC code, -32010 limit, -32011 locked, ... */
	int number;        /* an errno that says which, or 0; see below */
	char path[192];    /* REFUSED, INVALID: JSON pointer to the culprit in params, or "" */
	char message[768]; /* a sentence for people: culprit, value, cure */
	json_t *data;      /* REFUSED: the server's error.data, or NULL */
};

/* number, when there is no connection:
 *   UNREACHABLE  EADDRNOTAVAIL: the host's name has no address; ENOENT, EACCES: no socket there, or not for you;
 *                ECONNREFUSED: nobody listens; ETIMEDOUT, EHOSTUNREACH, ...: no way there; EPROTO: it is not ZeroMQ;
 *                ENOTCONN: it was there, or broke off
 *   UNWELCOME    ENOKEY: the server lets in only keys, and there is none; EPROTONOSUPPORT: the server has none, and
 *                there is a key; EBADE: the server has another key than that; EKEYREJECTED: it does not let this key
 *                in; EAGAIN, EREMOTEIO: it could not look it up
 *   INVALID      EINVAL: a key or its file is not right; ENOSYS: libzmq without CURVE; EOPNOTSUPP: another protocol;
 *                EEXIST: nudge_key_new()'s file */

void nudge_error_clear(struct nudge_error *error); /* drops data; begin with {0} or this */

/* ---- connection ---- */

struct nudge;

/* Finds and greets a server (server.hello), within timeout_s.  to: "ipc://DIR", "tcp://HOST:PORT" (control
 * at PORT, urgent at PORT + 1, streams at PORT + 2), or NULL: $NUDGE_SERVER, else the user's own
 * ($XDG_RUNTIME_DIR/nudged or /tmp/nudged-UID), else /run/nudged.  nudge_close() the result. */
int nudge_connect(const char *to, double timeout_s, struct nudge **ret, struct nudge_error *error);

struct nudge_options {
	const char *to;         /* as above */
	double timeout_s;       /* for finding and greeting; a refused key is told at once */
	const char *server_key; /* its public key, or a file that has it; NULL: $NUDGE_SERVER_KEY */
	const char *key;        /* the file of one's own pair, mode 0600; NULL: $NUDGE_KEY */
};

/* The same with keys: over TCP every socket then speaks CURVE, with that server alone.  Neither key: none does.  Over a
 * Unix socket keys are left alone.  The strings need not outlive the call.  A connection that stood and broke comes
 * back by itself, when its server does. */
int nudge_connect_with(const struct nudge_options *options, struct nudge **ret,
		       struct nudge_error *error);
void nudge_close(struct nudge *n); /* accepts NULL; close its watches and lease first */
const char *nudge_address(const struct nudge *n); /* "ipc:///run/nudged" */
bool nudge_uses_keys(const struct nudge *n);      /* its sockets speak CURVE */
const json_t *
nudge_hello(const struct nudge *n); /* result of server.hello: name, version, rig, ... */

/* ---- keys ---- */

#define NUDGE_KEY_CHARS 40 /* of Z85 */

/* Makes a pair: file with mode 0600, and file.pub, which has the public key alone.  Neither may exist.  note: one line
 * that becomes a comment in both.  The secret key is told to nobody. */
int nudge_key_new(const char *file, const char *note, char public_key[NUDGE_KEY_CHARS + 1],
		  struct nudge_error *error);
/* The public key that text is, or that the file of that name has. */
int nudge_key_public(const char *text, char public_key[NUDGE_KEY_CHARS + 1],
		     struct nudge_error *error);

/* ---- records: a JSON header and arrays ---- */

struct nudge_array {
	const char *name;  /* "v_free_V" */
	const char *dtype; /* "<f8", "<u4", "<i8", "<u1", as numpy writes it */
	const char *unit;  /* "V"; "" for none */
	int axes;          /* 1 or 2 */
	size_t shape[2];   /* rows, values a row; shape[1] is 1 with one axis */
	size_t item_bytes;
	const void *bytes; /* little-endian, shape[0] * shape[1] items, as they came */
};

/* A stream record, or a reply with arrays.  Times of a step record are in ns, voltages in V; its rows
 * are steps step, step + 1, ... step + n - 1. */
struct nudge_record {
	const char *topic; /* "step.00000042."; "" for a reply */
	const char *kind;  /* "step", "event", "test", "state", "hb", ...; "" for a reply */
	json_t *header;    /* the header, or the reply's result */
	json_t *meta;      /* of a reply: boot, seq, state, replayed; else NULL */
	uint64_t seq, run, step, n; /* from the header; 0 where it has none */
	bool fetched;               /* refilled by stream.fetch, not heard live */
	size_t n_arrays;
	struct nudge_array *arrays;
};

void nudge_record_free(struct nudge_record *record); /* accepts NULL */
const struct nudge_array *nudge_record_array(const struct nudge_record *record,
					     const char *name); /* NULL: not there */
/* Value of row i, column j as a real; NAN outside the array or for a dtype that is not known. */
double nudge_array_real(const struct nudge_array *array, size_t i, size_t j);
/* The same as an integer; 0 outside the array, and reals are cut towards zero. */
int64_t nudge_array_integer(const struct nudge_array *array, size_t i, size_t j);

/* ---- calls ---- */

/* Calls a method and waits for its answer, at most timeout_s.  params: an object, or NULL for none.
 * A method that changes something carries an idempotency key of its own, and is sent again under that
 * key when the connection breaks and comes back before the deadline: it acts once.  While this connection
 * holds a lease its token goes along.  run.abort, rig.safe and server.ping go to the urgent socket. */
int nudge_call(struct nudge *n, const char *method, json_t *params, double timeout_s, json_t **ret,
	       struct nudge_error *error);

/* The same with members of `meta` (if_rev, dry_run, key, lease; taken over, NULL: none), and with the
 * arrays of stream.fetch and history.steps.  Result in (*ret)->header; nudge_record_free(). */
int nudge_call_record(struct nudge *n, const char *method, json_t *params, json_t *meta,
		      double timeout_s, struct nudge_record **ret, struct nudge_error *error);

/* ---- streams ---- */

struct nudge_watch;

/* Subscribes to topics (NULL-terminated prefixes: "step.00000042.", "event.", "step."), waits until the
 * subscriptions stand and takes a snapshot.  From there on nothing is lost in silence:
 *  - steps that were missed come by themselves, in order, by stream.fetch;
 *  - a hole in test. or event. comes as a record of kind "gap" (topic, after, before: seq; or run,
 *    from_step, to_step, why and left_out, for steps that cannot be had any more; left_out: the run's log leaves them out), one in state. as a snapshot of kind "state";
 *  - a restarted server comes as a record of kind "boot" with the new snapshot in it.
 * latest., log. and hb. are not refilled.  Close before the connection. */
int nudge_watch_open(struct nudge *n, const char *const *topics, double timeout_s,
		     struct nudge_watch **ret, struct nudge_error *error);
void nudge_watch_close(struct nudge_watch *w); /* accepts NULL */
/* The state.snapshot the watch began with, or the one after a restart; owned by the watch. */
const json_t *nudge_watch_snapshot(const struct nudge_watch *w);
/* Subscribes to a run's steps too, and wants every one from from_step on, also those made already. */
int nudge_watch_run(struct nudge_watch *w, uint64_t run, uint64_t from_step,
		    struct nudge_error *error);
/* The next record: 1; 0 when none came in timeout_s or a signal arrived; -1 and *error: UNREACHABLE when even
 * the heartbeat is silent for 5 s.  The watch stays good: it goes on when the server is back.
 * Renews the connection's lease when that is due.  Blocks at most timeout_s, and as long again for a refill. */
int nudge_watch_next(struct nudge_watch *w, double timeout_s, struct nudge_record **ret,
		     struct nudge_error *error);

/* ---- the control lease ---- */

/* Takes the lease for ttl_s, with a note for others to read; its token goes with every further call of
 * this connection.  REFUSED with code -32011 (data: holder, note, since_utc) while somebody else
 * holds it, unless take_over.  One lease a connection. */
int nudge_lease_acquire(struct nudge *n, double ttl_s, const char *note, bool take_over,
			struct nudge_error *error);
/* Renews when a third of ttl_s has gone by; does nothing before, or without a lease.  For a caller's poll
 * loop; nudge_call() and nudge_watch_next() do it by themselves.  -1: the lease is lost. */
int nudge_lease_keep(struct nudge *n, struct nudge_error *error);
double
nudge_lease_due_s(const struct nudge *n); /* until the next renewal; infinite without a lease */
int nudge_lease_release(struct nudge *n, struct nudge_error *error); /* 0 also without a lease */

/* ---- task files ---- */

struct nudge_task;

/* Reads and checks a task file (YAML or JSON), and the CSV files that it names.  Errors are INVALID and begin
 * with "file:line:column: ".  nudge_task_free() the result. */
int nudge_task_read(const char *file, struct nudge_task **ret, struct nudge_error *error);
void nudge_task_free(struct nudge_task *task); /* accepts NULL */
json_t *
nudge_task_json(const struct nudge_task *task); /* for run.submit's `task`; the task's own */
/* Puts "file:line:column: " before the message when error.path points into /task. */
void nudge_task_locate(const struct nudge_task *task, struct nudge_error *error);

#ifdef __cplusplus
}
#endif

#endif
