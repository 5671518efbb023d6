"""The backprop view: a graph above, and beneath it, node under node, the BP network that carries δ back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from minigrad._format import count_noun, shorten, text_width
from minigrad._toposort import topological_order
from minigrad.analysis.gradient_graph import delta_nodes
from minigrad.core.node import Node
from minigrad.drawing.algebra import Written, atom, formula, number
from minigrad.drawing.diagram import Box, Diagram, Edge, Group, Link, Point, Role
from minigrad.drawing.neurons.layout import MARGIN, Column, Placed, Row, place
from minigrad.drawing.snapshot import Readings, summary
from minigrad.drawing.views.expression import ROLES
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import targets_of

LIMIT = 40
"""Nodes that fill a page, since each is drawn twice."""
FORWARD, BACKWARD = "n", "d"
"""How the keys of the boxes of a lane begin."""
LANES = MappingProxyType({FORWARD: "Forward ━━▶  values", BACKWARD: "Backward ◀━━  δ"})
"""The titles of the lanes, the upper one first."""
TOP, GAP, TITLE_SIZE = 2 * MARGIN, 4 * MARGIN, 10.0
"""Where the upper lane begins, the room between the lanes, and the size of their titles."""
LEGEND = (
    "Above:  every node with its formula and its value;   ━━▶ gray: an operand.",
    "Beneath, under each node:  its δ = ∂L/∂node, a node of its own, made by reading the backward rules over nodes;",
    "◀━━ violet: a δ that another one reads.   The values that it reads stand in its formula, by their names above.",
)


def backprop(graph: Graph, *, limit: int | None = LIMIT) -> Diagram:
    """A graph and its BP network, δ under node; the δ follow from the present values, and no backward pass is needed.

    Raises RenderError unless the graph has one scalar output, and for more than `limit` nodes; None draws any number.
    """
    check(graph, limit)
    lanes = Lanes(graph, delta_nodes(graph), Readings())
    columns = lanes.columns()
    placed = apart(place(columns, [*lanes.forward_edges(), *lanes.backward_edges()]), columns)
    unknown = any(node.value is None for node in graph.nodes)
    notes = ("— not known yet: run forward.",) if unknown else ()
    legend = (*LEGEND, *lanes.readings.notes(), *notes)
    return Diagram("backprop", placed.boxes, placed.edges, placed.groups, legend, placed=True)


def check(graph: Graph, limit: int | None) -> None:
    """Raises RenderError for a graph without one scalar output, or too large."""
    outputs = graph.outputs
    if len(outputs) > 1 or outputs[0].shape:
        raise RenderError(
            "δ starts at one scalar",
            found=count_noun(len(outputs), "output") if len(outputs) > 1 else f"an output of shape {outputs[0].shape}",
            expected="one scalar output",
            cure='Draw the loss, or a node that sums up what should be made small; or use view="expression".',
        )
    if limit is not None and len(graph) > limit:
        view = "passes" if any(node.kind == "weighted sum" for node in graph.nodes) else "expression"
        raise RenderError(
            "too large for the backprop view",
            found=f"{len(graph):,} nodes",
            expected=f"at most {limit}",
            cure=f'Draw it with view="{view}", or only a part of it with draw(node, view="backprop").',
        )


def is_bare(node: Node) -> bool:
    """Whether the node is a number that was never named."""
    return node.kind == "constant" and not node.name


@dataclass(frozen=True)
class Lanes:
    """A graph and the δ of each of its nodes, written one above the other."""

    graph: Graph
    deltas: Mapping[Node, Node]
    readings: Readings

    @cached_property
    def shown(self) -> list[Node]:
        """The nodes that have a box; a number that was never named stands in the formulas that read it."""
        return [node for node in self.graph.nodes if node in self.graph.outputs or not is_bare(node)]

    @cached_property
    def ranks(self) -> dict[Node, int]:
        """The column of every node: after all it reads; that of a leaf right before the first node that reads it."""
        ranks: dict[Node, int] = {}
        first_reader: dict[Node, int] = {}
        for node in self.graph.nodes:
            ranks[node] = 1 + max([ranks[parent] for parent in node.parents], default=-1)
            for parent in node.parents:
                first_reader[parent] = min(first_reader.get(parent, ranks[node]), ranks[node])
        return {node: rank if node.parents else first_reader.get(node, 1) - 1 for node, rank in ranks.items()}

    @cached_property
    def names(self) -> dict[Node, Written]:
        """How formulas name the nodes of the graph."""
        return {node: number(node) if is_bare(node) else atom(self.name(node)) for node in self.graph.nodes}

    @cached_property
    def owners(self) -> dict[Node, Node]:
        """The node that each δ belongs to."""
        return {delta: node for node, delta in self.deltas.items()}

    @cached_property
    def order(self) -> dict[Node, int]:
        """The place of every node of the BP network in its topological order."""
        nodes = topological_order(list(self.deltas.values()))
        return {node: place for place, node in enumerate(nodes)}

    def name(self, node: Node) -> str:
        """What a node is called."""
        return shorten(node.name) if node.name else f"#{self.graph.position[node]}"

    def delta_name(self, node: Node) -> str:
        """What the δ of a node is called."""
        return shorten(self.deltas[node].name or "")

    def key(self, node: Node, lane: str) -> str:
        """The key of the box of a node, or of its δ: its position in the graph."""
        return f"{lane}{self.graph.position[node]}"

    def columns(self) -> list[Column]:
        """The columns: nodes in the upper half, in the lower half their δ in the same order."""
        columns: defaultdict[int, list[Node]] = defaultdict(list)
        for node in self.shown:
            columns[self.ranks[node]].append(node)
        targets = targets_of(self.graph)
        return [
            Column("", (*(Row(self.node_box(node, targets)) for node in nodes), *map(Row, map(self.delta_box, nodes))))
            for _, nodes in sorted(columns.items())
        ]

    def node_box(self, node: Node, targets: Container[Node]) -> Box:
        """The box of a node: its name, its formula, its value."""
        role = Role.TARGET if node in targets else ROLES.get(node.kind, Role.NODE)
        return Box(self.key(node, FORWARD), (self.name(node),), self.fields(node, self.names), role)

    def delta_box(self, node: Node) -> Box:
        """The box of the δ of a node, written alike."""
        delta = self.deltas[node]
        return Box(self.key(node, BACKWARD), (self.delta_name(node),), self.fields(delta, self.known(node)), Role.DELTA)

    def fields(self, node: Node, known: Mapping[Node, Written]) -> tuple[tuple[str, str], ...]:
        """What a node is made of, term by term, and what comes out."""
        value = summary(node, self.readings.value(node), node.value)
        if node.op is None:
            return (("=", value),)
        made = formula(node, known)
        first, *others = made.terms
        left = made.length - len(made.terms)
        more = (("⋮", f"{left:,} more"),) if left else ()
        return ("=", "−" * (first.sign == "−") + first.text), *others, *more, ("=", value)

    def known(self, node: Node) -> dict[Node, Written]:
        """How the formula of the δ of a node names what it reads; what has no box it writes out."""
        sources, inner = self.read_by(node)
        known = self.names | {self.deltas[source]: atom(self.delta_name(source)) for source in sources}
        for part in inner:
            known[part] = formula(part, known)
        return known

    def read_by(self, node: Node) -> tuple[list[Node], list[Node]]:
        """The nodes whose δ the δ of a node reads, and what stands between them that has no box, parents first.

        A δ reads those of the nodes behind it; where two nodes share a factor, each of them writes it out.
        """
        sources: list[Node] = []
        inner: dict[Node, None] = {}
        stack = [self.deltas[node]]
        while stack:
            for parent in stack.pop().parents:
                owner = self.owners.get(parent)
                if owner is not None and self.ranks[owner] > self.ranks[node]:
                    sources.append(owner)
                elif parent not in inner and parent not in self.graph:
                    inner[parent] = None
                    stack.append(parent)
        return sources, sorted(inner, key=self.order.__getitem__)

    def forward_edges(self) -> Iterator[Edge]:
        """An edge from each operand, repeats kept."""
        for node in self.shown:
            for parent in node.parents:
                if not is_bare(parent):
                    yield Edge(self.key(parent, FORWARD), self.key(node, FORWARD))

    def backward_edges(self) -> Iterator[Edge]:
        """An edge from each δ that the δ of a node reads, written from left to right: the placing turns it around."""
        for node in self.shown:
            for source in self.read_by(node)[0]:
                yield Edge(self.key(node, BACKWARD), self.key(source, BACKWARD), link=Link.DELTA)


class Move(NamedTuple):
    """Where the points of a lane go: drawn together toward its upper end, and down."""

    top: float
    scale: float
    down: float

    def point(self, point: Point) -> Point:
        """Where one point goes."""
        return Point(point.x, self.top + (point.y - self.top) * self.scale + self.down)

    def box(self, box: Box) -> Box:
        """Where a box goes, as large as it is."""
        return box._replace(at=self.point(box.at))

    def edge(self, edge: Edge) -> Edge:
        """Where an edge goes."""
        return edge._replace(path=tuple(map(self.point, edge.path)))


def apart(placed: Placed, columns: Sequence[Column]) -> Placed:
    """The same with each lane only as high as it has to be, under its title, and with room between the two."""
    half = (placed.corner.y - TOP) / 2
    heights = [lane_height(columns, lane) for lane in LANES]
    moves = {
        FORWARD: Move(TOP, heights[0] / half, 0.0),
        BACKWARD: Move(TOP + half, heights[1] / half, heights[0] + GAP - half),
    }
    boxes = tuple(moves[box.key[0]].box(box) for box in placed.boxes)
    edges = tuple(moves[edge.head[0]].edge(edge) for edge in placed.edges)
    groups = [heading(title, [box for box in boxes if box.key[0] == lane]) for lane, title in LANES.items()]
    return Placed(boxes, edges, tuple(groups), Point(placed.corner.x, TOP + sum(heights) + GAP))


def lane_height(columns: Sequence[Column], lane: str) -> float:
    """How high a lane has to be for the boxes of every column."""
    rows = [[row.height + MARGIN for row in column.rows if row.box.key[0] == lane] for column in columns]
    return max(len(heights) * max(heights) for heights in rows)


def heading(title: str, boxes: Sequence[Box]) -> Group:
    """A lane under its title, which stands above its first boxes, to the left."""
    left = min(box.at.x - box.size.x / 2 for box in boxes)
    top = min(box.at.y - box.size.y / 2 for box in boxes)
    at = Point(left + text_width(title, TITLE_SIZE) / 2, top - 1.5 * MARGIN)
    return Group(title, tuple(box.key for box in boxes), at)
