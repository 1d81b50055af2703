/* daemon/report.c - what the rig's thread tells the main thread. */
#include "config.h"

#include <stdlib.h>

#include "daemon/runner.h"

void report_send(struct mailbox *reports, const struct report *report)
{
	struct report *copy = malloc(sizeof(*copy));

	if (!copy)
		abort(); /* a report that is lost would leave a client waiting for ever */
	*copy = *report;
	mailbox_put(reports, &copy);
}

void report_free(struct report *report)
{
	if (!report)
		return;
	ring_unref(report->ring);
	json_decref(report->json);
	problem_clear(&report->problem);
	free(report->outputs_V);
	free(report);
}
