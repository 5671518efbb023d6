"""The benchmark's graph is what it says, and every library that is installed finds the same gradient."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

import pytest

import minigrad as mg
from tests.benchmarks import eager


@pytest.fixture
def deep_recursion() -> Iterator[None]:
    """micrograd sorts recursively."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(limit)


def test_every_instruction_has_an_influence_on_the_root() -> None:
    values, program = eager.random_graph(2_000)
    root = eager.grow([mg.Parameter(value) for value in values], program, mg.tanh)
    assert len(mg.Graph(root)) == len(values) + len(program) == 2_000
    assert eager.random_graph(2_000) == (values, program)


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize("peer", [name for name in eager.RUNNERS if name not in ("minigrad", "compiled")])
def test_peers_find_the_same_gradient(peer: str) -> None:
    if importlib.util.find_spec(peer) is None:
        pytest.skip(f"{peer} is not installed: pip install minigrad-bp[bench]")
    graph = eager.random_graph(500)
    assert eager.RUNNERS[peer](*graph).gradient == pytest.approx(eager.with_minigrad(*graph).gradient, rel=1e-9)


def test_the_compiled_form_finds_the_same_gradient() -> None:
    graph = eager.random_graph(500)
    assert eager.with_compiled(*graph).gradient == pytest.approx(eager.with_minigrad(*graph).gradient, rel=1e-9)


def test_the_benchmark_prints_its_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eager, "RUNNERS", {"minigrad": eager.with_minigrad, "no such library": eager.with_torch})
    eager.measure(200, 1)
    printed = capsys.readouterr().out
    assert "minigrad" in printed
    assert "not installed: pip install" in printed
    assert "bytes a node" in printed
