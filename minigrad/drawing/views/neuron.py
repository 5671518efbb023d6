"""The view of one neuron: inputs → Σ → θ → output, δ back in a second color, with equations and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from minigrad._format import shorten
from minigrad._validation import check_integer, impossible_setting
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Diagram, Edge, EdgeKind, Role, sign_of
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.single_neuron.neuron_figure import neuron_figure
from minigrad.drawing.single_neuron.neuron_numbers import LeftOut, NeuronNumbers, Product
from minigrad.drawing.single_neuron.neuron_reader import Names, read_neuron
from minigrad.drawing.single_neuron.neuron_terms import gradient_lines
from minigrad.drawing.style import edge_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import NetworkStructure, Unit, read_structure

MOST = 6
"""Inputs that are shown one by one."""
NAMES: tuple[Names, ...] = ("local", "textbook", "own")


@register_view("neuron")
def neuron_view(
    graph: Graph, settings: DrawSettings, *, of: Node | str | None = None, most: int = MOST, names: Names = "local"
) -> Diagram:
    """Draw one neuron as the textbook does: products w·x → Σ → the curve of θ → output, and δ on its way back.

    For a first look at how a neuron computes s = Σ w·x + b, h = θ(s), δ = ∂L/∂h · θ′(s) and ∂L/∂w = x·δ.

    Args:
        graph: A graph that contains the neuron.
        page: The pass to show, and the options that all views share.
        of: The neuron: its output node, its weighted sum, or the name of either; by default the first of the graph.
        most: The largest number of inputs that are shown; the sum of the other products is one term.
        names: `"local"` counts the inputs and weights of this neuron, x₁, w₁; `"textbook"` names them as in the whole
            network, w₁₂⁽¹⁾; `"own"` uses the names of the nodes.

    Returns:
        The diagram, with its figure.

    Raises:
        RenderError: If there is no such neuron.
        SettingError: If `most` is less than 1, or there are no such names.

    Example:
        >>> import minigrad as mg
        >>> x, w, b = mg.Input("x", value=2.0), mg.Parameter(0.5, "w"), mg.Parameter(-0.7, "b")
        >>> h = mg.tanh(mg.weighted_sum([x], [w], b), name="h")
        >>> mg.draw(h, view="neuron", of="h").diagram.legend[0]
        's = x₁w₁ + b = 1.000 + (−0.7) = 0.3000'
    """
    structure = read_structure(graph)
    unit = find_unit(structure, of)
    if unit.weighted_sum is None:
        expected = "a weighted sum or its activation"
        raise RenderError("this node is not a neuron", node=structure.name(unit), expected=expected)
    if names not in NAMES:
        raise impossible_setting("names", names, f"one of {', '.join(NAMES)}")
    numbers = read_neuron(structure, unit, settings, check_integer(most, "most", 1), names)
    title = settings.title or settings.say("The neuron {name}, forward and backward", name=structure.name(unit))
    description = describe_neuron(numbers, settings)
    figure = neuron_figure(numbers, settings, title, description)
    legend = (*numbers.forward_equations(), *numbers.backward_equations(), *settings.notes())
    return Diagram(
        "neuron",
        tuple(boxes(numbers, settings)),
        tuple(edges(numbers, settings)),
        legend=legend,
        figure=figure,
        description=description,
    )


def find_unit(structure: NetworkStructure, of: Node | str | None) -> Unit:
    """Return the unit of a node or a name, or the first neuron; raise RenderError where the graph has none."""
    if of is None:
        if not structure.layers:
            raise RenderError("this graph has no neuron", expected="a weighted sum", cure='Use view="expression".')
        return structure.layers[0][0]
    for unit in (unit for column in structure.columns for unit in column):
        names = {structure.name(unit), *(node.name for node in (unit.output, unit.weighted_sum) if node is not None)}
        if of is unit.output or of is unit.weighted_sum or (isinstance(of, str) and of in names):
            return unit
    raise RenderError("no such neuron in this graph", found=shorten(str(of)), cure="Pass its node or its name.")


def describe_neuron(numbers: NeuronNumbers, settings: DrawSettings) -> str:
    """Return what the picture shows, in sentences for readers who do not see it."""
    forward = settings.say(
        "{count} inputs are multiplied by their weights and added up to {s}.",
        count=numbers.count,
        s=numbers.s.equation,
    )
    activation = ""
    if numbers.has_activation and numbers.unit.output.op is not None:
        activation = settings.say(
            "The activation {name} gives the output {h}; its slope at this point is {slope}.",
            name=numbers.unit.output.op.label,
            h=numbers.output.equation,
            slope=numbers.slope.text,
        )
    backward = settings.say(
        "Backward comes {gradient}, which makes {delta}; the gradient of each weight is its input times δ.",
        gradient=numbers.gradient.equation,
        delta=numbers.delta.equation,
    )
    return " ".join(filter(None, (forward, activation, backward)))


def boxes(numbers: NeuronNumbers, settings: DrawSettings) -> Iterator[Box]:
    """Yield the inputs, Σ, θ, the output and what reads it."""
    for key, term in keyed_terms(numbers):
        if isinstance(term, LeftOut):
            yield Box(key, ("⋮", settings.say("{count} more", count=f"{term.size:,}")), role=Role.MORE)
        elif term.x is None:
            yield Box(key, ("1",), role=Role.BIAS)
        else:
            own_name = (term.own_name,) if term.own_name else ()
            yield Box(key, (term.x.equation, *own_name), role=Role.INPUT)
    yield Box("sum", ("Σ", numbers.s.equation), role=Role.OP)
    if numbers.has_activation and numbers.unit.output.op is not None:
        yield Box("theta", ("θ", shorten(numbers.unit.output.op.label), numbers.slope.equation), role=Role.OP)
    yield Box("next", next_lines(numbers, settings), role=Role.LOSS if numbers.readers.losses else Role.NEURON)


def next_lines(numbers: NeuronNumbers, settings: DrawSettings) -> tuple[str, ...]:
    """Return the lines of the box of what reads the output."""
    readers = numbers.readers
    neurons = numbers.readers_in_words(settings) if readers.neurons else ()
    lines = (*(loss.equation for loss in readers.losses), *neurons, *filter(None, readers.others))
    return lines or (settings.say("output of the graph"),)


def edges(numbers: NeuronNumbers, settings: DrawSettings) -> Iterator[Edge]:
    """Yield the products on their way to Σ and the gradients on their way back, s and δ, output and ∂L/∂output."""
    largest = max((abs(product.w.number or 0.0) for product in numbers.products), default=0.0)
    for key, term in keyed_terms(numbers):
        if isinstance(term, LeftOut):
            yield Edge(key, "sum", (term.product.equation,), EdgeKind.BUNDLE)
            continue
        number = term.w.number
        width = edge_width(None if number is None else abs(number), largest)
        weight = (term.w.equation,) if term.x is None else (term.w.equation, term.product.equation)
        yield Edge(key, "sum", weight, EdgeKind.WEIGHT, width, sign_of(number))
        gradient = tuple(text for text, _ in gradient_lines(term, settings))
        if gradient:
            yield Edge(key, "sum", gradient, EdgeKind.DELTA)
    last = "sum"
    if numbers.has_activation:
        last = "theta"
        yield Edge("sum", last, (numbers.s.equation,))
        yield Edge("sum", last, (numbers.delta.equation,), EdgeKind.DELTA)
    yield Edge(last, "next", (numbers.output.equation,))
    yield Edge(last, "next", (numbers.gradient.equation,), EdgeKind.DELTA)


def keyed_terms(numbers: NeuronNumbers) -> Iterator[tuple[str, Product | LeftOut]]:
    """Yield the terms of the sum with the keys of their boxes."""
    return ((f"x{number}", term) for number, term in enumerate(numbers.terms))
