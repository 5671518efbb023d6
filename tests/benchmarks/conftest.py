"""What the tests of the benchmarks have in common."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let more than one thread be at work: unlike that of a benchmark, the process of the tests is not pinned."""
    monkeypatch.setattr("tests.benchmarks.parts.timing.check_seconds", lambda wall, processor: None)
