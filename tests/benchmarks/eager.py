"""The same random scalar graph, built and back-propagated node by node, here and in the peers.

    python -m tests.benchmarks.eager [--short] [--nodes N] [--rounds N]

Each round runs every library once, in turn; the table shows the median over the rounds. The garbage collector stays
on. CasADi builds symbols and differentiates them into a compiled tape, so its columns are the symbolic build, and one
evaluation of value and gradient; the time to make that tape stands below the table.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import math
import random
import statistics
import sys
import threading
import tracemalloc
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import minigrad

LEAVES = 32
RECENT = 100
BOUND = 4.0
STACK_BYTES = 1 << 29
"""micrograd sorts its graph recursively: its thread gets a stack of this size."""


class Instruction(NamedTuple):
    """One node of the graph: what it computes, of which earlier nodes."""

    op: str
    first: int
    second: int


class Cost(NamedTuple):
    """Seconds that building, δ and any preparation in between took, and the sum of the gradients, to compare."""

    build: float
    backward: float
    preparation: float
    gradient: float


Runner = Callable[[Sequence[float], Sequence[Instruction]], Cost]


def random_graph(size: int, seed: int = 0) -> tuple[list[float], list[Instruction]]:
    """Values of the leaves, and instructions of which every one has an influence on the last.

    A node reads one that nothing has read yet, and another that is recent or, one time in five, of any age. What could
    grow beyond BOUND becomes a tanh.
    """
    rng = random.Random(seed)
    bounds = [1.0] * LEAVES
    unread = list(range(LEAVES))
    program: list[Instruction] = []
    while len(bounds) <= size - LEAVES:
        first = unread.pop(rng.randrange(len(unread)))
        second = rng.randrange(0 if rng.random() < 0.2 else max(0, len(bounds) - RECENT), len(bounds))
        op = rng.choice(["+", "−", "×", "tanh"])
        bound = bounds[first] * bounds[second] if op == "×" else bounds[first] + bounds[second]
        if op == "tanh" or bound > BOUND:
            op, second, bound = "tanh", first, 1.0
        program.append(Instruction(op, first, second))
        unread.append(len(bounds))
        bounds.append(bound)
    root = unread.pop()
    for rest in unread:
        program.append(Instruction("+", root, rest))
        root = LEAVES + len(program) - 1
    return [rng.uniform(-1, 1) for _ in range(LEAVES)], program


def grow(nodes: list[Any], program: Sequence[Instruction], tanh: Callable[[Any], Any]) -> Any:
    """Carries the program out over anything that has operators; returns its last node."""
    for op, first, second in program:
        if op == "+":
            nodes.append(nodes[first] + nodes[second])
        elif op == "−":
            nodes.append(nodes[first] - nodes[second])
        elif op == "×":
            nodes.append(nodes[first] * nodes[second])
        else:
            nodes.append(tanh(nodes[first]))
    return nodes[-1]


def with_minigrad(values: Sequence[float], program: Sequence[Instruction]) -> Cost:
    start = perf_counter()
    leaves: list[Any] = [minigrad.Parameter(value) for value in values]
    root = grow([*leaves], program, minigrad.tanh)
    built = perf_counter()
    root.backward()
    return Cost(built - start, perf_counter() - built, 0.0, sum(leaf.delta for leaf in leaves))


def with_compiled(values: Sequence[float], program: Sequence[Instruction]) -> Cost:
    start = perf_counter()
    leaves: list[Any] = [minigrad.Parameter(value) for value in values]
    root = grow([*leaves], program, minigrad.tanh)
    built = perf_counter()
    fast = minigrad.Graph(root).compile()
    fast.gradient()
    prepared = perf_counter()
    fast.gradient()
    return Cost(built - start, perf_counter() - prepared, prepared - built, sum(leaf.delta for leaf in leaves))


def with_micrograd(values: Sequence[float], program: Sequence[Instruction]) -> Cost:
    from micrograd.engine import Value

    def tanh(x: Value) -> Value:
        """micrograd has no tanh; this is how its own ops are written."""
        out = Value(math.tanh(x.data), (x,), "tanh")

        def backward() -> None:
            x.grad += (1 - out.data * out.data) * out.grad

        out._backward = backward
        return out

    start = perf_counter()
    leaves: list[Any] = [Value(value) for value in values]
    root = grow([*leaves], program, tanh)
    built = perf_counter()
    root.backward()
    return Cost(built - start, perf_counter() - built, 0.0, sum(leaf.grad for leaf in leaves))


def with_torch(values: Sequence[float], program: Sequence[Instruction]) -> Cost:
    import torch

    start = perf_counter()
    leaves: list[Any] = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
    root = grow([*leaves], program, torch.tanh)
    built = perf_counter()
    root.backward()
    return Cost(built - start, perf_counter() - built, 0.0, sum(float(leaf.grad) for leaf in leaves))


def with_casadi(values: Sequence[float], program: Sequence[Instruction]) -> Cost:
    import casadi

    start = perf_counter()
    leaves = casadi.SX.sym("x", len(values))
    root = grow([leaves[place] for place in range(len(values))], program, casadi.tanh)
    built = perf_counter()
    tape = casadi.Function("tape", [leaves], [root, casadi.gradient(root, leaves)])
    prepared = perf_counter()
    _, gradient = tape(values)
    return Cost(built - start, perf_counter() - prepared, prepared - built, float(casadi.sum(gradient)))


RUNNERS: dict[str, Runner] = {
    "minigrad": with_minigrad,
    "compiled": with_compiled,
    "micrograd": with_micrograd,
    "torch": with_torch,
    "casadi": with_casadi,
}


def bytes_per_node(values: Sequence[float], program: Sequence[Instruction]) -> tuple[float, float]:
    """Bytes that a node of minigrad holds, once built, and once it knows its δ as well."""
    tracemalloc.start()
    nodes: list[Any] = [minigrad.Parameter(value) for value in values]
    empty = tracemalloc.get_traced_memory()[0]
    root = grow(nodes, program, minigrad.tanh)
    built = tracemalloc.get_traced_memory()[0] - empty - sys.getsizeof(nodes)
    root.backward()
    with_delta = tracemalloc.get_traced_memory()[0] - empty - sys.getsizeof(nodes)
    tracemalloc.stop()
    return built / len(program), with_delta / len(program)


def measure(size: int, rounds: int) -> None:
    values, program = random_graph(size)
    present = {name: run for name, run in RUNNERS.items() if name == "compiled" or importlib.util.find_spec(name)}
    costs: dict[str, list[Cost]] = {name: [] for name in present}
    for _ in range(rounds):
        for name, run in present.items():
            gc.collect()  # what one library left behind is not charged to the next
            costs[name].append(run(values, program))
    medians = {
        name: Cost(*(statistics.median(column) for column in zip(*found, strict=True))) for name, found in costs.items()
    }
    mine = medians["minigrad"]
    scale = 1e6 / size
    print(f"a random scalar graph of {size:,} nodes, median of {rounds} rounds, µs a node (× minigrad)\n")
    print(f"{'':12}{'build':>18}{'backward':>18}{'together':>18}")
    for name in RUNNERS:
        if name not in medians:
            print(f"{name:12}   not installed: pip install minigrad-bp[bench]")
            continue
        cost = medians[name]
        columns = [
            (cost.build, mine.build),
            (cost.backward, mine.backward),
            (cost.build + cost.backward, mine.build + mine.backward),
        ]
        print(f"{name:12}" + "".join(f"{time * scale:9.3f} ({time / own:5.2f})" for time, own in columns))
        if abs(cost.gradient - mine.gradient) > 1e-9 * max(1.0, abs(mine.gradient)):
            print(f"{'':12}   found another gradient: {cost.gradient!r}, minigrad {mine.gradient!r}")
    print()
    for name in ("compiled", "casadi"):
        if name in medians:
            print(f"{name} takes {medians[name].preparation * scale:.3f} µs a node more, once, to prepare its passes.")
    built, with_delta = bytes_per_node(values, program)
    print(f"minigrad holds {built:.0f} bytes a node when built, {with_delta:.0f} with δ.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="a small graph, once, to see that the benchmark runs")
    chosen = parser.parse_args()
    size, rounds = (2_000, 1) if chosen.short else (chosen.nodes, chosen.rounds)
    sys.setrecursionlimit(10 * size + 1_000)
    threading.stack_size(STACK_BYTES)
    worker = threading.Thread(target=measure, args=(size, rounds))
    worker.start()
    worker.join()


if __name__ == "__main__":
    main()
