"""experiment.py - runs a task file of docs/experiments through a daemon over seeds, and prints what came out."""

import json
import math
import os
import statistics

from bench import EXPERIMENTS, count, program, run_program
from tap import note
from wire import Client

SEEDS = range(1, 1 + count("SEEDS", 20))


def submit(daemon, file, *options):
    """nudgectl run FILE, not waited for; the run's number."""
    arguments = [program("nudgectl"), "--to", "ipc://" + daemon.dir, "--json", "run", file, "--detach"]
    code, out, err = run_program(arguments + list(options))
    if code and "asked again by itself" in err:  # a board of the bench that a busy machine made late
        with Client(daemon) as client:
            client.wait_for("all boards", lambda s: all(d["state"] != "down" for d in s["devices"]))
        code, out, err = run_program(arguments + list(options))
    if code:
        raise RuntimeError("nudgectl run %s ended with %d: %s" % (file, code, err))
    return json.loads(out)["run"]


def path(name):
    return os.path.join(EXPERIMENTS, name)


def over_seeds(daemon, file, seeds=SEEDS, options=(), seconds=120):
    """Rows of run.get, one a seed, of runs that all ended as they should."""
    with Client(daemon) as client:
        numbers = [submit(daemon, file, "--seed", str(seed), *options) for seed in seeds]
        rows = [client.wait(number, seconds) for number in numbers]
    for row in rows:
        if row["status"] != "done":
            raise RuntimeError("run %(run)d is %(status)s: %(reason)s" % row)
    return rows


def orders(first, later):
    """log10 of the factor by which an error fell."""
    return math.log10(first / later)


def spread(what, values, form="%.2f"):
    """Notes median and range; returns (median, least, greatest)."""
    median, least, most = statistics.median(values), min(values), max(values)
    note(("%s: median " + form + ", range " + form + " to " + form + ", %d seeds") % (what, median, least, most, len(values)))
    return median, least, most
