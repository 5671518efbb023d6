"""Functions that assemble networks: a neuron, a layer of neurons, a whole multi-layer network; all return nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np

from minigrad import ops
from minigrad._validation import Seed, as_list, check_integer, make_generator
from minigrad.core.names import scoped
from minigrad.core.node import Input, Node, Parameter, as_node
from minigrad.errors import OperandError, ShapeError
from minigrad.ops.base import Op, Shape

Activation = Callable[..., Any]
"""θ: an op, or a function that makes a node of a node, such as `lambda s: s * minigrad.sigmoid(s)`."""


class Initializer(Protocol):
    """Draws first weights: an array of the given shape for a neuron with `fan_in` inputs in a layer of `fan_out`."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int, /) -> np.ndarray: ...


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
    parents: Iterable[Node],
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> Node:
    """One neuron, θ(Σᵢ wᵢ xᵢ + b), with a weight for each parent and a bias that starts at 0.

    A neuron named h makes the nodes h.w1, h.w2, …, h.b, the weighted sum h.s, and h itself.
    """
    (node,) = _row(parents, [name], activation, rng, weights)
    return node


def layer(
    parents: Iterable[Node],
    count: int,
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> tuple[Node, ...]:
    """A row of `count` neurons that read the same parents; with a name h they are h1, h2, ….

    An activation of a whole row, such as softmax, is applied to all weighted sums together.
    """
    names = [name and f"{name}{number}" for number in range(1, check_integer(count, "count", 1) + 1)]
    return _row(parents, names, activation, rng, weights)


def mlp(
    sizes: Iterable[int],
    activation: Activation = ops.sigmoid,
    output: Activation = ops.sigmoid,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """A multi-layer network, single neuron by single neuron, as its (inputs, outputs).

    `sizes` counts inputs, hidden neurons layer by layer, outputs. The nodes are x1, …; h1, … (with several hidden
    layers h1_1, …, h2_1, …); y1, …. Raises ShapeError for fewer than two sizes, SettingError for an empty layer.
    """
    counts = [check_integer(size, "sizes", 1) for size in as_list(sizes, "sizes")]
    if len(counts) < 2:
        raise ShapeError("a network without layers", found=f"sizes {counts}", expected="two or more sizes")
    first, *hidden, last = counts
    inputs: tuple[Node, ...] = tuple(Input(f"x{number}") for number in range(1, first + 1))
    random, row = make_generator(rng), inputs
    for depth, size in enumerate(hidden, start=1):
        row = layer(row, size, activation, "h" if len(hidden) == 1 else f"h{depth}_", random, weights)
    return inputs, layer(row, last, output, "y", random, weights)


def dense(
    x: Node | Sequence[Node],
    count: int,
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> Node:
    """A layer of `count` neurons as one array-valued node, θ(x W + b), with W of shape (inputs, count).

    A list of nodes is stacked first. Raises ShapeError for a scalar x.
    """
    row = as_node(ops.stack(list(x), axis=-1) if isinstance(x, (list, tuple)) else x)
    if not row.shape:
        raise ShapeError("a layer of a scalar", node=str(row), expected="an array", cure="Use minigrad.layer([x], …).")
    fan_in, fan_out = row.shape[-1], check_integer(count, "count", 1)
    W = Parameter(_drawn(weights, rng, (fan_in, fan_out), fan_in, fan_out), _part(name, "W"))
    b = Parameter(np.zeros(fan_out), _part(name, "b"))
    return _activated(activation, ops.affine(row, W, b, name=_part(name, "s")), name)


def _row(
    parents: Iterable[Node], names: Sequence[str | None], activation: Activation, rng: Seed, weights: Initializer
) -> tuple[Node, ...]:
    x = [as_node(parent) for parent in as_list(parents, "parents")]
    if not x:
        raise ShapeError("a neuron without parents", node=names[0], found=0, expected="at least 1")
    drawn = _drawn(weights, rng, (len(names), len(x)), len(x), len(names)).tolist()
    sums: list[Any] = []
    for name, row in zip(names, drawn, strict=True):
        w = [Parameter(value, _part(name, f"w{number}")) for number, value in enumerate(row, start=1)]
        sums.append(ops.weighted_sum(x, w, Parameter(0.0, _part(name, "b")), name=_part(name, "s")))
    if isinstance(activation, Op) and activation.stars:
        joint = activation(sums)
        return tuple(ops.getitem(joint, place, name=name) for place, name in enumerate(names))
    return tuple(_activated(activation, total, name) for total, name in zip(sums, names, strict=True))


def _drawn(weights: Initializer, rng: Seed, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """First weights of the given shape; raises OperandError or ShapeError where `weights` does not draw them."""
    if isinstance(weights, type) or not callable(weights):
        raise OperandError(
            "weights are drawn by an initializer",
            found=repr(weights),
            expected="minigrad.glorot, he, zeros, Uniform(low, high) or a function like them",
            cure="Give weights of your own to minigrad.weighted_sum or affine.",
        )
    drawn = np.asarray(weights(make_generator(rng), shape, fan_in, fan_out))
    if drawn.shape != shape:
        raise ShapeError("weights of another shape", node=repr(weights), found=drawn.shape, expected=shape)
    return drawn


def _activated(activation: Activation, total: Node, name: str | None) -> Node:
    """θ(s) under the given name, by an op or by a function of nodes."""
    if isinstance(activation, Op):
        made: Node = activation(total, name=name)
        return made
    made = activation(total) if callable(activation) else activation
    if not isinstance(made, Node):
        raise OperandError(
            "an activation makes a node of a weighted sum",
            node=name,
            found=repr(activation),
            expected="an op such as minigrad.tanh, or a function from node to node",
            cure="Use minigrad.identity for no activation.",
        )
    if made.name is not None:
        return ops.identity(made, name=name)
    made.name = scoped(name)
    return made


def _part(name: str | None, part: str) -> str | None:
    return name and f"{name}.{part}"
