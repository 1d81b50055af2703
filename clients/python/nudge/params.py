"""params.py - the parameters of learning, as a mapping that the server holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional

from . import html

if TYPE_CHECKING:
    from .client import Client

NAMES = ("eta", "p", "tau_s", "capacitance_F", "relaxation_rate_per_s", "alpha_over_gamma")


class Params(Mapping):  # type: ignore[type-arg]
    """n.params["eta"], n.params.eta, dict(n.params): asked for each time.  n.params.set(eta=0.2) changes."""

    _client: "Client"

    def __init__(self, client: "Client") -> None:
        object.__setattr__(self, "_client", client)

    def get_all(self) -> Dict[str, Any]:
        """All of them and their revision, `rev`."""
        return dict(self._client.call("param.get"))

    def set(self, *, if_rev: Optional[int] = None, dry_run: Optional[bool] = None, **changes: Any) -> Dict[str, Any]:
        """Changes some; the result has params, rev and effective_step, the first step made with them.

        if_rev: ConflictError when their revision is another.  nearest=True: the nearest capacitor of the bank.
        """
        meta = {name: value for name, value in (("if_rev", if_rev), ("dry_run", dry_run)) if value is not None}
        return dict(self._client.call("param.set", changes, meta=meta))

    def __getitem__(self, name: str) -> Any:
        return self.get_all()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.set(**{name: value})

    def __getattr__(self, name: str) -> Any:
        if name not in NAMES + ("rev", "bias_V"):
            raise AttributeError("there is no parameter %r; these are: %s" % (name, ", ".join(NAMES)))
        return self.get_all()[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in NAMES:
            raise AttributeError("there is no parameter %r; these are: %s" % (name, ", ".join(NAMES)))
        self.set(**{name: value})

    def __iter__(self) -> Iterator[str]:
        return iter(self.get_all())

    def __len__(self) -> int:
        return len(self.get_all())

    def __repr__(self) -> str:
        return "Params(%r)" % self.get_all()

    def _repr_html_(self) -> str:
        return html.table([self.get_all()])
