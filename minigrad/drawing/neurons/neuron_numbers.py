"""What one neuron computes and gets back, as names and printed numbers; its figure, DOT and text show the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from minigrad._format import elide, lowered
from minigrad.core.node import Node
from minigrad.drawing.numbers import UNKNOWN, format_computed, format_product, format_sum
from minigrad.drawing.page import Page
from minigrad.drawing.snapshot import is_frozen, loss_names
from minigrad.structure import (
    Element,
    Index,
    NetworkStructure,
    Unit,
    multiplied_elements,
    weighted_sum_operands,
)

Names = Literal["local", "textbook", "own"]
MOST_WRITTEN = 3
"""Terms of a sum that are written out in symbols; a longer sum is written Σ."""


class Quantity(NamedTuple):
    """A number, what it is called, and how it is printed."""

    name: str
    number: float | None
    text: str

    @property
    def equation(self) -> str:
        """Return the equation of the name and the number."""
        return f"{self.name} = {self.text}"


class Product(NamedTuple):
    """One term of a weighted sum: an input times its weight, or the bias, whose `x` is None; and its gradient.

    `use` is x·δ, what this use adds to the gradient of the weight, which may have several `uses`.
    """

    x: Quantity | None
    w: Quantity
    product: Quantity
    gradient: Quantity
    use: Quantity
    uses: int
    x_node: Node | None
    w_node: Node
    own_name: str = ""

    @property
    def is_frozen(self) -> bool:
        """Return whether the weight is a parameter that training leaves as it is."""
        return is_frozen(self.w_node)

    @property
    def is_constant(self) -> bool:
        """Return whether the weight is a number that never changes."""
        return self.w_node.kind == "constant"


class LeftOut(NamedTuple):
    """The terms of a weighted sum that are not shown one by one, and the sum of their products."""

    count: int
    product: Quantity


class Share(NamedTuple):
    """What one reader of the neuron adds to ∂L/∂h: its weight w′, its δ′ and their product."""

    w: Quantity
    delta: Quantity
    product: Quantity


class Readers(NamedTuple):
    """What reads the output of a neuron: neurons through their weights, losses, and other nodes by their labels."""

    shares: tuple[Share, ...]
    neurons: int
    losses: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def are_neurons(self) -> bool:
        """Return whether neurons alone read the output, so that ∂L/∂h is the sum of their shares."""
        return bool(self.neurons) and not self.losses and not self.others


@dataclass(frozen=True)
class NeuronNumbers:
    """The numbers of one neuron: the products that its sum adds up, the sum, its output, and their derivatives.

    Args:
        unit: The neuron.
        terms: Its products in order, the bias last; one entry for all that are left out.
        count: How many inputs it has.
        s: The weighted sum.
        output: The output θ(s); the sum itself where there is no activation.
        delta: δ = ∂L/∂s.
        gradient: ∂L/∂output.
        slope: θ′(s).
        readers: What reads the output.
        is_mean: Whether the numbers are means over a batch.
    """

    unit: Unit
    terms: tuple[Product | LeftOut, ...]
    count: int
    s: Quantity
    output: Quantity
    delta: Quantity
    gradient: Quantity
    slope: Quantity
    readers: Readers
    is_mean: bool

    @property
    def has_activation(self) -> bool:
        """Return whether the output is not the weighted sum itself."""
        return self.unit.output is not self.unit.weighted_sum

    @property
    def products(self) -> list[Product]:
        """Return the terms that are shown one by one."""
        return [term for term in self.terms if isinstance(term, Product)]

    def forward_equations(self) -> list[str]:
        """Return s and the output in symbols and in numbers."""
        parts = [self.s.name, self.sum_in_symbols()]
        texts = [term.product.text for term in self.terms]
        if len(texts) > 1 and UNKNOWN not in texts:
            parts.append(format_sum(texts))
        equations = [" = ".join([*parts, self.s.text])]
        if self.has_activation:
            equations.append(f"{self.output.name} = {marked('θ(s)', self.output)} = {self.output.text}")
        return equations

    def sum_in_symbols(self) -> str:
        """Return the products in symbols, Σ for many."""
        if len(self.products) == len(self.terms) <= MOST_WRITTEN + 1:
            return " + ".join(term.product.name for term in self.terms)
        product = marked("xᵢwᵢ", *(term.product for term in self.products if term.x is not None))
        bias = [term.product.name for term in self.products if term.x is None]
        return " + ".join([f"Σᵢ {product}", *bias])

    def backward_equations(self) -> list[str]:
        """Return ∂L/∂output and δ in symbols and in numbers."""
        equations = []
        if self.readers.are_neurons:
            parts = [self.gradient.name, self.shares_in_symbols()]
            texts = [self.share_in_numbers(share) for share in self.readers.shares]
            if texts and not any(UNKNOWN in text for text in texts):
                parts.append(format_sum(texts) if self.is_mean else " + ".join(texts))
            if parts[-1] != self.gradient.text:
                parts.append(self.gradient.text)
            equations.append(" = ".join(parts))
        elif self.has_activation:
            equations.append(self.gradient.equation)
        if self.has_activation:
            numbers = (self.gradient, self.slope)
            factors = [self.gradient.name.strip("⟨⟩"), "θ′(s)"]
            parts = [self.delta.name, marked("·".join(factors), self.delta)]
            if self.slope.number is None and self.delta.number is not None:  # θ joins several sums
                parts = [self.delta.name, marked("Σⱼ ∂L/∂hⱼ·∂hⱼ/∂s", self.delta)]
            elif not self.is_mean and UNKNOWN not in {number.text for number in numbers}:
                parts.append(format_product(number.text for number in numbers))
            equations.append(" = ".join([*parts, self.delta.text]))
        return equations

    def shares_in_symbols(self) -> str:
        """Return what the readers add up to, in symbols; Σ for many."""
        if self.readers.shares:
            return " + ".join(share.product.name for share in self.readers.shares)
        return f"Σₖ {marked('w′ₖδ′ₖ', self.gradient)}"

    def share_in_numbers(self, share: Share) -> str:
        """Return a share as a product of numbers; over a batch its mean, which is no product of means."""
        return share.product.text if self.is_mean else format_product((share.w.text, share.delta.text))


def marked(text: str, *quantities: Quantity) -> str:
    """Return a text marked as a mean where one of some quantities is one."""
    return f"⟨{text}⟩" if any(quantity.name.startswith("⟨") for quantity in quantities) else text


def read_neuron(structure: NetworkStructure, unit: Unit, page: Page, most: int, names: Names) -> NeuronNumbers:
    """Return the numbers of a neuron, its first and last inputs one by one, at most so many."""
    assert unit.weighted_sum is not None
    return NeuronReader(structure, unit, unit.weighted_sum, page, names).read(most)


@dataclass(frozen=True)
class NeuronReader:
    """Reads the numbers of a neuron from the pass that is shown, and names them."""

    structure: NetworkStructure
    unit: Unit
    weighted_sum: Node
    page: Page
    names: Names

    def read(self, most: int) -> NeuronNumbers:
        """Return the numbers of the neuron."""
        snapshot, unit, position = self.page.snapshot, self.unit, self.unit.position
        sum_element, output_element = Element(self.weighted_sum, position), Element(unit.output, position)
        readers = self.readers()
        output_name = "s" if unit.output is self.weighted_sum else "ŷ" if readers.losses else "h"
        output_name = self.name(output_name, output_element)
        s_name = output_name if unit.output is self.weighted_sum else self.name("s", sum_element)
        delta = snapshot.delta(*sum_element)
        gradient = snapshot.delta(*output_element)
        slope = snapshot.slope(unit.output, self.weighted_sum, position)
        is_sum = unit.output is self.weighted_sum
        delta_name = self.delta_name()
        return NeuronNumbers(
            unit,
            tuple(self.terms(delta_name, most)),
            len(multiplied_elements(self.weighted_sum, position)),
            self.value(s_name, sum_element),
            self.value(output_name, output_element),
            self.derivative(delta_name, delta),
            self.derivative(delta_name if is_sum else f"∂L/∂{output_name}", gradient),
            Quantity(snapshot.mark("θ′"), slope, format_computed(slope, self.page.digits)),
            readers,
            snapshot.is_mean,
        )

    def name(self, local: str, element: Element) -> str:
        """Return the name of a node or an element: the local one, that of textbooks, or its own."""
        if self.names == "textbook":
            return self.structure.textbook_name(*element)
        return local if self.names == "local" else self.own_name(*element)

    def own_name(self, node: Node, position: Index = None) -> str:
        """Return the name that a node was given, or its number."""
        name = self.structure.graph.short_name(node)
        if position is None:
            return name
        return f"{name}[{', '.join(map(str, position)) if isinstance(position, tuple) else position}]"

    def delta_name(self) -> str:
        """Return the name of δ of the neuron."""
        if self.names == "textbook":
            return self.structure.textbook_names.delta(self.weighted_sum, self.unit.position)
        return "δ"

    def value(self, name: str, element: Element) -> Quantity:
        """Return the value of an element."""
        snapshot, digits = self.page.snapshot, self.page.digits
        text = snapshot.text(*element, digits=digits)
        return Quantity(snapshot.mark(name, element.node), snapshot.value(*element), text)

    def derivative(self, name: str, number: float | None) -> Quantity:
        """Return a derivative; over a batch they are means."""
        return Quantity(self.page.snapshot.mark(name), number, format_computed(number, self.page.digits))

    def terms(self, delta_name: str, most: int) -> Iterator[Product | LeftOut]:
        """Yield the products that the neuron adds up, those in the middle as one where there are many, then the bias."""
        snapshot = self.page.snapshot
        pairs = multiplied_elements(self.weighted_sum, self.unit.position)
        order = elide(range(len(pairs)), most) if most > 1 else [0, None] if len(pairs) > 1 else [0]
        for place, number in enumerate(order):
            if number is not None:
                yield self.product(number, *pairs[number], delta_name)
                continue
            left_out = pairs[place : len(pairs) - (len(order) - place - 1)]
            products = [snapshot.product(*pair) for pair in left_out]
            known = [product for product in products if product is not None]
            total = sum(known) if len(known) == len(products) else None
            name = f"Σᵢ {snapshot.mark('xᵢwᵢ', *(element.node for pair in left_out for element in pair))}"
            yield LeftOut(len(left_out), Quantity(name, total, format_computed(total, self.page.digits)))
        b = weighted_sum_operands(self.weighted_sum).b
        if b.kind != "constant" or b.name or snapshot.value(b):
            yield self.bias(Element(b, self.unit.position if b.shape else None), delta_name)

    def product(self, number: int, x: Element, w: Element, delta_name: str) -> Product:
        """Return an input times its weight."""
        snapshot, digits = self.page.snapshot, self.page.digits
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
        snapshot = self.page.snapshot
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
        for node in graph.nodes:
            if output not in node.parents:
                continue
            if node.kind == "loss":
                losses.append(names.get(node, graph.short_name(node)))
                continue
            read = list(self.weights_of_reader(node)) if node.kind == "weighted sum" else []
            pairs += read
            if not read or len(read) < self.times_read(node):
                others.append(graph.short_name(node) if node.name else node.label)
        if output in graph.outputs:
            others.append("")
        neurons = len(pairs)
        shown = pairs if neurons <= MOST_WRITTEN else []
        shares = tuple(self.share(number, neurons, *pair) for number, pair in enumerate(shown, start=1))
        return Readers(shares, neurons, tuple(losses), tuple(others))

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
        snapshot = self.page.snapshot
        index = lowered(number) if count > 1 else ""
        w_name = self.name(f"w′{index}", w)
        if self.names == "textbook":
            delta_name = self.structure.textbook_names.delta(*weighted_sum)
        else:
            delta_name = f"δ′{index}"
        product = snapshot.product_with_delta(w, weighted_sum)
        between = "·" if self.names == "own" else ""
        return Share(
            self.value(w_name, w),
            self.derivative(delta_name, snapshot.delta(*weighted_sum)),
            self.derivative(f"{w_name}{between}{delta_name}", product),
        )
