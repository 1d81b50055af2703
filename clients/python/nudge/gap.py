"""gap.py - what is missing: the bookkeeping of boot, seq, prev and steps, without any socket.

Two chains: each topic's records are linked by seq and prev, and the heartbeat says each topic's last seq; a run's steps are
numbered without holes.  The first finds what the wire lost, the second also what was never sent.
"""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

NEXT, OLD, HOLE, BOOT = "next", "old", "hole", "boot"


class Verdict(NamedTuple):
    word: str  # NEXT, OLD (seen, or told by the snapshot), HOLE, BOOT (another start of the server)
    after: int = 0  # of a HOLE: the last seq that was seen, or the first step that is missing
    skip: int = 0  # of steps: rows at the beginning that were there before


class Gap:
    def __init__(self) -> None:
        self.boot: Optional[str] = None
        self._base = 0
        self._topics: Dict[str, int] = {}
        self._runs: Dict[int, int] = {}

    def begin(self, boot: str, seq: int) -> None:
        """A snapshot: everything of this boot up to seq is known.  Forgets the topics; keeps the runs."""
        self.boot, self._base = boot, seq
        self._topics.clear()

    def record(self, topic: str, boot: str, seq: int, prev: int) -> Verdict:
        last = self._topics.get(topic, self._base)
        if boot != self.boot:
            return Verdict(BOOT)
        if seq <= last:
            return Verdict(OLD)
        self._topics[topic] = seq
        return Verdict(NEXT) if prev <= last else Verdict(HOLE, last)

    def tail(self, topic: str, last: int) -> Optional[int]:
        """The heartbeat names a topic's last seq: the last that was seen, when its tail is missing; told once."""
        seen = self._topics.get(topic, self._base)
        if last <= seen:
            return None
        self._topics[topic] = last
        return seen

    def steps(self, run: int, step: int, n: int) -> Verdict:
        """Rows [step, step + n) of a run came; after: the first that is missing before them."""
        expected = self._runs.get(run, 0)
        if step + n <= expected:
            return Verdict(OLD)
        self._runs[run] = step + n
        return Verdict(HOLE, expected) if step > expected else Verdict(NEXT, 0, expected - step)

    def reach(self, run: int, step: int) -> Optional[Tuple[int, int]]:
        """Steps below `step` exist: (first, last) of those that have not been seen; they count as seen from here on."""
        expected = self._runs.get(run, 0)
        if expected >= step:
            return None
        self._runs[run] = step
        return expected, step - 1

    def expect(self, run: int, step: int) -> None:
        self._runs[run] = step

    def forget(self, run: int) -> None:
        """It has ended."""
        self._runs.pop(run, None)

    def runs(self) -> List[int]:
        return list(self._runs)
