"""Batch axes before a rule, and broadcast axes after it."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.core.batch_axes import align_batch_axes, has_batch, unbroadcast


def test_a_batch_axis_is_told_from_the_axes_of_a_node() -> None:
    x, v = mg.Input("x"), mg.Input("v", 2)
    assert not has_batch({x: 1.0, v: np.ones(2)})
    assert has_batch({x: np.ones(3), v: np.ones(2)})
    assert has_batch({x: 1.0, v: np.ones((3, 2))})


@pytest.mark.parametrize(
    ("term", "aligned", "operand"),
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
def test_a_term_is_summed_over_every_axis_that_was_broadcast(term, aligned, operand) -> None:
    values = np.random.default_rng(0).normal(size=term)
    summed = unbroadcast(np, values, aligned, np.zeros(operand))
    assert summed.shape == operand
    spread = np.zeros(aligned)
    expected = np.zeros(aligned)
    for index in np.ndindex(term):  # where each element of the term came from, by brute force
        trailing = index[len(term) - len(aligned) :]
        expected[tuple(min(position, size - 1) for position, size in zip(trailing, spread.shape, strict=True))] += (
            values[index]
        )
    np.testing.assert_allclose(summed, expected.reshape(operand), rtol=1e-12)


def test_axes_of_length_one_follow_the_batch_axis_of_an_operand_of_lower_rank() -> None:
    aligned = align_batch_axes(np, mg.add, [np.ones((5, 3)), np.ones((2, 3))], [(3,), (2, 3)])
    assert [x.shape for x in aligned] == [(5, 1, 3), (2, 3)]
