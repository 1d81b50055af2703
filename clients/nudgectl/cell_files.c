/* clients/nudgectl/cell_files.c - a cell's directory: what its run gets, and what came of it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/nudgectl/cells.h"
#include "clients/nudgectl/context.h"

#define FNV_OFFSET UINT64_C(14695981039346656037)
#define FNV_PRIME  UINT64_C(1099511628211)
#define TAIL_BYTES 400 /* of stderr, in a sentence */

/* ---- what a cell is ---- */

/* FNV-1a: what two cells that differ share by chance, one in 2^64, nobody has to fear. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ byte[i]) * FNV_PRIME;
	return hash;
}

static uint64_t hash_json(uint64_t hash, const json_t *value)
{
	char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY)
			   : strdup("none");

	if (text)
		hash = hash_bytes(hash, text, strlen(text) + 1);
	free(text);
	return hash;
}

/* The network's file belongs to the cell; one that cannot be read is nudged's to complain about. */
static uint64_t hash_network(uint64_t hash, const json_t *rig)
{
	const char *file =
		json_string_value(json_object_get(json_object_get(rig, "network"), "file"));
	char block[4096];
	FILE *f = file ? fopen(file, "r") : NULL;
	size_t n;

	if (!f)
		return hash;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		hash = hash_bytes(hash, block, n);
	fclose(f);
	return hash;
}

uint64_t cells_hash(const struct cell *cell)
{
	uint64_t hash = hash_bytes(FNV_OFFSET, PACKAGE_VERSION, sizeof(PACKAGE_VERSION));

	hash = hash_bytes(hash, &cell->seed, sizeof(cell->seed));
	hash = hash_bytes(hash, cell->name, strlen(cell->name) + 1);
	hash = hash_json(hash, cell->tags);
	hash = hash_json(hash, cell->task);
	return hash_network(hash_json(hash, cell->rig), cell->rig);
}

/* ---- its directory ---- */

static char *path_in(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static int make(const char *directory)
{
	if (mkdir(directory, 0777) == 0 || errno == EEXIST)
		return EXIT_FINE;
	return say_failed("cannot make %s: %s", directory, strerror(errno));
}

int cells_lock(const char *directory)
{
	char *lock = path_in(directory, "lock"), *cells = path_in(directory, "cells");
	int fd = -1;

	if (!lock || !cells)
		say_failed("no memory for a name");
	else if (make(directory) == EXIT_FINE && make(cells) == EXIT_FINE) {
		fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		if (fd < 0)
			say_failed("%s: %s", lock, strerror(errno));
		else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			say_failed("%s is in use by another nudgectl: wait for it, or choose "
				   "another directory",
				   directory);
			close(fd);
			fd = -1;
		}
	}
	free(lock);
	free(cells);
	return fd;
}

static json_t *read_json(const char *directory, const char *name)
{
	char *path = path_in(directory, name);
	json_t *value = path ? json_load_file(path, 0, NULL) : NULL;

	free(path);
	return value;
}

static bool is_done(const json_t *figures)
{
	const char *status = json_string_value(json_object_get(figures, "status"));

	return status && strcmp(status, "done") == 0;
}

static int write_json(const char *directory, const char *name, const json_t *value)
{
	char *path = path_in(directory, name);
	int r = path ? json_dump_file(value, path, JSON_INDENT(1)) : -1;

	if (r < 0)
		say_failed("%s/%s: cannot be written: %s", directory, name, strerror(errno));
	free(path);
	return r < 0 ? EXIT_FAILED : EXIT_FINE;
}

/* What a run that was broken off left. */
static void sweep_out(const char *directory)
{
	static const char *const names[] = {
		"run.db",   "run.db-wal",  "run.db-shm", "run.db.lock", "run.db-journal",
		"out.json", "failed.json", "code",       "stderr",      "result.json"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = path_in(directory, names[i]);

		if (path)
			unlink(path);
		free(path);
	}
}

static int write_files(const struct cell *cell, const char *directory)
{
	int r = make(directory);

	if (r == EXIT_FINE)
		sweep_out(directory);
	if (r == EXIT_FINE)
		r = write_json(directory, "task.json", cell->task);
	if (r == EXIT_FINE && json_is_object(cell->rig))
		r = write_json(directory, "rig.json", cell->rig);
	return r;
}

/* Why it failed the last time, if it did. */
static void read_failed(struct cell_result *ret)
{
	json_t *failed = read_json(ret->directory, "failed.json");
	const char *why = json_string_value(json_object_get(failed, "why"));

	snprintf(ret->why, sizeof(ret->why), "%s", why ? why : "");
	json_decref(failed);
}

int cells_prepare(const char *directory, const struct cell *cell, bool write,
		  struct cell_result *ret)
{
	cells_clear(ret, 1);
	*ret = (struct cell_result){.status = CELL_OPEN};
	if (asprintf(&ret->directory, "%s/cells/%016llx", directory,
		     (unsigned long long)cells_hash(cell)) < 0)
		ret->directory = NULL;
	if (ret->directory)
		ret->database = path_in(ret->directory, "run.db");
	if (!ret->database)
		return say_failed("no memory for a cell");
	ret->figures = read_json(ret->directory, "result.json");
	if (is_done(ret->figures)) {
		ret->status = CELL_DONE;
		ret->kept = true;
		return EXIT_FINE;
	}
	json_decref(ret->figures);
	ret->figures = NULL;
	if (!write)
		read_failed(ret);
	return write ? write_files(cell, ret->directory) : EXIT_FINE;
}

/* ---- how it is run ---- */

/* Text that must be freed, or NULL and no more room: the list is then cut at its beginning. */
static void put(char **argv, size_t *n, const char *text)
{
	if (*n == 0 || argv[*n - 1])
		argv[(*n)++] = strdup(text);
}

char **cells_arguments(const char *nudged, const struct cell *cell,
		       const struct cell_result *result)
{
	size_t n_tags = json_array_size(cell->tags), n = 0, i;
	char **argv = calloc(16 + 2 * n_tags, sizeof(*argv));
	char *task = path_in(result->directory, "task.json");
	char *rig = path_in(result->directory, "rig.json"), seed[32];
	bool whole;
	json_t *tag;

	if (!argv || !task || !rig) {
		free(argv);
		free(task);
		free(rig);
		return NULL;
	}
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)cell->seed);
	const char *const fixed[] = {nudged,
				     "--once",
				     task,
				     "--rig",
				     json_is_string(cell->rig) ? json_string_value(cell->rig) : rig,
				     "--db",
				     result->database,
				     "--seed",
				     seed,
				     "--name",
				     cell->name,
				     "--json",
				     "--quiet"};

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		put(argv, &n, fixed[i]);
	json_array_foreach(cell->tags, i, tag)
	{
		put(argv, &n, "--tag");
		put(argv, &n, json_string_value(tag));
	}
	free(task);
	free(rig);
	whole = argv[n - 1] != NULL;
	if (whole)
		return argv;
	cells_arguments_free(argv);
	return NULL;
}

void cells_arguments_free(char **argv)
{
	for (char **arg = argv; arg && *arg; arg++)
		free(*arg);
	free(argv);
}

/* ---- what came of it ---- */

/* The last lines of its stderr, as one. */
static void read_tail(const char *directory, char *ret, size_t size)
{
	char *path = path_in(directory, "stderr"), text[TAIL_BYTES + 1], *from = text;
	FILE *f = path ? fopen(path, "r") : NULL;
	size_t n = 0;

	free(path);
	if (f) {
		if (fseek(f, -TAIL_BYTES, SEEK_END) < 0)
			rewind(f);
		n = fread(text, 1, TAIL_BYTES, f);
		fclose(f);
	}
	text[n] = '\0';
	if (n == TAIL_BYTES && strchr(text, '\n'))
		from = strchr(text, '\n') + 1;
	n = strlen(from);
	while (n > 0 && from[n - 1] == '\n')
		from[--n] = '\0';
	for (char *c = from; *c; c++)
		if (*c == '\n')
			*c = ';';
	snprintf(ret, size, "%s", from);
}

static void say_why(struct cell_result *result, int code)
{
	const char *reason = json_string_value(json_object_get(result->figures, "reason"));
	const char *status = json_string_value(json_object_get(result->figures, "status"));

	if (status)
		snprintf(result->why, sizeof(result->why), "%s%s%s", status,
			 reason && reason[0] ? ": " : "", reason ? reason : "");
	else
		read_tail(result->directory, result->why, sizeof(result->why));
	if (result->why[0])
		return;
	if (code > 128)
		snprintf(result->why, sizeof(result->why), "nudged was ended by signal %d",
			 code - 128);
	else
		snprintf(result->why, sizeof(result->why), "nudged ended with exit status %d",
			 code);
}

/* For whoever looks later; the cell is open all the same. */
static void keep_failed(const struct cell_result *result)
{
	json_t *failed = json_pack("{s:s}", "why", result->why);

	if (failed)
		write_json(result->directory, "failed.json", failed);
	json_decref(failed);
}

void cells_finish(struct cell_result *result, int code)
{
	char *out = path_in(result->directory, "out.json");
	char *kept = path_in(result->directory, "result.json");

	json_decref(result->figures);
	result->figures = read_json(result->directory, "out.json");
	if (code == 0 && is_done(result->figures) && out && kept && rename(out, kept) == 0) {
		result->status = CELL_DONE;
	} else {
		result->status = CELL_FAILED;
		say_why(result, code);
		keep_failed(result);
	}
	free(out);
	free(kept);
}

void cells_clear(struct cell_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_decref(results[i].figures);
		free(results[i].directory);
		free(results[i].database);
		results[i] = (struct cell_result){0};
	}
}
