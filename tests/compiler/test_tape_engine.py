"""Irregular scalar graphs on a tape: every value and every δ as the readable graph finds them."""

import random

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.tape_engine import TapeEngine
from minigrad.errors import CompileError
from tests.compiler.comparisons import Expected, compare_tape

FUNCTIONS = (mg.tanh, mg.sigmoid, mg.sin, mg.relu, mg.softplus, mg.abs)


def irregular(seed: int, size: int = 60) -> mg.Graph:
    """Scalar nodes of every form over a few leaves; all of them flow into the output."""
    rng = random.Random(seed)
    nodes = [*(mg.Input(f"x{i}") for i in range(3)), *(mg.Parameter(rng.uniform(-1, 1), f"p{i}") for i in range(4))]
    while len(nodes) < size:
        first, second, third = rng.choices(nodes, k=3)
        nodes.append(
            rng.choice(
                [
                    lambda a=first, b=second: mg.tanh(a + b),
                    lambda a=first, b=second: mg.tanh(a * b),
                    lambda a=first, b=second: mg.maximum(a, b) - 0.5,
                    lambda a=first: rng.choice(FUNCTIONS)(a),
                    lambda a=first, b=second, c=third: mg.tanh(mg.weighted_sum([a, b], [c, a], b)),
                    lambda a=first, b=second, c=third: mg.tanh(mg.squared_error([a, b, b], [c, c, a])),
                ]
            )()
        )
    return mg.Graph(mg.tanh(mg.weighted_sum(nodes, [0.1] * len(nodes), name="root")))


@pytest.mark.parametrize("batch", [None, 4])
@pytest.mark.parametrize("seed", range(40))
def test_values_and_deltas_are_those_of_the_graph(seed, batch):
    graph = irregular(seed)
    rng = np.random.default_rng(seed)
    expected = Expected(graph, {node: rng.normal(size=batch) for node in graph.inputs})
    assert compare_tape(expected) == len(graph)


def test_a_node_read_ten_thousand_times_costs_no_more_than_its_edges():
    x = mg.Parameter(0.5, "x")
    graph = mg.Graph(mg.weighted_sum([x] * 10_000, [mg.Parameter(0.001) for _ in range(10_000)]))
    tape = TapeEngine(graph.outputs)
    assert tape.adjoint_count == 20_001
    graph.backward()
    assert tape.gradient({node: node.value for node in graph.nodes if node.op is None}, None) == graph.outputs[0].value
    assert x.delta == pytest.approx(10.0, rel=1e-12)


def test_arrays_are_refused():
    with pytest.raises(CompileError, match="array-valued"):
        TapeEngine(mg.Graph(mg.sum(mg.Parameter([1.0, 2.0], "v"))).outputs)


def test_a_rule_for_single_numbers_only_is_refused():
    class Asking(mg.Activation):
        """A rule that asks whether a number is positive."""

        label = "asking of the tape's test"

        def forward(self, xp, s):
            return s if s > 0 else 0.1 * s

        def backward(self, xp, delta, y, s):
            return (delta if s > 0 else 0.1 * delta,)

    del mg.ops.registry[Asking.label]
    with pytest.raises(CompileError, match="a rule of asking of the tape's test serves single numbers only"):
        TapeEngine(mg.Graph(Asking()(mg.Parameter(1.0))).outputs)
