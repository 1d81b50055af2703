/* clients/nudgectl/procedure.c - which runs a trial is made of. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/draw.h"
#include "clients/nudgectl/procedure.h"

static json_t *copy_task(const struct trial *t)
{
	return json_deep_copy(json_object_get(t->root, "task"));
}

static void begin_with_taps(json_t *task, const json_t *taps)
{
	json_object_set_new(task, "initial", json_pack("{s:O}", "taps", (json_t *)taps));
}

/* ---- each: one run ---- */

static json_t *each_task(const struct trials *all, struct trial *t)
{
	(void)all;
	return t->stage == 0 ? copy_task(t) : NULL;
}

static bool each_take(const struct trials *all, struct trial *t, const struct series *s)
{
	(void)all;
	(void)t;
	(void)s;
	return true;
}

/* ---- series: tasks in a row, each from where the one before ended ---- */

static json_t *series_task(const struct trials *all, struct trial *t)
{
	json_t *task;

	if (t->stage == all->n_tasks)
		return NULL;
	task = json_deep_copy(all->tasks[t->stage]);
	if (t->stage > 0)
		begin_with_taps(task, t->taps);
	json_object_set_new(task, "seed", json_integer((json_int_t)t->seed));
	return task;
}

/* ---- cutting: learn, look which edges would hurt, cut one of them, learn on ----
 *
 * Runs 0, 2, 4, ... learn from the beginning, with one cut more each time: the same seed gives the same steps up to the
 * newest cut.  Runs 1, 3, ... try what each cut would do to what was learnt.  The last run is the one that counts. */

static json_int_t whole(const struct experiment *e, const char *name)
{
	return json_integer_value(experiment_part(e, name));
}

static size_t n_edges_of(const struct experiment *e)
{
	return json_array_size(experiment_part(e, "edge_list"));
}

static bool is_in(const json_t *list, size_t edge)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if ((size_t)json_integer_value(json_array_get(list, i)) == edge)
			return true;
	return false;
}

#define NODES_MAX 4096

static size_t root_of(size_t *parent, size_t node)
{
	while (parent[node] != node)
		node = parent[node] = parent[parent[node]];
	return node;
}

bool procedure_may_cut(const json_t *edges, const json_t *gone, size_t edge)
{
	static const size_t too_many = NODES_MAX;
	size_t *parent = calloc(NODES_MAX, sizeof(*parent)),
	       *degree = calloc(NODES_MAX, sizeof(*degree));
	size_t n_nodes = 0, parts, j;
	bool ok = parent && degree;
	json_t *pair;

	for (size_t i = 0; ok && i < NODES_MAX; i++)
		parent[i] = i;
	json_array_foreach((json_t *)edges, j, pair)
	{
		size_t a = (size_t)json_integer_value(json_array_get(pair, 0));
		size_t b = (size_t)json_integer_value(json_array_get(pair, 1));

		ok = ok && a < too_many && b < too_many;
		if (!ok)
			break;
		n_nodes = a + 1 > n_nodes ? a + 1 : n_nodes;
		n_nodes = b + 1 > n_nodes ? b + 1 : n_nodes;
		if (j == edge || is_in(gone, j))
			continue;
		degree[a]++;
		degree[b]++;
		parent[root_of(parent, a)] = root_of(parent, b);
	}
	parts = n_nodes;
	for (size_t i = 0; ok && i < n_nodes; i++) {
		ok = degree[i] >= 2;
		parts -= root_of(parent, i) != i;
	}
	free(parent);
	free(degree);
	return ok && parts == 1 && !is_in(gone, edge);
}

/* What was cut so far, each at its time; or all before the first step */
static json_t *cut_schedule(const json_t *cuts, json_int_t every)
{
	json_t *schedule = json_array();

	for (size_t i = 0; i < json_array_size(cuts); i++)
		json_array_append_new(schedule,
				      json_pack("{s:I, s:O}", "at", every * (json_int_t)(i + 1),
						"cut", json_array_get(cuts, i)));
	return schedule;
}

/* One step for each edge that may go: cut it, look, mend it */
static json_t *probe_task(const struct trials *all, struct trial *t)
{
	json_t *task = copy_task(t), *schedule = cut_schedule(t->cuts, 0);
	json_t *examples = json_object_get(json_object_get(task, "train"), "examples");
	json_int_t step = 0;

	for (size_t j = 0; j < n_edges_of(all->e); j++) {
		if (!procedure_may_cut(experiment_part(all->e, "edge_list"), t->cuts, j))
			continue;
		json_array_append_new(schedule,
				      json_pack("{s:I, s:I}", "at", step, "cut", (json_int_t)j));
		step++;
		json_array_append_new(schedule,
				      json_pack("{s:I, s:I}", "at", step, "learn", (json_int_t)j));
	}
	json_array_remove(schedule, json_array_size(schedule) - 1); /* the last is past the end */
	json_object_set_new(json_array_get(examples, 0), "learn", json_false());
	json_object_set_new(task, "schedule", schedule);
	json_object_set_new(task, "stop", json_pack("{s:I}", "steps", step));
	begin_with_taps(task, t->taps);
	return task;
}

static json_t *cutting_task(const struct trials *all, struct trial *t)
{
	json_int_t every = whole(all->e, "cut_every"), done = (json_int_t)(t->stage / 2);
	json_t *task;

	if (done > whole(all->e, "cuts") || (done == whole(all->e, "cuts") && t->stage % 2))
		return NULL;
	if (!t->cuts)
		t->cuts = json_array();
	if (t->stage % 2)
		return probe_task(all, t);
	task = copy_task(t);
	json_object_del(task, "schedule");
	if (json_array_size(t->cuts) > 0)
		json_object_set_new(task, "schedule", cut_schedule(t->cuts, every));
	json_object_set_new(task, "stop", json_pack("{s:I}", "steps", every * (done + 1)));
	return task;
}

struct candidate {
	size_t edge;
	double mse_V2;
};

static int worst_first(const void *a, const void *b)
{
	double x = ((const struct candidate *)a)->mse_V2, y = ((const struct candidate *)b)->mse_V2;

	return (x < y) - (x > y);
}

static void choose_cut(const struct trials *all, struct trial *t, const struct series *s)
{
	struct candidate *list = calloc(n_edges_of(all->e), sizeof(*list));
	size_t n = 0, chosen;

	for (size_t j = 0; list && j < n_edges_of(all->e); j++) {
		if (!procedure_may_cut(experiment_part(all->e, "edge_list"), t->cuts, j))
			continue;
		if (n < s->n)
			list[n] = (struct candidate){.edge = j, .mse_V2 = s->mse_V2[n]};
		n++;
	}
	if (!list || n == 0 || n != s->n) {
		trial_fail(t, "cutting: no edge may be cut any more");
	} else {
		qsort(list, n, sizeof(*list), worst_first);
		chosen = (size_t)draw_below(t->seed, DRAW_CUT, t->stage, (n + 1) / 2);
		json_array_append_new(t->cuts, json_integer((json_int_t)list[chosen].edge));
	}
	free(list);
}

static bool cutting_take(const struct trials *all, struct trial *t, const struct series *s)
{
	if (t->stage % 2)
		choose_cut(all, t, s);
	return (json_int_t)t->stage == 2 * whole(all->e, "cuts");
}

/* ---- teacher: a network of drawn resistances answers first, and its answers become the task ---- */

static json_t *teacher_task(const struct trials *all, struct trial *t)
{
	json_t *task, *examples, *example, *train;
	size_t i;

	(void)all;
	if (t->stage > 1)
		return NULL;
	task = copy_task(t);
	if (t->stage == 1)
		return task;
	train = json_object_get(task, "train");
	examples = json_object_get(train, "examples");
	json_array_foreach(examples, i, example)
	{
		json_object_set_new(example, "learn", json_false());
		json_object_set_new(example, "clamp", json_false());
	}
	json_object_set_new(train, "batch", json_integer(1));
	json_object_set_new(train, "order", json_string("cyclic"));
	json_object_del(task, "log");
	json_object_del(task, "test");
	json_object_set_new(task, "stop",
			    json_pack("{s:I}", "steps", (json_int_t)json_array_size(examples)));
	json_object_set_new(task, "initial",
			    json_pack("{s:o}", "r_ohm",
				      draw_teacher(json_object_get(t->root, "draw"), t->seed)));
	return task;
}

static bool teacher_take(const struct trials *all, struct trial *t, const struct series *s)
{
	json_t *examples = json_object_get(
		json_object_get(json_object_get(t->root, "task"), "train"), "examples");

	(void)all;
	if (t->stage == 1)
		return true;
	if (s->n != json_array_size(examples)) {
		trial_fail(t, "teacher: not every example was answered");
		return false;
	}
	for (size_t i = 0; i < s->n; i++) {
		json_t *target_V = json_array();

		for (size_t k = 0; k < s->n_targets; k++)
			json_array_append_new(target_V, json_real(s->v_V[i * s->n_targets + k]));
		json_object_set_new(json_array_get(examples, i), "target_V", target_V);
	}
	return false;
}

static const struct procedure procedures[] = {
	{"each", each_task, each_take},
	{"series", series_task, each_take},
	{"cutting", cutting_task, cutting_take},
	{"teacher", teacher_task, teacher_take},
};

const struct procedure *procedure_of(const struct experiment *e)
{
	const char *name = experiment_text(e, "procedure");

	for (size_t i = 0; i < sizeof(procedures) / sizeof(procedures[0]); i++)
		if (!strcmp(procedures[i].name, name))
			return &procedures[i];
	return &procedures[0];
}
