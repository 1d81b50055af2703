"""keys.py - CURVE keys: 40 characters of Z85, alone or in the files that `nudgectl key new` makes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import Optional, Tuple

import zmq

from .address import Address
from .errors import Invalid

KEY_CHARS = 40
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


@dataclass(frozen=True, repr=False)
class Keys:
    """What a socket needs: the server's public key and one's own pair.  Its repr does not show them."""

    server: bytes
    public: bytes
    secret: bytes

    def put(self, socket: "zmq.Socket[bytes]") -> None:
        socket.setsockopt(zmq.CURVE_SERVERKEY, self.server)
        socket.setsockopt(zmq.CURVE_PUBLICKEY, self.public)
        socket.setsockopt(zmq.CURVE_SECRETKEY, self.secret)


def is_key(text: str) -> bool:
    """40 characters of Z85 whose groups of five fit into 32 bits; one that begins with '#' would be a comment."""
    if len(text) != KEY_CHARS or text.startswith("#") or any(c not in Z85 for c in text):
        return False
    for at in range(0, KEY_CHARS, 5):
        value = 0
        for c in text[at:at + 5]:
            value = value * 85 + Z85.index(c)
        if value > 0xFFFFFFFF:
            return False
    return True


def find(address: Address, key: Optional[str], server_key: Optional[str]) -> Optional[Keys]:
    """The keys for an address: options, else $NUDGE_KEY and $NUDGE_SERVER_KEY; None: neither, or a Unix socket."""
    server = server_key or os.environ.get("NUDGE_SERVER_KEY") or None
    own = key or os.environ.get("NUDGE_KEY") or None
    if not address.tcp or (server is None and own is None):
        return None
    if server is None:
        raise Invalid("%s: there is a key (%s) and no server's key, so the server could be anybody; give it with "
                      "server_key or $NUDGE_SERVER_KEY" % (address.text, own))
    if own is None:
        raise Invalid("%s: there is a server's key and none of your own; make one with nudgectl key new FILE, have it "
                      "added on the server, and give FILE with key or $NUDGE_KEY" % address.text)
    if not zmq.has("curve"):
        raise Invalid("this libzmq has no CURVE, so keys are of no use: install one that was built with libsodium")
    public, secret = read(own, need_secret=True)
    if zmq.curve_public(secret.encode()) != public.encode():
        raise Invalid("%s: the public key is not that of the secret one; make a new pair with nudgectl key new, and "
                      "have it added on the server" % own)
    return Keys(_server(server).encode(), public.encode(), secret.encode())


def _server(text: str) -> str:
    """The key itself, or a file that has it."""
    if is_key(text) and not os.path.exists(text):  # a file's name may look like a key, with slashes and dots in it
        return text
    if not os.path.exists(text):
        raise Invalid("the server's key \"%.80s\" is neither %d characters of Z85 nor a file; it is the line \"public\" "
                      "of the server's FILE.pub" % (text, KEY_CHARS))
    return read(text, need_secret=False)[0]


def read(file: str, need_secret: bool) -> Tuple[str, str]:
    """(public, secret) of a key file; secret is "" where it has none."""
    found = {"public": "", "secret": ""}
    try:
        with open(file, encoding="utf-8", errors="replace") as f:
            mode = os.fstat(f.fileno()).st_mode
            for number, line in enumerate(f, 1):
                _take_line(file, number, line.strip(), found)
    except OSError as e:
        raise Invalid("the key %s cannot be read: %s; nudgectl key new %s makes one" % (file, e.strerror, file)) from None
    if not found["public"]:
        raise Invalid("%s: no line \"public KEY\"" % file)
    if need_secret and not found["secret"]:
        raise Invalid("%s: no line \"secret KEY\"; is it a public key's file?" % file)
    if found["secret"] and stat.S_IMODE(mode) & 0o077 and not _is_credential(file):
        raise Invalid("%s: a secret key that others can read (mode %04o); chmod 600 %s, and make a new key if somebody "
                      "may have" % (file, stat.S_IMODE(mode), file))
    return found["public"], found["secret"]


def _take_line(file: str, number: int, line: str, found: "dict[str, str]") -> None:
    if not line or line.startswith("#"):
        return
    words = line.split()
    # the key is not repeated in the message: it may be the secret one
    if len(words) != 2 or words[0] not in found or len(words[1]) != KEY_CHARS or (
            words[0] == "public" and not is_key(words[1])):
        raise Invalid("%s:%d: expected \"public\" or \"secret\" and %d characters of Z85, as nudgectl key new writes "
                      "them" % (file, number, KEY_CHARS))
    found[words[0]] = words[1]


def _is_credential(file: str) -> bool:
    """systemd guards what lies there."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return bool(folder) and file.startswith(str(folder) + "/")
