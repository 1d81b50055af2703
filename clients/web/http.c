/* clients/web/http.c - HTTP/1.1 by libmicrohttpd. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <microhttpd.h>

#include "clients/web/http.h"

#define CONNECTIONS  96u  /* 32 streams, and six for each of some ten browsers */
#define QUIET_S      30u  /* a connection on which nothing moves for so long is closed */
#define ANSWER_S     150u /* ... while an answer is being made */
#define THREAD_STACK ((size_t)2 * 1024 * 1024) /* JSON may be nested 2,048 deep */
#define STREAM_PIECE ((size_t)64 * 1024)

struct http {
	struct MHD_Daemon *daemon;
	struct http_handler handler;
};

struct http_request {
	struct MHD_Connection *connection;
	enum http_method method;
	const char *path;
	char *body;
	size_t n, capacity;
};

/* For every answer: nothing from elsewhere, nothing kept, nobody may frame it */
static const char *const always[][2] = {
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	 "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
	 "frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};

/* ---- the request ---- */

enum http_method http_method(const struct http_request *request)
{
	return request->method;
}

const char *http_path(const struct http_request *request)
{
	return request->path;
}

const char *http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_query(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each {
	void (*each)(void *context, const char *name, const char *value);
	void *context;
};

static enum MHD_Result each_value(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	const struct each *each = cls;

	(void)kind;
	each->each(each->context, name, value ? value : "");
	return MHD_YES;
}

void http_each_query(const struct http_request *request,
		     void (*each)(void *context, const char *name, const char *value),
		     void *context)
{
	struct each both = {each, context};

	MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, each_value, &both);
}

const char *http_body(const struct http_request *request, size_t *ret_n)
{
	*ret_n = request->n;
	return request->body ? request->body : "";
}

/* false: too long, or no memory */
static bool add_body(struct http_request *request, const char *bytes, size_t n)
{
	if (n > HTTP_BODY_MAX - request->n)
		return false;
	if (request->n + n + 1 > request->capacity) {
		size_t capacity = 2 * (request->n + n) + 1;
		char *grown = realloc(request->body, capacity);

		if (!grown)
			return false;
		request->body = grown;
		request->capacity = capacity;
	}
	memcpy(request->body + request->n, bytes, n);
	request->n += n;
	request->body[request->n] = '\0';
	return true;
}

/* ---- the answer ---- */

void http_release(struct http_answer *answer)
{
	free(answer->text);
	if (answer->file_n)
		close(answer->file);
	if (answer->read && answer->close)
		answer->close(answer->source);
	*answer = (struct http_answer){0};
}

void http_add_header(struct http_answer *answer, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(answer->headers) / sizeof(answer->headers[0]); i++) {
		if (answer->headers[i][0][0])
			continue;
		snprintf(answer->headers[i][0], sizeof(answer->headers[i][0]), "%s", name);
		snprintf(answer->headers[i][1], sizeof(answer->headers[i][1]), "%s", value);
		return;
	}
}

struct stream {
	ssize_t (*read)(void *source, char *bytes, size_t n);
	void (*close)(void *source);
	void *source;
};

static ssize_t stream_read(void *cls, uint64_t at, char *bytes, size_t n)
{
	const struct stream *stream = cls;
	ssize_t r = stream->read(stream->source, bytes, n);

	(void)at;
	if (r == HTTP_BROKEN)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return r > 0 ? r : MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_close(void *cls)
{
	struct stream *stream = cls;

	if (stream->close)
		stream->close(stream->source);
	free(stream);
}

static struct MHD_Response *stream_response(const struct http_answer *answer)
{
	struct stream *stream = malloc(sizeof(*stream));
	struct MHD_Response *response;

	if (!stream) {
		if (answer->close)
			answer->close(answer->source);
		return NULL;
	}
	*stream = (struct stream){answer->read, answer->close, answer->source};
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_PIECE, stream_read,
						     stream, stream_close);
	if (!response)
		stream_close(stream);
	return response;
}

/* Takes over what the answer holds */
static struct MHD_Response *response_of(struct http_answer *answer)
{
	struct MHD_Response *response;

	if (answer->read)
		return stream_response(answer);
	if (answer->file_n) {
		response = MHD_create_response_from_fd64(answer->file_n, answer->file);
		if (!response)
			close(answer->file);
		return response;
	}
	if (!answer->text)
		return MHD_create_response_from_buffer(0, (char[]){""}, MHD_RESPMEM_PERSISTENT);
	response = MHD_create_response_from_buffer(answer->n, answer->text, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(answer->text);
	return response;
}

static enum MHD_Result queue(struct MHD_Connection *connection, struct http_answer *answer)
{
	bool stream = answer->read != NULL;
	struct MHD_Response *response = response_of(answer);
	enum MHD_Result r;

	if (!response)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		MHD_add_response_header(response, always[i][0], always[i][1]);
	if (answer->type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	for (size_t i = 0; i < sizeof(answer->headers) / sizeof(answer->headers[0]); i++)
		if (answer->headers[i][0][0])
			MHD_add_response_header(response, answer->headers[i][0],
						answer->headers[i][1]);
	/* a stream that nobody reads is given up after that time, too */
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT,
				  stream ? 2 * QUIET_S : QUIET_S);
	r = MHD_queue_response(connection, (unsigned)answer->status, response);
	MHD_destroy_response(response);
	return r;
}

/* ---- the server ---- */

static enum http_method method_of(const char *method)
{
	if (!strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD))
		return HTTP_GET;
	return strcmp(method, MHD_HTTP_METHOD_POST) ? HTTP_OTHER : HTTP_POST;
}

/* The headers are there */
static enum MHD_Result begin(struct http *http, struct http_request *request)
{
	const char *length = http_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct http_answer answer = {0};

	if (length && strtoull(length, NULL, 10) > HTTP_BODY_MAX) {
		answer.status = MHD_HTTP_CONTENT_TOO_LARGE;
		answer.type = "text/plain; charset=utf-8";
		answer.text = strdup("A request may have 1 MiB at the most.\n");
		answer.n = answer.text ? strlen(answer.text) : 0;
		return queue(request->connection, &answer);
	}
	if (!http->handler.admit(http->handler.context, request, &answer))
		return queue(request->connection, &answer);
	return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *n_upload, void **own)
{
	struct http *http = cls;
	struct http_request *request = *own;
	struct http_answer answer = {0};

	(void)version;
	if (!request) {
		request = calloc(1, sizeof(*request));
		if (!request)
			return MHD_NO;
		*own = request;
		request->connection = connection;
		request->method = method_of(method);
		request->path = url;
		return begin(http, request);
	}
	if (*n_upload > 0) { /* of a body in chunks, which tells its length by and by */
		bool fits = add_body(request, upload, *n_upload);

		*n_upload = 0;
		return fits ? MHD_YES : MHD_NO;
	}
	MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, ANSWER_S);
	http->handler.answer(http->handler.context, request, &answer);
	return queue(connection, &answer);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **own,
			 enum MHD_RequestTerminationCode how)
{
	struct http_request *request = *own;

	(void)cls;
	(void)connection;
	(void)how;
	if (request)
		free(request->body);
	free(request);
	*own = NULL;
}

struct http *http_start(int listener, bool ipv6, const struct http_handler *handler)
{
	struct http *http = calloc(1, sizeof(*http));
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
			 MHD_USE_POLL | (ipv6 ? MHD_USE_IPv6 : 0u);

	if (!http)
		return NULL;
	http->handler = *handler;
	http->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, http, MHD_OPTION_LISTEN_SOCKET, listener,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, QUIET_S,
		MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_END);
	if (!http->daemon) {
		if (!errno)
			errno = EIO;
		free(http);
		return NULL;
	}
	return http;
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
}
