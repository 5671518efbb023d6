"""The random graphs are what they say, every library finds the same gradient, and the tables tell of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

import minigrad as mg
from tests.benchmarks.parts import scalars
from tests.benchmarks.parts.random_graphs import (
    NODE_BY_NODE,
    TAPES,
    Cost,
    Program,
    bytes_per_node,
    deep,
    evaluate,
    wide,
)
from tests.benchmarks.test_timing import EFFORT

PACKAGES = {
    "micrograd": "micrograd",
    "PyTorch": "torch",
    "autograd": "autograd",
    "MyGrad": "mygrad",
    "CasADi": "casadi",
}
PROGRAMS = {"deep": deep(500), "wide": wide(500, width=40)}


@pytest.fixture
def deep_recursion() -> Iterator[None]:
    """micrograd sorts recursively."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_every_instruction_has_an_influence_on_the_root(program: Program):
    root = evaluate([mg.Parameter(value) for value in program.leaves], program, mg.tanh)
    assert len(mg.Graph(root)) == len(program) == len(program.leaves) + len(program.instructions)


def test_sizes_and_seeds():
    assert len(deep(2_000)) == 2_000
    assert 1_400 < len(wide(2_000)) <= 2_000
    assert deep(500).instructions == PROGRAMS["deep"].instructions != deep(500, seed=1).instructions


def levels(program: Program) -> int:
    """Nodes on the longest way."""
    level = [0] * len(program.leaves)
    for _, first, second in program.instructions:
        level.append(1 + max(level[first], level[second]))
    return max(level)


def test_one_kind_is_deep_and_the_other_wide():
    assert levels(deep(5_000)) > 200
    assert levels(wide(5_000)) < 30


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("name", [*NODE_BY_NODE, *TAPES])
def test_every_library_finds_the_same_gradient(name: str, program: Program):
    if package := PACKAGES.get(name):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install '.[bench]'")
    cost = scalars.runner_of(name, program, 0.0)()
    assert cost.gradient == pytest.approx(NODE_BY_NODE["minigrad"](program).gradient, rel=1e-9)
    assert 0 < cost.passes <= cost.again
    assert cost.build < cost.first


def test_another_gradient_is_noticed():
    own, other = [Cost(1.0, 1.0, 2.0)], [Cost(1.0, 1.0, 2.1)]
    scalars.check_gradients({"minigrad": own, "peer": own})
    with pytest.raises(AssertionError, match=r"peer found 2\.1, minigrad 2"):
        scalars.check_gradients({"minigrad": own, "peer": other})


def test_bytes_per_node_are_those_of_small_objects():
    assert 50 < bytes_per_node(PROGRAMS["deep"]) < 1_000


@pytest.mark.slow
def test_tables_and_curves():
    report = scalars.report(EFFORT._replace(nodes=(400, 800, 1_000)))
    by_size, by_library, _ = report.tables
    assert by_size.head == ("a node", "of 400", "of 800", "of 1,000", "last : first", "goal", "")
    assert [row[0] for row in by_size.rows][:2] == ["build, µs", "backward, µs"]
    assert [row[0] for row in by_library.rows] == [*NODE_BY_NODE, *TAPES]
    own = report.panels["scalars"]["minigrad, node by node"]
    assert list(own) == [400, 800, 1_000]
    assert all(0 < seconds < 1 for seconds in own.values())
