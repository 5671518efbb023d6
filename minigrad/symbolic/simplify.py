"""The plainest writing of a formula: without the choices that a rule makes only for the sake of rounding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import isfinite, prod

import numpy as np

from minigrad._toposort import topological_order
from minigrad.ops.base import Value
from minigrad.symbolic import namespace
from minigrad.symbolic.expression import Call, Formula, Number, Symbol, called, evaluate

CHOICES = frozenset({"where", "maximum", "minimum"})
MOST_PARTS = 200
MOST_WRITINGS = 128
POINTS = 512
ENOUGH = 64
"""Points at which two writings must both be finite before their agreement means anything."""
UNIT = np.arange(POINTS) % 4 == 0
"""Points at which every symbol is 1 or −1."""

Points = Mapping[Symbol, np.ndarray]


def plain(formula: Formula) -> Formula:
    """The shortest formula of the same value in which every choice may be replaced by one of its sides, or by 0.

    A rule takes the largest sᵢ from every s before e^s, lest it overflow; a textbook does not. Whether two writings
    agree is tried at many points, zeros and ties among them; a point where one of them is not finite is no witness,
    unless all symbols are 1 or −1: nothing overflows there, so a guard that matters there, as that of ln a, stays.
    """
    parts = topological_order([formula])
    choices = [part for part in parts if isinstance(part, Call) and part.function in CHOICES]
    sides = [(choice, *choice.operands[choice.function == "where" :], Number(0.0)) for choice in choices]
    if not choices or len(parts) > MOST_PARTS or prod(map(len, sides)) > MOST_WRITINGS:
        return formula
    points = sample_points(parts)
    writings = [rewritten(formula, dict(zip(choices, chosen, strict=True))) for chosen in product(*sides)]
    with np.errstate(all="ignore"):
        expected = evaluate(formula, points)
        alike = [writing for writing in writings if agree(evaluate(writing, points), expected)]
    return min(alike, key=length, default=formula)


def rewritten(formula: Formula, replaced: Mapping[Formula, Formula]) -> Formula:
    """The formula read with the namespace of formulas, so that it is simplified anew, some parts replaced by others.

    What replaces a part is an operand of it, or no part of the formula at all.
    """
    found: dict[Formula, Formula] = {}
    for part in topological_order([formula]):
        other = replaced.get(part, part)
        if other is not part:
            found[part] = found.get(other, other)
        elif isinstance(part, Call):
            found[part] = called(namespace, part.function, [found[operand] for operand in part.operands])
        else:
            found[part] = part
    return found[formula]


def sample_points(parts: Sequence[Formula]) -> Points:
    """Values for the symbols among some parts: half of them −1, 0 or 1, so that many are equal, half of all sizes.

    These reach from 1/100 to 10,000 times the numbers that stand in the formula, so that no threshold lies beyond them.
    """
    rng = np.random.default_rng(0)
    symbols = [part for part in parts if isinstance(part, Symbol)]
    scales = [1.0, *(abs(part.value) for part in parts if isinstance(part, Number) and isfinite(part.value))]
    shape = (len(symbols), POINTS)
    wide = rng.choice([-1.0, 1.0], shape) * rng.choice(scales, shape) * 10 ** rng.uniform(-2, 4, shape)
    small = np.where(UNIT, rng.choice([-1.0, 1.0], shape), rng.choice([-1.0, 0.0, 1.0], shape))
    return dict(zip(symbols, np.where(np.arange(POINTS) % 2, wide, small), strict=True))


def agree(found: Value, expected: Value) -> bool:
    """Whether two writings have the same value wherever both have one, and the first at every unit point."""
    one, other = (np.broadcast_to(value, (POINTS,)) for value in (found, expected))
    both = np.isfinite(one) & np.isfinite(other)
    missing = np.isfinite(other) & ~both & UNIT
    enough = both.sum() >= ENOUGH and not missing.any()
    return bool(enough and np.allclose(one[both], other[both], rtol=1e-9, atol=1e-12))


def length(formula: Formula) -> int:
    """How many parts a formula has."""
    return len(topological_order([formula]))
