/* tests/unit/top_lab.h - for test_top.c: records as a watch gives them, a run, and a screen as text. */
#ifndef TESTS_UNIT_TOP_LAB_H
#define TESTS_UNIT_TOP_LAB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/top_keys.h"
#include "tests/check.h"

/* ---- records as a watch gives them ---- */

struct made {
	struct nudge_record record;
	struct nudge_array arrays[6];
	double mse[8], free_V[2], clamped_V[2];
	uint32_t flags;
	uint8_t wiper[8], updated;
};

static inline void put(struct made *r, const char *name, const char *dtype, size_t rows,
		       size_t columns, size_t item, const void *bytes)
{
	r->arrays[r->record.n_arrays++] =
		(struct nudge_array){name, dtype, "", 2, {rows, columns}, item, bytes};
}

/* Steps step ... step + n - 1, whose errors halve; as a page, or the last alone as `latest.` */
static inline void make_steps(struct made *r, uint64_t run, uint64_t step, size_t n, bool latest)
{
	*r = (struct made){.record = {.topic = latest ? "latest." : "step.00000001.",
				      .kind = "step",
				      .run = run,
				      .step = step,
				      .n = n}};
	r->record.arrays = r->arrays;
	for (size_t i = 0; i < n; i++)
		r->mse[i] = pow(0.5, (double)(step + i));
	for (size_t i = 0; i < 8; i++)
		r->wiper[i] = (uint8_t)(10 * i);
	r->free_V[0] = 1.5;
	r->free_V[1] = 2.5;
	r->clamped_V[0] = 1.25;
	r->clamped_V[1] = 2.75;
	r->updated = 0x05;
	put(r, "mse_V2", "<f8", n, 1, 8, r->mse);
	put(r, "flags", "<u4", 1, 1, 4, &r->flags);
	if (!latest)
		return;
	put(r, "v_free_V", "<f8", 1, 2, 8, r->free_V);
	put(r, "v_clamped_V", "<f8", 1, 2, 8, r->clamped_V);
	put(r, "wiper", "<u1", 1, 8, 1, r->wiper);
	put(r, "updated", "<u1", 1, 1, 1, &r->updated);
}

static inline void take_header(struct top_model *m, const char *kind, uint64_t run, uint64_t step,
			       const char *json, double now_s)
{
	struct nudge_record record = {.topic = "",
				      .kind = kind,
				      .run = run,
				      .step = step,
				      .header = json_loads(json, 0, NULL)};

	assert_non_null(record.header);
	top_model_record(m, &record, now_s);
	json_decref(record.header);
}

static inline void answer(void (*take)(struct top_model *m, const json_t *result),
			  struct top_model *m, const char *json)
{
	json_t *result = json_loads(json, 0, NULL);

	assert_non_null(result);
	take(m, result);
	json_decref(result);
}

/* A run of 100 steps on 8 edges and 2 targets */
static inline struct top_model *running(void)
{
	struct top_model *m = top_model_new();
	json_t *hello = json_pack("{s:s, s:s, s:s, s:s}", "rig", "king9", "backend", "sim", "who",
				  "ann", "role", "operator");
	json_t *rig = json_pack("{s:i, s:f, s:f, s:[]}", "taps", 128, "r_min_ohm", 100.0,
				"r_step_ohm", 10.0, "edges");

	assert_non_null(m);
	for (int i = 0; i < 8; i++)
		json_array_append_new(json_object_get(rig, "edges"),
				      json_pack("{s:i, s:i, s:i, s:s, s:i, s:f}", "edge", i, "a", i,
						"b", i + 1, "mode", i == 7 ? "cut" : "learn", "tap",
						63, "r_ohm", 730.0));
	top_model_hello(m, "ipc:///run/nudged", hello);
	answer(top_model_snapshot, m,
	       "{\"state\": \"running\", \"run\": 1, \"step\": 0, \"steps_total\": 100, \"params\":"
	       "{\"eta\": 0.2, \"p\": 1.0, \"tau_s\": 0.01, \"bias_V\": null, \"rev\": 1},"
	       "\"queue_length\": 2, \"queue_held\": false, \"devices\": [{\"device\": \"card\","
	       "\"state\": \"up\"}], \"alarms\": [], \"lease\": null}");
	top_answer_rig(m, rig);
	answer(top_answer_run, m,
	       "{\"run\": 1, \"name\": \"three outputs\", \"status\": \"running\", \"steps\": 0,"
	       "\"descriptor\": {\"targets\": [3, 5]}, \"params\": [{\"rev\": 1, \"from_step\": 0,"
	       "\"eta\": 0.2, \"p\": 1.0, \"tau_s\": 0.01}], \"tests\": [], \"events\": []}");
	json_decref(hello);
	json_decref(rig);
	return m;
}

/* ---- a screen as text ---- */

static inline struct top_screen *screen_new(int height, int width, bool unicode)
{
	struct top_screen *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->unicode = unicode;
	assert_int_equal(top_screen_resize(s, height, width), 0);
	return s;
}

static inline void screen_free(struct top_screen *s)
{
	top_screen_free(s);
	free(s);
}

/* Row y as ASCII; what is none comes as '?' */
static inline const char *row_text(const struct top_screen *s, int y, char text[400])
{
	for (int x = 0; x < s->width; x++) {
		uint32_t glyph = s->cells[y * s->width + x].glyph;

		text[x] = glyph == 0 ? ' ' : glyph < 0x7f ? (char)glyph : '?';
	}
	text[s->width] = '\0';
	return text;
}

static inline bool shows(const struct top_screen *s, const char *what)
{
	char text[400];

	for (int y = 0; y < s->height; y++)
		if (strstr(row_text(s, y, text), what))
			return true;
	return false;
}

#endif
