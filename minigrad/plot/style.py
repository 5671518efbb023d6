"""The paper that plots are drawn on: the one place that knows matplotlib, and the colors and marks of all plots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad.errors import RenderError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Figure

INK, MUTED = "#1f2430", "#5b6472"


class Look(NamedTuple):
    """How one of several things is told from the others, with or without color."""

    color: str
    line: str
    mark: str


LOOKS = (
    Look("#0072b2", "-", "o"),
    Look("#d55e00", "--", "^"),
    Look("#009e73", "-.", "s"),
    Look("#cc79a7", ":", "D"),
    Look("#e69f00", "-", "v"),
    Look("#56b4e9", "--", "P"),
    Look("#1f2430", "-.", "X"),
)
"""Colors that the color-blind tell apart (Okabe and Ito, 2008), each with a line and a mark of its own."""


def looks(count: int) -> tuple[Look, ...]:
    """As many looks as there are things to show; where colors run out, they come again with another line and mark."""
    found = []
    for place in range(count):
        turn, color = divmod(place, len(LOOKS))
        shape = LOOKS[(color + turn) % len(LOOKS)]
        found.append(Look(LOOKS[color].color, shape.line, shape.mark))
    return tuple(found)


def side_by_side(names: Sequence[str], width: float) -> int:
    """How many entries of a legend fit beside one another in so many inches."""
    longest = max(map(len, names), default=0)
    return max(1, min(len(names), int(width / (0.09 * longest + 0.5))))


def blank(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, np.ndarray]:
    """An empty figure of so many inches, and its panels in reading order; raises RenderError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise RenderError("plots need matplotlib", cure="Install it: pip install 'minigrad-bp[plot]'.") from error
    figure: Any = Figure(figsize=(width, height), layout="constrained", dpi=110)
    figure._repr_png_ = partial(png, figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels:
        panel.tick_params(which="both", colors=MUTED, labelsize=9)
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["bottom", "left"]].set_color(MUTED)
    return figure, panels


def png(figure: Figure) -> bytes:
    """The figure as a picture, for notebooks: a figure that no window was made for does not show itself."""
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def framed(panel: Any) -> None:
    """Closes the frame of a panel that is a map."""
    panel.spines[:].set_visible(True)
    panel.spines[:].set_color(MUTED)


def hide(panels: np.ndarray) -> None:
    """Leaves the places of panels empty."""
    for panel in panels:
        panel.set_axis_off()
