"""Arithmetic: addition, subtraction, multiplication, division, sign change and powers."""

from __future__ import annotations

import numpy as np

from minigrad.ops.base import Binary, Namespace, Unary, Value
from minigrad.ops.guards import guard


class Add(Binary):
    """Sum, y = a + b, with ∂y/∂a = ∂y/∂b = 1; the operator `+` of nodes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        a + b: a node where an operand is one, else a number or an array.

    Example:
        >>> a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
        >>> mg.add(a, b).backward()
        >>> print(a.grad, b.grad)
        1.0 1.0
        >>> a = mg.Parameter(2.0, "a")
        >>> mg.add(a, a).backward()  # both uses count
        >>> print(a.grad)
        2.0
    """

    label = "+"
    is_sum = True

    def forward(self, xp, a, b):
        return a + b

    def backward(self, xp, delta, y, a, b):
        return delta, delta


class Subtract(Binary):
    """Difference, y = a − b, with ∂y/∂a = 1 and ∂y/∂b = −1; the operator `-` of nodes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        a − b: a node where an operand is one, else a number or an array.

    Example:
        >>> a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
        >>> mg.subtract(a, b).backward()
        >>> print(a.grad, b.grad)
        1.0 -1.0
    """

    label = "−"

    def forward(self, xp, a, b):
        return a - b

    def backward(self, xp, delta, y, a, b):
        return delta, -delta


class Multiply(Binary):
    """Product of elements, y = a·b, with ∂y/∂a = b and ∂y/∂b = a; the operator `*` of nodes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        a·b: a node where an operand is one, else a number or an array.

    Example:
        >>> a, b = mg.Parameter(2.0, "a"), mg.Parameter([3.0, 4.0], "b")
        >>> mg.sum(mg.multiply(a, b)).backward()
        >>> print(a.grad, b.grad)  # a takes part in both elements
        7.0 [2. 2.]
    """

    label = "×"
    is_product = True

    def forward(self, xp, a, b):
        return a * b

    def backward(self, xp, delta, y, a, b):
        return delta * b, delta * a


class Dropout(Multiply):
    """Product of x and a mask, y = x·m; `minigrad.dropout` makes it."""

    label = "dropout"
    operands = ("x", "mask")
    is_product = False


class Divide(Binary):
    """Quotient, y = a / b, with ∂y/∂a = 1/b and ∂y/∂b = −y/b; the operator `/` of nodes.

    Division by 0 gives NumPy's infinities.

    Args:
        a: Numerator: a number, an array or a node.
        b: Denominator; shapes broadcast as in NumPy.

    Returns:
        a / b: a node where an operand is one, else a number or an array.

    Example:
        >>> a, b = mg.Parameter(6.0, "a"), mg.Parameter(2.0, "b")
        >>> mg.divide(a, b).backward()
        >>> print(a.grad, b.grad)
        0.5 -1.5
    """

    label = "÷"
    domain = (0.5, 2.0)

    def forward(self, xp, a, b):
        return a / b

    def backward(self, xp, delta, y, a, b):
        return delta / b, -delta * y / b


class Negate(Unary):
    """Sign change, y = −x.

    Args:
        x: Operand, of any shape.

    Returns:
        −x, of the shape of x.

    Example:
        >>> print(mg.ops.negative([1.0, -2.0]))
        [-1.  2.]
    """

    label = "neg"

    def forward(self, xp, x):
        return -x

    def backward(self, xp, delta, y, x):
        return (-delta,)


class Power(Binary):
    """Power, y = aᵇ, with ∂y/∂a = b·aᵇ⁻¹ and ∂y/∂b = y·ln a; the operator `**` of nodes.

    Where a ≤ 0 the power has no derivative by a real exponent: ∂y/∂b is taken as 0 there.

    Args:
        a: Base: a number, an array or a node.
        b: Exponent; shapes broadcast as in NumPy.

    Returns:
        aᵇ: a node where an operand is one, else a number or an array.

    Example:
        >>> a = mg.Parameter(3.0, "a")
        >>> y = mg.pow(a, 2)
        >>> y.backward()
        >>> print(y.value, a.grad)
        9.0 6.0
    """

    label = "^"
    domain = (0.5, 2.0)

    def forward(self, xp, a, b):
        return power(xp, a, b)

    def backward(self, xp, delta, y, a, b):
        base = guard(xp, xp.where(xp.equal(b, 0.0), 1.0, a), a)  # of 0⁻¹
        logarithm = xp.log(guard(xp, xp.where(a > 0, a, 1.0), a))
        slope = xp.where(a > 0, y * logarithm, 0.0)  # y is ∞ at 0⁻¹
        return delta * b * power(xp, base, b - 1), delta * slope


def power(xp: Namespace, a: Value, b: Value) -> Value:
    """Return aᵇ; for b = ½ that is ∞ at −∞ and 0 at −0, where NumPy takes a square root: nan and −0."""
    y, is_root = xp.pow(a, b), b == 0.5
    if is_root is False or is_root is np.False_:  # or a symbol, of which the namespace takes care
        return y
    return xp.where(is_root, xp.where(xp.equal(a, -np.inf), np.inf, y + 0.0), y)


add, subtract, multiply, divide, negative, pow = Add(), Subtract(), Multiply(), Divide(), Negate(), Power()
