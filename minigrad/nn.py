"""Functions that assemble networks: a neuron, a layer of neurons, a whole multi-layer network; all return nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np

from minigrad import ops
from minigrad.errors import ShapeError
from minigrad.node import Input, Node, Parameter
from minigrad.ops.op import Op, Shape

Seed = int | np.random.Generator | None
"""Where random numbers come from: a generator, a seed for one, or None for a new one each time."""


class Initialiser(Protocol):
    """Draws first weights: an array of the given shape for a neuron with `fan_in` inputs in a layer of `fan_out`."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray: ...


@dataclass(frozen=True)
class Uniform:
    """Weights drawn evenly from [low, high)."""

    low: float = -0.5
    high: float = 0.5

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
        return rng.uniform(self.low, self.high, shape)


def zeros(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Weights that are all 0; neurons of a layer that start so stay alike."""
    return np.zeros(shape)


def glorot(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Weights drawn evenly from ±√(6 / (fan_in + fan_out)), for sigmoid and tanh (Glorot and Bengio, 2010)."""
    limit = sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def he(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Weights drawn from a normal distribution of deviation √(2 / fan_in), for ReLU and its kin (He et al., 2015)."""
    return rng.normal(0.0, sqrt(2 / fan_in), shape)


def neuron(
    parents: Sequence[Node],
    activation: Op = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initialiser = glorot,
) -> Node:
    """One neuron, θ(Σᵢ wᵢ xᵢ + b), with a weight for each parent and a bias that starts at 0.

    A neuron named h makes the nodes h.w1, h.w2, …, h.b, the weighted sum h.s, and h itself.
    """
    (node,) = _row(parents, [name], activation, np.random.default_rng(rng), weights)
    return node


def layer(
    parents: Sequence[Node],
    count: int,
    activation: Op = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initialiser = glorot,
) -> tuple[Node, ...]:
    """A row of `count` neurons that read the same parents; with a name h they are h1, h2, ….

    An activation of a whole row, such as softmax, is applied to all weighted sums together.
    """
    names = [name and f"{name}{number}" for number in range(1, count + 1)]
    return _row(parents, names, activation, np.random.default_rng(rng), weights)


def mlp(
    sizes: Sequence[int],
    activation: Op = ops.sigmoid,
    output: Op = ops.sigmoid,
    rng: Seed = None,
    weights: Initialiser = glorot,
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """A multi-layer network, single neuron by single neuron, as its (inputs, outputs).

    `sizes` counts inputs, hidden neurons layer by layer, outputs. The nodes are x1, …; h1, … (with several hidden
    layers h1_1, …, h2_1, …); y1, …. Raises ShapeError for fewer than two sizes or an empty layer.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ShapeError("an impossible network", found=tuple(sizes), expected="two or more sizes of at least 1")
    generator = np.random.default_rng(rng)
    inputs: tuple[Node, ...] = tuple(Input(f"x{number}") for number in range(1, sizes[0] + 1))
    row, hidden = inputs, sizes[1:-1]
    for depth, size in enumerate(hidden, start=1):
        row = layer(row, size, activation, "h" if len(hidden) == 1 else f"h{depth}_", generator, weights)
    return inputs, layer(row, sizes[-1], output, "y", generator, weights)


def dense(
    x: Node,
    count: int,
    activation: Op = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initialiser = glorot,
) -> Node:
    """A layer of `count` neurons as one array-valued node, θ(x W + b), with W of shape (inputs, count)."""
    fan_in = x.shape[-1]
    matrix = weights(np.random.default_rng(rng), (fan_in, count), fan_in, count)
    W = Parameter(matrix, _part(name, "W"))
    b = Parameter(np.zeros(count), _part(name, "b"))
    result: Node = activation(ops.affine(x, W, b, name=_part(name, "s")), name=name)
    return result


def _row(
    parents: Sequence[Node],
    names: Sequence[str | None],
    activation: Op,
    rng: np.random.Generator,
    weights: Initialiser,
) -> tuple[Node, ...]:
    drawn = weights(rng, (len(names), len(parents)), len(parents), len(names)).tolist()
    sums: list[Any] = []
    for name, row in zip(names, drawn, strict=True):
        w = [Parameter(value, _part(name, f"w{number}")) for number, value in enumerate(row, start=1)]
        sums.append(ops.weighted_sum(list(parents), w, Parameter(0.0, _part(name, "b")), name=_part(name, "s")))
    if activation.stars:
        joint = activation(sums)
        return tuple(ops.getitem(joint, place, name=name) for place, name in enumerate(names))
    return tuple(activation(total, name=name) for total, name in zip(sums, names, strict=True))


def _part(name: str | None, part: str) -> str | None:
    return name and f"{name}.{part}"
