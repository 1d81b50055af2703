"""many-runs.py DB N - copies run 1's row behind the first three until there are N runs, with other names, times, ends and figures."""

import random
import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
names = [row[1] for row in db.execute("pragma table_info(runs)")]
row = dict(zip(names, db.execute("select * from runs where run = 1").fetchone()))
draw = random.Random(1)
rows = []
for run in range(4, int(sys.argv[2]) + 1):
    row.update(run=run, uuid="%032x" % draw.getrandbits(128), name=draw.choice(["iris", "divider", "allostery", "regression"]) + " %d" % run,
               status=draw.choice(["done"] * 8 + ["stopped", "aborted", "failed"]), steps=draw.randrange(1, 3000),
               mse_final_V2=10 ** draw.uniform(-6, 0), tags='["odd"]' if run % 2 else None, star=int(run % 50 == 0),
               started_utc="2026-%02d-%02dT10:00:00.000000Z" % (1 + run % 12, 1 + run % 28))
    rows.append([row[name] for name in names])
with db:
    db.executemany("insert into runs values (%s)" % ",".join("?" * len(names)), rows)
