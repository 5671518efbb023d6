"""A training step of n-n-10 by its width n: the left panel of the plot."""

from __future__ import annotations

from functools import partial
from statistics import median

import minigrad as mg
from tests.benchmarks.parts import contestants as by
from tests.benchmarks.parts.networks import BATCH
from tests.benchmarks.parts.page import Curves, Report, Table
from tests.benchmarks.parts.timing import Effort, duration, made, times

OUTPUTS = 10
MOST_SCALARS = 1_500
"""Parameters of the largest network that micrograd trains: of this size a step takes seconds."""
ROUNDS = 7


def report(effort: Effort) -> Report:
    found = curves(effort)
    rows = [
        (name, *(duration(curve[width]) if width in curve else "" for width in effort.widths))
        for name, curve in found.items()
    ]
    about = f"ReLU, softmax cross-entropy, batches of {BATCH}, SGD, float32: a step by its width n."
    return Report([Table(f"n-n-{OUTPUTS}", about, ("n", *map(str, effort.widths)), rows)], found)


def curves(effort: Effort) -> Curves:
    """Seconds a step of each contestant, by the width."""
    found: Curves = {}
    for width in effort.widths:
        work = by.task((width, width, OUTPUTS), BATCH)
        graph = by.single_neurons(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
        steps, _ = made(
            {
                "minigrad, compiled": partial(by.by_minigrad, work, graph),
                "hand-written NumPy": partial(by.classes_by_hand, work),
                "matrix products alone": partial(by.products_alone, work),
                "PyTorch": partial(by.by_torch, work, "cross-entropy"),
                "JAX": partial(by.by_jax, work, "cross-entropy"),
            }
        )
        taken = times(steps, effort._replace(rounds=min(effort.rounds, ROUNDS)))
        if len(graph.parameters) <= MOST_SCALARS:
            slow, _ = made({"micrograd": partial(by.by_micrograd, work)})
            taken |= times(slow, effort._replace(rounds=1))
        for name, seconds in taken.items():
            found.setdefault(name, {})[width] = median(seconds)
    return found
