"""The steps of a pass by neuron: forward, loss, backward, gradients, update, each with its equations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NotRequired, TypedDict

from minigrad.core.node import Node, Parameter
from minigrad.pages.equations import EquationData, EquationWriter, has_slope
from minigrad.pages.item_names import ItemNames
from minigrad.pages.part_keys import PartKeys
from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.structure import Unit

COPIES = "copies"
"""The kind of a step that computes nothing: it picks elements of an array, or lines numbers up in one."""


class Step(TypedDict):
    """What a page shows at once: some equations, and which parts of the figure are lit."""

    phase: str
    kind: str
    layer: int | None
    title: list[str]
    """The key of a phrase, and the name that stands in it."""
    equations: list[EquationData]
    known: list[str]
    """The keys of the quantities that are known from now on."""
    lit: list[str]
    op: NotRequired[str | None]


class StepBuilder:
    """Puts the equations of a network in the order in which a page shows them."""

    def __init__(self, quantities: Quantities, writer: EquationWriter, names: ItemNames) -> None:
        self.quantities = quantities
        self.writer = writer
        self.names = names
        self.keys = PartKeys(quantities)
        self.neurons = [unit for layer in reversed(quantities.structure.layers) for unit in layer]

    def steps(self) -> list[Step]:
        """Return the steps of one pass and one update; copies of numbers become known with the step before them."""
        steps: list[Step] = []
        for step in self._all_steps():
            if step["kind"] != COPIES:
                steps.append(step)
            elif steps:
                steps[-1]["known"] += step["known"]
                steps[-1]["lit"] += step["lit"][:1]
        return steps

    def layers(self) -> list[dict[str, Any]]:
        """Return the layers of neurons, each with its units and the activations that it can have."""
        layers, writer = self.quantities.structure.layers, self.writer
        return [
            {
                "units": [self.keys.unit_data(unit) for unit in layer],
                "activation": None if op is None else op.label,
                "choices": choices,
            }
            for layer, op, choices in zip(layers, writer.activations, writer.choices, strict=True)
        ]

    def other_equations(self) -> list[EquationData]:
        """Return the equations of what a reader may ask for and no step shows: ∂L/∂h of hidden neurons, and copies."""
        hidden = [self.writer.delta(self.keys.output(unit)) for unit in self.neurons if self._is_folded(unit)]
        copies = [pair for node in self.quantities.graph.nodes for pair in self.quantities.copied(node)]
        return [
            *hidden,
            *(
                self.writer.value(operand) | {"left": self.quantities.key("value", result)}
                for operand, result in copies
                if operand.node.op is not None
            ),
        ]

    def _all_steps(self) -> Iterator[Step]:
        columns, behind_loss = self.quantities.structure.columns, self.quantities.behind_loss
        forward = [unit for column in columns for unit in column if unit.output.op is not None]
        backward = [unit for column in reversed(columns) for unit in column if unit.output in self._trained_nodes()]
        for unit in forward:
            if unit.output not in behind_loss:
                yield from self._forward_steps(unit)
        for unit in forward:
            if unit.output in behind_loss:
                yield self._value_step(unit, "loss")
        for unit in backward:
            yield from self._backward_steps(unit)
        yield from self._parameter_steps("gradients")
        yield from self._parameter_steps("update")

    def _trained_nodes(self) -> set[Node]:
        """Return the computed nodes that depend on a parameter: only for these ∂L/∂node is of use."""
        trained: set[Node] = {*self.quantities.graph.parameters}
        for node in self.quantities.graph.nodes:
            if not trained.isdisjoint(node.parents):
                trained.add(node)
        return trained - {*self.quantities.graph.parameters}

    def _step(
        self, phase: str, kind: str, unit: Unit | None, name: str, equations: list[EquationData], lit: Iterable[str]
    ) -> Step:
        return {
            "phase": phase,
            "kind": kind,
            "layer": None if unit is None else self.writer.layer_of.get(unit),
            "title": [kind, name],
            "equations": equations,
            "known": [equation["left"] for equation in equations],
            "lit": [*dict.fromkeys(lit)],
        }

    def _forward_steps(self, unit: Unit) -> Iterator[Step]:
        """Yield the steps of s and of θ(s) of a neuron, or of the value of another unit."""
        if unit.weighted_sum is None:
            yield self._value_step(unit, "forward")
            return
        item, output = self.keys.weighted_sum(unit), self.keys.output(unit)
        name, node = self.names.markup(output), self.keys.node(unit)
        lit = [node, *self.keys.weighted_edges(unit), *self.keys.sources(unit)]
        yield self._step("forward", "sum", unit, name, [self.writer.value(item)], lit)
        if unit.output is not unit.weighted_sum:
            equation = self.writer.activation(unit, "value", item, output)
            yield self._step("forward", "output", unit, name, [equation], [node])

    def _value_step(self, unit: Unit, phase: str) -> Step:
        equations = [self.writer.value(item) for item in self.keys.outputs(unit)]
        kind = COPIES if self.quantities.copied(unit.output) else "loss" if phase == "loss" else "value"
        lit = [self.keys.node(unit), *self.keys.plain_edges(unit)]
        step = self._step(phase, kind, unit, self.names.of_unit(unit), equations, lit)
        return step | {"op": unit.output.op.label if unit.output.op else None}

    def _is_folded(self, unit: Unit) -> bool:
        """Return whether ∂L/∂h of a neuron is worked into its δ: it has a θ′ of its own, and no loss reads it."""
        readers = self.quantities.readers[unit.output]
        return has_slope(unit) and bool(readers) and self.quantities.behind_loss.isdisjoint(readers)

    def _backward_steps(self, unit: Unit) -> Iterator[Step]:
        """Yield the step of ∂L/∂output, unless it is worked into δ, and that of δ of a neuron."""
        has_theta = unit.weighted_sum is not None and unit.output is not unit.weighted_sum
        if unit.output is not self.quantities.loss and not (has_theta and self._is_folded(unit)):
            yield self._derivative_step(unit)
        if has_theta:
            yield self._delta_step(unit)

    def _derivative_step(self, unit: Unit) -> Step:
        readers = self.quantities.readers[unit.output]
        kind = "delta" if unit.output is unit.weighted_sum else "derivative"
        if kind == "derivative" and readers and all(map(self.quantities.copied, readers)):
            kind = COPIES
        equations = [self.writer.delta(item) for item in self.keys.outputs(unit)]
        lit = [self.keys.node(unit), *self.keys.edges_to_readers(unit)]
        return self._step("backward", kind, unit, self.names.of_unit(unit), equations, lit)

    def _delta_step(self, unit: Unit) -> Step:
        """Return the step of δ of a neuron with an activation, after θ′ where it has one of its own."""
        quantities, writer, key = self.quantities, self.writer, self.quantities.key
        item, output = self.keys.weighted_sum(unit), self.keys.output(unit)
        name, lit = self.names.markup(output), [self.keys.node(unit)]
        if not has_slope(unit):
            return self._step("backward", "delta", unit, name, [writer.delta(item)], lit)
        is_folded = self._is_folded(unit)
        incoming = quantities.delta_formula(output) if is_folded else None
        incoming = quantities.delta(output) if incoming is None else incoming
        delta = writer.equation(key("delta", item), incoming * quantities.symbol(key("slope", output, item)))
        equations = [writer.activation(unit, "slope", item, output), delta]
        lit += self.keys.edges_to_readers(unit) if is_folded else []
        step = self._step("backward", "delta", unit, name, equations, lit)
        step["known"] += [key("delta", output)] if is_folded else []
        return step

    def _parameter_steps(self, phase: str) -> Iterator[Step]:
        """Yield the steps of the parameters of each neuron, each parameter once, then those of the others."""
        seen: set[FlatElement] = set()
        write = self.writer.delta if phase == "gradients" else self.writer.update

        def take(items: Iterable[FlatElement]) -> list[EquationData]:
            own = [item for item in dict.fromkeys(items) if item not in seen and has_equation(item, phase)]
            seen.update(own)
            return [write(item) for item in own]

        for unit in self.neurons:
            if equations := take(w for w, _ in self.keys.edges(unit)):
                name = self.names.markup(self.keys.output(unit))
                yield self._step(phase, phase, unit, name, equations, self.keys.weighted_edges(unit))
        for node in self.quantities.graph.parameters:
            if equations := take(FlatElement(node, offset) for offset in range(prod(node.shape))):
                lit = [f"node:{self.quantities.graph.position[node]}"]
                yield self._step(phase, phase, None, self.names.of_node(node), equations, lit)


def has_equation(item: FlatElement, phase: str) -> bool:
    """Return whether a number is a parameter that a phase has an equation for: only trainable ones are updated."""
    return isinstance(item.node, Parameter) and (phase == "gradients" or item.node.trainable)
