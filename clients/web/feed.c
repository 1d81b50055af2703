/* clients/web/feed.c - one watch for all browsers: follows the daemon, and puts what it says into the hub. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/libnudge/nudge.h"
#include "clients/web/feed.h"
#include "clients/web/thin.h"

#define OPEN_S  5.0
#define NEXT_S  0.25 /* how long an end of the program waits at most, when all is well */
#define AGAIN_S 0.5  /* between attempts to find the daemon */
#define STOP_S  5

struct feed {
	const struct nudge_options *server;
	struct hub *hub;
	struct thin thin;
	pthread_t thread;
	atomic_bool stop;
	pthread_mutex_t lock; /* of the wait between attempts */
	pthread_cond_t wake;
	char said[sizeof(((struct nudge_error *)0)->message)];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Once for as long as it is the same */
static void say(struct feed *feed, struct nudge_error *error)
{
	if (strcmp(feed->said, error->message)) {
		snprintf(feed->said, sizeof(feed->said), "%s", error->message);
		fprintf(stderr, "nudge-web: %s\n", error->message);
	}
	nudge_error_clear(error);
}

static void begin(struct feed *feed, const char *boot, const json_t *snapshot)
{
	hub_begin(feed->hub, boot ? boot : "",
		  (uint64_t)json_integer_value(json_object_get(snapshot, "seq")));
	feed->said[0] = '\0';
}

/* Another start of the daemon, of which a snapshot is there: what is it called? */
static int begin_again(struct feed *feed, struct nudge *n, const json_t *snapshot,
		       struct nudge_error *error)
{
	json_t *hello;

	if (nudge_call(n, "server.hello", NULL, OPEN_S, &hello, error) < 0)
		return -1;
	begin(feed, json_string_value(json_object_get(hello, "boot")), snapshot);
	json_decref(hello);
	return 0;
}

static int take(struct feed *feed, struct nudge *n, const struct nudge_record *record,
		struct nudge_error *error)
{
	struct event event;

	hub_heard(feed->hub);
	if (!strcmp(record->kind, "boot"))
		return begin_again(feed, n, json_object_get(record->header, "snapshot"), error);
	if (thin_event(&feed->thin, record, now_s(), &event))
		hub_publish(feed->hub, &event);
	return 0;
}

/* Until the end, or until the watch is of no use any more */
static void follow(struct feed *feed, struct nudge *n, struct nudge_error *error)
{
	static const char *const topics[] = {"hb.",    "state.",  "desc.", "step.", "test.",
					     "event.", "latest.", "log.",  NULL};
	struct nudge_watch *watch;
	int r = 0;

	if (nudge_watch_open(n, topics, OPEN_S, &watch, error) < 0)
		return;
	hub_heard(feed->hub);
	begin(feed, json_string_value(json_object_get(nudge_hello(n), "boot")),
	      nudge_watch_snapshot(watch));
	while (r >= 0 && !atomic_load(&feed->stop)) {
		struct nudge_record *record;

		r = nudge_watch_next(watch, NEXT_S, &record, error);
		if (r > 0) {
			r = take(feed, n, record, error);
			nudge_record_free(record);
		} else if (r < 0 &&
			   (error->kind == NUDGE_UNREACHABLE || error->kind == NUDGE_TIMED_OUT)) {
			say(feed, error); /* the watch goes on by itself when the daemon is back */
			r = 0;
		}
		/* any other trouble, as a record that makes no sense, may have hidden records: anew */
	}
	nudge_watch_close(watch);
}

static void wait_a_little(struct feed *feed)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)(1e9 * AGAIN_S);
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&feed->lock);
	if (!atomic_load(&feed->stop))
		pthread_cond_timedwait(&feed->wake, &feed->lock, &until);
	pthread_mutex_unlock(&feed->lock);
}

static void *feed_thread(void *context)
{
	struct feed *feed = context;

	while (!atomic_load(&feed->stop)) {
		struct nudge_error error = {0};
		struct nudge *n;

		if (nudge_connect_with(feed->server, &n, &error) == 0) {
			follow(feed, n, &error);
			nudge_close(n);
		}
		if (error.kind != NUDGE_FINE)
			say(feed, &error);
		wait_a_little(feed);
	}
	return NULL;
}

struct feed *feed_start(const struct nudge_options *server, struct hub *hub)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	int r;

	if (!feed)
		return NULL;
	feed->server = server;
	feed->hub = hub;
	pthread_mutex_init(&feed->lock, NULL);
	pthread_cond_init(&feed->wake, NULL);
	r = pthread_create(&feed->thread, NULL, feed_thread, feed);
	if (r != 0) {
		free(feed);
		errno = r;
		return NULL;
	}
	return feed;
}

bool feed_stop(struct feed *feed)
{
	struct timespec until;

	if (!feed)
		return true;
	pthread_mutex_lock(&feed->lock);
	atomic_store(&feed->stop, true);
	pthread_cond_signal(&feed->wake);
	pthread_mutex_unlock(&feed->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_S;
	if (pthread_timedjoin_np(feed->thread, NULL, &until) != 0)
		return false;
	pthread_cond_destroy(&feed->wake);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
	return true;
}
