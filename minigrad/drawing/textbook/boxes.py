"""The textbook figure as boxes and edges, for DOT, Mermaid and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from minigrad.drawing.diagram import Box, BoxGroup, Edge, EdgeKind, Role, Sign, sign_of
from minigrad.drawing.neurons.elision import ColumnSlot
from minigrad.drawing.style import NODE_ROLES
from minigrad.drawing.text_layout import plain_text
from minigrad.drawing.textbook.textbook_content import EdgeContent, TextbookContent, weight_line
from minigrad.structure import Unit

MOST_TARGETS = 8
"""Targets that have boxes of their own."""
WIDTH = 1.4
"""Width of an edge."""


def unit_box(content: TextbookContent, slot: ColumnSlot) -> Box:
    """Return the box of a unit: its names, and with numbers its quantities."""
    unit, node = slot.unit, slot.unit.output
    if slot.elided:
        return Box(slot.key, ("⋮", content.settings.say("{count} more", count=f"{len(slot.units):,}")), role=Role.MORE)
    name = content.name(unit)
    if unit.weighted_sum is not None:
        rows = [(row.name, row.value) for row in content.quantities(unit)] if content.numbers else []
        bias = content.bias(unit)
        if bias and content.numbers:
            rows.insert(0, (bias.name, f"{bias.value}{bias.uses}"))
        return Box(slot.key, ("Σ | θ" if node is not unit.weighted_sum else "Σ", name), tuple(rows), Role.NEURON)
    role = Role.TARGET if node in content.structure.targets else NODE_ROLES.get(node.kind, Role.NODE)
    if node.op is None:
        lines = (content.value_name(unit), content.number_text(unit)) if content.numbers else (name,)
        return Box(slot.key, lines, role=role)
    classes = content.classes.get(unit, ())
    if classes:
        return Box(slot.key, (node.op.label, *(plain_text(content.class_line(part)) for part in classes)), role=role)
    rows = [(row.name, row.value) for row in content.quantities(unit)] if content.numbers else []
    return Box(slot.key, (name, node.op.label), tuple(rows), role)


def target_column(content: TextbookContent, targets_of: Mapping[Unit, Sequence[Unit]]) -> list[ColumnSlot]:
    """Return the slots of the targets that hang on losses; of many the last ones are left out."""
    key = content.structure.key
    slots = [ColumnSlot(key(unit), (unit,)) for units in targets_of.values() for unit in units]
    if len(slots) <= MOST_TARGETS:
        return slots
    rest = tuple(slot.unit for slot in slots[MOST_TARGETS - 1 :])
    return [*slots[: MOST_TARGETS - 1], ColumnSlot("moretargets", rest)]


def boxes_and_groups(
    content: TextbookContent, columns: Sequence[Sequence[ColumnSlot]], titles: Sequence[str]
) -> tuple[list[Box], list[BoxGroup]]:
    """Return the boxes of all columns, and each column as a group with its title."""
    slots = [slot for column in columns for slot in column]
    highlighted = [any(map(content.is_unit_highlighted, slot.units)) for slot in slots]
    boxes = [unit_box(content, slot)._replace(highlighted=mark) for slot, mark in zip(slots, highlighted, strict=True)]
    keys = [tuple(slot.key for slot in column) for column in columns]
    return boxes, [BoxGroup(title or "…", group) for title, group in zip(titles, keys, strict=True)]


def labeled_edge(content: TextbookContent, tail: str, head: str, edge: EdgeContent) -> Edge:
    """Return an edge with its lines."""
    if edge.number is None:
        return Edge(tail, head)
    above = plain_text(weight_line(edge, content.numbers))
    lines = [above] if above else []
    if content.numbers and edge.derivative:
        lines.append(f"{edge.derivative_name} = {edge.derivative}")
    sign = sign_of(edge.number) if content.numbers else Sign.POSITIVE
    return Edge(tail, head, tuple(lines), EdgeKind.WEIGHT, WIDTH, sign)


def target_edges(
    content: TextbookContent, targets_of: Mapping[Unit, Sequence[Unit]], slots: Sequence[ColumnSlot]
) -> list[Edge]:
    """Return the edges from targets to their losses."""
    key, keys = content.structure.key, {slot.key for slot in slots}
    pairs = [(key(target), key(loss)) for loss, targets in targets_of.items() for target in targets]
    return [Edge(tail, head) for tail, head in pairs if tail in keys]
