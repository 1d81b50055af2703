/* sim_backend/benchd/benchd.c - nudge-benchd: the bench of a rig file, played on the wires that nudged uses. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/rig_file.h"
#include "sim_backend/benchd/card.h"
#include "sim_backend/benchd/control.h"
#include "sim_backend/benchd/options.h"
#include "sim_backend/benchd/slave_rtu.h"
#include "sim_backend/benchd/slave_tcp.h"
#include "sim_backend/clock.h"

enum { WRONG_USE = 2, FAILED = 1 };

struct benchd {
	struct rig_config *config;
	struct world *world;
	struct card *card;
	struct control *control;
	struct slave_rtu *rtu; /* NULL: boards are elsewhere */
	struct slave_tcp *tcp;
	int signal_fd;
	struct pollfd
		fds[CARD_POLLFDS + CONTROL_POLLFDS + SLAVE_RTU_POLLFDS + SLAVE_TCP_POLLFDS + 1];
};

/* ---- opening ---- */

static int say(const char *text)
{
	fprintf(stderr, "nudge-benchd: %s\n", text);
	return -1;
}

static int load(struct benchd *b, const struct options *options)
{
	struct problem p;
	json_t *json;

	if (rig_file_load(options->rig, &b->config, &json, &p) < 0) {
		fprintf(stderr, "nudge-benchd: %s\n", p.message);
		return -1;
	}
	json_decref(json);
	if (strcmp(b->config->backend, "bench") == 0)
		return 0;
	fprintf(stderr,
		"nudge-benchd: %s: backend is '%s': a bench is played of a rig file with backend: "
		"bench\n",
		options->rig, b->config->backend);
	return -1;
}

static int open_boards(struct benchd *b, const struct options *options, struct world_error *err)
{
	const struct boards_config *boards = &b->config->boards;
	bool none = !options->rtu && !options->tcp;
	const struct slave_rtu_options rtu = {.link = options->rtu ? options->rtu
								   : boards->device[0],
					      .baud = boards->baud,
					      .pace = options->pace};
	char place[1][108];
	int r = 0;

	if (options->tcp && strlen(options->tcp) >= sizeof(place[0])) {
		snprintf(err->text, sizeof(err->text), "--tcp %.100s: longer than %zu bytes",
			 options->tcp, sizeof(place[0]) - 1);
		return -ENAMETOOLONG;
	}
	if (options->rtu || (none && boards->driver == BOARDS_RTU))
		r = slave_rtu_open(b->world, &rtu, &b->rtu, err);
	if (r == 0 && options->tcp) {
		strcpy(place[0], options->tcp);
		r = slave_tcp_open(b->world, (const char(*)[108])place, 1, &b->tcp, err);
	} else if (r == 0 && none && boards->driver == BOARDS_TCP) {
		r = slave_tcp_open(b->world, (const char(*)[108])boards->device, boards->n_devices,
				   &b->tcp, err);
	}
	return r;
}

static int open_signals(struct benchd *b)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	sigprocmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	b->signal_fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	return b->signal_fd < 0 ? say(strerror(errno)) : 0;
}

static int open_all(struct benchd *b, const struct options *options)
{
	struct world_error err;
	int r;

	b->signal_fd = -1;
	if (load(b, options) < 0 || open_signals(b) < 0)
		return -1;
	r = world_new(b->config, options->seed, clock_monotonic_ns(), &b->world, &err);
	if (r == 0)
		r = card_open(b->world, options->card, &b->card, &err);
	if (r == 0)
		r = control_open(b->world, options->control, &b->control, &err);
	if (r == 0)
		r = open_boards(b, options, &err);
	return r < 0 ? say(err.text) : 0;
}

static void close_all(struct benchd *b)
{
	slave_tcp_close(b->tcp);
	slave_rtu_close(b->rtu);
	control_close(b->control);
	card_close(b->card);
	world_free(b->world);
	rig_config_free(b->config);
	if (b->signal_fd >= 0)
		close(b->signal_fd);
}

/* ---- the loop ---- */

static void say_ready(const struct benchd *b, const struct options *options)
{
	printf("nudge-benchd: ready card=%s control=%s boards=", options->card, options->control);
	if (b->rtu)
		printf("rtu:%s", options->rtu ? options->rtu : b->config->boards.device[0]);
	if (b->rtu && b->tcp)
		printf(",");
	if (b->tcp)
		printf("tcp:%s", slave_tcp_place(b->tcp, 0));
	printf("\n");
	fflush(stdout);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t due_ns(const struct benchd *b)
{
	int64_t due = world_due_ns(b->world);

	if (b->rtu)
		due = earlier(due, slave_rtu_due_ns(b->rtu));
	if (b->tcp)
		due = earlier(due, slave_tcp_due_ns(b->tcp));
	return due;
}

static size_t collect(struct benchd *b)
{
	size_t n = 0;

	b->fds[n++] = (struct pollfd){.fd = b->signal_fd, .events = POLLIN};
	n += card_pollfds(b->card, b->fds + n);
	n += control_pollfds(b->control, b->fds + n);
	if (b->rtu)
		n += slave_rtu_pollfds(b->rtu, b->fds + n);
	if (b->tcp)
		n += slave_tcp_pollfds(b->tcp, b->fds + n);
	return n;
}

static int wait_until(struct pollfd *fds, size_t n, int64_t when_ns)
{
	int64_t left_ns = when_ns - clock_monotonic_ns();
	struct timespec left;

	if (when_ns == INT64_MAX)
		return ppoll(fds, n, NULL, NULL);
	left_ns = left_ns < 0 ? 0 : left_ns;
	left.tv_sec = left_ns / 1000000000;
	left.tv_nsec = left_ns % 1000000000;
	return ppoll(fds, n, &left, NULL);
}

static int run(struct benchd *b)
{
	for (;;) {
		size_t n = collect(b);

		if (wait_until(b->fds, n, due_ns(b)) < 0 && errno != EINTR)
			return say(strerror(errno));
		if (b->fds[0].revents)
			return 0;
		world_advance(b->world, clock_monotonic_ns());
		card_serve(b->card, b->fds, n);
		if (b->rtu)
			slave_rtu_serve(b->rtu, clock_monotonic_ns());
		if (b->tcp)
			slave_tcp_serve(b->tcp, b->fds, n, clock_monotonic_ns());
		control_serve(b->control, b->fds, n);
	}
}

int main(int argc, char **argv)
{
	static struct benchd b;
	struct options options;
	int r;

	options_read(argc, argv, &options);
	switch (options.what) {
	case OPTIONS_WRONG:
		return WRONG_USE;
	case OPTIONS_HELP:
		printf("%s", options_usage);
		return 0;
	case OPTIONS_VERSION:
		printf("nudge-benchd %s\n", PACKAGE_VERSION);
		return 0;
	case OPTIONS_RUN:
		break;
	}
	prctl(PR_SET_TIMERSLACK, 1); /* answers come at their time */
	r = open_all(&b, &options);
	if (r == 0) {
		say_ready(&b, &options);
		r = run(&b);
	}
	close_all(&b);
	return r < 0 ? FAILED : 0;
}
