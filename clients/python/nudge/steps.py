"""steps.py - a run's steps as numpy arrays by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence

import numpy as np

from . import html
from .records import Array, Record

if TYPE_CHECKING:
    from .client import Client

BINS = ("min", "max", "mean", "first", "last", "count")


class Steps(Mapping[str, Array]):
    """steps["mse_V2"] and steps.mse_V2 are arrays whose first axis is the rows; dict(steps) is a dictionary of them.

    every   steps a row: 1, or the size of the bins that max_points made; then a column's arrays are mse_V2_min,
            mse_V2_max, mse_V2_mean, ... as the server names them
    units   by name
    nodes   by name, of arrays with a column for each node: which nodes
    """

    def __init__(self, run: int, arrays: Mapping[str, Array], units: Mapping[str, Optional[str]], every: int = 1,
                 nodes: Optional[Mapping[str, Sequence[int]]] = None) -> None:
        self.run, self.arrays, self.units, self.every = run, dict(arrays), dict(units), every
        self.nodes: Dict[str, List[int]] = {name: [int(i) for i in those] for name, those in (nodes or {}).items()}

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __getattr__(self, name: str) -> Array:
        try:
            return self.__dict__["arrays"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError("these steps have no %r; they have %s" % (name, ", ".join(self.__dict__.get("arrays", {})))) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        """Rows."""
        return max((a.shape[0] for a in self.arrays.values() if a.ndim), default=0)

    def __dir__(self) -> List[str]:
        return list(super().__dir__()) + list(self.arrays)

    def to_pandas(self) -> Any:
        """A DataFrame, indexed by step; an array with a second axis is a column for each node or edge: v_free_V_3."""
        try:
            import pandas
        except ImportError:
            raise ImportError("to_pandas() needs pandas (Debian: python3-pandas; pip install pandas); "
                              "dict(steps) has the same as numpy arrays") from None
        columns: Dict[str, Array] = {}
        for name, a in self.arrays.items():
            if a.ndim == 1:
                columns[name] = a
            else:
                which = self.nodes.get(name) or range(a.shape[1])
                columns.update(("%s_%d" % (name, which[i]), a[:, i]) for i in range(a.shape[1]))
        frame = pandas.DataFrame({name: a.astype(a.dtype.newbyteorder("=")) for name, a in columns.items()})
        return frame.set_index("step") if "step" in columns else frame

    def updated_edges(self) -> Array:
        """The bit mask `updated` as booleans [rows, edges]: which edges did not sit the tick out."""
        mask = self.arrays["updated"]
        edges = len(self.nodes.get("updated", [])) or 8 * mask.shape[1]
        return np.unpackbits(mask, axis=1, bitorder="little")[:, :edges].astype(bool)

    def __repr__(self) -> str:
        return "<nudge.Steps of run %d: %d rows of %s>" % (self.run, len(self), ", ".join(self.arrays))

    def _repr_html_(self) -> str:
        shown = {name: a for name, a in self.arrays.items() if a.ndim == 1}
        n = len(self)
        rows = [{name: a[i].item() for name, a in shown.items()} for i in (range(n) if n <= 10 else [*range(5), *range(n - 5, n)])]
        return html.table(rows) + "<p>%d rows%s; also %s</p>" % (
            n, "" if self.every == 1 else " of %d steps" % self.every,
            ", ".join(name for name in self.arrays if name not in shown) or "nothing else")


def read(client: "Client", run: int, columns: Optional[Sequence[str]], max_points: Optional[int], first: Optional[int],
         last: Optional[int]) -> Steps:
    """All pages of history.steps."""
    described = client.call("history.run", {"run": run}).get("descriptor") or {"arrays": []}
    which = {str(a["name"]): list(a.get("nodes") or a.get("edges") or []) for a in described["arrays"]}
    if columns is None:
        columns = ["step"] + [name for name in which if max_points is None or not which[name]]
        if len(columns) == 1:
            columns = ["step", "mse_V2"]
    parts: List[Record] = []
    start = first
    while True:
        page = client.call_record("history.steps", {"run": run, "columns": list(columns), "max_points": max_points,
                                                    "from_step": start, "to_step": last})
        parts.append(page)
        following = page.header.get("next")
        if following is None:
            break
        start = int(following)
    names = list(parts[0].arrays)
    arrays = {name: parts[0].arrays[name] if len(parts) == 1 else np.concatenate([part.arrays[name] for part in parts])
              for name in names}
    units = {str(a["name"]): a.get("unit") for a in parts[0].header["arrays"]}
    return Steps(run, arrays, units, int(parts[0].header.get("every", 1)), {n: w for n, w in which.items() if w})


def gather(run: int, pages: Sequence[Record]) -> Steps:
    """Pages of step records, in their order, as one."""
    names = list(pages[0].arrays) if pages else []
    arrays: Dict[str, Array] = {"step": np.concatenate([np.arange(p.step, p.step + p.n) for p in pages])
                                if pages else np.zeros(0, np.int64)}
    arrays.update((name, np.concatenate([p.arrays[name] for p in pages])) for name in names)
    return Steps(run, arrays, {})
