"""An explanation written out: as text, tables that a person can check by hand; as LaTeX, the textbook's derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from minigrad._format import count_noun, elide, format_number
from minigrad._toposort import topological_order
from minigrad.core.node import Node
from minigrad.explanation.derivation import Derivation, Equation
from minigrad.explanation.paths import MOST_COUNTED, Path, layers_from_loss
from minigrad.symbolic import DOTS, Call, Formula, Number, Symbol, latex, lift, text

MOST = 16
"""Edges of a path, layers, nodes of a layer, definitions that are written; of more, the middle is left out."""
WIDEST = 48
"""Characters of a side that the other lines of a table are aligned with."""
TOO_MANY = """\
Too many to list, so they are summed layer by layer, back from the loss:
∂L/∂node = Σ over its children of ∂child/∂node · ∂L/∂child; δ is ∂L/∂s of a weighted sum s"""

Block = tuple[str, list[Equation | None]]
"""Equations under a title; None stands for those left out."""


def as_text(derivation: Derivation, digits: int) -> str:
    """Write every path with its local derivatives and their product, and the sum; or ∂L/∂node layer by layer."""
    blocks = list(path_blocks(derivation) if derivation.gradients.paths else layer_blocks(derivation))
    meanings = definitions([equation for _, equations in blocks for equation in equations], derivation)
    texts = ["\n".join(introduction(derivation))]
    texts += ["\n  ".join([title, *table(equations, derivation, digits)]) for title, equations in blocks]
    texts += table([sum_equation(derivation)], derivation, digits)
    if meanings:
        texts.append("\n  ".join(["where", *table(meanings, derivation, digits)]))
    return "\n\n".join(texts)


def as_latex(derivation: Derivation, digits: int) -> list[tuple[str, str]]:
    """Write the derivation as left and right sides; a left side is empty where a line goes on.

    First the chain rule over the paths, then ∂L/∂node back from the loss, δⱼ = θ′(sⱼ) Σₖ wⱼₖ δₖ, with symbols and
    with numbers.
    """
    nearest_first = [node for layer in layers_from_loss(derivation.path_graph) for node in layer]
    equations = delta_equations(derivation.without_folded(nearest_first), derivation)
    equations += definitions(equations, derivation)
    if derivation.gradients.paths:
        equations.insert(0, chain_rule(derivation))
    lines: list[tuple[str, str]] = []
    for equation in equations:
        left, symbols, *numbers = sides(equation, derivation, digits, latex) if equation else (r"\vdots", "")
        lines.append((left, symbols))
        if numbers:
            lines.append(("", " = ".join(numbers)))
    return lines


def introduction(derivation: Derivation) -> Iterator[str]:
    """Yield lines that say what is explained, and what has to be known before the numbers."""
    gradients, path_graph = derivation.gradients, derivation.path_graph
    ratio = derivation.symbols.ratio(path_graph.loss, path_graph.start)
    more = "more than " if gradients.count >= MOST_COUNTED else ""
    titles = [derivation.symbols.title(node) for node in (path_graph.start, path_graph.loss)]
    yield f"{ratio}: {more}{count_noun(gradients.count, 'path')} from {' to '.join(titles)}"
    batch: Any = gradients.values.get(path_graph.loss)
    if np.ndim(batch):
        yield f"The loss is the mean over a batch of {len(batch)}: a product is the sum over all samples."
    elif any(node.shape for node in path_graph.nodes):
        yield "A local derivative between arrays is a matrix, which is not written out."
    if not gradients.paths:
        yield TOO_MANY


def product_equation(path: Path, derivation: Derivation) -> Equation:
    """Return what a path contributes, as the product of its local derivatives: numbers, or symbols before a pass."""
    number, known = derivation.gradients.derivatives.of, None not in path.derivatives
    factors = [
        DOTS if edge is None else lift(number(edge)) if known else derivation.derivative(edge)
        for edge in elide(path.links, MOST)
    ]
    return Equation(Symbol("", "product"), combine("multiply", factors), None, path.product)


def sum_equation(derivation: Derivation) -> Equation:
    """Return ∂L/∂start as the sum over the paths."""
    gradients = derivation.gradients
    names = [Symbol("", f"path {number}") for number in range(1, len(gradients.paths) + 1)]
    right = combine("add", names) if names else Symbol("", "sum over all paths")
    left = derivation.symbols.ratio(derivation.path_graph.loss, derivation.path_graph.start)
    return Equation(left, right, sum_of_products(gradients.paths), gradients.total)


def chain_rule(derivation: Derivation) -> Equation:
    """Return ∂L/∂start as the sum over the paths of the products of ∂child/∂parent, from the loss back."""
    ratio = derivation.symbols.ratio
    terms: list[Formula] = []
    for path in derivation.gradients.paths:
        edges = elide(path.links[::-1], MOST)
        terms.append(combine("multiply", [ratio(edge.child, edge.parent) if edge else DOTS for edge in edges]))
    return sum_equation(derivation)._replace(symbols=combine("add", terms))


def sum_of_products(paths: Sequence[Path]) -> Formula | None:
    """Return the sum of the products of some paths in numbers; None where there are none, or not one number each."""
    products = [Number(path.product) for path in paths if type(path.product) is float]
    return combine("add", products) if products and len(products) == len(paths) else None


def combine(function: str, operands: Sequence[Formula]) -> Formula:
    """Return a sum or product that is not simplified; 1 for a product of nothing."""
    if len(operands) > 1:
        return Call(function, tuple(operands))
    return operands[0] if operands else Number(1.0)


def path_blocks(derivation: Derivation) -> Iterator[Block]:
    """Yield the local derivatives along each path and their product, each path under its title."""
    for number, path in enumerate(derivation.gradients.paths, start=1):
        names = [derivation.symbols.name(node).text if node is not None else "…" for node in elide(path.nodes, MOST)]
        equations = [derivation.edge_equation(edge) if edge else None for edge in elide(path.links, MOST)]
        yield f"path {number}: {' → '.join(names)}", [*equations, product_equation(path, derivation)]


def layer_blocks(derivation: Derivation) -> Iterator[Block]:
    """Yield the equations of ∂L/∂node, layer by layer back from the loss, each layer under its title."""
    layers = [row for layer in layers_from_loss(derivation.path_graph) if (row := derivation.without_folded(layer))]
    for numbered in elide(list(enumerate(layers, start=1)), MOST):
        if numbered is None:
            yield "…", []
        else:
            number, layer = numbered
            yield f"layer {number}:", delta_equations(layer, derivation)


def delta_equations(nodes: Sequence[Node], derivation: Derivation) -> list[Equation | None]:
    """Return the equations of ∂L/∂node of some nodes; None stands for those left out."""
    equations: list[Equation | None] = []
    for node in elide(nodes, MOST):
        equations += [None] if node is None else derivation.equations(node)
    return equations


def definitions(equations: Sequence[Equation | None], derivation: Derivation) -> list[Equation | None]:
    """Return the equations of the nodes without a name that occur in some equations, and of what these read in turn."""
    defined: dict[Node, Equation] = {}
    formulas = [equation.symbols for equation in equations if equation]
    unnamed = derivation.symbols.unnamed
    for formula in formulas:  # grows in the loop
        symbols = [part for part in topological_order([formula]) if isinstance(part, Symbol)]
        for node in [unnamed[symbol] for symbol in symbols if symbol in unnamed]:
            if node in defined or (equation := derivation.value_equation(node)) is None:
                continue
            if len(defined) == MOST:
                return [*defined.values(), None]
            defined[node] = equation
            formulas.append(equation.symbols)
    return [*defined.values()]


def table(equations: Sequence[Equation | None], derivation: Derivation, digits: int) -> list[str]:
    """Write equations one below the other, their signs of equality aligned; dots for None."""
    rows = [sides(equation, derivation, digits, text) if equation else ["…"] for equation in equations]
    columns = zip_longest(*rows, fillvalue="")
    widths = [max([len(cell) for cell in column if len(cell) <= WIDEST], default=0) for column in columns]
    return [" = ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def sides(equation: Equation, derivation: Derivation, digits: int, write: Callable[[Formula, int], str]) -> list[str]:
    """Write the sides of an equation that differ: left, symbols, numbers, value; a dash for an unknown value."""
    written = [write(equation.left, digits), write(equation.symbols, digits)]
    if equation.numbers is not None:
        written.append(write(equation.numbers, digits))
    if type(equation.value) is float:
        written.append(write(Number(equation.value), digits))
    elif equation.value is not None or not (derivation.gradients.values or isinstance(equation.symbols, Number)):
        value = format_number(equation.value)
        written.append(write(Symbol(rf"\mathrm{{{value}}}", value), digits))
    return [side for index, side in enumerate(written) if index == 0 or side != written[index - 1]]
