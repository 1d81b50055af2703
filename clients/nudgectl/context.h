/* clients/nudgectl/context.h - what every sub-command gets: the connection, how to print, how to ask and to fail. */
#ifndef CLIENTS_NUDGECTL_CONTEXT_H
#define CLIENTS_NUDGECTL_CONTEXT_H

#include "clients/libnudge/nudge.h"
#include "clients/nudgectl/options.h"

enum exit_code {
	EXIT_FINE = 0,
	EXIT_FAILED = 1,  /* the thing asked for did not succeed */
	EXIT_USAGE = 2,   /* wrong command line, wrong file */
	EXIT_AWAY = 3,    /* no server, or no answer in time */
	EXIT_REFUSED = 4, /* the server said no */
};

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct context {
	const char *to;               /* NULL: look around */
	const char *server_key, *key; /* NULL: as the environment says */
	double timeout_s;             /* of one request */
	enum format format;
	bool take_over;      /* take the lease from whoever holds it */
	bool color;          /* standard output is a terminal that wants it */
	bool terminal;       /* standard output is one */
	bool unicode;        /* and shows UTF-8 */
	struct nudge *nudge; /* by context_connect() */
};

/* Each of these returns an enum exit_code; what is not FINE has been said on standard error. */
int context_connect(struct context *c);                        /* once; later calls are free */
struct nudge_options context_options(const struct context *c); /* for a connection beside it */

/* Calls a method; one that needs the lease gets it for the call, with the command's name as a note.  *ret: the result. */
int context_ask(struct context *c, const char *method, json_t *params, json_t **ret);
/* The same with arrays; nudge_record_free(). */
int context_ask_record(struct context *c, const char *method, json_t *params, json_t *meta,
		       struct nudge_record **ret);
/* The lease for a longer while, with a note; nothing if it is held already. */
int context_lease(struct context *c, const char *note);
void context_close(struct context *c); /* gives the lease back */

/* Says an error and clears it; returns the exit code that belongs to it. */
int say_error(struct nudge_error *error);
int say_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
int say_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a JSON value as it is, indented; takes nothing over. */
void say_json(const json_t *value);

/* "2026-11-22T03:51:31.123456Z" -> "2026-11-22 03:51:31"; "" for null. */
const char *say_time(const json_t *utc, char text[24]);

/* Colours that mean something: "" where none are wanted. */
enum color { COLOR_NONE, COLOR_GOOD, COLOR_BAD, COLOR_WARN, COLOR_BUSY, COLOR_DIM, COLOR_BOLD };
const char *say_color(const struct context *c, enum color color);
enum color color_of_status(const char *status); /* of a run, or a state of the supervisor */

#endif
