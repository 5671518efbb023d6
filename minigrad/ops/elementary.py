"""Elementary functions: exponentials, logarithms, the square root and trigonometric functions."""

from __future__ import annotations

from minigrad.ops.base import Unary


class Exponential(Unary):
    """Exponential, y = eˣ, its own derivative.

    Args:
        x: Operand, of any shape.

    Returns:
        eˣ, of the shape of x.

    Example:
        >>> x = mg.Parameter(1.0, "x")
        >>> y = mg.exp(x)
        >>> y.backward()
        >>> print(f"{y.value:.4f} {x.grad:.4f}")
        2.7183 2.7183
    """

    label = "exp"

    def forward(self, xp, x):
        return xp.exp(x)

    def backward(self, xp, delta, y, x):
        return (delta * y,)


class ExponentialMinusOne(Unary):
    """Exponential minus one, y = eˣ − 1, accurate near 0.

    Args:
        x: Operand, of any shape.

    Returns:
        eˣ − 1, of the shape of x.

    Example:
        >>> print(f"{mg.expm1(1e-20):g} {mg.exp(1e-20) - 1:g}")
        1e-20 0
    """

    label = "expm1"

    def forward(self, xp, x):
        return xp.expm1(x)

    def backward(self, xp, delta, y, x):
        return (delta * (y + 1),)


class Logarithm(Unary):
    """Natural logarithm, y = ln x, with dy/dx = 1/x; −∞ at 0 and nan below, as in NumPy.

    Args:
        x: Operand, of any shape.

    Returns:
        ln x, of the shape of x.

    Example:
        >>> x = mg.Parameter(4.0, "x")
        >>> mg.log(x).backward()
        >>> print(x.grad)
        0.25
    """

    label = "log"
    domain = (0.5, 3.0)

    def forward(self, xp, x):
        return xp.log(x)

    def backward(self, xp, delta, y, x):
        return (delta / x,)


class LogarithmOfOnePlus(Unary):
    """Natural logarithm of one plus x, y = ln(1 + x), accurate near 0.

    Args:
        x: Operand, of any shape.

    Returns:
        ln(1 + x), of the shape of x.

    Example:
        >>> print(f"{mg.log1p(1e-20):g} {mg.log(1 + 1e-20):g}")
        1e-20 0
    """

    label = "log1p"
    domain = (-0.5, 3.0)

    def forward(self, xp, x):
        return xp.log1p(x)

    def backward(self, xp, delta, y, x):
        return (delta / (1 + x),)


class SquareRoot(Unary):
    """Square root, y = √x, with dy/dx = 1 / (2√x), which is +∞ at 0 as in NumPy.

    Args:
        x: Operand, of any shape.

    Returns:
        √x, of the shape of x.

    Example:
        >>> x = mg.Parameter(9.0, "x")
        >>> y = mg.sqrt(x)
        >>> y.backward()
        >>> print(y.value, f"{x.grad:.4f}")
        3.0 0.1667
    """

    label = "sqrt"
    domain = (0.5, 3.0)

    def forward(self, xp, x):
        return xp.sqrt(x)

    def backward(self, xp, delta, y, x):
        return (delta / (2 * y),)


class Sine(Unary):
    """Sine, y = sin x, with dy/dx = cos x.

    Args:
        x: Angle in radians, of any shape.

    Returns:
        sin x, of the shape of x.

    Example:
        >>> x = mg.Parameter(0.0, "x")
        >>> y = mg.sin(x)
        >>> y.backward()
        >>> print(y.value, x.grad)
        0.0 1.0
    """

    label = "sin"

    def forward(self, xp, x):
        return xp.sin(x)

    def backward(self, xp, delta, y, x):
        return (delta * xp.cos(x),)


class Cosine(Unary):
    """Cosine, y = cos x, with dy/dx = −sin x.

    Args:
        x: Angle in radians, of any shape.

    Returns:
        cos x, of the shape of x.

    Example:
        >>> x = mg.Parameter(np.pi / 2, "x")
        >>> mg.cos(x).backward()
        >>> print(x.grad)
        -1.0
    """

    label = "cos"

    def forward(self, xp, x):
        return xp.cos(x)

    def backward(self, xp, delta, y, x):
        return (-delta * xp.sin(x),)


class ArcTangent(Unary):
    """Inverse tangent, y = arctan x in (−π/2, π/2), with dy/dx = 1 / (1 + x²).

    Args:
        x: Operand, of any shape.

    Returns:
        Angle in radians, of the shape of x.

    Example:
        >>> x = mg.Parameter(1.0, "x")
        >>> y = mg.atan(x)
        >>> y.backward()
        >>> print(f"{y.value / np.pi:.4f}π {x.grad}")
        0.2500π 0.5
    """

    label = "atan"

    def forward(self, xp, x):
        return xp.atan(x)

    def backward(self, xp, delta, y, x):
        return (delta / (1 + x * x),)


exp, expm1, log, log1p = Exponential(), ExponentialMinusOne(), Logarithm(), LogarithmOfOnePlus()
sqrt, sin, cos, atan = SquareRoot(), Sine(), Cosine(), ArcTangent()
