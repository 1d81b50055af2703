/* clients/web/answer.h - answers that many parts of the server give: JSON, errors, sentences. */
#ifndef CLIENTS_WEB_ANSWER_H
#define CLIENTS_WEB_ANSWER_H

#include <jansson.h>

#include "clients/libnudge/nudge.h"
#include "clients/web/http.h"

void answer_text(struct http_answer *answer, int status, const char *text); /* plain, copied */
void answer_json(struct http_answer *answer, int status, json_t *value);    /* takes it over */
void answer_result(struct http_answer *answer, json_t *result); /* {"result":...}; takes it over */
/* {"error":{code, message, data}} */
void answer_error(struct http_answer *answer, int status, int code, const char *kind,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What libnudge said: 200 when the daemon refused, 503 not there, 504 late, 502 not understood.  Clears error. */
void answer_nudge_error(struct http_answer *answer, struct nudge_error *error);

#endif
