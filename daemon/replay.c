/* daemon/replay.c - a recorded run in place of a rig: opened, asked, closed. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/replay_impl.h"
#include "daemon/replay_layout.h"

#define BOX_COMMANDS 16u
#define FEWEST_ROWS  1024u
#define MOST_ROWS    ((size_t)1 << 18)

/* ---- open ---- */

static uint64_t number(const struct replay *r, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(r->row, name));

	return value > 0 ? (uint64_t)value : 0;
}

/* The message says which run it is about. */
static int about_run(const struct replay *r, const char *file, struct problem *p)
{
	char why[sizeof(p->message)];

	memcpy(why, p->message, sizeof(why));
	problem_clear(p);
	return problem_set(p, PROBLEM_PARAMS, "", "run %llu of %s cannot be replayed: %.300s",
			   (unsigned long long)r->run, file, why);
}

static int read_layout(struct replay *r, struct problem *p)
{
	const struct replay_sizes sizes = {.n_sources = number(r, "n_sources"),
					   .n_targets = number(r, "n_targets"),
					   .n_edges = number(r, "edges")};

	r->descriptor = json_deep_copy(json_object_get(r->row, "descriptor"));
	json_object_set_new(r->descriptor, "run", json_integer((json_int_t)r->run));
	json_object_set_new(r->descriptor, "desc", json_integer((json_int_t)r->run));
	return replay_layout(r->descriptor, &sizes, &r->layout, p);
}

static int read_rig(struct replay *r, const char *file, struct problem *p)
{
	if (rig_file_again(json_object_get(r->row, "rig_json"), file, &r->config, &r->rig_json, p) <
	    0)
		return -1;
	replay_rig_info(r->config, &r->info);
	if (r->info.n_edges != r->layout.n_edges)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "its steps have %zu edges and the network of its rig has %zu",
				   r->layout.n_edges, r->info.n_edges);
	if (replay_rig_wires(r->config, &r->wiring) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for its wires");
	return 0;
}

static int allocate(struct replay *r, struct problem *p)
{
	size_t n = r->info.n_edges + 1;

	r->box = mailbox_new(sizeof(struct rig_command), BOX_COMMANDS);
	r->rows = malloc(REPLAY_ROWS * r->layout.row_bytes);
	r->newest = malloc(r->layout.row_bytes);
	r->wiper = calloc(n, 1);
	r->mode = calloc(n, 1);
	r->r_ohm = calloc(n, sizeof(double));
	if (r->box && r->rows && r->newest && r->wiper && r->mode && r->r_ohm)
		return 0;
	return problem_set(p, PROBLEM_INTERNAL, "", "no memory for it");
}

/* What others need to know. */
static void show(struct replay *r)
{
	const json_t *task = json_object_get(r->row, "task_json");
	const char *name = json_string_value(json_object_get(r->row, "name"));
	const char *loss = json_string_value(json_object_get(task, "on_lease_loss"));
	json_int_t steps =
		json_integer_value(json_object_get(json_object_get(task, "stop"), "steps"));

	r->view = (struct replay_view){
		.run = r->run,
		.steps_total = steps > 0 ? (uint64_t)steps : 0,
		.last_run = number(r, "last_run"),
		.name = name ? name : "",
		.database = r->frozen.name,
		.rig_json = r->rig_json,
		.params = r->before,
		.r0_ohm = r->info.r0_ohm,
		.on_lease_loss = loss ? loss : "continue",
	};
}

static int read_run(struct replay *r, const struct settings *settings, struct problem *p)
{
	uint64_t end;

	if (history_open(r->frozen.name, &r->history, p) < 0)
		return -1;
	history_deadline(r->history, 1e9);
	if (history_recorded(r->history, settings->replay.run, &r->row, p) < 0)
		return -1;
	r->run = number(r, "run");
	end = number(r, "rows_end");
	r->steps = number(r, "steps") > end ? number(r, "steps") : end;
	if (read_layout(r, p) < 0 || read_rig(r, settings->db, p) < 0 ||
	    history_script(r->history, r->run, &r->script, p) < 0 ||
	    history_params(r->history, r->run, 0, r->info.overdamped, &r->before, p) < 0 ||
	    allocate(r, p) < 0)
		return about_run(r, settings->db, p);
	show(r);
	return 0;
}

int replay_open(const struct settings *settings, struct replay **ret, struct problem *p)
{
	struct replay *r = calloc(1, sizeof(*r));

	if (!r)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for a replay");
	r->how = &settings->replay;
	r->frozen.lock_fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	if (history_freeze(settings->db, settings->runtime, &r->frozen, p) < 0 ||
	    read_run(r, settings, p) < 0) {
		replay_close(r);
		return -1;
	}
	*ret = r;
	return 0;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	history_close(r->history);
	history_thaw(&r->frozen);
	json_decref(r->row);
	json_decref(r->descriptor);
	json_decref(r->rig_json);
	json_decref(r->updates);
	rig_config_free(r->config);
	replay_items_free(&r->script);
	mailbox_free(r->box);
	wiring_free(r->wiring);
	free(r->rows);
	free(r->newest);
	free(r->wiper);
	free(r->mode);
	free(r->r_ohm);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* ---- what it is ---- */

const struct replay_view *replay_view(const struct replay *r)
{
	return &r->view;
}

json_t *replay_json(const struct replay *r)
{
	double speed = r->how->speed;

	return json_pack("{s:I, s:o, s:b, s:i}", "run", (json_int_t)r->run, "speed",
			 isinf(speed) ? json_null() : json_real(speed), "loop", r->how->loop,
			 "pass", 0);
}

/* ---- in place of a rig's thread ---- */

static const struct rig_info *info(const struct rig_thread *front)
{
	return &((const struct replay *)front)->info;
}

static int64_t alive_ns(const struct rig_thread *front)
{
	return atomic_load_explicit(&((const struct replay *)front)->alive_ns,
				    memory_order_relaxed);
}

static uint64_t alive(const struct rig_thread *front)
{
	return (uint64_t)alive_ns(front);
}

static bool post(struct rig_thread *front, const struct rig_command *command)
{
	struct replay *r = (struct replay *)front;

	if ((command->kind != RIG_COMMAND_WAKE && command->kind != RIG_COMMAND_QUIT) ||
	    !mailbox_try_put(r->box, command))
		return false;
	atomic_fetch_add_explicit(&r->posted, 1, memory_order_release);
	return true;
}

static void interrupt(struct rig_thread *front)
{
	(void)front; /* its waits end by any command */
}

static enum rig_safe abort_nothing(struct rig_thread *front, uint64_t only, const char *who,
				   const char *why, uint64_t *ret_run, uint64_t *ret_step)
{
	(void)front, (void)only, (void)who, (void)why;
	*ret_run = *ret_step = 0;
	return RIG_SAFE_UNKNOWN;
}

static void join(struct rig_thread *front)
{
	pthread_join(((struct replay *)front)->thread, NULL);
}

static bool edges(struct rig_thread *front, uint8_t *wiper, uint8_t *mode, double *r_ohm)
{
	struct replay *r = (struct replay *)front;
	const struct rig_edge_config *edge = &r->info.edge;
	size_t n = r->info.n_edges;
	bool known;

	pthread_mutex_lock(&r->lock);
	memcpy(wiper, r->wiper, n);
	memcpy(mode, r->mode, n);
	memcpy(r_ohm, r->r_ohm, n * sizeof(double));
	known = r->edges_known;
	pthread_mutex_unlock(&r->lock);
	for (size_t j = 0; j < n && !(r->info.continuous && known); j++)
		r_ohm[j] =
			edge->r_min_ohm + (known ? wiper[j] : edge->initial_tap) * edge->r_step_ohm;
	return known;
}

static int wires(struct rig_thread *front, struct wiring **ret)
{
	struct replay *r = (struct replay *)front;
	int e = 0;

	*ret = NULL;
	pthread_mutex_lock(&r->lock);
	if (r->wiring)
		e = wiring_copy(r->wiring, ret);
	pthread_mutex_unlock(&r->lock);
	return e;
}

static const struct rig_thread_ops ops = {
	.info = info,
	.alive_ns = alive_ns,
	.alive = alive,
	.post = post,
	.interrupt = interrupt,
	.abort = abort_nothing,
	.join = join,
	.edges = edges,
	.wires = wires,
};

int replay_start(struct replay *r, struct mailbox *reports, size_t ring_bytes,
		 struct rig_thread **ret, struct problem *p)
{
	size_t rows = ring_bytes / r->layout.row_bytes;

	r->front.ops = &ops;
	r->reports = reports;
	r->ring_rows = rows < FEWEST_ROWS ? FEWEST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
	atomic_store(&r->alive_ns, clock_now_ns());
	log_line(LOG_NOTICE_, "replay.start", "run %llu (%s) is replayed: %llu steps",
		 (unsigned long long)r->run, json_string_value(json_object_get(r->row, "name")),
		 (unsigned long long)r->steps);
	if (pthread_create(&r->thread, NULL, replay_main, r) != 0)
		return problem_set(p, PROBLEM_INTERNAL, "",
				   "the replay's thread cannot be started");
	*ret = &r->front;
	return 0;
}
