"""client.py - a connection: find the server, greet it, call its methods; objects for runs, parameters and the rest."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, Union

import zmq

from . import address as addresses
from . import html, keys as key_files, task as tasks
from .checkpoints import Alarms, Checkpoints
from .errors import Invalid, refused
from .follow import Watch
from .lease import Lease
from .methods import TABLE, Methods
from .params import Params
from .records import Record, parse_reply
from .run import Run, RunList
from .wire import Requests

PROTOCOL = 1
TaskLike = Union[str, Mapping[str, Any]]


def connect(to: Optional[str] = None, key: Optional[str] = None, server_key: Optional[str] = None,
            timeout_s: float = 20.0) -> "Client":
    """Finds and greets a server.

    to          "ipc://DIR" or "tcp://HOST:PORT" (control; the next two ports are urgent and stream); None:
                $NUDGE_SERVER, else your own server, else /run/nudged
    key         over TCP, the file of your pair of keys; None: $NUDGE_KEY
    server_key  the server's public key, or a file that has it; None: $NUDGE_SERVER_KEY
    timeout_s   the deadline of every call that names none of its own
    """
    return Client(to, key, server_key, timeout_s)


class Client(Methods):
    """A connection to nudged.  `with nudge.connect() as n:` closes it.

    Every method of the protocol is here by its name with an underscore: n.run_submit(task), n.rig_describe().
    """

    def __init__(self, to: Optional[str] = None, key: Optional[str] = None, server_key: Optional[str] = None,
                 timeout_s: float = 20.0) -> None:
        self.timeout_s = timeout_s
        self.address = addresses.find(to)
        self.keys = key_files.find(self.address, key, server_key)
        self.context: "zmq.Context[Any]" = zmq.Context()
        self._control = self.requests()
        self._urgent = Requests(self.context, self.address, self.address.urgent, self.keys)
        self._watches: List[Watch] = []
        self._lease: Optional[Lease] = None
        self.meta: Dict[str, Any] = {}  # of the last reply: boot, seq, state, replayed
        try:
            self.hello: Dict[str, Any] = self.call("server.hello")
            if self.hello.get("protocol") != PROTOCOL:
                raise Invalid("%s speaks protocol %s, this package %d: use one of the same release"
                              % (self.address.text, self.hello.get("protocol"), PROTOCOL))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<nudge.Client %s: %s>" % (self.address.text, self.hello.get("rig"))

    def _repr_html_(self) -> str:
        return html.state(self.address.text, self.hello, self.state())

    def requests(self) -> Requests:
        """Another socket for requests, for a thread of its own."""
        return Requests(self.context, self.address, self.address.control, self.keys)

    def close(self) -> None:
        """Gives the lease back and closes every socket; may be called twice."""
        if self._lease is not None:
            self._lease.close()
        for watch in list(self._watches):
            watch.close()
        self._control.close()
        self._urgent.close()
        self.context.destroy(linger=0)

    # ---- calls ----

    def call(self, method: str, params: Optional[Mapping[str, Any]] = None, *,
             meta: Optional[Mapping[str, Any]] = None, timeout_s: Optional[float] = None) -> Any:
        """The result of any method; members of params that are None are left out.

        An array of a result has its numbers as a numpy array in "values".  meta: lease, key, if_rev, dry_run.
        """
        record = self.call_record(method, params, meta=meta, timeout_s=timeout_s)
        if record.arrays:
            record.header["arrays"] = [dict(array, values=record.arrays[array["name"]])
                                       for array in record.header["arrays"]]
        return record.header

    def call_record(self, method: str, params: Optional[Mapping[str, Any]] = None, *,
                    meta: Optional[Mapping[str, Any]] = None, timeout_s: Optional[float] = None,
                    requests: Optional[Requests] = None) -> Record:
        """The same with the reply's arrays by name.  A changing method has an idempotency key: it acts once."""
        known = TABLE.get(method)
        request = {"jsonrpc": "2.0", "id": uuid.uuid4().hex, "method": method,
                   "params": {name: value for name, value in (params or {}).items() if value is not None},
                   "meta": self._complete(method, meta)}
        if requests is None:
            requests = self._urgent if known and known.urgent else self._control
        # what this package does not know is a newer server's: it gets a key, and is not repeated
        repeatable = known is not None and (not known.changes or known.keyed or known.urgent)
        reply, frames = requests.exchange(request, self.timeout_s if timeout_s is None else timeout_s, repeatable)
        if requests is self._control:
            self.meta = reply.get("meta") or {}
        if "result" not in reply:
            raise refused(reply.get("error") or {}, method)
        return parse_reply(reply, frames)

    def _complete(self, method: str, meta: Optional[Mapping[str, Any]]) -> Dict[str, Any]:
        whole = dict(meta or {})
        known = TABLE.get(method)
        if self._lease is not None and self._lease.token and not method.startswith("lease."):
            whole.setdefault("lease", self._lease.token)
        if known is None or known.keyed:
            whole.setdefault("key", str(uuid.uuid4()))
        return whole

    # ---- what there is now ----

    def state(self) -> Dict[str, Any]:
        """The present state: run, step, parameters, queue, devices, alarms, lease."""
        return dict(self.call("state.snapshot"))

    @property
    def params(self) -> Params:
        """The parameters: n.params["eta"], n.params.set(eta=0.2), n.params.eta = 0.2"""
        return Params(self)

    @property
    def checkpoints(self) -> Checkpoints:
        """Edge states by name: save(), restore(), delete(); iterate for their names."""
        return Checkpoints(self)

    @property
    def alarms(self) -> Alarms:
        """What is wrong now, the oldest first; alarms.ack(name)."""
        return Alarms(self)

    def audit(self, limit: Optional[int] = None, **where: Any) -> List[Dict[str, Any]]:
        """Who changed what, when, from where, at which step; where: run, who, kind, from_, to."""
        where = {name.rstrip("_"): value for name, value in where.items()}
        return self.pages("audit.list", where, limit)

    def events(self, limit: Optional[int] = None, **where: Any) -> List[Dict[str, Any]]:
        """What happened; where: run, kind, from_, to."""
        where = {name.rstrip("_"): value for name, value in where.items()}
        return self.pages("history.events", where, limit)

    def pages(self, method: str, params: Mapping[str, Any], limit: Optional[int] = None) -> List[Dict[str, Any]]:
        """All rows of a list that comes in pages, or the first `limit`."""
        rows: List[Dict[str, Any]] = []
        after: Optional[int] = None
        while limit is None or len(rows) < limit:
            size = 1000 if limit is None else min(1000, limit - len(rows))
            page = self.call(method, dict(params, limit=size, after=after))
            rows.extend(page["rows"])
            after = page["next"]
            if after is None or not page["rows"]:
                break
        return rows

    # ---- runs ----

    def run(self, task: Union[TaskLike, int], *, name: Optional[str] = None, seed: Optional[int] = None,
            tags: Optional[Sequence[str]] = None, params: Optional[Mapping[str, Any]] = None, at: Optional[str] = None,
            on_lease_loss: Optional[str] = None, meta: Optional[Mapping[str, Any]] = None) -> Run:
        """Puts a task into the queue: a file's name, a shipped task's, or a dictionary.  A number: that run."""
        if isinstance(task, int):
            return Run(self, task).refresh()
        found = tasks.load(task)
        result = self.call("run.submit", {"task": found, "name": name, "seed": seed, "params": params, "at": at,
                                          "tags": None if tags is None else list(tags), "on_lease_loss": on_lease_loss},
                           meta=meta)
        return Run(self, int(result["run"]))

    def check(self, task: TaskLike) -> Dict[str, Any]:
        """What run() would look at; moves nothing."""
        return dict(self.call("run.check", {"task": tasks.load(task)}))

    def runs(self, where: Union[None, str, Mapping[str, Any]] = None, *, limit: Optional[int] = 100,
             order: Optional[str] = None) -> RunList:
        """Runs of the past, newest first; where: a filter in words ("eta < 0.5 and not star"), or status, task, kind, tag."""
        asked = where if where is None or isinstance(where, str) else dict(where)
        rows = self.pages("history.runs", {"where": asked, "order": order}, limit)
        return RunList(self, rows)

    # ---- streams and the lease ----

    def watch(self, *topics: str, timeout_s: Optional[float] = None) -> Watch:
        """Records of topics ("event.", "step.", "state.", ...), without a gap in silence; iterate, or next(seconds)."""
        watch = Watch(self, topics, self.timeout_s if timeout_s is None else timeout_s)
        self._watches.append(watch)
        return watch

    def forget(self, watch: Watch) -> None:
        if watch in self._watches:
            self._watches.remove(watch)

    def lease(self, note: str = "", *, ttl_s: float = 30.0, take_over: bool = False) -> Lease:
        """`with n.lease(note="tuning"):` nobody else steers; a thread renews it."""
        return Lease(self, note, ttl_s, take_over)

    def hold(self, lease: Optional[Lease]) -> None:
        """The lease whose token goes along with every call."""
        self._lease = lease
