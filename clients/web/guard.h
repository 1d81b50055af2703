/* clients/web/guard.h - who may come in: the Host it calls, the Origin it comes from, the cookie it has. */
#ifndef CLIENTS_WEB_GUARD_H
#define CLIENTS_WEB_GUARD_H

#include "clients/web/http.h"
#include "clients/web/options.h"
#include "clients/web/token.h"

struct guard {
	const struct web_options *options;
	const struct listening *listening;
	const struct token *token;
};

/* false: *ret refuses, or sends a browser that came with the token on its way, with a cookie. */
bool guard_admit(const struct guard *guard, const struct http_request *request,
		 struct http_answer *ret);

#endif
