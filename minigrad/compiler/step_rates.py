"""Learning rates as inputs of compiled steps: schedules are asked in Python, and never become part of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

import numpy as np

from minigrad.compiler.trace import TracedArray, Tracer
from minigrad.errors import CompileError
from minigrad.optim import Optimizer, State
from minigrad.optim.base import Schedule, is_schedule, rate_of_step


class StepRate:
    """The rate of one schedule, an array without axes that is set before every compiled step.

    While an optimizer is recorded it stands in the place of the schedule: what it answers is the input of the program.
    """

    def __init__(self, schedule: Schedule, dtype: Any) -> None:
        self.schedule = schedule
        self.array = np.zeros((), dtype)
        self.count: np.ndarray | None = None
        """The optimizer's count of steps, which the schedule is asked with; None where it is not asked at all."""

    def record(self, tracer: Tracer, state: State, state_before: State) -> TracedArray:
        """Let `at` answer a new leaf of a tracer for the count of steps among the traced arrays of the state."""
        self.leaf = tracer.leaf(self.array)
        self.counts = dict(zip(state_before, state, strict=True))
        return self.leaf

    def at(self, step: Any) -> TracedArray:
        """Return the traced rate; raise CompileError unless the step is one element of the optimizer's state."""
        count = self.counts.get(step) if isinstance(step, TracedArray) else None
        if count is None or count.size != 1 or (self.count is not None and self.count is not count):
            raise CompileError(
                "the step that a schedule is asked with cannot be read from the optimizer's state",
                found=repr(self.schedule)[:80],
                expected="at(count), where count is an array of one number in the state",
            )
        self.count = count
        return self.leaf

    def set_array(self) -> None:
        """Ask the schedule for the rate of the coming step."""
        if self.count is not None:
            self.array[...] = rate_of_step(self.schedule, self.count)


def schedules_of(optimizer: Any) -> Iterator[Schedule]:
    """Yield the schedules of an optimizer and of the optimizers it is made of."""
    for value in getattr(optimizer, "__dict__", {}).values():
        if is_schedule(value):
            yield value
        elif is_optimizer(value):
            yield from schedules_of(value)


def replace_schedules(optimizer: Any, replace: Callable[[Schedule], Any]) -> Any:
    """Return a copy of an optimizer, and of the optimizers it is made of, with other schedules."""
    twin = copy(optimizer)
    for name, value in getattr(optimizer, "__dict__", {}).items():
        if is_schedule(value):
            object.__setattr__(twin, name, replace(value))  # most optimizers are frozen
        elif is_optimizer(value):
            object.__setattr__(twin, name, replace_schedules(value, replace))
    return twin


def is_optimizer(value: Any) -> bool:
    """Return whether a value is an optimizer, and not a class of them."""
    return isinstance(value, Optimizer) and not isinstance(value, type)
