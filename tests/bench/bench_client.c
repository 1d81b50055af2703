/* tests/bench/bench_client.c - starts a daemon for a benchmark and talks to it. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

#include "tests/bench/bench.h"
#include "tests/bench/bench_client.h"

static pid_t start_daemon(const char *nudged, const char *rig, const char *dir)
{
	char db[512], line[256];
	int out[2];
	pid_t pid;
	FILE *f;

	snprintf(db, sizeof(db), "%s/daemon.db", dir);
	if (pipe(out) != 0)
		bench_die("pipe");
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(nudged, nudged, "--user", "--runtime", dir, "--db", db, "--rig", rig,
		      (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	if (!f || !fgets(line, sizeof(line), f))
		bench_die("%s did not get ready", nudged);
	fclose(f);
	return pid;
}

void *bench_socket(void *context, int type, const char *dir, const char *name)
{
	void *socket = zmq_socket(context, type);
	int timeout_ms = 60000;
	int hwm = 0;
	char address[600];

	snprintf(address, sizeof(address), "ipc://%s/%s.sock", dir, name);
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof(timeout_ms));
	zmq_setsockopt(socket, ZMQ_RCVHWM, &hwm, sizeof(hwm));
	if (zmq_connect(socket, address) != 0)
		bench_die("%s: %s", address, zmq_strerror(zmq_errno()));
	return socket;
}

json_t *bench_call(struct bench_client *c, const char *method, json_t *params)
{
	json_t *request = json_pack("{s:s,s:i,s:s,s:o}", "jsonrpc", "2.0", "id", ++c->next_id,
				    "method", method, "params", params);
	char *text = json_dumps(request, JSON_COMPACT);
	char *reply;
	json_t *answer;
	zmq_msg_t msg;

	zmq_send(c->control, text, strlen(text), 0);
	free(text);
	json_decref(request);
	zmq_msg_init(&msg);
	if (zmq_msg_recv(&msg, c->control, 0) < 0)
		bench_die("%s: no reply in 60 s", method);
	reply = strndup(zmq_msg_data(&msg), zmq_msg_size(&msg));
	zmq_msg_close(&msg);
	answer = json_loads(reply, 0, NULL);
	if (!json_object_get(answer, "result"))
		bench_die("%s: %s", method, reply);
	free(reply);
	return answer;
}

json_t *bench_allostery(long steps)
{
	return json_pack(
		"{s:s,s:s,s:[i,i,i],s:[i,i,i],s:{s:[{s:[f,f,f],s:[f,f,f]}]},s:{s:f,s:f},s:{s:I}}",
		"task", "flat out", "kind", "allostery", "sources", 0, 2, 7, "targets", 3, 5, 4,
		"train", "examples", "source_V", 5., 1., 0., "target_V", 3., 3., 3., "params",
		"eta", 0.2, "p", 1., "stop", "steps", (json_int_t)steps);
}

void bench_start(struct bench_client *c, const char *nudged, const char *rig, const char *dir)
{
	*c = (struct bench_client){.pid = start_daemon(nudged, rig, dir), .context = zmq_ctx_new()};
	c->control = bench_socket(c->context, ZMQ_DEALER, dir, "control");
	c->stream = bench_socket(c->context, ZMQ_SUB, dir, "stream");
}

void bench_stop(struct bench_client *c)
{
	int status;

	zmq_close(c->control);
	zmq_close(c->stream);
	zmq_ctx_destroy(c->context);
	kill(c->pid, SIGTERM);
	if (waitpid(c->pid, &status, 0) != c->pid || status != 0)
		bench_die("nudged ended with status %d", status);
}

void bench_skip(void *socket)
{
	size_t size = sizeof(int);
	int more = 1;

	while (more) {
		zmq_msg_t msg;

		zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, socket, 0) < 0)
			bench_die("nothing received: %s", zmq_strerror(zmq_errno()));
		zmq_msg_close(&msg);
		zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
	}
}

void bench_subscribe(struct bench_client *c, const char *topic)
{
	static const char welcome[] = "welcome.bench.";

	zmq_setsockopt(c->stream, ZMQ_SUBSCRIBE, topic, strlen(topic));
	zmq_setsockopt(c->stream, ZMQ_SUBSCRIBE, welcome, strlen(welcome));
	bench_skip(c->stream);
}
