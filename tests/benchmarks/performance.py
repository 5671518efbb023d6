"""How fast minigrad is beside hand-written NumPy and its peers: every figure in one run, as ratios.

    python -m tests.benchmarks.performance [--short] [--rounds N] [--write docs/performance.md] [PART …]

Everything runs on one core and one thread, which is checked, and what is compared are the seconds that pass. Each round
times every library once, in turn; a ratio is the median over the rounds, with its quartiles in brackets. The parts are
training, predictions, calls, moons, widths, scalars, growth and resources; without a choice all run. `--write` puts
their tables into the page, and the plots of those that ran beside it; what is written there by hand stays. The short
form runs all of it on a few steps, to see that the benchmark works. The peers come with the extra `bench`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter

from tests.benchmarks.parts import (
    calls,
    figure,
    growth,
    moons,
    predictions,
    resources,
    scalars,
    training,
    widths,
)
from tests.benchmarks.parts.pinning import ONE_THREAD, check_pinning, is_set, pin
from tests.benchmarks.parts.report import Curves, Report, Table, describe_clocks, describe_machine, fill_blocks
from tests.benchmarks.parts.timing import Effort, Seconds

LONG = Effort(
    rounds=11,
    seconds=0.1,
    small=(64, 32, 10),
    sizes=(784, 128, 10),
    types=("float32", "float64"),
    epoch=100,
    rows=10_000,
    widths=(8, 16, 32, 64, 128, 256, 512, 1024),
    samples=100,
    nodes=(1_000, 10_000, 100_000, 1_000_000),
    growth=(1_000, 10_000, 100_000, 1_000_000),
    boxes=10_000,
    steps=100_000,
    backend="inductor",
)
SHORT = Effort(
    rounds=1,
    seconds=0.001,
    small=(12, 8, 3),
    sizes=(20, 12, 3),
    types=("float32",),
    epoch=4,
    rows=100,
    widths=(4, 6),
    samples=10,
    nodes=(500, 1_000, 2_000),
    growth=(1_000,),
    boxes=500,
    steps=400,
    backend="aot_eager",
)
PICTURES = Path("pictures")
"""The folder of the plots, from where the page is."""

PARTS: dict[str, Callable[[Effort], Report]] = {
    "training": training.report,
    "predictions": predictions.report,
    "calls": calls.report,
    "moons": moons.report,
    "widths": widths.report,
    "scalars": scalars.report,
    "growth": growth.report,
    "resources": resources.report,
}


def print_tables(tables: Iterable[Table]) -> Iterator[str]:
    """Yield the tables as text, each printed as soon as it is measured."""
    for table in tables:
        print(table, end="\n\n", flush=True)
        yield str(table)


def all_seconds() -> Seconds:
    """Return what both clocks say, that of the processor for this process and those that it has waited for."""
    user, system, children_user, children_system, _ = os.times()
    return Seconds(perf_counter(), user + system + children_user + children_system)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all unless some are named")
    parser.add_argument("--rounds", type=int, default=LONG.rounds)
    parser.add_argument("--short", action="store_true", help="few steps, to see that the benchmark runs")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="write the results into a page")
    chosen = parser.parse_args()
    parts = chosen.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    if chosen.short:
        os.environ["NUMBA_DISABLE_JIT"] = "1"  # its compiler takes half of the time that all the rest takes
    effort = SHORT if chosen.short else LONG._replace(rounds=chosen.rounds)
    blocks: dict[str, str] = {}
    panels: dict[str, Curves] = {}
    clocks: dict[str, Seconds] = {}
    for name in parts:
        start = all_seconds()
        report = PARTS[name](effort)
        blocks[name] = "\n\n".join(print_tables(report.tables))
        panels |= report.panels
        clocks[name] = Seconds(*(now - then for now, then in zip(all_seconds(), start, strict=True)))
        check_pinning()  # of the libraries that have been loaded by now, too
    blocks["machine"] = f"{describe_machine()}\n\n{describe_clocks(clocks)}"
    print(blocks["machine"])
    plots = figure.draw_all(panels)
    if chosen.write:
        chosen.write.write_text(fill_blocks(chosen.write.read_text(encoding="utf-8"), blocks), encoding="utf-8")
        for name, plot in plots.items():
            figure.save(plot, chosen.write.parent / PICTURES / name)


if __name__ == "__main__":
    pin()
    if not is_set(os.environ):  # read when NumPy is loaded, which it has been
        command = [sys.executable, "-m", "tests.benchmarks.performance", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    check_pinning()
    main()
