"""errors.py - what can go wrong, one exception for each kind: `except nudge.LimitError as e: print(e.value, e.limit)`."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple, Type


class NudgeError(Exception):
    """Anything that this package raises of its own.  str(e) is a sentence: the culprit, its value, the cure."""


class Invalid(NudgeError, ValueError):
    """This side: an address, a file, a key, a record that cannot be understood."""


class TaskError(Invalid):
    """A task file that cannot be read; the sentence begins with file:line:column where there is a place."""


class Unreachable(NudgeError, ConnectionError):
    """Nobody answers there, or the connection broke."""


class Unwelcome(Unreachable):
    """Somebody is there, and the keys do not fit."""


class TimedOut(NudgeError, TimeoutError):
    """The server is there and did not answer in time; it may yet act."""


class LeaseLost(NudgeError):
    """The lease that this program held is no longer its own."""


class Refused(NudgeError):
    """The server said no.

    code     the JSON-RPC code, -32010
    kind     a word for programs, "limit"
    path     JSON pointer to the culprit in params, "/eta"
    data     all that the server said about it
    method   what was asked for
    """

    def __init__(self, error: Dict[str, Any], method: str = "") -> None:
        super().__init__(str(error.get("message", "refused without a word")))
        self.code: int = int(error.get("code", -32603))
        self.data: Dict[str, Any] = dict(error.get("data") or {})
        self.kind: str = str(self.data.get("kind", ""))
        self.path: str = str(self.data.get("path", ""))
        self.method = method

    @property
    def value(self) -> Any:
        """The value that was refused, if the server repeats it."""
        return self.data.get("value")

    @property
    def limit(self) -> Optional[Tuple[Optional[float], Optional[float]]]:
        """(least, greatest) that is allowed, None for an open end; None: the refusal is about no range."""
        if "min" not in self.data and "max" not in self.data:
            return None
        return self.data.get("min"), self.data.get("max")


class ParseError(Refused):
    """-32700: no JSON."""


class RequestError(Refused):
    """-32600: no request: its envelope, meta, size or nesting."""


class MethodError(Refused):
    """-32601: the server has no such method."""


class ParamsError(Refused, ValueError):
    """-32602: a member that is unknown, missing, of the wrong type or out of range; a key used for another request."""


class InternalError(Refused):
    """-32603: a fault of the daemon itself."""


class LimitError(Refused, ValueError):
    """-32010: a value outside the rig's limits."""


class LockedError(Refused):
    """-32011: somebody else holds the lease."""

    @property
    def holder(self) -> str:
        return str(self.data.get("holder", ""))

    @property
    def note(self) -> str:
        return str(self.data.get("note", ""))

    @property
    def since_utc(self) -> str:
        return str(self.data.get("since_utc", ""))


class ForbiddenError(Refused, PermissionError):
    """-32012: the role may not do this."""


class StateError(Refused):
    """-32013: not possible in the present state."""


class ConflictError(Refused):
    """-32014: the parameters' revision is not the one that `if_rev` names."""


class DeviceError(Refused):
    """-32015: a device failed: which, and what it said."""


class StorageError(Refused):
    """-32016: the store refused: disk full, read-only, too slow."""


class NotFoundError(Refused, LookupError):
    """-32017: no such run, edge, node or checkpoint."""


class RunFailed(NudgeError):
    """A run came to another end than the one that was waited for; `figures` has its status and reason."""

    def __init__(self, figures: Dict[str, Any]) -> None:
        super().__init__("run %s (%s) is %s: %s" % (figures.get("run"), figures.get("name"), figures.get("status"),
                                                    figures.get("reason") or "no reason is given"))
        self.figures = figures


BY_CODE: Dict[int, Type[Refused]] = {
    -32700: ParseError, -32600: RequestError, -32601: MethodError, -32602: ParamsError, -32603: InternalError,
    -32010: LimitError, -32011: LockedError, -32012: ForbiddenError, -32013: StateError, -32014: ConflictError,
    -32015: DeviceError, -32016: StorageError, -32017: NotFoundError,
}


def refused(error: Dict[str, Any], method: str = "") -> Refused:
    """The exception for a reply's `error`; a code of a later version is a plain Refused."""
    return BY_CODE.get(int(error.get("code", 0)), Refused)(error, method)
