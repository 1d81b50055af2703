/* tests/unit/card_bench.c - the card's server in a thread: polls, serves, and can be held still. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sim_backend/benchd/card_wire.h"
#include "tests/unit/card_bench.h"

struct card_bench {
	char folder[64], path[96];
	struct world world;
	struct card *card;
	pthread_t thread;
	pthread_mutex_t still; /* over world, card and rounds */
	pthread_cond_t served;
	unsigned long rounds;
	int wake_fd;
	bool stopping;
};

static void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(99);
}

void card_bench_use_standin(char **argv)
{
	const char *top = getenv("builddir"), *before = getenv("LD_LIBRARY_PATH");
	char path[4096];

	snprintf(path, sizeof(path), "%s/sim_backend/benchd/standin/.libs", top ? top : ".");
	if (before && strncmp(before, path, strlen(path)) == 0)
		return;
	if (before && *before) {
		size_t n = strlen(path);
		snprintf(path + n, sizeof(path) - n, ":%s", before);
	}
	setenv("LD_LIBRARY_PATH", path, 1);
	execv("/proc/self/exe", argv);
	die("execv");
}

static void *serve(void *arg)
{
	struct card_bench *bench = arg;
	struct pollfd fds[CARD_POLLFDS + 1];
	uint64_t count;

	for (;;) {
		pthread_mutex_lock(&bench->still);
		if (bench->stopping) {
			pthread_mutex_unlock(&bench->still);
			return NULL;
		}
		size_t n = card_pollfds(bench->card, fds);
		pthread_mutex_unlock(&bench->still);
		fds[n] = (struct pollfd){.fd = bench->wake_fd, .events = POLLIN};
		if (poll(fds, n + 1, -1) < 0 && errno != EINTR)
			die("poll");
		pthread_mutex_lock(&bench->still);
		if (fds[n].revents && read(bench->wake_fd, &count, sizeof(count)) < 0)
			die("eventfd");
		card_serve(bench->card, fds, n);
		bench->rounds += fds[n].revents != 0;
		pthread_cond_broadcast(&bench->served);
		pthread_mutex_unlock(&bench->still);
	}
}

struct card_bench *card_bench_start(void)
{
	struct card_bench *bench = calloc(1, sizeof(*bench));
	struct world_error err;

	if (!bench)
		die("calloc");
	strcpy(bench->folder, "/tmp/card-XXXXXX");
	if (!mkdtemp(bench->folder))
		die(bench->folder);
	snprintf(bench->path, sizeof(bench->path), "%s/card", bench->folder);
	bench->world.present = true;
	if (card_open(&bench->world, bench->path, &bench->card, &err) < 0)
		die(err.text);
	setenv(CARD_WIRE_VARIABLE, bench->path, 1);
	pthread_mutex_init(&bench->still, NULL);
	pthread_cond_init(&bench->served, NULL);
	bench->wake_fd = eventfd(0, EFD_CLOEXEC);
	if (bench->wake_fd < 0 || pthread_create(&bench->thread, NULL, serve, bench) != 0)
		die("pthread_create");
	return bench;
}

static void wake(struct card_bench *bench)
{
	if (eventfd_write(bench->wake_fd, 1) < 0)
		die("eventfd");
}

void card_bench_stop(struct card_bench *bench)
{
	card_bench_hold(bench);
	bench->stopping = true;
	card_bench_go_on(bench);
	wake(bench);
	pthread_join(bench->thread, NULL);
	card_close(bench->card);
	close(bench->wake_fd);
	pthread_cond_destroy(&bench->served);
	pthread_mutex_destroy(&bench->still);
	rmdir(bench->folder);
	free(bench);
}

const char *card_bench_path(const struct card_bench *bench)
{
	return bench->path;
}

struct world *card_bench_hold(struct card_bench *bench)
{
	pthread_mutex_lock(&bench->still);
	return &bench->world;
}

void card_bench_go_on(struct card_bench *bench)
{
	pthread_mutex_unlock(&bench->still);
}

struct card_counts card_bench_counts(struct card_bench *bench)
{
	struct card_counts counts;

	card_bench_hold(bench);
	card_counts(bench->card, &counts);
	card_bench_go_on(bench);
	return counts;
}

void card_bench_nudge(struct card_bench *bench)
{
	pthread_mutex_lock(&bench->still);
	unsigned long before = bench->rounds;
	wake(bench);
	while (bench->rounds == before)
		pthread_cond_wait(&bench->served, &bench->still);
	pthread_mutex_unlock(&bench->still);
}
