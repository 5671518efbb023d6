"""The laws of the ops, for every op in the registry, and the proof that the law checker finds what is wrong."""

from __future__ import annotations

import pickle
from itertools import product
from typing import Any

import numpy as np
import pytest

from minigrad import ops
from minigrad.core import floats, interpreter
from minigrad.core.node import Constant, Node, Parameter
from minigrad.ops.activations import Softplus, Tanh
from minigrad.ops.base import Elementwise, Op, Sample, Unary, registry
from minigrad.ops.linear import WeightedSum
from tests.laws import OPS, check_derivative, check_described, draw, gradients

SAMPLES = [
    pytest.param(sample, id=f"{label}-{number}")
    for label, op_class in OPS.items()
    for number, sample in enumerate(op_class.samples())
]
BATCH = 3

every_op = pytest.mark.parametrize("op_class", OPS.values(), ids=OPS)
every_sample = pytest.mark.parametrize("sample", SAMPLES)


@every_op
def test_an_op_says_what_it_is(op_class: type[Op]) -> None:
    check_described(op_class)


@every_op
def test_ops_are_data(op_class: type[Op]) -> None:
    for sample in op_class.samples():
        copy = pickle.loads(pickle.dumps(sample.op))
        assert copy == sample.op
        assert hash(copy) == hash(sample.op)


@every_sample
def test_backward_is_the_derivative_of_forward(sample: Sample) -> None:
    for seed in range(3):
        check_derivative(sample.op, draw(sample, seed))


@every_sample
def test_the_shape_is_known_without_the_values(sample: Sample) -> None:
    assert sample.op.shape(*sample.shapes) == np.shape(sample.op.forward(np, *draw(sample)))


@every_sample
def test_leading_axes_are_free(sample: Sample) -> None:
    plain = draw(sample)
    batches = [np.stack(rows) for rows in zip(*(draw(sample, seed) for seed in range(BATCH)), strict=True)]
    delta = np.random.default_rng(1).uniform(0.5, 1.5, (BATCH, *sample.op.shape(*sample.shapes)))
    for carries in product([False, True], repeat=len(plain)):
        if not any(carries):
            continue
        mixed = [batch if carry else one for carry, batch, one in zip(carries, batches, plain, strict=True)]
        y = interpreter.apply_forward(np, sample.op, mixed, sample.shapes)
        adjoints = interpreter.apply_backward(np, sample.op, delta, y, mixed, sample.shapes)
        each_y, each_adjoint = [], []
        for place in range(BATCH):
            one = [value[place] if carry else value for carry, value in zip(carries, mixed, strict=True)]
            each_y.append(interpreter.apply_forward(np, sample.op, one, sample.shapes))
            each_adjoint.append(interpreter.apply_backward(np, sample.op, delta[place], each_y[-1], one, sample.shapes))
        np.testing.assert_allclose(y, np.stack(each_y), rtol=1e-13, atol=1e-13)
        for operand, carry, adjoint, rows in zip(
            mixed, carries, adjoints, zip(*each_adjoint, strict=True), strict=True
        ):
            if adjoint is None:
                assert rows == (None,) * BATCH
                continue
            assert adjoint.shape == operand.shape
            expected = np.stack(rows) if carry else np.sum(rows, axis=0)
            np.testing.assert_allclose(adjoint, expected, rtol=1e-12, atol=1e-12)


@every_sample
def test_a_rule_reads_plain_numbers_as_it_reads_arrays(sample: Sample) -> None:
    op = sample.op
    if not op.numeric or op.shape(*sample.shapes):
        return
    for seed in range(3):
        arrays = draw(sample, seed)
        numbers = [float(value) if value.ndim == 0 else value for value in arrays]
        y = op.forward(floats, *numbers)
        assert type(y) is float
        np.testing.assert_allclose(y, op.forward(np, *arrays), rtol=1e-14, atol=1e-15)
        adjoints = op.backward(floats, 0.7, y, *numbers)
        expected = op.backward(np, np.float64(0.7), np.float64(y), *arrays)
        for number, adjoint, answer in zip(numbers, adjoints, expected, strict=True):
            if answer is None:
                assert adjoint is None
                continue
            assert type(adjoint) is type(number)
            np.testing.assert_allclose(adjoint, answer, rtol=1e-14, atol=1e-15)


def node_reading(sample: Sample, seed: int = 0) -> tuple[list[Node], Node, Node, list[Any]]:
    """Operands, δ, y and adjoints of a sample, all of them nodes."""
    operands: list[Node] = [Parameter(value, f"operand{place}") for place, value in enumerate(draw(sample, seed))]
    y = sample.op(*operands)
    delta = Constant(np.random.default_rng(1).uniform(0.5, 1.5, y.shape), "delta")
    # A starred operand that is one scalar node stands in the rule as the row that it makes.
    return operands, delta, y, list(sample.op.backward(ops, delta, y, *operands))


@every_sample
def test_a_rule_reads_nodes_as_it_reads_arrays(sample: Sample) -> None:
    operands, delta, y, adjoints = node_reading(sample)
    values = [np.asarray(operand.value) for operand in operands]
    expected = sample.op.forward(np, *values)
    assert y.shape == np.shape(expected)
    np.testing.assert_allclose(y.value, expected, rtol=1e-14, atol=1e-14)
    answers = sample.op.backward(np, np.asarray(delta.value), np.asarray(y.value), *values)
    for adjoint, answer in zip(adjoints, answers, strict=True):
        if answer is None:
            assert adjoint is None
            continue
        assert isinstance(adjoint, Node)
        assert adjoint.shape == np.shape(answer)
        np.testing.assert_allclose(adjoint.value, answer, rtol=1e-13, atol=1e-13)


@every_sample
def test_the_backward_rule_read_over_nodes_can_be_differentiated_again(sample: Sample) -> None:
    operands, delta, _, adjoints = node_reading(sample)
    outputs = [adjoint for adjoint in adjoints if adjoint is not None]
    if not outputs:
        return
    weights = [np.random.default_rng(place).uniform(0.5, 1.5, node.shape) for place, node in enumerate(outputs)]
    total = sum((ops.sum(weight * node) for weight, node in zip(weights, outputs, strict=True)), start=Constant(0.0))
    total.backward()

    def backward_rule(*values: np.ndarray) -> Any:
        found = sample.op.backward(np, np.asarray(delta.value), sample.op.forward(np, *values), *values)
        present = [adjoint for adjoint in found if adjoint is not None]
        return sum(np.sum(weight * adjoint) for weight, adjoint in zip(weights, present, strict=True))

    expected, _ = gradients(backward_rule, [np.asarray(operand.value) for operand in operands], 1.0)
    for operand, slope in zip(operands, expected, strict=True):
        found = np.zeros(operand.shape) if operand.delta is None else operand.delta  # None: the rule never read it
        np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-6, err_msg=f"{sample.op}")


@pytest.mark.parametrize("op_class", [item for item in OPS.values() if item.kind in {"activation", "loss"}])
def test_nothing_overflows_at_a_thousand(op_class: type[Op]) -> None:
    extremes = np.array([-1000.0, -1000.0, -1.0, 0.0, 1.0, 1000.0, 1000.0])
    targets = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0]) * (1 if op_class.kind == "loss" else 0)
    operands = [extremes, targets][: len(op_class.operands)]
    for op in {sample.op for sample in op_class.samples()}:
        with np.errstate(all="raise", under="ignore"):
            y = op.forward(np, *operands)
            adjoints = op.backward(np, np.ones_like(y), y, *operands)
        assert np.isfinite(y).all()
        assert all(np.isfinite(adjoint).all() for adjoint in adjoints)
        if op.numeric and op_class.kind == "activation":
            for number in extremes.tolist():
                value = op.forward(floats, number)
                assert np.isfinite([value, *op.backward(floats, 1.0, value, number)]).all()


# The law checker is itself checked: it must find what is wrong. A subclass without a label of its own stays out of
# the registry.


class WrongSlope(Tanh):
    def backward(self, xp, delta, y, s):
        return (delta * (1 - y),)


class WrongSign(Softplus):
    def backward(self, xp, delta, y, s):
        return (-delta * ops.sigmoid.forward(xp, s),)


class ForgottenOperand(type(ops.multiply)):
    def backward(self, xp, delta, y, a, b):
        return delta * b, None


class WrongByAMillionth(type(ops.exp)):
    def backward(self, xp, delta, y, x):
        return (delta * y * (1 + 1e-6),)


class TooFew(type(ops.add)):
    def backward(self, xp, delta, y, a, b):
        return (delta,)


class SwappedWeights(WeightedSum):
    def backward(self, xp, delta, s, x, w, b):
        after = xp.expand_dims(delta, axis=-1)
        return after * x, after * w, delta


@pytest.mark.parametrize("wrong", [WrongSlope, WrongSign, ForgottenOperand, WrongByAMillionth, TooFew, SwappedWeights])
def test_the_checker_finds_a_wrong_rule(wrong: type[Op]) -> None:
    assert wrong not in registry.values()
    with pytest.raises(AssertionError):
        for sample in wrong.samples():
            check_derivative(sample.op, draw(sample))


def test_the_checker_lets_the_right_rules_of_the_same_ops_pass() -> None:
    for right in (ops.tanh, ops.softplus, ops.multiply, ops.exp, ops.add, WeightedSum()):
        for sample in type(right).samples():
            check_derivative(sample.op, draw(sample))


def test_an_op_without_samples_formula_or_known_kind_fails() -> None:
    class WithoutSamples(Op):
        """Nothing, y = x."""

    class WithoutFormula(Tanh):
        """Tangent."""

    class OfNoKind(Tanh):
        """Tangent, y = tanh x."""

        kind = "mystery"

    WithoutSamples.label = "without samples"
    for op_class, complaint in (
        (WithoutSamples, "no samples"),
        (WithoutFormula, "no formula"),
        (OfNoKind, "unknown kind"),
    ):
        with pytest.raises(AssertionError, match=complaint):
            check_described(op_class)


def test_samples_cover_ranks_0_1_2_and_broadcasting_for_every_elementwise_op() -> None:
    for op_class in OPS.values():
        if not issubclass(op_class, Elementwise):
            continue
        layouts = {sample.shapes for sample in op_class.samples()}
        assert {len(shape) for shapes in layouts for shape in shapes} == {0, 1, 2}, op_class
        assert issubclass(op_class, Unary) or any(len(set(shapes)) > 1 for shapes in layouts), op_class
