"""Comparisons and choices; at a kink the derivative is the one that the op documents."""

from __future__ import annotations

from dataclasses import dataclass

from minigrad.errors import OpError
from minigrad.ops.base import Binary, Elementwise, N, Operand, Unary


class Comparison(Binary):
    """An op whose result is 1 or 0; it is flat almost everywhere, so no δ passes."""

    kind = "comparison"

    def backward(self, xp, delta, y, a, b):
        return None, None


class Greater(Comparison):
    """Comparison, y = 1 where a > b, else 0."""

    label = ">"

    def forward(self, xp, a, b):
        return xp.where(a > b, 1.0, 0.0)


class Less(Comparison):
    """Comparison, y = 1 where a < b, else 0."""

    label = "<"

    def forward(self, xp, a, b):
        return xp.where(a < b, 1.0, 0.0)


class Equal(Comparison):
    """Comparison, y = 1 where a = b, else 0."""

    label = "="

    def forward(self, xp, a, b):
        return xp.where(xp.equal(a, b), 1.0, 0.0)


class Sign(Unary):
    """Sign, y = −1, 0 or 1; flat almost everywhere, so no δ passes."""

    label = "sign"

    def forward(self, xp, x):
        return xp.sign(x)

    def backward(self, xp, delta, y, x):
        return (None,)


class Absolute(Unary):
    """Absolute value, y = |x|, with derivative 0 at x = 0."""

    label = "abs"

    def forward(self, xp, x):
        return xp.abs(x)

    def backward(self, xp, delta, y, x):
        return (delta * xp.sign(x),)


class Maximum(Binary):
    """The larger of two, y = max(a, b); a tie shares δ evenly."""

    label = "maximum"

    def forward(self, xp, a, b):
        return xp.maximum(a, b)

    def backward(self, xp, delta, y, a, b):
        share = xp.where(a > b, delta, xp.where(a < b, 0.0, delta / 2))
        return share, delta - share


class Minimum(Binary):
    """The smaller of two, y = min(a, b); a tie shares δ evenly."""

    label = "minimum"

    def forward(self, xp, a, b):
        return xp.minimum(a, b)

    def backward(self, xp, delta, y, a, b):
        share = xp.where(a < b, delta, xp.where(a > b, 0.0, delta / 2))
        return share, delta - share


class Where(Elementwise):
    """Choice, y = a where the condition is not 0, else b; δ goes to the chosen side only."""

    label = "where"
    operands = ("condition", "a", "b")

    def forward(self, xp, condition, a, b):
        return xp.where(condition, a, b)

    def backward(self, xp, delta, y, condition, a, b):
        return None, xp.where(condition, delta, 0.0), xp.where(condition, 0.0, delta)


@dataclass(frozen=True)
class Clip(Unary):
    """Clipping, y = min(max(x, low), high); δ passes for low ≤ x ≤ high."""

    low: float = -1.0
    high: float = 1.0

    label = "clip"

    def __post_init__(self):
        if not self.low <= self.high:
            raise OpError(
                "the bounds are the wrong way round", node="clip", found=(self.low, self.high), expected="low ≤ high"
            )

    def forward(self, xp, x):
        return xp.minimum(xp.maximum(x, self.low), self.high)

    def backward(self, xp, delta, y, x):
        return (xp.where(xp.equal(x, y), delta, 0.0),)


def clip(x: Operand[N], low: float, high: float, name: str | None = None) -> N:
    """Clip a node or array to [low, high], y = min(max(x, low), high)."""
    return Clip(float(low), float(high))(x, name=name)


greater, less, equal, sign, abs = Greater(), Less(), Equal(), Sign(), Absolute()
maximum, minimum, where = Maximum(), Minimum(), Where()
