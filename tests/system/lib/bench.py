"""bench.py - one nudged of a test's own: started in a short directory, waited for, stopped, looked at.

Every wait has a deadline, stretched by the factor NUDGED_TEST_SLOW (sanitizer builds, slow machines).  Counts have
names, too: NUDGED_TEST_SEEDS, _CYCLES, _STEPS, _ROUNDS make a test longer or shorter than it is by itself.
"""

import atexit
import json
import os
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

SLOW = float(os.environ.get("NUDGED_TEST_SLOW", "1"))
TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.environ.get("builddir", os.getcwd())
EXPERIMENTS = os.path.join(TOP, "docs", "experiments")
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:")


def count(name, usual):
    """How many of something: NUDGED_TEST_<name> if it is set, else what is usual."""
    return int(os.environ.get("NUDGED_TEST_" + name, usual))


def unheard(text):
    """Raises what a sanitizer had to say in a program's output, if it said anything."""
    found = SANITIZER.search(text)
    if found:
        raise RuntimeError("a sanitizer spoke up:\n" + text[found.start():][:4000])


def program(name):
    """Path of a program that the build made."""
    for folder in ("", "daemon", "clients", "clients/nudgectl", "sbin", "bin"):
        path = os.path.join(BUILD, folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise FileNotFoundError("%s is not built in %s (set builddir)" % (name, BUILD))


def directory(memory=False):
    """A short directory of the test's own (ipc paths end at 107 bytes), gone when the test ends; with memory on no disk,
    if there is such a place: for many databases whose durability nobody asks about."""
    shared = memory and os.access("/dev/shm", os.W_OK)
    path = tempfile.mkdtemp(prefix="nd.", dir="/dev/shm" if shared else "/tmp")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def run_program(arguments, seconds=30, environment=None, stdin=None):
    """(exit code, standard output, standard error) of a program that ends by itself."""
    env = dict(os.environ, **(environment or {}))
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL if stdin is None else stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds * SLOW, env=env)
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    unheard(err)
    return done.returncode, out, err


class Deadline:
    """`while deadline.open(): ...`; raises TimeoutError when the time is up."""

    def __init__(self, seconds, what):
        self.seconds, self.what = seconds * SLOW, what
        self.end = time.monotonic() + self.seconds

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def open(self):
        if self.left() == 0:
            raise TimeoutError("%s: not within %g s" % (self.what, self.seconds))
        return True


def ready_line(process, name, log_text):
    """The first line that a program writes once it can be used; raises what its log says if it ends before."""
    deadline, text, out = Deadline(20, "the ready line of " + name), b"", process.stdout
    while deadline.open():
        if select.select([out], [], [], deadline.left())[0]:
            part = os.read(out.fileno(), 4096)
            if not part:
                raise RuntimeError("%s ended with %s before it was ready:\n%s" % (name, process.wait(), log_text()))
            text += part
        if b"\n" in text:
            return text.split(b"\n")[0].decode()


class Daemon:
    """A nudged.  Its database and sockets live in `self.dir`; start() and stop() may be repeated."""

    def __init__(self, rig="sim:king9_16", options=(), folder=None, environment=None):
        self.dir = folder or directory()
        self.db = os.path.join(self.dir, "n.db")
        self.log = os.path.join(self.dir, "log")
        self.rig, self.options = rig, list(options)
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.ready = None
        atexit.register(self._end)

    def arguments(self):
        return [program("nudged"), "--rig", self.rig, "--db", self.db, "--runtime", self.dir] + self.options

    def start(self):
        log = open(self.log, "ab")
        self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=log, cwd=self.dir, env=self.environment)
        log.close()
        self.ready = ready_line(self.process, "nudged", self.log_text)
        return self

    def endpoint(self, name):
        return "ipc://%s/%s.sock" % (self.dir, name)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9, and gone when this returns."""
        self.process.kill()
        self.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        code = self.wait()
        return code

    def wait(self, seconds=20):
        code = self.process.wait(timeout=seconds * SLOW)
        self.process.stdout.close()
        self.process = None
        unheard(self.log_text())
        return code

    def alive(self):
        """Raises when it has ended by itself: nobody needs to wait for its answers."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError("nudged ended with %d:\n%s" % (self.process.returncode, self.log_text()[-4000:]))

    def log_text(self):
        try:
            with open(self.log, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def sql(self, question, *values):
        """Rows of a question that this test asks the database by itself, beside the daemon."""
        connection = sqlite3.connect("file:%s?mode=ro" % self.db, uri=True, timeout=20 * SLOW)
        try:
            return connection.execute(question, values).fetchall()
        finally:
            connection.close()

    def _end(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        found = SANITIZER.search(self.log_text())
        if found:  # why the test came to no good end
            print("\n".join("# " + line for line in self.log_text()[found.start():][:4000].splitlines()), flush=True)


def task(**changes):
    """A small allostery on king9_16, as a task that no file holds; changes replace its members."""
    base = {"task": "test", "kind": "allostery", "sources": [0, 2, 7], "targets": [3, 5, 4],
            "train": {"examples": [{"source_V": [5, 1, 0], "target_V": [3, 3, 3]}]},
            "params": {"eta": 0.2}, "stop": {"steps": 300}}
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def lines_of_json(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]
