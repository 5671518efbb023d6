"""Learning-rate schedules η(t) of the number t of steps made, each usable as `lr` of any optimizer."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np

from minigrad._validation import check_integer, check_number
from minigrad.errors import SettingError
from minigrad.optim.base import Rate, check_learning_rate, check_rates, rate_at


@dataclass(frozen=True)
class ConstantRate:
    """Constant rate, η(t) = `lr`; the number alone does the same."""

    lr: float

    def __post_init__(self) -> None:
        check_rates(self, "lr")

    def at(self, step: Any) -> Any:
        return self.lr


@dataclass(frozen=True)
class StepDecay:
    """Step decay, η(t) = lr · factor^⌊t / every⌋."""

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        check_rates(self, "lr", "factor")
        check_integer(self.every, "every", 1)

    def at(self, step: Any) -> Any:
        return self.lr * self.factor ** np.floor(step / self.every)


@dataclass(frozen=True)
class ExponentialDecay:
    """Exponential decay, η(t) = lr · factorᵗ."""

    lr: float
    factor: float = 0.999

    def __post_init__(self) -> None:
        check_rates(self, "lr", "factor")

    def at(self, step: Any) -> Any:
        return self.lr * self.factor**step


@dataclass(frozen=True)
class CosineDecay:
    """Cosine decay, η(t) = least + (lr − least) · (1 + cos(π t / steps)) / 2, and `least` from then on.

    Source: Loshchilov and Hutter, SGDR, 2017, without restarts.
    """

    lr: float
    steps: int
    least: float = 0.0

    def __post_init__(self) -> None:
        check_rates(self, "lr", "least")
        check_integer(self.steps, "steps", 1)

    def at(self, step: Any) -> Any:
        return self.lr + (self.least - self.lr) * half_cosine(step / self.steps)


@dataclass(frozen=True)
class WarmUp:
    """Linear warm-up to another rate η′, η(t) = η′(0) · (start + (1 − start) · t / steps), then η(t) = η′(t − steps).

    `then` is a number or a schedule, `start` the fraction of its first rate to begin with.
    Source: Goyal et al., Accurate, Large Minibatch SGD, 2017.
    """

    then: Rate
    steps: int
    start: float = 0.1

    def __post_init__(self) -> None:
        check_learning_rate(self.then, "then")
        check_rates(self, "start")
        check_integer(self.steps, "steps", 1)

    def at(self, step: Any) -> Any:
        fraction = np.minimum(step / self.steps, 1.0)
        return rate_at(self.then, np.maximum(step - self.steps, 0.0)) * (self.start + (1 - self.start) * fraction)


@dataclass(frozen=True)
class OneCycle:
    """One cycle up and down on half cosines: from lr / `begin` to `lr`, then to lr / (`begin` · `end`).

    `steps` are all steps, `rise` the fraction of them that go up. Raises SettingError where less than one step would.
    Source: Smith and Topin, Super-Convergence, 2018.
    """

    lr: float
    steps: int
    rise: float = 0.3
    begin: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        check_rates(self, "lr", "begin", "end")
        check_integer(self.steps, "steps", 2)
        check_number(self.rise, "rise", below=1)
        for name in ("begin", "end"):
            if getattr(self, name) == 0:
                raise SettingError("an impossible setting", node=name, found=0, expected="a number above 0")
        if self.rise * self.steps <= 1:
            raise SettingError(
                "a cycle that does not rise",
                node="rise",
                found=f"{self.rise} of {self.steps} steps",
                expected="more than one step",
                cure="Take more steps, or let a larger part of them rise.",
            )

    def at(self, step: Any) -> Any:
        peak, last = self.rise * self.steps - 1, self.steps - 1
        first, final = self.lr / self.begin, self.lr / (self.begin * self.end)
        up, down = half_cosine(step / peak), half_cosine((step - peak) / (last - peak))
        return first + (self.lr - first) * up + (final - self.lr) * down


def half_cosine(fraction: Any) -> Any:
    """Return (1 − cos πp) / 2, from 0 up to 1 as the fraction p goes from 0 to 1; flat outside."""
    return (1 - np.cos(pi * np.minimum(np.maximum(fraction, 0.0), 1.0))) / 2
