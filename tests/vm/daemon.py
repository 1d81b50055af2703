"""daemon.py - nudged itself on the VM's card: its outputs, its clock counted at the port, and its safe state.

comedi_test shows each output to the input of the same number, so what is measured is what was commanded, and a free target
reads what this test put on an output that the rig knows nothing of: no physics, but the whole way of a step.  The boards
(boards.py) step when the port is strobed: a tap is a proof of a clock edge.  Everything runs as a user in group iocard.
"""

import os
import select
import socket
import sqlite3
import struct
import subprocess
import sys

from boards import EDGE, HOLD, LEARN, MODE
from card import MEMBER, for_everybody
from comedi import AO, CODES, DO, Device
from tap import note, ok, same

SPAN = (-10.0, 10.0)  # the smallest range that holds 0 to 5 V with room at its ends
SOURCE_V, FREE_V, TARGET_V, SAFE_V, ETA = (4.1, 1.3), 2.5, 3.0, 1.0, 0.5
FREE_OUTPUT = 5  # seen by the free target's input
SECONDS = 60

RIG = """rig: vm
backend: bench
network: {edges: [[0, 1], [1, 2]]}
limits: {volts: [0.0, 5.0], slew_V_per_s: none, edge_power_W: 0.03, source_current_A: 0.01, discrepancy_V: 0.02,
         measure_slack_V: 0.01}
bias: {curve: [[0, 1], [5, 0]], always_V: 0, never_V: 5}
safe: {volts: %(safe_V)g, ramp_s: 0.01}
on_fault: fail
daq:
  driver: comedi
  device: /dev/comedi0
  digital_device: /dev/comedi1
  drive:
    0: {both: ao0}
    1: {clamped: ao1, switch: dio0}
    2: {both: ao2}
  measure:
    0: {free: ai0}
    1: {free: ai5, clamped: ai1}
    2: {free: ai2}
  bias: ao6
  clock: {line: do0, idle: low, active: rising, pulse_s: %(pulse_s)g, done_s: 0.0005}
boards: {driver: modbus-tcp, device: "127.0.0.1:%(port)d", addresses: "1-2", reply_timeout_s: 5, watchdog_s: 0,
         read_every: 1}
"""

TASK = """task: a step's way
kind: allostery
sources: [0, 2]
targets: [1]
train: {examples: [{source_V: [%g, %g], target_V: [%g]}]}
initial: midscale
params: {eta: %g, p: 1, tau_s: %g}
stop: {steps: %d}
"""


def code(value_V):
    return round((value_V - SPAN[0]) / (SPAN[1] - SPAN[0]) * CODES)


def true_V(value_V):
    """As the card makes it."""
    return SPAN[0] + (SPAN[1] - SPAN[0]) * code(value_V) / CODES


def write(name, text):
    path = os.path.join("/tmp", name)
    with open(path, "w") as f:
        f.write(text)
    return path


class Boards:
    """The boards' process, and a look at their registers from beside the daemon."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-B", "boards.py", ".", "2"], stdout=subprocess.PIPE)
        if not select.select([self.process.stdout], [], [], SECONDS)[0]:
            raise TimeoutError("boards.py: no port within %d s" % SECONDS)
        self.port = int(self.process.stdout.readline())

    def register(self, unit, address):
        with socket.create_connection(("127.0.0.1", self.port), SECONDS) as s:
            s.sendall(struct.pack(">HHHBBHH", 1, 0, 6, unit, 3, address, 1))
            return struct.unpack(">HHHBBBH", s.recv(11, socket.MSG_WAITALL))[-1]

    def modes(self):
        return [self.register(unit, EDGE + MODE) for unit in (1, 2)]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Bench:
    """What the tests of the daemon have in common."""

    def __init__(self, port):
        self.port, self.boards = port, Boards()
        self.test, self.lines = Device("/dev/comedi0"), Device("/dev/comedi1")
        self.nudged, self.nudge_safe = for_everybody("nudged"), for_everybody("nudge-safe")
        for line in (3, 2):  # on line, so that do0 strobes
            self.lines.set_line(DO, line, True)
        for output in range(8):
            self.test.set_code(AO, output, code(FREE_V))

    def close(self):
        self.boards.stop()
        self.test.close()
        self.lines.close()

    def rig(self, pulse_s=0.0005):
        return write("rig-%g.yaml" % pulse_s, RIG % {"port": self.boards.port, "safe_V": SAFE_V, "pulse_s": pulse_s})

    def train(self, rig, steps, db, tau_s=0.5):
        task = write("task.yaml", TASK % (SOURCE_V + (TARGET_V, ETA, tau_s, steps)))
        return subprocess.Popen([*MEMBER, self.nudged, "--rig", rig, "--db", db, "--once", task], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def make_safe(self, rig):
        done = subprocess.run([*MEMBER, self.nudge_safe, "--rig", rig], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS)
        return done.returncode, done.stdout.decode()

    def outputs(self):
        """Codes of the rig's own: the nodes' and the bias."""
        codes = self.test.codes(AO)
        return [codes[0], codes[1], codes[2], codes[6]]


def rows(db, question):
    connection = sqlite3.connect("file:%s?mode=ro" % db, uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def refuses(bench):
    strobes = bench.port.strobes()
    process = bench.train(bench.rig(), 5, "/tmp/refused.db", tau_s=1e-5)
    said = process.communicate(timeout=SECONDS)[0].decode()
    ok(process.returncode == 2 and "tau_s" in said and "shorter than" in said,
       "a period shorter than a step on this rig is refused", "%d: %s" % (process.returncode, said))
    same(bench.port.strobes() - strobes, 0, "a refused task makes no clock edge")
    same(bench.outputs(), [code(SAFE_V)] * 4, "and leaves every output at safe volts")


def trains(bench):
    """Some steps: what stands in the database against what the card and the port saw."""
    steps, db, before = 4, "/tmp/trains.db", bench.port.strobes()
    process = bench.train(bench.rig(), steps, db)
    said = process.communicate(timeout=SECONDS)[0].decode()
    if not same(process.returncode, 0, "nudged trains on the kernel's card, as a user in group iocard"):
        raise RuntimeError("nudged: " + said)
    same(bench.port.strobes() - before, steps, "the port saw an edge for each step, none for opening and making safe")
    same(rows(db, "select steps, status from runs"), [(steps, "done")], "the database has as many steps")
    same([tap for (tap,) in rows(db, "select tap from wipers where edge = 0 order by step")],
         [63 + step for step in range(1, steps + 1)], "each step's tap has moved with the port")
    free_V, step_V = true_V(FREE_V), (SPAN[1] - SPAN[0]) / CODES
    clamp_V = free_V + ETA * (TARGET_V - free_V)
    want = (free_V,) + tuple(true_V(v) for v in SOURCE_V), clamp_V, true_V(clamp_V)
    kept = [struct.unpack("<d", clamp) + struct.unpack("<3d", free) + struct.unpack("<d", clamped[:8])
            for clamp, free, clamped in rows(db, "select clamp_V, v_free_V, v_clamped_V from steps")]
    note("clamp, free (target, sources), clamped target: %r" % (kept[:1],))
    ok(all(abs(row[0] - want[1]) < 1e-9 and abs(row[4] - want[2]) <= step_V and
           all(abs(got - true) <= step_V for got, true in zip(row[1:4], want[0])) for row in kept),
       "the rows have what the card was told and what it showed", "%r is not as %r" % (kept, want))
    same(bench.outputs(), [code(SAFE_V)] * 4, "after the run every output stands at safe volts")


def killed(bench):
    """kill -9 in mid-run; then nudge-safe alone."""
    process = bench.train(bench.rig(), 100000, "/tmp/killed.db")
    bench.port.await_strobes(bench.port.strobes() + 3, process, SECONDS)
    process.kill()
    process.communicate()
    held, strobes = bench.test.codes(AO), bench.port.strobes()
    same([held[0], held[2]], [code(v) for v in SOURCE_V], "kill -9: the card keeps its last outputs")
    same(bench.boards.modes(), [LEARN] * 2, "kill -9: the boards would learn on")
    status, said = bench.make_safe(bench.rig())
    ok(status == 0 and "confirmed" in said, "nudge-safe confirms that the rig is safe", "%d: %s" % (status, said))
    same(bench.outputs(), [code(SAFE_V)] * 4, "every output stands at safe volts")
    same(bench.test.codes(AO)[FREE_OUTPUT], held[FREE_OUTPUT], "an output that is not the rig's was left alone")
    same(bench.boards.modes(), [HOLD] * 2, "the boards are on hold")
    same(bench.port.strobes() - strobes, 0, "and the port saw no clock edge")


def kill_in_a_pulse(bench, db):
    process = bench.train(bench.rig(pulse_s=300), 1, db, tau_s=1000)
    bench.port.await_strobes(bench.port.strobes() + 1, process, SECONDS)
    process.kill()
    process.communicate()
    same(bench.lines.line(DO, 0), 1, "kill -9 in a pulse: the clock line stays where it was")


def killed_in_a_pulse(bench):
    """While the clock line is away from idle; then nudge-safe, or the next run."""
    kill_in_a_pulse(bench, "/tmp/pulse.db")
    strobes = bench.port.strobes()
    status, said = bench.make_safe(bench.rig())
    ok(status == 0 and "confirmed" in said, "nudge-safe confirms that, too, is safe", "%d: %s" % (status, said))
    same([bench.lines.line(DO, 0), bench.port.strobes() - strobes], [0, 0], "the clock is idle again, without a clock edge")
    same(bench.outputs(), [code(SAFE_V)] * 4, "and every output stands at safe volts")
    kill_in_a_pulse(bench, "/tmp/pulse-2.db")
    strobes = bench.port.strobes()
    process = bench.train(bench.rig(), 2, "/tmp/after.db")
    said = process.communicate(timeout=SECONDS)[0].decode()
    ok(process.returncode == 0 and bench.port.strobes() - strobes == 2,
       "a run that comes next makes each of its clock edges", "%d: %s" % (process.returncode, said))


def daemon(port):
    bench = Bench(port)
    try:
        refuses(bench)
        trains(bench)
        killed(bench)
        killed_in_a_pulse(bench)
    finally:
        bench.close()
