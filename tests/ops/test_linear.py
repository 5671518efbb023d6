"""Linear maps: weighted sums and affine maps worked out by hand, matrix products against NumPy, misfits by name."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.errors import ShapeError


def test_a_weighted_sum_and_its_derivatives() -> None:
    x, w, b = [mg.Parameter(v) for v in (2.0, -1.0)], [mg.Parameter(v) for v in (0.5, 3.0)], mg.Parameter(0.25)
    s = mg.weighted_sum(x, w, b)
    assert s.value == 0.5 * 2 - 3 + 0.25
    s.backward()
    assert [node.delta for node in (*x, *w, b)] == [0.5, 3.0, 2.0, -1.0, 1.0]


def test_a_weighted_sum_takes_any_iterable_and_no_bias() -> None:
    x, w = np.array([2.0, -1.0]), (0.5, 3.0)
    assert mg.weighted_sum(iter(x.tolist()), w) == mg.weighted_sum(mg.Constant(x), w).value == -2.0
    nodes = np.array([mg.Constant(2.0), mg.Constant(-1.0)], dtype=object)
    assert mg.weighted_sum(nodes, w).value == -2.0


def test_an_affine_map_and_its_derivatives() -> None:
    x, W, b = mg.Parameter([1.0, 2.0]), mg.Parameter([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]]), mg.Parameter([0.0, 0.0, 3.0])
    s = mg.affine(x, W, b)
    assert s.value.tolist() == [2.0, 4.0, 2.0]
    mg.sum(s).backward()
    assert x.delta.tolist() == [0.0, 2.5]
    assert W.delta.tolist() == [[1.0] * 3, [2.0] * 3]
    assert b.delta.tolist() == [1.0] * 3


SHAPES = [
    ((3,), (3,)),
    ((3,), (3, 2)),
    ((4, 3), (3,)),
    ((4, 3), (3, 2)),
    ((3,), (5, 3, 2)),
    ((5, 4, 3), (3,)),
    ((5, 4, 3), (5, 3, 2)),
    ((4, 3), (5, 3, 2)),
]


@pytest.mark.parametrize(("left", "right"), SHAPES)
def test_a_matrix_product_is_that_of_numpy(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    product = mg.matmul(mg.Parameter(a), mg.Parameter(b))
    assert product.shape == (a @ b).shape
    np.testing.assert_allclose(product.value, a @ b, rtol=1e-14, atol=1e-15)
    mg.check_gradients(mg.sum(product * rng.normal(size=product.shape)))


def test_vecdot_sums_products_over_the_last_axis() -> None:
    assert ops.vecdot([[1.0, 2.0], [3.0, 4.0]], [10.0, 1.0]).tolist() == [12.0, 34.0]


def test_operands_that_do_not_fit_are_named() -> None:
    x = mg.Input("x", 3)
    with pytest.raises(ShapeError, match="a matrix product with a scalar"):
        mg.matmul(x, 2.0)
    with pytest.raises(ShapeError, match=r"b of shape \(4, 2\) does not broadcast to x W of shape \(2,\)"):
        mg.affine(x, np.ones((3, 2)), np.ones((4, 2)))
    with pytest.raises(ShapeError, match="has another number of columns than"):
        mg.affine(x, np.ones((2, 2)), np.ones(2))
    with pytest.raises(ShapeError):
        mg.weighted_sum([1.0, 2.0], [mg.Parameter(1.0)])
