/* clients/libnudge/gap.c - which records and steps are missing. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/gap.h"

struct topic {
	char name[64];
	uint64_t last;
};

struct run {
	uint64_t run, next;
};

/* Few topics and few runs at a time: lists, searched from their end */
struct gap {
	char boot[64];
	uint64_t base; /* the snapshot's seq */
	struct topic *topics;
	size_t n_topics;
	struct run *runs;
	size_t n_runs;
};

struct gap *gap_new(void)
{
	return calloc(1, sizeof(struct gap));
}

void gap_free(struct gap *g)
{
	if (!g)
		return;
	free(g->topics);
	free(g->runs);
	free(g);
}

void gap_begin(struct gap *g, const char *boot, uint64_t seq)
{
	snprintf(g->boot, sizeof(g->boot), "%s", boot);
	g->base = seq;
	g->n_topics = 0;
}

static struct topic *topic_find(const struct gap *g, const char *name)
{
	for (size_t i = g->n_topics; i-- > 0;)
		if (!strcmp(g->topics[i].name, name))
			return &g->topics[i];
	return NULL;
}

static uint64_t topic_last(const struct gap *g, const char *name)
{
	const struct topic *topic = topic_find(g, name);

	return topic ? topic->last : g->base;
}

/* Without memory the topic is forgotten: its next record then counts from the snapshot, as a hole, not as none */
static void topic_seen(struct gap *g, const char *name, uint64_t seq)
{
	struct topic *topic = topic_find(g, name), *list;

	if (!topic && strlen(name) < sizeof(topic->name)) {
		list = realloc(g->topics, (g->n_topics + 1) * sizeof(*list));
		if (list) {
			g->topics = list;
			topic = &list[g->n_topics++];
			strcpy(topic->name, name);
		}
	}
	if (topic)
		topic->last = seq;
}

enum gap_verdict gap_record(struct gap *g, const char *topic, const char *boot, uint64_t seq,
			    uint64_t prev, uint64_t *ret_after)
{
	uint64_t last = topic_last(g, topic);

	if (strcmp(boot, g->boot))
		return GAP_BOOT;
	if (seq <= last)
		return GAP_OLD;
	topic_seen(g, topic, seq);
	if (prev <= last)
		return GAP_NEXT;
	*ret_after = last;
	return GAP_HOLE;
}

bool gap_tail(struct gap *g, const char *topic, uint64_t last, uint64_t *ret_after)
{
	uint64_t seen = topic_last(g, topic);

	if (last <= seen)
		return false;
	topic_seen(g, topic, last);
	*ret_after = seen;
	return true;
}

static struct run *run_find(const struct gap *g, uint64_t run)
{
	for (size_t i = g->n_runs; i-- > 0;)
		if (g->runs[i].run == run)
			return &g->runs[i];
	return NULL;
}

uint64_t gap_expected(const struct gap *g, uint64_t run)
{
	const struct run *known = run_find(g, run);

	return known ? known->next : 0;
}

void gap_expect(struct gap *g, uint64_t run, uint64_t step)
{
	struct run *known = run_find(g, run), *list;

	if (!known) {
		list = realloc(g->runs, (g->n_runs + 1) * sizeof(*list));
		if (!list)
			return;
		g->runs = list;
		known = &list[g->n_runs++];
		known->run = run;
	}
	known->next = step;
}

void gap_forget(struct gap *g, uint64_t run)
{
	struct run *known = run_find(g, run);

	if (known)
		*known = g->runs[--g->n_runs];
}

bool gap_run(const struct gap *g, size_t i, uint64_t *ret_run)
{
	if (i >= g->n_runs)
		return false;
	*ret_run = g->runs[i].run;
	return true;
}

enum gap_verdict gap_steps(struct gap *g, uint64_t run, uint64_t step, uint64_t n,
			   uint64_t *ret_from, uint64_t *ret_skip)
{
	uint64_t next = gap_expected(g, run);

	*ret_from = next;
	*ret_skip = 0;
	if (step + n <= next)
		return GAP_OLD;
	gap_expect(g, run, step + n);
	if (step > next)
		return GAP_HOLE;
	*ret_skip = next - step;
	return GAP_NEXT;
}

uint64_t gap_reach(struct gap *g, uint64_t run, uint64_t step)
{
	uint64_t next = gap_expected(g, run);

	if (next >= step)
		return step;
	gap_expect(g, run, step);
	return next;
}
