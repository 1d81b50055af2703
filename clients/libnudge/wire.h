/* clients/libnudge/wire.h - sockets with deadlines; the one home of ZeroMQ among the clients. */
#ifndef CLIENTS_LIBNUDGE_WIRE_H
#define CLIENTS_LIBNUDGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/key_file.h"

struct wire;

/* CURVE: whom we expect, and who we are. */
struct wire_keys {
	char server_key[KEY_CHARS + 1]; /* "": no CURVE */
	struct key_pair own;
};

/* How the last attempt to come in went, over TCP. */
enum wire_entry {
	WIRE_ENTRY_OPEN,    /* none has ended yet, or it went well */
	WIRE_ENTRY_NOBODY,  /* no TCP connection */
	WIRE_ENTRY_DROPPED, /* the other side broke off, and did so again */
	WIRE_ENTRY_FOREIGN, /* the two sides cannot speak to each other */
	WIRE_ENTRY_REFUSED, /* ZAP said no */
};

/* A multipart message; the bytes of each frame are aligned for any type. */
struct frames {
	size_t n;
	struct frame {
		void *bytes; /* one NUL behind the end, for text */
		size_t size;
	} * list;
};
void frames_free(struct frames *frames);

double wire_now_s(void); /* monotonic; deadlines are on this clock */

void *wire_context(void); /* NULL: no memory or no descriptors */
void wire_context_free(void *context);

/* NULL and errno.  A request socket queues nothing while there is no connection. */
struct wire *wire_request(void *context, const char *endpoint, const struct wire_keys *keys);
struct wire *wire_subscriber(void *context, const char *endpoint, const struct wire_keys *keys);
void wire_close(struct wire *w); /* accepts NULL */

int wire_subscribe(struct wire *w, const char *topic); /* 0 or -errno */

/* 0; -ENOTCONN: no connection by the deadline; -EACCES: not let in, wire_entry() says how; -errno.  A connection that
 * stood once and broke is waited for, whatever the port says meanwhile, but not once keys are refused. */
int wire_send(struct wire *w, const char *text, size_t n, double deadline_s);

/* 0; -ETIMEDOUT; -EINTR: a signal came; -ENOTCONN: the request socket's connection broke; -EACCES: the subscriber's
 * never stood, and was not let in; -errno.  Goes on knocking in every case. */
int wire_receive(struct wire *w, double deadline_s, struct frames *ret);

/* ret_status (may be NULL): ZAP's, 300, 400 or 500, when refused; else 0. */
enum wire_entry wire_entry(const struct wire *w, int *ret_status);

/* ---- keys ---- */

bool wire_has_curve(void);
bool wire_make_pair(struct key_pair *ret);      /* false: no CURVE in this libzmq */
bool wire_is_pair(const struct key_pair *pair); /* the halves belong together */

#endif
