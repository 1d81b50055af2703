/* clients/nudgectl/top.c - the loop of `nudgectl top`: records in, keys in, at most five screens a second out. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "clients/nudgectl/top.h"
#include "clients/nudgectl/top_keys.h"
#include "clients/nudgectl/top_link.h"
#include "clients/nudgectl/top_terminal.h"
#include "protocol/methods.h"

#define FRAME_S   0.2 /* between screens; a key is answered at once */
#define IDLE_S    0.5 /* when nothing comes: ages go on, and TOP_LOST_S and this are less than 3 s */
#define RECENT_S  1.0 /* between looks at how late steps began, and what was desired */
#define WANT_S    0.3 /* between askings of one thing */
#define MESSAGE_S 12.0
#define POINTS    2000 /* of a curve so far */

struct top {
	struct context *c;
	struct top_link *link;
	struct top_model *m;
	struct top_view v;
	struct top_screen s;
	int signals_fd;
	bool quit, dirty;
	double shown_s, recent_s, asked_s;
	uint64_t recent_steps;
	unsigned in_flight; /* of enum top_want: asked and not answered */
	bool recent_asked;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- what is asked without anybody typing ---- */

static json_t *of_run(const struct top_model *m)
{
	return json_pack("{s:I}", "run", (json_int_t)m->run);
}

static json_t *of_curve(const struct top_model *m)
{
	json_t *params = json_pack("{s:I, s:[s, s], s:i}", "run", (json_int_t)m->run, "columns",
				   "step", "mse_V2", "max_points", POINTS);

	if (m->curve_from != UINT64_MAX && m->curve_from > 0)
		json_object_set_new(params, "to", json_integer((json_int_t)m->curve_from - 1));
	return params;
}

static json_t *of_last(const struct top_model *m)
{
	(void)m;
	return json_pack("{s:i}", "limit", 1);
}

static json_t *of_nothing(const struct top_model *m)
{
	(void)m;
	return json_object();
}

static const struct {
	unsigned want;
	const char *method;
	json_t *(*params)(const struct top_model *m);
	bool of_run; /* needs one */
} wants[] = {
	{TOP_WANT_LAST, "history.runs", of_last, false},
	{TOP_WANT_RIG, "rig.describe", of_nothing, false},
	{TOP_WANT_RUN, "history.run", of_run, true},
	{TOP_WANT_CURVE, "history.steps", of_curve, true},
};

static void ask_wanted(struct top *t)
{
	double now = now_s();

	if (!t->m->wants || now - t->asked_s < WANT_S || top_model_lost(t->m))
		return;
	t->asked_s = now;
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		unsigned want = wants[i].want;

		if (!(t->m->wants & want) || (t->in_flight & want) ||
		    (wants[i].of_run && t->m->run == 0))
			continue;
		t->m->wants &= ~want;
		t->in_flight |= want;
		top_link_ask(t->link, TOP_WAY_ASK, wants[i].method, wants[i].params(t->m),
			     (int)want);
	}
}

/* The last steps, as they are on disk: their lateness and what was desired.  Where no step has come by itself, the last
 * alone with its voltages: they may be many. */
static json_t *of_recent(const struct top_model *m)
{
	uint64_t back = m->n_rows > 0 ? 100 : 1, from = m->steps > back ? m->steps - back : 0;
	json_t *params = json_pack("{s:I, s:I, s:[s, s, s]}", "run", (json_int_t)m->run, "from",
				   (json_int_t)from, "columns", "step", "target_V", "lateness_ns");
	json_t *columns = json_object_get(params, "columns");

	if (m->n_rows == 0) {
		json_array_append_new(columns, json_string("v_free_V"));
		json_array_append_new(columns, json_string("v_clamped_V"));
	}
	return params;
}

static void ask_recent(struct top *t)
{
	const struct top_model *m = t->m;
	double now = now_s();

	if (m->run == 0 || m->steps == 0 || m->n_targets == 0 || t->recent_asked ||
	    now - t->recent_s < RECENT_S || top_model_lost(m) ||
	    (m->steps == t->recent_steps && !isnan(m->volts_V[0])))
		return;
	t->recent_s = now;
	t->recent_steps = m->steps;
	t->recent_asked = true;
	top_link_ask(t->link, TOP_WAY_ASK, "history.steps", of_recent(m), 0);
}

/* ---- what comes ---- */

static void take_answer(struct top *t, const struct top_item *item)
{
	const struct nudge_record *r = item->record;

	t->in_flight &= ~(unsigned)item->tag;
	if (item->tag == 0)
		t->recent_asked = false;
	if (!r) { /* it is asked again when it is wanted again */
		if (item->error.kind == NUDGE_REFUSED)
			top_say(&t->v, TOP_WARN, now_s(), "%s: %s", item->method,
				item->error.message);
		return;
	}
	if (item->tag == TOP_WANT_RIG)
		top_answer_rig(t->m, r->header);
	else if (item->tag == TOP_WANT_RUN)
		top_answer_run(t->m, r->header);
	else if (item->tag == TOP_WANT_LAST)
		top_answer_last(t->m, r->header);
	else if (item->tag == TOP_WANT_CURVE)
		top_answer_curve(t->m, r);
	else
		top_answer_recent(t->m, r, now_s());
}

/* An answer to what was typed, in words */
static void say_answer(struct top *t, const struct top_item *item)
{
	const json_t *result = item->record ? item->record->header : NULL;
	const char *word = json_string_value(json_object_get(result, "state"));
	const char *holder = json_string_value(json_object_get(item->error.data, "holder"));
	bool named = !strncmp(item->error.message, item->method, strlen(item->method));
	double now = now_s();

	if (!result && holder && !strstr(item->error.message, holder))
		top_say(&t->v, TOP_BAD, now, "%s: %s (held by %s)", item->method,
			item->error.message, holder);
	else if (!result)
		top_say(&t->v, TOP_BAD, now, "%s%s%s%s%s%s", named ? "" : item->method,
			named ? "" : ": ", item->error.message, item->error.path[0] ? " (" : "",
			item->error.path, item->error.path[0] ? ")" : "");
	else if (!strcmp(item->method, "param.set"))
		top_say(&t->v, TOP_GOOD, now, "parameters set: revision %lld, from step %lld on",
			(long long)json_integer_value(json_object_get(result, "rev")),
			(long long)json_integer_value(json_object_get(result, "effective_step")));
	else if (word)
		top_say(&t->v, TOP_GOOD, now, "%s: %s at step %lld", item->method, word,
			(long long)json_integer_value(json_object_get(result, "step")));
	else
		top_say(&t->v, TOP_GOOD, now, "%s: done", item->method);
}

static void take_item(struct top *t, const struct top_item *item)
{
	if (item->hello) {
		top_model_hello(t->m, nudge_address(t->c->nudge), item->hello);
		top_model_snapshot(t->m, item->snapshot);
		t->m->heard_s = now_s();
	} else if (item->method[0] && item->tag >= 0) {
		take_answer(t, item);
	} else if (item->method[0]) {
		say_answer(t, item);
	} else if (item->record) {
		top_model_record(t->m, item->record, now_s());
	} else {
		snprintf(t->m->trouble, sizeof(t->m->trouble), "%s", item->error.message);
	}
}

static void take_items(struct top *t)
{
	struct top_item *item = top_link_take(t->link);

	while (item) {
		struct top_item *next = item->next;

		take_item(t, item);
		top_link_done(t->link, item);
		item = next;
	}
	t->dirty = true;
}

/* ---- what is typed ---- */

static void take_request(struct top *t, struct top_request *request)
{
	const struct method *method = request->method ? method_find(request->method) : NULL;
	bool urgent = method && (method->flags & METHOD_IS_URGENT);

	t->quit |= request->quit;
	if (request->redraw)
		top_terminal_redraw();
	if (!request->method)
		return;
	top_say(&t->v, TOP_PLAIN, now_s(), "%s ...", request->method);
	top_link_ask(t->link, urgent ? TOP_WAY_URGENT : TOP_WAY_STEER, request->method,
		     request->params, -1);
}

static void take_keys(struct top *t)
{
	struct top_request request;
	int key;

	while ((key = top_terminal_key()) >= 0) {
		top_press(&t->v, t->m, key, &request);
		take_request(t, &request);
		t->shown_s = 0; /* seen at once */
		t->dirty = true;
	}
}

/* ---- signals ---- */

static int signals_open(void)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH, SIGCONT};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static void take_signals(struct top *t)
{
	struct signalfd_siginfo info;

	while (read(t->signals_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		t->shown_s = 0;
		t->dirty = true;
		if (info.ssi_signo == SIGTSTP)
			top_terminal_suspend();
		else if (info.ssi_signo == SIGCONT)
			top_terminal_redraw();
		else if (info.ssi_signo != SIGWINCH)
			t->quit = true;
	}
}

/* ---- the loop ---- */

static int show(struct top *t)
{
	int height, width;

	t->m->now_s = now_s();
	if (t->v.message[0] && t->m->now_s - t->v.message_s > MESSAGE_S)
		t->v.message[0] = '\0';
	top_terminal_size(&height, &width);
	if ((height != t->s.height || width != t->s.width) &&
	    top_screen_resize(&t->s, height, width) < 0)
		return -ENOMEM;
	top_draw(&t->s, t->m, &t->v);
	top_terminal_show(&t->s);
	t->shown_s = t->m->now_s;
	t->dirty = false;
	return 0;
}

/* Until there is something to take, or it is time for another screen */
static void await_something(struct top *t)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = t->signals_fd, .events = POLLIN},
		{.fd = top_link_fd(t->link), .events = POLLIN},
	};
	double left_s = t->shown_s + (t->dirty ? FRAME_S : IDLE_S) - now_s();

	if (poll(fds, 3, left_s > 0 ? (int)(1000 * left_s) + 1 : 0) <= 0)
		return;
	if (fds[1].revents)
		take_signals(t);
	if (fds[0].revents & POLLIN)
		take_keys(t);
	else if (fds[0].revents)
		t->quit = true; /* the terminal is gone */
	if (fds[2].revents)
		take_items(t);
}

static int loop(struct top *t)
{
	int r = 0;

	while (!t->quit && r == 0) {
		t->m->now_s = now_s();
		ask_wanted(t);
		ask_recent(t);
		if (t->m->now_s - t->shown_s >= (t->dirty ? FRAME_S : IDLE_S))
			r = show(t);
		if (r == 0)
			await_something(t);
	}
	return r;
}

int top_run(struct context *c, bool ascii)
{
	struct top t = {.c = c, .dirty = true, .v.focus = TOP_PANEL_EDGES};
	char why[200];
	int code, r = 0;

	if (!isatty(STDIN_FILENO) || !c->terminal)
		return say_usage("top: this is no terminal; nudgectl watch looks on without one");
	code = context_connect(c);
	if (code != EXIT_FINE)
		return code;
	t.signals_fd =
		signals_open(); /* before there are threads: none takes them (libzmq's block all) */
	if (t.signals_fd < 0)
		return say_failed("signals: %s", strerror(-t.signals_fd));
	t.s.unicode = c->unicode && !ascii;
	t.m = top_model_new();
	code = t.m ? top_link_open(c, &t.link) : say_failed("no memory");
	if (code == EXIT_FINE && top_terminal_open(c->color, why, sizeof(why)) < 0)
		code = say_failed("top: %s", why);
	else if (code == EXIT_FINE)
		r = loop(&t);
	top_terminal_close();
	if (r < 0)
		code = say_failed("top: %s", strerror(-r));
	top_link_close(t.link);
	close(t.signals_fd);
	top_screen_free(&t.s);
	top_model_free(t.m);
	return code;
}
