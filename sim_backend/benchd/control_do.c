/* sim_backend/benchd/control_do.c - what the words of the control socket do. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sim_backend/benchd/control.h"
#include "sim_backend/benchd/control_state.h"
#include "sim_backend/benchd/world_impl.h"

enum { COUNT_MOST = 1000000000 };

static json_t *refuse(const struct world_error *err)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", err->text);
}

static json_t *done(int r, const struct world_error *err)
{
	return r < 0 ? refuse(err) : json_pack("{s:b}", "ok", 1);
}

/* ---- reading a request ---- */

static int read_long(const json_t *request, const char *key, long without, long *ret,
		     struct world_error *err)
{
	const json_t *value = json_object_get(request, key);

	*ret = without;
	if (!value)
		return 0;
	if (!json_is_integer(value))
		return world_fail(err, -EINVAL, "%s: a whole number is wanted", key);
	*ret = (long)json_integer_value(value);
	return 0;
}

static int read_double(const json_t *request, const char *key, double without, double *ret,
		       struct world_error *err)
{
	const json_t *value = json_object_get(request, key);

	*ret = without;
	if (!value)
		return 0;
	if (!json_is_number(value))
		return world_fail(err, -EINVAL, "%s: a number is wanted", key);
	*ret = json_number_value(value);
	return 0;
}

static int read_channel(const json_t *request, const char *key, struct daq_channel *ret,
			struct world_error *err)
{
	const json_t *value = json_object_get(request, key);

	ret->kind = DAQ_NONE;
	if (!value)
		return 0;
	if (!json_is_string(value) || daq_channel_parse(json_string_value(value), ret) < 0)
		return world_fail(err, -EINVAL, "%s: a channel like \"ao1\" or \"ai3\" is wanted",
				  key);
	return 0;
}

/* An address, as it is on the wire when no boards are swapped, to an index; -1: none named. */
static int read_board(const struct world *w, const json_t *request, const char *key, long *ret,
		      struct world_error *err)
{
	long address;
	int r = read_long(request, key, -1, &address, err);

	if (r < 0 || !json_object_get(request, key)) {
		*ret = -1;
		return r;
	}
	for (size_t i = 0; i < world_boards(w); i++)
		if (world_config(w)->boards.address[i] == address) {
			*ret = (long)i;
			return 0;
		}
	return world_fail(err, -EINVAL, "%s: there is no board at address %ld", key, address);
}

static int only(const json_t *request, const char *const *known, struct world_error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)request, key, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return world_fail(err, -EINVAL, "'%s' is not known here", key);
	}
	return 0;
}

/* ---- faults ---- */

static int read_about(const struct world *w, const json_t *request, struct world_fault *fault,
		      struct world_error *err)
{
	struct daq_channel channel;
	int r = read_board(w, request, "board", &fault->board, err);

	if (r == 0)
		r = read_board(w, request, "other", &fault->other, err);
	if (r == 0)
		r = read_long(request, "edge", -1, &fault->edge, err);
	if (r == 0)
		r = read_long(request, "node", -1, &fault->node, err);
	if (r == 0)
		r = read_channel(request, "channel", &channel, err);
	if (r == 0)
		r = read_double(request, "value", NAN, &fault->value, err);
	if (r == 0)
		fault->channel = channel.kind == DAQ_NONE ? -1 : (long)channel.number;
	return r;
}

static int read_when(const struct world *w, const json_t *request, struct world_fault *fault,
		     struct world_error *err)
{
	long count = 0, after = 0, at = 0;
	int r = read_long(request, "count", 0, &count, err);

	if (r == 0)
		r = read_double(request, "for_s", 0, &fault->for_s, err);
	if (r == 0)
		r = read_long(request, "after_ticks", 0, &after, err);
	if (r == 0)
		r = read_long(request, "at_tick", -1, &at, err);
	if (r < 0)
		return r;
	if (json_object_get(request, "at_tick")) {
		after = at - (long)world_ticks(w);
		if (after < 0)
			return world_fail(err, -EINVAL, "at_tick: %ld is over, this is tick %ld",
					  at, (long)world_ticks(w));
	}
	if (count < 0 || after < 0 || count > COUNT_MOST || after > COUNT_MOST)
		return world_fail(err, -EINVAL, "count, after_ticks: 0 to %ld are wanted",
				  (long)COUNT_MOST);
	fault->count = (unsigned)count;
	fault->after_ticks = (unsigned)after;
	return 0;
}

static const char *const fault_keys[] = {"do",          "what",    "board", "other", "edge",
					 "node",        "channel", "value", "count", "for_s",
					 "after_ticks", "at_tick", NULL};

static json_t *do_fault(struct world *w, const json_t *request, int64_t now_ns)
{
	struct world_fault fault = {.what = json_string_value(json_object_get(request, "what"))};
	struct world_error err;
	int r = only(request, fault_keys, &err);

	if (r == 0 && !fault.what)
		r = world_fail(&err, -EINVAL, "what: the name of a fault is wanted");
	if (r == 0)
		r = read_about(w, request, &fault, &err);
	if (r == 0)
		r = read_when(w, request, &fault, &err);
	if (r == 0)
		r = world_fault(w, &fault, now_ns, &err);
	return done(r, &err);
}

static json_t *do_fault_when(struct world *w, const json_t *request, int64_t now_ns)
{
	if (!json_object_get(request, "after_ticks") && !json_object_get(request, "at_tick"))
		return json_pack("{s:b, s:s}", "ok", 0, "error",
				 "fault_when: after_ticks or at_tick is wanted");
	return do_fault(w, request, now_ns);
}

static json_t *do_clear(struct world *w, const json_t *request, int64_t now_ns)
{
	(void)request;
	world_clear_faults(w, now_ns);
	return json_pack("{s:b}", "ok", 1);
}

/* ---- hands ---- */

static int read_side(const json_t *request, int *ret, struct world_error *err)
{
	static const char *const names[] = {"free", "clamped", "both"};
	const json_t *value = json_object_get(request, "side");

	*ret = -1;
	if (!value)
		return 0;
	for (int i = 0; i < 3; i++)
		if (json_is_string(value) && strcmp(json_string_value(value), names[i]) == 0) {
			*ret = i < 2 ? i : -1;
			return 0;
		}
	return world_fail(err, -EINVAL, "side: free, clamped or both is wanted");
}

static json_t *do_plug(struct world *w, const json_t *request, int64_t now_ns)
{
	static const char *const keys[] = {"do", "channel", "side", "node", NULL};
	struct daq_channel channel;
	struct world_error err;
	long node;
	int side, r = only(request, keys, &err);

	if (r == 0)
		r = read_channel(request, "channel", &channel, &err);
	if (r == 0)
		r = read_side(request, &side, &err);
	if (r == 0)
		r = read_long(request, "node", -1, &node, &err);
	if (r == 0)
		r = world_plug(w, channel, side, node, now_ns, &err);
	return done(r, &err);
}

static json_t *do_loop(struct world *w, const json_t *request, int64_t now_ns)
{
	static const char *const keys[] = {"do", "input", "output", NULL};
	struct daq_channel ai, ao;
	struct world_error err;
	int r = only(request, keys, &err);

	if (r == 0)
		r = read_channel(request, "input", &ai, &err);
	if (r == 0)
		r = read_channel(request, "output", &ao, &err);
	if (r == 0 && (ai.kind != DAQ_AI || (ao.kind != DAQ_AO && ao.kind != DAQ_NONE)))
		r = world_fail(&err, -EINVAL,
			       "loop: an input like \"ai3\" is wanted, and an output "
			       "like \"ao1\" or none");
	if (r == 0)
		r = world_loop(w, ai.number, ao.kind == DAQ_NONE ? -1 : (long)ao.number, now_ns,
			       &err);
	return done(r, &err);
}

/* ---- looking ---- */

static json_t *do_state(struct world *w, const json_t *request, int64_t now_ns)
{
	(void)request;
	return control_state(w, now_ns);
}

static json_t *do_counts(struct world *w, const json_t *request, int64_t now_ns)
{
	json_t *counts = control_counts(w);

	(void)request;
	(void)now_ns;
	if (counts)
		json_object_set_new(counts, "ok", json_true());
	return counts;
}

static json_t *do_clear_counts(struct world *w, const json_t *request, int64_t now_ns)
{
	(void)request;
	(void)now_ns;
	world_clear_counts(w);
	return json_pack("{s:b}", "ok", 1);
}

/* ---- waiting ---- */

static int read_wait(const json_t *request, struct control_wait *ret, struct world_error *err)
{
	static const char *const keys[] = {"do", "tick", "faults", NULL};
	int r = only(request, keys, err);

	if (r == 0)
		r = read_long(request, "tick", -1, &ret->tick, err);
	if (r == 0)
		r = read_long(request, "faults", -1, &ret->faults, err);
	if (r == 0 && ret->tick < 0 && ret->faults < 0)
		r = world_fail(err, -EINVAL, "wait: tick or faults is wanted, 0 or more");
	return r;
}

bool control_reads_wait(const char *line, struct control_wait *ret)
{
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	const char *word = json_string_value(json_object_get(request, "do"));
	struct world_error err;
	bool waits = word && strcmp(word, "wait") == 0 && read_wait(request, ret, &err) == 0;

	json_decref(request);
	return waits;
}

bool control_wait_is_over(const struct world *w, const struct control_wait *wait)
{
	struct world_fault fault;
	bool on;

	return (wait->tick < 0 || world_ticks(w) >= (uint64_t)wait->tick) &&
	       (wait->faults < 0 || !world_fault_at(w, (size_t)wait->faults, &fault, &on));
}

/* Over already, or wrong. */
static json_t *do_wait(struct world *w, const json_t *request, int64_t now_ns)
{
	struct control_wait wait;
	struct world_error err;
	int r = read_wait(request, &wait, &err);

	(void)now_ns;
	return r < 0 ? refuse(&err)
		     : json_pack("{s:b, s:I}", "ok", control_wait_is_over(w, &wait), "ticks",
				 (json_int_t)world_ticks(w));
}

/* ---- words ---- */

static const struct {
	const char *word;
	json_t *(*act)(struct world *w, const json_t *request, int64_t now_ns);
} words[] = {
	{"fault", do_fault},
	{"fault_when", do_fault_when},
	{"clear", do_clear},
	{"plug", do_plug},
	{"loop", do_loop},
	{"wait", do_wait},
	{"state", do_state},
	{"counts", do_counts},
	{"clear_counts", do_clear_counts},
};

static json_t *act(struct world *w, const json_t *request, int64_t now_ns)
{
	const char *word = json_string_value(json_object_get(request, "do"));
	struct world_error err;

	for (size_t i = 0; word && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].act(w, request, now_ns);
	world_fail(&err, -EINVAL,
		   "do: '%.40s' is none of fault, fault_when, clear, plug, loop, wait, state, "
		   "counts, clear_counts",
		   word ? word : "");
	return refuse(&err);
}

char *control_answer(struct world *w, const char *line, int64_t now_ns)
{
	json_error_t why;
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, &why), *reply;
	char *text;

	if (json_is_object(request))
		reply = act(w, request, now_ns);
	else
		reply = json_pack("{s:b, s:s}", "ok", 0, "error",
				  request ? "a line is an object of JSON" : why.text);
	text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	json_decref(reply);
	json_decref(request);
	return text;
}
