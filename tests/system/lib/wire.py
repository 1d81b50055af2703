"""wire.py - a client of nudged in nothing but pyzmq, json and struct."""

import json
import struct
import time
import uuid

import zmq

from bench import SLOW, Deadline

CODES = {"i8": "q", "u8": "Q", "i4": "i", "u4": "I", "u2": "H", "u1": "B", "f8": "d", "f4": "f"}
ENDED = ("done", "stopped", "aborted", "interrupted", "failed")


class Refused(Exception):
    """The daemon said no."""

    def __init__(self, error):
        super().__init__("%(code)s %(message)s" % error)
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}


def columns(arrays, frames, n):
    """Payload frames by their descriptor: {name: [n values] or [n lists]}."""
    if len(arrays) != len(frames):
        raise ValueError("%d frames for %d arrays" % (len(frames), len(arrays)))
    result = {}
    for array, frame in zip(arrays, frames):
        item = CODES[array["dtype"].lstrip("<|")]
        width = 1
        for size in array["shape"][1:]:
            width *= size
        values = struct.unpack("<%d%s" % (n * width, item), frame)
        if len(array["shape"]) > 1:
            values = [values[i * width:(i + 1) * width] for i in range(n)]
        result[array["name"]] = list(values)
    return result


class Client:
    """Requests on one socket; `call` returns the result or raises Refused."""

    def __init__(self, daemon, name="control", socket=zmq.DEALER):
        self.daemon = daemon
        self.context = zmq.Context()
        self.socket = self.context.socket(socket)
        self.socket.linger = 0
        self.socket.connect(daemon.endpoint(name))
        self.lease = None
        self.meta = {}
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()
        self.context.term()

    def call(self, method, params=None, seconds=20, **meta):
        return self.call_frames(method, params, seconds, **meta)[0]

    def call_frames(self, method, params=None, seconds=20, **meta):
        reply, frames = self.exchange(method, params, seconds, **meta)
        if "error" in reply:
            raise Refused(reply["error"])
        return reply["result"], frames

    def exchange(self, method, params=None, seconds=20, **meta):
        """The whole reply, refused or not; self.meta keeps its meta."""
        token = self.send(method, params, **meta)
        reply, frames = self.receive(seconds)
        if reply["id"] != token:
            raise ValueError("the reply to %r has id %r" % (token, reply["id"]))
        return reply, frames

    def send(self, method, params=None, **meta):
        self.count += 1
        if self.lease and "lease" not in meta:
            meta["lease"] = self.lease
        request = {"jsonrpc": "2.0", "id": self.count, "method": method, "params": params or {}}
        if meta:
            request["meta"] = meta
        self.socket.send(json.dumps(request).encode())
        return self.count

    def receive(self, seconds=20):
        deadline = Deadline(seconds, "a reply")
        while not self.socket.poll(int(1000 * min(1.0, deadline.left()))) and deadline.open():
            self.daemon.alive()
        frames = self.socket.recv_multipart()
        reply = json.loads(frames[0])
        self.meta = reply.get("meta") or {}
        return reply, frames[1:]

    def refused(self, method, params=None, **meta):
        """The Refused of a request that must not go through; None if it did."""
        try:
            self.call(method, params, **meta)
        except Refused as why:
            return why
        return None

    # What tests do again and again

    def submit(self, task, **params):
        """The run's number.  A board of the bench that a busy machine made late comes back by itself."""
        try:
            return self.call("run.submit", dict(params, task=task))["run"]
        except Refused as why:
            if why.code != -32015 or "asked again by itself" not in why.message:
                raise
        self.wait_for("all boards", lambda s: all(d["state"] != "down" for d in s["devices"]))
        return self.call("run.submit", dict(params, task=task))["run"]

    def wait(self, run, seconds=60):
        """The run's figures when it has ended."""
        deadline = Deadline(seconds, "the end of run %d" % run)
        while deadline.left() > 0:
            found = self.call("run.wait", {"run": run, "timeout_s": min(5.0, deadline.left())}, 30)
            if found["status"] in ENDED:
                return found
        raise TimeoutError("%s is not in sight: %r, %r" % (deadline.what, found, self.call("state.snapshot")))

    def wait_for(self, what, condition, seconds=20):
        """Asks for the snapshot until condition(snapshot) holds; returns that snapshot."""
        deadline = Deadline(seconds, what)
        while deadline.open():
            snapshot = self.call("state.snapshot")
            if condition(snapshot):
                return snapshot

    def wait_step(self, run, step, seconds=30):
        return self.wait_for("step %d of run %d" % (step, run),
                             lambda s: s["run"] == run and (s["step"] or 0) >= step, seconds)


class Record:
    def __init__(self, frames):
        self.topic = frames[0].decode()
        self.header = json.loads(frames[1])
        self.frames = frames[2:]
        self.kind = self.header["kind"]


class Stream:
    """A subscriber whose subscriptions stand when the constructor returns."""

    def __init__(self, daemon, topics, hwm=0):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.rcvhwm = hwm
        self.socket.connect(daemon.endpoint("stream"))
        self.early = []
        for topic in topics:
            self.socket.subscribe(topic)
        welcome = "welcome.%s." % uuid.uuid4().hex
        self.socket.subscribe(welcome)
        deadline = Deadline(20, "the welcome of the stream")
        while deadline.open():
            record = self._receive(deadline.left())
            if record.topic == welcome:
                break
            self.early.append(record)
        self.socket.unsubscribe(welcome)  # it would come again
        self.welcome = record

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()
        self.context.term()

    def _receive(self, seconds):
        if not self.socket.poll(int(1000 * seconds) + 1):
            raise TimeoutError("nothing on the stream within %g s" % seconds)
        return Record(self.socket.recv_multipart())

    def next(self, seconds=20):
        if self.early:
            return self.early.pop(0)
        return self._receive(seconds * SLOW)

    def until(self, condition, seconds=60, what="a record"):
        """All records up to and with the first for which condition(record) holds."""
        records = []
        deadline = Deadline(seconds, what)
        while deadline.open():
            records.append(self.next(max(deadline.left() / SLOW, 0.001)))
            if condition(records[-1]):
                return records


def ends_run(run):
    """Condition for Stream.until: the run's end on `event.`."""
    return lambda r: r.kind == "event" and r.header["event"] == "run_end" and r.header["run"] == run


def descriptor(client, run):
    """The arrays of a run's records, as history.run tells them."""
    return client.call("history.run", {"run": run})["descriptor"]["arrays"]


def now():
    return time.monotonic()
