/* clients/libnudge/internal.h - what the library's files share: the connection, and how an error is said. */
#ifndef CLIENTS_LIBNUDGE_INTERNAL_H
#define CLIENTS_LIBNUDGE_INTERNAL_H

#include "clients/libnudge/address.h"
#include "clients/libnudge/nudge.h"
#include "clients/libnudge/wire.h"

struct nudge {
	struct address address;
	void *context;                 /* of the sockets */
	struct wire *control, *urgent; /* urgent is opened by the first call that needs it */
	struct wire_keys keys;         /* server_key "": none */
	json_t *hello;
	bool away; /* nobody answered the last call */
	struct nudge_lease {
		char token[64];      /* "": none */
		double ttl_s, due_s; /* due_s: on wire_now_s()'s clock */
	} lease;
};

/* Fills *error (NULL is allowed) and returns -1. */
int error_set(struct nudge_error *error, enum nudge_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with the errno that tells this error from others of its kind. */
int error_number(struct nudge_error *error, enum nudge_kind kind, int number, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));

#endif
