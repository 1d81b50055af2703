/* daemon/sequence.c - a counter, a short list of topics, and a queue of what is not on disk yet. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sequence.h"

#define N_TOPICS 32

struct topic {
	char name[64];
	uint64_t seq; /* 0: the place is free */
};

struct kept {
	uint64_t seq;
	uint64_t run, rows; /* run 0: it waits for the ticket */
	uint64_t ticket;
	bool durable;
};

struct sequence {
	uint64_t seq;
	struct topic topics[N_TOPICS]; /* the one unused for longest makes room */
	struct kept *kept;             /* a ring */
	size_t first, count, capacity; /* capacity: a power of two */
};

struct sequence *sequence_new(void)
{
	return calloc(1, sizeof(struct sequence));
}

void sequence_free(struct sequence *s)
{
	if (s)
		free(s->kept);
	free(s);
}

/* A run's topics come to rest when it ends; the standing ones ("hb.", "log.") are never given away. */
static bool of_a_run(const char *topic)
{
	const char *dot = strchr(topic, '.');

	return dot && dot[1];
}

static struct topic *find_topic(struct sequence *s, const char *name)
{
	struct topic *oldest = NULL;

	for (size_t i = 0; i < N_TOPICS; i++) {
		struct topic *t = &s->topics[i];

		if (t->seq && strcmp(t->name, name) == 0)
			return t;
		if (t->seq && !of_a_run(t->name))
			continue;
		if (!oldest || t->seq < oldest->seq)
			oldest = t;
	}
	if (!oldest)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	strncpy(oldest->name, name, sizeof(oldest->name) - 1);
	return oldest;
}

static int make_room(struct sequence *s)
{
	size_t capacity = s->capacity ? 2 * s->capacity : 256;
	struct kept *kept;

	if (s->count < s->capacity)
		return 0;
	kept = malloc(capacity * sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < s->count; i++)
		kept[i] = s->kept[(s->first + i) & (s->capacity - 1)];
	free(s->kept);
	s->kept = kept;
	s->capacity = capacity;
	s->first = 0;
	return 0;
}

static void stamp(struct sequence *s, const char *topic, const struct kept *kept,
		  struct sequence_stamp *ret)
{
	/* one subscriber's own, never followed by another */
	bool once = strncmp(topic, "welcome.", 8) == 0;
	struct topic *t = once ? NULL : find_topic(s, topic);

	ret->seq = ++s->seq;
	ret->prev = t ? t->seq : 0;
	if (t)
		t->seq = s->seq;
	if (kept) {
		struct kept *k = &s->kept[(s->first + s->count++) & (s->capacity - 1)];

		*k = *kept;
		k->seq = s->seq;
	}
	ret->durable_seq = sequence_durable(s);
}

int sequence_next(struct sequence *s, const char *topic, struct sequence_stamp *ret)
{
	stamp(s, topic, NULL, ret);
	return 0;
}

int sequence_next_rows(struct sequence *s, const char *topic, uint64_t run, uint64_t rows,
		       struct sequence_stamp *ret)
{
	int r = make_room(s);

	if (r < 0)
		return r;
	stamp(s, topic, &(struct kept){.run = run, .rows = rows}, ret);
	return 0;
}

int sequence_next_ticket(struct sequence *s, const char *topic, uint64_t ticket,
			 struct sequence_stamp *ret)
{
	int r = make_room(s);

	if (r < 0)
		return r;
	stamp(s, topic, &(struct kept){.ticket = ticket}, ret);
	return 0;
}

static void drop_durable(struct sequence *s)
{
	while (s->count && s->kept[s->first].durable) {
		s->first = (s->first + 1) & (s->capacity - 1);
		s->count--;
	}
}

void sequence_rows_durable(struct sequence *s, uint64_t run, uint64_t rows)
{
	for (size_t i = 0; i < s->count; i++) {
		struct kept *k = &s->kept[(s->first + i) & (s->capacity - 1)];

		if (k->run == run && k->rows > rows)
			break; /* rows of a run come in order */
		if (k->run == run)
			k->durable = true;
	}
	drop_durable(s);
}

void sequence_ticket_durable(struct sequence *s, uint64_t ticket)
{
	for (size_t i = 0; i < s->count; i++) {
		struct kept *k = &s->kept[(s->first + i) & (s->capacity - 1)];

		if (!k->run && k->ticket <= ticket)
			k->durable = true;
	}
	drop_durable(s);
}

uint64_t sequence_seq(const struct sequence *s)
{
	return s->seq;
}

uint64_t sequence_durable(const struct sequence *s)
{
	return s->count ? s->kept[s->first].seq - 1 : s->seq;
}

json_t *sequence_last(const struct sequence *s)
{
	json_t *last = json_object();

	for (size_t i = 0; i < N_TOPICS; i++)
		if (s->topics[i].seq)
			json_object_set_new(last, s->topics[i].name,
					    json_integer((json_int_t)s->topics[i].seq));
	return last;
}
