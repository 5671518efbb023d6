"""Functions that assemble networks: a neuron, a layer of neurons, a multi-layer network; all return nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Protocol

import numpy as np

from minigrad import ops
from minigrad._format import describe_value
from minigrad._validation import (
    Seed,
    as_finite_number,
    as_list,
    check_integer,
    check_number,
    impossible_setting,
    make_generator,
    requested_shape,
)
from minigrad.core.building import building
from minigrad.core.names import check_name, scoped
from minigrad.core.node import Input, Mask, Node, Parameter, as_node
from minigrad.errors import OperandError, ShapeError
from minigrad.ops.arithmetic import Dropout
from minigrad.ops.base import Op, Shape

MOST_UNITS = 10**9
"""How many neurons a layer may have."""

Activation = Callable[..., Any]
"""θ: an op, or a function from node to node, such as `lambda s: s * minigrad.sigmoid(s)`."""


class Initializer(Protocol):
    """Function that draws initial weights of a shape, for `fan_out` neurons that read `fan_in` values each."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Uniform:
    """Initializer that draws weights from the uniform distribution over [low, high).

    Args:
        low: Lower end.
        high: Upper end.

    Example:
        >>> neurons = mg.layer([mg.Input("x")], 100, weights=mg.Uniform(-0.1, 0.1), rng=0)
        >>> weights = [neuron.parents[0].parents[1].value for neuron in neurons]
        >>> print(-0.1 <= np.min(weights) < -0.09, 0.09 < np.max(weights) < 0.1)
        True True
    """

    low: float = -0.5
    high: float = 0.5

    def __post_init__(self) -> None:
        if not as_finite_number(self.low, "low") <= as_finite_number(self.high, "high"):
            raise impossible_setting("low", self.low, f"a number of at most high, {self.high:g}")

    def __call__(self, rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
        rng, shape = checked_draw(rng, shape, fan_in, fan_out)
        return rng.uniform(self.low, self.high, shape)


def checked_draw(rng: Any, shape: Any, fan_in: Any, fan_out: Any) -> tuple[np.random.Generator, Shape]:
    """Return the generator and the shape of weights to draw; raise SettingError or ShapeError for what is none."""
    check_integer(fan_in, "fan_in", 1, MOST_UNITS)
    check_integer(fan_out, "fan_out", 1, MOST_UNITS)
    return make_generator(rng), requested_shape(shape, "shape")


def zeros(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return weights that are all 0; the neurons of a layer that start so stay alike.

    Args:
        rng: Random generator, which is not used.
        shape: Shape of the weights.
        fan_in: Number of values that each neuron reads.
        fan_out: Number of neurons.

    Returns:
        An array of that shape.

    Example:
        >>> y = mg.neuron([mg.Input("x1", value=5.0), mg.Input("x2", value=-3.0)], weights=mg.zeros)
        >>> print(y.value)  # σ(0), whatever the inputs
        0.5
    """
    return np.zeros(checked_draw(rng, shape, fan_in, fan_out)[1])


def glorot(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return weights uniform within ±√(6 / (fan_in + fan_out)), for sigmoid and tanh.

    Source: Glorot and Bengio, Understanding the Difficulty of Training Deep Feedforward Neural Networks, 2010.

    Args:
        rng: Random generator.
        shape: Shape of the weights.
        fan_in: Number of values that each neuron reads.
        fan_out: Number of neurons.

    Returns:
        An array of that shape.

    Example:
        >>> W = mg.glorot(np.random.default_rng(0), (100, 50), 100, 50)
        >>> print(0.19 < np.max(W) < np.sqrt(6 / 150))
        True
    """
    rng, shape = checked_draw(rng, shape, fan_in, fan_out)
    limit = sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def he(rng: np.random.Generator, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return normal weights of standard deviation √(2 / fan_in), for ReLU and its relatives.

    Source: He et al., Delving Deep into Rectifiers, 2015.

    Args:
        rng: Random generator.
        shape: Shape of the weights.
        fan_in: Number of values that each neuron reads.
        fan_out: Number of neurons.

    Returns:
        An array of that shape.

    Example:
        >>> W = mg.he(np.random.default_rng(0), (200, 50), 200, 50)
        >>> print(f"{W.std():.2f}")
        0.10
    """
    rng, shape = checked_draw(rng, shape, fan_in, fan_out)
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

    Args:
        parents: Scalar nodes xᵢ in any iterable.
        activation: θ, an op or a function from node to node.
        name: Name of the neuron.
        rng: Seed or random generator for the weights; None for new weights every time.
        weights: Initializer of the weights: `glorot`, `he`, `zeros`, `Uniform(low, high)` or a function like them.

    Returns:
        The node of its output.

    Raises:
        ShapeError: If there are no parents.
        OperandError: If the parents are no list, or `activation` or `weights` cannot be used.

    Example:
        >>> x = [mg.Input("x1", value=1.0), mg.Input("x2", value=2.0)]
        >>> h = mg.neuron(x, activation=mg.tanh, name="h", rng=0)
        >>> s = h.parents[0]
        >>> print([node.name for node in s.parents])
        ['x1', 'x2', 'h.w1', 'h.w2', 'h.b']
        >>> h.backward()
        >>> w1, w2 = s.parents[2:4]
        >>> print(w2.grad == 2 * s.delta)  # input times δ
        True
    """
    check_name(name)
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
    """Return a layer of single neurons that read the same parents, yⱼ = θ(Σᵢ wⱼᵢ xᵢ + bⱼ).

    With the name h they are called h1, h2, …. An activation of a whole layer, such as softmax, is applied to all
    weighted sums together.

    Args:
        parents: Scalar nodes xᵢ in any iterable.
        count: Number of neurons, at least 1.
        activation: θ, an op or a function from node to node.
        name: Name of the layer.
        rng: Seed or random generator for the weights; None for new weights every time.
        weights: Initializer of the weights: `glorot`, `he`, `zeros`, `Uniform(low, high)` or a function like them.

    Returns:
        A tuple of nodes, one for each neuron.

    Raises:
        ShapeError: If there are no parents.
        SettingError: If `count` is no integer of at least 1.
        OperandError: If the parents are no list, or `activation` or `weights` cannot be used.

    Example:
        >>> h = mg.layer([mg.Input("x1"), mg.Input("x2")], 3, activation=mg.relu, name="h", rng=0)
        >>> print([node.name for node in h])
        ['h1', 'h2', 'h3']
    """
    check_name(name)
    names = [name and f"{name}{number}" for number in range(1, check_integer(count, "count", 1, MOST_UNITS) + 1)]
    with building():
        return _build_neurons(parents, names, activation, rng, weights)


def mlp(
    sizes: Iterable[int],
    activation: Activation = ops.sigmoid,
    output: Activation = ops.sigmoid,
    rng: Seed = None,
    weights: Initializer = glorot,
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Return a multi-layer network of single neurons as a pair, its inputs and its outputs.

    The nodes are x1, …; h1, … (with several hidden layers h1_1, …, h2_1, …); y1, ….

    Args:
        sizes: Number of inputs, of neurons in each hidden layer, and of outputs.
        activation: θ of the hidden neurons, an op or a function from node to node.
        output: θ of the outputs; `identity` for regression and for losses that take logits.
        rng: Seed or random generator for the weights; None for new weights every time.
        weights: Initializer of the weights: `glorot`, `he`, `zeros`, `Uniform(low, high)` or a function like them.

    Returns:
        Two tuples of nodes, as `Network` takes them.

    Raises:
        ShapeError: If there are fewer than two sizes.
        SettingError: If a size is no integer of at least 1.

    Example:
        >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.tanh, rng=0))
        >>> print(len(network.parameters))  # 3 · (2 + 1) + 1 · (3 + 1)
        13
    """
    counts = [check_integer(size, "sizes", 1) for size in as_list(sizes, "sizes")]
    if len(counts) < 2:
        raise ShapeError("too few sizes for a network", found=counts, expected="two or more sizes")
    first, *hidden, last = counts
    with building():
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
    """Return a layer as one array-valued node, θ(x W + b), with W of shape (inputs, count).

    Args:
        x: Node of shape (…, inputs), or a list of scalar nodes, which is stacked first.
        count: Number of neurons, at least 1.
        activation: θ, an op or a function from node to node.
        name: Name of the layer; a layer named h makes the nodes h.W, h.b, h.s and h.
        rng: Seed or random generator for the weights; None for new weights every time.
        weights: Initializer of the weights: `glorot`, `he`, `zeros`, `Uniform(low, high)` or a function like them.

    Returns:
        A node of shape (…, count).

    Raises:
        ShapeError: If x is a scalar.
        SettingError: If `count` is no integer of at least 1.
        OperandError: If `activation` or `weights` cannot be used.

    Example:
        >>> x = mg.Input("x", 784)
        >>> h = mg.dense(x, 128, activation=mg.relu, name="h", rng=0)
        >>> y = mg.dense(h, 10, activation=mg.identity, name="y", rng=1)
        >>> print(h.shape, y.shape)
        (128,) (10,)
    """
    inputs = as_node(ops.stack(list(x), axis=-1) if isinstance(x, (list, tuple)) else x)
    if not inputs.shape:
        cure = "Use minigrad.layer([x], …)."
        raise ShapeError("dense needs an array", node=inputs.title, found="a scalar", cure=cure)
    fan_in, fan_out = inputs.shape[-1], check_integer(count, "count", 1, MOST_UNITS)
    W = Parameter(_draw_weights(weights, rng, (fan_in, fan_out), fan_in, fan_out), _suffixed(name, "W"))
    b = Parameter(np.zeros(fan_out), _suffixed(name, "b"))
    return _activate(activation, ops.affine(inputs, W, b, name=_suffixed(name, "s")), name)


def _build_neurons(
    parents: Iterable[Node], names: Sequence[str | None], activation: Activation, rng: Seed, weights: Initializer
) -> tuple[Node, ...]:
    """Return one neuron for each name; raise ShapeError where there are no parents."""
    x = [as_node(parent) for parent in as_list(parents, "parents")]
    if not x:
        raise ShapeError("a neuron needs parents", node=names[0], found="none", expected="at least one")
    W = _draw_weights(weights, rng, (len(names), len(x)), len(x), len(names)).tolist()
    suffixes = [f".w{number}" for number in range(1, len(x) + 1)]
    sums: list[Any] = []
    for name, row in zip(names, W, strict=True):
        weight_names = [name + suffix for suffix in suffixes] if name else [name] * len(x)
        w = list(map(Parameter, row, weight_names))
        b = Parameter(0.0, _suffixed(name, "b"))
        sums.append(ops.weighted_sum(x, w, b, name=_suffixed(name, "s")))
    if isinstance(activation, Op) and activation.stars:
        outputs = activation(sums)
        return tuple(ops.getitem(outputs, index, name=name) for index, name in enumerate(names))
    return tuple(_activate(activation, s, name) for s, name in zip(sums, names, strict=True))


def _draw_weights(weights: Initializer, rng: Seed, shape: Shape, fan_in: int, fan_out: int) -> np.ndarray:
    """Return initial weights of a shape; raise OperandError or ShapeError where `weights` does not draw them."""
    if isinstance(weights, type) or not callable(weights):
        expected = "minigrad.glorot, he, zeros, Uniform(low, high) or a function like them"
        cure = "Pass weights of your own to minigrad.weighted_sum or minigrad.affine."
        raise OperandError("not an initializer of weights", found=describe_value(weights), expected=expected, cure=cure)
    values = np.asarray(weights(make_generator(rng), shape, fan_in, fan_out))
    if values.shape != shape:
        raise ShapeError(
            "the initializer returned another shape", node=describe_value(weights), found=values.shape, expected=shape
        )
    return values


def _activate(activation: Activation, s: Node, name: str | None) -> Node:
    """Return θ(s) under the given name, by an op or by a function of nodes."""
    if isinstance(activation, Op):
        return activation(s, name=name)
    node = activation(s) if callable(activation) and not isinstance(activation, type) else activation
    if not isinstance(node, Node):
        expected = "an op such as minigrad.tanh, or a function from node to node"
        cure = "Use minigrad.identity for no activation."
        raise OperandError(
            "not an activation", node=name, found=describe_value(activation), expected=expected, cure=cure
        )
    if node.name is not None:
        return ops.identity(node, name=name)
    node.name = scoped(name)
    return node


def _suffixed(name: str | None, suffix: str) -> str | None:
    """Return the name of a part of a neuron or layer, None where it has no name."""
    check_name(name)
    return name and f"{name}.{suffix}"


def dropout(x: Any, rate: float, name: str | None = None) -> Any:
    """Return x with a share of its elements set to 0 in every step of training and the others divided by 1 − rate.

    x is multiplied by a mask, which `fit` and `train_step` draw anew for every step and sample; it is 1 everywhere
    else, in predictions, measurements and pictures. So the mean over the masks is x itself.

    Args:
        x: A node, or several scalar nodes, such as a layer of neurons.
        rate: The share, at least 0 and below 1.
        name: A name for the result, of several nodes with a number behind it.

    Returns:
        A node of the shape of x, or a tuple of as many nodes.

    Raises:
        SettingError: If the rate is not a number in [0, 1).
        OperandError: If x is no node.

    Example:
        >>> inputs = [mg.Input("x1"), mg.Input("x2")]
        >>> hidden = mg.dropout(mg.layer(inputs, 8, mg.relu, rng=0), 0.25)
        >>> network = mg.Network(inputs, mg.layer(hidden, 1, rng=1))
        >>> history = network.fit([[0, 1], [1, 0]], [1, 0], mg.SGD(0.1), epochs=50, progress=False)
        >>> bool((network.predict([0, 1]) == network.predict([0, 1])).all())
        True

    Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, 2014, section 10.
    """
    check_number(rate, "rate", below=1)
    check_name(name)
    nodes = x if isinstance(x, (list, tuple)) else [x]
    for node in nodes:
        if not isinstance(node, Node):
            found = f"{type(node).__name__} {describe_value(node)}"
            raise OperandError("not a node", found=found, expected="a node, or a list of nodes")
    if nodes is not x:
        return Dropout()(x, Mask(float(rate), x.shape), name=name)
    names = [name and f"{name}{number}" for number in range(1, len(nodes) + 1)]
    return tuple(
        [Dropout()(node, Mask(float(rate), node.shape), name=each) for node, each in zip(nodes, names, strict=True)]
    )
