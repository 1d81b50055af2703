"""captures.py - one multipart record of every kind from a daemon, with its decoded values by struct and json alone."""

import json
import math
import os
import struct
import uuid

import zmq

from bench import TOP, Daemon, Deadline, directory, task, write
from wire import Client, columns

FOLDER = os.path.join(TOP, "clients", "captures")
RIG = """rig: captures
backend: sim
network: {file: king9_16.csv}
edge: {taps: 128, r_step_ohm: 781.25, r_min_ohm: 781.25, initial_tap: 63}
limits: {volts: [0.0, 5.0], slew_V_per_s: none, edge_power_W: none, source_current_A: none,
         discrepancy_V: none, measure_slack_V: 0.01}
sim: {rule: discrete, daq_bits: 0, clock: real}
"""
# what each capture is, in the order of index.json
KINDS = {
    "hb": "the heartbeat", "welcome": "the answer to a subscription", "state": "a change of the state",
    "log": "a line of the daemon's log", "event": "a run begins",
    "desc": "the descriptor of the records step-1, latest, test, fetch", "step-1": "a step, a page of one row",
    "latest": "the newest step, for displays", "test": "an evaluation with its outputs",
    "desc-pages": "the descriptor of step-n", "step-n": "a page of several rows",
    "desc-floating": "the descriptor of step-floating", "step-floating": "a page in which a node floats: NaN",
    "run-end": "a run has ended", "fetch": "reply of stream.fetch", "history": "reply of history.steps",
    "history-bins": "reply of history.steps in bins"}
DESCRIBED_BY = {"step-1": "desc", "latest": "desc", "step-n": "desc-pages", "step-floating": "desc-floating"}
REPLIES = ("fetch", "history", "history-bins")


class Tap:
    """Every record of a daemon, as raw frames, from the beginning on."""

    def __init__(self, daemon):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.linger, self.socket.rcvhwm = 0, 0
        self.socket.connect(daemon.endpoint("stream"))
        for topic in ("hb.", "state.", "desc.", "step.", "latest.", "test.", "event.", "log.", "welcome.%s." % uuid.uuid4().hex):
            self.socket.subscribe(topic)
        self.records = []

    def until(self, condition, what):
        """The first record from the present one on for which condition(header) holds."""
        deadline, at = Deadline(60, what), len(self.records)
        while deadline.open():
            if self.socket.poll(200):
                self.records.append(self.socket.recv_multipart())
            while at < len(self.records):
                at += 1
                if condition(json.loads(self.records[at - 1][1])):
                    return self.records[at - 1]

    def first(self, condition, topic=b""):
        return next(frames for frames in self.records if frames[0].startswith(topic) and condition(json.loads(frames[1])))

    def close(self):
        self.socket.close()
        self.context.term()


def kind(word, run=None, **members):
    return lambda h: (h["kind"] == word and (run is None or h.get("run") == run)
                      and all(h.get(name) == value for name, value in members.items()))


def run_through(client, tap, work):
    number = client.submit(work)
    tap.until(kind("event", number, event="run_end"), "the end of run %d" % number)
    return number


def reply(client, method, params):
    """A reply's raw frames."""
    token = client.send(method, params)
    frames = client.socket.recv_multipart()
    assert json.loads(frames[0])["id"] == token
    return frames


def collect():
    """{name: frames} of a fresh daemon."""
    daemon = Daemon(rig=write(directory(), "rig.yaml", RIG)).start()
    tap, found = Tap(daemon), {}
    found["welcome"] = tap.until(kind("welcome"), "the welcome")
    tests = {"every": 10, "on": ["train"]}
    with Client(daemon) as client:
        one = run_through(client, tap, task(task="one by one", params={"eta": 0.2, "tau_s": 0.02}, stop={"steps": 20}, test=tests))
        many = run_through(client, tap, task(task="pages", params={"eta": 0.2, "tau_s": 0.002}, stop={"steps": 60}))
        edges = client.call("rig.describe")["edges"]
        for edge in edges:
            if 8 in (edge["a"], edge["b"]):
                client.call("rig.edge", {"edge": edge["edge"], "mode": "cut"})
        floating = run_through(client, tap, task(task="floating", params={"eta": 0.2, "tau_s": 0.02}, stop={"steps": 3}))
        found["fetch"] = reply(client, "stream.fetch", {"run": one, "from_step": 2, "to_step": 5})
        found["history"] = reply(client, "history.steps", {"run": one, "columns": ["step", "mse_V2", "v_free_V", "wiper"], "to_step": 4})
        found["history-bins"] = reply(client, "history.steps", {"run": many, "columns": ["step", "mse_V2"], "max_points": 5})
    found["state"] = tap.first(kind("state", one))
    found["log"] = tap.first(kind("log"))
    found["event"] = tap.first(kind("event", one, event="run_begin"))
    found["run-end"] = tap.first(kind("event", one, event="run_end"))
    found["desc"] = tap.first(kind("desc", one))
    found["step-1"] = tap.first(kind("step", one), b"step.")
    found["latest"] = tap.first(kind("step", one), b"latest.")
    found["test"] = tap.first(kind("test", one))
    found["desc-pages"] = tap.first(kind("desc", many))
    found["step-n"] = tap.first(lambda h: kind("step", many)(h) and h["n"] > 2, b"step.")
    found["desc-floating"] = tap.first(kind("desc", floating))
    found["step-floating"] = tap.first(kind("step", floating), b"step.")
    found["hb"] = tap.until(kind("hb"), "a heartbeat that names topics and steps")
    tap.close()
    daemon.stop()
    return found


def expected(name, found):
    """What a decoder must make of a capture, as JSON."""
    frames = found[name]
    header = json.loads(frames[0])["result"] if name in REPLIES else json.loads(frames[1])
    payload = frames[1:] if name in REPLIES else frames[2:]
    result = {"name": name, "what": KINDS[name], "frames": len(frames)}
    if name in REPLIES:
        described = header["arrays"]
    else:
        result["topic"] = frames[0].decode()
        described = header.get("arrays", []) if header["kind"] == "test" else []
    if name in DESCRIBED_BY:
        result["described_by"] = DESCRIBED_BY[name]
        described = json.loads(found[DESCRIBED_BY[name]][1])["arrays"]
    result["header"] = header
    result["arrays"] = [decoded(array, frame, header) for array, frame in zip(described, payload)]
    assert len(payload) == len(described), name
    return result


def decoded(array, frame, header):
    shape = [header["n"] if size == "n" else size for size in array["shape"]]
    values = columns([array], [frame], shape[0])[array["name"]] if len(frame) else []
    flat = [v for row in values for v in row] if len(shape) > 1 else list(values)
    result = {"name": array["name"], "dtype": array["dtype"], "shape": shape,
              "values": [None if isinstance(v, float) and not math.isfinite(v) else v for v in flat]}
    if None in result["values"]:
        result["invalid"] = ["values"]
    return result


def structure(value):
    """Names and types all the way down, without what a run decides: numbers, words, lengths."""
    if isinstance(value, dict):
        return {name: structure(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [structure(item) for item in value[:1]]
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def load(name):
    """(frames, expected) of a capture that is kept."""
    with open(os.path.join(FOLDER, name + ".json")) as f:
        wanted = json.load(f)
    frames = []
    for i in range(wanted["frames"]):
        with open(os.path.join(FOLDER, "%s.%d" % (name, i)), "rb") as f:
            frames.append(f.read())
    return frames, wanted


def packed(array):
    """The bytes that an array's values are, null as the NaN of IEEE 754 that any is."""
    code = {"<f8": "d", "<u4": "I", "<i8": "q", "<u1": "B", "|u1": "B"}[array["dtype"]]
    return struct.pack("<%d%s" % (len(array["values"]), code), *[math.nan if v is None else v for v in array["values"]])
