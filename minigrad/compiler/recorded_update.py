"""The rule of an optimizer as formulas of one parameter: its weight, gradient and state, and sums over all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.optimizer_trace import StepRate, replace_schedules, schedules_of
from minigrad.compiler.purity import check_pure_optimizer, has_own_class, twin
from minigrad.compiler.trace import Instruction, TracedArray, Tracer, as_compile_error, needed_instructions
from minigrad.errors import CompileError, MinigradError
from minigrad.optim import Optimizer, State
from minigrad.optim.base import NUMBERS, Schedule, checked_optimizer, has_state, members, optimizer_parts
from minigrad.optim.full_batch import is_full_batch
from minigrad.symbolic import Formula, Symbol, lift, namespace
from minigrad.symbolic.expression import (
    make_choice,
    make_folded,
    make_negative,
    make_power,
    make_product,
    make_quotient,
    make_sum,
)

EXAMPLE = np.array([0.5, 0.25, 2.0])
"""Weights and gradients that a rule is recorded with; no vector of a state has another length, but one number may."""
CURE = "Use an optimizer whose update computes each weight alone, such as minigrad.SGD, Momentum, RMSProp or Adam."


class Total(NamedTuple):
    """Sum over all parameters that the rule needs, such as the square of the length of the gradient."""

    symbol: Symbol
    term: Formula


@dataclass
class RateSetting:
    """Learning rate: a number, or a schedule that is asked with the count of steps in a vector of the state.

    While an update is recorded it stands in the place of a schedule and answers its leaf.
    """

    name: str
    value: float | Schedule
    symbol: Symbol = field(init=False)
    leaf: TracedArray = field(init=False)
    states: Sequence[TracedArray] = ()
    count: int | None = None
    """Which element of the state holds the count of steps."""

    def __post_init__(self) -> None:
        self.symbol = Symbol("", f"settings[{self.name!r}]")

    def at(self, step: Any) -> TracedArray:
        """Return the traced rate; raise CompileError unless the step is a number of the optimizer's state."""
        counts = [index for index, state in enumerate(self.states) if state is step and state.value.size == 1]
        if not counts:
            raise CompileError(
                "the step that a schedule is asked with cannot be read from the optimizer's state",
                found=repr(self.value)[:80],
                expected="at(count), where count is an array of one number in the state",
            )
        (self.count,) = counts
        return self.leaf


@dataclass(frozen=True)
class RecordedUpdate:
    """One step of an optimizer: the new weight and the new state of a parameter as formulas of the old ones.

    The texts of the symbols are JavaScript: `w[i]`, `g[i]`, `z0[i]`, `z1[0]` for a state of one number,
    `settings['lr']`, and `r0` for sums over all parameters.
    """

    weight: Symbol
    gradient: Symbol
    states: tuple[Symbol, ...]
    rates: tuple[RateSetting, ...]
    totals: tuple[Total, ...]
    new_weight: Formula
    new_states: tuple[Formula, ...]

    def is_vector(self, index: int) -> bool:
        """Return whether a part of the state has a number for each parameter."""
        return self.states[index].text.endswith("[i]")


def record_update(optimizer: Any) -> RecordedUpdate:
    """Record one step of an optimizer that computes each parameter alone, but for sums over all of them.

    Raises CompileError for one that does more, such as LBFGS, and for a schedule that depends on training; SettingError
    for what is no optimizer.
    """
    title = f"the optimizer {type(optimizer).__name__}"
    if is_full_batch(optimizer):
        raise CompileError(f"{title} does not update each weight alone", cure=CURE)
    checked_optimizer(optimizer)
    for part in optimizer_parts(optimizer):
        if has_state(part):
            raise CompileError(f"{title} depends on training", found=type(part).__name__, cure=CURE)
    tracer = Tracer()
    rates: list[RateSetting] = []
    recorded: Any = with_rates(twin(optimizer), "", rates)
    try:
        with as_compile_error(title):
            state = tuple(np.asarray(part, np.float64) for part in recorded.init(EXAMPLE))
            weight, gradient, *states = map(tracer.leaf, (EXAMPLE, EXAMPLE, *state))
            for rate in rates:
                rate.leaf, rate.states = tracer.leaf(0.1), states
                set_rate(recorded, rate)
            new_weight, new_state = recorded.update(weight, gradient, tuple(states))
            new_state = tuple(new_state)
        if has_own_class(optimizer):
            check_pure_update(optimizer, state)
    except MinigradError as error:
        raise CompileError(f"{title} cannot be recorded", found=error.found or error.what, cure=CURE) from error
    reader = InstructionReader(title)
    symbols = [reader.add_leaf(f"z{index}", leaf) for index, leaf in enumerate(states)]
    for rate in rates:
        reader.formulas[rate.leaf] = rate.symbol
    w, g = reader.add_leaf("w", weight), reader.add_leaf("g", gradient)
    results = [part for part in (new_weight, *new_state) if isinstance(part, TracedArray)]
    for step in needed_instructions(tracer.instructions, results):
        reader.read(step)
    formulas = [reader.formula(part) for part in (new_weight, *new_state)]
    return RecordedUpdate(w, g, tuple(symbols), tuple(rates), tuple(reader.totals), formulas[0], tuple(formulas[1:]))


def check_pure_update(optimizer: Optimizer, state: State) -> None:
    """Raise ImpureError where an update differs from one time to the next, or changes the optimizer."""
    steps = [StepRate(schedule, np.float64) for schedule in schedules_of(optimizer)]
    remaining = iter(steps)
    check_pure_optimizer(replace_schedules(optimizer, lambda _: next(remaining)), EXAMPLE, state, steps)


def with_rates(part: Any, path: str, rates: list[RateSetting]) -> Any:
    """Return a copy of an optimizer, and of those that it is made of, and list its learning rates."""
    changed = copy(part)
    attributes = getattr(part, "__dict__", {})
    if isinstance(attributes.get("lr"), NUMBERS):
        rates.append(RateSetting(f"{path}lr", float(attributes["lr"])))
    for name, value in members(part):
        if isinstance(value, Schedule):
            rates.append(RateSetting(path + name, value))
        else:
            object.__setattr__(changed, name, with_rates(value, f"{path}{name}.", rates))  # most are frozen
    return changed


def set_rate(optimizer: Any, rate: RateSetting) -> None:
    """Put the leaf of a rate, or what answers it for a schedule, in the place of the rate."""
    *owners, name = rate.name.split(".")
    for owner in owners:
        optimizer = getattr(optimizer, owner)
    object.__setattr__(optimizer, name, rate if isinstance(rate.value, Schedule) else rate.leaf)


def choose_number(choose: Callable[..., Any], a: Any, b: Any) -> Formula:
    """Return the larger or smaller of two formulas, the other one where one is no number."""
    either = lift(choose(a, b))
    return make_choice(make_folded("equal", a, a), make_choice(make_folded("equal", b, b), either, a), b)


def subtract(a: Any, b: Any) -> Formula:
    return make_sum(a, make_negative(b))


ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "absolute": namespace.abs,
    "arctan": namespace.atan,
    "divide": make_quotient,
    "fabs": namespace.abs,
    "fmax": partial(choose_number, namespace.maximum),
    "fmin": partial(choose_number, namespace.minimum),
    "positive": lift,
    "pow": make_power,
    "power": make_power,
    "float_power": make_power,
    "reciprocal": lambda x: make_quotient(1.0, x),
    "square": lambda x: make_product(x, x),
    "subtract": subtract,
    "true_divide": make_quotient,
}
"""The functions of elements that have another name in NumPy than in the array namespace of formulas, or none there."""


class InstructionReader:
    """Reads the recorded calls of an update as formulas of one element, which is what every array stands for."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.formulas: dict[TracedArray, Formula] = {}
        self.totals: list[Total] = []

    def add_leaf(self, name: str, leaf: TracedArray) -> Symbol:
        """Return the symbol of a vector of parameters, or of a state of one number."""
        if leaf.shape not in (EXAMPLE.shape, (1,), ()):
            raise self.error(f"a state of shape {leaf.shape} for {EXAMPLE.size} parameters")
        symbol = Symbol("", f"{name}[{'i' if leaf.shape == EXAMPLE.shape else '0'}]")
        self.formulas[leaf] = symbol
        return symbol

    def read(self, step: Instruction) -> None:
        """Read one call."""
        name, arguments = step.function, step.arguments
        sizes = {step.result.value.size, *(operand.value.size for operand in step.operands)}
        if step.settings or not sizes <= {1, EXAMPLE.size}:
            raise self.error(f"a call of {name}")
        if name in ("vecdot", "matmul") and step.result.value.size == 1:
            symbol = Symbol("", f"r{len(self.totals)}")
            self.totals.append(Total(symbol, make_product(*map(self.formula, arguments))))
            self.formulas[step.result] = symbol
        elif name == "getitem" and np.array_equal(step.result.value.ravel(), step.operands[0].value.ravel()):
            self.formulas[step.result] = self.formulas[step.operands[0]]
        elif function := ELEMENTWISE.get(name) or self.same_name(name):
            self.formulas[step.result] = lift(function(*map(self.formula, arguments)))
        else:
            raise self.error(f"a call of {name}")

    def same_name(self, name: str) -> Callable[..., Any] | None:
        """Return the function of elements that has this name in both NumPy and the namespace of formulas."""
        function = getattr(namespace, name, None)
        return function if isinstance(function, np.ufunc) else None

    def formula(self, argument: Any) -> Formula:
        """Return an argument as a formula: a traced array, a number, or an array of one number."""
        if isinstance(argument, TracedArray):
            return self.formulas[argument]
        if np.size(argument) != 1:
            raise self.error("an array of constants, a number for each parameter")
        return lift(float(np.asarray(argument).item()))

    def error(self, obstacle: str) -> CompileError:
        """Return the error for a rule that is not made of formulas of one parameter."""
        return CompileError(f"{self.title} cannot be recorded", found=obstacle, cure=CURE)
