"""Random networks for pages: every activation, several losses, shared and frozen weights, softmax heads, arrays."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.ops.activations import Activation
from minigrad.ops.base import Op

ACTIVATIONS = [
    mg.identity, mg.sigmoid, mg.tanh, mg.relu, mg.leaky_relu, mg.elu, mg.selu, mg.softplus, mg.gelu, mg.silu,
    mg.softsign, mg.hard_tanh, mg.LeakyReLU(0.3),
]  # fmt: skip
LOSSES = [
    mg.squared_error, mg.mean_squared_error, mg.absolute_error, mg.huber, mg.Huber(0.3), mg.binary_cross_entropy,
    mg.softmax_cross_entropy, mg.hinge,
]  # fmt: skip
OPTIMIZERS = [
    mg.SGD(0.5), mg.SGD(0.1, weight_decay=0.1), mg.Momentum(0.1), mg.Nesterov(0.1), mg.AdaGrad(0.1), mg.RMSProp(0.01),
    mg.Adam(0.05), mg.AdamW(0.05), mg.SGD(mg.CosineDecay(0.5, 4)), mg.Adam(mg.StepDecay(0.1, 2)),
    mg.Clipped(mg.Momentum(0.2), norm=0.1, value=0.5), mg.Clipped(mg.SGD(0.2), norm=1e6),
]  # fmt: skip


class RandomNetwork(NamedTuple):
    """A network in the making: the same seed makes the same one, but for the activations that are asked for."""

    seed: int

    @property
    def optimizer(self) -> Any:
        return OPTIMIZERS[self.seed % len(OPTIMIZERS)]

    def build(self, activations: dict[int, Op] | None = None) -> mg.Graph:
        """Return the graph of the loss after both passes, layers having other activations where these are given."""
        random = Random(self.seed)
        changed = activations or {}
        sizes = [random.randint(1, 4) for _ in range(random.randint(2, 4))]
        drawn = [changed.get(layer, random.choice(ACTIVATIONS)) for layer in range(len(sizes) - 1)]
        loss = random.choice(LOSSES)
        is_array, has_softmax = random.random() < 0.4, random.random() < 0.25
        shares, skips, freezes, has_two = (random.random() < 0.3 for _ in range(4))
        if loss is mg.softmax_cross_entropy:
            sizes[-1] = max(sizes[-1], 2)
        rng = np.random.default_rng(self.seed)
        head: Any = mg.softmax if has_softmax and len(drawn) - 1 not in changed else drawn[-1]
        values, targets = rng.normal(size=sizes[0]), rng.random(sizes[-1])
        targets /= targets.sum()
        if is_array:
            x = mg.Input("x", sizes[0], value=values)
            nodes: Any = x
            for number, size in enumerate(sizes[1:]):
                theta = head if number == len(drawn) - 1 else drawn[number]
                nodes = mg.dense(nodes, size, theta, f"h{number}", rng=rng)
            root = loss(nodes, mg.Input("t", sizes[-1], value=targets))
        else:
            nodes = inputs = [mg.Input(f"x{number}", value=value) for number, value in enumerate(values)]
            for number, size in enumerate(sizes[1:]):
                theta = head if number == len(drawn) - 1 else drawn[number]
                before = [*nodes, *inputs] if skips and number else nodes
                nodes = mg.layer(before, size, theta, f"h{number}_", rng=rng)
            if shares:  # a weight that every output is multiplied by, and a neuron that uses it again
                w = mg.Parameter(0.7, "w")
                theta = changed.get(len(drawn), mg.tanh)
                nodes = [theta(mg.weighted_sum([node, inputs[0]], [w, w], 0.1)) for node in nodes]
            t = [mg.Input(f"t{number}", value=value) for number, value in enumerate(targets)]
            root = loss(nodes, t)
            if has_two:
                root = root + 0.1 * mg.squared_error(nodes, t) + mg.Parameter(0.3, "free") ** 2
        graph = mg.Graph(root)
        if freezes:
            random.choice(graph.parameters).trainable = False
        graph.forward_and_backward()
        return graph


def changeable_layers(data: dict[str, Any]) -> list[int]:
    """Return the layers whose activation a page can change."""
    return [number for number, layer in enumerate(data["layers"]) if layer["choices"]]


def is_built_in(op: Any) -> bool:
    """Return whether an op is one of minigrad's own activations."""
    return isinstance(op, Activation) and not op.is_own
