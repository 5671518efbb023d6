"""The order of a graph, and the depth of its nodes."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad._toposort import depths, topological_order
from minigrad.errors import GraphError


def test_nodes_stand_in_the_order_a_reader_meets_them() -> None:
    a, b, c = (mg.Parameter(1.0, name) for name in "abc")
    left, right = a * b, b * c
    root = left + right
    assert topological_order([root]) == [a, b, left, c, right, root]
    assert topological_order([right, root]) == [b, c, right, a, left, root]
    assert topological_order([root, left, root]) == [a, b, left, c, right, root]
    assert topological_order([]) == []


def test_a_leaf_is_met_once_however_many_read_it() -> None:
    a, b = mg.Parameter(1.0, "a"), mg.Parameter(1.0, "b")
    square = a * a
    root = square + a * b
    assert topological_order([root]) == [a, square, b, root.parents[1], root]
    assert topological_order([a, root, b, a])[0] is a
    assert len(topological_order([a, root, b, a])) == 5


def test_a_cycle_is_refused() -> None:
    a = mg.Parameter(1.0, "a")
    b = mg.tanh(a, name="b")
    c = mg.sin(b)
    b.parents = (c,)
    with pytest.raises(GraphError, match="its own ancestor"):
        topological_order([c])


def test_the_depth_of_a_node_is_its_longest_distance_from_the_leaves() -> None:
    a, b = mg.Parameter(1.0, "a"), mg.Parameter(2.0, "b")
    product = a * b
    root = mg.tanh(product) + a
    assert depths(topological_order([root])) == {a: 0, b: 0, product: 1, root.parents[0]: 2, root: 3}
