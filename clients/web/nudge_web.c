/* clients/web/nudge_web.c - serves nudged's dashboard to browsers: an ordinary client, through libnudge. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/web/answer.h"
#include "clients/web/api.h"
#include "clients/web/call.h"
#include "clients/web/download.h"
#include "clients/web/feed.h"
#include "clients/web/guard.h"
#include "clients/web/pages.h"
#include "clients/web/stream.h"
#include "clients/web/tasks.h"
#include "protocol/problem.h"

#define CONNECT_S 3.0

struct web {
	struct web_options options;
	struct nudge_options server;
	struct listening listening;
	struct token token;
	struct guard guard;
	struct hub *hub;
	struct pool *pool;
	struct feed *feed;
	struct caller caller;
	struct http *http;
	atomic_uint n_streams;
};

/* ---- the addresses ---- */

typedef void route_answer(struct web *web, const struct http_request *request,
			  struct http_answer *ret);

static void about(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	(void)request;
	api_about(web->pool, &web->options, ret);
}

static void steps(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	api_steps(web->pool, request, ret);
}

static void runs(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	api_runs(web->pool, request, ret);
}

static void download(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	download_answer(web->pool, request, ret);
}

static void events(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	stream_answer(request, web->hub, web->pool, &web->n_streams, ret);
}

static void call(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	call_answer(&web->caller, request, ret);
}

static void tasks(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	tasks_answer(web->options.tasks, request, ret);
}

static const struct {
	const char *path;
	enum http_method method;
	route_answer *answer;
} routes[] = {
	{"/api/about", HTTP_GET, about},   {"/api/steps", HTTP_GET, steps},
	{"/api/runs", HTTP_GET, runs},     {"/api/download", HTTP_GET, download},
	{"/api/events", HTTP_GET, events}, {"/api/call", HTTP_POST, call},
	{"/api/tasks", HTTP_POST, tasks},
};

static void page(struct web *web, const struct http_request *request, struct http_answer *ret)
{
	const char *path = http_path(request);

	if (http_method(request) != HTTP_GET) {
		answer_text(ret, 405, "Only GET is known here.\n");
		http_add_header(ret, "Allow", "GET, HEAD");
	} else if (!strncmp(path, "/app/", 5)) {
		pages_file(web->options.pages, path + 5, ret);
	} else if (!pages_index(web->options.pages, path, ret)) {
		answer_text(ret, 404, "There is no such page.\n");
	}
}

static bool web_admit(void *context, const struct http_request *request, struct http_answer *ret)
{
	struct web *web = context;

	return guard_admit(&web->guard, request, ret);
}

static void web_answer(void *context, const struct http_request *request, struct http_answer *ret)
{
	struct web *web = context;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(http_path(request), routes[i].path))
			continue;
		if (http_method(request) == routes[i].method) {
			routes[i].answer(web, request, ret);
			return;
		}
		answer_text(ret, 405, "This address is asked in another way.\n");
		http_add_header(ret, "Allow", routes[i].method == HTTP_GET ? "GET, HEAD" : "POST");
		return;
	}
	page(web, request, ret);
}

/* ---- the program ---- */

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "nudge-web: %s%s%s\n", what, *what ? ": " : "", why);
	return -1;
}

static int web_start(struct web *web)
{
	const struct http_handler handler = {web_admit, web_answer, web};
	char why[512];

	web->server = (struct nudge_options){
		.to = web->options.to,
		.timeout_s = CONNECT_S,
		.server_key = web->options.server_key,
		.key = web->options.key,
	};
	if (token_make(web->options.token_file, &web->token, why, sizeof(why)) < 0 ||
	    options_listen(&web->options, &web->listening, why, sizeof(why)) < 0)
		return fail("", why);
	web->guard = (struct guard){&web->options, &web->listening, &web->token};
	web->hub = hub_new((size_t)web->options.keep_MiB * 1024 * 1024);
	web->pool = pool_new(&web->server);
	if (!web->hub || !web->pool)
		return fail("", "no memory");
	caller_init(&web->caller, web->pool, web->options.operate);
	web->feed = feed_start(&web->server, web->hub);
	if (!web->feed)
		return fail("no thread", strerror(errno));
	web->http = http_start(web->listening.fd, web->listening.ipv6, &handler);
	if (!web->http)
		return fail("no HTTP", strerror(errno));
	return 0;
}

/* In the order of need: browsers first, then what feeds them */
static void web_stop(struct web *web)
{
	if (web->hub)
		hub_close(web->hub);
	http_stop(web->http);
	if (web->http)
		caller_end(&web->caller);
	if (!feed_stop(web->feed)) /* it waits for a daemon that does not answer: leave it */
		_exit(0);
	pool_free(web->pool);
	hub_free(web->hub);
}

int main(int argc, char **argv)
{
	static struct web web;
	sigset_t ends;
	int number, r = options_read(argc, argv, &web.options);

	if (r >= 0)
		return r;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL); /* before any thread */
	r = web_start(&web);
	if (r == 0) {
		printf("http://%s:%u/?token=%s\n", web.listening.host, web.listening.port,
		       web.token.text);
		fflush(stdout);
		sigwait(&ends, &number);
	}
	web_stop(&web);
	return r < 0 ? 1 : 0;
}
