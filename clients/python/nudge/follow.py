"""follow.py - a watch: subscriptions that stand, then record after record; what is missed comes by itself.

Steps that were missed come in their order, by stream.fetch; a hole in `test.` or `event.` comes as a record of kind "gap"
(topic, after, before); steps that cannot be had any more as one with run, from_step, to_step, why and left_out; a hole in
`state.` as a whole snapshot of kind "state"; a restarted server as a record of kind "boot" with its snapshot.
"""

from __future__ import annotations

import uuid
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, List, Optional, Sequence, Tuple, Type, Union

import zmq

from .errors import NudgeError, Refused, TimedOut, Unreachable
from .gap import BOOT, HOLE, OLD, Gap
from .records import Decoder, Record, parse
from .wire import LOOK_S, Entrance, now_s

if TYPE_CHECKING:
    from .client import Client

SILENCE_S = 5.0  # five heartbeats
AGAIN_S = 0.05  # between attempts to fetch what was made and is not stored yet
ATTEMPTS = 200
FETCH_S = 30.0
TRANSIENT = ("latest.", "log.", "hb.", "welcome.", "desc.")  # made for the moment: a hole in them is no loss
LEFT_OUT = "the run's log leaves them out, and the server has them no more"


class Missing:
    """Steps of a run that are to be fetched before what stands behind them."""

    def __init__(self, run: int, first: int, last: int) -> None:
        self.run, self.first, self.last, self.attempts = run, first, last, 0


class Watch:
    """Iterate for record after record (UNREACHABLE is raised when the server is silent; the watch stays good)."""

    def __init__(self, client: "Client", topics: Sequence[str], timeout_s: float) -> None:
        self.client = client
        self.topics: List[str] = list(topics)
        self.snapshot: Dict[str, Any] = {}
        self._gap, self._decoder = Gap(), Decoder()
        self._queue: Deque[Union[Record, Missing]] = deque()
        self._entrance: Optional[Entrance] = None
        self._heard_s = now_s()
        self._open(timeout_s)
        self._take_snapshot(True)
        run, step = self.snapshot.get("run"), self.snapshot.get("step")
        if run and step:
            self._gap.expect(int(run), int(step))

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __iter__(self) -> Iterator[Record]:
        while True:
            record = self.next(3600.0)
            if record is not None:
                yield record

    def close(self) -> None:
        if self._entrance is not None:
            self._entrance.close()
            self._entrance = None
        self.client.forget(self)

    def run(self, run: int, from_step: int = 0) -> None:
        """Follows a run's steps too, every one from from_step on, also those made already."""
        topic = "step.%08d." % run
        self.topics.append(topic)
        if self._entrance is not None:
            self._entrance.socket.subscribe(topic)
        self._gap.expect(run, from_step)
        self._reach_end(run)

    def next(self, timeout_s: float) -> Optional[Record]:
        """The next record, or None when none came in timeout_s."""
        end_s = now_s() + timeout_s
        while True:
            if self._queue:
                head = self._queue[0]
                if isinstance(head, Record):
                    self._queue.popleft()
                first = head if isinstance(head, Record) else self._fetch(head)
                if first is not None:
                    return first
            left_s = end_s - now_s()
            self._wait(max(0.0, min(left_s, AGAIN_S if self._queue else LOOK_S)))
            if not self._queue and now_s() >= end_s:
                return None

    # ---- the socket ----

    def _open(self, timeout_s: float) -> None:
        """Topics first, then a welcome of one's own: when it comes, the topics stand."""
        if self._entrance is not None:
            self._entrance.close()
        self._entrance = entrance = Entrance(self.client.context, zmq.SUB, self.client.address.stream, self.client.keys)
        welcome = "welcome.%s." % uuid.uuid4().hex
        for topic in self.topics + ["hb.", "desc.", "event.", welcome]:
            entrance.socket.subscribe(topic)
        end_s = now_s() + timeout_s
        while now_s() < end_s:
            if not entrance.wait(min(LOOK_S, end_s - now_s())):
                if entrance.closed_to_us(False):
                    break
                continue
            record = parse(entrance.socket.recv_multipart())
            if record.kind == "desc":
                self._decoder.take(record)
            if record.topic == welcome:
                self._heard_s = now_s()
                return
        raise (entrance.why(self.client.address.text) if not entrance.up else
               TimedOut("%s: no word on the stream in %g s" % (self.client.address.stream, timeout_s)))

    def _wait(self, seconds: float) -> None:
        if self._entrance is None:
            raise Unreachable("this watch is closed, or its server was not found again")
        if self._entrance.wait(seconds):
            self._heard_s = now_s()
            self._follow(parse(self._entrance.socket.recv_multipart()))
        elif now_s() - self._heard_s > SILENCE_S:
            silence_s, self._heard_s = now_s() - self._heard_s, now_s()
            try:
                self._open(SILENCE_S)  # libzmq may have given up
                return
            except NudgeError:
                self._heard_s = now_s()
            raise Unreachable("%s: no heartbeat for %.0f s" % (self.client.address.text, silence_s))

    # ---- each record in its chain ----

    def _wanted(self, topic: str) -> bool:
        return any(topic.startswith(wanted) for wanted in self.topics)

    def _follow(self, record: Record) -> None:
        verdict = self._place(record)
        if verdict[0] == BOOT:
            self._take_snapshot(True)
            self._queue.append(Record("state.", {"kind": "boot", "snapshot": self.snapshot}))
            for run in self._gap.runs():
                self._reach_end(run)
            verdict = self._place(record)
        if verdict[0] == HOLE:
            self._tell_hole(record.topic, verdict[1], record.seq)
        if verdict[0] in (OLD, BOOT):
            return
        take = {"step": self._take_steps, "event": self._take_event, "hb": self._take_heartbeat}.get(record.kind)
        if record.topic == "latest.":
            take = self._take_latest
        if take is not None:
            take(record)
            return
        self._give(self._decoder.take(record))

    def _place(self, record: Record) -> Tuple[str, int, int]:
        return self._gap.record(record.topic, str(record.header.get("boot")), record.seq, int(record.header.get("prev", 0)))

    def _give(self, record: Record) -> None:
        if self._wanted(record.topic):
            self._queue.append(record)

    def _take_steps(self, record: Record) -> None:
        """A page in its place among the others: what is missing before it is queued first."""
        run, step, n = record.run, record.step, record.n
        if not self._wanted(record.topic):
            return
        word, first, skip = self._gap.steps(run, step, n)
        if word == OLD:
            return
        if word == HOLE:
            self._queue.append(Missing(run, first, step - 1))
        if not self._decoder.knows(record):  # not readable as it came: the same rows by fetching
            self._queue.append(Missing(run, step + skip, step + n - 1))
            return
        self._decoder.take(record).skip(skip)
        self._queue.append(record)

    def _take_latest(self, record: Record) -> None:
        if not self._decoder.knows(record):
            found = self.client.call("history.run", {"run": record.run}).get("descriptor")
            if found:
                self._decoder.learn(int(record.header["desc"]), found["arrays"])
        if self._decoder.knows(record):
            self._give(self._decoder.take(record))

    def _take_event(self, record: Record) -> None:
        """A run's end says how many steps it made: the last page may have been lost."""
        if record.header.get("event") == "run_end":
            if self._wanted("step.%08d." % record.run):
                self._reach(record.run, record.step)
            self._gap.forget(record.run)
        self._give(record)

    def _take_heartbeat(self, record: Record) -> None:
        """It names each topic's last seq: shows the holes that no later record would show."""
        for topic, last in dict(record.header.get("last") or {}).items():
            if topic.startswith(TRANSIENT):
                continue
            after = self._gap.tail(topic, int(last))
            if after is None:
                continue
            if not topic.startswith("step."):
                self._tell_hole(topic, after, int(last) + 1)
            elif self._wanted(topic):
                self._reach_end(int(topic.split(".")[1]))
        self._give(record)

    # ---- what did not come ----

    def _tell_hole(self, topic: str, after: int, before: int) -> None:
        if topic.startswith(TRANSIENT) or topic.startswith("step."):
            return  # steps have their own chain, their numbers
        if topic.startswith("event."):  # an end may be among them
            for run in self._gap.runs():
                self._reach_end(run)
        if not self._wanted(topic):
            return
        if topic.startswith("state."):
            self._take_snapshot(False)  # other topics' records up to its seq are still on their way: they count
            self._queue.append(Record("state.", dict(self.snapshot, kind="state")))
        else:
            self._queue.append(Record(topic, {"kind": "gap", "topic": topic, "after": after, "before": before}))

    def _take_snapshot(self, begin: bool) -> None:
        reply = self.client.call_record("state.snapshot")
        self.snapshot = reply.header
        if begin:
            self._gap.begin(str(reply.meta.get("boot", "")), int(reply.header["seq"]))

    def _reach(self, run: int, step: int) -> None:
        missing = self._gap.reach(run, step)
        if missing is not None:
            self._queue.append(Missing(run, *missing))

    def _reach_end(self, run: int) -> None:
        self._reach(run, int(self.client.call("run.get", {"run": run})["steps"]))

    def _lost(self, item: Missing, last: int, left_out: bool, why: str) -> Record:
        return Record("", {"kind": "gap", "run": item.run, "from_step": item.first, "to_step": last,
                           "left_out": left_out, "why": why})

    def _fetch(self, item: Missing) -> Optional[Record]:
        """The first page of what is missing; None: it was made and is not stored yet."""
        try:
            page = self.client.call_record("stream.fetch", {"run": item.run, "from_step": item.first, "to_step": item.last},
                                           timeout_s=FETCH_S)
        except Refused as e:
            self._queue.popleft()
            return self._lost(item, item.last, False, str(e))
        left_out = int(page.header.get("keep_every") or 0) > 1
        if page.n == 0 or not page.arrays:
            item.attempts += 1
            if not left_out and item.attempts < ATTEMPTS:
                return None
            self._queue.popleft()
            return self._lost(item, item.last, left_out, LEFT_OUT if left_out else "the server has them no more")
        page.topic, page.fetched = "step.%08d." % item.run, True
        page.header = dict(page.header, kind="step", fetched=True)
        self._decoder.learn(int(page.header["desc"]), page.header["arrays"])
        lost = self._lost(item, page.step - 1, left_out, LEFT_OUT) if page.step > item.first else None
        item.first, item.attempts = page.step + page.n, 0
        if item.first > item.last:
            self._queue.popleft()
        if lost is None:
            return page
        self._queue.appendleft(page)
        return lost
