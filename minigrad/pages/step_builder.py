"""The steps of a pass by neuron: forward, loss, backward, gradients, update, each with its equations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import prod
from typing import Any

from minigrad.compiler.javascript import JavaScriptRules
from minigrad.compiler.recorded_update import RecordedUpdate
from minigrad.core.node import Node, Parameter
from minigrad.ops.base import Op, Shape
from minigrad.pages.choices import OPERAND, RESULT, choices_for, common_activation
from minigrad.pages.item_names import ItemNames
from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.pages.step_data import Templates
from minigrad.structure import Unit
from minigrad.symbolic import Symbol
from minigrad.symbolic.slots import slot_template

Step = dict[str, Any]
Equation = dict[str, Any]
SLOTS = OPERAND, RESULT
"""The first slots of the templates of activations."""
COPIES = "copies"
"""The kind of a step that computes nothing: it picks elements of an array, or lines numbers up in one."""


class StepBuilder:
    """Writes the equations of a network once, and puts them in the order in which a page shows them."""

    def __init__(self, quantities: Quantities, rules: JavaScriptRules, update: RecordedUpdate) -> None:
        self.quantities = quantities
        self.structure = quantities.structure
        self.update = update
        self.templates = Templates()
        self.layer_of = {unit: number for number, layer in enumerate(self.structure.layers) for unit in layer}
        self._known_choices: dict[tuple[Op, Shape], dict[str, dict[str, Any]]] = {}
        self.choices = [self._choices(layer, rules) for layer in self.structure.layers]
        self.product_template = self.templates.equation("", OPERAND * RESULT, SLOTS)["template"]
        self._update_template = self._make_update_template()
        self.behind_loss = self._find_behind_loss()

    @staticmethod
    def is_trainable(item: FlatElement) -> bool:
        """Return whether training changes a parameter."""
        return isinstance(item.node, Parameter) and item.node.trainable

    def steps(self, names: ItemNames) -> list[Step]:
        """Return the steps of one pass and one update; copies of numbers become known with the step before them."""
        steps: list[Step] = []
        for step in self._all_steps(names):
            if step["kind"] != COPIES:
                steps.append(step)
            elif steps:
                steps[-1]["known"] += step["known"]
                steps[-1]["lit"] += step["lit"][:1]
        return steps

    def _all_steps(self, names: ItemNames) -> Iterator[Step]:
        columns = self.structure.columns
        forward = [unit for column in columns for unit in column if unit.output.op is not None]
        backward = [unit for column in reversed(columns) for unit in column if unit.output.op is not None]
        neurons = [unit for layer in reversed(self.structure.layers) for unit in layer]
        for unit in forward:
            if unit.output not in self.behind_loss:
                yield from self._forward_steps(unit, names)
        for unit in forward:
            if unit.output in self.behind_loss:
                yield self._value_step(unit, "loss", names)
        for unit in backward:
            yield from self._backward_steps(unit, names)
        yield from self._parameter_steps("gradients", "gradients", neurons, names)
        yield from self._parameter_steps("update", "update", neurons, names)

    @property
    def layers(self) -> list[dict[str, Any]]:
        """The layers of neurons, each with its units and the activations that it can have."""
        return [
            {
                "units": [self._unit_data(unit) for unit in layer],
                "activation": None if (op := self._activation(layer)) is None else op.label,
                "choices": choices,
            }
            for layer, choices in zip(self.structure.layers, self.choices, strict=True)
        ]

    def other_equations(self) -> list[Equation]:
        """Return the equations of what a reader may ask for and no step shows: ∂L/∂h of hidden neurons, and copies."""
        hidden = [self._output(unit) for unit in self.layer_of if self._is_folded(unit)]
        copies = [pair for node in self.quantities.graph.nodes for pair in self.quantities.copied(node)]
        return [
            *map(self._delta_equation, hidden),
            *(
                self._value_equation(operand) | {"left": self.quantities.key("value", result)}
                for operand, result in copies
                if operand.node.op is not None
            ),
        ]

    # Units and keys

    def _sum(self, unit: Unit) -> FlatElement:
        assert unit.weighted_sum is not None
        return FlatElement(unit.weighted_sum, unit.position or 0)

    def _output(self, unit: Unit) -> FlatElement:
        return FlatElement(unit.output, unit.position or 0)

    def _items(self, unit: Unit) -> list[FlatElement]:
        if unit.position is not None or not unit.output.shape:
            return [self._output(unit)]
        return [FlatElement(unit.output, index) for index in range(prod(unit.output.shape))]

    def _node_key(self, unit: Unit) -> str:
        if unit.weighted_sum is not None:
            return self.quantities.key("node", self._sum(unit))
        if unit.position is None:
            return f"node:{self.quantities.graph.position[unit.output]}"
        return self.quantities.key("node", self._output(unit))

    def _edges(self, unit: Unit) -> list[tuple[FlatElement, FlatElement | None]]:
        """Return the weights of a neuron with what they multiply, and the bias with None."""
        item = self._sum(unit)
        edges: list[tuple[FlatElement, FlatElement | None]] = [(w, x) for x, w in self.quantities.products(item)]
        return [*edges, (self.quantities.bias(item), None)] if self.structure.bias(unit) else edges

    def _edge_keys(self, unit: Unit) -> list[str]:
        return [self.quantities.key("edge", w, self._sum(unit)) for w, _ in self._edges(unit)]

    def _unit_data(self, unit: Unit) -> dict[str, Any]:
        place, item = self.quantities.place, self._sum(unit)
        products = self.quantities.products(item)
        bias = self.structure.bias(unit)
        return {
            "sum": place(item),
            "output": place(self._output(unit)),
            "edges": [place(w) for _, w in products],
            "sources": [place(x) for x, _ in products],
            "bias": None if bias is None else place(self.quantities.bias(item)),
        }

    @cached_property
    def _edges_from(self) -> dict[FlatElement, list[str]]:
        """The edges through weights from each number."""
        edges: defaultdict[FlatElement, list[str]] = defaultdict(list)
        for unit in self.layer_of:
            for w, x in self._edges(unit):
                if x is not None:
                    edges[x].append(self.quantities.key("edge", w, self._sum(unit)))
        return edges

    def _find_behind_loss(self) -> set[Node]:
        """Return the losses, and what is computed from them."""
        behind: set[Node] = set()
        for node in self.quantities.graph.nodes:
            if node.kind == "loss" or not behind.isdisjoint(node.parents):
                behind.add(node)
        root = self.quantities.loss
        is_neuron = any(root in unit[:2] for unit in self.layer_of)
        return behind if behind or is_neuron else {root}

    # Activations

    def _activation(self, layer: Sequence[Unit]) -> Op | None:
        have_theta = all(unit.output is not unit.weighted_sum for unit in layer)
        return common_activation([unit.output.op for unit in layer]) if have_theta else None

    def _choices(self, layer: Sequence[Unit], rules: JavaScriptRules) -> dict[str, dict[str, Any]]:
        """Return the activations that a layer can have, by label, with their rules and templates."""
        op, shape = self._activation(layer), layer[0].output.shape
        if op is None:
            return {}
        if (op, shape) not in self._known_choices:
            self._known_choices[op, shape] = {
                label: {
                    "rule": rule,
                    "value": self.templates.equation("", formulas.value, SLOTS)["template"],
                    "slope": self.templates.equation("", formulas.slope, SLOTS)["template"],
                    "range": formulas.output_range,
                }
                for label, (rule, formulas) in choices_for(op, shape, rules).items()
            }
        return self._known_choices[op, shape]

    def _activation_equation(self, unit: Unit, part: str) -> Equation:
        """Return the equation of θ(s), part "value", or of θ′(s), part "slope"; the page changes that of a choice."""
        item, output, layer = self._sum(unit), self._output(unit), self.layer_of[unit]
        key = self.quantities.key
        left = key("value", output) if part == "value" else key("slope", output, item)
        label = unit.output.op.label if unit.output.op else ""
        if choice := self.choices[layer].get(label):
            slots = [key("value", item), key("value", output)]
            return {"left": left, "template": choice[part], "slots": slots, "layer": layer, "part": part}
        quantities = self.quantities
        formula = quantities.value_formula(output) if part == "value" else quantities.slope_formula(output)
        return self.templates.equation(left, formula)

    # Steps

    def _step(
        self, phase: str, kind: str, unit: Unit | None, name: str, equations: list[Equation], lit: Iterable[str]
    ) -> Step:
        return {
            "phase": phase,
            "kind": kind,
            "layer": None if unit is None else self.layer_of.get(unit),
            "title": [kind, name],
            "equations": equations,
            "note": kind,
            "known": [equation["left"] for equation in equations],
            "lit": [*dict.fromkeys(lit)],
        }

    def _value_equation(self, item: FlatElement) -> Equation:
        return self.templates.equation(self.quantities.key("value", item), self.quantities.value_formula(item))

    def _delta_equation(self, item: FlatElement) -> Equation:
        return self.templates.equation(self.quantities.key("delta", item), self.quantities.delta_formula(item))

    def _forward_steps(self, unit: Unit, names: ItemNames) -> Iterator[Step]:
        if unit.weighted_sum is None:
            yield self._value_step(unit, "forward", names)
            return
        name, node = names.markup(self._output(unit)), self._node_key(unit)
        sources = [f"node:{place}" for place in self._source_places(unit)]
        equation = self._value_equation(self._sum(unit))
        yield self._step("forward", "sum", unit, name, [equation], [node, *self._edge_keys(unit), *sources])
        if unit.output is not unit.weighted_sum:
            yield self._step("forward", "output", unit, name, [self._activation_equation(unit, "value")], [node])

    def _source_places(self, unit: Unit) -> list[str]:
        """Return the units that a neuron reads, by the places of their nodes in the figure."""
        return [
            self._node_key(connection.source).removeprefix("node:") for connection in self.structure.connections(unit)
        ]

    def _value_step(self, unit: Unit, phase: str, names: ItemNames) -> Step:
        equations = [self._value_equation(item) for item in self._items(unit)]
        kind = COPIES if self.quantities.copied(unit.output) else "loss" if phase == "loss" else "value"
        return self._step(
            phase, kind, unit, names.of_unit(unit), equations, [self._node_key(unit), *self._flow_keys(unit)]
        )

    def _flow_keys(self, unit: Unit) -> list[str]:
        """Return the edges without weights that lead to a unit."""
        place = self._node_key(unit).removeprefix("node:")
        return [f"edge:{self._place(c.source)}:{place}" for c in self.structure.connections(unit)]

    def _place(self, unit: Unit) -> str:
        """Return the place of the output of a unit."""
        is_array = unit.position is None and unit.output.shape
        return (
            str(self.quantities.graph.position[unit.output]) if is_array else self.quantities.place(self._output(unit))
        )

    def _is_folded(self, unit: Unit) -> bool:
        """Return whether ∂L/∂h of a neuron is worked into its δ: it has a θ′ of its own, and no loss reads it."""
        if not self._has_slope(unit):
            return False
        readers = self.quantities.readers.get(unit.output, [])
        return bool(readers) and self.behind_loss.isdisjoint(readers)

    def _has_slope(self, unit: Unit) -> bool:
        op = unit.output.op
        return (
            unit.output is not unit.weighted_sum and op is not None and len(unit.output.parents) == 1 and not op.stars
        )

    def _backward_steps(self, unit: Unit, names: ItemNames) -> Iterator[Step]:
        """Yield the step of ∂L/∂output, unless it is worked into δ, and that of δ of a neuron."""
        has_theta = unit.weighted_sum is not None and unit.output is not unit.weighted_sum
        if unit.output is not self.quantities.loss and not (has_theta and self._is_folded(unit)):
            yield self._derivative_step(unit, names)
        if has_theta:
            yield self._delta_step(unit, names)

    def _derivative_step(self, unit: Unit, names: ItemNames) -> Step:
        readers = self.quantities.readers[unit.output]
        kind = "delta" if unit.weighted_sum is not None and unit.output is unit.weighted_sum else "derivative"
        if kind == "derivative" and readers and all(map(self.quantities.copied, readers)):
            kind = COPIES
        equations = [self._delta_equation(item) for item in self._items(unit)]
        lit = [self._node_key(unit), *self._edges_to_readers(unit)]
        return self._step("backward", kind, unit, names.of_unit(unit), equations, lit)

    def _delta_step(self, unit: Unit, names: ItemNames) -> Step:
        """Return the step of δ of a neuron with an activation, after θ′ where it has one of its own."""
        quantities, key = self.quantities, self.quantities.key
        item, output = self._sum(unit), self._output(unit)
        name, lit = names.markup(output), [self._node_key(unit)]
        if not self._has_slope(unit):
            return self._step("backward", "delta", unit, name, [self._delta_equation(item)], lit)
        is_folded = self._is_folded(unit)
        incoming = quantities.delta_formula(output) if is_folded else None
        incoming = quantities.delta(output) if incoming is None else incoming
        slope = quantities.symbol(key("slope", output, item))
        delta = self.templates.equation(key("delta", item), incoming * slope)
        lit += self._edges_from.get(output, []) if is_folded else []
        step = self._step("backward", "delta", unit, name, [self._activation_equation(unit, "slope"), delta], lit)
        step["known"] += [key("delta", output)] if is_folded else []
        return step

    def _edges_to_readers(self, unit: Unit) -> list[str]:
        """Return the edges from a unit to what reads it, with weights and without."""
        place = self._place(unit)
        position = self.quantities.graph.position
        plain = [
            f"edge:{place}:{position[reader]}"
            for reader in self.quantities.readers.get(unit.output, [])
            if reader in self.behind_loss
        ]
        return [*self._edges_from.get(self._output(unit), []), *plain]

    # Parameters

    def _parameter_steps(self, phase: str, kind: str, neurons: Sequence[Unit], names: ItemNames) -> Iterator[Step]:
        """Yield the steps of the parameters of each neuron, each parameter once, then those of the others."""
        seen: set[FlatElement] = set()
        write = self._delta_equation if phase == "gradients" else self._update_equation
        for unit in neurons:
            own = dict.fromkeys(w for w, _ in self._edges(unit))
            items = [w for w in own if self._is_shown(w, phase) and w not in seen]
            seen.update(items)
            if items:
                name = names.markup(self._output(unit))
                yield self._step(phase, kind, unit, name, [write(item) for item in items], self._edge_keys(unit))
        for node in self.quantities.graph.parameters:
            items = [FlatElement(node, index) for index in range(prod(node.shape))]
            items = [item for item in items if self._is_shown(item, phase) and item not in seen]
            if items:
                lit = [f"node:{self.quantities.graph.position[node]}"]
                yield self._step(phase, kind, None, names.of_node(node), [write(item) for item in items], lit)

    def _is_shown(self, item: FlatElement, phase: str) -> bool:
        return isinstance(item.node, Parameter) and (phase == "gradients" or item.node.trainable)

    def _update_equation(self, item: FlatElement) -> Equation:
        place = self.quantities.place(item)
        template, symbols = self._update_template
        slots = [self._update_keys[symbol].format(place) for symbol in symbols]
        return {"left": f"next:{place}", "template": template, "slots": slots}

    @property
    def _update_keys(self) -> dict[Symbol, str]:
        """The keys of what an update is computed from, with a field for the place of the parameter."""
        update = self.update
        keys = {update.weight: "value:{}", update.gradient: "delta:{}"}
        keys |= {rate.symbol: f"rate:{rate.name}" for rate in update.rates}
        for index, state in enumerate(update.states):
            keys[state] = f"state:{index}:{{}}" if update.is_vector(index) else f"state:{index}"
        return keys

    def _make_update_template(self) -> tuple[int | None, tuple[Symbol, ...]]:
        """Return the template of an update and its symbols; None where it needs sums over all parameters."""
        if self.update.totals:
            return None, ()
        equation = self.templates.equation("", self.update.new_weight)
        return equation["template"], slot_template(self.update.new_weight).symbols if equation[
            "template"
        ] is not None else ()
