/* tests/fuzz/fuzz_follow.c - libnudge in front of a server that says anything: a connection, calls, a watch.
 *
 * The input is all that ever comes, on either socket, in its order: messages between empty lines, frames between line ends.
 * "#40" is a frame of 40 bytes; $ID becomes the id of the request that is being asked.  Time passes where nothing comes.
 */
#include "config.h"

#include <errno.h>
#include <math.h>

#include <uuid/uuid.h>

#include "clients/libnudge/nudge.h"
#include "clients/libnudge/wire.h"
#include "tests/fuzz/fuzz.h"

#define MOST_FRAMES  12
#define MOST_RECORDS 64
#define MOST_PAYLOAD 4096

static struct fuzz_input input;
static double now_s;
static char id[40], welcome[64];
static unsigned n_uuids;
static int places[2]; /* what sockets point to */

void *__wrap_wire_context(void);
void __wrap_wire_context_free(void *context);
double __wrap_wire_now_s(void);
struct wire *__wrap_wire_request(void *context, const char *endpoint, const struct wire_keys *keys);
struct wire *__wrap_wire_subscriber(void *context, const char *endpoint,
				    const struct wire_keys *keys);
void __wrap_wire_close(struct wire *w);
int __wrap_wire_subscribe(struct wire *w, const char *topic);
int __wrap_wire_send(struct wire *w, const char *text, size_t n, double deadline_s);
int __wrap_wire_receive(struct wire *w, double deadline_s, struct frames *ret);
enum wire_entry __wrap_wire_entry(const struct wire *w, int *ret_status);
void __wrap_uuid_generate(uuid_t ret);

/* The same for the same input */
void __wrap_uuid_generate(uuid_t ret)
{
	memset(ret, 0, sizeof(uuid_t));
	memcpy(ret, &n_uuids, sizeof(n_uuids));
	n_uuids++;
}

void *__wrap_wire_context(void)
{
	return places;
}

void __wrap_wire_context_free(void *context)
{
	(void)context;
}

double __wrap_wire_now_s(void)
{
	return now_s;
}

struct wire *__wrap_wire_request(void *context, const char *endpoint, const struct wire_keys *keys)
{
	(void)context;
	(void)endpoint;
	(void)keys;
	return (struct wire *)&places[0];
}

struct wire *__wrap_wire_subscriber(void *context, const char *endpoint,
				    const struct wire_keys *keys)
{
	(void)context;
	(void)endpoint;
	(void)keys;
	return (struct wire *)&places[1];
}

void __wrap_wire_close(struct wire *w)
{
	(void)w;
}

int __wrap_wire_subscribe(struct wire *w, const char *topic)
{
	(void)w;
	if (!strncmp(topic, "welcome.", 8))
		snprintf(welcome, sizeof(welcome), "%s", topic);
	return 0;
}

int __wrap_wire_send(struct wire *w, const char *text, size_t n, double deadline_s)
{
	const char *at = strstr(text, "\"id\":\"");

	(void)w;
	(void)deadline_s;
	FUZZ_MUST(at && strlen(text) == n);
	snprintf(id, sizeof(id), "%.36s", at + 6);
	return 0;
}

static void add(struct frames *frames, const char *bytes, size_t n)
{
	char *copy = calloc(n + 1, 1);

	FUZZ_MUST(copy);
	if (bytes)
		memcpy(copy, bytes, n);
	frames->list[frames->n++] = (struct frame){copy, n};
}

static void add_line(struct frames *frames, const char *line, size_t n)
{
	const char *mark = memmem(line, n, "$ID", 3);
	char *text;

	if (n > 1 && line[0] == '#') {
		size_t size = 0;

		for (size_t i = 1; i < n && line[i] >= '0' && line[i] <= '9'; i++)
			size = (size * 10 + (size_t)(line[i] - '0')) % (MOST_PAYLOAD + 1);
		add(frames, NULL, size);
		return;
	}
	if (!mark) {
		add(frames, line, n);
		return;
	}
	text = calloc(n + sizeof(id), 1);
	FUZZ_MUST(text);
	memcpy(text, line, (size_t)(mark - line));
	strcat(text, id);
	memcpy(text + strlen(text), mark + 3, n - (size_t)(mark - line) - 3);
	add(frames, text, n - 3 + strlen(id));
	free(text);
}

/* The next message; false: there is none left */
static bool next_message(struct frames *ret)
{
	*ret = (struct frames){0, calloc(MOST_FRAMES, sizeof(*ret->list))};
	FUZZ_MUST(ret->list);
	while (input.left && ret->n < MOST_FRAMES) {
		const uint8_t *end = memchr(input.at, '\n', input.left);
		size_t n = end ? (size_t)(end - input.at) : input.left;
		const char *line = (const char *)input.at;

		input.at += n + (end != NULL);
		input.left -= n + (end != NULL);
		if (n == 0 && ret->n > 0)
			break;
		add_line(ret, line, n);
	}
	if (ret->n > 0)
		return true;
	free(ret->list);
	*ret = (struct frames){0};
	return false;
}

/* Whoever it is, it let us in. */
enum wire_entry __wrap_wire_entry(const struct wire *w, int *ret_status)
{
	(void)w;
	if (ret_status)
		*ret_status = 0;
	return WIRE_ENTRY_OPEN;
}

int __wrap_wire_receive(struct wire *w, double deadline_s, struct frames *ret)
{
	if ((int *)w == &places[1] && welcome[0]) { /* the one word that no input can know */
		*ret = (struct frames){0, calloc(2, sizeof(*ret->list))};
		FUZZ_MUST(ret->list);
		add(ret, welcome, strlen(welcome));
		add(ret, "{}", 2);
		welcome[0] = '\0';
		return 0;
	}
	if (next_message(ret))
		return 0;
	if (isfinite(deadline_s) && deadline_s > now_s)
		now_s = deadline_s;
	return -ETIMEDOUT;
}

static void look(const struct nudge_record *record)
{
	FUZZ_MUST(record->topic && record->kind && record->header);
	for (size_t k = 0; k < record->n_arrays; k++) {
		const struct nudge_array *array = &record->arrays[k];

		for (size_t i = 0; i < array->shape[0] && i < 4; i++)
			for (size_t j = 0; j < array->shape[1] && j < 4; j++) {
				nudge_array_real(array, i, j);
				nudge_array_integer(array, i, j);
			}
		if (array->shape[0] && array->shape[1]) /* the last item is there as well */
			nudge_array_real(array, array->shape[0] - 1, array->shape[1] - 1);
	}
}

static void watch(struct nudge *n, struct nudge_error *error)
{
	static const char *const topics[] = {"state.", "event.", "step.", "test.", "hb.", NULL};
	struct nudge_watch *w;
	struct nudge_record *record;

	if (nudge_watch_open(n, topics, 1, &w, error) < 0)
		return;
	nudge_watch_run(w, 1, 0, error);
	for (unsigned i = 0; i < MOST_RECORDS; i++) {
		int r;

		nudge_error_clear(error);
		r = nudge_watch_next(w, 1, &record, error);
		if (r > 0) {
			look(record);
			nudge_record_free(record);
		} else if (r == 0 && input.left == 0) {
			break;
		}
	}
	nudge_watch_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nudge_error error = {0};
	struct nudge *n;

	input = (struct fuzz_input){data, size};
	now_s = 1;
	n_uuids = 0;
	welcome[0] = id[0] = '\0';
	if (nudge_connect("tcp://h:1", 1, &n, &error) == 0) {
		if (nudge_lease_acquire(n, 60, "fuzz", false, &error) < 0)
			FUZZ_MUST(error.message[0]);
		nudge_error_clear(&error);
		watch(n, &error);
		nudge_close(n);
	}
	nudge_error_clear(&error);
	return 0;
}
