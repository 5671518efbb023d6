"""Comparisons and choices; at a kink the derivative is the one that the op documents."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad._validation import as_number
from minigrad.errors import OpError
from minigrad.ops.base import Binary, Elementwise, N, Operand, Unary


class Comparison(Binary):
    """Op whose result is 1 or 0; it is flat almost everywhere, so no δ passes."""

    kind = "comparison"

    def backward(self, xp, delta, y, a, b):
        return None, None


class Greater(Comparison):
    """Comparison, y = 1 where a > b, else 0; no δ passes. The operator `>` of nodes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        1.0 or 0.0 for each element.

    Example:
        >>> print(mg.greater([1.0, 2.0, 3.0], 2.0))
        [0. 0. 1.]
    """

    label = ">"

    def forward(self, xp, a, b):
        return xp.where(a > b, 1.0, 0.0)


class Less(Comparison):
    """Comparison, y = 1 where a < b, else 0; no δ passes. The operator `<` of nodes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        1.0 or 0.0 for each element.

    Example:
        >>> print(mg.less([1.0, 2.0, 3.0], 2.0))
        [1. 0. 0.]
    """

    label = "<"

    def forward(self, xp, a, b):
        return xp.where(a < b, 1.0, 0.0)


class Equal(Comparison):
    """Comparison, y = 1 where a = b, else 0; no δ passes.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        1.0 or 0.0 for each element.

    Example:
        >>> print(mg.ops.equal([1.0, 2.0, 3.0], 2.0))
        [0. 1. 0.]
    """

    label = "="

    def forward(self, xp, a, b):
        return xp.where(xp.equal(a, b), 1.0, 0.0)


class Sign(Unary):
    """Sign, y = −1, 0 or 1; it is flat almost everywhere, so no δ passes.

    Args:
        x: Operand, of any shape.

    Returns:
        −1, 0 or 1 for each element.

    Example:
        >>> print(mg.sign([-2.0, 0.0, 3.0]))
        [-1.  0.  1.]
    """

    label = "sign"

    def forward(self, xp, x):
        return xp.sign(x)

    def backward(self, xp, delta, y, x):
        return (None,)


class Absolute(Unary):
    """Absolute value, y = |x|, with derivative ±1, and 0 at x = 0.

    Args:
        x: Operand, of any shape.

    Returns:
        |x|, of the shape of x.

    Example:
        >>> x = mg.Parameter([-2.0, 0.0, 3.0], "x")
        >>> mg.sum(mg.abs(x)).backward()
        >>> print(x.grad)
        [-1.  0.  1.]
    """

    label = "abs"

    def forward(self, xp, x):
        return xp.abs(x)

    def backward(self, xp, delta, y, x):
        return (delta * xp.sign(x),)


class Maximum(Binary):
    """Larger of two elements, y = max(a, b); the larger receives δ, and a tie is shared evenly.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        max(a, b) for each element.

    Example:
        >>> a = mg.Parameter([1.0, 2.0, 3.0], "a")
        >>> y = mg.maximum(a, 2.0)
        >>> mg.sum(y).backward()
        >>> print(y.value, a.grad)
        [2. 2. 3.] [0.  0.5 1. ]
    """

    label = "maximum"

    def forward(self, xp, a, b):
        return xp.maximum(a, b)

    def backward(self, xp, delta, y, a, b):
        share = xp.where(a > b, delta, xp.where(a < b, 0.0, delta / 2))
        return share, delta - share


class Minimum(Binary):
    """Smaller of two elements, y = min(a, b); the smaller receives δ, and a tie is shared evenly.

    Args:
        a: First operand: a number, an array or a node.
        b: Second operand; shapes broadcast as in NumPy.

    Returns:
        min(a, b) for each element.

    Example:
        >>> a = mg.Parameter([1.0, 2.0, 3.0], "a")
        >>> y = mg.minimum(a, 2.0)
        >>> mg.sum(y).backward()
        >>> print(y.value, a.grad)
        [1. 2. 2.] [1.  0.5 0. ]
    """

    label = "minimum"

    def forward(self, xp, a, b):
        return xp.minimum(a, b)

    def backward(self, xp, delta, y, a, b):
        share = xp.where(a < b, delta, xp.where(a > b, 0.0, delta / 2))
        return share, delta - share


class Where(Elementwise):
    """Choice, y = a where the condition is not 0, else b; δ goes to the chosen operand only.

    Args:
        condition: A number, an array or a node; every number but 0 counts as true.
        a: Operand taken where the condition holds.
        b: Operand taken elsewhere; the three shapes broadcast as in NumPy.

    Returns:
        a or b for each element.

    Example:
        >>> x = mg.Parameter([-2.0, 3.0], "x")
        >>> y = mg.where(x > 0, x, x / 10)
        >>> mg.sum(y).backward()
        >>> print(y.value, x.grad)
        [-0.2  3. ] [0.1 1. ]
    """

    label = "where"
    operands = ("condition", "a", "b")

    def forward(self, xp, condition, a, b):
        return xp.where(condition, a, b)

    def backward(self, xp, delta, y, condition, a, b):
        return None, xp.where(condition, delta, 0.0), xp.where(condition, 0.0, delta)


@dataclass(frozen=True)
class Clip(Unary):
    """Clipping, y = min(max(x, low), high); δ passes for low ≤ x ≤ high. `clip` applies it in one call.

    Args:
        low: Lower bound.
        high: Upper bound, at least `low`.

    Returns:
        An op that maps x, of any shape, to the clipped values.

    Raises:
        OpError: If `low` is above `high`.

    Example:
        >>> print(mg.Clip(0.0, 1.0)([-0.5, 0.5, 1.5]))
        [0.  0.5 1. ]
    """

    low: float = -1.0
    high: float = 1.0

    label = "clip"

    def __post_init__(self):
        low, high = as_number(self.low, "low"), as_number(self.high, "high")
        if low > high:
            found = f"[{low:g}, {high:g}]"
            raise OpError("the bounds are in the wrong order", node="clip", found=found, expected="low ≤ high")

    def forward(self, xp, x):
        return xp.minimum(xp.maximum(x, self.low), self.high)

    def backward(self, xp, delta, y, x):
        return (xp.where(xp.equal(x, y), delta, 0.0),)


def clip(x: Operand[N], low: float, high: float, name: str | None = None) -> N:
    """Clip x to [low, high], y = min(max(x, low), high); δ passes for low ≤ x ≤ high.

    Args:
        x: A number, an array or a node of any shape.
        low: Lower bound, a number.
        high: Upper bound, a number of at least `low`.
        name: Name of the new node.

    Returns:
        The clipped values, of the shape of x.

    Raises:
        OpError: If `low` is above `high`.

    Example:
        >>> x = mg.Parameter([-2.0, 0.5, 2.0], "x")
        >>> y = mg.clip(x, 0, 1)
        >>> mg.sum(y).backward()
        >>> print(y.value, x.grad)
        [0.  0.5 1. ] [0. 1. 0.]
    """
    return Clip(as_number(low, "low"), as_number(high, "high"))(x, name=name)


greater, less, equal, sign, abs = Greater(), Less(), Equal(), Sign(), Absolute()
maximum, minimum, where = Maximum(), Minimum(), Where()
