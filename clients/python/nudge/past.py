"""past.py - tests and events of a run that its stream did not bring: told once, from history, in the form of records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Dict, Iterator, Tuple

from .records import Record

if TYPE_CHECKING:
    from .run import Run

Key = Tuple[Any, ...]


def _key(header: Dict[str, Any]) -> Key:
    """History and stream keep times of their own: what it was, and at which step, is the same in both."""
    if header.get("kind") == "test":
        return "test", header.get("step"), header.get("set")
    return header.get("event"), header.get("step"), "" if header.get("event") == "run_end" else header.get("what")


class Past:
    """Counts what was told.  A record of history has fetched=True; a test's outputs_V are in the stream alone."""

    def __init__(self, run: "Run", from_step: int) -> None:
        self.run, self.from_step = run, from_step
        self._told: "Counter[Key]" = Counter()
        self._ahead: "Counter[Key]" = Counter()  # told from history, and perhaps still on its way

    def is_new(self, record: Record) -> bool:
        """Whether a test or event that the stream brings has not been told; it counts as told from here on."""
        key = _key(record.header)
        if self._ahead[key] > 0:
            self._ahead[key] -= 1
            return False
        self._told[key] += 1
        return True

    def missed(self) -> Iterator[Record]:
        """What stands in history and was not told, in its order."""
        number = self.run.number
        headers = [dict(row, kind="test", run=number) for row in self.run.tests()]
        headers += [dict(row, kind="event", event=row["kind"]) for row in self.run.events()]
        headers.sort(key=lambda h: (int(h.get("step") or 0), str(h["t_utc"])))
        there: "Counter[Key]" = Counter()
        for header in headers:
            key = _key(header)
            there[key] += 1
            if int(header.get("step") or 0) < self.from_step or there[key] <= self._told[key]:
                continue
            self._told[key] += 1
            self._ahead[key] += 1
            topic = "test.%08d." % number if header["kind"] == "test" else "event."
            yield Record(topic, header, fetched=True)
