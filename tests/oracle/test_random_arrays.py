"""Random graphs of arrays, with broadcasting, batches and every kind of reader, against PyTorch."""

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


class Move(NamedTuple):
    """One node: the places of its operands, and how minigrad and PyTorch compute it."""

    operands: tuple[int, ...]
    mine: Callable[..., Any]
    theirs: Callable[..., Any]


def fits(a: Shape, b: Shape) -> bool:
    return all(x == y or 1 in (x, y) for x, y in zip(reversed(a), reversed(b), strict=False))


def elementwise(random: Random, shapes: Sequence[Shape]) -> Move | None:
    a, b = random.randrange(len(shapes)), random.randrange(len(shapes))
    if not fits(shapes[a], shapes[b]):
        return None
    return random.choice(
        [
            Move((a, b), lambda x, y: x + y, lambda x, y: x + y),
            Move((a, b), lambda x, y: mg.tanh(x) * y, lambda x, y: torch.tanh(x) * y),
            Move((a, b), lambda x, y: x / (1 + y * y), lambda x, y: x / (1 + y * y)),
            Move((a, b), mg.maximum, torch.maximum),
            Move((a, b), lambda x, y: mg.where(x > y, x, y * 0.5), lambda x, y: torch.where(x > y, x, y * 0.5)),
            Move((a,), mg.sigmoid, torch.sigmoid),
            Move((a,), mg.sin, torch.sin),
        ]
    )


def reduction(random: Random, shapes: Sequence[Shape]) -> Move | None:
    a = random.randrange(len(shapes))
    rank = len(shapes[a])
    if not rank:
        return None
    axes = tuple(random.sample(range(-rank, 0), random.randint(1, rank)))
    keep = random.random() < 0.5
    mine, theirs = random.choice([(mg.sum, torch.sum), (mg.mean, torch.mean), (mg.max, torch.amax)])
    return Move((a,), lambda x: mine(x, axis=axes, keepdims=keep), lambda x: theirs(x, dim=axes, keepdim=keep))


def arrangement(random: Random, shapes: Sequence[Shape]) -> Move | None:
    a = random.randrange(len(shapes))
    shape = shapes[a]
    if not shape:
        return Move((a,), lambda x: mg.broadcast_to(x, (2, 1)), lambda x: torch.broadcast_to(x, (2, 1)))
    order = tuple(random.sample(range(len(shape)), len(shape)))
    place = random.randrange(shape[0])
    rows = [random.randrange(shape[-1]) for _ in range(random.randint(1, 4))]
    return random.choice(
        [
            Move((a,), lambda x: mg.reshape(x, -1), lambda x: x.reshape(-1)),
            Move((a,), lambda x: mg.permute_dims(x, order), lambda x: x.permute(order)),
            Move((a,), lambda x: mg.broadcast_to(x, (2, *shape)), lambda x: torch.broadcast_to(x, (2, *shape))),
            Move((a,), lambda x: x[place], lambda x: x[place]),
            Move((a,), lambda x: x[..., rows], lambda x: x[..., rows]),
            Move((a,), lambda x: x[..., None, :], lambda x: x[..., None, :]),
            Move((a, a), lambda x, y: mg.concat([x, y * 2], axis=-1), lambda x, y: torch.cat([x, y * 2], dim=-1)),
            Move((a, a), lambda x, y: mg.stack([x, -y], axis=0), lambda x, y: torch.stack([x, -y], dim=0)),
            Move((a,), mg.softmax, lambda x: torch.softmax(x, dim=-1)),
            Move((a,), mg.log_softmax, lambda x: torch.log_softmax(x, dim=-1)),
        ]
    )


def product(random: Random, shapes: Sequence[Shape]) -> Move | None:
    a, b = random.randrange(len(shapes)), random.randrange(len(shapes))
    x, w = shapes[a], shapes[b]
    if not x or not w or x[-1] != w[-1]:
        return None
    if len(w) == 2 and random.random() < 0.5:
        return Move((a, b), lambda x, w: mg.tanh(x @ w.T), lambda x, w: torch.tanh(x @ w.T))
    if len(w) == 2 and random.random() < 0.5:
        bias = [place for place, shape in enumerate(shapes) if shape in {(), (w[0],)}]
        if bias:
            c = random.choice(bias)
            return Move((a, b, c), lambda x, w, c: mg.affine(x, w.T, c) / 4, lambda x, w, c: (x @ w.T + c) / 4)
    if not fits(x[:-1], w[:-1]):
        return None
    return random.choice(
        [
            Move((a, b), lambda x, w: mg.weighted_sum(x, w, 0.5), lambda x, w: (x * w).sum(-1) + 0.5),
            Move((a, b), mg.squared_error, lambda x, w: 0.5 * (x - w).square().sum(-1)),
        ]
    )


MOVES = [elementwise, elementwise, reduction, arrangement, product]
LEAVES: list[Shape] = [(), (3,), (2, 3), (3, 3), (1, 3), (2, 1, 3)]


def random_moves(random: Random, count: int) -> list[Move]:
    """Moves that fit together, found by trying them on the shapes at hand."""
    examples: list[Any] = [torch.zeros(shape, dtype=torch.float64) for shape in LEAVES]
    moves: list[Move] = []
    while len(moves) < count:
        move = random.choice(MOVES)(random, [tuple(example.shape) for example in examples])
        if move is None:
            continue
        made = move.theirs(*(examples[place] for place in move.operands))
        if made.numel() <= 200 and made.ndim <= 4:
            moves.append(move)
            examples.append(made)
    return moves


def carried_out(moves: Sequence[Move], leaves: Sequence[Any], reading: str) -> list[Any]:
    nodes = [*leaves]
    for move in moves:
        nodes.append(getattr(move, reading)(*(nodes[place] for place in move.operands)))
    return nodes


@pytest.mark.parametrize("seed", range(200))
def test_a_random_graph_of_arrays(seed: int) -> None:
    random, rng = Random(seed), np.random.default_rng(seed)
    moves = random_moves(random, random.randint(3, 14))
    leaves = [mg.Input(f"x{place}", shape) for place, shape in enumerate(LEAVES)]
    nodes = carried_out(moves, leaves, "mine")
    readers = {place for move in moves for place in move.operands}
    loose = [node for place, node in enumerate(nodes) if place >= len(leaves) and place not in readers]
    root = mg.weighted_sum([mg.sum(node) for node in loose], [1.0] * len(loose))
    graph = mg.Graph(root)
    carries = [random.random() < 0.5 for _ in leaves]
    feeds = {
        leaf: rng.normal(size=(BATCH, *leaf.shape) if carry else leaf.shape)
        for leaf, carry in zip(leaves, carries, strict=True)
        if leaf in graph
    }
    graph.forward(feeds)
    graph.backward()

    slopes: list[list[np.ndarray]] = []
    for sample in range(BATCH):
        tensors = [
            torch.tensor(
                feeds[leaf][sample] if carry and leaf in feeds else feeds.get(leaf, np.zeros(leaf.shape)),
                dtype=torch.float64,
                requires_grad=True,
            )
            for leaf, carry in zip(leaves, carries, strict=True)
        ]
        theirs = carried_out(moves, tensors, "theirs")
        total = sum(theirs[nodes.index(node)].sum() for node in loose)
        found = torch.autograd.grad(total, tensors, allow_unused=True)
        slopes.append([np.zeros(leaf.shape) if g is None else g.numpy() for leaf, g in zip(leaves, found, strict=True)])
        for node, tensor in zip(nodes, theirs, strict=True):
            if node in graph:
                value = np.asarray(node.value)
                mine = value[sample] if value.ndim > node.ndim else value
                np.testing.assert_allclose(mine, tensor.detach().numpy(), rtol=1e-10, atol=1e-12)
    anyone = np.ndim(root.value) > 0
    for leaf, column in zip(leaves, zip(*slopes, strict=True), strict=True):
        if leaf not in graph:
            continue
        own = np.ndim(leaf.value) > leaf.ndim
        expected = np.stack(column) / BATCH if own else np.mean(column, axis=0)
        assert anyone or not own
        np.testing.assert_allclose(leaf.delta, expected, rtol=1e-9, atol=1e-11)
