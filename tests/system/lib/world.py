"""world.py - a daemon's surroundings in a test's hands: the wall clock, time that passes, a disk of a few megabytes.

    clock = Clock()
    daemon = Daemon(environment=clock.environment).start()
    clock.step(3600)  # somebody sets the wall clock
"""

import os
import struct

from bench import BUILD, Daemon, directory

SHIM = os.path.join(BUILD, "tests", ".libs", "libshim_world.so")


def preload(**more):
    """Environment of a program before whose libc tests/shim_world.c stands."""
    asan = os.environ.get("ASAN_OPTIONS", "")
    return dict({"LD_PRELOAD": SHIM, "ASAN_OPTIONS": (asan + ":" if asan else "") + "verify_asan_link_order=0"}, **more)


class Clock:
    """The clocks of whoever is started with its environment."""

    def __init__(self):
        self.file = os.path.join(directory(), "clock")
        self.wall_s = self.passed_s = 0.0
        self._write()
        self.environment = preload(NUDGED_TEST_CLOCK=self.file)

    def _write(self):
        with open(self.file, "r+b" if os.path.exists(self.file) else "wb") as f:
            f.write(struct.pack("<qq", round(self.wall_s * 1e9), round(self.passed_s * 1e9)))

    def step(self, seconds):
        """The wall clock is set."""
        self.wall_s += seconds
        self._write()

    def let_pass(self, seconds):
        """Both clocks go on by so much at once."""
        self.passed_s += seconds
        self._write()


class SmallDiskDaemon(Daemon):
    """A nudged whose database is on a disk of its own, of so many megabytes: a tmpfs in a mount namespace."""

    def __init__(self, megabytes, **more):
        super().__init__(**more)
        self.megabytes = megabytes
        self.disk = os.path.join(self.dir, "disk")
        os.mkdir(self.disk)
        self.db = os.path.join(self.disk, "n.db")

    def arguments(self):
        mount = "mount -t tmpfs -o size=%dm tmpfs '%s' && exec \"$@\"" % (self.megabytes, self.disk)
        return ["unshare", "-r", "-m", "sh", "-c", mount, "sh"] + super().arguments()

    def inside(self, name):
        """Path of a file of that disk, seen from here."""
        return os.path.join("/proc/%d/root" % self.process.pid, self.disk.lstrip("/"), name)
