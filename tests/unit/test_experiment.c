/* tests/unit/test_experiment.c - an experiment's file, its grid, its procedures, and the verdict's rules. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/finding.h"
#include "clients/nudgectl/procedure.h"
#include "tests/check.h"

static const char head[] =
	"experiment: trial\nrow: 1\ntitle: t\npaper: p\nclaim: c\nreference: r\nsetting: s\nopen: o\n"
	"expect: {verdict: reproduced}\n"
	"figure: {kind: points, y: m, x: a, x_label: x, y_label: y}\n"
	"rig: {rig: r, sim: {comparator: {bias_V: [0.0, 0.0]}}}\n";

static const char grid[] =
	"task: {task: t, kind: allostery, train: {batch: all, split: {n: 3, seed: 4}}, params: {p: 1.0}}\n"
	"steps_times_p: 100\ntests: 4\nkeep_steps: 10\nseeds: 3\n"
	"vary:\n"
	"  p: {set: {task.params.p: 1}, values: [1, 0.5]}\n"
	"  bias: {set: {rig.sim.comparator.bias_V.1: 2}, with: {task.params.tau_s: [0.5, 0.25]}, values: [0, 0.05]}\n"
	"  b: {set: {task.train.batch.probability: 1}, unless: 1, drop: [task.train.split.seed], values: [1, 0.25]}\n"
	"measures: {m: {kind: scaled_end}, d: {kind: distance, to_point: {p: 1}}}\n"
	"findings:\n"
	"  all: {what: all, of: m, holds: [1, 2]}\n"
	"quick: {seeds: 2, vary: {b: {values: [1]}}}\n";

static char *file_of(const char *text)
{
	static char name[64];
	FILE *f;
	int fd;

	strcpy(name, "/tmp/test_experiment.XXXXXX");
	fd = mkstemp(name);
	f = fdopen(fd, "w");
	fprintf(f, "%s%s", head, text);
	fclose(f);
	return name;
}

static struct experiment *experiment_of(const char *text, bool quick)
{
	struct experiment *e = NULL;
	struct problem p = {0};
	char *file = file_of(text);

	if (experiment_read(file, quick, 0, &e, &p) < 0)
		fail_msg("%s", p.message);
	unlink(file);
	return e;
}

static struct trials *trials_of(const struct experiment *e)
{
	struct trials *all = NULL;
	struct problem p = {0};

	if (trials_new(e, &all, &p) < 0)
		fail_msg("%s", p.message);
	return all;
}

static const json_t *at(const json_t *root, const char *a, const char *b, const char *c)
{
	const json_t *found = json_object_get(root, a);

	found = b ? json_object_get(found, b) : found;
	return c ? json_object_get(found, c) : found;
}

static const struct trial *find(const struct trials *all, const char *where, uint64_t seed)
{
	json_t *json = json_loads(where, 0, NULL);
	const struct trial *found = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].seed == seed && trial_is_at(all->e, &all->list[i], json))
			found = &all->list[i];
	json_decref(json);
	assert_non_null(found);
	return found;
}

static void a_grid_has_a_trial_for_each_point_and_seed(void **state)
{
	struct experiment *e = experiment_of(grid, false);
	struct trials *all = trials_of(e);
	const struct trial *t;

	(void)state;
	assert_int_equal(all->n, 2 * 2 * 2 * 3);
	t = find(all, "{\"p\": 0.5, \"bias\": 0.05, \"b\": 0.25}", 2);
	assert_close(json_number_value(at(t->root, "task", "params", "p")), 0.5, 0);
	assert_close(json_number_value(at(t->root, "task", "params", "tau_s")), 0.25, 0);
	assert_close(
		json_number_value(json_array_get(
			json_object_get(at(t->root, "rig", "sim", "comparator"), "bias_V"), 1)),
		0.1, 0);
	assert_close(json_number_value(
			     at(at(t->root, "task", "train", NULL), "batch", "probability", NULL)),
		     0.25, 0);
	assert_null(json_object_get(at(t->root, "task", "train", "split"), "seed"));
	assert_int_equal(json_integer_value(at(t->root, "task", "stop", "steps")), 200);
	assert_int_equal(json_integer_value(json_array_get(at(t->root, "task", "test", "at"), 0)),
			 50);
	assert_string_equal(json_string_value(at(t->root, "task", "log", "steps")), "every 20");
	assert_int_equal(json_integer_value(at(t->root, "task", "seed", NULL)), 2);
	t = find(all, "{\"p\": 1, \"bias\": 0, \"b\": 1}", 3);
	assert_string_equal(json_string_value(at(t->root, "task", "train", "batch")), "all");
	assert_int_equal(
		json_integer_value(json_object_get(at(t->root, "task", "train", "split"), "seed")),
		4);
	trials_free(all);
	experiment_free(e);
}

static void quick_lies_over_the_file(void **state)
{
	struct experiment *e = experiment_of(grid, true);
	struct trials *all = trials_of(e);

	(void)state;
	assert_int_equal(all->n, 2 * 2 * 1 * 2);
	trials_free(all);
	experiment_free(e);
}

static void only_keeps_the_points_that_it_lists(void **state)
{
	char text[2000];
	struct experiment *e;
	struct trials *all;

	(void)state;
	snprintf(text, sizeof(text), "%sonly: [{p: 1}, {b: 1, bias: 0}]\n", grid);
	e = experiment_of(text, false);
	all = trials_of(e);
	assert_int_equal(all->n, (4 + 1) * 3);
	trials_free(all);
	experiment_free(e);
}

static void a_wrong_file_is_refused_with_its_place(void **state)
{
	static const char *const wrong[][2] = {
		{"findings: {x: {what: w, of: nothing}}\nmeasures: {m: {kind: scaled_end}}\n",
		 "none of the measures"},
		{"findings: {x: {what: w, byy: median}}\n", "did you mean \"by\""},
		{"measures: {m: {kind: scaled_ende}}\nfindings: {}\n",
		 "did you mean \"scaled_end\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct experiment *e = NULL;
		struct problem p = {0};
		char *file = file_of(wrong[i][0]);

		assert_int_equal(experiment_read(file, false, 0, &e, &p), -1);
		unlink(file);
		if (!strstr(p.message, wrong[i][1]) || strncmp(p.message, file, strlen(file)))
			fail_msg("%s", p.message);
		problem_clear(&p);
	}
}

/* ---- figures over seeds ---- */

static void put(const struct trials *all, double (*value)(const struct trial *t))
{
	for (size_t i = 0; i < all->n; i++)
		json_object_set_new(all->list[i].measured, "m", json_real(value(&all->list[i])));
}

/* seed * x^-0.5, x being the only axis */
static double power(const struct trial *t)
{
	return (double)t->seed * pow(t->at[0], -0.5);
}

static const struct finding *named(const struct findings *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->list[i].name, name))
			return &f->list[i];
	fail_msg("no finding %s", name);
	return NULL;
}

static void findings_are_statistics_ratios_and_slopes(void **state)
{
	struct experiment *e = experiment_of(
		"task: {task: t}\nseeds: 3\nvary: {x: {values: [1, 4, 16]}}\nmeasures: {m: {kind: scaled_end}}\n"
		"findings:\n"
		"  median: {what: w, of: m, where: {x: 4}, holds: [0.9, 1.1], each: [0.4, 1.6]}\n"
		"  narrow: {what: w, of: m, where: {x: 4}, holds: [0.9, 1.1], each: [0.6, 1.6], otherwise: one seed is off}\n"
		"  ratio: {what: w, of: m, by: geometric_mean, where: {x: 1}, over: {x: 16}, holds: [3.9, 4.1]}\n"
		"  slope: {what: w, of: m, by: slope, along: x, holds: [-0.51, -0.49]}\n"
		"  part: {what: w, of: m, by: slope, along: x, within: [1, 5]}\n"
		"  share: {what: w, of: m, by: share, at_least: 1, where: {x: 4}}\n",
		false);
	struct trials *all = trials_of(e);
	struct findings *f;

	(void)state;
	put(all, power);
	assert_int_equal(findings_new(e, all, &f), 0);
	assert_close(named(f, "median")->value, 1, 1e-12);
	assert_close(named(f, "median")->least, 0.5, 1e-12);
	assert_close(named(f, "median")->most, 1.5, 1e-12);
	assert_true(named(f, "median")->holds);
	assert_false(named(f, "narrow")->holds);
	assert_close(named(f, "ratio")->value, 4, 1e-12);
	assert_close(named(f, "ratio")->least, 4, 1e-12);
	assert_close(named(f, "slope")->value, -0.5, 1e-12);
	assert_close(named(f, "part")->value, -0.5, 1e-12);
	assert_close(named(f, "share")->value, 2.0 / 3, 1e-12);
	assert_int_equal(f->verdict, VERDICT_RESERVATIONS);
	assert_string_equal(f->why, "one seed is off");
	assert_false(f->as_expected);
	findings_free(f);
	trial_fail(&all->list[4], "out of order");
	assert_int_equal(findings_new(e, all, &f), 0);
	assert_int_equal(f->verdict, VERDICT_FAILED);
	assert_non_null(strstr(f->why, "1 of 9 trials failed: out of order"));
	findings_free(f);
	trials_free(all);
	experiment_free(e);
}

static void the_verdict_is_the_worst_that_was_judged(void **state)
{
	json_t *plain = json_pack("{s:s}", "what", "w"),
	       *soft = json_pack("{s:s, s:s}", "what", "w", "otherwise", "o");
	const struct finding good = {.says = plain, .judged = true, .holds = true},
			     told = {.says = plain};
	const struct finding bad = {.says = plain, .judged = true},
			     reserved = {.says = soft, .judged = true};
	const struct finding none[] = {told, told}, fine[] = {told, good},
			     doubtful[] = {good, reserved, told};
	const struct finding wrong[] = {reserved, bad, good};

	(void)state;
	assert_int_equal(finding_verdict(none, 2), VERDICT_REPORTED);
	assert_int_equal(finding_verdict(fine, 2), VERDICT_REPRODUCED);
	assert_int_equal(finding_verdict(doubtful, 3), VERDICT_RESERVATIONS);
	assert_int_equal(finding_verdict(wrong, 3), VERDICT_NOT);
	json_decref(plain);
	json_decref(soft);
}

/* A time that was never reached counts as longer than all others, and is no number */
static void what_is_missing_does_not_hold(void **state)
{
	struct experiment *e = experiment_of(
		"task: {task: t}\nseeds: 3\nmeasures: {m: {kind: below, value: 0.1}}\n"
		"findings:\n"
		"  median: {what: w, of: m, holds: [0, 10]}\n"
		"  each: {what: w, of: m, each: [0, 10], otherwise: not all}\n",
		false);
	struct trials *all = trials_of(e);
	struct findings *f;

	(void)state;
	json_object_set_new(all->list[0].measured, "m", json_real(5));
	json_object_set_new(all->list[1].measured, "m", json_real(7));
	assert_int_equal(findings_new(e, all, &f), 0);
	assert_close(named(f, "median")->value, 7, 0);
	assert_true(named(f, "median")->holds);
	assert_false(named(f, "each")->holds);
	findings_free(f);
	json_object_del(all->list[1].measured, "m");
	assert_int_equal(findings_new(e, all, &f), 0);
	assert_false(named(f, "median")->holds);
	assert_int_equal(f->verdict, VERDICT_NOT);
	findings_free(f);
	trials_free(all);
	experiment_free(e);
}

/* ---- procedures ---- */

static void a_series_begins_where_the_one_before_ended(void **state)
{
	struct experiment *e = experiment_of(
		"procedure: series\ntask: {task: one, params: {eta: 0.5}}\nseeds: 1\nfindings: {}\n",
		false);
	struct trials *all = trials_of(e);
	struct trial *t = &all->list[0];
	struct series s = {.taps = json_pack("[i,i]", 5, 6)};
	json_t *tasks[2] = {all->tasks[0], all->tasks[0]}, *task, *rig;

	(void)state;
	free(all->tasks);
	all->tasks = tasks;
	all->n_tasks = 2;
	assert_true(trial_next(all, t, &task, &rig));
	assert_null(json_object_get(task, "initial"));
	json_decref(task);
	json_decref(rig);
	trial_take(all, t, &s);
	assert_true(trial_next(all, t, &task, &rig));
	assert_true(json_equal(at(task, "initial", "taps", NULL), s.taps));
	json_decref(task);
	json_decref(rig);
	trial_take(all, t, &s);
	assert_false(trial_next(all, t, &task, &rig));
	all->n_tasks = 1;
	all->tasks = malloc(sizeof(*all->tasks));
	all->tasks[0] = tasks[0];
	json_decref(s.taps);
	trials_free(all);
	experiment_free(e);
}

static void cuts_keep_the_graph_connected_and_two_edges_a_node(void **state)
{
	/* two triangles, joined by two edges: 0 1 2 - 3 4 5 */
	json_t *edges = json_loads("[[0,1],[1,2],[2,0],[3,4],[4,5],[5,3],[2,3],[1,4]]", 0, NULL),
	       *gone = json_array();

	(void)state;
	assert_false(procedure_may_cut(edges, gone, 0)); /* node 0 has two edges */
	assert_true(procedure_may_cut(edges, gone, 1));
	assert_true(procedure_may_cut(edges, gone, 6));
	json_array_append_new(gone, json_integer(6));
	assert_false(procedure_may_cut(edges, gone, 6));
	assert_false(procedure_may_cut(edges, gone, 7)); /* the last bridge */
	json_decref(edges);
	json_decref(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_grid_has_a_trial_for_each_point_and_seed),
		cmocka_unit_test(quick_lies_over_the_file),
		cmocka_unit_test(only_keeps_the_points_that_it_lists),
		cmocka_unit_test(a_wrong_file_is_refused_with_its_place),
		cmocka_unit_test(findings_are_statistics_ratios_and_slopes),
		cmocka_unit_test(the_verdict_is_the_worst_that_was_judged),
		cmocka_unit_test(what_is_missing_does_not_hold),
		cmocka_unit_test(a_series_begins_where_the_one_before_ended),
		cmocka_unit_test(cuts_keep_the_graph_connected_and_two_edges_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
