"""inside.py - what service.py has the unit run beside the daemon: in its sandbox, and after its end.

usage: inside.py probe FILE     as ExecStartPre=, so with all that confines the daemon: what can be reached?
       inside.py witness FILE   as ExecStopPost=, after nudge-safe: a line with what the outputs hold then
"""

import ctypes
import errno
import json
import mmap
import os
import socket
import sys

NEW_USER = 0x10000000


def attempt(action):
    """"yes", or the error's name."""
    try:
        action()
    except OSError as why:
        return errno.errorcode.get(why.errno, str(why.errno))
    return "yes"


def opens(path, flags=os.O_RDWR):
    return attempt(lambda: os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)))


def makes(folder):
    path = os.path.join(folder, "made-by-the-probe")

    def make():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        os.remove(path)
    return attempt(make)


def unshares():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_USER) < 0:
        raise OSError(ctypes.get_errno(), "unshare")


def probe():
    return {
        "home": attempt(lambda: os.listdir("/home")),
        "root's home": attempt(lambda: os.listdir("/root")),
        "memory": opens("/dev/nudged-test-memory", os.O_RDONLY),
        "card": opens("/dev/comedi0"),
        "serial": opens("/dev/nudged/serial-NUDGED7"),
        "write anywhere": makes("/srv/open"),
        "write state": makes("/var/lib/nudged"),
        "another's /tmp": attempt(lambda: os.stat("/tmp/of-another")),
        "another's process": attempt(lambda: os.stat("/proc/1")),
        "affinity": attempt(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))),
        "namespace": attempt(unshares),
        "another kind of socket": attempt(lambda: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()),
        "code in data": attempt(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)),
    }


def witness():
    from comedi import AO, Device
    device = Device("/dev/comedi0")
    return {"codes": device.codes(AO), "result": os.environ.get("SERVICE_RESULT"), "exit": os.environ.get("EXIT_CODE")}


if __name__ == "__main__":
    with open(sys.argv[2], "a") as f:
        f.write(json.dumps({"probe": probe, "witness": witness}[sys.argv[1]]()) + "\n")
