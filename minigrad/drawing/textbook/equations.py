"""The equations of the layers of a network, in the indices of the textbook: sⱼ⁽¹⁾ = Σᵢ wᵢⱼ⁽¹⁾xᵢ + bⱼ⁽¹⁾."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from minigrad.drawing.numbers import format_factor, format_given
from minigrad.drawing.textbook.textbook_content import TextbookContent
from minigrad.ops.base import Elementwise, Op
from minigrad.structure import Element, Unit

LETTERS, PLAIN_LETTERS = "ᵢⱼₖₗₘₙ", "ijklmn"
"""The indices of the layers, inputs first."""
INDEXED = re.compile(r"([a-zδŷ])[₀-₉,]+(⁽[⁰¹²³⁴-⁹,]+⁾)?")
"""The name of one neuron of a layer, or of one weight."""
MOST_TERMS = 4
"""Terms of the sum of one neuron that are written out."""
MOST_GROUPS = 4
"""Layers whose equations are all written."""
MOST_TRIED = 40
"""Connections of a neuron whose names are looked at."""


def acts_alone(unit: Unit) -> bool:
    """Return whether the activation of a neuron depends on its own weighted sum alone."""
    return unit.output is not unit.weighted_sum and isinstance(unit.output.op, Elementwise)


def generic_name(name: str, letter: str) -> str:
    """Return the name of a layer's neurons, hⱼ, from that of one of them, h₂; "" where it has no such name."""
    return indexed(name, letter) if INDEXED.fullmatch(name) else ""


def layer_equations(content: TextbookContent, columns: Sequence[Sequence[Unit]]) -> list[str]:
    """Return the equations of each layer of neurons; of many layers the first two and the last one."""
    layers = [
        (number, column)
        for number, column in enumerate(columns)
        if any(unit.weighted_sum is not None for unit in column)
    ]
    groups = [list(equations_of(content, columns, number)) for number, _ in layers]
    groups = [group for group in groups if group]
    if len(groups) > MOST_GROUPS:
        return [*groups[0], *groups[1], "…", *groups[-1]]
    return [equation for group in groups for equation in group]


def equations_of(content: TextbookContent, columns: Sequence[Sequence[Unit]], number: int) -> Iterator[str]:
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
    connections = list(islice(content.structure.connections(first), MOST_TERMS + 1))
    if len(connections) > MOST_TERMS or any(c.weight is None for c in connections):
        return
    terms = [f"{element_name(content, c.weight)}{content.name(c.source)}" for c in connections if c.weight]
    bias = content.structure.bias(first)
    yield f"{sum_name} = {' + '.join([*terms, *([element_name(content, bias)] if bias else [])])}"
    if first.output is not first.weighted_sum:
        yield f"{name} = {activation_text(content, neurons, sum_name, '')}"


def common_sum(
    content: TextbookContent, columns: Sequence[Sequence[Unit]], number: int, neurons: Sequence[Unit]
) -> str:
    """Return Σᵢ wᵢⱼ⁽ˡ⁾xᵢ + bⱼ⁽ˡ⁾ of a layer, a sum for each layer that it reads; "" where names do not fit."""
    if not 0 < number < len(LETTERS):
        return ""
    column_of = {unit: number for number, column in enumerate(columns[:number]) for unit in column}
    terms: dict[int, set[str]] = {}
    biases: set[str] = set()
    for neuron in (*neurons[:3], neurons[-1]):
        to = content.delta_name(neuron)
        for connection in islice(content.structure.connections(neuron), MOST_TRIED):
            weight, source = connection.weight, connection.source
            if weight is None or source not in column_of:
                return ""
            own, name = element_name(content, weight), content.name(source)
            column = column_of[source]
            letter = LETTERS[column]
            if (
                not INDEXED.fullmatch(own)
                or not INDEXED.fullmatch(name)
                or indices_of(own) != indices_of(name) + indices_of(to)
            ):
                return ""
            terms.setdefault(column, set()).add(
                f"Σ{letter} {indexed(own, letter + LETTERS[number])}{indexed(name, letter)}"
            )
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


def element_name(content: TextbookContent, element: Element) -> str:
    """Return the name of a weight or a bias; an unnamed number as such."""
    node, position = element
    if node.kind == "constant" and not node.name:
        return f"{format_factor(format_given(content.settings.snapshot.value(*element)))}·"
    return content.names.name(node, position)


def activation_text(content: TextbookContent, neurons: Sequence[Unit], argument: str, letter: str) -> str:
    """Return θ(sⱼ), with the label of the op where the network has several."""
    first = neurons[0]
    op = first.output.op
    assert op is not None
    if not acts_alone(first):
        arguments = ", …, ".join(dict.fromkeys((content.sum_name(first), content.sum_name(neurons[-1]))))
        return f"{op.label}{letter}({arguments})"
    return f"{'θ' if len(distinct_activations(content)) == 1 else op.label}({argument})"


def distinct_activations(content: TextbookContent) -> list[Op]:
    """Return the different activations of a network that work on each neuron alone."""
    neurons = [unit for layer in content.structure.layers for unit in (layer[0], layer[-1])]
    return list(dict.fromkeys(unit.output.op for unit in neurons if acts_alone(unit) and unit.output.op))
