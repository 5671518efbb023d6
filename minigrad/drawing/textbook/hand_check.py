"""A chain of equations, from the loss of a network back to one weight, that a student can check by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.numbers import format_computed, format_given, mean_mark
from minigrad.drawing.textbook.equations import acts_alone, distinct_activations, element_name
from minigrad.drawing.textbook.formulas import (
    LONGEST,
    Factor,
    InNumbers,
    activation_texts,
    loss_rule,
    product,
)
from minigrad.drawing.textbook.textbook_content import TextbookContent
from minigrad.structure import Connection, Element, Unit, multiplied_elements
from minigrad.symbolic import Symbol, lift, text

MOST_TERMS = 3
"""Terms of a sum that are written out."""
SHORTEST = 12
"""Characters of ∂L/∂ŷ up to which it is put into δ."""
MOST_READ, MOST_TRIED = 5000, 40
"""Connections that are searched for the readers of a neuron, and for a weight of it."""


class CheckEquation(NamedTuple):
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

    def __init__(self, content: TextbookContent) -> None:
        self.content = content
        self.snapshot = content.settings.snapshot
        self.digits = content.settings.digits
        self.is_mean = content.settings.snapshot.is_mean
        """Means are not the products of means: no numbers are put in."""

    def equations(self) -> list[CheckEquation]:
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

    def equation(self, left: str, symbols: str, numbers: str, value: float | None) -> CheckEquation:
        """Return an equation; over a batch both sides are means, and no numbers are put in, nor are NaN and ∞."""
        if value is None:
            return CheckEquation(left, symbols)
        if self.is_mean:
            left, symbols = mean_mark(left), mean_mark(symbols) if symbols else ""
        if self.is_mean or "NaN" in numbers or "∞" in numbers:
            numbers = ""
        return CheckEquation(left, symbols, numbers, format_computed(value, self.digits))

    def theta(self, unit: Unit) -> Factor | None:
        """Return θ′(s) of a neuron; None where it has no activation."""
        assert unit.weighted_sum is not None
        op = unit.output.op
        if op is None or unit.output is unit.weighted_sum:
            return None
        if acts_alone(unit) and activation_texts(op)[1] == "1":
            return None
        slope = self.snapshot.slope(unit.output, unit.weighted_sum, unit.position)
        name = "θ" if len(distinct_activations(self.content)) == 1 else op.label
        return self.factor(f"{name}′({self.content.sum_name(unit)})", format_computed(slope, self.digits))

    def factor(self, name: str, number: str) -> Factor:
        """Return a name and its number, as it is printed."""
        return Factor(Symbol("", name), Symbol("", number))

    def delta(self, unit: Unit) -> float | None:
        """Return δ of a neuron."""
        assert unit.weighted_sum is not None
        return self.snapshot.delta(unit.weighted_sum, unit.position)

    def at_output(self, loss: Node, unit: Unit) -> list[CheckEquation]:
        """Return ∂L/∂ŷ by the rule of the loss, and δ of the output neuron; in one where that is short."""
        content = self.content
        name, delta_name = content.name(unit), content.delta_name(unit)
        derivative = self.snapshot.delta(unit.output, unit.position)
        graph = content.structure.graph
        readers = [node for node in graph.nodes if any(parent is unit.output for parent in node.parents)]
        is_all = len(readers) == 1 and len(graph.outputs) == 1 and graph.outputs[0] is loss
        rule = self.output_rule(loss, unit) if is_all else None
        bare = self.factor(f"∂L/∂{name}", format_computed(derivative, self.digits))
        theta, value = self.theta(unit), self.delta(unit)
        if theta is not None and not acts_alone(unit):
            return [self.from_rule(f"∂L/∂{name}", rule, derivative)] if rule else []
        if rule and len(text(rule.symbols)) <= SHORTEST:
            delta = product(rule, theta) if theta else rule
            return [self.from_rule(delta_name, delta, value)]
        first = [self.from_rule(f"∂L/∂{name}", rule, derivative)] if rule else []
        return [*first, self.from_rule(delta_name, product(bare, theta) if theta else bare, value)]

    def from_rule(self, left: str, factor: Factor, value: float | None) -> CheckEquation:
        """Return the equation of a formula."""
        return self.equation(left, text(factor.symbols), InNumbers().write(factor.numbers), value)

    def output_rule(self, loss: Node, unit: Unit) -> Factor | None:
        """Return ∂L/∂ŷ as the rule of the loss has it; None for what is too long to read."""
        rule = loss_rule(self.content.structure, self.content.settings, loss)
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

    def at_hidden(self, hidden: Unit, output: Unit) -> list[CheckEquation]:
        """Return δ of a hidden neuron: all terms of the sum over its readers, or ∂L/∂h first where they are many."""
        readers = self.readers(hidden)
        theta, value, name = self.theta(hidden), self.delta(hidden), self.content.delta_name(hidden)
        if theta is not None and not acts_alone(hidden):
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
        return product(weight, self.delta_of(reader))

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

    def at_parameters(self, unit: Unit) -> list[CheckEquation]:
        """Return ∂L/∂w of a weight of a neuron, and ∂L/∂b of its bias; of shared ones the sum over all uses."""
        structure = self.content.structure
        weights = [c.weight for c in islice(structure.connections(unit), MOST_TRIED) if c.weight is not None]
        weight = next((weight for weight in weights if weight.node.kind == "parameter"), None)
        bias = structure.bias(unit)
        equations: list[CheckEquation] = []
        if weight is not None:
            own = next(x for x, w in products_of(unit) if w == weight)
            uses = [(own, unit)] if self.snapshot.uses(weight) == 1 else self.uses_of_weight(weight)
            equations.append(self.of_parameter(weight, [product(self.output(x), self.delta_of(s)) for x, s in uses]))
        if bias is not None and bias.node.kind == "parameter" and bias != weight:
            units = [unit] if self.snapshot.uses(bias) == 1 else self.uses_of_bias(bias)
            equations.append(self.of_parameter(bias, [self.delta_of(reader) for reader in units]))
        return [equation for equation in equations if len(equation.parts) > 1]

    def of_parameter(self, parameter: Element, terms: Sequence[Factor]) -> CheckEquation:
        """Return ∂L/∂w as the sum of what its uses add; of many the first and the last, and no numbers."""
        left, value = f"∂L/∂{self.content.names.name(*parameter)}", self.snapshot.delta(*parameter)
        if len(terms) != self.snapshot.uses(parameter):  # others than neurons read it, too
            return self.equation(left, "", "", value)
        if len(terms) > MOST_TERMS:
            return self.equation(left, f"{text(terms[0].symbols)} + … + {text(terms[-1].symbols)}", "", value)
        total = terms[0]
        for term in terms[1:]:
            total = Factor(total.symbols + term.symbols, total.numbers + term.numbers)
        return self.from_rule(left, total, value)

    def output(self, x: Element) -> Factor:
        """Return what a weight is multiplied by."""
        return self.factor(self.content.names.name(*x), self.snapshot.text(*x, self.digits))

    def delta_of(self, unit: Unit) -> Factor:
        """Return δ of a neuron."""
        return self.factor(self.content.delta_name(unit), format_computed(self.delta(unit), self.digits))

    def neurons(self) -> Iterator[Unit]:
        """Yield the neurons, layer by layer."""
        return chain.from_iterable(self.content.structure.layers)

    def uses_of_weight(self, weight: Element) -> list[tuple[Element, Unit]]:
        """Return what each use of a weight reads, and for which neuron; of the first very many connections."""
        products = ((x, w, unit) for unit in self.neurons() for x, w in products_of(unit))
        return [(x, unit) for x, w, unit in islice(products, MOST_READ) if w == weight]

    def uses_of_bias(self, bias: Element) -> list[Unit]:
        """Return the neurons with a bias."""
        return [unit for unit in islice(self.neurons(), MOST_READ) if self.content.structure.bias(unit) == bias]


def products_of(neuron: Unit) -> list[tuple[Element, Element]]:
    """Return the pairs x, w whose products a neuron adds up."""
    assert neuron.weighted_sum is not None
    return multiplied_elements(neuron.weighted_sum, neuron.position)
