"""The health view: dead, saturated and vanishing neurons over the last batch, and the first number that is not one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from minigrad._format import count_noun
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
from minigrad.drawing.neurons.elision import ColumnSlot
from minigrad.drawing.neurons.painter import NetworkPainter, activation_name
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.page import Page
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import Unit, read_structure

LEGEND = (
    f"saturated:  |θ′(s)| < {FLAT} for {SATURATED:.0%} of the samples or more.   dead:  θ′(s) = 0 for every sample.",
    f"vanishing:  mean |δ| below {VANISHING:g} of the largest.   broken:  NaN or infinity.   ! thick frame: ill.",
    "Edge:  ━━▶ w > 0 (blue)   ╍╍▶ w < 0 (red, dashed)   ┈┈▶ w = 0 (dotted)   thicker: larger |w|.",
)


@register_view("health")
def health_view(graph: Graph, page: Page, *, most: int | None = None) -> Diagram:
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
        '3 neurons over 3 samples:  1 dead.'
    """
    for output in graph.outputs:
        if output.value is None or output.delta is None:
            raise RenderError("no pass to judge by", node=output.title, cure="Run forward over a batch, then backward.")
    structure = read_structure(graph)
    health = check_health(structure)
    legend = [summarize_health(health), *LEGEND]
    if health.nonfinite is not None:
        legend.insert(1, f"! First number that is none:  {describe_nonfinite(health.nonfinite)}.")
    painter = HealthPainter(structure, page, health=health, numbers=False, biases=False)
    return painter.diagram("health", legend, most)


@dataclass(frozen=True)
class HealthPainter(NetworkPainter):
    """A network with, in each neuron, how often it is flat, how large its δ is, and its problem."""

    health: NetworkHealth = field(kw_only=True)

    def neuron_fields(self, unit: Unit, weighted_sum: Node) -> tuple[tuple[str, str], ...]:
        flat, delta, problem = self.health.neurons[unit]
        name = self.snapshot.mark(activation_name(unit), unit.output)
        fields = [(name, self.value_text(unit.output, unit.position))]
        if flat is not None:
            fields.append(("|θ′| ≈ 0", f"{flat:.0%} of samples"))
        name = "|δ|" if self.health.samples == 1 else "mean |δ|" if has_samples(weighted_sum) else "|⟨δ⟩|"
        fields.append((name, format_computed(delta, self.page.digits)))
        if problem:
            fields.append(("!", problem))
        return tuple(fields)

    def neuron_role(self, unit: Unit) -> Role:
        return Role.WARNING if self.health.neurons[unit].problem else Role.NEURON

    def elided_lines(self, slot: ColumnSlot) -> tuple[str, ...]:
        neurons = [self.health.neurons[unit] for unit in slot.units if unit in self.health.neurons]
        problems = Counter(neuron.problem for neuron in neurons if neuron.problem)
        return tuple(f"! {count:,} {problem}" for problem, count in sorted(problems.items()))


def summarize_health(health: NetworkHealth) -> str:
    """Return how many neurons have which problem."""
    neurons, samples = health.neurons, health.samples
    problems = Counter(neuron.problem for neuron in neurons.values() if neuron.problem)
    counts = ",  ".join(f"{count:,} {problem}" for problem, count in sorted(problems.items())) or "nothing found"
    doubt = "" if samples > 1 else "  One sample is little to judge by: run a whole data set forward and backward."
    return f"{count_noun(len(neurons), 'neuron')} over {count_noun(samples, 'sample')}:  {counts}.{doubt}"
