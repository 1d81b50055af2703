/* daemon/log_box.c - a mailbox of log lines. */
#include "config.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/log_box.h"
#include "daemon/mailbox.h"

#define LINES_AT_ONCE 64
#define LINES         256

struct log_item {
	enum log_level level;
	char name[40], text[480];
};

struct log_box {
	struct mailbox *lines;
	atomic_uint missed;
};

struct log_box *log_box_new(void)
{
	struct log_box *box = calloc(1, sizeof(*box));

	if (!box)
		return NULL;
	box->lines = mailbox_new(sizeof(struct log_item), LINES);
	if (!box->lines) {
		free(box);
		return NULL;
	}
	return box;
}

void log_box_free(struct log_box *box)
{
	if (!box)
		return;
	mailbox_free(box->lines);
	free(box);
}

int log_box_fd(struct log_box *box)
{
	return mailbox_fd(box->lines);
}

/* In whatever thread logs: it never waits. */
static void sink(void *context, enum log_level level, const char *name, const char *text)
{
	struct log_box *box = context;
	struct log_item item = {.level = level};

	snprintf(item.name, sizeof(item.name), "%s", name);
	if (snprintf(item.text, sizeof(item.text), "%.*s", (int)sizeof(item.text) - 1, text) < 0)
		return;
	if (!mailbox_try_put(box->lines, &item))
		atomic_fetch_add(&box->missed, 1);
}

void log_box_listen(struct log_box *box)
{
	log_set_sink(sink, box);
}

void log_box_publish(struct log_box *box, struct publisher *publisher)
{
	struct log_item item;
	char text[80];
	unsigned missed;

	for (int i = 0; i < LINES_AT_ONCE && mailbox_take(box->lines, &item); i++)
		publisher_log(publisher, item.level, item.name, item.text);
	missed = atomic_exchange(&box->missed, 0);
	if (!missed)
		return;
	snprintf(text, sizeof(text), "%u lines are in the log alone: too many at once", missed);
	publisher_log(publisher, LOG_WARNING_, "log.missed", text);
}
