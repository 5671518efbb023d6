"""The neuron view: a column for each layer, Σ, output and δ in each neuron, w and ∂L/∂w on each edge."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad._format import format_equation
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.neurons.elision import MOST_COLUMNS, elide_network
from minigrad.drawing.neurons.painter import NetworkPainter, weight_name
from minigrad.drawing.views.registry import register_view
from minigrad.graph import Graph
from minigrad.structure import Element, Unit, read_structure

LEGEND = (
    "Neuron:  Σ is the weighted sum  s = Σ w·x + b,  below it the output θ(s),  δ = ∂L/∂s.   Loss:  δ = ∂L/∂L = 1.",
    "Edge:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   thicker: larger |w|.   Gray box on top:  the bias b.",
)


@register_view("neurons", suits=lambda size: 0 < size.columns <= MOST_COLUMNS)
def neurons_view(graph: Graph, *, most: int | None = None, biases: bool = True, numbers: bool = True) -> Diagram:
    """Draw a network as the textbook does.

    Parameters: `most` units are shown of a column, by default as many as leave room for all numbers; `biases` and the
    `numbers` on edges can be left out. Raises RenderError for a graph too deep for a page.
    """
    structure = read_structure(graph)
    network = elide_network(structure, most)
    return NeuronsPainter(structure, numbers=numbers, biases=biases).diagram("neurons", LEGEND, network)


@dataclass(frozen=True)
class NeuronsPainter(NetworkPainter):
    """A network with Σ, output and δ in each neuron, and a weight above its gradient on each edge."""

    def weight_lines(self, weight: Element, reader: Unit, letter: str) -> tuple[str, ...]:
        name, gradient = weight_name(weight, reader, letter), self.snapshot.delta(*weight)
        return format_equation(name, self.snapshot.value(*weight)), format_equation(f"∂L/∂{name}", gradient)
