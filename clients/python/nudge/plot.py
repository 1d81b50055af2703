"""plot.py - pictures of a run with matplotlib, still and growing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

import numpy as np

from .records import Record
from .wire import now_s

if TYPE_CHECKING:
    from .run import Run

MOST_POINTS = 4000  # of a growing line


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("pictures need matplotlib (Debian: python3-matplotlib; pip install matplotlib)") from None
    return pyplot


def _dress(axes: Any, title: str, columns: Sequence[str]) -> None:
    axes.set_xlabel("step")
    axes.set_ylabel(", ".join(columns))
    if all(name.startswith("mse") for name in columns):
        axes.set_yscale("log")
    axes.set_title(title)


def run(of: "Run", columns: Sequence[str], max_points: int, axes: Any = None) -> Any:
    """Each column over the steps; binned ones as their mean within their least and greatest."""
    if axes is None:
        axes = _pyplot().subplots()[1]
    found = of.steps(["step", *columns], max_points)
    for name in columns:
        if name + "_mean" not in found:  # every step; or counts and marks, of which the server sends one a bin
            axes.plot(found["step"], found[name], label=name)
            continue
        line, = axes.plot(found["step"], found[name + "_mean"], label=name)
        axes.fill_between(found["step"], found[name + "_min"], found[name + "_max"], alpha=0.3, color=line.get_color())
    _dress(axes, "run %d: %s" % (of.number, of.refresh().figures.get("name")), columns)
    if len(columns) > 1:
        axes.legend()
    return axes


class Growing:
    """Points as they come; when there are too many every second one goes."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns, self.every = list(columns), 1
        self.steps: List[int] = []
        self.values: Dict[str, List[float]] = {name: [] for name in columns}

    def add(self, record: Record) -> None:
        if record.kind != "step":
            return
        for i in range(-record.step % self.every, record.n, self.every):
            self.steps.append(record.step + i)
            for name in self.columns:
                self.values[name].append(float(np.mean(record.arrays[name][i])))
        while len(self.steps) > MOST_POINTS:
            self.every *= 2
            keep = [i for i, step in enumerate(self.steps) if step % self.every == 0]
            self.steps = [self.steps[i] for i in keep]
            self.values = {name: [values[i] for i in keep] for name, values in self.values.items()}


def live(of: "Run", columns: Sequence[str], every_s: float, timeout_s: Optional[float]) -> Any:
    """Draws anew every every_s; in a notebook the picture is replaced, elsewhere the window is."""
    pyplot = _pyplot()
    try:
        from IPython.display import display
    except ImportError:
        display = None
    figure, axes = pyplot.subplots()
    _dress(axes, "run %d" % of.number, columns)
    lines = {name: axes.plot([], [], label=name)[0] for name in columns}
    if len(columns) > 1:
        axes.legend()
    handle = display(figure, display_id=True) if display is not None else None
    growing, drawn_s = Growing(columns), 0.0

    def draw() -> None:
        for name, line in lines.items():
            line.set_data(growing.steps, growing.values[name])
        axes.relim()
        axes.autoscale_view()
        if handle is not None:
            handle.update(figure)
        else:
            figure.canvas.draw_idle()
            figure.canvas.flush_events()

    for record in of.records(timeout_s=timeout_s):
        growing.add(record)
        if now_s() - drawn_s >= every_s:
            draw()
            drawn_s = now_s()
    axes.set_title("run %d: %s" % (of.number, of.refresh().figures.get("status")))
    draw()
    if handle is not None:
        pyplot.close(figure)  # the notebook has it already
    return axes
