"""Random networks after a random kind of pass: everything that may stand in the way of a true equation."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.core.node import Node
from minigrad.graph import Graph
from tests.drawing.true_numbers import TrueNumbers

ACTIVATIONS = (mg.tanh, mg.sigmoid, mg.relu, mg.leaky_relu, mg.softplus, None)


@dataclass
class Case:
    """A graph after a pass, what to draw of it, and its true numbers."""

    seed: int
    graph: Graph
    batch: int = 0
    sample: int | None = None
    changed: Node | None = None
    has_pass: bool = True
    features: set[str] = field(default_factory=set)

    @property
    def is_mean(self) -> bool:
        return bool(self.batch) and self.sample is None

    def numbers(self, of_batch: bool = False) -> TrueNumbers:
        """Return the true numbers of the samples that the picture shows, or of the whole batch."""
        samples = range(self.batch) if self.batch and (of_batch or self.is_mean) else (self.sample or 0,)
        return TrueNumbers(self.graph, samples, self.changed, self.has_pass)


class Builder:
    """Makes a random network of single neurons."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.features: set[str] = set()
        self.pool: list[Node] = []
        self.shares = self.chance(0.4)
        self.named = self.chance(0.7)
        self.sizes = self.random.choice([1.0, 1.0, 1.0, 30.0, 1e-4])
        self.count = 0

    def chance(self, share: float, feature: str = "") -> bool:
        happens = self.random.random() < share
        if happens and feature:
            self.features.add(feature)
        return happens

    def number(self) -> float:
        if self.chance(0.08, "zeros"):
            return 0.0
        digits = self.random.choice([1, 2, 16])
        return round(self.random.uniform(-2, 2), digits) * self.sizes

    def name(self, letter: str) -> str | None:
        self.count += 1
        return f"{letter}{self.count}" if self.named else None

    def weight(self, letter: str = "w") -> Node:
        if self.shares and self.pool and self.chance(0.4, "shared weights" if letter == "w" else "shared biases"):
            return self.random.choice(self.pool)
        if self.chance(0.06, "constants"):
            return mg.Constant(self.number())
        weight = mg.Parameter(self.number(), self.name(letter))
        if self.chance(0.1, "frozen"):
            weight.trainable = False
        self.pool.append(weight)
        return weight

    def neuron(self, sources: list[Node], activation: Any) -> Node:
        local = sources
        if len(sources) > 2 and self.chance(0.3, "local connectivity"):
            start = self.random.randrange(len(sources) - 1)
            local = sources[start : start + 2]
        if self.chance(0.05, "repeated inputs"):
            local = [*local, local[0]]
        bias = self.weight("b") if self.chance(0.8) else None if self.chance(0.5) else self.number()
        s = mg.weighted_sum(local, [self.weight() for _ in local], bias, name=self.name("s"))
        return s if activation is None else activation(s, name=self.name("h"))

    def outputs(self) -> list[Node]:
        inputs: list[Node] = [mg.Input(self.name("x")) for _ in range(self.random.randint(1, 3))]
        layer, before = inputs, inputs
        for _ in range(self.random.randint(1, 2)):
            activation = self.random.choice(ACTIVATIONS)
            sources = [*before, *layer] if layer is not before and self.chance(0.2, "skip connections") else layer
            layer, before = [self.neuron(sources, activation) for _ in range(self.random.randint(1, 3))], layer
            if len(layer) > 1 and self.chance(0.1, "sums of nodes"):
                layer = [*layer[1:], layer[0] * layer[1]]
        return [self.neuron(layer, self.random.choice(ACTIVATIONS)) for _ in range(self.random.randint(1, 3))]

    def loss(self, outputs: list[Node], targets: list[Any] | None = None) -> Node:
        targets = targets or [
            mg.Input(self.name("t")) if self.chance(0.8) else self.random.choice([0.0, 1.0, 0.25]) for _ in outputs
        ]
        losses: list[Any] = [mg.squared_error, mg.mean_squared_error, mg.binary_cross_entropy]
        if len(outputs) > 1 and self.chance(0.4, "softmax"):
            losses = [mg.softmax_cross_entropy]
        return self.random.choice(losses)(outputs, targets, name=self.name("E") if self.chance(0.3) else None)

    def root(self) -> Node:
        outputs = self.outputs()
        loss = self.loss(outputs)
        if self.chance(0.25, "several losses"):
            loss = loss * self.random.choice([0.5, 2.0, 0.1]) + self.loss(outputs[:1])
        if self.pool and self.chance(0.1, "penalty"):
            loss = loss + self.pool[0] * self.pool[0] * 0.01
        return loss


def arrays(builder: Builder) -> Node:
    """Return the loss of a network of array nodes."""
    builder.features.add("arrays")
    size, width, count = (builder.random.randint(2, 3) for _ in range(3))
    x = mg.Input("x", size)
    h = mg.dense(x, width, builder.random.choice(ACTIVATIONS[:4]), "h", rng=builder.random.randrange(99))
    y = mg.dense(h, count, builder.random.choice(ACTIVATIONS[:4]), "y", rng=builder.random.randrange(99))
    if builder.chance(0.3, "array neuron"):
        y = mg.stack([y[0], mg.tanh(mg.weighted_sum(h, mg.Parameter([0.5] * width, "v"), name="z"), name="last")])
        count = 2
    loss: Any = builder.random.choice([mg.squared_error, mg.mean_squared_error, mg.softmax_cross_entropy])
    return loss(y, mg.Input("t", count))


def expression(builder: Builder) -> Node:
    """Return an expression without neurons."""
    builder.features.add("expressions")
    nodes: list[Node] = [mg.Parameter(builder.number(), builder.name("a")) for _ in range(3)]
    for _ in range(builder.random.randint(2, 7)):
        first, second = builder.random.choice(nodes), builder.random.choice(nodes)
        make = builder.random.choice([
            lambda a, b: a * b, lambda a, b: a + b, lambda a, b: a - b, lambda a, b: mg.tanh(a), lambda a, b: -b,
            lambda a, b: mg.relu(a), lambda a, b: a * 2.0, lambda a, b: mg.sigmoid(a),
        ])  # fmt: skip
        nodes.append(make(first, second))
    return nodes[-1]


def recurrent(builder: Builder) -> Node:
    """Return the loss of a recurrent network that is unrolled over three steps."""
    builder.features.add("recurrent")
    w, u, b = (mg.Parameter(builder.number(), name) for name in ("w", "u", "b"))
    h: Node = mg.Constant(0.0)
    for step in range(1, 4):
        h = mg.tanh(mg.weighted_sum([mg.Input(f"x{step}"), h], [w, u], b, name=f"s{step}"), name=f"h{step}")
    return mg.squared_error([mg.weighted_sum([h], [mg.Parameter(builder.number(), "v")], b, name="y")], [mg.Input("t")])


def convolution(builder: Builder) -> Node:
    """Return the loss of a tiny convolution: a kernel of shared weights slides over the inputs."""
    builder.features.add("convolution")
    kernel, bias = [mg.Parameter(builder.number(), f"k{n}") for n in range(2)], mg.Parameter(builder.number(), "b")
    x = [mg.Input(f"x{n}") for n in range(4)]
    maps = [mg.relu(mg.weighted_sum(x[n : n + 2], kernel, bias), name=f"m{n}") for n in range(3)]
    return builder.loss([builder.neuron(maps, mg.sigmoid)])


def random_case(seed: int) -> Case:
    """Return the network of a seed after its pass."""
    builder = Builder(seed)
    make = {0: arrays, 1: arrays, 2: expression, 3: recurrent, 4: convolution}.get(seed % 15, Builder.root)
    graph = Graph(make(builder))
    if make is Builder.root and builder.chance(0.05, "several outputs"):
        graph = Graph([node for node in graph.nodes if node.kind in {"weighted sum", "activation"}][-2:])
    case = Case(seed, graph, features=builder.features)
    if builder.chance(0.05) and graph.parameters and not graph.parameters[0].shape:
        builder.features.add("NaN and infinity")
        graph.parameters[0].value = builder.random.choice([math.nan, math.inf, -math.inf])
    kind = builder.random.choice(["sample", "sample", "batch", "batch", "batch sample", "changed", "none"])
    case.has_pass = kind != "none" or not graph.inputs
    if not case.has_pass:
        builder.features.add("no pass")
        return case
    if kind.startswith("batch") and graph.inputs and not isinstance(graph.outputs[0].value, float):
        case.batch = builder.random.randint(2, 4)
        case.sample = builder.random.randrange(case.batch) if kind == "batch sample" else None
    builder.features.add(kind if case.batch or kind == "sample" else "sample")
    generator = np.random.default_rng(seed)
    feeds = {}
    for node in graph.inputs:
        is_batched = case.batch and (node is graph.inputs[0] or builder.chance(0.9))
        shape = ((case.batch,) if is_batched else ()) + node.shape
        numbers = generator.uniform(-1, 1, shape)
        feeds[node] = np.round(numbers, 1) if builder.chance(0.5) else numbers
    graph.forward(feeds)
    if len(graph.outputs) == 1:
        graph.backward()
    if kind == "changed" and graph.parameters and not graph.parameters[-1].shape:
        builder.features.add("changed leaf")
        case.changed = graph.parameters[-1]
        graph.parameters[-1].value = 0.75
    return case
