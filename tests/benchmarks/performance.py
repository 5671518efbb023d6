"""How fast minigrad is beside hand-written NumPy and its peers: every figure in one run, as ratios.

    python -m tests.benchmarks.performance [--short] [--rounds N] [--write docs/performance.md] [PART …]

Everything runs on one thread, and times are seconds of the processor. Each round times every library once, in turn;
a ratio is the median over the rounds, with its quartiles in brackets. The parts are networks, moons, widths, scalars
and resources; without a choice all run. `--write` puts their tables into the page and, if all run, the plot beside it;
what is written there by hand stays. The short form runs all of it on a few steps, to see that the benchmark works. The
peers come with the extra `bench`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.benchmarks.parts import figure, moons, networks, resources, scalars, widths
from tests.benchmarks.parts.report import Curves, Report, Table, describe_machine, fill_blocks
from tests.benchmarks.parts.timing import Effort

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
}
LONG = Effort(
    rounds=15,
    seconds=0.1,
    sizes=(784, 128, 10),
    widths=(8, 16, 32, 64, 128, 256, 512, 1024),
    samples=100,
    nodes=(1_000, 10_000, 100_000, 1_000_000),
    chain=1_000_000,
    boxes=10_000,
    steps=100_000,
    backend="inductor",
)
SHORT = Effort(
    rounds=2,
    seconds=0.002,
    sizes=(98, 16, 10),
    widths=(8, 16),
    samples=10,
    nodes=(1_000, 2_000, 4_000),
    chain=20_000,
    boxes=500,
    steps=2_000,
    backend="aot_eager",
)
PLOT = Path("pictures", "performance.svg")
"""The plot, from where the page is."""


PARTS: dict[str, Callable[[Effort], Report]] = {
    "networks": networks.report,
    "moons": moons.report,
    "widths": widths.report,
    "scalars": scalars.report,
    "resources": resources.report,
}


def print_tables(tables: Iterable[Table]) -> Iterator[str]:
    """Yield the tables as text, each printed as soon as it is measured."""
    for table in tables:
        print(table, end="\n\n", flush=True)
        yield str(table)


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
    effort = SHORT if chosen.short else LONG._replace(rounds=chosen.rounds)
    blocks: dict[str, str] = {}
    curves: dict[str, Curves] = {}
    for name in parts:
        report = PARTS[name](effort)
        blocks[name] = "\n\n".join(print_tables(report.tables))
        curves[name] = report.curves
    blocks["machine"] = describe_machine()
    if chosen.write:
        chosen.write.write_text(fill_blocks(chosen.write.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    if curves.get("widths") and curves.get("scalars"):
        plot = figure.draw(curves["widths"], curves["scalars"])
        if chosen.write:
            figure.save(plot, chosen.write.parent / PLOT)


if __name__ == "__main__":
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):  # read when NumPy is loaded
        command = [sys.executable, "-m", "tests.benchmarks.performance", *sys.argv[1:]]
        sys.exit(subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    main()
