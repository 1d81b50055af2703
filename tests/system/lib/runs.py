"""runs.py - what a database holds, without what no two runs have in common: times of day, uuids, the daemon's start."""

import sqlite3

ALWAYS_NEW = {"uuid", "boot", "submitted_utc", "started_utc", "ended_utc", "t_utc", "time", "id", "t0_mono_ns", "request_id"}
CLOCK = {"t_mono_ns", "t_apply_ns", "t_free_ns", "t_clamped_ns", "t_tick_ns"}


def content(file):
    """{table: rows}, every value of every run; clocks count from the run's beginning."""
    db = sqlite3.connect("file:%s?mode=ro" % file, uri=True)
    began = dict(db.execute("select run, t0_mono_ns from runs"))
    all_rows = {}
    for table, order in (("runs", "run"), ("steps", "run, step"), ("tests", "run, step, \"set\""),
                         ("params", "run, rev"), ("events", "run, id")):
        cursor = db.execute("select * from %s order by %s" % (table, order))
        names = [column[0] for column in cursor.description]
        run = names.index("run")
        keep = [i for i, name in enumerate(names) if name not in ALWAYS_NEW]
        all_rows[table] = [tuple(row[i] - began[row[run]] if names[i] in CLOCK else row[i] for i in keep)
                           for row in cursor]
    db.close()
    return all_rows
