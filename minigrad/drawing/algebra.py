"""What a node is made of, written as a sum of terms; nodes without a box of their own are written out in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad._format import format_number, shorten
from minigrad.core.node import Node
from minigrad.core.plan import grouped

LONGEST_TERM = 36
"""Characters of a term that are shown."""
MOST_TERMS = 4
"""Terms of a sum that are written out; of more the others are counted."""
SUM, PRODUCT, POWER, ATOM = range(4)
"""How tightly a formula holds together, which decides where it needs brackets."""
SIGNS: Mapping[str, str] = {"+": "−", "−": "+"}
"""Each sign beside its opposite."""


class Term(NamedTuple):
    """One term of a sum, with its sign."""

    sign: str
    text: str


class Written(NamedTuple):
    """A formula: its first terms, how many there are, and how tightly it holds together."""

    terms: tuple[Term, ...]
    length: int = 1
    binding: int = ATOM

    @property
    def text(self) -> str:
        """The formula in one line."""
        first, *others = self.terms
        parts = ["−" * (first.sign == "−") + first.text, *(f" {term.sign} {term.text}" for term in others)]
        return "".join(parts) + " + …" * (self.length > len(self.terms))

    def inside(self, binding: int) -> str:
        """The formula as a part of one that holds together so tightly."""
        return self.text if self.binding >= binding else f"({self.text})"


def atom(text: str) -> Written:
    """A name, which never needs brackets."""
    return Written((Term("+", text),))


def number(node: Node) -> Written:
    """A number that stands for itself; an array by its shape."""
    value = node.value
    if node.shape or type(value) is not float:
        return atom(f"array {'×'.join(map(str, node.shape))}")
    return negated(atom(format_number(-value))) if value < 0 else atom(format_number(value))


def formula(node: Node, known: Mapping[Node, Written]) -> Written:
    """How a node is made of its operands, which are known, by its op."""
    if node.op is None:
        return number(node)
    if node.op.label == "identity":
        return known[node.parents[0]]
    if node.kind == "weighted sum" and node.op.stars and not node.parents[0].shape:
        return weighted(node, known)
    found = arithmetic(node.op.label, [known[parent] for parent in node.parents])
    return found._replace(terms=tuple(Term(sign, shorten(text, LONGEST_TERM)) for sign, text in found.terms))


def weighted(node: Node, known: Mapping[Node, Written]) -> Written:
    """The sum of a neuron, Σ w·x + b, written out; a bias of 0 is not."""
    x, w, b = grouped(node.op, node.parents) if node.op else ((), (), node)
    pairs = zip(w[:MOST_TERMS], x[:MOST_TERMS], strict=True)
    products = [Term("+", " · ".join(known[factor].inside(PRODUCT) for factor in pair)) for pair in pairs]
    total = Written(tuple(products), len(x), PRODUCT if len(x) == 1 else SUM)
    return total if known[b] == atom("0") else joined(total, known[b])


def arithmetic(label: str, operands: Sequence[Written]) -> Written:
    """An op and its operands: between them where it has a sign, else in front of them."""
    match label, operands:
        case "+", (a, b):
            return joined(a, b)
        case "−", (a, b):
            return joined(a, negated(b))
        case "neg", (a,):
            return negated(a)
        case (("×" | "·"), (a, b)):
            return Written((Term("+", f"{a.inside(PRODUCT)} · {b.inside(PRODUCT)}"),), 1, PRODUCT)
        case "÷", (a, b):
            return Written((Term("+", f"{a.inside(PRODUCT)} / {b.inside(POWER)}"),), 1, PRODUCT)
        case (("^" | "=" | "<" | ">"), (a, b)):
            return Written((Term("+", f"{a.inside(ATOM)} {label} {b.inside(ATOM)}"),), 1, POWER)
    read = ", ".join(operand.text for operand in operands)
    return atom(f"{label}({read})" if label.isidentifier() else f"{label} of {read}")


def joined(a: Written, b: Written) -> Written:
    """The sum of two formulas, as one sum."""
    return Written((*a.terms, *b.terms)[:MOST_TERMS], a.length + b.length, SUM)


def negated(a: Written) -> Written:
    """A formula with all of its signs turned."""
    return Written(tuple(Term(SIGNS[sign], text) for sign, text in a.terms), a.length, min(a.binding, SUM))
