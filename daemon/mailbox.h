/* daemon/mailbox.h - values handed from one thread to another.
 *
 * One writer, one reader.  Items are copied in and out; nobody shares memory.
 * Two threads that post to each other must not both wait on a full box, or they
 * wait for ever: of a pair, one side uses put and the other try_put.
 */
#ifndef DAEMON_MAILBOX_H
#define DAEMON_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

struct mailbox;

struct mailbox *mailbox_new(size_t item_size, size_t capacity); /* NULL: no memory */
void mailbox_free(struct mailbox *m);

void mailbox_put(struct mailbox *m, const void *item);     /* waits while full */
bool mailbox_try_put(struct mailbox *m, const void *item); /* false if full */
bool mailbox_take(struct mailbox *m, void *item);          /* never waits */
bool mailbox_wait(struct mailbox *m, void *item, double timeout_s);
int mailbox_fd(const struct mailbox *m); /* readable while not empty; for loop_fd() */

#endif
