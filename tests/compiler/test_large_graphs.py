"""Graphs that are long, wide, much read or unevenly read: every engine agrees, and none blows up."""

from __future__ import annotations

import gc
import tracemalloc
from time import perf_counter

import pytest

import minigrad as mg
from tests.compiler.large_graphs import LARGE, compare_full, compare_small

WIDE = [name for name, large in LARGE.items() if large.full < 100_000]


@pytest.mark.parametrize("name", LARGE)
def test_every_engine_agrees(name: str) -> None:
    assert compare_small(name) > 300


@pytest.mark.slow
@pytest.mark.parametrize("name", WIDE)
def test_ten_thousand_parents_or_readers(name: str) -> None:
    assert compare_full(name, ["auto"]) > 10_000


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["auto", "tape"])
@pytest.mark.parametrize("name", ["neuron", "much read", "unevenly read"])
def test_neither_memory_nor_time_blows_up(name: str, engine: str) -> None:
    """Sixteen times the size takes little more than sixteen times the memory and time, not 256 times as much."""
    small, large = (cost(name, engine, size) for size in (LARGE[name].full // 40, LARGE[name].full * 4 // 10))
    assert large[0] < 32 * small[0] + 1_000_000
    assert large[1] < 80 * small[1]


def cost(name: str, engine: str, size: int) -> tuple[int, float]:
    """The bytes at their peak, and the seconds, that compiling and running such a graph takes."""
    graph = mg.Graph(LARGE[name].make(size))
    gc.collect()
    start = perf_counter()
    graph.compile(engine=engine).gradient()
    seconds = perf_counter() - start
    tracemalloc.start()
    graph.compile(engine=engine).gradient()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, seconds
