/* clients/nudgectl/cmd_doctor.c - why can I not get in?  Walks from the server's name to its clock, one line each. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clients/nudgectl/command.h"

#define CLOCK_S 1.0 /* leases and time stamps stand that much */

enum check { CHECK_NAME, CHECK_PORT, CHECK_KEY, CHECK_ROLE, CHECK_CLOCK, CHECK_VERSION, N_CHECKS };
enum mark { MARK_SKIPPED, MARK_GOOD, MARK_WARNING, MARK_BAD };

static const char *const names[] = {"name", "port", "key", "role", "clock", "version"};

struct doctor {
	struct context *c;
	struct {
		enum mark mark;
		char text[800];
		int number; /* errno, for scripts; 0: none */
	} checks[N_CHECKS];
};

static void __attribute__((format(printf, 4, 5)))
find(struct doctor *d, enum check check, enum mark mark, const char *format, ...)
{
	va_list args;

	d->checks[check].mark = mark;
	va_start(args, format);
	vsnprintf(d->checks[check].text, sizeof(d->checks[check].text), format, args);
	va_end(args);
}

/* ---- no connection: as far as it came ---- */

static enum check culprit(const struct nudge_error *error)
{
	switch (error->number) {
	case ENOENT:
	case EACCES:
	case EADDRNOTAVAIL:
	case 0: /* an address that is none */
		return error->kind == NUDGE_TIMED_OUT || error->kind == NUDGE_REFUSED ? CHECK_PORT
										      : CHECK_NAME;
	case EOPNOTSUPP:
		return CHECK_VERSION;
	case EINVAL:
	case ENOSYS:
		return CHECK_KEY;
	default:
		return error->kind == NUDGE_UNWELCOME ? CHECK_KEY : CHECK_PORT;
	}
}

static void failed(struct doctor *d, struct nudge_error *error)
{
	enum check bad = culprit(error);

	/* key files are read before anybody is knocked at */
	for (int i = error->kind == NUDGE_INVALID && bad == CHECK_KEY ? bad : 0; i < (int)bad; i++)
		if (i != CHECK_ROLE && i != CHECK_CLOCK)
			find(d, (enum check)i, MARK_GOOD, "fine");
	find(d, bad, MARK_BAD, "%s", error->message);
	d->checks[bad].number = error->number;
	nudge_error_clear(error);
}

/* ---- a connection ---- */

/* All three sockets: a firewall may let one port through, and not the next. */
static void look_at_ports(struct doctor *d, json_t **ret_ping)
{
	static const char *const topics[] = {"hb.", NULL};
	struct context *c = d->c;
	struct nudge_error error = {0};
	struct nudge_watch *w = NULL;

	*ret_ping = NULL;
	if (nudge_call(c->nudge, "server.ping", NULL, c->timeout_s, ret_ping, &error) < 0 ||
	    nudge_watch_open(c->nudge, topics, c->timeout_s, &w, &error) < 0) {
		find(d, CHECK_PORT, MARK_BAD, "%s", error.message);
		nudge_error_clear(&error);
		return;
	}
	nudge_watch_close(w);
	find(d, CHECK_PORT, MARK_GOOD, "control, urgent and stream answer");
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool read_utc(const char *text, double *ret)
{
	struct tm tm = {0};
	double second;

	if (!text || sscanf(text, "%d-%d-%dT%d:%d:%lfZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
			    &tm.tm_hour, &tm.tm_min, &second) != 6)
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ret = (double)timegm(&tm) + second;
	return true;
}

/* The server's time lies between the question and the answer. */
static void look_at_clock(struct doctor *d)
{
	struct nudge_error error = {0};
	double before_s = now_s(), after_s, theirs_s, off_s = 0;
	json_t *ping;

	if (nudge_call(d->c->nudge, "server.ping", NULL, d->c->timeout_s, &ping, &error) < 0) {
		find(d, CHECK_CLOCK, MARK_BAD, "%s", error.message);
		nudge_error_clear(&error);
		return;
	}
	after_s = now_s();
	if (!read_utc(json_string_value(json_object_get(ping, "t_utc")), &theirs_s))
		find(d, CHECK_CLOCK, MARK_BAD, "server.ping told no time");
	else {
		off_s = theirs_s < before_s ? theirs_s - before_s : fmax(0, theirs_s - after_s);
		if (fabs(off_s) > CLOCK_S)
			find(d, CHECK_CLOCK, MARK_BAD,
			     "the server's clock is %.1f s %s of this one: set both by NTP "
			     "(timedatectl set-ntp true), or times in the history will mislead",
			     fabs(off_s), off_s > 0 ? "ahead" : "behind");
		else
			find(d, CHECK_CLOCK, MARK_GOOD, "agrees within %.3f s",
			     fabs(off_s) + after_s - before_s);
	}
	json_decref(ping);
}

static const char *text_of(const json_t *hello, const char *name)
{
	const char *text = json_string_value(json_object_get(hello, name));

	return text ? text : "?";
}

static void look_at_hello(struct doctor *d)
{
	const json_t *hello = nudge_hello(d->c->nudge);
	const char *role = text_of(hello, "role"), *version = text_of(hello, "version");

	find(d, CHECK_ROLE, MARK_GOOD, "you are %s, %s: %s", text_of(hello, "who"), role,
	     !strcmp(role, "observer")   ? "may look on; to steer, ask an admin for operator"
	     : !strcmp(role, "operator") ? "may look on and steer"
					 : "may do everything");
	if (strcmp(version, PACKAGE_VERSION) != 0)
		find(d, CHECK_VERSION, MARK_WARNING,
		     "nudged %s, nudgectl %s, both of protocol %lld: works; use one release for "
		     "both to have every sub-command",
		     version, PACKAGE_VERSION,
		     (long long)json_integer_value(json_object_get(hello, "protocol")));
	else
		find(d, CHECK_VERSION, MARK_GOOD, "nudged %s, protocol %lld", version,
		     (long long)json_integer_value(json_object_get(hello, "protocol")));
}

static void look(struct doctor *d)
{
	const struct nudge_options options = context_options(d->c);
	struct nudge_error error = {0};
	json_t *ping;

	if (nudge_connect_with(&options, &d->c->nudge, &error) < 0) {
		failed(d, &error);
		return;
	}
	find(d, CHECK_NAME, MARK_GOOD, "%s", nudge_address(d->c->nudge));
	find(d, CHECK_KEY, MARK_GOOD, "%s",
	     !strncmp(nudge_address(d->c->nudge), "ipc:", 4) ? "none is needed on this machine"
	     : nudge_uses_keys(d->c->nudge) ? "the server is the one you know, and knows your key"
					    : "none: everything can be read on the wire");
	if (!nudge_uses_keys(d->c->nudge) && strncmp(nudge_address(d->c->nudge), "ipc:", 4))
		d->checks[CHECK_KEY].mark = MARK_WARNING;
	look_at_hello(d);
	look_at_ports(d, &ping);
	if (ping)
		look_at_clock(d);
	json_decref(ping);
}

/* ---- what came out ---- */

static const struct {
	const char *word, *sign, *plain;
	enum color color;
} marks[] = {
	[MARK_SKIPPED] = {"skipped", "-", "-", COLOR_DIM},
	[MARK_GOOD] = {"good", "\u2713", "ok", COLOR_GOOD},
	[MARK_WARNING] = {"warning", "!", "!", COLOR_WARN},
	[MARK_BAD] = {"bad", "\u2717", "BAD", COLOR_BAD},
};

static void print(const struct doctor *d)
{
	const struct context *c = d->c;

	for (int i = 0; i < N_CHECKS; i++) {
		enum mark mark = d->checks[i].mark;
		bool sign = c->terminal && c->unicode;

		printf("%s%-3s%s %-8s %s\n", say_color(c, marks[mark].color),
		       sign ? marks[mark].sign : marks[mark].plain, say_color(c, COLOR_NONE),
		       names[i], mark == MARK_SKIPPED ? "not looked at" : d->checks[i].text);
	}
}

static void print_json(const struct doctor *d)
{
	json_t *rows = json_array();

	for (int i = 0; i < N_CHECKS; i++)
		json_array_append_new(rows,
				      json_pack("{s:s, s:s, s:s, s:i}", "check", names[i], "mark",
						marks[d->checks[i].mark].word, "text",
						d->checks[i].text, "errno", d->checks[i].number));
	say_json(rows);
	json_decref(rows);
}

static int run_doctor(struct context *c, const struct arguments *a)
{
	struct doctor d = {.c = c};
	int code = EXIT_FINE;

	(void)a;
	look(&d);
	if (c->format == FORMAT_JSON)
		print_json(&d);
	else
		print(&d);
	for (int i = 0; i < N_CHECKS; i++)
		if (d.checks[i].mark == MARK_BAD)
			code = EXIT_FAILED;
	return code;
}

const struct command commands_doctor[] = {
	{
		.name = "doctor",
		.topic = TOPIC_SERVER,
		.synopsis = "",
		.summary =
			"Why can I not get in?  Looks at name, port, key, role, clock and version.",
		.methods = "server.hello server.ping",
		.text = "Each line says what is right, or what is wrong and what helps.  Exit status 1 when\n"
			"something is wrong.",
		.examples = "doctor\n"
			    "--to tcp://bench:7310 --server-key bench.pub --key ann.key doctor\n",
		.run = run_doctor,
	},
	{0},
};
