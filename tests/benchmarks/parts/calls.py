"""What each call of a network costs the first time and later: setting up is charged to the first."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import minigrad as mg
from tests.benchmarks.parts.by_minigrad import network_of_arrays, network_of_neurons, targets_of
from tests.benchmarks.parts.report import Report, Table, mark
from tests.benchmarks.parts.tasks import BATCH, RATE, Task, sigmoid_task, softmax_task
from tests.benchmarks.parts.timing import (
    Effort,
    Goal,
    Seconds,
    duration,
    frozen_heap,
    median_duration,
    seconds_per_step,
    time_call,
    walls,
)

ROUNDS = 3
"""How many networks are made anew for each call, at most."""
SEVERAL = 11
"""Steps of the `fit` that tells, beside that of one step, what a step takes and what the rest."""
MILLISECOND = Goal("≤", 1e-3, "1 ms")
COMPILING = Goal("≤", 6e-6, "6 µs")


class Measured(NamedTuple):
    """The seconds of the first calls, each on a new network, and of the calls after them."""

    first: list[Seconds]
    later: list[Seconds]
    others: list[Seconds]
    """Of another call on the same network, after them."""


Network = Callable[[Task], mg.Network]
Call = Callable[[Task, mg.Network], Callable[[], Any]]
"""Makes a call on a network."""


def fit_steps(steps: int, dtype: str) -> Call:
    def make(task: Task, network: mg.Network) -> Callable[[], Any]:
        X, T = task.short(steps).X, targets_of(task.short(steps))
        settings: dict[str, Any] = {"epochs": 1, "batch_size": task.batch, "dtype": dtype, "progress": False}
        return lambda: network.fit(X, T, mg.SGD(RATE), **settings)

    return make


def train_step(dtype: str) -> Call:
    def make(task: Task, network: mg.Network) -> Callable[[], Any]:
        X, T = task.short(1).X, targets_of(task.short(1))
        return lambda: network.train_step(mg.SGD(RATE), dtype=dtype)(X, T)

    return make


FIT, COMPILE = "`fit`, one step", "`compile`"
CALLS: dict[str, Call] = {
    FIT: fit_steps(1, "float64"),
    f"{FIT}, float32": fit_steps(1, "float32"),
    "`train_step`, made and called once": train_step("float64"),
    "`train_step`, made and called once, float32": train_step("float32"),
    COMPILE: lambda task, network: network.compile,
    f"{COMPILE}, float32": lambda task, network: partial(network.compile, "float32"),
    "`predict`, one row": lambda task, network: partial(network.predict, task.X[0]),
    "`predict`, all rows": lambda task, network: partial(network.predict, task.X),
    "`evaluate`, all rows": lambda task, network: partial(network.evaluate, task.X, targets_of(task)),
    "`loss_graph`, one sample": lambda task, network: partial(network.loss_graph, task.X[0], targets_of(task)[0]),
    "`loss_graph`, 64 samples": lambda task, network: partial(network.loss_graph, task.X[:64], targets_of(task)[:64]),
}
"""By the name in the table."""
SEVERAL_STEPS = {FIT: fit_steps(SEVERAL, "float64"), f"{FIT}, float32": fit_steps(SEVERAL, "float32")}
SETUP, A_NODE = "{}, without the step", f"{COMPILE}, a node"


def goals() -> Iterator[tuple[str, str]]:
    """Yield the rows of the table, each with what it is to reach."""
    for name in CALLS:
        later = name.startswith((COMPILE, "`predict`, one row"))
        yield name, f"later {MILLISECOND}" if later else ""
        if name in SEVERAL_STEPS:
            yield SETUP.format(name), f"later {MILLISECOND}"
        if name == COMPILE:
            yield A_NODE, f"first {COMPILING}"


GOALS = dict(goals())


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    small, large = sigmoid_task(effort.small, effort.rows), softmax_task(effort.sizes, -(-effort.rows // BATCH))
    networks: dict[str, tuple[Task, Network]] = {
        small.layers: (small, network_of_neurons),
        large.layers: (large, network_of_neurons),
        f"{large.layers} of whole layers": (large, network_of_arrays),
    }
    with frozen_heap():
        columns = [column(task.of_type("float64").first(effort.rows), make, effort) for task, make in networks.values()]
    rows = [(name, *(cell for cells in columns for cell in cells[name]), asked) for name, asked in GOALS.items()]
    head = [cell for name in networks for cell in (f"{name}: first", "later")]
    about = f"float64 where nothing else is said; all rows are {effort.rows:,}. A first call is one on a new network."
    yield Table("First calls and later ones", about, ("", *head, "goal"), rows)


def column(task: Task, make: Network, effort: Effort) -> dict[str, tuple[str, str]]:
    """Return the first call and a later one, by the name of the row."""
    nodes = len(make(task).graph)
    cells: dict[str, tuple[str, str]] = {}
    for name, call in CALLS.items():
        first, later, several = measure(call, task, make, effort, SEVERAL_STEPS.get(name))
        reached = mark(MILLISECOND if GOALS[name] else None, median(walls(later)))
        cells[name] = median_duration(first), f"{median_duration(later)}{reached}"
        if several:
            one = median(walls(later))
            setup = one - (median(walls(several)) - one) / (SEVERAL - 1)
            cells[SETUP.format(name)] = "", f"{duration(max(setup, 0.0))}{mark(MILLISECOND, setup)}"
        if name == COMPILE:
            each = median(walls(first)) / nodes
            goal = COMPILING if nodes > task.parameters else None  # of single neurons
            cells[A_NODE] = f"{duration(each)}{mark(goal, each)}", ""
    return cells


def measure(call: Call, task: Task, make: Network, effort: Effort, other: Call | None) -> Measured:
    measured = Measured([], [], [])
    for _ in range(min(effort.rounds, ROUNDS)):
        network = make(task)
        run = call(task, network)
        gc.collect()  # what another network left behind is not charged to this one
        measured.first.append(time_call(run)[0])
        measured.later.append(seconds_per_step(run, effort.seconds))
        if other:
            measured.others.append(seconds_per_step(other(task, network), effort.seconds))
    return measured
