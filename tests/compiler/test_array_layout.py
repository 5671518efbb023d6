"""Layouts: where scalars live as elements of arrays, and what brings several of them together."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.array_layout import ArrayLayout


def inputs(count: int, name: str = "x") -> list[mg.Node]:
    return [mg.Input(f"{name}{number}") for number in range(1, count + 1)]


def layout_of_inputs(*sizes: int) -> tuple[ArrayLayout, list[list[mg.Node]]]:
    """A layout with vectors of inputs of these lengths."""
    layout = ArrayLayout()
    rows = [inputs(size, letter) for size, letter in zip(sizes, "xyz", strict=False)]
    for row in rows:
        layout.place(row, layout.array_leaf(row, (len(row),)))
    return layout, rows


def labels(node: mg.Node) -> list[str]:
    return [step.op.label for step in mg.Graph(node).nodes if step.op is not None]


def test_the_elements_of_an_array_in_order_are_the_array() -> None:
    layout, (x,) = layout_of_inputs(4)
    array, _ = layout.positions[x[0]]
    assert layout.positions[x[2]] == (array, 2)
    assert layout.gather(x, (4,)) is array
    assert labels(layout.gather(x, (2, 2))) == ["reshape"]


def test_elements_out_of_order_are_gathered() -> None:
    layout, (x,) = layout_of_inputs(4)
    gathered = layout.gather([x[3], x[0], x[0]], (3,))
    assert mg.Graph(gathered).forward({"x1…x4": [1.0, 2.0, 3.0, 4.0]}).tolist() == [4.0, 1.0, 1.0]


def test_arrays_that_are_read_together_are_joined_once() -> None:
    layout, (x, y) = layout_of_inputs(2, 3)
    first, second = layout.gather([*x, *y], (5,)), layout.gather([*x, *y], (5,))
    assert first is second
    assert labels(first) == ["concat"]


def test_one_node_everywhere_is_broadcast() -> None:
    layout, (x,) = layout_of_inputs(3)
    gathered = layout.gather([x[1]] * 4, (2, 2))
    assert mg.Graph(gathered).forward({"x1…x3": [1.0, 2.0, 3.0]}).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert layout.operand([x[1]] * 4, (4,)).shape == ()


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_one_node_alone_is_taken_as_it_is(shape: tuple[int, ...]) -> None:
    layout, (x,) = layout_of_inputs(1)
    gathered = layout.gather(x, shape)
    assert gathered.shape == shape
    assert set(labels(gathered)) <= {"reshape"}
    assert set(labels(layout.element(x[0]))) <= {"reshape"}


def test_constants_are_gathered_at_once() -> None:
    gathered = ArrayLayout().gather([mg.Constant(1.0), mg.Constant(2.0)], (2, 1))
    assert gathered.kind == "constant"
    np.testing.assert_array_equal(gathered.value, [[1.0], [2.0]])


def test_leaves_are_arranged_as_a_matrix_only_when_alike_different_and_without_a_position() -> None:
    layout, w = ArrayLayout(), [mg.Parameter(float(number), f"w{number}") for number in range(6)]
    layout.arrange_leaves(w[:4], (2, 2))
    (matrix,) = layout.leaves
    np.testing.assert_array_equal(matrix.value, [[0.0, 1.0], [2.0, 3.0]])
    layout.arrange_leaves(w[3:5], (2,))
    layout.arrange_leaves([w[4], w[4]], (2,))
    layout.arrange_leaves([w[4], mg.Input("x")], (2,))
    layout.arrange_leaves([mg.Constant(1.0), mg.Constant(2.0)], (2,))
    layout.arrange_leaves([mg.Parameter([1.0, 2.0]), w[4]], (2,))
    assert list(layout.leaves) == [matrix]


def test_leaves_may_come_column_by_column() -> None:
    by_rows, by_columns = ArrayLayout(inline_constants=False), ArrayLayout(inline_constants=False)
    w = [mg.Parameter(float(number), f"w{number}") for number in range(6)]
    by_rows.arrange_leaves([w[0], w[2], w[4], w[1], w[3], w[5]], (2, 3))
    by_columns.arrange_leaves(w, (2, 3), "F")
    (first,), (second,) = by_rows.leaves, by_columns.leaves
    np.testing.assert_array_equal(first.value, [[0.0, 2.0, 4.0], [1.0, 3.0, 5.0]])
    np.testing.assert_array_equal(second.value, first.value)
    assert by_columns.leaves[second] == by_rows.leaves[first]
    indices = [[layout.positions[node][1] for node in w] for layout in (by_rows, by_columns)]
    assert indices == [[0, 3, 1, 4, 2, 5]] * 2


def test_names_are_given_once() -> None:
    layout, nodes = ArrayLayout(), inputs(3)
    assert layout.array_name(nodes) == "x1…x3"
    assert layout.array_name(nodes) is None
    assert layout.array_name(nodes[:1]) == "x1"
    assert layout.array_name([nodes[0], nodes[1] * nodes[2]]) is None
