"""Random graphs of arrays, with broadcasting, batches and several uses of one node, against PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

import minigrad as mg

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here: pip install minigrad-bp[oracle]")

Shape = tuple[int, ...]
BATCH = 3


class Step(NamedTuple):
    """One node: the positions of its operands, and how minigrad and PyTorch compute it."""

    operands: tuple[int, ...]
    mine: Callable[..., Any]
    theirs: Callable[..., Any]


def fits(a: Shape, b: Shape) -> bool:
    return all(x == y or 1 in (x, y) for x, y in zip(reversed(a), reversed(b), strict=False))


def elementwise(random: Random, shapes: Sequence[Shape]) -> Step | None:
    a, b = random.randrange(len(shapes)), random.randrange(len(shapes))
    if not fits(shapes[a], shapes[b]):
        return None
    return random.choice(
        [
            Step((a, b), lambda x, y: x + y, lambda x, y: x + y),
            Step((a, b), lambda x, y: mg.tanh(x) * y, lambda x, y: torch.tanh(x) * y),
            Step((a, b), lambda x, y: x / (1 + y * y), lambda x, y: x / (1 + y * y)),
            Step((a, b), mg.maximum, torch.maximum),
            Step((a, b), lambda x, y: mg.where(x > y, x, y * 0.5), lambda x, y: torch.where(x > y, x, y * 0.5)),
            Step((a,), mg.sigmoid, torch.sigmoid),
            Step((a,), mg.sin, torch.sin),
        ]
    )


def reduction(random: Random, shapes: Sequence[Shape]) -> Step | None:
    a = random.randrange(len(shapes))
    rank = len(shapes[a])
    if not rank:
        return None
    axes = tuple(random.sample(range(-rank, 0), random.randint(1, rank)))
    keep = random.random() < 0.5
    mine, theirs = random.choice([(mg.sum, torch.sum), (mg.mean, torch.mean), (mg.max, torch.amax)])
    return Step((a,), lambda x: mine(x, axis=axes, keepdims=keep), lambda x: theirs(x, dim=axes, keepdim=keep))


def arrangement(random: Random, shapes: Sequence[Shape]) -> Step | None:
    a = random.randrange(len(shapes))
    shape = shapes[a]
    if not shape:
        return Step((a,), lambda x: mg.broadcast_to(x, (2, 1)), lambda x: torch.broadcast_to(x, (2, 1)))
    order = tuple(random.sample(range(len(shape)), len(shape)))
    index = random.randrange(shape[0])
    rows = [random.randrange(shape[-1]) for _ in range(random.randint(1, 4))]
    return random.choice(
        [
            Step((a,), lambda x: mg.reshape(x, -1), lambda x: x.reshape(-1)),
            Step((a,), lambda x: mg.permute_dims(x, order), lambda x: x.permute(order)),
            Step((a,), lambda x: mg.broadcast_to(x, (2, *shape)), lambda x: torch.broadcast_to(x, (2, *shape))),
            Step((a,), lambda x: x[index], lambda x: x[index]),
            Step((a,), lambda x: x[..., rows], lambda x: x[..., rows]),
            Step((a,), lambda x: x[..., None, :], lambda x: x[..., None, :]),
            Step((a, a), lambda x, y: mg.concat([x, y * 2], axis=-1), lambda x, y: torch.cat([x, y * 2], dim=-1)),
            Step((a, a), lambda x, y: mg.stack([x, -y], axis=0), lambda x, y: torch.stack([x, -y], dim=0)),
            Step((a,), mg.softmax, lambda x: torch.softmax(x, dim=-1)),
            Step((a,), mg.log_softmax, lambda x: torch.log_softmax(x, dim=-1)),
        ]
    )


def product(random: Random, shapes: Sequence[Shape]) -> Step | None:
    a, b = random.randrange(len(shapes)), random.randrange(len(shapes))
    x, w = shapes[a], shapes[b]
    if not x or not w or x[-1] != w[-1]:
        return None
    if len(w) == 2 and random.random() < 0.5:
        return Step((a, b), lambda x, w: mg.tanh(x @ w.T), lambda x, w: torch.tanh(x @ w.T))
    if len(w) == 2 and random.random() < 0.5:
        biases = [index for index, shape in enumerate(shapes) if shape in {(), (w[0],)}]
        if biases:
            c = random.choice(biases)
            return Step((a, b, c), lambda x, w, c: mg.affine(x, w.T, c) / 4, lambda x, w, c: (x @ w.T + c) / 4)
    if not fits(x[:-1], w[:-1]):
        return None
    return random.choice(
        [
            Step((a, b), lambda x, w: mg.weighted_sum(x, w, 0.5), lambda x, w: (x * w).sum(-1) + 0.5),
            Step((a, b), mg.squared_error, lambda x, w: 0.5 * (x - w).square().sum(-1)),
        ]
    )


KINDS = [elementwise, elementwise, reduction, arrangement, product]
LEAVES: list[Shape] = [(), (3,), (2, 3), (3, 3), (1, 3), (2, 1, 3)]


def random_steps(random: Random, count: int) -> list[Step]:
    """Return steps that fit together, chosen by trying them on the shapes so far."""
    examples: list[Any] = [torch.zeros(shape, dtype=torch.float64) for shape in LEAVES]
    steps: list[Step] = []
    while len(steps) < count:
        step = random.choice(KINDS)(random, [tuple(example.shape) for example in examples])
        if step is None:
            continue
        result = step.theirs(*(examples[index] for index in step.operands))
        if result.numel() <= 200 and result.ndim <= 4:
            steps.append(step)
            examples.append(result)
    return steps


def apply_steps(steps: Sequence[Step], leaves: Sequence[Any], library: str) -> list[Any]:
    nodes = [*leaves]
    for step in steps:
        nodes.append(getattr(step, library)(*(nodes[index] for index in step.operands)))
    return nodes


@pytest.mark.parametrize("seed", range(200))
def test_a_random_graph_of_arrays(seed: int) -> None:
    random, rng = Random(seed), np.random.default_rng(seed)
    steps = random_steps(random, random.randint(3, 14))
    leaves = [mg.Input(f"x{index}", shape) for index, shape in enumerate(LEAVES)]
    nodes = apply_steps(steps, leaves, "mine")
    used = {index for step in steps for index in step.operands}
    unused = [node for index, node in enumerate(nodes) if index >= len(leaves) and index not in used]
    root = mg.weighted_sum([mg.sum(node) for node in unused], [1.0] * len(unused))
    graph = mg.Graph(root)
    is_batch = [random.random() < 0.5 for _ in leaves]
    feeds = {
        leaf: rng.normal(size=(BATCH, *leaf.shape) if batched else leaf.shape)
        for leaf, batched in zip(leaves, is_batch, strict=True)
        if leaf in graph
    }
    graph.forward(feeds)
    graph.backward()

    per_sample: list[list[np.ndarray]] = []
    for sample in range(BATCH):
        tensors = [
            torch.tensor(
                feeds[leaf][sample] if batched and leaf in feeds else feeds.get(leaf, np.zeros(leaf.shape)),
                dtype=torch.float64,
                requires_grad=True,
            )
            for leaf, batched in zip(leaves, is_batch, strict=True)
        ]
        theirs = apply_steps(steps, tensors, "theirs")
        total = sum(theirs[nodes.index(node)].sum() for node in unused)
        gradients = torch.autograd.grad(total, tensors, allow_unused=True)
        per_sample.append(
            [np.zeros(leaf.shape) if g is None else g.numpy() for leaf, g in zip(leaves, gradients, strict=True)]
        )
        for node, tensor in zip(nodes, theirs, strict=True):
            if node in graph:
                value = np.asarray(node.value)
                mine = value[sample] if value.ndim > node.ndim else value
                np.testing.assert_allclose(mine, tensor.detach().numpy(), rtol=1e-10, atol=1e-12)
    root_is_batch = np.ndim(root.value) > 0
    for leaf, column in zip(leaves, zip(*per_sample, strict=True), strict=True):
        if leaf not in graph:
            continue
        leaf_is_batch = np.ndim(leaf.value) > leaf.ndim
        expected = np.stack(column) / BATCH if leaf_is_batch else np.mean(column, axis=0)
        assert root_is_batch or not leaf_is_batch
        np.testing.assert_allclose(leaf.delta, expected, rtol=1e-9, atol=1e-11)
