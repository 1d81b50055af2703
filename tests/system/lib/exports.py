"""exports.py - an exported run read by numpy, h5py and the csv module, as docs/EXPORT.md says, and the same from SQLite.

All give {table: {column: [value, ...]}}, a value being None, an int, the 8 bytes of a real, a str, or the bytes of an array.
"""

import csv
import json
import math
import os
import sqlite3
import struct

import numpy

from bench import BUILD

FORMATS = {"npz": ".npz", "hdf5": ".h5", "csv": ""}
with open(os.path.join(BUILD, "config.h")) as config:
    if "#define WITH_HDF5 1" not in config.read():  # configure --without-hdf5
        del FORMATS["hdf5"]
ITEM = {"f8": "<f8", "i4": "<i4", "u1": "u1"}
ORDER = {"runs": "run", "steps": "step", "tests": 'step, "set"', "params": "rev", "events": "id", "audit": "id",
         "checkpoints": "time, name", "calibrations": "kind, time"}


def bits(real):
    return struct.pack("<d", real)


# ---- the truth

def from_database(path, run):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    began = db.execute("select coalesce(started_utc, submitted_utc), rig from runs where run = ?", (run,)).fetchone()
    found = {}
    for table, order in ORDER.items():
        if table == "calibrations":  # the newest of each kind when the run began
            cursor = db.execute("select * from calibrations c where time <= ? and json_extract(\"values\", '$.rig') = ? and not exists"
                                " (select 1 from calibrations d where d.kind = c.kind and d.id > c.id and d.time <= ?"
                                "  and json_extract(d.\"values\", '$.rig') = ?) order by kind, time", began + began)
        else:
            cursor = db.execute('select * from "%s" where run = ? order by %s' % (table, order), (run,))
        names = [column[0] for column in cursor.description]
        columns = {name: [] for name in names}
        for row in cursor:
            for name, value in zip(names, row):
                columns[name].append(bits(value) if isinstance(value, float) else value)
        columns.pop("id", None)
        if table != "runs":
            columns.pop("run")
        found[table] = columns
    db.close()
    return found


# ---- what the formats have in common

def array_values(matrix, lengths, item):
    """Rows of a matrix as bytes; lengths (None: all are whole) are -1 where there is none."""
    rows = [numpy.ascontiguousarray(row, dtype=ITEM[item]) for row in matrix]
    if lengths is None:
        return [row.tobytes() for row in rows]
    return [None if n < 0 else row[:n].tobytes() for row, n in zip(rows, lengths)]


def plain(kind, values, null):
    if kind == "real":  # a NaN says that there is none
        return [None if math.isnan(value) else bits(float(value)) for value in values]
    values = [value.decode() for value in values] if kind == "text" else [int(value) for value in values]
    return values if null is None else [None if no else value for value, no in zip(values, null)]


def gather(manifest, get):
    """get("table/column") is an array, or None where there is none."""
    found = {}
    for table in manifest["tables"]:
        columns = found[table["name"]] = {}
        for column in table["columns"]:
            name, kind = table["name"] + "/" + column["name"], column["type"]
            values = get(name)
            assert len(values) == table["rows"], (name, len(values), table["rows"])
            if kind in ITEM:
                columns[column["name"]] = array_values(values, get(name + ".length"), kind)
            else:
                columns[column["name"]] = plain(kind, values, get(name + ".null"))
    return found


def from_npz(path):
    z = numpy.load(path)
    return gather(json.loads(z["run.json"]), lambda name: z[name] if name in z.files else None)


def from_hdf5(path):
    import h5py
    with h5py.File(path, "r") as h:
        return gather(json.loads(h.attrs["manifest"]), lambda name: h[name][()] if name in h else None)


# ---- CSV

def real_of(cell):
    if cell.startswith("nan("):
        return struct.pack("<Q", int(cell[4:-1], 16))
    return bits(float(cell))


def array_of(cells, item):
    if item == "f8":
        return b"".join(real_of(cell) for cell in cells)
    return numpy.array([int(cell) for cell in cells], ITEM[item]).tobytes()


def csv_column(names, rows, column):
    name, kind = column["name"], column["type"]
    if kind in ITEM:
        at = [i for i, n in enumerate(names) if n.startswith(name + "[")]
        length = names.index(name + ".length") if name + ".length" in names else None
        if length is None:
            return [array_of([row[i] for i in at], kind) for row in rows]
        return [None if row[length] == "" else array_of([row[i] for i in at[:int(row[length])]], kind) for row in rows]
    cells = [row[names.index(name)] for row in rows]
    if kind == "text":
        return [None if cell == "" else cell[1:] if cell[0] == "\\" else cell for cell in cells]
    return [None if cell == "" else int(cell) if kind == "integer" else real_of(cell) for cell in cells]


def from_csv(path):
    with open(os.path.join(path, "run.json")) as f:
        manifest = json.load(f)
    found = {}
    csv.field_size_limit(1 << 30)
    for table in manifest["tables"]:
        with open(os.path.join(path, table["name"] + ".csv"), newline="") as f:
            assert f.readline().startswith("# nudged run ") and f.readline().startswith("# units:")
            lines = list(csv.reader(f))
        assert len(lines) == 1 + table["rows"], (table["name"], len(lines))
        found[table["name"]] = {column["name"]: csv_column(lines[0], lines[1:], column) for column in table["columns"]}
    return found


READ = {"npz": from_npz, "hdf5": from_hdf5, "csv": from_csv}


def differences(got, want):
    """[] or what is not the same: tables, columns, the first value of a column."""
    found = []
    for table in sorted(set(got) ^ set(want)):
        found.append("table %s is in one alone" % table)
    for table in set(got) & set(want):
        if list(got[table]) != list(want[table]):
            found.append("%s: columns %r, not %r" % (table, list(got[table]), list(want[table])))
            continue
        for column, values in want[table].items():
            if got[table][column] != values:
                at = [i for i, (a, b) in enumerate(zip(got[table][column], values)) if a != b][:1]
                found.append("%s.%s: row %r: %r" % (table, column, at, [(got[table][column][i], values[i]) for i in at]))
    return found


def count_values(found):
    return sum(len(values) for columns in found.values() for values in columns.values())


# ---- databases of a test's own

ODD_TEXTS = ["", "\\", "\\N", "a\"b", "\"", "a\nb\r\nc\r", ",", "#x", " x ", "Schärfe \u2211 \U0001f600", "nan", "0", "NULL", "'", "\t"]
ODD_REALS = [0.0, 5e-324, -5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), 0.1, 1 / 3, -1e-17, 3.0, None, 2.0 ** 53 + 2]
ODD_BITS = [0x8000000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff8000000000123, 0x7ff0000000000001, 0xffffffffffffffff,
            0x7ff0000000000000, 0xfff0000000000000, 1, 0x3fb999999999999a, 0x7fefffffffffffff, 0]


def add_odd_run(path, number):
    """A copy of run 1's row with values that a careless format would lose."""
    db = sqlite3.connect(path)
    names = [row[1] for row in db.execute("pragma table_info(runs)")]
    row = dict(zip(names, db.execute("select * from runs where run = 1").fetchone()))
    row.update(run=number, uuid="00000000-0000-4000-8000-%012d" % number, seed=-(1 << 63), note=ODD_TEXTS[5], name=ODD_TEXTS[3],
               mse_min_V2=5e-324, mse_final_V2=float("inf"), t0_mono_ns=(1 << 63) - 1, reason="", rig_json=None, edges_at_stop=b"",
               steps=300)
    db.execute("insert into runs values (%s)" % ",".join("?" * len(names)), [row[name] for name in names])
    volts = struct.pack("<%dQ" % len(ODD_BITS), *ODD_BITS)
    for i in range(300):
        turned = volts[8 * (i % 12):] + volts[:8 * (i % 12)]
        db.execute("insert into steps (run, step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns, lateness_ns, example, rev,"
                   " mse_V2, flags, source_V, target_V, clamp_V, v_free_V, v_clamped_V, wiper, updated, mse_equilibrium_V2, r_ohm)"
                   " values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                   (number, i, (1 << 63) - 1 - i, -(1 << 63) + i, 0, -1, 1, i, 0, 1, ODD_REALS[i % len(ODD_REALS)], 16, b"",
                    volts[:8], volts[:16], turned, turned, bytes([i % 256] * 16) if i % 10 == 0 else b"", b"\xff\x00" if i % 3 else b"",
                    ODD_REALS[(i + 3) % len(ODD_REALS)], None if i % 4 == 0 else b"" if i % 4 == 1 else turned))
    for i, text in enumerate(ODD_TEXTS * 2):
        other = ODD_TEXTS[(i + 4) % len(ODD_TEXTS)] if i % 3 else None
        for table in ("events", "audit"):
            db.execute("insert into %s (time, run, step, kind, who, what, old, new, request_id) values (?,?,?,?,?,?,?,?,?)" % table,
                       ("2026-01-01T00:00:%02dZ" % i, number, i if i % 2 else None, text, other, text, other, None, text * 3))
        db.execute("insert into tests values (?,?,?,?,?,?,?,?,?,?,?)",
                   (number, i, text or "test", text, ODD_REALS[i % len(ODD_REALS)], None, i, 2, volts[:8 * (i % 5)] if i % 4 else None,
                    volts if i % 2 else b"", struct.pack("<%di" % (i % 3), *range(-1, i % 3 - 1)) if i % 3 else None))
        db.execute("insert into checkpoints values (?,?,?,?,?,?)",
                   ("odd %d %d %s" % (number, i, text), "2026-01-01T00:00:%02dZ" % i, number, i, other, bytes(range(i))))
    db.commit()
    db.close()


def add_long_run(path, number, steps):
    """A run of so many steps like those of run 1, made by SQLite alone."""
    db = sqlite3.connect(path)
    db.execute("pragma synchronous = off")
    names = [row[1] for row in db.execute("pragma table_info(runs)")]
    row = dict(zip(names, db.execute("select * from runs where run = 1").fetchone()))
    row.update(run=number, uuid="00000000-0000-4000-9000-%012d" % number, steps=steps)
    db.execute("insert into runs values (%s)" % ",".join("?" * len(names)), [row[name] for name in names])
    names = [row[1] for row in db.execute("pragma table_info(steps)")]
    values = {"run": str(number), "step": "i", "t_mono_ns": "i * 1000", "mse_V2": "1.0 / (1 + i)"}
    db.execute("create temp table one as select * from steps where run = 1 order by step limit 1")
    db.execute("with recursive n (i) as (select 0 union all select i + 1 from n where i + 1 < %d) insert into steps (%s) select %s"
               " from n, one"
               % (steps, ", ".join(names), ", ".join(values.get(name, name) for name in names)))
    db.commit()
    db.close()
