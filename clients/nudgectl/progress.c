/* clients/nudgectl/progress.c - the live line and curve of a run. */
#include "config.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/progress.h"

#define TERMINAL_S 0.125
#define PLAIN_S    2.0

double progress_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double real_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static uint64_t count_of(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

void progress_init(struct progress *p, const struct context *c, uint64_t run, const json_t *status,
		   const json_t *params)
{
	const char *name = json_string_value(json_object_get(status, "name"));

	*p = (struct progress){
		.c = c,
		.run = run,
		.steps_total = count_of(status, "steps_total"),
		.mse_V2 = NAN,
		.mse_first_V2 = NAN,
		.mse_min_V2 = NAN,
		.test_error_V2 = NAN,
		.accuracy = NAN,
		.accuracy_best = NAN,
		.eta = real_of(params, "eta"),
		.p = real_of(params, "p"),
		.began_s = progress_now_s(),
	};
	p->rate_s = p->shown_s = p->began_s;
	snprintf(p->name, sizeof(p->name), "%s", name ? name : "");
	curve_init(&p->error, true);
	curve_init(&p->tests, false);
}

/* ---- what the records say ---- */

static void take_steps(struct progress *p, const struct nudge_record *record)
{
	const struct nudge_array *mse = nudge_record_array(record, "mse_V2");

	for (size_t i = 0; mse && i < mse->shape[0]; i++) {
		double value = nudge_array_real(mse, i, 0);

		if (isnan(p->mse_first_V2))
			p->mse_first_V2 = value;
		p->mse_V2 = value;
		p->mse_min_V2 = fmin(p->mse_min_V2, value);
		curve_add(&p->error, (double)(record->step + i), value);
	}
	p->steps = record->step + record->n;
}

static void take_test(struct progress *p, const struct nudge_record *record)
{
	const char *set = json_string_value(json_object_get(record->header, "set"));
	double accuracy = real_of(record->header, "accuracy");

	if (set && strcmp(set, "test"))
		return;
	p->test_error_V2 = real_of(record->header, "error_V2");
	if (isnan(accuracy))
		return;
	p->accuracy = accuracy;
	p->accuracy_best = fmax(p->accuracy_best, accuracy);
	curve_add(&p->tests, (double)record->step, accuracy);
}

void progress_tests(struct progress *p, const json_t *tests)
{
	const json_t *test;
	size_t i;

	p->tests.n = 0;
	json_array_foreach(tests, i, test)
	{
		const char *set = json_string_value(json_object_get(test, "set"));
		double accuracy = real_of(test, "accuracy");

		if (set && !strcmp(set, "test") && !isnan(accuracy))
			curve_add(&p->tests, real_of(test, "step"), accuracy);
	}
}

static void take_event(struct progress *p, const struct nudge_record *record)
{
	const char *event = json_string_value(json_object_get(record->header, "event"));
	const json_t *now = json_object_get(record->header, "new");

	if (!event || strcmp(event, "param"))
		return;
	if (json_object_get(now, "eta"))
		p->eta = real_of(now, "eta");
	if (json_object_get(now, "p"))
		p->p = real_of(now, "p");
}

void progress_record(struct progress *p, const struct nudge_record *record)
{
	if (record->run != p->run)
		return;
	if (!strcmp(record->kind, "step"))
		take_steps(p, record);
	else if (!strcmp(record->kind, "test"))
		take_test(p, record);
	else if (!strcmp(record->kind, "event"))
		take_event(p, record);
}

/* ---- how it looks ---- */

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 40)
		return 80;
	return size.ws_col > 120 ? 120 : size.ws_col;
}

/* What is drawn must fit, or it could not be erased */
static size_t lines(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 ? 24 : size.ws_row;
}

/* Appends to a line of `size` bytes; what does not fit is left off as a whole */
static void add(char *line, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void add(char *line, size_t size, const char *format, ...)
{
	size_t used = strlen(line);
	va_list args;

	va_start(args, format);
	if (vsnprintf(line + used, size - used, format, args) >= (int)(size - used))
		line[used] = '\0';
	va_end(args);
}

static void figures(const struct progress *p, char *line, size_t size)
{
	line[0] = '\0';
	add(line, size, "run %llu", (unsigned long long)p->run);
	add(line, size, "  step %llu", (unsigned long long)p->steps);
	if (p->steps_total > 0)
		add(line, size, "/%llu", (unsigned long long)p->steps_total);
	if (!isnan(p->mse_V2))
		add(line, size, "  mse %.2e V2", p->mse_V2);
	if (!isnan(p->accuracy))
		add(line, size, "  accuracy %.1f %%", 100 * p->accuracy);
	else if (!isnan(p->test_error_V2))
		add(line, size, "  test %.2e V2", p->test_error_V2);
	if (p->rate > 0)
		add(line, size, "  %.0f steps/s", p->rate);
	if (!isnan(p->eta))
		add(line, size, "  eta %g", p->eta);
	if (!isnan(p->p))
		add(line, size, "  p %g", p->p);
}

static void erase(struct progress *p)
{
	if (p->drawn > 0)
		printf("\033[%zuA\r\033[J", p->drawn);
	p->drawn = 0;
}

static size_t draw_chart(const struct progress *p, const struct curve *curve, size_t height,
			 const char *title, enum color color)
{
	struct chart chart = {
		.curve = curve,
		.width = p->c->terminal ? columns() - CHART_LABEL - 3 : 68,
		.height = height,
		.unicode = p->c->unicode,
		.x_max = p->steps_total > p->steps ? (double)p->steps_total : (double)p->steps,
		.title = title,
		.percent = !curve->log,
	};
	char *text;

	if (curve->n == 0 || !(text = chart_draw(&chart)))
		return 0;
	printf("%s%s%s", say_color(p->c, color), text, say_color(p->c, COLOR_NONE));
	free(text);
	return chart_lines(&chart);
}

/* Where there is an accuracy, it is what counts: first, and as high as the error */
static size_t draw_charts(const struct progress *p, size_t room)
{
	size_t frame = 3, n = 0, height = p->tests.n > 0 ? 7 : 12;

	if (p->tests.n > 0 && room >= 2 * (frame + height))
		n = draw_chart(p, &p->tests, height, "accuracy on the test set", COLOR_GOOD);
	if (room >= n + frame + height)
		n += draw_chart(p, &p->error, height, "mse_V2", COLOR_BUSY);
	return n;
}

/* At least a second's worth of steps, so that the number stands still enough to be read */
static void measure_rate(struct progress *p, double now_s)
{
	double seconds = now_s - p->rate_s;

	if (seconds < 1)
		return;
	p->rate = (double)(p->steps - p->rate_steps) / seconds;
	p->rate_steps = p->steps;
	p->rate_s = now_s;
}

void progress_show(struct progress *p)
{
	double now_s = progress_now_s();
	char line[160];

	if (p->c->format != FORMAT_TABLE ||
	    now_s - p->shown_s < (p->c->terminal ? TERMINAL_S : PLAIN_S))
		return;
	if (!p->c->terminal && p->steps == p->shown_steps)
		return;
	measure_rate(p, now_s);
	p->shown_s = now_s;
	p->shown_steps = p->steps;
	if (p->c->terminal) {
		size_t room = columns();

		erase(p);
		p->drawn = draw_charts(p, lines() - 2) + 1;
		figures(p, line, room < sizeof(line) ? room : sizeof(line));
	} else {
		figures(p, line, sizeof(line));
	}
	puts(line);
	fflush(stdout);
}

void progress_say(struct progress *p, const char *format, ...)
{
	va_list args;

	erase(p);
	fflush(stdout);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	if (p->c->terminal) /* what was erased comes back at once */
		p->shown_s = 0;
}

/* ---- the end ---- */

static void say_error_line(const char *what, double first, double last, double least, bool orders)
{
	if (isnan(first) || isnan(last))
		return;
	printf("  %-9s %.3g V2 -> %.3g V2", what, first, last);
	if (orders && first > 0 && last > 0)
		printf(" (%.1f orders)", log10(first / last));
	if (!isnan(least))
		printf(", best %.3g V2", least);
	putchar('\n');
}

/* A classifier is judged by its accuracy: what its outputs should be moves along with them */
static void say_accuracy(const struct progress *p, double last, double best)
{
	printf("  accuracy  ");
	if (p->tests.n > 0 && curve_x(&p->tests, 0) == 0)
		printf("%.1f %% -> ", 100 * curve_y(&p->tests, 0));
	printf("%.1f %%, best %.1f %%\n", 100 * last, 100 * best);
}

/* Seconds of "2026-11-22T03:51:31.123456Z" since 1970; NAN: none */
static double seconds_of(const json_t *utc)
{
	const char *text = json_string_value(utc), *rest;
	struct tm tm = {0};

	rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	if (!rest)
		return NAN;
	return (double)timegm(&tm) + (*rest == '.' ? strtod(rest, NULL) : 0);
}

static void say_status(const struct progress *p, const json_t *status)
{
	const char *word = json_string_value(json_object_get(status, "status"));
	const char *reason = json_string_value(json_object_get(status, "reason"));
	uint64_t steps = count_of(status, "steps");
	double seconds = seconds_of(json_object_get(status, "ended_utc")) -
			 seconds_of(json_object_get(status, "started_utc"));
	double best = real_of(status, "accuracy_best"), last = real_of(status, "accuracy_final");

	printf("run %llu \"%s\" %s%s%s after %llu step%s", (unsigned long long)p->run, p->name,
	       say_color(p->c, color_of_status(word)), word ? word : "unknown",
	       say_color(p->c, COLOR_NONE), (unsigned long long)steps, steps == 1 ? "" : "s");
	if (seconds >= 0)
		printf(" in %.3g s", seconds);
	printf("%s%s\n", reason && reason[0] ? ": " : "", reason ? reason : "");
	if (!isnan(last))
		say_accuracy(p, last, best);
	say_error_line("mse", real_of(status, "mse_first_V2"), real_of(status, "mse_final_V2"),
		       real_of(status, "mse_min_V2"), isnan(last));
	say_error_line("test", real_of(status, "test_first_V2"), real_of(status, "test_final_V2"),
		       real_of(status, "test_best_V2"), isnan(last));
}

void progress_end(struct progress *p, const json_t *status, bool curve)
{
	if (p->c->format != FORMAT_TABLE)
		return;
	erase(p);
	if (curve)
		draw_charts(p, SIZE_MAX);
	say_status(p, status);
}
