#!/usr/bin/env python3
"""P11: the curve of a long run in 1,000 bins, by history.steps, against the same question to a database without bins.

The rows are laid down by SQL, as narrow as rows can be, and their bins likewise; a spike in the middle must come back
exactly.  NUDGED_TEST_STEPS: how many; 10^7.

usage: bench_bins.py FOLDER
"""
import os
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "system", "lib"))
from bench import Daemon, count, task
from wire import Client, columns

STEPS = count("STEPS", 10 ** 7)
SPIKE_V2 = 123.5
ROWS = """with recursive n (step) as (select 512 union all select step + 1 from n where step + 1 < ?1)
insert into steps (run, step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns, lateness_ns, example, rev, mse_V2, flags,
source_V, target_V, clamp_V, v_free_V, v_clamped_V, wiper, updated)
select 1, step, 0, 0, 0, 0, 0, 0, 0, 1, iif(step = ?1 * 3 / 4, ?2, 1.0 / (step + 1)), 0, x'', x'', x'', x'', x'', x'', x'' from n"""
BINS = """insert or replace into step_bins (run, size, bin, first_step, count, finite, mse_min_V2, mse_max_V2, mse_sum_V2,
mse_first_V2, mse_last_V2) select run, 256, step / 256, min(step), count(*), count(mse_V2), min(mse_V2), max(mse_V2), sum(mse_V2),
max(mse_V2), min(mse_V2) from steps where run = 1 group by step / 256 having count(*) = 256"""


def lay_down(path, *statements):
    db = sqlite3.connect(path)
    db.execute("pragma synchronous = off")
    for statement in statements:
        db.execute(*statement)
    db.commit()
    db.close()


def ask(daemon, rounds):
    """Milliseconds of each answer, all of them checked."""
    took = []
    daemon.start()
    with Client(daemon) as client:
        for _ in range(rounds):
            began = time.monotonic()
            result, frames = client.call_frames("history.steps", {"run": 1, "max_points": 1000}, 120)
            took.append(1e3 * (time.monotonic() - began))
            got = columns(result["arrays"], frames, result["n"])
            if sum(got["count"]) != STEPS or max(got["mse_V2_max"]) != SPIKE_V2:
                sys.exit("the bins are wrong: %d rows, greatest %r" % (sum(got["count"]), max(got["mse_V2_max"])))
    daemon.stop()
    return sorted(took)[rounds // 2], result


def main():
    daemon = Daemon(folder=tempfile.mkdtemp(dir=sys.argv[1])).start()
    with Client(daemon) as client:
        client.wait(client.submit(task(stop={"steps": 512})))
    daemon.stop()
    lay_down(daemon.db, (ROWS, (STEPS, SPIKE_V2)), (BINS,))
    ours, result = ask(daemon, 7)
    print("P11   %d steps in %d bins of %d: %.1f ms (median of 7; goal 100), load %.1f"
          % (STEPS, result["n"], result["every"], ours, os.getloadavg()[0]))
    lay_down(daemon.db, ("delete from step_bins",))
    try:
        rows, _ = ask(daemon, 1)
        print("P11   the same from the rows alone: %.0f ms, %.0f times as long" % (rows, rows / ours))
    except Exception as why:  # a question has its deadline
        print("P11   the same from the rows alone: %s" % why)


main()
