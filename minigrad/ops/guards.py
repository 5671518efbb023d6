"""Guards against overflow and division by zero, which a formula written for people leaves out."""

from __future__ import annotations

from typing import Any

exact_namespaces: set[Any] = set()
"""The array namespaces whose numbers are neither rounded nor bounded: formulas to be read."""


def guard(xp: Any, safe: Any, exact: Any) -> Any:
    """Return `safe`, or `exact` in a namespace without rounding, such as s in place of max(s, −700).

    The rule must give the same result with both but for rounding and overflow.
    """
    return exact if xp in exact_namespaces else safe
