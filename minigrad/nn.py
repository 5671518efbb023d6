"""Functions that assemble networks: a neuron, a layer of neurons, a multi-layer network; all return nodes."""

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
"""θ: an op, or a function from node to node, such as `lambda s: s * minigrad.sigmoid(s)`."""


class Initializer(Protocol):
    """A function that draws initial weights of a shape, for `fan_out` neurons that read `fan_in` values each."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Uniform:
    """Weights from the uniform distribution over [low, high)."""

    low: float = -0.5
    high: float = 0.5

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
        return rng.uniform(self.low, self.high, shape)


def zeros(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return weights that are all 0; the neurons of a layer that start so stay alike."""
    return np.zeros(shape)


def glorot(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return weights uniform within ±√(6 / (fan_in + fan_out)), for sigmoid and tanh (Glorot and Bengio, 2010)."""
    limit = sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def he(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return normal weights of standard deviation √(2 / fan_in), for ReLU and its like (He et al., 2015)."""
    return rng.normal(0.0, sqrt(2 / fan_in), shape)


def neuron(
    parents: Iterable[Node],
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> Node:
    """Return one neuron, θ(Σᵢ wᵢ xᵢ + b), with a weight for each parent and a bias that starts at 0.

    A neuron named h makes the nodes h.w1, h.w2, …, h.b, the weighted sum h.s, and h itself.
    """
    (node,) = _build_neurons(parents, [name], activation, rng, weights)
    return node


def layer(
    parents: Iterable[Node],
    count: int,
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> tuple[Node, ...]:
    """Return `count` neurons that read the same parents; with a name h they are h1, h2, ….

    An activation of a whole layer, such as softmax, is applied to all weighted sums together.
    """
    names = [name and f"{name}{number}" for number in range(1, check_integer(count, "count", 1) + 1)]
    return _build_neurons(parents, names, activation, rng, weights)


def mlp(
    sizes: Iterable[int],
    activation: Activation = ops.sigmoid,
    output: Activation = ops.sigmoid,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Return a multi-layer network of single neurons, as its (inputs, outputs).

    `sizes` counts inputs, hidden neurons layer by layer, outputs. The nodes are x1, …; h1, … (with several hidden
    layers h1_1, …, h2_1, …); y1, …. Raises ShapeError for fewer than two sizes, SettingError for an empty layer.
    """
    counts = [check_integer(size, "sizes", 1) for size in as_list(sizes, "sizes")]
    if len(counts) < 2:
        raise ShapeError("a network without layers", found=f"sizes {counts}", expected="two or more sizes")
    first, *hidden, last = counts
    inputs: tuple[Node, ...] = tuple(Input(f"x{number}") for number in range(1, first + 1))
    rng, nodes = make_generator(rng), inputs
    for depth, size in enumerate(hidden, start=1):
        nodes = layer(nodes, size, activation, "h" if len(hidden) == 1 else f"h{depth}_", rng, weights)
    return inputs, layer(nodes, last, output, "y", rng, weights)


def dense(
    x: Node | Sequence[Node],
    count: int,
    activation: Activation = ops.sigmoid,
    name: str | None = None,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> Node:
    """Return a layer of `count` neurons as one array-valued node, θ(x W + b), with W of shape (inputs, count).

    A list of nodes is stacked first. Raises ShapeError for a scalar x.
    """
    inputs = as_node(ops.stack(list(x), axis=-1) if isinstance(x, (list, tuple)) else x)
    if not inputs.shape:
        raise ShapeError(
            "a layer of a scalar", node=str(inputs), expected="an array", cure="Use minigrad.layer([x], …)."
        )
    fan_in, fan_out = inputs.shape[-1], check_integer(count, "count", 1)
    W = Parameter(_draw_weights(weights, rng, (fan_in, fan_out), fan_in, fan_out), _suffixed(name, "W"))
    b = Parameter(np.zeros(fan_out), _suffixed(name, "b"))
    return _activate(activation, ops.affine(inputs, W, b, name=_suffixed(name, "s")), name)


def _build_neurons(
    parents: Iterable[Node], names: Sequence[str | None], activation: Activation, rng: Seed, weights: Initializer
) -> tuple[Node, ...]:
    """Return one neuron for each name; raise ShapeError where there are no parents."""
    x = [as_node(parent) for parent in as_list(parents, "parents")]
    if not x:
        raise ShapeError("a neuron without parents", node=names[0], found=0, expected="at least 1")
    W = _draw_weights(weights, rng, (len(names), len(x)), len(x), len(names)).tolist()
    sums: list[Any] = []
    for name, row in zip(names, W, strict=True):
        w = [Parameter(value, _suffixed(name, f"w{number}")) for number, value in enumerate(row, start=1)]
        b = Parameter(0.0, _suffixed(name, "b"))
        sums.append(ops.weighted_sum(x, w, b, name=_suffixed(name, "s")))
    if isinstance(activation, Op) and activation.stars:
        outputs = activation(sums)
        return tuple(ops.getitem(outputs, index, name=name) for index, name in enumerate(names))
    return tuple(_activate(activation, s, name) for s, name in zip(sums, names, strict=True))


def _draw_weights(weights: Initializer, rng: Seed, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return initial weights of a shape; raise OperandError or ShapeError where `weights` does not draw them."""
    if isinstance(weights, type) or not callable(weights):
        raise OperandError(
            "weights are drawn by an initializer",
            found=repr(weights),
            expected="minigrad.glorot, he, zeros, Uniform(low, high) or a function like them",
            cure="Give weights of your own to minigrad.weighted_sum or affine.",
        )
    values = np.asarray(weights(make_generator(rng), shape, fan_in, fan_out))
    if values.shape != shape:
        raise ShapeError("weights of another shape", node=repr(weights), found=values.shape, expected=shape)
    return values


def _activate(activation: Activation, s: Node, name: str | None) -> Node:
    """Return θ(s) under the given name, by an op or by a function of nodes."""
    if isinstance(activation, Op):
        return activation(s, name=name)
    node = activation(s) if callable(activation) else activation
    if not isinstance(node, Node):
        raise OperandError(
            "an activation makes a node of a weighted sum",
            node=name,
            found=repr(activation),
            expected="an op such as minigrad.tanh, or a function from node to node",
            cure="Use minigrad.identity for no activation.",
        )
    if node.name is not None:
        return ops.identity(node, name=name)
    node.name = scoped(name)
    return node


def _suffixed(name: str | None, suffix: str) -> str | None:
    return name and f"{name}.{suffix}"
