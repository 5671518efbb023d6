"""The activations that a page can give a layer: those of the registry of ops whose rules are formulas."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from minigrad.compiler.javascript import JavaScriptRules
from minigrad.drawing.textbook.formulas import ActivationFormulas, activation_formulas
from minigrad.errors import CompileError
from minigrad.ops.activations import Activation
from minigrad.ops.base import Op, Shape, registry
from minigrad.structure import Unit


def layer_activation(layer: Sequence[Unit]) -> Activation | None:
    """Return the elementwise activation that all neurons of a layer have; None where they have none or several."""
    op = layer[0].output.op
    is_shared = all(unit.output is not unit.weighted_sum and unit.output.op == op for unit in layer)
    return op if isinstance(op, Activation) and is_shared else None


def choices_for(current: Op, shape: Shape, rules: JavaScriptRules) -> dict[str, tuple[int, Op, ActivationFormulas]]:
    """Return the activations that a layer can have, by label: the position of the rules of each, and its formulas."""
    choices: dict[str, tuple[int, Op, ActivationFormulas]] = {}
    for label, op in (registered_activations() | {current.label: current}).items():
        formulas = activation_formulas(op)
        if formulas is not None:
            with suppress(CompileError):
                choices[label] = rules.number(op, [shape]), op, formulas
    return choices


def registered_activations() -> dict[str, Op]:
    """Return one instance of each elementwise activation, by its label; without those that need settings."""
    activations: dict[str, Op] = {}
    for label, op_class in registry.items():
        if issubclass(op_class, Activation) and op_class.kind == "activation" and len(op_class.operands) == 1:
            with suppress(TypeError):  # a class of a user's own without defaults
                activations[label] = op_class()
    return activations
