"""Name scopes: what stands in front of the names given inside."""

from __future__ import annotations

import pytest

import minigrad as mg
from minigrad.core.names import scope, scoped
from minigrad.errors import OperandError


def test_scopes_are_nested_and_end() -> None:
    with scope("encoder"):
        with scope("first"):
            assert scoped("w") == "encoder/first/w"
        assert mg.Parameter(0.0, "b").name == "encoder/b"
    assert scoped("w") == "w"


def test_a_scope_ends_after_an_error_too() -> None:
    with pytest.raises(RuntimeError), scope("broken"):
        raise RuntimeError
    assert scoped("w") == "w"


def test_a_node_without_a_name_stays_without() -> None:
    with scope("layer"):
        assert scoped(None) is None
        assert scoped("") == ""


def test_a_name_is_text() -> None:
    with pytest.raises(OperandError, match="expected a string"):
        scoped(3)
