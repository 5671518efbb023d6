"""Figures, and the colors, lines and markers of all plots; the one module that imports matplotlib."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad.errors import RenderError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure

INK, MUTED = "#1f2430", "#5b6472"


class SeriesStyle(NamedTuple):
    """Color, line style and marker of a series, which tell it from others with or without color."""

    color: str
    line: str
    marker: str


SERIES_STYLES = (
    SeriesStyle("#0072b2", "-", "o"),
    SeriesStyle("#d55e00", "--", "^"),
    SeriesStyle("#009e73", "-.", "s"),
    SeriesStyle("#cc79a7", ":", "D"),
    SeriesStyle("#e69f00", "-", "v"),
    SeriesStyle("#56b4e9", "--", "P"),
    SeriesStyle("#1f2430", "-.", "X"),
)
"""Colors that the color-blind tell apart (Okabe and Ito, 2008), each with a line and a marker of its own."""


def series_styles(count: int) -> tuple[SeriesStyle, ...]:
    """Return styles for so many series; where colors run out, they come again with another line and marker."""
    styles = []
    for number in range(count):
        turn, color = divmod(number, len(SERIES_STYLES))
        shape = SERIES_STYLES[(color + turn) % len(SERIES_STYLES)]
        styles.append(SeriesStyle(SERIES_STYLES[color].color, shape.line, shape.marker))
    return tuple(styles)


def new_figure(width: float, height: float, columns: int = 1, count: int = 1) -> tuple[Figure, np.ndarray]:
    """Return a figure of so many inches and its empty panels, row by row; raise RenderError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise RenderError("plots need matplotlib", cure="Install it: pip install 'minigrad-bp[plot]'.") from error
    figure: Any = Figure(figsize=(width, height), layout="constrained", dpi=110)
    figure._repr_png_ = partial(png_bytes, figure)
    panels = figure.subplots(-(-count // columns), columns, squeeze=False).ravel()
    for panel in panels[count:]:
        panel.set_axis_off()
    for panel in panels[:count]:
        panel.tick_params(which="both", colors=MUTED, labelsize=9)
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["bottom", "left"]].set_color(MUTED)
    return figure, panels[:count]


def png_bytes(figure: Figure) -> bytes:
    """Return the figure as a picture, for notebooks: a figure without a window does not show itself."""
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def label_axes(panel: Any, x: str, y: str) -> None:
    """Write what a panel shows along x and along y."""
    panel.set_xlabel(x, color=INK)
    panel.set_ylabel(y, color=INK)
