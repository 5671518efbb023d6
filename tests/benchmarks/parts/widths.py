"""A training step of n-n-10 by its width n: the left panel of the plot."""

from __future__ import annotations

from functools import partial
from statistics import median

from tests.benchmarks.parts.by_hand import matrix_products, numpy_learner
from tests.benchmarks.parts.by_minigrad import fit, network_of_neurons
from tests.benchmarks.parts.by_peers import jax_step, micrograd_step, torch_eager
from tests.benchmarks.parts.report import Curves, Report, Table
from tests.benchmarks.parts.tasks import BATCH, softmax_task
from tests.benchmarks.parts.timing import Effort, duration, make_steps, measure_rounds, walls

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
    table = Table(f"n-n-{OUTPUTS}", about, ("n", *map(str, effort.widths)), rows)
    return Report([table], {"widths": results})


def curves(effort: Effort) -> Curves:
    """Seconds a step of each library, by the width."""
    results: Curves = {}
    for width in effort.widths:
        task = softmax_task((width, width, OUTPUTS), effort.epoch)
        learners, _ = make_steps(
            {
                "minigrad, fit": lambda task=task: fit(task, network_of_neurons(task)),
                "hand-written NumPy": partial(numpy_learner, task),
                "matrix products alone": partial(matrix_products, task),
                "PyTorch": partial(torch_eager, task),
                "JAX": partial(jax_step, task),
            }
        )
        epochs = {name: learner.epoch for name, learner in learners.items()}
        taken = measure_rounds(epochs, effort._replace(rounds=min(effort.rounds, ROUNDS)))
        for name, seconds in taken.items():
            results.setdefault(name, {})[width] = median(walls(seconds)) / task.steps
        if task.parameters <= MOST_SCALARS:
            micrograd, _ = make_steps({"micrograd": partial(micrograd_step, task.short(1))})
            for name, learner in micrograd.items():
                (seconds,) = measure_rounds({name: learner.epoch}, effort._replace(rounds=1))[name]
                results.setdefault(name, {})[width] = seconds.wall
    return results
