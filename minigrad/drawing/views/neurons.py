"""The neuron view: a column for each layer, Σ, output and δ in each neuron, w and ∂L/∂w on each edge."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad._format import format_equation, format_number
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.neurons.elision import wire_up
from minigrad.drawing.neurons.layout import place
from minigrad.drawing.neurons.painter import Pen, theta_name, weight_name
from minigrad.graph import Graph
from minigrad.structure import Cell, Element, read

LEGEND = (
    "Neuron:  Σ is the weighted sum  s = Σ w·x + b,  below it the output θ(s),  δ = ∂L/∂s.   Loss:  δ = ∂L/∂L = 1.",
    "Edge:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   thicker: larger |w|.   Gray box on top:  the bias b.",
)


def neurons(graph: Graph, *, most: int | None = None, biases: bool = True, numbers: bool = True) -> Diagram:
    """A network as the textbook draws it.

    Parameters: `most` cells are shown of a column, by default as many as leave room for all numbers; `biases` and the
    `numbers` on edges can be left out. Raises RenderError for a graph too deep for a page.
    """
    anatomy = read(graph)
    wiring = wire_up(anatomy, most)
    pen = NeuronPen(anatomy, numbers=numbers, biases=biases)
    placed = place(pen.columns(wiring), pen.edges(wiring))
    return Diagram("neurons", placed.boxes, placed.edges, placed.groups, pen.legend(LEGEND, wiring), placed=True)


@dataclass(frozen=True)
class NeuronPen(Pen):
    """Writes Σ, output and δ in a neuron, and a weight above its gradient on an edge."""

    def neuron_fields(self, cell: Cell, total: Node) -> tuple[tuple[str, str], ...]:
        """Σ, output and δ of a neuron."""
        return (
            ("Σ", format_number(self.readings.value(total, cell.place))),
            (theta_name(cell), format_number(self.readings.value(cell.output, cell.place))),
            ("δ", format_number(self.readings.delta(total, cell.place))),
        )

    def weight_lines(self, weight: Element, reader: Cell, letter: str) -> tuple[str, ...]:
        """A weight or bias and its gradient."""
        name = weight_name(weight, reader, letter)
        return format_equation(name, self.readings.value(*weight)), format_equation(
            f"∂L/∂{name}", self.readings.delta(*weight)
        )
