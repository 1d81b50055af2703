"""run.py - one run: its figures, its steps, following it while it goes, and steering it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence

from . import html, steps as all_steps
from .errors import RunFailed, TimedOut, Unreachable
from .past import Past
from .records import Record
from .steps import Steps
from .wire import now_s

if TYPE_CHECKING:
    from .client import Client
    from .follow import Watch

ENDED = ("done", "stopped", "aborted", "interrupted", "failed")
WAIT_S = 5.0  # one request of a long wait: other threads' calls come between
CARD = ("name", "kind", "status", "reason", "steps", "steps_total", "mse_V2", "mse_first_V2", "mse_final_V2", "scaled_error",
        "test_final_V2", "accuracy_final", "accuracy_best", "seed", "started_utc", "ended_utc", "position")


class Run:
    """A run by its number.  Its figures (run.status, run.mse_V2, ...) are those of the last refresh()."""

    def __init__(self, client: "Client", number: int, figures: Optional[Mapping[str, Any]] = None) -> None:
        self.client, self.number = client, int(number)
        self.figures: Dict[str, Any] = dict(figures or {})

    def __repr__(self) -> str:
        return "<nudge.Run %d: %s>" % (self.number, self.figures.get("status") or "not asked yet")

    def _repr_html_(self) -> str:
        self.refresh()
        return html.pairs("run %d" % self.number, {name: self.figures.get(name) for name in CARD})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        figures: Dict[str, Any] = self.__dict__["figures"]
        if name not in figures:
            self.refresh()
        if name not in figures and name not in self.__dict__["figures"]:
            raise AttributeError("a run has no %r; run.get says %s" % (name, ", ".join(sorted(self.__dict__["figures"]))))
        return self.__dict__["figures"][name]

    def refresh(self) -> "Run":
        """Asks for the status and figures; NotFoundError: there is no such run."""
        self.figures = dict(self.client.call("run.get", {"run": self.number}))
        return self

    @property
    def ended(self) -> bool:
        return str(self.refresh().figures["status"]) in ENDED

    def card(self) -> Dict[str, Any]:
        """Everything that is known about it: task, rig, seed, version, parameters, tests, events, calibrations."""
        return dict(self.client.call("history.run", {"run": self.number}))

    # ---- until its end ----

    def wait(self, timeout_s: Optional[float] = None, *, check: bool = False) -> Dict[str, Any]:
        """The figures when it has ended; goes on through a restart of the server.

        timeout_s: TimedOut when it has not ended by then; None: for ever.  check: RunFailed unless it is done.
        """
        end_s = None if timeout_s is None else now_s() + timeout_s
        while True:
            left_s = WAIT_S if end_s is None else min(WAIT_S, end_s - now_s())
            if left_s <= 0:
                raise TimedOut("run %d is %s after %g s" % (self.number, self.figures.get("status"), timeout_s or 0))
            try:
                self.figures = dict(self.client.call("run.wait", {"run": self.number, "timeout_s": left_s},
                                                     timeout_s=left_s + self.client.timeout_s))
            except Unreachable:
                if end_s is not None and now_s() >= end_s:
                    raise
                continue
            if self.figures["status"] in ENDED:
                if check and self.figures["status"] != "done":
                    raise RunFailed(self.figures)
                return self.figures

    def wait_begin(self, timeout_s: float = 60.0) -> "Run":
        """Until it is queued no more; TimedOut: it still is."""
        end_s = now_s() + timeout_s
        with self.client.watch("event.", timeout_s=timeout_s) as watch:
            while self.refresh().figures["status"] == "queued":
                if now_s() >= end_s:
                    raise TimedOut("run %d is still queued after %g s" % (self.number, timeout_s))
                watch.next(min(1.0, max(0.0, end_s - now_s())))
        return self

    def records(self, from_step: int = 0, timeout_s: Optional[float] = None) -> Iterator[Record]:
        """Steps (pages), tests and events of this run as they come, from from_step on, until its end.

        What was missed comes by itself, in order; a restarted server is a record of kind "boot".  Steps that cannot be had
        any more are a record of kind "gap".  A silent server is waited for until timeout_s: then TimedOut.  Tests and events of
        before, or that were missed, come from history, with fetched True; they have no arrays.
        """
        end_s = None if timeout_s is None else now_s() + timeout_s
        past = Past(self, from_step)
        with self.client.watch("test.%08d." % self.number, "event.") as watch:
            watch.run(self.number, from_step)
            ended = self.ended
            yield from past.missed()
            while True:
                record = self._next(watch, 0.05 if ended else 0.5, end_s)
                if record is None:
                    if ended:
                        break
                elif record.kind in ("gap", "boot"):
                    ended = self.ended
                    yield record
                    yield from past.missed()
                elif record.run == self.number and record.header.get("event") == "run_end":
                    yield from past.missed()
                    if past.is_new(record):
                        yield record
                    break
                elif record.run == self.number and (record.kind == "step" or past.is_new(record)):
                    yield record
        yield from past.missed()
        self.refresh()

    def _next(self, watch: "Watch", seconds: float, end_s: Optional[float]) -> Optional[Record]:
        """The watch's next; while the server is silent it is waited for."""
        if end_s is not None and now_s() >= end_s:
            raise TimedOut("run %d has not ended in time" % self.number)
        try:
            return watch.next(seconds)
        except Unreachable:
            return None

    def follow(self, on_record: Optional[Callable[[Record], Any]] = None, *, from_step: int = 0,
               timeout_s: Optional[float] = None) -> Steps:
        """Follows it to its end; all its steps from from_step on.  on_record: called with each record as it comes."""
        pages: List[Record] = []
        for record in self.records(from_step, timeout_s):
            if on_record is not None:
                on_record(record)
            if record.kind == "step":
                pages.append(record)
        return all_steps.gather(self.number, pages)

    # ---- what it left ----

    def steps(self, columns: Optional[Sequence[str]] = None, max_points: Optional[int] = None, *,
              from_step: Optional[int] = None, to_step: Optional[int] = None) -> Steps:
        """Its steps as numpy arrays; columns None: step and everything that its records have.

        max_points: more rows than this are binned by the server (without columns, only those of one number a step).
        """
        return all_steps.read(self.client, self.number, columns, max_points, from_step, to_step)

    def events(self) -> List[Dict[str, Any]]:
        return self.client.events(run=self.number)

    def tests(self) -> List[Dict[str, Any]]:
        """Its evaluations: step, set, error_V2, accuracy."""
        return list(self.card()["tests"])

    # ---- steering ----

    def pause(self) -> Dict[str, Any]:
        return dict(self.client.call("run.pause", {"run": self.number}))

    def resume(self) -> Dict[str, Any]:
        return dict(self.client.call("run.resume", {"run": self.number}))

    def stop(self) -> Dict[str, Any]:
        """Ends it after its present step."""
        return dict(self.client.call("run.stop", {"run": self.number}))

    def abort(self) -> Dict[str, Any]:
        """Ends it now, makes the rig safe, and holds the queue."""
        return dict(self.client.call("run.abort", {"run": self.number}))

    def fork(self, step: int, *, params: Optional[Mapping[str, Any]] = None, steps: Optional[int] = None) -> "Run":
        """Queues its task again, from the edge states of one of its steps."""
        result = self.client.call("run.fork", {"run": self.number, "step": step, "params": params, "steps": steps})
        return Run(self.client, int(result["run"]))

    def annotate(self, note: Optional[str] = None, *, tags: Optional[Sequence[str]] = None,
                 star: Optional[bool] = None) -> None:
        self.client.call("run.annotate", {"run": self.number, "note": note, "star": star,
                                          "tags": None if tags is None else list(tags)})

    # ---- pictures ----

    def plot(self, columns: Sequence[str] = ("mse_V2",), max_points: int = 1000, ax: Any = None) -> Any:
        """matplotlib axes with its columns over its steps."""
        from . import plot
        return plot.run(self, columns, max_points, ax)

    def watch(self, columns: Sequence[str] = ("mse_V2",), *, every_s: float = 0.5, timeout_s: Optional[float] = None) -> Any:
        """A picture that grows in the notebook until the run ends; the axes then."""
        from . import plot
        return plot.live(self, columns, every_s, timeout_s)


class RunList(List[Run]):
    """Runs of the past: a list of Run; rows has the columns of the view `runs`."""

    def __init__(self, client: "Client", rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(Run(client, int(row["run"]), row) for row in rows)
        self.rows: List[Dict[str, Any]] = [dict(row) for row in rows]

    def to_pandas(self) -> Any:
        import pandas
        return pandas.DataFrame(self.rows).set_index("run")

    def _repr_html_(self) -> str:
        return html.table(self.rows, ("run", "name", "kind", "status", "steps", "mse_final_V2", "accuracy_final", "started_utc"))
