#!/usr/bin/env python3
"""The pace of the bench path: lateness against a bare periodic loop (P10), and steps a second against the line's own limit.

The daemon with its real drivers runs on nudge-benchd: 16 boards on one RTU line paced at 115200 baud, or on TCP on the
loopback; the card by the stand-in for libcomedi.

usage: bench_pace.py BENCH_LOOP
"""
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "system", "lib"))
from bench import Daemon, task
from onbench import OPEN_LIMITS, bench_daemon, simulated_rig
from wire import Client

BITS_A_BYTE = 11        # 8E1
SILENCE_CHARACTERS = 3.5
TURNAROUND_S = 0.001    # of a board, and of nudge-benchd --pace


def row(goal, what, unit, ours, yardstick, against):
    print("%-5s %-52s %10.4g %-8s %10.4g  %-34s %6.2f" % (goal, what, ours, unit, yardstick, against, ours / yardstick))


def share(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(part * len(values)))]


def bare(loop, period_s, seconds):
    out = subprocess.run([loop, str(period_s), str(seconds)], stdout=subprocess.PIPE, check=True).stdout
    return [int(line) for line in out.split()]


def steps_of(daemon, params, steps, seconds, **changes):
    with Client(daemon) as client:
        run = client.submit(task(params=dict({"eta": 0.2}, **params), stop={"steps": steps}, **changes))
        row_ = client.wait(run, seconds)
        if row_["status"] != "done":
            raise RuntimeError("run %d is %s: %s" % (run, row_["status"], row_.get("reason")))
    return daemon.sql("select lateness_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns, flags from steps where run = ?"
                      " order by step", run)


def lateness(goal, name, daemon, loop, tau_s, seconds):
    """In turns: the bare loop, the daemon, the bare loop."""
    first = bare(loop, tau_s, seconds / 2)
    ours = [r[0] for r in steps_of(daemon, {"tau_s": tau_s}, int(seconds / tau_s), 10 * seconds + 30)][1:]
    theirs = first + bare(loop, tau_s, seconds / 2)
    for part in (0.5, 0.99):
        row(goal, "%s, lateness p%d" % (name, 100 * part), "us", share(ours, part) / 1e3, share(theirs, part) / 1e3,
            "bare periodic loop")


def line_limit_s(registers):
    """Of one board: a read request is 8 bytes, its answer 5 + 2 n."""
    return (8 + 5 + 2 * registers) * BITS_A_BYTE / 115200 + 2 * SILENCE_CHARACTERS * BITS_A_BYTE / 115200 + TURNAROUND_S


def cpu_s(process, thread=None):
    """Processor time of a process, or of its thread of that name."""
    folder = "/proc/%d/task" % process.pid
    total = 0.0
    for task_ in os.listdir(folder):
        with open("%s/%s/stat" % (folder, task_)) as f:
            name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        if thread in (None, name):
            total += sum(map(int, rest.split()[11:13])) / os.sysconf("SC_CLK_TCK")
    return total


def rate(name, boards, pace, settings, steps):
    with bench_daemon(boards=boards, pace=pace, limits=OPEN_LIMITS, **settings) as (daemon, bench):
        began, before = time.monotonic(), (cpu_s(daemon.process), cpu_s(daemon.process, "nudged-rig"), cpu_s(bench.process))
        rows = steps_of(daemon, {"tau_s": 0.001} if boards == "tcp" else {"tau_s": 0.05}, steps, 600)
        seconds = time.monotonic() - began
        after = (cpu_s(daemon.process), cpu_s(daemon.process, "nudged-rig"), cpu_s(bench.process))
        own = [1e6 * (b - a) / len(rows) for a, b in zip(before, after)]
        step_s = statistics.median(b[1] - a[1] for a, b in zip(rows, rows[1:])) / 1e9
        unread = sum(1 for r in rows if r[5] & 16) / len(rows)
        card_s = statistics.median(r[4] - r[1] for r in rows) / 1e9
    print("%s: %.1f steps/s (median step %.2f ms; from apply to tick %.2f ms; taps read at %.0f %% of the steps; %d steps in %.1f s)"
          % (name, 1 / step_s, 1e3 * step_s, 1e3 * card_s, 100 * (1 - unread), len(rows), seconds))
    print("    processor time a step: nudged %.0f us, of which %.0f us in the rig's thread (drivers, kernel and rule);"
          " nudge-benchd %.0f us" % tuple(own))
    return step_s, unread


def main():
    loop = sys.argv[1]
    usual = {"daq": {"settle_s": 0.001, "average": 4, "discard": 1}, "clock": {"pulse_s": 0.01, "done_s": 0.01}}
    quick = {"daq": {"settle_s": 0.0001, "average": 1, "discard": 0}, "clock": {"pulse_s": 0.0001, "done_s": 0.0001}}
    print("load average %s" % " ".join("%.2f" % x for x in os.getloadavg()))
    limit_s = 16 * (line_limit_s(4) + line_limit_s(2))
    print("a line of 115200 baud: one reading of 16 boards takes %.1f ms by its bytes, silences and turnaround" % (1e3 * limit_s))
    step_s, _ = rate("RTU, paced, 16 boards, pulse and latch 10 ms", "rtu", True, dict(usual, read_every=1), 100)
    row("", "RTU, paced: a step, taps read each time", "ms", 1e3 * step_s, 1e3 * (limit_s + 0.024), "the line's limit and the waits")
    rate("RTU, paced, 16 boards, taps as the wire allows", "rtu", True, dict(usual, read_every=0), 100)
    step_s, _ = rate("TCP, 16 boards, one after another", "tcp", False, dict(quick, read_every=1), 2000)
    row("", "TCP on the loopback: a step", "ms", 1e3 * step_s, 10.0, "the goal: 100 steps/s")
    with bench_daemon(boards="tcp", pace=False, limits=OPEN_LIMITS, **quick) as (daemon, bench):
        lateness("P10", "bench path, 5 Hz", daemon, loop, 0.2, 40)
    simulator = Daemon(rig=simulated_rig({"clock": "real"})).start()
    lateness("P10", "simulated rig on the wall's clock, 1 kHz", simulator, loop, 0.001, 10)
    simulator.stop()
    print("load average %s" % " ".join("%.2f" % x for x in os.getloadavg()))


main()
