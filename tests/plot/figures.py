"""A network, its data, and what is read from a figure; a mark for tests that need Matplotlib."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad as mg

needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None,
    reason="matplotlib is not installed: pip install '.[plot]'",
)

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([0, 1, 1, 0])


def network(outputs: int = 1) -> mg.Network:
    return mg.Network(*mg.mlp([2, 3, outputs], rng=0))


def record(**columns: list[float]) -> SimpleNamespace:
    return SimpleNamespace(columns=columns)


def texts(panel) -> list[str]:
    return [text.get_text() for text in panel.texts]


def drawn(figure) -> bytes:
    """The figure as a picture; a warning while it is laid out is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return figure._repr_png_()
