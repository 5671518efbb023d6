"""The equations below the textbook figure: those of each layer, and a chain of derivatives to check by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from math import isfinite, prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.core import interpreter
from minigrad.core.local_derivatives import by_parent
from minigrad.core.node import Node
from minigrad.core.plan import Stacked
from minigrad.drawing.neurons.textbook_content import NetworkContent
from minigrad.drawing.numbers import MINUS, format_computed, format_factor, format_given
from minigrad.errors import MinigradError
from minigrad.ops.base import Elementwise, Op
from minigrad.structure import Connection, Element, Unit
from minigrad.symbolic import Formula, Number, Symbol, lift, namespace, readable, text
from minigrad.symbolic.printing import Level, Piece, Text, number_piece

LETTERS = "ᵢⱼₖₗₘₙ"
"""The indices of the layers, inputs first."""
PLAIN_LETTERS = "ijklmn"
INDEXED = re.compile(r"([a-zδŷ])[₀-₉,]+(⁽[⁰¹²³⁴-⁹,]+⁾)?")
"""The name of one neuron of a layer, or of one weight."""
MOST_TERMS = 3
"""Terms of a sum that are written out."""
MOST_ELEMENTS = 12
"""Outputs and targets of a loss up to which its rule is read."""
LONGEST = 36
"""Characters of a formula that is shown; a longer one is called by its label."""
SHORT = 18
"""Characters of the formula of a loss over its column."""
MOST_READ = 5000
"""Connections that are searched for the readers of a neuron."""


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


class InNumbers(Text):
    """Formulas whose symbols are numbers that are written already: none of them is raised to a power."""

    def __init__(self) -> None:
        super().__init__(0)

    def piece(self, part: Formula, operands: Sequence[Piece]) -> Piece:
        if not isinstance(part, Symbol):
            return super().piece(part, operands)
        is_product = "×" in part.text
        return Piece(part.text, Level.SUM if part.text[0] == MINUS else Level.PRODUCT if is_product else Level.ATOM, True)

    def number(self, value: float) -> Piece:
        return number_piece(format_given(value, 17))


class Factor(NamedTuple):
    """A formula in symbols and in numbers."""

    symbols: Formula
    numbers: Formula


def is_elementwise(unit: Unit) -> bool:
    """Return whether the activation of a neuron depends on its own weighted sum alone."""
    return unit.output is not unit.weighted_sum and isinstance(unit.output.op, Elementwise)


def generic_name(name: str, letter: str) -> str:
    """Return the name of a layer's neurons, hⱼ, from that of one of them, h₂; "" where it has no such name."""
    return indexed(name, letter) if INDEXED.fullmatch(name) else ""


def layer_equations(content: NetworkContent, columns: Sequence[Sequence[Unit]]) -> list[str]:
    """Return the equations of each layer of neurons; of many layers the first two and the last one."""
    layers = [(number, column) for number, column in enumerate(columns) if any(unit.weighted_sum is not None for unit in column)]
    groups = [list(equations_of(content, columns, number)) for number, _ in layers]
    groups = [group for group in groups if group]
    if len(groups) > 4:
        return [*groups[0], *groups[1], "…", *groups[-1]]
    return [equation for group in groups for equation in group]


def equations_of(content: NetworkContent, columns: Sequence[Sequence[Unit]], number: int) -> Iterator[str]:
    """Yield the equations of one layer: of all its neurons at once where their names allow it, else of the first."""
    neurons = [unit for unit in columns[number] if unit.weighted_sum is not None]
    right = common_sum(content, columns, number, neurons)
    letter = LETTERS[number] if number < len(LETTERS) else ""
    first = neurons[0]
    sum_name, name = content.sum_name(first), content.name(first)
    if right and letter:
        generic_sum, generic = generic_name(sum_name, letter), generic_name(name, letter)
        if generic_sum and generic:
            yield f"{generic_sum} = {right}"
            if first.output is not first.weighted_sum:
                yield f"{generic} = {activation_text(content, neurons, generic_sum, letter)}"
            return
    connections = list(islice(content.structure.connections(first), MOST_TERMS + 2))
    if len(connections) > MOST_TERMS + 1 or any(c.weight is None for c in connections):
        return
    terms = [f"{element_name(content, c.weight)}{content.name(c.source)}" for c in connections if c.weight]
    bias = content.structure.bias(first)
    yield f"{sum_name} = {' + '.join([*terms, *([element_name(content, bias)] if bias else [])])}"
    if first.output is not first.weighted_sum:
        yield f"{name} = {activation_text(content, neurons, sum_name, '')}"


def common_sum(content: NetworkContent, columns: Sequence[Sequence[Unit]], number: int, neurons: Sequence[Unit]) -> str:
    """Return Σᵢ wᵢⱼ⁽ˡ⁾xᵢ + bⱼ⁽ˡ⁾ of a layer, a sum for each layer that it reads; "" where its weights have other names."""
    if not 0 < number < len(LETTERS):
        return ""
    column_of = {unit: place for place, column in enumerate(columns[:number]) for unit in column}
    terms: dict[int, set[str]] = {}
    biases: set[str] = set()
    for neuron in (*neurons[:3], neurons[-1]):
        to = content.delta_name(neuron)
        for connection in islice(content.structure.connections(neuron), 40):
            weight, source = connection.weight, connection.source
            if weight is None or source not in column_of:
                return ""
            own, name = element_name(content, weight), content.name(source)
            column = column_of[source]
            letter = LETTERS[column]
            if not INDEXED.fullmatch(own) or not INDEXED.fullmatch(name) or indices_of(own) != indices_of(name) + indices_of(to):
                return ""
            terms.setdefault(column, set()).add(f"Σ{letter} {indexed(own, letter + LETTERS[number])}{indexed(name, letter)}")
        bias = content.structure.bias(neuron)
        name = element_name(content, bias) if bias else ""
        biases.add(indexed(name, LETTERS[number]) if indices_of(name) == indices_of(to) else name)
    if any(len(texts) > 1 for texts in terms.values()) or len(biases) != 1:
        return ""
    texts = [text for column in sorted(terms) for text in terms[column]]
    return " + ".join([*texts, *(bias for bias in biases if bias)])


def indexed(name: str, letters: str) -> str:
    """Return a name with letters in place of its numbers."""
    match = INDEXED.fullmatch(name)
    return f"{match[1]}{letters}{match[2] or ''}" if match else name


def indices_of(name: str) -> str:
    """Return the index digits of a name."""
    return re.sub("[^₀-₉]", "", name)


def element_name(content: NetworkContent, element: Element) -> str:
    """Return the name of a weight or a bias; an unnamed number as such."""
    node, position = element
    if node.kind == "constant" and not node.name:
        return f"{format_factor(format_given(content.page.snapshot.value(*element)))}·"
    return content.names.name(node, position)


def activation_text(content: NetworkContent, neurons: Sequence[Unit], argument: str, letter: str) -> str:
    """Return θ(sⱼ), with the label of the op where the network has several."""
    first = neurons[0]
    op = first.output.op
    assert op is not None
    if not is_elementwise(first):
        arguments = ", …, ".join(dict.fromkeys((content.sum_name(first), content.sum_name(neurons[-1]))))
        return f"{op.label}{letter}({arguments})"
    return f"{'θ' if len(activations(content)) == 1 else op.label}({argument})"


def activations(content: NetworkContent) -> list[Op]:
    """Return the different activations of a network that work on each neuron alone."""
    neurons = [unit for layer in content.structure.layers for unit in (layer[0], layer[-1])]
    return list(dict.fromkeys(unit.output.op for unit in neurons if is_elementwise(unit) and unit.output.op))


def activation_formulas(op: Op) -> tuple[str, str]:
    """Return θ(s) and θ′ as the rules of an op have them; "" for what is too long to read."""
    s, y = Symbol("", "s"), Symbol("", "θ")
    try:
        value = text(lift(interpreter.apply_forward(readable, op, [s], [()])))
        (derivative,) = interpreter.apply_backward(readable, op, Number(1.0), y, [s], [()])
        slope = text(lift(namespace.unwrap(derivative)))
    except (MinigradError, TypeError, ValueError):  # a rule of a user's own that formulas cannot pass
        return "", ""
    return tuple(formula if len(formula) <= LONGEST else "" for formula in (value, slope))  # type: ignore[return-value]


def loss_formula(content: NetworkContent, loss: Unit, letter: str) -> str:
    """Return the formula of a loss by its rule: of its one output, or of the sum over all of them; else its label."""
    op = loss.output.op
    assert op is not None
    rule = loss_rule(content, loss.output, backward=False)
    formula = half_sign(text(lift(rule[0].symbols))) if rule and rule[0] else ""
    if formula and len(formula) <= SHORT:
        return formula
    return formula_of_sum(op, letter) or op.label


def formula_of_sum(op: Op, letter: str) -> str:
    """Return the formula of a loss that is a sum over its outputs, such as ½Σₖ(ŷₖ − tₖ)²; "" where it is none."""
    outputs, targets = np.array([0.3, 0.6, 0.2]), np.array([0.0, 1.0, 0.0])
    one = [readable.as_formula_array([Symbol("", f"{name}{letter}")]) for name in ("ŷ", "t")]
    try:
        formula = half_sign(text(lift(interpreter.apply_forward(readable, op, one, [(1,), (1,)]))))
        parts = [float(op.forward(np, outputs[[place]], targets[[place]])) for place in range(3)]
        is_sum = bool(np.isclose(float(op.forward(np, outputs, targets)), sum(parts)))
    except (MinigradError, TypeError, ValueError):  # needs more outputs, or formulas cannot pass
        return ""
    if not is_sum or len(formula) > SHORT:
        return ""
    return f"½Σ{letter}{formula[1:]}" if formula.startswith("½") else f"Σ{letter} {formula}"


def half_sign(formula: str) -> str:
    """Return a formula with ½ in place of a leading 0.5."""
    return formula.replace("0.5·(", "½(", 1) if formula.startswith("0.5·(") else formula


def loss_rule(content: NetworkContent, loss: Node, backward: bool = True) -> list[Factor | None] | None:
    """Return the value of a loss, or its derivatives by each operand, as its rule has them; None for a large one."""
    graph = content.structure.graph
    if loss.shape or loss.op is None or sum(prod(parent.shape) for parent in loss.parents) > MOST_ELEMENTS:
        return None
    operands = graph.plan.operands_of(loss)
    results: list[list[Any]] = []
    for numbers in (False, True):

        def written(node: Node, in_numbers: bool = numbers) -> Any:
            return operand_symbols(content, node, in_numbers)

        x = [
            readable.as_formula_array([*map(written, operand.parents)])
            if isinstance(operand, Stacked)
            else written(operand)
            for operand in operands
        ]
        shapes = [operand.shape for operand in operands]
        try:
            if backward:
                y = written(loss)
                terms = interpreter.apply_backward(readable, loss.op, Number(1.0), y, x, shapes)
                results.append(by_parent(operands, terms))
            else:
                results.append([interpreter.apply_forward(readable, loss.op, x, shapes)])
        except (MinigradError, TypeError, ValueError):  # a rule of a user's own that formulas cannot pass
            return None
    return [
        None if symbols is None else Factor(namespace.unwrap(symbols), namespace.unwrap(numbers))
        for symbols, numbers in zip(*results, strict=True)
    ]


def operand_symbols(content: NetworkContent, node: Node, in_numbers: bool) -> Any:
    """Return the symbol of a node, or those of the elements of an array; in numbers, symbols written as their values."""
    snapshot, digits = content.page.snapshot, content.page.digits

    def one(position: Any) -> Symbol:
        if in_numbers:
            return Symbol("", snapshot.text(node, position, digits))
        if node.kind == "constant" and not node.name and position is None:
            return Symbol("", content.names.name(node))
        return Symbol("", content.names.name(node, position))

    if not node.shape:
        return one(None)
    if len(node.shape) > 1:
        raise ValueError("a loss of several rows")
    return readable.as_formula_array([one(index) for index in range(node.shape[0])])


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
        if op is None or unit.output is unit.weighted_sum or (is_elementwise(unit) and activation_formulas(op)[1] == "1"):
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
        if rule and len(text(rule.symbols)) <= 12:
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
        return product(weight, self.factor(self.content.delta_name(reader), format_computed(self.delta(reader), self.digits)))

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
        weighted = [c for c in islice(content.structure.connections(unit), 40) if c.weight is not None]
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


def product(first: Factor, second: Factor) -> Factor:
    """Return the product of two formulas."""
    return Factor(first.symbols * second.symbols, first.numbers * second.numbers)
