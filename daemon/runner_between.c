/* daemon/runner_between.c - what happens between two steps: the schedule, class means, tests, the end. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/runner.h"
#include "protocol/reply.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* ---- the schedule ---- */

static void new_targets(struct runner *r, struct change *c, const struct task_event *event)
{
	struct run *run = r->run;
	struct examples *sets[] = {&run->data.train, &run->data.test};
	size_t n = run->task->n_targets;
	json_t *old = reply_reals(run->data.train.target_V, n);

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sets[s]->n; i++)
			memcpy(sets[s]->target_V + i * n, event->target_V, n * sizeof(double));
	runner_event(r, c, "target", "schedule", "target_V", old, reply_reals(event->target_V, n));
}

static void new_group(struct runner *r, struct change *c, const struct task_event *event)
{
	size_t n = data_show_group(&r->run->data, event->group);

	runner_event(
		r, c, "group", "schedule", "examples shown", NULL,
		json_pack("{s:i, s:I}", "group", (int)event->group, "examples", (json_int_t)n));
}

static int make_event(struct runner *r, struct change *c, const struct task_event *event,
		      struct problem *p)
{
	switch (event->kind) {
	case TASK_SET:
		return runner_set_params(r, c, event->params, "schedule", p);
	case TASK_TARGET_V:
		new_targets(r, c, event);
		return 0;
	case TASK_GROUP:
		new_group(r, c, event);
		return 0;
	case TASK_CUT:
		return runner_set_mode(r, c, event->edge, RIG_CUT, "schedule", p);
	case TASK_HOLD:
		return runner_set_mode(r, c, event->edge, RIG_HOLD, "schedule", p);
	case TASK_LEARN:
		return runner_set_mode(r, c, event->edge, RIG_LEARN, "schedule", p);
	}
	return 0;
}

/* 0, or -1: an entry could not be carried out, and the run is to fail. */
static int follow_schedule(struct runner *r)
{
	struct run *run = r->run;

	while (run->next_event < run->task->n_schedule &&
	       run->task->schedule[run->next_event].at <= run->step) {
		const struct task_event *event = &run->task->schedule[run->next_event];
		struct change *c = change_new(0);
		struct problem p = {0};
		int e = make_event(r, c, event, &p);

		runner_post(r, c);
		if (e < 0) {
			snprintf(run->reason, sizeof(run->reason), "schedule[%zu]: %.200s",
				 event->index, p.message);
			problem_clear(&p);
			return -1; /* it changed nothing: the run's end has nothing of it to undo */
		}
		run->next_event++;
	}
	return 0;
}

/* ---- class means ---- */

static json_t *class_rows(const struct run *run)
{
	size_t n = run->task->n_targets;
	json_t *rows = json_object();

	for (size_t k = 0; k < run->data.n_classes; k++)
		json_object_set_new(rows, json_string_value(json_array_get(run->task->classes, k)),
				    reply_reals(run->data.class_V + k * n, n));
	return rows;
}

static int renew_class_means(struct runner *r)
{
	struct run *run = r->run;
	struct change *c;
	int e = evaluate_class_means(r->rig, run->task, &run->data, &run->evaluation);

	if (e < 0)
		return e;
	c = change_new(0);
	runner_event(r, c, "class_means", "task", "desired outputs", NULL, class_rows(run));
	runner_post(r, c);
	return 0;
}

/* ---- tests ---- */

static void keep_test(struct runner *r, const char *name, const struct examples *set)
{
	struct run *run = r->run;
	const struct evaluation *e = &run->evaluation;
	bool classes = !isnan(e->accuracy);
	size_t bytes = set->n * set->n_targets * sizeof(double);
	struct change *c = change_new(0);
	double *copy = malloc(bytes);
	json_t *header = json_pack("{s:s}", "set", name);

	change_test(c, &(struct test_row){
			       .run = run->number,
			       .step = run->step,
			       .set = name,
			       .error_V2 = e->error_V2,
			       .accuracy = e->accuracy,
			       .outputs_V = e->outputs_V,
			       .target_V = set->target_V,
			       .class_found = classes ? e->class_found : NULL,
			       .n_examples = set->n,
			       .n_targets = set->n_targets,
		       });
	runner_post(r, c);
	reply_set_real(header, "error_V2", e->error_V2);
	reply_set_real(header, "accuracy", e->accuracy);
	if (!classes)
		json_object_del(header, "invalid"); /* there is no accuracy, so none is wrong */
	if (copy)
		memcpy(copy, e->outputs_V, bytes);
	report_send(r->reports, &(struct report){
					.kind = REPORT_TEST,
					.run = run->number,
					.step = run->step,
					.rows = run->step,
					.json = header,
					.outputs_V = copy,
					.n_examples = copy ? set->n : 0,
					.n_targets = set->n_targets,
				});
}

static int test_set(struct runner *r, const char *name, const struct examples *set, bool counts)
{
	struct run *run = r->run;
	const struct task_stop *stop = &run->task->stop;
	int e = evaluate(r->rig, run->task, &run->data, set, &run->evaluation);

	if (e < 0)
		return e;
	keep_test(r, name, set);
	if (!counts)
		return 0;
	figures_test(run->figures, run->evaluation.error_V2, run->evaluation.accuracy);
	run->right_tests = run->evaluation.accuracy >= stop->accuracy ? run->right_tests + 1 : 0;
	if (!isnan(stop->accuracy) && run->right_tests >= stop->for_tests)
		runner_end_soon(r, "done", "accuracy reached");
	return 0;
}

/* The run's figures are those of the test set; of the training set where there is no other. */
int runner_test(struct runner *r)
{
	struct run *run = r->run;
	const struct task_test *test = &run->task->test;
	int e = 0;

	if (!test->present || run->tested == run->step)
		return 0;
	run->tested = run->step;
	if (test->on_train)
		e = test_set(r, "train", &run->data.train, !test->on_test);
	if (e == 0 && test->on_test && run->data.test.n)
		e = test_set(r, "test", &run->data.test, true);
	return e;
}

static bool test_is_due(const struct run *run)
{
	const struct task_test *test = &run->task->test;

	if (!test->present)
		return false;
	if (run->step == 0 || (test->every && run->step % test->every == 0))
		return true;
	for (size_t i = 0; i < test->n_at; i++)
		if (test->at[i] == run->step)
			return true;
	return false;
}

static uint64_t next_test(const struct run *run)
{
	const struct task_test *test = &run->task->test;
	uint64_t from = run->step + 1, due = UINT64_MAX;

	if (!test->present)
		return due;
	if (test->every)
		due = (from + test->every - 1) / test->every * test->every;
	for (size_t i = 0; i < test->n_at; i++)
		if (test->at[i] >= from)
			return least(due, test->at[i]);
	return due;
}

/* ---- all of it ---- */

static bool wants_class_means(const struct run *run)
{
	return run->task->targets_from == TASK_TARGETS_CLASS_MEANS;
}

uint64_t runner_next_due(const struct run *run)
{
	const struct task *task = run->task;
	uint64_t due = least(schedule_next(task, run->step + 1), next_test(run));

	if (wants_class_means(run))
		due = least(due,
			    run->step + data_epoch_steps(task, &run->data) - run->data.position);
	return task->stop.steps ? least(due, task->stop.steps) : due;
}

int runner_between(struct runner *r)
{
	struct run *run = r->run;
	int e;

	if (run->task->stop.steps && run->step == run->task->stop.steps) {
		runner_end_soon(r, "done", "");
		return 0;
	}
	if (follow_schedule(r) < 0) {
		run->status = "failed";
		return 0;
	}
	if (wants_class_means(run) && data_at_epoch_start(&run->data)) {
		e = renew_class_means(r);
		if (e < 0)
			return e;
	}
	e = test_is_due(run) ? runner_test(r) : 0;
	if (e < 0)
		return e;
	if (!run->status)
		run->due = runner_next_due(run);
	return 0;
}
