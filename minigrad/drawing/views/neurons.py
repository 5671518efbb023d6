"""The neuron view: a column for each layer, Σ, output and δ in each neuron, w and ∂L/∂w on each edge."""

from __future__ import annotations

from minigrad._validation import check_bool, impossible_setting
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.neurons.diagram_builder import DiagramBuilder
from minigrad.drawing.neurons.elision import MOST_COLUMNS
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.textbook.textbook_figure import textbook_diagram
from minigrad.drawing.views.registry import register_view
from minigrad.graph import Graph
from minigrad.structure import read_structure

STYLES = ("numbers", "textbook")
LEGEND = "Neuron:  Σ is the weighted sum  s = Σ w·x + b,  below it the output θ(s),  δ = ∂L/∂s."


@register_view(
    "neurons",
    suits=lambda nodes, columns: 0 < columns <= MOST_COLUMNS,
    shows="Layer after layer, each neuron with its sum, output and δ, each edge with a weight and its gradient.",
)
def neurons_view(
    graph: Graph,
    settings: DrawSettings,
    *,
    style: str = "numbers",
    most: int | None = None,
    biases: bool = True,
    numbers: bool = True,
) -> Diagram:
    """Draw a network neuron by neuron, a column for each layer, inputs first.

    Each neuron shows Σ (its weighted sum s), its output θ(s) and δ = ∂L/∂s, each edge w above its line and ∂L/∂w below,
    and w·δ, which flows back. Networks that are wider than the page are wrapped. Boxes have the same size for any
    numbers, so that pictures of successive steps lie on each other. `draw` selects this view for networks of up to 24
    columns.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.
        style: "numbers", boxes with the numbers of each neuron, or "textbook", circles Σ | θ with the names that
            textbooks use, and equations below.
        most: The largest number of units shown in a column, at least 3; by default as many as leave room for the
            numbers on the edges.
        biases: Whether each bias gets an edge of its own.
        numbers: Whether values and derivatives are written; the textbook style then shows names alone.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If the network has more than 24 columns.
        SettingError: If `most` is less than 3, or there is no such style.

    Example:
        >>> import minigrad as mg
        >>> x, w, b = mg.Input("x", value=2.0), mg.Parameter(0.5, "w"), mg.Parameter(-1.0, "b")
        >>> print(mg.draw(mg.tanh(mg.weighted_sum([x], [w], b), name="h")))  # doctest: +ELLIPSIS
        1 input
          x  2
        1 neuron · tanh
          h  Σ 0  tanh 0  δ —
          ├─ x  2  w = 0.5  ∂L/∂w = —
          └─ b = −1  ∂L/∂b = —
        ...
    """
    if style not in STYLES:
        raise impossible_setting("style", style, f"one of {', '.join(STYLES)}")
    check_bool(numbers, "numbers")
    check_bool(biases, "biases")
    structure = read_structure(graph)
    if style == "textbook":
        return textbook_diagram(structure, settings, numbers=numbers, biases=biases, most=most)
    builder = DiagramBuilder(structure, settings, numbers=numbers, biases=biases)
    return builder.diagram("neurons", [settings.say(LEGEND)], most)
