"""The units of the textbook figure of a page: room for numbers that change, and texts that it shows on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Area, Color, Part, Shape, Text
from minigrad.drawing.marks import sign_style
from minigrad.drawing.text_layout import notation, number_line, with_key
from minigrad.drawing.textbook.drawn_unit import UnitBuilder, bars, half_disc
from minigrad.drawing.textbook.textbook_content import NamedNumber, name_line
from minigrad.drawing.textbook.unit_drawer import UnitDrawer
from minigrad.structure import Unit

APART = 150.0
"""Distance of two neurons above each other between which straight edges have room."""


@dataclass(frozen=True)
class InteractiveDrawer(UnitDrawer):
    """Draws the units of an interactive figure."""

    is_compact: bool = False
    """Whether neurons carry their output and δ alone."""

    def elided_text(self, count: str) -> str:
        """Return what stands beside the dots for so many units."""
        return f"+ {count}"

    def level(self, unit: Unit, r: float) -> tuple[Shape, ...]:
        """Return the half of a neuron, of which the page shows as much as its output fills."""
        key = self.content.value_key(unit).replace("value", "level")
        return (Part("", (Area((half_disc(r, 1.0),), Color.LEVEL),), key),)

    def neuron_numbers(self, builder: UnitBuilder, unit: Unit, r: float, is_first: bool) -> None:
        """Add what a neuron computes; between straight edges that of the first one of its column stands above it."""
        quantities = self.content.quantities(unit)
        if self.is_compact or not self.is_narrow:
            self.quantities(builder, quantities, r)
        else:
            self.table(builder, quantities, r, is_first)
            builder.blocked.append((Point(0.0, -APART / 2), Point(0.0, APART / 2)))

    def quantities(self, builder: UnitBuilder, quantities: Sequence[NamedNumber], r: float) -> None:
        """Add what a unit computes: a table, or its output and δ below it, side by side where that has room."""
        if not self.is_compact:
            self.table(builder, quantities, r)
            return
        size, room = self.metrics.number, self.content.room(self.metrics.number)
        for number, quantity in enumerate(quantities[-2:]):
            since = len(builder.shapes)
            at = Point((number - 0.5) * (room + 4.0), r + 1.15 * size)
            if self.is_narrow:
                at = Point(0.0, r + (1.15 + 1.1 * number) * size)
            builder.text(at, quantity.value_line, size, quantity.color, room=room)
            builder.part(quantity.name, quantity.key, since)

    def bias(self, builder: UnitBuilder, unit: Unit, r: float) -> None:
        """Add a short arrow with the bias of a neuron, where room is short as a text that the page shows on demand."""
        bias = self.content.bias(unit)
        if bias is None or not (self.is_compact or self.is_narrow):
            super().bias(builder, unit, r)
            return
        since, is_right = len(builder.shapes), self.direction == "right"
        color, dash = sign_style(bias.number)
        tip = Point(-0.53 * r, -0.87 * r - 0.5) if is_right else Point(-r, 0.0)
        tail = Point(tip.x - 5.0, tip.y - 15.0) if is_right else Point(-r - 18.0, 0.0)
        builder.arrow(tail, tip, color, dash)
        if self.content.is_frozen(bias.node):
            builder.shapes += bars(tail, Point(tip.x - tail.x, tip.y - tail.y))
        builder.part(bias.name, bias.key, since)
        value = with_key(number_line(bias.value), bias.value_key)
        line = (*name_line(bias.name), *notation(" = "), *value)
        text = Text(Point(tail.x + 3.0, tail.y - 5.0), line, self.metrics.weight, color)
        builder.shapes.append(Part("", (text,), bias.key.replace("edge", "demand", 1)))
