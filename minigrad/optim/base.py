"""The interface of optimizers and learning-rate schedules, and what the descent methods share.

An optimizer is two pure functions over flat vectors; a schedule is one pure function of the number of steps made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np

from minigrad._validation import check_number
from minigrad.errors import SettingError

Vector = np.ndarray
State = tuple[np.ndarray, ...]
"""What an optimizer carries from step to step."""


@runtime_checkable
class Optimizer(Protocol):
    """Anything with these two pure functions.

    `update` is written with operators and NumPy's ufuncs only, so that it can be recorded into a compiled program.
    """

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step."""
        ...

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step."""
        ...


@runtime_checkable
class Schedule(Protocol):
    """A learning rate that changes: a pure function of how many steps were made, 0 at the first.

    A step is one update of the parameters, not an epoch. `step` comes as an array of one number, or as one under
    recording: compute with operators and NumPy's ufuncs.
    """

    def at(self, step: Any) -> Any:
        """Return the learning rate of that step."""
        ...


Rate: TypeAlias = float | Schedule


def checked_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer; raise SettingError for what is none, such as a class or a bare learning rate."""
    if isinstance(optimizer, type) or not isinstance(optimizer, Optimizer):
        raise SettingError(
            "not an optimizer",
            found=repr(optimizer),
            expected="an object with init and update",
            cure="Write, for example, minigrad.SGD(lr=0.1).",
        )
    return optimizer


def check_rates(settings: Any, *names: str) -> None:
    """Raise SettingError unless each of these settings is a finite number of at least 0."""
    for name in names:
        check_number(getattr(settings, name), name)


def check_learning_rate(rate: Any, name: str = "lr") -> None:
    """Raise SettingError unless the setting is a schedule or a finite number of at least 0."""
    if isinstance(rate, type) or not isinstance(rate, Schedule):
        check_number(rate, name)


def rate_at(rate: Rate, step: Any) -> Any:
    """Return the learning rate of a step, whether it changes or not."""
    return rate.at(step) if isinstance(rate, Schedule) else rate


@dataclass(frozen=True, repr=False)
class GradientDescent(ABC):
    """Descent by w ← w − change, where the gradient has λw added to it, λ = `weight_decay` (Krogh and Hertz, 1992).

    With `decoupled`, ηλw is subtracted from the parameters instead, past whatever the method makes of the gradient.
    Raises SettingError for an impossible setting.
    """

    lr: Rate
    weight_decay: float = field(default=0.0, kw_only=True)

    decoupled: ClassVar[bool] = False
    fractions: ClassVar[tuple[str, ...]] = ()
    """The settings that must be below 1."""
    moment_count: ClassVar[int] = 1
    """How many vectors the method keeps."""

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name == "lr":
                check_learning_rate(value)
            elif setting.name in self.fractions:
                check_number(value, setting.name, below=1)
            else:
                check_number(value, setting.name)

    def __repr__(self) -> str:
        settings = {setting.name: getattr(self, setting.name) for setting in fields(self)}
        decay = settings.pop("weight_decay")
        settings |= {"weight_decay": decay} if decay else {}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in settings.items())})"

    def init_moments(self, parameters: Vector) -> State:
        """Return the velocities, sums or means of gradients that the method keeps, zero before the first step."""
        return tuple(np.zeros_like(parameters) for _ in range(self.moment_count))

    @abstractmethod
    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        """Return what one step at learning rate η = `rate` subtracts from the parameters, and the new moments."""

    def init(self, parameters: Vector) -> State:
        """Return the moments of the method, after the number of steps made where the learning rate depends on it."""
        moments = self.init_moments(parameters)
        return (np.zeros_like(parameters, shape=1), *moments) if isinstance(self.lr, Schedule) else moments

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step."""
        if not isinstance(self.lr, Schedule):
            return self.step(self.lr, parameters, gradient, state)
        count, *moments = state
        parameters, state = self.step(self.lr.at(count), parameters, gradient, tuple(moments))
        return parameters, (count + 1, *state)

    def step(self, rate: Any, parameters: Vector, gradient: Vector, moments: State) -> tuple[Vector, State]:
        """Return the parameters and the moments after one step at a learning rate, with weight decay."""
        if self.weight_decay and not self.decoupled:
            gradient = gradient + self.weight_decay * parameters
        change, moments = self.change(rate, gradient, moments)
        if self.weight_decay and self.decoupled:
            change = change + rate * self.weight_decay * parameters
        return parameters - change, moments
