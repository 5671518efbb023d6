"""The health view: dead, saturated and vanishing neurons over the last batch, and the first number that is not one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from minigrad.analysis.health import (
    FLAT,
    SATURATED,
    VANISHING,
    NetworkHealth,
    check_health,
    describe_nonfinite,
    has_samples,
)
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Role
from minigrad.drawing.layer_titles import activation_name
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.neurons.diagram_builder import DiagramBuilder
from minigrad.drawing.neurons.elision import ColumnSlot, ElidedNetwork
from minigrad.drawing.neurons.network_content import NetworkContent
from minigrad.drawing.numbers import format_computed, format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_layout import label
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Unit, read_structure

PROBLEMS = {
    "broken": "broken:  NaN or infinity",
    "dead": "dead:  θ′(s) = 0 for every sample",
    "saturated": "saturated:  |θ′(s)| < {flat} for {share} of the samples or more",
    "vanishing": "vanishing:  mean |δ| below {vanishing} of the largest",
}
"""What the problems of neurons mean."""


@register_view(
    "health",
    shows="A network whose saturated, dead, vanishing and broken neurons are marked.",
)
def health_view(graph: Graph, settings: DrawSettings, *, most: int | None = None) -> Diagram:
    """Draw which neurons are saturated, dead or vanishing, and where the first NaN or infinity appeared.

    Judged by the last forward and backward pass; run both over a batch of many samples first, since one sample says
    little.

    Args:
        graph: The graph of a network, after a forward and a backward pass.
        page: The pass to show, and the options that all views share.
        most: The largest number of units shown in a column, at least 3.

    Returns:
        The diagram, with positions. The first line of its legend counts the problems.

    Raises:
        RenderError: If a pass is missing, or the network has more than 24 columns.
        PassError: If a leaf has changed since the last passes, or the last backward pass was that of another graph.
        SettingError: If `most` is less than 3.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([1, 2, 1], activation=mg.relu, rng=0))
        >>> feeds = {"x1": [-1.0, -0.5, -2.0], "t1": [0.0, 0.0, 1.0]}
        >>> _ = network.graph.forward(feeds)
        >>> network.graph.backward()
        >>> mg.draw(network, view="health").diagram.legend[0]
        'neurons: 3, samples: 3:  1 dead.'
    """
    for output in graph.outputs:
        if output.value is None or output.delta is None:
            raise RenderError("no pass to judge by", node=output.title, cure="Run forward over a batch, then backward.")
    structure = read_structure(graph)
    health = check_health(structure)
    builder = HealthDiagramBuilder(structure, settings, health=health, numbers=False, biases=False)
    return builder.diagram("health", builder.findings(), most)


@dataclass(frozen=True)
class HealthDiagramBuilder(DiagramBuilder):
    """A network with, in each neuron, how often it is flat, how large its δ is, and its problem."""

    health: NetworkHealth = field(kw_only=True)

    joins_heads: ClassVar[bool] = False

    def findings(self) -> list[str]:
        """Return how many neurons have which problem, what these problems are, and the first number that is none."""
        say, health = self.settings.say, self.health
        settings = {"flat": FLAT, "share": f"{SATURATED:.0%}", "vanishing": f"{VANISHING:g}"}
        problems = sorted({neuron.problem for neuron in health.neurons.values()} & {*PROBLEMS})
        node = health.nonfinite
        write = partial(format_given, digits=self.settings.digits)
        origin = (
            [] if node is None else [say("First number that is none:  {node}", node=describe_nonfinite(node, write))]
        )
        return [
            summarize_health(health, say),
            *(f"! {text}." for text in origin),
            *(f"{say(PROBLEMS[problem], **settings)}." for problem in problems),
        ]

    def legend_entries(self, network: ElidedNetwork, content: NetworkContent) -> list[LegendEntry]:
        return [*(LegendEntry(label(line)) for line in self.findings()), *super().legend_entries(network, content)]

    def neuron_fields(self, unit: Unit, weighted_sum: Node) -> tuple[tuple[str, str], ...]:
        flat, delta, problem = self.health.neurons[unit]
        name = self.snapshot.mark(activation_name(unit), unit.output)
        fields = [(name, self.value_text(unit.output, unit.position))]
        if flat is not None:
            fields.append(("|θ′| ≈ 0", self.settings.say("{share} of samples", share=f"{flat:.0%}")))
        name = (
            "|δ|"
            if self.health.samples == 1
            else self.settings.say("mean |δ|")
            if has_samples(weighted_sum)
            else "|⟨δ⟩|"
        )
        fields.append((name, format_computed(delta, self.settings.digits)))
        if problem:
            fields.append(("!", self.settings.say(problem)))
        return tuple(fields)

    def neuron_role(self, unit: Unit) -> Role:
        return Role.WARNING if self.health.neurons[unit].problem else Role.NEURON

    def elided_lines(self, slot: ColumnSlot) -> tuple[str, ...]:
        neurons = [self.health.neurons[unit] for unit in slot.units if unit in self.health.neurons]
        problems = Counter(neuron.problem for neuron in neurons if neuron.problem)
        return tuple(f"! {count:,} {self.settings.say(problem)}" for problem, count in sorted(problems.items()))


def summarize_health(health: NetworkHealth, say: Callable[..., str] = str.format) -> str:
    """Return how many neurons have which problem; `say` translates a phrase and fills in its {names}."""
    neurons, samples = len(health.neurons), health.samples
    problems = Counter(neuron.problem for neuron in health.neurons.values() if neuron.problem)
    counts = [f"{count:,} {say(problem)}" for problem, count in sorted(problems.items())] or [say("nothing found")]
    summary = say("neurons: {neurons}, samples: {samples}", neurons=f"{neurons:,}", samples=f"{samples:,}")
    doubt = "One sample is little to judge by: run a whole data set forward and backward."
    return f"{summary}:  {',  '.join(counts)}." + ("" if samples > 1 else f"  {say(doubt)}")
