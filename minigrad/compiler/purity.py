"""Purity of rules: one that draws random numbers or reads a clock shows when it is recorded several times.

Only rules of the user's own classes are looked at. What a program computes was recorded once: an impure rule would
repeat the numbers of that one moment, so graphs with such rules are computed node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from copy import deepcopy
from functools import partial
from operator import is_
from typing import Any

import numpy as np

from minigrad.compiler.optimizer_trace import StepRate, trace_update
from minigrad.compiler.settings import PLAIN_TYPES, is_fixed
from minigrad.compiler.trace import TracedArray, Tracer, as_compile_error
from minigrad.core.interpreter import apply_backward, apply_forward
from minigrad.core.node import Node
from minigrad.core.plan import make_plan
from minigrad.errors import CompileError, ImpureError, warn_caller
from minigrad.ops.base import Op, Shape
from minigrad.optim import Optimizer, State
from minigrad.optim.base import is_schedule, members

RECORDINGS = 32
"""How often a rule is recorded at most: a coin that is tossed in it hardly falls on the same side as often."""
SAMPLES = 7
"""The length of the batch that rules are recorded with, so that a mask is drawn from many numbers."""


def check_pure_rules(order: Sequence[Node]) -> None:
    """Raise ImpureError, naming the op, where the rules of an op of the user's own differ between recordings."""
    plan = make_plan((), list(order))
    forms: dict[Any, Node] = {}
    for node in plan.nodes:
        if node.op is not None and not is_fixed(type(node.op)):
            op = node.op if isinstance(node.op, Hashable) else id(node.op)
            forms[op, tuple(operand.shape for operand in plan.operands_of(node))] = node
    for (_, shapes), node in forms.items():
        assert node.op is not None
        check_pure_op(node.op, shapes, node.title)


def check_pure_op(op: Op, shapes: Sequence[Shape], title: str) -> None:
    """Raise ImpureError, naming the node of this title, where the rules of an op differ between recordings."""
    recorded = twin(op)
    check_same_calls(partial(rule_calls, recorded, tuple(shapes)), recorded, f"a rule of {op.label}", title)


def check_pure_optimizer(optimizer: Optimizer, parameters: np.ndarray, state: State, rates: Sequence[StepRate]) -> None:
    """Raise ImpureError where the rule of an optimizer differs from recording to recording."""
    recorded = twin(optimizer, rates)
    check_same_calls(
        lambda: update_calls(recorded, parameters, state, rates), recorded, "the optimizer", repr(optimizer)[:80]
    )


def twin(item: Any, shared: Sequence[Any] = ()) -> Any:
    """Return a copy, to be recorded in place of an object whose rules may change it; itself where it has none."""
    try:
        return deepcopy(item, {id(part): part for part in shared})
    except Exception:
        return item


def has_own_class(optimizer: Any) -> bool:
    """Return whether an optimizer, or one that it is made of, is of a class of the user's own."""
    parts = [part for _, part in members(optimizer) if not is_schedule(part)]
    return not is_fixed(type(optimizer)) or any(map(has_own_class, parts))


def check_same_calls(record: Callable[[], Any], item: Any, subject: str, where: str) -> None:
    """Raise ImpureError unless several recordings are equal and assign nothing to the item that is recorded."""
    first, before = record(), attributes(item)
    if any(record() != first for _ in range(RECORDINGS - 1)):
        problem = "draws random numbers, reads a clock or counts: no two recordings of it are the same"
    elif not all(map(is_, before, attributes(item))):
        problem = "assigns to attributes, which a recording cannot repeat"
    else:
        return
    raise ImpureError(
        f"{subject} {problem}",
        node=where,
        expected="a pure function of its operands",
        cure='Compute with engine="nodes"; for dropout, write minigrad.dropout(x, rate).',
    )


def attributes(item: Any) -> list[Any]:
    """Return the values of all attributes of an op or of an optimizer, and of the optimizers it is made of."""
    values = [*getattr(item, "__dict__", {}).values()]
    parts = [part for _, part in members(item) if not isinstance(part, StepRate)]  # which remembers each recording
    return values + [value for part in parts for value in attributes(part)]


def warn_impure(error: CompileError) -> None:
    """Warn that a graph is computed node by node, where an impure rule is the reason."""
    if isinstance(error, ImpureError):
        warn_caller(f"computed without a program, which is slow: {error}")


def rule_calls(op: Op, shapes: Sequence[Shape]) -> Any:
    """Return the calls of both rules of an op on a batch, comparable; where they cannot be recorded, what they give."""
    tracer = Tracer()
    batch = np.random.default_rng(0)  # numbers in (½, 1), which are in the domain of most ops
    operands: list[Any] = [tracer.leaf(batch.uniform(0.5, 1.0, (SAMPLES, *shape))) for shape in shapes]
    for xp, values in ((tracer, operands), (np, [operand.value for operand in operands])):
        try:
            with np.errstate(all="ignore"), as_compile_error("a rule"):
                y = apply_forward(xp, op, values, shapes)
                delta = tracer.leaf(np.ones(np.shape(y))) if xp is tracer else np.ones(np.shape(y))
                terms = apply_backward(xp, op, delta, y, values, shapes)
        except Exception:
            continue
        return calls([*values, delta], tracer, [y, *terms])
    return None


def update_calls(optimizer: Optimizer, parameters: np.ndarray, state: State, rates: Sequence[StepRate]) -> Any:
    """Return the calls of an optimizer's rule, comparable."""
    update = trace_update(optimizer, parameters, state, rates)
    return calls([update.gradient, *update.state, *update.rates], update.tracer, update.results)


def calls(leaves: Sequence[Any], tracer: Tracer, results: Sequence[Any]) -> Any:
    """Return what was recorded, functions with arguments and constants, in a form that equals another recording's."""
    numbers = {id(leaf): index for index, leaf in enumerate(leaves)}
    recorded = []
    for step in tracer.instructions:
        settings = tuple((name, comparable(value, numbers)) for name, value in step.settings.items())
        recorded.append((step.function, comparable(step.arguments, numbers), settings))
        numbers[id(step.result)] = len(numbers)
    return recorded, comparable(list(results), numbers)


def comparable(argument: Any, numbers: dict[int, int]) -> Any:
    """Return an argument in a form that can be compared, arrays by their content and traced ones by their number."""
    if isinstance(argument, TracedArray):
        return "array", numbers.get(id(argument))
    if isinstance(argument, (list, tuple)):
        return tuple(comparable(item, numbers) for item in argument)
    if isinstance(argument, (np.ndarray, np.generic)):
        return argument.dtype.str, argument.shape, argument.tobytes()
    return type(argument), repr(argument) if isinstance(argument, (*PLAIN_TYPES, slice)) else id(argument)
