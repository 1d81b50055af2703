/* daemon/request_fetch.c - stream.fetch of a run whose log leaves steps out: those are in its ring alone. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/request_handlers.h"

static bool wants_json(const json_t *params)
{
	const char *encoding = json_string_value(json_object_get(params, "encoding"));

	return encoding && strcmp(encoding, "json") == 0;
}

static json_t *arrays_of(const json_t *descriptor, size_t n)
{
	json_t *arrays = json_deep_copy(json_object_get(descriptor, "arrays")), *array;
	size_t i;

	json_array_foreach(arrays, i, array)
		json_array_set_new(json_object_get(array, "shape"), 0, json_integer((json_int_t)n));
	return arrays;
}

static bool gather(const struct record_layout *layout, const void *rows, size_t n,
		   struct history_frames *ret)
{
	struct record_array arrays[RECORD_ARRAYS];
	size_t n_arrays = record_arrays(layout, arrays);

	*ret = (struct history_frames){.frames = calloc(n_arrays, sizeof(*ret->frames))};
	for (size_t i = 0; ret->frames && i < n_arrays; i++) {
		size_t bytes = n * arrays[i].width * arrays[i].item_bytes;
		void *out = malloc(bytes + 1);

		if (!out)
			break;
		record_gather(&arrays[i], rows, layout->row_bytes, n, out);
		ret->frames[ret->n++] = (struct history_frame){out, bytes};
	}
	if (ret->n == n_arrays)
		return true;
	history_frames_free(ret);
	return false;
}

static void reply(struct server *server, struct pending *pending, const void *rows, uint64_t step,
		  uint64_t to, size_t n)
{
	const struct live *live = &server->live;
	uint64_t run = ring_run(live->ring);
	struct history_frames frames;
	json_t *result;

	if (!gather(ring_layout(live->ring), rows, n, &frames)) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	result = json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "run", (json_int_t)run, "step",
			   (json_int_t)step, "n", (json_int_t)n, "desc", (json_int_t)run,
			   "keep_every", (json_int_t)ring_layout(live->ring)->keep_every, "arrays",
			   arrays_of(live->descriptor, n), "next",
			   step + n <= to ? json_integer((json_int_t)(step + n)) : json_null());
	server_reply_frames(server, pending, result, &frames);
	history_frames_free(&frames);
}

bool request_fetch_ring(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	struct ring *ring = server->live.ring;
	uint64_t run = (uint64_t)json_integer_value(json_object_get(params, "run"));
	uint64_t from = (uint64_t)json_integer_value(json_object_get(params, "from_step"));
	uint64_t to = (uint64_t)json_integer_value(json_object_get(params, "to_step"));
	uint64_t made, behind = from;
	size_t n;
	void *rows;

	if (!ring || server->replay || ring_run(ring) != run ||
	    ring_layout(ring)->keep_every == 1 || wants_json(params) || from > to)
		return false;
	made = ring_head(ring);
	if (from + 1 >=
	    made) /* the newest row is left to the publisher, whom a copy of it would silence */
		return false;
	n = ring_layout(ring)->page_rows;
	n = to - from + 1 < n ? (size_t)(to - from + 1) : n;
	n = made - 1 - from < n ? (size_t)(made - 1 - from) : n;
	rows = malloc(n * ring_layout(ring)->row_bytes);
	if (!rows)
		return false;
	n = ring_copy(ring, &behind, rows, n);
	if (n && behind == from + n) /* else it has been overwritten: what is kept is on disk */
		reply(server, pending, rows, from, to, n);
	else
		n = 0;
	free(rows);
	return n > 0;
}
