"""Every op against its PyTorch counterpart, in float64, values and gradients, the kinks included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Graph, Input, Parameter, ops
from minigrad.ops.base import Sample, registry
from tests.laws import OPS, draw

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")
F = torch.nn.functional


def losses_per_sample(function: Callable[..., Any]) -> Callable[..., Any]:
    """A loss of PyTorch, unreduced, summed over the last axis as minigrad's losses are."""
    return lambda op, outputs, targets: function(*torch.broadcast_tensors(outputs, targets), reduction="none").sum(-1)


def hinge(op: Any, outputs: Any, targets: Any) -> Any:
    return torch.clamp(1 - outputs * targets, min=0).sum(-1)


def reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda op, x: function(x, dim=op.axes, keepdim=op.keepdims) if op.axes else x


COUNTERPARTS: dict[str, Callable[..., Any]] = {
    "+": lambda op, a, b: a + b,
    "−": lambda op, a, b: a - b,
    "×": lambda op, a, b: a * b,
    "dropout": lambda op, x, mask: x * mask,
    "÷": lambda op, a, b: a / b,
    "neg": lambda op, x: -x,
    "^": lambda op, a, b: a**b,
    "exp": lambda op, x: torch.exp(x),
    "expm1": lambda op, x: torch.expm1(x),
    "log": lambda op, x: torch.log(x),
    "log1p": lambda op, x: torch.log1p(x),
    "sqrt": lambda op, x: torch.sqrt(x),
    "sin": lambda op, x: torch.sin(x),
    "cos": lambda op, x: torch.cos(x),
    "atan": lambda op, x: torch.atan(x),
    ">": lambda op, a, b: (a > b).double(),
    "<": lambda op, a, b: (a < b).double(),
    "=": lambda op, a, b: (a == b).double(),
    "sign": lambda op, x: torch.sign(x),
    "abs": lambda op, x: torch.abs(x),
    "maximum": lambda op, a, b: torch.maximum(a, b),
    "minimum": lambda op, a, b: torch.minimum(a, b),
    "where": lambda op, condition, a, b: torch.where(condition != 0, a, b),
    "clip": lambda op, x: torch.clamp(x, op.low, op.high),
    "identity": lambda op, s: s,
    "sigmoid": lambda op, s: torch.sigmoid(s),
    "tanh": lambda op, s: torch.tanh(s),
    "relu": lambda op, s: F.relu(s),
    "leaky_relu": lambda op, s: F.leaky_relu(s, op.slope),
    "elu": lambda op, s: F.elu(s, op.alpha),
    "selu": lambda op, s: F.selu(s),
    "softplus": lambda op, s: F.softplus(s),
    "gelu": lambda op, s: F.gelu(s, approximate="tanh"),
    "silu": lambda op, s: F.silu(s),
    "softsign": lambda op, s: F.softsign(s),
    "hard_tanh": lambda op, s: F.hardtanh(s),
    "softmax": lambda op, s: F.softmax(s, dim=-1),
    "log_softmax": lambda op, s: F.log_softmax(s, dim=-1),
    "½Σ(ŷ−t)²": lambda op, outputs, targets: 0.5 * losses_per_sample(F.mse_loss)(op, outputs, targets),
    "mean squared error": lambda op, outputs, targets: (outputs - targets).square().mean(-1),
    "absolute error": losses_per_sample(F.l1_loss),
    "huber": losses_per_sample(F.huber_loss),
    "hinge": hinge,
    "binary cross-entropy": losses_per_sample(F.binary_cross_entropy_with_logits),
    "softmax cross-entropy": lambda op, outputs, targets: -(targets * F.log_softmax(outputs, dim=-1)).sum(-1),
    "·": lambda op, a, b: (a * b).sum(-1),
    "Σ": lambda op, x, w, b: (x * w).sum(-1) + b,
    "@": lambda op, a, b: a @ b,
    "xW+b": lambda op, x, W, b: x @ W + b,
    "sum": reduced(torch.sum),
    "mean": reduced(torch.mean),
    "max": reduced(torch.amax),
    "reshape": lambda op, x: torch.reshape(x, op.target),
    "permute": lambda op, x: torch.permute(x, op.axes),
    "broadcast": lambda op, x: torch.broadcast_to(x, op.target),
    "concat": lambda op, *x: torch.cat(x, dim=op.axis),
    "stack": lambda op, *x: torch.stack(x, dim=op.axis),
    "take": lambda op, x: x.reshape(-1)[list(op.positions)].reshape(op.target),
    "slice": lambda op, x: x.reshape(-1)[op.indices.tolist()].reshape(op.target),
}
WITHOUT_COUNTERPART: set[str] = set()

SAMPLES = [
    pytest.param(sample, id=f"{label}-{number}")
    for label, op_class in OPS.items()
    for number, sample in enumerate(op_class.samples())
]


def test_every_op_has_a_counterpart_or_is_listed_as_having_none() -> None:
    assert set(COUNTERPARTS) | WITHOUT_COUNTERPART == set(OPS)
    assert not set(COUNTERPARTS) & WITHOUT_COUNTERPART


def compare(op: Any, operands: list[np.ndarray], tolerance: float = 1e-12) -> None:
    """The node's value and the δ of its parents against PyTorch's value and gradients, for a random δ of the result."""
    parents = [Parameter(operand, f"operand{place}") for place, operand in enumerate(operands)]
    node = op(*parents)
    theirs = [torch.tensor(operand, dtype=torch.float64, requires_grad=True) for operand in operands]
    answer = COUNTERPARTS[op.label](op, *theirs)
    np.testing.assert_allclose(node.value, answer.detach().numpy(), rtol=tolerance, atol=tolerance)
    delta = np.random.default_rng(2).uniform(0.5, 1.5, node.shape)
    Graph(node).backward({node: delta})
    seed = torch.tensor(delta)
    flat = [None] * len(theirs)  # what PyTorch does not differentiate has no influence
    gradients = torch.autograd.grad(answer, theirs, seed, allow_unused=True) if answer.requires_grad else flat
    for parent, gradient in zip(parents, gradients, strict=True):
        expected = np.zeros(parent.shape) if gradient is None else gradient.numpy()
        np.testing.assert_allclose(parent.delta, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_op_agrees_with_pytorch(sample: Sample) -> None:
    for seed in range(3):
        compare(sample.op, draw(sample, seed))


@pytest.mark.parametrize(
    "op",
    [ops.relu, ops.abs, ops.leaky_relu, ops.LeakyReLU(slope=0.3), ops.elu, ops.selu, ops.hard_tanh, ops.sign],
    ids=lambda op: op.label,
)
def test_an_op_agrees_with_pytorch_at_its_kinks(op: Any) -> None:
    kinks = np.array([-1.0, 0.0, 1.0])
    compare(op, [kinks])
    for kink in kinks:
        compare(op, [kink])


def test_clipping_passes_delta_at_the_bounds_as_pytorch_does() -> None:
    compare(ops.Clip(-1.0, 1.0), [np.array([-2.0, -1.0, 0.5, 1.0, 2.0])])


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum], ids=lambda op: op.label)
def test_ties_of_two_share_evenly(op: Any) -> None:
    compare(op, [np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])])
    compare(op, [np.array(1.0), np.array(1.0)])


def test_ties_of_many_share_evenly() -> None:
    x = np.array([[3.0, 1.0, 3.0], [3.0, 3.0, 2.0]])
    for axes in [(-1,), (-2,), (-2, -1)]:
        for keepdims in (False, True):
            compare(registry["max"](axes, keepdims), [x])


def test_kinks_of_the_losses() -> None:
    same = np.array([0.5, -0.5, 0.0])
    compare(registry["absolute error"](), [same, same])
    compare(registry["huber"](), [same + np.array([1.0, -1.0, 0.0]), same])


@pytest.mark.parametrize("label", [item.label for item in OPS.values() if item.kind == "activation"])
def test_far_out_activations_agree_with_pytorch(label: str) -> None:
    compare(registry[label](), [np.array([-1000.0, -30.0, -1e-9, 1e-9, 30.0, 1000.0])])


def test_cross_entropies_far_out_agree_with_pytorch() -> None:
    logits, targets = np.array([-1000.0, 1000.0, 0.0, 30.0]), np.array([1.0, 0.0, 0.0, 0.0])
    compare(registry["binary cross-entropy"](), [logits, targets])
    compare(registry["softmax cross-entropy"](), [logits, targets])


def test_sample_losses_of_pytorch_are_averaged_over_the_batch() -> None:
    rng = np.random.default_rng(3)
    W, b = rng.normal(size=(3, 2)), rng.normal(size=2)
    X, T = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    x, t = Input("x", 3), Input("t", 2)
    weights, bias = Parameter(W, "W"), Parameter(b, "b")
    loss = ops.squared_error(ops.tanh(ops.affine(x, weights, bias)), t)
    graph = Graph(loss)
    mean = graph.forward({x: X, t: T})
    graph.backward()
    theirs = [torch.tensor(value, requires_grad=True) for value in (W, b)]
    answer = 0.5 * (torch.tanh(torch.tensor(X) @ theirs[0] + theirs[1]) - torch.tensor(T)).square().sum(-1).mean()
    answer.backward()
    assert mean == pytest.approx(answer.item(), rel=1e-14)
    np.testing.assert_allclose(weights.delta, theirs[0].grad.numpy(), rtol=1e-12)
    np.testing.assert_allclose(bias.delta, theirs[1].grad.numpy(), rtol=1e-12)
