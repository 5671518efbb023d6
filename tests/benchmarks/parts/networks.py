"""Training steps of networks, beside those of the peers."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from time import process_time as clock

import minigrad as mg
from tests.benchmarks.parts import training_steps
from tests.benchmarks.parts.report import Report, Table, goal_cells
from tests.benchmarks.parts.timing import (
    Effort,
    Goal,
    Step,
    duration,
    make_steps,
    measure_rounds,
    median_duration,
    number,
    ratio,
)

BATCH = 64
HEAD = ("", "a step", "minigrad : it", "goal", "")


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    yield sample_by_sample(effort)
    yield classes(effort)


def frameworks(task: training_steps.Task, loss: str, backend: str) -> dict[str, partial[Step]]:
    """The steps of other libraries for this task."""
    return {
        "PyTorch eager": partial(training_steps.torch_step, task, loss),
        "PyTorch compiled": partial(training_steps.compiled_torch_step, task, loss, backend),
        "JAX": partial(training_steps.jax_step, task, loss),
        "autograd": partial(training_steps.autograd_step, task, loss),
        "MyGrad": partial(training_steps.mygrad_step, task, loss),
    }


def compared(
    seconds: Mapping[str, Sequence[float]], unavailable: Mapping[str, str], goals: Mapping[str, Goal | None]
) -> Iterator[tuple[str, ...]]:
    """A row for minigrad, and one for each peer with minigrad's time as a multiple of its."""
    own = seconds["minigrad"]
    yield "minigrad", median_duration(own), "", "", ""
    for peer, goal in goals.items():
        if peer in unavailable:
            yield peer, unavailable[peer], "", *goal_cells(goal, None)
        else:
            share = ratio(own, seconds[peer])
            yield peer, median_duration(seconds[peer]), str(share), *goal_cells(goal, share.median)


def sample_by_sample(effort: Effort) -> Table:
    task = training_steps.make_task((64, 32, 10), None)
    graph = training_steps.neuron_graph(task.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid)
    own = {
        "minigrad": partial(training_steps.minigrad_step, task, graph),
        "hand-written NumPy": partial(training_steps.numpy_sigmoid_step, task),
    }
    steps, unavailable = make_steps(own | frameworks(task, "squared error", effort.backend))
    goals = {
        "hand-written NumPy": Goal("≤", 1),
        "PyTorch eager": Goal("≤", 1 / 15, "1/15"),
        "PyTorch compiled": None,
        "JAX": None,
        "autograd": None,
        "MyGrad": None,
    }
    return Table(
        "64-32-10, sample by sample",
        f"Sigmoid, squared error, SGD; {len(graph.parameters):,} scalar parameters compiled.",
        HEAD,
        list(compared(measure_rounds(steps, effort), unavailable, goals)),
    )


def classes(effort: Effort) -> Table:
    task = training_steps.make_task(effort.sizes, BATCH)
    graph = training_steps.neuron_graph(task.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    arrays = training_steps.layer_graph(task.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    gc.collect()
    start = clock()
    compiled_step = training_steps.minigrad_step(task, graph)
    took = clock() - start
    own = {
        "minigrad of whole layers": partial(training_steps.minigrad_step, task, arrays),
        "matrix products alone": partial(training_steps.matrix_products, task),
        "hand-written NumPy": partial(training_steps.numpy_softmax_step, task),
    }
    steps, unavailable = make_steps(own | frameworks(task, "cross-entropy", effort.backend))
    goals = {
        "minigrad of whole layers": Goal("≤", 1.03),
        "matrix products alone": Goal("≤", 1.15),
        "hand-written NumPy": None,
        "PyTorch eager": Goal("≤", 0.5),
        "PyTorch compiled": None,
        "JAX": Goal("≤", 0.8),
        "autograd": None,
        "MyGrad": None,
    }
    rows = list(compared(measure_rounds({"minigrad": compiled_step} | steps, effort), unavailable, goals))
    each = took / len(graph) * 1e6
    compiling = f"compiling its {len(graph):,} nodes, once"
    rows.insert(1, (compiling, duration(took), f"{number(each)} µs a node", *goal_cells(Goal("≤", 10), each)))
    return Table(
        f"{'-'.join(map(str, task.sizes))}, batches of {BATCH}",
        f"ReLU, softmax cross-entropy, SGD; {len(graph.parameters):,} scalar parameters compiled.",
        HEAD,
        rows,
    )
