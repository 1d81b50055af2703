/* clients/web/stream.c - server-sent events: what one browser is told, from its hello on.
 *
 * It reads the hub at its own pace.  Where the hub no longer has what comes next, it jumps to the present: a new hello,
 * and a gap that says which steps it did not bring.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/answer.h"
#include "clients/web/hello.h"
#include "clients/web/stream.h"
#include "clients/web/thin.h"
#include "protocol/record.h"

#define LOST_S   3.0
#define ALIVE_S  1.0  /* a comment when there is nothing else */
#define SETTLE_S 0.05 /* between looks whether the database has what the hub no longer has */
#define SETTLES  100

struct stream {
	struct hub *hub;
	struct pool *pool;
	atomic_uint *n_streams;
	uint64_t place; /* in the hub */
	bool wants_hello, lost;
	unsigned settles;
	uint64_t state_seq;      /* changes of state up to this one the hello told */
	bool behind;             /* a gap belongs behind the hello */
	uint64_t run, next_step; /* of the last steps that were sent; 0: none */
	/* what is being sent: of an event of the hub, or its own */
	const struct event *event;
	char *own;
	const char *text;
	size_t n, at;
};

/* ---- what is being sent ---- */

static void sent(struct stream *s)
{
	if (s->event)
		hub_drop(s->hub, s->event);
	free(s->own);
	s->event = NULL;
	s->own = NULL;
	s->n = s->at = 0;
}

static void send_own(struct stream *s, char *text, size_t n)
{
	s->own = text;
	s->text = text;
	s->n = text ? n : 0;
	s->at = 0;
}

static void send_text(struct stream *s, const char *text)
{
	s->text = text;
	s->n = strlen(text);
	s->at = 0;
}

static void send_made(struct stream *s, const char *name, json_t *data)
{
	struct event event;

	if (thin_made(name, data, &event))
		send_own(s, event.text, event.n);
}

/* ---- lost and back ---- */

/* true: there is something to be sent about it */
static bool look_for_daemon(struct stream *s)
{
	int64_t heard_utc_ns;
	double silence_s = hub_silence_s(s->hub, &heard_utc_ns);
	char utc[32];

	if (s->lost == (silence_s > LOST_S))
		return false;
	s->lost = !s->lost;
	if (!s->lost)
		send_made(s, "back", json_object());
	else if (heard_utc_ns == 0)
		send_made(s, "lost", json_pack("{s:n}", "since_utc"));
	else
		send_made(s, "lost",
			  json_pack("{s:s}", "since_utc",
				    record_utc(heard_utc_ns, utc, sizeof(utc))));
	return true;
}

/* ---- hello ---- */

static void send_gap(struct stream *s, uint64_t run, uint64_t from, const struct hello *hello)
{
	s->behind = false;
	s->next_step = 0;
	s->run = 0;
	if (run == hello->run && hello->steps > from)
		send_made(s, "gap",
			  json_pack("{s:I, s:I, s:I}", "run", (json_int_t)run, "from",
				    (json_int_t)from, "to", (json_int_t)hello->steps - 1));
	else if (run != hello->run) /* to its end, wherever that is */
		send_made(s, "gap",
			  json_pack("{s:I, s:I, s:n}", "run", (json_int_t)run, "from",
				    (json_int_t)from, "to"));
}

/* Where it goes on from the hello: behind what the database had.  false: not yet. */
static bool find_place(struct stream *s, const struct hello *hello)
{
	uint64_t place;

	if (!hub_after(s->hub, hello->boot, hello->durable_seq, &place)) {
		if (++s->settles < SETTLES)
			return false;
		place = hub_end(s->hub);
		s->behind = true;
	}
	s->place = place;
	s->settles = 0;
	return true;
}

static void append_gap(struct stream *s, struct hello *hello)
{
	char *hello_text = hello->text, *both;
	size_t n = hello->n;
	uint64_t run = s->run ? s->run : hello->run;

	send_own(s, NULL, 0);
	if (run)
		send_gap(s, run, s->run ? s->next_step : 0, hello);
	s->behind = false;
	both = s->n ? realloc(hello_text, n + s->n + 1) : NULL;
	if (both) {
		memcpy(both + n, s->text, s->n + 1);
		n += s->n;
		hello_text = both;
	}
	free(s->own);
	send_own(s, hello_text, n);
}

/* A hello is asked for and put up for sending; else a short wait, and a sign of life.  false: the end */
static bool greet(struct stream *s)
{
	struct nudge_error error = {0};
	struct hello hello;
	bool made = !s->lost && hello_make(s->pool, &hello, &error) == 0;

	nudge_error_clear(&error);
	if (made && find_place(s, &hello)) {
		s->wants_hello = false;
		s->state_seq = hello.seq;
		if (s->behind || s->run)
			append_gap(s, &hello);
		else
			send_own(s, hello.text, hello.n);
		return true;
	}
	if (made)
		free(hello.text);
	if (!hub_wait(s->hub, made ? SETTLE_S : ALIVE_S))
		return false;
	if (!made && !look_for_daemon(s))
		send_text(s, ":\n\n");
	return true;
}

/* ---- the flow ---- */

static double wait_s(const struct stream *s)
{
	int64_t heard_utc_ns;
	double left_s = LOST_S - hub_silence_s(s->hub, &heard_utc_ns);

	return s->lost || left_s > ALIVE_S ? ALIVE_S : left_s < 0.01 ? 0.01 : left_s;
}

/* Puts the next thing up for sending, or nothing; false: the end */
static bool advance(struct stream *s)
{
	const struct event *event;

	if (look_for_daemon(s))
		return true;
	if (s->wants_hello)
		return greet(s);
	switch (hub_next(s->hub, &s->place, wait_s(s), &event)) {
	case HUB_CLOSED:
		return false;
	case HUB_NOTHING:
		if (!look_for_daemon(s))
			send_text(s, ":\n\n");
		return true;
	case HUB_MISSED:
		s->wants_hello = s->behind = true;
		return true;
	case HUB_EVENT:
		break;
	}
	s->event = event;
	if (event->begin) {
		s->wants_hello = true;
		sent(s);
	} else if (event->state && event->seq && event->seq <= s->state_seq) {
		sent(s);
	} else {
		s->text = event->text;
		s->n = event->n;
		if (event->run) {
			s->run = event->run;
			s->next_step = event->next_step;
		}
	}
	return true;
}

static ssize_t stream_read(void *source, char *bytes, size_t n)
{
	struct stream *s = source;
	size_t here;

	while (s->at == s->n) {
		sent(s);
		if (!advance(s))
			return -1;
	}
	here = s->n - s->at < n ? s->n - s->at : n;
	memcpy(bytes, s->text + s->at, here);
	s->at += here;
	return (ssize_t)here;
}

static void stream_close(void *source)
{
	struct stream *s = source;

	sent(s);
	atomic_fetch_sub(s->n_streams, 1);
	free(s);
}

/* "BOOT.SEQ": goes on behind it, if that can be; else a hello comes, with a gap */
static void go_on(struct stream *s, const char *id)
{
	const char *dot = strrchr(id, '.');
	char boot[64];
	char *rest;
	unsigned long long seq;

	if (!dot || (size_t)(dot - id) >= sizeof(boot))
		return;
	memcpy(boot, id, (size_t)(dot - id));
	boot[dot - id] = '\0';
	seq = strtoull(dot + 1, &rest, 10);
	s->behind = true;
	if (rest == dot + 1 || *rest || !hub_after(s->hub, boot, seq, &s->place))
		return;
	s->wants_hello = s->behind = false;
}

void stream_answer(const struct http_request *request, struct hub *hub, struct pool *pool,
		   atomic_uint *n_streams, struct http_answer *ret)
{
	const char *id = http_header(request, "Last-Event-ID");
	struct stream *s;

	if (!id)
		id = http_query(request, "last");
	if (atomic_fetch_add(n_streams, 1) >= STREAMS_MAX) {
		atomic_fetch_sub(n_streams, 1);
		http_add_header(ret, "Retry-After", "5");
		answer_text(ret, 503, "As many streams of events as there may be are open: 32.\n");
		return;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		atomic_fetch_sub(n_streams, 1);
		answer_text(ret, 500, "no memory\n");
		return;
	}
	*s = (struct stream){.hub = hub, .pool = pool, .n_streams = n_streams, .wants_hello = true};
	if (id)
		go_on(s, id);
	send_text(s, "retry: 1000\n\n");
	ret->status = 200;
	ret->type = "text/event-stream";
	ret->read = stream_read;
	ret->close = stream_close;
	ret->source = s;
}
