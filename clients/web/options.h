/* clients/web/options.h - the command line of nudge-web, and the socket it listens at. */
#ifndef CLIENTS_WEB_OPTIONS_H
#define CLIENTS_WEB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_HOSTS 16

struct web_options {
	const char *to;     /* NULL: look around */
	const char *listen; /* "127.0.0.1:7320", "[::1]:7320" */
	bool insecure;      /* another address than the loopback's was asked for in so many words */
	bool operate;       /* may change things */
	const char *key, *server_key;
	const char *pages, *tasks; /* directories */
	unsigned keep_MiB;         /* of recent events, for those who read slowly or come back */
	const char *token_file;    /* NULL: a new token at each start */
	const char
		*hosts[OPTIONS_HOSTS]; /* names by which browsers may call it, beside its address */
	size_t n_hosts;
};

/* -1: go on; else the exit code: it has been said what was wrong, or what was asked. */
int options_read(int argc, char **argv, struct web_options *ret);

struct listening {
	int fd;
	bool ipv6;
	char host[64]; /* "127.0.0.1", "[::1]": as it stands in a URL */
	unsigned port;
};
/* Binds and listens.  0, or -1 and a sentence in why; refuses what others can reach, unless insecure. */
int options_listen(const struct web_options *options, struct listening *ret, char *why,
		   size_t why_size);

#endif
