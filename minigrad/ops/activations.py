"""Activations θ(s) of a weighted sum s: elementwise ones, and the softmax over the last axis."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

from minigrad.ops.base import Op, Sample, Unary
from minigrad.ops.guards import guard

SIGMOID_FLOOR = -700.0
"""Below it the sigmoid is 0 to the last digit of float64, and e⁷⁰⁰ is still a number."""


class Activation(Unary):
    """An elementwise op that serves as the θ of a neuron."""

    kind = "activation"
    operands = ("s",)
    domain = (-3.0, 3.0)


def log_one_plus_exp(xp, s):
    """Return ln(1 + eˢ) as two terms, max(s, 0) and ln(1 + e^−|s|), in which no exponential overflows."""
    minus_absolute = xp.where(s > 0, -s, s)  # a complex step passes through it
    return guard(xp, xp.maximum(s, 0.0), 0.0), xp.log1p(xp.exp(guard(xp, minus_absolute, s)))


class Identity(Activation):
    """Identity, θ(s) = s, the activation of a linear output."""

    label = "identity"

    def forward(self, xp, s):
        return s

    def backward(self, xp, delta, y, s):
        return (delta,)


class Sigmoid(Activation):
    """Logistic sigmoid, θ(s) = 1 / (1 + e⁻ˢ), with θ′ = θ(1 − θ), squashes the real line into (0, 1)."""

    label = "sigmoid"

    def forward(self, xp, s):
        return 1 / (1 + xp.exp(-guard(xp, xp.maximum(s, SIGMOID_FLOOR), s)))

    def backward(self, xp, delta, y, s):
        return (delta * y * (1 - y),)


class Tanh(Activation):
    """Hyperbolic tangent, θ(s) = tanh s, with θ′ = 1 − θ², squashes the real line into (−1, 1)."""

    label = "tanh"

    def forward(self, xp, s):
        return xp.tanh(s)

    def backward(self, xp, delta, y, s):
        return (delta * (1 - y * y),)


class ReLU(Activation):
    """Rectified linear unit, θ(s) = max(0, s), with θ′(0) = 0 (Nair and Hinton, 2010)."""

    label = "relu"

    def forward(self, xp, s):
        return xp.maximum(s, 0.0)

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, 0.0),)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """Leaky ReLU, θ(s) = s for s > 0, else slope·s, with θ′(0) = slope (Maas, Hannun and Ng, 2013)."""

    slope: float = 0.01

    label = "leaky_relu"

    @classmethod
    def instances(cls):
        return cls(), cls(slope=0.3)

    def forward(self, xp, s):
        return xp.where(s > 0, s, self.slope * s)

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, self.slope * delta),)


@dataclass(frozen=True)
class ELU(Activation):
    """Exponential linear unit, θ(s) = s for s > 0, else α(eˢ − 1) (Clevert, Unterthiner and Hochreiter, 2015)."""

    alpha: float = 1.0

    label = "elu"

    @classmethod
    def instances(cls):
        return cls(), cls(alpha=0.5)

    def forward(self, xp, s):
        return xp.where(s > 0, s, self.alpha * xp.expm1(guard(xp, xp.minimum(s, 0.0), s)))

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, delta * (y + self.alpha)),)


class SELU(Activation):
    """Scaled ELU, θ(s) = λs for s > 0, else λα(eˢ − 1), which keeps mean 0 and variance 1 (Klambauer et al., 2017)."""

    label = "selu"
    scale = 1.0507009873554805
    alpha = 1.6732632423543772

    def forward(self, xp, s):
        return self.scale * xp.where(s > 0, s, self.alpha * xp.expm1(guard(xp, xp.minimum(s, 0.0), s)))

    def backward(self, xp, delta, y, s):
        return (delta * xp.where(s > 0, self.scale, y + self.scale * self.alpha),)


class Softplus(Activation):
    """Softplus, θ(s) = ln(1 + eˢ), a smooth ReLU whose slope is the sigmoid."""

    label = "softplus"

    def forward(self, xp, s):
        larger, softened = log_one_plus_exp(xp, s)
        return larger + softened

    def backward(self, xp, delta, y, s):
        return (delta * sigmoid.forward(xp, s),)


class GELU(Activation):
    """Gaussian error linear unit, θ(s) = ½s(1 + tanh(√(2/π)(s + 0.044715s³))) (Hendrycks and Gimpel, 2016)."""

    label = "gelu"
    scale = sqrt(2 / pi)
    cubic = 0.044715

    def forward(self, xp, s):
        return 0.5 * s * (1 + self.gate(xp, s))

    def backward(self, xp, delta, y, s):
        gate = self.gate(xp, s)
        inner_slope = self.scale * (1 + 3 * self.cubic * s * s)
        return (delta * 0.5 * (1 + gate + s * (1 - gate * gate) * inner_slope),)

    def gate(self, xp, s):
        return xp.tanh(self.scale * (s + self.cubic * s * s * s))


class SiLU(Activation):
    """Sigmoid linear unit or swish, θ(s) = s·σ(s) (Elfwing, Uchibe and Doya, 2018)."""

    label = "silu"

    def forward(self, xp, s):
        return s * sigmoid.forward(xp, s)

    def backward(self, xp, delta, y, s):
        gate = sigmoid.forward(xp, s)
        return (delta * (gate + y * (1 - gate)),)


class Softsign(Activation):
    """Softsign, θ(s) = s / (1 + |s|), with θ′ = 1 / (1 + |s|)²."""

    label = "softsign"

    def forward(self, xp, s):
        return s / (1 + xp.abs(s))

    def backward(self, xp, delta, y, s):
        denominator = 1 + xp.abs(s)
        return (delta / (denominator * denominator),)


class HardTanh(Activation):
    """Hard tanh, θ(s) = min(max(s, −1), 1), with derivative 0 at and beyond ±1."""

    label = "hard_tanh"

    def forward(self, xp, s):
        return xp.minimum(xp.maximum(s, -1.0), 1.0)

    def backward(self, xp, delta, y, s):
        return (xp.where(xp.abs(s) < 1, delta, 0.0),)


class LayerActivation(Op):
    """An activation of all weighted sums of a layer together, over the last axis."""

    kind = "activation"
    operands = ("*s",)

    @classmethod
    def samples(cls):
        return tuple(Sample(cls(), (shape,), -3.0, 3.0) for shape in [(1,), (4,), (2, 3)])


class Softmax(LayerActivation):
    """Softmax, θ(s)ₖ = e^sₖ / Σⱼ e^sⱼ over the last axis: positive outputs that sum to 1."""

    label = "softmax"

    def forward(self, xp, s):
        scaled = xp.exp(s - guard(xp, xp.max(s, axis=-1, keepdims=True), 0.0))
        return scaled / xp.sum(scaled, axis=-1, keepdims=True)

    def backward(self, xp, delta, y, s):
        return (y * (delta - xp.sum(delta * y, axis=-1, keepdims=True)),)


class LogSoftmax(LayerActivation):
    """Logarithm of the softmax, θ(s)ₖ = sₖ − ln Σⱼ e^sⱼ over the last axis."""

    label = "log_softmax"

    def forward(self, xp, s):
        shifted = s - guard(xp, xp.max(s, axis=-1, keepdims=True), 0.0)
        return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))

    def backward(self, xp, delta, y, s):
        return (delta - xp.exp(y) * xp.sum(delta, axis=-1, keepdims=True),)


identity, sigmoid, tanh, relu, leaky_relu, elu = Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU(), ELU()
selu, softplus, gelu, silu, softsign, hard_tanh = SELU(), Softplus(), GELU(), SiLU(), Softsign(), HardTanh()
softmax, log_softmax = Softmax(), LogSoftmax()
