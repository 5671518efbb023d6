"""The update view: one step of an optimizer, before → after, with Δw on every edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from minigrad._format import format_equation, format_number, shorten
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.neurons.elision import wire_up
from minigrad.drawing.neurons.layout import place
from minigrad.drawing.neurons.painter import Pen, theta_name, weight_name
from minigrad.drawing.snapshot import Readings
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, checked_optimizer
from minigrad.structure import Cell, Element, Place, read

LEGEND = (
    "before → after one step.   Neuron:  Σ the weighted sum,  below it the output,  δ = ∂L/∂s before the step.",
    "Edge:  ━━▶ Δw ≥ 0 (blue)   ╍╍▶ Δw < 0 (red, dashed)   thicker: larger |Δw|.   Gray box on top:  the bias b.",
)


def update(graph: Graph, *, optimizer: Optimizer | None = None, most: int | None = None) -> Diagram:
    """What the first step of an optimizer would do to a network; the network itself stays as it is.

    Parameters: the `optimizer`, and how many cells of a column to show at most. Raises RenderError without an
    optimizer, or before a backward pass, and SettingError for one that needs more than one gradient for a step.
    """
    if optimizer is None:
        raise RenderError(
            "no optimizer", expected="optimizer=…", cure="Write, for example, optimizer=minigrad.SGD(0.1)."
        )
    anatomy = read(graph)
    wiring = wire_up(anatomy, most)
    pen = UpdatePen(anatomy, after=Readings(values_after(graph, checked_optimizer(optimizer))))
    placed = place(pen.columns(wiring), pen.edges(wiring))
    legend = (f"One step of {shorten(repr(optimizer), 60)}:  {LEGEND[0]}", *LEGEND[1:])
    return Diagram("update", placed.boxes, placed.edges, placed.groups, pen.legend(legend, wiring), placed=True)


def values_after(graph: Graph, optimizer: Optimizer) -> dict[Node, Value]:
    """The value of every node after one step; raises RenderError before a backward pass."""
    parameters = graph.parameters
    for parameter in parameters:
        if parameter.delta is None:
            raise RenderError("no gradient yet", node=str(parameter), cure="Run forward, then backward.")
    if not parameters:
        raise RenderError("nothing to update", found="a graph without parameters")
    layout = ParameterLayout(parameters)
    before, gradient = layout.read(), layout.flatten({parameter: parameter.delta for parameter in parameters})
    after, _ = optimizer.update(before, gradient, optimizer.init(before))
    leaves = {node: node.value for node in graph.nodes if node.op is None}
    return interpreter.run_forward(graph.plan, leaves | layout.split(after))


@dataclass(frozen=True)
class UpdatePen(Pen):
    """Writes every number before and after the step."""

    after: Readings = field(default_factory=Readings)

    measured: ClassVar[str] = "Δw"

    def neuron_fields(self, cell: Cell, total: Node) -> tuple[tuple[str, str], ...]:
        return (
            ("Σ", self.written_value(total, cell.place)),
            (theta_name(cell), self.written_value(cell.output, cell.place)),
            ("δ", format_number(self.readings.delta(total, cell.place))),
        )

    def weight_lines(self, weight: Element, reader: Cell, letter: str) -> tuple[str, ...]:
        name = weight_name(weight, reader, letter)
        return f"{name}: {self.written_value(*weight)}", format_equation(f"Δ{name}", self.measure(weight))

    def measure(self, weight: Element) -> float | None:
        before, after = self.readings.value(*weight), self.after.value(*weight)
        return None if before is None or after is None else after - before

    def written_value(self, node: Node, place: Place = None) -> str:
        before, after = format_number(self.readings.value(node, place)), format_number(self.after.value(node, place))
        return before if before == after else f"{before} → {after}"
