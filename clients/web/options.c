/* clients/web/options.c - the command line of nudge-web, and the socket it listens at. */
#include "config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/web/options.h"
#include "clients/web/places.h"

#define BACKLOG 64
#define SEND_BYTES                                                                                 \
	(256 *                                                                                     \
	 1024) /* that the kernel holds for a browser that does not read; accepted sockets have it, too */

static const char usage[] =
	"usage: nudge-web [OPTION ...]\n"
	"Serves nudged's dashboard to browsers on this machine, and prints its address.\n"
	"\n"
	"  --to ADDRESS         of nudged: ipc://DIR or tcp://HOST:PORT; else it looks around\n"
	"  --listen HOST:PORT   where browsers find it (127.0.0.1:7320); port 0: a free one\n"
	"  --insecure           allows an address that other machines reach: HTTP hides nothing from\n"
	"                       those in between, the token included\n"
	"  --operate            lets the page change things; without it the page only looks on\n"
	"  --allow-host NAME    another name by which browsers call it (may be repeated)\n"
	"  --key FILE           own pair of keys, for nudged over TCP\n"
	"  --server-key KEY     nudged's public key, or a file that has it\n"
	"  --token-file FILE    keeps the token there, so that bookmarks outlive a restart\n"
	"  --keep-MiB N         recent events that are kept for slow and returning browsers (32)\n"
	"  --pages DIR          the page's files\n"
	"  --tasks DIR          task files that the page offers\n"
	"  --help, --version\n";

enum {
	O_TO = 256,
	O_LISTEN,
	O_INSECURE,
	O_OPERATE,
	O_HOST,
	O_KEY,
	O_SERVER_KEY,
	O_TOKEN,
	O_KEEP,
	O_PAGES,
	O_TASKS,
	O_HELP,
	O_VERSION
};

static const struct option known[] = {
	{"to", required_argument, NULL, O_TO},
	{"listen", required_argument, NULL, O_LISTEN},
	{"insecure", no_argument, NULL, O_INSECURE},
	{"operate", no_argument, NULL, O_OPERATE},
	{"allow-host", required_argument, NULL, O_HOST},
	{"key", required_argument, NULL, O_KEY},
	{"server-key", required_argument, NULL, O_SERVER_KEY},
	{"token-file", required_argument, NULL, O_TOKEN},
	{"keep-MiB", required_argument, NULL, O_KEEP},
	{"pages", required_argument, NULL, O_PAGES},
	{"tasks", required_argument, NULL, O_TASKS},
	{"help", no_argument, NULL, O_HELP},
	{"version", no_argument, NULL, O_VERSION},
	{0},
};

static int add_host(struct web_options *o, const char *name)
{
	if (o->n_hosts == OPTIONS_HOSTS) {
		fprintf(stderr, "nudge-web: more than %d times --allow-host\n", OPTIONS_HOSTS);
		return 2;
	}
	o->hosts[o->n_hosts++] = name;
	return -1;
}

static int keep(struct web_options *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)text[0]) || *end || n < 1 || n > 4096) {
		fprintf(stderr, "nudge-web: --keep-MiB %s: expected a number from 1 to 4096\n",
			text);
		return 2;
	}
	o->keep_MiB = (unsigned)n;
	return -1;
}

static int take(struct web_options *o, int option)
{
	switch (option) {
	case O_TO:
		o->to = optarg;
		return -1;
	case O_LISTEN:
		o->listen = optarg;
		return -1;
	case O_INSECURE:
		o->insecure = true;
		return -1;
	case O_OPERATE:
		o->operate = true;
		return -1;
	case O_HOST:
		return add_host(o, optarg);
	case O_KEY:
		o->key = optarg;
		return -1;
	case O_SERVER_KEY:
		o->server_key = optarg;
		return -1;
	case O_TOKEN:
		o->token_file = optarg;
		return -1;
	case O_KEEP:
		return keep(o, optarg);
	case O_PAGES:
		o->pages = optarg;
		return -1;
	case O_TASKS:
		o->tasks = optarg;
		return -1;
	case O_HELP:
		fputs(usage, stdout);
		return 0;
	case O_VERSION:
		printf("nudge-web %s\n", PACKAGE_VERSION);
		return 0;
	default: /* getopt said what */
		fputs("nudge-web --help lists the options\n", stderr);
		return 2;
	}
}

int options_read(int argc, char **argv, struct web_options *ret)
{
	int option, r = -1;

	*ret = (struct web_options){
		.listen = "127.0.0.1:7320",
		.keep_MiB = 32,
	};
	while (r < 0 && (option = getopt_long(argc, argv, "", known, NULL)) != -1)
		r = take(ret, option);
	if (r < 0 && optind < argc) {
		fprintf(stderr, "nudge-web: \"%s\": it takes options alone; see --help\n",
			argv[optind]);
		r = 2;
	}
	if (!ret->pages)
		ret->pages = places_find("clients/web/page", NUDGE_WEB_PAGES);
	if (!ret->tasks)
		ret->tasks = places_find("docs/experiments", NUDGE_WEB_TASKS);
	return r;
}

/* ---- the socket ---- */

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
	return address->sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

/* "HOST:PORT", "[HOST]:PORT" apart.  The host must be an address: a name may mean another one tomorrow. */
static int split(const char *text, char host[64], const char **ret_port)
{
	const char *colon = strrchr(text, ':');
	size_t n;

	if (!colon || !colon[1])
		return -1;
	n = (size_t)(colon - text);
	if (text[0] == '[') {
		if (n < 3 || text[n - 1] != ']')
			return -1;
		text++;
		n -= 2;
	} else if (memchr(text, ':', n)) {
		return -1;
	}
	if (n == 0 || n >= 64)
		return -1;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!strcmp(host, "localhost"))
		strcpy(host, "127.0.0.1");
	*ret_port = colon + 1;
	return 0;
}

static int bound(const struct addrinfo *at, struct listening *ret)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	const int yes = 1, send_bytes = SEND_BYTES;
	char host[48], port[8];

	ret->fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret->fd < 0 || setsockopt(ret->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
	    setsockopt(ret->fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)) < 0 ||
	    bind(ret->fd, at->ai_addr, at->ai_addrlen) < 0 || listen(ret->fd, BACKLOG) < 0 ||
	    getsockname(ret->fd, (struct sockaddr *)&address, &size) < 0 ||
	    getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return -errno;
	ret->ipv6 = at->ai_family == AF_INET6;
	ret->port = (unsigned)strtoul(port, NULL, 10);
	snprintf(ret->host, sizeof(ret->host), ret->ipv6 ? "[%s]" : "%s", host);
	return 0;
}

int options_listen(const struct web_options *options, struct listening *ret, char *why,
		   size_t why_size)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC,
				       .ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *found;
	const char *port;
	char host[64];
	int r;

	if (split(options->listen, host, &port) < 0 || getaddrinfo(host, port, &hints, &found)) {
		snprintf(why, why_size,
			 "--listen %s: expected an address and a port, as 127.0.0.1:7320 or "
			 "[::1]:7320",
			 options->listen);
		return -1;
	}
	if (!is_loopback(found->ai_addr) && !options->insecure) {
		freeaddrinfo(found);
		snprintf(why, why_size,
			 "--listen %s: other machines reach that address, and HTTP hides nothing "
			 "from those in between: use ssh -L 7320:127.0.0.1:7320 to here, or say "
			 "--insecure",
			 options->listen);
		return -1;
	}
	r = bound(found, ret);
	freeaddrinfo(found);
	if (r == 0)
		return 0;
	snprintf(why, why_size, "--listen %s: %s", options->listen, strerror(-r));
	if (ret->fd >= 0)
		close(ret->fd);
	return -1;
}
