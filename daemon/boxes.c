/* daemon/boxes.c - what other threads say: each callback takes a few and leaves the rest for the next round. */
#include "config.h"

#include "daemon/boxes.h"
#include "daemon/log_box.h"
#include "daemon/server.h"
#include "daemon/urgent.h"

#define REPORTS_AT_ONCE 64

int boxes_open(struct boxes *boxes, struct server *server, struct problem *p)
{
	*boxes = (struct boxes){
		.server = server,
		.rig = mailbox_new(sizeof(struct report *), 1024),
		.store = mailbox_new(sizeof(struct store_report), 1024),
		.answers = mailbox_new(sizeof(struct readers_answer), 256),
		.notes = mailbox_new(sizeof(struct urgent_note), 64),
		.door = mailbox_new(sizeof(struct door_note), 64),
		.log = log_box_new(),
	};
	if (!boxes->rig || !boxes->store || !boxes->answers || !boxes->notes || !boxes->door ||
	    !boxes->log)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the mailboxes");
	return 0;
}

void boxes_close(struct boxes *boxes, bool store_has_stopped)
{
	mailbox_free(boxes->rig);
	if (store_has_stopped)
		mailbox_free(boxes->store);
	mailbox_free(boxes->answers);
	mailbox_free(boxes->notes);
	mailbox_free(boxes->door);
	log_box_free(boxes->log);
}

/* ---- rounds ---- */

/* true: that was all. */
static bool take_rig_reports(struct boxes *boxes)
{
	struct report *report;

	for (int i = 0; i < REPORTS_AT_ONCE; i++) {
		if (!mailbox_take(boxes->rig, &report))
			return true;
		reports_of_rig(boxes->server, report);
	}
	return false;
}

static void on_rig(void *context)
{
	take_rig_reports(context);
}

static void on_store(void *context)
{
	struct boxes *boxes = context;
	struct store_report report;

	for (int i = 0; i < REPORTS_AT_ONCE && mailbox_take(boxes->store, &report); i++)
		reports_of_store(boxes->server, &report);
	server_look_again(boxes->server);
}

static void on_answers(void *context)
{
	struct boxes *boxes = context;
	struct readers_answer answer;

	for (int i = 0; i < REPORTS_AT_ONCE && mailbox_take(boxes->answers, &answer); i++)
		reports_of_readers(boxes->server, &answer);
}

static void on_notes(void *context)
{
	struct boxes *boxes = context;
	struct urgent_note note;

	for (int i = 0; i < REPORTS_AT_ONCE && mailbox_take(boxes->notes, &note); i++)
		reports_of_urgent(boxes->server, &note);
}

static void on_door(void *context)
{
	struct boxes *boxes = context;
	struct door_note note;

	for (int i = 0; i < REPORTS_AT_ONCE && mailbox_take(boxes->door, &note); i++)
		reports_of_door(boxes->server, &note);
}

static void on_log(void *context)
{
	struct boxes *boxes = context;

	log_box_publish(boxes->log, boxes->server->publisher);
}

int boxes_listen(struct boxes *boxes, struct problem *p)
{
	struct loop *loop = boxes->server->loop;

	if (loop_add_fd(loop, mailbox_fd(boxes->rig), on_rig, boxes) < 0 ||
	    loop_add_fd(loop, mailbox_fd(boxes->store), on_store, boxes) < 0 ||
	    loop_add_fd(loop, mailbox_fd(boxes->answers), on_answers, boxes) < 0 ||
	    loop_add_fd(loop, mailbox_fd(boxes->notes), on_notes, boxes) < 0 ||
	    loop_add_fd(loop, mailbox_fd(boxes->door), on_door, boxes) < 0 ||
	    loop_add_fd(loop, log_box_fd(boxes->log), on_log, boxes) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the loop");
	log_box_listen(boxes->log);
	return 0;
}

/* Whoever has an urgent reply in hand and then asks finds it in force: a queue.release after a run.abort is not undone by the
 * abort. */
bool boxes_catch_up(void *context)
{
	bool all = take_rig_reports(context);

	on_notes(context);
	return all;
}

void boxes_empty(struct boxes *boxes)
{
	struct report *report;
	struct store_report stored;

	if (boxes->answers)
		on_answers(boxes);
	while (boxes->rig && mailbox_take(boxes->rig, &report))
		report_free(report);
	while (boxes->store && mailbox_take(boxes->store, &stored)) {
		json_decref(stored.result);
		problem_clear(&stored.problem);
	}
}
