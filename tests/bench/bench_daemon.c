/* tests/bench/bench_daemon.c - the whole daemon flat out, against the same work in one bare loop (P5).
 *
 * In turns, several rounds: (a) `nudged` with its full log and one subscriber that must end up with every
 * step; (b) solver + bare SQLite + bare PUB in one loop, same row, same durability, one subscriber; (c) once, a
 * Python script with numpy, pyzmq and sqlite3.
 *
 * usage: bench_daemon NUDGED RIG-FILE SCRATCH-DIRECTORY [STEPS [ROUNDS]]
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <sqlite3.h>
#include <zmq.h>

#include "daemon/rig_file.h"
#include "drivers/rig.h"
#include "protocol/record.h"
#include "tests/bench/bench.h"
#include "tests/bench/bench_bare.h"
#include "tests/bench/bench_client.h"

static const uint32_t sources[3] = {0, 2, 7}, targets[3] = {3, 5, 4};
static const uint32_t measured[9] = {3, 5, 4, 0, 1, 2, 6, 7, 8};
static const double source_V[3] = {5, 1, 0}, target_V[3] = {3, 3, 3};

/* ---- (a) the daemon ---- */

struct seen {
	long rows, missed, next;
};

static void take_page(struct bench_client *c, struct seen *seen)
{
	zmq_msg_t msg;
	int part = 0;
	size_t more_size = sizeof(int);
	int more = 1;

	while (more) {
		zmq_msg_init(&msg);
		if (zmq_msg_recv(&msg, c->stream, 0) < 0)
			bench_die("the stream fell silent: %ld rows seen", seen->rows);
		if (part == 1) {
			json_t *header =
				json_loadb(zmq_msg_data(&msg), zmq_msg_size(&msg), 0, NULL);
			long step = (long)json_integer_value(json_object_get(header, "step"));
			long n = (long)json_integer_value(json_object_get(header, "n"));

			if (step > seen->next)
				seen->missed += step - seen->next;
			seen->next = step + n;
			seen->rows += n;
			json_decref(header);
		}
		zmq_msg_close(&msg);
		zmq_getsockopt(c->stream, ZMQ_RCVMORE, &more, &more_size);
		part++;
	}
}

/* What the stream skipped, fetched again in pages, as any client would. */
static void refill(struct bench_client *c, json_int_t run, long steps, struct seen *seen)
{
	long from = 0;
	long fetched = 0;

	if (seen->missed == 0 && seen->rows == steps)
		return;
	while (from < steps) {
		json_t *request = json_pack("{s:s,s:i,s:s,s:{s:I,s:I,s:I}}", "jsonrpc", "2.0", "id",
					    ++c->next_id, "method", "stream.fetch", "params", "run",
					    run, "from_step", (json_int_t)from, "to_step",
					    (json_int_t)(steps - 1));
		char *text = json_dumps(request, JSON_COMPACT);
		int more = 1;
		size_t more_size = sizeof(more);
		long n = 0;

		json_decref(request);
		zmq_send(c->control, text, strlen(text), 0);
		free(text);
		for (int part = 0; more; part++) {
			zmq_msg_t msg;

			zmq_msg_init(&msg);
			if (zmq_msg_recv(&msg, c->control, 0) < 0)
				bench_die("stream.fetch: no reply");
			if (part == 0) {
				json_t *a =
					json_loadb(zmq_msg_data(&msg), zmq_msg_size(&msg), 0, NULL);

				n = (long)json_integer_value(
					json_object_get(json_object_get(a, "result"), "n"));
				json_decref(a);
			}
			zmq_msg_close(&msg);
			zmq_getsockopt(c->control, ZMQ_RCVMORE, &more, &more_size);
		}
		if (n <= 0)
			bench_die("stream.fetch gave nothing from step %ld on", from);
		from += n;
		fetched += n;
	}
	if (fetched != steps)
		bench_die("fetched %ld of %ld steps", fetched, steps);
}

/* Steps a second, from the submission to the last step both durable and seen. */
static double daemon_round(const char *nudged, const char *rig, const char *dir, long steps,
			   long *ret_missed)
{
	struct bench_client c = {0};
	struct seen seen = {0};
	json_t *answer;
	json_int_t run;
	double began, s;

	bench_start(&c, nudged, rig, dir);
	bench_subscribe(&c, "step.");
	began = bench_now_s();
	answer = bench_call(&c, "run.submit", json_pack("{s:o}", "task", bench_allostery(steps)));
	run = json_integer_value(json_object_get(json_object_get(answer, "result"), "run"));
	json_decref(answer);
	while (seen.next < steps)
		take_page(&c, &seen);
	json_decref(
		bench_call(&c, "run.wait", json_pack("{s:I,s:f}", "run", run, "timeout_s", 50.)));
	refill(&c, run, steps, &seen);
	s = bench_now_s() - began;
	*ret_missed = seen.missed;
	bench_stop(&c);
	return (double)steps / s;
}

/* ---- (b) the same work in one loop ---- */

struct subscriber {
	void *socket;
	long rows, steps;
};

static void *subscribe(void *arg)
{
	struct subscriber *s = arg;
	struct bench_client c = {.stream = s->socket};
	struct seen seen = {0};

	while (seen.next < s->steps)
		take_page(&c, &seen);
	s->rows = seen.rows;
	return NULL;
}

static void bare_page(void *publisher, const struct record_array *arrays, char *rows, size_t stride,
		      size_t n, uint64_t seq)
{
	static char column[RECORD_MAX_BYTES];
	char header[512];
	struct record_page page = {.boot = "bench",
				   .seq = seq,
				   .prev = seq - 1,
				   .run = 1,
				   .n = n,
				   .desc = 1,
				   .step = record_head(rows)->step};

	zmq_send(publisher, "step.00000001.", 14, ZMQ_SNDMORE);
	zmq_send(publisher, header, record_header(&page, header, sizeof(header)), ZMQ_SNDMORE);
	for (int i = 0; i < RECORD_ARRAYS; i++) {
		record_gather(&arrays[i], rows, stride, n, column);
		zmq_send(publisher, column, n * arrays[i].width * arrays[i].item_bytes,
			 i < RECORD_ARRAYS - 1 ? ZMQ_SNDMORE : 0);
	}
}

static struct rig *open_rig(const char *file)
{
	const struct rig_session session = {.sources = sources,
					    .n_sources = 3,
					    .targets = targets,
					    .n_targets = 3,
					    .measured = measured,
					    .n_measured = 9,
					    .seed = 1};
	struct rig_config *config;
	json_t *json = NULL;
	struct rig_error err;
	struct problem p = {0};
	struct rig *rig;

	if (rig_file_load(file, &config, &json, &p) != 0)
		bench_die("%s", p.message);
	if (rig_open(config, &rig, &err) != 0)
		bench_die("%s", err.text);
	json_decref(json);
	rig_config_free(config);
	if (rig_begin(rig, &session) != 0 || rig_set_update(rig, 1, 0) != 0)
		bench_die("%s", rig_error(rig)->text);
	return rig;
}

static void bare_step(struct rig *rig, const struct record_layout *l, long step, void *row)
{
	struct record_head *h = row;
	double *free_V = record_reals(row, l->free_V);
	struct rig_request request = {.n_examples = 1,
				      .step = (uint64_t)step,
				      .source_V = source_V,
				      .target_V = target_V,
				      .eta = 0.2,
				      .ticks = 1,
				      .clamp = true};
	double unused[3];
	struct rig_record record = {.free_V = free_V,
				    .clamped_V = record_reals(row, l->clamped_V),
				    .target_free_V = unused,
				    .clamp_V = record_reals(row, l->clamp_V),
				    .wiper = record_bytes(row, l->wiper),
				    .updated = record_bytes(row, l->updated)};

	if (rig_step(rig, &request, &record) != 0)
		bench_die("%s", rig_error(rig)->text);
	*h = (struct record_head){.step = (uint64_t)step,
				  .t_mono_ns = record.tick_ns,
				  .t_apply_ns = record.apply_ns,
				  .t_free_ns = record.free_ns,
				  .t_clamped_ns = record.clamped_ns,
				  .t_tick_ns = record.tick_ns,
				  .rev = 1};
	for (int i = 0; i < 3; i++)
		h->mse_V2 += (target_V[i] - free_V[i]) * (target_V[i] - free_V[i]) / 3;
	memcpy(record_reals(row, l->source_V), source_V, sizeof(source_V));
	memcpy(record_reals(row, l->target_V), target_V, sizeof(target_V));
}

static double bare_round(const char *rig_file, const char *dir, long steps)
{
	struct record_layout l;
	struct record_array arrays[RECORD_ARRAYS];
	struct rig *rig = open_rig(rig_file);
	void *context = zmq_ctx_new();
	void *publisher =
		zmq_socket(context, ZMQ_XPUB); /* a PUB that hears when the subscriber is there */
	struct subscriber subscriber = {.socket = zmq_socket(context, ZMQ_SUB), .steps = steps};
	sqlite3_stmt *insert;
	sqlite3 *db;
	int hwm = 0;
	pthread_t thread;
	double began, committed, now;
	uint64_t seq = 1;
	char address[600], ours[600], bare[600];
	char *rows;

	snprintf(ours, sizeof(ours), "%s/daemon.db", dir);
	snprintf(bare, sizeof(bare), "%s/bare.db", dir);
	db = bare_open(ours, bare, &insert);
	record_layout(
		&(struct record_shape){
			.n_sources = 3, .n_targets = 3, .n_measured = 9, .n_edges = 16},
		&l);
	record_arrays(&l, arrays);
	rows = calloc(l.page_rows, l.row_bytes);
	zmq_setsockopt(publisher, ZMQ_SNDHWM, &hwm, sizeof(hwm));
	zmq_setsockopt(subscriber.socket, ZMQ_RCVHWM, &hwm, sizeof(hwm));
	zmq_setsockopt(subscriber.socket, ZMQ_SUBSCRIBE, "", 0);
	snprintf(address, sizeof(address), "ipc://%s/bare.sock", dir);
	if (zmq_bind(publisher, address) != 0 || zmq_connect(subscriber.socket, address) != 0 ||
	    zmq_recv(publisher, address, 1, 0) < 0)
		bench_die("%s: %s", address, zmq_strerror(zmq_errno()));
	pthread_create(&thread, NULL, subscribe, &subscriber);
	began = committed = bench_now_s();
	bare_sql(db, "begin");
	for (long step = 0; step < steps; step++) {
		size_t i = (size_t)step % l.page_rows;
		void *row = rows + i * l.row_bytes;

		bare_step(rig, &l, step, row);
		bare_insert(insert, &l, row);
		if (i == l.page_rows - 1 || step == steps - 1)
			bare_page(publisher, arrays, rows, l.row_bytes, i + 1, seq++);
		now = bench_now_s();
		if (now - committed < 0.01)
			continue;
		bare_sql(db, "commit; begin");
		committed = now;
	}
	bare_sql(db, "commit");
	pthread_join(thread, NULL);
	now = bench_now_s();
	sqlite3_finalize(insert);
	sqlite3_close(db);
	zmq_close(publisher);
	zmq_close(subscriber.socket);
	zmq_ctx_destroy(context);
	rig_close(rig);
	free(rows);
	return (double)steps / (now - began);
}

/* ---- (c) Python ---- */

static double python_round(const char *script, const char *network, const char *dir)
{
	char command[2048], db[512];
	double rate = 0;
	FILE *f;

	snprintf(db, sizeof(db), "%s/python.db", dir);
	bench_remove(db);
	snprintf(command, sizeof(command), "OPENBLAS_NUM_THREADS=1 %s %s %s %s 5000",
		 getenv("PYTHON3") ? getenv("PYTHON3") : "/usr/bin/python3", script, network, db);
	f = popen(command, "r");
	if (!f || fscanf(f, "%lf", &rate) != 1)
		bench_die("%s failed", command);
	pclose(f);
	return rate;
}

int main(int argc, char **argv)
{
	long steps = argc > 4 ? atol(argv[4]) : 200000;
	int rounds = argc > 5 ? atoi(argv[5]) : 3;
	const char *top = getenv("srcdir") ? getenv("srcdir") : ".";
	double whole[16], bare[16], python;
	char script[512], network[512], db[600];
	long missed;

	if (argc < 4 || rounds < 1 || rounds > 16)
		bench_die(
			"usage: bench_daemon NUDGED RIG-FILE SCRATCH-DIRECTORY [STEPS [ROUNDS (1 to 16)]]");
	snprintf(db, sizeof(db), "%s/daemon.db", argv[3]);
	for (int i = 0; i < rounds; i++) {
		bench_remove(db);
		whole[i] = daemon_round(argv[1], argv[2], argv[3], steps, &missed);
		bare[i] = bare_round(argv[2], argv[3], steps);
		printf("round %d: daemon %.0f steps/s (%ld of %ld steps refilled by stream.fetch), "
		       "bare loop %.0f steps/s\n",
		       i + 1, whole[i], missed, steps, bare[i]);
	}
	snprintf(script, sizeof(script), "%s/tests/bench/daemon_python.py", top);
	snprintf(network, sizeof(network), "%s/sim_backend/networks/king9_16.csv", top);
	python = python_round(script, network, argv[3]);
	bench_row("P5", "whole daemon, 16 edges, FULL log, a lossless subscriber", "steps/s",
		  bench_median(whole, rounds), bench_median(bare, rounds),
		  "solver + SQLite + PUB in one loop");
	bench_row("P5", "whole daemon", "steps/s", bench_median(whole, rounds), python,
		  "Python: numpy + sqlite3 + pyzmq");
	bench_load();
	return 0;
}
