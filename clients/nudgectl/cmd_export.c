/* clients/nudgectl/cmd_export.c - nudgectl export and import: runs as files and back, by nudge-db. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/nudge_db.h"

#define MORE_WORDS 32 /* beside the command line's */

/* A command line in the making; what it points to belongs to others */
struct line {
	char **words;
	size_t n;
};

static void add(struct line *line, const char *word)
{
	line->words[line->n++] = (char *)word;
}

static void add_value(struct line *line, const struct arguments *a, const char *option,
		      const char *theirs)
{
	const char *value;

	for (size_t i = 0; (value = options_nth(a, option, i)); i++) {
		add(line, theirs);
		add(line, value);
	}
}

/* work() fills the rest of a line that begins with nudge-db and the command. */
static int with_nudge_db(struct context *c, const struct arguments *a, const char *command,
			 int (*work)(struct context *c, const struct arguments *a,
				     struct line *line))
{
	struct line line = {
		.words = calloc(a->n_words + 2 * a->n_options + MORE_WORDS, sizeof(char *)),
		.n = 1, /* nudge-db's own */
	};
	int r;

	if (!line.words)
		return say_failed("no memory for a command line");
	add(&line, command);
	r = work(c, a, &line);
	free(line.words);
	return r;
}

/* ---- export ---- */

static int export_line(struct context *c, const struct arguments *a, struct line *line)
{
	const char *db = options_value(a, "db"), *out = options_value(a, "output");
	bool npz = options_has(a, "npz"), hdf5 = options_has(a, "hdf5"),
	     csv = options_has(a, "csv");
	char *asked = NULL;
	int r = EXIT_FINE;

	if (npz + hdf5 + csv != 1)
		return say_usage("export: one of --npz, --hdf5 and --csv");
	if (!db)
		r = nudge_db_of_daemon(c, "export", &asked);
	if (r != EXIT_FINE)
		return r;
	add(line, npz ? "--npz" : hdf5 ? "--hdf5" : "--csv");
	if (options_has(a, "json"))
		add(line, "--json");
	if (out) {
		add(line, "-o");
		add(line, out);
	}
	add(line, "--");
	add(line, db ? db : asked);
	for (size_t i = 0; i < a->n_words; i++)
		add(line, a->words[i]);
	r = nudge_db_run(line->words);
	free(asked);
	return r;
}

static int run_export(struct context *c, const struct arguments *a)
{
	return with_nudge_db(c, a, "export", export_line);
}

/* ---- import ---- */

/* As nudged finds its own, with no --db and no --config: docs/man/nudged.8 */
static char *usual_database(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (data && data[0] == '/')
		n = asprintf(&path, "%s/nudged/nudged.db", data);
	else if (home && home[0] == '/')
		n = asprintf(&path, "%s/.local/share/nudged/nudged.db", home);
	return n < 0 ? NULL : path;
}

static int import_line(struct context *c, const struct arguments *a, struct line *line)
{
	const char *db = options_value(a, "db");
	char *usual = db ? NULL : usual_database();
	int r;

	(void)c;
	if (!db && !usual)
		return say_usage("import: into which database? --db FILE");
	if (!db && access(usual, F_OK) < 0 && !options_has(a, "show")) {
		r = say_usage("import: %s is not there; into which database? --db FILE", usual);
		free(usual);
		return r;
	}
	if (options_has(a, "csv"))
		add(line, "--csv");
	if (options_has(a, "json"))
		add(line, "--json");
	if (options_has(a, "show"))
		add(line, "--show");
	add_value(line, a, "time", "--time");
	add_value(line, a, "error", "--error");
	add_value(line, a, "voltage", "--voltage");
	add_value(line, a, "name", "--name");
	add(line, "--");
	add(line, db ? db : usual);
	for (size_t i = 0; i < a->n_words; i++)
		add(line, a->words[i]);
	r = nudge_db_run(line->words);
	free(usual);
	return r;
}

static int run_import(struct context *c, const struct arguments *a)
{
	return with_nudge_db(c, a, "import", import_line);
}

static const struct option_spec export_options[] = {
	{"npz", 0, NULL, "NPZ, for numpy.load(): run-N.npz."},
	{"hdf5", 0, NULL, "HDF5, for MATLAB, h5py and others: run-N.h5."},
	{"output", 'o', "PATH", "This file, or into this directory; else here."},
	{"db", 0, "FILE", "Of this database, without asking a daemon."},
	{0},
};

static const struct option_spec import_options[] = {
	{"db", 0, "FILE", "Into this database; else ~/.local/share/nudged/nudged.db."},
	{"time", 0, "COLUMN", "With --csv: this column is the time in seconds."},
	{"error", 0, "COLUMN", "This one is the error in V^2; COLUMN=rms_V: in V, to be squared."},
	{"voltage", 0, "COLUMN=NODE",
	 "This one is the voltage of this node; may be given many times."},
	{"name", 0, "TEXT", "The run's name; else the file's."},
	{"show", 0, NULL, "Only say how the columns would be taken."},
	{0},
};

const struct command commands_export[] = {
	{
		.name = "export",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN...",
		.summary = "Everything of these runs, as files for other programs.",
		.methods = "server.hello",
		.text = "All rows and arrays of a run, with what they mean and where they come from: nothing\n"
			"is lost, and nudgectl import makes the same run of it.  --csv makes a directory\n"
			"run-N with a file a table.  It reads the database beside the daemon, on the same\n"
			"machine, and never writes over what is there.",
		.examples =
			"export --npz 12\nexport --hdf5 12 -o iris.h5\nexport --csv 1 2 3 -o for-r/\n"
			"export --npz 12 --db old.db -o old-12.npz\n",
		.options = export_options,
		.min_words = 1,
		.max_words = 100000,
		.run = run_export,
	},
	{
		.name = "import",
		.topic = TOPIC_HISTORY,
		.synopsis = "FILE...",
		.summary = "Take exported runs, or tables of other origin, into a database.",
		.text = "Each FILE is a run that was exported, of whatever format; all come in, or none.  A\n"
			"run that is there already (by its uuid) is refused.  With --csv each is a table\n"
			"that somebody measured: columns are told by --time, --error and --voltage, by\n"
			"their heads or their numbers from 1, or else guessed by their heads; how they are\n"
			"taken is said first.  No daemon may have the database.",
		.examples =
			"import run-12.npz --db all.db\n"
			"import --csv error.csv --show\n"
			"import --csv series.csv --time 't (s)' --error E --voltage V1=1 --db all.db\n",
		.options = import_options,
		.min_words = 1,
		.max_words = 100000,
		.run = run_import,
	},
	{0},
};
