"""Reads the numbers of one neuron from the pass that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from minigrad._format import elide, lowered, shorten
from minigrad.core.node import Node
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.single_neuron.neuron_numbers import (
    MOST_WRITTEN,
    LeftOut,
    NeuronNumbers,
    Product,
    Quantity,
    Readers,
    Share,
)
from minigrad.drawing.snapshot import loss_names
from minigrad.structure import Element, Index, NetworkStructure, Unit, multiplied_elements, weighted_sum_operands

Names = Literal["local", "textbook", "own"]
LONGEST_OWN = 14
"""Characters of a name of a node."""


def read_neuron(
    structure: NetworkStructure, unit: Unit, settings: DrawSettings, most: int, names: Names
) -> NeuronNumbers:
    """Return the numbers of a neuron, its first and last inputs one by one, at most so many."""
    assert unit.weighted_sum is not None
    return NeuronReader(structure, unit, unit.weighted_sum, settings, names).read(most)


@dataclass(frozen=True)
class NeuronReader:
    """Reads the numbers of a neuron from the pass that is shown, and names them."""

    structure: NetworkStructure
    unit: Unit
    weighted_sum: Node
    settings: DrawSettings
    names: Names

    def read(self, most: int) -> NeuronNumbers:
        """Return the numbers of the neuron."""
        snapshot, unit, position = self.settings.snapshot, self.unit, self.unit.position
        sum_element, output_element = Element(self.weighted_sum, position), Element(unit.output, position)
        readers = self.readers()
        output_name = "s" if unit.output is self.weighted_sum else "ŷ" if readers.losses else "h"
        output_name = self.name(output_name, output_element)
        s_name = output_name if unit.output is self.weighted_sum else self.name("s", sum_element)
        delta = snapshot.delta(*sum_element)
        gradient = snapshot.delta(*output_element)
        slope = snapshot.slope(unit.output, self.weighted_sum, position)
        is_sum = unit.output is self.weighted_sum
        delta_name = self.delta_name("δ", *sum_element)
        return NeuronNumbers(
            unit,
            tuple(self.terms(delta_name, most)),
            len(multiplied_elements(self.weighted_sum, position)),
            self.value(s_name, sum_element),
            self.value(output_name, output_element),
            self.derivative(delta_name, delta),
            self.derivative(delta_name if is_sum else f"∂L/∂{output_name}", gradient),
            Quantity(snapshot.mark("θ′"), slope, format_computed(slope, self.settings.digits)),
            readers,
            snapshot.is_mean,
        )

    def name(self, local: str, element: Element) -> str:
        """Return the name of a node or an element: the local one, that of textbooks, or its own."""
        if self.names == "textbook":
            return self.structure.textbook_name(*element)
        return local if self.names == "local" or not element.node.name else self.own_name(*element)

    def own_name(self, node: Node, position: Index = None) -> str:
        """Return the name that a node was given, or its number, shortened to the room that products have."""
        name = shorten(self.structure.graph.unique_name(node), LONGEST_OWN)
        if position is None:
            return name
        return f"{name}[{','.join(map(str, position)) if isinstance(position, tuple) else position}]"

    def delta_name(self, local: str, weighted_sum: Node, position: Index) -> str:
        """Return the name of δ of a neuron."""
        if self.names == "textbook" and not isinstance(position, tuple):
            return self.structure.textbook_names.delta(weighted_sum, position)
        return local

    def value(self, name: str, element: Element) -> Quantity:
        """Return the value of an element."""
        snapshot, digits = self.settings.snapshot, self.settings.digits
        text = snapshot.text(*element, digits=digits)
        return Quantity(snapshot.mark(name, element.node), snapshot.value(*element), text)

    def derivative(self, name: str, number: float | None) -> Quantity:
        """Return a derivative; over a batch they are means."""
        return Quantity(self.settings.snapshot.mark(name), number, format_computed(number, self.settings.digits))

    def terms(self, delta_name: str, most: int) -> Iterator[Product | LeftOut]:
        """Yield the products that the neuron adds up, those in the middle as one if there are many; then the bias."""
        snapshot = self.settings.snapshot
        pairs = multiplied_elements(self.weighted_sum, self.unit.position)
        order = elide(range(len(pairs)), most) if most > 1 else [0, None] if len(pairs) > 1 else [0]
        for index, number in enumerate(order):
            if number is not None:
                yield self.product(number, *pairs[number], delta_name)
                continue
            left_out = pairs[index : len(pairs) - (len(order) - index - 1)]
            products = [snapshot.product(*pair) for pair in left_out]
            known = [product for product in products if product is not None]
            total = sum(known) if len(known) == len(products) else None
            first = f"x{lowered(index + 1)}w{lowered(index + 1)}"
            name = f"{snapshot.mark(first, *(element.node for pair in left_out for element in pair))} + …"
            yield LeftOut(len(left_out), Quantity(name, total, format_computed(total, self.settings.digits)))
        b = weighted_sum_operands(self.weighted_sum).b
        if b.kind != "constant" or b.name or snapshot.value(b):
            yield self.bias(Element(b, self.unit.position if b.shape else None), delta_name)

    def product(self, number: int, x: Element, w: Element, delta_name: str) -> Product:
        """Return an input times its weight."""
        snapshot, digits = self.settings.snapshot, self.settings.digits
        x_name = self.name(f"x{lowered(number + 1)}", x)
        w_name = self.name(f"w{lowered(number + 1)}", w)
        between = "·" if self.names == "own" else ""
        product = snapshot.product(x, w)
        use = snapshot.product_with_delta(x, Element(self.weighted_sum, self.unit.position))
        own_name = self.own_name(*x)
        product_name = snapshot.mark(f"{x_name}{between}{w_name}", x.node, w.node)
        return Product(
            self.value(x_name, x),
            self.value(w_name, w),
            Quantity(product_name, product, format_computed(product, digits)),
            self.derivative(f"∂L/∂{w_name}", snapshot.delta(*w)),
            self.derivative(f"{x_name}·{delta_name}", use),
            snapshot.uses(w),
            x.node,
            w.node,
            "" if own_name in {x_name, f"x{number + 1}"} else own_name,
        )

    def bias(self, b: Element, delta_name: str) -> Product:
        """Return the bias, a weight whose input is always 1."""
        snapshot = self.settings.snapshot
        name = self.name("b", b)
        value = self.value(name, b)
        delta = snapshot.delta(self.weighted_sum, self.unit.position)
        gradient = self.derivative(f"∂L/∂{name}", snapshot.delta(*b))
        return Product(None, value, value, gradient, self.derivative(delta_name, delta), snapshot.uses(b), None, b.node)

    def readers(self) -> Readers:
        """Return what reads the output of the neuron."""
        graph, output = self.structure.graph, self.unit.output
        names = loss_names(graph)
        pairs: list[tuple[Element, Element]] = []
        losses, others = [], []
        for node in graph.table.computed:
            if output not in node.parents:
                continue
            if node.kind == "loss":
                losses.append(self.value(names.get(node, graph.short_name(node)), Element(node)))
                continue
            read = list(self.weights_of_reader(node)) if node.kind == "weighted sum" else []
            pairs += read
            if not read or len(read) < self.times_read(node):
                others.append(graph.short_name(node) if node.name else node.label)
        if output in graph.outputs:
            others.append("")
        neurons = len(pairs)
        written = pairs if neurons <= MOST_WRITTEN else []
        shares = tuple(self.share(number, neurons, *pair) for number, pair in enumerate(written, start=1))
        return Readers(shares, neurons, tuple(losses), tuple(others))

    @cached_property
    def units(self) -> dict[Element, Unit]:
        """Return the neuron of every weighted sum, or of every element of one."""
        neurons = [unit for layer in self.structure.layers for unit in layer]
        return {Element(unit.weighted_sum, unit.position): unit for unit in neurons if unit.weighted_sum is not None}

    def weights_of_reader(self, reader: Node) -> Iterator[tuple[Element, Element]]:
        """Yield the weights by which the neurons of a weighted sum read the output, each with the sum of its neuron."""
        output = Element(self.unit.output, self.unit.position)
        for position in range(reader.shape[-1]) if reader.shape else (None,):
            for x, w in multiplied_elements(reader, position):
                if x == output:
                    yield w, Element(reader, position)

    def times_read(self, reader: Node) -> int:
        """Return how often a weighted sum reads the output, or an array that it is an element of."""
        count = sum(parent is self.unit.output for parent in reader.parents)
        return count * (reader.shape[-1] if reader.shape else 1)

    def share(self, number: int, count: int, w: Element, weighted_sum: Element) -> Share:
        """Return what one reader adds to ∂L/∂output."""
        snapshot = self.settings.snapshot
        index = lowered(number) if count > 1 else ""
        w_name = self.name(f"w′{index}", w)
        delta_name = self.delta_name(f"δ′{index}", *weighted_sum)
        product = snapshot.product_with_delta(w, weighted_sum)
        between = "·" if self.names == "own" else ""
        return Share(
            self.structure.name(self.units[weighted_sum]),
            self.value(w_name, w),
            self.derivative(delta_name, snapshot.delta(*weighted_sum)),
            self.derivative(f"{w_name}{between}{delta_name}", product),
        )
