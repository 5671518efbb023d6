"""Tables in markdown, and the page that holds them beside what was written by hand."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.benchmarks.parts.timing import Goal, Seconds, duration, number

PACKAGES = {
    "NumPy": "numpy",
    "PyTorch": "torch",
    "JAX": "jax",
    "numba": "numba",
    "scikit-learn": "scikit-learn",
    "autograd": "autograd",
    "MyGrad": "mygrad",
    "micrograd": "micrograd",
    "CasADi": "casadi",
}


class Table(NamedTuple):
    """What was measured of one task."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def __str__(self) -> str:
        lines = [self.head, tuple("---" if column == 0 else "--:" for column in range(len(self.head))), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return "\n\n".join(filter(None, (f"### {self.title}", self.about, table)))


Curves = dict[str, dict[int, float]]
"""Seconds by size, for each library."""


class Report(NamedTuple):
    """The tables of one part, each made when it is read, and its lines in the plots, if it has any, by the panel."""

    tables: Iterable[Table]
    panels: dict[str, Curves]


def goal_cells(goal: Goal | None, value: float | None) -> tuple[str, str]:
    """Return the goal and whether it is reached: the last two cells of a row."""
    if goal is None:
        return "", ""
    return str(goal), "" if value is None else "✓" if goal.met(value) else "✗"


def mark(goal: Goal | None, value: float) -> str:
    """Return what follows a figure in its cell: whether it reaches its goal."""
    return "" if goal is None else " ✓" if goal.met(value) else " ✗"


def fill_blocks(page: str, blocks: Mapping[str, str]) -> str:
    """The page with each measured block written anew; what stands around them is kept.

    A block stands between the comments `<!-- measured: name -->` and `<!-- end of name -->`. Raises ValueError for a
    page that lacks one.
    """
    for name, text in blocks.items():
        start, end = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
        before, opening, rest = page.partition(start)
        _, closing, after = rest.partition(end)
        if not (opening and closing):
            raise ValueError(f"the page has no {start} … {end}")
        page = f"{before}{start}\n{text}\n{end}{after}"
    return page


def is_installed(package: str) -> bool:
    try:
        return bool(importlib.metadata.version(package))
    except importlib.metadata.PackageNotFoundError:
        return False


def describe_machine() -> str:
    """What the figures were measured on, in general words."""
    versions = [
        f"{name} {importlib.metadata.version(package)}" for name, package in PACKAGES.items() if is_installed(package)
    ]
    return (
        f"Measured on a {platform.machine()} machine with {os.cpu_count()} cores under {platform.system()}, "
        f"Python {platform.python_version()}, {', '.join(versions)}."
    )


def describe_clocks(clocks: Mapping[str, Seconds]) -> str:
    """How long each part took, and how much of that time the processor worked for it."""
    parts = (
        f"{name} {duration(seconds.wall)} ({number(100 * seconds.processor / seconds.wall)} %)"
        for name, seconds in clocks.items()
    )
    return f"Time that passed, and how much of it the processor was at work for this: {', '.join(parts)}."
