"""An explanation written out: as text, tables that a person can check by hand; as LaTeX, the textbook's derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np

from minigrad._format import format_number
from minigrad._toposort import topological_order
from minigrad.core.node import Node
from minigrad.explanation.derivation import Derivation, Equation
from minigrad.explanation.paths import MOST_COUNTED, Findings, Path, levels
from minigrad.symbolic import DOTS, Call, Formula, Number, Symbol, latex, lift, text

MOST = 16
"""Links of a path, layers, nodes of a layer, definitions that are written; of more, the middle is left out."""
WIDEST = 48
"""Characters of a side that the other lines of a table are aligned with."""
TOO_MANY = """\
Too many to list, so they are summed layer by layer, back from the loss:
δ of a node = Σ over its children of ∂child/∂node · δ(child)"""

Item = TypeVar("Item")


def as_text(findings: Findings, derivation: Derivation, digits: int) -> str:
    """Every path with its local derivatives and their product, and the sum; or δ layer by layer."""
    blocks = list(path_by_path(findings, derivation) if findings.paths else layer_by_layer(findings, derivation))
    total = [sum_of(findings, derivation)]
    meanings = definitions([equation for _, equations in blocks for equation in equations], derivation)
    texts = ["\n".join(heading(findings, derivation))]
    texts += ["\n  ".join([title, *table(equations, findings, digits)]) for title, equations in blocks]
    texts += table(total, findings, digits)
    if meanings:
        texts.append("\n  ".join(["where", *table(meanings, findings, digits)]))
    return "\n\n".join(texts)


def as_latex(findings: Findings, derivation: Derivation, digits: int) -> list[tuple[str, str]]:
    """The derivation as left and right sides; a left side is empty where a line goes on.

    First the chain rule over the paths, then δ of each node back from the loss, δⱼ = θ′(sⱼ) Σₖ wⱼₖ δₖ, with symbols
    and with numbers.
    """
    nearest_first = [node for level in levels(findings.ways) for node in level]
    equations = equations_of(derivation.heads(nearest_first), derivation)
    equations += definitions(equations, derivation)
    if findings.paths:
        equations.insert(0, chain_rule(findings, derivation))
    lines: list[tuple[str, str]] = []
    for equation in equations:
        left, symbols, *numbers = written(equation, findings, digits, latex) if equation else (r"\vdots", "")
        lines.append((left, symbols))
        if numbers:
            lines.append(("", " = ".join(numbers)))
    return lines


def heading(findings: Findings, derivation: Derivation) -> Iterator[str]:
    """What is explained, and what has to be said before the numbers."""
    ways = findings.ways
    ratio = derivation.letters.ratio(ways.loss, ways.start)
    yield f"{ratio}: {paths_in_words(findings.count)} from {ways.start} to {ways.loss}"
    batch: Any = findings.values.get(ways.loss)
    if np.ndim(batch):
        yield f"The loss is the mean over a batch of {len(batch)}: a product is the sum over all samples."
    elif any(node.shape for node in ways.nodes):
        yield "A local derivative between arrays is a matrix, which is not written out."
    if not findings.paths:
        yield TOO_MANY


def paths_in_words(count: int) -> str:
    """How many paths there are."""
    if count >= MOST_COUNTED:
        return f"more than {MOST_COUNTED:,} paths"
    return "1 path" if count == 1 else f"{count:,} paths"


def product_of(path: Path, derivation: Derivation) -> Equation:
    """What a path contributes, as the product of its local derivatives: in numbers, or in symbols before a pass."""
    known = None not in path.derivatives
    factors = [
        DOTS if link is None else lift(derivation.slopes.of(link)) if known else derivation.slope(link)
        for link in shortened(path.links)
    ]
    return Equation(Symbol("", "product"), called("multiply", factors), None, path.product)


def sum_of(findings: Findings, derivation: Derivation) -> Equation:
    """δ of the start as the sum over the paths."""
    left = derivation.letters.ratio(findings.ways.loss, findings.ways.start)
    names = [Symbol("", f"path {number}") for number in range(1, len(findings.paths) + 1)]
    right = called("add", names) if names else Symbol("", "sum over all paths")
    return Equation(left, right, sum_of_products(findings), findings.total)


def chain_rule(findings: Findings, derivation: Derivation) -> Equation:
    """δ of the start as the sum over the paths of the products of ∂child/∂parent, from the loss back."""
    ratio = derivation.letters.ratio
    terms: list[Formula] = []
    for path in findings.paths:
        links = shortened(path.links[::-1])
        terms.append(called("multiply", [ratio(link.child, link.parent) if link else DOTS for link in links]))
    left = ratio(findings.ways.loss, findings.ways.start)
    return Equation(left, called("add", terms), sum_of_products(findings), findings.total)


def sum_of_products(findings: Findings) -> Formula | None:
    """The sum of the products of the paths in numbers; None where they are too many, or not one number each."""
    products = [Number(path.product) for path in findings.paths if type(path.product) is float]
    return called("add", products) if products and len(products) == len(findings.paths) else None


def called(function: str, operands: Sequence[Formula]) -> Formula:
    """A sum or product as it stands, not simplified; 1 for a product of nothing."""
    if len(operands) > 1:
        return Call(function, tuple(operands))
    return operands[0] if operands else Number(1.0)


def path_by_path(findings: Findings, derivation: Derivation) -> Iterator[tuple[str, list[Equation | None]]]:
    """The local derivatives along each path and their product, each path under its title."""
    for number, path in enumerate(findings.paths, start=1):
        names = [derivation.letters.name(node).text if node is not None else "…" for node in shortened(path.nodes)]
        links = [derivation.of_link(link) if link else None for link in shortened(path.links)]
        yield f"path {number}: {' → '.join(names)}", [*links, product_of(path, derivation)]


def layer_by_layer(findings: Findings, derivation: Derivation) -> Iterator[tuple[str, list[Equation | None]]]:
    """The equations of δ, layer by layer back from the loss, each layer under its title."""
    rows = [row for level in levels(findings.ways) if (row := derivation.heads(level))]
    for numbered in shortened(list(enumerate(rows, start=1))):
        if numbered is None:
            yield "…", []
        else:
            number, row = numbered
            yield f"layer {number}:", equations_of(row, derivation)


def equations_of(nodes: Sequence[Node], derivation: Derivation, most: int = MOST) -> list[Equation | None]:
    """The equations of δ of some nodes; None stands for those left out."""
    found: list[Equation | None] = []
    for node in shortened(nodes, most):
        found += [None] if node is None else derivation.equations(node)
    return found


def definitions(equations: Sequence[Equation | None], derivation: Derivation) -> list[Equation | None]:
    """What the nodes without a name are that stand in some equations, and what these are made of in turn."""
    found: dict[Node, Equation] = {}
    formulas = [equation.symbols for equation in equations if equation]
    for formula in formulas:  # grows while it is walked
        symbols = [part for part in topological_order([formula]) if isinstance(part, Symbol)]
        for node in [derivation.letters.unnamed[letter] for letter in symbols if letter in derivation.letters.unnamed]:
            if node in found or (equation := derivation.of_value(node)) is None:
                continue
            if len(found) == MOST:
                return [*found.values(), None]
            found[node] = equation
            formulas.append(equation.symbols)
    return [*found.values()]


def shortened(items: Sequence[Item], most: int = MOST) -> list[Item | None]:
    """The items, with None in place of the middle where there are many."""
    return list(items) if len(items) <= most else [*items[: most - 2], None, items[-1]]


def table(equations: Sequence[Equation | None], findings: Findings, digits: int) -> list[str]:
    """Equations one below the other, their signs of equality aligned; dots for None."""
    rows = [written(equation, findings, digits, text) if equation else ("…",) for equation in equations]
    widths = [max([len(cell) for cell in cells if len(cell) <= WIDEST], default=0) for cells in columns(rows)]
    return [" = ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells of a table by column; rows need not be equally long."""
    return [[row[place] for row in rows if len(row) > place] for place in range(max(map(len, rows), default=0))]


def written(equation: Equation, findings: Findings, digits: int, write: Callable[[Formula, int], str]) -> list[str]:
    """An equation as the sides that say something new: left, symbols, numbers, value; a dash for an unknown value."""
    sides = [write(equation.left, digits), write(equation.symbols, digits)]
    if equation.numbers is not None:
        sides.append(write(equation.numbers, digits))
    if type(equation.value) is float:
        sides.append(write(Number(equation.value), digits))
    elif equation.value is not None or not (findings.values or isinstance(equation.symbols, Number)):
        sides.append(
            write(Symbol(rf"\mathrm{{{format_number(equation.value)}}}", format_number(equation.value)), digits)
        )
    return [side for place, side in enumerate(sides) if place == 0 or side != sides[place - 1]]
