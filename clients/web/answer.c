/* clients/web/answer.c - answers that many parts of the server give: JSON, errors, sentences. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/answer.h"
#include "protocol/problem.h"

void answer_text(struct http_answer *answer, int status, const char *text)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	answer->text = strdup(text);
	answer->n = answer->text ? strlen(text) : 0;
}

void answer_json(struct http_answer *answer, int status, json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	json_decref(value);
	if (!text) {
		answer_text(answer, 500, "no memory\n");
		return;
	}
	answer->status = status;
	answer->type = "application/json";
	answer->text = text;
	answer->n = strlen(text);
}

void answer_result(struct http_answer *answer, json_t *result)
{
	answer_json(answer, 200, json_pack("{s:o}", "result", result));
}

void answer_error(struct http_answer *answer, int status, int code, const char *kind,
		  const char *format, ...)
{
	char message[768];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	answer_json(answer, status,
		    json_pack("{s:{s:i, s:s%, s:{s:s}}}", "error", "code", code, "message", message,
			      strlen(message), "data", "kind", kind));
}

void answer_nudge_error(struct http_answer *answer, struct nudge_error *error)
{
	json_t *data = error->data ? json_incref(error->data) : json_object();

	switch (error->kind) {
	case NUDGE_REFUSED:
		answer_json(answer, 200,
			    json_pack("{s:{s:i, s:s, s:o}}", "error", "code", error->code,
				      "message", error->message, "data", data));
		data = NULL;
		break;
	case NUDGE_TIMED_OUT:
		answer_error(answer, 504, PROBLEM_INTERNAL, "timed_out", "%s", error->message);
		break;
	case NUDGE_INVALID:
		answer_error(answer, 502, PROBLEM_INTERNAL, "invalid", "%s", error->message);
		break;
	case NUDGE_UNWELCOME:
		answer_error(answer, 503, PROBLEM_INTERNAL, "unwelcome", "%s", error->message);
		break;
	case NUDGE_FINE:
	case NUDGE_UNREACHABLE:
		answer_error(answer, 503, PROBLEM_INTERNAL, "unreachable", "%s", error->message);
		break;
	}
	json_decref(data);
	nudge_error_clear(error);
}
