/* clients/nudgectl/live.c - a server asked in passing: silence is an answer, too. */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "clients/nudgectl/live.h"

struct live {
	struct nudge_options options;
	struct nudge *nudge;
	double end_s; /* of CLOCK_MONOTONIC */
	bool gone;    /* nobody there: asked once is enough */
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct live *live_new(const struct nudge_options *options, double within_s)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->options = *options;
	l->end_s = now_s() + within_s;
	return l;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	nudge_close(l->nudge);
	free(l);
}

static bool connected(struct live *l)
{
	if (l->nudge || l->gone)
		return l->nudge;
	l->options.timeout_s = l->end_s - now_s();
	if (l->options.timeout_s <= 0 || nudge_connect_with(&l->options, &l->nudge, NULL) < 0)
		l->gone = true;
	return l->nudge;
}

json_t *live_ask(struct live *l, const char *method, json_t *params)
{
	json_t *result = NULL;
	double left_s;

	if (!connected(l)) {
		json_decref(params);
		return NULL;
	}
	left_s = l->end_s - now_s();
	if (left_s <= 0) {
		json_decref(params);
		return NULL;
	}
	if (nudge_call(l->nudge, method, params, left_s, &result, NULL) < 0)
		return NULL;
	return result;
}
