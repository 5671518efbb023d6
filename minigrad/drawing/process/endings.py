"""What follows the last grid: nodes on the lines of its outputs, heads such as softmax, losses with their targets."""

from __future__ import annotations

from dataclasses import dataclass, field

from minigrad.core.node import Node
from minigrad.drawing.process.grids import ProcessGrids, one_before, output_of, unit_elements, unit_of
from minigrad.ops.base import Elementwise
from minigrad.ops.indexing import Selection
from minigrad.structure import Element, NetworkStructure, Unit, source_nodes


@dataclass
class Endings:
    """The nodes behind the last grid, and the nodes that no line reaches.

    `lines` are the elements after each last neuron, in order; `joint` are nodes that join all lines, such as softmax.
    A loss or a total stands behind the lines it reads: `losses` has the positions of the first and of the last of them.
    """

    lines: list[list[Element]]
    joint: set[Node] = field(default_factory=set)
    losses: list[tuple[Unit, int, int]] = field(default_factory=list)
    totals: list[Unit] = field(default_factory=list)
    others: list[Unit] = field(default_factory=list)


def read_endings(process: ProcessGrids) -> Endings:
    """Return what follows the last grid, in one walk over the nodes that are no neurons."""
    structure = process.structure
    last = process.grids[-1]
    endings = Endings([[output_of(unit)] for unit in last.neurons])
    drawn = {unit_of(structure, element) for elements in process.followers.values() for element in elements}
    drawn.update(unit for grid in process.grids for unit in grid.neurons)
    for grid in process.grids:
        for source in grid.sources:
            if not source.node.parents:
                drawn.add(unit_of(structure, source))
    for column in structure.columns:
        for unit in column:
            if unit not in drawn and unit.output not in structure.targets and not follow(structure, endings, unit):
                endings.others.append(unit)
    attached = {node for unit, _, _ in endings.losses for node in source_nodes(unit)}
    unattached = [unit for unit in structure.columns[-1] if unit.output in structure.targets - attached]
    endings.others += unattached
    return endings


def follow(structure: NetworkStructure, endings: Endings, unit: Unit) -> bool:
    """Put a unit on the lines of the outputs, if it continues them or compares them; return whether it does."""
    node, sources = unit.output, source_nodes(unit)
    ends = {line[-1]: position for position, line in enumerate(endings.lines)}
    if not sources:
        return False
    if node.kind == "loss":
        return add_loss(structure, endings, unit, ends)
    losses = {loss.output for loss, _, _ in endings.losses} | {total.output for total in endings.totals}
    if losses & {*sources} and not node.shape:
        endings.totals.append(unit)
        return True
    if isinstance(node.op, Elementwise):
        elements = unit_elements(unit)
        before = [one_before(element, ends) for element in elements]
        for element, start in zip(elements, before, strict=True):
            if start is None or None in before:
                return False
            endings.lines[ends[start]].append(element)
        return bool(elements)
    if isinstance(node.op, Selection) and len(sources) == 1 and sources[0] in endings.joint and not node.shape:
        end = Element(sources[0], int(node.op.indices.item()))
        if end in ends:
            endings.lines[ends[end]][-1] = Element(node)
            return True
        return False
    elements = [Element(node, position) for position in range(len(endings.lines))]
    read = [Element(source) for source in sources]
    if len(read) == 1 and read[0].node.shape == node.shape:
        read = [Element(sources[0], position) for position in range(len(endings.lines))]
    if node.kind == "activation" and node.shape == (len(endings.lines),) and read == [*ends]:
        for line, element in zip(endings.lines, elements, strict=True):
            line.append(element)
        endings.joint.add(node)
        return True
    return False


def add_loss(structure: NetworkStructure, endings: Endings, unit: Unit, ends: dict[Element, int]) -> bool:
    """Put a loss behind the lines it reads, if it reads nothing else but targets, and no other loss stands there."""
    read = [node for node in source_nodes(unit) if node not in structure.targets]
    elements = [
        Element(node, position) if node.ndim == 1 and Element(node, 0) in ends else Element(node)
        for node in read
        for position in range(node.shape[-1] if node.ndim == 1 and Element(node, 0) in ends else 1)
    ]
    if not elements or not all(element in ends for element in elements) or len({*elements}) < len(elements):
        return False
    positions = [ends[element] for element in elements]
    first, last = min(positions), max(positions)
    if last - first + 1 != len(positions) or any(start <= last and first <= end for _, start, end in endings.losses):
        return False
    endings.losses.append((unit, first, last))
    return True
