"""disks.py - disks that are small, slow, failing or torn, in front of a nudged of the test's own."""

import atexit
import ctypes
import errno
import mmap
import os
import struct
import subprocess
import threading

from bench import BUILD, Daemon, Deadline, directory, task
from tap import ok, same
from wire import Stream

CALLS = {"write": 0, "sync": 1, "truncate": 2}
FILES = {"db": 0, "wal": 1, "other": 2}
ACTIONS = {"none": 0, "error": 1, "short": 2, "kill": 3, "tear": 4}
FIELDS = ("action", "error", "calls", "files", "skip", "times", "delay_write_us", "delay_sync_us", "delay_truncate_us", "hold",
          "held", "injected", "seen_write", "seen_sync", "seen_truncate")
EVER = 2**63
STORAGE = -32016
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000  # linux/sched.h


class FaultyDaemon(Daemon):
    """A nudged whose calls on its database go through tests/points/disk_faults.c."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        name = os.path.join(self.dir if not arguments.get("folder") else directory(), "faults")
        with open(name, "wb") as f:
            f.write(bytes(4096))
        with open(name, "r+b") as f:
            self.memory = mmap.mmap(f.fileno(), 4096)
        self.environment.update(
            NUDGED_FAULTS=name, NUDGED_FAULTS_DB=os.path.realpath(self.db),
            LD_PRELOAD=os.path.join(BUILD, "tests", "points", ".libs", "disk_faults.so"),
            ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")

    def set(self, **values):
        for name, value in values.items():
            struct.pack_into("<Q", self.memory, 8 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("<Q", self.memory, 8 * FIELDS.index(name))[0]

    def fail(self, what="error", why=errno.EIO, calls=("write",), files=("db", "wal", "other"), skip=0, times=EVER):
        """The calls on these files end so, after `skip` more that go well; times 0 and well(): no more of it."""
        self.set(action=0)
        self.set(error=why, calls=sum(1 << CALLS[c] for c in calls), files=sum(1 << FILES[f] for f in files),
                 skip=skip, times=times)
        self.set(action=ACTIONS[what])

    def well(self):
        self.set(action=0, times=0, hold=0, delay_write_us=0, delay_sync_us=0, delay_truncate_us=0)

    def wait(self, seconds=20):
        try:
            return super().wait(seconds)
        finally:
            self.set(action=0)


def may_mount():
    """As root it may; anybody else becomes root in a namespace of the process's own.  Before there are threads."""
    if os.geteuid() == 0:
        return
    libc, who = ctypes.CDLL(None, use_errno=True), {"uid_map": os.geteuid(), "gid_map": os.getegid()}
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no namespace of its own: " + os.strerror(ctypes.get_errno()))
    with open("/proc/self/setgroups", "w") as f:
        f.write("deny")
    for name, number in who.items():
        with open("/proc/self/" + name, "w") as f:
            f.write("0 %d 1" % number)


def tmpfs(size):
    """A new directory that is a file system of its own, of this size ("1m"); gone when the test ends."""
    path = directory()
    mount("-t", "tmpfs", "-o", "size=" + size, "tmpfs", path)
    atexit.register(subprocess.run, ["umount", "-l", path], stderr=subprocess.DEVNULL)
    return path


def mount(*arguments):
    done = subprocess.run(["mount"] + list(arguments), stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError("mount %s: %s" % (" ".join(arguments), done.stderr.decode()))


def remount(path, option):
    """With this option ("ro", "size=8m"), and none of those that it shows: in a namespace those cannot be given again."""
    mount("-t", "tmpfs", "--options-mode", "ignore", "-o", "remount," + option, "tmpfs", path)


def wait_until(what, condition, seconds=30):
    deadline = Deadline(seconds, what)
    while deadline.open():
        found = condition()
        if found:
            return found


class Watcher:
    """A subscriber on a thread of its own: the last step of each run that was called durable, and the heartbeats."""

    def __init__(self, daemon):
        self.stream = Stream(daemon, ["step.", "hb."])
        self.durable, self.beats, self.ended = {}, 0, False
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.stream.close()

    def _listen(self):
        pages = []
        while not self.ended:
            if not self.stream.early and not self.stream.socket.poll(50):
                continue
            record = self.stream.next()
            header = record.header
            self.beats += record.kind == "hb"
            if record.kind == "step":
                pages.append((header["seq"], header["run"], header["step"] + header["n"] - 1))
            for seq, number, last in pages:
                if seq <= header["durable_seq"]:
                    self.durable[number] = max(self.durable.get(number, -1), last)
            pages = [page for page in pages if page[0] > header["durable_seq"]]


# What tests of disks do again and again


def alarm(client, name):
    return [a for a in client.call("alarm.list")["alarms"] if a["alarm"] == name]


def missing(daemon, watcher):
    """Durable steps that the database does not have, and what else is wrong with it; [] if all is well."""
    wrong = []
    for number, last in watcher.durable.items():
        first, most, n = daemon.sql("select min(step), max(step), count(*) from steps where run = ?", number)[0]
        if n <= last or (first, most) != (0, n - 1):
            wrong.append("run %d: step %d was durable; %r to %r, %d steps are there" % (number, last, first, most, n))
    found = daemon.sql("pragma integrity_check")
    return wrong + ([] if found == [("ok",)] else ["integrity_check: %r" % found[:3]])


def paused_by(client, name):
    client.wait_for("the alarm " + name, lambda s: [a for a in s["alarms"] if a["alarm"] == name], 60)
    return client.wait_for("the pause", lambda s: s["state"] == "paused", 60)


def goes_on(client, name):
    """The alarm is over by itself; run.resume is all that it takes."""
    client.wait_for("the end of alarm " + name, lambda s: not [a for a in s["alarms"] if a["alarm"] == name], 60)
    client.wait_for("everything on disk", lambda s: s["durable_seq"] == s["seq"], 60)
    step = client.call("state.snapshot")["step"]
    client.call("run.resume")
    client.wait_for("steps after the pause", lambda s: s["step"] and s["step"] > step + 5, 60)


def what_must_be_stored(client, name):
    """Is refused, with nothing done, while what stops learning is not; asking goes on."""
    before = client.call("state.snapshot")
    for method, params in (("run.submit", {"task": task(stop={"steps": 5})}), ("param.set", {"eta": 0.4}),
                           ("checkpoint.save", {"name": "never"}), ("run.resume", {}), ("queue.release", {})):
        why = client.refused(method, params)
        # a run's own rows may be what finds no room, before anything else does
        cure = "alarm.list" in why.message or method == "run.submit" and "make room" in why.message if why else False
        ok(why and why.code == STORAGE and cure, "%s: %s is refused with -32016" % (name, method), why)
    why = client.refused("queue.hold")
    ok(why and why.code == STORAGE and client.call("queue.list")["held"],
       "%s: queue.hold holds the queue, and says that it is not on disk" % name, why)
    client.call("history.runs")
    client.call("rig.read")
    after = client.call("state.snapshot")
    same((after["params"], after["queue_length"]), (before["params"], before["queue_length"]), name + ": nothing of it was done")
