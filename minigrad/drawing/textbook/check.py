"""A chain of equations, from the loss of a network back to one weight, that a student can check by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import isfinite
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.numbers import format_computed, format_given
from minigrad.drawing.textbook.content import NetworkContent
from minigrad.drawing.textbook.equations import activations, element_name, is_elementwise
from minigrad.drawing.textbook.formulas import (
    LONGEST,
    Factor,
    InNumbers,
    activation_formulas,
    loss_rule,
    product,
)
from minigrad.structure import Connection, Element, Unit
from minigrad.symbolic import Symbol, lift, text

MOST_TERMS = 3
"""Terms of a sum that are written out."""
SHORTEST = 12
"""Characters of ∂L/∂ŷ up to which it is put into δ."""
MOST_READ, MOST_TRIED = 5000, 40
"""Connections that are searched for the readers of a neuron, and for a weight of it."""


class Equation(NamedTuple):
    """What equals what: a name, a formula in symbols, the same in numbers, and what it comes to."""

    left: str
    symbols: str = ""
    numbers: str = ""
    value: str = ""

    @property
    def parts(self) -> list[str]:
        """Return everything that is equal, without repeats."""
        parts = [self.left, self.symbols, self.numbers, self.value]
        return [part for number, part in enumerate(parts) if part and part not in parts[:number]]

    def __str__(self) -> str:
        return " = ".join(self.parts)


class HandCheck:
    """A chain of equations, from the loss back to one weight and one bias, each true for its printed numbers."""

    def __init__(self, content: NetworkContent) -> None:
        self.content = content
        self.snapshot = content.page.snapshot
        self.digits = content.page.digits
        self.is_mean = content.page.snapshot.is_mean
        """Means are not the products of means: no numbers are put in."""

    def equations(self) -> list[Equation]:
        """Return the chain; nothing where no loss compares the outputs of neurons."""
        structure = self.content.structure
        losses = [unit for column in structure.columns for unit in column if unit.output.kind == "loss"]
        if not losses or not structure.layers:
            return []
        loss = losses[0]
        output = structure.layers[-1][0]
        compared = [unit for unit in structure.layers[-1] if any(p is unit.output for p in loss.output.parents)]
        equations = self.at_output(loss.output, output := compared[0]) if compared else []
        sources = [c.source for c in structure.connections(output) if c.weight is not None]
        neurons = [source for source in sources if source.weighted_sum is not None]
        hidden = next((neuron for neuron in neurons if self.delta(neuron)), neurons[0] if neurons else None)
        if hidden is not None:
            equations += self.at_hidden(hidden, output)
        return [*equations, *self.at_parameters(hidden or output)]

    def computed(self, number: float | None) -> str:
        """Return a number as printed; nothing for an unknown one."""
        return "" if number is None else format_computed(number, self.digits)

    def equation(self, left: str, symbols: str, numbers: str, value: float | None) -> Equation:
        """Return an equation; over a batch both sides are means, and no numbers are put in."""
        if value is None:
            return Equation(left, symbols)
        if not isfinite(value):
            return Equation(left, symbols, "", self.computed(value))
        if self.is_mean:
            symbols = f"⟨{symbols}⟩" if symbols else ""
            return Equation(f"⟨{left}⟩", symbols, "", self.computed(value))
        return Equation(left, symbols, numbers, self.computed(value))

    def theta(self, unit: Unit) -> Factor | None:
        """Return θ′(s) of a neuron; None where it has no activation."""
        assert unit.weighted_sum is not None
        op = unit.output.op
        if (
            op is None
            or unit.output is unit.weighted_sum
            or (is_elementwise(unit) and activation_formulas(op)[1] == "1")
        ):
            return None
        slope = self.snapshot.slope(unit.output, unit.weighted_sum, unit.position)
        name = "θ" if len(activations(self.content)) == 1 else op.label
        return self.factor(f"{name}′({self.content.sum_name(unit)})", format_computed(slope, self.digits))

    def factor(self, name: str, number: str) -> Factor:
        """Return a name and its number, as it is printed."""
        return Factor(Symbol("", name), Symbol("", number))

    def delta(self, unit: Unit) -> float | None:
        """Return δ of a neuron."""
        assert unit.weighted_sum is not None
        return self.snapshot.delta(unit.weighted_sum, unit.position)

    def at_output(self, loss: Node, unit: Unit) -> list[Equation]:
        """Return ∂L/∂ŷ by the rule of the loss, and δ of the output neuron; in one where that is short."""
        content = self.content
        name, delta_name = content.name(unit), content.delta_name(unit)
        derivative = self.snapshot.delta(unit.output, unit.position)
        is_root = len(content.structure.graph.outputs) == 1 and content.structure.graph.outputs[0] is loss
        rule = self.output_rule(loss, unit) if is_root else None
        bare = self.factor(f"∂L/∂{name}", format_computed(derivative, self.digits))
        theta, value = self.theta(unit), self.delta(unit)
        if theta is not None and not is_elementwise(unit):
            return [self.from_rule(f"∂L/∂{name}", rule, derivative)] if rule else []
        if rule and len(text(rule.symbols)) <= SHORTEST:
            whole = product(rule, theta) if theta else rule
            return [self.from_rule(delta_name, whole, value)]
        first = [self.from_rule(f"∂L/∂{name}", rule, derivative)] if rule else []
        return [*first, self.from_rule(delta_name, product(bare, theta) if theta else bare, value)]

    def from_rule(self, left: str, factor: Factor, value: float | None) -> Equation:
        """Return the equation of a formula."""
        return self.equation(left, text(factor.symbols), InNumbers().write(factor.numbers), value)

    def output_rule(self, loss: Node, unit: Unit) -> Factor | None:
        """Return ∂L/∂ŷ as the rule of the loss has it; None for what is too long to read."""
        rule = loss_rule(self.content, loss)
        if rule is None:
            return None
        places = [number for number, parent in enumerate(loss.parents) if parent is unit.output]
        part = rule[places[0]] if len(places) == 1 else None
        if part is None:
            return None
        if unit.position is not None:
            part = Factor(part.symbols[unit.position], part.numbers[unit.position])  # type: ignore[index]
        factor = Factor(lift(part.symbols), lift(part.numbers))
        return factor if len(text(factor.symbols)) <= LONGEST else None

    def at_hidden(self, hidden: Unit, output: Unit) -> list[Equation]:
        """Return δ of a hidden neuron: all terms of the sum over its readers, or ∂L/∂h first where they are many."""
        readers = self.readers(hidden)
        theta, value, name = self.theta(hidden), self.delta(hidden), self.content.delta_name(hidden)
        if theta is not None and not is_elementwise(hidden):
            return []
        if readers and len(readers) <= MOST_TERMS:
            terms = [self.term(connection, reader) for reader, connection in readers]
            total = terms[0]
            for term in terms[1:]:
                total = Factor(total.symbols + term.symbols, total.numbers + term.numbers)
            return [self.from_rule(name, product(total, theta) if theta else total, value)]
        derivative = self.snapshot.delta(hidden.output, hidden.position)
        bare = f"∂L/∂{self.content.name(hidden)}"
        factor = self.factor(bare, format_computed(derivative, self.digits))
        first = [self.equation(bare, self.sum_over_readers(readers), "", derivative)] if readers else []
        return [*first, self.from_rule(name, product(factor, theta) if theta else factor, value)]

    def sum_over_readers(self, readers: Sequence[tuple[Unit, Connection]]) -> str:
        """Return the first and the last of the terms w·δ of a neuron."""
        first, last = (self.term(connection, reader) for reader, connection in (readers[0], readers[-1]))
        return f"{text(first.symbols)} + … + {text(last.symbols)}"

    def term(self, connection: Connection, reader: Unit) -> Factor:
        """Return w·δ of one reader."""
        assert connection.weight is not None
        name = element_name(self.content, connection.weight).removesuffix("·")
        weight = self.factor(name, format_given(self.snapshot.value(*connection.weight), self.digits))
        return product(
            weight, self.factor(self.content.delta_name(reader), format_computed(self.delta(reader), self.digits))
        )

    def readers(self, unit: Unit) -> list[tuple[Unit, Connection]]:
        """Return the neurons that read a unit through weights; nothing where others read it, or there are very many."""
        readers: list[tuple[Unit, Connection]] = []
        count = 0
        for column in self.content.structure.columns:
            for other in column:
                node = other.output if other.weighted_sum is None else other.weighted_sum
                if not any(parent is unit.output for parent in node.parents):
                    continue
                for connection in self.content.structure.connections(other):
                    count += 1
                    if connection.source == unit:
                        readers.append((other, connection))
                if count > MOST_READ:
                    return []
        return readers if all(connection.weight is not None for _, connection in readers) else []

    def at_parameters(self, unit: Unit) -> list[Equation]:
        """Return ∂L/∂w of a weight of a neuron, and ∂L/∂b of its bias."""
        content, snapshot = self.content, self.snapshot
        equations: list[Equation] = []
        name = content.delta_name(unit)
        delta = self.factor(name, format_computed(self.delta(unit), self.digits))
        weighted = [c for c in islice(content.structure.connections(unit), MOST_TRIED) if c.weight is not None]
        chosen = next((c for c in weighted if c.weight and c.weight.node.kind == "parameter"), None)
        if chosen is not None and chosen.weight is not None:
            left, source = content.names.name(*chosen.weight), chosen.source
            x = self.factor(content.name(source), snapshot.text(source.output, source.position, self.digits))
            term = product(x, delta)
            symbols, numbers = text(term.symbols), InNumbers().write(term.numbers)
            uses, value = snapshot.uses(chosen.weight), snapshot.delta(*chosen.weight)
            if uses == 1:
                equations.append(self.equation(f"∂L/∂{left}", symbols, numbers, value))
            else:
                assert unit.weighted_sum is not None
                factors = Element(source.output, source.position), Element(unit.weighted_sum, unit.position)
                equations.append(self.equation(symbols, "", numbers, snapshot.product_with_delta(*factors)))
                equations.append(self.equation(f"∂L/∂{left}", "", "", value))
        bias = content.structure.bias(unit)
        if bias is not None and bias.node.kind == "parameter" and snapshot.uses(bias) == 1:
            left = content.names.name(*bias)
            equations.append(self.equation(f"∂L/∂{left}", name, "", snapshot.delta(*bias)))
        return equations
