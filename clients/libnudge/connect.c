/* clients/libnudge/connect.c - opens a connection: find the server, greet it, check that we speak alike. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/admission.h"
#include "protocol/record.h"

static int greet(struct nudge *n, double timeout_s, struct nudge_error *error)
{
	json_t *hello;
	json_int_t protocol;

	if (nudge_call(n, "server.hello", NULL, timeout_s, &hello, error) < 0)
		return -1;
	protocol = json_integer_value(json_object_get(hello, "protocol"));
	if (protocol != PROTOCOL_VERSION) {
		json_decref(hello);
		return error_number(error, NUDGE_INVALID, EOPNOTSUPP,
				    "%s speaks protocol %lld, this program %d: use one of the same "
				    "release",
				    n->address.text, (long long)protocol, PROTOCOL_VERSION);
	}
	n->hello = hello;
	return 0;
}

int nudge_connect_with(const struct nudge_options *options, struct nudge **ret,
		       struct nudge_error *error)
{
	struct nudge *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return error_set(error, NUDGE_INVALID, "no memory for a connection");
	r = address_find(options->to, &n->address, error);
	if (r == 0)
		r = admission_keys(options, &n->address, &n->keys, error);
	if (r == 0 && !(n->context = wire_context()))
		r = error_set(error, NUDGE_INVALID, "no context for sockets: %s", strerror(errno));
	if (r == 0 && !(n->control = wire_request(n->context, n->address.control, &n->keys)))
		r = error_set(error, NUDGE_INVALID, "%s: %s", n->address.control, strerror(errno));
	if (r == 0)
		r = greet(n, options->timeout_s, error);
	if (r < 0) {
		nudge_close(n);
		return -1;
	}
	*ret = n;
	return 0;
}

int nudge_connect(const char *to, double timeout_s, struct nudge **ret, struct nudge_error *error)
{
	const struct nudge_options options = {.to = to, .timeout_s = timeout_s};

	return nudge_connect_with(&options, ret, error);
}

void nudge_close(struct nudge *n)
{
	if (!n)
		return;
	wire_close(n->control);
	wire_close(n->urgent);
	wire_context_free(n->context);
	json_decref(n->hello);
	explicit_bzero(&n->keys, sizeof(n->keys));
	free(n);
}

const char *nudge_address(const struct nudge *n)
{
	return n->address.text;
}

bool nudge_uses_keys(const struct nudge *n)
{
	return n->keys.server_key[0] != '\0';
}

const json_t *nudge_hello(const struct nudge *n)
{
	return n->hello;
}
