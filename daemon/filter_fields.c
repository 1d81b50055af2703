/* daemon/filter_fields.c - what runs can be chosen and put in order by. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/filter_impl.h"
#include "protocol/nearest.h"

/* As its first step was made with; of a run that has not begun, NULL. */
#define AT_BEGIN(name)                                                                             \
	"(SELECT q." name " FROM params q WHERE q.run = runs.run"                                  \
	" ORDER BY q.from_step, q.rev DESC LIMIT 1)"

static const char *const statuses[] = {"queued",  "running",     "paused", "done", "stopped",
				       "aborted", "interrupted", "failed", NULL};
static const char *const kinds[] = {"allostery", "regression", "classification", "calibration",
				    NULL};
static const char *const backends[] = {"sim", "bench", NULL};

static const struct field fields[] = {
	{"run", FIELD_NUMBER, NULL, NULL},
	{"uuid", FIELD_TEXT, NULL, NULL},
	{"name", FIELD_TEXT, NULL, NULL},
	{"task", FIELD_TEXT, NULL, NULL},
	{"kind", FIELD_TEXT, NULL, kinds},
	{"status", FIELD_TEXT, NULL, statuses},
	{"rig", FIELD_TEXT, NULL, NULL},
	{"backend", FIELD_TEXT, NULL, backends},
	{"seed", FIELD_NUMBER, NULL, NULL},
	{"submitted_utc", FIELD_TIME, NULL, NULL},
	{"started_utc", FIELD_TIME, NULL, NULL},
	{"ended_utc", FIELD_TIME, NULL, NULL},
	{"t0_mono_ns", FIELD_NUMBER, NULL, NULL},
	{"boot", FIELD_TEXT, NULL, NULL},
	{"steps", FIELD_NUMBER, NULL, NULL},
	{"mse_first_V2", FIELD_NUMBER, NULL, NULL},
	{"mse_last_V2", FIELD_NUMBER, NULL, NULL},
	{"mse_min_V2", FIELD_NUMBER, NULL, NULL},
	{"mse_final_V2", FIELD_NUMBER, NULL, NULL},
	{"test_first_V2", FIELD_NUMBER, NULL, NULL},
	{"test_best_V2", FIELD_NUMBER, NULL, NULL},
	{"test_final_V2", FIELD_NUMBER, NULL, NULL},
	{"accuracy_best", FIELD_NUMBER, NULL, NULL},
	{"accuracy_final", FIELD_NUMBER, NULL, NULL},
	{"edges", FIELD_NUMBER, NULL, NULL},
	{"star", FIELD_FLAG, NULL, NULL},
	{"note", FIELD_TEXT, NULL, NULL},
	{"reason", FIELD_TEXT, NULL, NULL},
	{"version", FIELD_TEXT, NULL, NULL},
	{"who", FIELD_TEXT, NULL, NULL},
	{"place", FIELD_NUMBER, NULL, NULL},
	{"log", FIELD_TEXT, NULL, NULL},
	{"tag", FIELD_TAG, "tags", NULL},
	{"eta", FIELD_NUMBER, AT_BEGIN("eta"), NULL},
	{"p", FIELD_NUMBER, AT_BEGIN("p"), NULL},
	{"tau_s", FIELD_NUMBER, AT_BEGIN("tau_s"), NULL},
	{"capacitance_F", FIELD_NUMBER, AT_BEGIN("capacitance_F"), NULL},
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

const struct field *field_find(const char *name, size_t n)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strlen(fields[i].name) == n && memcmp(fields[i].name, name, n) == 0)
			return &fields[i];
	return NULL;
}

const char *field_nearest(const char *name, size_t n)
{
	size_t best = (size_t)-2; /* nothing is as far as -1 */
	const char *found = NULL;
	char word[NEAREST_MAX_BYTES + 1];

	if (n > NEAREST_MAX_BYTES)
		return NULL;
	memcpy(word, name, n);
	word[n] = '\0';
	for (size_t i = 0; i < N_FIELDS; i++) {
		size_t d = strcasecmp(word, fields[i].name) == 0
				   ? 0
				   : nearest_distance(word, fields[i].name);

		/* of two as near, the one that only goes on: tau_s rather than tag for tau */
		if (d < best || (d == best && strncmp(word, fields[i].name, n) == 0)) {
			best = d;
			found = fields[i].name;
		}
	}
	return found;
}

const char *field_sql(const struct field *f)
{
	return f->sql ? f->sql : f->name;
}

/* ---- order ---- */

static int refuse_order(struct problem *p, const struct token *t)
{
	const char *nearest = t->kind == TOKEN_NAME ? field_nearest(t->start, t->n) : NULL;
	char shown[80];

	return problem_set(p, PROBLEM_PARAMS, "/order",
			   "order: \"%s\" is no field of runs%s%s%s; expected newest, oldest, or a "
			   "field with asc or desc behind it",
			   token_show(t, shown, sizeof(shown)), nearest ? "; did you mean \"" : "",
			   nearest ? nearest : "", nearest ? "\"?" : "");
}

int filter_order(const char *text, struct filter_order *ret, struct problem *p)
{
	struct token name = token_next(&text), way = token_next(&text), end = token_next(&text);
	const struct field *f = field_find(name.start, name.n);
	bool down = token_is(&way, "desc");
	char shown[80];

	if (way.kind == TOKEN_END && (token_is(&name, "newest") || token_is(&name, "oldest"))) {
		*ret = (struct filter_order){"run", token_is(&name, "newest")};
		return 0;
	}
	if (name.kind != TOKEN_NAME || !f)
		return refuse_order(p, &name);
	if (f->type == FIELD_TAG)
		return problem_set(p, PROBLEM_PARAMS, "/order",
				   "order: a run has any number of tags; choose another field");
	if (way.kind != TOKEN_END && !down && !token_is(&way, "asc"))
		return problem_set(p, PROBLEM_PARAMS, "/order",
				   "order: expected asc or desc behind %s, got \"%s\"", f->name,
				   token_show(&way, shown, sizeof(shown)));
	if (end.kind != TOKEN_END)
		return problem_set(p, PROBLEM_PARAMS, "/order",
				   "order: one field only, got \"%s\" behind it",
				   token_show(&end, shown, sizeof(shown)));
	*ret = (struct filter_order){field_sql(f), down};
	return 0;
}
