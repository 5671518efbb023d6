"""The health view: saturated, dead and vanishing neurons over the last batch, and the first number that is not one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

import numpy as np

from minigrad._format import count_noun, format_number, shorten
from minigrad.core.local_derivatives import activation_derivative
from minigrad.core.node import Node
from minigrad.drawing.diagram import Diagram, Role
from minigrad.drawing.neurons.elision import Slot, wire_up
from minigrad.drawing.neurons.layout import place
from minigrad.drawing.neurons.painter import Pen, theta_name
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Value
from minigrad.structure import Anatomy, Cell, Element, read

FLAT, OFTEN, FAINT = 0.02, 0.9, 1e-4
"""A slope below FLAT counts as flat; a neuron that is flat OFTEN is saturated; a δ below FAINT of the largest, lost."""
LEGEND = (
    f"saturated:  |θ′(s)| < {FLAT} for {OFTEN:.0%} of the samples or more.   dead:  θ′(s) = 0 for every sample.",
    f"vanishing:  mean |δ| below {FAINT:g} of the largest.   broken:  NaN or infinity.   ! thick frame: ill.",
    "Edge:  ━━▶ w ≥ 0 (blue)   ╍╍▶ w < 0 (red, dashed)   thicker: larger |w|.",
)


def health(graph: Graph, *, most: int | None = None) -> Diagram:
    """What ails a network, judged by the last passes, best over a batch of many samples.

    Raises RenderError before a forward and a backward pass.
    """
    for output in graph.outputs:
        if output.value is None or output.delta is None:
            raise RenderError("nothing to judge by", node=str(output), cure="Run forward over a batch, then backward.")
    anatomy = read(graph)
    wiring = wire_up(anatomy, most)
    checkups = check_up(anatomy)
    pen = HealthPen(anatomy, numbers=False, biases=False, checkups=checkups)
    placed = place(pen.columns(wiring), pen.edges(wiring))
    legend = (findings(checkups, samples_of(graph)), *first_broken(graph), *LEGEND)
    return Diagram("health", placed.boxes, placed.edges, placed.groups, pen.legend(legend, wiring), placed=True)


class Checkup(NamedTuple):
    """One neuron over the samples of the last passes."""

    flat: float | None
    """The share of samples for which the slope of the activation is nearly 0; None without an activation."""
    size: float
    """The mean |δ|, that of each sample counted from its own loss."""
    ailment: str
    """What is wrong with the neuron, "" where nothing is."""


@dataclass(frozen=True)
class HealthPen(Pen):
    """Writes how often a neuron is flat, how large its δ is, and what is wrong with it."""

    checkups: Mapping[Cell, Checkup] = field(default_factory=dict)

    def neuron_fields(self, cell: Cell, total: Node) -> tuple[tuple[str, str], ...]:
        found = self.checkups[cell]
        flat = () if found.flat is None else (("|θ′| ≈ 0", f"{found.flat:.0%} of samples"),)
        ill = (("!", found.ailment),) if found.ailment else ()
        return (
            (theta_name(cell), self.written_value(cell.output, cell.place)),
            *flat,
            ("|δ|", format_number(found.size)),
            *ill,
        )

    def weight_lines(self, weight: Element, reader: Cell, letter: str) -> tuple[str, ...]:
        return ()

    def neuron_role(self, cell: Cell) -> Role:
        return Role.WARNING if self.checkups[cell].ailment else Role.NEURON

    def elided_lines(self, slot: Slot) -> tuple[str, ...]:
        ill = Counter(self.checkups[cell].ailment for cell in slot.cells if cell in self.checkups)
        return tuple(f"! {count:,} {ailment}" for ailment, count in sorted(ill.items()) if ailment)


def check_up(anatomy: Anatomy) -> dict[Cell, Checkup]:
    """Every neuron of a network, looked at once."""
    cells = [cell for column in anatomy.columns for cell in column if cell.total is not None]
    sizes = {cell: mean_delta(cell) for cell in cells}
    largest = max((size for size in sizes.values() if isfinite(size)), default=0.0)
    return {cell: examined(cell, size, largest) for cell, size in sizes.items()}


def examined(cell: Cell, size: float, largest: float) -> Checkup:
    """What a neuron suffers from, the gravest first."""
    slope = (
        None
        if cell.total is None or cell.output is cell.total
        else activation_derivative(cell.output, cell.total, cell.place)
    )
    flat = None if slope is None else float(np.mean(np.abs(slope) < FLAT))
    if not isfinite(size) or not np.all(np.isfinite(element(cell.output.value, cell.place))):
        return Checkup(flat, size, "broken")
    if slope is not None and not np.any(slope):
        return Checkup(flat, size, "dead")
    if flat is not None and flat >= OFTEN:
        return Checkup(flat, size, "saturated")
    return Checkup(flat, size, "vanishing" if size < FAINT * largest else "")


def mean_delta(cell: Cell) -> float:
    """The mean |δ| of a neuron over the samples."""
    delta: Value = cell.total.delta if cell.total is not None else 0.0
    samples = len(delta) if cell.total is not None and np.ndim(delta) > cell.total.ndim else 1
    return float(np.mean(np.abs(element(delta, cell.place)))) * samples


def element(value: Value, place: int | None) -> Value:
    """One element of an array, for every sample."""
    return value if place is None else value[..., place]


def samples_of(graph: Graph) -> int:
    """How many samples the last passes saw."""
    return max(len(node.value) if np.ndim(node.value) > node.ndim else 1 for node in graph.outputs)


def findings(checkups: Mapping[Cell, Checkup], samples: int) -> str:
    """How many neurons suffer from what."""
    ill = Counter(found.ailment for found in checkups.values() if found.ailment)
    found = ",  ".join(f"{count:,} {ailment}" for ailment, count in sorted(ill.items())) or "nothing found"
    doubt = "" if samples > 1 else "  One sample is little to judge by: run a whole data set forward and backward."
    return f"{count_noun(len(checkups), 'neuron')} over {count_noun(samples, 'sample')}:  {found}.{doubt}"


def first_broken(graph: Graph) -> tuple[str, ...]:
    """The first node in order of evaluation that is NaN or infinite, and what fed it."""
    for node in graph.nodes:
        value = node.value
        if not (isfinite(value) if type(value) is float else np.all(np.isfinite(value))):
            fed = ", ".join(f"{shorten(str(parent))} = {extremes(parent.value)}" for parent in node.parents[:4])
            more = ", …" if len(node.parents) > 4 else ""
            source = f", computed from {fed}{more}" if fed else ""
            return (f"! First number that is none:  {shorten(str(node))} = {extremes(node.value)}{source}.",)
    return ()


def extremes(value: Value) -> str:
    """A number, or the least and the largest of many."""
    if np.size(value) == 1:
        return format_number(float(np.ravel(value)[0]))
    return f"{format_number(float(np.min(value)))} … {format_number(float(np.max(value)))}"
