"""Second derivatives of random graphs without names against PyTorch's, in float64, and those of every op far out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad.ops.base import registry
from tests.compiler.random_graphs import random_case, total
from tests.laws import OPS

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
    """Compare the Hessian and the gradients of a random sum of gradients; return False where there are none to compare.

    That is so without leaves to differentiate with respect to, and where PyTorch finds a number that is not finite.
    """
    leaves = [*graph.parameters, *graph.inputs]
    output, tensors = of_pytorch(graph, leaves)
    first = gradients(output, tensors, create_graph=True)
    rows = [
        np.concatenate([slope.numpy(force=True).ravel() for slope in gradients(element, tensors, retain_graph=True)])
        for slope in first
        for element in slope.reshape(-1)
    ]
    if not np.isfinite(rows).all() or not rows:
        return False
    expected = np.array(rows)
    blocks = mg.hessian(graph, leaves)
    sizes = [np.size(leaf.value) for leaf in leaves]
    found = np.block(
        [
            [np.reshape(block, (m, n)) for n, block in zip(sizes, row, strict=True)]
            for m, row in zip(sizes, blocks, strict=True)
        ]
    )
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)
    deltas = mg.gradient_graph(graph, leaves).outputs
    weights = [np.random.default_rng(place).uniform(0.5, 1.5, delta.shape) for place, delta in enumerate(deltas)]
    weighted = total([mg.multiply(weight, delta) for weight, delta in zip(weights, deltas, strict=True)])
    second = np.concatenate([np.ravel(delta.value) for delta in mg.gradient_graph(weighted, leaves).outputs])
    summed = np.concatenate([np.ravel(weight) for weight in weights]) @ expected
    np.testing.assert_allclose(second, summed, rtol=1e-9, atol=1e-9 * scale * len(expected))
    return True


@pytest.mark.parametrize("count", [15, pytest.param(300, marks=pytest.mark.slow)])
def test_second_derivatives_of_random_graphs(count: int) -> None:
    compared = number = 0
    while compared < count:
        compared += assert_second_derivatives(unnamed_loss(number))
        number += 1
    assert compared >= LEAST_SHARE * number


FAR_OUT = np.array([-800.0, -40.0, -3.0, -1e-9, 1e-9, 0.5, 3.0, 40.0, 800.0])
SMOOTH = [label for label, op in OPS.items() if op.kind == "activation"] + ["exp", "expm1", "sin", "cos", "atan", "abs"]


@pytest.mark.parametrize("label", SMOOTH)
def test_second_derivatives_far_out(label: str) -> None:
    """Nothing that a guard against overflow leaves out comes back as NaN in the second derivative."""
    x = mg.Parameter(FAR_OUT[np.abs(FAR_OUT) < 700] if label.startswith("exp") else FAR_OUT)
    weights = np.linspace(0.5, 1.5, x.shape[0])
    graph = mg.Graph(mg.sum(registry[label]()(x) * weights))
    assert assert_second_derivatives(graph), "PyTorch finds all of them finite"


@pytest.mark.parametrize("exponent", [1, 2, 3, 4.0])
def test_second_derivatives_of_powers_at_0_and_below(exponent: float) -> None:
    assert assert_second_derivatives(mg.Graph(mg.sum(mg.Parameter([-2.0, 0.0, 0.5]) ** exponent)))
