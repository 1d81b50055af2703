/* clients/web/pool.c - connections to nudged for calls: each is lent to one request at a time. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clients/web/pool.h"

#define CONNECTIONS 12 /* at once; urgent calls come on top */
#define SPARE       (CONNECTIONS + 8)
#define ASK_S       20.0

struct pool {
	const struct nudge_options *server;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct nudge *idle[SPARE];
	size_t n_idle, n_lent;
};

struct pool *pool_new(const struct nudge_options *server)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	pthread_condattr_t monotonic;

	if (!pool)
		return NULL;
	pool->server = server;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->freed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return pool;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	while (pool->n_idle > 0)
		nudge_close(pool->idle[--pool->n_idle]);
	pthread_cond_destroy(&pool->freed);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static struct timespec deadline_in(double seconds)
{
	struct timespec at;
	long ns;

	clock_gettime(CLOCK_MONOTONIC, &at);
	ns = at.tv_nsec + (long)(1e9 * (seconds - (double)(time_t)seconds));
	at.tv_sec += (time_t)seconds + ns / 1000000000;
	at.tv_nsec = ns % 1000000000;
	return at;
}

static int all_lent(double timeout_s, struct nudge_error *error)
{
	nudge_error_clear(error);
	error->kind = NUDGE_TIMED_OUT;
	snprintf(error->message, sizeof(error->message),
		 "%d calls are under way already, and none ended in %g s", CONNECTIONS, timeout_s);
	return -1;
}

static int lend(struct pool *pool, bool urgent, double timeout_s, struct nudge **ret,
		struct nudge_error *error)
{
	struct timespec until = deadline_in(timeout_s);
	struct nudge_options server = *pool->server;
	struct nudge *n = NULL;
	int r = 0;

	pthread_mutex_lock(&pool->lock);
	while (!urgent && pool->n_lent >= CONNECTIONS && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
	if (r != ETIMEDOUT) {
		pool->n_lent++;
		if (pool->n_idle > 0)
			n = pool->idle[--pool->n_idle];
	}
	pthread_mutex_unlock(&pool->lock);
	if (r == ETIMEDOUT)
		return all_lent(timeout_s, error);
	if (timeout_s < server.timeout_s)
		server.timeout_s = timeout_s;
	if (!n && nudge_connect_with(&server, &n, error) < 0) {
		pthread_mutex_lock(&pool->lock);
		pool->n_lent--;
		pthread_cond_signal(&pool->freed);
		pthread_mutex_unlock(&pool->lock);
		return -1;
	}
	*ret = n;
	return 0;
}

static void give_back(struct pool *pool, struct nudge *n, bool good)
{
	pthread_mutex_lock(&pool->lock);
	pool->n_lent--;
	if (good && pool->n_idle < SPARE) {
		pool->idle[pool->n_idle++] = n;
		n = NULL;
	}
	pthread_cond_signal(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
	nudge_close(n);
}

int pool_call(struct pool *pool, bool urgent, const char *method, json_t *params, json_t *meta,
	      double timeout_s, struct nudge_record **ret, struct nudge_error *error)
{
	struct nudge *n;
	int r;

	if (lend(pool, urgent, timeout_s, &n, error) < 0) {
		json_decref(params);
		json_decref(meta);
		return -1;
	}
	r = nudge_call_record(n, method, params, meta, timeout_s, ret, error);
	/* where nobody answers: the next one looks around anew */
	give_back(pool, n, r == 0 || error->kind == NUDGE_REFUSED);
	return r;
}

int pool_ask(struct pool *pool, const char *method, json_t *params, json_t **ret,
	     struct nudge_error *error)
{
	struct nudge_record *record;

	if (pool_call(pool, false, method, params, NULL, ASK_S, &record, error) < 0)
		return -1;
	*ret = json_incref(record->header);
	nudge_record_free(record);
	return 0;
}
