/* daemon/lease.c - a token, a holder, and an end. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/clock.h"
#include "daemon/lease.h"
#include "protocol/record.h"

struct lease {
	char token[33]; /* "": nobody holds it */
	char holder[64];
	char *note;
	int64_t ttl_ns, end_ns; /* monotonic */
	int64_t since_utc_ns, end_utc_ns;
	uint64_t n_acquired;
};

struct lease_time lease_time_now(void)
{
	return (struct lease_time){.mono_ns = clock_now_ns(), .utc_ns = clock_utc_ns()};
}

struct lease *lease_new(void)
{
	return calloc(1, sizeof(struct lease));
}

static void end(struct lease *lease)
{
	uint64_t n_acquired = lease->n_acquired;

	free(lease->note);
	memset(lease, 0, sizeof(*lease));
	lease->n_acquired = n_acquired;
}

void lease_free(struct lease *lease)
{
	if (lease)
		end(lease);
	free(lease);
}

static bool held(const struct lease *lease, struct lease_time now)
{
	return lease->token[0] && now.mono_ns < lease->end_ns;
}

/* Takes the same time wherever they differ. */
static bool same_token(const struct lease *lease, const char *token)
{
	unsigned char differ = 0;

	if (!token || strlen(token) != sizeof(lease->token) - 1)
		return false;
	for (size_t i = 0; i < sizeof(lease->token) - 1; i++)
		differ |= (unsigned char)(token[i] ^ lease->token[i]);
	return differ == 0;
}

static int locked(const struct lease *lease, struct problem *p)
{
	json_t *data = lease_public(lease);
	const char *name;
	json_t *value;

	problem_set(p, PROBLEM_LOCKED, "",
		    "%s holds the lease (%s) since %s; wait for its end, or take it over",
		    lease->holder, lease->note[0] ? lease->note : "no note",
		    json_string_value(json_object_get(data, "since_utc")));
	json_object_foreach(data, name, value) problem_add(p, name, json_incref(value));
	json_decref(data);
	return -1;
}

static void set_end(struct lease *lease, struct lease_time now)
{
	lease->end_ns = now.mono_ns + lease->ttl_ns;
	lease->end_utc_ns = now.utc_ns + lease->ttl_ns;
}

int lease_acquire(struct lease *lease, const char *holder, const char *note, double ttl_s,
		  bool take_over, struct lease_time now, struct problem *p)
{
	unsigned char random[16];
	char *copy;

	if (held(lease, now) && !take_over)
		return locked(lease, p);
	copy = strdup(note ? note : "");
	if (!copy || getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		free(copy);
		return problem_set(p, PROBLEM_INTERNAL, "", "no token could be drawn");
	}
	end(lease);
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(lease->token + 2 * i, 3, "%02x", random[i]);
	snprintf(lease->holder, sizeof(lease->holder), "%s", holder);
	lease->note = copy;
	lease->n_acquired++;
	lease->ttl_ns = (int64_t)(ttl_s * 1e9);
	lease->since_utc_ns = now.utc_ns;
	set_end(lease, now);
	return 0;
}

/* The bearer's own lease, still running. */
static int own(const struct lease *lease, const char *token, struct lease_time now,
	       struct problem *p)
{
	if (!held(lease, now))
		return problem_set(p, PROBLEM_NOT_FOUND, "/lease",
				   "this lease has ended; take a new one with lease.acquire");
	if (!same_token(lease, token))
		return locked(lease, p);
	return 0;
}

int lease_renew(struct lease *lease, const char *token, bool dry_run, struct lease_time now,
		struct problem *p)
{
	if (own(lease, token, now, p) < 0)
		return -1;
	if (!dry_run)
		set_end(lease, now);
	return 0;
}

int lease_release(struct lease *lease, const char *token, bool dry_run, struct lease_time now,
		  struct problem *p)
{
	if (own(lease, token, now, p) < 0)
		return -1;
	if (!dry_run)
		end(lease);
	return 0;
}

int lease_check(const struct lease *lease, const char *token, bool required, struct lease_time now,
		struct problem *p)
{
	if (held(lease, now))
		return same_token(lease, token) ? 0 : locked(lease, p);
	if (required)
		return problem_set(
			p, PROBLEM_LOCKED, "",
			"nobody holds the lease, and this daemon demands it: take it with "
			"lease.acquire");
	return 0;
}

bool lease_expire(struct lease *lease, struct lease_time now)
{
	if (!lease->token[0] || held(lease, now))
		return false;
	end(lease);
	return true;
}

uint64_t lease_number(const struct lease *lease)
{
	return lease->token[0] ? lease->n_acquired : 0;
}

int64_t lease_end_ns(const struct lease *lease)
{
	return lease->token[0] ? lease->end_ns : 0;
}

json_t *lease_public(const struct lease *lease)
{
	char since[28], until[28];

	if (!lease->token[0])
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s}", "holder", lease->holder, "note", lease->note,
			 "since_utc", record_utc(lease->since_utc_ns, since, sizeof(since)),
			 "expires_utc", record_utc(lease->end_utc_ns, until, sizeof(until)));
}

json_t *lease_secret(const struct lease *lease)
{
	json_t *all = lease_public(lease);

	if (json_is_object(all))
		json_object_set_new(all, "lease", json_string(lease->token));
	return all;
}
