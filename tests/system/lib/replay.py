"""replay.py - a nudged that replays, records of a run as they can be compared, and files that must stay as they are."""

import hashlib
import os
import shutil

from bench import Daemon, directory, program

# of each publication: which start, which number, and when
VOLATILE = ("boot", "seq", "prev", "durable_seq", "t_utc", "recorded_utc")
NOT_KEPT = ("directions", "safe", "safe_ns")  # of run_end, which no table has
TOPICS = ("step.", "event.", "test.", "desc.", "state.", "hb.")


class Replay(Daemon):
    """nudged --replay of a database; before: a command in front of it."""

    def __init__(self, db, *options, run=None, before=(), environment=None):
        super().__init__(folder=directory(), environment=environment)
        self.what = db if run is None else "%s:%d" % (db, run)
        self.db, self.options, self.before = db, list(options), list(before)

    def arguments(self):
        return self.before + [program("nudged"), "--replay", self.what, "--runtime", self.dir] + self.options


def copy_of(daemon):
    """The database of a daemon, with what stands beside it, in a directory of its own; its path."""
    folder = directory()
    for name in ("n.db", "n.db-wal", "n.db-shm", "n.db.lock"):
        if os.path.exists(os.path.join(daemon.dir, name)):
            shutil.copy2(os.path.join(daemon.dir, name), folder)
    return os.path.join(folder, "n.db")


def state_of(db):
    """What a directory holds: {name: (digest, mode, time)}; and the directory's own time."""
    folder, found = os.path.dirname(db), {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, "rb") as f:
            found[name] = (hashlib.sha256(f.read()).hexdigest(), os.stat(path).st_mode, os.stat(path).st_mtime_ns)
    return found, os.stat(folder).st_mtime_ns


def item_bytes(array):
    return int(array["dtype"].lstrip("<|")[1:])


def rows_of(records, arrays, run):
    """{step: bytes of each array} of the pages that the run's log keeps."""
    rows = {}
    for record in records:
        header = record.header
        if record.kind != "step" or not record.topic.startswith("step.%08d." % run) or header.get("kept") is False:
            continue
        for i in range(header["n"]):
            parts = []
            for array, frame in zip(arrays, record.frames):
                width = len(frame) // header["n"]
                assert width == item_bytes(array) * (array["shape"][1] if len(array["shape"]) > 1 else 1), array
                parts.append(frame[i * width:(i + 1) * width])
            rows[header["step"] + i] = parts
    return rows


def plain(header):
    return {name: value for name, value in header.items() if name not in VOLATILE + NOT_KEPT}


def of_kind(records, kind, run):
    """Headers and payloads of a kind of record of the run, in their order."""
    return [(record.topic, plain(record.header), record.frames) for record in records
            if record.kind == kind and record.header.get("run") == run and record.topic != "latest."]


def states(records):
    """What `state.` told of the supervisor's state and of the parameters' revision, without repetitions."""
    told = []
    for record in records:
        if record.kind == "state":
            for name in ("state", "rev"):
                if name in record.header and [v for n, v in told if n == name][-1:] != [record.header[name]]:
                    told.append((name, record.header[name]))
    return [v for n, v in told if n == "state"], [v for n, v in told if n == "rev"]


def broken_chains(records):
    """Records whose prev is not the seq of the one before on their topic."""
    last, wrong = {}, []
    for record in records:
        if record.topic in last and record.header["prev"] != last[record.topic]:
            wrong.append((record.topic, record.header["seq"]))
        last[record.topic] = record.header["seq"]
    seqs = [record.header["seq"] for record in records]
    return wrong + [seq for a, seq in zip(seqs, seqs[1:]) if seq <= a]


def out_of_place(records, run, every=1):
    """Events and tests that stand before a row that was made before them, or behind one made after them; every: steps kept."""
    wrong, made = [], 0
    for record in records:
        if record.header.get("run") != run:
            continue
        if record.kind == "step":
            made = record.header["step"] + record.header["n"]
        elif record.kind in ("event", "test") and made and not 0 <= record.header["step"] - made < every:
            wrong.append((record.header.get("event", "test"), record.header["step"], made))
    return wrong
