/* daemon/welcome.h - who subscribed to a welcome of their own lately, so that it can be said again.
 *
 * A subscriber with much to read may have no room for the one record that says its subscriptions stand: ZeroMQ drops it
 * for that subscriber alone.  Each welcome is therefore repeated with the next heartbeats, until the subscriber takes
 * the subscription back.
 */
#ifndef DAEMON_WELCOME_H
#define DAEMON_WELCOME_H

#include <stdbool.h>
#include <stddef.h>

#define WELCOME_MOST   64 /* remembered at a time; the oldest makes room */
#define WELCOME_AGAIN  5  /* so many times each */
#define WELCOME_LENGTH 80 /* of a topic, with its end */

struct welcome_list {
	struct welcome {
		char topic[WELCOME_LENGTH];
		int left; /* 0: the place is free */
	} all[WELCOME_MOST];
	size_t next;
};

/* Is it "welcome.NONCE.", the nonce 1 to 64 letters, digits, '-' or '_'?  topic need not end in NUL. */
bool welcome_topic(const char *topic, size_t n);
void welcome_remember(struct welcome_list *list, const char *topic, size_t n);
void welcome_forget(struct welcome_list *list, const char *topic, size_t n);

/* Calls say() for each that is due once more. */
void welcome_again(struct welcome_list *list, void (*say)(void *context, const char *topic),
		   void *context);

#endif
