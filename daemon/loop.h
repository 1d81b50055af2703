/* daemon/loop.h - waits for whatever comes next: sockets, descriptors, timers.
 *
 * One thread.  A callback takes a bounded number of items and returns; what is left calls it again.
 */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include <stdint.h>

struct loop;
struct loop_timer;

typedef void loop_callback(void *context);

struct loop *loop_new(void);       /* NULL: no memory */
void loop_free(struct loop *loop); /* frees its timers; accepts NULL */

/* Called whenever there is something to read.  0, or -ENOMEM, -EEXIST. */
int loop_add_fd(struct loop *loop, int fd, loop_callback *callback, void *context);
int loop_add_socket(struct loop *loop, void *zmq_socket, loop_callback *callback, void *context);
void loop_remove_fd(struct loop *loop, int fd);
void loop_remove_socket(struct loop *loop, void *zmq_socket);

/* A timer that is off.  NULL: no memory. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *callback, void *context);
void loop_timer_set(struct loop_timer *timer,
		    int64_t when_ns); /* once, on clock_now_ns()'s clock */
void loop_timer_every(struct loop_timer *timer, int64_t period_ns); /* from now on; > 0 */
void loop_timer_off(struct loop_timer *timer);

/* After every round of callbacks. */
void loop_set_after(struct loop *loop, loop_callback *callback, void *context);

int loop_run(struct loop *loop); /* until loop_quit(); 0 or -errno */
/* One round: waits no longer than timeout_ns (-1: no bound), calls what is due.  0 or -errno. */
int loop_once(struct loop *loop, int64_t timeout_ns);
void loop_quit(struct loop *loop);

#endif
