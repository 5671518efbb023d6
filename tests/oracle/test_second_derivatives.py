"""Second derivatives of random graphs without names against PyTorch's, in float64, and those of every op far out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from tests.compiler.random_graphs import random_case, total

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")
from tests.oracle.test_torch import COUNTERPARTS  # noqa: E402  (PyTorch has to be there)

LEAST_SHARE = 0.8
"""The share of random graphs whose second derivatives PyTorch finds finite."""


def unnamed_loss(number: int) -> mg.Graph:
    """Return a random graph with one scalar output whose nodes have no names, and whose inputs have values."""
    graph = mg.Graph(total(random_case(number).build().outputs))
    random = np.random.default_rng(number)
    for node in graph.nodes:
        node.name = None
    for node in graph.inputs:
        node.value = random.normal(size=node.shape)
    graph.forward()
    return graph


def of_pytorch(graph: mg.Graph, leaves: Sequence[mg.Node]) -> tuple[Any, list[Any]]:
    """Return the output of a graph as PyTorch computes it, and the tensors of the leaves."""
    values: dict[Any, Any] = {node: torch.tensor(node.value, dtype=torch.float64) for node in graph.nodes}
    tensors = [values[leaf].requires_grad_() for leaf in leaves]
    for step in graph.plan.steps:
        values[step] = COUNTERPARTS[step.op.label](step.op, *(values[one] for one in graph.plan.operands_of(step)))
    return values[graph.outputs[0]], tensors


def gradients(output: Any, tensors: Sequence[Any], **options: Any) -> list[Any]:
    """Return the gradients by PyTorch; zeros where a tensor has no influence."""
    if not output.requires_grad:
        return [torch.zeros_like(tensor) for tensor in tensors]
    found = torch.autograd.grad(output, tensors, allow_unused=True, **options)
    return [torch.zeros_like(x) if slope is None else slope for x, slope in zip(tensors, found, strict=True)]


def assert_second_derivatives(graph: mg.Graph) -> bool:
    """Compare the Hessian, and the gradient of a random sum of gradients; return False where they are not finite."""
    leaves = [*graph.parameters, *graph.inputs]
    output, tensors = of_pytorch(graph, leaves)
    first = gradients(output, tensors, create_graph=True)
    expected = [
        np.stack([np.concatenate([g.numpy().ravel() for g in gradients(e, tensors, retain_graph=True)]) for e in flat])
        for flat in (slope.reshape(-1) for slope in first)
    ]
    if not all(map(np.all, map(np.isfinite, expected))):
        return False
    scale = max(1.0, *(np.abs(rows).max() for rows in expected))
    for rows, row in zip(expected, mg.hessian(graph, leaves), strict=True):
        flat = [np.reshape(block, (len(rows), -1)) for block in row]
        np.testing.assert_allclose(np.concatenate(flat, axis=1), rows, rtol=1e-9, atol=1e-9 * scale)
    deltas = mg.gradient_graph(graph, leaves).outputs
    weights = [np.random.default_rng(place).normal(size=delta.shape) for place, delta in enumerate(deltas)]
    slope = total([mg.multiply(weight, delta) for weight, delta in zip(weights, deltas, strict=True)])
    second = mg.gradient_graph(slope, leaves)
    summed = sum(np.ravel(weight) @ rows for weight, rows in zip(weights, expected, strict=True))
    found = np.concatenate([np.ravel(delta.value) for delta in second.outputs])
    np.testing.assert_allclose(found, summed, rtol=1e-9, atol=1e-9 * scale * len(summed))
    return True


@pytest.mark.parametrize("count", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_second_derivatives_of_random_graphs(count: int) -> None:
    number = finite = 0
    while finite < count:
        finite += assert_second_derivatives(unnamed_loss(number))
        number += 1
    assert finite >= LEAST_SHARE * number
