/* clients/web/hub.c - the recent events, in order, for every stream. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/web/hub.h"

#define PLACES 65536u /* a power of two */

struct hub {
	pthread_mutex_t lock;
	pthread_cond_t news;
	bool closed;
	struct event **ring; /* [place % PLACES] */
	uint64_t first, next;
	size_t bytes, most_bytes;
	char boot[64];
	uint64_t begin;       /* the first place of this boot */
	uint64_t whole_seq;   /* no event with a seq above this one has left */
	bool more_left;       /* ... but some without a seq that came behind it */
	double heard_s;       /* monotonic */
	int64_t heard_utc_ns; /* 0: never */
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct timespec at(double when_s)
{
	time_t seconds = (time_t)when_s;

	return (struct timespec){seconds, (long)(1e9 * (when_s - (double)seconds))};
}

struct hub *hub_new(size_t most_bytes)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	pthread_condattr_t monotonic;

	if (!hub)
		return NULL;
	hub->ring = calloc(PLACES, sizeof(hub->ring[0]));
	if (!hub->ring) {
		free(hub);
		return NULL;
	}
	hub->most_bytes = most_bytes;
	hub->heard_s = now_s(); /* time to find it */
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&hub->lock, NULL);
	pthread_cond_init(&hub->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return hub;
}

/* ---- with the lock ---- */

static void drop(struct event *event)
{
	if (--event->refs > 0)
		return;
	free(event->text);
	free(event);
}

static void leave_first(struct hub *hub)
{
	struct event *event = hub->ring[hub->first % PLACES];

	if (hub->first >= hub->begin && event->seq > hub->whole_seq) {
		hub->whole_seq = event->seq;
		hub->more_left = false;
	} else if (hub->first >= hub->begin && event->seq == 0) {
		hub->more_left = true;
	}
	hub->bytes -= event->n;
	hub->ring[hub->first++ % PLACES] = NULL;
	drop(event);
}

static void put(struct hub *hub, const struct event *event)
{
	struct event *copy = malloc(sizeof(*copy));

	if (!copy) { /* whoever waits for it is told that something is missing */
		free(event->text);
		while (hub->first < hub->next)
			leave_first(hub);
		if (event->seq > hub->whole_seq)
			hub->whole_seq = event->seq;
		hub->more_left = true;
		hub->first = ++hub->next;
		return;
	}
	*copy = *event;
	copy->refs = 1;
	while (hub->first < hub->next &&
	       (hub->next - hub->first == PLACES || hub->bytes + copy->n > hub->most_bytes))
		leave_first(hub);
	hub->ring[hub->next++ % PLACES] = copy;
	hub->bytes += copy->n;
	pthread_cond_broadcast(&hub->news);
}

/* ---- without ---- */

void hub_free(struct hub *hub)
{
	if (!hub)
		return;
	while (hub->first < hub->next)
		leave_first(hub);
	pthread_cond_destroy(&hub->news);
	pthread_mutex_destroy(&hub->lock);
	free(hub->ring);
	free(hub);
}

void hub_begin(struct hub *hub, const char *boot, uint64_t seq)
{
	const struct event begin = {.begin = true};

	pthread_mutex_lock(&hub->lock);
	snprintf(hub->boot, sizeof(hub->boot), "%s", boot);
	hub->whole_seq = seq;
	hub->more_left = false;
	put(hub, &begin);
	hub->begin = hub->next;
	pthread_mutex_unlock(&hub->lock);
}

void hub_publish(struct hub *hub, const struct event *event)
{
	pthread_mutex_lock(&hub->lock);
	put(hub, event);
	pthread_mutex_unlock(&hub->lock);
}

void hub_heard(struct hub *hub)
{
	struct timespec utc;

	clock_gettime(CLOCK_REALTIME, &utc);
	pthread_mutex_lock(&hub->lock);
	hub->heard_s = now_s();
	hub->heard_utc_ns = (int64_t)utc.tv_sec * 1000000000 + utc.tv_nsec;
	pthread_mutex_unlock(&hub->lock);
}

void hub_close(struct hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	hub->closed = true;
	pthread_cond_broadcast(&hub->news);
	pthread_mutex_unlock(&hub->lock);
}

enum hub_news hub_next(struct hub *hub, uint64_t *place, double timeout_s, const struct event **ret)
{
	struct timespec until = at(now_s() + timeout_s);
	enum hub_news news = HUB_NOTHING;
	int r = 0;

	pthread_mutex_lock(&hub->lock);
	while (!hub->closed && *place == hub->next && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&hub->news, &hub->lock, &until);
	if (hub->closed) {
		news = HUB_CLOSED;
	} else if (*place < hub->first) {
		news = HUB_MISSED;
	} else if (*place < hub->next) {
		struct event *event = hub->ring[*place % PLACES];

		event->refs++;
		*ret = event;
		++*place;
		news = HUB_EVENT;
	}
	pthread_mutex_unlock(&hub->lock);
	return news;
}

bool hub_wait(struct hub *hub, double seconds)
{
	struct timespec until = at(now_s() + seconds);
	bool closed;
	int r = 0;

	pthread_mutex_lock(&hub->lock);
	while (!hub->closed && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&hub->news, &hub->lock, &until);
	closed = hub->closed;
	pthread_mutex_unlock(&hub->lock);
	return !closed;
}

void hub_drop(struct hub *hub, const struct event *event)
{
	pthread_mutex_lock(&hub->lock);
	drop((struct event *)event);
	pthread_mutex_unlock(&hub->lock);
}

uint64_t hub_end(struct hub *hub)
{
	uint64_t end;

	pthread_mutex_lock(&hub->lock);
	end = hub->next;
	pthread_mutex_unlock(&hub->lock);
	return end;
}

bool hub_after(struct hub *hub, const char *boot, uint64_t seq, uint64_t *ret_place)
{
	uint64_t place, begin;
	bool whole;

	pthread_mutex_lock(&hub->lock);
	whole = !strcmp(boot, hub->boot) &&
		(seq > hub->whole_seq || (seq == hub->whole_seq && !hub->more_left));
	begin = hub->first > hub->begin ? hub->first : hub->begin;
	place = hub->next;
	while (whole && place > begin) {
		const struct event *event = hub->ring[(place - 1) % PLACES];

		if (event->seq != 0 && event->seq <= seq)
			break;
		place--;
	}
	pthread_mutex_unlock(&hub->lock);
	if (whole)
		*ret_place = place;
	return whole;
}

double hub_silence_s(struct hub *hub, int64_t *ret_heard_utc_ns)
{
	double silence_s;

	pthread_mutex_lock(&hub->lock);
	silence_s = now_s() - hub->heard_s;
	*ret_heard_utc_ns = hub->heard_utc_ns;
	pthread_mutex_unlock(&hub->lock);
	return silence_s;
}
