"""What the textbook figure says of each unit and of each edge: names of the textbook, numbers of the pass, marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.figure import Color
from minigrad.drawing.numbers import format_computed, format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import is_frozen
from minigrad.drawing.text_layout import Line, label, line_width, notation, number_line, with_key, words
from minigrad.structure import Connection, Element, NetworkStructure, Unit
from minigrad.textbook_names import TextbookNames

NARROW = 560.0
"""Width of a page below which circles and letters are smaller and closer."""


class NamedNumber(NamedTuple):
    """A name and its number as text, and the number itself."""

    name: str
    value: str
    number: float | None
    color: Color = Color.INK
    key: str = ""
    """The key of the quantity in an interactive figure."""

    @property
    def is_finite(self) -> bool:
        """Return whether the number is finite; an unknown one counts as such."""
        return self.number is None or isfinite(self.number)

    @property
    def text(self) -> str:
        """Return the equation."""
        return f"{self.name} = {self.value}"

    @property
    def value_line(self) -> Line:
        """Return the number as a line."""
        return with_key(number_line(self.value), self.key)


class Bias(NamedTuple):
    """The bias of a neuron: what it is called, its value, and the mark of sharing."""

    name: str
    value: str
    number: float | None
    node: Node
    uses: str = ""
    key: str = ""
    """The key of its edge in an interactive figure."""
    value_key: str = ""


class EdgeKeys(NamedTuple):
    """Keys of an edge and of its two numbers in an interactive figure."""

    edge: str = ""
    value: str = ""
    derivative: str = ""


class EdgeContent(NamedTuple):
    """What is said of one edge: above its line the weight or what flows, below it a derivative; or nothing."""

    name: str = ""
    value: str = ""
    number: float | None = None
    """The weight; None of an edge without one."""
    derivative_name: str = ""
    derivative: str = ""
    uses: int = 1
    node: Node | None = None
    keys: EdgeKeys = EdgeKeys()

    @property
    def is_flow(self) -> bool:
        """Return whether an output flows along the edge to a loss."""
        return self.number is None and bool(self.derivative)

    @property
    def is_finite(self) -> bool:
        """Return whether the weight is finite; an unknown one counts as such."""
        return self.number is None or isfinite(self.number)


@dataclass(frozen=True)
class TextbookContent:
    """The texts of a network, with numbers or without."""

    structure: NetworkStructure
    settings: DrawSettings
    numbers: bool
    biases: bool
    classes: dict[Unit, tuple[Unit, ...]] = field(default_factory=dict)
    """The units that are lines of the box of another one."""

    @property
    def names(self) -> TextbookNames:
        """The names of the nodes, which do not depend on where they are drawn."""
        return self.structure.graph.textbook_names

    def name(self, unit: Unit) -> str:
        """Return the name of what a unit puts out."""
        return self.names.name(unit.output, unit.position)

    def sum_name(self, unit: Unit) -> str:
        """Return the name of the weighted sum of a neuron."""
        assert unit.weighted_sum is not None
        return self.names.name(unit.weighted_sum, unit.position)

    def delta_name(self, unit: Unit) -> str:
        """Return the name of δ of a neuron."""
        assert unit.weighted_sum is not None
        return self.names.delta(unit.weighted_sum, unit.position)

    def number_text(self, unit: Unit) -> str:
        """Return the value of what a unit puts out."""
        return self.settings.snapshot.text(unit.output, unit.position, self.settings.digits)

    def value_text(self, unit: Unit) -> str:
        """Return the value of what a unit puts out; ⟨value⟩ where it is a mean, for it stands without a name."""
        return self.settings.snapshot.mark(self.number_text(unit), unit.output)

    def value_key(self, unit: Unit) -> str:
        """Return the key of what a unit puts out."""
        return self.settings.key("value", Element(unit.output, unit.position))

    def unit_key(self, unit: Unit) -> str:
        """Return the key of a unit: that of the weighted sum of a neuron, else of its node."""
        return self.settings.key("node", summed(unit))

    def edge_key(self, tail: Element, reader: Unit) -> str:
        """Return the key of the edge of a weight, or from a node without one, to the unit that reads it."""
        return self.settings.key("edge", tail, summed(reader))

    def room(self, size: float) -> float:
        """Return the width of the longest number of so many digits that needs no power of ten."""
        return line_width(words(f"−0.00{'0' * self.settings.digits}"), size)

    def room_for_given(self, size: float) -> float:
        """Return the width of the longest number of so many digits that is given, such as a weight."""
        return line_width(words(f"−0.{'0' * self.settings.digits}"), size)

    def value_name(self, unit: Unit) -> str:
        """Return the name of what a unit puts out; ⟨name⟩ where it is a mean."""
        return self.settings.snapshot.mark(self.name(unit), unit.output)

    def value_quantity(self, node: Node, unit: Unit, name: str) -> NamedNumber:
        """Return a name and a value; ⟨name⟩ where it is a mean."""
        snapshot = self.settings.snapshot
        text = snapshot.text(node, unit.position, self.settings.digits)
        marked = snapshot.mark(name, node) if self.numbers else name
        key = self.settings.key("value", Element(node, unit.position))
        return NamedNumber(marked, text, snapshot.value(node, unit.position), key=key)

    def quantities(self, unit: Unit) -> list[NamedNumber]:
        """Return what a unit computes: s, its output and δ of a neuron; value and derivative of another one."""
        snapshot, settings = self.settings.snapshot, self.settings
        rows: list[NamedNumber] = []
        if unit.weighted_sum is not None and unit.weighted_sum is not unit.output:
            rows.append(self.value_quantity(unit.weighted_sum, unit, self.sum_name(unit)))
        if self.numbers or not self.feeds_loss(unit):
            rows.append(self.value_quantity(unit.output, unit, self.name(unit)))
        if self.numbers:
            node = unit.output if unit.weighted_sum is None else unit.weighted_sum
            name = f"∂L/∂{self.name(unit)}" if unit.weighted_sum is None else self.delta_name(unit)
            text = snapshot.delta_text(node, unit.position, settings.digits)
            if name != "∂L/∂L":
                number, key = snapshot.delta(node, unit.position), settings.key("delta", Element(node, unit.position))
                rows.append(NamedNumber(snapshot.mark(name), text, number, Color.BACKWARD, key))
        return rows

    def class_line(self, unit: Unit) -> Line:
        """Return the line of a unit within the box of another one."""
        name = label(self.name(unit))
        if not self.numbers:
            return name
        number = with_key(number_line(self.number_text(unit)), self.value_key(unit))
        return (*label(self.value_name(unit)), *notation(" = "), *number)

    @cached_property
    def compared(self) -> set[Node]:
        """Return the nodes that losses read."""
        return {parent for node in self.structure.graph.nodes if node.kind == "loss" for parent in node.parents}

    def feeds_loss(self, unit: Unit) -> bool:
        """Return whether a loss reads a unit, so that its name stands on the edge to it."""
        return unit.output in self.compared

    @cached_property
    def all_operands(self) -> set[Node]:
        """Return the nodes that others read."""
        return {parent for node in self.structure.graph.nodes for parent in node.parents}

    def is_read(self, node: Node) -> bool:
        """Return whether another node reads a node."""
        return node in self.all_operands

    def bias(self, unit: Unit) -> Bias | None:
        """Return the bias of a neuron, if it is to be shown."""
        element = self.structure.bias(unit) if self.biases else None
        if element is None:
            return None
        uses = self.settings.snapshot.uses(element)
        number = self.settings.snapshot.value(*element)
        mark = f"  ×{uses}" if uses > 1 else ""
        keys = self.edge_key(element, unit), self.settings.key("value", element)
        text = format_given(number, self.settings.digits)
        return Bias(self.names.name(*element), text, number, element.node, mark, *keys)

    def edge(self, connection: Connection, reader: Unit) -> EdgeContent:
        """Return what is said of a connection."""
        snapshot, digits = self.settings.snapshot, self.settings.digits
        source, weight, settings = connection.source, connection.weight, self.settings
        output = Element(source.output, source.position)
        if weight is None:
            keys = EdgeKeys(self.edge_key(output, reader), derivative=settings.key("delta", output))
            if reader.output.kind != "loss" or not source.output.parents:
                return EdgeContent(keys=keys)
            name, derivative = self.name(source), snapshot.delta_text(source.output, source.position, digits)
            derivative_name = snapshot.mark(f"∂L/∂{name}")
            return EdgeContent(name, derivative_name=derivative_name, derivative=derivative, keys=keys)
        number, name = snapshot.value(*weight), self.names.name(*weight)
        keys = EdgeKeys(self.edge_key(weight, reader), settings.key("value", weight), settings.key("delta", weight))
        value = format_given(number, digits)
        if weight.node.kind == "constant":
            return EdgeContent(name if weight.node.name else "", value, number, node=weight.node, keys=keys)
        uses = snapshot.uses(weight)
        if uses == 1 or reader.weighted_sum is None:
            derivative = snapshot.delta_text(*weight, digits)
            return EdgeContent(name, value, number, snapshot.mark(f"∂L/∂{name}"), derivative, uses, weight.node, keys)
        neuron = Element(reader.weighted_sum, reader.position)
        product = snapshot.product_with_delta(output, neuron)
        derivative = format_computed(product, digits)
        keys = keys._replace(derivative=settings.key("share", output, neuron))
        return EdgeContent(name, value, number, snapshot.mark("x·δ"), derivative, uses, weight.node, keys)

    def is_highlighted(self, node: Node | None) -> bool:
        """Return whether a node is to be marked."""
        return node is not None and node in self.settings.highlight

    def is_unit_highlighted(self, unit: Unit) -> bool:
        """Return whether a unit, or a class of it, is to be marked."""
        units = (unit, *self.classes.get(unit, ()))
        return any(node in self.settings.highlight for unit in units for node in unit[:2])

    def is_frozen(self, node: Node | None) -> bool:
        """Return whether a node is a parameter that training leaves as it is."""
        return node is not None and is_frozen(node)

    def describe(self, unit: Unit) -> str:
        """Return what screen readers tell of a unit; only its name where its numbers change."""
        if self.settings.interactive or (unit.weighted_sum is None and not self.numbers):
            return self.name(unit)
        if unit.weighted_sum is None:
            return f"{self.value_name(unit)} = {self.number_text(unit)}"
        rows = self.quantities(unit)
        return ", ".join(row.text if self.numbers else row.name for row in rows)

    @cached_property
    def scales(self) -> dict[Node, tuple[float, float] | None]:
        """Return the range that each activation fills its half from and to; None where it has none.

        It is that of the op; where the op has no bounds, it reaches to the largest output of the layer.
        """
        scales: dict[Node, tuple[float, float] | None] = {}
        for layer in self.structure.layers:
            numbers = [self.settings.snapshot.value(unit.output, unit.position) for unit in layer]
            finite = [number for number in numbers if number is not None and isfinite(number)]
            largest = max(map(abs, finite), default=0.0)
            lowest = -largest if any(number < 0 for number in finite) else 0.0
            for unit in layer:
                bounds = unit.output.op.output_range if unit.output.op else None
                scales[unit.output] = bounds or ((lowest, largest) if largest else None)
        return scales

    def level(self, unit: Unit) -> float | None:
        """Return the output of a neuron as a level from 0 to 1; None where it is not known."""
        number, scale = self.settings.snapshot.value(unit.output, unit.position), self.scales.get(unit.output)
        if number is None or scale is None or not isfinite(number):
            return None
        return min(max((number - scale[0]) / (scale[1] - scale[0]), 0.0), 1.0)


def summed(unit: Unit) -> Element:
    """Return the weighted sum of a neuron, or what another unit puts out."""
    return Element(unit.output if unit.weighted_sum is None else unit.weighted_sum, unit.position)


def weight_line(content: EdgeContent, numbers: bool) -> Line:
    """Return the text above an edge: the name, with numbers also the value, and the mark of sharing."""
    if content.is_flow:
        return label(content.name)
    name = notation(content.name) if content.name else ()
    uses = words(f"  ×{content.uses}") if content.uses > 1 else ()
    if not numbers or not content.value:
        return (*name, *uses)
    value = with_key(number_line(content.value), content.keys.value)
    return (*name, *(notation(" = ") if name else ()), *value, *uses)


def lines_below(content: EdgeContent) -> Sequence[Line]:
    """Return the lines below an edge: ∂L/∂w as a number alone, any other with its name."""
    if not content.derivative:
        return ()
    number = with_key(number_line(content.derivative), content.keys.derivative)
    if content.is_flow:
        return label(content.derivative_name), number
    if content.uses > 1:
        return ((*notation(f"{content.derivative_name} = "), *number),)
    return (number,)


def name_line(name: str) -> Line:
    """Return a name as notation where it is one of a textbook, such as x₁ or L; else as it was typed."""
    return notation(name) if len(name) == 1 else label(name)
