"""onbench.py - a daemon on nudge-benchd, and the same physics in the daemon's own simulator, for tests that compare."""

import contextlib
import json

from bench import Daemon, directory, write
from benchd import Benchd

# As the papers' bench, but with a card and boards that answer at once: for the outcome of learning, not for its pace.
QUICK_DAQ = {"settle_s": 0, "average": 1, "discard": 0, "relay_s": 0.0001}
QUICK_CLOCK = {"pulse_s": 0.00005, "done_s": 0.00005}
QUICK = ("--set", "tau_s=0.002")
PHYSICS = {"comparator": {"rule": "eq10", "bias_V": [0.0, 0.0], "drawn": "each"}, "comparator_noise_V": 0.003}
# What interlocks would refuse belongs to tests of their own.
OPEN_LIMITS = {"volts": [0.0, 5.0], "slew_V_per_s": "none", "edge_power_W": "none", "source_current_A": "none",
               "discrepancy_V": 0.02, "measure_slack_V": 0.01}


@contextlib.contextmanager
def bench_daemon(boards="tcp", sim=None, limits=None, daq=None, clock=None, read_every=1, **more):
    """(daemon, bench) that are stopped at the end; the daemon must end with 0."""
    with Benchd(directory(), boards=boards, sim=dict(PHYSICS, **(sim or {})), daq=dict(QUICK_DAQ, **(daq or {})),
                clock=dict(QUICK_CLOCK, **(clock or {})), limits=limits or OPEN_LIMITS, read_every=read_every, **more) as bench:
        daemon = Daemon(rig=bench.rig, environment=bench.environment).start()
        yield daemon, bench
        code = daemon.stop()
        if code:
            raise RuntimeError("the daemon ended with %d:\n%s" % (code, daemon.log_text()[-4000:]))


def simulated_rig(sim=None, capacitors_F=(0,)):
    """A rig file of the in-process simulator with the same physics and a card of 16 bits."""
    rig = {"rig": "reference", "backend": "sim", "network": {"file": "king9_16"},
           "limits": dict(OPEN_LIMITS, discrepancy_V="none"), "capacitors_F": list(capacitors_F),
           "sim": dict(PHYSICS, daq_bits=16, **(sim or {}))}
    return write(directory(), "reference.json", json.dumps(rig))
