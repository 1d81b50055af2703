"""systemd.py - the VM's own systemd: what service.py asks of it, and what the unit left behind."""

import json
import os
import select
import subprocess

from bench import Deadline
from tap import note

UNIT = "nudged.service"
DROP_IN = "/run/systemd/system/nudged.service.d"


def command(*words, check=True):
    """Standard output of a command; raises with all that it said."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if check and done.returncode != 0:
        raise RuntimeError("%s: %d\n%s%s" % (" ".join(words), done.returncode, done.stdout.decode(), done.stderr.decode()))
    return done.stdout.decode()


def systemctl(verb):
    """Exit status of systemctl VERB for the unit.  Starts of this test's own are not to count as a crash loop."""
    if verb in ("start", "restart"):
        command("systemctl", "reset-failed", UNIT, check=False)
    return subprocess.run(["systemctl", verb, UNIT], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=300).returncode


def show(*names):
    """Properties of the unit, in this order."""
    text = command("systemctl", "show", UNIT, "--property", ",".join(names))
    values = dict(line.split("=", 1) for line in text.splitlines())
    return [values[name] for name in names]


def pid():
    return int(show("MainPID")[0])


def entries(since, what, seconds=30):
    """The unit's entries after the cursor `since` (None: from now on) as they come, and None after a second without one;
    raises when it was all in vain."""
    words = ["journalctl", "--unit", UNIT, "--output", "json", "--quiet", "--follow"]
    process = subprocess.Popen(words + (["--no-tail", "--after-cursor", since] if since else ["--lines", "0"]),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    deadline, text, out = Deadline(seconds, what), b"", process.stdout
    try:
        while deadline.open():
            if not select.select([out], [], [], 1)[0]:
                yield None
                continue
            part = os.read(out.fileno(), 65536)
            if not part:
                raise RuntimeError("journalctl ended with %d" % process.wait())
            *lines, text = (text + part).split(b"\n")
            yield from map(json.loads, lines)
    finally:
        process.kill()
        process.wait()
        out.close()


def await_entry(since, begins, what=""):
    """The first entry after `since` whose message begins, and has in it, so; raises when none comes."""
    for entry in entries(since, "a line %r with %r in the journal" % (begins, what)):
        if entry and entry["MESSAGE"].startswith(begins) and what in entry["MESSAGE"]:
            return entry


def await_next(old):
    """Until the unit is active with another process than this one; its number."""
    for _ in entries(None, "the next start of the unit"):
        state, now = show("ActiveState", "MainPID")
        if state == "active" and int(now) not in (0, old):
            return int(now)
        if state == "failed":
            raise RuntimeError("the unit has failed instead of starting again")


def await_state(state):
    """Until the unit is, for instance, "failed"."""
    for _ in entries(None, "the unit in state " + state):
        if show("ActiveState")[0] == state:
            return


def drop_in(name, text, section="Service"):
    """A part of the unit; None: it is taken away."""
    path = os.path.join(DROP_IN, name + ".conf")
    os.makedirs(DROP_IN, exist_ok=True)
    if text is None:
        os.remove(path)
    else:
        with open(path, "w") as f:
            f.write("[%s]\n%s" % (section, text))
    command("systemctl", "daemon-reload")


def process_status(number):
    with open("/proc/%d/status" % number) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def cursor():
    """Where the journal's end is now."""
    return command("journalctl", "--quiet", "--lines", "1", "--show-cursor").splitlines()[-1].split("cursor: ")[1]


def journal(since=None):
    """The unit's entries of this boot as the journal has them, or those after a cursor."""
    words = ["journalctl", "--unit", UNIT, "--output", "json", "--quiet"] + (["--after-cursor", since] if since else [])
    return [json.loads(line) for line in command(*words).splitlines()]


def tell_journal():
    note(command("journalctl", "--quiet", "--no-pager", "--output", "short-monotonic", "--unit", UNIT, "--lines", "60", check=False))
