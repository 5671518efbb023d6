"""Training steps of networks, beside those of the peers."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from time import process_time as clock

import minigrad as mg
from tests.benchmarks.parts import contestants as by
from tests.benchmarks.parts.page import Report, Table, asked
from tests.benchmarks.parts.timing import Effort, Goal, Step, duration, made, middle, number, ratio, times

BATCH = 64
HEAD = ("", "a step", "minigrad : it", "asked", "")


def report(effort: Effort) -> Report:
    return Report(tables(effort), {})


def tables(effort: Effort) -> Iterator[Table]:
    yield sample_by_sample(effort)
    yield classes(effort)


def frameworks(work: by.Task, loss: str, backend: str) -> dict[str, partial[Step]]:
    """What others offer for this work."""
    return {
        "PyTorch eager": partial(by.by_torch, work, loss),
        "PyTorch compiled": partial(by.by_compiled_torch, work, loss, backend),
        "JAX": partial(by.by_jax, work, loss),
        "autograd": partial(by.by_autograd, work, loss),
        "MyGrad": partial(by.by_mygrad, work, loss),
    }


def compared(
    found: Mapping[str, Sequence[float]], absent: Mapping[str, str], goals: Mapping[str, Goal | None]
) -> Iterator[tuple[str, ...]]:
    """A row for minigrad, and one for each peer with minigrad's time as a multiple of its."""
    mine = found["minigrad"]
    yield "minigrad", middle(mine), "", "", ""
    for peer, goal in goals.items():
        if peer in absent:
            yield peer, absent[peer], "", *asked(goal, None)
        else:
            share = ratio(mine, found[peer])
            yield peer, middle(found[peer]), str(share), *asked(goal, share.middle)


def sample_by_sample(effort: Effort) -> Table:
    work = by.task((64, 32, 10), None)
    graph = by.single_neurons(work.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid)
    mine = {"minigrad": partial(by.by_minigrad, work, graph), "hand-written NumPy": partial(by.sigmoids_by_hand, work)}
    steps, absent = made(mine | frameworks(work, "squared error", effort.backend))
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
        list(compared(times(steps, effort), absent, goals)),
    )


def classes(effort: Effort) -> Table:
    work = by.task(effort.sizes, BATCH)
    graph = by.single_neurons(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    arrays = by.whole_layers(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    gc.collect()
    start = clock()
    mine = by.by_minigrad(work, graph)
    took = clock() - start
    own = {
        "minigrad of whole layers": partial(by.by_minigrad, work, arrays),
        "matrix products alone": partial(by.products_alone, work),
        "hand-written NumPy": partial(by.classes_by_hand, work),
    }
    steps, absent = made(own | frameworks(work, "cross-entropy", effort.backend))
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
    rows = list(compared(times({"minigrad": mine} | steps, effort), absent, goals))
    each = took / len(graph) * 1e6
    compiling = f"compiling its {len(graph):,} nodes, once"
    rows.insert(1, (compiling, duration(took), f"{number(each)} µs a node", *asked(Goal("≤", 10), each)))
    return Table(
        f"{'-'.join(map(str, work.sizes))}, batches of {BATCH}",
        f"ReLU, softmax cross-entropy, SGD; {len(graph.parameters):,} scalar parameters compiled.",
        HEAD,
        rows,
    )
