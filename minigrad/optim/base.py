"""The interface of optimizers and learning-rate schedules, and what the descent methods share.

An optimizer is two pure functions over flat vectors; a schedule is one pure function of the number of steps made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, ClassVar, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import check_integer, check_number, impossible_setting
from minigrad.errors import SettingError

Vector = np.ndarray
State = tuple[np.ndarray, ...]
"""What an optimizer carries from step to step."""


@runtime_checkable
class Optimizer(Protocol):
    """Anything with `init` and `update`, two pure functions of flat vectors.

    `update` is written with operators and NumPy's ufuncs only, so that it can be recorded into a compiled program.

    Example:
        >>> class SignDescent:
        ...     def init(self, parameters):
        ...         return ()
        ...     def update(self, parameters, gradient, state):
        ...         return parameters - 0.01 * np.sign(gradient), state
        >>> isinstance(SignDescent(), mg.optim.Optimizer)
        True
    """

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step.

        Args:
            parameters: All weights and biases as one vector.

        Returns:
            A tuple of arrays, of the type of the parameters; empty for a method without memory.

        Example:
            >>> mg.Momentum().init(np.array([1.0, 2.0]))
            (array([0., 0.]),)
        """

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step.

        Args:
            parameters: All weights and biases w as one vector.
            gradient: ∂L/∂w, of the same shape.
            state: State before the step, from `init` or the last `update`.

        Returns:
            New parameters and the new state; the arguments stay as they are.

        Example:
            >>> parameters, state = mg.SGD(lr=0.1).update(np.array([1.0]), np.array([2.0]), ())
            >>> print(parameters)
            [0.8]
        """


@runtime_checkable
class Schedule(Protocol):
    """Learning rate η(t) that changes: anything with `at`, which is asked before each step, t steps having been made.

    A step is one update of the parameters, not an epoch. The rate may depend on anything, also on what a callback
    changed; a schedule with the methods `state` and `load_state` is part of a checkpoint, and one that has methods of a
    callback, such as `epoch_end(progress)`, is called as one.

    Example:
        >>> class Halving:
        ...     def at(self, step):
        ...         return 0.1 * 0.5**step
        >>> mg.SGD(lr=Halving()).lr.at(2)
        0.025
    """

    def at(self, step: Any) -> Any:
        """Return the learning rate of a step.

        Args:
            step: Number of steps made, an integer, 0 at the first.

        Returns:
            η(step), a finite number of at least 0.

        Example:
            >>> mg.ExponentialDecay(0.1, factor=0.5).at(2)
            0.025
        """


MOST_STEPS = 2**53
"""The largest number of steps that a schedule counts exactly."""
Rate: TypeAlias = float | Schedule
NUMBERS = (float, int, np.number)
"""The types of a rate that is no schedule."""


def has_methods(item: Any, *names: str) -> bool:
    """Return whether an object has some methods, many times faster than `isinstance` with a protocol tells it."""
    return all(callable(getattr(item, name, None)) for name in names)


def is_optimizer(item: Any) -> TypeGuard[Optimizer]:
    """Return whether this is an optimizer that learns from gradients, and not a class of them."""
    return has_methods(item, "init", "update") and not isinstance(item, type)


def checked_optimizer(optimizer: Any) -> Optimizer:
    """Return the optimizer; raise SettingError for anything else, such as a class or a bare learning rate."""
    if not is_optimizer(optimizer):
        raise SettingError(
            "not an optimizer",
            found=describe_value(optimizer),
            expected="an object with init and update",
            cure="Write, for example, minigrad.SGD(lr=0.1).",
        )
    return optimizer


def is_schedule(rate: Any) -> TypeGuard[Schedule]:
    """Return whether this is a schedule, and not a number or a class of schedules."""
    return has_methods(rate, "at") and not isinstance(rate, type)


def members(optimizer: Any) -> Iterator[tuple[str, Any]]:
    """Yield the optimizers and schedules that an optimizer or a schedule is made of, by the names of its attributes."""
    for name, value in getattr(optimizer, "__dict__", {}).items():
        if is_schedule(value) or is_optimizer(value):
            yield name, value


def rate_at(rate: Rate, step: Any) -> Any:
    """Return the learning rate of a step, whether it changes or not."""
    return rate if isinstance(rate, NUMBERS) else rate.at(step)


def rate_of_step(schedule: Schedule, count: Any) -> Any:
    """Return the rate that a schedule has for a count of steps, an array of one number.

    Raises SettingError for what is no finite number of at least 0. Where a step is recorded, the schedule that stands
    there is handed the recorded count.
    """
    if not isinstance(count, np.ndarray):
        return schedule.at(count)
    step = int(count.item())
    try:
        rate = schedule.at(step)
    except OverflowError:
        rate = inf
    if type(rate) is not float and isinstance(rate, (int, np.number, np.ndarray)) and np.size(rate) == 1:
        rate = float(np.asarray(rate).item())
    if type(rate) is not float or not 0 <= rate < inf:
        raise SettingError(
            f"no learning rate for step {step}",
            node=repr(schedule)[:80],
            found=repr(rate)[:80],
            expected="a finite number of at least 0",
        )
    return rate


@dataclass(frozen=True)
class Settings:
    """Base of optimizers and schedules: every field is a finite number of at least 0, unless it is listed below.

    A setting out of range raises SettingError when the object is made.
    """

    rates: ClassVar[tuple[str, ...]] = ()
    """The settings that may be schedules."""
    integers: ClassVar[tuple[str, ...]] = ()
    """The settings that are integers of at least 1."""
    fractions: ClassVar[tuple[str, ...]] = ()
    """The settings that are below 1."""
    positive: ClassVar[tuple[str, ...]] = ()
    """The settings that are above 0."""

    def __post_init__(self) -> None:
        for name in (setting.name for setting in fields(self)):
            value = getattr(self, name)
            if name in self.integers:
                check_integer(value, name, 1, MOST_STEPS)
            elif name not in self.rates or not is_schedule(value):
                check_number(value, name, below=1 if name in self.fractions else inf)
                if name in self.positive and not value:
                    raise impossible_setting(name, value, "a number above 0")


@dataclass(frozen=True, repr=False)
class GradientDescent(Settings, ABC):
    """Base of optimizers that step by w ← w − change(η, g), with g = ∂L/∂w + λw (weight decay: Krogh and Hertz, 1992).

    A subclass is a frozen dataclass of settings that defines `change`; `fractions` names the settings that must be
    below 1, and `moment_count` is the number of vectors that the method keeps. With `decoupled`, ηλw is subtracted from
    the parameters instead.

    Args:
        lr: Learning rate η, a number of at least 0 or a schedule.
        weight_decay: λ, at least 0.

    Raises:
        SettingError: If a setting is out of range.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class SignDescent(mg.optim.GradientDescent):
        ...     moment_count = 0
        ...     def change(self, rate, gradient, moments):
        ...         return rate * np.sign(gradient), ()
        >>> w, state = SignDescent(lr=0.1).update(np.array([1.0, 1.0]), np.array([3.0, -0.2]), ())
        >>> print(w)
        [0.9 1.1]
    """

    lr: Rate
    weight_decay: float = field(default=0.0, kw_only=True)

    decoupled: ClassVar[bool] = False
    rates: ClassVar[tuple[str, ...]] = ("lr",)
    moment_count: ClassVar[int] = 1
    """How many vectors the method keeps."""

    def __repr__(self) -> str:
        settings = sorted(fields(self), key=lambda setting: bool(setting.kw_only))
        values = {setting.name: getattr(self, setting.name) for setting in settings}
        texts = [f"{name}={value!r}" for name, value in values.items() if value or name != "weight_decay"]
        return f"{type(self).__name__}({', '.join(texts)})"

    def init_moments(self, parameters: Vector) -> State:
        """Return the velocities, sums or means of gradients that the method keeps, zero before the first step.

        Args:
            parameters: All weights and biases as one vector.

        Returns:
            A tuple of arrays.

        Example:
            >>> mg.Adam().init_moments(np.zeros(2))  # the number of steps, m and v
            (array([0.]), array([0., 0.]), array([0., 0.]))
        """
        return tuple(np.zeros_like(parameters) for _ in range(self.moment_count))

    @abstractmethod
    def change(self, rate: Any, gradient: Vector, moments: State) -> tuple[Vector, State]:
        """Return what one step subtracts from the parameters, and the new moments.

        Args:
            rate: Learning rate η of the step.
            gradient: g, with weight decay unless that is decoupled.
            moments: Vectors that the method keeps, from `init_moments` or the last step.

        Returns:
            The change, a vector like the gradient, and a tuple like `moments`.

        Example:
            >>> change, (velocity,) = mg.Momentum(momentum=0.5).change(0.1, np.array([2.0]), (np.array([4.0]),))
            >>> print(change, velocity)  # v = 0.5 · 4 + 2
            [0.4] [4.]
        """

    def init(self, parameters: Vector) -> State:
        """Return the state before the first step: the moments, behind a count of steps if `lr` is a schedule.

        Args:
            parameters: All weights and biases as one vector.

        Returns:
            A tuple of arrays of zeros.

        Example:
            >>> mg.SGD(lr=mg.StepDecay(0.1, every=100)).init(np.zeros(2))
            (array([0.]),)
        """
        moments = self.init_moments(parameters)
        return (np.zeros_like(parameters, shape=1), *moments) if is_schedule(self.lr) else moments

    def update(self, parameters: Vector, gradient: Vector, state: State) -> tuple[Vector, State]:
        """Return the parameters and the state after one step.

        Args:
            parameters: All weights and biases w as one vector.
            gradient: ∂L/∂w, of the same shape.
            state: State before the step, from `init` or the last `update`.

        Returns:
            New parameters and the new state.

        Example:
            >>> w, state = mg.SGD(lr=0.1, weight_decay=0.5).update(np.array([2.0]), np.array([3.0]), ())
            >>> print(w.round(10))  # 2 − 0.1 · (3 + 0.5 · 2)
            [1.6]
        """
        rate: Any = self.lr
        counts, moments = state[:0], state
        if is_schedule(rate):
            rate, counts, moments = rate_of_step(rate, state[0]), state[:1], state[1:]
        if self.weight_decay and not self.decoupled:
            gradient = gradient + self.weight_decay * parameters
        change, moments = self.change(rate, gradient, moments)
        if self.weight_decay and self.decoupled:
            change = change + rate * self.weight_decay * parameters
        return parameters - change, (*(count + 1 for count in counts), *moments)


def optimizer_parts(optimizer: Any) -> Iterator[Any]:
    """Yield an optimizer, and the optimizers and schedules that it is made of."""
    yield optimizer
    for _, value in members(optimizer):
        yield from optimizer_parts(value)


def has_state(part: Any) -> bool:
    """Return whether an optimizer or a schedule has a state of its own to keep."""
    return has_methods(part, "state", "load_state")
