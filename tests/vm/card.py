"""card.py - the daemon's card driver, through tests/daq_try, on the VM's comedi devices: what it says it does against the
raw codes that libcomedi reads and the edges that the port counted."""

import json
import os
import random
import shutil
import signal
import subprocess

from comedi import AI, AO, CODES, DO, RANGES, Device, lsb, volts
from port import CONTROL, DATA
from tap import note, ok, same

ANALOGUE, DIGITAL = "/dev/comedi0", "/dev/comedi1"
WIDE, NARROW = RANGES
STROBE_HIGH = ("--clock", "do0", "--idle", "low", "--active", "rising", "--pulse", "0.001")
STROBE_LOW = ("--clock", "do0", "--idle", "high", "--active", "falling", "--pulse", "0.001")
DATA_LINE = ("--clock", "dio0", "--idle", "high", "--active", "falling", "--pulse", "0.001")
SECONDS = 60


def arguments(options, words):
    return [str(word) for word in ("./daq_try", *options, "comedi", ANALOGUE, DIGITAL, *words)]


def attempt(options, *words, prefix=(), program=None):
    """(exit status, [what was said of each command, the opening first])."""
    command = [*prefix, *arguments(options, words)]
    if program:
        command[len(prefix)] = program
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=SECONDS)
    return done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()]


def all_done(options, *words):
    """What was said of each command; raises if one of them failed."""
    status, said = attempt(options, *words)
    if status != 0:
        raise RuntimeError("daq_try %s: %d, %s" % (" ".join(arguments(options, words)), status, said[-1:]))
    return said[1:]


class Held:
    """A daq_try that did its commands and has the card open."""

    def __init__(self, options, *words):
        self.process = subprocess.Popen(arguments(options, words + ("hold",)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        line = b"{}"
        while line and json.loads(line).get("do") != "hold":
            line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("daq_try ended with %d" % self.process.wait())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


# ---- outputs and inputs ----


def over_the_range(test, draw, limits, span):
    """Eight channels, end to end of the limits and between: written, read back, read."""
    low, high = limits
    inside = (low + 2 * lsb(span), high - 2 * lsb(span))  # a reading at the very end of a range is no number
    values = [[inside[0] + (inside[1] - inside[0]) * (channel + 8 * row) / 63 for channel in range(8)] for row in range(8)]
    values += [[draw.uniform(*inside) for _ in range(8)] for _ in range(4)]
    names, words = ["%s%d" % (kind, i) for kind in ("ao", "ai") for i in range(8)], []
    for row in values:
        words += ["write"] + [word for i in range(8) for word in (names[i], repr(row[i]))]
        words += ["readback"] + names[:8] + ["read"] + names[8:]
    said = all_done(("--limits", "%r,%r" % limits, "--need", "ao0", "--need", "ai0"), *words)
    worst = {what: max(abs(got - want) for row, line in zip(values, said[at::3]) for got, want in zip(line["V"], row))
             for at, what in ((1, "read back"), (2, "read"))}
    for what, error_V in worst.items():
        ok(error_V <= lsb(span), "%g to %g V: each output is %s within a step" % (limits + (what,)),
           "off by %g V, a step is %g V" % (error_V, lsb(span)))
    raw = test.codes(AO)
    same(raw, test.codes(AI), "%g to %g V: the kernel has the same codes at outputs and inputs" % limits)
    error_V = max(abs(volts(code, span) - want) for code, want in zip(raw, values[-1]))
    ok(error_V <= lsb(span) / 2 * 1.001, "%g to %g V: they are the nearest of the range %g to %g V" % (limits + span),
       "codes %r for %r" % (raw, values[-1]))


def averages(test):
    test.set_code(AO, 3, 50000)
    said = all_done(("--limits", "-10,10", "--average", "7", "--discard", "2"), "read", "ai3", "ai3", "ai0")
    ok(abs(said[0]["V"][0] - volts(50000, WIDE)) < 1e-9 and said[0]["V"][0] == said[0]["V"][1],
       "an average of equal samples is the sample", said)


def refusals(test):
    limits = ("--limits", "-5,5", "--need", "ao0", "--need", "ai0")
    all_done(limits, "write", *[word for i in range(8) for word in ("ao%d" % i, "1.25")])
    before = test.codes(AO)
    refused = (
        ("nan", "EINVAL", ("write", "ao0", "nan"), ("ao0", "nan")),
        ("an infinity", "EINVAL", ("write", "ao0", "-inf"), ("ao0", "inf")),
        ("a voltage above the limit", "ERANGE", ("write", "ao1", "5.01"), ("ao1", "5.01", "-5 to 5 V")),
        ("a voltage below the limit", "ERANGE", ("write", "ao1", "-5.01"), ("ao1", "-5.01", "-5 to 5 V")),
        ("a list with one such value", "ERANGE", ("write", "ao2", "2", "ao3", "7"), ("ao3", "7")),
        ("an output that is not there", "EINVAL", ("write", "ao8", "0"), ("ao8", "ao0 to ao7")),
        ("an input that is not there", "EINVAL", ("read", "ai8"), ("ai8", "ai0 to ai7")),
        ("an input as an output", "EINVAL", ("write", "ai0", "0"), ("ai0",)),
        ("a line that is not there", "EINVAL", ("set", "do4", "1"), ("do4", "do0 to do3")),
    )
    status, said = attempt(limits, *[word for _, _, words, _ in refused for word in words])
    same(status, 1, "refusals: the program says so")
    for (what, errno, _, parts), line in zip(refused, said[1:]):
        ok(not line["ok"] and line["name"] == errno and all(part in line["error"] for part in parts),
           "refuses " + what, line)
    same(test.codes(AO), before, "refusals: no output moved")
    status, said = attempt(("--limits", "-12,12", "--need", "ao0"))
    ok(status == 1 and said[0].get("name") == "ERANGE" and "-12 to 12 V" in said[0]["error"] and
       "-10 to 10 V" in said[0]["error"], "refuses limits that no range holds, and says which there are", said)
    test.set_code(AO, 0, CODES)
    said = attempt(("--limits", "-10,10"), "read", "ai0")[1]
    ok(not said[1]["ok"] and said[1]["name"] == "EIO" and "ai0" in said[1]["error"],
       "a reading at the end of the range is a fault, not a number", said)


# ---- the clock ----


def strobe(port, lines):
    """Control line 0 as the clock: the port itself counts."""
    before, since = port.strobes(), len(port.writes())
    all_done(STROBE_HIGH, "idle", "reopen", "write", "ao0", "1", "set", "dio5", "1", "read", "ai0", "idle")
    same(port.strobes() - before, 0, "opening, closing, outputs and other lines make no clock edge")
    said = all_done(STROBE_HIGH, *["pulse"] * 7, "idle", "reopen", "pulse")
    same([line["pulses"] for line in said if line["do"] == "pulse"], [1, 2, 3, 4, 5, 6, 7, 1], "the driver counts its pulses")
    same(port.strobes() - before, 8, "eight pulses are eight strobes at the port")
    same(port.edges(CONTROL, 0, since), (8, 8), "and eight rising edges, eight falling ones")
    lines.set_line(DO, 0, True)  # from here on it idles high: one strobe of the test's own
    before, since = port.strobes(), len(port.writes())
    all_done(STROBE_LOW, "idle", "reopen", "idle")
    same((port.strobes() - before, port.edges(CONTROL, 0, since)), (0, (0, 0)), "idle high: opening and closing make none")
    all_done(STROBE_LOW, *["pulse"] * 3)
    same((port.strobes() - before, port.edges(CONTROL, 0, since)), (3, (3, 3)), "idle high: three pulses are three")
    same(lines.line(DO, 0), 1, "idle high: and it stands high again")
    lines.set_line(DO, 0, False)


def data_line(port):
    """A data line as the clock: each write to the port's data register is in its log."""
    since = len(port.writes())
    said = all_done(DATA_LINE + ("--relay", "dio3"), "idle", "get", "dio3")
    same(said[1]["high"], False, "a line that becomes an output has its idle level, a relay is open")
    same(port.edges(DATA, 0, since)[1], 0, "dio0: becoming an output makes no falling edge")
    since = len(port.writes())
    all_done(DATA_LINE + ("--relay", "dio3"), "set", "dio3", "1", *["pulse"] * 5, "set", "dio3", "0", "reopen", "idle")
    same(port.edges(DATA, 0, since), (5, 5), "dio0: five pulses are five edges each way, whatever else is switched")
    same(port.edges(DATA, 3, since), (1, 1), "dio3: a relay goes high and low once")


# ---- kill -9 ----


def killed(port, test, lines):
    before = port.strobes()
    held = Held(STROBE_HIGH, "write", "ao0", "3.25", "ao7", "-1.5", "pulse")
    codes = test.codes(AO)
    held.kill()
    ok(all(abs(volts(codes[i], WIDE) - want) <= lsb(WIDE) for i, want in ((0, 3.25), (7, -1.5))),
       "outputs stand as they were written", codes)
    same(test.codes(AO), codes, "kill -9: the card keeps them all")
    same(port.strobes() - before, 1, "kill -9 makes no clock edge")
    said = all_done(STROBE_HIGH, "readback", "ao0", "ao7", "idle", "write", "ao0", "0", "ao7", "0", "readback", "ao0", "ao7")
    ok(all(abs(got - want) <= lsb(WIDE) for got, want in zip(said[0]["V"], (3.25, -1.5))),
       "whoever comes next reads back what was left", said)
    ok(all(abs(got) <= lsb(WIDE) for got in said[3]["V"]), "and can write again", said)
    # in the middle of a pulse: away from idle, which is where the line then stays
    before = port.strobes()
    process = subprocess.Popen(arguments(STROBE_HIGH + ("--pulse", "600"), ["pulse"]), stdout=subprocess.PIPE)
    port.await_strobes(before + 1, process, SECONDS)
    process.kill()
    process.communicate()
    said = attempt(STROBE_HIGH, "idle", "set", "do0", "0", "idle")[1]
    ok(not said[1]["ok"] and "do0" in said[1]["error"] and "idle" in said[1]["error"],
       "kill -9 in a pulse: whoever comes next is told that the clock is not idle", said)
    same([said[3]["ok"], port.strobes() - before, lines.line(DO, 0)], [True, 1, 0],
         "and can put it there without another clock edge")


# ---- who may ----


NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup")
MEMBER = NOBODY + ("--groups=iocard",)


def for_everybody(name):
    """A program where others can start it, too: the work directory may lie where they cannot go."""
    folder = "/tmp/bin"
    os.makedirs(folder, 0o755, exist_ok=True)
    program = shutil.copy(name, folder)
    os.chmod(program, 0o755)
    return program


def users():
    """Somebody who is not root, with and without the group that Debian's udev rule gives the devices."""
    program = for_everybody("daq_try")
    status, said = attempt(STROBE_HIGH, "write", "ao0", "2", "readback", "ao0", "idle", program=program, prefix=MEMBER)
    ok(status == 0 and abs(said[2]["V"][0] - 2) <= lsb(WIDE), "a user in group iocard needs no root", said)
    status, said = attempt(STROBE_HIGH, "readback", "ao0", program=program, prefix=NOBODY + ("--clear-groups",))
    ok(status == 1 and said[0].get("name") == "EACCES", "another user is refused", said)
    ok(all(part in said[0].get("error", "") for part in (ANALOGUE, "group", "iocard", "adduser")),
       "the refusal names the device, the group, and what to do", said)


# ---- what is there ----


def probe(device):
    done = subprocess.run(["./nudged", "--probe", device], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=SECONDS)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def probes(port, test):
    codes, writes = test.codes(AO), len(port.writes())
    status, text, said = probe(ANALOGUE)
    ok(status == 0 and all(part in text for part in ("comedi_test", "ao0 to ao7: 16 bits", "ai0 to ai7: 16 bits",
                                                     "-10 to 10 V", "-5 to 5 V")),
       "nudged --probe tells what the card has", text + said)
    status, text, said = probe(ANALOGUE + "," + DIGITAL)
    ok(status == 0 and all(part in text for part in ("comedi_test", "comedi_parport", "dio0 to dio7", "do0 to do3")),
       "and what the device of its lines has", text + said)
    with open("/tmp/probed.yaml", "w") as f:
        f.write(text)
    done = subprocess.run(["./nudged", "--rig", "/tmp/probed.yaml", "--db", "/tmp/probed.db", "--check-config"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    ok(done.returncode == 0, "its text is a rig file that loads", done.stdout.decode() + text)
    status, text, said = probe("/dev/comedi3")
    ok(status == 1 and "/dev/comedi3" in said, "a device without a card is refused by name", text + said)
    same((test.codes(AO), len(port.writes())), (codes, writes), "probing writes nothing to a card")


def card(port):
    if not os.access("daq_try", os.X_OK):
        raise FileNotFoundError("tests/daq_try is not built")
    seed = int.from_bytes(os.urandom(4), "big") if "NUDGED_TEST_SEED" not in os.environ else \
        int(os.environ["NUDGED_TEST_SEED"])
    note("seed %d" % seed)
    draw = random.Random(seed)
    test, lines = Device(ANALOGUE), Device(DIGITAL)
    over_the_range(test, draw, (-4.8, 4.8), NARROW)
    over_the_range(test, draw, (-5.0, 5.0), WIDE)
    over_the_range(test, draw, (-10.0, 10.0), WIDE)
    averages(test)
    refusals(test)
    strobe(port, lines)
    data_line(port)
    killed(port, test, lines)
    users()
    probes(port, test)
    test.close()
    lines.close()
