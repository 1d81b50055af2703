"""port.py - what the parallel port of the VM was made to do, counted from outside: by the emulated hardware, not by the
kernel's driver or by ours.

  port.bytes  a byte for each strobe: control line 0 rising while control lines 2 and 3 are high
  port.log    a line for each write to a register of the port
"""

import os
import re
import subprocess
import time

_WRITE = re.compile(r"addr 0x0(\d) val 0x([0-9a-f]+)")
DATA, CONTROL = 0, 2


class Port:
    def __init__(self, folder="."):
        self.bytes = os.path.join(folder, "port.bytes")
        self.log = os.path.join(folder, "port.log")

    def strobes(self):
        """Since the VM started."""
        return os.path.getsize(self.bytes)

    def await_strobes(self, n, process, seconds):
        """Until there are n; raises when the process that is to make them ends, or the time is up."""
        deadline = time.monotonic() + seconds
        while self.strobes() < n:
            if time.monotonic() > deadline:
                raise TimeoutError("%d strobes, not %d, after %g s" % (self.strobes(), n, seconds))
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError("ended with %d after %d strobes, not %d" % (process.returncode, self.strobes(), n))

    def writes(self):
        """Since the VM started: [(register, value)]."""
        with open(self.log) as f:
            return [(int(a), int(v, 16)) for a, v in _WRITE.findall(f.read())]

    def edges(self, register, bit, since=0):
        """(rising, falling) of one line, in the writes from number `since` on; the line's level before them is known
        from the earlier ones."""
        level, rising, falling = None, 0, 0
        for number, (where, value) in enumerate(self.writes()):
            if where != register:
                continue
            now = value >> bit & 1
            if level is not None and number >= since:
                rising += now > level
                falling += now < level
            level = now
        return rising, falling
