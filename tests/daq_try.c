/* tests/daq_try.c - a card from the command line: one JSON line for each thing done.  For tests, and to try a new card. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "drivers/daq.h"

static const char usage[] =
	"Usage: daq_try [OPTION]... DRIVER DEVICE DIGITAL_DEVICE COMMAND...\n"
	"\n"
	"Opens the card (DIGITAL_DEVICE - is the same device), does the commands in order and closes it.\n"
	"Prints a line of JSON for each: {\"do\": ..., \"ok\": true, ...}, or {\"do\": ..., \"ok\": false, \"errno\": N,\n"
	"\"error\": \"...\"}.  Exit status: 0 all was done, 1 something failed (the rest was done), 2 usage.\n"
	"\n"
	"  --limits MIN,MAX    volts; else -5,5\n"
	"  --average N --discard N   samples of each reading; else 1 and 0\n"
	"  --clock LINE        the clock, as dio0 or do0; idles high, falling edge active, unless\n"
	"  --idle low|high --active rising|falling --pulse SECONDS (0.01) say otherwise\n"
	"  --relay LINE        one more line that is to be an output, low at first; repeatable\n"
	"  --need CHANNEL      an ao or ai that must be there; repeatable\n"
	"  --gain CHANNEL,GAIN,OFFSET   true = GAIN * nominal + OFFSET; repeatable\n"
	"\n"
	"  write CHANNEL VOLTS [CHANNEL VOLTS]...   in one list; prints t_ns\n"
	"  read CHANNEL...     analogue inputs in one list; prints V\n"
	"  readback CHANNEL... what outputs hold; prints V\n"
	"  set LINE 0|1 [LINE 0|1]...   lines in one list\n"
	"  get LINE            prints high\n"
	"  pulse               one clock pulse; prints t_ns and pulses\n"
	"  idle                is the clock at its idle level?\n"
	"  resolution CHANNEL  prints V\n"
	"  gains CHANNEL,GAIN,OFFSET...   replaces all; `gains -` takes all away\n"
	"  wait SECONDS\n"
	"  hold                prints its line, then waits until standard input ends\n"
	"  reopen              closes and opens the card\n";

enum { MOST = 64 };

struct attempt {
	struct daq_config config;
	struct rig_limits limits;
	struct daq_wire wire[2][MOST];
	struct daq_gain gain[MOST];
	size_t n_wires;
	struct daq *daq;
	struct rig_error error;
	bool failed;
};

static void complain(const char *what)
{
	fprintf(stderr, "daq_try: %s; --help says more\n", what);
	exit(2);
}

static struct daq_channel channel_of(const char *name)
{
	struct daq_channel c;

	if (!name || daq_channel_parse(name, &c) < 0)
		complain("a channel is missing or wrong");
	return c;
}

static bool is_channel(const char *word)
{
	struct daq_channel c;

	return word && daq_channel_parse(word, &c) == 0;
}

static double number_of(const char *word)
{
	char *end;
	double x = word ? strtod(word, &end) : 0;

	if (!word || end == word || *end)
		complain("a number is missing or wrong");
	return x;
}

static struct daq_gain gain_of(const char *word)
{
	char name[16];
	struct daq_gain gain;

	if (!word || sscanf(word, "%15[^,],%lf,%lf", name, &gain.gain, &gain.offset_V) != 3)
		complain("a gain is CHANNEL,GAIN,OFFSET");
	gain.channel = channel_of(name);
	return gain;
}

/* ---- what is told ---- */

static void tell(struct attempt *t, const char *what, int r, json_t *more)
{
	json_t *line = json_object();

	json_object_set_new(line, "do", json_string(what));
	json_object_set_new(line, "ok", json_boolean(r >= 0));
	if (r < 0) {
		json_object_set_new(line, "errno", json_integer(-r));
		json_object_set_new(line, "name", json_string(strerrorname_np(-r)));
		json_object_set_new(line, "error", json_string(t->error.text));
		t->failed = true;
	} else if (more) {
		json_object_update(line, more);
	}
	json_dumpf(line, stdout, 0);
	putchar('\n');
	fflush(stdout);
	json_decref(line);
	json_decref(more);
}

static json_t *volts(const double *V, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_real(V[i]));
	return json_pack("{s:o}", "V", list);
}

static int reopen(struct attempt *t)
{
	int r;

	daq_close(t->daq);
	t->daq = NULL;
	r = daq_open(&t->config, &t->limits, t->n_wires, -1, &t->daq, &t->error);
	tell(t, "open", r, r < 0 ? NULL : json_pack("{s:s}", "card", daq_name(t->daq)));
	return r;
}

/* ---- commands: each takes its words and returns what follows ---- */

static char **do_write(struct attempt *t, char **w)
{
	struct daq_volt volt[MOST];
	int64_t t_ns = 0;
	size_t n = 0;
	int r;

	for (; is_channel(*w) && n < MOST; w += 2, n++)
		volt[n] = (struct daq_volt){channel_of(w[0]), number_of(w[1])};
	r = daq_write(t->daq, volt, n, &t_ns, &t->error);
	tell(t, "write", r, json_pack("{s:I}", "t_ns", (json_int_t)t_ns));
	return w;
}

static char **do_inputs(struct attempt *t, char **w,
			int (*get)(struct daq *, const struct daq_channel *, size_t, double *,
				   struct rig_error *))
{
	const char *what = w[-1];
	struct daq_channel c[MOST];
	double V[MOST] = {0};
	size_t n = 0;
	int r;

	for (; is_channel(*w) && n < MOST; w++)
		c[n++] = channel_of(*w);
	r = get(t->daq, c, n, V, &t->error);
	tell(t, what, r, volts(V, n));
	return w;
}

static char **do_read(struct attempt *t, char **w)
{
	return do_inputs(t, w, daq_read);
}

static char **do_readback(struct attempt *t, char **w)
{
	return do_inputs(t, w, daq_read_back);
}

static char **do_set(struct attempt *t, char **w)
{
	struct daq_level level[MOST];
	size_t n = 0;

	for (; is_channel(*w) && n < MOST; w += 2, n++)
		level[n] = (struct daq_level){channel_of(w[0]), number_of(w[1]) != 0};
	tell(t, "set", daq_set_lines(t->daq, level, n, &t->error), NULL);
	return w;
}

static char **do_get(struct attempt *t, char **w)
{
	bool high = false;
	int r = daq_get_line(t->daq, channel_of(*w), &high, &t->error);

	tell(t, "get", r, json_pack("{s:s, s:b}", "line", *w, "high", high));
	return w + 1;
}

static char **do_pulse(struct attempt *t, char **w)
{
	int64_t t_ns = 0;
	int r = daq_pulse(t->daq, &t_ns, &t->error);

	tell(t, "pulse", r,
	     json_pack("{s:I, s:I}", "t_ns", (json_int_t)t_ns, "pulses",
		       (json_int_t)daq_pulses(t->daq)));
	return w;
}

static char **do_idle(struct attempt *t, char **w)
{
	tell(t, "idle", daq_clock_idle(t->daq, &t->error), NULL);
	return w;
}

static char **do_resolution(struct attempt *t, char **w)
{
	double V = daq_resolution_V(t->daq, channel_of(*w));

	tell(t, "resolution", 0, isfinite(V) ? json_pack("{s:f}", "V", V) : NULL);
	return w + 1;
}

static char **do_gains(struct attempt *t, char **w)
{
	struct daq_gain gain[MOST];
	size_t n = 0;

	if (*w && strcmp(*w, "-") == 0)
		w++;
	else
		for (; *w && strchr(*w, ',') && n < MOST; w++)
			gain[n++] = gain_of(*w);
	daq_set_gains(t->daq, gain, n);
	tell(t, "gains", 0, NULL);
	return w;
}

static char **do_wait(struct attempt *t, char **w)
{
	struct timespec now;
	int64_t when_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	when_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec + (int64_t)(number_of(*w) * 1e9);
	tell(t, "wait", daq_wait_until(t->daq, when_ns, &t->error), NULL);
	return w + 1;
}

static char **do_hold(struct attempt *t, char **w)
{
	char c;

	tell(t, "hold", 0, NULL);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return w;
}

static char **do_reopen(struct attempt *t, char **w)
{
	if (reopen(t) < 0)
		exit(1);
	return w;
}

static void run(struct attempt *t, char **w)
{
	static const struct {
		const char *name;
		char **(*act)(struct attempt *, char **);
	} all[] = {{"write", do_write},       {"read", do_read},
		   {"readback", do_readback}, {"set", do_set},
		   {"get", do_get},           {"pulse", do_pulse},
		   {"idle", do_idle},         {"resolution", do_resolution},
		   {"gains", do_gains},       {"wait", do_wait},
		   {"hold", do_hold},         {"reopen", do_reopen}};
	const size_t n = sizeof(all) / sizeof(all[0]);

	while (*w) {
		size_t i = 0;

		while (i < n && strcmp(all[i].name, *w))
			i++;
		if (i == n)
			complain("there is no such command");
		w = all[i].act(t, w + 1);
	}
}

/* ---- options ---- */

static void take(struct attempt *t, const char *option, const char *value)
{
	struct daq_config *config = &t->config;

	if (!value)
		complain("an option needs a value");
	if (!strcmp(option, "--limits")) {
		if (sscanf(value, "%lf,%lf", &t->limits.min_V, &t->limits.max_V) != 2)
			complain("--limits MIN,MAX");
	} else if (!strcmp(option, "--average")) {
		config->average = (unsigned)number_of(value);
	} else if (!strcmp(option, "--discard")) {
		config->discard = (unsigned)number_of(value);
	} else if (!strcmp(option, "--clock")) {
		config->clock.line = channel_of(value);
	} else if (!strcmp(option, "--idle")) {
		config->clock.idle_high = !strcmp(value, "high");
	} else if (!strcmp(option, "--active")) {
		config->clock.active_falling = !strcmp(value, "falling");
	} else if (!strcmp(option, "--pulse")) {
		config->clock.pulse_s = number_of(value);
	} else if (!strcmp(option, "--relay") && t->n_wires < MOST) {
		t->wire[0][t->n_wires++].relay = channel_of(value);
	} else if (!strcmp(option, "--need") && t->n_wires < MOST) {
		struct daq_channel c = channel_of(value);
		struct daq_wire *wire = &t->wire[0][t->n_wires++];

		*(c.kind == DAQ_AI ? &wire->measure : &wire->drive) = c;
	} else if (!strcmp(option, "--gain") && config->n_gain < MOST) {
		t->gain[config->n_gain++] = gain_of(value);
	} else {
		complain("there is no such option, or too many of it");
	}
}

static void name(char *ret, size_t size, const char *word)
{
	if (!word || strlen(word) >= size)
		complain("DRIVER DEVICE DIGITAL_DEVICE are wanted");
	strcpy(ret, word);
}

int main(int argc, char **argv)
{
	static struct attempt t = {
		.config = {.average = 1,
			   .clock = {.idle_high = true, .active_falling = true, .pulse_s = 0.01}},
		.limits = {.min_V = -5, .max_V = 5, .discrepancy_V = 0.02},
	};
	char **w = argv + 1;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	t.config.wire[0] = t.wire[0];
	t.config.wire[1] = t.wire[1];
	t.config.gain = t.gain;
	for (; *w && strncmp(*w, "--", 2) == 0; w += 2)
		take(&t, w[0], w[1]);
	if (argv + argc - w < 3)
		complain("DRIVER DEVICE DIGITAL_DEVICE are wanted");
	name(t.config.driver, sizeof(t.config.driver), w[0]);
	name(t.config.device, sizeof(t.config.device), w[1]);
	name(t.config.digital_device, sizeof(t.config.digital_device),
	     strcmp(w[2], "-") ? w[2] : "");
	if (reopen(&t) < 0)
		return 1;
	run(&t, w + 3);
	daq_close(t.daq);
	return t.failed;
}
