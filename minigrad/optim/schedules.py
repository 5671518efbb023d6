"""Learning-rate schedules η(t) of the number t of steps made, each usable as `lr` of any optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

from minigrad.errors import SettingError
from minigrad.optim.base import Rate, Schedule, Settings, rate_at


@dataclass(frozen=True)
class ConstantRate(Settings, Schedule):
    """Constant rate, η(t) = lr; the number alone does the same.

    Args:
        lr: The rate, at least 0.

    Raises:
        SettingError: If it is out of range.

    Example:
        >>> mg.ConstantRate(0.1).at(1000)
        0.1
    """

    lr: float

    def at(self, step: float) -> float:
        return self.lr


@dataclass(frozen=True)
class StepDecay(Settings, Schedule):
    """Step decay, η(t) = lr · factor^⌊t / every⌋.

    Args:
        lr: First rate, at least 0.
        every: Steps between two changes, at least 1.
        factor: Factor of each change, at least 0.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> schedule = mg.StepDecay(1.0, every=2, factor=0.5)
        >>> print([schedule.at(step) for step in range(5)])
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    lr: float
    every: int
    factor: float = 0.1

    integers = ("every",)

    def at(self, step: float) -> float:
        return self.lr * self.factor ** (step // self.every)


@dataclass(frozen=True)
class ExponentialDecay(Settings, Schedule):
    """Exponential decay, η(t) = lr · factorᵗ.

    Args:
        lr: First rate, at least 0.
        factor: Factor of each step, at least 0.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> schedule = mg.ExponentialDecay(1.0, factor=0.5)
        >>> print([schedule.at(step) for step in range(4)])
        [1.0, 0.5, 0.25, 0.125]
    """

    lr: float
    factor: float = 0.999

    def at(self, step: float) -> float:
        return self.lr * self.factor**step


@dataclass(frozen=True)
class CosineDecay(Settings, Schedule):
    """Cosine decay, η(t) = least + (lr − least) · (1 + cos(π t / steps)) / 2, and `least` from then on.

    Source: Loshchilov and Hutter, SGDR, 2017, without restarts.

    Args:
        lr: First rate, at least 0.
        steps: Steps until the last rate, at least 1; for all of training, epochs · batches per epoch.
        least: Last rate, at least 0.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> schedule = mg.CosineDecay(1.0, steps=4)
        >>> print([round(schedule.at(step), 4) for step in range(6)])
        [1.0, 0.8536, 0.5, 0.1464, 0.0, 0.0]
    """

    lr: float
    steps: int
    least: float = 0.0

    integers = ("steps",)

    def at(self, step: float) -> float:
        return self.lr + (self.least - self.lr) * half_cosine(step / self.steps)


@dataclass(frozen=True)
class WarmUp(Settings, Schedule):
    """Linear warm-up to another rate η′, η(t) = η′(0) · (start + (1 − start) · t / steps), then η(t) = η′(t − steps).

    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017.

    Args:
        then: The rate that follows: a number or a schedule.
        steps: Steps of the warm-up, at least 1.
        start: Fraction of the first rate of `then` to begin with, at least 0.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> schedule = mg.WarmUp(mg.StepDecay(1.0, every=1, factor=0.5), steps=2, start=0.0)
        >>> print([schedule.at(step) for step in range(5)])
        [0.0, 0.5, 1.0, 0.5, 0.25]
    """

    then: Rate
    steps: int
    start: float = 0.1

    rates = ("then",)
    integers = ("steps",)

    def at(self, step: float) -> float:
        fraction = min(step / self.steps, 1.0)
        return rate_at(self.then, max(step - self.steps, 0)) * (self.start + (1 - self.start) * fraction)


@dataclass(frozen=True)
class OneCycle(Settings, Schedule):
    """One cycle on half cosines: η rises from lr / begin to lr, then falls to lr / (begin · end).

    Source: Smith and Topin, Super-Convergence, 2018.

    Args:
        lr: Highest rate, at least 0.
        steps: Steps of the whole cycle; for all of training, epochs · batches per epoch.
        rise: Fraction of the steps that rise, below 1.
        begin: The first rate is lr / begin; above 0.
        end: The last rate is the first divided by `end`; above 0.

    Raises:
        SettingError: If a setting is out of range, or the rising part has no more than one step.

    Example:
        >>> schedule = mg.OneCycle(1.0, steps=9, rise=0.5, begin=10, end=10)
        >>> print([round(schedule.at(step), 3) for step in (0, 3.5, 8)])
        [0.1, 1.0, 0.01]
    """

    lr: float
    steps: int
    rise: float = 0.3
    begin: float = 25.0
    end: float = 1e4

    integers = ("steps",)
    fractions = ("rise",)
    positive = ("begin", "end")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rise * self.steps <= 1:
            found, cure = f"{self.rise} of {self.steps} steps", "Use more steps or a larger rise."
            raise SettingError(
                "the rising part is too short", node="rise", found=found, expected="over 1 step", cure=cure
            )

    def at(self, step: float) -> float:
        peak, last = self.rise * self.steps - 1, self.steps - 1
        first, final = self.lr / self.begin, self.lr / (self.begin * self.end)
        up, down = half_cosine(step / peak), half_cosine((step - peak) / (last - peak))
        return first + (self.lr - first) * up + (final - self.lr) * down


def half_cosine(fraction: float) -> float:
    """Return (1 − cos πp) / 2, from 0 up to 1 as the fraction p goes from 0 to 1; flat outside."""
    return (1 - cos(pi * min(max(fraction, 0.0), 1.0))) / 2
