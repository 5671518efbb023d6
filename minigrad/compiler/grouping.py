"""Like nodes grouped into array nodes: the matrices of a network recovered from its single neurons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import chain
from math import inf, prod
from operator import attrgetter, is_
from typing import Any, NamedTuple

import numpy as np

from minigrad import ops
from minigrad._toposort import depths
from minigrad.compiler.array_layout import ArrayLayout
from minigrad.compiler.canonical import canonicalize, node_op
from minigrad.compiler.influence import influence_test
from minigrad.compiler.node_forms import NodeForms, node_forms
from minigrad.core.node import Node
from minigrad.core.plan import grouped
from minigrad.errors import IrregularError
from minigrad.ops.base import Layered

OPERANDS = 3
"""How many array nodes a group of like nodes may read without being irregular."""


class GroupedGraph(NamedTuple):
    """A graph of array nodes, and how it corresponds to the original.

    `leaves` gives for each array leaf the original leaves in the order of its elements. `positions` gives for each
    scalar node its array node and the position in it, `arrays` for each array-valued node its new one. A node inside a
    sum that became one weighted sum has no position.
    """

    outputs: tuple[Node, ...]
    leaves: Mapping[Node, tuple[Node, ...]]
    positions: Mapping[Node, tuple[Node, int]]
    arrays: Mapping[Node, Node]


class MatrixProduct(NamedTuple):
    """Weighted sums that combine every row of inputs with every row of weights once.

    `inputs` are the rows of inputs, `weights` the rows of weights, each with its bias, `sums` the sums row by row.
    """

    op: Layered
    inputs: list[tuple[Node, ...]]
    weights: list[tuple[tuple[Node, ...], Node]]
    sums: list[Node]

    def weight_matrix(self) -> list[Node]:
        """Return the elements of the matrix of weights, whose columns are the rows of weights."""
        return list(chain.from_iterable(zip(*(row for row, _ in self.weights), strict=True)))

    def biases(self) -> list[Node]:
        """Return the bias of each row of weights."""
        return [bias for _, bias in self.weights]

    def input_matrix(self) -> list[Node]:
        """Return the elements of the matrix of inputs."""
        return list(chain.from_iterable(self.inputs))

    def weight_shape(self) -> tuple[int, int]:
        """Return the shape of the weights."""
        return len(self.inputs[0]), len(self.weights)

    def input_shape(self) -> tuple[int, ...]:
        """Return the shape of the inputs: a vector where there is one row."""
        rows, size = len(self.inputs), len(self.inputs[0])
        return (size,) if rows == 1 else (rows, size)


def group_like_nodes(
    originals: Sequence[Node],
    max_arrays: float = inf,
    own_leaves: bool = False,
    order: Sequence[Node] | None = None,
    depth: Mapping[Node, int] | None = None,
) -> GroupedGraph:
    """Group the like scalar nodes of a graph, depth by depth, into array nodes, and recover its matrix products.

    Weighted sums that read the same inputs become one affine map; where the same weights meet many inputs, as in a
    graph unrolled over samples, all of them become one matrix product. All other nodes of equal depth, op and number of
    parents become one node over gathers. The result computes the same numbers, with sums re-associated.
    With `own_leaves` no leaf is shared with the original graph, and every constant is one element of one array leaf, so
    that δ of that element is its derivative. `order` are the nodes in topological order, `depth` their depths, where
    these are known.
    Raises IrregularError as soon as it would take more than `max_arrays` array nodes.
    """
    outputs, nodes, node_map = canonicalize(originals, not own_leaves, order)
    depth = depth if depth is not None and nodes is order else depths(nodes)
    computed = computed_nodes(depth)
    forms = node_forms(computed)
    has_influence = influence_test(computed, forms, outputs)
    groups = group_by_depth(depth, forms, has_influence, nodes_alone(nodes, forms))
    check_count(sum(node_op(group[0]).element is None for group in groups), max_arrays)
    products_of = [matrix_products(group) if is_sum_of_scalars(group[0]) else [] for group in groups]
    builder = ArrayGraphBuilder(own_leaves)
    for product in chain.from_iterable(products_of):
        builder.add_product_leaves(product)
    builder.add_other_leaves(nodes)
    layout = builder.layout
    for group, products in zip(groups, products_of, strict=True):
        check_count(layout.gathers // OPERANDS, max_arrays)
        for product in products:
            builder.add_product(product)
        in_products = {node for product in products for node in product.sums}
        if others := [node for node in group if node not in in_products]:
            builder.add_group(others)
    array_outputs = tuple(builder.arrays[node] if node.shape else layout.element(node) for node in outputs)
    positions, arrays = layout.positions, builder.arrays
    if not all(map(is_, node_map, node_map.values())):
        positions = {node: positions[twin] for node, twin in node_map.items() if twin in positions}
        arrays = {node: arrays[twin] for node, twin in node_map.items() if twin in arrays}
    return GroupedGraph(array_outputs, layout.leaves, positions, arrays)


def check_count(arrays: int, max_arrays: float) -> None:
    """Raise IrregularError for more than so many arrays."""
    if arrays > max_arrays:
        raise IrregularError("a graph with too few like nodes for arrays", found=f"more than {max_arrays:g} groups")


def group_by_depth(
    depth: Mapping[Node, int], forms: NodeForms, has_influence: Callable[[Node], bool], alone: Container[Node] = ()
) -> list[list[Node]]:
    """Group the computed nodes of a graph by depth, form, and influence on the outputs.

    `depth` has the nodes in topological order, `forms` are those of the computed ones; nodes that are `alone` make
    groups of their own.
    """
    computed = computed_nodes(depth)
    numbers, count = forms.numbers, len(forms.different)
    if alone:
        numbers = [count + index if node in alone else numbers[index] for index, node in enumerate(computed)]
        count += len(computed)
    levels = np.fromiter(depth.values(), np.int64)
    influences = np.fromiter(map(has_influence, computed), bool, len(computed))
    keys = (levels[levels > 0] * count + np.array(numbers, np.int64)) * 2 + influences
    groups: dict[int, list[Node]] = defaultdict(list)
    for key, node in zip(keys.tolist(), computed, strict=True):
        groups[key].append(node)
    return [groups[key] for key in sorted(groups, key=lambda key: key // (2 * count))]


def computed_nodes(depth: Mapping[Node, int]) -> list[Node]:
    """Return the computed nodes, which are those that do not lie at depth 0."""
    return [node for node, level in depth.items() if level]


def nodes_alone(nodes: Sequence[Node], forms: NodeForms) -> set[Node]:
    """Return the computed nodes that have to do with an array, and are therefore like no others."""
    if any(map(attrgetter("shape"), nodes)) or any(op.kind == "array" for op, _ in forms.different):
        return {node for node in nodes if node.op is not None and is_alone(node)}
    return set()


def is_alone(node: Node) -> bool:
    """Return whether a node is an array, reads one, or has an op that refers to the axes of its operand."""
    return bool(node.shape) or node.kind == "array" or any(parent.shape for parent in node.parents)


def is_sum_of_scalars(node: Node) -> bool:
    """Return whether a node is a weighted sum of single nodes."""
    return isinstance(node.op, Layered) and not node.parents[0].shape


def matrix_products(group: Sequence[Node]) -> list[MatrixProduct]:
    """Return the matrix products among some weighted sums of equal length.

    Rows of inputs and rows of weights are the two parts of a bipartite graph with the sums as its edges; a component in
    which every pair meets once is a product.
    """
    op = group[0].op
    assert isinstance(op, Layered)
    x_numbers: dict[Any, int] = {}  # a row of many nodes is hashed and compared once
    w_numbers: dict[Any, int] = {}
    rows: dict[Node, tuple[int, int]] = {}
    for node in group:
        x, w, b = grouped(op, node.parents)
        rows[node] = x_numbers.setdefault(x, len(x_numbers)), w_numbers.setdefault((w, b), len(w_numbers))
    x_rows, w_rows = [*x_numbers], [*w_numbers]
    products = []
    for nodes in connected_components(rows):
        inputs = list(dict.fromkeys(rows[node][0] for node in nodes))
        weights = list(dict.fromkeys(rows[node][1] for node in nodes))
        by_rows = {rows[node]: node for node in nodes}
        if len(inputs) * len(weights) == len(nodes) == len(by_rows):
            sums = [by_rows[x, w] for x in inputs for w in weights]
            products.append(MatrixProduct(op, [x_rows[x] for x in inputs], [w_rows[w] for w in weights], sums))
    larger = [product for product in products if len(product.sums) > 1]
    return products if len(products) - len(larger) == 1 else larger


def connected_components(rows: Mapping[Node, tuple[Any, Any]]) -> list[list[Node]]:
    """Return the sums that are connected by shared rows of inputs or of weights."""
    readers: tuple[dict[Any, list[Node]], dict[Any, list[Node]]] = ({}, {})
    for node, pair in rows.items():
        for readers_of, row in zip(readers, pair, strict=True):
            readers_of.setdefault(row, []).append(node)
    order = {node: index for index, node in enumerate(rows)}
    components: list[list[Node]] = []
    seen: set[Node] = set()
    for start in rows:
        if start in seen:
            continue
        seen.add(start)
        component, stack = [], [start]
        while stack:
            node = stack.pop()
            component.append(node)
            for readers_of, row in zip(readers, rows[node], strict=True):
                new = [other for other in readers_of.pop(row, ()) if other not in seen]
                seen.update(new)
                stack += new
        components.append(sorted(component, key=order.__getitem__))
    return components


class ArrayGraphBuilder:
    """The array nodes made so far, group by group."""

    def __init__(self, own_leaves: bool) -> None:
        self.own_leaves = own_leaves
        self.layout = ArrayLayout(inline_constants=not own_leaves)
        self.arrays: dict[Node, Node] = {}
        """The new node of each array-valued node."""

    def add_product_leaves(self, product: MatrixProduct) -> None:
        """Arrange the leaves of a matrix product as matrices, before they become part of another array."""
        columns = list(chain.from_iterable([row for row, _ in product.weights]))
        self.layout.arrange_leaves(columns, product.weight_shape(), "F")
        self.layout.arrange_leaves(product.biases(), (len(product.weights),))
        self.layout.arrange_leaves(product.input_matrix(), product.input_shape())

    def add_other_leaves(self, nodes: Sequence[Node]) -> None:
        """Arrange all remaining scalar leaves, one array for each kind; array leaves stay as they are."""
        pools: dict[str, list[Node]] = defaultdict(list)
        positions = self.layout.positions
        for node in [node for node in nodes if node.op is None and node not in positions]:
            if node.shape:
                self.arrays[node] = leaf = self.layout.array_leaf([node], node.shape) if self.own_leaves else node
                self.layout.leaves[leaf] = (node,)
            else:
                pools[node.kind].append(node)
        for pool in pools.values():
            self.layout.place(pool, self.layout.array_leaf(pool, (len(pool),)))

    def add_product(self, product: MatrixProduct) -> None:
        """Replace many weighted sums by one affine map, s = x W + b."""
        layout = self.layout
        x = layout.gather(product.input_matrix(), product.input_shape())
        W = layout.gather(product.weight_matrix(), product.weight_shape())
        b = layout.gather(product.biases(), (len(product.weights),))
        layout.place(product.sums, product.op.layer(x, W, b, layout.array_name(product.sums)))

    def add_group(self, group: Sequence[Node]) -> None:
        """Replace a group of like nodes by array nodes."""
        first = group[0]
        if is_alone(first):
            self.add_alone(first)
        elif node_op(first).stars:
            self.add_rows(group)
        else:
            for nodes, shape in self.split_by_source(group):
                rows = list(zip(*(node.parents for node in nodes), strict=True))
                operands = [self.layout.operand(row, shape) for row in rows]
                if shape and not any(operand.shape for operand in operands):  # like nodes, each with a δ of its own
                    operands[0] = self.layout.gather(rows[0], shape)
                self.layout.place(nodes, node_op(first)(*operands, name=self.layout.array_name(nodes)))

    def split_by_source(self, group: Sequence[Node]) -> Iterator[tuple[list[Node], tuple[int, ...]]]:
        """Split a group so that nodes which read all of one array come together, in its order and in its shape."""
        by_array: dict[Node, list[tuple[int, Node]]] = defaultdict(list)
        others: list[Node] = []
        for node in group:
            source = next((parent for parent in node.parents if parent.op is not None), None)
            if source is None:
                others.append(node)
            else:
                array, index = self.layout.positions[source]
                by_array[array].append((index, node))
        for array, members in by_array.items():
            members.sort(key=lambda member: member[0])
            nodes = [node for _, node in members]
            if [index for index, _ in members] == list(range(prod(array.shape))):
                yield nodes, array.shape
            else:
                others += nodes
        if others:
            yield others, (len(others),) if len(others) > 1 else ()

    def add_rows(self, group: Sequence[Node]) -> None:
        """Replace a group of nodes with a starred operand: their rows become the rows of a matrix."""
        op, count = node_op(group[0]), len(group)
        rows = [grouped(op, node.parents) for node in group]
        operands = []
        for index, name in enumerate(op.operands):
            if name.startswith("*"):
                length = len(rows[0][index])
                flat = [node for row in rows for node in row[index]]
                operands.append(self.layout.gather(flat, (length,) if count == 1 else (count, length)))
            else:
                operands.append(self.layout.operand([row[index] for row in rows], () if count == 1 else (count,)))
        self.layout.place(group, op(*operands, name=self.layout.array_name(group)))

    def add_alone(self, node: Node) -> None:
        """Replace a node that is an array, or has to do with one."""
        layout = self.layout
        op = node_op(node)
        if op.element is not None and node.parents[0] in self.arrays:
            layout.positions[node] = self.arrays[node.parents[0]], op.element
            return
        if op.is_row and not node.parents[0].shape:
            # a node of its own: others may read the gathered array too, and its δ is theirs as well
            self.arrays[node] = ops.identity(layout.gather(node.parents, node.shape))
            return
        operands = grouped(op, node.parents) if op.stars and not node.parents[0].shape else node.parents
        array = op(*map(self.array_operand, operands), name=layout.array_name([node]))
        if node.shape:
            self.arrays[node] = array
        else:
            layout.positions[node] = array, 0

    def array_operand(self, operand: Node | tuple[Node, ...]) -> Node:
        """Return the new node for one operand of a node that stands alone: a row of nodes, an array, or one node."""
        if isinstance(operand, tuple):
            return self.layout.gather(operand, (len(operand),))
        return self.arrays[operand] if operand.shape else self.layout.element(operand)
