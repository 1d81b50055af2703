/* daemon/readers.c - threads that take work off one queue, each with its own read-only connection. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/readers.h"

#define MOST_WAITING 256
#define DEADLINE_S   10.0
#define MAX_THREADS  16
#define READER_NICE  10

struct job {
	uint64_t token;
	readers_function *function;
	void *work;
};

struct reader {
	struct readers *readers;
	struct history *history;
	pthread_t thread;
};

struct readers {
	struct mailbox *answers; /* one writer at a time: under answer_lock */
	pthread_mutex_t answer_lock;

	pthread_mutex_t lock; /* guards the queue */
	pthread_cond_t not_empty;
	struct job jobs[MOST_WAITING];
	size_t first, count;
	bool stopping;

	unsigned n;
	struct reader reader[MAX_THREADS];
};

/* False: the end. */
static bool take(struct readers *readers, struct job *ret)
{
	bool got;

	pthread_mutex_lock(&readers->lock);
	while (readers->count == 0 && !readers->stopping)
		pthread_cond_wait(&readers->not_empty, &readers->lock);
	got = !readers->stopping;
	if (got) {
		*ret = readers->jobs[readers->first];
		readers->first = (readers->first + 1) % MOST_WAITING;
		readers->count--;
	}
	pthread_mutex_unlock(&readers->lock);
	return got;
}

static bool is_stopping(struct readers *readers)
{
	bool stopping;

	pthread_mutex_lock(&readers->lock);
	stopping = readers->stopping;
	pthread_mutex_unlock(&readers->lock);
	return stopping;
}

static bool try_deliver(struct readers *readers, const struct readers_answer *answer)
{
	bool put;

	pthread_mutex_lock(&readers->answer_lock);
	put = mailbox_try_put(readers->answers, answer);
	pthread_mutex_unlock(&readers->answer_lock);
	return put;
}

/* Waits while the box is full, unless the end has come: then nobody reads it. */
static void deliver(struct readers *readers, struct readers_answer *answer)
{
	while (!try_deliver(readers, answer)) {
		struct pollfd pause = {.fd = -1};

		if (is_stopping(readers)) {
			json_decref(answer->result);
			history_frames_free(&answer->frames);
			problem_clear(&answer->problem);
			return;
		}
		(void)poll(&pause, 1, 1);
	}
}

static void *run_reader(void *argument)
{
	struct reader *reader = argument;
	struct job job;

	/* a long query must not take the processor from the rig, the store or an abort */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), READER_NICE);
	while (take(reader->readers, &job)) {
		struct readers_answer answer = {.token = job.token, .work = job.work};

		history_deadline(reader->history, DEADLINE_S);
		job.function(reader->history, job.work, &answer);
		deliver(reader->readers, &answer);
	}
	return NULL;
}

static int start_one(struct readers *readers, const char *file, struct problem *p)
{
	struct reader *reader = &readers->reader[readers->n];

	reader->readers = readers;
	if (history_open(file, &reader->history, p) < 0)
		return -1;
	if (pthread_create(&reader->thread, NULL, run_reader, reader) != 0) {
		history_close(reader->history);
		return problem_set(p, PROBLEM_INTERNAL, "", "cannot start a reader's thread");
	}
	readers->n++;
	return 0;
}

int readers_start(const char *file, unsigned n_threads, struct mailbox *answers,
		  struct readers **ret, struct problem *p)
{
	struct readers *readers = calloc(1, sizeof(*readers));

	if (!readers)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for readers");
	readers->answers = answers;
	pthread_mutex_init(&readers->lock, NULL);
	pthread_mutex_init(&readers->answer_lock, NULL);
	pthread_cond_init(&readers->not_empty, NULL);
	for (unsigned i = 0; i < n_threads && i < MAX_THREADS; i++)
		if (start_one(readers, file, p) < 0) {
			readers_stop(readers);
			return -1;
		}
	*ret = readers;
	return 0;
}

bool readers_post(struct readers *readers, uint64_t token, readers_function *function, void *work)
{
	bool room;

	pthread_mutex_lock(&readers->lock);
	room = readers->count < MOST_WAITING;
	if (room)
		readers->jobs[(readers->first + readers->count++) % MOST_WAITING] =
			(struct job){.token = token, .function = function, .work = work};
	pthread_cond_signal(&readers->not_empty);
	pthread_mutex_unlock(&readers->lock);
	return room;
}

static void answer_unserved(struct readers *readers, const struct job *job)
{
	struct readers_answer answer = {.token = job->token, .work = job->work};

	problem_set(&answer.problem, PROBLEM_STATE, "", "the daemon is stopping");
	deliver(readers, &answer);
}

void readers_stop(struct readers *readers)
{
	if (!readers)
		return;
	pthread_mutex_lock(&readers->lock);
	readers->stopping = true;
	pthread_cond_broadcast(&readers->not_empty);
	pthread_mutex_unlock(&readers->lock);
	for (unsigned i = 0; i < readers->n; i++)
		history_interrupt(readers->reader[i].history);
	for (unsigned i = 0; i < readers->n; i++) {
		pthread_join(readers->reader[i].thread, NULL);
		history_close(readers->reader[i].history);
	}
	for (; readers->count > 0; readers->count--, readers->first++)
		answer_unserved(readers, &readers->jobs[readers->first % MOST_WAITING]);
	pthread_cond_destroy(&readers->not_empty);
	pthread_mutex_destroy(&readers->answer_lock);
	pthread_mutex_destroy(&readers->lock);
	free(readers);
}
