"""The update view: one step of an optimizer, before → after, with Δw on every edge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from minigrad._format import shorten
from minigrad.analysis.health import check_one_pass
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.parameters import ParameterLayout
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.neurons.diagram_builder import DiagramBuilder, weight_name
from minigrad.drawing.neurons.elision import ElidedNetwork
from minigrad.drawing.neurons.network_boxes import LabelText
from minigrad.drawing.neurons.network_content import NetworkContent
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.text_layout import words
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.optim import Optimizer, checked_optimizer
from minigrad.structure import Element, Index, Unit, read_structure

STEP = "One step of {optimizer}"
LEGEND = "before → after the step.   Neuron:  Σ the weighted sum,  below it the output,  δ = ∂L/∂s before the step."


@register_view(
    "update",
    shows="A network before and after one step of an optimizer, each weight with its change.",
)
def update_view(
    graph: Graph, settings: DrawSettings, *, optimizer: Optimizer | None = None, most: int | None = None
) -> Diagram:
    """Draw what one step of an optimizer does to a network: each number before → after, Δw on every edge.

    The step is the first one from a new optimizer state, at the gradient of the pass that is shown; the network itself
    does not change, nor do frozen parameters.

    Args:
        graph: The graph of a network, after a backward pass.
        page: The pass to show, and the options that all views share.
        optimizer: The optimizer, such as `mg.SGD(lr=0.5)`.
        most: The largest number of units shown in a column, at least 3.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If there is no optimizer, no gradient or no parameter, or more than 24 columns.
        PassError: If the gradient is not that of this graph at its present values.
        SettingError: If the optimizer needs more than one gradient for a step, or `most` is less than 3.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([1, 1], mg.tanh, rng=0))
        >>> loss = network.loss_graph([1.0], [0.0])
        >>> [edge.lines for edge in mg.draw(network, view="update", optimizer=mg.SGD(lr=0.5)).diagram.edges[:1]]
        [('w1: 0.4744 → 0.4016', 'Δw1 = −0.07288')]
    """
    if optimizer is None:
        raise RenderError("the update view needs an optimizer", cure="Pass one, such as optimizer=minigrad.SGD(0.1).")
    after = Snapshot(graph, values_after_step(graph, settings.snapshot, checked_optimizer(optimizer)))
    step = settings.say(STEP, optimizer=shorten(repr(optimizer), 60))
    builder = UpdateDiagramBuilder(read_structure(graph), settings, after=after, step=step)
    return builder.diagram("update", [f"{step}:  {settings.say(LEGEND)}"], most)


def values_after_step(graph: Graph, snapshot: Snapshot, optimizer: Optimizer) -> dict[Node, Value]:
    """Return the value of every node after one step at the gradient of a snapshot; frozen parameters stay.

    Raises RenderError before a backward pass, and PassError where it does not belong to the present values.
    """
    parameters = [parameter for parameter in graph.parameters if parameter.trainable]
    for parameter in parameters:
        if parameter.delta is None:
            raise RenderError("no gradient yet", node=parameter.title, cure="Run forward and backward first.")
    check_one_pass(graph)
    if not parameters:
        raise RenderError("this graph has no parameters that training moves")
    layout = ParameterLayout(parameters)
    before, gradient = (
        layout.read(),
        layout.flatten({parameter: snapshot.deltas(parameter) for parameter in parameters}),
    )
    with np.errstate(all="ignore"):  # the picture shows what becomes infinite
        after, _ = optimizer.update(before, gradient, optimizer.init(before))
    leaves = {node: snapshot.values(node) for node in graph.nodes if node.op is None}
    return interpreter.run_forward(graph.plan, leaves | layout.split(after))


@dataclass(frozen=True)
class UpdateDiagramBuilder(DiagramBuilder):
    """A network with every number before and after the step."""

    after: Snapshot = field(kw_only=True)
    step: str = field(kw_only=True)

    measured: ClassVar[str] = "Δw"
    shows_return: ClassVar[bool] = False
    shows_step: ClassVar[bool] = True

    def weight_lines(self, weight: Element, reader: Unit, letter: str) -> tuple[str, ...]:
        name = weight_name(weight, reader, letter)
        difference = format_computed(self.measure(weight), self.settings.digits)
        return f"{name}: {self.value_text(*weight)}", f"Δ{name} = {difference}"

    def legend_entries(self, network: ElidedNetwork, content: NetworkContent) -> list[LegendEntry]:
        return [LegendEntry(words(self.step)), *super().legend_entries(network, content)]

    def use_lines(self, weight: Element, reader: Unit, x: Element) -> tuple[str, ...]:
        return ()

    def label_texts(
        self, weight: Element, reader: Unit, letter: str, x: Element | None
    ) -> tuple[LabelText, tuple[LabelText, ...]]:
        name = weight_name(weight, reader, letter)
        before, _, after = self.value_text(*weight).partition(" → ")
        difference = LabelText(f"Δ{name} = ", format_computed(self.measure(weight), self.settings.digits))
        changed = (LabelText("→ ", after),) if after else ()
        return LabelText(f"{name}: ", before), (*changed, difference)

    def measure(self, weight: Element) -> float | None:
        before, after = self.snapshot.value(*weight), self.after.value(*weight)
        return None if before is None or after is None else after - before

    def value_text(self, node: Node, index: Index = None) -> str:
        before, after = (pass_.text(node, index, self.settings.digits) for pass_ in (self.snapshot, self.after))
        return before if before == after else f"{before} → {after}"
