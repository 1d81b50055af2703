"""nudge - a client of nudged, the supervisor of a physical network that learns.

    import nudge
    with nudge.connect() as n:
        run = n.run("iris.yaml")
        run.follow()
        df = run.steps().to_pandas()

Values are SI units; a name that carries a unit says so in its suffix (mse_V2, tau_s).  Steps, nodes and edges count from 0.
"""

from .client import Client, connect
from .errors import (ConflictError, DeviceError, ForbiddenError, InternalError, Invalid, LeaseLost, LimitError, LockedError,
                     MethodError, NotFoundError, NudgeError, ParamsError, ParseError, Refused, RequestError, RunFailed,
                     StateError, StorageError, TaskError, TimedOut, Unreachable, Unwelcome)
from .follow import Watch
from .lease import Lease
from .records import Decoder, Record
from .run import Run, RunList
from .steps import Steps

__version__ = "0.1.0"
__all__ = [
    "Client", "ConflictError", "Decoder", "DeviceError", "ForbiddenError", "InternalError", "Invalid", "Lease", "LeaseLost",
    "LimitError", "LockedError", "MethodError", "NotFoundError", "NudgeError", "ParamsError", "ParseError", "Record",
    "Refused", "RequestError", "Run", "RunFailed", "RunList", "StateError", "Steps", "StorageError", "TaskError", "TimedOut",
    "Unreachable", "Unwelcome", "Watch", "connect",
]
