"""Thousands of random graphs, each compared with all that it can be compiled to; a failing one is shrunk and shown.

    python -m tests.compiler.oracle 5000 [--seed 0] [--large]

A graph counts once every value and every δ of its array form, its tape, its programs and whatever `Graph.compile` makes
of it are those of the readable graph, in float64, to 10⁻¹² of the largest value and the largest δ. Of some, the BP
network is compiled too, and some are trained for a few steps. With `--large` the largest graphs follow.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from time import perf_counter
from typing import Any

import numpy as np

import minigrad as mg
from tests.compiler.comparisons import (
    ENGINE_NAMES,
    Expected,
    compare_array_form,
    compare_engines,
    compare_gradient_graph,
    compare_tape,
    compare_training,
    run_comparisons,
)
from tests.compiler.large_graphs import LARGE, compare_full
from tests.compiler.random_graphs import Case, random_case, random_feeds
from tests.laws import OPS

OPTIMIZERS: list[Any] = [
    mg.SGD(0.1),
    mg.Momentum(0.05),
    mg.optim.Nesterov(0.05),
    mg.Adam(0.01, epsilon=1e-3),
    mg.optim.AdamW(0.01, epsilon=1e-3),
    mg.optim.AdaGrad(0.01, epsilon=1e-2),
    mg.optim.RMSProp(0.01, epsilon=1e-2),
    mg.optim.Clipped(mg.SGD(mg.optim.ExponentialDecay(0.1, 0.9)), norm=0.5, value=0.3),
]
"""All there are, with ε so large that a step is about as steep as the gradient."""


class Tally:
    """What was compared so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.ops: Counter[str] = Counter()

    def compare(self, case: Case, number: int) -> bool:
        """Compare one graph, fed as the number says; return False where only rounding differs."""
        random = Random(number)
        graph = case.build()
        batch = random.choice([None, None, 1, 3])
        expected = Expected(graph, random_feeds(graph, random, batch))
        scalar = not any(node.shape for node in graph.nodes)
        engines = ENGINE_NAMES if number % 4 == 3 else ("numpy", "script") if scalar else ("numpy",)
        agreed = {
            "array forms": run_comparisons(expected, compare_array_form) > 0,
            "programs": run_comparisons(expected, lambda expected: compare_engines(expected, engines)) > 0,
        }
        if scalar:
            agreed["tapes"] = run_comparisons(expected, compare_tape) > 0
        if batch is None and number % 4 == 1 and len(graph) < 100:
            agreed["BP networks"] = run_comparisons(expected, compare_gradient_graph) > 0
        if number % 16 == 6:
            agreed["trainings"] = (
                compare_training(case, random.choice(OPTIMIZERS), random, 6, random.choice([0, 4])) > 0
            )
        if not all(agreed.values()):
            self.counts["left out"] += 1
            return False
        self.counts.update(agreed)
        self.counts["nodes"] += len(graph)
        self.ops.update({node.op.label for node in graph.nodes if node.op is not None})
        return True

    def run(self, count: int, seed: int, most: int = 20) -> None:
        """Compare so many graphs; where one fails, print the smallest that fails as well, and raise what it raises."""
        number = seed * 1_000_000
        while self.counts["array forms"] < count:
            case = random_case(number, most)
            if self.fails(case, number):
                smallest = shrink(case, lambda case, number=number: self.fails(case, number))
                print(f"number {number}, {smallest}\n{graph_text(smallest.build())}", file=sys.stderr)
                self.compare(smallest, number)
            number += 1

    def fails(self, case: Case, number: int) -> bool:
        try:
            self.compare(case, number)
        except Exception:
            return True
        return False


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return the smallest case that still fails, reached from a failing one step by step."""
    while (smaller := next(filter(fails, smaller_cases(case)), None)) is not None:
        case = smaller
    return case


def smaller_cases(case: Case) -> Iterator[Case]:
    """Yield the case without some of its instructions, outputs or leaves, then with one byte of an instruction at 0."""
    leaves, instructions, outputs = case
    count = len(instructions)
    for size in sorted({count // 2, count // 4, 1} - {0}, reverse=True):
        for start in range(0, count, size):
            yield case._replace(instructions=instructions[:start] + instructions[start + size :])
    if len(outputs) > 1:
        yield from (case._replace(outputs=bytes([pick])) for pick in outputs)
    for index in range(len(leaves)):
        yield case._replace(leaves=leaves[:index] + leaves[index + 1 :])
    for index, instruction in enumerate(instructions):
        for byte in np.flatnonzero(list(instruction)).tolist():
            simpler = instruction[:byte] + b"\0" + instruction[byte + 1 :]
            yield case._replace(instructions=(*instructions[:index], simpler, *instructions[index + 1 :]))


def graph_text(graph: mg.Graph) -> str:
    """Return a graph as lines, one for each node."""
    return "\n".join(
        f"{index:4d} {node.shape or ''} = {node.op.label if node.op is not None else node} "
        f"{', '.join(str(graph.position[parent]) for parent in node.parents)}"
        for index, node in enumerate(graph.nodes)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="graphs of 10,000 parents and of 100,000 levels")
    arguments = parser.parse_args()
    if arguments.count:
        tally, start = Tally(), perf_counter()
        tally.run(arguments.count, arguments.seed)
        counts = ", ".join(f"{count:,} {what}" for what, count in tally.counts.items())
        print(f"{tally.counts['array forms']:,} random graphs agree, in {perf_counter() - start:.0f} s: {counts}")
        print(f"ops that were never drawn: {', '.join(label for label in OPS if label not in tally.ops) or 'none'}")
    for name in LARGE if arguments.large else ():
        start = perf_counter()
        nodes = compare_full(name)
        print(f"{name}: {nodes:,} nodes agree, in {perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
