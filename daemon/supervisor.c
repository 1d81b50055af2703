/* daemon/supervisor.c - starts the daemon's parts in order, and stops them in reverse. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "daemon/boxes.h"
#include "daemon/clock.h"
#include "daemon/crash_point.h"
#include "daemon/notify.h"
#include "daemon/place.h"
#include "daemon/reload.h"
#include "daemon/rig_file.h"
#include "daemon/server.h"
#include "daemon/supervisor.h"
#include "daemon/urgent.h"
#include "daemon/watchdog.h"

#define PATIENCE_NS  5000000000ll /* for the disk, at the end */
#define STORE_STOP_S 10.0
/* A change waits for the steps before it, so a ring flat out is its delay: a quarter of a second here. */
#define RING_BYTES (16u << 20)

struct supervisor {
	const struct settings *settings;
	char boot[37];
	struct rig_config *config;
	json_t *rig_json;
	struct replay *replay; /* in place of rig and store; NULL: none */
	int lock_fd, signal_fd;
	void *zmq_context;
	void *urgent_context; /* with an I/O thread of its own: no long reply is in front */
	struct boxes boxes;
	struct store_found found;
	struct server_view view;
	struct urgent *urgent;
	struct watchdog watchdog;
	bool served; /* server_open() was reached */
	struct server server;
};

/* ---- the service manager's watchdog ---- */

/* A simulated step takes as long as it takes, and there is nothing to make safe: the main loop's life is enough. */
static void on_watchdog(void *context)
{
	struct supervisor *s = context;
	int64_t now_ns = clock_now_ns(), silence_ns;
	bool real = rig_thread_info(s->server.rig)->interlocks;
	uint64_t sign = real ? rig_thread_alive(s->server.rig) : s->watchdog.sign + 1;

	if (watchdog_may_feed(&s->watchdog, sign, now_ns, &silence_ns))
		notify_send("WATCHDOG=1");
	if (silence_ns)
		log_line(LOG_ERROR_, "rig.stuck",
			 "the rig's thread has given no sign of life for %.1f s: the watchdog is "
			 "no longer fed",
			 (double)silence_ns * 1e-9);
}

static int keep_watchdog(struct supervisor *s, struct problem *p)
{
	int64_t every_ns = watchdog_init(&s->watchdog, clock_now_ns());
	struct loop_timer *timer;

	if (!every_ns)
		return 0;
	timer = loop_timer_new(s->server.loop, on_watchdog, s);
	if (!timer)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the watchdog's timer");
	loop_timer_every(timer, every_ns);
	return 0;
}

/* ---- signals ---- */

static void stop(struct supervisor *s, const char *why)
{
	const struct rig_command quit = {.kind = RIG_COMMAND_QUIT, .if_rev = -1, .who = "nudged"};

	if (s->server.stopping) { /* asked twice: without waiting for the step in progress */
		rig_thread_interrupt(s->server.rig);
		return;
	}
	log_line(LOG_NOTICE_, "daemon.stop", "%s: %s", why,
		 s->replay ? "ending the replay"
			   : "ending the step in progress, making the rig safe");
	notify_send("STOPPING=1");
	s->server.stopping = rig_thread_post(s->server.rig, &quit);
	if (!s->server.stopping)
		raise(SIGTERM); /* its box is full just now: again after the next round */
}

static void on_signal(void *context)
{
	struct supervisor *s = context;
	struct signalfd_siginfo info;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP) {
		reload_settings(s->settings);
		server_reload_keys(&s->server);
	} else {
		stop(s, strsignal((int)info.ssi_signo));
	}
}

/* Before any thread is made, so that all of them leave the signals to the loop. */
static int take_signals(struct supervisor *s, struct problem *p)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no signalfd: %m");
	return 0;
}

/* ---- start ---- */

static int make_loop(struct supervisor *s, struct problem *p)
{
	s->server.loop = loop_new();
	if (!s->server.loop)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the loop");
	return boxes_open(&s->boxes, &s->server, p);
}

static void make_boot(struct supervisor *s)
{
	uuid_t boot;

	uuid_generate(boot);
	uuid_unparse_lower(boot, s->boot);
	s->server.boot = s->boot;
}

static int start_store(struct supervisor *s, struct problem *p)
{
	struct server *server = &s->server;

	if (store_open(s->settings->db, s->boot, s->boxes.store, &server->store, &s->found, p) < 0)
		return -1;
	if (store_start(server->store) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "the store's thread cannot be started");
	if (s->found.interrupted_run)
		log_line(
			LOG_WARNING_, "run.interrupted",
			"run %llu was interrupted: the last daemon did not end it; the queue is held",
			(unsigned long long)s->found.interrupted_run);
	return 0;
}

/* The calibrations of this rig; a rig without them works as its file says. */
static json_t *read_calibrations(struct supervisor *s)
{
	struct history *history;
	struct problem p = {0};
	json_t *rows = NULL;

	if (history_open(s->settings->db, &history, &p) == 0) {
		if (history_in_force(history, s->config->name, &rows, &p) < 0)
			rows = NULL;
		history_close(history);
	}
	if (p.code)
		log_line(LOG_WARNING_, "calibration.not-read", "not read: %s", p.message);
	problem_clear(&p);
	return rows;
}

static int start_rig(struct supervisor *s, struct problem *p)
{
	struct server *server = &s->server;
	struct rig_thread_setup setup = {
		.config = s->config,
		.store = server->store,
		.wiring = s->found.wiring,
		.reports = s->boxes.rig,
		.params = s->found.params,
		.boot = s->boot,
		.ring_bytes = RING_BYTES,
		.reserve_B = s->settings->store_reserve_B,
		.pause_for_disk = true,
	};

	json_t *calibrations = read_calibrations(s);
	int r;

	setup.calibrations = calibrations;
	r = rig_thread_start(&setup, &server->rig, p);
	json_decref(calibrations);
	if (r < 0)
		return -1;
	server->live.params = s->found.params;
	if (rig_thread_info(server->rig)->overdamped)
		server->live.params.alpha_per_s = rig_thread_info(server->rig)->alpha_per_s;
	server->live.last_run = s->found.last_run;
	server->retaining = server_retaining(s->found.thins);
	server->live.r0_ohm = rig_thread_info(server->rig)->r0_ohm;
	server->rig_json = s->rig_json;
	return readers_start(s->settings->db, s->settings->readers, s->boxes.answers,
			     &server->readers, p);
}

/* In place of store and rig. */
static int start_replay(struct supervisor *s, struct problem *p)
{
	struct server *server = &s->server;

	if (replay_open(s->settings, &s->replay, p) < 0)
		return -1;
	server_take_replay(server, s->replay);
	if (replay_start(s->replay, s->boxes.rig, RING_BYTES, &server->rig, p) < 0)
		return -1;
	return readers_start(server->replay->database, s->settings->readers, s->boxes.answers,
			     &server->readers, p);
}

static int start_source(struct supervisor *s, struct problem *p)
{
	make_boot(s);
	if (s->settings->replay.on)
		return start_replay(s, p);
	return start_store(s, p) < 0 ? -1 : start_rig(s, p);
}

static int start_stream(struct supervisor *s, struct problem *p)
{
	const struct rig_info *info = rig_thread_info(s->server.rig);
	struct record_layout largest;
	struct publisher_setup setup = {
		.zmq_context = s->zmq_context,
		.endpoint = s->settings->endpoints.stream,
		.also = s->settings->also.stream,
		.door = s->server.door,
		.boot = s->boot,
		.store = s->server.store,
		.replay = s->server.replay_told,
		.on_welcome = s->replay ? server_begin_replay : NULL,
		.context = &s->server,
	};

	record_layout(&(struct record_shape){.n_sources = info->n_nodes,
					     .n_targets = info->n_nodes,
					     .n_measured = info->n_nodes,
					     .n_edges = info->n_edges},
		      &largest);
	setup.largest_row_bytes = largest.row_bytes;
	return publisher_open(&setup, &s->server.publisher, p);
}

static int start_door(struct supervisor *s, struct problem *p)
{
	if (door_new(s->server.auth, s->boxes.door, &s->server.door, p) < 0 ||
	    door_serve(s->server.door, s->zmq_context, p) < 0 ||
	    door_serve(s->server.door, s->urgent_context, p) < 0)
		return -1;
	if (s->settings->insecure && settings_have_tcp(s->settings))
		log_line(LOG_WARNING_, "tcp.insecure",
			 "TCP without a key, as `insecure: true` says: whoever reaches the port "
			 "steers the rig, and everything can be read on the wire");
	return 0;
}

static int start_sockets(struct supervisor *s, struct problem *p)
{
	struct urgent_setup setup = {
		.boot = s->boot,
		.rig = s->server.rig,
		.view = &s->view,
		.notes = s->boxes.notes,
		.replayed = s->replay ? s->server.replay->run : 0,
	};

	s->zmq_context = zmq_ctx_new();
	s->urgent_context = zmq_ctx_new();
	if (!s->zmq_context || !s->urgent_context)
		return problem_set(p, PROBLEM_INTERNAL, "", "no ZeroMQ context");
	if (start_door(s, p) < 0)
		return -1;
	setup.zmq_context = s->urgent_context;
	setup.place = (struct router_place){.endpoint = s->settings->endpoints.urgent,
					    .also = s->settings->also.urgent,
					    .door = s->server.door,
					    .auth = s->server.auth};
	s->server.settings = s->settings;
	s->server.view = &s->view;
	s->server.catch_up = boxes_catch_up;
	s->server.catch_up_context = &s->boxes;
	if (start_stream(s, p) < 0)
		return -1;
	s->served = true;
	if (server_open(&s->server, s->zmq_context, p) < 0 ||
	    (!s->replay && server_restore_queue(&s->server, s->settings->db, p) < 0))
		return -1;
	if (s->replay)
		server_hand_replayed(&s->server);
	queue_hold(s->server.queue, s->found.queue_held);
	if (s->found.crashed)
		server_hold_queue(&s->server, "nudged", "the last daemon crashed");
	if (urgent_start(&setup, &s->urgent, p) < 0)
		return -1;
	return door_start(s->server.door, p);
}

static int listen_to_all(struct supervisor *s, struct problem *p)
{
	struct loop *loop = s->server.loop;

	if (loop_add_fd(loop, s->signal_fd, on_signal, s) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the loop");
	return boxes_listen(&s->boxes, p);
}

static int start(struct supervisor *s, struct problem *p)
{
	if (take_signals(s, p) < 0 || make_loop(s, p) < 0 ||
	    place_take(s->settings, &s->lock_fd, p) < 0 || start_source(s, p) < 0 ||
	    start_sockets(s, p) < 0)
		return -1;
	return listen_to_all(s, p) < 0 ? -1 : keep_watchdog(s, p);
}

static void say_ready(const struct supervisor *s)
{
	const struct settings_endpoints *e = &s->settings->endpoints;

	printf("nudged: ready, control %s urgent %s stream %s\n", e->control, e->urgent, e->stream);
	fflush(stdout);
	notify_send("READY=1");
}

/* ---- stop ---- */

/* The last events, tests and replies reach the disk and the clients, if the disk lets them. */
static void settle_accounts(struct supervisor *s)
{
	int64_t end_ns = clock_now_ns() + PATIENCE_NS;
	uint64_t ticket = publisher_want_ticket(s->server.publisher);

	crash_point("daemon.stopping");
	while (!publisher_ticket_done(s->server.publisher, ticket) && clock_now_ns() < end_ns)
		if (loop_once(s->server.loop, 100000000) < 0)
			break;
	server_refuse_all(&s->server, "the daemon is stopping");
	server_publish_changes(&s->server);
	server_heartbeat(&s->server);
}

/* A rig that was started and never served is told to go here; one that served has gone. */
static void stop_rig(struct supervisor *s)
{
	const struct rig_command quit = {.kind = RIG_COMMAND_QUIT, .if_rev = -1, .who = "nudged"};

	if (!s->server.rig)
		return;
	if (!s->server.stopping)
		(void)rig_thread_post(s->server.rig, &quit);
	rig_thread_join(s->server.rig);
}

static int stop_all(struct supervisor *s)
{
	int r = 0;

	log_set_sink(NULL, NULL);
	urgent_stop(s->urgent);
	stop_rig(s);
	readers_stop(s->server.readers);
	if (s->served)
		boxes_empty(&s->boxes);
	if (s->server.store)
		r = store_stop(s->server.store, STORE_STOP_S);
	boxes_empty(&s->boxes);
	if (s->served)
		server_close(&s->server);
	publisher_close(s->server.publisher);
	replay_close(s->replay);
	json_decref(s->server.replay_told);
	door_stop(s->server.door);
	if (s->zmq_context)
		zmq_ctx_term(s->zmq_context);
	if (s->urgent_context)
		zmq_ctx_term(s->urgent_context);
	if (s->served)
		place_leave(s->settings);
	loop_free(s->server.loop);
	/* if not stopped the store's thread hangs in a call, and may yet use its box */
	boxes_close(&s->boxes, r != -ETIMEDOUT);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->signal_fd >= 0)
		close(s->signal_fd);
	return r;
}

/* ---- all of it ---- */

static int load_rig(struct supervisor *s)
{
	struct problem p = {0};

	if (s->settings->replay.on) /* its rig is in the database */
		return 0;
	if (rig_file_load(s->settings->rig, &s->config, &s->rig_json, &p) == 0)
		return 0;
	log_line(LOG_ERROR_, "rig-file.wrong", "%s", p.message);
	problem_clear(&p);
	return 2;
}

/* The server's key and the list of keys: wrong ones are a wrong configuration. */
static int load_keys(struct supervisor *s)
{
	struct problem p = {0};

	if (auth_open(s->settings, &s->server.auth, &p) == 0)
		return 0;
	log_line(LOG_ERROR_, "keys.wrong", "%s", p.message);
	problem_clear(&p);
	return -1;
}

int supervisor_check(const struct settings *settings)
{
	struct supervisor s = {.settings = settings};
	int code = load_rig(&s);

	if (code == 0 && load_keys(&s) < 0)
		code = 2;
	if (code == 0)
		printf("nudged: the configuration is good: rig %s (%s), database %s\n",
		       s.config->name, s.config->backend, settings->db);
	auth_close(s.server.auth);
	rig_config_free(s.config);
	json_decref(s.rig_json);
	return code;
}

static int serve(struct supervisor *s)
{
	struct problem p = {0};
	int r = start(s, &p), failed = 1;

	if (r < 0) {
		log_line(LOG_ERROR_, "daemon.not-started", "%s", p.message);
		/* a key that is not good, a directory that is not ours, a recording that is none: no other
		 * start helps */
		failed = p.code == PROBLEM_PARAMS ||
					 (s->settings->replay.on && p.code != PROBLEM_INTERNAL)
				 ? 2
				 : 1;
		problem_clear(&p);
	} else {
		say_ready(s);
		r = loop_run(s->server.loop);
		if (r < 0)
			log_line(LOG_ERROR_, "loop.failed", "the loop failed: %s", strerror(-r));
		settle_accounts(s);
	}
	if (stop_all(s) < 0) {
		log_line(LOG_ERROR_, "store.rows-lost", "not everything could be written to %s",
			 s->settings->db);
		r = -EIO;
	}
	return r < 0 ? failed : 0;
}

int supervisor_run(const struct settings *settings)
{
	struct supervisor s = {.settings = settings, .lock_fd = -1, .signal_fd = -1};
	int code;

	log_set_level(settings->log_level);
	code = load_rig(&s);
	if (code == 0 && load_keys(&s) < 0)
		code = 2;
	if (code == 0)
		code = serve(&s);
	auth_close(s.server.auth);
	rig_config_free(s.config);
	json_decref(s.rig_json);
	json_decref(s.found.wiring);
	return code;
}
