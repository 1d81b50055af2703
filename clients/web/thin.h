/* clients/web/thin.h - from a record to an event that a browser can bear: arrays in base64, fewer rows of edges. */
#ifndef CLIENTS_WEB_THIN_H
#define CLIENTS_WEB_THIN_H

#include "clients/libnudge/nudge.h"
#include "clients/web/hub.h"

/* How much may still be sent now; begins as {0}.  now_s is any monotonic clock. */
struct thin {
	double rows, values; /* rows of edges, values of latest */
	double rows_s, values_s;
};

/* false: nothing to be sent for this record (a latest too many, a kind of no interest, no memory). */
bool thin_event(struct thin *thin, const struct nudge_record *record, double now_s,
		struct event *ret);

/* An event of the server's own: "event: NAME", data, no id.  Takes data over. */
bool thin_made(const char *name, json_t *data, struct event *ret);

#endif
