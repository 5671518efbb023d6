"""Optimizers as they are recorded into compiled steps: their learning rates are inputs, asked for before each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.trace import TracedArray, Tracer, as_compile_error, needed_instructions, traced_arrays
from minigrad.errors import CompileError
from minigrad.optim import Optimizer, State
from minigrad.optim.base import Schedule, is_schedule, members, rate_of_step


class StepRate:
    """The rate of one schedule, an array without axes that is set before every compiled step.

    While an optimizer is recorded it stands in the place of the schedule: what it answers is the input of the program.
    """

    def __init__(self, schedule: Schedule, dtype: Any) -> None:
        self.schedule = schedule
        self.array = np.zeros((), dtype)
        self.count: np.ndarray | None = None
        """The optimizer's count of steps, which the schedule is asked with; None where it is not asked at all."""

    def record(self, tracer: Tracer, state: State, state_before: Sequence[TracedArray]) -> TracedArray:
        """Let `at` answer a new leaf of a tracer for the count of steps among the traced arrays of the state."""
        self.leaf = tracer.leaf(self.array)
        self.counts: dict[TracedArray, np.ndarray] = dict(zip(state_before, state, strict=True))
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
    for _, value in members(optimizer):
        if is_schedule(value):
            yield value
        else:
            yield from schedules_of(value)


def replace_schedules(optimizer: Any, replace: Callable[[Schedule], Any]) -> Any:
    """Return an optimizer with other schedules, in the optimizers it is made of too; itself where it has none."""
    changes = {
        name: replace(value) if is_schedule(value) else replace_schedules(value, replace)
        for name, value in members(optimizer)
    }
    twin = copy(optimizer) if changes else optimizer
    for name, value in changes.items():
        object.__setattr__(twin, name, value)  # most optimizers are frozen
    return twin


class TracedUpdate(NamedTuple):
    """The rule of an optimizer, recorded alone: what it reads and what it returns."""

    tracer: Tracer
    gradient: TracedArray
    state: tuple[TracedArray, ...]
    rates: dict[TracedArray, StepRate]
    results: list[Any]
    """The new parameters, and the new state."""


def trace_update(
    optimizer: Optimizer, parameters: np.ndarray, state: State, rates: Sequence[StepRate] = ()
) -> TracedUpdate:
    """Record the rule of an optimizer, in which `rates` stand for schedules; raise CompileError where that fails."""
    tracer = Tracer(parameters.dtype)
    before, gradient, *state_before = map(tracer.leaf, (parameters, parameters, *state))
    leaves = {rate.record(tracer, state, state_before): rate for rate in rates}
    arguments: Any = (before, gradient, tuple(state_before))
    with as_compile_error("the optimizer"):
        new_parameters, new_state = optimizer.update(*arguments)
    return TracedUpdate(tracer, gradient, tuple(state_before), leaves, [new_parameters, *new_state])


def gradient_factor(
    optimizer: Optimizer, parameters: np.ndarray, state: State, rates: Sequence[StepRate] = ()
) -> float | StepRate | None:
    """Return the number ≠ 0 or the rate that an optimizer multiplies the gradient by, if that is all it does with it.

    δ is linear in the δ at the loss: one that starts with this factor saves the product with a whole gradient.
    """
    update = trace_update(optimizer, parameters, state, rates)
    results = traced_arrays(update.results)
    needed = needed_instructions(update.tracer.instructions, results)
    readers = [step for step in needed if update.gradient in step.operands]
    if len(readers) != 1 or readers[0].function != "multiply" or update.gradient in results:
        return None
    for factor in readers[0].arguments:
        if isinstance(factor, TracedArray) and factor in update.rates:
            return update.rates[factor]
        if type(factor) is float and factor:
            return factor
    return None
