"""records.py - from frames to records: a JSON header, and arrays as numpy.frombuffer reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from .errors import Invalid

Array = NDArray[Any]
DTYPES = ("<f8", "<f4", "<i8", "<u8", "<i4", "<u4", "<i2", "<u2", "<i1", "<u1", "|u1", "|i1", "u1", "i1")


@dataclass
class Record:
    """A stream record, or a reply with arrays.  record["v_free_V"] is an array, record.header all the rest."""

    topic: str
    header: Dict[str, Any]
    payload: List[bytes] = field(default_factory=list, repr=False)
    arrays: Dict[str, Array] = field(default_factory=dict)
    fetched: bool = False  # refilled, not heard live
    meta: Dict[str, Any] = field(default_factory=dict, repr=False)  # of a reply: boot, seq, state, replayed

    @property
    def kind(self) -> str:
        return str(self.header.get("kind", ""))

    @property
    def seq(self) -> int:
        return int(self.header.get("seq", 0))

    @property
    def run(self) -> int:
        return int(self.header.get("run") or 0)

    @property
    def step(self) -> int:
        """Of the first row."""
        return int(self.header.get("step") or 0)

    @property
    def n(self) -> int:
        """Rows: steps step, step + 1, ... step + n - 1."""
        return int(self.header.get("n") or 0)

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def describe(self, arrays: Any) -> None:
        """Reads the payload by a descriptor's list of arrays."""
        self.arrays = read_arrays(arrays, self.payload, self.n)

    def skip(self, rows: int) -> None:
        """Drops the first rows of a page of steps."""
        if rows <= 0:
            return
        n = self.n
        self.arrays = {name: a[rows:] if a.ndim and a.shape[0] == n else a for name, a in self.arrays.items()}
        self.header = dict(self.header, step=self.step + rows, n=n - rows)


def read_arrays(described: Any, frames: Sequence[bytes], n: int) -> Dict[str, Array]:
    """Arrays by name; the word "n" in a shape is the number of rows.  Checks every size."""
    described = check_described(described)
    if len(described) != len(frames):
        raise Invalid("%d arrays are described, %d frames came" % (len(described), len(frames)))
    return {str(array["name"]): read_array(array, frame, n) for array, frame in zip(described, frames)}


def check_described(described: Any) -> List[Dict[str, Any]]:
    """A descriptor's list of arrays: each has name, dtype and shape."""
    if isinstance(described, list) and all(
            isinstance(a, dict) and isinstance(a.get("name"), str) and isinstance(a.get("dtype"), str)
            and isinstance(a.get("shape"), list) for a in described):
        return described
    raise Invalid("a list of arrays that is none: %.200r" % (described,))


def read_array(array: Dict[str, Any], frame: bytes, n: int) -> Array:
    dtype, shape = array.get("dtype"), [n if size == "n" else size for size in array.get("shape", [])]
    if dtype not in DTYPES or not all(type(size) is int and size >= 0 for size in shape):
        raise Invalid("array %s has dtype %r and shape %r, which this version cannot read"
                      % (array.get("name"), dtype, array.get("shape")))
    kind = np.dtype(dtype)
    items = 1
    for size in shape:
        items *= size
    if len(frame) != items * kind.itemsize:
        raise Invalid("array %s has %d bytes; %s of shape %r are %d" % (array.get("name"), len(frame), dtype, shape,
                                                                         items * kind.itemsize))
    return np.frombuffer(frame, kind).reshape(shape)


def values_of(array: Dict[str, Any]) -> Array:
    """An array whose numbers came inside the JSON ("encoding": "json"); null is NaN."""
    values = array.get("values", [])
    kind = np.dtype(array["dtype"])
    return np.array(_no_null(values), kind).reshape(array["shape"])


def _no_null(values: Any) -> Any:
    if isinstance(values, list):
        return [_no_null(v) for v in values]
    return float("nan") if values is None else values


def parse(frames: Sequence[bytes]) -> Record:
    """[topic][header][payload ...]; arrays are read where the header itself describes them (test records)."""
    if len(frames) < 2:
        raise Invalid("a record has a topic and a header; this has %d frames" % len(frames))
    try:
        topic, header = frames[0].decode(), json.loads(frames[1])
    except ValueError:
        raise Invalid("a record whose topic or header cannot be read: %r" % bytes(frames[1][:80])) from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise Invalid("a record whose header has no kind: %r" % bytes(frames[1][:80]))
    for name in ("seq", "prev", "run", "step", "n", "desc"):
        if header.get(name) is not None and not (type(header[name]) is int and header[name] >= 0):
            raise Invalid("a record whose %s is %r" % (name, header[name]))
    record = Record(topic, header, list(frames[2:]))
    if record.kind == "test" and "arrays" in header:
        record.describe(header["arrays"])
    return record


def parse_reply(reply: Dict[str, Any], frames: Sequence[bytes]) -> Record:
    """The result of stream.fetch or history.steps with its arrays."""
    result = reply["result"]
    record = Record("", result if isinstance(result, dict) else {"result": result}, list(frames),
                    meta=reply.get("meta") or {})
    described = record.header.get("arrays")
    if isinstance(described, list) and described and "values" in described[0]:
        record.arrays = {str(array["name"]): values_of(array) for array in described}
    elif isinstance(described, list):
        record.describe(described)
    return record


class Decoder:
    """Frames to records with all their arrays: remembers descriptors as they pass by."""

    def __init__(self) -> None:
        self.descriptors: Dict[int, List[Dict[str, Any]]] = {}

    def learn(self, desc: int, arrays: Any) -> None:
        """Arrays of a descriptor, or of a reply of stream.fetch: the rows' number is a page's own."""
        self.descriptors[desc] = [dict(array, shape=["n"] + list(array["shape"][1:])) for array in check_described(arrays)]

    def knows(self, record: Record) -> bool:
        return record.kind != "step" or record.header.get("desc") in self.descriptors

    def take(self, record: Record) -> Record:
        """Reads a parsed record's arrays; a step record's descriptor must be known."""
        if record.kind == "desc":
            self.learn(int(record.header.get("desc") or 0), record.header.get("arrays"))
        elif record.kind == "step":
            described: Optional[List[Dict[str, Any]]] = self.descriptors.get(int(record.header.get("desc") or 0))
            if described is None:
                raise Invalid("%s %s of run %d came before its descriptor" % (record.kind, record.step, record.run))
            record.describe(described)
        return record

    def decode(self, frames: Sequence[bytes]) -> Record:
        return self.take(parse(frames))
