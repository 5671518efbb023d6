"""A rule that asks for more than the reading of it can give is refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from minigrad.errors import CompileError


@contextmanager
def guarded(what: str, fails: str = "cannot be recorded") -> Iterator[None]:
    """Says of an error in a rule what was done with it; raises CompileError."""
    try:
        yield
    except (TypeError, AttributeError, ValueError, IndexError) as error:
        raise CompileError(
            f"{what} {fails}",
            found=str(error),
            expected="operators and functions of the array namespace",
            cure="Write the rule with xp, or train with compiled=False.",
        ) from error
