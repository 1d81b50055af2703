/* clients/nudgectl/cells.c - many runs, each by a `nudged --once` of its own, several at a time. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/nudgectl/bar.h"
#include "clients/nudgectl/cells.h"
#include "clients/nudgectl/context.h"
#include "clients/nudgectl/program.h"

#define SHOW_MS 500 /* how often the bar moves while no cell ends */

struct slot {
	pid_t pid; /* 0: free */
	size_t cell;
};

struct pool {
	const struct cells_setup *setup;
	const struct cell *cells;
	struct cell_result *results;
	size_t n;
	char *nudged;
	struct slot *slots;
	unsigned jobs, busy;
	size_t next; /* place in the order */
	size_t done, failed;
	struct bar bar;
	int signals;     /* signalfd */
	sigset_t before; /* the signal mask that the children get */
	bool interrupted;
	int code;
};

static unsigned cores(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

static void tell(struct pool *pool, size_t i)
{
	if (pool->results[i].status == CELL_DONE)
		pool->done++;
	else
		pool->failed++;
	if (pool->setup->what)
		bar_clear(&pool->bar);
	if (pool->setup->done)
		pool->setup->done(pool->setup->context, i, &pool->results[i]);
	if (pool->setup->what)
		bar_show(&pool->bar, pool->done, pool->failed);
}

/* ---- the children ---- */

static int open_in(const char *directory, const char *name)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	free(path);
	return fd;
}

/* In the child: dies with its parent, does not hear the terminal's Ctrl-C, keeps to one core. */
static void become(const struct pool *pool, char **argv, pid_t parent, int out, int err)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0);
	setenv("OPENBLAS_NUM_THREADS", "1", 0);
	setenv("OMP_NUM_THREADS", "1", 0);
	sigprocmask(SIG_SETMASK, &pool->before, NULL);
	if (dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0)
		_exit(1);
	execv(argv[0], argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static pid_t spawn(const struct pool *pool, size_t i)
{
	const struct cell_result *result = &pool->results[i];
	char **argv = cells_arguments(pool->nudged, &pool->cells[i], result);
	int out = open_in(result->directory, "out.json");
	int err = open_in(result->directory, "stderr");
	pid_t parent = getpid(), pid = -1;

	if (argv && out >= 0 && err >= 0)
		pid = fork();
	if (pid == 0)
		become(pool, argv, parent, out, err);
	if (pid < 0)
		say_failed("cannot begin a run in %s: %s", result->directory, strerror(errno));
	if (out >= 0)
		close(out);
	if (err >= 0)
		close(err);
	cells_arguments_free(argv);
	return pid;
}

static size_t in_order(const struct pool *pool, size_t place)
{
	return pool->setup->order ? pool->setup->order[place] : place;
}

/* Begins cells until all slots are taken; kept ones were told before. */
static void fill(struct pool *pool)
{
	while (pool->busy < pool->jobs && pool->next < pool->n && pool->code == EXIT_FINE) {
		size_t i = in_order(pool, pool->next++);
		struct slot *slot = pool->slots;

		if (pool->results[i].status == CELL_DONE)
			continue;
		pool->code = cells_prepare(pool->setup->directory, &pool->cells[i], true,
					   &pool->results[i]);
		if (pool->code != EXIT_FINE)
			return;
		while (slot->pid)
			slot++;
		slot->cell = i;
		slot->pid = spawn(pool, i);
		if (slot->pid < 0) {
			slot->pid = 0;
			pool->code = EXIT_FAILED;
			return;
		}
		pool->busy++;
	}
}

/* Those that have ended. */
static void reap(struct pool *pool)
{
	for (unsigned k = 0; k < pool->jobs; k++) {
		struct slot *slot = &pool->slots[k];
		int status;

		if (!slot->pid || waitpid(slot->pid, &status, WNOHANG) != slot->pid)
			continue;
		slot->pid = 0;
		pool->busy--;
		cells_finish(&pool->results[slot->cell],
			     WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		tell(pool, slot->cell);
	}
}

/* Nobody is left behind; what they had begun is forgotten. */
static void end_all(struct pool *pool)
{
	for (unsigned k = 0; k < pool->jobs; k++)
		if (pool->slots[k].pid)
			kill(pool->slots[k].pid, SIGKILL);
	for (unsigned k = 0; k < pool->jobs; k++)
		while (pool->slots[k].pid && waitpid(pool->slots[k].pid, NULL, 0) < 0 &&
		       errno == EINTR)
			;
	pool->busy = 0;
}

/* ---- the whole ---- */

static void take_signals(struct pool *pool)
{
	struct signalfd_siginfo info;

	while (read(pool->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			pool->interrupted = true;
}

static void serve(struct pool *pool)
{
	struct pollfd fd = {.fd = pool->signals, .events = POLLIN};

	for (;;) {
		fill(pool);
		if (pool->busy == 0 || pool->interrupted || pool->code != EXIT_FINE)
			break;
		poll(&fd, 1, SHOW_MS);
		take_signals(pool);
		reap(pool);
		if (pool->setup->what)
			bar_show(&pool->bar, pool->done, pool->failed);
	}
	end_all(pool);
}

static int listen_to_signals(struct pool *pool)
{
	struct sigaction child = {.sa_handler = SIG_DFL};
	sigset_t wanted;

	sigaction(SIGCHLD, &child, NULL); /* whoever started us may have told us to ignore it */
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, &pool->before);
	pool->signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
	if (pool->signals >= 0)
		return EXIT_FINE;
	sigprocmask(SIG_SETMASK, &pool->before, NULL);
	return say_failed("cannot listen to signals: %s", strerror(errno));
}

static int by_directory(const void *a, const void *b)
{
	const struct cell_result *const *left = a, *const *right = b;

	return strcmp((*left)->directory, (*right)->directory);
}

/* Two in one directory would write over each other. */
static int refuse_twins(const struct pool *pool)
{
	const struct cell_result **sorted = calloc(pool->n + 1, sizeof(const void *));
	int r = EXIT_FINE;

	if (!sorted)
		return say_failed("no memory for %zu cells", pool->n);
	for (size_t i = 0; i < pool->n; i++)
		sorted[i] = &pool->results[i];
	qsort(sorted, pool->n, sizeof(const void *), by_directory);
	for (size_t i = 1; i < pool->n && r == EXIT_FINE; i++)
		if (!strcmp(sorted[i - 1]->directory, sorted[i]->directory))
			r = say_usage("cells %td and %td are the same (%s): each may be there once",
				      sorted[i - 1] - pool->results + 1,
				      sorted[i] - pool->results + 1,
				      pool->cells[sorted[i] - pool->results].name);
	free(sorted);
	return r;
}

/* Those of an earlier call. */
static int look_back(struct pool *pool)
{
	int r = EXIT_FINE;

	for (size_t i = 0; i < pool->n && r == EXIT_FINE; i++)
		r = cells_prepare(pool->setup->directory, &pool->cells[i], false,
				  &pool->results[i]);
	for (size_t i = 0; i < pool->n && r == EXIT_FINE; i++)
		pool->done += pool->results[i].status == CELL_DONE;
	return r == EXIT_FINE ? refuse_twins(pool) : r;
}

static int run_pool(struct pool *pool)
{
	int r = look_back(pool);

	if (r != EXIT_FINE)
		return r;
	bar_init(&pool->bar, pool->setup->what, pool->n, pool->done, pool->setup->unicode);
	for (size_t i = 0; i < pool->n && pool->setup->done; i++)
		if (pool->results[i].status == CELL_DONE)
			pool->setup->done(pool->setup->context, i, &pool->results[i]);
	if (listen_to_signals(pool) != EXIT_FINE)
		return EXIT_FAILED;
	serve(pool);
	close(pool->signals);
	sigprocmask(SIG_SETMASK, &pool->before, NULL);
	if (pool->setup->what)
		bar_end(&pool->bar, pool->done, pool->failed);
	if (pool->interrupted)
		return say_failed("interrupted: %zu of %zu %s are done; the same command goes on",
				  pool->done, pool->n,
				  pool->setup->what ? pool->setup->what : "cells");
	return pool->code == EXIT_FINE && pool->failed ? EXIT_FAILED : pool->code;
}

int cells_run(const struct cells_setup *setup, const struct cell *cells, size_t n,
	      struct cell_result *results)
{
	struct pool pool = {
		.setup = setup,
		.cells = cells,
		.results = results,
		.n = n,
		.jobs = setup->jobs ? setup->jobs : cores(),
	};
	int lock = cells_lock(setup->directory), r = EXIT_FAILED;

	memset(results, 0, n * sizeof(*results));
	if (lock < 0)
		return EXIT_FAILED;
	pool.nudged = setup->nudged ? strdup(setup->nudged) : program_find("nudged");
	pool.slots = calloc(pool.jobs, sizeof(*pool.slots));
	if (!pool.nudged)
		say_failed("nudged is neither beside nudgectl nor in $PATH: install it there");
	else if (!pool.slots)
		say_failed("no memory for %u runs at a time", pool.jobs);
	else
		r = run_pool(&pool);
	free(pool.nudged);
	free(pool.slots);
	close(lock);
	return r;
}
