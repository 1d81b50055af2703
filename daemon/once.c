/* daemon/once.c - nudged --once: one task, with the rig's thread and the store, but without sockets. */
#include "config.h"

#include <math.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <uuid/uuid.h>

#include "daemon/once.h"
#include "daemon/rig_file.h"
#include "daemon/rig_thread.h"
#include "protocol/csv.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_WRONG };

#define REPORTS      1024u
#define PROGRESS_S   1.0
#define STOP_STORE_S 30.0

struct once {
	const struct settings *settings;
	const struct once_options *options;
	char boot[37], uuid[37];
	uint64_t seed;
	json_t *task_json, *rig_json, *tags;
	json_t *end; /* what the rig's thread said at the run's end */
	struct yaml_places *places;
	struct rig_config *config;
	struct mailbox *reports, *store_reports;
	struct store *store;
	struct store_found found;
	struct rig_thread *rig;
	struct task *task;
	struct ring *ring; /* of the run, once it has begun */
	uint64_t run;
	int signals;    /* signalfd */
	char test[96];  /* the newest test, for the next line of progress */
	double shown_s; /* when a line was written, CLOCK_MONOTONIC */
	bool ended;
	int exit_code;
};

static int complain(struct problem *p, int exit_code)
{
	fprintf(stderr, "nudged: %s\n", p->message);
	problem_clear(p);
	return exit_code;
}

static void random_uuid(char text[37])
{
	uuid_t uuid;

	uuid_generate(uuid);
	uuid_unparse_lower(uuid, text);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the start, in the order in which things can be wrong ---- */

static int read_files(struct once *once)
{
	struct problem p = {0};

	if (rig_file_load(once->settings->rig, &once->config, &once->rig_json, &p) < 0 ||
	    yaml_read_checked(once->options->task_file, &schema_task, &once->task_json,
			      &once->places, &p) < 0)
		return complain(&p, EXIT_WRONG);
	if (csv_inline(once->task_json, once->options->task_file, &p) < 0) {
		yaml_locate(once->options->task_file, once->places, &p);
		return complain(&p, EXIT_WRONG);
	}
	return EXIT_DONE;
}

static int start_threads(struct once *once)
{
	struct problem p = {0};
	struct rig_thread_setup setup;
	sigset_t ending;

	/* Blocked before the first thread begins, so that every thread leaves them to the poll below. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	once->signals = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	once->reports = mailbox_new(sizeof(struct report *), REPORTS);
	once->store_reports = mailbox_new(sizeof(struct store_report), REPORTS);
	if (once->signals < 0 || !once->reports || !once->store_reports) {
		problem_set(&p, PROBLEM_INTERNAL, "", "out of memory or descriptors");
		return complain(&p, EXIT_FAILED);
	}
	random_uuid(once->boot);
	if (store_open(once->settings->db, once->boot, once->store_reports, &once->store,
		       &once->found, &p) < 0)
		return complain(&p, EXIT_FAILED);
	if (store_start(once->store) < 0) {
		problem_set(&p, PROBLEM_STORAGE, "", "the store's thread cannot be started");
		return complain(&p, EXIT_FAILED);
	}
	setup = (struct rig_thread_setup){
		.config = once->config,
		.store = once->store,
		.wiring = once->found.wiring,
		.reports = once->reports,
		.params = once->found.params,
		.boot = once->boot,
		.reserve_B = once->settings->store_reserve_B,
	};
	return rig_thread_start(&setup, &once->rig, &p) < 0 ? complain(&p, EXIT_FAILED) : EXIT_DONE;
}

static int wrong_task(struct once *once, struct problem *p)
{
	yaml_locate(once->options->task_file, once->places, p);
	return complain(p, EXIT_WRONG);
}

/* Nobody would be there to resume a run that waits for its plugs: they must be where the rig file says. */
static int check_wires(struct once *once)
{
	struct wiring *wiring = NULL;
	struct wiring_plan *plan = NULL;
	struct problem p = {0};
	char text[160];
	int r = rig_thread_wires(once->rig, &wiring);

	if (r == 0 && wiring)
		r = task_wiring(once->task, wiring, rig_thread_info(once->rig)->patch, &plan, &p);
	for (size_t i = 0; plan && i < plan->n; i++)
		fprintf(stderr, "nudged: %s, and say so in the rig file\n",
			wiring_move_text(&plan->move[i], text, sizeof(text)));
	wiring_free(wiring);
	if (plan && plan->n)
		r = EXIT_WRONG;
	wiring_plan_free(plan);
	return r < 0 ? wrong_task(once, &p) : r;
}

static int make_task(struct once *once)
{
	struct problem p = {0};

	if (task_new(once->task_json, rig_thread_info(once->rig), &once->task, &p) < 0)
		return wrong_task(once, &p);
	return check_wires(once);
}

static const char *name_of(const struct once *once)
{
	return once->options->name ? once->options->name : task_name(once->task);
}

static void keep_run(struct once *once, const char *who)
{
	struct change *c = change_new(0);
	struct run_row row = {
		.run = once->run,
		.name = name_of(once),
		.kind = task_kind(once->task),
		.rig = once->config->name,
		.backend = once->config->backend,
		.version = PACKAGE_VERSION,
		.who = who,
		.boot = once->boot,
		.seed = once->seed,
		.tags = once->tags,
		.task = task_json(once->task),
		.rig_json = once->rig_json,
		.status = "queued",
	};

	random_uuid(once->uuid);
	memcpy(row.uuid, once->uuid, sizeof(row.uuid));
	change_run_new(c, &row);
	store_post(once->store, c);
}

static void name_user(char *ret, size_t size)
{
	const struct passwd *user = getpwuid(getuid());

	if (user)
		snprintf(ret, size, "%s", user->pw_name);
	else
		snprintf(ret, size, "uid %u", (unsigned)getuid());
}

static int submit(struct once *once)
{
	struct rig_command command = {.kind = RIG_COMMAND_RUN, .if_rev = -1};
	struct plan *plan = calloc(1, sizeof(*plan));
	int64_t seed = task_seed(once->task);

	once->run = once->found.last_run + 1;
	once->shown_s = now_s();
	if (!plan)
		return EXIT_FAILED;
	once->seed = seed >= 0 ? (uint64_t)seed : once->run;
	if (once->options->seed_given)
		once->seed = once->options->seed;
	for (size_t i = 0; i < once->options->n_tags; i++) {
		once->tags = once->tags ? once->tags : json_array();
		json_array_append_new(once->tags, json_string(once->options->tags[i]));
	}
	plan->run = once->run;
	plan->task = task_ref(once->task);
	plan->seed = once->seed;
	name_user(plan->who, sizeof(plan->who));
	keep_run(once, plan->who);
	command.plan = plan;
	return rig_thread_post(once->rig, &command) ? EXIT_DONE : EXIT_FAILED;
}

/* ---- while it runs ---- */

/* The newest step and the newest test, at most once a second. */
static void show_progress(struct once *once)
{
	uint64_t made = once->ring ? ring_head(once->ring) : 0, from = made - 1;
	uint64_t steps;
	void *row;

	if (once->options->quiet || !made || now_s() - once->shown_s < PROGRESS_S)
		return;
	once->shown_s = now_s();
	steps = task_steps(once->task); /* there is none if it was refused; nor is there a step */
	row = malloc(ring_layout(once->ring)->row_bytes);
	if (row && ring_copy(once->ring, &from, row, 1) == 1) {
		fprintf(stderr, "run %llu: step %llu", (unsigned long long)once->run,
			(unsigned long long)made);
		if (steps)
			fprintf(stderr, " of %llu", (unsigned long long)steps);
		fprintf(stderr, "  mse_V2 %.3g%s\n", record_head(row)->mse_V2, once->test);
	}
	free(row);
}

static void note_test(struct once *once, const struct report *report)
{
	const json_t *accuracy = json_object_get(report->json, "accuracy");
	size_t used =
		(size_t)snprintf(once->test, sizeof(once->test), "  %s error_V2 %.3g",
				 json_string_value(json_object_get(report->json, "set")),
				 json_number_value(json_object_get(report->json, "error_V2")));

	if (json_is_number(accuracy) && used < sizeof(once->test))
		snprintf(once->test + used, sizeof(once->test) - used, "  accuracy %.1f %%",
			 100 * json_number_value(accuracy));
}

static void show_end(struct once *once, const struct report *report)
{
	const char *status = json_string_value(json_object_get(report->json, "status"));
	const char *reason = json_string_value(json_object_get(report->json, "reason"));

	once->ended = true;
	once->end = json_incref(report->json);
	once->exit_code = strcmp(status, "done") == 0 || strcmp(status, "stopped") == 0
				  ? EXIT_DONE
				  : EXIT_FAILED;
	if (once->options->quiet && once->exit_code == EXIT_DONE)
		return;
	fprintf(stderr, "run %llu: %s after %llu steps%s%s%s; kept in %s\n",
		(unsigned long long)report->run, status, (unsigned long long)report->step,
		reason && reason[0] ? ": " : "", reason ? reason : "", once->test,
		once->settings->db);
}

static void stop_run(struct once *once, const char *who)
{
	struct rig_command stop = {.kind = RIG_COMMAND_STOP, .if_rev = -1};

	snprintf(stop.who, sizeof(stop.who), "%s", who);
	rig_thread_post(once->rig, &stop);
}

/* What the rig's thread said; true after its last word. */
static bool take_reports(struct once *once)
{
	struct report *report;
	bool gone = false;

	while (mailbox_take(once->reports, &report)) {
		if (report->kind == REPORT_BEGIN) {
			once->ring = report->ring;
			report->ring = NULL;
		} else if (report->kind == REPORT_STATE && report->state == STATE_PAUSED) {
			stop_run(once, "nobody is there to resume it");
		} else if (report->kind == REPORT_TEST) {
			note_test(once, report);
		} else if (report->kind == REPORT_END) {
			show_end(once, report);
		}
		gone |= report->kind == REPORT_GONE;
		report_free(report);
	}
	return gone;
}

static void take_store_reports(struct once *once)
{
	struct store_report report;

	while (mailbox_take(once->store_reports, &report)) {
		if (report.kind == STORE_TROUBLE || report.kind == STORE_FAILED)
			fprintf(stderr, "nudged: the store: %s\n", report.problem.message);
		json_decref(report.result);
		problem_clear(&report.problem);
	}
}

static void take_signal(struct once *once)
{
	struct signalfd_siginfo info;
	const char *name;

	if (read(once->signals, &info, sizeof(info)) != sizeof(info))
		return;
	name = info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
	fprintf(stderr, "nudged: %s: the run ends after its present step\n", name);
	stop_run(once, name);
}

/* Until the run has ended (or the rig's thread has): reports, signals, and a line of progress each second. */
static void serve(struct once *once, bool until_gone)
{
	struct pollfd fds[] = {
		{.fd = mailbox_fd(once->reports), .events = POLLIN},
		{.fd = mailbox_fd(once->store_reports), .events = POLLIN},
		{.fd = once->signals, .events = POLLIN},
	};

	while (until_gone || !once->ended) {
		poll(fds, 3, (int)(PROGRESS_S * 1000));
		if (take_reports(once))
			return;
		take_store_reports(once);
		take_signal(once);
		if (!once->ended)
			show_progress(once);
	}
}

/* ---- the end ---- */

static void stop_threads(struct once *once)
{
	const struct rig_command quit = {.kind = RIG_COMMAND_QUIT, .if_rev = -1};

	if (once->rig && rig_thread_post(once->rig, &quit)) {
		serve(once, true);
		rig_thread_join(once->rig);
	}
	if (once->store && store_stop(once->store, STOP_STORE_S) < 0) {
		fprintf(stderr, "nudged: %s: some rows could not be written\n", once->settings->db);
		once->exit_code = EXIT_FAILED;
	}
	if (once->store_reports)
		take_store_reports(once);
}

/* After the store has ended: what it says is on disk. */
static void print_json(struct once *once)
{
	json_t *line =
		json_pack("{s:I, s:s, s:s, s:I, s:O?, s:s, s:s}", "run", (json_int_t)once->run,
			  "uuid", once->uuid, "name", name_of(once), "seed", (json_int_t)once->seed,
			  "tags", once->tags, "db", once->settings->db, "version", PACKAGE_VERSION);
	const char *const events_own[] = {"event", "run", "step", "who", "what", "old", "new"};

	for (size_t i = 0; i < sizeof(events_own) / sizeof(events_own[0]); i++)
		json_object_del(once->end, events_own[i]);
	if (!line || json_object_update(line, once->end) < 0 ||
	    json_dumpf(line, stdout, JSON_COMPACT) < 0 || puts("") == EOF ||
	    fflush(stdout) == EOF) {
		fprintf(stderr, "nudged: the run's figures cannot be written to standard output\n");
		once->exit_code = EXIT_FAILED;
	}
	json_decref(line);
}

static void once_free(struct once *once)
{
	json_decref(once->end);
	json_decref(once->tags);
	ring_unref(once->ring);
	task_unref(once->task);
	mailbox_free(once->reports);
	mailbox_free(once->store_reports);
	rig_config_free(once->config);
	yaml_places_free(once->places);
	json_decref(once->task_json);
	json_decref(once->rig_json);
	json_decref(once->found.wiring);
	json_decref(once->found.thins);
	if (once->signals >= 0)
		close(once->signals);
}

int once_run(const struct settings *settings, const struct once_options *options)
{
	struct once once = {.settings = settings, .options = options, .signals = -1};
	int (*const start[])(struct once *) = {read_files, start_threads, make_task, submit};

	for (size_t i = 0; once.exit_code == EXIT_DONE && i < sizeof(start) / sizeof(start[0]); i++)
		once.exit_code = start[i](&once);
	if (once.exit_code == EXIT_DONE)
		serve(&once, false);
	stop_threads(&once);
	if (options->json && once.end)
		print_json(&once);
	once_free(&once);
	return once.exit_code;
}
