/* clients/libnudge/admission.c - reads keys; tells nobody there, wrong server, unknown key and no key apart. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/libnudge/admission.h"
#include "clients/libnudge/probe.h"

#define PROBE_S 1.5

/* ---- the keys ---- */

static const char *given(const char *option, const char *variable)
{
	const char *value = option ? option : getenv(variable);

	return value && value[0] ? value : NULL;
}

static int bad_key(struct nudge_error *error, const struct problem *p)
{
	return error_number(error, NUDGE_INVALID, EINVAL, "%s", p->message);
}

/* The key itself, or a file that has it. */
static int read_server_key(const char *text, char ret[KEY_CHARS + 1], struct nudge_error *error)
{
	struct key_pair pair;
	struct problem p = {0};

	/* the name of a file may look like a key: 40 characters, all of Z85, slashes and dots among them */
	if (key_is_valid(text) && access(text, F_OK) < 0) {
		memcpy(ret, text, KEY_CHARS + 1);
		return 0;
	}
	if (access(text, F_OK) < 0)
		return error_number(
			error, NUDGE_INVALID, EINVAL,
			"the server's key \"%.80s\" is neither %d characters of Z85 nor "
			"a file; it is the line \"public\" of the server's FILE.pub",
			text, KEY_CHARS);
	if (key_file_read(text, false, &pair, &p) < 0)
		return bad_key(error, &p);
	memcpy(ret, pair.public_key, KEY_CHARS + 1);
	explicit_bzero(&pair, sizeof(pair));
	return 0;
}

static int read_own_key(const char *file, struct key_pair *ret, struct nudge_error *error)
{
	struct problem p = {0};

	if (key_file_read(file, true, ret, &p) < 0)
		return bad_key(error, &p);
	if (wire_is_pair(ret))
		return 0;
	explicit_bzero(ret, sizeof(*ret));
	return error_number(
		error, NUDGE_INVALID, EINVAL,
		"%s: the public key is not that of the secret one; make a new pair with "
		"nudgectl key new, and have it added on the server",
		file);
}

int admission_keys(const struct nudge_options *options, const struct address *address,
		   struct wire_keys *ret, struct nudge_error *error)
{
	const char *server = given(options->server_key, "NUDGE_SERVER_KEY");
	const char *own = given(options->key, "NUDGE_KEY");

	*ret = (struct wire_keys){0};
	if (strncmp(address->control, "tcp://", 6) != 0 || (!server && !own))
		return 0;
	if (!server)
		return error_number(error, NUDGE_INVALID, EINVAL,
				    "%s: there is a key (%s) and no server's key, so the server "
				    "could be anybody; give it with --server-key or "
				    "$NUDGE_SERVER_KEY",
				    address->text, own);
	if (!own)
		return error_number(
			error, NUDGE_INVALID, EINVAL,
			"%s: there is a server's key and none of your own; make one with "
			"nudgectl key new FILE, have it added on the server, and give "
			"FILE with --key or $NUDGE_KEY",
			address->text);
	if (!wire_has_curve())
		return error_number(error, NUDGE_INVALID, ENOSYS,
				    "this libzmq has no CURVE, so keys are of no use: install one "
				    "that was built with libsodium");
	if (read_server_key(server, ret->server_key, error) < 0)
		return -1;
	return read_own_key(own, &ret->own, error);
}

int nudge_key_new(const char *file, const char *note, char public_key[NUDGE_KEY_CHARS + 1],
		  struct nudge_error *error)
{
	struct key_pair pair;
	struct problem p = {0};
	int r;

	do {
		if (!wire_make_pair(&pair))
			return error_number(error, NUDGE_INVALID, ENOSYS,
					    "this libzmq has no CURVE: install one that was built "
					    "with libsodium");
	} while (!key_is_valid(pair.public_key) ||
		 pair.public_key[0] == '-'); /* no option either */
	r = key_file_write(file, &pair, note, &p);
	memcpy(public_key, pair.public_key, KEY_CHARS + 1);
	explicit_bzero(&pair, sizeof(pair));
	return r < 0 ? error_number(error, NUDGE_INVALID, EEXIST, "%s", p.message) : 0;
}

int nudge_key_public(const char *text, char public_key[NUDGE_KEY_CHARS + 1],
		     struct nudge_error *error)
{
	return read_server_key(text, public_key, error);
}

/* ---- why not ---- */

static int refused(const struct nudge *n, const char *endpoint, int status,
		   struct nudge_error *error)
{
	const char *mine = n->keys.own.public_key;

	if (status == 400)
		return error_number(error, NUDGE_UNWELCOME, EKEYREJECTED,
				    "%s does not let your key in (%s): have an admin add it there, "
				    "nudgectl key add -- '%s' NAME ROLE",
				    endpoint, mine, mine);
	if (status == 300)
		return error_number(error, NUDGE_UNWELCOME, EAGAIN,
				    "%s cannot look your key up just now; try again", endpoint);
	return error_number(error, NUDGE_UNWELCOME, EREMOTEIO,
			    "%s failed to look your key up (ZAP %d): see the server's log",
			    endpoint, status);
}

static int not_alike(const struct nudge *n, const struct wire *w, const struct probe *probe,
		     const char *endpoint, struct nudge_error *error)
{
	bool curve = strcmp(probe->mechanism, "CURVE") == 0;
	bool keys = n->keys.server_key[0];

	if (curve && !keys)
		return error_number(error, NUDGE_UNWELCOME, ENOKEY,
				    "%s lets in only who has a key; give yours with --key or "
				    "$NUDGE_KEY, and the server's with --server-key or "
				    "$NUDGE_SERVER_KEY (nudgectl key new FILE makes one)",
				    endpoint);
	if (!curve && keys)
		return error_number(error, NUDGE_UNWELCOME, EPROTONOSUPPORT,
				    "%s speaks no CURVE (%s): without keys it may be anybody; give "
				    "the server a key (key: in its configuration), or go there "
				    "without --key, $NUDGE_KEY, --server-key and $NUDGE_SERVER_KEY",
				    endpoint, probe->mechanism);
	if (curve && wire_entry(w, NULL) == WIRE_ENTRY_DROPPED)
		return error_number(
			error, NUDGE_UNWELCOME, EBADE,
			"%s has another key than %s: compare it with the line \"public\" "
			"of the server's FILE.pub, and give that with --server-key or "
			"$NUDGE_SERVER_KEY; if the server's key was not changed, "
			"somebody else answers there",
			endpoint, n->keys.server_key);
	return error_number(error, NUDGE_UNREACHABLE, ENOTCONN,
			    "%s listens, and let no connection come about in time; try again",
			    endpoint);
}

static int nobody(const struct probe *probe, const char *endpoint, struct nudge_error *error)
{
	switch (probe->number) {
	case ECONNREFUSED:
		return error_number(error, NUDGE_UNREACHABLE, ECONNREFUSED,
				    "nobody listens at %s (%s): is nudged running there, with tcp: "
				    "HOST:PORT, HOST being an address that others reach?",
				    endpoint, strerror(ECONNREFUSED));
	case ETIMEDOUT:
		return error_number(error, NUDGE_UNREACHABLE, ETIMEDOUT,
				    "%s does not answer: the machine is off, or a firewall is in "
				    "between (ports PORT, PORT + 1 and PORT + 2 are needed)",
				    endpoint);
	default:
		return error_number(error, NUDGE_UNREACHABLE, probe->number,
				    "no connection to %s: %s", endpoint, strerror(probe->number));
	}
}

static int say_why(const struct nudge *n, const struct wire *w, const char *endpoint,
		   struct nudge_error *error)
{
	struct probe probe;
	int status;

	if (wire_entry(w, &status) == WIRE_ENTRY_REFUSED)
		return refused(n, endpoint, status, error);
	probe_ask(endpoint, PROBE_S, &probe);
	switch (probe.end) {
	case PROBE_NO_NAME:
		return error_number(error, NUDGE_UNREACHABLE, EADDRNOTAVAIL,
				    "%s: no address for \"%s\" (%s); check the name, or give the "
				    "number",
				    endpoint, probe.host, probe.text);
	case PROBE_NO_CONNECT:
		return nobody(&probe, endpoint, error);
	case PROBE_NO_GREETING:
		return error_number(error, NUDGE_UNREACHABLE, EPROTO,
				    "something listens at %s that is not nudged: it does not greet "
				    "as ZeroMQ does; check the port",
				    endpoint);
	case PROBE_GREETED:
		return not_alike(n, w, &probe, endpoint, error);
	}
	return -1;
}

int admission_explain(const struct nudge *n, const struct wire *w, const char *endpoint,
		      const char *method, struct nudge_error *error)
{
	if (!error)
		return -1;
	if (strncmp(endpoint, "tcp://", 6) != 0)
		return error_number(error, NUDGE_UNREACHABLE, ENOTCONN, "%s%snobody answers at %s",
				    method ? method : "", method ? ": " : "", n->address.text);
	return say_why(n, w, endpoint, error);
}
