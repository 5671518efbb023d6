"""The units of the textbook figure: circles Σ | θ, inputs, boxes, and losses with their targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from minigrad.drawing.diagram import Point
from minigrad.drawing.figure import Anchor, Area, Circle, Color, Dash, Rectangle, Shape, Stroke, Text, rectangle_corners
from minigrad.drawing.marks import sign_style
from minigrad.drawing.neurons.elision import ColumnSlot
from minigrad.drawing.settings import Direction
from minigrad.drawing.text_layout import bold, line_width, notation, number_line, plain_text, with_key, words
from minigrad.drawing.textbook.drawn_unit import (
    DrawnUnit,
    UnitBuilder,
    UnitSizes,
    bars,
    circle_polygon,
    half_disc,
    square_border,
)
from minigrad.drawing.textbook.textbook_content import NamedNumber, TextbookContent, name_line
from minigrad.structure import Element, Unit

MOST_TARGETS, MOST_BELOW = 5, 2
"""Targets that hang on a loss one by one, and how many of them below it: more hang beside it, clear of its edges."""


@dataclass(frozen=True)
class UnitDrawer:
    """Draws the units of a network in the sizes of a figure."""

    content: TextbookContent
    metrics: UnitSizes
    direction: Direction
    is_narrow: bool = False
    """Whether neurons carry their names and outputs alone; a table below the figure has the other numbers."""

    @property
    def numbers(self) -> bool:
        """Return whether values are shown."""
        return self.content.numbers

    def draw(self, slot: ColumnSlot, targets: Sequence[Unit], is_first: bool = False) -> DrawnUnit:
        """Return the drawing of a slot, the first of several or another; of a loss with the targets that hang on it."""
        unit = slot.unit
        if slot.elided:
            return self.dots(slot)
        if unit.weighted_sum is not None:
            return self.neuron(slot.key, unit, is_first)
        if unit.output.kind == "loss":
            return self.loss(slot.key, unit, targets)
        if unit.output.op is None and (unit.output.kind != "constant" or unit.output.name):
            return self.leaf(slot.key, unit)
        return self.box(slot.key, unit)

    def dots(self, slot: ColumnSlot) -> DrawnUnit:
        """Return three dots for units that are left out, and how many these are."""
        builder = UnitBuilder()
        for step in (-8.0, 0.0, 8.0):
            at = Point(0.0, step) if self.direction == "right" else Point(step, 0.0)
            builder.shapes.append(Circle(at, 1.7, Color.MUTED, None, 0.0))
        text = self.elided_text(f"{len(slot.units):,}")
        if self.direction == "right":
            builder.text(Point(9.0, 4.0), words(text), self.metrics.number, Color.MUTED, Anchor.START)
        else:
            builder.text(Point(0.0, 22.0), words(text), self.metrics.number, Color.MUTED)
        return builder.unit(slot.key, Point(11.0, 11.0), True, text)

    def elided_text(self, count: str) -> str:
        """Return what stands beside the dots for so many units."""
        return self.content.settings.say("{count} more", count=count)

    def neuron(self, key: str, unit: Unit, is_first: bool) -> DrawnUnit:
        """Return a circle Σ | θ, with what it computes below it or beside it, and its bias."""
        builder, r = UnitBuilder(), self.metrics.neuron
        size = 0.74 * r
        has_activation = unit.output is not unit.weighted_sum
        builder.shapes += [Circle(Point(0.0, 0.0), r, Color.PANEL, None)]
        builder.shapes += self.level(unit, r) if has_activation else ()
        builder.shapes.append(Circle(Point(0.0, 0.0), r, None, Color.INK, 1.6))
        if has_activation:
            builder.shapes += [
                Stroke((Point(0.0, -r), Point(0.0, r)), Color.INK, 1.1),
                Text(Point(-0.49 * r, 0.34 * size), notation("Σ"), size, anchor=Anchor.MIDDLE),
                Text(Point(0.49 * r, 0.34 * size), notation("θ"), size, anchor=Anchor.MIDDLE),
            ]
        else:
            builder.shapes.append(Text(Point(0.0, 0.34 * size), notation("Σ"), size, anchor=Anchor.MIDDLE))
        self.neuron_numbers(builder, unit, r, is_first)
        self.bias(builder, unit, r)
        return builder.unit(key, Point(r, r), True, self.content.describe(unit))

    def level(self, unit: Unit, r: float) -> tuple[Shape, ...]:
        """Return the half of a neuron that its output fills."""
        level = self.content.level(unit)
        return () if level is None or not self.numbers else (Area((half_disc(r, level),), Color.LEVEL),)

    def neuron_numbers(self, builder: UnitBuilder, unit: Unit, r: float, is_first: bool) -> None:
        """Add what a neuron computes, the first one of its column or another."""
        self.quantities(builder, self.content.quantities(unit), r)

    def quantities(self, builder: UnitBuilder, quantities: Sequence[NamedNumber], r: float) -> None:
        """Add what a unit computes: with numbers a table aligned at the equality signs, else the names in a row."""
        m = self.metrics
        is_below = self.direction == "right"
        if self.numbers and self.is_narrow:
            output = next((row for row in reversed(quantities) if row.color is Color.INK), quantities[0])
            at = Point(0.0, r + 1.2 * m.weight) if is_below else Point(r + 5.0, -0.2 * m.weight)
            anchor = Anchor.MIDDLE if is_below else Anchor.START
            builder.text(at, name_line(output.name), m.weight, anchor=anchor)
            builder.text(Point(at.x, at.y + m.line), number_line(output.value), m.number, anchor=anchor)
            return
        if not self.numbers:
            lines = [name_line(quantity.name) for quantity in quantities]
            for number, line in enumerate(lines):
                if is_below:
                    x = 0.0 if len(lines) == 1 else (number - (len(lines) - 1) / 2) * 1.2 * max(r, 22.0)
                    builder.text(Point(x, r + 1.25 * m.weight), line, m.weight, Color.MUTED)
                else:
                    y = (number - (len(lines) - 1) / 2) * 1.6 * m.weight + 0.3 * m.weight
                    builder.text(Point(r + 5.0, y), line, m.weight, Color.MUTED, Anchor.START)
            return
        self.table(builder, quantities, r)

    def table(self, builder: UnitBuilder, quantities: Sequence[NamedNumber], r: float, is_above: bool = False) -> None:
        """Add a table of what a unit computes, aligned at the equality signs: below it or above it, or beside it."""
        m, is_below = self.metrics, self.direction == "right"
        name_width = max((line_width(name_line(quantity.name), m.weight) for quantity in quantities), default=0.0)
        sign_width = 1.5 * m.weight
        value_width = max(
            [
                self.content.room(m.number),
                *(line_width(number_line(quantity.value), m.number) for quantity in quantities),
            ]
        )
        width = name_width + sign_width + value_width
        sign_x = (name_width - 0.39 * width if is_below else r + 8.0 + name_width) + sign_width / 2
        y = r + 1.45 * m.weight if is_below else -(len(quantities) - 1) / 2 * m.line + 0.35 * m.weight
        if is_above:  # to the right of the bias
            y, sign_x = -r - 1.3 * m.weight - (len(quantities) - 1) * m.line, sign_x + 0.9 * r
        left, right = sign_x - sign_width / 2 - name_width, sign_x + sign_width / 2 + value_width
        bottom = y + (len(quantities) - 1) * m.line + 0.32 * m.weight
        builder.blocked.append(rectangle_corners(left, y - 0.85 * m.weight, right, bottom))
        for quantity in quantities:
            color, since = quantity.color, len(builder.shapes)
            name = Point(sign_x - sign_width / 2, y)
            builder.shapes.append(Text(name, name_line(quantity.name), m.weight, color, Anchor.END))
            builder.shapes.append(Text(Point(sign_x, y), notation("="), m.weight, color, Anchor.MIDDLE))
            self.value(builder, Point(sign_x + sign_width / 2, y), quantity)
            builder.part(quantity.name, quantity.key, since)
            y += m.line

    def value(self, builder: UnitBuilder, at: Point, quantity: NamedNumber) -> None:
        """Add a value; one that is no finite number on a dark plate."""
        size = self.metrics.number
        color = quantity.color
        if not quantity.is_finite and not quantity.key:
            width = line_width(number_line(quantity.value), size)
            builder.shapes.append(Rectangle(Point(at.x - 2, at.y - size), Point(width + 4, 1.3 * size), Color.INK))
            color = Color.PAPER
        builder.shapes.append(Text(at, quantity.value_line, size, color))

    def bias(self, builder: UnitBuilder, unit: Unit, r: float) -> None:
        """Add a short arrow with the bias of a neuron."""
        bias = self.content.bias(unit)
        if bias is None:
            return
        m, since = self.metrics, len(builder.shapes)
        color, dash = sign_style(bias.number) if self.numbers else (Color.INK, Dash.SOLID)
        if self.content.is_highlighted(bias.node):
            self.mark(builder, bias.name, r)
        if self.direction == "right":
            tail, tip = Point(-0.78 * r, -r - 22.0), Point(-0.53 * r, -0.87 * r - 0.5)
            text = Point(-0.78 * r, tail.y - 5.0)
            line = name_line(bias.name)
            if self.numbers and not self.is_narrow:
                line = (*line, *notation(" = "), *with_key(number_line(bias.value), bias.value_key))
                text = Point(-8.0, text.y)
            anchor = Anchor.MIDDLE
            if self.content.settings.interactive:  # it grows to the right
                text, anchor = Point(tail.x - 9.0, text.y), Anchor.START
            size = m.weight if not self.numbers else m.weight - 0.8
            builder.text(text, (*line, *words(bias.uses)), size, color, anchor)
        else:
            length = 26.0 if self.is_narrow else 34.0
            tail, tip = Point(-r - length, 0.0), Point(-r, 0.0)
            line = (*name_line(bias.name), *words(bias.uses))
            far = max(0.65 * length, line_width(line, m.weight - 0.8) / 2 + 4.0)
            builder.text(Point(-r - far, -6.0), line, m.weight - 0.8, color)
            if self.numbers and not self.is_narrow:
                value = with_key(number_line(bias.value), bias.value_key)
                builder.text(Point(-r - 0.7 * length, 5.0 + m.number), value, m.number, color)
        builder.arrow(tail, tip, color, dash)
        if self.content.is_frozen(bias.node):
            middle = Point((tail.x + tip.x) / 2, (tail.y + tip.y) / 2)
            builder.shapes += bars(middle, Point(tip.x - tail.x, tip.y - tail.y))
        builder.part(bias.name, bias.key, since)

    def mark(self, builder: UnitBuilder, name: str, r: float) -> None:
        """Add a background behind the name of a bias."""
        size = self.metrics.weight
        width = line_width(name_line(name), size) + (1.5 * size + 44 if self.numbers else 8)
        corner = Point(-8 - width / 2, -r - 28 - 1.1 * size) if self.direction == "right" else Point(-r - 42, -22.0)
        builder.shapes.append(Rectangle(corner, Point(width, 1.55 * size), Color.UPDATE, radius=3.0))

    def leaf(self, key: str, unit: Unit) -> DrawnUnit:
        """Return a circle with the name of an input, its value below it or beside it."""
        builder, r, m = UnitBuilder(), self.metrics.input, self.metrics
        name = name_line(self.content.name(unit))
        size = min(m.name, m.name * (2 * r - 7) / max(line_width(name, m.name), 1.0))
        stroke = Color.INK if unit.output.kind == "input" else Color.RULE
        builder.shapes.append(Circle(Point(0.0, 0.0), r, Color.PAPER, stroke, 1.6))
        if size >= 9.0:
            builder.shapes.append(Text(Point(0.0, 0.3 * size), name, size, anchor=Anchor.MIDDLE))
        else:
            builder.text(Point(0.0, -r - 5.0), name, m.number)
        if self.numbers:
            text = with_key(bold(self.content.value_text(unit)), self.content.value_key(unit))
            room = self.content.room_for_given(m.number)
            if self.direction == "right":
                builder.text(Point(0.0, r + 1.3 * m.number), text, m.number + 0.5, room=room)
            else:
                builder.text(Point(r + 5.0, 0.35 * m.number), text, m.number + 0.5, anchor=Anchor.START, room=room)
        return builder.unit(key, Point(r, r), True, self.content.describe(unit))

    def box(self, key: str, unit: Unit) -> DrawnUnit:
        """Return a box with the label of an op, or a number, and what it computes below it or beside it."""
        builder, m = UnitBuilder(), self.metrics
        op = unit.output.op
        value = with_key(words(self.content.value_text(unit)), self.content.value_key(unit))
        title = words(op.label) if op else value
        classes = self.content.classes.get(unit, ())
        rows = [title, *(self.content.class_line(part) for part in classes)]
        half = Point(
            max(16.0, max(line_width(row, m.number) for row in rows) / 2 + 7),
            max(14.0, len(rows) * 0.75 * m.number + 6),
        )
        corner, extent = Point(-half.x, -half.y), Point(2 * half.x, 2 * half.y)
        builder.shapes.append(Rectangle(corner, extent, Color.PANEL, Color.INK if op else Color.RULE, 1.5, 5.0))
        for number, row in enumerate(rows):
            y = (number - (len(rows) - 1) / 2) * 1.45 * m.number + 0.35 * m.number
            size = 1.4 * m.number if len(plain_text(row)) < 3 else m.number
            builder.shapes.append(Text(Point(0.0, y), row, size, anchor=Anchor.MIDDLE))
        if op and not classes:
            self.quantities(builder, self.content.quantities(unit), half.y if self.direction == "right" else half.x)
        return builder.unit(key, half, False, self.content.describe(unit))

    def loss(self, key: str, unit: Unit, targets: Sequence[Unit]) -> DrawnUnit:
        """Return the square of a loss, and its targets in dashed circles that hang on it."""
        builder, m = UnitBuilder(), self.metrics
        half = max(0.66 * m.neuron, 14.0)
        name = name_line(self.content.name(unit))
        size = min(1.15 * m.name, (2 * half - 6) / max(line_width(name, 1.0), 0.1))
        square = Point(2 * half, 2 * half)
        builder.shapes.append(Rectangle(Point(-half, -half), square, Color.PANEL, Color.INK, 1.7, 3.0))
        builder.shapes.append(Text(Point(0.0, 0.33 * size), name, size, anchor=Anchor.MIDDLE))
        if self.numbers:
            at, anchor = Point(0.0, -half - 8.0), Anchor.MIDDLE
            if self.direction == "down":
                at, anchor = Point(-half - 6.0, 0.35 * m.number), Anchor.END
            elif not self.hangs_below(unit, targets):
                at, anchor = Point(-0.6 * half, at.y), Anchor.START
            value = with_key(bold(self.content.value_text(unit)), self.content.value_key(unit))
            builder.text(at, value, m.number + 0.5, anchor=anchor, room=self.content.room(m.number))
        self.targets(builder, unit, targets, half)
        return builder.unit(key, Point(half, half), False, self.content.describe(unit))

    def hangs_below(self, loss: Unit, targets: Sequence[Unit]) -> bool:
        """Return whether targets hang below a loss: few of them, and those of a loss that others read."""
        return self.direction == "right" and (len(targets) <= MOST_BELOW or self.content.is_read(loss.output))

    def targets(self, builder: UnitBuilder, loss: Unit, targets: Sequence[Unit], half: float) -> None:
        """Add the targets of a loss, in a row below it or a column beside it, the middle ones of many left out."""
        m, r = self.metrics, 0.75 * self.metrics.input
        items = [*targets] if len(targets) <= MOST_TARGETS else [targets[0], None, targets[-1]]
        texts = [bold(self.content.value_text(target)) for target in items if target and self.numbers]
        rooms = [max(self.content.room(m.number), line_width(text, m.number + 0.5)) + 6.0 for text in texts]
        pitch = max([2 * r + 10.0, *rooms])
        is_below = self.hangs_below(loss, targets)
        for number, target in enumerate(items):
            step = number - (len(items) - 1) / 2
            if is_below:
                center = Point(step * pitch, half + 3.1 * r)
                text_at, anchor = Point(center.x, center.y + r + 1.3 * m.number), Anchor.MIDDLE
            else:  # beside it: side by side with it, and then downwards, where no edge comes from
                row = number if self.direction == "right" else step
                center = Point(half + (2.4 if self.is_narrow else 3.1) * r, row * (2 * r + 8.0))
                text_at, anchor = Point(center.x + r + 4.0, center.y + 0.35 * m.number), Anchor.START
            if target is None:
                for part in (-7.0, 0.0, 7.0):
                    at = Point(center.x + part, center.y) if is_below else Point(center.x, center.y + part)
                    builder.shapes.append(Circle(at, 1.6, Color.MUTED, None, 0.0))
                continue
            since = len(builder.shapes)
            name = name_line(self.content.name(target))
            size = min(0.95 * m.name, (2 * r - 5) / max(line_width(name, 1.0), 0.1))
            if self.content.is_highlighted(target.output):
                builder.shapes.append(Circle(center, r + 5.0, Color.UPDATE, None))
            builder.shapes.append(Circle(center, r, Color.PAPER, Color.INK, 1.4, Dash.TARGET))
            builder.shapes.append(Text(Point(center.x, center.y + 0.3 * size), name, size, anchor=Anchor.MIDDLE))
            builder.blocked.append(circle_polygon(center, r))
            reach = hypot(center.x, center.y)
            start = Point(center.x * (1 - r / reach), center.y * (1 - r / reach))
            before_arrow = len(builder.shapes)
            builder.arrow(start, square_border(half + 1.0, center))
            edge_key = self.content.edge_key(Element(target.output, target.position), loss)
            builder.part(self.content.name(target), edge_key, before_arrow)
            if self.numbers:
                value = with_key(bold(self.content.value_text(target)), self.content.value_key(target))
                builder.text(text_at, value, m.number + 0.5, anchor=anchor)
            builder.part(self.content.name(target), self.content.unit_key(target), since)
        if targets and not self.numbers and is_below:
            text = self.content.settings.say("target" if len(targets) == 1 else "targets")
            builder.text(Point(0.0, half + 4.1 * r + 1.4 * m.number), words(text), m.number, Color.MUTED)
