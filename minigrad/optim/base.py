"""What an optimizer is: two pure functions over flat vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import numpy as np

from minigrad._validation import check_number
from minigrad.errors import SettingError

Vector = np.ndarray
State = tuple[np.ndarray, ...]
"""What an optimizer remembers from step to step."""


@runtime_checkable
class Optimizer(Protocol):
    """Anything with these two pure functions.

    `update` is written with operators and NumPy's ufuncs only, so that it can be recorded into a compiled program.
    """

    def init(self, parameters: Vector) -> State:
        """The state before the first step."""
        ...

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """The parameters and the state after one step."""
        ...


def checked_optimizer(optimizer: Any) -> Optimizer:
    """The optimizer as it is; raises SettingError for what is none, such as a class or a bare learning rate."""
    if isinstance(optimizer, type) or not isinstance(optimizer, Optimizer):
        raise SettingError(
            "not an optimizer",
            found=repr(optimizer),
            expected="an object with init and update",
            cure="Write, for example, minigrad.SGD(lr=0.1).",
        )
    return optimizer


@dataclass(frozen=True, repr=False)
class Descent(ABC):
    """w ← w − change, where the gradient has λw added to it, λ = `weight_decay` (Krogh and Hertz, 1992).

    With `decoupled`, ηλw is taken off the parameters instead, past whatever the method makes of the gradient.
    Raises SettingError for an impossible setting.
    """

    lr: Rate
    weight_decay: float = field(default=0.0, kw_only=True)

    decoupled: ClassVar[bool] = False
    fractions: ClassVar[tuple[str, ...]] = ()
    """The settings that must be below 1."""

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
        shown = settings | ({"weight_decay": decay} if decay else {})
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @abstractmethod
    def memory(self, parameters: Vector) -> State:
        """What the method remembers, before the first step."""

    @abstractmethod
    def change(self, rate: Any, gradient: Vector, memory: State) -> tuple[Vector, State]:
        """What one step at learning rate η = `rate` takes off the parameters, and what it remembers."""

    def init(self, parameters: Vector) -> State:
        """The memory of the method, behind the number of steps made where the learning rate depends on it."""
        memory = self.memory(parameters)
        return (np.zeros_like(parameters, shape=1), *memory) if isinstance(self.lr, Schedule) else memory

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """The parameters and the state after one step."""
        if not isinstance(self.lr, Schedule):
            return self.moved(self.lr, parameters, gradient, state)
        step, *memory = state
        parameters, state = self.moved(self.lr.at(step), parameters, gradient, tuple(memory))
        return parameters, (step + 1, *state)

    def moved(self, rate: Any, parameters: Vector, gradient: Vector, memory: State) -> tuple[Vector, State]:
        """One step at a learning rate, with weight decay."""
        if not self.weight_decay:
            change, memory = self.change(rate, gradient, memory)
        elif self.decoupled:
            change, memory = self.change(rate, gradient, memory)
            change = change + rate * self.weight_decay * parameters
        else:
            change, memory = self.change(rate, gradient + self.weight_decay * parameters, memory)
        return parameters - change, memory


@runtime_checkable
class Schedule(Protocol):
    """A learning rate that changes: a pure function of how many steps were made, 0 at the first.

    A step is one update of the parameters, not an epoch. `step` comes as an array of one number, or as one under
    recording: compute with operators and NumPy's ufuncs.
    """

    def at(self, step: Any) -> Any:
        """The learning rate of that step."""
        ...


Rate: TypeAlias = float | Schedule


def check_learning_rate(rate: Any, name: str = "lr") -> None:
    """Raises SettingError unless the setting is a schedule or a finite number of at least 0."""
    if isinstance(rate, type) or not isinstance(rate, Schedule):
        check_number(rate, name)


def rate_at(rate: Rate, step: Any) -> Any:
    """The learning rate of a step, whether it changes or not."""
    return rate.at(step) if isinstance(rate, Schedule) else rate
