/* daemon/log_box.h - carries log lines from whatever thread logs to the stream, which is the main thread's. */
#ifndef DAEMON_LOG_BOX_H
#define DAEMON_LOG_BOX_H

#include "daemon/publisher.h"

struct log_box;

struct log_box *log_box_new(void);      /* NULL: no memory */
void log_box_free(struct log_box *box); /* accepts NULL */
int log_box_fd(struct log_box *box);    /* readable: there are lines to publish */
/* From now on lines go into the box; log_set_sink(NULL, NULL) ends it. */
void log_box_listen(struct log_box *box);
/* Publishes a few; a box that was full in between tells how many the stream has missed (stderr has them all). */
void log_box_publish(struct log_box *box, struct publisher *publisher);

#endif
