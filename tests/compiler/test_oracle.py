"""The oracle holds for every op there is and for random graphs, and it finds what is wrong, and shrinks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, settings

import minigrad as mg
from minigrad import ops
from minigrad.core import floats
from minigrad.ops.activations import Tanh
from minigrad.ops.base import Op, Sample, registry
from tests.compiler.comparisons import (
    Expected,
    compare_array_form,
    compare_engines,
    compare_gradient_graph,
    run_comparisons,
)
from tests.compiler.oracle import Tally, graph_text, shrink
from tests.compiler.random_graphs import Case, cases, random_case, random_feeds
from tests.laws import OPS, draw


@pytest.mark.parametrize(("count", "least", "share"), [(40, 2, 0.6), pytest.param(100, 5, 0.8, marks=pytest.mark.slow)])
def test_random_graphs(count: int, least: int, share: float) -> None:
    """Every kind of comparison is made more than `least` times, and more than that share of all ops is drawn."""
    tally = Tally()
    tally.run(count, seed=0)
    assert tally.counts["array forms"] == tally.counts["programs"] == count
    assert min(tally.counts[what] for what in ("tapes", "BP networks", "trainings")) > least
    assert len(tally.ops) > share * len(OPS)


@pytest.mark.parametrize("op_class", OPS.values(), ids=OPS)
def test_every_op_compiles(op_class: type[Op]) -> None:
    """Like nodes of each of its samples, over leaves of all kinds, alone and in a batch, and their BP network."""
    of_scalars: dict[bool, list[Sample]] = {}
    for sample in op_class.samples():
        of_scalars.setdefault(is_of_scalars(sample), []).append(sample)
    for samples in of_scalars.values():
        batches: dict[mg.Node, np.ndarray] = {}
        graph = mg.Graph([node for sample in samples for node in like_nodes(sample, batches)])
        first = {leaf: batch[0] for leaf, batch in batches.items()}
        assert run_comparisons(Expected(graph, first), compare_array_form, compare_engines, compare_gradient_graph)
        assert run_comparisons(Expected(graph, batches), compare_array_form, compare_engines)


def is_of_scalars(sample: Sample) -> bool:
    """Whether single nodes can be the operands, one or a row of them for each."""
    return all(len(shape) <= bool(sample.op.stars) for shape in sample.shapes)


def like_nodes(sample: Sample, batches: dict[mg.Node, np.ndarray]) -> list[mg.Node]:
    """Two nodes of one op, of whose operands every other one is an input; adds the batches for these."""
    nodes = []
    for first in (0, 1):
        operands: list[Any] = []
        for place, values in enumerate(zip(draw(sample, first), draw(sample, first + 2), strict=True)):
            leaf: mg.Node = mg.Parameter(values[0])
            if (first + place) % 2:
                leaf = mg.Input(f"x{len(batches)}", values[0].shape)
                batches[leaf] = np.stack(values)
            operands.append(list(leaf) if leaf.shape and is_of_scalars(sample) else leaf)
        nodes.append(sample.op(*operands))
    return nodes


# What can be built.


def test_random_cases_hold_what_they_should() -> None:
    graphs = [random_case(number).build() for number in range(400)]
    kinds = {(node.kind, node.ndim) for graph in graphs for node in graph.nodes if node.op is None}
    assert kinds >= {(kind, rank) for kind in ("input", "parameter") for rank in (0, 1, 2)} | {("constant", 0)}
    assert any(len(graph.outputs) > 1 and len(set(graph.outputs)) < len(graph.outputs) for graph in graphs)
    assert any(node.shape for graph in graphs for node in graph.outputs)
    assert any(node.op is None for graph in graphs for node in graph.outputs)
    assert max(len(graph) for graph in graphs) > 150


def test_a_case_is_the_same_graph_each_time() -> None:
    for number in range(20):
        first, second = (random_case(number).build() for _ in range(2))
        assert graph_text(first) == graph_text(second)
        assert [node.value for node in first.parameters if not node.shape] == [
            node.value for node in second.parameters if not node.shape
        ]


# Graphs that hang on their last digits.


def hanging() -> dict[str, mg.Node]:
    a, b, c = mg.Parameter(0.1), mg.Parameter(0.2), mg.Parameter(0.3)
    left, right = (a + b) + c, a + (b + c)
    return {
        "a difference that is zero but for rounding": mg.relu(left - right),
        "two that are equal but for rounding": mg.maximum(left, right),
        "a bound that is met": mg.clip(a + 0.5, -1.0, 0.6),
        "a division by rounding": 1.0 / (left - right + 1e-300),
        "what is no number": mg.log(a - 1.0),
    }


@pytest.mark.parametrize("name", hanging())
def test_a_graph_that_hangs_on_its_last_digits_is_known(name: str) -> None:
    assert not Expected(mg.Graph(hanging()[name]), {}).is_stable


def resting() -> dict[str, mg.Node]:
    a, b = mg.Parameter(0.1), mg.Parameter(0.2)
    return {
        "a tie of one node with itself": mg.maximum(a, a),
        "a tie of copies": mg.max(mg.stack([a * b, a * b + 0.0, mg.broadcast_to(b, (2,))[1]])),
        "a choice far from the kink": mg.relu(a - b) + mg.relu(b - a),
        "a long sum": mg.tanh(sum(mg.sin(a * value) for value in range(100))),
    }


@pytest.mark.parametrize("name", resting())
def test_a_graph_that_rounding_leaves_alone_is_known(name: str) -> None:
    assert Expected(mg.Graph(resting()[name]), {}).is_stable


# The oracle is itself checked: ops that are right alone and wrong among many must be found. A subclass without a label
# of its own stays out of the registry.


class LargestOfAll(Tanh):
    """Forward, leading axes are not left alone."""

    def forward(self, xp, s):
        return s * 0.0 + xp.tanh(xp.max(s))


class MeanOfAll(Tanh):
    """Backward, leading axes are not left alone."""

    def backward(self, xp, delta, y, s):
        return (xp.mean(delta) * (1 - y * y),)


class WrongOnArrays(Tanh):
    """One part in 10¹¹ off where it reads arrays."""

    def forward(self, xp, s):
        return xp.tanh(s) * (1.0 if xp is floats else 1 + 1e-11)


class SlopeOnArrays(Tanh):
    """One part in 10¹¹ off in δ where it reads arrays."""

    def backward(self, xp, delta, y, s):
        return (delta * (1 - y * y) * (1.0 if xp is floats else 1 + 1e-11),)


class SwappedAmongMany(type(ops.subtract)):
    """The operands' δ change places where there are many."""

    def backward(self, xp, delta, y, a, b):
        return (delta, -delta) if xp is floats else (-delta, delta)


@contextmanager
def alone_in_the_registry(op_class: type[Op]) -> Iterator[None]:
    """Every op that is drawn is this one, until all are back."""
    known = dict(registry)
    registry.clear()
    registry[op_class.label] = op_class
    try:
        yield
    finally:
        registry.clear()
        registry.update(known)


def differs(case: Case) -> bool:
    """Whether the array form of a graph is found to be another."""
    graph = case.build()
    expected = Expected(graph, random_feeds(graph, Random(0), None))
    try:
        run_comparisons(expected, compare_array_form)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("wrong", [LargestOfAll, MeanOfAll, WrongOnArrays, SlopeOnArrays, SwappedAmongMany])
def test_a_wrong_op_is_found_and_the_graph_shrunk(wrong: type[Op]) -> None:
    with alone_in_the_registry(wrong):
        case = next(filter(differs, (random_case(number, most=5) for number in range(1000))))
        smallest = shrink(case, differs).build()
    assert any(isinstance(node.op, wrong) for node in smallest.nodes)
    assert len(smallest) <= 8, graph_text(smallest)


@pytest.mark.slow
def test_hypothesis_finds_a_wrong_op_and_shrinks_the_graph() -> None:
    without_deadline = settings(max_examples=300, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    with alone_in_the_registry(LargestOfAll):
        smallest = find(cases(most=10), differs, settings=without_deadline, random=Random(0)).build()
    assert len(smallest) <= 8, graph_text(smallest)


def test_the_command_shows_the_smallest_graph_that_fails(capsys: Any) -> None:
    tally = Tally()
    with alone_in_the_registry(WrongOnArrays), pytest.raises(AssertionError, match=r"found .*, expected"):
        tally.run(100, seed=0)
    shown = capsys.readouterr().err
    assert shown.startswith("number ")
    assert len(shown.splitlines()) <= 9, shown
