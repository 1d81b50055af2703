/* daemon/db_foreign.c - a table that somebody else measured becomes a run: a row a step, marked as an import. */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "daemon/db_foreign_impl.h"
#include "daemon/store_impl.h"
#include "protocol/record.h"

#define MOST_S 9e9 /* seconds that nanoseconds in 64 bits can tell */

struct foreign_run {
	const char *file;
	const struct foreign *foreign;
	struct foreign_columns columns;
	sqlite3 *db;
	int lock_fd;
	sqlite3_stmt *insert;
	double *volts; /* of a row */
	int64_t rows;
	double first_s, last_s;
	uint64_t sum; /* over all that was taken */
};

static int fail(const struct foreign_run *run, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", run->file, sqlite3_errmsg(run->db));
}

/* ---- rows ---- */

static int number(const struct foreign_run *run, const struct csv_line *line,
		  const struct csv_cell *cells, size_t n, int column, double *ret,
		  struct problem *p)
{
	if ((size_t)column >= n)
		return problem_set(p, PROBLEM_STORAGE, "", "%s, line %ld: %zu cells, too few",
				   run->file, csv_line_number(line), n);
	if (foreign_number(&cells[column], ret) == 0)
		return 0;
	return problem_set(p, PROBLEM_STORAGE, "", "%s, line %ld: \"%.40s\" (%s) is no number",
			   run->file, csv_line_number(line), cells[column].text,
			   run->columns.names[column]);
}

static int take_time(struct foreign_run *run, const struct csv_line *line,
		     const struct csv_cell *cells, size_t n, struct problem *p)
{
	double time_s = 0;

	if (run->columns.time < 0)
		return 0;
	if (number(run, line, cells, n, run->columns.time, &time_s, p) < 0)
		return -1;
	if (!(fabs(time_s) < MOST_S) || (run->rows > 0 && time_s < run->last_s))
		return problem_set(p, PROBLEM_STORAGE, "", "%s, line %ld: the time %g s %s",
				   run->file, csv_line_number(line), time_s,
				   fabs(time_s) < MOST_S ? "is before that of the row above"
							 : "is out of range");
	if (run->rows == 0)
		run->first_s = time_s;
	run->last_s = time_s;
	return 0;
}

/* Edges were not read; whether they learned nobody says. */
static int put_row(struct foreign_run *run, const struct csv_line *line,
		   const struct csv_cell *cells, size_t n, struct problem *p)
{
	const struct foreign_columns *c = &run->columns;
	double error = (double)NAN;

	if (take_time(run, line, cells, n, p) < 0)
		return -1;
	if (c->error >= 0 && number(run, line, cells, n, c->error, &error, p) < 0)
		return -1;
	for (size_t i = 0; i < c->n_nodes; i++)
		if (number(run, line, cells, n, c->nodes[i].column, &run->volts[i], p) < 0)
			return -1;
	if (c->squared)
		error *= error;
	run->sum = dump_sum(run->sum, &run->last_s, sizeof(run->last_s));
	run->sum = dump_sum(run->sum, &error, sizeof(error));
	run->sum = dump_sum(run->sum, run->volts, c->n_nodes * sizeof(*run->volts));
	sqlite3_bind_int64(run->insert, 1, run->rows++);
	sqlite3_bind_int64(run->insert, 2, llround(run->last_s * 1e9));
	sqlite3_bind_double(run->insert, 3, error);
	sqlite3_bind_int64(run->insert, 4, RECORD_WIPER_UNREAD);
	sqlite3_bind_blob64(run->insert, 5, run->volts, c->n_nodes * sizeof(*run->volts),
			    SQLITE_STATIC);
	if (sqlite3_step(run->insert) != SQLITE_DONE)
		return fail(run, p);
	sqlite3_reset(run->insert);
	return 0;
}

static const char insert_sql[] =
	"INSERT INTO steps (run, step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns,"
	" lateness_ns, example, rev, mse_V2, flags, source_V, target_V, clamp_V, v_free_V,"
	" v_clamped_V, wiper, updated) VALUES (1, ?1, ?2, ?2, ?2, ?2, ?2, 0, 0, 0, ?3, ?4, x'', x'',"
	" x'', ?5, x'', x'', x'')";

static int read_rows(struct foreign_run *run, struct problem *p)
{
	FILE *f = fopen(run->file, "re");
	struct csv_line *line = f ? csv_line_open(f, run->columns.separator) : NULL;
	const struct csv_cell *cells;
	bool head = run->columns.heads;
	size_t n;
	int r;

	if (!line) {
		if (f)
			fclose(f);
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", run->file);
	}
	while ((r = csv_line_next(line, true, &cells, &n, p)) > 0) {
		if (!head && put_row(run, line, cells, n, p) < 0)
			r = -1;
		head = false;
		if (r < 0)
			break;
	}
	csv_line_close(line);
	fclose(f);
	if (r == 0 && run->rows == 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s has no rows", run->file);
	return r;
}

/* ---- the run ---- */

static json_t *array(const char *name, const char *dtype, const char *unit)
{
	return json_pack("{s:s, s:s, s:[s], s:s?}", "name", name, "dtype", dtype, "shape", "n",
			 "unit", unit);
}

static json_t *describe(const struct foreign_run *run)
{
	json_t *nodes = json_array(), *arrays = json_array();
	size_t n = run->columns.n_nodes;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(nodes, json_integer(run->columns.nodes[i].node));
	json_array_append_new(arrays, array("t_mono_ns", "<i8", "ns"));
	json_array_append_new(arrays, array("flags", "<u4", NULL));
	json_array_append_new(arrays, array("mse_V2", "<f8", "V^2"));
	if (n)
		json_array_append_new(arrays, json_pack("{s:s, s:s, s:[s, i], s:s, s:O}", "name",
							"v_free_V", "dtype", "<f8", "shape", "n",
							(int)n, "unit", "V", "nodes", nodes));
	return json_pack("{s:i, s:i, s:o, s:o, s:[], s:[], s:i, s:i}", "desc", 1, "run", 1,
			 "arrays", arrays, "measured", nodes, "targets", "sources", "keep_every", 1,
			 "wiper_every", 1);
}

/* How the columns were taken, for whoever asks later */
static json_t *task_of(const struct foreign_run *run, const char *name)
{
	const struct foreign_columns *c = &run->columns;
	json_t *columns = json_object();

	if (c->time >= 0)
		json_object_set_new(columns, c->names[c->time], json_string("time_s"));
	if (c->error >= 0)
		json_object_set_new(columns, c->names[c->error],
				    json_string(c->squared ? "rms_V" : "mse_V2"));
	for (size_t i = 0; i < c->n_nodes; i++)
		json_object_set_new(columns, c->names[c->nodes[i].column],
				    json_pack("{s:i}", "node", c->nodes[i].node));
	return json_pack("{s:s, s:s, s:{s:s, s:o}}", "task", name, "kind", "import", "import",
			 "file", name, "columns", columns);
}

/* The same table is the same run, whoever imports it. */
static void name_uuid(const struct foreign_run *run, char text[37])
{
	static const uuid_t space = {0x6e, 0x75, 0x64, 0x67, 0x65, 0x64, 0x40, 0x00,
				     0x80, 0x00, 0x66, 0x6f, 0x72, 0x65, 0x69, 0x67};
	uuid_t uuid;
	char name[64];

	snprintf(name, sizeof(name), "%lld %016llx", (long long)run->rows,
		 (unsigned long long)run->sum);
	uuid_generate_sha1(uuid, space, name, strlen(name));
	uuid_unparse_lower(uuid, text);
}

static const char run_sql[] =
	"INSERT INTO runs (run, uuid, name, task, kind, status, rig, backend, submitted_utc,"
	" ended_utc, t0_mono_ns, steps, mse_first_V2, mse_last_V2, mse_min_V2, mse_final_V2,"
	" reason, version, task_json, descriptor_json, log) SELECT 1, ?1, ?2, ?2, 'import', 'done',"
	" 'import', 'import', ?3, ?3, ?4, ?5,"
	" (SELECT mse_V2 FROM steps ORDER BY step LIMIT 1),"
	" (SELECT mse_V2 FROM steps ORDER BY step DESC LIMIT 1), (SELECT min(mse_V2) FROM steps),"
	" (SELECT avg(mse_V2) FROM steps WHERE step >= (?5 - 1) * 9 / 10), ?6,"
	" '" PACKAGE_VERSION "', ?7, ?8, ''";

static int put_run(struct foreign_run *run, struct problem *p)
{
	char *copy = strdup(run->file), *name, uuid[37], now[32], *reason, *task, *descriptor;
	json_t *task_json, *descriptor_json = describe(run);
	sqlite3_stmt *s = NULL;
	int r = SQLITE_NOMEM;

	name = run->foreign->name ? (char *)run->foreign->name : copy ? basename(copy) : NULL;
	task_json = task_of(run, name ? name : "");
	task = json_dumps(task_json, JSON_COMPACT);
	descriptor = json_dumps(descriptor_json, JSON_COMPACT);
	reason = sqlite3_mprintf("imported from %s: a table, not a run of nudged; when it was "
				 "measured is not known",
				 copy ? basename(copy) : "");
	name_uuid(run, uuid);
	store_utc_now(now);
	if (name && task && descriptor && reason)
		r = sqlite3_prepare_v2(run->db, run_sql, -1, &s, NULL);
	if (r == SQLITE_OK) {
		const char *texts[] = {uuid, name, now, NULL, NULL, reason, task, descriptor};

		for (int i = 0; i < 8; i++)
			sqlite3_bind_text(s, i + 1, texts[i], -1, SQLITE_STATIC);
		sqlite3_bind_int64(s, 4, llround(run->first_s * 1e9));
		sqlite3_bind_int64(s, 5, run->rows);
		r = sqlite3_step(s) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
	}
	sqlite3_finalize(s);
	sqlite3_free(reason);
	free(descriptor);
	free(task);
	free(copy);
	json_decref(task_json);
	json_decref(descriptor_json);
	return r == SQLITE_OK ? 0 : fail(run, p);
}

static int read_run(struct foreign_run *run, const char *part, struct problem *p)
{
	int r;

	run->volts = calloc(run->columns.n_nodes + 1, sizeof(*run->volts));
	if (!run->volts)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a row");
	if (import_database(part, &run->db, &run->lock_fd, p) < 0)
		return -1;
	if (sqlite3_prepare_v2(run->db, insert_sql, -1, &run->insert, NULL) != SQLITE_OK)
		return fail(run, p);
	r = read_rows(run, p);
	sqlite3_finalize(run->insert);
	if (r == 0)
		r = put_run(run, p);
	if (r == 0 && sqlite3_exec(run->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		r = fail(run, p);
	return r == 0 ? store_make_bins(run->db, 1, p) : r;
}

int db_foreign_read(const char *file, const char *part, const void *context, struct problem *p)
{
	struct foreign_run *run = calloc(1, sizeof(*run));
	int r;

	if (!run)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a table");
	run->file = file;
	run->foreign = context;
	run->lock_fd = -1;
	run->sum = DUMP_SUM;
	r = foreign_columns_find(file, run->foreign, &run->columns, p);
	if (r == 0) {
		foreign_columns_say(file, &run->columns, stderr);
		r = read_run(run, part, p);
	}
	sqlite3_close(run->db);
	if (run->lock_fd >= 0)
		close(run->lock_fd);
	foreign_columns_free(&run->columns);
	free(run->volts);
	free(run);
	return r < 0 ? -1 : 0;
}

int db_foreign_show(const char *file, const struct foreign *foreign, struct problem *p)
{
	struct foreign_columns *columns = calloc(1, sizeof(*columns));
	int r;

	if (!columns)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a table");
	r = foreign_columns_find(file, foreign, columns, p);
	if (r == 0)
		foreign_columns_say(file, columns, stdout);
	foreign_columns_free(columns);
	free(columns);
	return r;
}
