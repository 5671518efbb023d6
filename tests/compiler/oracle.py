"""Thousands of random graphs, each held against all that it can be compiled to; a failing one is shrunk and shown.

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
from minigrad.compiler.machine import KINDS
from tests.compiler.comparisons import (
    Expected,
    compare_engines,
    compare_gradient_graph,
    compare_tape,
    compare_training,
    compare_vectorized,
    examine,
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

    def examine(self, case: Case, number: int) -> bool:
        """Compares one graph; the number says what is fed and what else is done. False where only rounding differs."""
        random = Random(number)
        graph = case.build()
        batch = random.choice([None, None, 1, 3])
        expected = Expected(graph, random_feeds(graph, random, batch))
        scalar = not any(node.shape for node in graph.nodes)
        engines = KINDS if number % 4 == 3 else ("program", "script") if scalar else ("program",)
        done = {
            "array forms": examine(expected, compare_vectorized) > 0,
            "programs": examine(expected, lambda expected: compare_engines(expected, engines)) > 0,
        }
        if scalar:
            done["tapes"] = examine(expected, compare_tape) > 0
        if batch is None and number % 4 == 1 and len(graph) < 100:
            done["BP networks"] = examine(expected, compare_gradient_graph) > 0
        if number % 16 == 6:
            done["trainings"] = compare_training(case, random.choice(OPTIMIZERS), random, 6, random.choice([0, 4])) > 0
        if not all(done.values()):
            self.counts["left out"] += 1
            return False
        self.counts.update(done)
        self.counts["nodes"] += len(graph)
        self.ops.update({node.op.label for node in graph.nodes if node.op is not None})
        return True

    def run(self, count: int, seed: int, most: int = 20) -> None:
        """Compares so many graphs; where one fails, raises what the smallest of its like raises, and shows that."""
        number = seed * 1_000_000
        while self.counts["array forms"] < count:
            case = random_case(number, most)
            if self.fails(case, number):
                smallest = shrunk(case, lambda case, number=number: self.fails(case, number))
                print(f"number {number}, {smallest}\n{written(smallest.build())}", file=sys.stderr)
                self.examine(smallest, number)
            number += 1

    def fails(self, case: Case, number: int) -> bool:
        try:
            self.examine(case, number)
        except Exception:
            return True
        return False


def shrunk(case: Case, fails: Callable[[Case], bool]) -> Case:
    """The smallest case on the way down from a failing one that still fails."""
    while (smaller := next(filter(fails, smaller_cases(case)), None)) is not None:
        case = smaller
    return case


def smaller_cases(case: Case) -> Iterator[Case]:
    """The case without some of its instructions, outputs or leaves, then with one byte of an instruction at 0."""
    leaves, instructions, outputs = case
    count = len(instructions)
    for size in sorted({count // 2, count // 4, 1} - {0}, reverse=True):
        for start in range(0, count, size):
            yield case._replace(instructions=instructions[:start] + instructions[start + size :])
    if len(outputs) > 1:
        yield from (case._replace(outputs=bytes([pick])) for pick in outputs)
    for place in range(len(leaves)):
        yield case._replace(leaves=leaves[:place] + leaves[place + 1 :])
    for place, instruction in enumerate(instructions):
        for byte in np.flatnonzero(list(instruction)).tolist():
            simpler = instruction[:byte] + b"\0" + instruction[byte + 1 :]
            yield case._replace(instructions=(*instructions[:place], simpler, *instructions[place + 1 :]))


def written(graph: mg.Graph) -> str:
    """A graph as lines, one for each node."""
    return "\n".join(
        f"{place:4d} {node.shape or ''} = {node.op.label if node.op is not None else node} "
        f"{', '.join(str(graph.position[parent]) for parent in node.parents)}"
        for place, node in enumerate(graph.nodes)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--large", action="store_true", help="graphs of 10,000 parents and of 100,000 levels")
    chosen = parser.parse_args()
    if chosen.count:
        tally, start = Tally(), perf_counter()
        tally.run(chosen.count, chosen.seed)
        counts = ", ".join(f"{count:,} {what}" for what, count in tally.counts.items())
        print(f"{tally.counts['array forms']:,} random graphs agree, in {perf_counter() - start:.0f} s: {counts}")
        print(f"ops that were never drawn: {', '.join(label for label in OPS if label not in tally.ops) or 'none'}")
    for name in LARGE if chosen.large else ():
        start = perf_counter()
        nodes = compare_full(name)
        print(f"{name}: {nodes:,} nodes agree, in {perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
