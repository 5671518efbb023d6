"""`explain`, and the Explanation that it returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from minigrad._format import count_noun, printable
from minigrad.core.local_derivatives import ParentEdge
from minigrad.core.node import Node
from minigrad.core.passes import single_root
from minigrad.errors import GraphError, OperandError, SettingError
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
    """Why δ of a node is what it is, as it was when it was explained; later passes do not change it.

    `print(explanation)` shows every path to the loss with its numbers, a notebook shows the derivation.
    """

    gradients: PathGradients
    digits: int

    @property
    def node(self) -> Node:
        """The node whose δ is explained."""
        return self.gradients.path_graph.start

    @property
    def loss(self) -> Node:
        """The node where the paths end."""
        return self.gradients.path_graph.loss

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path with its nodes, local derivatives and their product; empty where they are too many to list."""
        return self.gradients.paths

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node on the paths, in topological order."""
        return self.gradients.path_graph.nodes

    @property
    def links(self) -> tuple[ParentEdge, ...]:
        """Every edge on the paths, in the order of the parents."""
        return tuple(chain.from_iterable(self.gradients.path_graph.edges.values()))

    @property
    def count(self) -> int:
        """How many paths there are, counted up to 10¹⁵."""
        return self.gradients.count

    @property
    def total(self) -> Value:
        """δ of the node, Σ over the paths of the product of their local derivatives; None before a forward pass."""
        return self.gradients.total

    def derivative(self, link: ParentEdge) -> float | None:
        """Return ∂child/∂parent of an edge; None at arrays, batches and before a pass, unless it is a constant."""
        formula = self._derivation.derivative(link)
        return formula.value if isinstance(formula, Number) else self.gradients.derivatives.of(link)

    def formula(self, link: ParentEdge) -> str:
        """Return ∂child/∂parent of an edge as the rule of the child has it, in plain text."""
        return plain_text(self._derivation.derivative(link), self.digits)

    @cached_property
    def equations(self) -> tuple[tuple[str, str], ...]:
        """The lines of the derivation in LaTeX, left and right of "="; a left side is empty where a line goes on."""
        return tuple(as_latex(self._derivation, self.digits))

    @property
    def latex(self) -> str:
        """The derivation in LaTeX, δⱼ = θ′(sⱼ) Σₖ wⱼₖ δₖ, with symbols and with numbers, to stand in a formula."""
        lines = [rf"{left} &= {right}" if right else rf"{left} &" for left, right in self.equations]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    @cached_property
    def text(self) -> str:
        """The paths, the local derivatives, the products and the sum in plain text."""
        return as_text(self._derivation, self.digits)

    @cached_property
    def _derivation(self) -> Derivation:
        return Derivation(self.gradients)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __str__(self) -> str:
        return printable(self.text)

    def __repr__(self) -> str:
        paths = count_noun(self.count, "path")
        return printable(f"<Explanation of δ of {self.node} in {self.loss}, {paths}; print it, or read .latex>")

    def _repr_latex_(self) -> str:
        """What a notebook shows."""
        return f"$$\n{self.latex}\n$$"


def explain(node: Node | str, graph: Graph | Node | HasGraph, *, limit: int = LIMIT, digits: int = 4) -> Explanation:
    """Explain why δ of a node is what it is: ∂L/∂w = Σ over the paths from w to L of Π ∂child/∂parent along the path.

    A node knows its parents but not its children, so the graph is asked for as well: a Graph, its loss, or a Network.
    Parameters: the node, or its name; `limit` is how many paths are listed, beyond it δ is summed layer by layer;
    `digits` is how many significant digits are written. The numbers are those of the last forward pass; before one
    there are symbols only. Raises GraphError for a node of another graph, ShapeError unless there is one scalar loss.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise SettingError("no number of paths", found=f"limit={limit!r}", expected="limit=0 or more")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 17:
        raise SettingError("no number of digits", found=f"digits={digits!r}", expected="1 to 17")
    graph = graph_of(graph)
    single_root(graph.plan)
    start = graph[node] if isinstance(node, str) else node
    if not isinstance(start, Node):
        raise OperandError("nothing to explain", found=f"{type(node).__name__} {node!r}"[:100], expected="a node")
    if start not in graph:
        raise GraphError(
            "not in this graph",
            node=str(start),
            expected=f"a node that {graph.outputs[0]} is made of",
            cure="Give the graph, the loss or the network that the node belongs to.",
        )
    return Explanation(path_gradients(start, graph, limit), digits)
