"""Elementary functions: exponentials, logarithms, the square root and trigonometric functions."""

from __future__ import annotations

from minigrad.ops.base import Unary


class Exponential(Unary):
    """Exponential, y = eˣ."""

    label = "exp"

    def forward(self, xp, x):
        return xp.exp(x)

    def backward(self, xp, delta, y, x):
        return (delta * y,)


class ExponentialMinusOne(Unary):
    """Exponential less one, y = eˣ − 1, exact near 0."""

    label = "expm1"

    def forward(self, xp, x):
        return xp.expm1(x)

    def backward(self, xp, delta, y, x):
        return (delta * (y + 1),)


class Logarithm(Unary):
    """Natural logarithm, y = ln x; −∞ at 0 and nan below, as in NumPy."""

    label = "log"
    domain = (0.5, 3.0)

    def forward(self, xp, x):
        return xp.log(x)

    def backward(self, xp, delta, y, x):
        return (delta / x,)


class LogarithmOfOnePlus(Unary):
    """Logarithm of one more, y = ln(1 + x), exact near 0."""

    label = "log1p"
    domain = (-0.5, 3.0)

    def forward(self, xp, x):
        return xp.log1p(x)

    def backward(self, xp, delta, y, x):
        return (delta / (1 + x),)


class SquareRoot(Unary):
    """Square root, y = √x; its slope at 0 is +∞, as in NumPy."""

    label = "sqrt"
    domain = (0.5, 3.0)

    def forward(self, xp, x):
        return xp.sqrt(x)

    def backward(self, xp, delta, y, x):
        return (delta / (2 * y),)


class Sine(Unary):
    """Sine, y = sin x, x in radians."""

    label = "sin"

    def forward(self, xp, x):
        return xp.sin(x)

    def backward(self, xp, delta, y, x):
        return (delta * xp.cos(x),)


class Cosine(Unary):
    """Cosine, y = cos x, x in radians."""

    label = "cos"

    def forward(self, xp, x):
        return xp.cos(x)

    def backward(self, xp, delta, y, x):
        return (-delta * xp.sin(x),)


class ArcTangent(Unary):
    """Inverse tangent, y = arctan x in (−π/2, π/2) radians."""

    label = "atan"

    def forward(self, xp, x):
        return xp.atan(x)

    def backward(self, xp, delta, y, x):
        return (delta / (1 + x * x),)


exp, expm1, log, log1p = Exponential(), ExponentialMinusOne(), Logarithm(), LogarithmOfOnePlus()
sqrt, sin, cos, atan = SquareRoot(), Sine(), Cosine(), ArcTangent()
