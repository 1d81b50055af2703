"""lease.py - the control lease: taken, renewed by a thread on a socket of its own, given back."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, Optional, Type

from .errors import LeaseLost, NudgeError, Refused

if TYPE_CHECKING:
    from .client import Client

ANSWER_S = 10.0


class Lease:
    """While it is held, no one else steers.  `lost` tells why it was lost, if it was."""

    def __init__(self, client: "Client", note: str, ttl_s: float, take_over: bool) -> None:
        self.client, self.note, self.ttl_s, self.take_over = client, note, ttl_s, take_over
        self.token = ""
        self.lost: Optional[NudgeError] = None
        self.renewed = 0
        self._stop = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def acquire(self) -> "Lease":
        """LockedError (holder, note, since_utc) while somebody else has it, unless take_over."""
        if self.token:
            return self
        result: Dict[str, Any] = self.client.call("lease.acquire", {"ttl_s": self.ttl_s, "note": self.note,
                                                                    "take_over": self.take_over}, timeout_s=ANSWER_S)
        self.token, self.lost = str(result["lease"]), None
        self.client.hold(self)
        self._stop.clear()
        self._thread = threading.Thread(target=self._renew, name="nudge-lease", daemon=True)
        self._thread.start()
        return self

    def release(self) -> None:
        """Gives it back; a lease that is lost already is LeaseLost."""
        self._end_thread()
        token, self.token = self.token, ""
        self.client.hold(None)
        if token and self.lost is None:
            self.client.call("lease.release", {"lease": token}, timeout_s=ANSWER_S)
        if self.lost is not None:
            raise LeaseLost("the control lease was lost: %s" % self.lost) from self.lost

    def close(self) -> None:
        """release() for a connection that ends: what cannot be told to the server ends there by itself."""
        try:
            self.release()
        except NudgeError:
            return

    def _end_thread(self) -> None:
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def _renew(self) -> None:
        requests = self.client.requests()
        try:
            while not self._stop.wait(self.ttl_s / 3):
                try:
                    self.client.call_record("lease.renew", {"lease": self.token},
                                            timeout_s=min(ANSWER_S, self.ttl_s / 3), requests=requests)
                    self.renewed += 1
                except Refused as e:
                    self.lost = e
                    return
                except NudgeError:
                    continue  # silence is no refusal: the next third of the time is for another attempt
        finally:
            requests.close()

    def __enter__(self) -> "Lease":
        return self.acquire()

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        if kind is None:
            self.release()
        else:
            self.close()


