"""Fixtures for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from minigrad import compiler
from minigrad.drawing.views import registry as views
from minigrad.ops import base as ops

REGISTRIES: tuple[dict[str, Any], ...] = (ops.registry, views.VIEWS, compiler.ENGINES)


@pytest.fixture
def restored_registries() -> Iterator[None]:
    """Forget the ops, views and engines that a test, or a page of the docs, registers."""
    copies = [dict(registry) for registry in REGISTRIES]
    yield
    for registry, copy in zip(REGISTRIES, copies, strict=True):
        registry.clear()
        registry.update(copy)
