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
from tests.benchmarks.parts import contestants as by
from tests.benchmarks.parts.graphs import deep, grow
from tests.benchmarks.parts.networks import BATCH
from tests.benchmarks.parts.page import Report, Table, asked
from tests.benchmarks.parts.timing import Effort, Goal, Step, duration, middle, number, ratio, settled

PATIENCE = Goal("≤", 10, "10 s")
"""What a deed on a chain of a million nodes may take."""
START = "from time import process_time as now; start = now(); import {}; print(now() - start)"


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    yield chain(effort.chain)
    rows = [dot_text(effort.boxes, effort.rounds), imports(effort.rounds), peak_memory(effort), growth(effort)]
    yield Table("Size and start", "", ("", "found", "reached", "asked", ""), rows)


def clocked(deed: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """How long it took, and what came out."""
    start = clock()
    outcome = deed(*given)
    return clock() - start, outcome


def chain(depth: int) -> Table:
    """Everything that one does with a graph, done with one that is nothing but deep."""
    taken: dict[str, float] = {}
    with settled():
        taken["build"], node = clocked(nested, depth)
        taken["find its inputs and parameters"], graph = clocked(mg.Graph, node)
        taken["forward"], _ = clocked(graph.forward)
        taken["backward"], _ = clocked(graph.backward)
        taken["repr"], _ = clocked(repr, node)
        taken["DOT text of its two ends"], _ = clocked(source, node)
        taken["refuse to draw all of it"], _ = clocked(refused, node)
        start = clock()
        del graph, node
        gc.collect()
        taken["free"] = clock() - start
    rows = [(name, duration(seconds), *asked(PATIENCE, seconds)) for name, seconds in taken.items()]
    return Table(f"A chain of {depth:,} nodes", "tanh of tanh of tanh …", ("", "takes", "asked", ""), rows)


def nested(depth: int) -> mg.Node:
    """tanh of tanh of tanh …"""
    node: mg.Node = mg.Parameter(0.5, "x")
    for _ in range(depth):
        node = mg.tanh(node)
    return node


def source(node: mg.Node, **options: Any) -> str:
    """DOT text."""
    return mg.draw(node, **options).source


def refused(node: mg.Node) -> str:
    """Why not all of a large graph is drawn."""
    try:
        mg.draw(node, view="expression")
    except mg.MinigradError as error:
        return str(error)
    raise AssertionError("a picture of far too many nodes was drawn")


def dot_text(nodes: int, rounds: int) -> tuple[str, ...]:
    """Every node of a scalar graph in a picture."""
    program = deep(nodes)
    root = grow([mg.Parameter(value) for value in program.leaves], program, mg.tanh)
    root.backward()
    draw = partial(source, view="expression", limit=None)
    taken = [clocked(draw, root) for _ in range(min(rounds, 7))]
    seconds = median(time for time, _ in taken)
    size = len(taken[0][1]) / 1e6
    goal = Goal("≤", 0.5, "0.5 s")
    return f"DOT text of {nodes:,} nodes", f"{number(size)} MB", duration(seconds), *asked(goal, seconds)


def imports(rounds: int) -> tuple[str, ...]:
    """Seconds to import minigrad beside NumPy, each in processes of its own, in turn."""
    found: dict[str, list[float]] = {"minigrad": [], "numpy": []}
    with TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": cache}
        for _ in range(rounds + 1):
            for name, seconds in found.items():
                command = [sys.executable, "-c", START.format(name)]
                run = subprocess.run(command, env=environment, capture_output=True, check=True)
                seconds.append(float(run.stdout))
    mine, theirs = (seconds[1:] for seconds in found.values())  # the first time compiles to bytecode
    share = ratio(mine, theirs)
    figures = f"minigrad {middle(mine)} : NumPy {middle(theirs)}; of the minima {number(min(mine) / min(theirs))}"
    return "`import minigrad` : `import numpy`", figures, str(share), *asked(Goal("≤", 1.2), share.middle)


def peak(make: Callable[[], Step]) -> int:
    """The most bytes in use during a step, its program and parameters included."""
    gc.collect()
    tracemalloc.start()
    step = make()
    step()
    gc.collect()
    tracemalloc.reset_peak()
    step()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def peak_memory(effort: Effort) -> tuple[str, ...]:
    """A compiled step beside one that is written by hand."""
    work = by.task(effort.sizes, BATCH)
    graph = by.whole_layers(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    mine, hand = peak(partial(by.by_minigrad, work, graph)), peak(partial(by.classes_by_hand, work))
    name = f"peak memory of a step, {'-'.join(map(str, work.sizes))}, batches of {BATCH}"
    figures = f"minigrad {mine / 1e6:.2f} MB : hand-written NumPy {hand / 1e6:.2f} MB"
    return name, figures, number(mine / hand), *asked(Goal("≤", 1.2), mine / hand)


def growth(effort: Effort) -> tuple[str, ...]:
    """Bytes that training leaves behind."""
    work = by.task((64, 32, 10), None)
    step = by.by_minigrad(work, by.single_neurons(work.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid))
    tracemalloc.start()
    for _ in range(2 * len(work.X)):
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
        *asked(Goal("≤", 1_000, "1 kB"), more),
    )
