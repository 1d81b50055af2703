"""wire.py - sockets over ZeroMQ: one request and its reply, a subscriber; every wait has a deadline."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Dict, List, Optional, Tuple

import zmq
from zmq.utils.monitor import parse_monitor_message

from . import address as addresses
from . import probe
from .address import Address
from .errors import Invalid, NudgeError, TimedOut, Unreachable
from .keys import Keys

CONNECT_S = 5.0  # nobody there: not worth the whole of a long deadline at the first attempt
LOOK_S = 0.2  # how often a wait looks whether the connection still stands
RECEIVE_HWM = 4000  # pages of at most 256 KiB
MOST_DROPS = 2  # one may be a server that was just going down

EVENTS = (zmq.EVENT_CONNECTED | zmq.EVENT_CONNECT_RETRIED | zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED |
          zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)


def now_s() -> float:
    return time.monotonic()


class Entrance:
    """A socket and what its monitor tells: whether a connection stands, whether one broke, why none comes about."""

    def __init__(self, context: "zmq.Context[Any]", kind: int, endpoint: str, keys: Optional[Keys]) -> None:
        self.endpoint, self.keys = endpoint, keys
        self.up = self.broke = self.nobody = self.foreign = False
        self.status: Optional[int] = None  # ZAP's, of a key that was refused
        self.drops = 0
        self._connected = False
        self.socket: "zmq.Socket[bytes]" = context.socket(kind)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, RECEIVE_HWM)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 100)
        if endpoint.startswith("tcp://"):
            self.socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
            if endpoint.startswith("tcp://["):
                self.socket.setsockopt(zmq.IPV6, 1)
            if keys is not None:
                keys.put(self.socket)
        self.monitor = self.socket.get_monitor_socket(EVENTS)
        self.socket.connect(endpoint)

    def close(self) -> None:
        if not self.socket.closed:
            self.socket.disable_monitor()
            self.socket.close(0)

    def wait(self, seconds: float) -> bool:
        """Until a message is there (True), the monitor speaks, or the time is up."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(max(0, int(1000 * seconds) + 1)))
        self.hear()
        return self.socket in ready

    def hear(self) -> None:
        while self.monitor.poll(0):
            event = parse_monitor_message(self.monitor.recv_multipart())
            self._take(int(event["event"]), int(event["value"]))

    def _take(self, event: int, value: int) -> None:
        if event == zmq.EVENT_CONNECTED:
            self._connected = True
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self.up, self.nobody, self.drops = True, False, 0
        elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            self.status = value
        elif event == zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL:
            self.foreign = True
        elif event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            self.drops += 1
        elif event == zmq.EVENT_DISCONNECTED:
            self.broke = self.broke or self.up
            # an end without a word, before the handshake: not ZeroMQ of our days
            self.foreign = self.foreign or (self._connected and not self.up and self.drops == 0)
            self.up = False
        elif event == zmq.EVENT_CONNECT_RETRIED:
            if not self._connected:
                self.nobody = True
            self._connected = False

    def closed_to_us(self, was_in: bool) -> bool:
        """No use in waiting; a restarted server comes back."""
        if not self.endpoint.startswith("tcp://"):
            return False
        return (self.status is not None or self.foreign or self.drops >= MOST_DROPS or (self.nobody and not was_in))

    def why(self, text: str) -> NudgeError:
        if not self.endpoint.startswith("tcp://"):
            return Unreachable("nobody answers at %s" % text)
        return probe.explain(self.endpoint, self.keys, self.status, self.drops > 0)


class Requests:
    """A DEALER for requests, for one thread at a time; another thread waits its turn."""

    def __init__(self, context: "zmq.Context[Any]", address: Address, endpoint: str, keys: Optional[Keys]) -> None:
        self.context, self.address, self.endpoint, self.keys = context, address, endpoint, keys
        self.lock = threading.RLock()
        self.entrance: Optional[Entrance] = None
        self.was_in = False

    def close(self) -> None:
        with self.lock:
            self._drop()

    def _drop(self) -> None:
        """What was not sent yet is not sent, and no late answer comes."""
        if self.entrance is not None:
            self.entrance.close()
            self.entrance = None

    def exchange(self, request: Dict[str, Any], timeout_s: float, repeatable: bool) -> Tuple[Dict[str, Any], List[bytes]]:
        """(reply, payload frames).  A repeatable request is sent again when the connection broke and came back."""
        end_s = now_s() + timeout_s
        if not self.lock.acquire(timeout=max(0.0, timeout_s)):
            raise TimedOut("%s: another thread's request took longer than %g s" % (request["method"], timeout_s))
        try:
            return self._exchange(request, end_s, timeout_s, repeatable)
        except BaseException:  # also an interrupt: the next request begins afresh
            self._drop()
            raise
        finally:
            self.lock.release()

    def _exchange(self, request: Dict[str, Any], end_s: float, timeout_s: float,
                  repeatable: bool) -> Tuple[Dict[str, Any], List[bytes]]:
        try:
            text = json.dumps(request, allow_nan=False, separators=(",", ":")).encode()
        except (TypeError, ValueError) as e:
            raise Invalid("%s: params cannot be written as JSON: %s" % (request["method"], e)) from None
        entrance = self._connected(min(end_s, now_s() + CONNECT_S), request["method"])
        entrance.socket.send(text)
        while now_s() < end_s:
            if entrance.wait(min(LOOK_S, end_s - now_s())):
                found = _answer(entrance.socket.recv_multipart(), request["id"])
                if found is not None:
                    return found
            elif entrance.broke:
                if not repeatable:
                    raise Unreachable("%s: the connection to %s broke before the answer; it may have acted"
                                      % (request["method"], self.address.text))
                entrance = self._connected(end_s, request["method"])
                entrance.socket.send(text)
        raise TimedOut("%s: %s did not answer in %g s" % (request["method"], self.address.text, timeout_s))

    def _connected(self, until_s: float, method: str) -> Entrance:
        """The entrance, with a connection that stands."""
        if self.entrance is None:
            if not self.was_in:
                number = addresses.knock(self.address)
                if number:
                    raise Unreachable("%s: %s: %s" % (method, self.address.text, addresses.why_not(number)))
            self.entrance = Entrance(self.context, zmq.DEALER, self.endpoint, self.keys)
        entrance = self.entrance
        entrance.hear()
        while not entrance.up:
            if now_s() >= until_s or entrance.closed_to_us(self.was_in):
                raise entrance.why(self.address.text)
            if entrance.wait(min(LOOK_S, max(0.0, until_s - now_s()))):
                entrance.socket.recv_multipart()  # the end of a connection that is gone
        entrance.broke = False
        self.was_in = True
        return entrance


def _answer(frames: List[bytes], token: str) -> Optional[Tuple[Dict[str, Any], List[bytes]]]:
    """The reply to this request; None: it is another's, which was given up."""
    if len(frames) > 1 and not frames[0]:
        frames = frames[1:]
    try:
        reply = json.loads(frames[0])
    except ValueError:
        raise Invalid("an answer that is not JSON: %r" % frames[0][:80]) from None
    if not isinstance(reply, dict):
        raise Invalid("an answer that is no JSON object: %r" % frames[0][:80])
    # an error without id answers what could not be read: ours, there is no other
    if reply.get("id") == token or (reply.get("id") is None and "error" in reply):
        return reply, frames[1:]
    return None
