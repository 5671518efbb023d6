"""How nodes are named and how values are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from minigrad.errors import OperandError
from minigrad.ops.op import Value

_scope: ContextVar[str] = ContextVar("scope", default="")


def scoped(name: str | None) -> str | None:
    """The name behind the name scopes in force."""
    if name is None:
        return None
    if not isinstance(name, str):
        raise OperandError("a name that is not text", found=repr(name), expected="a string")
    return name and _scope.get() + name


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Puts `name/` in front of every name given inside, so that layers can use the same short names."""
    token = _scope.set(f"{_scope.get()}{name}/")
    try:
        yield
    finally:
        _scope.reset(token)


def listed(nodes: Sequence[Any], most: int = 8) -> str:
    """The labels of some nodes, the middle left out where there are many."""
    labels = [node.label for node in (nodes if len(nodes) <= most else nodes[: most - 1])]
    return ", ".join(labels if len(nodes) <= most else [*labels, "…", nodes[-1].label])


def shown(value: Value, digits: int = 4) -> str:
    """A value for people: 4 significant digits, "—" before a pass, an array by its shape."""
    if value is None:
        return "—"
    return f"{value:.{digits}g}" if np.ndim(value) == 0 else f"array{np.shape(value)}"
