"""task.py - tasks: a YAML or JSON file with the CSV files that it names, a shipped task's name, or a dictionary."""

from __future__ import annotations

import copy
import csv
import json
import math
import os
import re
from typing import Any, Dict, List, Mapping, Optional, Union

from .errors import TaskError

try:
    from ._installed import EXPERIMENTS as _INSTALLED
except ImportError:  # not by make install
    _INSTALLED = ""

REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def folders() -> List[str]:
    """Where shipped tasks may lie."""
    beside = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "..", "docs", "experiments")
    return [folder for folder in (os.environ.get("NUDGE_TASKS", ""), _INSTALLED, os.path.normpath(beside),
                                  "/usr/share/nudged/experiments", "/usr/share/doc/nudged/docs/experiments",
                                  "/usr/local/share/doc/nudged/docs/experiments") if folder]


def find(name: str) -> str:
    """The file that is meant: itself, else a shipped task of that name, with or without .yaml."""
    if os.path.exists(name):
        return name
    if os.sep not in name:
        for folder in folders():
            for ending in ("", ".yaml", ".yml", ".json"):
                path = os.path.join(folder, name + ending)
                if os.path.isfile(path):
                    return path
    raise TaskError("%s: no such file, and no task of that name is shipped (looked in %s)" % (name, ", ".join(folders())))


def load(task: Union[str, "os.PathLike[str]", Mapping[str, Any]]) -> Dict[str, Any]:
    """A task with its data, as run.submit takes it.  A dictionary's CSV files lie where the program runs."""
    if isinstance(task, Mapping):
        return inline(copy.deepcopy(dict(task)), ".")
    file = find(os.fspath(task))
    return inline(read(file), os.path.dirname(file) or ".")


def read(file: str) -> Dict[str, Any]:
    """A file's mapping, by the rules of YAML 1.2's core schema; JSON is YAML."""
    try:
        with open(file, encoding="utf-8-sig") as f:
            text = f.read()
    except (OSError, UnicodeDecodeError) as e:
        raise TaskError("%s: %s" % (file, getattr(e, "strerror", None) or e)) from None
    value = _json(text, file) if file.endswith(".json") else _yaml(text, file)
    if not isinstance(value, dict):
        raise TaskError("%s: a task is a mapping, as in `task: NAME`" % file)
    return value


def _json(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as e:
        raise TaskError("%s: %s" % (file, e)) from None


def _yaml(text: str, file: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise TaskError("%s: to read YAML this needs PyYAML (Debian: python3-yaml; pip install pyyaml); JSON files and "
                        "dictionaries need nothing" % file) from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        where = ":%d:%d" % (mark.line + 1, mark.column + 1) if mark else ""
        raise TaskError("%s%s: %s" % (file, where, e.problem or e.context)) from None
    except yaml.YAMLError as e:
        raise TaskError("%s: %s" % (file, e)) from None
    return None if node is None else _value(node, file)


def _value(node: Any, file: str) -> Any:
    if node.id == "sequence":
        return [_value(item, file) for item in node.value]
    if node.id == "mapping":
        found: Dict[str, Any] = {}
        for key, value in node.value:
            where = "%s:%d:%d" % (file, key.start_mark.line + 1, key.start_mark.column + 1)
            if key.id != "scalar":
                raise TaskError("%s: a name must be a word or a number" % where)
            if key.value in found:
                raise TaskError('%s: "%s" is there twice' % (where, key.value))
            found[key.value] = _value(value, file)
        return found
    if node.style is not None:  # quoted, or a block of text
        return node.value
    value = scalar(node.value)
    if isinstance(value, float) and not math.isfinite(value):
        raise TaskError("%s:%d:%d: %s is not a finite number" % (file, node.start_mark.line + 1, node.start_mark.column + 1,
                                                                 node.value))
    return value


def scalar(text: str) -> Any:
    """A plain scalar: `no` and `on` are text, 010 is ten, 1e-3 is a number."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if re.fullmatch(r"[-+]?\.(nan|NaN|NAN|inf|Inf|INF)", text):
        return math.nan
    if re.fullmatch(r"0o[0-7]+", text):
        return int(text[2:], 8)
    if re.fullmatch(r"0x[0-9a-fA-F]+", text):
        return int(text[2:], 16)
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    return float(text) if REAL.fullmatch(text) else text


# ---- CSV ----

def inline(task: Dict[str, Any], folder: str) -> Dict[str, Any]:
    """`table: {columns, rows}` where a set says `csv: FILE`: the daemon opens no file that a request names."""
    for name in ("train", "test"):
        found = task.get(name)
        if isinstance(found, dict) and isinstance(found.get("csv"), str):
            found["table"] = read_csv(os.path.join(folder, found.pop("csv")))
    return task


def read_csv(file: str) -> Dict[str, Any]:
    try:
        with open(file, encoding="utf-8-sig", newline="") as f:
            lines = [(number, line.rstrip("\r\n")) for number, line in enumerate(f, 1)]
    except (OSError, UnicodeDecodeError) as e:
        raise TaskError("%s: %s" % (file, getattr(e, "strerror", None) or e)) from None
    columns: Optional[List[str]] = None
    rows: List[List[Any]] = []
    for number, line in lines:
        if not line:
            continue
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as e:
            raise TaskError("%s:%d: this is no CSV: %s" % (file, number, e)) from None
        if columns is None:
            columns = _names(cells, file)
        elif len(cells) != len(columns):
            raise TaskError("%s:%d: %d cells; the first line names %d columns" % (file, number, len(cells), len(columns)))
        else:
            rows.append([_cell(cell) for cell in cells])
    if columns is None or not rows:
        raise TaskError("%s: there are no rows in this file" % file)
    return {"columns": columns, "rows": rows}


def _names(cells: List[str], file: str) -> List[str]:
    for i, name in enumerate(cells):
        if not name:
            raise TaskError("%s:1: column %d has no name" % (file, i + 1))
        if name in cells[:i]:
            raise TaskError('%s:1: two columns are called "%s"' % (file, name))
    return cells


def _cell(text: str) -> Union[float, str]:
    return float(text) if REAL.fullmatch(text.strip()) and math.isfinite(float(text)) and text == text.rstrip() else text
