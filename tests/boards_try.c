/* tests/boards_try.c - the boards' driver from the command line, for tests against other people's slaves.
 *
 *   boards_try --rtu DEVICE | --tcp HOST:PORT [--tcp ...] --addresses 1-4 --edges N [--per-board N] [--timeout S] [--tries N]
 *       [--watchdog S] VERB...
 * Verbs: ready, read, mode N (of all edges), taps N (of all edges), home, counts, reset, hold, release, capacitor N, idle,
 * devices, notes; "-" in place of the verbs takes them from standard input, a line each.  A line of JSON for each.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/boards.h"

enum { MOST = 247, EDGES_MOST = 1024 };

struct trial {
	struct boards_config config;
	char device[MOST][108];
	uint8_t address[MOST];
	uint32_t serial[MOST];
	size_t n_edges;
	struct boards *boards;
};

static const char *const states[] = {"up", "degraded", "down"};
static const char *const safes[] = {"confirmed", "commanded", "unknown"};

/* ---- answers ---- */

/* Sentences hold no control characters; quotes and backslashes are turned. */
static void print_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void begin(const char *verb, int r, const struct rig_error *err)
{
	printf("{\"verb\": \"%s\", \"r\": %d", verb, r);
	if (r < 0) {
		printf(", \"edge\": %ld, \"text\": ", err->edge);
		print_text(err->text);
	}
}

static void end(void)
{
	printf("}\n");
	fflush(stdout);
}

static void print_numbers(const char *name, const uint64_t *value, size_t n)
{
	printf(", \"%s\": [", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%llu", i ? ", " : "", (unsigned long long)value[i]);
	putchar(']');
}

/* ---- verbs ---- */

static void do_read(struct trial *trial, unsigned ticks)
{
	uint8_t wiper[EDGES_MOST], mode[EDGES_MOST], updated[EDGES_MOST / 8],
		raised[EDGES_MOST / 8];
	struct rig_edges edges = {
		.wiper = wiper, .mode = mode, .updated = updated, .raised = raised};
	struct rig_error err;
	bool mismatch = false;
	int r = boards_read(trial->boards, ticks, &edges, &mismatch, &err);

	begin("read", r, &err);
	if (r == 0) {
		printf(", \"mismatch\": %s, \"edges\": [", mismatch ? "true" : "false");
		for (size_t e = 0; e < trial->n_edges; e++)
			printf("%s{\"tap\": %u, \"mode\": %u, \"updated\": %u, \"raised\": %u}",
			       e ? ", " : "", wiper[e], mode[e], updated[e / 8] >> (e % 8) & 1u,
			       raised[e / 8] >> (e % 8) & 1u);
		printf("], \"read_s\": %.6f, \"serials_every\": %u", boards_read_s(trial->boards),
		       boards_serials_every(trial->boards));
	}
	end();
}

static void do_counts(struct trial *trial)
{
	uint64_t updated[EDGES_MOST], raised[EDGES_MOST];
	struct rig_error err;
	int r = boards_counts(trial->boards, updated, raised, &err);

	begin("counts", r, &err);
	if (r == 0) {
		print_numbers("updated", updated, trial->n_edges);
		print_numbers("raised", raised, trial->n_edges);
	}
	end();
}

static void do_devices(struct trial *trial)
{
	const struct rig_device *device = boards_devices(trial->boards);

	begin("devices", 0, NULL);
	printf(", \"devices\": [");
	for (size_t i = 0; i < boards_count(trial->boards); i++) {
		printf("%s{\"name\": ", i ? ", " : "");
		print_text(device[i].name);
		printf(", \"state\": \"%s\", \"requests\": %llu, \"retries\": %llu, \"failures\": %llu, "
		       "\"serial\": %u, \"boots\": %u, \"text\": ",
		       states[device[i].state], (unsigned long long)device[i].requests,
		       (unsigned long long)device[i].retries,
		       (unsigned long long)device[i].failures, device[i].serial, device[i].boots);
		print_text(device[i].text);
		putchar('}');
	}
	putchar(']');
	end();
}

static void do_notes(struct trial *trial)
{
	struct rig_note note;
	bool first = true;

	begin("notes", 0, NULL);
	printf(", \"notes\": [");
	for (; boards_take_note(trial->boards, &note); first = false) {
		printf("%s{\"kind\": %d, \"alarm\": %d, \"over\": %d, \"board\": %ld, \"text\": ",
		       first ? "" : ", ", note.kind, note.alarm, note.over, note.board);
		print_text(note.text);
		putchar('}');
	}
	putchar(']');
	end();
}

static int all_to(struct trial *trial, unsigned tap, struct rig_error *err)
{
	uint8_t wiper[EDGES_MOST];

	memset(wiper, (int)tap, trial->n_edges);
	return boards_write_taps(trial->boards, wiper, err);
}

static int all_modes(struct trial *trial, unsigned mode, struct rig_error *err)
{
	int r = 0;

	for (size_t e = 0; r == 0 && e < trial->n_edges; e++)
		r = boards_set_mode(trial->boards, e, (enum rig_edge_mode)mode, err);
	return r;
}

static bool has_number(const char *verb)
{
	return strcmp(verb, "mode") == 0 || strcmp(verb, "taps") == 0 ||
	       strcmp(verb, "capacitor") == 0 || strcmp(verb, "ticks") == 0;
}

/* False: no such verb. */
static bool do_verb(struct trial *trial, const char *verb, unsigned number)
{
	struct boards *b = trial->boards;
	struct rig_error err;
	int r;

	if (strcmp(verb, "read") == 0 || strcmp(verb, "ticks") == 0)
		return do_read(trial, number), true;
	if (strcmp(verb, "counts") == 0)
		return do_counts(trial), true;
	if (strcmp(verb, "devices") == 0)
		return do_devices(trial), true;
	if (strcmp(verb, "notes") == 0)
		return do_notes(trial), true;
	if (strcmp(verb, "hold") == 0) {
		begin(verb, 0, NULL);
		printf(", \"safe\": \"%s\"", safes[boards_hold(b)]);
		return end(), true;
	}
	if (strcmp(verb, "ready") == 0)
		r = boards_ready(b, &err);
	else if (strcmp(verb, "idle") == 0)
		r = boards_idle(b, &err);
	else if (strcmp(verb, "home") == 0)
		r = boards_home(b, &err);
	else if (strcmp(verb, "release") == 0)
		r = boards_release(b, &err);
	else if (strcmp(verb, "reset") == 0)
		r = boards_reset_counts(b, &err);
	else if (strcmp(verb, "mode") == 0)
		r = all_modes(trial, number, &err);
	else if (strcmp(verb, "taps") == 0)
		r = all_to(trial, number, &err);
	else if (strcmp(verb, "capacitor") == 0)
		r = boards_set_capacitor(b, number, &err);
	else
		return false;
	begin(verb, r, &err);
	end();
	return true;
}

static bool do_lines(struct trial *trial)
{
	char line[64], verb[33];
	unsigned number;

	while (fgets(line, sizeof(line), stdin)) {
		number = 0;
		if (sscanf(line, "%32s %u", verb, &number) < 1 || !do_verb(trial, verb, number))
			return false;
	}
	return true;
}

static bool do_arguments(struct trial *trial, char **argv)
{
	for (; *argv; argv++) {
		const char *verb = *argv;
		unsigned number = 0;

		if (has_number(verb) && argv[1])
			number = (unsigned)strtoul(*++argv, NULL, 10);
		if (!(strcmp(verb, "-") == 0 ? do_lines(trial) : do_verb(trial, verb, number))) {
			fprintf(stderr, "boards_try: '%s' is no verb\n", verb);
			return false;
		}
	}
	return true;
}

/* ---- command line ---- */

/* "1-4" */
static size_t read_addresses(const char *text, uint8_t ret[MOST])
{
	char *dash;
	unsigned long first = strtoul(text, &dash, 10);
	unsigned long last = *dash == '-' ? strtoul(dash + 1, NULL, 10) : first;
	size_t n = 0;

	for (unsigned long a = first; a >= 1 && a <= last && n < MOST; a++)
		ret[n++] = (uint8_t)a;
	return n;
}

static bool read_option(struct trial *trial, const char *name, const char *value)
{
	struct boards_config *config = &trial->config;

	if (strcmp(name, "--rtu") == 0 || strcmp(name, "--tcp") == 0) {
		config->driver = name[2] == 'r' ? BOARDS_RTU : BOARDS_TCP;
		if (config->n_devices < MOST)
			snprintf(trial->device[config->n_devices++], sizeof(trial->device[0]), "%s",
				 value);
	} else if (strcmp(name, "--addresses") == 0)
		config->n_boards = read_addresses(value, trial->address);
	else if (strcmp(name, "--edges") == 0)
		trial->n_edges = strtoul(value, NULL, 10);
	else if (strcmp(name, "--per-board") == 0)
		config->edges_per_board = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(name, "--timeout") == 0)
		config->reply_timeout_s = strtod(value, NULL);
	else if (strcmp(name, "--tries") == 0)
		config->tries = (unsigned)strtoul(value, NULL, 10);
	else if (strcmp(name, "--watchdog") == 0)
		config->watchdog_s = strtod(value, NULL);
	else if (strcmp(name, "--baud") == 0)
		config->baud = (unsigned)strtoul(value, NULL, 10);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	struct rig_error err;
	bool well;
	int i;

	if (!trial)
		return 1;
	trial->config = (struct boards_config){.device = trial->device,
					       .baud = 115200,
					       .address = trial->address,
					       .serial = trial->serial,
					       .edges_per_board = 1,
					       .reply_timeout_s = 0.5,
					       .tries = 3,
					       .watchdog_s = 2};
	for (i = 1; i + 1 < argc && argv[i][0] == '-' && argv[i][1] == '-'; i += 2)
		if (!read_option(trial, argv[i], argv[i + 1])) {
			fprintf(stderr, "boards_try: '%s' is no option\n", argv[i]);
			free(trial);
			return 2;
		}
	if (trial->n_edges > EDGES_MOST ||
	    boards_open(&trial->config, trial->n_edges, 128, &trial->boards, &err) < 0) {
		fprintf(stderr, "boards_try: %s\n",
			trial->n_edges > EDGES_MOST ? "too many edges" : err.text);
		free(trial);
		return 1;
	}
	well = do_arguments(trial, argv + i);
	boards_close(trial->boards);
	free(trial);
	return well ? 0 : 2;
}
