"""How long public calls take in the working tree, as a multiple of what they take in another commit.

    python -m tests.benchmarks.compare COMMIT [--rounds N] [--only NAME …]

In each round the working tree and the commit have a process each, pinned to the same core, with one thread, and do
every workload (tests/benchmarks/parts/workloads.py) one right after the other. The times are seconds of the processor;
a ratio is the median over the rounds, with its quartiles in brackets. Results that differ are pointed out, too. Run it
by hand and alone: on a busy machine even the seconds of the processor grow.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.parts import workloads
from tests.benchmarks.parts.report import Table, goal_cells
from tests.benchmarks.parts.timing import Goal, duration, ratio

ROOT = Path(__file__).parent.parent.parent
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ALLOWED = Goal("≤", 1.08)
ALLOWED_OF = {"eager backward": Goal("≤", 1.10)}
"""Ratios that are still accepted."""
ROUNDS = 7
SAME = 1e-6
"""How far results may differ, relative to their size."""


class Measured(NamedTuple):
    """What one checkout needed for one workload: seconds by round, and the number that it returned."""

    seconds: list[float]
    results: list[float]


class Worker:
    """A process that measures workloads with the minigrad of one checkout."""

    def __init__(self, checkout: Path, size: str, bytecode: str) -> None:
        environment = {
            **os.environ,
            **ONE_THREAD,
            "PYTHONPATH": str(checkout),
            "PYTHONHASHSEED": "0",
            "PYTHONPYCACHEPREFIX": bytecode,
            "PYTHONDONTWRITEBYTECODE": "",  # an import is measured as users have it, of modules compiled before
        }
        command = [sys.executable, "-P", str(Path(workloads.__file__)), size]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
        imported = Path(self.answer())
        assert imported == checkout, f"minigrad was imported from {imported}, not from {checkout}"

    def answer(self) -> str | list[float]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.process.args} ended early")
        return json.loads(line)

    def measure(self, name: str) -> list[float]:
        """Return seconds and result of one workload."""
        assert self.process.stdin
        print(name, file=self.process.stdin, flush=True)
        return self.answer()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its input, at which it ends


def extract(commit: str, folder: Path) -> None:
    """Write the package as it was in a commit into a folder."""
    archive = subprocess.run(["git", "archive", commit, "minigrad"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")


def compare(
    checkouts: Mapping[str, Path], names: Sequence[str], rounds: int, size: str = "full"
) -> dict[str, dict[str, Measured]]:
    """Return what each checkout needed for each workload, by workload and checkout."""
    measured = {name: {label: Measured([], []) for label in checkouts} for name in names}
    for round_number in range(rounds):
        with ExitStack() as stack:
            bytecode = stack.enter_context(tempfile.TemporaryDirectory())
            workers = {label: stack.enter_context(Worker(path, size, bytecode)) for label, path in checkouts.items()}
            for index, name in enumerate(names):
                order = list(workers.items())
                for label, worker in order if (round_number + index) % 2 else reversed(order):
                    seconds, result = worker.measure(name)
                    measured[name][label].seconds.append(seconds)
                    measured[name][label].results.append(result)
        print(f"round {round_number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return measured


def rows(measured: Mapping[str, Mapping[str, Measured]]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each workload, the first checkout being what the second is compared with."""
    for name, by_checkout in measured.items():
        before, after = by_checkout.values()
        times = ratio(after.seconds, before.seconds)
        same = math.isclose(before.results[0], after.results[0], rel_tol=SAME, abs_tol=SAME)
        remark = "" if same else f"results differ: {before.results[0]:.9g}, now {after.results[0]:.9g}"
        goal = ALLOWED_OF.get(name, ALLOWED)
        yield (
            name,
            duration(median(before.seconds)),
            duration(median(after.seconds)),
            str(times),
            *goal_cells(goal, times.median),
            remark,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("commit", help="what the working tree is compared with")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"parts of names: {', '.join(workloads.WORKLOADS)}")
    chosen = parser.parse_args()
    names = [name for name in workloads.WORKLOADS if not chosen.only or any(part in name for part in chosen.only)]
    if not names:
        parser.error(f"no such workload: {', '.join(chosen.only)}")
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder).resolve()
        extract(chosen.commit, checkout)
        measured = compare({chosen.commit: checkout, "working tree": ROOT}, names, chosen.rounds)
    head = ("", chosen.commit[:12], "working tree", "working tree : commit", "goal", "", "")
    print(Table(f"The working tree beside {chosen.commit[:12]}", "", head, list(rows(measured))))


if __name__ == "__main__":
    main()
