"""The plot: time against size, of network steps and of scalar graphs, both axes logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from minigrad.plot.style import INK, MUTED, SeriesStyle, new_figure
from tests.benchmarks.parts.report import Curves
from tests.benchmarks.parts.timing import duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOOKS = {
    "minigrad, compiled": SeriesStyle("#0072b2", "-", "o"),
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
"""Each library has one color and one mark, the same in both panels."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LABEL_HEIGHT = 0.045
"""The height of a label, as a share of that of a panel."""


def draw(steps: Curves, gradients: Curves) -> Figure:
    """Both panels: seconds a step by width, and seconds a node by nodes."""
    figure, panels = new_figure(11, 5, 2, 2)
    figure.get_layout_engine().set(wspace=0.06)
    titles = ("A training step of n-n-10, batch 64, float32", "A gradient of a random scalar graph, float64")
    whats = (("n, inputs and hidden neurons", "a step"), ("nodes", "a node"))
    for panel, title, what, curves in zip(panels, titles, whats, (steps, gradients), strict=True):
        draw_panel(panel, curves)
        panel.set_title(title, loc="left", fontsize=11, color=INK)
        panel.set_xlabel(what[0], color=INK)
        panel.set_ylabel(what[1], color=INK)
    sizes = sorted({size for curve in steps.values() for size in curve})
    panels[0].xaxis.set_major_locator(FixedLocator(sizes))
    return figure


def draw_panel(panel: Any, curves: Curves) -> None:
    """The lines of a panel, each with its name where it begins."""
    panel.set_xscale("log")
    panel.set_yscale("log")
    for name, curve in curves.items():
        look = LOOKS[name]
        panel.plot(
            list(curve),
            list(curve.values()),
            color=look.color,
            linestyle=look.line,
            marker=look.marker,
            markersize=5,
            linewidth=2.2 if name.startswith("minigrad") else 1.3,
            zorder=3 if name.startswith("minigrad") else 2,
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
    label_lines(panel, curves)


def label_lines(panel: Any, curves: Curves) -> None:
    """The names of the lines on the left, where they begin and are furthest apart."""
    first = min(min(curve) for curve in curves.values())
    low, high = map(log10, panel.get_ylim())
    starts = sorted((curve[first], name) for name, curve in curves.items())
    heights = spread([(log10(value) - low) / (high - low) for value, _ in starts], LABEL_HEIGHT)
    for (value, name), height in zip(starts, heights, strict=True):
        color = LOOKS[name].color
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
