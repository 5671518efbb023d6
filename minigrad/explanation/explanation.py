"""The public face: `explain`, and what it returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from minigrad.core.local_derivatives import Link
from minigrad.core.node import Node
from minigrad.core.passes import single_root
from minigrad.errors import GraphError, OperandError, SettingError
from minigrad.explanation.derivation import Derivation, Letters
from minigrad.explanation.paths import Findings, Path, find
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

    findings: Findings
    digits: int

    @property
    def node(self) -> Node:
        """The node that is explained."""
        return self.findings.ways.start

    @property
    def loss(self) -> Node:
        """Where its paths lead."""
        return self.findings.ways.loss

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path with its nodes, local derivatives and their product; empty where they are too many to list."""
        return self.findings.paths

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node on the paths, in topological order."""
        return self.findings.ways.nodes

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link on the paths, in the order of the nodes that are read."""
        return tuple(chain.from_iterable(self.findings.ways.links.values()))

    @property
    def count(self) -> int:
        """How many paths there are, counted up to 10¹⁵."""
        return self.findings.count

    @property
    def total(self) -> Value:
        """δ of the node, Σ over the paths of the product of their local derivatives; None before a forward pass."""
        return self.findings.total

    def derivative(self, link: Link) -> float | None:
        """∂child/∂parent of a link; None at arrays, at batches and before a forward pass, unless it is a constant."""
        slope = self._derivation.slope(link)
        return slope.value if isinstance(slope, Number) else self.findings.slopes.of(link)

    def formula(self, link: Link) -> str:
        """∂child/∂parent of a link as the rule of the child has it, in plain text."""
        return plain_text(self._derivation.slope(link), self.digits)

    @cached_property
    def equations(self) -> tuple[tuple[str, str], ...]:
        """The lines of the derivation in LaTeX, left and right of "="; a left side is empty where a line goes on."""
        return tuple(as_latex(self.findings, self._derivation, self.digits))

    @property
    def latex(self) -> str:
        """The derivation in LaTeX, δⱼ = θ′(sⱼ) Σₖ wⱼₖ δₖ, with symbols and with numbers, to stand in a formula."""
        lines = [rf"{left} &= {right}" if right else rf"{left} &" for left, right in self.equations]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    @cached_property
    def text(self) -> str:
        """The paths, the local derivatives, the products and the sum in plain text."""
        return as_text(self.findings, self._derivation, self.digits)

    @cached_property
    def _derivation(self) -> Derivation:
        found = self.findings
        return Derivation(found.ways, found.graph.plan, Letters(found.graph, found.values, found.deltas), found.slopes)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Explanation of δ of {self.node} in {self.loss}, {self.count:,} paths; print it, or read .latex>"

    def _repr_latex_(self) -> str:
        """What a notebook shows."""
        return f"$$\n{self.latex}\n$$"


def explain(node: Node | str, graph: Graph | Node | HasGraph, *, limit: int = LIMIT, digits: int = 4) -> Explanation:
    """Why δ of a node is what it is: ∂L/∂w = Σ over the paths from w to L of Π ∂child/∂parent along the path.

    A node knows its parents but not its children, so the graph is asked for as well: a Graph, its loss, or a Network.
    Parameters: the node, or its name; `limit` is how many paths are listed, beyond it δ is summed layer by layer;
    `digits` is how many significant digits are written. The numbers are those of the last forward pass; before one
    there are symbols only. Raises GraphError for a node of another graph, ShapeError unless there is one scalar loss.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise SettingError("no number of paths", found=f"limit={limit!r}", expected="limit=0 or more")
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 17:
        raise SettingError("no number of digits", found=f"digits={digits!r}", expected="1 to 17")
    whole = graph_of(graph)
    single_root(whole.plan)
    start = whole[node] if isinstance(node, str) else node
    if not isinstance(start, Node):
        raise OperandError("nothing to explain", found=f"{type(node).__name__} {node!r}"[:100], expected="a node")
    if start not in whole:
        raise GraphError(
            "not in this graph",
            node=str(start),
            expected=f"a node that {whole.outputs[0]} is made of",
            cure="Give the graph, the loss or the network that the node belongs to.",
        )
    return Explanation(find(start, whole, limit), digits)
