"""What is not measured in steps: imports, a large picture, memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import minigrad as mg
from tests.benchmarks.parts.by_hand import numpy_learner
from tests.benchmarks.parts.by_minigrad import bare_program, network_of_arrays, network_of_neurons, train_step
from tests.benchmarks.parts.random_graphs import deep, evaluate
from tests.benchmarks.parts.report import Report, Table, goal_cells
from tests.benchmarks.parts.tasks import BATCH, sigmoid_task, softmax_task
from tests.benchmarks.parts.timing import (
    Effort,
    Goal,
    Seconds,
    Step,
    median_duration,
    number,
    ratio,
    time_call,
    walls,
)

IMPORT_TIME = """from time import perf_counter, process_time
wall, processor = perf_counter(), process_time()
import {}
print(perf_counter() - wall, process_time() - processor)"""


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    rows = [
        import_time(effort.rounds),
        dot_text(effort.boxes, effort.rounds),
        *peak_memory(effort),
        bytes_left_behind(effort),
    ]
    yield Table("Start and size", "", ("", "measured", "result", "goal", ""), rows)


def source(node: mg.Node, **options: Any) -> str:
    """DOT text."""
    return mg.draw(node, **options).source


def dot_text(nodes: int, rounds: int) -> tuple[str, ...]:
    """Every node of a scalar graph in a picture."""
    program = deep(nodes)
    root = evaluate([mg.Parameter(value) for value in program.leaves], program, mg.tanh)
    root.backward()
    draw = partial(source, view="expression", limit=None)
    results = [time_call(draw, root) for _ in range(min(rounds, 7))]
    seconds = [time for time, _ in results]
    size, goal = len(results[0][1]) / 1e6, Goal("≤", 0.5, "0.5 s")
    reached = goal_cells(goal, median(walls(seconds)))
    return f"DOT text of {nodes:,} nodes", f"{number(size)} MB", median_duration(seconds), *reached


def import_time(rounds: int) -> tuple[str, ...]:
    """Seconds to import minigrad beside NumPy, each in processes of its own, in turn."""
    measured: dict[str, list[Seconds]] = {"minigrad": [], "numpy": []}
    with TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache}
        for _ in range(rounds + 1):
            for name, seconds in measured.items():
                command = [sys.executable, "-c", IMPORT_TIME.format(name)]
                run = subprocess.run(command, env=environment, capture_output=True, check=True)
                seconds.append(Seconds(*map(float, run.stdout.split())))
    own, numpy = (seconds[1:] for seconds in measured.values())  # the first time compiles to bytecode
    share = ratio(walls(own), walls(numpy))
    figures = (
        f"minigrad {median_duration(own)} : NumPy {median_duration(numpy)}; "
        f"of the minima {number(min(walls(own)) / min(walls(numpy)))}"
    )
    return "`import minigrad` : `import numpy`", figures, str(share), *goal_cells(Goal("≤", 1.3), share.median)


def peak_bytes(make: Callable[[], Step]) -> int:
    """The most bytes in use during a step, its program and parameters included."""
    gc.collect()
    tracemalloc.start()
    step = make()
    step()
    gc.collect()
    tracemalloc.reset_peak()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def peak_memory(effort: Effort) -> Iterator[tuple[str, ...]]:
    """A step by each way to make one, beside one that is written by hand."""
    task = softmax_task(effort.sizes, 1)
    hand = peak_bytes(lambda: numpy_learner(task).epoch)
    for name, call in {"`train_step`": train_step, "the bare program": bare_program}.items():
        own = peak_bytes(lambda call=call: call(task, network_of_arrays(task)).epoch)
        title = f"peak memory of a step, {name}, {task.layers}, batches of {BATCH}"
        figures = f"minigrad {own / 1e6:.2f} MB : hand-written NumPy {hand / 1e6:.2f} MB"
        yield title, figures, number(own / hand), *goal_cells(Goal("≤", 1.2), own / hand)


def bytes_left_behind(effort: Effort) -> tuple[str, ...]:
    """Bytes that training leaves behind."""
    task = sigmoid_task(effort.small, effort.epoch)
    epoch = train_step(task, network_of_neurons(task)).epoch
    tracemalloc.start()
    epoch()
    epoch()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(effort.steps // effort.epoch):
        epoch()
    gc.collect()  # what it would collect sooner or later is not left behind
    more = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return (
        f"left behind by {effort.steps:,} calls of a `train_step`, {task.layers}",
        f"{more} bytes",
        "",
        *goal_cells(Goal("≤", 1_000, "1 kB"), more),
    )
