"""benchd.py - a nudge-benchd of a test's own: its rig file, its control socket, what nudged needs to find it.

    with Benchd(directory(), boards="tcp", sim={"comparator_noise_V": 0.003}) as bench:
        daemon = Daemon(rig=bench.rig, environment=bench.environment).start()
        bench.fault("silence", board=3, count=5)
        bench.state()["taps"]
"""

import atexit
import json
import os
import re
import signal
import socket
import subprocess

from bench import BUILD, EXPERIMENTS, SANITIZER, SLOW, Deadline, program, ready_line, unheard, write

STANDIN = os.path.join(BUILD, "sim_backend", "benchd", "standin", ".libs")
BOARD_KEYS = ("addresses", "baud", "edges_per_board", "noise_V", "read_every", "reply_timeout_s", "serials", "tries",
              "watchdog_s")


# ---- rig files: as much YAML as the shipped ones are written in ----

def _scalar(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def _flow(text):
    """(value, what follows it) of a flow value: {a: b, c: [d]}."""
    text = text.lstrip()
    if text[:1] == "[":
        items, text = [], text[1:].lstrip()
        while text[:1] != "]":
            item, text = _flow(text)
            items.append(item)
            text = text.lstrip().lstrip(",").lstrip()
        return items, text[1:]
    if text[:1] == "{":
        members, text = {}, text[1:].lstrip()
        while text[:1] != "}":
            name, text = re.match(r"([^:]+):(.*)", text, re.S).groups()
            members[name.strip()], text = _flow(text)
            text = text.lstrip().lstrip(",").lstrip()
        return members, text[1:]
    found = re.match(r"[^,\]}]*", text).group(0)
    return _scalar(found.strip()), text[len(found):]


def read_rig(path):
    """A rig file of docs/experiments as what json.dumps() takes."""
    rig, inside = {}, {}
    with open(path) as f:
        for line in f:
            line = re.sub(r"(^|\s)#.*", "", line.rstrip("\n"))
            if not line.strip():
                continue
            depth = len(line) - len(line.lstrip())
            name, value = re.match(r"\s*([^:]+):(.*)", line).groups()
            inside = {at: where for at, where in inside.items() if at < depth}
            parent = inside[max(inside)] if inside else rig
            parent[name] = _flow(value)[0] if value.strip() else {}
            inside[depth] = parent[name] if not value.strip() else None
            if inside[depth] is None:
                del inside[depth]
    return rig


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Refused(Exception):
    """The control socket said no."""


class Benchd:
    """A nudge-benchd and its rig file, base with changes: `sim`, `daq` and `clock` (of the daq) replace single members,
    `limits` all of them; read_every=, watchdog_s= and the like are the boards', other names the rig's.  boards: "rtu", "tcp"
    (one place for all), or "tcp-each" (a place for each board)."""

    def __init__(self, folder, base="bench16.yaml", boards="rtu", sim=None, daq=None, clock=None, limits=None, pace=False,
                 seed=1, options=(), **more):
        self.dir = folder
        self.card = os.path.join(folder, "card.sock")
        self.control = os.path.join(folder, "control.sock")
        self.line = os.path.join(folder, "boards")
        self.log = os.path.join(folder, "benchd.log")
        self.options = ["--seed", str(seed)] + (["--pace"] if pace else []) + list(options)
        self.config = self._make(read_rig(os.path.join(EXPERIMENTS, base)), boards, sim, daq, clock, limits, more)
        self.rig = write(folder, "rig.json", json.dumps(self.config))
        before = os.environ.get("LD_LIBRARY_PATH")
        self.environment = {"LD_LIBRARY_PATH": STANDIN + (":" + before if before else ""), "NUDGE_BENCHD_CARD": self.card}
        self.process = self.socket = self.ready = None
        self.unread = b""
        atexit.register(self._end)

    def _make(self, rig, boards, sim, daq, clock, limits, more):
        own = {name: more.pop(name) for name in list(more) if name in BOARD_KEYS}
        rig["boards"].update(own)
        if boards == "rtu":
            rig["boards"].update(driver="modbus-rtu", device=self.line)
        else:
            first, last = re.match(r"(\d+)(?:-(\d+))?$", str(rig["boards"]["addresses"])).groups()
            places = 1 if boards == "tcp" else int(last or first) - int(first) + 1
            self.places = ["127.0.0.1:%d" % free_port() for _ in range(places)]
            rig["boards"].pop("baud", None)
            rig["boards"].update(driver="modbus-tcp", device=self.places if places > 1 else self.places[0])
        rig["daq"].update(daq or {})
        rig["daq"]["clock"].update(clock or {})
        rig["limits"] = limits or rig["limits"]
        rig.setdefault("sim", {}).update(sim or {})
        rig.update(more)
        return rig

    # ---- life ----

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def arguments(self):
        return [program("nudge-benchd"), "--rig", self.rig, "--dir", self.dir] + self.options

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        self.ready = ready_line(self.process, "nudge-benchd", self.log_text)
        return self

    def stop(self, number=signal.SIGTERM):
        """Returns the exit code; None if it was not there."""
        if self.socket:
            self.socket.close()
            self.socket = None
        self.unread = b""
        if self.process is None:
            return None
        self.process.send_signal(number)
        code = self.process.wait(timeout=20 * SLOW)
        self.process.stdout.close()
        self.process = None
        unheard(self.log_text())
        return code

    def log_text(self):
        try:
            with open(self.log, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def _end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        found = SANITIZER.search(self.log_text())
        if found:
            print("\n".join("# " + line for line in self.log_text()[found.start():][:4000].splitlines()), flush=True)

    # ---- the control socket ----

    def _connect(self):
        if self.socket is None:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(20 * SLOW)
            self.socket.connect(self.control)

    def ask(self, line):
        """The answer to a line of text, be it as it may."""
        self._connect()
        self.socket.sendall(line.encode() + b"\n")
        while b"\n" not in self.unread:
            part = self.socket.recv(65536)
            if not part:
                raise RuntimeError("nudge-benchd hung up:\n" + self.log_text())
            self.unread += part
        answer, self.unread = self.unread.split(b"\n", 1)
        return json.loads(answer.decode())

    def do(self, word, **more):
        answer = self.ask(json.dumps(dict(more, do=word)))
        if not answer.pop("ok"):
            raise Refused(answer["error"])
        return answer

    def fault(self, what, **more):
        """board=, other= (addresses), edge=, node=, channel="ao1", value=; count=, for_s=, after_ticks=, at_tick=."""
        return self.do("fault", what=what, **more)

    def clear(self):
        return self.do("clear")

    def plug(self, channel, node, side=None):
        return self.do("plug", channel=channel, node=node, **({"side": side} if side else {}))

    def loop(self, input, output=None):
        return self.do("loop", input=input, **({"output": output} if output else {}))

    def state(self):
        return self.do("state")

    def counts(self):
        return self.do("counts")

    def clear_counts(self):
        return self.do("clear_counts")

    def faults(self):
        return self.state()["faults"]

    def wait_tick(self, tick, seconds=60):
        """Until so many active edges of the clock line have been since the start, or more; returns how many."""
        return self._wait(seconds, tick=tick)

    def wait_quiet(self, seconds=60):
        """Until no fault is on or to come any more."""
        return self._wait(seconds, faults=0)

    def _wait(self, seconds, **what):
        self._connect()
        self.socket.settimeout(seconds * SLOW)
        try:
            return self.do("wait", **what)["ticks"]
        except socket.timeout:
            self.socket.close()
            self.socket, self.unread = None, b""
            raise TimeoutError("nudge-benchd: %s: not within %g s" % (what, seconds)) from None
        finally:
            if self.socket:
                self.socket.settimeout(20 * SLOW)
