"""Random scalar graphs: values and every δ against dual numbers, pass after pass, one by one and in batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import minigrad as mg
from tests.graphs import Program, as_nodes, evaluate_dual_numbers, programs

unhurried = settings(deadline=None, max_examples=150)


@unhurried
@given(programs())
def test_values_and_deltas_of_leaves(program: Program) -> None:
    leaves = [mg.Parameter(value) for value in program.leaves]
    nodes = as_nodes(program, leaves)
    nodes[-1].backward()
    for index, leaf in enumerate(leaves):
        duals = evaluate_dual_numbers(program, index)
        assert [node.value for node in nodes] == pytest.approx([dual.value for dual in duals], rel=1e-12, abs=1e-12)
        delta = 0.0 if leaf.delta is None else leaf.delta  # None: not part of the graph of the last node
        assert delta == pytest.approx(duals[-1].slope, rel=1e-9, abs=1e-11)


@unhurried
@given(programs())
def test_a_pass_leaves_no_trace_in_the_next(program: Program) -> None:
    leaves = [mg.Parameter(value) for value in program.leaves]
    nodes = as_nodes(program, leaves)
    nodes[-1].backward()
    first = [node.delta for node in nodes]
    nodes[-1].backward()
    assert [node.delta for node in nodes] == first
    graph = mg.Graph(nodes[-1])
    graph.forward()
    assert [node.delta for node in graph.nodes] == [None] * len(graph)
    graph.backward()
    assert [node.delta for node in nodes] == first


@unhurried
@given(programs())
def test_parents_stand_before_their_children(program: Program) -> None:
    graph = mg.Graph(as_nodes(program, [mg.Parameter(value) for value in program.leaves])[-1])
    assert len(set(graph.nodes)) == len(graph.nodes)
    for node in graph.nodes:
        assert all(graph.position[parent] < graph.position[node] for parent in node.parents)
    assert graph.nodes[-1] is graph.outputs[0]


@unhurried
@given(programs(most=12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_a_batch_is_the_stack_of_its_samples_and_the_mean_of_their_gradients(program, size, random) -> None:
    """The first leaf is a parameter, the others are fed, some of them with a batch axis and some without."""
    weight = mg.Parameter(program.leaves[0], "w")
    inputs = [mg.Input(f"x{index}") for index in range(1, len(program.leaves))]
    nodes = as_nodes(program, [weight, *inputs])
    graph = mg.Graph(nodes[-1])
    read = [node for node in inputs if node in graph]
    batched = {node: [random.uniform(-2, 2) for _ in range(size)] for node in read if random.random() < 0.7}
    plain = {node: random.uniform(-2, 2) for node in read if node not in batched}
    values, deltas = [], []
    for sample in range(size):
        graph.forward({**plain, **{node: column[sample] for node, column in batched.items()}})
        graph.backward()
        values.append([node.value for node in graph.nodes])
        deltas.append([node.delta for node in graph.nodes])
    graph.forward({**plain, **batched})
    graph.backward()
    for node, expected, slopes in zip(graph.nodes, zip(*values, strict=True), zip(*deltas, strict=True), strict=True):
        np.testing.assert_allclose(np.broadcast_to(node.value, (size, *node.shape)), expected, rtol=1e-12, atol=1e-12)
        if np.ndim(node.value) > node.ndim:
            np.testing.assert_allclose(node.delta, np.array(slopes) / size, rtol=1e-9, atol=1e-12)
        elif any(np.ndim(other.value) for other in graph.outputs):
            np.testing.assert_allclose(node.delta, np.mean(slopes, axis=0), rtol=1e-9, atol=1e-12)
