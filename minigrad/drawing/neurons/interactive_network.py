"""The figure of a network in boxes for a page, whose numbers change: names of the textbook, keys, and no words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from minigrad._format import elide
from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Point, Role
from minigrad.drawing.figure import Figure, move_shape
from minigrad.drawing.neurons.column_layout import LayoutColumn, LayoutRow
from minigrad.drawing.neurons.diagram_builder import DiagramBuilder
from minigrad.drawing.neurons.elision import MOST_ROWS, ColumnSlot, ElidedNetwork, VisibleEdge, elide_network
from minigrad.drawing.neurons.heads import join_heads
from minigrad.drawing.neurons.network_boxes import BoxMarks, LabelText
from minigrad.drawing.neurons.network_edges import EdgeMarks
from minigrad.drawing.neurons.network_figure import NARROW_PAGE, lay_out_shapes
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.style import NODE_ROLES
from minigrad.structure import Element, NetworkStructure, Unit

MARGIN = 9.0
"""Free border around the figure, into which what is lit reaches."""


def interactive_network(structure: NetworkStructure, settings: DrawSettings) -> Figure:
    """Return the figure of a network in boxes for a page; on narrow pages layers follow one another downwards."""
    if settings.width < NARROW_PAGE:
        settings = replace(settings, direction="down")
    for most in (None, 4, 3):
        network, classes = join_heads(structure, elide_network(structure, most))
        builder = InteractiveBuilder(structure, settings, classes=classes)
        placed = lay_out_shapes(builder.content(network), settings)
        width = max(placed.size.x + 2 * MARGIN, settings.width)
        if width <= settings.width + 0.5:
            break
    shift = Point((width - placed.size.x) / 2, MARGIN)
    shapes = tuple(move_shape(shape, shift) for shape in placed.shapes)
    return Figure(width, placed.size.y + 2 * MARGIN, shapes, settings.title)


@dataclass(frozen=True)
class InteractiveBuilder(DiagramBuilder):
    """Boxes and edges whose numbers a page finds by their keys."""

    def name(self, element: Element) -> str:
        """Return the name of an element in textbooks."""
        return self.structure.textbook_name(*element)

    def columns(self, network: ElidedNetwork) -> list[LayoutColumn]:
        """Return the columns without titles."""
        return [column._replace(title="") for column in super().columns(network)]

    def row(self, slot: ColumnSlot) -> LayoutRow:
        """Return a row of a column."""
        if slot.elided:
            return LayoutRow(Box(slot.key, ("⋮", f"+ {len(slot.units):,}"), role=Role.MORE))
        return super().row(slot)

    def box(self, key: str, unit: Unit) -> Box:
        """Return the box of one unit, with its keys."""
        output, keyed = Element(unit.output, unit.position), self.settings.key
        box = super().box(key, unit)
        if unit.weighted_sum is not None:
            s = Element(unit.weighted_sum, unit.position)
            has_activation = unit.output is not unit.weighted_sum
            keys = [keyed("value", s), *([keyed("value", output)] if has_activation else []), keyed("delta", s)]
            return box._replace(lines=(self.name(output),), part_key=keyed("node", s), number_keys=tuple(keys))
        part = keyed("node", output)
        if key in self.classes:
            keys = [keyed("value", item.element) if item else "" for item in elide(self.classes[key], MOST_ROWS)]
            return box._replace(part_key=part, number_keys=tuple(keys))
        if not box.fields:
            lines = (self.name(output), *box.lines[1:]) if len(box.lines) > 1 else box.lines
            return box._replace(lines=lines, part_key=part, number_keys=(keyed("value", output),))
        fields = [("=", box.fields[0][1]), *((f"∂L/∂{self.name(output)}", text) for _, text in box.fields[1:])]
        keys = [keyed("value", output), keyed("delta", output)][: len(fields)]
        lines = (self.name(output), *([unit.output.op.label] if unit.output.op else []))
        role = NODE_ROLES.get(unit.output.kind, Role.NODE)
        return Box(key, lines, tuple(fields), role, part_key=part, number_keys=tuple(keys))

    def neuron_fields(self, unit: Unit, weighted_sum: Node) -> tuple[tuple[str, str], ...]:
        """Return the fields of a neuron under names that hold for any activation: Σ, θ and δ."""
        s, *others, delta = super().neuron_fields(unit, weighted_sum)
        return s, *(("θ", text) for _, text in others), delta

    def edge_marks(self, visible: VisibleEdge, magnitude: float | None) -> EdgeMarks:
        """Return what is shown about an edge; the page itself shows what flows back."""
        if visible.bundled:
            return EdgeMarks(number=magnitude, is_summary=True)
        ((source, weight),) = visible.connections
        tail = weight or Element(source.output, source.position)
        marks = super().edge_marks(visible, magnitude)._replace(returns=False)
        return self.with_key(marks, tail, visible.reader)

    def bias_marks(self, slot: ColumnSlot) -> EdgeMarks:
        """Return what is shown about a bias."""
        bias = self.structure.bias(slot.unit)
        return EdgeMarks() if bias is None else self.with_key(super().bias_marks(slot), bias, slot.unit)

    def with_key(self, marks: EdgeMarks, tail: Element, reader: Unit) -> EdgeMarks:
        """Return the marks of an edge with its key."""
        head = Element(reader.output if reader.weighted_sum is None else reader.weighted_sum, reader.position)
        return marks._replace(key=self.settings.key("edge", tail, head), name=self.name(tail))

    def label_texts(
        self, weight: Element, reader: Unit, letter: str, x: Element | None
    ) -> tuple[LabelText, tuple[LabelText, ...]]:
        """Return what stands above the line of a weight and below it: of a shared one the part of this use, x·δ."""
        above, below = super().label_texts(weight, reader, letter, x)
        above = above._replace(before=f"{self.name(weight)} = ", key=self.settings.key("value", weight))
        if len(below) == 1 or x is None or reader.weighted_sum is None:
            return above, (below[0]._replace(key=self.settings.key("delta", weight)),)
        neuron = Element(reader.weighted_sum, reader.position)
        return above, (below[1]._replace(key=self.settings.key("share", x, neuron)),)

    def derivative_texts(self, unit: Unit) -> tuple[LabelText, ...]:
        """Return the name and the number of the derivative by the output of a unit."""
        output = Element(unit.output, unit.position)
        _, number = super().derivative_texts(unit)
        key = self.settings.key("delta", output)
        return (number._replace(before=f"∂L/∂{self.name(output)} = ", key=key),)

    def box_marks(self, slot: ColumnSlot, bounds: tuple[float, float]) -> BoxMarks:
        """Return what is shown about a box besides its text."""
        marks = super().box_marks(slot, bounds)
        element = Element(slot.unit.output, slot.unit.position)
        key = self.settings.key("value", element).replace("value", "level")
        return marks._replace(level_key=key if marks.has_level else "")
