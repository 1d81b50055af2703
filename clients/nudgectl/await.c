/* clients/nudgectl/await.c - a request whose answer takes long: asked on a connection of its own, looked after meanwhile. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/await.h"
#include "clients/nudgectl/interrupt.h"

#define LOOK_S    0.1    /* how long Ctrl-C may wait */
#define LONGEST_S 604800 /* as long as the daemon itself waits */
#define LEASE_S   30.0

struct await {
	struct context *c;
	struct nudge *nudge; /* the call's own connection: a connection belongs to one thread */
	const char *method;
	json_t *params; /* the thread's once it runs */
	json_t *result;
	struct nudge_error error;
	int failed;
	atomic_bool done;
};

static void *ask(void *context)
{
	struct await *a = context;
	json_t *params = a->params;

	a->params = NULL;
	a->failed = nudge_call(a->nudge, a->method, params, LONGEST_S, &a->result, &a->error);
	atomic_store(&a->done, true);
	return NULL;
}

static int connect_call(struct await *a)
{
	const struct nudge_options options = context_options(a->c);
	char note[80];

	if (nudge_connect_with(&options, &a->nudge, &a->error) < 0)
		return say_error(&a->error);
	snprintf(note, sizeof(note), "nudgectl: %s", a->method);
	if (nudge_lease_acquire(a->nudge, LEASE_S, note, a->c->take_over, &a->error) < 0)
		return say_error(&a->error);
	return EXIT_FINE;
}

/* "\r12 of 21" in place */
static void tell(const struct nudge_record *record, bool terminal)
{
	const char *kind = json_string_value(json_object_get(record->header, "event"));
	const char *what = json_string_value(json_object_get(record->header, "what"));

	if (terminal && kind && what && !strcmp(kind, "calibration"))
		fprintf(stderr, "\rrun %llu: %s ", (unsigned long long)record->run, what);
}

static void abort_run(struct context *c, uint64_t run)
{
	json_t *result;

	if (context_ask(c, "run.abort", json_pack("{s:I}", "run", (json_int_t)run), &result) ==
	    EXIT_FINE)
		json_decref(result);
}

/* Until the answer is there. */
static void look_on(struct await *a, struct nudge_watch *w, int interrupt_fd)
{
	bool terminal = isatty(STDERR_FILENO);
	struct nudge_record *record;
	bool wanted = false; /* to abort: at once, or when its number is known */
	uint64_t run = 0;

	while (!atomic_load(&a->done)) {
		if (nudge_watch_next(w, LOOK_S, &record, NULL) > 0) {
			const char *kind =
				json_string_value(json_object_get(record->header, "event"));

			if (kind && !strcmp(kind, "calibration"))
				run = record->run;
			tell(record, terminal);
			nudge_record_free(record);
		}
		wanted |= interrupt_fd >= 0 && interrupt_take(interrupt_fd);
		if (wanted && run) {
			wanted = false;
			abort_run(a->c, run);
		}
	}
	if (terminal)
		fputs("\r\033[K", stderr);
}

static int ask_and_look(struct await *a)
{
	static const char *const topics[] = {"event.", NULL};
	struct nudge_watch *w = NULL;
	pthread_t thread;
	int fd, r = context_connect(a->c);

	if (r == EXIT_FINE &&
	    nudge_watch_open(a->c->nudge, topics, a->c->timeout_s, &w, &a->error) < 0)
		r = say_error(&a->error);
	if (r == EXIT_FINE)
		r = connect_call(a);
	fd = r == EXIT_FINE ? interrupt_open() : -1;
	if (r == EXIT_FINE && pthread_create(&thread, NULL, ask, a) != 0)
		r = say_failed("no memory for a thread");
	if (r == EXIT_FINE) {
		look_on(a, w, fd);
		pthread_join(thread, NULL);
	}
	if (fd >= 0)
		interrupt_close(fd);
	nudge_watch_close(w);
	return r;
}

int await_calibration(struct context *c, const char *method, json_t *params, json_t **ret)
{
	struct await a = {.c = c, .method = method, .params = params};
	int r = ask_and_look(&a);

	if (r == EXIT_FINE && a.failed)
		r = say_error(&a.error);
	else if (r == EXIT_FINE)
		*ret = a.result;
	json_decref(a.params);
	if (a.nudge)
		nudge_lease_release(a.nudge, NULL);
	nudge_close(a.nudge);
	return r;
}
