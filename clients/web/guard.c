/* clients/web/guard.c - who may come in.
 *
 * Host: a page elsewhere that gives its own name this machine's address (DNS rebinding) is refused.
 * Cookie: HttpOnly and SameSite=Strict; the token stands in an URL only once.
 * X-Nudge and Origin: a form or script elsewhere cannot send either as the page does.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "clients/web/answer.h"
#include "clients/web/guard.h"
#include "clients/web/text.h"

static const char where[] =
	"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>nudge-web: no token</title>"
	"<h1>Not let in</h1><p>nudge-web prints an address that ends in <code>/?token=...</code> when it "
	"starts, in the terminal or in the journal (<code>journalctl -u nudge-web</code>): open that one "
	"once. This browser then stays let in until nudge-web is started again.</p></html>\n";

/* Whether a Host header ("NAME", "NAME:PORT", "[ADDRESS]:PORT") is one of ours.  The port may be another: ssh -L */
static bool calls(const char *host, const char *name)
{
	size_t n = strlen(name);

	return !strncasecmp(host, name, n) && (host[n] == '\0' || host[n] == ':');
}

static bool is_ours(const struct guard *guard, const char *host)
{
	if (calls(host, guard->listening->host) || calls(host, "localhost"))
		return true;
	for (size_t i = 0; i < guard->options->n_hosts; i++)
		if (calls(host, guard->options->hosts[i]))
			return true;
	return false;
}

/* "http://HOST" of the same Host; https where somebody in between speaks it */
static bool same_origin(const char *origin, const char *host)
{
	const char *rest = strstr(origin, "://");

	return rest && !strcasecmp(rest + 3, host) &&
	       (!strncmp(origin, "http://", 7) || !strncmp(origin, "https://", 8));
}

/* ---- the token in an URL ---- */

static void add_escaped(struct text *text, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *value; value++) {
		if (strchr(plain, *value))
			text_add(text, value, 1);
		else
			text_format(text, "%%%02X", (unsigned char)*value);
	}
}

static void add_member(void *context, const char *name, const char *value)
{
	struct text *text = context;

	if (!strcmp(name, "token"))
		return;
	text_put(text, strchr(text->bytes, '?') ? "&" : "?");
	add_escaped(text, name);
	text_put(text, "=");
	add_escaped(text, value);
}

/* The same address without the token; a browser keeps the fragment by itself */
static void send_on(const struct guard *guard, const struct http_request *request,
		    struct http_answer *ret)
{
	const char *path = http_path(request);
	struct text text = {0};
	char cookie[128];
	bool plain = path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-._/")] == '\0' &&
		     path[0] == '/' && path[1] != '/';

	text_put(&text, plain ? path : "/");
	if (!text.failed)
		http_each_query(request, add_member, &text);
	answer_text(ret, 303, "");
	if (text.failed || text.n >= sizeof(ret->headers[0][1])) {
		text_clear(&text);
		text_put(&text, "/");
	}
	http_add_header(ret, "Location", text.failed ? "/" : text.bytes);
	text_clear(&text);
	snprintf(cookie, sizeof(cookie), "nudge=%s; HttpOnly; SameSite=Strict; Path=/",
		 guard->token->text);
	http_add_header(ret, "Set-Cookie", cookie);
}

/* ---- */

static bool admit_post(const struct http_request *request, const char *host,
		       struct http_answer *ret)
{
	const char *origin = http_header(request, "Origin"),
		   *ours = http_header(request, "X-Nudge");

	if (!ours || strcmp(ours, "1")) {
		answer_text(ret, 403, "A POST needs the header \"X-Nudge: 1\".\n");
		return false;
	}
	if (origin && !same_origin(origin, host)) {
		answer_text(ret, 403, "This POST comes from a page of somebody else's.\n");
		return false;
	}
	return true;
}

bool guard_admit(const struct guard *guard, const struct http_request *request,
		 struct http_answer *ret)
{
	const char *host = http_header(request, "Host"), *token = http_query(request, "token");

	if (!host || !is_ours(guard, host)) {
		answer_text(
			ret, 421,
			"nudge-web is not known by that name: start it with --allow-host NAME.\n");
		return false;
	}
	if (http_method(request) == HTTP_OTHER) {
		answer_text(ret, 405, "GET, HEAD and POST are known here.\n");
		http_add_header(ret, "Allow", "GET, HEAD, POST");
		return false;
	}
	if (http_method(request) == HTTP_GET && token_is(guard->token, token)) {
		send_on(guard, request, ret);
		return false;
	}
	if (!token_in_cookies(guard->token, http_header(request, "Cookie"))) {
		answer_text(ret, 401, where);
		ret->type = "text/html; charset=utf-8";
		return false;
	}
	return http_method(request) == HTTP_GET || admit_post(request, host, ret);
}
