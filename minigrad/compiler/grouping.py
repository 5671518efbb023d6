"""Many like nodes as few array nodes: the matrices of a network found again from its single neurons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import inf, prod
from typing import Any, NamedTuple

from minigrad._toposort import topological_order
from minigrad.compiler.array_layout import ArrayLayout, ElementPosition
from minigrad.compiler.canonical import canonicalize, node_op
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.errors import IrregularError
from minigrad.ops.base import Layered

OPERANDS = 3
"""How many array nodes a group of like nodes may read without being irregular."""


class GroupedGraph(NamedTuple):
    """Outputs made of array nodes, what their leaves are made of, and where the nodes of the original are found in it.

    `leaves` gives for each array leaf the leaves of the original in the order of its elements. `places` gives for each
    scalar node its array node and position, `arrays` for each array-valued node its new one. A node inside a sum that
    became one weighted sum has no place.
    """

    outputs: tuple[Node, ...]
    leaves: Mapping[Node, tuple[Node, ...]]
    places: Mapping[Node, ElementPosition]
    arrays: Mapping[Node, Node]


class MatrixProduct(NamedTuple):
    """Weighted sums that meet every input row with every weight row once: a matrix product."""

    op: Layered
    x: list[tuple[Node, ...]]
    w: list[tuple[tuple[Node, ...], Node]]
    nodes: list[Node]


def group_like_nodes(originals: Sequence[Node], most: float = inf) -> GroupedGraph:
    """Groups the like scalar nodes of a graph level by level into array nodes, and finds its matrix products.

    Weighted sums that read the same inputs become one affine map; where the same weights meet many inputs, as in a
    graph unrolled over samples, the cross product becomes one matrix product. All else of equal level, op and form
    becomes one node over gathers. The result computes the same numbers, with sums re-associated.
    Raises IrregularError as soon as it would take more than `most` array nodes.
    """
    outputs, stands_for = canonicalize(originals)
    nodes = topological_order(outputs)
    groups = [(group, matrix_products(group) if is_sum_of_neurons(group[0]) else None) for group in like_nodes(nodes)]
    builder = ArrayGraphBuilder()
    for _, found in groups:
        for product in found or ():
            builder.claim(product)
    builder.place_leaves(nodes)
    operations = sum(node_op(group[0]).element is None for group, _ in groups)
    for group, found in groups:
        if max(operations, builder.layout.gathers // OPERANDS) > most:
            raise IrregularError("a graph with too few like nodes for arrays", found=f"more than {most:g} groups")
        if found is None:
            builder.build(group)
            continue
        for product in found:
            builder.build_product(product)
        known = {node for product in found for node in product.nodes}
        if rest := [node for node in group if node not in known]:
            builder.build(rest)
    layout = builder.layout
    found_outputs = tuple(builder.arrays[node] if node.shape else layout.pick(node) for node in outputs)
    places = {node: layout.places[twin] for node, twin in stands_for.items() if twin in layout.places}
    arrays = {node: builder.arrays[twin] for node, twin in stands_for.items() if twin in builder.arrays}
    return GroupedGraph(found_outputs, layout.leaves, places, arrays)


def like_nodes(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """The computed nodes in groups of equal level, op and form, level by level."""
    level: dict[Node, int] = {}
    groups: dict[int, dict[Any, list[Node]]] = defaultdict(dict)
    for node in nodes:
        level[node] = 1 + max((level[parent] for parent in node.parents), default=-1)
        if node.op is not None:
            form = node if is_alone(node) else (node.op, len(node.parents))
            groups[level[node]].setdefault(form, []).append(node)
    for depth in sorted(groups):
        yield from groups[depth].values()


def is_alone(node: Node) -> bool:
    """Whether a node has no like ones: it is an array, reads one, or its op speaks of the axes of its operand."""
    return bool(node.shape) or node.kind == "array" or any(parent.shape for parent in node.parents)


def is_sum_of_neurons(node: Node) -> bool:
    return isinstance(node.op, Layered) and not node.parents[0].shape


def matrix_products(group: Sequence[Node]) -> list[MatrixProduct]:
    """The matrix products among some weighted sums of equal length.

    Rows of inputs and rows of weights are the two sides of a bipartite graph with the sums as its edges; a component in
    which every pair meets once is a product.
    """
    sums, op = {}, group[0].op
    assert isinstance(op, Layered)
    for node in group:
        x, w, b = grouped(op, node.parents)
        sums[node] = (x, (w, b))
    found = []
    for nodes in connected_components(sums):
        rows = list(dict.fromkeys(sums[node][0] for node in nodes))
        columns = list(dict.fromkeys(sums[node][1] for node in nodes))
        meeting = {sums[node]: node for node in nodes}
        if len(rows) * len(columns) == len(nodes) == len(meeting):
            found.append(MatrixProduct(op, rows, columns, [meeting[row, column] for row in rows for column in columns]))
    alone = [product for product in found if len(product.nodes) == 1]
    return found if len(alone) == 1 else [product for product in found if len(product.nodes) > 1]


def connected_components(sums: Mapping[Node, tuple[Any, Any]]) -> list[list[Node]]:
    """The sums that hang together by shared input rows or shared weight rows."""
    sides: tuple[dict[Any, list[Node]], dict[Any, list[Node]]] = ({}, {})
    for node, rows in sums.items():
        for side, row in zip(sides, rows, strict=True):
            side.setdefault(row, []).append(node)
    order = {node: place for place, node in enumerate(sums)}
    found: list[list[Node]] = []
    seen: set[Node] = set()
    for start in sums:
        if start in seen:
            continue
        seen.add(start)
        component, stack = [], [start]
        while stack:
            node = stack.pop()
            component.append(node)
            for side, row in zip(sides, sums[node], strict=True):
                fresh = [other for other in side.pop(row, ()) if other not in seen]
                seen.update(fresh)
                stack += fresh
        found.append(sorted(component, key=order.__getitem__))
    return found


class ArrayGraphBuilder:
    """Makes the array nodes, group by group."""

    def __init__(self) -> None:
        self.layout = ArrayLayout()
        self.arrays: dict[Node, Node] = {}

    def claim(self, product: MatrixProduct) -> None:
        """Lays out the leaves of a matrix product as a matrix, before anything else claims them."""
        k, n = len(product.x[0]), len(product.w)
        self.layout.claim([row[i] for i in range(k) for row, _ in product.w], (k, n))
        self.layout.claim([bias for _, bias in product.w], (n,))
        flat = [node for row in product.x for node in row]
        self.layout.claim(flat, (k,) if len(product.x) == 1 else (len(product.x), k))

    def place_leaves(self, nodes: Sequence[Node]) -> None:
        """Lays out all scalar leaves that are left, one array for each kind; array leaves stay as they are."""
        pools: dict[str, list[Node]] = defaultdict(list)
        for node in nodes:
            if node.op is not None:
                continue
            if node.shape:
                self.arrays[node] = node
                self.layout.leaves[node] = (node,)
            elif node not in self.layout.places:
                pools[node.kind].append(node)
        for pool in pools.values():
            self.layout.put(pool, self.layout.array_leaf(pool, (len(pool),)))

    def build_product(self, product: MatrixProduct) -> None:
        """One affine map, s = x W + b, in the place of many weighted sums."""
        layout = self.layout
        m, n, k = len(product.x), len(product.w), len(product.x[0])
        x = layout.gather([node for row in product.x for node in row], (k,) if m == 1 else (m, k))
        W = layout.gather([row[i] for i in range(k) for row, _ in product.w], (k, n))
        b = layout.gather([bias for _, bias in product.w], (n,))
        layout.put(product.nodes, product.op.layer(x, W, b, layout.name_of(product.nodes)))

    def build(self, group: Sequence[Node]) -> None:
        """One array node in the place of a group of like nodes."""
        first = group[0]
        if is_alone(first):
            self.build_alone(first)
        elif node_op(first).stars:
            self.build_rows(group)
        else:
            for nodes, shape in self.aligned(group):
                rows = list(zip(*(node.parents for node in nodes), strict=True))
                operands = [self.layout.operand(row, shape) for row in rows]
                if shape and not any(operand.shape for operand in operands):  # like nodes, each with a δ of its own
                    operands[0] = self.layout.gather(rows[0], shape)
                self.layout.put(nodes, node_op(first)(*operands, name=self.layout.name_of(nodes)))

    def aligned(self, group: Sequence[Node]) -> Iterator[tuple[list[Node], tuple[int, ...]]]:
        """A group cut so that nodes which read one whole array come together, in its order and in its shape."""
        by_array: dict[Node, list[tuple[int, Node]]] = defaultdict(list)
        rest: list[Node] = []
        for node in group:
            source = next((parent for parent in node.parents if parent.op is not None), None)
            if source is None:
                rest.append(node)
            else:
                by_array[self.layout.places[source].array].append((self.layout.places[source].position, node))
        for array, members in by_array.items():
            members.sort(key=lambda member: member[0])
            nodes = [node for _, node in members]
            if [position for position, _ in members] == list(range(prod(array.shape))):
                yield nodes, array.shape
            else:
                rest += nodes
        if rest:
            yield rest, (len(rest),) if len(rest) > 1 else ()

    def build_rows(self, group: Sequence[Node]) -> None:
        """A group of starred nodes: their rows become the rows of a matrix."""
        op, count = node_op(group[0]), len(group)
        rows = [grouped(op, node.parents) for node in group]
        operands = []
        for place, name in enumerate(op.operands):
            if name.startswith("*"):
                length = len(rows[0][place])
                flat = [node for row in rows for node in row[place]]
                operands.append(self.layout.gather(flat, (length,) if count == 1 else (count, length)))
            else:
                operands.append(self.layout.operand([row[place] for row in rows], () if count == 1 else (count,)))
        self.layout.put(group, op(*operands, name=self.layout.name_of(group)))

    def build_alone(self, node: Node) -> None:
        """A node that is an array, or has to do with one."""
        layout = self.layout
        element = node_op(node).element
        if element is not None and node.parents[0] in self.arrays:
            layout.places[node] = ElementPosition(self.arrays[node.parents[0]], element)
            return
        if node_op(node).is_row and not node.parents[0].shape:
            self.arrays[node] = layout.gather(node.parents, node.shape)
            return
        starred = node_op(node).stars and not node.parents[0].shape
        operands = [
            layout.gather(operand, (len(operand),))
            if isinstance(operand, tuple)
            else self.arrays[operand]
            if operand.shape
            else layout.pick(operand)
            for operand in (grouped(node_op(node), node.parents) if starred else node.parents)
        ]
        array = node_op(node)(*operands, name=layout.name_of([node]))
        if node.shape:
            self.arrays[node] = array
        else:
            layout.places[node] = ElementPosition(array, 0)
