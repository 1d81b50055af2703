"""topscreen.py - nudgectl top in a terminal: starting it, reading its numbers, its end."""

import os
import re

from bench import BUILD, program, run_program
from tap import ok, same

RIG = """rig: demo
backend: sim
network: {file: king9_16}
edge: {taps: 128, r_step_ohm: 781.25, r_min_ohm: 781.25, initial_tap: 63}
limits: {volts: [0.0, 5.0], slew_V_per_s: none, edge_power_W: none, source_current_A: none, discrepancy_V: none, measure_slack_V: 0.01}
sim: {comparator: {rule: eq10, bias_V: [0.0, 0.0], drawn: each}, comparator_noise_V: 0.003, clock: real}
"""
ENDLESS = {"stop": {"steps": 100000}, "params": {"eta": 0.2, "p": 0.5, "tau_s": 0.05}}


def top(terminal, daemon, before=""):
    terminal.line("clear; %s%s --to ipc://%s top; echo ended $?" % (before, program("nudgectl"), daemon.dir))
    return terminal.wait(r"ABORT", "the display")


def ended(terminal, name, code=0):
    text = terminal.wait(r"ended \d+", name)
    same(re.search(r"ended (\d+)", text).group(1), str(code), "%s: it ends with %d" % (name, code))
    ok(not terminal.full_screen(), "%s: the alternate screen is left" % name, text)


def of_screen(text):
    """(mse as it is written, its step, steps made) of a screen."""
    found = re.search(r"(\d\.\d+e[-+]\d+)(?: V\u00b2)? +at (?:step )?([\d,]+)", text)
    made = re.search(r"^step ([\d,]+)", text, re.M)
    if not found or not made:
        return None
    return found.group(1), int(found.group(2).replace(",", "")), int(made.group(1).replace(",", ""))


def without():
    """A build without ncurses says so."""
    with open(os.path.join(BUILD, "config.status")) as f:
        if 'S["WITH_NCURSES_TRUE"]="#"' not in f.read():
            return False
    code, _, err = run_program([program("nudgectl"), "top"])
    return ok(code == 1 and "--without-ncurses" in err, "a build without ncurses says so", (code, err))
