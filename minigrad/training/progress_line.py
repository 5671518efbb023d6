"""The line that shows a training under way: epochs, the loss and its course, the rate and the remaining time."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from math import isfinite, log
from shutil import get_terminal_size
from time import perf_counter
from typing import Self, TextIO
from unicodedata import east_asian_width

from minigrad._format import can_encode, printable
from minigrad.training.state import StepBudget, TrainingState
from minigrad.training.throttle import Throttle

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.:-=+*#"
"""The same heights, for a stream whose encoding lacks the bars."""
NOT_FINITE = "!"
"""What stands for a loss that is NaN or infinite."""
LEAST_BARS, MOST_BARS = 8, 20

DRAW_SECONDS, DRAW_SHARE = 0.1, 0.01
"""The least time between two drawings, and the share of the time that they may take: more rarely on a slow terminal."""
POSITION_SECONDS = 0.2
"""How much later a drawing within an epoch is due than one at its end: short epochs are not shown under way."""


class ProgressLine:
    """Line in a terminal or notebook that is drawn again and again while training goes on; nothing elsewhere.

    `samples` is the length of an epoch; None where nobody knows it before.
    """

    def __init__(self, state: TrainingState, budget: StepBudget, samples: int | None, enabled: bool) -> None:
        self.state, self.budget, self.samples = state, budget, samples
        self.stream = watched_stream() if enabled else None
        self.started = perf_counter()
        self.throttle = Throttle(DRAW_SECONDS, DRAW_SHARE)
        self.first_epoch = self.epochs_completed
        self.samples_learned = 0
        self.length = 0
        """How many characters of the line are on the screen."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.stream is not None and self.samples_learned:
            self.draw(is_last=True)
            self.end()

    def count_samples(self, count: int) -> None:
        """Count so many more samples; show where training stands if nothing was shown for long."""
        if self.stream is not None:
            self.samples_learned += count
            if self.throttle.is_due(POSITION_SECONDS):
                self.draw()

    def show_epoch(self) -> None:
        """Show what was measured after an epoch, unless something was shown a moment ago."""
        if self.stream is not None and self.throttle.is_due():
            self.draw()

    def draw(self, is_last: bool = False) -> None:
        """Write the line over the one before."""
        with self.throttle.measure():
            width = get_terminal_size().columns - 1  # some terminals begin a new line after the last column
            text = self.text(width, is_last)
            self.write("\r" + text.ljust(min(self.length, width)))
            self.length = len(text)

    def end(self) -> None:
        """Leave the line as it is; what is written next begins below it."""
        if self.stream is not None and self.length:
            self.length = 0
            self.write("\n")

    def write(self, text: str) -> None:
        """Write to the stream; show nothing from now on if that fails, since training must not."""
        try:
            print(text, end="", file=self.stream, flush=self.stream is sys.stderr)  # a notebook flushes by itself
        except (OSError, ValueError):
            self.stream = None

    def text(self, width: int, is_last: bool = False) -> str:
        """Return what fits into so many characters: first without the rate, then without what the metrics measured."""
        state, history, encoding = self.state, self.state.history, getattr(self.stream, "encoding", None) or "utf-8"
        number, position, losses, measured = state.epoch, "", history.loss, dict[str, list[float]]()
        if state.position:
            number, losses = number + 1, [*losses, state.loss_sum / state.position]
            position = f" ({state.position / self.samples:.0%})" if self.samples else f" ({state.position:,} samples)"
        else:
            measured = {"validation": history.validation_loss, **history.metrics}
        last = str(self.budget.last_epoch)
        parts = [f"epoch {number:>{len(last)}}/{last}{position}", f"loss {losses[-1]:.4g}"]
        parts += [f"{printable(name, encoding)} {numbers[-1]:.4g}" for name, numbers in measured.items() if numbers]
        width -= sum(east_asian_width(character) in "WF" for character in "".join(measured))  # they take two columns
        seconds = perf_counter() - self.started
        parts += [f"{rate_text(self.samples_learned / seconds)} samples/s"] if seconds else []
        parts += [f"in {duration(seconds)}" if is_last else self.time_left(seconds)]
        least = min(len(losses), LEAST_BARS)
        while len("  ".join(parts)) + 1 + least > width and len(parts) > 2:
            del parts[-2 if len(parts) > 3 else -1]
        room = width - len("  ".join(parts)) - 1
        if room >= least:
            bars = BARS if can_encode(BARS, encoding) else ASCII_BARS
            parts[1] += f" {sparkline(losses, min(room, MOST_BARS), bars)}"
        return "  ".join(parts)[:width].rstrip()

    @property
    def epochs_completed(self) -> float:
        """Return how many epochs have been learned from, with the part of the present one where its length is known."""
        return self.state.epoch + (self.state.position / self.samples if self.samples else 0)

    def time_left(self, seconds: float) -> str:
        """Return how long the rest will take at the speed of so many seconds; nothing where that is unknown."""
        budget, completed = self.budget, self.epochs_completed
        epochs = budget.epochs if budget.steps is None else budget.steps / budget.steps_per_epoch
        if completed == self.first_epoch:
            return ""
        return f"{duration(seconds * (epochs - completed) / (completed - self.first_epoch))} left"


def watched_stream() -> TextIO | None:
    """Return the stream of a terminal or a notebook; None where output goes elsewhere."""
    try:
        if sys.stderr.isatty():
            return sys.stderr
    except (AttributeError, ValueError):  # there is none, it is of a class of its own, or it is closed
        pass
    notebook = sys.modules.get("ipykernel.iostream")
    return sys.stdout if notebook is not None and isinstance(sys.stdout, notebook.OutStream) else None


def sparkline(losses: Sequence[float], most: int, bars: str = BARS) -> str:
    """Return the course of the loss as at most so many bars, for epochs at equal distances up to the last.

    The heights are logarithmic where all losses are positive; a loss that is not finite is a mark of its own.
    """
    count = min(len(losses), most)
    chosen = [losses[len(losses) * number // count - 1] for number in range(1, count + 1)]
    finite = [loss for loss in chosen if isfinite(loss)]
    scale = log if min(finite, default=0.0) > 0 else float
    low, high = (scale(limit(finite, default=0.0)) for limit in (min, max))
    heights = [bar_height(scale(loss), low, high, len(bars)) if isfinite(loss) else None for loss in chosen]
    return "".join(NOT_FINITE if height is None else bars[height] for height in heights)


def bar_height(value: float, low: float, high: float, count: int) -> int:
    """Return which of so many heights a value has between two others; the middle where these are the same."""
    half_range = high / 2 - low / 2  # the range itself may be beyond the largest number
    share = (value / 2 - low / 2) / half_range if half_range else 0.5
    return min(int(share * count), count - 1)


def rate_text(rate: float) -> str:
    """Format a rate without digits that change all the time: 1,240 or 0.31."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def duration(seconds: float) -> str:
    """Format a time that is short or long: 0.3 s, 0:12, 1:02:03."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
