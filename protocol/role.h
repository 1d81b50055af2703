/* protocol/role.h - who may do what: each role may also do what the ones before it may. */
#ifndef PROTOCOL_ROLE_H
#define PROTOCOL_ROLE_H

enum role {
	ROLE_NONE = 0, /* nothing at all */
	ROLE_OBSERVER, /* reads, and hears the streams */
	ROLE_OPERATOR, /* changes things, starts and stops runs */
	ROLE_ADMIN,    /* gives and takes keys, takes over other people's leases */
};

const char *role_word(enum role role);    /* "none", "observer", "operator", "admin" */
enum role role_of_word(const char *word); /* ROLE_NONE: no role of that name */

#endif
