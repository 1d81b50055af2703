"""machine.py - a copy of this machine to install things on: an overlay over its files, in a mount namespace of its own.

What is installed, removed or broken there is gone with the test; the machine itself sees nothing of it.  Needs root.
"""

import atexit
import os
import subprocess

from bench import SLOW, directory, ready_line

SETUP = """set -e
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$0"
mkdir "$0/upper" "$0/work" "$0/tree"
mount -t overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" none "$0/tree"
mount --rbind /dev "$0/tree/dev"
mount --rbind /proc "$0/tree/proc"
mount -t tmpfs -o mode=755 none "$0/tree/run"
mount -t tmpfs -o mode=1777 none "$0/tree/tmp"
# No daemon is started there, whatever a package wants
printf '#!/bin/sh\\nexit 101\\n' > "$0/tree/usr/sbin/policy-rc.d"
chmod 755 "$0/tree/usr/sbin/policy-rc.d"
rm -f "$0/tree/etc/dpkg/dpkg.cfg.d/docker"
echo ready
exec cat
"""


class Machine:
    def __init__(self):
        self.dir = directory()
        self.holder = subprocess.Popen(["unshare", "--mount", "sh", "-c", SETUP, self.dir], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        atexit.register(self.close)
        line = ready_line(self.holder, "the copy of this machine", str)
        if line != "ready":
            raise RuntimeError("no copy of this machine: " + line)

    def close(self):
        if self.holder:
            self.holder.stdin.close()
            self.holder.wait()
            self.holder.stdout.close()
            self.holder = None

    def command(self, words, user=None):
        """The command line that runs these words there."""
        at = ["nsenter", "--mount=/proc/%d/ns/mnt" % self.holder.pid, "chroot"]
        return at + (["--userspec=%s" % user] if user else []) + [os.path.join(self.dir, "tree")] + list(words)

    def run(self, words, seconds=120, user=None, environment=None):
        """(exit code, output and errors)"""
        env = dict({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/",
                    "DEBIAN_FRONTEND": "noninteractive"}, **(environment or {}))
        done = subprocess.run(self.command(words, user), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds * SLOW, env=env)
        return done.returncode, done.stdout.decode(errors="replace")

    def copy(self, path, there):
        """A file of this machine to the path there."""
        with open(path, "rb") as f:
            subprocess.run(self.command(["tee", there]), input=f.read(), stdout=subprocess.DEVNULL, check=True)

    def write(self, there, text):
        subprocess.run(self.command(["tee", there]), input=text.encode(), stdout=subprocess.DEVNULL, check=True)
