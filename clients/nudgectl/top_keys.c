/* clients/nudgectl/top_keys.c - keys: moving about, asking before a stop, never before an abort. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/top_keys.h"

enum { ENTER = '\r', ESCAPE = 27, CONTROL_L = 12, CONTROL_U = 21 };

void top_say(struct top_view *v, enum top_style style, double now_s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(v->message, sizeof(v->message), format, args);
	va_end(args);
	v->message_style = style;
	v->message_s = now_s;
}

/* ---- the prompt ---- */

json_t *top_read_params(const char *text, char *why, size_t size)
{
	json_t *params = json_object();

	while (*(text += strspn(text, " ,\t"))) {
		size_t n = strcspn(text, " ,\t"), name = strcspn(text, "=");
		json_t *value;

		if (name == 0 || name + 1 >= n) {
			snprintf(why, size, "\"%.*s\": expected NAME=VALUE, as in eta=0.2", (int)n,
				 text);
			json_decref(params);
			return NULL;
		}
		value = json_loadb(text + name + 1, n - name - 1, JSON_DECODE_ANY, NULL);
		if (!value)
			value = json_stringn(text + name + 1, n - name - 1);
		if (!value || json_object_setn_new(params, text, name, value) < 0) {
			snprintf(why, size, "this is not UTF-8");
			json_decref(params);
			return NULL;
		}
		text += n;
	}
	if (json_object_size(params) > 0)
		return params;
	snprintf(why, size, "nothing was set");
	json_decref(params);
	return NULL;
}

/* Appends a character as UTF-8 */
static void type(struct top_view *v, int key)
{
	size_t n = strlen(v->typed);

	if (key < 0x20 || key >= 0x110000 || n + 5 > sizeof(v->typed))
		return;
	if (key < 0x80) {
		v->typed[n++] = (char)key;
	} else if (key < 0x800) {
		v->typed[n++] = (char)(0xc0 | key >> 6);
		v->typed[n++] = (char)(0x80 | (key & 0x3f));
	} else {
		v->typed[n++] = (char)(0xe0 | (key >> 12 & 0xf));
		v->typed[n++] = (char)(0x80 | (key >> 6 & 0x3f));
		v->typed[n++] = (char)(0x80 | (key & 0x3f));
	}
	v->typed[n] = '\0';
}

static void rub_out(struct top_view *v)
{
	size_t n = strlen(v->typed);

	while (n > 0 && (v->typed[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0)
		n--;
	v->typed[n] = '\0';
}

static void press_prompt(struct top_view *v, const struct top_model *m, int key,
			 struct top_request *ret)
{
	char why[200];

	if (key == ESCAPE) {
		v->asking = TOP_ASKS_NOTHING;
	} else if (key == TOP_KEY_BACKSPACE) {
		rub_out(v);
	} else if (key == CONTROL_U) {
		v->typed[0] = '\0';
	} else if (key == ENTER) {
		v->asking = TOP_ASKS_NOTHING;
		ret->params = top_read_params(v->typed, why, sizeof(why));
		if (ret->params)
			ret->method = "param.set";
		else
			top_say(v, TOP_WARN, m->now_s, "%s", why);
	} else {
		type(v, key);
	}
}

/* ---- requests ---- */

static void ask_run(const struct top_model *m, const char *method, struct top_request *ret)
{
	*ret = (struct top_request){.method = method, .params = json_object()};
	if (m->active && m->run > 0)
		json_object_set_new(ret->params, "run", json_integer((json_int_t)m->run));
}

static void ask_edge(const struct top_view *v, const struct top_model *m, const char *mode,
		     struct top_request *ret)
{
	if (v->edge < m->n_edges)
		*ret = (struct top_request){.method = "rig.edge",
					    .params = json_pack("{s:I, s:s}", "edge",
								(json_int_t)v->edge, "mode", mode)};
}

static void ask_seen(struct top_view *v, const struct top_model *m, struct top_request *ret)
{
	if (m->n_alarms == 0) {
		top_say(v, TOP_PLAIN, m->now_s, "there is no alarm");
		return;
	}
	if (v->alarm >= m->n_alarms)
		v->alarm = 0;
	*ret = (struct top_request){.method = "alarm.ack",
				    .params = json_pack("{s:s}", "name", m->alarms[v->alarm].name)};
}

/* ---- moving about ---- */

static size_t moved(size_t at, long by, size_t n)
{
	long to = (long)at + by;

	if (n == 0 || to < 0)
		return 0;
	return (size_t)to < n ? (size_t)to : n - 1;
}

static void move(struct top_view *v, const struct top_model *m, long rows, long columns)
{
	switch (v->focus) {
	case TOP_PANEL_TARGETS:
		v->target = moved(v->target, rows + columns, m->n_targets);
		break;
	case TOP_PANEL_ALARMS:
		v->alarm = moved(v->alarm, rows + columns, m->n_alarms);
		break;
	case TOP_PANEL_EDGES:
	case TOP_PANEL_ERROR:
	case TOP_PANEL_TESTS:
	case TOP_PANEL_PARAMS:
	case TOP_PANEL_EVENTS:
	case TOP_PANELS:
		v->edge = moved(v->edge, rows + columns * (v->across > 0 ? v->across : 1),
				m->n_edges);
		break;
	}
}

static void turn(struct top_view *v, int by)
{
	static const enum top_panel order[] = {TOP_PANEL_EDGES, TOP_PANEL_TARGETS,
					       TOP_PANEL_ALARMS};
	int at = 0;

	while (at < 3 && order[at] != v->focus)
		at++;
	v->focus = order[(at + by + 3) % 3];
}

static bool press_move(struct top_view *v, const struct top_model *m, int key)
{
	long page = v->focus == TOP_PANEL_EDGES && v->page > 0 ? (long)v->page : 5;

	switch (key) {
	case TOP_KEY_UP:
		move(v, m, -1, 0);
		return true;
	case TOP_KEY_DOWN:
		move(v, m, 1, 0);
		return true;
	case TOP_KEY_LEFT:
		move(v, m, 0, -1);
		return true;
	case TOP_KEY_RIGHT:
		move(v, m, 0, 1);
		return true;
	case TOP_KEY_PAGE_UP:
		move(v, m, -page, 0);
		return true;
	case TOP_KEY_PAGE_DOWN:
		move(v, m, page, 0);
		return true;
	case TOP_KEY_HOME:
		move(v, m, -(1 << 30), 0);
		return true;
	case TOP_KEY_END:
		move(v, m, 1 << 30, 0);
		return true;
	case TOP_KEY_BACK_TAB:
		turn(v, -1);
		return true;
	case '\t':
		turn(v, 1);
		return true;
	case '[':
	case ']':
		v->focus = TOP_PANEL_TARGETS;
		move(v, m, key == '[' ? -1 : 1, 0);
		return true;
	}
	return false;
}

/* ---- all of them ---- */

static void press_command(struct top_view *v, const struct top_model *m, int key,
			  struct top_request *ret)
{
	switch (key) {
	case 'p':
		ask_run(m, "run.pause", ret);
		break;
	case 'r':
		ask_run(m, "run.resume", ret);
		break;
	case 'x':
		if (m->active)
			v->asking = TOP_ASKS_STOP;
		else
			top_say(v, TOP_PLAIN, m->now_s, "no run is active");
		break;
	case 's':
		v->asking = TOP_ASKS_PARAMS;
		v->typed[0] = '\0';
		break;
	case 'c':
		ask_edge(v, m, "cut", ret);
		break;
	case 'h':
		ask_edge(v, m, "hold", ret);
		break;
	case 'l':
		ask_edge(v, m, "learn", ret);
		break;
	case 'k':
		ask_seen(v, m, ret);
		break;
	case 'v':
		v->histogram = !v->histogram;
		break;
	case 'u':
		v->conductance = !v->conductance;
		break;
	case '?':
		v->help = true;
		break;
	case 'q':
		ret->quit = true;
		break;
	case CONTROL_L:
		ret->redraw = true;
		break;
	}
}

void top_press(struct top_view *v, const struct top_model *m, int key, struct top_request *ret)
{
	*ret = (struct top_request){0};
	if (v->asking == TOP_ASKS_PARAMS) {
		press_prompt(v, m, key, ret);
		return;
	}
	if (key == 'A') { /* whatever else is going on; of whichever run is active */
		v->asking = TOP_ASKS_NOTHING;
		*ret = (struct top_request){.method = "run.abort", .params = json_object()};
		return;
	}
	if (v->asking == TOP_ASKS_STOP) {
		v->asking = TOP_ASKS_NOTHING;
		if (key == 'y' || key == 'Y')
			ask_run(m, "run.stop", ret);
		return;
	}
	if (v->help) {
		v->help = false;
		ret->quit = key == 'q';
		return;
	}
	if (!press_move(v, m, key))
		press_command(v, m, key, ret);
}
