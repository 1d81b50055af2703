"""checkpoints.py - edge states that are kept by name, and the alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Sequence

from . import html

if TYPE_CHECKING:
    from .client import Client


class Checkpoints:
    def __init__(self, client: "Client") -> None:
        self._client = client

    def list(self) -> List[Dict[str, Any]]:
        """The oldest first."""
        return list(self._client.call("checkpoint.list")["rows"])

    def save(self, name: str, taps: Optional[Sequence[int]] = None) -> Dict[str, Any]:
        """Keeps the present edge states, or these taps, under a new name."""
        return dict(self._client.call("checkpoint.save", {"name": name, "taps": None if taps is None else [int(t) for t in taps]}))

    def restore(self, name: str) -> Dict[str, Any]:
        """Puts them back; only while no run is active."""
        return dict(self._client.call("checkpoint.restore", {"name": name}))

    def delete(self, name: str) -> None:
        self._client.call("checkpoint.delete", {"name": name})

    def __iter__(self) -> Iterator[str]:
        return iter([str(row["name"]) for row in self.list()])

    def __contains__(self, name: object) -> bool:
        return name in list(iter(self))

    def __len__(self) -> int:
        return len(self.list())

    def __repr__(self) -> str:
        return "Checkpoints(%r)" % list(iter(self))

    def _repr_html_(self) -> str:
        return html.table(self.list())


class Alarms:
    def __init__(self, client: "Client") -> None:
        self._client = client

    def list(self) -> List[Dict[str, Any]]:
        """What is wrong now, the oldest first."""
        return list(self._client.call("alarm.list")["alarms"])

    def ack(self, name: str) -> Dict[str, Any]:
        """Says that you have seen it; it stays until its cause is gone."""
        return dict(self._client.call("alarm.ack", {"name": name}))

    def __iter__(self) -> Iterator[Dict[str, Any]]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.list())

    def __repr__(self) -> str:
        return "Alarms(%r)" % [alarm["alarm"] for alarm in self.list()]

    def _repr_html_(self) -> str:
        return html.table(self.list())
