/* daemon/store_change.c - a change: what must become true together, as statements with their values. */
#include "config.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_impl.h"

/* ---- building ---- */

struct change *change_new(uint64_t token)
{
	struct change *c = calloc(1, sizeof(*c));

	if (c)
		c->token = token;
	return c;
}

static void operation_clear(struct store_operation *operation)
{
	for (size_t i = 0; i < operation->n; i++)
		if (operation->values[i].type >= VALUE_TEXT)
			free(operation->values[i].bytes);
}

void change_free(struct change *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		operation_clear(&c->operations[i]);
	free(c->operations);
	free(c->key);
	free(c->method);
	json_decref(c->result);
	problem_clear(&c->refusal);
	problem_clear(&c->problem);
	ring_unref(c->ring);
	free(c);
}

uint64_t change_token(const struct change *c)
{
	return c->token;
}

/* The values that follow are this statement's, in the order of its parameters. */
static void put_statement(struct change *c, enum store_statement statement)
{
	if (c->n == c->capacity) {
		size_t capacity = c->capacity ? 2 * c->capacity : 4;
		void *grown = realloc(c->operations, capacity * sizeof(*c->operations));

		if (!grown) {
			c->no_memory = true;
			return;
		}
		c->operations = grown;
		c->capacity = capacity;
	}
	c->operations[c->n++] = (struct store_operation){.statement = statement};
}

static void put(struct change *c, struct store_value value)
{
	struct store_operation *operation;

	if (c->no_memory) {
		if (value.type >= VALUE_TEXT)
			free(value.bytes);
		return;
	}
	operation = &c->operations[c->n - 1];
	assert(operation->n < STORE_MAX_VALUES);
	operation->values[operation->n++] = value;
}

static void put_null(struct change *c)
{
	put(c, (struct store_value){.type = VALUE_NULL});
}

static void put_integer(struct change *c, int64_t integer)
{
	put(c, (struct store_value){.type = VALUE_INTEGER, .integer = integer});
}

/* Runs count from 1: run 0 means "no run", and then there is no step either. */
static void put_run_step(struct change *c, uint64_t run, uint64_t step)
{
	if (run) {
		put_integer(c, (int64_t)run);
		put_integer(c, (int64_t)step);
	} else {
		put_null(c);
		put_null(c);
	}
}

static void put_real(struct change *c, double real)
{
	if (isnan(real))
		put_null(c);
	else
		put(c, (struct store_value){.type = VALUE_REAL, .real = real});
}

/* Takes over bytes. */
static void put_bytes(struct change *c, int type, char *bytes, size_t n)
{
	if (!bytes)
		c->no_memory = true;
	else
		put(c, (struct store_value){.type = type, .bytes = bytes, .n = n});
}

static void put_text(struct change *c, const char *text)
{
	if (text)
		put_bytes(c, VALUE_TEXT, strdup(text), strlen(text));
	else
		put_null(c);
}

static void put_blob(struct change *c, const void *blob, size_t n)
{
	char *bytes;

	if (!blob) {
		put_null(c);
		return;
	}
	bytes = malloc(n ? n : 1);
	if (bytes)
		memcpy(bytes, blob, n);
	put_bytes(c, VALUE_BLOB, bytes, n);
}

static void put_json(struct change *c, const json_t *json)
{
	char *text;

	if (!json) {
		put_null(c);
		return;
	}
	text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	put_bytes(c, VALUE_TEXT, text, text ? strlen(text) : 0);
}

static void put_now(struct change *c)
{
	char text[32];

	put_text(c, store_utc_now(text));
}

/* ---- what can change ---- */

void change_key(struct change *c, const char *key, const char *method, uint64_t hash)
{
	assert(!c->key);
	c->key = strdup(key);
	c->method = strdup(method);
	c->hash = hash;
	if (!c->key || !c->method)
		c->no_memory = true;
}

void change_result(struct change *c, json_t *result)
{
	json_decref(c->result);
	c->result = result;
}

void change_refusal(struct change *c, struct problem *problem)
{
	problem_clear(&c->refusal);
	c->refusal = *problem;
	*problem = (struct problem){0};
}

void change_seal(struct change *c)
{
	char hash[24];

	if (!c->key)
		return;
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)c->hash);
	put_statement(c, STATEMENT_REPLY);
	put_text(c, c->key);
	put_text(c, c->method);
	put_text(c, hash);
	put_now(c);
	if (c->result)
		put_json(c, c->result);
	else
		put_text(c, "{}");
}

void change_audit(struct change *c, uint64_t run, uint64_t step, const char *who, const char *what,
		  const json_t *old, const json_t *new_, const char *request_id)
{
	char *kind = strndup(what, strcspn(what, "."));

	put_statement(c, STATEMENT_AUDIT);
	put_now(c);
	put_run_step(c, run, step);
	put_bytes(c, VALUE_TEXT, kind, kind ? strlen(kind) : 0);
	put_text(c, who);
	put_text(c, what);
	put_json(c, old);
	put_json(c, new_);
	put_text(c, request_id);
}

void change_event(struct change *c, uint64_t run, uint64_t step, const char *kind, const char *who,
		  const char *what, const json_t *old, const json_t *new_)
{
	put_statement(c, STATEMENT_EVENT);
	put_now(c);
	put_run_step(c, run, step);
	put_text(c, kind);
	put_text(c, who);
	put_text(c, what);
	put_json(c, old);
	put_json(c, new_);
}

void change_params(struct change *c, uint64_t run, uint64_t from_step, const struct params *params,
		   double r0_ohm, const char *who)
{
	put_statement(c, STATEMENT_PARAMS);
	put_integer(c, (int64_t)run);
	put_integer(c, (int64_t)params->rev);
	put_integer(c, (int64_t)from_step);
	put_now(c);
	put_real(c, params->eta);
	put_real(c, params->p);
	put_real(c, params->tau_s);
	put_real(c, params->capacitance_F);
	put_real(c, params_relaxation_rate_per_s(params, r0_ohm));
	put_real(c, params_alpha_over_gamma(params, r0_ohm));
	put_text(c, who);
	put_real(c, params->bias_V);
}

void change_run_new(struct change *c, const struct run_row *row)
{
	put_statement(c, STATEMENT_RUN_NEW);
	put_integer(c, (int64_t)row->run);
	put_text(c, row->uuid);
	put_text(c, row->name);
	put_text(c, json_string_value(json_object_get(row->task, "task")));
	put_text(c, row->kind);
	put_text(c, row->status);
	put_text(c, row->rig);
	put_text(c, row->backend);
	put_integer(c, (int64_t)row->seed);
	put_now(c);
	put_text(c, row->boot);
	put_json(c, row->tags);
	put_text(c, row->note);
	put_text(c, row->version);
	put_text(c, row->who);
	put_json(c, row->task);
	put_json(c, row->rig_json);
	put_json(c, row->params);
	put_integer(c, row->place);
}

void change_run_begin(struct change *c, uint64_t run, int64_t t0_mono_ns, const json_t *descriptor,
		      const char *log)
{
	c->begins_run = run;
	put_statement(c, STATEMENT_RUN_BEGIN);
	put_integer(c, (int64_t)run);
	put_now(c);
	put_integer(c, t0_mono_ns);
	put_json(c, descriptor);
	put_text(c, log);
}

void change_run_status(struct change *c, uint64_t run, const char *status, const char *reason)
{
	put_statement(c, STATEMENT_RUN_STATUS);
	put_integer(c, (int64_t)run);
	put_text(c, status);
	put_text(c, reason);
	put_now(c);
}

static void put_figures(struct change *c, const struct run_figures *figures)
{
	put_integer(c, (int64_t)figures->steps);
	put_real(c, figures->mse_first_V2);
	put_real(c, figures->mse_last_V2);
	put_real(c, figures->mse_min_V2);
	put_real(c, figures->mse_final_V2);
	put_real(c, figures->test_first_V2);
	put_real(c, figures->test_best_V2);
	put_real(c, figures->test_final_V2);
	put_real(c, figures->accuracy_best);
	put_real(c, figures->accuracy_final);
}

void change_run_end(struct change *c, uint64_t run, const char *status, const char *reason,
		    const struct run_figures *figures, const void *edges, size_t n_bytes)
{
	put_statement(c, STATEMENT_RUN_END);
	put_integer(c, (int64_t)run);
	put_figures(c, figures);
	put_text(c, status);
	put_text(c, reason);
	put_now(c);
	put_blob(c, edges, n_bytes);
	c->ends_run = run;
}

void change_run_progress(struct change *c, uint64_t run, const struct run_figures *figures)
{
	put_statement(c, STATEMENT_RUN_PROGRESS);
	put_integer(c, (int64_t)run);
	put_figures(c, figures);
}

void change_run_place(struct change *c, uint64_t run, int64_t place)
{
	put_statement(c, STATEMENT_RUN_PLACE);
	put_integer(c, (int64_t)run);
	put_integer(c, place);
}

void change_wiring(struct change *c, const json_t *wiring)
{
	put_statement(c, STATEMENT_WIRING);
	put_json(c, wiring);
}

void change_queue_held(struct change *c, bool held)
{
	put_statement(c, STATEMENT_QUEUE_HELD);
	put_text(c, held ? "yes" : "no");
}

void change_test(struct change *c, const struct test_row *row)
{
	size_t n = row->n_examples * row->n_targets * sizeof(double);

	put_statement(c, STATEMENT_TEST);
	put_integer(c, (int64_t)row->run);
	put_integer(c, (int64_t)row->step);
	put_text(c, row->set);
	put_now(c);
	put_real(c, row->error_V2);
	put_real(c, row->accuracy);
	put_integer(c, (int64_t)row->n_examples);
	put_integer(c, (int64_t)row->n_targets);
	put_blob(c, row->outputs_V, n);
	put_blob(c, row->target_V, n);
	put_blob(c, row->class_found, row->n_examples * sizeof(*row->class_found));
}

void change_annotate(struct change *c, uint64_t run, const char *note, const json_t *tags, int star)
{
	put_statement(c, STATEMENT_ANNOTATE);
	put_integer(c, (int64_t)run);
	put_text(c, note);
	put_json(c, tags);
	if (star < 0)
		put_null(c);
	else
		put_integer(c, star != 0);
}

void change_tags(struct change *c, uint64_t run, const json_t *add, const json_t *remove)
{
	put_statement(c, STATEMENT_TAGS);
	put_integer(c, (int64_t)run);
	put_json(c, add);
	put_json(c, remove);
}

void change_thin(struct change *c, uint64_t run, uint64_t keep_every, const char *log)
{
	c->thins = true;
	put_statement(c, STATEMENT_THINNED);
	put_integer(c, (int64_t)run);
	put_integer(c, (int64_t)keep_every);
	put_text(c, log);
	put_statement(c, STATEMENT_THIN);
	put_integer(c, (int64_t)run);
	put_integer(c, (int64_t)keep_every);
}

void change_calibration(struct change *c, const char *kind, uint64_t run, const char *who,
			const json_t *values)
{
	put_statement(c, STATEMENT_CALIBRATION);
	put_text(c, kind);
	put_now(c);
	put_integer(c, (int64_t)run);
	put_text(c, who);
	put_json(c, values);
}

void change_checkpoint(struct change *c, const char *name, uint64_t run, uint64_t step,
		       const char *who, const void *edges, size_t n_bytes)
{
	put_statement(c, STATEMENT_CHECKPOINT);
	put_text(c, name);
	put_now(c);
	put_run_step(c, run, step);
	put_text(c, who);
	put_blob(c, edges, n_bytes);
}

void change_checkpoint_delete(struct change *c, const char *name)
{
	put_statement(c, STATEMENT_CHECKPOINT_DELETE);
	put_text(c, name);
}

/* ---- lists of changes ---- */

void change_list_init(struct change_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

void change_list_add(struct change_list *list, struct change *c)
{
	c->next = NULL;
	*list->end = c;
	list->end = &c->next;
}

struct change *change_list_take(struct change_list *list)
{
	struct change *c = list->first;

	if (!c)
		return NULL;
	list->first = c->next;
	if (!list->first)
		list->end = &list->first;
	return c;
}

void change_list_join(struct change_list *list, struct change_list *behind)
{
	if (!behind->first)
		return;
	*list->end = behind->first;
	list->end = behind->end;
	change_list_init(behind);
}

void change_list_free(struct change_list *list)
{
	struct change *c;

	while ((c = change_list_take(list)))
		change_free(c);
}
