"""A network of 101,770 single parameters: two matrix products forward, three backward, and nothing gathered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler.numpy_engine import NumpyEngine
from minigrad.compiler.program import Program

Build = Callable[[Sequence[int]], mg.Graph]


def of_neurons(sizes: Sequence[int]) -> mg.Graph:
    """A network of weighted sums."""
    return mg.Network(*mg.mlp(sizes, mg.relu, mg.identity, rng=0), mg.softmax_cross_entropy).graph


def spelled_out(sizes: Sequence[int]) -> mg.Graph:
    """The same network, every neuron written as w1 * x1 + w2 * x2 + … + b."""
    rng = np.random.default_rng(0)
    x: list[mg.Node] = [mg.Input(f"x{place + 1}") for place in range(sizes[0])]
    hidden = [mg.relu(neuron(x, rng)) for _ in range(sizes[1])]
    return mg.Network(x, [neuron(hidden, rng) for _ in range(sizes[2])], mg.softmax_cross_entropy).graph


def neuron(x: Sequence[mg.Node], rng: np.random.Generator) -> mg.Node:
    first, *others = (mg.Parameter(value) * node for value, node in zip(rng.normal(size=len(x)), x, strict=True))
    return sum(others, first) + mg.Parameter(0.0)


def matrix_products(source: str) -> int:
    """The products of matrices in a program; a product with ones, or one that is a number, is a sum."""
    numbers = re.findall(r"(\w+) = np.empty\(\(\)", source)
    products = re.findall(r"\b(?:dot|matmul)_?\((\w+), (\w+), out=(\w+)\)", source)
    return sum(out not in numbers and "ones" not in a + b for a, b, out in products)


def is_without_gathers(program: Program) -> bool:
    """Whether nothing picks elements by a table of positions, be it take or an array of whole numbers as an index."""
    return "take" not in program.source and all(array.dtype.kind == "f" for array in program.arrays.values())


@pytest.mark.parametrize("batch", [None, 64])
@pytest.mark.parametrize("build", [of_neurons, spelled_out])
def test_two_products_forward_three_backward_and_no_gather(build: Build, batch: int | None) -> None:
    graph = build((98, 16, 10))
    compiled = NumpyEngine(graph.outputs)
    bound_programs = (
        compiled.program_for(batch),
        compiled.program_for(batch, True),
        compiled.step_runner(batch, mg.SGD(0.1), ()),
    )
    assert [matrix_products(bound.program.source) for bound in bound_programs] == [2, 5, 5]
    assert all(is_without_gathers(bound.program) for bound in bound_programs)


@pytest.mark.parametrize(
    ("sizes", "parameters"),
    [((98, 16, 10), 1_754), pytest.param((784, 128, 10), 101_770, marks=pytest.mark.slow)],
    ids=["small", "large"],
)
@pytest.mark.parametrize("build", [of_neurons, spelled_out])
def test_a_network_of_single_parameters_runs_as_five_products(
    build: Build, sizes: Sequence[int], parameters: int
) -> None:
    graph = build(sizes)
    assert len(graph.parameters) == parameters
    fast = graph.compile()
    assert isinstance(fast.engine, NumpyEngine)
    assert matrix_products(fast.source) == 5
    assert is_without_gathers(fast.engine.program_for(None, gradient=True).program)
    rng = np.random.default_rng(0)
    feeds: dict[Any, Any] = {node: rng.normal() / np.sqrt(sizes[0]) for node in graph.inputs}
    expected = graph.forward(feeds)
    graph.backward()
    expected_deltas = [parameter.delta for parameter in graph.parameters]
    assert fast.gradient(feeds) == pytest.approx(expected, rel=1e-12)
    deltas = [parameter.delta for parameter in graph.parameters]
    np.testing.assert_allclose(deltas, expected_deltas, rtol=0, atol=1e-12 * np.abs(expected_deltas).max())


def test_an_output_may_be_a_constant_that_the_loss_reads_elsewhere_only():
    x, t, w, c = mg.Input("x"), mg.Input("t"), mg.Parameter(0.5, "w"), mg.Constant(0.25, "c")
    h = mg.weighted_sum([x], [w], c, name="h")
    network = mg.Network.of_graph([x], [c, h], [t, mg.Input("u")], mg.squared_error([h], [t]))
    assert network.predict([[2.0]]).tolist() == [[0.25, 1.25]]
    assert network.predict([2.0]).tolist() == [0.25, 1.25]
    assert network.predict(np.full((600, 1), 2.0)).tolist() == 600 * [[0.25, 1.25]]
