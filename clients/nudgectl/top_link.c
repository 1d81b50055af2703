/* clients/nudgectl/top_link.c - a thread that listens, three that ask, and one inbox for the screen. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "clients/nudgectl/top_link.h"
#include "protocol/methods.h"

#define LOOK_S    0.25 /* how long an end may wait */
#define LEASE_S   30.0
#define AGAIN_S   1    /* between attempts to open what could not be opened */
#define INBOX_MAX 4096 /* items that wait for the screen; then listening waits */

struct request {
	struct request *next;
	char method[40];
	json_t *params;
	int tag;
};

struct asker {
	struct top_link *link;
	pthread_t thread;
	bool begun;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct request *first;
	struct nudge *nudge;
};

struct top_link {
	struct nudge_options options;
	double timeout_s;
	bool take_over;
	atomic_bool end;
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t taken;
	struct top_item *first, **last;
	size_t n;
	struct top_item *used; /* of the watch, and done with */
	pthread_t listener;
	bool listens;
	struct nudge *nudge; /* the watch's */
	struct nudge_watch *watch;
	struct asker askers[TOP_WAYS];
};

/* ---- the inbox ---- */

static void item_free(struct top_item *item)
{
	nudge_record_free(item->record);
	nudge_error_clear(&item->error);
	json_decref(item->hello);
	json_decref(item->snapshot);
	free(item);
}

static void free_all(struct top_item *item)
{
	while (item) {
		struct top_item *next = item->next;

		item_free(item);
		item = next;
	}
}

void top_link_done(struct top_link *link, struct top_item *item)
{
	if (item->method[0] || !item->record) {
		item_free(item);
		return;
	}
	pthread_mutex_lock(&link->lock);
	item->next = link->used;
	link->used = item;
	pthread_mutex_unlock(&link->lock);
}

static struct top_item *take_used(struct top_link *link)
{
	struct top_item *used;

	pthread_mutex_lock(&link->lock);
	used = link->used;
	link->used = NULL;
	pthread_mutex_unlock(&link->lock);
	return used;
}

static void post(struct top_link *link, struct top_item *item)
{
	uint64_t one = 1;

	if (!item)
		return;
	item->next = NULL;
	pthread_mutex_lock(&link->lock);
	*link->last = item;
	link->last = &item->next;
	link->n++;
	pthread_mutex_unlock(&link->lock);
	if (write(link->fd, &one, sizeof(one)) < 0)
		return; /* its counter is full: it is readable */
}

/* The stream waits in the sockets while the screen is behind: libnudge fetches what they drop */
static void await_room(struct top_link *link)
{
	pthread_mutex_lock(&link->lock);
	while (link->n >= INBOX_MAX && !atomic_load(&link->end))
		pthread_cond_wait(&link->taken, &link->lock);
	pthread_mutex_unlock(&link->lock);
}

struct top_item *top_link_take(struct top_link *link)
{
	struct top_item *first;
	uint64_t count;

	if (read(link->fd, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_lock(&link->lock);
	first = link->first;
	link->first = NULL;
	link->last = &link->first;
	link->n = 0;
	pthread_cond_signal(&link->taken);
	pthread_mutex_unlock(&link->lock);
	return first;
}

int top_link_fd(const struct top_link *link)
{
	return link->fd;
}

/* ---- listening ---- */

static int open_watch(struct top_link *link, struct nudge_error *error)
{
	static const char *const topics[] = {"hb.",   "state.",  "event.", "test.",
					     "step.", "latest.", NULL};

	return nudge_watch_open(link->nudge, topics, link->timeout_s, &link->watch, error);
}

static void post_trouble(struct top_link *link, struct nudge_error *error)
{
	struct top_item *item = calloc(1, sizeof(*item));

	if (item)
		item->error = *error;
	else
		nudge_error_clear(error);
	post(link, item);
}

static void *listen_on(void *arg)
{
	struct top_link *link = arg;

	while (!atomic_load(&link->end)) {
		struct nudge_error error = {0};
		struct nudge_record *record;
		int r;

		free_all(take_used(link));
		r = nudge_watch_next(link->watch, LOOK_S, &record, &error);

		if (r < 0)
			post_trouble(link, &error);
		if (r > 0) {
			struct top_item *item = calloc(1, sizeof(*item));

			if (item)
				item->record = record;
			else
				nudge_record_free(record);
			post(link, item);
		}
		await_room(link);
	}
	return NULL;
}

/* ---- asking ---- */

static struct request *await_request(struct asker *asker)
{
	struct request *request;

	pthread_mutex_lock(&asker->lock);
	while (!asker->first && !atomic_load(&asker->link->end))
		pthread_cond_wait(&asker->more, &asker->lock);
	request = asker->first;
	if (request)
		asker->first = request->next;
	pthread_mutex_unlock(&asker->lock);
	return request;
}

/* A method that needs the lease gets it for the call, as with every other sub-command */
static int call(struct asker *asker, const struct request *request, struct nudge_record **ret,
		struct nudge_error *error)
{
	const struct method *known = method_find(request->method);
	struct top_link *link = asker->link;
	bool lease = known && (known->flags & METHOD_LEASE);
	char note[80];
	int r;

	if (!asker->nudge && nudge_connect_with(&link->options, &asker->nudge, error) < 0)
		return -1;
	snprintf(note, sizeof(note), "nudgectl top: %s", request->method);
	if (lease && nudge_lease_acquire(asker->nudge, LEASE_S, note, link->take_over, error) < 0)
		return -1;
	r = nudge_call_record(asker->nudge, request->method, json_incref(request->params), NULL,
			      link->timeout_s, ret, error);
	if (lease)
		nudge_lease_release(asker->nudge, NULL);
	return r;
}

static void answer(struct asker *asker, struct request *request)
{
	struct top_item *item = calloc(1, sizeof(*item));

	if (item && call(asker, request, &item->record, &item->error) < 0)
		item->record = NULL;
	if (item) {
		snprintf(item->method, sizeof(item->method), "%s", request->method);
		item->tag = request->tag;
	}
	post(asker->link, item);
	json_decref(request->params);
	free(request);
}

static void *ask_on(void *arg)
{
	struct asker *asker = arg;
	struct request *request;

	/* an abort is not to wait for a connection to be made */
	if (nudge_connect_with(&asker->link->options, &asker->nudge, NULL) < 0)
		asker->nudge = NULL;
	while ((request = await_request(asker)) && !atomic_load(&asker->link->end))
		answer(asker, request);
	if (request) {
		json_decref(request->params);
		free(request);
	}
	nudge_close(asker->nudge);
	return NULL;
}

void top_link_ask(struct top_link *link, enum top_way way, const char *method, json_t *params,
		  int tag)
{
	struct asker *asker = &link->askers[way];
	struct request *request = calloc(1, sizeof(*request)), **at = &asker->first;

	if (!request || !asker->begun) {
		json_decref(params);
		free(request);
		return;
	}
	snprintf(request->method, sizeof(request->method), "%s", method);
	request->params = params ? params : json_object();
	request->tag = tag;
	pthread_mutex_lock(&asker->lock);
	while (*at)
		at = &(*at)->next;
	*at = request;
	pthread_cond_signal(&asker->more);
	pthread_mutex_unlock(&asker->lock);
}

/* ---- life ---- */

static struct top_link *link_new(struct context *c)
{
	struct top_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->options = context_options(c);
	link->timeout_s = c->timeout_s;
	link->take_over = c->take_over;
	link->nudge = c->nudge;
	link->last = &link->first;
	link->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_init(&link->lock, NULL);
	pthread_cond_init(&link->taken, NULL);
	for (size_t i = 0; i < TOP_WAYS; i++) {
		link->askers[i].link = link;
		pthread_mutex_init(&link->askers[i].lock, NULL);
		pthread_cond_init(&link->askers[i].more, NULL);
	}
	return link;
}

/* The watch's first items: who the server is, and how it stands */
static void post_beginning(struct top_link *link)
{
	struct top_item *item = calloc(1, sizeof(*item));

	if (!item)
		return;
	item->hello = json_deep_copy(nudge_hello(link->nudge));
	item->snapshot = json_deep_copy(nudge_watch_snapshot(link->watch));
	post(link, item);
}

int top_link_open(struct context *c, struct top_link **ret)
{
	struct nudge_error error = {0};
	struct top_link *link;
	int r = context_connect(c);

	if (r != EXIT_FINE)
		return r;
	link = link_new(c);
	if (!link)
		return say_failed("no memory");
	if (link->fd < 0) {
		r = say_failed("eventfd: %s", strerror(errno));
	} else if (open_watch(link, &error) < 0) {
		r = say_error(&error);
	} else {
		post_beginning(link);
		link->listens = !pthread_create(&link->listener, NULL, listen_on, link);
		if (!link->listens)
			r = say_failed("no thread: %s", strerror(errno));
	}
	for (size_t i = 0; r == EXIT_FINE && i < TOP_WAYS; i++)
		link->askers[i].begun =
			!pthread_create(&link->askers[i].thread, NULL, ask_on, &link->askers[i]);
	if (r == EXIT_FINE)
		*ret = link;
	else
		top_link_close(link);
	return r;
}

/* false: it waits for a server that does not answer */
static bool ends(pthread_t thread, const struct timespec *until)
{
	return pthread_timedjoin_np(thread, NULL, until) == 0;
}

/* What was still to be asked */
static void drop_requests(struct asker *asker)
{
	struct request *request;

	while ((request = asker->first)) {
		asker->first = request->next;
		json_decref(request->params);
		free(request);
	}
}

void top_link_close(struct top_link *link)
{
	struct timespec until;
	bool all = true;

	if (!link)
		return;
	atomic_store(&link->end, true);
	pthread_mutex_lock(&link->lock);
	pthread_cond_broadcast(&link->taken);
	pthread_mutex_unlock(&link->lock);
	for (size_t i = 0; i < TOP_WAYS; i++) {
		pthread_mutex_lock(&link->askers[i].lock);
		pthread_cond_broadcast(&link->askers[i].more);
		pthread_mutex_unlock(&link->askers[i].lock);
	}
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 1;
	if (link->listens && !ends(link->listener, &until))
		_exit(EXIT_FINE); /* the terminal is back; its connection is in use by that thread */
	free_all(take_used(link));
	for (size_t i = 0; i < TOP_WAYS; i++)
		if (link->askers[i].begun && !ends(link->askers[i].thread, &until))
			all = false;
	free_all(top_link_take(link));
	nudge_watch_close(link->watch);
	if (!all) /* what they use stays theirs */
		return;
	for (size_t i = 0; i < TOP_WAYS; i++)
		drop_requests(&link->askers[i]);
	close(link->fd);
	free(link);
}
