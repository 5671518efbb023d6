"""The gradient checker, itself checked: right rules pass exactly, a wrong one is named with the amount."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.analysis.check import Check, GradientError
from minigrad.errors import FeedError, MinigradError, OperandError, PassError
from minigrad.ops.activations import Tanh
from minigrad.ops.base import Op, registry
from minigrad.ops.linear import VectorDot


class WrongTanh(Tanh):
    """θ(s) = tanh s with a slope that is 10 % too steep."""

    def backward(self, xp, delta, y, s):
        return (1.1 * delta * (1 - y * y),)


class SecondOperandWrong(VectorDot):
    """y = Σᵢ aᵢ bᵢ with the sign of one δ turned."""

    def backward(self, xp, delta, y, a, b):
        delta = xp.expand_dims(delta, axis=-1)
        return delta * b, -delta * a


class CubeRoot(Tanh):
    """y = ∛x, which NumPy does not compute for complex numbers."""

    def forward(self, xp, s):
        return xp.cbrt(s)

    def backward(self, xp, delta, y, s):
        return (delta / (3 * y * y),)


class BuiltinAbsolute(Tanh):
    """y = |x|·x with Python's abs, which NumPy does compute for complex numbers, but not analytically."""

    def forward(self, xp, s):
        return abs(s) * s

    def backward(self, xp, delta, y, s):
        return (2 * delta * abs(s),)


class NotANumber(Tanh):
    """y = tanh x with a slope that is no number."""

    def backward(self, xp, delta, y, s):
        return (delta * np.nan,)


SAMPLES = [sample for op in registry.values() if op.__module__.startswith("minigrad") for sample in op.samples()]


def scalar_of(node):
    """The node itself, or the sum of its elements weighted unequally."""
    return mg.sum(node * np.linspace(0.5, 1.5, int(np.prod(node.shape))).reshape(node.shape)) if node.shape else node


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.op}-{sample.shapes}")
def test_every_op_passes(sample):
    rng = np.random.default_rng(0)
    operands = [
        mg.Parameter(rng.uniform(sample.low, sample.high, shape), f"p{number}")
        for number, shape in enumerate(sample.shapes)
    ]
    checks = mg.check_gradients(scalar_of(sample.op(*operands)))
    assert all(check.error <= 1e-8 for check in checks)


def test_a_network_passes_exactly():
    for hidden, output, loss in (
        (mg.tanh, mg.sigmoid, mg.squared_error),
        (mg.softplus, mg.identity, mg.softmax_cross_entropy),
        (mg.gelu, mg.softmax, mg.squared_error),
        (mg.silu, mg.identity, mg.binary_cross_entropy),
    ):
        network = mg.Network(*mg.mlp([3, 4, 2], hidden, output, rng=0), loss=loss)
        checks = mg.check_gradients(network.loss_graph([0.5, -1.0, 2.0], [0, 1]))
        assert len(checks) > 10
        assert checks[0].error <= 1e-9


def test_an_array_network_passes_exactly():
    x = mg.Input("x", 3)
    h = mg.dense(x, 4, mg.tanh, "h", rng=0)
    network = mg.Network(x, mg.dense(h, 3, mg.identity, "y", rng=1), loss=mg.softmax_cross_entropy)
    checks = mg.check_gradients(network.loss_graph([0.5, -1.0, 2.0], 1))
    assert checks[0].error <= 1e-9
    named = {check.operand for check in checks}
    assert {"W (h.W)", "b (y.b)", "x (x)", "*targets (t)"} <= named


def test_checks_come_worst_first_and_say_what_they_compared():
    a = mg.Parameter(0.5, "a")
    checks = mg.check_gradients(mg.exp(a) * a)
    assert [check.error for check in checks] == sorted((check.error for check in checks), reverse=True)
    assert {check.operand for check in checks} == {"x (a)", "a (exp)", "b (a)"}
    assert all(check.rule == pytest.approx(check.measured, rel=1e-9) for check in checks)


def test_the_error_is_relative():
    assert Check(None, "x", 0.5, 0.25).error == 0.5
    assert Check(None, "x", 2000.0, 1000.0).error == 0.5
    assert np.isnan(Check(None, "x", np.nan, 1.0).error)


def test_a_wrong_rule_is_named_with_the_amount():
    a = mg.Parameter(0.3, "a")
    right = mg.tanh(a, name="h")
    wrong = WrongTanh()(right, name="culprit")
    with pytest.raises(GradientError, match=r"activation culprit: .*tanh is wrong for operand s \(h\)") as caught:
        mg.check_gradients(mg.squared_error([wrong], [1.0]))
    error = caught.value
    assert isinstance(error, MinigradError)
    assert isinstance(error, AssertionError)
    assert "1 of 6 checks fail" in str(error)
    assert "Compare forward and backward of WrongTanh" in str(error)
    found, expected = float(error.found.split()[-1]), float(error.expected.split(",")[0])
    assert found / expected == pytest.approx(1.1, rel=1e-6)


def test_only_the_wrong_operand_is_named():
    a, b = mg.Parameter([1.0, 2.0], "a"), mg.Parameter([0.5, -0.3], "b")
    with pytest.raises(GradientError, match=r"operand \*b \(b\)"):
        mg.check_gradients(SecondOperandWrong()(a, b))


def test_the_tolerance_is_a_setting():
    node = WrongTanh()(mg.Parameter(0.3, "a"))
    checks = mg.check_gradients(node, tolerance=0.5)
    assert 0.01 < checks[0].error < 0.2


@pytest.mark.parametrize("op", [CubeRoot(), BuiltinAbsolute()], ids=lambda op: type(op).__name__)
@pytest.mark.parametrize("value", [0.7, -1.3, [0.4, -2.0]], ids=repr)
def test_central_differences_serve_where_the_complex_step_fails(op: Op, value):
    checks = mg.check_gradients(scalar_of(op(mg.Parameter(value, "a"))))
    assert checks[0].error < 1e-8


def test_a_slope_that_is_no_number_is_the_worst_of_all():
    a = mg.Parameter(0.3, "a")
    row = [mg.tanh(a), NotANumber()(a, name="culprit"), WrongTanh()(a), mg.exp(a)]
    for order in (row, row[::-1], row[1:] + row[:1]):
        with pytest.raises(GradientError, match=r"activation culprit: .*found slope nan"):
            mg.check_gradients(sum(order[1:], order[0]))


def test_feeds_say_where_to_check_and_are_carried_forward():
    network = mg.Network(*mg.mlp([2, 2, 1], mg.tanh, mg.sigmoid, rng=0))
    with pytest.raises(PassError, match="no value yet"):
        mg.check_gradients(network.graph)
    checks = mg.check_gradients(network.graph, {"x1": 0.5, "x2": -1.0, "t1": 1.0})
    assert checks[0].error <= 1e-9
    assert network.inputs[0].value == 0.5
    with pytest.raises(FeedError, match="not in this graph"):
        mg.check_gradients(network.graph, {"x7": 1.0})


def test_a_batch_is_checked_at_once():
    network = mg.Network(*mg.mlp([2, 3, 2], mg.tanh, mg.softmax, rng=0))
    rows = np.random.default_rng(0).normal(size=(4, 5))
    feeds = {"x1": rows[0], "x2": rows[1], "t1": rows[2], "t2": rows[3]}
    assert mg.check_gradients(network.graph, feeds)[0].error <= 1e-9


def test_the_checker_leaves_values_and_deltas_alone():
    graph = mg.Network(*mg.mlp([2, 2, 1], rng=0)).loss_graph([0.5, 1.0], [1.0])
    before = [(node.value, node.delta) for node in graph.nodes]
    mg.check_gradients(graph)
    assert [(node.value, node.delta) for node in graph.nodes] == before


def test_the_same_seed_gives_the_same_checks():
    a = mg.Parameter([0.3, 0.4], "a")
    node = mg.sum(mg.tanh(a))
    assert mg.check_gradients(node, seed=1) == mg.check_gradients(node, seed=1)
    assert mg.check_gradients(node, seed=1) != mg.check_gradients(node, seed=2)


def test_whatever_has_a_graph_can_be_checked():
    network = mg.Network(*mg.mlp([2, 2, 1], rng=0))
    graph = network.loss_graph([0.5, -1.0], 1)
    expected = [check[1:] for check in mg.check_gradients(graph)]
    for what in (network, network.loss, [network.loss]):
        assert [check[1:] for check in mg.check_gradients(what)] == expected
    hidden = [graph["h1"], graph["h2"]]
    assert {check.node for check in mg.check_gradients(hidden)} >= set(hidden)
    assert mg.check_gradients(network, {"x1": 1.0})[0].error < 1e-12


def test_many_outputs_or_none_that_is_computed():
    a = mg.Parameter([0.3, 0.4], "a")
    assert len(mg.check_gradients(mg.Graph([mg.tanh(a), mg.exp(a)]))) == 2
    assert mg.check_gradients(a) == []
    with pytest.raises(OperandError, match="no graph"):
        mg.check_gradients("a")


def test_checks_print_in_one_line_with_the_worst():
    w = mg.Parameter(0.5, "w")
    checks = mg.check_gradients(mg.tanh(w, name="y"))
    assert str(checks).startswith("<1 gradient check, the worst: ")
    assert "operand s (w): rule 0.786448, measured 0.786448" in str(checks)


def test_a_staircase_and_a_fast_wave_raise_no_alarm():
    class Floor(mg.Unary):
        label = "own floor"

        def forward(self, xp, x):
            return xp.floor(x)

        def backward(self, xp, delta, y, x):
            return (None,)

    class Wave(mg.Unary):
        label = "own wave"

        def forward(self, xp, x):
            return xp.sin(100 * x)

        def backward(self, xp, delta, y, x):
            return (100 * xp.cos(100 * x) * delta,)

    for value in (0.5, -1.3, 7.7, 1e-3):
        assert len(mg.check_gradients(Floor()(mg.Parameter(value)))) == len(
            mg.check_gradients(Wave()(mg.Parameter(value)))
        )
