/* tests/bench/bench_client.h - a daemon of a benchmark's own, and plain sockets to it. */
#ifndef TESTS_BENCH_BENCH_CLIENT_H
#define TESTS_BENCH_BENCH_CLIENT_H

#include <sys/types.h>

#include <jansson.h>

struct bench_client {
	void *context, *control, *stream;
	int next_id;
	pid_t pid;
};

/* Starts nudged on dir (sockets, daemon.db), waits for its ready line, connects.  All of these end the program
 * with a sentence when something fails; every receive has a deadline of 60 s. */
void bench_start(struct bench_client *c, const char *nudged, const char *rig, const char *dir);
void bench_stop(struct bench_client *c);
void *bench_socket(void *context, int type, const char *dir, const char *name);
void bench_subscribe(struct bench_client *c, const char *topic); /* returns when it stands */
/* The whole reply; params is taken over. */
json_t *bench_call(struct bench_client *c, const char *method, json_t *params);
void bench_skip(void *socket); /* receives one message, all its frames */
json_t *bench_allostery(long steps);

#endif
