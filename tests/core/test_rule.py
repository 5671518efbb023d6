"""One rule read over values: batch axes lined up before it, broadcast axes summed away after it."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import ops
from minigrad.core import interpreter


@pytest.mark.parametrize(
    ("adjoint", "lined_up", "operand"),
    [
        ((2, 3), (2, 3), (2, 3)),
        ((2, 3), (3,), (3,)),
        ((2, 3), (), ()),
        ((2, 3), (1, 3), (1, 3)),
        ((2, 3), (2, 1), (2, 1)),
        ((2, 3), (1, 1), (1, 1)),
        ((5, 2, 3), (2, 1), (2, 1)),
        ((5, 2, 3), (5, 1, 1), (5,)),
        ((5, 2, 3), (5, 1, 3), (5, 3)),
        ((1, 3), (3,), (3,)),
        ((3, 3), (3, 1), (3,)),
    ],
)
def test_an_adjoint_is_summed_over_every_axis_that_was_broadcast(adjoint, lined_up, operand) -> None:
    values = np.random.default_rng(0).normal(size=adjoint)
    found = interpreter.unbroadcast(np, values, lined_up, np.zeros(operand))
    assert found.shape == operand
    spread = np.zeros(lined_up)
    expected = np.zeros(lined_up)
    for place in np.ndindex(adjoint):  # where each element of the adjoint came from, by brute force
        own = place[len(adjoint) - len(lined_up) :]
        expected[tuple(min(index, size - 1) for index, size in zip(own, spread.shape, strict=True))] += values[place]
    np.testing.assert_allclose(found, expected.reshape(operand), rtol=1e-12)


def test_operands_with_a_batch_axis_are_lined_up_by_trailing_axes() -> None:
    vectors, matrix = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3)
    y = interpreter.apply_forward(np, ops.add, [vectors, matrix], [(3,), (4, 3)])
    assert y.shape == (2, 4, 3)
    np.testing.assert_array_equal(y[1], vectors[1] + matrix)
    to_vectors, to_matrix = interpreter.apply_backward(
        np, ops.add, np.ones_like(y), y, [vectors, matrix], [(3,), (4, 3)]
    )
    np.testing.assert_array_equal(to_vectors, np.full((2, 3), 4.0))
    np.testing.assert_array_equal(to_matrix, np.full((4, 3), 2.0))


def test_python_floats_are_read_as_numpy_reads_them() -> None:
    with np.errstate(all="ignore"):
        y = interpreter.apply_forward(np, ops.divide, [1.0, 0.0], [(), ()])
        assert y == np.inf
        assert interpreter.apply_backward(np, ops.log, 1.0, -np.inf, [0.0], [()]) == [np.inf]


def test_no_influence_is_none() -> None:
    assert interpreter.apply_backward(np, ops.greater, 1.0, 1.0, [2.0, 1.0], [(), ()]) == [None, None]


def test_a_rule_that_forgets_an_operand_is_noticed() -> None:
    class Forgetful(type(ops.add)):
        def backward(self, xp, delta, y, a, b):
            return (delta,)

    with pytest.raises(ValueError, match="zip"):
        interpreter.apply_backward(np, Forgetful(), 1.0, 3.0, [1.0, 2.0], [(), ()])
