/* daemon/urgent.c - nothing is ever in front of an abort: no queue, no disk, no other request. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/urgent.h"
#include "protocol/record.h"
#include "protocol/reply.h"

struct urgent {
	struct urgent_setup setup;
	struct router router;
	pthread_t thread;
	int stop_fd;
	uint64_t aborted; /* the last run that ended here; what others see of it comes later */
};

static const char *const safe_names[] = {
	[RIG_SAFE_CONFIRMED] = "confirmed",
	[RIG_SAFE_COMMANDED] = "commanded",
	[RIG_SAFE_UNKNOWN] = "unknown",
};

static void send_reply(struct urgent *urgent, struct letter *letter, const json_t *id,
		       json_t *result, struct problem *p)
{
	const struct server_view *view = urgent->setup.view;
	struct reply_meta meta = {
		.boot = urgent->setup.boot,
		.seq = atomic_load(&view->seq),
		.state = state_name((enum state)atomic_load(&view->state)),
	};
	char *text = result ? reply_result(id, result, &meta) : reply_problem(id, p, &meta);

	if (text && router_send(&urgent->router, &letter->envelope, text, NULL) < 0)
		log_line(LOG_INFO_, "reply.lost", "a client did not take its urgent reply");
	free(text);
	json_decref(result);
	problem_clear(p);
}

/* The main thread hears of it after the fact. */
static void tell(struct urgent *urgent, const struct letter *letter, const struct request *request,
		 const struct urgent_note *done)
{
	struct urgent_note note = *done;
	char *id = request_name(request);

	snprintf(note.method, sizeof(note.method), "%s", request->method->name);
	identity_whole(&letter->visitor, note.who, sizeof(note.who));
	snprintf(note.request_id, sizeof(note.request_id), "%.79s", id ? id : "");
	free(id);
	if (!mailbox_try_put(urgent->setup.notes, &note))
		log_line(LOG_WARNING_, "audit.lost",
			 "%s by %s is not in the audit: too many at once", note.method, note.who);
}

/* Only the run that is meant; without one, whatever runs. */
static int check_run(struct urgent *urgent, const struct request *request, struct problem *p)
{
	uint64_t asked = (uint64_t)json_integer_value(json_object_get(request->params, "run"));
	uint64_t active = atomic_load(&urgent->setup.view->run);

	if (request->dry_run && active == urgent->aborted)
		active = 0;
	if (active && (asked == 0 || asked == active))
		return 0;
	if (asked)
		return problem_set(p, PROBLEM_STATE, "/run", "run %llu is not active",
				   (unsigned long long)asked);
	return problem_set(
		p, PROBLEM_STATE, "",
		"no run is active: there is nothing to abort; rig.safe makes the rig safe");
}

static json_t *abort_run(struct urgent *urgent, const struct letter *letter,
			 const struct request *request, struct problem *p)
{
	struct urgent_note note = {
		.run = atomic_load(&urgent->setup.view->run),
		.step = atomic_load(&urgent->setup.view->step),
		.safe = RIG_SAFE_UNKNOWN,
	};
	enum state state = (enum state)atomic_load(&urgent->setup.view->state);
	uint64_t only = (uint64_t)json_integer_value(json_object_get(request->params, "run"));

	if (check_run(urgent, request, p) < 0)
		return NULL;
	if (!request->dry_run) {
		note.safe = rig_thread_abort(urgent->setup.rig, only, letter->visitor.who,
					     "run.abort", &note.run, &note.step);
		if (note.run || note.safe != RIG_SAFE_UNKNOWN)
			tell(urgent, letter, request, &note);
		if (note.run)
			urgent->aborted = note.run;
	}
	if (note.run == 0) {
		problem_set(p, PROBLEM_STATE, only ? "/run" : "",
			    "the run ended by itself before the abort came: %s",
			    note.safe == RIG_SAFE_UNKNOWN
				    ? "another one is on, and goes on"
				    : "the rig was made safe all the same, and "
				      "the queue is held");
		return NULL;
	}
	return json_pack("{s:I, s:s, s:I, s:s}", "run", (json_int_t)note.run, "state",
			 state_name(request->dry_run ? state : STATE_ABORTING), "step",
			 (json_int_t)note.step, "safe", safe_names[note.safe]);
}

static json_t *make_safe(struct urgent *urgent, const struct letter *letter,
			 const struct request *request)
{
	struct urgent_note note = {.safe = RIG_SAFE_UNKNOWN};

	if (!request->dry_run) {
		note.safe = rig_thread_abort(urgent->setup.rig, 0, letter->visitor.who, "rig.safe",
					     &note.run, &note.step);
		tell(urgent, letter, request, &note);
	}
	return json_pack("{s:s}", "safe", safe_names[note.safe]);
}

static json_t *act(struct urgent *urgent, const struct letter *letter,
		   const struct request *request, struct problem *p)
{
	char utc[28];

	if (!(request->method->flags & METHOD_IS_URGENT)) {
		problem_set(p, PROBLEM_METHOD, "/method",
			    "%s is not urgent: it belongs on the control socket",
			    request->method->name);
		return NULL;
	}
	if (server_check_role(&letter->visitor, request->method, p) < 0 ||
	    server_check_replay(urgent->setup.replayed, request->method, p) < 0)
		return NULL;
	if (request->method->id == METHOD_RUN_ABORT)
		return abort_run(urgent, letter, request, p);
	if (request->method->id == METHOD_RIG_SAFE)
		return make_safe(urgent, letter, request);
	return json_pack("{s:s}", "t_utc", record_utc(clock_utc_ns(), utc, sizeof(utc)));
}

static void answer(struct urgent *urgent, struct letter *letter)
{
	struct request request = {0};
	struct problem p = {0};
	json_t *result = NULL;

	if (letter->shapeless)
		problem_set(&p, PROBLEM_REQUEST, "",
			    "a request is one JSON frame (behind REQ's empty one, or none)");
	else if (request_parse(zmq_msg_data(&letter->body), zmq_msg_size(&letter->body), &request,
			       &p) == 0)
		result = act(urgent, letter, &request, &p);
	send_reply(urgent, letter, request.id, result, &p);
	request_clear(&request);
}

static void *run_urgent(void *argument)
{
	struct urgent *urgent = argument;
	zmq_pollitem_t items[] = {
		{.socket = urgent->router.socket, .events = ZMQ_POLLIN},
		{.fd = urgent->stop_fd, .events = ZMQ_POLLIN},
	};

	while (!items[1].revents) {
		struct letter letter;

		if (zmq_poll(items, 2, -1) < 0)
			continue; /* EINTR */
		if (!items[0].revents || router_receive(&urgent->router, &letter) != 1)
			continue;
		answer(urgent, &letter);
		zmq_msg_close(&letter.body);
		envelope_clear(&letter.envelope);
	}
	return NULL;
}

int urgent_start(const struct urgent_setup *setup, struct urgent **ret, struct problem *p)
{
	struct urgent *urgent = calloc(1, sizeof(*urgent));

	if (!urgent)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the urgent socket");
	urgent->setup = *setup;
	urgent->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (urgent->stop_fd < 0) {
		free(urgent);
		return problem_set(p, PROBLEM_INTERNAL, "", "no eventfd: %m");
	}
	if (router_open(&urgent->router, setup->zmq_context, &setup->place, p) < 0 ||
	    pthread_create(&urgent->thread, NULL, run_urgent, urgent) != 0) {
		router_close(&urgent->router);
		close(urgent->stop_fd);
		free(urgent);
		return p->code ? -1 : problem_set(p, PROBLEM_INTERNAL, "", "no thread");
	}
	*ret = urgent;
	return 0;
}

void urgent_stop(struct urgent *urgent)
{
	if (!urgent)
		return;
	(void)eventfd_write(urgent->stop_fd, 1);
	pthread_join(urgent->thread, NULL);
	router_close(&urgent->router);
	close(urgent->stop_fd);
	free(urgent);
}
