"""The plots: time against size, both axes logarithmic; of libraries, and of what one does with a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib as mpl
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from minigrad.plot.style import INK, MUTED, SeriesStyle, new_figure
from tests.benchmarks.parts.report import Curves
from tests.benchmarks.parts.timing import duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = {
    "minigrad, fit": SeriesStyle("#0072b2", "-", "o"),
    "minigrad, compiled": SeriesStyle("#0072b2", "-", "h"),
    "minigrad, compiled, wide": SeriesStyle("#0072b2", "--", "d"),
    "minigrad, node by node": SeriesStyle("#0072b2", ":", "p"),
    "hand-written NumPy": SeriesStyle("#d55e00", "-", "^"),
    "matrix products alone": SeriesStyle("#7b818c", "-", "x"),
    "PyTorch": SeriesStyle("#009e73", "-", "s"),
    "JAX": SeriesStyle("#a8518a", "-", "D"),
    "micrograd": SeriesStyle("#b07d00", "-", "v"),
    "CasADi": SeriesStyle("#1f2430", "-", "P"),
    "autograd": SeriesStyle("#56a4d8", "-", "X"),
    "MyGrad": SeriesStyle("#a0522d", "-", "*"),
}
"""Each library has one color and one mark, the same in both panels of its plot."""
OPERATIONS = {
    "build": SeriesStyle("#0072b2", "-", "o"),
    "Graph": SeriesStyle("#7b818c", "-", "x"),
    "compile": SeriesStyle("#d55e00", "-", "^"),
    "first step": SeriesStyle("#009e73", "-", "s"),
    "draw": SeriesStyle("#a8518a", "-", "D"),
    "explain": SeriesStyle("#b07d00", "-", "v"),
    "gradient graph": SeriesStyle("#1f2430", "-", "P"),
    "save": SeriesStyle("#56a4d8", "-", "X"),
    "load": SeriesStyle("#a0522d", "-", "*"),
}
"""So has each operation."""


class Panel(NamedTuple):
    """One panel: its lines by name, and what it says about them."""

    curves: str
    title: str
    size: str
    each: str
    looks: dict[str, SeriesStyle]
    ticks: bool = False
    """Whether every size has a tick, and not every power of ten."""


PLOTS = {
    "performance.svg": (
        Panel("widths", "A step of n-n-10, batch 64, float32", "n, inputs and hidden neurons", "a step", LOOKS, True),
        Panel("scalars", "A gradient of a random scalar graph, float64", "nodes", "a node", LOOKS),
    ),
    "growth.svg": (
        Panel("network", "Networks of single neurons", "nodes", "a node", OPERATIONS),
        Panel("wide", "Wide scalar graphs", "nodes", "a node", OPERATIONS),
    ),
}
"""The panels of each file."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LABEL_HEIGHT = 0.045
"""The height of a label, as a share of that of a panel."""


def draw_all(curves: Mapping[str, Curves]) -> dict[str, Figure]:
    """Return the plots of which all panels have been measured, by the names of their files."""
    return {name: draw(panels, curves) for name, panels in PLOTS.items() if all(curves.get(p.curves) for p in panels)}


def draw(panels: Sequence[Panel], curves: Mapping[str, Curves]) -> Figure:
    """Return the panels beside each other."""
    figure, axes = new_figure(11, 5, len(panels), len(panels))
    figure.get_layout_engine().set(wspace=0.06)
    for panel, axis in zip(panels, axes, strict=True):
        draw_panel(axis, curves[panel.curves], panel.looks)
        axis.set_title(panel.title, loc="left", fontsize=11, color=INK)
        axis.set_xlabel(panel.size, color=INK)
        axis.set_ylabel(panel.each, color=INK)
        if panel.ticks:
            axis.xaxis.set_major_locator(
                FixedLocator(sorted({n for curve in curves[panel.curves].values() for n in curve}))
            )
    return figure


def draw_panel(panel: Any, curves: Curves, looks: Mapping[str, SeriesStyle]) -> None:
    """The lines of a panel, each with its name where it begins."""
    panel.set_xscale("log")
    panel.set_yscale("log")
    for name, curve in curves.items():
        look, is_own = looks[name], name.startswith("minigrad")
        panel.plot(
            list(curve),
            list(curve.values()),
            color=look.color,
            linestyle=look.line,
            marker=look.marker,
            markersize=5,
            linewidth=2.2 if is_own else 1.3,
            zorder=3 if is_own else 2,
        )
    panel.grid(alpha=0.25)
    panel.yaxis.tick_right()
    panel.yaxis.set_label_position("right")
    panel.spines["left"].set_visible(False)
    panel.spines["right"].set(visible=True, color=MUTED)
    panel.yaxis.set_major_locator(LogLocator(numticks=20))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_size(value)))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_minor_locator(NullLocator())
    label_lines(panel, curves, looks)


def label_lines(panel: Any, curves: Curves, looks: Mapping[str, SeriesStyle]) -> None:
    """The names of the lines on the left, where they begin and are furthest apart."""
    first = min(min(curve) for curve in curves.values())
    low, high = map(log10, panel.get_ylim())
    starts = sorted((curve[first], name) for name, curve in curves.items())
    heights = spread([(log10(value) - low) / (high - low) for value, _ in starts], LABEL_HEIGHT)
    for (value, name), height in zip(starts, heights, strict=True):
        color = looks[name].color
        panel.annotate(
            name,
            (first, value),
            (-0.03, height),
            textcoords=panel.transAxes,
            color=color,
            fontsize=10,
            va="center",
            ha="right",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4},
        )


def format_size(value: float) -> str:
    """A number of nodes or neurons, powers of ten as such."""
    digits = f"{value:.0f}"
    return f"10{str(len(digits) - 1).translate(RAISED)}" if set(digits[1:]) == {"0"} else digits


def spread(positions: Sequence[float], distance: float) -> list[float]:
    """Return ascending positions as near as can be to these, and at least so far from one another.

    Less that distance they are to ascend: neighbors that do not are pooled at their mean, until all do.
    """
    pools: list[list[float]] = []
    for index, value in enumerate(positions):
        pools.append([value - index * distance])
        while len(pools) > 1 and mean(pools[-2]) >= mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    means = [mean(pool) for pool in pools for _ in pool]
    return [value + index * distance for index, value in enumerate(means)]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def save(figure: Figure, path: Path) -> None:
    """Writes the figure as SVG, the same bytes for the same figures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "minigrad"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
