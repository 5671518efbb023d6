"""Errors read: what happened, at which node; found …, expected …. How to mend it."""

from __future__ import annotations

import errno
import inspect
import pickle

import pytest

import minigrad as mg
from minigrad import errors
from minigrad.errors import MinigradError, MinigradWarning, ShapeError


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "it broke."),
        ({"node": "parameter w"}, "parameter w: it broke."),
        ({"found": 2, "expected": 3}, "it broke; found 2, expected 3."),
        ({"found": 0}, "it broke; found 0."),
        ({"expected": "one size"}, "it broke; expected one size."),
        ({"cure": "Mend it."}, "it broke. Mend it."),
        (
            {"node": "w", "found": (2,), "expected": (3,), "cure": "Mend it."},
            "w: it broke; found (2,), expected (3,). Mend it.",
        ),
    ],
)
def test_a_message_is_made_of_its_parts(parts: dict[str, object], message: str) -> None:
    error = MinigradError("it broke", **parts)  # type: ignore[arg-type]
    assert str(error) == message
    assert error.what == "it broke"
    for part in ("node", "found", "expected", "cure"):
        assert getattr(error, part) == parts.get(part)


def test_every_error_is_a_minigrad_error_with_a_docstring() -> None:
    children = [
        thing for _, thing in inspect.getmembers(errors, inspect.isclass) if thing.__module__ == errors.__name__
    ]
    assert len(children) > 5
    for child in children:
        assert issubclass(child, (MinigradError, MinigradWarning))
        assert child.__doc__


def test_errors_are_also_the_builtin_errors_that_python_users_catch() -> None:
    with pytest.raises(ValueError, match="it broke"):
        raise ShapeError("it broke")
    assert issubclass(errors.OperandError, TypeError)
    assert issubclass(errors.PassError, RuntimeError)


def test_a_copy_of_a_file_error_keeps_the_number_of_the_error_behind_it() -> None:
    with pytest.raises(mg.errors.FileError) as caught:
        mg.Network.load("no such file.npz")
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (str(twin), twin.errno) == (str(caught.value), errno.ENOENT)
