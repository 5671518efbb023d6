"""A training step of n-n-10 by its width n: the left panel of the plot."""

from __future__ import annotations

from functools import partial
from statistics import median

import minigrad as mg
from tests.benchmarks.parts import training_steps
from tests.benchmarks.parts.networks import BATCH
from tests.benchmarks.parts.report import Curves, Report, Table
from tests.benchmarks.parts.timing import Effort, duration, make_steps, measure_rounds

OUTPUTS = 10
MOST_SCALARS = 1_500
"""Parameters of the largest network that micrograd trains: of this size a step takes seconds."""
ROUNDS = 7


def report(effort: Effort) -> Report:
    results = curves(effort)
    rows = [
        (name, *(duration(curve[width]) if width in curve else "" for width in effort.widths))
        for name, curve in results.items()
    ]
    about = f"ReLU, softmax cross-entropy, batches of {BATCH}, SGD, float32: a step by its width n."
    return Report([Table(f"n-n-{OUTPUTS}", about, ("n", *map(str, effort.widths)), rows)], results)


def curves(effort: Effort) -> Curves:
    """Seconds a step of each library, by the width."""
    results: Curves = {}
    for width in effort.widths:
        task = training_steps.make_task((width, width, OUTPUTS), BATCH)
        graph = training_steps.neuron_graph(task.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
        steps, _ = make_steps(
            {
                "minigrad, compiled": partial(training_steps.minigrad_step, task, graph),
                "hand-written NumPy": partial(training_steps.numpy_softmax_step, task),
                "matrix products alone": partial(training_steps.matrix_products, task),
                "PyTorch": partial(training_steps.torch_step, task, "cross-entropy"),
                "JAX": partial(training_steps.jax_step, task, "cross-entropy"),
            }
        )
        taken = measure_rounds(steps, effort._replace(rounds=min(effort.rounds, ROUNDS)))
        if len(graph.parameters) <= MOST_SCALARS:
            micrograd, _ = make_steps({"micrograd": partial(training_steps.micrograd_step, task)})
            taken |= measure_rounds(micrograd, effort._replace(rounds=1))
        for name, seconds in taken.items():
            results.setdefault(name, {})[width] = median(seconds)
    return results
