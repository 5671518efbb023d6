"""Compiled networks beside hand-written NumPy, PyTorch, JAX and micrograd: every figure in one run, as ratios.

    python -m tests.benchmarks.compiled [--short] [--rounds N] [--write docs/performance.md]

Everything runs on one thread. Each round times every contestant once, in turn; a ratio is the median over the rounds,
with its quartiles in brackets. The short form runs all of it on a few steps, to see that the benchmark works.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import numpy as np

import minigrad as mg
from minigrad.compiler.compiled import Compiled
from tests.benchmarks import _contestants as by
from tests.benchmarks._contestants import Step

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


class Effort(NamedTuple):
    """How long to measure: rounds, seconds a contestant in each, samples of micrograd's demo, steps for growth."""

    rounds: int
    seconds: float
    samples: int
    steps: int
    sizes: tuple[int, int, int]


class Row(NamedTuple):
    """One line of the table."""

    work: str
    figure: str
    reached: str
    asked: str
    holds: bool | None


def times(contestants: Mapping[str, Step], effort: Effort) -> dict[str, list[float]]:
    """Seconds a step of each contestant, round by round."""
    counts = {}
    for name, step in contestants.items():
        step()
        start = perf_counter()
        step()
        counts[name] = max(1, int(effort.seconds / (perf_counter() - start)))
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(effort.rounds):
        for name, step in contestants.items():
            gc.collect()
            start = perf_counter()
            for _ in range(counts[name]):
                step()
            found[name].append((perf_counter() - start) / counts[name])
    return found


def ratio(of: list[float], to: list[float]) -> tuple[float, str]:
    """The median ratio, and it with its quartiles as text."""
    ratios = [a / b for a, b in zip(of, to, strict=True)]
    middle = median(ratios)
    if len(ratios) < 2:
        return middle, f"{middle:.3g}"
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    return middle, f"{middle:.3g} ({low:.3g} … {high:.3g})"


def compared(work: str, found: Mapping[str, list[float]], asked: Mapping[str, float | None]) -> Iterator[Row]:
    """minigrad's time as a multiple of each peer's."""
    mine = found["minigrad"]
    for peer, most in asked.items():
        if peer not in found:
            yield Row(work, f"minigrad / {peer}", "not installed", limit(most), None)
            continue
        value, text = ratio(mine, found[peer])
        figure = f"minigrad {micro(mine)} / {peer} {micro(found[peer])}"
        yield Row(work, figure, text, limit(most), None if most is None else value <= most)


def limit(most: float | None) -> str:
    return "–" if most is None else f"≤ {most:.3g}"


def micro(seconds: list[float]) -> str:
    return f"{median(seconds) * 1e6:,.1f} µs"


def installed(contestants: Mapping[str, tuple[str | None, Callable[[], Step]]]) -> dict[str, Step]:
    """The steps of those whose package is here."""
    return {
        name: make()
        for name, (package, make) in contestants.items()
        if package is None or importlib.util.find_spec(package)
    }


def sample_by_sample(effort: Effort) -> Iterator[Row]:
    work = by.task((64, 32, 10), None)
    graph = by.single_neurons(work.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid)
    steps = installed(
        {
            "minigrad": (None, partial(by.by_minigrad, work, graph)),
            "hand NumPy": (None, partial(by.sigmoids_by_hand, work)),
            "PyTorch eager": ("torch", partial(by.by_torch, work, "squared error")),
            "jax.jit": ("jax", partial(by.by_jax, work, "squared error")),
        }
    )
    asked = {"PyTorch eager": 1 / 15, "hand NumPy": 1.0, "jax.jit": None}
    yield from compared("64-32-10, sigmoid, squared error, one sample", times(steps, effort), asked)


def classes(effort: Effort) -> Iterator[Row]:
    work = by.task(effort.sizes, 64)
    name = f"{'-'.join(map(str, effort.sizes))}, ReLU, softmax cross-entropy, batch 64"
    singles = by.single_neurons(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    arrays = by.whole_layers(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    gc.collect()
    start = perf_counter()
    compiled = Compiled(singles.outputs, np.float32)
    mine = by.by_minigrad(work, singles, compiled)
    took = (perf_counter() - start) / len(singles) * 1e6
    steps = {"minigrad": mine} | installed(
        {
            "whole layers": (None, partial(by.by_minigrad, work, arrays)),
            "hand NumPy": (None, partial(by.classes_by_hand, work)),
            "bare matrix products": (None, partial(by.products_alone, work)),
            "PyTorch eager": ("torch", partial(by.by_torch, work, "cross-entropy")),
            "jax.jit": ("jax", partial(by.by_jax, work, "cross-entropy")),
        }
    )
    asked = {"PyTorch eager": 0.5, "jax.jit": 0.8, "bare matrix products": 1.15, "hand NumPy": None}
    found = times(steps, effort)
    yield from compared(name, found, asked)
    count = f"the same, of {len(singles.parameters):,} scalar parameters"
    yield from compared(count, found, {"whole layers": 1.03})
    yield Row(count, f"compiled, µs for each of {len(singles):,} nodes", f"{took:.3g}", "≤ 10", took <= 10)


def moons(effort: Effort) -> Iterator[Row]:
    X, labels = by.moons(effort.samples)
    unrolled = by.moons_graph(X, labels)
    steps = {
        "batched": by.moons_step(by.moons_graph(None, labels), effort.samples),
        "unrolled": by.moons_step(unrolled, None),
    }
    found = times(steps, effort)
    if importlib.util.find_spec("micrograd"):
        slow = by.by_micrograd(X, labels)
        for _ in range(2):
            start = perf_counter()
            slow()
            found.setdefault("micrograd", []).append(perf_counter() - start)
    work = f"micrograd's moons, 2-16-16-1, {effort.samples} points"
    sizes = {"batched": "batched", "unrolled": f"unrolled into {len(unrolled):,} nodes"}
    for name, least in {"batched": 10_000, "unrolled": 3_000}.items():
        if "micrograd" not in found:
            yield Row(work, f"micrograd / {sizes[name]}", "not installed", f"≥ {least:,}", None)
            continue
        times_faster = median(found["micrograd"]) / median(found[name])
        figure = f"micrograd {median(found['micrograd']):.3g} s / {sizes[name]} {micro(found[name])}"
        yield Row(work, figure, f"{times_faster:,.0f}", f"≥ {least:,}", times_faster >= least)


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


def memory(effort: Effort) -> Iterator[Row]:
    work = by.task(effort.sizes, 64)
    graph = by.whole_layers(work.sizes, mg.softmax_cross_entropy, mg.relu, mg.identity)
    mine, hand = peak(partial(by.by_minigrad, work, graph)), peak(partial(by.classes_by_hand, work))
    name = f"{'-'.join(map(str, effort.sizes))}, batch 64"
    figure = f"peak memory, {mine / 1e6:.2f} MB / hand NumPy {hand / 1e6:.2f} MB"
    yield Row(name, figure, f"{mine / hand:.3g}", "≤ 1.2", mine <= 1.2 * hand)
    small = by.task((64, 32, 10), None)
    step = by.by_minigrad(small, by.single_neurons(small.sizes, mg.squared_error, mg.sigmoid, mg.sigmoid))
    tracemalloc.start()
    for _ in range(2 * len(small.X)):
        step()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(effort.steps):
        step()
    growth = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    yield Row("64-32-10, one sample", f"bytes more after {effort.steps:,} steps", f"{growth}", "0", growth < 1_000)


def table(rows: list[Row]) -> str:
    """The rows as a table in markdown."""
    lines = ["| work | figure | reached | asked | |", "|---|---|---|---|---|"]
    marks = {True: "✓", False: "✗", None: ""}
    lines += [f"| {row.work} | {row.figure} | {row.reached} | {row.asked} | {marks[row.holds]} |" for row in rows]
    return "\n".join(lines)


PAGE = """# Performance

How fast compiled networks are, beside what else there is. `python -m tests.benchmarks.compiled --write {path}` measures
all of it in one run, on one thread in float32, and writes this page. A ratio is the median of {rounds} rounds in which
every contestant ran in turn, with its quartiles in brackets; "asked" is what the project set itself.

{table}

Measured on {machine}.

`python -m tests.benchmarks.eager` measures graphs that are built and differentiated node by node.
"""


def machine() -> str:
    """What the figures were measured on, in general words."""
    packages = {"NumPy": "numpy", "PyTorch": "torch", "JAX": "jax"}
    versions = [
        f"{name} {importlib.metadata.version(package)}"
        for name, package in packages.items()
        if importlib.util.find_spec(package)
    ]
    return (
        f"a {platform.machine()} machine with {os.cpu_count()} cores under {platform.system()}, "
        f"Python {platform.python_version()}, {', '.join(versions)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--short", action="store_true", help="few steps, to see that the benchmark runs")
    parser.add_argument("--write", metavar="PAGE", help="write the table into a page")
    chosen = parser.parse_args()
    effort = Effort(chosen.rounds, 0.1, 100, 100_000, (784, 128, 10))
    if chosen.short:
        effort = Effort(2, 0.005, 10, 10_000, (98, 16, 10))
    rows: list[Row] = []
    for measure in (sample_by_sample, classes, moons, memory):
        for row in measure(effort):
            rows.append(row)
            print(f"{row.work}: {row.figure}: {row.reached}, asked {row.asked}", flush=True)
    if chosen.write:
        page = PAGE.format(path=chosen.write, rounds=effort.rounds, table=table(rows), machine=machine())
        Path(chosen.write).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):  # read when NumPy is loaded
        command = [sys.executable, "-m", "tests.benchmarks.compiled", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    main()
