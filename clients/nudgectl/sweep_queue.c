/* clients/nudgectl/sweep_queue.c - a sweep through a running daemon: submits the cells, follows them, sums up. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/bar.h"
#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"

#define PAGE_ROWS 1000
#define WAIT_S    1.0 /* how often we look how far it is */

enum fate { FATE_MISSING, FATE_OPEN, FATE_DONE, FATE_ENDED };

struct queue_cell {
	char tag[32];   /* "cell:HASH": what its run is known by */
	enum fate fate; /* of the newest run with it */
	json_int_t run;
	json_t *row; /* of history.runs */
};

struct queued_sweep {
	struct context *c;
	const struct sweep *sweep;
	struct queue_cell *cells; /* [sweep->n] */
	json_t *by_tag;           /* {tag: cell} */
	int interrupt;
};

/* ---- the runs of a group ---- */

int sweep_group_rows(struct context *c, const char *name, json_t **ret)
{
	json_t *rows = json_array(), *result, *next;
	json_int_t after = 0;
	int r;

	do {
		json_t *params = json_pack("{s:o, s:s, s:i}", "tag", sweep_group(name), "order",
					   "oldest", "limit", PAGE_ROWS);

		if (after)
			json_object_set_new(params, "after", json_integer(after));
		r = context_ask(c, "history.runs", params, &result);
		if (r != EXIT_FINE) {
			json_decref(rows);
			return r;
		}
		json_array_extend(rows, json_object_get(result, "rows"));
		next = json_object_get(result, "next");
		after = json_integer_value(next);
		json_decref(result);
	} while (after);
	*ret = rows;
	return EXIT_FINE;
}

static enum fate fate_of(const json_t *row)
{
	static const struct {
		const char *status;
		enum fate fate;
	} fates[] = {
		{"queued", FATE_OPEN},
		{"running", FATE_OPEN},
		{"paused", FATE_OPEN},
		{"done", FATE_DONE},
	};
	const char *status = json_string_value(json_object_get(row, "status"));

	for (size_t i = 0; status && i < sizeof(fates) / sizeof(fates[0]); i++)
		if (!strcmp(status, fates[i].status))
			return fates[i].fate;
	return FATE_ENDED;
}

static struct queue_cell *cell_of(const struct queued_sweep *q, const json_t *row)
{
	json_t *tag, *found = NULL;
	size_t i;

	json_array_foreach(json_object_get(row, "tags"), i, tag)
	{
		if (!found && json_is_string(tag))
			found = json_object_get(q->by_tag, json_string_value(tag));
	}
	return found ? &q->cells[json_integer_value(found)] : NULL;
}

/* How far each cell is. */
static int look(struct queued_sweep *q)
{
	json_t *rows, *row;
	size_t i;
	int r = sweep_group_rows(q->c, q->sweep->name, &rows);

	if (r != EXIT_FINE)
		return r;
	json_array_foreach(rows, i, row)
	{
		struct queue_cell *cell = cell_of(q, row);

		if (!cell)
			continue;
		cell->fate = fate_of(row);
		cell->run = json_integer_value(json_object_get(row, "run"));
		json_decref(cell->row);
		cell->row = json_incref(row);
	}
	json_decref(rows);
	return EXIT_FINE;
}

static size_t count(const struct queued_sweep *q, enum fate fate)
{
	size_t n = 0;

	for (size_t i = 0; i < q->sweep->n; i++)
		n += q->cells[i].fate == fate;
	return n;
}

/* ---- submitting ---- */

static int submit_one(struct queued_sweep *q, size_t i)
{
	const struct cell *cell = &q->sweep->cells[i];
	json_t *tags = json_copy(cell->tags), *params, *result;
	int r;

	json_array_append_new(tags, json_string(q->cells[i].tag));
	params = json_pack("{s:O, s:s, s:I, s:o}", "task", cell->task, "name", cell->name, "seed",
			   (json_int_t)cell->seed, "tags", tags);
	r = context_ask(q->c, "run.submit", params, &result);
	if (r != EXIT_FINE)
		return r;
	q->cells[i].run = json_integer_value(json_object_get(result, "run"));
	q->cells[i].fate = FATE_OPEN;
	json_decref(result);
	return EXIT_FINE;
}

/* Those that are neither done nor waiting, in the order that was drawn: points and seeds come mixed, so that a bench that
 * drifts favours none. */
static int submit(struct queued_sweep *q)
{
	size_t submitted = 0;
	char note[160];
	int r;

	snprintf(note, sizeof(note), "nudgectl sweep %.120s", q->sweep->name);
	r = context_lease(q->c, note);
	for (size_t k = 0; k < q->sweep->n && r == EXIT_FINE; k++) {
		size_t i = q->sweep->order[k];

		if (q->cells[i].fate == FATE_OPEN || q->cells[i].fate == FATE_DONE)
			continue;
		if (interrupt_take(q->interrupt))
			r = say_failed("interrupted after %zu submissions; the same command goes "
				       "on",
				       submitted);
		else
			r = submit_one(q, i);
		submitted += r == EXIT_FINE;
	}
	nudge_lease_release(q->c->nudge, NULL);
	if (r == EXIT_FINE)
		fprintf(stderr, "nudgectl: %zu cells submitted, %zu were there already\n",
			submitted, q->sweep->n - submitted);
	return r;
}

/* ---- following ---- */

/* A held queue would let us wait for ever. */
static int refuse_held(struct queued_sweep *q)
{
	json_t *snapshot;
	const char *state;
	bool held, idle;
	int r = context_ask(q->c, "state.snapshot", NULL, &snapshot);

	if (r != EXIT_FINE)
		return r;
	held = json_is_true(json_object_get(snapshot, "queue_held"));
	state = json_string_value(json_object_get(snapshot, "state"));
	idle = state && !strcmp(state, "idle");
	json_decref(snapshot);
	if (held && idle)
		return say_failed("the queue is held (after an abort or a failed run): nudgectl "
				  "queue release lets it go on, and the same command follows it");
	return EXIT_FINE;
}

/* Until the first of those that wait has ended, or a second is over. */
static int wait_a_little(struct queued_sweep *q)
{
	json_int_t first = 0;
	json_t *result;
	int r;

	for (size_t i = 0; i < q->sweep->n; i++)
		if (q->cells[i].fate == FATE_OPEN && (!first || q->cells[i].run < first))
			first = q->cells[i].run;
	r = context_ask(q->c, "run.wait",
			json_pack("{s:I, s:f}", "run", first, "timeout_s", WAIT_S), &result);
	if (r == EXIT_FINE)
		json_decref(result);
	return r;
}

static int follow(struct queued_sweep *q)
{
	struct bar bar;
	int r = look(q);

	bar_init(&bar, "cells", q->sweep->n, count(q, FATE_DONE), q->c->unicode);
	while (r == EXIT_FINE && count(q, FATE_OPEN) > 0) {
		bar_show(&bar, count(q, FATE_DONE), count(q, FATE_ENDED));
		r = refuse_held(q);
		if (r == EXIT_FINE)
			r = wait_a_little(q);
		if (r == EXIT_FINE)
			r = look(q);
		if (r == EXIT_FINE && interrupt_take(q->interrupt))
			r = say_failed(
				"the cells stay in the queue; the same command follows them, "
				"nudgectl queue clear drops those that wait");
	}
	bar_end(&bar, count(q, FATE_DONE), count(q, FATE_ENDED));
	return r;
}

/* ---- what came of it ---- */

static int show(struct queued_sweep *q)
{
	json_t *rows = json_array(), *summary;
	int r;

	for (size_t i = 0; i < q->sweep->n; i++) {
		const struct queue_cell *cell = &q->cells[i];

		if (cell->fate == FATE_DONE)
			json_array_append_new(rows, json_pack("{s:O, s:O}", "point",
							      json_array_get(q->sweep->points,
									     i / q->sweep->n_seeds),
							      "figures", cell->row));
		else if (cell->fate == FATE_ENDED)
			fprintf(stderr, "nudgectl: run %lld (%s) %s: %s\n", (long long)cell->run,
				q->sweep->names[i],
				json_string_value(json_object_get(cell->row, "status")),
				json_string_value(json_object_get(cell->row, "reason")));
	}
	summary = sweep_summary(rows, q->sweep->figures);
	r = json_array_size(rows) ? sweep_print_summary(q->c, summary)
				  : say_failed("no cell is done");
	json_decref(rows);
	json_decref(summary);
	return r == EXIT_FINE && count(q, FATE_ENDED) ? EXIT_FAILED : r;
}

static int prepare(struct queued_sweep *q)
{
	q->cells = calloc(q->sweep->n + 1, sizeof(*q->cells));
	q->by_tag = json_object();
	if (!q->cells || !q->by_tag)
		return say_failed("no memory for %zu cells", q->sweep->n);
	for (size_t i = 0; i < q->sweep->n; i++) {
		snprintf(q->cells[i].tag, sizeof(q->cells[i].tag), "cell:%016llx",
			 (unsigned long long)cells_hash(&q->sweep->cells[i]));
		json_object_set_new(q->by_tag, q->cells[i].tag, json_integer((json_int_t)i));
	}
	return EXIT_FINE;
}

static int run_all(struct queued_sweep *q)
{
	int r = prepare(q);

	if (r == EXIT_FINE)
		r = context_connect(q->c);
	if (r == EXIT_FINE)
		r = look(q);
	if (r == EXIT_FINE)
		r = submit(q);
	if (r == EXIT_FINE)
		r = follow(q);
	return r == EXIT_FINE ? show(q) : r;
}

int sweep_on_queue(struct context *c, const struct sweep *sweep)
{
	struct queued_sweep q = {.c = c, .sweep = sweep};
	int r;

	if (sweep->rig_varies)
		return say_usage("%s: values of the rig cannot vary with --queue: the daemon has "
				 "the one that it was started with",
				 sweep->file);
	q.interrupt = interrupt_open();
	if (q.interrupt < 0)
		return say_failed("cannot listen to Ctrl-C: %s", strerror(-q.interrupt));
	r = run_all(&q);
	interrupt_close(q.interrupt);
	for (size_t i = 0; i < sweep->n && q.cells; i++)
		json_decref(q.cells[i].row);
	free(q.cells);
	json_decref(q.by_tag);
	return r;
}

int sweep_show_group(struct context *c, const char *name)
{
	json_t *rows, *row, *points = json_array(), *summary;
	size_t i;
	int r = sweep_group_rows(c, name, &rows);

	if (r != EXIT_FINE) {
		json_decref(points);
		return r;
	}
	json_array_foreach(rows, i, row)
	{
		if (fate_of(row) == FATE_DONE)
			json_array_append_new(
				points, json_pack("{s:o, s:O}", "point",
						  sweep_tags_point(json_object_get(row, "tags")),
						  "figures", row));
	}
	summary = sweep_summary(points, NULL);
	if (json_array_size(rows) == 0)
		r = say_failed("no run has the tag " SWEEP_GROUP "%s; nudgectl runs shows the tags",
			       name);
	else if (json_array_size(points) == 0)
		r = say_failed("none of the %zu runs of %s is done", json_array_size(rows), name);
	else
		r = sweep_print_summary(c, summary);
	json_decref(summary);
	json_decref(points);
	json_decref(rows);
	return r;
}
