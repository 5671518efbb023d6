"""The boxes of a network as shapes: a name, fields of numbers, the level of an output; equal whatever the digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Point, Role
from minigrad.drawing.figure import Anchor, Color, Part, Rectangle, Shape, Stroke, Text
from minigrad.drawing.marks import hatching, highlight_behind, level_fill, nonfinite_plate
from minigrad.drawing.numbers import is_not_finite
from minigrad.drawing.style import BOX_STYLES, BoxStyle
from minigrad.drawing.text_layout import Line, bold, label, line_width, with_key, words

NAME_ROW, FIELD_ROW, PAD = 16.0, 14.0, 5.5
"""Heights of the line of a name and of a field, and the space around the text of a box, in pixels."""
LEVEL_WIDTH = 8.0
"""Width of the bar that shows the level of an output."""
ARROW = " → "
"""What stands between a number before and after a step."""
NUMBER_STARTS = frozenset("−0123456789⟨—∞N")


class TextSizes(NamedTuple):
    """Font sizes of names, of the numbers in boxes and of those on edges."""

    name: float
    field: float
    label: float


WIDE, NARROW = TextSizes(12.0, 10.5, 9.2), TextSizes(11.0, 9.5, 9.0)
"""The font sizes on a page of full width, and on one for a telephone."""


class BoxMarks(NamedTuple):
    """What a box shows besides its text: the level of an output, and whether it is highlighted, or hangs on a loss."""

    has_level: bool = False
    level: float | None = None
    highlighted: bool = False
    attached: bool = False
    level_key: str = ""
    """The key of the level in an interactive figure."""


class LabelText(NamedTuple):
    """One line of the label of an edge: a number, with what stands before and behind it."""

    before: str = ""
    number: str = ""
    after: str = ""
    key: str = ""
    """The key of the number in an interactive figure."""


class BoxSizer(NamedTuple):
    """The sizes of boxes and numbers on a page: as wide as the widest number of so many digits."""

    sizes: TextSizes
    digits: int
    two_rows: bool = False
    """Whether numbers are shown before and after a step, one above the other."""

    def number_width(self, size: float) -> float:
        """Return the width of the widest number that may be printed."""
        mantissa = "8" * self.digits
        return max(line_width(label(text), size) for text in (f"−0.000{mantissa}", f"−8.{mantissa[1:]}×10⁻⁸⁸"))

    def text_width(self, text: str, size: float) -> float:
        """Return the width of a text, or that of the widest number in its place."""
        own = line_width(label(text), size)
        if text[:1] not in NUMBER_STARTS:
            return own
        marks = line_width(label("⟨⟩"), size) if text[0] == "⟨" else 0.0
        return max(own, self.number_width(size) + marks)

    def value_width(self, text: str) -> float:
        """Return the space for a value in a field."""
        arrow = line_width(words("→ "), self.sizes.field) if self.two_rows else 0.0
        return self.text_width(text, self.sizes.field) + arrow

    def label_width(self, texts: Iterable[LabelText]) -> float:
        """Return the width of the label of an edge, without the space around it."""
        size = self.sizes.label
        return max(
            line_width(label(text.before), size)
            + self.text_width(text.number, size)
            + line_width(words(text.after), size)
            for text in texts
        )

    def rows(self, name: str) -> int:
        """Return how many rows a field takes: two where it shows a number before and after a step."""
        return 2 if self.two_rows and not name.startswith(("δ", "⟨δ", "∂", "⟨∂")) else 1

    def size(self, box: Box, marks: BoxMarks) -> Point:
        """Return the size of a box."""
        lines = [self.text_width(text, self.sizes.field) for text in box.lines[1:]]
        lines += [
            max(self.text_width(text, self.sizes.name), line_width(box_title_line(text), self.sizes.name))
            for text in box.lines[:1]
        ]
        width = max(lines, default=0.0)
        if box.fields:
            names = max(line_width(label(name), self.sizes.field) for name, _ in box.fields)
            width = max(width, names + 6.0 + max(self.value_width(value) for _, value in box.fields))
        rows = sum(self.rows(name) for name, _ in box.fields)
        height = NAME_ROW + FIELD_ROW * (len(box.lines) - 1 + rows) + PAD
        bar = LEVEL_WIDTH + 3.0 if marks.has_level else 0.0
        return Point(width + 2 * PAD + bar + hatched_width(box), height)


def hatched_width(box: Box) -> float:
    """Return the width of the hatched side of an ill neuron."""
    return 6.0 if box.role is Role.WARNING else 0.0


def network_box(box: Box, marks: BoxMarks, sizer: BoxSizer) -> Part:
    """Return a box with its text, and the label that screen readers tell."""
    style = BOX_STYLES[box.role]
    description = "  ".join((*box.lines, *(" ".join(pair) for pair in box.fields)))
    if box.part_key:
        description = box.lines[0]
    shapes = (*network_box_outline(box, style, marks), *network_box_texts(box, style, marks, sizer))
    return Part(description, shapes, box.part_key)


def network_box_outline(box: Box, style: BoxStyle, marks: BoxMarks) -> Iterator[Shape]:
    """Yield the ground and the frame of a box; that of an ill neuron is thick, with a hatched side."""
    corner = Point(box.at.x - box.size.x / 2, box.at.y - box.size.y / 2)
    if marks.highlighted:
        yield highlight_behind(corner, box.size)
    fill = Color.PAPER if box.role is Role.WARNING else style.fill
    yield Rectangle(corner, box.size, fill, None, radius=5.0)
    if marks.has_level:
        bar = Point(corner.x + box.size.x - LEVEL_WIDTH - 2.0, corner.y + 2.0)
        level = tuple(level_fill(bar, Point(LEVEL_WIDTH, box.size.y - 4.0), 1.0 if marks.level_key else marks.level))
        yield from (Part("", level, marks.level_key),) if marks.level_key else level
        side = (Point(bar.x - 1.0, corner.y), Point(bar.x - 1.0, corner.y + box.size.y))
        yield Stroke(side, Color.RULE, 0.8)
    if box.role is Role.WARNING:
        yield hatching(Point(corner.x + 1.0, corner.y + 1.0), Point(hatched_width(box), box.size.y - 2.0))
    yield Rectangle(corner, box.size, None, style.stroke, style.width, 5.0, style.dash)


def network_box_texts(box: Box, style: BoxStyle, marks: BoxMarks, sizer: BoxSizer) -> Iterator[Shape]:
    """Yield the lines of a box, then its fields: names at the left, numbers at the right."""
    bar = LEVEL_WIDTH + 3.0 if marks.has_level else 0.0
    left, right = box.at.x - box.size.x / 2 + PAD + hatched_width(box), box.at.x + box.size.x / 2 - PAD - bar
    size = sizer.sizes
    rows = sum(sizer.rows(name) for name, _ in box.fields)
    height = NAME_ROW + FIELD_ROW * (len(box.lines) - 1 + rows)
    y = box.at.y - height / 2 + NAME_ROW - 5.0
    keys = iter(box.number_keys if box.fields else ("",) * (len(box.lines) - 1) + box.number_keys)
    for row, text in enumerate(box.lines):
        key = next(keys, "") if not box.fields else ""
        line = box_title_line(text) if row == 0 else label(text)
        font = size.name if row == 0 else size.field
        at = Point((left + right) / 2, y + row * FIELD_ROW)
        yield from value_shapes(at, text, line, font, style.text, Anchor.MIDDLE, key)
    y += (len(box.lines) - 1) * FIELD_ROW
    for name, value in box.fields:
        color = Color.BACKWARD if name.startswith(("δ", "⟨δ", "∂", "⟨∂")) else style.text
        y += FIELD_ROW
        before, _, after = value.partition(ARROW)
        key = next(keys, "")
        shapes = (
            Text(Point(left, y), label(name), size.field, color),
            *value_shapes(Point(right, y), before, label(before), size.field, color, Anchor.END, key),
        )
        yield from (Part(name, shapes, key),) if key else shapes
        if sizer.rows(name) == 2:
            y += FIELD_ROW
        if after:
            line = bold(f"→ {after}")
            yield changed_ground(Point(right, y), line, size.field)
            yield Text(Point(right, y), line, size.field, Color.INK, Anchor.END)


def box_title_line(text: str) -> Line:
    """Return the first line of a box: a name in bold, notation as it is."""
    return bold(text) if label(text) == words(text) else label(text)


def changed_ground(end: Point, line: Line, size: float) -> Rectangle:
    """Return the amber ground of a number that changes; `end` is where it ends on its baseline."""
    width = line_width(line, size)
    return highlight_behind(Point(end.x - width, end.y - 0.78 * size), Point(width, size), 2.0)


def value_shapes(
    at: Point, text: str, line: Line, size: float, color: Color, anchor: Anchor, key: str = ""
) -> tuple[Shape, ...]:
    """Return the shapes of a value: NaN and infinity on a plate, what is not known in gray."""
    if key:
        return (Text(at, with_key(line, key), size, color, anchor),)
    if is_not_finite(text):
        width = line_width(line, size) + 12.0
        return nonfinite_plate(
            Point(at.x - width * (0.5 if anchor is Anchor.MIDDLE else 1.0), at.y - 0.9 * size), width, line, size
        )
    return (Text(at, line, size, Color.ZERO if text == "—" else color, anchor),)
