"""The activations that a page can give a layer: those of the registry of ops whose rules are formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minigrad.compiler.javascript import JavaScriptRules
from minigrad.core import interpreter
from minigrad.errors import CompileError
from minigrad.ops.activations import Activation
from minigrad.ops.base import Op, Shape, registry
from minigrad.symbolic import Formula, Number, Symbol, lift, readable
from minigrad.symbolic.namespace import unwrap

OPERAND, RESULT = Symbol("", "s"), Symbol("", "y")
"""What the formulas of an activation are made of: the slots 0 and 1 of their templates."""


class ActivationFormulas(NamedTuple):
    """θ(s) and θ′ as formulas of `OPERAND` and `RESULT`."""

    value: Formula
    slope: Formula
    output_range: tuple[float, float] | None = None


def activation_formulas(op: Op) -> ActivationFormulas:
    """Return θ and θ′ as the rules of an op have them; raise CompileError where they are not made of formulas."""
    try:
        value = interpreter.apply_forward(readable, op, [OPERAND], [()])
        (slope,) = interpreter.apply_backward(readable, op, Number(1.0), RESULT, [OPERAND], [()])
        derivative = Number(0.0) if slope is None else lift(unwrap(slope))
        return ActivationFormulas(lift(unwrap(value)), derivative, op.output_range)
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise CompileError(f"a rule of {op.label} cannot be read as formulas", found=str(error)) from error


def registered_activations() -> dict[str, Op]:
    """Return one instance of each elementwise activation, by its label; without those that need settings."""
    activations: dict[str, Op] = {}
    for label, op_class in registry.items():
        if issubclass(op_class, Activation) and op_class.kind == "activation" and len(op_class.operands) == 1:
            try:
                activations[label] = op_class()
            except TypeError:  # a class of a user's own without defaults
                continue
    return activations


def choices_for(current: Op, shape: Shape, rules: JavaScriptRules) -> dict[str, tuple[int, ActivationFormulas]]:
    """Return the activations that a layer can have, by label: the position of the rules of each, and its formulas."""
    choices: dict[str, tuple[int, ActivationFormulas]] = {}
    for label, op in (registered_activations() | {current.label: current}).items():
        try:
            choices[label] = rules.number(op, [shape]), activation_formulas(op)
        except CompileError:
            continue
    return choices


def common_activation(ops: Sequence[Op | None]) -> Op | None:
    """Return the elementwise activation that all neurons of a layer have; None where they have none or several."""
    first = ops[0]
    return first if isinstance(first, Activation) and all(op == first for op in ops) else None
