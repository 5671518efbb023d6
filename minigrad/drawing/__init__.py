"""Pictures of live graphs: a view turns a graph into a diagram (plain data), a backend turns that into DOT or text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from inspect import signature
from typing import Any

from minigrad._format import describe_value
from minigrad.core.node import Node
from minigrad.drawing.description import describe_graph
from minigrad.drawing.drawing import Drawing as Drawing
from minigrad.drawing.language import Language
from minigrad.drawing.settings import WIDTH, Direction, Theme, make_settings
from minigrad.drawing.snapshot import SampleChoice, Snapshot, snapshot_of
from minigrad.drawing.views import VIEWS as VIEWS, register_view as register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.structure import read_structure


def draw(
    what: Node | Graph | HasGraph | Sequence[Node],
    view: str = "auto",
    *,
    sample: SampleChoice | None = None,
    digits: int = 4,
    title: str = "",
    width: float = WIDTH,
    direction: Direction | None = None,
    theme: Theme = "auto",
    highlight: Sequence[Node] = (),
    language: Language = "en",
    **options: Any,
) -> Drawing:
    """Draw a graph with the values and derivatives of one forward and backward pass.

    Args:
        what: A node (drawn with everything it is computed from), a sequence of nodes, a `Graph`, or an object that has
            one, such as a `Network`.
        view: The kind of picture, with the options that it takes:

            - `"auto"`: the view that suits the size and content of the graph.
            - `"neurons"`: a network as in the textbook, a column for each layer (`style`: `"numbers"` or
              `"textbook"`; `most`, `biases`, `numbers`).
            - `"process"`: the working process of a network, both passes through the same weight grids (`most`).
            - `"neuron"`: one neuron with its formulas (`of`: the neuron or its name; `most`; `names`).
            - `"backprop"`: the graph above, the derivative of every node below it (`limit`).
            - `"expression"`: every node, op and local derivative (`limit`).
            - `"explain"`: every path from one node to the loss (`of`: the node or its name; `limit`; `names`:
              "own" or "textbook").
            - `"update"`: one optimizer step, before → after (`optimizer`, `most`).
            - `"matrices"`: the weights and gradients of every layer as Hinton diagrams (`most`).
            - `"layers"`: one box for each layer (no options).
            - `"health"`: saturated, dead and vanishing neurons (`most`).
            - `"ends"`: the first and last nodes of a graph of any size (`count`).
            - `"text"`: the view that `"auto"` picks, shown as text in notebooks too.

            Views added with `register_view` are selected in the same way.
        sample: What the numbers belong to: by default the last pass, the means where it was a batch; with a whole
            number that sample of the batch, from 0. A pair (x, t) for a network, or a mapping from inputs or their
            names to values, is run forward and backward first, and leaves this pass in the nodes.
        digits: Significant digits of numbers that are computed, 1 to 17.
        title: A title over the picture.
        width: Width that the layout shall fit into, in pixels, at least 300.
        direction: `"right"` or `"down"`: where the layers follow one another; by default what suits the network.
        theme: `"light"` or `"dark"`; `"auto"` follows the reader's system.
        highlight: Nodes of the graph whose shapes are marked.
        language: Language of captions and legends, `"en"` or `"zh"`.
        **options: The options of the view. `most` is the largest number of units shown in a column, `limit` the
            largest number of nodes or paths that is accepted.

    Returns:
        A `Drawing`, which notebooks display; `print` shows it as text, `save` writes it to a file.

    Raises:
        RenderError: If there is no such view or option, or if the graph is too large for the view.
        OperandError: If `what` has no graph.
        SettingError: If one of the options above is impossible.
        DataError: If a pair (x, t) does not fit the network; nothing has changed then.
        FeedError: If values do not fit the inputs; nothing has changed then.
        ShapeError: If a value has another shape than its input; nothing has changed then.

    Example:
        >>> import minigrad as mg
        >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
        >>> print(mg.draw(w * x + 1.0, view="expression"))  # doctest: +ELLIPSIS
        #4  value 7.000  ∂L/∂#4 —  = +
        ├─ ∂ = 1.000 · #2  value 6.000  ∂L/∂#2 —  = ×
        │  ├─ ∂ = 2.000 · w  value 3  ∂L/∂w —
        │  └─ ∂ = 3.000 · x  value 2  ∂L/∂x —
        └─ ∂ = 1.000 · 1  value 1  ∂L/∂#3 —
        ...
    """
    if not isinstance(view, str) or view not in {"auto", "text", *VIEWS}:
        expected = f"one of auto, text, {', '.join(sorted(VIEWS))}"
        raise RenderError("there is no such view", found=describe_value(view), expected=expected)
    graph = graph_of(what)
    name = view if view in VIEWS else choose_view(graph)
    make_diagram = VIEWS[name].function
    allowed = list(signature(make_diagram).parameters)[2:]
    unknown = [option for option in options if option not in allowed]
    if unknown:
        expected = ", ".join(allowed) or "no options"
        raise RenderError(f"the {name} view has no such option", found=describe_value(unknown[0]), expected=expected)
    settings = make_settings(
        graph,
        Snapshot(graph),
        digits=digits,
        title=title,
        width=width,
        direction=direction,
        theme=theme,
        highlight=highlight,
        language=language,
    )
    if sample is not None:  # after all checks, since it may run a pass
        settings = replace(settings, snapshot=snapshot_of(what, graph, sample))
    diagram = make_diagram(graph, settings, **options)
    description = diagram.description or describe_graph(settings, VIEWS[name].shows)
    return Drawing(replace(diagram, description=description), settings, as_text=view == "text")


def choose_view(graph: Graph) -> str:
    """Return the name of the view that suits a graph, the latest registered one first; "ends" if there is none."""
    has_neurons = any(node.kind == "weighted sum" for node in graph.nodes)
    columns = len(read_structure(graph).columns) if has_neurons else 0
    return next((name for name, view in reversed(VIEWS.items()) if view.suits(len(graph), columns)), "ends")
