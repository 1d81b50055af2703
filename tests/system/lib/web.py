"""web.py - a nudge-web of a test's own, and a browser of nothing but sockets: requests, and streams of events."""

import atexit
import base64
import http.client
import json
import os
import queue
import socket
import struct
import subprocess
import threading

from bench import EXPERIMENTS, SLOW, Deadline, directory, program, ready_line, unheard

JSON = {"Content-Type": "application/json"}


class Web:
    """nudge-web for a daemon; start() and stop() may be repeated."""

    def __init__(self, daemon, *options, pages=None):
        self.daemon, self.options = daemon, list(options)
        self.dir = directory()
        self.pages = pages or self.dir
        self.log = os.path.join(self.dir, "web.log")
        self.process = None
        atexit.register(self._end)

    def arguments(self):
        return [program("nudge-web"), "--to", "ipc://" + self.daemon.dir, "--listen", "127.0.0.1:0", "--pages", self.pages,
                "--tasks", EXPERIMENTS] + self.options

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        self.url = ready_line(self.process, "nudge-web", self.log_text)
        self.host = self.url.split("/")[2]
        self.token = self.url.split("token=")[1]
        return self

    def log_text(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def stop(self):
        self.process.terminate()
        return self.wait()

    def wait(self):
        code = self.process.wait(timeout=60 * SLOW)
        self.process.stdout.close()
        self.process = None
        unheard(self.log_text())
        return code

    def _end(self):
        ended = self.process is not None and self.process.poll()  # by itself, that is
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if ended:
            print("# nudge-web ended with %d" % ended, flush=True)
        if os.path.exists(self.log) and (ended or "anitizer" in self.log_text()):
            print("\n".join("# " + line for line in self.log_text().splitlines()[:60]), flush=True)

    # ---- requests ----

    def ask(self, method, path, body=None, cookie=True, headers=None):
        """(status, body, headers) of a request on a connection of its own; headers of None are left out."""
        wanted = {"Cookie": "nudge=" + self.token} if cookie else {}
        if method == "POST":
            wanted["X-Nudge"] = "1"
        wanted.update(headers or {})
        connection = http.client.HTTPConnection(self.host, timeout=90 * SLOW)
        try:
            connection.request(method, path, body=body,
                               headers={name: value for name, value in wanted.items() if value is not None})
            reply = connection.getresponse()
            return reply.status, reply.read(), reply.headers
        finally:
            connection.close()

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def json(self, path):
        status, body, _ = self.get(path)
        if status != 200:
            raise RuntimeError("%s: %d %r" % (path, status, body[:400]))
        return json.loads(body)

    def post(self, path, value, **headers):
        """(status, JSON) of a POST of JSON."""
        status, body, _ = self.ask("POST", path, body=json.dumps(value).encode(), headers=dict(JSON, **headers))
        try:
            return status, json.loads(body)
        except ValueError:
            return status, body

    def call(self, method, params=None, **more):
        return self.post("/api/call", dict(more, method=method, params=params or {}))

    def result(self, method, params=None, **more):
        status, reply = self.call(method, params, **more)
        if "result" not in reply:
            raise RuntimeError("%s: %d %r" % (method, status, reply))
        return reply["result"]


class Event:
    def __init__(self, name, data, own):
        self.name, self.data, self.id = name, data, own  # id: of its own; None: it has none


class Events:
    """A stream of events, read by a thread; None in the queue is its end."""

    def __init__(self, web, last=None, by_header=True, read=True, receive_bytes=None):
        host, port = web.host.split(":")
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.connect((host, int(port)))
        path = "/api/events" + ("?last=" + last if last and not by_header else "")
        lines = ["GET %s HTTP/1.1" % path, "Host: " + web.host, "Cookie: nudge=" + web.token]
        if last and by_header:
            lines.append("Last-Event-ID: " + last)
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.last = last
        self.queue = queue.Queue()
        self.comments = 0
        self.reply = None
        self.thread = None
        if read:
            self.begin()

    def begin(self):
        self.reply = http.client.HTTPResponse(self.socket)
        self.reply.begin()
        self.status = self.reply.status
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        name, data, own = None, [], None
        try:
            while True:
                line = self.reply.readline().decode()
                if not line:
                    break
                line = line.rstrip("\n")
                if line.startswith(":"):
                    self.comments += 1
                elif line.startswith("id: "):
                    own = line[4:]
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data.append(line[6:])
                elif not line and name:
                    self.queue.put(Event(name, json.loads("\n".join(data)), own))
                    name, data, own = None, [], None
                elif not line:
                    own = None
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass  # the connection ended, or this side ended it
        self.queue.put(None)

    def next(self, seconds=30, what="an event"):
        """The next event; None: the stream has ended."""
        try:
            event = self.queue.get(timeout=seconds * SLOW)
        except queue.Empty:
            raise TimeoutError("%s: not within %g s" % (what, seconds * SLOW)) from None
        if event is not None and event.id:
            self.last = event.id
        return event

    def until(self, condition, seconds=60, what="an event"):
        """All events up to and with the first for which condition(event) holds."""
        events, deadline = [], Deadline(seconds, what)
        while deadline.open():
            event = self.next(max(deadline.left(), 0.01) / SLOW, what)
            if event is None:
                raise RuntimeError("%s: the stream ended after %r" % (what, [e.name for e in events[-5:]]))
            events.append(event)
            if condition(event):
                return events

    def close(self):
        """Ends the connection; what came until then can still be taken by rest()."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self.thread:
            self.thread.join(30 * SLOW)
        self.socket.close()

    def rest(self):
        """Whatever came and was not taken, when the stream has ended."""
        events = []
        while True:
            event = self.next()
            if event is None:
                return events
            events.append(event)


def numbers(text, code):
    """A base64 array."""
    raw = base64.b64decode(text)
    return struct.unpack("<%d%s" % (len(raw) // struct.calcsize("<" + code), code), raw)


class Steps:
    """The steps of a run as a page gathers them: by number, whatever comes twice."""

    def __init__(self, number):
        self.run, self.rows, self.edges, self.twice = number, {}, {}, 0

    def add(self, event):
        data = event.data
        if data["run"] != self.run:
            return
        columns = zip(numbers(data["mse_V2"], "d"), numbers(data["flags"], "I"), numbers(data["rev"], "I"),
                      numbers(data["t_mono_ns"], "q"))
        rows = list(columns)
        if len(rows) != data["n"]:
            raise ValueError("%d rows in a step event of %d" % (len(rows), data["n"]))
        for i, row in enumerate(rows):
            self.twice += data["step"] + i in self.rows
            self.rows[data["step"] + i] = row
        if data["rows"]:
            wiper, updated = base64.b64decode(data["wiper"]), base64.b64decode(data["updated"])
            n = len(data["rows"])
            for k, offset in enumerate(data["rows"]):
                self.edges[data["step"] + offset] = (wiper[k * len(wiper) // n:(k + 1) * len(wiper) // n],
                                                     updated[k * len(updated) // n:(k + 1) * len(updated) // n])

    def add_all(self, events):
        for event in events:
            if event is not None and event.name == "step":
                self.add(event)

    def missing(self, steps):
        """Ranges [from, to] below `steps` that are not there."""
        holes = []
        for k in range(steps):
            if k in self.rows:
                continue
            if holes and holes[-1][1] == k - 1:
                holes[-1][1] = k
            else:
                holes.append([k, k])
        return holes

    def refill(self, web, steps):
        """Asks /api/steps for what is missing; how many steps that was."""
        n = 0
        for first, last in self.missing(steps):
            while first is not None and first <= last:
                reply = web.json("/api/steps?run=%d&from=%d&to=%d&columns=step,mse_V2,flags,rev,t_mono_ns"
                                 % (self.run, first, min(last, first + 9999)))["result"]
                values = [array["values"] for array in reply["arrays"]]
                for row in zip(*values):
                    self.rows[row[0]] = tuple(row[1:])
                    n += 1
                first = first + 10000
        return n

    def packed(self):
        return [struct.pack("<dIIq", *self.rows[k]) for k in sorted(self.rows)]


def kept(daemon, number):
    """The same of the database."""
    return [struct.pack("<dIIq", *row) for row in
            daemon.sql("select mse_V2, flags, rev, t_mono_ns from steps where run = ? order by step", number)]
