"""The equations of a page: formulas in MathML with slots, which equations of one form share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NotRequired, TypedDict

from minigrad.compiler.javascript import JavaScriptRules
from minigrad.compiler.recorded_update import RecordedUpdate
from minigrad.drawing.textbook.formulas import OPERAND, RESULT
from minigrad.ops.base import Elementwise, Op, Shape
from minigrad.pages.choices import choices_for, layer_activation
from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.structure import Unit
from minigrad.symbolic import Formula, Symbol
from minigrad.symbolic.slots import slot_template

Choices = dict[str, dict[str, Any]]
"""The activations that a layer can have, by label, each with its rules, the templates of θ and θ′, and its range."""

LONGEST_TEMPLATE = 6000
"""Characters of markup beyond which an equation is shown without its right-hand side."""
SLOTS = OPERAND, RESULT
"""The first slots of the templates of activations."""


class EquationData(TypedDict):
    """The equation of the quantity `left`, by the number of a template and the keys of what stands in its slots."""

    left: str
    template: int | None
    slots: list[str]
    layer: NotRequired[int]
    """The layer whose activation it is the value or the slope of, which a reader may choose."""
    part: NotRequired[str]


class EquationWriter:
    """Writes the equation of each quantity: its key, a template, and the keys of what stands in the slots.

    Where no formula that a reader can take in exists the template is None: a page shows the result alone.
    """

    def __init__(self, quantities: Quantities, rules: JavaScriptRules, update: RecordedUpdate) -> None:
        self.quantities = quantities
        self._update = update
        self._numbers: dict[str, int] = {}
        self._known_choices: dict[tuple[Op, Shape], Choices] = {}
        layers = quantities.structure.layers
        self.layer_of = {unit: number for number, layer in enumerate(layers) for unit in layer}
        self.activations = [layer_activation(layer) for layer in layers]
        self.choices = [
            {} if op is None else self._choices(op, layer[0].output.shape, rules)
            for op, layer in zip(self.activations, layers, strict=True)
        ]
        self.product_template = self._template(OPERAND * RESULT, SLOTS)[0]

    @property
    def templates(self) -> list[str]:
        """Return the templates in the order of their numbers."""
        return [*self._numbers]

    def equation(self, left: str, formula: Formula | None) -> EquationData:
        """Return the equation of a quantity by a formula of other quantities."""
        template, symbols = (None, ()) if formula is None else self._template(formula)
        return {"left": left, "template": template, "slots": [symbol.text for symbol in symbols]}

    def value(self, item: FlatElement) -> EquationData:
        """Return the equation of a computed value."""
        return self.equation(self.quantities.key("value", item), self.quantities.value_formula(item))

    def delta(self, item: FlatElement) -> EquationData:
        """Return the equation of ∂L/∂item."""
        return self.equation(self.quantities.key("delta", item), self.quantities.delta_formula(item))

    def activation(self, unit: Unit, part: str, item: FlatElement, output: FlatElement) -> EquationData:
        """Return the equation of θ(s), part "value", or of θ′(s), part "slope"; it follows what a reader chooses."""
        quantities, key, layer = self.quantities, self.quantities.key, self.layer_of[unit]
        left = key("value", output) if part == "value" else key("slope", output, item)
        op = self.activations[layer]
        if op is not None and op.label in self.choices[layer]:
            slots, template = [key("value", item), key("value", output)], self.choices[layer][op.label][part]
            return {"left": left, "template": template, "slots": slots, "layer": layer, "part": part}
        formula = quantities.value_formula(output) if part == "value" else quantities.slope_formula(output)
        return self.equation(left, formula)

    def update(self, item: FlatElement) -> EquationData:
        """Return the equation of the new value of a parameter."""
        element_key = self.quantities.element_key(item)
        template, keys = self._update_template
        return {"left": f"next:{element_key}", "template": template, "slots": [key.format(element_key) for key in keys]}

    @cached_property
    def _update_template(self) -> tuple[int | None, list[str]]:
        """Return the template of an update and its keys, a field for a parameter in each; None if it needs totals."""
        update = self._update
        if update.totals:
            return None, []
        keys = {update.weight: "value:{}", update.gradient: "delta:{}"}
        keys |= {rate.symbol: f"rate:{rate.name}" for rate in update.rates}
        for index, state in enumerate(update.states):
            keys[state] = f"state:{index}:{{}}" if update.is_vector(index) else f"state:{index}"
        template, symbols = self._template(update.new_weight)
        return template, [keys[symbol] for symbol in symbols]

    def _template(self, formula: Formula, first: Sequence[Symbol] = ()) -> tuple[int | None, tuple[Symbol, ...]]:
        """Return the number of the template of a formula and the symbols of its slots; None where it is too long."""
        markup, symbols = slot_template(formula, first)
        if len(markup) > LONGEST_TEMPLATE:
            return None, ()
        return self._numbers.setdefault(markup, len(self._numbers)), symbols

    def _choices(self, op: Op, shape: Shape, rules: JavaScriptRules) -> Choices:
        """Return the activations that a layer can have."""
        if (op, shape) not in self._known_choices:
            self._known_choices[op, shape] = {
                label: {
                    "rule": rule,
                    "value": self._template(formulas.value, SLOTS)[0],
                    "slope": self._template(formulas.slope, SLOTS)[0],
                    "range": activation.output_range,
                }
                for label, (rule, activation, formulas) in choices_for(op, shape, rules).items()
            }
        return self._known_choices[op, shape]


def has_slope(unit: Unit) -> bool:
    """Return whether a neuron has an activation whose derivative θ′(s) is one number."""
    op: Op | None = unit.output.op
    return unit.output is not unit.weighted_sum and isinstance(op, Elementwise) and len(op.operands) == 1
