"""address.py - finds the server: named, in the environment, the user's own, the system's."""

from __future__ import annotations

import errno
import os
import socket
import stat
from dataclasses import dataclass
from typing import Optional

from .errors import Invalid, Unreachable

DIR_MAX = 108 - len("/control.sock") - 1  # a socket's path has so much room


@dataclass(frozen=True)
class Address:
    """Where the three sockets are; text is what a user would write."""

    text: str
    control: str
    urgent: str
    stream: str

    @property
    def tcp(self) -> bool:
        return self.text.startswith("tcp://")


def parse(text: str) -> Address:
    """ipc://DIR, /DIR or tcp://HOST:PORT."""
    if text.startswith("/"):
        return _ipc(text)
    if text.startswith("ipc://"):
        return _ipc(text[6:])
    if text.startswith("tcp://"):
        return _tcp(text)
    raise Invalid('"%s" is no address of a server: expected ipc://DIR or tcp://HOST:PORT' % text)


def _ipc(folder: str) -> Address:
    if not folder.startswith("/"):
        raise Invalid("ipc://%s: the directory must be absolute, as in ipc:///run/nudged" % folder)
    folder = folder.rstrip("/") or "/"
    if len(os.fsencode(folder)) > DIR_MAX:
        raise Invalid("ipc://%s: longer than a socket's path may be (%d bytes)" % (folder, DIR_MAX))
    base = "ipc://" + folder
    return Address(base, base + "/control.sock", base + "/urgent.sock", base + "/stream.sock")


def _tcp(text: str) -> Address:
    host, colon, port = text[6:].rpartition(":")
    if not colon or not host:
        raise Invalid("%s: expected tcp://HOST:PORT, as in tcp://127.0.0.1:7310" % text)
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65533):
        raise Invalid('%s: "%s" is no port from 1 to 65533 (control; the next two are urgent and stream)' % (text, port))
    ports = ["tcp://%s:%d" % (host, int(port) + i) for i in range(3)]
    return Address(ports[0], *ports)


def find(to: Optional[str] = None) -> Address:
    """to, else $NUDGE_SERVER, else the user's own server, else /run/nudged; one at which somebody listens."""
    if to is not None:
        return _named(to, "")
    environment = os.environ.get("NUDGE_SERVER")
    if environment:
        return _named(environment, " (from $NUDGE_SERVER)")
    folder = _user_directory()
    at_user = errno.ENOENT
    if folder is not None:
        user = _ipc(folder)
        at_user = knock(user)
        if at_user == 0:
            return user
    system = _ipc("/run/nudged")
    at_system = knock(system)
    if at_system == 0:
        return system
    raise Unreachable("no server found: %s (%s), ipc:///run/nudged (%s); start one with `nudged --user`, or say where "
                      "it is with connect(to=...) or $NUDGE_SERVER"
                      % (folder or "no directory of your own", why_not(at_user), why_not(at_system)))


def _named(text: str, whence: str) -> Address:
    address = parse(text)
    number = knock(address)
    if number:
        raise Unreachable("%s%s: %s" % (address.text, whence, why_not(number)))
    return address


def _user_directory() -> Optional[str]:
    """$XDG_RUNTIME_DIR/nudged, or /tmp/nudged-UID, which anybody could have made: then it must be ours."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        folder = runtime + "/nudged"
        return folder if len(os.fsencode(folder)) <= DIR_MAX else None
    folder = "/tmp/nudged-%d" % os.geteuid()
    try:
        status = os.lstat(folder)
    except OSError:
        return folder
    return folder if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() else None


def knock(address: Address) -> int:
    """0, or the errno of a Unix socket at which nobody opens: ZeroMQ would go on trying for ever and tell nobody."""
    if address.tcp:
        return 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        return s.connect_ex(address.control[6:])


def why_not(number: int) -> str:
    if number == errno.ENOENT:
        return "no server there"
    if number == errno.ECONNREFUSED:
        return "a server was there and is gone"
    if number == errno.EACCES:
        return ("permission denied; are you in the group that may use it (nudged, unless its configuration says "
                "otherwise)?")
    return os.strerror(number)
