"""Name scopes, which stand in front of the names of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from minigrad._format import describe_value
from minigrad._validation import check_text
from minigrad.errors import OperandError

DERIVATIVE = "δ"
"""How the names of nodes that are derivatives begin."""
_scope: ContextVar[str] = ContextVar("scope", default="")


def scoped(name: str | None) -> str | None:
    """Return the name behind the name scopes in force."""
    if name is None:
        return None
    if type(name) is not str:
        check_name(name)
    return name and _scope.get() + name


def check_name(name: Any) -> None:
    """Raise OperandError unless a name is text or None."""
    if not (name is None or isinstance(name, str)):
        raise OperandError("a name that is not text", found=describe_value(name), expected="a string")


def is_of_derivative(name: str | None) -> bool:
    """Return whether a name, in whatever scope, is that of a derivative."""
    return any(part.startswith(DERIVATIVE) for part in (name or "").split("/"))


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Put `name/` in front of the names of all nodes made inside a `with` block, so that parts can use the same names.

    Args:
        name: The text before the slash; scopes may be nested.

    Raises:
        SettingError: If the name is not text.

    Example:
        >>> import minigrad as mg
        >>> with mg.scope("encoder"):
        ...     w = mg.Parameter(0.1, "w")
        >>> w.name
        'encoder/w'
    """
    check_text(name, "name")
    token = _scope.set(f"{_scope.get()}{name}/")
    try:
        yield
    finally:
        _scope.reset(token)
