"""probe.py - why there is no connection: no such host, nobody there, no ZeroMQ, other keys."""

from __future__ import annotations

import os
import socket
from typing import Optional

from .errors import NudgeError, Unreachable, Unwelcome
from .keys import Keys

GREETING_BYTES, MECHANISM = 64, slice(12, 32)
OURS = bytes([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3])  # enough that the other side says all of its own


def mechanism(host: str, port: int, timeout_s: float) -> Optional[str]:
    """The security mechanism that a ZeroMQ server greets with; None: it does not greet as ZeroMQ does.  OSError."""
    with socket.create_connection((host.strip("[]"), port), timeout_s) as s:
        theirs = b""
        try:
            s.sendall(OURS)
            while len(theirs) < GREETING_BYTES:
                part = s.recv(GREETING_BYTES - len(theirs))
                if not part:
                    return None
                theirs += part
        except OSError:
            return None
    if theirs[0] != 0xFF or theirs[9] != 0x7F or theirs[10] < 3:
        return None
    return theirs[MECHANISM].rstrip(b"\0").decode("ascii", "replace")


def explain(endpoint: str, keys: Optional[Keys], status: Optional[int], dropped: bool, timeout_s: float = 1.5) -> NudgeError:
    """The exception that says why tcp://HOST:PORT lets nobody in.  status: ZAP's, if a handshake came so far."""
    if status is not None and keys is not None:
        return _not_on_the_list(endpoint, keys, status)
    host, _, port = endpoint[6:].rpartition(":")
    try:
        found = mechanism(host, int(port), timeout_s)
    except socket.gaierror as e:
        return Unreachable('%s: no address for "%s" (%s); check the name, or give the number' % (endpoint, host, e.strerror))
    except ConnectionRefusedError as e:
        return Unreachable("nobody listens at %s (%s): is nudged running there, with tcp: HOST:PORT, HOST being an "
                           "address that others reach?" % (endpoint, e.strerror))
    except TimeoutError:
        return Unreachable("%s does not answer: the machine is off, or a firewall is in between (ports PORT, PORT + 1 "
                           "and PORT + 2 are needed)" % endpoint)
    except OSError as e:
        return Unreachable("no connection to %s: %s" % (endpoint, e.strerror or os.strerror(e.errno or 0)))
    return _not_alike(endpoint, keys, found, dropped)


def _not_on_the_list(endpoint: str, keys: Keys, status: int) -> NudgeError:
    mine = keys.public.decode()
    if status == 400:
        return Unwelcome("%s does not let your key in (%s): have an admin add it there, nudgectl key add -- '%s' NAME "
                         "ROLE" % (endpoint, mine, mine))
    if status == 300:
        return Unwelcome("%s cannot look your key up just now; try again" % endpoint)
    return Unwelcome("%s failed to look your key up (ZAP %d): see the server's log" % (endpoint, status))


def _not_alike(endpoint: str, keys: Optional[Keys], found: Optional[str], dropped: bool) -> NudgeError:
    if found is None:
        return Unreachable("something listens at %s that is not nudged: it does not greet as ZeroMQ does; check the port"
                           % endpoint)
    if found == "CURVE" and keys is None:
        return Unwelcome("%s lets in only who has a key; give yours with key or $NUDGE_KEY, and the server's with "
                         "server_key or $NUDGE_SERVER_KEY (nudgectl key new FILE makes one)" % endpoint)
    if found != "CURVE" and keys is not None:
        return Unwelcome("%s speaks no CURVE (%s): without keys it may be anybody; give the server a key (key: in its "
                         "configuration), or go there without keys" % (endpoint, found))
    if found == "CURVE" and dropped and keys is not None:
        return Unwelcome("%s has another key than %s: compare it with the line \"public\" of the server's FILE.pub, and "
                         "give that with server_key or $NUDGE_SERVER_KEY; if the server's key was not changed, somebody "
                         "else answers there" % (endpoint, keys.server.decode()))
    return Unreachable("%s listens, and let no connection come about in time; try again" % endpoint)
