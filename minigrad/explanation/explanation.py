"""`explain`, and the Explanation that it returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from minigrad._format import count_noun, describe_value, printable
from minigrad._validation import check_integer, impossible_setting
from minigrad.core.building import building
from minigrad.core.local_derivatives import ParentEdge
from minigrad.core.node import Node
from minigrad.core.passes import single_root
from minigrad.errors import GraphError, OperandError
from minigrad.explanation.derivation import Derivation
from minigrad.explanation.paths import Path, PathGradients, path_gradients
from minigrad.explanation.report import as_latex, as_text
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.ops.base import Value
from minigrad.symbolic import Number, text as plain_text

LIMIT = 64
"""Paths that are listed one by one."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """The derivative ∂L/∂node, path by path, as it was when `mg.explain` was called; later passes do not change it.

    `print(explanation)` shows the paths in symbols and numbers, a notebook the derivation in the textbook's notation.
    Iterating over it yields the paths.

    Args:
        gradients: The paths with their derivatives, as numbers.
        digits: The number of significant digits in texts.
        names: What nodes are called in texts: their "own" names, or those of the "textbook".

    Example:
        >>> import minigrad as mg
        >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
        >>> explanation = mg.explain(w, w * x + w)
        >>> explanation.count, explanation.total
        (2, 3.0)
    """

    gradients: PathGradients
    digits: int
    names: str = "own"

    @property
    def node(self) -> Node:
        """Return the node whose derivative is explained."""
        return self.gradients.path_graph.start

    @property
    def loss(self) -> Node:
        """Return the loss L, where the paths end."""
        return self.gradients.path_graph.loss

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return every path; none if there are more than the `limit` of `explain`.

        Returns:
            Each `Path` with its nodes, local derivatives and their product.

        Example:
            >>> import minigrad as mg
            >>> w = mg.Parameter(3.0, "w")
            >>> [path.product for path in mg.explain(w, w * w + w).paths]
            [3.0, 3.0, 1.0]
        """
        return self.gradients.paths

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Return every node on the paths, in topological order."""
        return self.gradients.path_graph.nodes

    @property
    def links(self) -> tuple[ParentEdge, ...]:
        """Return every edge on the paths, each with `child`, `parent` and the `position` among the child's parents."""
        return tuple(chain.from_iterable(self.gradients.path_graph.edges.values()))

    @property
    def count(self) -> int:
        """Return the number of paths, which is counted up to 10¹⁵, also if they are too many to list."""
        return self.gradients.count

    @property
    def total(self) -> Value:
        """Return ∂L/∂node, the sum over the paths of the product of their derivatives; None before a forward pass.

        Example:
            >>> import minigrad as mg
            >>> w = mg.Parameter(3.0, "w")
            >>> mg.explain(w, w * w + w).total
            7.0
        """
        return self.gradients.total

    def name(self, node: Node) -> str:
        """Return what a node of the graph is called in texts.

        Args:
            node: One of `nodes`, or another node of the graph.

        Returns:
            Its own name or its name in textbooks, as `names` says, shortened where it is long.

        Raises:
            GraphError: If the node is not in the graph.

        Example:
            >>> import minigrad as mg
            >>> network = mg.Network(*mg.mlp([2, 1], rng=0))
            >>> explanation = mg.explain("y1.w2", network, names="textbook")
            >>> [explanation.name(node) for node in explanation.nodes]
            ['w₂₁⁽¹⁾', 's₁⁽¹⁾', 'ŷ₁', 'L']
        """
        self.gradients.graph.unique_name(node)  # raises GraphError for a node of another graph
        return self._derivation.symbols.name(node).text

    def derivative(self, link: ParentEdge) -> float | None:
        """Return the local derivative ∂child/∂parent of an edge as a number.

        Args:
            link: One of `links`.

        Returns:
            The number; None between arrays, over a batch, and before a forward pass, unless it is a constant.

        Example:
            >>> import minigrad as mg
            >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
            >>> explanation = mg.explain(w, w * x)
            >>> [explanation.derivative(link) for link in explanation.links]
            [2.0]
        """
        formula = self._derivation.derivative(link)
        return formula.value if isinstance(formula, Number) else self.gradients.derivatives.of(link)

    def formula(self, link: ParentEdge) -> str:
        """Return the local derivative ∂child/∂parent of an edge as a formula, by the backward rule of the child's op.

        Args:
            link: One of `links`.

        Returns:
            Plain text, with the names of the nodes as symbols.

        Example:
            >>> import minigrad as mg
            >>> w = mg.Parameter(3.0, "w")
            >>> explanation = mg.explain(w, mg.tanh(w, name="y"))
            >>> [explanation.formula(link) for link in explanation.links]
            ['1 − y²']
        """
        return plain_text(self._derivation.derivative(link), self.digits)

    @cached_property
    def equations(self) -> tuple[tuple[str, str], ...]:
        """Return the derivation as lines of LaTeX.

        Returns:
            The left and the right side of each line; the left side is empty where the previous line continues.

        Example:
            >>> import minigrad as mg
            >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
            >>> mg.explain(w, w * x).equations[-1]
            ('', '2')
        """
        return tuple(as_latex(self._derivation, self.digits))

    @property
    def latex(self) -> str:
        """Return the derivation δⱼ = θ′(sⱼ) Σₖ wⱼₖ δₖ in symbols and numbers, as one LaTeX environment."""
        lines = [rf"{left} &= {right}" if right else rf"{left} &" for left, right in self.equations]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    @cached_property
    def text(self) -> str:
        """Return the paths with their local derivatives, products and sum, as `print(explanation)` shows them."""
        return as_text(self._derivation, self.digits)

    @cached_property
    def _derivation(self) -> Derivation:
        return Derivation(self.gradients, self.names)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of: the numbers. Texts and formulas, which may be deep, are made on demand."""
        return type(self), (self.gradients, self.digits, self.names)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __str__(self) -> str:
        return printable(self.text)

    def __repr__(self) -> str:
        paths = count_noun(self.count, "path")
        name = self.node.label if self.names == "own" else self.name(self.node)
        return printable(f"<Explanation of ∂L/∂{name}, {paths}; print it, or read .latex>")

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def explain(
    node: Node | str, graph: Graph | Node | HasGraph, *, limit: int = LIMIT, digits: int = 4, names: str = "own"
) -> Explanation:
    """Explain why ∂L/∂node is what it is: the sum over all paths from the node to L of the product of ∂child/∂parent.

    Each local derivative is shown as a formula, read from the backward rule of its op, and as a number of the last
    forward pass. Before a forward pass there are formulas only.

    Args:
        node: The node, or its name.
        graph: Where the paths end, since a node knows its parents but not its children: the loss, a `Graph`, or an
            object that has one, such as a `Network`.
        limit: The largest number of paths that are listed; of more, the sum is taken layer by layer.
        digits: The number of significant digits in texts, from 1 to 17.
        names: What nodes are called: "own" for their own names, "textbook" for w₁₂⁽¹⁾, s₁⁽¹⁾, ŷ₁, see
            `Graph.textbook_name`.

    Returns:
        An `Explanation`, to be printed, shown in a notebook, or read as data.

    Raises:
        GraphError: If the node is not in the graph.
        OperandError: If `node` is neither a node nor a name, or `graph` has no graph.
        PassError: If a leaf has changed since the last forward pass.
        ShapeError: If the graph has not exactly one scalar output.
        SettingError: If `limit` or `digits` is out of range, or `names` is neither "own" nor "textbook".

    Example:
        >>> import minigrad as mg
        >>> x, w, b = mg.Input("x", value=2.0), mg.Parameter(0.5, "w"), mg.Parameter(-0.5, "b")
        >>> y = mg.tanh(mg.weighted_sum([x], [w], b, name="s"), name="y")
        >>> print(mg.explain(w, y))
        ∂y/∂w: 1 path from parameter w to activation y
        <BLANKLINE>
        path 1: w → s → y
          ∂s/∂w   = x        = 2
          ∂y/∂s   = 1 − y²   = 1 − 0.4621·0.4621 = 0.7864
          product = 2·0.7864 = 1.573
        <BLANKLINE>
        ∂y/∂w = path 1 = 1.573
    """
    check_integer(limit, "limit", 0)
    if check_integer(digits, "digits", 1) > 17:
        raise impossible_setting("digits", digits, "a whole number from 1 to 17")
    if not isinstance(names, str) or names not in ("own", "textbook"):
        raise impossible_setting("names", names, '"own" or "textbook"')
    graph = graph_of(graph)
    single_root(graph.plan)
    start = graph[node] if isinstance(node, str) else node
    if not isinstance(start, Node):
        raise OperandError(
            "not a node", found=f"{type(node).__name__} {describe_value(node)}", expected="a node or its name"
        )
    if start not in graph:
        cure = "Pass the graph, the loss or the network that the node belongs to."
        expected = f"a node that {graph.outputs[0].title} depends on"
        raise GraphError("not in this graph", node=str(start), expected=expected, cure=cure)
    with building():
        return Explanation(path_gradients(start, graph, limit), digits, names)
