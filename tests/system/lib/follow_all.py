"""follow_all.py RUNTIME RUN OPTIONS - a subscriber with troubles of its own, that ends up with every step, test and event of a run.

OPTIONS is JSON: hwm (messages that wait for it), pause_s after each `every` records, leave_every (so many records, then it leaves and
comes back).  Says "standing", then, when nothing is missing, one line of JSON: steps, refilled, file (its rows), tests, events, holes
that it noticed in either, boots that it saw change, the steps that were called durable.
"""

import json
import os
import select
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import Deadline
from follow import Follower, Place
from wire import ENDED, Client, Refused, Stream, descriptor

SILENCE_S = 2.5


class All(Follower):
    def __init__(self, place, run, options):
        self.place, self.options, self.events, self.tests = place, options, [], {}
        self.run, self.rows, self.refilled, self.topic = run, [], 0, "step.%08d." % run
        self.last, self.boot, self.boots, self.holes, self.left, self.arrays = {}, None, 0, 0, 0, None
        self.durable_steps, self.pages = 0, []  # (seq, steps up to its end), not durable yet
        self.topics = ["desc.", self.topic, "hb.", "event.", "test.%08d." % run]
        self.client, self.stream = None, None
        self.come()

    def come(self):
        for old in (self.stream, self.client):
            if old:
                old.close()
        self.stream = self.client = None
        self.client = Client(self.place)
        self.stream = Stream(self.place, self.topics, self.options.get("hwm", 0))

    # ---- chains ----

    def chain(self, header, topic):
        """Whether records of the topic are missing before this one; what is told twice counts once."""
        if header["boot"] != self.boot:
            self.boots += self.boot is not None
            self.holes += self.boot is not None
            self.boot, self.last = header["boot"], {}
        missing = header["prev"] > self.last.get(topic, 0)
        self.last[topic] = header["seq"]
        return missing

    def durable(self, header):
        while self.pages and self.pages[0][0] <= header["durable_seq"]:
            self.durable_steps = max(self.durable_steps, self.pages.pop(0)[1])

    def take(self, record):
        header, topic = record.header, record.topic
        if record.kind not in ("hb", "desc", "step", "event", "test"):
            return
        old = self.boot
        missing = self.chain(header, topic)
        if header["boot"] != old:
            self.pages = []
        if record.kind == "desc" and header["run"] == self.run:
            self.arrays = header["arrays"]
        elif record.kind == "step":
            self.arrays = self.arrays or descriptor(self.client, self.run)
            self.pages.append((header["seq"], header["step"] + header["n"]))
            self.refill(header["step"])
            self.add(self.arrays, record.frames, header["step"], header["n"])
        elif record.kind == "event":
            self.holes += missing
            if header["run"] == self.run:
                self.events.append((header["event"], header["step"]))
        elif record.kind == "test":
            self.holes += missing
            self.tests[header["step"], header["set"]] = header["error_V2"]
        self.durable(header)

    def is_over(self, header):
        """A heartbeat with which nothing is missing any more, but a tail that is told by it."""
        row = self.client.call("run.get", {"run": self.run})
        if row["status"] not in ENDED:
            return False
        self.refill(row["steps"])
        for topic, seq in header["last"].items():
            if topic in ("event.", self.topics[-1]) and seq > self.last.get(topic, 0):
                self.holes += 1
        if self.holes:
            self.refill_others()
        return True

    def refill_others(self):
        """Events by history.events, tests by history.run."""
        self.events, after = [], 0
        while after is not None:
            reply = self.client.call("history.events", {"run": self.run, "limit": 1000, "after": after})
            self.events += [(row["kind"], row["step"]) for row in reply["rows"]]
            after = reply["next"]
        self.tests = {(row["step"], row["set"]): row["error_V2"] for row in self.client.call("history.run", {"run": self.run})["tests"]}

    # ---- its way ----

    def follow(self):
        deadline, n = Deadline(240, "the end of run %d" % self.run), 0
        every, leave = self.options.get("every", 0), self.options.get("leave_every", 0)
        while deadline.open():
            try:
                record = self.stream.next(SILENCE_S)
                self.take(record)
                if record.kind == "hb" and self.is_over(record.header):
                    return
                n += 1
                if every and n % every == 0:
                    select.select([], [], [], self.options["pause_s"])
                if leave and n % leave == 0:
                    self.left += 1
                    self.come()
            except (TimeoutError, ValueError, Refused):  # the daemon is away, or was: once more from a new connection
                self.back(deadline)

    def back(self, deadline):
        while deadline.open():
            try:
                return self.come()
            except TimeoutError:
                pass


def main():
    follower = All(Place(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))
    print("standing", flush=True)
    follower.follow()
    with open(follower.options["file"], "wb") as f:
        f.write(b"".join(follower.rows))
    print(json.dumps({"steps": len(follower.rows), "refilled": follower.refilled, "boots": follower.boots, "holes": follower.holes,
                      "left": follower.left, "durable_steps": follower.durable_steps, "events": sorted(follower.events),
                      "tests": sorted((step, name, error) for (step, name), error in follower.tests.items())}), flush=True)


if __name__ == "__main__":
    main()
