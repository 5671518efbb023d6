"""A training step through the calls that users write, beside those of other libraries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median
from typing import NamedTuple

from tests.benchmarks.parts import by_minigrad
from tests.benchmarks.parts.by_hand import matrix_products, numba_learner, numpy_learner
from tests.benchmarks.parts.by_peers import PEERS
from tests.benchmarks.parts.report import Report, Table, mark
from tests.benchmarks.parts.tasks import Learner, Task, sigmoid_task, softmax_task
from tests.benchmarks.parts.timing import (
    Effort,
    Goal,
    Seconds,
    duration,
    make_steps,
    measure_rounds,
    median_duration,
    ratio,
    walls,
)

OWN, ARRAYS, STEP, BARE = "`fit`", "`fit` of whole layers", "`train_step`, a call a step", "the bare program"
BEYOND, BEYOND_GOAL = "`train_step` beyond the bare program", Goal("≤", 3e-6, "3 µs")
GOALS = {
    "squared error": {"hand-written NumPy": Goal("≤", 0.7)},
    "cross-entropy": {
        ARRAYS: Goal("≤", 1.03),
        "matrix products alone": Goal("≤", 1.1),
        "JAX, a jitted step": Goal("≤", 0.9),
        "PyTorch eager": Goal("≤", 0.6),
    },
}
SLOW = {"JAX, a jitted step", "PyTorch eager", "PyTorch compiled", "autograd", "MyGrad"}
"""Who calls something for every step: an epoch of a tenth of the steps tells the same."""
SINGLE_SAMPLES = 20
"""Steps of an epoch sample by sample, for each step of one in batches."""


class Measured(NamedTuple):
    """The seconds a step of each library in every round, and why others cannot run."""

    seconds: dict[str, list[Seconds]]
    unavailable: dict[str, str]


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    for task in sigmoid_task(effort.small, SINGLE_SAMPLES * effort.epoch), softmax_task(effort.sizes, effort.epoch):
        yield table(task, {dtype: measure(task.of_type(dtype), effort) for dtype in effort.types})


def makers(task: Task, backend: str) -> dict[str, Callable[[], Learner]]:
    """Return who learns this task, by the name in the table."""
    neurons, arrays = by_minigrad.network_of_neurons, by_minigrad.network_of_arrays
    learners: dict[str, Callable[[], Learner]] = {OWN: lambda: by_minigrad.fit(task, neurons(task))}
    if not task.is_squared:
        learners[ARRAYS] = lambda: by_minigrad.fit(task, arrays(task))
    learners |= {
        STEP: lambda: by_minigrad.train_step(task, neurons(task)),
        "`train_step`, a call an epoch": lambda: by_minigrad.train_steps(task, neurons(task)),
        BARE: lambda: by_minigrad.bare_program(task, neurons(task)),
        "hand-written NumPy": lambda: numpy_learner(task),
        "hand-written numba": lambda: numba_learner(task),
    }
    if not task.is_squared:
        learners["matrix products alone"] = lambda: matrix_products(task)
    for name, make in PEERS.items():
        settings = {"backend": backend} if name == "PyTorch compiled" else {}
        if name != "micrograd" or task.is_squared:  # in batches its step would take a minute
            learners[name] = partial(make, steps_of(name, task), **settings)
    return learners


def steps_of(name: str, task: Task) -> Task:
    """Return the task with as many steps as this library can do in about the time of the others."""
    if name == "micrograd":
        return task.short(1)
    return task.short(max(1, task.steps // 10)) if name in SLOW else task


def measure(task: Task, effort: Effort) -> Measured:
    learners, unavailable = make_steps(makers(task, effort.backend))
    epochs = measure_rounds({name: learner.epoch for name, learner in learners.items()}, effort)
    seconds = {name: [time.per(steps_of(name, task).steps) for time in times] for name, times in epochs.items()}
    return Measured(seconds, unavailable)


def table(task: Task, by_type: Mapping[str, Measured]) -> Table:
    """One row for each library, with minigrad's time as a multiple of its."""
    rows: list[tuple[str, ...]] = []
    for name in makers(task, ""):
        goal = GOALS[task.loss].get(name)
        cells = [cell for measured in by_type.values() for cell in compared(measured, name, goal)]
        rows.append((name, *cells, str(goal or "")))
    beyond = [cell for measured in by_type.values() for cell in beyond_bare(measured)]
    rows.insert([row[0] for row in rows].index(BARE) + 1, (BEYOND, *beyond, str(BEYOND_GOAL)))
    head = [cell for dtype in by_type for cell in (f"{dtype}, a step", f"{OWN} : it")]
    return Table(task.name, f"{task.about}; {task.parameters:,} parameters.", ("", *head, "goal"), rows)


def compared(measured: Measured, name: str, goal: Goal | None) -> tuple[str, str]:
    """Return the time of a library, and that of `fit` as a multiple of it."""
    if name in measured.unavailable:
        return measured.unavailable[name], ""
    seconds = measured.seconds[name]
    if name == OWN:
        return median_duration(seconds), ""
    share = ratio(walls(measured.seconds[OWN]), walls(seconds))
    return median_duration(seconds), f"{share}{mark(goal, share.median)}"


def beyond_bare(measured: Measured) -> tuple[str, str]:
    """Return what a call of a step costs more than the program inside it."""
    more = [a - b for a, b in zip(walls(measured.seconds[STEP]), walls(measured.seconds[BARE]), strict=True)]
    each = max(median(more), 0.0)
    return f"{duration(each)}{mark(BEYOND_GOAL, each)}", ""
