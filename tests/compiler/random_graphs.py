"""Random graphs of scalars and arrays as plain bytes, and the comparison of a readable graph with its array form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops
from minigrad.compiler.compiled import Compiled
from minigrad.compiler.vectorize import Vectorized, vectorize
from minigrad.data import Columns
from minigrad.engine import evaluate, pull_back
from minigrad.plan import make_plan
from minigrad.trainer import CompiledTrainer, PlainTrainer

WIDTH = 7
"""An instruction is so many bytes: which move to make, and which nodes to make it with."""

KINKS = {"relu", "|x|", "max", "leaky_relu"}
"""Ops that answer otherwise on either side of a point, where sums that are re-associated may fall on either."""


class Builder:
    """A graph under construction: its scalars, its vectors of 3, its 3 by 3 matrices."""

    def __init__(self, kinds: bytes) -> None:
        self.inputs: list[mg.Node] = []
        self.pools: dict[tuple[int, ...], list[mg.Node]] = {(): [mg.Parameter(0.6, "p")], (3,): [], (3, 3): []}
        self.rng = np.random.default_rng(list(kinds))
        for kind in kinds:
            self.leaf(kind % 6)

    def leaf(self, kind: int) -> None:
        shape = ((), (), (), (), (3,), (3, 3))[kind]
        if kind in (0, 1):
            self.inputs.append(mg.Input(f"x{len(self.inputs) + 1}"))
            self.pools[()].append(self.inputs[-1])
        elif kind == 2:
            self.pools[()].append(mg.Constant(round(self.rng.uniform(-1, 1), 2)))
        else:
            self.pools[shape].append(mg.Parameter(self.rng.uniform(-1, 1, shape)))

    def scalars(self, picks: bytes) -> list[mg.Node]:
        return [self.pools[()][pick % len(self.pools[()])] for pick in picks]

    def array(self, shape: tuple[int, ...], pick: int) -> mg.Node:
        pool = self.pools[shape]
        if not pool:
            pool.append(mg.Parameter(self.rng.uniform(-1, 1, shape)))
        return pool[pick % len(pool)]

    def weights(self, count: int) -> list[mg.Node]:
        return [mg.Parameter(self.rng.uniform(-1, 1)) for _ in range(count)]

    def move(self, instruction: bytes) -> None:
        """Adds what one instruction says, squashed so that nothing grows without bounds."""
        move = MOVES[instruction[0] % len(MOVES)]
        for made in move(self, instruction[1:]):
            squashed = mg.tanh(made) if instruction[-1] % 2 else made
            self.pools[squashed.shape].append(squashed)

    def outputs(self, count: int) -> list[mg.Node]:
        return self.pools[()][-count:]


def unary(op: Callable[[Any], Any]) -> Callable[[Builder, bytes], list[Any]]:
    return lambda build, picks: [op(build.scalars(picks)[0])]


def binary(op: Callable[[Any, Any], Any]) -> Callable[[Builder, bytes], list[Any]]:
    return lambda build, picks: [op(*build.scalars(picks)[:2])]


def spelled_left(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [a * b + c * d + e]


def spelled_right(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, e, f = build.scalars(picks)
    return [a * b + (c * d + (e + f * a))]


def spelled_with_signs(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [a * b - c * d - e + 1.5, -(a + b + 0.0) + c]


def shared_sum(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    inner = a * b + c
    return [inner + d * e, inner * 0.5]


def neuron(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, e, _ = build.scalars(picks)
    return [mg.weighted_sum([a, b], [c, d], e)]


def layer(build: Builder, picks: bytes) -> list[Any]:
    x = build.scalars(picks[:2])
    return [mg.tanh(mg.weighted_sum(x, build.weights(2), bias)) for bias in build.weights(3)]


def spelled_layer(build: Builder, picks: bytes) -> list[Any]:
    x = build.scalars(picks[:3])
    return [
        mg.relu(sum((w * xi for w, xi in zip(build.weights(3), x, strict=True)), bias)) for bias in build.weights(2)
    ]


def unrolled(build: Builder, picks: bytes) -> list[Any]:
    """The same two neurons on three samples, and their mean loss with an L2 term, as micrograd's demo has it."""
    samples = [build.scalars(picks[place : place + 2]) for place in (0, 2, 4)]
    neurons = [(build.weights(2), *build.weights(1)) for _ in range(2)]
    scores = [
        sum(mg.relu(sum((w * xi for w, xi in zip(weights, x, strict=True)), bias)) for weights, bias in neurons)
        for x in samples
    ]
    decay = sum(w * w for weights, _ in neurons for w in weights)
    return [sum(mg.relu(1 + -score) for score in scores) * (1 / 3) + 1e-2 * decay]


def computed_weights(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, _, _ = build.scalars(picks)
    weights = [mg.sin(c), mg.sin(d)]
    return [mg.weighted_sum([a, b], weights, bias) for bias in build.weights(2)]


def powers(build: Builder, picks: bytes) -> list[Any]:
    a, b, *_ = build.scalars(picks)
    return [a**2, (1.5 + mg.tanh(b)) ** -1.5]


def losses(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, d, _, _ = build.scalars(picks)
    loss = (mg.squared_error, mg.softmax_cross_entropy, mg.binary_cross_entropy, mg.mean_squared_error)[picks[4] % 4]
    return [loss([a, b], [c, d])]


def shares(build: Builder, picks: bytes) -> list[Any]:
    shares = mg.softmax(build.scalars(picks[:3]))
    return [shares[picks[3] % 3], mg.sum(shares * shares)]


def choice(build: Builder, picks: bytes) -> list[Any]:
    a, b, c, _, _, _ = build.scalars(picks)
    return [mg.where(mg.sin(a) > 0.01, b, c * 0.5)]


def stacked(build: Builder, picks: bytes) -> list[Any]:
    return [mg.stack(build.scalars(picks[:3]))]


def vector_arithmetic(build: Builder, picks: bytes) -> list[Any]:
    u, v, s = build.array((3,), picks[0]), build.array((3,), picks[1]), build.scalars(picks[2:3])[0]
    return [(u + v * s, u[::-1] * u, u - s, mg.concat([v[1:], u[:1]]), mg.broadcast_to(s, (3,)))[picks[3] % 5]]


def matrix_arithmetic(build: Builder, picks: bytes) -> list[Any]:
    a, b, v = build.array((3, 3), picks[0]), build.array((3, 3), picks[1]), build.array((3,), picks[2])
    return [(a + a.T, a @ b, a * v, a.T @ b - a, mg.reshape(v, (3, 1)) * v)[picks[3] % 5]]


def matrix_times_vector(build: Builder, picks: bytes) -> list[Any]:
    a, v, b = build.array((3, 3), picks[0]), build.array((3,), picks[1]), build.array((3,), picks[2])
    return [(a @ v, v @ a, mg.affine(v, a, b), mg.sum(a, axis=0), mg.mean(a, axis=1), mg.softmax(a)[1])[picks[3] % 6]]


def reduction(build: Builder, picks: bytes) -> list[Any]:
    v, a, s = build.array((3,), picks[0]), build.array((3, 3), picks[1]), build.scalars(picks[2:3])[0]
    made: list[Callable[[], Any]] = [
        lambda: mg.sum(v),
        lambda: mg.max(v),
        lambda: v[picks[4] % 3],
        lambda: mg.mean(a),
        lambda: a[picks[4] % 3, picks[5] % 3],
        lambda: ops.vecdot(v, mg.tanh(v)),
        lambda: mg.squared_error(v, mg.sin(v)),
        lambda: mg.weighted_sum(v, a[0], s),
    ]
    return [made[picks[3] % len(made)]()]


MOVES: list[Callable[[Builder, bytes], list[Any]]] = [
    unary(mg.tanh),
    unary(mg.sin),
    unary(mg.sigmoid),
    unary(mg.relu),
    unary(abs),
    unary(mg.softplus),
    unary(mg.leaky_relu),
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
    computed_weights,
    powers,
    losses,
    shares,
    choice,
    stacked,
    vector_arithmetic,
    matrix_arithmetic,
    matrix_times_vector,
    reduction,
]


class Case(NamedTuple):
    """A graph in bytes: the kinds of its leaves, its instructions, and how many of its last scalars are outputs."""

    leaves: bytes
    instructions: tuple[bytes, ...]
    outputs: int = 1

    def build(self) -> mg.Graph:
        builder = Builder(self.leaves)
        for instruction in self.instructions:
            builder.move(instruction)
        return mg.Graph(builder.outputs(self.outputs))

    def build_loss(self) -> mg.Graph:
        """The graph with an input that counts for certain, squashed and held against a target, the last input."""
        builder, first = Builder(self.leaves), mg.Input("first")
        builder.pools[()].append(first)
        for instruction in self.instructions:
            builder.move(instruction)
        (output,) = builder.outputs(1)
        return mg.Graph(mg.squared_error([mg.tanh(output + 0.3 * first)], [mg.Input("target")]))


def random_case(seed: int, most: int = 20) -> Case:
    random = Random(seed)
    instructions = tuple(random.randbytes(WIDTH) for _ in range(random.randint(1, most)))
    return Case(random.randbytes(random.randint(0, 6)), instructions, random.choice([1, 1, 2]))


def cases(most: int = 20) -> st.SearchStrategy[Case]:
    """Such graphs for hypothesis, which drops instructions one by one from a failing one."""
    instruction = st.binary(min_size=WIDTH, max_size=WIDTH)
    return st.builds(
        Case, st.binary(max_size=6), st.lists(instruction, min_size=1, max_size=most).map(tuple), st.integers(1, 2)
    )


def random_feeds(graph: mg.Graph, random: Random, batch: int | None) -> dict[Any, Any]:
    """A number for each input; with a batch, an array of numbers for about two of three."""
    return {
        node: np.array([random.gauss(0, 1) for _ in range(batch)])
        if batch and random.random() < 0.7
        else random.gauss(0, 1)
        for node in graph.inputs
    }


def near_a_kink(graph: mg.Graph) -> bool:
    """Whether rounding could turn a computed value over to the other side of a kink."""
    for node in graph.nodes:
        if node.op is not None and (node.op.label in KINKS or "max" in node.op.label):
            first, *others = node.parents
            other = others[0].value if others else 0.0
            sides = np.asarray(first.value) - other if not first.shape else np.diff(np.sort(first.value, axis=-1))
            if first.op is not None and first not in others and np.abs(sides).min(initial=1.0) < 1e-9:
                return True
    return False


def array_feeds(vectorized: Vectorized, values: Mapping[Any, Any]) -> dict[Any, Any]:
    """The inputs of the array form, each filled from the inputs it stands for."""
    feeds = {}
    for array, leaves in vectorized.leaves.items():
        if array.kind != "input":
            continue
        if leaves == (array,):
            feeds[array] = values[array]
        else:
            columns = np.broadcast_arrays(*(values[leaf] for leaf in leaves))
            feeds[array] = np.stack(columns, axis=-1).reshape((*columns[0].shape, *array.shape))
    return feeds


def compare_vectorized(graph: mg.Graph, feeds: Mapping[Any, Any], tolerance: float = 1e-12) -> int:
    """Holds the array form of a graph against the graph: every value, and every δ that has a place of its own.

    δ starts as 1 at each output. Returns how many nodes were compared.
    """
    graph.forward(feeds)
    if near_a_kink(graph):
        return 0
    graph.backward({node: np.ones_like(node.value) for node in dict.fromkeys(graph.outputs)})
    found = vectorize(graph.outputs)
    plan = make_plan(found.outputs)
    leaves = {node: node.value for node in plan.nodes if node.op is None}
    values = evaluate(plan, leaves | array_feeds(found, {node: node.value for node in graph.nodes}))
    seeds: dict[Any, Any] = {}
    for old, new in dict(zip(graph.outputs, found.outputs, strict=True)).items():
        one = np.ones_like(values[new]) * (np.size(old.value) / np.size(values[new]))
        seeds[new] = seeds[new] + one if new in seeds else one
    deltas = pull_back(plan, values, seeds)
    scale = max(1.0, *(np.abs(part).max() for node in graph.nodes for part in (node.value, node.delta)))
    close = Closeness(tolerance * scale)
    alone = Counter([*found.places.values()])
    whole = Counter([*found.arrays.values()])
    count = 0
    for node, place in found.places.items():
        if place.array in values:
            count += 1
            close.check(node, "value", element(values[place.array], place.array.ndim, place.position), node.value)
            if place.array in deltas and alone[place] == 1 and not whole[place.array] and node.kind != "constant":
                close.check(node, "δ", element(deltas[place.array], place.array.ndim, place.position), node.delta)
    inhabited = {place.array for place in found.places.values()}
    for node, array in found.arrays.items():
        if array in values:
            count += 1
            close.check(node, "value", values[array], node.value)
            if array in deltas and whole[array] == 1 and array not in inhabited and node.kind != "constant":
                close.check(node, "δ", deltas[array], node.delta)
    for old, new in zip(graph.outputs, found.outputs, strict=True):
        close.check(old, "value", values[new], old.value)
    return count


def element(value: Any, rank: int, position: int) -> np.ndarray:
    """One element of an array node's value, which may carry a batch axis."""
    array = np.asarray(value)
    return array.reshape((*array.shape[: array.ndim - rank], -1))[..., position]


class Closeness(NamedTuple):
    """How far two numbers may lie apart."""

    tolerance: float

    def check(self, node: mg.Node, what: str, found: Any, expected: Any) -> None:
        """Raises AssertionError unless they are equal; a δ that one side holds for each sample is summed first."""
        new, old = np.asarray(found), np.asarray(expected)
        if what == "δ" and new.ndim != old.ndim:
            least = min(new.ndim, old.ndim)
            new, old = (part.sum(axis=0) if part.ndim > least else part for part in (new, old))
        if not np.abs(new - old).max() <= self.tolerance:
            raise AssertionError(f"{what} of {node!r}: found {new}, expected {old}")


def compare_compiled(graph: mg.Graph, feeds: Mapping[Any, Any], tolerance: float = 1e-12) -> None:
    """Holds the program of a graph against the graph: every output, and the gradient of every parameter."""
    expected = graph.forward(feeds)
    if near_a_kink(graph):
        return
    fast = graph.compile(engine="program")
    values = zip(graph.outputs, as_tuple(fast.forward(feeds)), as_tuple(expected), strict=True)
    for node, new, old in values:
        Closeness(tolerance * max(1.0, np.abs(old).max())).check(node, "value", new, old)
    if len(graph.outputs) > 1:
        return
    graph.backward()
    deltas = {node: node.delta for node in graph.nodes}
    close = Closeness(tolerance * max(1.0, *(np.abs(delta).max() for delta in deltas.values())))
    close.check(graph.outputs[0], "value", fast.gradient(feeds), np.mean(expected))
    for parameter in graph.parameters:
        close.check(parameter, "δ", parameter.delta, deltas[parameter])


def as_tuple(values: Any) -> tuple[Any, ...]:
    return values if isinstance(values, tuple) else (values,)


def compare_training(case: Case, optimizer: mg.optim.Optimizer, random: Random, steps: int = 20) -> None:
    """Twenty steps by the program and by the nodes, on samples and on batches of 7 and of the 3 that are left."""
    rng = np.random.default_rng(random.randrange(1 << 30))
    graphs = [case.build_loss() for _ in range(2)]
    X, T = rng.normal(size=(17, len(graphs[0].inputs) - 1)), rng.normal(size=17)
    sides = [(Columns(graph.inputs[:-1], X, "samples"), Columns(graph.inputs[-1:], T, "targets")) for graph in graphs]
    slow = PlainTrainer(graphs[0], optimizer, *sides[0])
    fast = CompiledTrainer(graphs[1], Compiled(graphs[1].outputs), optimizer, *sides[1])
    for _ in range(steps):
        rows = random.choice([0, 1, np.arange(7), np.arange(7, 14), np.arange(14, 17)])
        assert fast.step(rows) == pytest.approx(slow.step(rows), rel=1e-8, abs=1e-8)
    assert fast.mean_loss(*sides[1]) == pytest.approx(slow.mean_loss(*sides[0]), rel=1e-8, abs=1e-8)
    slow.store()
    fast.store()
    for new, old in zip(graphs[1].parameters, graphs[0].parameters, strict=True):
        Closeness(1e-7 * max(1.0, np.abs(old.value).max())).check(old, "value", new.value, old.value)
