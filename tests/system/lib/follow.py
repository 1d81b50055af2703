"""follow.py RUNTIME RUN HWM - a subscriber that ends up with every step of a run, whatever it missed.

Says "standing" when its subscriptions stand, then, when the run has ended and nothing is missing, one line of JSON:
steps, how many of them came by stream.fetch, and the SHA-256 of all of them, in order.
"""

import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import Deadline
from wire import ENDED, Client, Stream, descriptor

NAMES = ("t_mono_ns", "example", "rev", "flags", "mse_V2", "v_free_V", "v_clamped_V", "wiper", "updated")


class Place:
    """Where a daemon's sockets are."""

    def __init__(self, runtime):
        self.runtime = runtime

    def endpoint(self, name):
        return "ipc://%s/%s.sock" % (self.runtime, name)

    def alive(self):
        """Whoever started it looks after it."""


class Follower:
    def __init__(self, place, run, hwm):
        self.run, self.rows, self.refilled = run, [], 0
        self.topic = "step.%08d." % run
        self.last_seq = 0
        self.client = Client(place)
        self.stream = Stream(place, ["desc.", self.topic, "hb."], hwm)

    def add(self, arrays, frames, first, n):
        """Rows first .. first + n - 1, of which some may be here already."""
        names = [array["name"] for array in arrays]
        parts = []
        for name in NAMES:
            frame = frames[names.index(name)]
            parts.append((frame, len(frame) // n))
        for i in range(len(self.rows) - first, n):
            self.rows.append(b"".join(frame[i * size:(i + 1) * size] for frame, size in parts))

    def refill(self, upto):
        """Fetches what is missing below step `upto`."""
        while len(self.rows) < upto:
            wanted = {"run": self.run, "from_step": len(self.rows), "to_step": upto - 1}
            result, frames = self.client.call_frames("stream.fetch", wanted, 60)
            before = len(self.rows)
            self.add(result["arrays"], frames, result["step"], result["n"])
            self.refilled += len(self.rows) - before

    def follow(self):
        arrays = None
        deadline = Deadline(120, "the end of run %d" % self.run)
        while deadline.open():
            record = self.stream.next(deadline.left())
            header = record.header
            if record.kind == "desc" and header["run"] == self.run:
                arrays = header["arrays"]
            elif record.kind == "step":
                arrays = arrays or descriptor(self.client, self.run)
                self.last_seq = header["seq"]
                self.refill(header["step"])
                self.add(arrays, record.frames, header["step"], header["n"])
            elif record.kind == "hb" and header["last"].get(self.topic, 0) >= self.last_seq:
                row = self.client.call("run.get", {"run": self.run})
                if row["status"] in ENDED:
                    self.refill(row["steps"])  # a lost tail
                    return


def main():
    follower = Follower(Place(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print("standing", flush=True)
    follower.follow()
    digest = hashlib.sha256()
    for row in follower.rows:
        digest.update(row)
    print(json.dumps({"steps": len(follower.rows), "refilled": follower.refilled, "sha256": digest.hexdigest()}),
          flush=True)


if __name__ == "__main__":
    main()
