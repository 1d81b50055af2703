/* clients/libnudge/wire.h - sockets with deadlines; the one home of ZeroMQ among the clients. */
#ifndef CLIENTS_LIBNUDGE_WIRE_H
#define CLIENTS_LIBNUDGE_WIRE_H

#include <stddef.h>

struct wire;

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
struct wire *wire_request(void *context, const char *endpoint);
struct wire *wire_subscriber(void *context, const char *endpoint);
void wire_close(struct wire *w); /* accepts NULL */

int wire_subscribe(struct wire *w, const char *topic); /* 0 or -errno */

/* 0; -ENOTCONN: no connection by the deadline; -errno */
int wire_send(struct wire *w, const char *text, size_t n, double deadline_s);

/* 0; -ETIMEDOUT; -EINTR: a signal came; -ENOTCONN: the request socket's connection broke; -errno */
int wire_receive(struct wire *w, double deadline_s, struct frames *ret);

#endif
