/* daemon/server.c - the control socket: requests in, each to its handler, replies out. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/clock.h"
#include "daemon/server.h"
#include "protocol/reply.h"

#define MOST_PENDING 1024
#define HEAR_AT_ONCE 32
#define PATIENCE_NS  (30 * 1000000000ll) /* for the word of another thread */
#define UNWRITTEN_LEFT_NS                                                                          \
	(PATIENCE_NS - 2 * 1000000000ll) /* of it, for the store's while the disk fails */
#define DEADLINE_TICK 100000000ll

static struct reply_meta meta_of(const struct server *server, bool replayed)
{
	return (struct reply_meta){
		.boot = server->boot,
		.seq = sequence_seq(publisher_sequence(server->publisher)),
		.state = state_name(server->live.state),
		.replayed = replayed,
	};
}

/* To the urgent thread: what it says is never older than a reply that a client has had. */
static void show(struct server *server)
{
	const struct live *live = &server->live;

	atomic_store(&server->view->seq, sequence_seq(publisher_sequence(server->publisher)));
	atomic_store(&server->view->run, live->run);
	atomic_store(&server->view->step, live_step(live));
	atomic_store(&server->view->state, (int)live->state);
}

static void send_text(struct server *server, struct envelope *envelope, char *text,
		      const struct history_frames *frames)
{
	int r;

	if (!text)
		return;
	show(server);
	r = router_send(&server->router, envelope, text, frames);
	if (r < 0)
		log_line(LOG_INFO_, "reply.lost", "a client did not take its reply: %s",
			 strerror(-r));
	free(text);
}

/* The request is over, unless a thread still owes its word: then it stays until that has come. */
static void finish(struct server *server, struct pending *pending)
{
	if (pending->keyed)
		keys_end(server->keys, pending->token);
	pending->keyed = false;
	pending->told = true;
	if (!pending->owed)
		pending_free(server->pending, pending);
}

/* ---- the same reply for those who sent the same request with the same key ---- */

struct followers {
	struct server *server;
	uint64_t first;
	const json_t *result; /* NULL: refused */
	const struct problem *problem;
};

static void answer_follower(void *context, struct pending *pending)
{
	struct followers *f = context;
	struct reply_meta meta = meta_of(f->server, f->result != NULL);
	const json_t *id = pending->request.id;

	if (pending->first != f->first)
		return;
	send_text(f->server, &pending->envelope,
		  f->result ? reply_result(id, f->result, &meta)
			    : reply_problem(id, f->problem, &meta),
		  NULL);
	pending_free(f->server->pending, pending);
}

static void answer_followers(struct server *server, const struct pending *pending,
			     const json_t *result, const struct problem *p)
{
	struct followers f = {server, pending->token, result, p};

	if (pending->keyed)
		pending_each(server->pending, answer_follower, &f);
}

/* ---- replies ---- */

static void reply(struct server *server, struct pending *pending, json_t *result,
		  const struct history_frames *frames, bool replayed)
{
	struct reply_meta meta = meta_of(server, replayed);

	if (!pending->told)
		send_text(server, &pending->envelope,
			  reply_result(pending->request.id, result, &meta), frames);
	answer_followers(server, pending, result, NULL);
	json_decref(result);
	finish(server, pending);
}

void server_reply(struct server *server, struct pending *pending, json_t *result)
{
	reply(server, pending, result, NULL, false);
}

void server_reply_frames(struct server *server, struct pending *pending, json_t *result,
			 const struct history_frames *frames)
{
	reply(server, pending, result, frames, false);
}

void server_refuse(struct server *server, struct pending *pending, struct problem *p)
{
	struct reply_meta meta = meta_of(server, false);

	if (!pending->told)
		send_text(server, &pending->envelope, reply_problem(pending->request.id, p, &meta),
			  NULL);
	answer_followers(server, pending, NULL, p);
	problem_clear(p);
	finish(server, pending);
}

void server_refuse_because(struct server *server, struct pending *pending, enum problem_code code,
			   const char *path, const char *format, ...)
{
	struct problem p = {0};
	char text[sizeof(p.message)];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	problem_set(&p, code, path, "%s", text);
	server_refuse(server, pending, &p);
}

/* ---- words of other threads ---- */

void server_word(struct server *server, uint64_t token, struct word *word)
{
	struct pending *pending = pending_find(server->pending, token);
	pending_word *function;

	if (!pending) { /* nobody asked, or the daemon is stopping */
		json_decref(word->result);
		problem_clear(word->problem);
		return;
	}
	function = pending->word;
	pending->owed = false;
	pending->word = NULL;
	if (function)
		function(server, pending, word);
	else if (word->problem->code)
		server_refuse(server, pending, word->problem);
	else
		server_reply_frames(server, pending, word->result ? word->result : json_object(),
				    word->frames);
}

static void look_at(void *context, struct pending *pending)
{
	struct server *server = context;
	int64_t left_ns = pending->deadline_ns ? pending->deadline_ns - clock_now_ns() : INT64_MAX;
	bool late = left_ns <= 0;
	bool unwritten = pending->stores && pending->owed && left_ns < UNWRITTEN_LEFT_NS &&
			 server_store_ails(server);

	if (pending->ready) {
		if (!late && !pending->ready(server, pending))
			return;
		pending->ready = NULL;
		pending->deadline_ns = 0;
		pending->then(server, pending);
	} else if (unwritten && !pending->told) {
		server_refuse_because(
			server, pending, PROBLEM_STORAGE, "",
			"the disk does not take it now (see alarm.list): %s may have acted, and is "
			"written once the disk can be; asked again with the same meta.key it acts once",
			pending->request.method->name);
	} else if (late && !pending->told) {
		server_refuse_because(
			server, pending, PROBLEM_INTERNAL, "",
			"%s got no answer inside the daemon in time; what was asked for "
			"may still happen: look at state.snapshot",
			pending->request.method->name);
	}
}

void server_look_again(struct server *server)
{
	pending_each(server->pending, look_at, server);
}

static void refuse_one(void *context, struct pending *pending)
{
	server_refuse_because(context, pending, PROBLEM_STATE, "", "the daemon is stopping");
}

void server_refuse_all(struct server *server, const char *why)
{
	log_line(LOG_INFO_, "requests.ended", "%zu requests end without an answer: %s",
		 pending_count(server->pending), why);
	pending_each(server->pending, refuse_one, server);
}

static void on_deadline(void *context)
{
	struct server *server = context;

	server_look_again(server);
	if (pending_count(server->pending) == 0)
		loop_timer_off(server->deadlines);
}

/* ---- roles and keys ---- */

int server_check_role(const struct visitor *visitor, const struct method *method, struct problem *p)
{
	enum role needed = method_role(method);

	if (visitor->role >= needed)
		return 0;
	problem_set(p, PROBLEM_FORBIDDEN, "",
		    "%s takes the role %s, and %s has %s; ask an admin for it", method->name,
		    role_word(needed), visitor->who, role_word(visitor->role));
	problem_add(p, "needed", json_string(role_word(needed)));
	problem_add(p, "role", json_string(role_word(visitor->role)));
	return -1;
}

/* What is on its way for a key that may no longer ask for it ends here. */
static void check_again(void *context, struct pending *pending)
{
	struct server *server = context;
	struct authorized_key key;
	struct problem p = {0};

	if (!pending->visitor.key[0] || pending->told)
		return;
	pending->visitor.role = ROLE_NONE;
	if (auth_find(server->auth, pending->visitor.key, &key))
		pending->visitor.role = key.role;
	if (server_check_role(&pending->visitor, pending->request.method, &p) < 0)
		server_refuse(server, pending, &p);
}

static void on_rebind(void *context)
{
	struct server *server = context;
	int r = publisher_bind_tcp(server->publisher);

	if (r == 0)
		return;
	if (r != -EADDRINUSE)
		log_line(LOG_ERROR_, "stream.unbound",
			 "the stream is not bound over TCP any more: %s", strerror(-r));
	loop_timer_set(server->rebind, clock_now_ns() + (r == -EADDRINUSE ? 10000000 : 1000000000));
}

void server_reload_keys(struct server *server)
{
	struct problem p = {0};
	int r;

	r = auth_reload(server->auth, &p);
	if (r < 0) {
		log_line(LOG_WARNING_, "keys.refused", "the old keys stay in force: %s", p.message);
		problem_clear(&p);
		return;
	}
	if (!server->settings->key) /* they can be listed, and nobody comes in by them */
		return;
	log_line(LOG_NOTICE_, "keys.reread", "the list of authorized keys was read again");
	if (r > 0) {
		pending_each(server->pending, check_again, server);
		/* libzmq cannot end one connection: all end, and those who may come back */
		publisher_drop_tcp(server->publisher);
		loop_timer_set(server->rebind, clock_now_ns());
	}
}

/* ---- requests ---- */

static void act(struct server *server, struct pending *pending)
{
	const struct method *method = pending->request.method;
	struct problem p = {0};

	server_look_at_lease(server);
	if ((method->flags & METHOD_LEASE) &&
	    lease_check(server->lease, pending->request.lease, server->settings->require_lease,
			lease_time_now(), &p) < 0) {
		server_refuse(server, pending, &p);
		return;
	}
	/* param.set is checked by the rig's thread, behind the changes that are on their way; what makes
	 * the rig safe is never refused for a number */
	if (method->id != METHOD_PARAM_SET && !(method->flags & METHOD_IS_URGENT) &&
	    params_check_rev(&server->live.params, pending->request.if_rev, &p) < 0) {
		server_refuse(server, pending, &p);
		return;
	}
	server_steered(server, pending);
	request_handler_of(method->id)(server, pending);
}

/* A reader's work: the reply that was kept under the request's key. */
static void look_up_key(struct history *h, void *work, struct readers_answer *answer)
{
	const struct request *request = work;

	history_reply(h, request->key, &answer->result, &answer->problem);
}

static void on_kept_reply(struct server *server, struct pending *pending, struct word *word)
{
	const struct request *r = &pending->request;
	struct problem p = {0};
	json_t *result;

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (!word->result) {
		act(server, pending);
		return;
	}
	if (keys_compare(word->result, r->key, r->method->name, request_hash(r), &p) < 0) {
		server_refuse(server, pending, &p);
	} else {
		result = json_incref(json_object_get(word->result, "result"));
		reply(server, pending, result, NULL, true);
	}
	json_decref(word->result);
}

/* The first with its key looks for a reply that was kept; the others wait for the first. */
static void act_once(struct server *server, struct pending *pending)
{
	const struct request *r = &pending->request;
	struct problem p = {0};

	switch (keys_begin(server->keys, r->key, r->method->name, request_hash(r), pending->token,
			   &pending->first, &p)) {
	case 1:
		pending->keyed = true;
		server_read(server, pending, look_up_key, &pending->request, on_kept_reply);
		break;
	case 0:
		pending->deadline_ns = clock_now_ns() + 2 * PATIENCE_NS;
		break;
	default:
		server_refuse(server, pending, &p);
	}
}

/* No pending request: there is no place for one, or it was no request. */
static void refuse_letter(struct server *server, struct letter *letter, const json_t *id,
			  struct problem *p)
{
	struct reply_meta meta = meta_of(server, false);

	send_text(server, &letter->envelope, reply_problem(id, p, &meta), NULL);
	problem_clear(p);
}

static void take(struct server *server, struct letter *letter)
{
	struct request request = {0};
	struct problem p = {0};
	struct pending *pending;
	const unsigned keyed = METHOD_CHANGES | METHOD_UNKEYED;

	if (letter->shapeless) {
		problem_set(&p, PROBLEM_REQUEST, "",
			    "a request is one JSON frame (behind REQ's empty one, or none)");
		refuse_letter(server, letter, NULL, &p);
		return;
	}
	if (request_parse(zmq_msg_data(&letter->body), zmq_msg_size(&letter->body), &request, &p) <
	    0) {
		refuse_letter(server, letter, request.id, &p);
		request_clear(&request);
		return;
	}
	if (server_check_role(&letter->visitor, request.method, &p) < 0 ||
	    server_check_replay(server->replay ? server->replay->run : 0, request.method, &p) < 0) {
		refuse_letter(server, letter, request.id, &p);
		request_clear(&request);
		return;
	}
	pending = server->stopping ? NULL : pending_new(server->pending);
	if (!pending) {
		problem_set(&p, PROBLEM_STATE, "",
			    server->stopping ? "the daemon is stopping"
					     : "busy: too many requests wait; try again");
		refuse_letter(server, letter, request.id, &p);
		request_clear(&request);
		return;
	}
	pending->request = request;
	pending->envelope = letter->envelope; /* moved: the letter's is not cleared */
	letter->envelope.n = 0;
	pending->visitor = letter->visitor;
	memcpy(pending->who, letter->visitor.who, sizeof(pending->who));
	server->dirty |= (request.method->flags & METHOD_CHANGES) != 0;
	if (request.key && !request.dry_run && (request.method->flags & keyed) == METHOD_CHANGES)
		act_once(server, pending);
	else
		act(server, pending);
}

static void on_control(void *context)
{
	struct server *server = context;
	struct letter letter;

	for (int i = 0; i < HEAR_AT_ONCE && router_receive(&server->router, &letter) == 1; i++) {
		server->catch_up(server->catch_up_context);
		take(server, &letter);
		zmq_msg_close(&letter.body);
		envelope_clear(&letter.envelope);
	}
}

/* ---- the publisher's share of the loop ---- */

static void on_stream(void *context)
{
	struct server *server = context;

	publisher_hear(server->publisher);
}

/* What was said of the rows that are there now stands before those that come: no step overtakes a report about it. */
static void look_at_steps(struct server *server)
{
	publisher_look(server->publisher);
	if (!server->catch_up(server->catch_up_context))
		publisher_look_away(server->publisher); /* the next round is at hand */
}

static void send_steps(struct server *server)
{
	int64_t now_ns = clock_now_ns();
	int64_t again = publisher_steps(server->publisher, now_ns);
	int64_t ticket = publisher_post_ticket(server->publisher, now_ns);

	if (ticket && (!again || ticket < again))
		again = ticket;
	if (again)
		loop_timer_set(server->steps, again);
}

/* Steps are due: they are sent after the round. */
static void on_steps(void *context)
{
	(void)context;
}

/* What every round may have changed. */
static void after_round(void *context)
{
	struct server *server = context;

	look_at_steps(server);
	server_start_next(server);
	server_publish_changes(server);
	send_steps(server);
	if (pending_count(server->pending) == 0)
		loop_timer_off(server->deadlines);
	show(server);
}

static void on_second(void *context)
{
	log_flush(false);
	server_look_for_alarms(context);
	server_heartbeat(context);
}

static int add_to_loop(struct server *server, struct problem *p)
{
	struct loop *loop = server->loop;

	server->deadlines = loop_timer_new(loop, on_deadline, server);
	server->steps = loop_timer_new(loop, on_steps, server);
	server->heartbeat = loop_timer_new(loop, on_second, server);
	server->rebind = loop_timer_new(loop, on_rebind, server);
	if (!server->rebind || !server->deadlines || !server->steps || !server->heartbeat ||
	    loop_add_socket(loop, server->router.socket, on_control, server) < 0 ||
	    loop_add_socket(loop, publisher_socket(server->publisher), on_stream, server) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the sockets");
	loop_timer_every(server->heartbeat, 1000000000);
	loop_timer_every(server->deadlines, DEADLINE_TICK);
	loop_set_after(loop, after_round, server);
	return 0;
}

int server_open(struct server *server, void *zmq_context, struct problem *p)
{
	const struct router_place place = {
		.endpoint = server->settings->endpoints.control,
		.also = server->settings->also.control,
		.door = server->door,
		.auth = server->auth,
	};

	server->pending = pending_table_new(MOST_PENDING);
	server->keys = keys_new();
	server->lease = lease_new();
	server->queue = queue_new();
	server->alarms = alarms_new();
	if (!server->pending || !server->keys || !server->lease || !server->queue ||
	    !server->alarms)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the server");
	if (router_open(&server->router, zmq_context, &place, p) < 0 || add_to_loop(server, p) < 0)
		return -1;
	server_look_for_alarms(server); /* what later looks compare with: clocks */
	return 0;
}

void server_close(struct server *server)
{
	if (server->router.socket)
		loop_remove_socket(server->loop, server->router.socket);
	router_close(&server->router);
	pending_table_free(server->pending);
	keys_free(server->keys);
	lease_free(server->lease);
	queue_free(server->queue);
	live_clear(&server->live);
	alarms_free(server->alarms);
	json_decref(server->published);
	json_decref(server->retaining);
}
