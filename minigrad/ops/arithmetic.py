"""Arithmetic: addition, subtraction, multiplication, division, sign change and powers."""

from __future__ import annotations

from minigrad.ops.base import Binary, Unary
from minigrad.ops.guards import guard


class Add(Binary):
    """Sum, y = a + b."""

    label = "+"
    is_sum = True

    def forward(self, xp, a, b):
        return a + b

    def backward(self, xp, delta, y, a, b):
        return delta, delta


class Subtract(Binary):
    """Difference, y = a − b."""

    label = "−"

    def forward(self, xp, a, b):
        return a - b

    def backward(self, xp, delta, y, a, b):
        return delta, -delta


class Multiply(Binary):
    """Product, y = a·b."""

    label = "×"
    is_product = True

    def forward(self, xp, a, b):
        return a * b

    def backward(self, xp, delta, y, a, b):
        return delta * b, delta * a


class Divide(Binary):
    """Quotient, y = a / b; division by 0 gives NumPy's infinities."""

    label = "÷"
    domain = (0.5, 2.0)

    def forward(self, xp, a, b):
        return a / b

    def backward(self, xp, delta, y, a, b):
        return delta / b, -delta * y / b


class Negate(Unary):
    """Sign change, y = −x."""

    label = "neg"

    def forward(self, xp, x):
        return -x

    def backward(self, xp, delta, y, x):
        return (-delta,)


class Power(Binary):
    """Power, y = aᵇ, with ∂y/∂a = b·aᵇ⁻¹ and ∂y/∂b = y·ln a.

    Where a ≤ 0 the power has no derivative by a real exponent: ∂y/∂b is taken as 0 there.
    """

    label = "^"
    domain = (0.5, 2.0)

    def forward(self, xp, a, b):
        return xp.pow(a, b)

    def backward(self, xp, delta, y, a, b):
        base = guard(xp, xp.where(xp.equal(b, 0.0), 1.0, a), a)  # of 0⁻¹
        logarithm = xp.log(xp.where(a > 0, a, 1.0))
        return delta * b * xp.pow(base, b - 1), delta * y * logarithm


add, subtract, multiply, divide, negative, pow = Add(), Subtract(), Multiply(), Divide(), Negate(), Power()
