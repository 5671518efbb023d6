"""All parameters in one vector and back."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.packing import Packing


def parameters(*values):
    return [mg.Parameter(value, f"w{number}") for number, value in enumerate(values)]


MIXED = (1.5, np.arange(6.0).reshape(2, 3), [7.0, 8.0], -2.0)


@pytest.mark.parametrize("values", [MIXED, (1.0, 2.0, 3.0), (np.ones((1, 2, 3)),), (4.0,), ()])
def test_what_is_packed_comes_out_again(values):
    nodes = parameters(*values)
    packing = Packing(nodes)
    vector = packing.pack({node: node.value for node in nodes})
    assert vector.dtype == np.float64
    assert vector.shape == (sum(np.size(value) for value in values),)
    unpacked = packing.unpack(vector)
    assert list(unpacked) == nodes
    for node in nodes:
        np.testing.assert_array_equal(unpacked[node], node.value)
        assert np.shape(unpacked[node]) == node.shape
        assert node.shape or type(unpacked[node]) is float


def test_the_order_is_that_of_the_parameters():
    nodes = parameters(*MIXED)
    vector = Packing(nodes).pack({node: node.value for node in reversed(nodes)})
    np.testing.assert_array_equal(vector, [1.5, 0, 1, 2, 3, 4, 5, 7, 8, -2])


def test_arrays_look_into_the_vector():
    nodes = parameters(*MIXED)
    packing = Packing(nodes)
    vector = packing.pack({node: node.value for node in nodes})
    assert np.shares_memory(packing.unpack(vector)[nodes[1]], vector)


@pytest.mark.parametrize("values", [MIXED, (1.0, 2.0)])
def test_what_is_missing_counts_as_0(values):
    nodes = parameters(*values)
    vector = Packing(nodes).pack({nodes[0]: 3.0})
    assert vector[0] == 3.0
    assert not vector[1:].any()


def test_one_number_is_broadcast_over_an_array():
    (node,) = parameters(np.zeros((2, 2)))
    np.testing.assert_array_equal(Packing([node]).pack({node: 0.5}), [0.5] * 4)
