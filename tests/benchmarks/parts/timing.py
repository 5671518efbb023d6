"""How libraries are timed, in turn and round by round, and how their times compare.

Two clocks run: that of the wall, whose seconds are compared, and that of the processor. On a quiet machine they agree.
Where the processor has worked longer, more than one thread was at work, which is an error; where it has worked less,
other programs were in the way, which the table says.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median, quantiles
from time import perf_counter as clock, process_time
from typing import Any, NamedTuple

from tests.benchmarks.parts.pinning import check_seconds

SHORTEST_STEP = 1e-7
"""Seconds that a step takes at least: clocks are coarse on some systems."""
SAME_CLOCKS = 1.05
"""How far the two clocks may be apart before a table tells both."""

Step = Callable[[], Any]
"""A call without arguments that does the work once."""


class UnavailableError(Exception):
    """Why a library cannot run here."""


class Seconds(NamedTuple):
    """How long something took, by both clocks."""

    wall: float
    processor: float

    def per(self, count: int) -> Seconds:
        return Seconds(self.wall / count, self.processor / count)


def time_call(function: Callable[..., Any], *arguments: Any) -> tuple[Seconds, Any]:
    """Return how long a call took, and what it returned."""
    wall, processor = clock(), process_time()
    result = function(*arguments)
    seconds = Seconds(clock() - wall, process_time() - processor)
    check_seconds(*seconds)
    return seconds, result


class Effort(NamedTuple):
    """How much is measured."""

    rounds: int
    seconds: float
    """How long a library runs in each round, at least."""
    small: tuple[int, int, int]
    """The layers of the network that learns sample by sample."""
    sizes: tuple[int, int, int]
    """The layers of the network of classes."""
    types: tuple[str, ...]
    """float32, float64, or both."""
    epoch: int
    """Steps of an epoch."""
    rows: int
    """Rows that `predict` and `evaluate` take at once."""
    widths: tuple[int, ...]
    """Inputs and hidden neurons of the networks in the figure."""
    samples: int
    """Points in micrograd's demo."""
    nodes: tuple[int, ...]
    """The random scalar graphs; of the largest one the peers run once."""
    growth: tuple[int, ...]
    """Nodes of the graphs with which everything is done that one does with a graph."""
    boxes: int
    """Nodes in the DOT text."""
    steps: int
    """Steps that must leave nothing behind in memory."""
    backend: str
    """What PyTorch compiles with: "inductor" writes C++, "aot_eager" only traces, which is quick."""


class Goal(NamedTuple):
    """What a figure is to reach."""

    sign: str
    bound: float
    words: str = ""
    """The bound as it is written, where that is not its digits."""

    def met(self, value: float) -> bool:
        return value <= self.bound if self.sign == "≤" else value >= self.bound

    def __str__(self) -> str:
        return f"{self.sign} {self.words or number(self.bound)}"


def make_steps(libraries: Mapping[str, Callable[[], Step]]) -> tuple[dict[str, Step], dict[str, str]]:
    """Return the steps of those that can run here, and why the others cannot."""
    steps, unavailable = {}, {}
    for name, make in libraries.items():
        try:
            steps[name] = make()
        except ModuleNotFoundError as error:
            unavailable[name] = f"{error.name} is not installed"
        except UnavailableError as error:
            unavailable[name] = str(error)
    return steps, unavailable


@contextmanager
def frozen_heap() -> Iterator[None]:
    """Keep what is in memory already from costing the garbage collector time, as in a fresh process."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def seconds_per_step(step: Step, seconds: float) -> Seconds:
    """Return the seconds a step, over as many as fit, after one that shows how many and leaves behind what a step does.

    What the garbage collector has to do for one step it does in the next, so it is charged to the steps that are timed.
    """
    once, _ = time_call(step)
    count = max(1, int(seconds / max(once.wall, SHORTEST_STEP)))

    def repeat() -> None:
        for _ in range(count):
            step()

    return time_call(repeat)[0].per(count)


def measure_rounds(libraries: Mapping[str, Step], effort: Effort) -> dict[str, list[Seconds]]:
    """Return the seconds a step of each library, round by round, after one round that does not count."""
    seconds: dict[str, list[Seconds]] = {name: [] for name in libraries}
    with frozen_heap():
        for round_number in range(effort.rounds + 1):
            for name, step in libraries.items():
                gc.collect()  # what one library left behind is not charged to the next
                time = seconds_per_step(step, effort.seconds)
                if round_number:
                    seconds[name].append(time)
    return seconds


class Ratio(NamedTuple):
    """The median of ratios, and their quartiles."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{number(self.median)} ({number(self.low)} … {number(self.high)})"


def ratio(of: Sequence[float], to: Sequence[float]) -> Ratio:
    """How much longer one took than the other, round by round."""
    ratios = [a / b for a, b in zip(of, to, strict=True)]
    low, _, high = quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Ratio(median(ratios), low, high)


def walls(values: Sequence[Seconds]) -> list[float]:
    """Return the seconds by the clock on the wall, which are compared."""
    return [value.wall for value in values]


def number(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip("0").rstrip(".")


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds * 1e9)} ns"


def median_duration(values: Sequence[Seconds]) -> str:
    """Return the median of some times; also that of the processor, where the clocks are apart."""
    wall, processor = median(walls(values)), median(value.processor for value in values)
    is_same = wall <= SAME_CLOCKS * processor
    return duration(wall) if is_same else f"{duration(wall)}, processor {duration(processor)}"
