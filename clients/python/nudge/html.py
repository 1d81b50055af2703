"""html.py - tables for a notebook."""

from __future__ import annotations

from html import escape
from typing import Any, Dict, List, Mapping, Optional, Sequence


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "%.4g" % value
    return escape(str(value))


def table(rows: Sequence[Mapping[str, Any]], columns: Optional[Sequence[str]] = None) -> str:
    """Rows as a table; columns: which, in this order."""
    if columns is None:
        seen: Dict[str, None] = {}
        for row in rows:
            seen.update(dict.fromkeys(row))
        columns = list(seen)
    lines: List[str] = ["<table><thead><tr>", *("<th>%s</th>" % escape(name) for name in columns), "</tr></thead><tbody>"]
    for row in rows:
        lines.append("<tr>%s</tr>" % "".join("<td>%s</td>" % cell(row.get(name)) for name in columns))
    return "".join(lines + ["</tbody></table>"])


def pairs(title: str, values: Mapping[str, Any]) -> str:
    """One thing with its members, those that are there."""
    rows = "".join("<tr><th style='text-align:left'>%s</th><td style='text-align:left'>%s</td></tr>" % (escape(name), cell(value))
                   for name, value in values.items() if value is not None)
    return "<table><caption>%s</caption><tbody>%s</tbody></table>" % (escape(title), rows)


def state(address: str, hello: Mapping[str, Any], snapshot: Mapping[str, Any]) -> str:
    lease = snapshot.get("lease") or {}
    return pairs("nudged %s at %s" % (hello.get("version"), address), {
        "rig": hello.get("rig"), "you are": "%s, %s" % (hello.get("who"), hello.get("role")), "state": snapshot.get("state"),
        "run": snapshot.get("run"), "step": snapshot.get("step"), "queued": snapshot.get("queue_length"),
        "alarms": len(snapshot.get("alarms") or []), "lease": lease.get("holder")})
