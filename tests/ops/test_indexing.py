"""Indexing is NumPy's, whatever the index, and δ gathers from every reader."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import ops

CUBE = np.arange(24.0).reshape(2, 3, 4)

INDICES: list[Any] = [
    0,
    -1,
    np.int64(1),
    slice(None),
    slice(1, None),
    slice(None, None, -1),
    slice(-1, None, -1),
    ...,
    None,
    (0, 1, 2),
    (1, ..., -2),
    (..., 0),
    (..., None),
    (None, 0, None),
    (slice(None), 1),
    (slice(None), slice(None, None, 2), slice(3, 0, -2)),
    [0, 1, 1],
    [1, -1, 1],
    np.array([[0, 1], [1, 1]]),
    ([0, 1, 1], [2, 0, 0]),
    ([0, 1], slice(None), [3, 3]),
    (slice(None), [2, 0, 2], [1, 1, 1]),
    (0, [2, 2]),
    (0, slice(None), [3, 0, 3]),
    ([[0], [1]], [[0, 2]]),
    (np.array([True, False]),),
    CUBE > 5,
    (slice(None), np.array([True, False, True])),
    (slice(None), np.array([True, False, True]), [0, 3]),
    (1, np.array([[True, False, False, True]] * 3)),
    (slice(None), None, [1, 1], ..., None),
    True,
]


def readers(index: Any, shape: tuple[int, ...], weights: np.ndarray) -> np.ndarray:
    """Σ of the weights of all that read an element, for each element."""
    total = np.zeros(shape)
    np.add.at(total, index, weights)
    return total


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_an_index_selects_what_numpy_selects(index: Any) -> None:
    node = mg.Parameter(CUBE)
    picked = node[index]
    expected = CUBE[index]
    assert picked.shape == expected.shape
    np.testing.assert_array_equal(picked.value, expected)
    weights = np.random.default_rng(0).uniform(1, 2, expected.shape)
    mg.sum(picked * weights).backward()
    np.testing.assert_allclose(node.delta, readers(index, CUBE.shape, weights), rtol=1e-14)


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_an_index_selects_from_every_sample_of_a_batch(index: Any) -> None:
    x = mg.Input("x", CUBE.shape)
    picked = x[index]
    weights = np.random.default_rng(0).uniform(1, 2, picked.shape)
    loss = mg.sum(picked * weights)
    batch = np.stack([CUBE, -CUBE, 2 * CUBE])
    graph = mg.Graph(loss)
    graph.forward({x: batch})
    np.testing.assert_array_equal(picked.value, [sample[index] for sample in batch])
    graph.backward({loss: np.ones(3)})
    np.testing.assert_allclose(x.delta, [readers(index, CUBE.shape, weights)] * 3, rtol=1e-14)


@settings(deadline=None, max_examples=100)
@given(
    hnp.array_shapes(max_dims=4, max_side=4).flatmap(
        lambda shape: st.tuples(st.just(shape), hnp.basic_indices(shape, allow_newaxis=True))
    )
)
def test_any_basic_index(case: tuple[tuple[int, ...], Any]) -> None:
    shape, index = case
    check(np.arange(float(np.prod(shape))).reshape(shape), index)


@settings(deadline=None, max_examples=100)
@given(
    hnp.array_shapes(max_dims=3, max_side=4).flatmap(
        lambda shape: st.tuples(st.just(shape), hnp.integer_array_indices(shape))
    )
)
def test_any_index_of_integer_arrays(case: tuple[tuple[int, ...], Any]) -> None:
    shape, index = case
    check(np.arange(float(np.prod(shape))).reshape(shape), index)


def check(array: np.ndarray, index: Any) -> None:
    node = mg.Parameter(array)
    if array[index].size == 0:
        with pytest.raises(mg.MinigradError, match="the index selects nothing"):
            node[index]
        return
    picked = node[index]
    np.testing.assert_array_equal(picked.value, array[index])
    assert picked.shape == array[index].shape
    mg.sum(picked).backward()
    np.testing.assert_array_equal(node.delta, readers(index, array.shape, np.ones_like(array[index])))


@pytest.mark.parametrize("index", [2, -3, (0, 0, 0, 0), [5], (..., 4), "x", 1.5])
def test_an_index_that_leaves_the_array(index: Any) -> None:
    with pytest.raises(IndexError):
        mg.Parameter(CUBE)[index]


@pytest.mark.parametrize("crowd", [1, 3, 4, 5, 17, 10_000])
def test_one_element_read_by_a_crowd(crowd: int) -> None:
    positions = np.concatenate([np.zeros(crowd, int), np.arange(10), np.full(crowd // 3, 7)])
    weights = np.random.default_rng(crowd).normal(size=len(positions))
    node = mg.Parameter(np.arange(10.0))
    mg.sum(node[positions] * weights).backward()
    np.testing.assert_allclose(node.delta, readers(positions, (10,), weights), rtol=1e-9, atol=1e-9)


def test_the_tables_of_a_crowd_stay_small() -> None:
    """Padding every element to the longest list of readers would take 10,000 × 10,000 entries."""
    positions = (*range(10_000), *[3] * 10_000)
    rounds = ops.getitem(mg.Parameter(np.zeros(10_000)), np.array(positions)).op.rounds
    assert sum(table.size for table, _ in rounds) < 20 * len(positions)


def test_take_along_an_axis_and_of_the_flattened_array() -> None:
    node = mg.Parameter(CUBE)
    for axis in (None, 0, 1, -1):
        for indices in ([1, 0, 1], [[0, 1], [1, 1]], -1):
            np.testing.assert_array_equal(mg.take(node, indices, axis=axis).value, np.take(CUBE, indices, axis=axis))


def test_unstack_is_the_inverse_of_stack() -> None:
    node = mg.Parameter(CUBE)
    for axis in (0, 1, 2, -1):
        parts = ops.unstack(node, axis=axis)
        np.testing.assert_array_equal(mg.stack(parts, axis=axis).value, CUBE)


@pytest.mark.parametrize(
    "select",
    [
        lambda node: node[100],
        lambda node: node[100:200],
        lambda node: node[-5:100:-100_000],
        lambda node: node[..., None, 1_000_000:1_000_008, None],
        lambda node: mg.take(node, 7),
        lambda node: mg.take(node, 7, axis=0),
    ],
)
def test_a_slice_costs_what_it_selects(select: Any) -> None:
    node = mg.Parameter(np.zeros(10_000_000))
    tracemalloc.start()
    select(node)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100_000


def test_a_large_slice_allocates_no_integers_of_python() -> None:
    node = mg.Parameter(np.zeros(1_000_000))
    tracemalloc.start()
    part = node[1:-1]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert part.op == ops.indexing.Slice((999_998,), (1_000_000,), 1, (1,))
    assert most < 40 * 1_000_000  # an integer alone has 28 bytes, and 8 in a tuple


@pytest.mark.parametrize(
    "read",
    [
        lambda node, k: node[k, 0],
        lambda node, k: mg.sum(node[k]),
        lambda node, k: mg.sum(node[k : k + 2, ::-1]),
        lambda node, k: mg.sum(node[[k, 0, k], 1]),
        lambda node, k: mg.sum(mg.take(node, [k], axis=0)),
    ],
)
def test_many_selections_of_an_array_cost_one_array(read: Any) -> None:
    """Each of the 500 alone would have a δ of 10,000 numbers."""
    values = np.random.default_rng(0).normal(size=(5_000, 2))
    node, dense = mg.Parameter(values), mg.Parameter(values)
    total = node[0, 0] * 0.0
    for k in range(500):
        total = total + (k + 1.0) * read(node, k)
    tracemalloc.start()
    total.backward()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000
    expected = np.zeros_like(values)
    for k in range(500):
        ((k + 1.0) * read(dense, k)).backward()
        expected += dense.delta
    np.testing.assert_allclose(node.delta, expected, rtol=1e-13)


def test_selections_add_up_with_what_else_reads_the_array_over_a_batch() -> None:
    x = mg.Input("x", (3,))
    inner = mg.tanh(x)
    loss = mg.sum(inner * inner) + inner[0] * 2.0 + mg.sum(inner[1:] * 3.0) + inner[0] * inner[2] + x[1]
    batch = np.random.default_rng(0).normal(size=(4, 3))
    graph = mg.Graph(loss)
    graph.forward({x: batch})
    graph.backward({loss: np.ones(4)})
    y = np.tanh(batch)
    slope = 2 * y + np.array([2.0, 3.0, 3.0]) + np.stack([y[:, 2], 0 * y[:, 0], y[:, 0]], axis=-1)
    np.testing.assert_allclose(x.delta, slope * (1 - y**2) + np.array([0.0, 1.0, 0.0]), rtol=1e-13)


@pytest.mark.parametrize(
    ("op", "reason"),
    [
        (ops.indexing.Slice((2,), (3,), 2, (1,)), "positions 2 to 3"),
        (ops.indexing.Slice((2,), (3,), 0, (-1,)), "positions -1 to 0"),
        (ops.indexing.Slice((2, 2), (3,), 0, (1,)), "argument 2 is shorter"),
        (ops.indexing.Take((2,), (3,), (0, 3)), "positions 0 to 3"),
        (ops.indexing.Take((2,), (3,), (0, 1, 1)), "3 positions for the shape"),
    ],
)
def test_a_selection_that_leaves_the_array_is_refused(op: Any, reason: str) -> None:
    with pytest.raises(mg.errors.ShapeError, match=reason):
        op(mg.Parameter(np.zeros(3)))
