"""Random scalar graphs by size: what a node costs here, and with the peers."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import NamedTuple

from tests.benchmarks.parts.random_graphs import NODE_BY_NODE, TAPES, WIDTH, Cost, Program, bytes_per_node, deep, wide
from tests.benchmarks.parts.report import Curves, Report, Table, goal_cells, mark
from tests.benchmarks.parts.timing import Effort, Goal, frozen_heap, make_steps, number, ratio

OWN = ("minigrad", "minigrad, compiled")
FAST_PEERS = ("micrograd", "PyTorch", "CasADi")
"""The peers that take the largest graph in less than a minute."""
KINDS = {"deep": deep, "wide": wide}
ABOUT = {
    "deep": "A node reads recent ones: a level for every 18 nodes.",
    "wide": f"Layers of {WIDTH} nodes that read the layer before.",
}
ROUNDS, TOTAL_NODES = 7, 300_000
"""How often a graph is measured, and for how many nodes in all: large ones less often, but twice."""
STACK_BYTES = 1 << 29
"""micrograd sorts its graph recursively: its thread gets a stack of this size."""
TOLERANCE = 1e-6
"""How far gradients may differ: rounding errors grow on their way through hundreds of levels."""
LINEAR = Goal("≤", 2)
"""How much more a node may cost in the largest graph, which no cache holds, than in one of a hundredth of its size."""
EAGER = Goal("≤", 1.2)
"""µs a node, node by node, in a graph of 100,000."""
LARGEST_WEIGHED = 100_000
"""Nodes of the largest graph that is weighed: to follow every allocation takes its time."""


class Measured(NamedTuple):
    """The costs of each library, round by round, on a graph of so many nodes."""

    nodes: int
    costs: dict[str, list[Cost]]
    unavailable: dict[str, str]
    bytes_each: float | None

    def each(self, name: str, part: str) -> float:
        """Seconds a node, the median over the rounds."""
        return median(column(self.costs[name], part)) / self.nodes


Results = Mapping[str, Mapping[int, Measured]]
"""By kind of graph and by size."""


def column(costs: Iterable[Cost], part: str) -> list[float]:
    return [getattr(cost, part) for cost in costs]


def report(effort: Effort) -> Report:
    results = measure_all(effort)
    return Report(tables(results), {"scalars": curves(results)})


def measure_all(effort: Effort) -> Results:
    """All sizes of all kinds, in a thread whose stack is large enough for recursion."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10 * max(effort.nodes) + 1_000)
    size = threading.stack_size(STACK_BYTES)
    try:
        with ThreadPoolExecutor(1) as worker:
            return worker.submit(every_size, effort).result()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)


def every_size(effort: Effort) -> Results:
    """All sizes of all kinds; of the largest only minigrad, and if it is deep the fast peers once."""
    results: dict[str, dict[int, Measured]] = {kind: {} for kind in KINDS}
    for kind, make in KINDS.items():
        for size in effort.nodes:
            program = make(size)
            largest = size == max(effort.nodes)
            names = OWN if largest else (*NODE_BY_NODE, *TAPES)
            rounds = max(2, min(effort.rounds, ROUNDS, TOTAL_NODES // size))
            measured = measure(program, names, rounds, effort.seconds)
            if largest and kind == "deep":
                measured.costs.update(measure(program, FAST_PEERS, 1, effort.seconds).costs)
            if not largest:
                check_gradients(measured.costs)
            results[kind][size] = measured
    return results


def measure(program: Program, names: Iterable[str], rounds: int, seconds: float) -> Measured:
    """What each library needs in each round, one after the other."""
    with frozen_heap():
        steps, unavailable = make_steps({name: partial(runner_of, name, program, seconds) for name in names})
    costs: dict[str, list[Cost]] = {name: [] for name in steps}
    with frozen_heap():
        for _ in range(rounds):
            for name, run in steps.items():
                gc.collect()  # what one library left behind is not charged to the next
                costs[name].append(run())
    steps.clear()
    return Measured(
        len(program), costs, unavailable, bytes_per_node(program) if len(program) <= LARGEST_WEIGHED else None
    )


def runner_of(name: str, program: Program, seconds: float) -> Callable[[], Cost]:
    """Return a function that measures the cost once; the package is loaded here."""
    if name in TAPES:
        return partial(TAPES[name](program).cost, seconds)
    NODE_BY_NODE[name](deep(100))
    return partial(NODE_BY_NODE[name], program)


def check_gradients(costs_of: Mapping[str, list[Cost]]) -> None:
    """Raise AssertionError unless all computed the same gradient."""
    gradients = {name: costs[-1].gradient for name, costs in costs_of.items()}
    own = gradients["minigrad"]
    for name, gradient in gradients.items():
        assert abs(gradient - own) <= TOLERANCE * max(1.0, abs(own)), f"{name} found {gradient}, minigrad {own}"


def tables(results: Results) -> Iterator[Table]:
    yield by_size(results)
    for kind in KINDS:
        yield by_library(kind, [*results[kind].values()][-2])


def by_size(results: Results) -> Table:
    """What a node costs in graphs of three sizes, and whether that is the same in all."""
    sizes = list(results["deep"])[-3:]
    rows = [
        cells(results, sizes, "build, µs", "deep", "minigrad", "build", 1e6, EAGER),
        cells(results, sizes, "backward, µs", "deep", "minigrad", "passes", 1e6, EAGER),
    ]
    for kind in KINDS:
        name = f"compiled, {kind}: "
        rows += [
            cells(results, sizes, f"{name}forward + backward, ns", kind, OWN[1], "passes", 1e9, None),
            cells(results, sizes, f"{name}compiling, once, µs", kind, OWN[1], "preparation", 1e6, None),
        ]
    weights = [results["deep"][size].bytes_each for size in sizes]
    heaviest = max(weight for weight in weights if weight is not None)
    written = ["" if weight is None else number(weight) for weight in weights]
    rows.append(("bytes", *written, "", *goal_cells(Goal("≤", 300), heaviest)))
    return Table(
        "A node of a random scalar graph",
        f"float64. Goals are those of {sizes[1]:,} nodes; the cost is linear where the last is {LINEAR} × the first.",
        ("a node", *(f"of {size:,}" for size in sizes), "last : first", "goal", ""),
        rows,
    )


def cells(
    results: Results, sizes: list[int], title: str, kind: str, name: str, part: str, scale: float, goal: Goal | None
) -> tuple[str, ...]:
    """One row: a cost a node by size, the ratio of last and first, and whether that in the middle reaches its goal."""
    each = [results[kind][size].each(name, part) * scale for size in sizes]
    growth = each[-1] / each[0]
    return (title, *map(number, each), f"{number(growth)}{mark(LINEAR, growth)}", *goal_cells(goal, each[1]))


def by_library(kind: str, measured: Measured) -> Table:
    """What each library needs for one graph."""
    eager, compiled = (measured.costs[name] for name in OWN)
    rows: list[tuple[str, ...]] = []
    for name in (*NODE_BY_NODE, *TAPES):
        if name in measured.unavailable:
            rows.append((name, measured.unavailable[name], "", "", "", ""))
            continue
        each = [measured.each(name, part) * 1e6 for part in ("build", "preparation", "passes")]
        shares = [
            "" if costs is measured.costs[name] else str(ratio(column(costs, part), column(measured.costs[name], part)))
            for costs, part in ((eager, "first"), (compiled, "again"))
        ]
        rows.append((name, *(number(value) if value else "" for value in each), *shares))
    return Table(
        f"{measured.nodes:,} nodes, {kind}",
        ABOUT[kind],
        ("µs a node", "build", "prepare", "pass", "first gradient", "one more"),
        rows,
    )


def curves(results: Results) -> Curves:
    """Seconds a node for one gradient more, by the size of the graph."""
    lines: Curves = {}
    for size, measured in results["deep"].items():
        for name in measured.costs:
            lines.setdefault(name, {})[size] = measured.each(name, "again")
    own = {"minigrad, node by node": lines.pop(OWN[0]), "minigrad, compiled": lines.pop(OWN[1])}
    wide_too = {size: measured.each(OWN[1], "again") for size, measured in results["wide"].items()}
    return own | {"minigrad, compiled, wide": wide_too} | lines
