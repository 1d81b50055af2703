/* daemon/store_schema.c - the tables of the database, as SQL, by version.  docs/SCHEMA.md explains every column. */
#include "config.h"

#include "daemon/store_schema.h"

/* A blob's byte as a number, with what every SQLite has: hex() and instr(). */
#define BYTE(blob, i)                                                                              \
	"(instr('0123456789ABCDEF', substr(hex(substr(" blob ", " i " + 1, 1)), 1, 1)) - 1) * 16 " \
	"+ instr('0123456789ABCDEF', substr(hex(substr(" blob ", " i " + 1, 1)), 2, 1)) - 1"

static const char version_1[] =
	/* what the daemon notes for itself */
	"CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;"

	"CREATE TABLE runs ("
	" run INTEGER NOT NULL PRIMARY KEY,"
	" uuid TEXT NOT NULL UNIQUE,"
	" name TEXT, task TEXT, kind TEXT,"
	" status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'done', 'stopped',"
	"  'aborted', 'interrupted', 'failed')),"
	" rig TEXT, backend TEXT, seed INTEGER,"
	" submitted_utc TEXT NOT NULL, started_utc TEXT, ended_utc TEXT,"
	" t0_mono_ns INTEGER, boot TEXT,"
	" steps INTEGER NOT NULL DEFAULT 0,"
	" mse_first_V2 REAL, mse_last_V2 REAL, mse_min_V2 REAL, mse_final_V2 REAL,"
	" test_first_V2 REAL, test_best_V2 REAL, test_final_V2 REAL,"
	" accuracy_best REAL, accuracy_final REAL,"
	" edges_at_stop BLOB, edges INTEGER,"
	" tags TEXT, star INTEGER NOT NULL DEFAULT 0, note TEXT,"
	" reason TEXT, version TEXT, who TEXT, place INTEGER NOT NULL DEFAULT 0,"
	" task_json TEXT NOT NULL, rig_json TEXT, params_json TEXT, descriptor_json TEXT"
	") STRICT;"
	"CREATE INDEX runs_by_status ON runs (status);"

	"CREATE TABLE steps ("
	" run INTEGER NOT NULL, step INTEGER NOT NULL,"
	" t_mono_ns INTEGER NOT NULL, t_apply_ns INTEGER NOT NULL, t_free_ns INTEGER NOT NULL,"
	" t_clamped_ns INTEGER NOT NULL, t_tick_ns INTEGER NOT NULL, lateness_ns INTEGER NOT NULL,"
	" example INTEGER NOT NULL, rev INTEGER NOT NULL, mse_V2 REAL, flags INTEGER NOT NULL,"
	" source_V BLOB NOT NULL, target_V BLOB NOT NULL, clamp_V BLOB NOT NULL,"
	" v_free_V BLOB NOT NULL, v_clamped_V BLOB NOT NULL,"
	" wiper BLOB NOT NULL, updated BLOB NOT NULL,"
	" PRIMARY KEY (run, step)"
	") STRICT;"

	"CREATE VIEW wipers (run, step, edge, tap) AS"
	" WITH RECURSIVE edge_numbers (edge) AS ("
	"  SELECT 0 UNION ALL SELECT edge + 1 FROM edge_numbers"
	"  WHERE edge + 1 < (SELECT max(edges) FROM runs))"
	" SELECT run, step, edge, " BYTE(
		"wiper",
		"edge") ""
			" FROM steps CROSS JOIN edge_numbers WHERE edge < length(wiper);"

			"CREATE TABLE params ("
			" run INTEGER NOT NULL, rev INTEGER NOT NULL, from_step INTEGER NOT NULL,"
			" t_utc TEXT NOT NULL, eta REAL NOT NULL, p REAL NOT NULL, tau_s REAL NOT NULL,"
			" capacitance_F REAL NOT NULL, relaxation_rate_per_s REAL, alpha_over_gamma REAL, who TEXT,"
			" PRIMARY KEY (rev, run)"
			") STRICT, WITHOUT ROWID;"
			"CREATE INDEX params_by_run ON params (run, from_step);"

			"CREATE TABLE tests ("
			" run INTEGER NOT NULL, step INTEGER NOT NULL, \"set\" TEXT NOT NULL,"
			" t_utc TEXT NOT NULL, error_V2 REAL, accuracy REAL,"
			" examples INTEGER NOT NULL, targets INTEGER NOT NULL,"
			" outputs_V BLOB, target_V BLOB, class_found BLOB,"
			" PRIMARY KEY (run, step, \"set\")"
			") STRICT;"

			"CREATE TABLE events ("
			" id INTEGER NOT NULL PRIMARY KEY, time TEXT NOT NULL, run INTEGER, step INTEGER,"
			" kind TEXT NOT NULL, who TEXT, what TEXT, old TEXT, new TEXT, request_id TEXT"
			") STRICT;"
			"CREATE INDEX events_by_run ON events (run, id);"

			"CREATE TABLE audit ("
			" id INTEGER NOT NULL PRIMARY KEY, time TEXT NOT NULL, run INTEGER, step INTEGER,"
			" kind TEXT NOT NULL, who TEXT, what TEXT, old TEXT, new TEXT, request_id TEXT"
			") STRICT;"

			"CREATE TABLE checkpoints ("
			" name TEXT NOT NULL PRIMARY KEY, time TEXT NOT NULL, run INTEGER, step INTEGER, who TEXT,"
			" \"values\" BLOB NOT NULL"
			") STRICT;"

			"CREATE TABLE calibrations ("
			" id INTEGER NOT NULL PRIMARY KEY, kind TEXT NOT NULL, time TEXT NOT NULL, run INTEGER,"
			" step INTEGER, who TEXT, \"values\" TEXT NOT NULL"
			") STRICT;"

			"CREATE TABLE replies ("
			" key TEXT NOT NULL PRIMARY KEY, method TEXT NOT NULL, hash TEXT NOT NULL,"
			" t_utc TEXT NOT NULL, result TEXT NOT NULL"
			") STRICT, WITHOUT ROWID;";

/* Rules without taps, networks that relax, runs that keep a part of their steps. */
static const char version_2[] = "ALTER TABLE steps ADD COLUMN mse_equilibrium_V2 REAL;"
				"ALTER TABLE steps ADD COLUMN r_ohm BLOB;"
				"ALTER TABLE runs ADD COLUMN log TEXT;";

/* The bias voltage that makes p. */
static const char version_3[] = "ALTER TABLE params ADD COLUMN bias_V REAL;";

/* Figures of 256 steps each, so that a curve over 10^7 of them is read at once.  Runs that are there already get none: their
 * rows would have to be read, for minutes. */
static const char version_4[] =
	"CREATE TABLE step_bins ("
	" run INTEGER NOT NULL, size INTEGER NOT NULL, bin INTEGER NOT NULL,"
	" first_step INTEGER NOT NULL, count INTEGER NOT NULL, finite INTEGER NOT NULL,"
	" mse_min_V2 REAL, mse_max_V2 REAL, mse_sum_V2 REAL, mse_first_V2 REAL, mse_last_V2 REAL,"
	" PRIMARY KEY (run, size, bin)"
	") STRICT, WITHOUT ROWID;";

const char *const store_schema_versions[] = {version_1, version_2, version_3, version_4};
const size_t store_schema_n_versions =
	sizeof(store_schema_versions) / sizeof(store_schema_versions[0]);
