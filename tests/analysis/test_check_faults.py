"""Wrong ops of every kind, planted, and all found by the checker, and by backward what has a wrong count or shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.analysis.check import GradientError
from minigrad.errors import MinigradError, OpError
from minigrad.ops.activations import Tanh
from minigrad.ops.linear import VectorDot

Rule = Callable[..., Any]


class Planted(NamedTuple):
    """A wrong op: its rules, those without `xp`, and the present values of its operands."""

    forward: Rule
    backward: Rule
    values: tuple[Any, ...]

    def node(self) -> mg.Node:
        """Return the op applied to parameters; without a label of its own its class stays out of the registry."""
        base = {1: Tanh, 2: type(ops.multiply), 3: type(ops.where)}[len(self.values)]
        rules = {
            "forward": lambda op, xp, *x: self.forward(*x),
            "backward": lambda op, xp, delta, y, *x: self.backward(delta, y, *x),
        }
        parameters = [mg.Parameter(value, f"p{number}") for number, value in enumerate(self.values)]
        with np.errstate(all="ignore"):
            node: mg.Node = type("PlantedOp", (base,), rules)()(*parameters, name="culprit")
        return node


ARRAY, MATRIX = np.array([0.7, -1.2, 0.4]), np.array([[0.7, -1.2, 0.4], [1.1, 0.3, -0.6]])

WRONG: dict[str, dict[str, Planted]] = {
    "an influence that the rule calls none": {
        "the only operand": Planted(lambda x: x * x, lambda d, y, x: (None,), (0.7,)),
        "the second of two": Planted(lambda a, b: a * b, lambda d, y, a, b: (d * b, None), (1.7, 2.7)),
        "the first of two": Planted(lambda a, b: a - b, lambda d, y, a, b: (None, -d), (ARRAY, 0.3)),
        "the third of three": Planted(
            lambda a, b, c: a * b + c, lambda d, y, a, b, c: (d * b, d * a, None), (1.0, 2.0, 3.0)
        ),
        "a small one beside a large one": Planted(lambda a, b: a + 1e-9 * b, lambda d, y, a, b: (d, None), (3.0, 0.5)),
        "on one side of 0 only": Planted(lambda x: np.maximum(x, 0), lambda d, y, x: (None,), (-0.7,)),
    },
    "a slope of a wrong sign or size, however small or large": {
        "a small one": Planted(lambda x: 1e-7 * x, lambda d, y, x: (-1e-7 * d,), (1.7,)),
        "a tiny one": Planted(lambda x: 1e-30 * x * x, lambda d, y, x: (-2e-30 * x * d,), (ARRAY,)),
        "a large one": Planted(lambda x: 1e12 * x * x, lambda d, y, x: (2.00001e12 * x * d,), (0.7,)),
        "a small element among large ones": Planted(
            lambda x: x**3, lambda d, y, x: (3 * x * np.abs(x) * d,), (np.array([900.0, -1e-5, 50.0]),)
        ),
        "behind a large constant": Planted(lambda x: 1e6 + 1e-3 * x, lambda d, y, x: (-1e-3 * d,), (0.7,)),
        "one in a hundred thousand": Planted(lambda x: x * x * x, lambda d, y, x: (3.00003 * x * x * d,), (0.7,)),
        "without δ": Planted(lambda x: x * x, lambda d, y, x: (2 * x,), (0.7,)),
        "δ twice": Planted(lambda x: x * x, lambda d, y, x: (2 * x * d * d,), (ARRAY,)),
        "where the complex step misleads": Planted(lambda x: abs(x) * x, lambda d, y, x: (d * abs(x),), (0.7,)),
        "where there is no complex step": Planted(np.cbrt, lambda d, y, x: (d / (2 * y * y),), (0.7,)),
    },
    "a wrong branch": {
        "of negative numbers": Planted(lambda x: abs(x) ** 3, lambda d, y, x: (3 * x * x * d,), (0.7,)),
        "far out": Planted(lambda x: np.minimum(x, 30), lambda d, y, x: (d + 0 * x,), (0.7,)),
        "near 0": Planted(lambda x: np.where(x * x < 0.01, 5 * x, x), lambda d, y, x: (d + 0 * x,), (0.7,)),
        "between": Planted(lambda x: np.where((x > 2) & (x < 4), 3 * x, x), lambda d, y, x: (d + 0 * x,), (ARRAY,)),
        "of the other order of two": Planted(np.maximum, lambda d, y, a, b: (d + 0 * b, 0 * a * d), (2.0, 1.0)),
        "that hardly slopes": Planted(
            lambda x: np.where(x > 0, x, 1e-9 * x), lambda d, y, x: (np.where(x > 0, d, -1e-9 * d),), (0.7,)
        ),
        "hidden by a kink": Planted(abs, lambda d, y, x: (0.0 * d * x,), (0.0,)),
        "hidden by a tie": Planted(np.minimum, lambda d, y, a, b: (d / 2, d / 2), (1.0, 1.0)),
        "hidden by a value outside the domain": Planted(np.log, lambda d, y, x: (d * x,), (-2.0,)),
        "hidden by an infinity": Planted(lambda x: 1 / x, lambda d, y, x: (d * y * y,), (0.0,)),
    },
}
WRONG_COUNTS: dict[str, Planted] = {
    "none of one": Planted(lambda x: x * x, lambda d, y, x: (), (0.7,)),
    "one of two": Planted(lambda a, b: a * b, lambda d, y, a, b: (d * b,), (1.7, 2.7)),
    "one of two arrays": Planted(lambda a, b: a * b, lambda d, y, a, b: (d * b,), (MATRIX, 2.7)),
    "two of three": Planted(lambda a, b, c: a * b + c, lambda d, y, a, b, c: (d * b, d * a), (1.0, 2.0, 3.0)),
    "two of one": Planted(lambda x: x * x, lambda d, y, x: (2 * x * d, None), (0.7,)),
    "two of one array": Planted(lambda x: x * x, lambda d, y, x: (2 * x * d, None), (ARRAY,)),
    "three of two": Planted(lambda a, b: a * b, lambda d, y, a, b: (d * b, d * a, d), (1.7, 2.7)),
    "a number and no tuple": Planted(lambda x: x * x, lambda d, y, x: 2 * x * d, (0.7,)),
    "an array and no tuple": Planted(lambda x: x * x, lambda d, y, x: 2 * x * d, (MATRIX[:1],)),
}
WRONG_SHAPES: dict[str, Planted] = {
    "an array for a number": Planted(lambda x: x * x, lambda d, y, x: (np.array([2 * x * d, 0.0]),), (0.7,)),
    "a row of one for a number": Planted(lambda x: x * x, lambda d, y, x: (np.array([2 * x * d]),), (0.7,)),
    "a number for an array": Planted(lambda x: x * x, lambda d, y, x: (np.sum(2 * x * d),), (ARRAY,)),
    "a transposed matrix": Planted(lambda x: x * x, lambda d, y, x: ((2 * x * d).T,), (MATRIX,)),
    "an axis too many": Planted(lambda x: x * x, lambda d, y, x: (np.stack([2 * x * d] * 2),), (ARRAY,)),
    "an axis too few": Planted(lambda x: x * x, lambda d, y, x: (np.sum(2 * x * d, axis=0),), (MATRIX,)),
    "one element of three": Planted(lambda x: x * x, lambda d, y, x: ((2 * x * d)[:1],), (ARRAY,)),
    "a list": Planted(lambda x: x * x, lambda d, y, x: ([*(2 * x * d)],), (ARRAY,)),
    "a foreign axis beside a broadcast one": Planted(
        lambda a, b: a * b, lambda d, y, a, b: (np.zeros((5, 3)), d * a), (ARRAY, MATRIX)
    ),
    "the second of two": Planted(lambda a, b: a * b, lambda d, y, a, b: (d * b, np.ones(4)), (0.7, 2.7)),
}


def found_by_name(cases: dict[str, Planted]) -> Any:
    return pytest.mark.parametrize("planted", cases.values(), ids=cases.keys())


@found_by_name({f"{clause}: {name}": case for clause, cases in WRONG.items() for name, case in cases.items()})
def test_a_wrong_slope_is_found(planted: Planted) -> None:
    for seed in range(3):
        node = planted.node()
        with pytest.raises(GradientError, match=r"culprit: the backward rule of \S+ is wrong for operand") as caught:
            mg.check_gradients(node, seed=seed)
        assert "Compare forward and backward of PlantedOp" in str(caught.value)


@found_by_name(WRONG_COUNTS | WRONG_SHAPES)
def test_a_wrong_count_or_shape_is_refused_with_the_op_and_the_node(planted: Planted) -> None:
    node = planted.node()
    graph = mg.Graph(mg.sum(node) if node.shape else node * 1.0)
    before = [node.delta for node in graph.nodes]
    words = rf"culprit: the derivatives by the backward rule of {node.op.label} do not fit its operands; found "
    with pytest.raises(GradientError, match=words):
        mg.check_gradients(node)
    with pytest.raises(OpError, match=words):
        graph.backward()
    assert [node.delta for node in graph.nodes] == before, "a refused pass leaves nothing"
    with pytest.raises(MinigradError, match="PlantedOp"):
        mg.gradient_graph(graph)


def test_enough_is_planted_for_each_clause() -> None:
    assert all(len(cases) >= 3 for cases in (*WRONG.values(), WRONG_COUNTS, WRONG_SHAPES))
    assert sum(map(len, (*WRONG.values(), WRONG_COUNTS, WRONG_SHAPES))) >= 22


class RowWithoutShape(VectorDot):
    """y = Σᵢ aᵢ bᵢ of single nodes, with a number instead of a row for the first operand."""

    def backward(self, xp, delta, y, a, b):
        return delta, delta * a


def test_a_wrong_shape_for_a_row_of_numbers_is_refused() -> None:
    a, b = [mg.Parameter(1.0), mg.Parameter(2.0)], [mg.Parameter(3.0), mg.Parameter(4.0)]
    node = RowWithoutShape()(a, b, name="culprit")
    for call in (node.backward, lambda: mg.check_gradients(node)):
        with pytest.raises(MinigradError, match=r"culprit: .*rule of · .*found .* for operand 1, expected shape"):
            call()


def at(op: Callable[..., mg.Node], *values: Any) -> mg.Node:
    return op(*(mg.Parameter(value, f"p{number}") for number, value in enumerate(values)))


NOT_DIFFERENTIABLE: dict[str, Callable[[], mg.Node]] = {
    "|x| at 0": lambda: at(mg.abs, 0.0),
    "relu at 0": lambda: at(mg.relu, 0.0),
    "leaky_relu at one 0 of three": lambda: at(mg.leaky_relu, [1.0, 0.0, -1.0]),
    "hard_tanh at 1": lambda: at(mg.hard_tanh, 1.0),
    "clip at a bound": lambda: mg.clip(mg.Parameter(2.0), -1.0, 2.0),
    "a tie of two": lambda: at(mg.maximum, 1.5, 1.5),
    "a tie of many": lambda: mg.max(mg.Parameter([1.0, 3.0, 3.0])),
    "the sign of 0": lambda: at(mg.sign, 0.0),
    "a comparison of equals": lambda: at(mg.greater, 2.0, 2.0),
    "huber from 0 to 0, absolute": lambda: at(mg.absolute_error, [0.5], [0.5]),
    "the logarithm of a negative number": lambda: at(mg.log, -2.0),
    "the logarithm of 0": lambda: at(mg.log, 0.0),
    "a division by 0": lambda: at(mg.divide, 1.0, 0.0),
    "the root at 0": lambda: at(mg.sqrt, 0.0),
    "the root of one negative number of two": lambda: at(mg.sqrt, [4.0, -4.0]),
    "a power of a negative number, by the exponent": lambda: at(mg.pow, -2.0, 2.0),
    "an exponential that overflows": lambda: at(mg.exp, 1000.0),
    "a value that is not a number": lambda: mg.tanh(at(mg.log, -2.0)),
}


@pytest.mark.parametrize("build", NOT_DIFFERENTIABLE.values(), ids=NOT_DIFFERENTIABLE.keys())
def test_where_there_is_no_derivative_it_is_said(build: Callable[[], mg.Node]) -> None:
    checks = mg.check_gradients(build())
    silent = [check for check in checks if not check.differentiable]
    assert silent
    assert all("not differentiable here" in str(check) for check in silent)
    assert all(check.measured == check.measured or np.isnan(check.error) for check in checks)
    assert f"{len(silent)} of them not differentiable here" in str(checks)


def test_what_is_known_comes_before_what_is_not() -> None:
    a = mg.Parameter(0.0, "a")
    checks = mg.check_gradients(mg.relu(a) * 2.0 + mg.tanh(a))
    assert checks[0].error < 1e-12
    assert [check.differentiable for check in checks] == [True] * (len(checks) - 1) + [False]


def test_a_wrong_branch_is_shown_with_its_point() -> None:
    node = WRONG["a wrong branch"]["of negative numbers"].node()
    with pytest.raises(GradientError, match=r"found slope \S+ at s = -\d.*, expected -\d"):
        mg.check_gradients(node)


@pytest.mark.parametrize("value", [0.7, [0.7, -0.2], 0.0])
def test_an_error_leaves_the_nodes_as_they_were(value: Any) -> None:
    node = Planted(abs, lambda d, y, x: (0.0 * d * x,), (value,)).node()
    nodes = mg.Graph(node).nodes
    before = [(np.array(each.value), each.delta) for each in nodes]
    with pytest.raises(GradientError):
        mg.check_gradients(node)
    for each, (kept, delta) in zip(nodes, before, strict=True):
        np.testing.assert_array_equal(each.value, kept)
        assert each.delta is delta


def test_an_op_that_refuses_numbers_is_tried_only_where_it_takes_them() -> None:
    def positive(x: Any) -> Any:
        if np.any(np.real(x) <= 0):
            raise ValueError("only positive numbers")
        return np.log(x)

    (check,) = mg.check_gradients(Planted(positive, lambda d, y, x: (d / x,), (0.7,)).node())
    assert check.differentiable
    assert check.error < 1e-12
