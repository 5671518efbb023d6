"""What is not measured in steps: a chain that is very deep, a large picture, memory, imports."""

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
from time import process_time as clock
from typing import Any

import minigrad as mg
from tests.benchmarks.parts import training_steps
from tests.benchmarks.parts.networks import BATCH
from tests.benchmarks.parts.random_graphs import deep, evaluate
from tests.benchmarks.parts.report import Report, Table, goal_cells
from tests.benchmarks.parts.timing import Effort, Goal, Step, duration, frozen_heap, median_duration, number, ratio

DEEP_GOAL = Goal("≤", 10, "10 s")
"""What anything done with a chain of a million nodes may take."""
IMPORT_TIME = "from time import process_time as now; start = now(); import {}; print(now() - start)"


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    yield chain(effort.chain)
    rows = [
        dot_text(effort.boxes, effort.rounds),
        import_time(effort.rounds),
        peak_memory(effort),
        bytes_left_behind(effort),
    ]
    yield Table("Size and start", "", ("", "measured", "result", "goal", ""), rows)


def timed_call(function: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    """Return how long a call took, and what it returned."""
    start = clock()
    result = function(*arguments)
    return clock() - start, result


def chain(depth: int) -> Table:
    """Return the seconds of everything that one does with a graph, for one that is very deep."""
    seconds_of: dict[str, float] = {}
    with frozen_heap():
        seconds_of["build"], node = timed_call(nested_tanh, depth)
        seconds_of["find its inputs and parameters"], graph = timed_call(mg.Graph, node)
        seconds_of["forward"], _ = timed_call(graph.forward)
        seconds_of["backward"], _ = timed_call(graph.backward)
        seconds_of["repr"], _ = timed_call(repr, node)
        seconds_of["DOT text of its two ends"], _ = timed_call(source, node)
        seconds_of["refuse to draw all of it"], _ = timed_call(refusal, node)
        start = clock()
        del graph, node
        gc.collect()
        seconds_of["free"] = clock() - start
    rows = [(name, duration(seconds), *goal_cells(DEEP_GOAL, seconds)) for name, seconds in seconds_of.items()]
    return Table(f"A chain of {depth:,} nodes", "tanh of tanh of tanh …", ("", "time", "goal", ""), rows)


def nested_tanh(depth: int) -> mg.Node:
    """tanh of tanh of tanh …"""
    node: mg.Node = mg.Parameter(0.5, "x")
    for _ in range(depth):
        node = mg.tanh(node)
    return node


def source(node: mg.Node, **options: Any) -> str:
    """DOT text."""
    return mg.draw(node, **options).source


def refusal(node: mg.Node) -> str:
    """Why not all of a large graph is drawn."""
    try:
        mg.draw(node, view="expression")
    except mg.MinigradError as error:
        return str(error)
    raise AssertionError("a picture of far too many nodes was drawn")


def dot_text(nodes: int, rounds: int) -> tuple[str, ...]:
    """Every node of a scalar graph in a picture."""
    program = deep(nodes)
    root = evaluate([mg.Parameter(value) for value in program.leaves], program, mg.tanh)
    root.backward()
    draw = partial(source, view="expression", limit=None)
    results = [timed_call(draw, root) for _ in range(min(rounds, 7))]
    seconds = median(time for time, _ in results)
    size = len(results[0][1]) / 1e6
    goal = Goal("≤", 0.5, "0.5 s")
    return f"DOT text of {nodes:,} nodes", f"{number(size)} MB", duration(seconds), *goal_cells(goal, seconds)


def import_time(rounds: int) -> tuple[str, ...]:
    """Seconds to import minigrad beside NumPy, each in processes of its own, in turn."""
    measured: dict[str, list[float]] = {"minigrad": [], "numpy": []}
    with TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache}
        for _ in range(rounds + 1):
            for name, seconds in measured.items():
                command = [sys.executable, "-c", IMPORT_TIME.format(name)]
                run = subprocess.run(command, env=environment, capture_output=True, check=True)
                seconds.append(float(run.stdout))
    own, numpy = (seconds[1:] for seconds in measured.values())  # the first time compiles to bytecode
    share = ratio(own, numpy)
    figures = (
        f"minigrad {median_duration(own)} : NumPy {median_duration(numpy)}; "
        f"of the minima {number(min(own) / min(numpy))}"
    )
    return "`import minigrad` : `import numpy`", figures, str(share), *goal_cells(Goal("≤", 1.2), share.median)


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


def peak_memory(effort: Effort) -> tuple[str, ...]:
    """A compiled step beside one that is written by hand."""
    task = training_steps.make_task(effort.sizes, BATCH)
    graph = training_steps.layer_graph(task.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    own, hand = (
        peak_bytes(partial(training_steps.minigrad_step, task, graph)),
        peak_bytes(partial(training_steps.numpy_softmax_step, task)),
    )
    name = f"peak memory of a step, {'-'.join(map(str, task.sizes))}, batches of {BATCH}"
    figures = f"minigrad {own / 1e6:.2f} MB : hand-written NumPy {hand / 1e6:.2f} MB"
    return name, figures, number(own / hand), *goal_cells(Goal("≤", 1.2), own / hand)


def bytes_left_behind(effort: Effort) -> tuple[str, ...]:
    """Bytes that training leaves behind."""
    task = training_steps.make_task((64, 32, 10), None)
    step = training_steps.minigrad_step(
        task, training_steps.neuron_graph(task.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid)
    )
    tracemalloc.start()
    for _ in range(2 * len(task.X)):
        step()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(effort.steps):
        step()
    more = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return (
        f"left behind by {effort.steps:,} steps, 64-32-10",
        f"{more} bytes",
        "",
        *goal_cells(Goal("≤", 1_000, "1 kB"), more),
    )
