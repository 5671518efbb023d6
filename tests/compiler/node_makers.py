"""Makers of the nodes of random graphs: leaves of every kind, spelled-out neurons, shared weights, every op."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import ops
from minigrad.ops.base import Op, Sample, Shape, registry
from tests.laws import OPS

NodeMaker = Callable[["GraphBuilder", bytes], list[Any]]
"""A function that makes nodes from the nodes of a builder, chosen by the bytes."""

INTERVAL = (-2.0, 2.0)
"""Where the numbers of a graph are expected to lie; operands of a narrower domain are brought into it."""


class GraphBuilder:
    """A graph under construction: its inputs, and its nodes by shape.

    With `row` all its inputs are scalars, the elements of one array input of that many; without, arrays are fed too.
    """

    def __init__(self, kinds: bytes, row: int = 0, arrays: bool = True) -> None:
        self.rng = np.random.default_rng(list(kinds))
        self.inputs: list[mg.Node] = []
        self.computed: list[mg.Node] = []
        self.pools: dict[Shape, list[mg.Node]] = defaultdict(list)
        self.pools[()].append(mg.Parameter(0.6, "p"))
        self.arrays = arrays and not row
        self.row = list(mg.Input("x", row)) if row else []
        for kind in kinds:
            self.leaf(*LEAVES[kind % len(LEAVES)])

    def leaf(self, kind: str, shape: Shape) -> mg.Node:
        """Add a leaf of a kind and a shape."""
        node: mg.Node
        if kind == "input" and (self.arrays or not shape):
            node = self.row[len(self.inputs) % len(self.row)] if self.row else self.input(shape)
            self.inputs.append(node)
        elif kind == "constant":
            node = mg.Constant(self.rng.uniform(-1, 1, shape).round(2))
        else:
            node = mg.Parameter(self.rng.uniform(-1, 1, shape))
        self.pools[shape].append(node)
        return node

    def input(self, shape: Shape) -> mg.Node:
        return mg.Input(f"x{len(self.inputs) + 1}", shape)

    def scalars(self, picks: bytes) -> list[mg.Node]:
        return [self.pools[()][pick % len(self.pools[()])] for pick in picks]

    def array(self, shape: Shape, pick: int) -> mg.Node:
        """A node of that shape, a parameter if there is none yet."""
        pool = self.pools[shape] or [self.leaf("parameter", shape)]
        return pool[pick % len(pool)]

    def operand(self, shape: Shape, pick: int, low: float, high: float) -> mg.Node:
        """A node of that shape whose numbers lie in an interval: one brought there, or a parameter of its own."""
        if pick % 4 == 3:
            return mg.Parameter(self.rng.uniform(low, high, shape))
        node = self.array(shape, pick // 4)
        if low <= INTERVAL[0] and high >= INTERVAL[1]:
            return node
        return (high + low) / 2 + (high - low) / 2 * mg.tanh(node)

    def weights(self, count: int) -> list[mg.Node]:
        return [mg.Parameter(self.rng.uniform(-1, 1)) for _ in range(count)]

    def add(self, instruction: bytes) -> None:
        """Add the nodes of one instruction, half of the time squashed so that nothing grows without bounds."""
        make_nodes = NODE_MAKERS[instruction[0] % len(NODE_MAKERS)]
        for node in make_nodes(self, instruction[1:]):
            squashed = mg.tanh(node) if instruction[-1] % 2 else node
            self.pools[squashed.shape].append(squashed)
            self.computed.append(squashed)

    def output(self, pick: int) -> mg.Node:
        """Return a computed node, counted from the last; now and then a leaf."""
        pool = self.computed if self.computed and pick < 240 else self.pools[()]
        return pool[-1 - pick % len(pool)]


LEAVES: list[tuple[str, Shape]] = [
    ("input", ()),
    ("input", ()),
    ("constant", ()),
    ("parameter", ()),
    ("parameter", (3,)),
    ("parameter", (3, 3)),
    ("input", (3,)),
    ("input", (2, 3)),
    ("constant", (3,)),
    ("input", ()),
]


# Any op there is.


@cache
def samples_of(op_class: type[Op]) -> tuple[Sample, ...]:
    return op_class.samples()


def any_op(build: GraphBuilder, picks: bytes) -> list[Any]:
    """An op of minigrad's on operands as one of its samples has them; a row may be an array or single scalars."""
    offered = [registry[label] for label in OPS if label in registry]
    samples = samples_of(offered[picks[0] % len(offered)])
    op, shapes, *interval = samples[picks[1] % len(samples)]
    operands: list[Any] = []
    for place, shape in enumerate(shapes):
        pick = picks[2 + place % 3] + place // 3
        if op.stars and all(len(shape) < 2 for shape in shapes) and picks[5] & 2:
            row = [build.operand((), pick + 4 * k, *interval) for k in range(shape[0])] if shape else []
            operands.append(row or build.operand((), pick, *interval))
        else:
            operands.append(build.operand(shape, pick, *interval))
    return [op(*operands)]


# Scalars.


def unary(op: Callable[[Any], Any]) -> NodeMaker:
    return lambda build, picks: [op(build.scalars(picks)[0])]


def binary(op: Callable[[Any, Any], Any]) -> NodeMaker:
    return lambda build, picks: [op(*build.scalars(picks)[:2])]


def spelled_left(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [a * b + c * d + e]


def spelled_right(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, e, f = build.scalars(picks)
    return [a * b + (c * d + (e + f * a))]


def spelled_with_signs(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [a * b - c * d - e + 1.5, -(a + b + 0.0) + c]


def shared_sum(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    inner = a * b + c
    return [inner + d * e, inner * 0.5]


def neuron(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [mg.weighted_sum([a, b], [c, d], e)]


def layer(build: GraphBuilder, picks: bytes) -> list[Any]:
    x = build.scalars(picks[:2])
    return [mg.tanh(mg.weighted_sum(x, build.weights(2), bias)) for bias in build.weights(3)]


def spelled_layer(build: GraphBuilder, picks: bytes) -> list[Any]:
    x = build.scalars(picks[:3])
    return [
        mg.relu(sum((w * xi for w, xi in zip(build.weights(3), x, strict=True)), bias)) for bias in build.weights(2)
    ]


def unrolled(build: GraphBuilder, picks: bytes) -> list[Any]:
    """The same two neurons on three samples, and their mean loss with an L2 term, as micrograd's demo has it."""
    samples = [build.scalars(picks[place : place + 2]) for place in (0, 2, 4)]
    neurons = [(build.weights(2), *build.weights(1)) for _ in range(2)]
    scores = [
        sum(mg.relu(sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)) for weights, bias in neurons)
        for x in samples
    ]
    decay = sum(w * w for weights, _ in neurons for w in weights)
    return [sum(mg.relu(1 + -score) for score in scores) * (1 / 3) + 1e-2 * decay]


def computed_weights(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, _, _ = build.scalars(picks)
    weights = [mg.sin(c), mg.sin(d)]
    return [mg.weighted_sum([a, b], weights, bias) for bias in build.weights(2)]


def powers(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, *_ = build.scalars(picks)
    return [a**2, (1.5 + mg.tanh(b)) ** -1.5]


def losses(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, d, _, _ = build.scalars(picks)
    loss = (mg.squared_error, mg.softmax_cross_entropy, mg.binary_cross_entropy, mg.mean_squared_error)[picks[4] % 4]
    return [loss([a, b], [c, d])]


def shares(build: GraphBuilder, picks: bytes) -> list[Any]:
    shares = mg.softmax(build.scalars(picks[:3]))
    return [shares[picks[3] % 3], mg.sum(shares * shares)]


def choice(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, c, _, _, _ = build.scalars(picks)
    return [mg.where(mg.sin(a) > 0.01, b, c * 0.5)]


def recurrent(build: GraphBuilder, picks: bytes) -> list[Any]:
    """One neuron that reads itself, unrolled over six steps, on scalars that come again and again."""
    weight, back, bias = build.weights(3)
    state = build.scalars(picks)[0]
    for x in build.scalars(picks[1:]):
        state = mg.tanh(weight * x + back * state + bias)
    return [state]


def ladder(build: GraphBuilder, picks: bytes) -> list[Any]:
    """Two chains, each of which reads the other at every step."""
    a, b, *others = build.scalars(picks)
    for other in others * 2:
        a, b = mg.sin(a + b), mg.tanh(a - b * other)
    return [a, b]


def chain(build: GraphBuilder, picks: bytes) -> list[Any]:
    """A node that one op after another makes of the one before."""
    node, *others = build.scalars(picks)
    for place in range(picks[1] % 12):
        node = (mg.sin(node), node + others[place % 5], node * 0.5)[place * picks[2] % 3]
    return [node]


def crowd(build: GraphBuilder, picks: bytes) -> list[Any]:
    """One node with many readers, on one level or at the ends of a long sum."""
    shared = build.scalars(picks)[0]
    weights = build.weights(6 + picks[1] % 24)
    total = sum(mg.tanh(shared * weight) for weight in weights)
    return [total * (1 / len(weights)), total + shared]


def crossing(build: GraphBuilder, picks: bytes) -> list[Any]:
    """Neurons that meet some rows of inputs with some rows of weights: all pairs, a few of them, or some twice."""
    rows = [build.scalars(picks[:2]), build.scalars(picks[2:4])]
    columns = [(build.weights(2), *build.weights(1)) for _ in range(2)]
    pairs = [(x, column) for x in rows for column in columns]
    chosen = [pairs[place] for place in range(4) if picks[4] >> place & 1] or pairs
    if picks[4] & 16:
        chosen.append(chosen[0])
    neurons = [mg.weighted_sum(x, w, b) for x, (w, b) in chosen]
    return neurons if picks[4] & 32 else [sum(map(mg.tanh, neurons))]


def everybody(build: GraphBuilder, picks: bytes) -> list[Any]:
    """One node that reads all scalars there are."""
    x = build.pools[()]
    if picks[0] % 3 == 0:
        return [mg.weighted_sum(x, build.weights(len(x)), x[0])]
    return [sum(x)] if picks[0] % 3 == 1 else [mg.log_softmax(x)[picks[1] % len(x)]]


def stacked(build: GraphBuilder, picks: bytes) -> list[Any]:
    return [mg.stack(build.scalars(picks[:3]))]


def element(build: GraphBuilder, picks: bytes) -> list[Any]:
    """Single elements of an array of any shape."""
    arrays = [pool for shape, pool in build.pools.items() if shape and pool] or [[build.array((3,), 0)]]
    pool = arrays[picks[0] % len(arrays)]
    flat = mg.reshape(pool[picks[1] % len(pool)], -1)
    return [flat[pick % flat.shape[0]] for pick in picks[2:4]]


def broadcast(build: GraphBuilder, picks: bytes) -> list[Any]:
    """An operation of two arrays of different shapes, in which each is repeated."""
    shapes: list[Shape] = [(), (3,), (2, 1), (1, 3), (2, 3), (3, 3), (1,), (2, 1, 3)]
    a, b = (build.array(shapes[pick % len(shapes)], pick // 8) for pick in picks[:2])
    if any(x != y and 1 not in (x, y) for x, y in zip(a.shape[::-1], b.shape[::-1], strict=False)):
        b = build.scalars(picks[2:3])[0]
    return [(a + b, a * b, mg.maximum(a, b), mg.where(mg.sin(a) > 0.01, a, b), a / (1 + b * b))[picks[3] % 5]]


def rows_of_a_matrix(build: GraphBuilder, picks: bytes) -> list[Any]:
    """One matrix that meets several vectors, as in a graph unrolled over samples."""
    W, b = build.array((3, 3), picks[0]), build.array((3,), picks[1])
    return [mg.tanh(mg.affine(build.array((3,), pick), W, b)) for pick in picks[2:4]]


def vector_arithmetic(build: GraphBuilder, picks: bytes) -> list[Any]:
    u, v, s = build.array((3,), picks[0]), build.array((3,), picks[1]), build.scalars(picks[2:3])[0]
    return [(u + v * s, u[::-1] * u, u - s, mg.concat([v[1:], u[:1]]), mg.broadcast_to(s, (3,)))[picks[3] % 5]]


def matrix_arithmetic(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, b, v = build.array((3, 3), picks[0]), build.array((3, 3), picks[1]), build.array((3,), picks[2])
    return [(a + a.T, a @ b, a * v, a.T @ b - a, mg.reshape(v, (3, 1)) * v)[picks[3] % 5]]


def matrix_times_vector(build: GraphBuilder, picks: bytes) -> list[Any]:
    a, v, b = build.array((3, 3), picks[0]), build.array((3,), picks[1]), build.array((3,), picks[2])
    return [(a @ v, v @ a, mg.affine(v, a, b), mg.sum(a, axis=0), mg.mean(a, axis=1), mg.softmax(a)[1])[picks[3] % 6]]


def reduction(build: GraphBuilder, picks: bytes) -> list[Any]:
    v, a, s = build.array((3,), picks[0]), build.array((3, 3), picks[1]), build.scalars(picks[2:3])[0]
    makers: list[Callable[[], Any]] = [
        lambda: mg.sum(v),
        lambda: mg.max(v),
        lambda: v[picks[4] % 3],
        lambda: mg.mean(a),
        lambda: a[picks[4] % 3, picks[5] % 3],
        lambda: ops.vecdot(v, mg.tanh(v)),
        lambda: mg.squared_error(v, mg.sin(v)),
        lambda: mg.weighted_sum(v, a[0], s),
    ]
    return [makers[picks[3] % len(makers)]()]


NODE_MAKERS: list[NodeMaker] = [
    unary(mg.tanh),
    unary(mg.sin),
    unary(mg.sigmoid),
    unary(mg.relu),
    unary(lambda a: -a),
    binary(lambda a, b: a + b),
    binary(lambda a, b: a - b),
    binary(lambda a, b: mg.tanh(a) * b),
    binary(lambda a, b: a / (1 + b * b)),
    binary(mg.maximum),
    binary(lambda a, b: a * a + b * b),
    spelled_left,
    spelled_right,
    spelled_with_signs,
    shared_sum,
    neuron,
    neuron,
    layer,
    layer,
    spelled_layer,
    unrolled,
    recurrent,
    ladder,
    chain,
    crowd,
    crossing,
    everybody,
    computed_weights,
    powers,
    losses,
    shares,
    choice,
    stacked,
    element,
    broadcast,
    rows_of_a_matrix,
    vector_arithmetic,
    matrix_arithmetic,
    matrix_times_vector,
    reduction,
    *[any_op] * 13,
]
