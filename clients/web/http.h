/* clients/web/http.h - HTTP/1.1: requests, answers, and who listens; the one home of libmicrohttpd.
 *
 * Each connection has a thread of its own: an answer may block, and a browser that reads slowly slows nobody.
 */
#ifndef CLIENTS_WEB_HTTP_H
#define CLIENTS_WEB_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define HTTP_BROKEN   (-2)
#define HTTP_BODY_MAX ((size_t)1024 * 1024)

struct http;         /* the server */
struct http_request; /* one request, while it is being answered */

enum http_method { HTTP_GET, HTTP_POST, HTTP_OTHER }; /* HEAD counts as GET */

enum http_method http_method(const struct http_request *request);
const char *http_path(const struct http_request *request); /* "/api/call", decoded */
const char *http_header(const struct http_request *request, const char *name); /* NULL: none */
const char *http_query(const struct http_request *request,
		       const char *name); /* decoded; NULL: none */
/* Calls each(context, name, value) for the query's members; value is "" for one without. */
void http_each_query(const struct http_request *request,
		     void (*each)(void *context, const char *name, const char *value),
		     void *context);
const char *http_body(const struct http_request *request, size_t *ret_n); /* with a NUL behind it */

/* What is answered: a text, a file, or a stream.  Begins as {0}; strings that are not `text` are copied in time. */
struct http_answer {
	int status;       /* 200, ... */
	const char *type; /* "application/json" */
	char *text;       /* taken over, free(); NULL: none */
	size_t n;
	int file; /* an open descriptor, taken over, when file_n is not 0 */
	size_t file_n;
	char headers[3][2][256]; /* further ones: name and value, "" where none */
	/* A stream: fills bytes[n], returns how many (it may block for a second or so), or -1: its end, or
	 * HTTP_BROKEN: it ends too soon, which the other side is to notice. */
	ssize_t (*read)(void *source, char *bytes, size_t n);
	void (*close)(void *source); /* always called once, if read is there */
	void *source;
};
void http_release(struct http_answer *answer); /* what it holds, when it is not given; then {0} */
void http_add_header(struct http_answer *answer, const char *name, const char *value);

struct http_handler {
	/* The headers are there, the body is not: false refuses with *ret. */
	bool (*admit)(void *context, const struct http_request *request, struct http_answer *ret);
	void (*answer)(void *context, const struct http_request *request, struct http_answer *ret);
	void *context;
};

/* Serves a listening socket, which it takes over.  NULL and errno. */
struct http *http_start(int listener, bool ipv6, const struct http_handler *handler);
void http_stop(struct http *http); /* waits for those that are being answered; accepts NULL */

#endif
