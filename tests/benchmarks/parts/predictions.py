"""`predict` of one row and of many, beside other libraries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.benchmarks.parts.report import Report, Table, mark
from tests.benchmarks.parts.tasks import Task, sigmoid_task, softmax_task
from tests.benchmarks.parts.timing import (
    Effort,
    Goal,
    Seconds,
    make_steps,
    measure_rounds,
    median_duration,
    ratio,
    walls,
)
from tests.benchmarks.parts.training import OWN, makers

LIBRARIES = (OWN, "hand-written NumPy", "hand-written numba", "JAX, a jitted step", "PyTorch eager", "scikit-learn")
"""Who is asked: those of the learners that can predict, of each library one."""
NAMES = {OWN: "minigrad, `predict`", "JAX, a jitted step": "JAX, jitted"}
ONE_ROW = Goal("≤", 15e-6, "15 µs")
MANY_ROWS = {"hand-written NumPy": Goal("≤", 1.5)}
"""By how much longer the rows may take than by hand."""


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    yield table(sigmoid_task(effort.small, 1), effort, ONE_ROW)
    yield table(softmax_task(effort.sizes, 1), effort, None)


def table(task: Task, effort: Effort, one_row: Goal | None) -> Table:
    """Return a row for each library; the data is in float64, the type in which minigrad predicts."""
    task = task.of_type("float64")
    make = makers(task, effort.backend)
    learners, unavailable = make_steps({name: make[name] for name in LIBRARIES})
    learners = {name: learner for name, learner in learners.items() if learner.predict}
    X = np.random.default_rng(3).random((effort.rows, task.sizes[0]))
    one, many = (
        measure_rounds({name: partial(learner.predict, rows) for name, learner in learners.items()}, effort)
        for rows in (X[0], X)
    )
    rows = []
    for name in LIBRARIES:
        title, goal = NAMES.get(name, name), MANY_ROWS.get(name)
        if name in unavailable:
            rows.append((title, unavailable[name], "", "", "", str(goal or "")))
        elif name == OWN:
            met = mark(one_row, float(np.median(walls(one[name]))))
            rows.append(
                (title, f"{median_duration(one[name])}{met}", "", median_duration(many[name]), "", str(one_row or ""))
            )
        elif name in one:
            rows.append((title, *compared(one, name, None), *compared(many, name, goal), str(goal or "")))
    head = ("", "one row", "minigrad : it", f"{effort.rows:,} rows", "minigrad : it", "goal")
    return Table(f"Predicting with {task.layers}", "float64.", head, rows)


def compared(seconds: dict[str, list[Seconds]], name: str, goal: Goal | None) -> tuple[str, str]:
    share = ratio(walls(seconds[OWN]), walls(seconds[name]))
    return median_duration(seconds[name]), f"{share}{mark(goal, share.median)}"
