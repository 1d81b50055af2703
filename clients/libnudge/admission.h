/* clients/libnudge/admission.h - the keys a client comes with, and a sentence on why it was not let in. */
#ifndef CLIENTS_LIBNUDGE_ADMISSION_H
#define CLIENTS_LIBNUDGE_ADMISSION_H

#include "clients/libnudge/internal.h"

/* The keys that options and environment name, for a server at address: none over a Unix socket.  0, or -1 and *error. */
int admission_keys(const struct nudge_options *options, const struct address *address,
		   struct wire_keys *ret, struct nudge_error *error);

/* Why there is no connection of w to endpoint: looks there once more by itself.  Fills *error, returns -1.
 * method: whose call it was, or NULL. */
int admission_explain(const struct nudge *n, const struct wire *w, const char *endpoint,
		      const char *method, struct nudge_error *error);

#endif
