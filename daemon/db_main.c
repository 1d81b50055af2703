/* daemon/db_main.c - nudge-db: looks into database files, copies, merges, exports them, without a daemon. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/db_exchange.h"
#include "daemon/db_merge.h"
#include "daemon/db_rows.h"
#include "daemon/db_series.h"
#include "daemon/db_snapshot.h"
#include "daemon/db_vacuum.h"
#include "protocol/nearest.h"

enum { EXIT_FINE, EXIT_FAILED, EXIT_WRONG };

enum option_id {
	OPTION_RUN = 256,
	OPTION_KIND,
	OPTION_COLUMNS,
	OPTION_FROM,
	OPTION_TO,
	OPTION_EVERY,
	OPTION_ARRAYS,
	OPTION_INPUTS,
	OPTION_JSON,
	OPTION_CSV,
	OPTION_NPZ,
	OPTION_HDF5,
	OPTION_TIME,
	OPTION_ERROR,
	OPTION_VOLTAGE,
	OPTION_NAME,
	OPTION_SHOW,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option table[] = {
	{"run", required_argument, NULL, OPTION_RUN},
	{"kind", required_argument, NULL, OPTION_KIND},
	{"columns", required_argument, NULL, OPTION_COLUMNS},
	{"from", required_argument, NULL, OPTION_FROM},
	{"to", required_argument, NULL, OPTION_TO},
	{"every", required_argument, NULL, OPTION_EVERY},
	{"arrays", no_argument, NULL, OPTION_ARRAYS},
	{"inputs", required_argument, NULL, OPTION_INPUTS},
	{"json", no_argument, NULL, OPTION_JSON},
	{"csv", no_argument, NULL, OPTION_CSV},
	{"npz", no_argument, NULL, OPTION_NPZ},
	{"hdf5", no_argument, NULL, OPTION_HDF5},
	{"output", required_argument, NULL, 'o'},
	{"time", required_argument, NULL, OPTION_TIME},
	{"error", required_argument, NULL, OPTION_ERROR},
	{"voltage", required_argument, NULL, OPTION_VOLTAGE},
	{"name", required_argument, NULL, OPTION_NAME},
	{"show", no_argument, NULL, OPTION_SHOW},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

struct asked {
	const char *command;
	struct db_rows rows;
	struct db_series series;
	struct exchange exchange;
	enum db_format format;
	bool help, version;
	const char *inputs; /* a file that lists more of them */
	char **words;       /* behind the command */
	size_t n_words;
};

static int complain(struct problem *p, int code)
{
	fprintf(stderr, "nudge-db: %s\n", p->message);
	problem_clear(p);
	return code;
}

/* ---- the sub-commands ---- */

static int show_rows(const struct asked *asked, const char *name, struct problem *p)
{
	struct db_rows query = asked->rows;
	json_t *columns, *rows;
	struct history *h;
	int r;

	query.table = name;
	query.run = asked->series.run;
	query.brief = asked->format == DB_TABLE && !asked->rows.arrays;
	if (db_open(asked->words[0], &h, p) < 0)
		return -1;
	r = db_rows(h, &query, &columns, &rows, p);
	if (r == 0) {
		db_print(asked->format, columns, rows);
		json_decref(columns);
		json_decref(rows);
	}
	history_close(h);
	return r;
}

static int run_runs(const struct asked *asked, struct problem *p)
{
	return show_rows(asked, "runs", p);
}

static int run_tests(const struct asked *asked, struct problem *p)
{
	return show_rows(asked, "tests", p);
}

static int run_events(const struct asked *asked, struct problem *p)
{
	return show_rows(asked, "events", p);
}

static int run_series(const struct asked *asked, struct problem *p)
{
	struct history *h;
	int r;

	if (db_open(asked->words[0], &h, p) < 0)
		return -1;
	r = db_series(h, &asked->series, asked->format, p);
	history_close(h);
	return r;
}

static void tell_merged(const struct asked *asked, const struct db_merged *merged)
{
	if (asked->format == DB_JSON) {
		printf("{\"added\":%zu,\"known\":%zu,\"unfinished\":%zu}\n", merged->added,
		       merged->known, merged->unfinished);
		return;
	}
	printf("%s: %zu run%s added, %zu there already", asked->words[0], merged->added,
	       merged->added == 1 ? "" : "s", merged->known);
	if (merged->unfinished)
		printf(", %zu left out because they have not ended", merged->unfinished);
	putchar('\n');
}

/* The words behind OUT, and one file a line of --inputs. */
static int gather_inputs(const struct asked *asked, char ***ret, size_t *ret_n, struct problem *p)
{
	FILE *f = asked->inputs ? fopen(asked->inputs, "r") : NULL;
	size_t n = 0, size = 0, room = asked->n_words + 64;
	char **in = calloc(room, sizeof(*in)), *line = NULL;

	if (asked->inputs && !f) {
		free(in);
		return problem_set(p, PROBLEM_PARAMS, "", "--inputs %s: %m", asked->inputs);
	}
	for (size_t i = 1; in && i < asked->n_words; i++)
		in[n++] = strdup(asked->words[i]);
	while (in && f && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[0])
			continue;
		if (n == room) {
			room *= 2;
			in = reallocarray(in, room, sizeof(*in));
		}
		if (in)
			in[n++] = strdup(line);
	}
	free(line);
	if (f)
		fclose(f);
	*ret = in;
	*ret_n = n;
	return in ? 0 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a list");
}

static int run_merge(const struct asked *asked, struct problem *p)
{
	struct db_merged merged;
	char **in = NULL;
	size_t n = 0;
	int r;

	if (gather_inputs(asked, &in, &n, p) < 0)
		return -1;
	if (n == 0)
		r = problem_set(p, PROBLEM_PARAMS, "", "merge: nothing to merge into %s",
				asked->words[0]);
	else
		r = db_merge(asked->words[0], (const char *const *)in, n, &merged, p);
	if (r == 0)
		tell_merged(asked, &merged);
	for (size_t i = 0; i < n; i++)
		free(in[i]);
	free(in);
	return r;
}

static int run_snapshot(const struct asked *asked, struct problem *p)
{
	int64_t bytes;

	if (db_snapshot(asked->words[0], asked->words[1],
			asked->format != DB_JSON && isatty(STDERR_FILENO), &bytes, p) < 0)
		return -1;
	if (asked->format == DB_JSON)
		printf("{\"bytes\":%lld}\n", (long long)bytes);
	else
		printf("%s: %.1f MB, whole\n", asked->words[1], (double)bytes / 1e6);
	return 0;
}

/* --json says how it is told; --csv is the format of what is written, or of what is read. */
static int run_export(const struct asked *asked, struct problem *p)
{
	return db_exchange_export(&asked->exchange, asked->words, asked->n_words, p);
}

static int run_import(const struct asked *asked, struct problem *p)
{
	return db_exchange_import(&asked->exchange, asked->words, asked->n_words, p);
}

static int run_vacuum(const struct asked *asked, struct problem *p)
{
	int64_t before, after;

	if (db_vacuum(asked->words[0], &before, &after, p) < 0)
		return -1;
	if (asked->format == DB_JSON)
		printf("{\"bytes_before\":%lld,\"bytes\":%lld}\n", (long long)before,
		       (long long)after);
	else
		printf("%s: %.1f MB, was %.1f MB\n", asked->words[0], (double)after / 1e6,
		       (double)before / 1e6);
	return 0;
}

static const struct command {
	const char *name;
	size_t min_words, max_words;
	bool needs_run;
	int (*run)(const struct asked *asked, struct problem *p);
} commands[] = {
	{"runs", 1, 1, false, run_runs},
	{"series", 1, 1, true, run_series},
	{"tests", 1, 1, true, run_tests},
	{"events", 1, 1, false, run_events},
	{"merge", 1, SIZE_MAX, false, run_merge},
	{"snapshot", 2, 2, false, run_snapshot},
	{"export", 2, SIZE_MAX, false, run_export},
	{"import", 2, SIZE_MAX, false, run_import},
	{"vacuum", 1, 1, false, run_vacuum},
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name, struct problem *p)
{
	const char *meant = "merge";
	size_t best = (size_t)-1;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		size_t distance = nearest_distance(name, commands[i].name);

		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
		if (distance < best) {
			best = distance;
			meant = commands[i].name;
		}
	}
	problem_set(p, PROBLEM_PARAMS, "", "\"%s\" is no sub-command; did you mean %s? (--help)",
		    name, meant);
	return NULL;
}

/* ---- the command line ---- */

static int take_number(const char *option, int64_t least, int64_t *ret, struct problem *p)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(optarg, &end, 10);
	if (end == optarg || *end || errno || value < least)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--%s %s: expected a whole number from %lld on", option, optarg,
				   (long long)least);
	*ret = value;
	return 0;
}

static int take_export(struct exchange *ret, enum export_format format, struct problem *p)
{
	if (ret->format != EXPORT_NONE && ret->format != format)
		return problem_set(p, PROBLEM_PARAMS, "", "--npz, --hdf5 and --csv: one of them");
	ret->format = format;
	return 0;
}

/* Of export and import: 1 when it is one of theirs, else 0; -1 and *p */
static int take_exchange(int c, struct exchange *ret, struct problem *p)
{
	switch (c) {
	case OPTION_NPZ:
		return take_export(ret, EXPORT_NPZ, p) < 0 ? -1 : 1;
	case OPTION_HDF5:
		return take_export(ret, EXPORT_HDF5, p) < 0 ? -1 : 1;
	case 'o':
		ret->out = optarg;
		return 1;
	case OPTION_TIME:
		ret->foreign.time = optarg;
		return 1;
	case OPTION_ERROR:
		ret->foreign.error = optarg;
		return 1;
	case OPTION_NAME:
		ret->foreign.name = optarg;
		return 1;
	case OPTION_SHOW:
		ret->foreign.show = true;
		return 1;
	case OPTION_VOLTAGE:
		if (ret->foreign.n_voltages == EXCHANGE_MOST)
			return problem_set(p, PROBLEM_PARAMS, "", "--voltage: more than %d",
					   EXCHANGE_MOST);
		ret->voltages[ret->foreign.n_voltages++] = optarg;
		return 1;
	}
	return 0;
}

static int take(int c, struct asked *ret, struct problem *p)
{
	int r = take_exchange(c, &ret->exchange, p);

	if (r != 0)
		return r < 0 ? -1 : 0;
	switch (c) {
	case OPTION_RUN:
		return take_number("run", 1, &ret->series.run, p);
	case OPTION_FROM:
		return take_number("from", 0, &ret->series.from, p);
	case OPTION_TO:
		return take_number("to", 0, &ret->series.to, p);
	case OPTION_EVERY:
		return take_number("every", 1, &ret->series.every, p);
	case OPTION_KIND:
		ret->rows.kind = optarg;
		return 0;
	case OPTION_COLUMNS:
		ret->series.columns = optarg;
		return 0;
	case OPTION_ARRAYS:
		ret->rows.arrays = true;
		return 0;
	case OPTION_INPUTS:
		ret->inputs = optarg;
		return 0;
	case OPTION_JSON:
		ret->exchange.json = true;
		return 0;
	case OPTION_CSV:
		ret->exchange.table = true;
		return take_export(&ret->exchange, EXPORT_CSV, p);
	case OPTION_HELP:
		ret->help = true;
		return 0;
	case OPTION_VERSION:
		ret->version = true;
		return 0;
	}
	return -1;
}

/* --csv is how rows are printed, too; that and --json only with commands that write nothing. */
static int settle_format(struct asked *ret, struct problem *p)
{
	const struct exchange *exchange = &ret->exchange;
	bool exchanges = ret->command && (strcmp(ret->command, "export") == 0 ||
					  strcmp(ret->command, "import") == 0);

	if (exchange->json && exchange->table && !exchanges)
		return problem_set(p, PROBLEM_PARAMS, "", "--json and --csv: one of them");
	ret->format = exchange->json ? DB_JSON : exchange->table ? DB_CSV : DB_TABLE;
	return 0;
}

static int parse(int argc, char **argv, struct asked *ret, struct problem *p)
{
	int c;

	ret->series = (struct db_series){.columns = "step,mse_V2", .to = INT64_MAX, .every = 1};
	ret->exchange.foreign.voltages = ret->exchange.voltages;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":o:", table, NULL)) != -1) {
		if (c == ':')
			return problem_set(p, PROBLEM_PARAMS, "", "%s needs a value; see --help",
					   argv[optind - 1]);
		if (c == '?')
			return problem_set(p, PROBLEM_PARAMS, "",
					   "%s is no option of nudge-db; see --help",
					   argv[optind - 1]);
		if (take(c, ret, p) < 0)
			return -1;
	}
	if (optind < argc) {
		ret->command = argv[optind];
		ret->words = argv + optind + 1;
		ret->n_words = (size_t)(argc - optind - 1);
	}
	return settle_format(ret, p);
}

static void print_help(void)
{
	fputs("Usage: nudge-db SUB-COMMAND FILE... [OPTION]...\n"
	      "Looks into databases of nudged, also while a daemon writes them, and merges them.\n"
	      "\n"
	      "  runs FILE              the runs; --run N: of one; --arrays: with task, rig and taps\n"
	      "  series FILE --run N    columns of a run's steps\n"
	      "      --columns LIST     step,mse_V2 or others: v_free_V[0] is one value of an array,\n"
	      "                         wiper is the whole array, updated[3] one edge's bit\n"
	      "      --from K, --to K   steps, both included\n"
	      "      --every K          only steps that are multiples of K\n"
	      "  tests FILE --run N     evaluations of the test set; --arrays: with the outputs\n"
	      "  events FILE            what happened; --run N, --kind KIND: only those\n"
	      "  merge OUT IN...        all runs of IN... into OUT: known by uuid, renumbered when\n"
	      "                         numbers clash; all or nothing\n"
	      "      --inputs LIST      more of IN, one a line of this file\n"
	      "  snapshot FILE OUT      a copy as of one moment, checked; OUT must not be there yet\n"
	      "  export FILE RUN...     everything of these runs, each as a file of its own:\n"
	      "      --npz, --hdf5, --csv   of this format; CSV is a directory of tables\n"
	      "      -o, --output PATH  this file, or into this directory; never over one that is there\n"
	      "  import OUT RUN-FILE... exported runs into the database OUT, which no daemon has\n"
	      "      --csv              tables of other origin: columns are guessed by their heads, or\n"
	      "      --time COLUMN      seconds\n"
	      "      --error COLUMN     V^2; COLUMN=rms_V: volts, to be squared\n"
	      "      --voltage COLUMN=NODE   volts; may be given many times\n"
	      "      --name TEXT        the run's name; else the file's\n"
	      "      --show             only say how columns would be taken\n"
	      "  vacuum FILE            gives unused room back to the disk; no daemon may have FILE\n"
	      "\n"
	      "  --json, --csv          how it is printed; else as a table, or CSV where it is long\n"
	      "  --version              the version of this program\n"
	      "  --help                 this text\n"
	      "\n"
	      "Exit status: 0 fine, 1 it failed, 2 wrong command line.\n",
	      stdout);
}

static int act(const struct asked *asked, struct problem *p)
{
	const struct command *command;

	if (!asked->command) {
		problem_set(p, PROBLEM_PARAMS, "", "no sub-command; see nudge-db --help");
		return complain(p, EXIT_WRONG);
	}
	command = find(asked->command, p);
	if (!command)
		return complain(p, EXIT_WRONG);
	if (asked->n_words < command->min_words || asked->n_words > command->max_words)
		problem_set(p, PROBLEM_PARAMS, "", "%s: %zu file%s given; see nudge-db --help",
			    command->name, asked->n_words, asked->n_words == 1 ? "" : "s");
	else if (command->needs_run && asked->series.run == 0)
		problem_set(p, PROBLEM_PARAMS, "", "%s: of which run? --run N (nudge-db runs %s)",
			    command->name, asked->words[0]);
	if (p->code)
		return complain(p, EXIT_WRONG);
	if (command->run(asked, p) < 0)
		return complain(p, p->code == PROBLEM_PARAMS && command->min_words == 2
					   ? EXIT_WRONG
					   : EXIT_FAILED);
	if (fflush(stdout) == EOF) {
		problem_set(p, PROBLEM_STORAGE, "", "cannot write to standard output");
		return complain(p, EXIT_FAILED);
	}
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	struct asked asked = {.format = DB_TABLE};
	struct problem p = {0};

	if (parse(argc, argv, &asked, &p) < 0)
		return complain(&p, EXIT_WRONG);
	if (asked.help) {
		print_help();
		return EXIT_FINE;
	}
	if (asked.version) {
		printf("nudge-db %s\n", PACKAGE_VERSION);
		return EXIT_FINE;
	}
	return act(&asked, &p);
}
