"""The backprop view: a graph above, and beneath it, node under node, the BP network that carries δ back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from minigrad._format import count_noun, shorten
from minigrad._toposort import depths, topological_order
from minigrad.analysis.gradient_graph import delta_nodes
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.drawing.diagram import Box, BoxGroup, Diagram, Edge, EdgeKind, Point, Role, check_size
from minigrad.drawing.neurons.column_layout import MARGIN, LayoutColumn, LayoutRow, PlacedNetwork, place_columns
from minigrad.drawing.numbers import format_given
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot, format_shape
from minigrad.drawing.style import NODE_ROLES
from minigrad.drawing.text_widths import text_width
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.ops.base import Elementwise
from minigrad.symbolic import Call, Formula, Number, Symbol, lift, readable, text
from minigrad.symbolic.namespace import as_formula_array

LIMIT = 40
"""Nodes that fill a page, since each is drawn twice."""
FORWARD, BACKWARD = "n", "d"
"""How the keys of the boxes of the upper and of the lower half begin."""
TITLES = {FORWARD: "Forward ━━▶  values", BACKWARD: "Backward ◀━━  derivatives"}
"""The titles of the halves, the upper one first."""
TOP, GAP, TITLE_SIZE = 2 * MARGIN, 4 * MARGIN, 10.0
"""Where the upper half begins, the distance of the halves, and the size of their titles."""
MOST_TERMS, LONGEST_TERM = 4, 36
"""Terms of a sum that are written out, the others counted; characters of a term that are shown."""
MOST_OPERANDS = 1000
"""Operands of a node up to which its rule is read as a formula."""
LEGEND = (
    "Above:  every node with its formula and its value;   ━━▶ an operand.",
    "Beneath, under each node:  its derivative ∂L/∂node, δ of a weighted sum, read from the backward rules;",
    "◀━━ violet: a derivative that another one reads.   The values it reads stand in its formula by their names.",
)


@register_view(
    "backprop",
    shows="Above, every node with its formula and value; below each, the node that computes its derivative.",
)
def backprop_view(graph: Graph, settings: DrawSettings, *, limit: int | None = LIMIT) -> Diagram:
    """Draw a graph above and its back-propagation network below, under each node the node of its derivative ∂L/∂node.

    For small expressions and networks, to see that the backward pass is a graph as well: the one that `gradient_graph`
    returns. The derivatives follow from the present values; no backward pass is needed.

    Args:
        graph: The graph, with one scalar output.
        page: The pass to show, and the options that all views share.
        limit: The largest number of nodes that is accepted; None accepts any number.

    Returns:
        The diagram, with positions.

    Raises:
        RenderError: If the graph has not exactly one scalar output, or more nodes than `limit`.

    Example:
        >>> import minigrad as mg
        >>> x = mg.Parameter(0.5, "x")
        >>> print(mg.draw(mg.tanh(x * x, name="y"), view="backprop"))  # doctest: +ELLIPSIS
        Forward ━━▶  values
          x  = 0.5
          #1  = x²  = 0.2500
          ├─ x
          └─ x
          y  = tanh(#1)  = 0.2449
          └─ #1
        Backward ◀━━  derivatives
          ∂L/∂x  = ∂L/∂#1·x  + ∂L/∂#1·x  = 0.9400
          ├─ ∂L/∂#1
          └─ ∂L/∂#1
          ∂L/∂#1  = ∂L/∂y·(1 − y²)  = 0.9400
          └─ ∂L/∂y
          ∂L/∂y  = 1
        ...
    """
    outputs = graph.outputs
    if len(outputs) > 1 or outputs[0].shape:
        found = count_noun(len(outputs), "output") if len(outputs) > 1 else f"an output of shape {outputs[0].shape}"
        cure = 'Draw the loss, or use view="expression".'
        raise RenderError("only a scalar has derivatives to draw", found=found, expected="one scalar output", cure=cure)
    view = "process" if any(node.kind == "weighted sum" for node in graph.nodes) else "expression"
    cure = f'Draw it with view="{view}", or only a part of it with draw(node, view="backprop").'
    check_size("backprop", len(graph), "node", limit, cure)
    deltas = delta_nodes(graph)
    snapshot = Snapshot(Graph([*graph.outputs, *deltas.values()]), sample=settings.snapshot.sample)
    halves = BackpropDiagram(graph, deltas, replace(settings, snapshot=snapshot))
    columns = halves.columns()
    placed = separate_halves(place_columns(columns, list(halves.edges())), columns)
    legend = (*map(settings.say, LEGEND), *settings.notes(deltas=False))
    return Diagram("backprop", placed.boxes, placed.edges, placed.groups, legend, placed=True)


def is_plain_number(node: Node) -> bool:
    """Return whether the node is a number without a name."""
    return node.kind == "constant" and not node.name


class BackpropDiagram:
    """A graph and the δ of each of its nodes, one above the other.

    `visible` are the nodes that have a box; a number without a name stands in the formulas that read it. `ranks` are
    the columns: a node after all it reads, a leaf right before the first node that reads it.
    """

    def __init__(self, graph: Graph, deltas: Mapping[Node, Node], settings: DrawSettings) -> None:
        self.graph, self.deltas, self.settings = graph, deltas, settings
        nodes, depth = graph.nodes, depths(graph.nodes)
        self.visible = [node for node in nodes if node in graph.outputs or not is_plain_number(node)]
        first_reader: dict[Node, int] = {}
        for node in nodes:
            for parent in node.parents:
                first_reader[parent] = min(first_reader.get(parent, depth[node]), depth[node])
        self.ranks = {node: rank if node.parents else first_reader.get(node, 1) - 1 for node, rank in depth.items()}
        self.symbols: dict[Node, Formula] = {
            node: formula_of_leaf(node) if is_plain_number(node) else Symbol("", graph.short_name(node))
            for node in nodes
        }
        self.owners = {delta: node for node, delta in deltas.items()}
        self.order = {node: position for position, node in enumerate(topological_order(list(deltas.values())))}

    def delta_name(self, node: Node) -> str:
        """Return the name of the derivative by a node: δ of a weighted sum, else ∂L/∂name."""
        name = self.graph.short_name(node)
        return f"δ({name})" if node.kind == "weighted sum" else f"∂L/∂{name}"

    def key(self, node: Node, half: str) -> str:
        """Return the key of the box of a node, or of its δ: its position in the graph."""
        return f"{half}{self.graph.position[node]}"

    def is_highlighted(self, node: Node) -> bool:
        """Return whether a node and its derivative are marked."""
        return node in self.settings.highlight

    def columns(self) -> list[LayoutColumn]:
        """Return the columns: nodes in the upper half, in the lower half their δ in the same order."""
        nodes_of: defaultdict[int, list[Node]] = defaultdict(list)
        for node in self.visible:
            nodes_of[self.ranks[node]].append(node)
        targets = self.graph.units.targets
        columns: list[LayoutColumn] = []
        for _, nodes in sorted(nodes_of.items()):
            boxes: list[Box] = []
            for node in nodes:
                role = Role.TARGET if node in targets else NODE_ROLES.get(node.kind, Role.NODE)
                name, fields = self.graph.short_name(node), self.fields(node, self.symbols)
                boxes.append(Box(self.key(node, FORWARD), (name,), fields, role, highlighted=self.is_highlighted(node)))
            for node in nodes:
                name, fields = self.delta_name(node), self.fields(self.deltas[node], self.delta_operands(node))
                key, highlighted = self.key(node, BACKWARD), self.is_highlighted(node)
                boxes.append(Box(key, (name,), fields, Role.DELTA, highlighted=highlighted))
            columns.append(LayoutColumn("", tuple(map(LayoutRow, boxes))))
        return columns

    def fields(self, node: Node, operands: Mapping[Node, Formula]) -> tuple[tuple[str, str], ...]:
        """Return the formula of a node, term by term, and its value, over a batch the mean."""
        snapshot = self.settings.snapshot
        value = snapshot.text(node, digits=self.settings.digits)
        label = self.settings.say("mean") if snapshot.is_mean and snapshot.varies(node) else "="
        return *(signed_terms(formula_of(node, operands), self.settings.digits) if node.op else ()), (label, value)

    def delta_operands(self, node: Node) -> dict[Node, Formula]:
        """Return what the formula of the δ of a node writes for what it reads; a node without a box is written out."""
        sources, inner = self.sources(node)
        operands = self.symbols | {self.deltas[source]: Symbol("", self.delta_name(source)) for source in sources}
        for part in inner:
            operands[part] = formula_of(part, operands)
        return operands

    def sources(self, node: Node) -> tuple[list[Node], list[Node]]:
        """Return the nodes whose δ the δ of a node reads, and the nodes between that have no box, parents first.

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

    def edges(self) -> Iterator[Edge]:
        """Yield an edge from each operand, repeats kept, and one from each δ that a δ reads, reversed by the layout."""
        for node in self.visible:
            for parent in node.parents:
                if not is_plain_number(parent):
                    yield Edge(self.key(parent, FORWARD), self.key(node, FORWARD))
        for node in self.visible:
            for source in self.sources(node)[0]:
                yield Edge(self.key(node, BACKWARD), self.key(source, BACKWARD), kind=EdgeKind.DELTA)


def formula_of(node: Node, operands: Mapping[Node, Formula]) -> Formula:
    """Return a node as a formula of its operands, by its forward rule; label(operands) where arrays are involved.

    The rule of an elementwise op on arrays is written for one element.
    """
    op = node.op
    if op is None:
        return formula_of_leaf(node)
    parts = [operands[parent] for parent in node.parents]
    has_arrays = bool(node.shape) or any(parent.shape for parent in node.parents)
    if len(parts) > MOST_OPERANDS or (has_arrays and not isinstance(op, Elementwise)):
        arguments = ", ".join(map(text, parts[: MOST_TERMS + 1])) + ", …" * (len(parts) > MOST_TERMS + 1)
        return Symbol("", f"{op.label}({arguments})" if op.label.isidentifier() else f"{op.label} of {arguments}")
    groups = grouped(op, tuple(parts)) if op.stars else parts
    values = [as_formula_array(group) if isinstance(group, tuple) else group for group in groups]
    return lift(interpreter.apply_forward(readable, op, values, [value.shape for value in values]))


def formula_of_leaf(node: Node) -> Formula:
    """Return a number that was never named as itself; an array as its shape."""
    return Number(node.value) if type(node.value) is float else Symbol("", format_shape(node))


def signed_terms(formula: Formula, digits: int) -> list[tuple[str, str]]:
    """Return the first terms of a sum, each beside its sign, and how many more there are."""
    terms: tuple[Formula, ...] = (formula,)
    if isinstance(formula, Call) and formula.function == "add":
        terms = tuple(Call("add", (term,)) for term in formula.operands)  # in parentheses where a sum needs them
    fields: list[tuple[str, str]] = []
    for term in (text(term, digits, format_given) for term in terms[:MOST_TERMS]):
        unsigned = term.lstrip("-−") if fields else term
        sign = "=" if not fields else "+" if unsigned == term else "−"
        fields.append((sign, shorten(unsigned, LONGEST_TERM)))
    if len(terms) > MOST_TERMS:
        fields.append(("⋮", f"{len(terms) - MOST_TERMS:,} more"))
    return fields


def separate_halves(placed: PlacedNetwork, columns: Sequence[LayoutColumn]) -> PlacedNetwork:
    """Return the diagram with each half as high as it has to be, under its title, and a gap between them."""
    half = (placed.corner.y - TOP) / 2
    heights = {key: half_height(columns, key) for key in TITLES}
    before = {FORWARD: TOP, BACKWARD: TOP + half}
    after = {FORWARD: TOP, BACKWARD: TOP + heights[FORWARD] + GAP}

    def move(point: Point, key: str) -> Point:
        return Point(point.x, after[key] + (point.y - before[key]) * heights[key] / half)

    boxes = tuple(box._replace(at=move(box.at, box.key[0])) for box in placed.boxes)
    edges = tuple(edge._replace(path=tuple(move(point, edge.head[0]) for point in edge.path)) for edge in placed.edges)
    groups = tuple(half_group(title, [box for box in boxes if box.key[0] == key]) for key, title in TITLES.items())
    return PlacedNetwork(boxes, edges, groups, Point(placed.corner.x, after[BACKWARD] + heights[BACKWARD]))


def half_height(columns: Sequence[LayoutColumn], half: str) -> float:
    """Return how high a half has to be for the boxes of every column."""
    rows = [[row.height + MARGIN for row in column.rows if row.box.key[0] == half] for column in columns]
    return max(len(heights) * max(heights) for heights in rows)


def half_group(title: str, boxes: Sequence[Box]) -> BoxGroup:
    """Return the boxes of a half under its title, which stands above its first boxes, to the left."""
    left = min(box.at.x - box.size.x / 2 for box in boxes)
    top = min(box.at.y - box.size.y / 2 for box in boxes)
    at = Point(left + text_width(title, TITLE_SIZE) / 2, top - 1.5 * MARGIN)
    return BoxGroup(title, tuple(box.key for box in boxes), at)
