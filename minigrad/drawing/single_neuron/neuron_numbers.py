"""What one neuron computes and gets back, as names and printed numbers; its figure, DOT and text show the same."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.numbers import format_product, format_sum
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import is_frozen
from minigrad.structure import Unit

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

    size: int
    product: Quantity


class Share(NamedTuple):
    """What one reader of the neuron adds to ∂L/∂h: its weight w′, its δ′ and their product."""

    reader: str
    w: Quantity
    delta: Quantity
    product: Quantity


class Readers(NamedTuple):
    """What reads the output of a neuron: neurons through their weights, losses, and other nodes by their labels."""

    shares: tuple[Share, ...]
    neurons: int
    losses: tuple[Quantity, ...]
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
        texts = [term.product.text for term in self.terms]
        equations = [chain(self.s, self.sum_in_symbols(), format_sum(texts) if len(texts) > 1 else "")]
        if self.has_activation:
            equations.append(chain(self.output, marked("θ(s)", self.output)))
        return equations

    def readers_in_words(self, settings: DrawSettings) -> tuple[str, ...]:
        """Return which neurons read the output, as lines."""
        if self.readers.neurons > MOST_WRITTEN:
            return settings.say("every neuron k"), settings.say("of the next layer")
        return (", ".join(dict.fromkeys(share.reader for share in self.readers.shares)),)

    def sum_in_symbols(self, longest: int = MOST_WRITTEN) -> str:
        """Return the products in symbols, Σ for more than so many."""
        if self.count <= longest and len(self.products) == len(self.terms):
            return " + ".join(product.product.name for product in self.products)
        product = marked("xᵢwᵢ", *(term.product for term in self.products if term.x is not None))
        bias = [term.product.name for term in self.products if term.x is None]
        return " + ".join([f"Σᵢ {product}", *bias])

    def backward_equations(self) -> list[str]:
        """Return ∂L/∂output and δ in symbols and in numbers."""
        equations = []
        if self.readers.are_neurons:
            equations.append(chain(self.gradient, self.shares_in_symbols(), self.shares_in_numbers()))
        elif self.has_activation and self.gradient.number is not None:
            equations.append(chain(self.gradient))
        if self.has_activation:
            symbols, numbers = f"{self.gradient.name.strip('⟨⟩')}·θ′(s)", ""
            if self.slope.number is None and self.delta.number is not None:  # θ joins several sums
                h = "ŷⱼ" if self.readers.losses else "hⱼ"
                symbols = f"Σⱼ ∂L/∂{h}·∂{h}/∂s"
            elif not self.is_mean and are_finite(self.gradient, self.slope):  # a rule may leave out 0 · NaN
                numbers = format_product((self.gradient.text, self.slope.text))
            equations.append(chain(self.delta, marked(symbols, self.delta), numbers))
        return equations

    def shares_in_symbols(self) -> str:
        """Return what the readers add up to, in symbols; Σ for many."""
        if self.readers.shares:
            return " + ".join(share.product.name for share in self.readers.shares)
        return f"Σₖ {marked('w′ₖδ′ₖ', self.gradient)}"

    def shares_in_numbers(self) -> str:
        """Return what the readers add up to, in numbers: over a batch means, which are no products of means."""
        shares = self.readers.shares
        if self.is_mean:
            return format_sum(share.product.text for share in shares) if shares else ""
        if not all(are_finite(share.w, share.delta) for share in shares):
            return ""
        return " + ".join(format_product((share.w.text, share.delta.text)) for share in shares)


def chain(quantity: Quantity, *sides: str) -> str:
    """Return the equation of a quantity with its sides that are not empty; without numbers where it is not known."""
    if quantity.number is None:
        return " = ".join([quantity.name, *sides[:1]])
    parts = [quantity.name, *filter(None, sides)]
    return " = ".join(parts if parts[-1] == quantity.text else [*parts, quantity.text])


def are_finite(*quantities: Quantity) -> bool:
    """Return whether numbers are known and finite."""
    return all(quantity.number is not None and isfinite(quantity.number) for quantity in quantities)


def marked(text: str, *quantities: Quantity) -> str:
    """Return a text marked as a mean where one of some quantities is one."""
    return f"⟨{text}⟩" if any(quantity.name.startswith("⟨") for quantity in quantities) else text
