"""Indexing is NumPy's, whatever the index, and δ gathers from every reader."""

from __future__ import annotations

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
