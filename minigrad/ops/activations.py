"""Activations θ(s) of a weighted sum s: elementwise ones, and the softmax over the last axis."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

from minigrad._validation import as_finite_number
from minigrad.ops.base import Op, Sample, Unary
from minigrad.ops.guards import guard

SATURATED = 700.0
"""Beyond ±700 sigmoid and tanh are at their limits to the last digit of float64, and e⁷⁰⁰ is still a number."""

LARGE = 1e30
"""Beyond ±1e30 softsign is ±1 to the last digit, in float32 too."""


class Activation(Unary):
    """Elementwise op that serves as the θ of a neuron, y = θ(s).

    A subclass defines `label`, `forward` and `backward`, with operators and the functions of `xp` only. It then works
    on numbers, batches and nodes, and can be drawn, compiled and differentiated.

    Args:
        s: Weighted sum: a number, an array or a node of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> class Cubic(mg.Activation):
        ...     label = "cubic"
        ...     def forward(self, xp, s):
        ...         return s * s * s
        ...     def backward(self, xp, delta, y, s):
        ...         return (delta * 3 * s * s,)
        >>> s = mg.Parameter(2.0, "s")
        >>> y = Cubic()(s)
        >>> y.backward()
        >>> print(y.value, s.grad)
        8.0 12.0
    """

    kind = "activation"
    operands = ("s",)
    domain = (-3.0, 3.0)


def saturated(xp, s):
    """Return s within ±700, for the factors of a product whose other factor is 0 beyond: 0·∞ is no number."""
    return guard(xp, xp.minimum(xp.maximum(s, -SATURATED), SATURATED), s)


def log_one_plus_exp(xp, s):
    """Return ln(1 + eˢ) as two terms, max(s, 0) and ln(1 + e^−|s|), in which no exponential overflows."""
    minus_absolute = xp.where(s > 0, -s, s)  # a complex step passes through it
    return guard(xp, xp.maximum(s, 0.0), 0.0), xp.log1p(xp.exp(guard(xp, minus_absolute, s)))


class Identity(Activation):
    """Identity, θ(s) = s, the activation of a linear output.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        s itself; a node if s is one.

    Example:
        >>> x = mg.Input("x", value=2.0)
        >>> y = mg.neuron([x], activation=mg.identity, name="y", weights=mg.zeros)
        >>> print(y.value == y.parents[0].value)
        True
    """

    label = "identity"

    def forward(self, xp, s):
        return s

    def backward(self, xp, delta, y, s):
        return (delta,)


class Sigmoid(Activation):
    """Logistic sigmoid, θ(s) = 1 / (1 + e⁻ˢ), with θ′ = θ(1 − θ), squashes the real line into (0, 1).

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> s = mg.Parameter(0.0, "s")
        >>> y = mg.sigmoid(s)
        >>> y.backward()
        >>> print(y.value, s.grad)  # the slope is largest at s = 0
        0.5 0.25
    """

    label = "sigmoid"
    output_range = (0.0, 1.0)

    def forward(self, xp, s):
        return 1 / (1 + xp.exp(-guard(xp, xp.maximum(s, -SATURATED), s)))

    def backward(self, xp, delta, y, s):
        return (delta * y * (1 - y),)


class Tanh(Activation):
    """Hyperbolic tangent, θ(s) = tanh s, with θ′ = 1 − θ², squashes the real line into (−1, 1).

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> s = mg.Parameter(2.0, "s")
        >>> y = mg.tanh(s)
        >>> y.backward()
        >>> print(f"{y.value:.4f} {s.grad:.4f} {1 - y.value**2:.4f}")
        0.9640 0.0707 0.0707
    """

    label = "tanh"
    output_range = (-1.0, 1.0)

    def forward(self, xp, s):
        return xp.tanh(s)

    def backward(self, xp, delta, y, s):
        return (delta * (1 - y * y),)


class ReLU(Activation):
    """Rectified linear unit, θ(s) = max(0, s), with θ′(0) = 0.

    Source: Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.relu([-2.0, 0.0, 3.0]))
        [0. 0. 3.]
        >>> s = mg.Parameter(-2.0, "s")
        >>> mg.relu(s).backward()
        >>> print(s.grad)  # an inactive neuron passes no δ
        0.0
    """

    label = "relu"

    def forward(self, xp, s):
        return xp.maximum(s, 0.0)

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, 0.0),)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """Leaky ReLU, θ(s) = s for s > 0, else slope·s, with θ′(0) = slope; `leaky_relu` has a slope of 0.01.

    Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.

    Args:
        slope: Derivative for s ≤ 0.

    Returns:
        An op that maps s, of any shape, to θ(s) of the same shape.

    Example:
        >>> print(mg.LeakyReLU(slope=0.1)([-2.0, 3.0]))
        [-0.2  3. ]
        >>> s = mg.Parameter(-2.0, "s")
        >>> mg.leaky_relu(s).backward()
        >>> print(s.grad)
        0.01
    """

    slope: float = 0.01

    label = "leaky_relu"

    def __post_init__(self):
        as_finite_number(self.slope, "slope")

    @classmethod
    def instances(cls):
        return cls(), cls(slope=0.3)

    def forward(self, xp, s):
        return xp.where(s > 0, s, self.slope * s)

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, self.slope * delta),)


@dataclass(frozen=True)
class ELU(Activation):
    """Exponential linear unit, θ(s) = s for s > 0, else α(eˢ − 1); `elu` has α = 1.

    Source: Clevert, Unterthiner and Hochreiter, Exponential Linear Units, 2015.

    Args:
        alpha: α, where −α is the limit of θ as s → −∞.

    Returns:
        An op that maps s, of any shape, to θ(s) of the same shape.

    Example:
        >>> print(mg.ELU(alpha=0.5)([-30.0, 0.0, 3.0]).round(6))
        [-0.5  0.   3. ]
        >>> s = mg.Parameter(-1.0, "s")
        >>> mg.elu(s).backward()
        >>> print(f"{s.grad:.4f} {mg.exp(-1.0):.4f}")  # θ′ = αeˢ
        0.3679 0.3679
    """

    alpha: float = 1.0

    label = "elu"

    def __post_init__(self):
        as_finite_number(self.alpha, "alpha")

    @classmethod
    def instances(cls):
        return cls(), cls(alpha=0.5)

    def forward(self, xp, s):
        return xp.where(s > 0, s, self.alpha * xp.expm1(guard(xp, xp.minimum(s, 0.0), s)))

    def backward(self, xp, delta, y, s):
        return (xp.where(s > 0, delta, delta * self.alpha * xp.exp(guard(xp, xp.minimum(s, 0.0), s))),)


class SELU(Activation):
    """Scaled ELU, θ(s) = λs for s > 0, else λα(eˢ − 1), with λ ≈ 1.0507 and α ≈ 1.6733.

    With these constants and LeCun-normal weights, the outputs of a layer keep mean 0 and variance 1.
    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.selu([-30.0, 0.0, 1.0]).round(4))
        [-1.7581  0.      1.0507]
    """

    label = "selu"
    scale = 1.0507009873554805
    alpha = 1.6732632423543772

    def forward(self, xp, s):
        return self.scale * xp.where(s > 0, s, self.alpha * xp.expm1(guard(xp, xp.minimum(s, 0.0), s)))

    def backward(self, xp, delta, y, s):
        slope = self.alpha * xp.exp(guard(xp, xp.minimum(s, 0.0), s))
        return (delta * self.scale * xp.where(s > 0, 1.0, slope),)


class Softplus(Activation):
    """Softplus, θ(s) = ln(1 + eˢ), a smooth ReLU whose slope is the sigmoid.

    Source: Dugas et al., Incorporating Second-Order Functional Knowledge for Better Option Pricing, 2000.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.softplus(0.0).round(4), mg.softplus(1000.0))  # no overflow
        0.6931 1000.0
        >>> s = mg.Parameter(1.0, "s")
        >>> mg.softplus(s).backward()
        >>> print(f"{s.grad:.4f} {mg.sigmoid(1.0):.4f}")
        0.7311 0.7311
    """

    label = "softplus"

    def forward(self, xp, s):
        larger, softened = log_one_plus_exp(xp, s)
        return larger + softened

    def backward(self, xp, delta, y, s):
        return (delta * sigmoid.forward(xp, s),)


class GELU(Activation):
    """Gaussian error linear unit in its tanh form, θ(s) = ½s(1 + tanh(√(2/π)(s + 0.044715s³))).

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.gelu([-1.0, 0.0, 1.0]).round(4))
        [-0.1588  0.      0.8412]
    """

    label = "gelu"
    scale = sqrt(2 / pi)
    cubic = 0.044715

    def forward(self, xp, s):
        return 0.5 * guard(xp, xp.maximum(s, -SATURATED), s) * (1 + self.gate(xp, saturated(xp, s)))

    def backward(self, xp, delta, y, s):
        s = saturated(xp, s)
        gate = self.gate(xp, s)
        inner_slope = self.scale * (1 + 3 * self.cubic * s * s)
        return (delta * 0.5 * (1 + gate + s * (1 - gate * gate) * inner_slope),)

    def gate(self, xp, s):
        """Return tanh(√(2/π)(s + 0.044715s³))."""
        return xp.tanh(self.scale * (s + self.cubic * s * s * s))


class SiLU(Activation):
    """Sigmoid linear unit or swish, θ(s) = s·σ(s).

    Source: Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units for Neural Network Function Approximation, 2018.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.silu([-1.0, 0.0, 1.0]).round(4))
        [-0.2689  0.      0.7311]
    """

    label = "silu"

    def forward(self, xp, s):
        return guard(xp, xp.maximum(s, -SATURATED), s) * sigmoid.forward(xp, s)

    def backward(self, xp, delta, y, s):
        gate = sigmoid.forward(xp, s)
        return (delta * gate * (1 + saturated(xp, s) * (1 - gate)),)


class Softsign(Activation):
    """Softsign, θ(s) = s / (1 + |s|), with θ′ = 1 / (1 + |s|)², saturates more slowly than tanh.

    Source: Bergstra et al., Quadratic Polynomials Learn Better Image Features, 2009.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> s = mg.Parameter(3.0, "s")
        >>> y = mg.softsign(s)
        >>> y.backward()
        >>> print(y.value, s.grad)
        0.75 0.0625
    """

    label = "softsign"
    output_range = (-1.0, 1.0)

    def forward(self, xp, s):
        s = guard(xp, xp.minimum(xp.maximum(s, -LARGE), LARGE), s)
        return s / (1 + xp.abs(s))

    def backward(self, xp, delta, y, s):
        denominator = 1 + xp.abs(s)
        return (delta / (denominator * denominator),)


class HardTanh(Activation):
    """Hard tanh, θ(s) = min(max(s, −1), 1), with derivative 0 at and beyond ±1.

    Args:
        s: Weighted sum, of any shape.

    Returns:
        θ(s), of the shape of s.

    Example:
        >>> print(mg.hard_tanh([-3.0, 0.25, 3.0]))
        [-1.    0.25  1.  ]
    """

    label = "hard_tanh"
    output_range = (-1.0, 1.0)

    def forward(self, xp, s):
        return xp.minimum(xp.maximum(s, -1.0), 1.0)

    def backward(self, xp, delta, y, s):
        return (xp.where(xp.abs(s) < 1, delta, 0.0),)


class LayerActivation(Op):
    """Activation of all weighted sums of a layer together, over the last axis."""

    kind = "activation"
    operands = ("*s",)

    @classmethod
    def samples(cls):
        return tuple(Sample(cls(), (shape,), -3.0, 3.0) for shape in [(1,), (4,), (2, 3)])


class Softmax(LayerActivation):
    """Softmax, θ(s)ₖ = e^sₖ / Σⱼ e^sⱼ over the last axis: positive outputs that sum to 1.

    Args:
        s: Weighted sums of a layer, of shape (…, outputs), or a list of scalar nodes.

    Returns:
        Probabilities, of the shape of s.

    Example:
        >>> print(mg.softmax([1.0, 2.0, 3.0]).round(4))
        [0.09   0.2447 0.6652]
        >>> print(mg.softmax([1001.0, 1002.0, 1003.0]).round(4))  # a common term cancels
        [0.09   0.2447 0.6652]
    """

    label = "softmax"
    output_range = (0.0, 1.0)

    def forward(self, xp, s):
        scaled = xp.exp(s - guard(xp, xp.max(s, axis=-1, keepdims=True), 0.0))
        return scaled / xp.sum(scaled, axis=-1, keepdims=True)

    def backward(self, xp, delta, y, s):
        return (y * (delta - xp.sum(delta * y, axis=-1, keepdims=True)),)


class LogSoftmax(LayerActivation):
    """Logarithm of the softmax, θ(s)ₖ = sₖ − ln Σⱼ e^sⱼ over the last axis.

    It stays finite where the softmax itself rounds to 0.

    Args:
        s: Weighted sums of a layer, of shape (…, outputs), or a list of scalar nodes.

    Returns:
        Logarithms of probabilities, of the shape of s.

    Example:
        >>> print(mg.log_softmax([0.0, 0.0]).round(4))  # ln ½ each
        [-0.6931 -0.6931]
        >>> print(mg.log_softmax([0.0, 1000.0]))
        [-1000.     0.]
    """

    label = "log_softmax"

    def forward(self, xp, s):
        shifted = s - guard(xp, xp.max(s, axis=-1, keepdims=True), 0.0)
        return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))

    def backward(self, xp, delta, y, s):
        return (delta - xp.exp(y) * xp.sum(delta, axis=-1, keepdims=True),)


identity, sigmoid, tanh, relu, leaky_relu, elu = Identity(), Sigmoid(), Tanh(), ReLU(), LeakyReLU(), ELU()
selu, softplus, gelu, silu, softsign, hard_tanh = SELU(), Softplus(), GELU(), SiLU(), Softsign(), HardTanh()
softmax, log_softmax = Softmax(), LogSoftmax()
