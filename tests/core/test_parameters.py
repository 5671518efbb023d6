"""Parameters in a flat vector: their layout, and the vector that compiled graphs keep them in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.parameters import ParameterLayout, ParameterVector


def parameters() -> list[mg.Parameter]:
    return [mg.Parameter(0.5, "a"), mg.Parameter([[1.0, 2.0], [3.0, 4.0]], "b"), mg.Parameter(-1.0, "c")]


def attached(members: list[mg.Parameter], dtype: Any = np.float64) -> ParameterVector:
    vector = ParameterVector(members, dtype)
    vector.attach()
    return vector


def test_parameters_stand_side_by_side_with_the_values_they_have() -> None:
    members = parameters()
    vector = ParameterVector(members)
    vector.vector[...] = 7.0
    assert not vector.attached
    assert members[0].value == 0.5
    vector.attach()
    np.testing.assert_array_equal(vector.vector, [0.5, 1.0, 2.0, 3.0, 4.0, -1.0])
    assert vector.offsets == [0, 1, 5, 6]
    assert vector.attached


def test_both_sides_see_what_the_other_writes() -> None:
    a, b, c = members = parameters()
    vector = attached(members)
    vector.vector += 1
    assert (a.value, b.value.tolist(), c.value) == (1.5, [[2.0, 3.0], [4.0, 5.0]], 0.0)
    a.value, b.value = 7.0, np.zeros((2, 2))
    np.testing.assert_array_equal(vector.vector, [7.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_numbers_are_floats_and_arrays_float64_whatever_the_type() -> None:
    a, b, _ = members = parameters()
    attached(members, np.float32)
    assert type(a.value) is float
    assert b.value.dtype == np.float64


def test_a_gradient_is_shown_once_it_is_newer() -> None:
    a, b, c = members = parameters()
    vector = attached(members)
    (a * 2.0).backward()
    vector.gradient[:] = 3.0
    assert (a.delta, b.delta, c.delta) == (2.0, None, None)
    vector.count_pass(has_gradient=True)
    assert (a.delta, b.delta.tolist(), c.delta) == (3.0, [[3.0, 3.0], [3.0, 3.0]], 3.0)
    (a * 5.0).backward()
    assert (a.delta, c.delta) == (5.0, 3.0)


def test_the_last_to_adopt_has_them() -> None:
    a, b, c = members = parameters()
    first = attached(members)
    first.count_pass(has_gradient=True)
    second = attached([a, c], np.float32)
    assert (first.attached, second.attached) == (False, True)
    assert a.delta == 0.0
    second.vector[0] = 9.0
    first.vector[1] = 8.0
    assert (a.value, b.value[0, 0]) == (9.0, 8.0)
    first.attach()
    assert (first.attached, second.attached) == (True, False)
    assert first.vector[:2].tolist() == [9.0, 8.0]
    assert a.value == 9.0


def test_a_vector_of_nothing() -> None:
    assert ParameterVector([]).vector.shape == (0,)


def parameters_of(*values):
    return [mg.Parameter(value, f"w{number}") for number, value in enumerate(values)]


MIXED = (1.5, np.arange(6.0).reshape(2, 3), [7.0, 8.0], -2.0)


@pytest.mark.parametrize("values", [MIXED, (1.0, 2.0, 3.0), (np.ones((1, 2, 3)),), (4.0,), ()])
def test_what_is_packed_comes_out_again(values):
    nodes = parameters_of(*values)
    layout = ParameterLayout(nodes)
    vector = layout.flatten({node: node.value for node in nodes})
    assert vector.dtype == np.float64
    assert vector.shape == (sum(np.size(value) for value in values),)
    unpacked = layout.split(vector)
    assert list(unpacked) == nodes
    for node in nodes:
        np.testing.assert_array_equal(unpacked[node], node.value)
        assert np.shape(unpacked[node]) == node.shape
        assert node.shape or type(unpacked[node]) is float


def test_the_order_is_that_of_the_parameters():
    nodes = parameters_of(*MIXED)
    vector = ParameterLayout(nodes).flatten({node: node.value for node in reversed(nodes)})
    np.testing.assert_array_equal(vector, [1.5, 0, 1, 2, 3, 4, 5, 7, 8, -2])


def test_arrays_look_into_the_vector():
    nodes = parameters_of(*MIXED)
    layout = ParameterLayout(nodes)
    vector = layout.flatten({node: node.value for node in nodes})
    assert np.shares_memory(layout.split(vector)[nodes[1]], vector)


@pytest.mark.parametrize("values", [MIXED, (1.0, 2.0)])
def test_what_is_missing_counts_as_0(values):
    nodes = parameters_of(*values)
    vector = ParameterLayout(nodes).flatten({nodes[0]: 3.0})
    assert vector[0] == 3.0
    assert not vector[1:].any()


def test_one_number_is_broadcast_over_an_array():
    (node,) = parameters_of(np.zeros((2, 2)))
    np.testing.assert_array_equal(ParameterLayout([node]).flatten({node: 0.5}), [0.5] * 4)
