"""Losses: one number for each sample, from outputs and targets on the last axis; over a batch they are averaged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigrad.ops.activations import log_one_plus_exp, log_softmax, sigmoid, softmax
from minigrad.ops.base import Namespace, Op, Sample, Value


class Loss(Op):
    """An op that sums the disagreement of outputs ŷ and targets y over the last axis."""

    kind = "loss"
    operands = ("*outputs", "*targets")
    interval = (-2.0, 2.0)

    def ranks(self, ranks):
        return [max(ranks)] * len(ranks)

    def shape(self, *shapes):
        outputs, targets = shapes
        if outputs[-1:] != targets[-1:]:
            raise ValueError("a loss takes as many outputs as targets")
        return np.broadcast_shapes(outputs, targets)[:-1]

    def residuals(self, xp: Namespace, outputs: Value, targets: Value) -> Value | None:
        """Return residuals r with L proportional to Σ r², or None for a loss that is no sum of squares.

        Levenberg–Marquardt minimizes a loss that has residuals. They are written with the functions of `xp`, as the
        rules are.
        """
        return None

    @classmethod
    def samples(cls):
        layouts = [((1,), (1,)), ((4,), (4,)), ((2, 3), (2, 3)), ((2, 3), (3,))]
        return tuple(Sample(cls(), layout, *cls.interval) for layout in layouts)


class SquaredError(Loss):
    """Squared error of the textbook, L = ½ Σ (ŷ − y)²."""

    label = "½Σ(ŷ−y)²"
    numeric = True

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        return 0.5 * xp.sum(error * error, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.expand_dims(delta, axis=-1) * (outputs - targets)
        return slope, -slope

    def residuals(self, xp, outputs, targets):
        return outputs - targets


class MeanSquaredError(Loss):
    """Mean squared error, L = (1/K) Σ (ŷ − y)² over K outputs."""

    label = "mean squared error"

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        return xp.mean(error * error, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        error = outputs - targets
        slope = xp.expand_dims(delta, axis=-1) * error * (2 / error.shape[-1])
        return slope, -slope

    def residuals(self, xp, outputs, targets):
        return outputs - targets


class AbsoluteError(Loss):
    """Absolute error, L = Σ |ŷ − y|, with derivative 0 where ŷ = y."""

    label = "absolute error"

    def forward(self, xp, outputs, targets):
        return xp.sum(xp.abs(outputs - targets), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.expand_dims(delta, axis=-1) * xp.sign(outputs - targets)
        return slope, -slope


@dataclass(frozen=True)
class Huber(Loss):
    """Huber loss, L = Σ ½e² for |e| ≤ d, else d(|e| − ½d), with e = ŷ − y (Huber, 1964)."""

    threshold: float = 1.0

    label = "huber"

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        inner = xp.minimum(xp.maximum(error, -self.threshold), self.threshold)
        return xp.sum(inner * (error - 0.5 * inner), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        error = outputs - targets
        inner = xp.minimum(xp.maximum(error, -self.threshold), self.threshold)
        slope = xp.expand_dims(delta, axis=-1) * inner
        return slope, -slope


class Hinge(Loss):
    """Hinge loss, L = Σ max(0, 1 − ŷy) for targets −1 and +1, with derivative 0 at ŷy = 1."""

    label = "hinge"
    interval = (0.1, 0.9)

    def forward(self, xp, outputs, targets):
        return xp.sum(xp.maximum(1 - outputs * targets, 0.0), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.where(outputs * targets < 1, -xp.expand_dims(delta, axis=-1), 0.0)
        return slope * targets, slope * outputs


class BinaryCrossEntropy(Loss):
    """Binary cross-entropy of logits, L = −Σ y ln σ(ŷ) + (1 − y) ln(1 − σ(ŷ)), for targets in [0, 1]."""

    label = "binary cross-entropy"

    def forward(self, xp, outputs, targets):
        larger, softened = log_one_plus_exp(xp, outputs)
        return xp.sum(larger - outputs * targets + softened, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        delta = xp.expand_dims(delta, axis=-1)
        return delta * (sigmoid.forward(xp, outputs) - targets), -delta * outputs


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of a softmax, L = −Σₖ yₖ ln softmax(ŷ)ₖ, from logits ŷ and target probabilities y."""

    label = "softmax cross-entropy"

    def forward(self, xp, outputs, targets):
        return -xp.sum(targets * log_softmax.forward(xp, outputs), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        delta = xp.expand_dims(delta, axis=-1)
        mass = xp.sum(targets, axis=-1, keepdims=True)
        slope = softmax.forward(xp, outputs) * mass - targets
        return delta * slope, -delta * log_softmax.forward(xp, outputs)


squared_error, mean_squared_error, absolute_error = SquaredError(), MeanSquaredError(), AbsoluteError()
huber, hinge = Huber(), Hinge()
binary_cross_entropy, softmax_cross_entropy = BinaryCrossEntropy(), SoftmaxCrossEntropy()
