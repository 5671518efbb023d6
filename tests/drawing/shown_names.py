"""What the names in a picture stand for: the true numbers of nodes, of the box or edge they stand at, and formulas."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from minigrad._format import lowered
from minigrad.core.node import Node, Parameter
from minigrad.drawing.neurons.diagram_builder import weight_name
from minigrad.drawing.process.grids import read_grids, sum_of
from minigrad.structure import Connection, Element, Unit, multiplied_elements, read_structure, weighted_sum_operands
from tests.drawing.equations import FIGURE, UNKNOWN, Expression, Range, Statement, agree, numbers_of, read_number
from tests.drawing.true_numbers import Numbers, TrueNumbers

Names = dict[str, Numbers]
"""True numbers by name, one for each sample; None where the number is not known."""
MARKED = re.compile(r"⟨([^⟨⟩]*)⟩")
AFTER_WORDS = re.compile(r"^(?!.* (?:if|else) ).*\b[a-z]{2,}:?\s+(?=\S)")
"""The words before a name, as in: the slope θ′."""
LEGEND_KEYS = {("w", "0"), ("Δw", "0")}
"""What stands beside the mark of a dotted line, and is said of no weight."""
BARE_LETTER = re.compile(r"(?:∂L/∂|Δ)?[a-zŷ]|δ\([a-z]\)")
NAME_GOES_ON = re.compile(r"[\w′₀-₉\[⁽]|\.\w")
LEARNING_RATE = 0.5


class ShownNames:
    """The true number of every name in the pictures of a graph.

    Args:
        numbers: The true numbers of the pass.
        of_batch: Those of all samples, where a picture of one sample says something about the batch.
        neuron: The unit that a picture of one neuron shows.
    """

    def __init__(self, numbers: TrueNumbers, of_batch: TrueNumbers | None = None, neuron: Unit | None = None) -> None:
        self.numbers, self.of_batch, self.neuron, self.graph = numbers, of_batch or numbers, neuron, numbers.graph
        self.structure = read_structure(self.graph)
        self.counts_inputs = True
        """Whether x₁, w₁ and b in the picture of one neuron are its own first ones, and no node of these names."""
        self.units = {self.structure.key(unit): unit for column in self.structure.columns for unit in column}
        self.nodes = {f"n{position}": node for position, node in enumerate(self.graph.nodes)}
        self.grids = read_grids(self.structure).grids if self.structure.layers else ()
        self.everywhere = dict(self.textbook_names()) | dict(self.global_names())

    @cached_property
    def of_parts(self) -> list[Names]:
        """What names mean at each neuron, bias and connection."""
        neurons = [unit for layer in self.structure.layers for unit in layer]
        tables = [dict(self.of_bias(unit)) for unit in neurons]
        for unit in neurons:
            assert unit.weighted_sum is not None
            tables.append(dict(self.of_neuron(unit, unit.weighted_sum)))
            connections = [each for each in self.structure.connections(unit) if each.weight]
            tables += [dict(self.of_connection(unit, connection)) for connection in connections]
        return tables

    @cached_property
    def unambiguous(self) -> Names:
        """The names that stand for the same number whosever part of a figure they are in: not b, w or ∂L/∂w."""
        return {name: numbers for name, numbers in self.everywhere.items() if not BARE_LETTER.fullmatch(name)}

    def global_names(self) -> Iterator[tuple[str, Numbers]]:
        """Yield the names that mean the same wherever they stand."""
        for node in self.graph.nodes:
            if not node.shape:
                yield from self.of_element(self.graph.short_name(node), Element(node))
        for unit in self.units.values():
            if not unit.output.shape or unit.position is not None:
                yield from self.of_element(self.structure.name(unit), Element(unit.output, unit.position))
        for name, loss in self.numbers.losses.items():
            if not loss.shape:
                yield from self.of_element(name, Element(loss))

    def textbook_names(self) -> Iterator[tuple[str, Numbers]]:
        """Yield the names of the textbook for every node and element, with δ and θ′ of the weighted sums."""
        names = self.structure.textbook_names
        for node in self.graph.nodes:
            for index in np.ndindex(node.shape) if node.shape else (None,):
                yield from self.of_element(names.name(node, index), Element(node, index))
        for unit in self.units.values():
            s = unit.weighted_sum
            if s is not None and not (s.shape and unit.position is None):
                yield names.delta(s, unit.position), self.numbers.delta(s, unit.position)
                if unit.output is not s and unit.output.op is not None:
                    slope = self.numbers.local(unit.output, 0, unit.position)
                    for theta in ("θ", unit.output.op.label):
                        yield f"{theta}′({names.name(s, unit.position)})", slope

    def of_process(self, key: str) -> Iterator[tuple[str, Numbers]]:
        """Yield what the labels in a cell, or at a head, of the process view mean."""
        match = re.fullmatch(r"([gh])(\d+)_(\d+|b)(?:_(\d+))?", key)
        if match is None:
            return
        grid = self.grids[int(match[2]) - 1]
        source = None if match[3] == "b" else grid.sources[int(match[3])]
        if match[1] == "h" and source is not None:
            pairs = [(grid.weight(int(match[3]), place), unit) for place, unit in enumerate(grid.neurons)]
            shares = [self.product(weight, unit) for weight, unit in pairs if weight is not None]
            yield "Σ w·δ", None if any(share is None for share in shares) else np.array([sum(shares)]).reshape(-1)
        elif match[1] == "g":
            neuron = grid.neurons[int(match[4])]
            yield "δ", self.numbers.delta(sum_of(neuron), neuron.position)
            if source is None:
                bias = grid.bias(int(match[4]))
                yield "b", self.numbers.value(*bias)
            else:
                x = self.numbers.value(*source)
                yield from ((letter, x) for letter in "xhŷs")
                yield "w", self.numbers.value(*grid.weight(int(match[3]), int(match[4])))

    def product(self, weight: Element, unit: Unit) -> Numbers:
        """Return w·δ of a weight and a neuron."""
        w, delta = self.numbers.value(*weight), self.numbers.delta(sum_of(unit), unit.position)
        return None if w is None or delta is None else w * delta

    def of_element(self, name: str, element: Element) -> Iterator[tuple[str, Numbers]]:
        """Yield the name of an element and that of the derivative by it."""
        node, index = element
        yield name, self.numbers.value(node, index)
        delta = self.numbers.delta(node, index)
        if node.kind == "weighted sum":
            yield f"δ({name})", delta
        yield f"∂L/∂{name}", delta
        if node.kind in {"parameter", "constant"}:
            step = -LEARNING_RATE if isinstance(node, Parameter) and node.trainable else 0.0
            yield f"Δ{name}", None if delta is None else np.array([step * delta.mean()])

    def at(self, owner: str | tuple[str, str], view: str) -> list[Names]:
        """Return what names mean at a box or an edge; on an edge there is one table for each connection."""
        if isinstance(owner, tuple):
            tables = [dict(names) for names in self.of_edge(*owner, view)] or [{}]
        else:
            is_owned = owner not in {"", FIGURE}
            tables = [dict(self.of_box(owner if is_owned else "", view)) if is_owned or view == "neuron" else {}]
        if view == "neuron" and not self.counts_inputs:
            return [*tables, {name: numbers for name, numbers in tables[0].items() if name not in self.everywhere}]
        return tables

    def of_box(self, key: str, view: str) -> Iterator[tuple[str, Numbers]]:
        unit = self.neuron if view == "neuron" else self.units.get(key)
        if view == "layers":
            yield from self.of_column(key)
        elif view == "process":
            yield from self.of_process(key)
        elif view == "matrices":
            yield from self.of_entry(key)
        elif view == "backprop":
            node = self.nodes[f"n{key[1:]}"]
            if not node.shape:
                yield "mean", self.numbers.value(node) if key[0] == "n" else self.numbers.delta(node)
        elif key.endswith("b") and key[:-1] in self.units:
            yield from self.of_bias(self.units[key[:-1]])
        elif unit is not None and unit.weighted_sum is not None and view not in {"expression", "ends", "explain"}:
            yield from self.of_neuron(unit, unit.weighted_sum)
            if view == "neuron":
                yield from self.of_inputs(unit, unit.weighted_sum)
                yield from self.of_readers(unit)
        elif key in self.nodes and not self.nodes[key].shape:
            node = self.nodes[key]
            yield "value", self.numbers.value(node)
            if node.kind == "weighted sum":
                yield "δ", self.numbers.delta(node)

    def of_neuron(self, unit: Unit, weighted_sum: Node) -> Iterator[tuple[str, Numbers]]:
        """Yield the names of what one neuron computes."""
        numbers, index, output = self.numbers, unit.position, unit.output
        if weighted_sum.shape and index is None:
            return
        s, y = numbers.value(weighted_sum, index), numbers.value(output, index)
        delta = numbers.delta(weighted_sum, index)
        label = output.op.label if output is not weighted_sum and output.op else "output"
        yield from ((name, s) for name in ("s", "Σ"))
        yield from ((name, y) for name in (label, "output", "θ(s)"))
        yield "δ", delta
        yield "∂L/∂output", numbers.delta(output, index)
        deltas = self.of_batch.delta(weighted_sum, index)
        yield from ((name, None if deltas is None else abs(deltas)) for name in ("|δ|", "mean |δ|"))
        yield "|⟨δ⟩|", None if deltas is None else np.array([abs(deltas.mean())])
        if output is not weighted_sum:
            slope = numbers.local(output, 0, index)
            yield from ((name, slope) for name in ("θ′(s)", "θ′"))

    def of_inputs(self, unit: Unit, weighted_sum: Node) -> Iterator[tuple[str, Numbers]]:
        """Yield the names of the inputs and weights of a neuron, counted from 1, its bias and its output."""
        for number, (x, w) in enumerate(multiplied_elements(weighted_sum, unit.position), start=1):
            yield from self.of_element(f"x{lowered(number)}", x)
            yield from self.of_element(f"w{lowered(number)}", w)
            values = self.numbers.value(*x), self.numbers.value(*w)
            product = None if values[0] is None or values[1] is None else values[0] * values[1]
            yield f"x{lowered(number)}w{lowered(number)}", product
        b = weighted_sum_operands(weighted_sum).b
        yield from self.of_element("b", Element(b, unit.position if b.shape else None))
        if unit.output is not weighted_sum:
            for name in ("h", "ŷ"):
                yield from self.of_element(name, Element(unit.output, unit.position))

    def of_readers(self, unit: Unit) -> Iterator[tuple[str, Numbers]]:
        """Yield the names of the weights and δ of the neurons that read a neuron, counted from 1."""
        output = Element(unit.output, unit.position)
        pairs = [
            (w, Element(reader, position))
            for reader in self.graph.nodes
            if reader.kind == "weighted sum" and unit.output in reader.parents
            for position in (range(reader.shape[-1]) if reader.shape else (None,))
            for x, w in multiplied_elements(reader, position)
            if x == output
        ]
        for number, (weight, reader) in enumerate(pairs, start=1):
            index = lowered(number) if len(pairs) > 1 else ""
            w, delta = self.numbers.value(*weight), self.numbers.delta(*reader)
            yield f"w′{index}", w
            yield f"δ′{index}", delta
            yield f"w′{index}δ′{index}", None if w is None or delta is None else w * delta

    def of_bias(self, unit: Unit) -> Iterator[tuple[str, Numbers]]:
        bias = self.structure.bias(unit)
        if bias is not None:
            for name in {"b", weight_name(bias, unit, "b")}:
                yield from self.of_element(name, bias)

    def of_edge(self, tail: str, head: str, view: str) -> Iterator[Iterable[tuple[str, Numbers]]]:
        """Yield the names on an edge, which may go forward or back, for each connection that it may stand for."""
        if view == "neuron":
            yield self.of_box("", view)
            return
        if view in {"expression", "ends", "explain"}:
            yield from self.of_operand(tail, head)
            return
        if view == "process":
            number, place = (int(digits) for digits in head[1:].split("_")[:2]) if head[0] == "s" else (0, 0)
            unit = self.grids[number - 1].neurons[place] if number else None
            yield [("θ′", self.numbers.local(unit.output, 0, unit.position))] if unit is not None else []
            return
        for source, reader_key in ((tail, head), (head, tail)):
            reader_unit = self.units.get(reader_key)
            if reader_unit is not None and source in self.units:
                for connection in self.structure.connections(reader_unit):
                    if connection.weight and connection.source == self.units[source]:
                        yield self.of_connection(reader_unit, connection)

    def of_connection(self, reader: Unit, connection: Connection) -> Iterator[tuple[str, Numbers]]:
        weight, source = connection.weight, connection.source
        assert weight is not None and reader.weighted_sum is not None
        if weight.node.shape and weight.position is None:
            return
        yield from self.of_neuron(reader, reader.weighted_sum)
        w, x = self.numbers.value(*weight), self.numbers.value(source.output, source.position)
        delta = self.numbers.delta(reader.weighted_sum, reader.position)
        names = {"w", weight_name(weight, reader, "w")}
        for name in names:
            yield from self.of_element(name, weight)
        yield "x", x
        yield from ((f"{name}·δ", None if w is None or delta is None else w * delta) for name in names)
        yield "x·δ", None if x is None or delta is None else x * delta

    def of_operand(self, tail: str, head: str) -> Iterator[Iterable[tuple[str, Numbers]]]:
        """Yield the local derivatives of an edge from an operand to its op, or to the node that it makes."""
        child, parent = self.nodes.get(f"n{head[1:]}"), self.nodes.get(tail)
        if child is None or parent is None or child.shape or parent.shape:
            return
        for position, operand in enumerate(child.parents):
            if operand is parent and not any(other.shape for other in child.parents):
                yield [("∂", self.numbers.local(child, position))]

    def of_column(self, key: str) -> Iterator[tuple[str, Numbers]]:
        """Yield the means over a layer."""
        column = self.structure.columns[int(key[1:])]
        sums = dict.fromkeys(unit.weighted_sum for unit in column if unit.weighted_sum is not None)
        weights = dict.fromkeys(w for s in sums for w in weighted_sum_operands(s).w)
        biases = dict.fromkeys(b for s in sums if (b := weighted_sum_operands(s).b).kind != "constant")
        yield from ((name, counted(nodes)) for name, nodes in (("weights", weights), ("biases", biases)))
        yield "mean |w|", self.mean_size(weights, self.numbers.value)
        size = self.mean_size(dict.fromkeys(unit.output for unit in column), self.numbers.value)
        yield from ((name, size) for name in ("mean |output|", "mean |value|"))
        yield "mean |δ|", self.mean_size(sums, self.numbers.delta)
        yield "mean |⟨δ⟩|", self.mean_size(sums, self.numbers.delta, of_means=True)

    def mean_size(self, nodes: Iterable[Node], number_of: Any, of_means: bool = False) -> Numbers:
        sizes: list[Any] = []
        for node in nodes:
            for index in np.ndindex(node.shape):
                number = number_of(node, index)
                if number is None:
                    return None
                sizes.append(abs(np.mean(number)) if of_means else np.mean(abs(number)))
        return np.array([np.mean(sizes)]) if sizes else None

    def of_entry(self, key: str) -> Iterator[tuple[str, Numbers]]:
        """Yield the names of an entry of the matrix of a layer."""
        match = re.fullmatch(r"[wd](\d+)_(\d+)_(\d+)", key)
        if match is None:
            return
        layer, row, column = map(int, match.groups())
        neurons = self.structure.layers[layer - 1]
        for place, reader, weight in self.structure.weights(neurons)[1]:
            if (place, reader) == (row, column) and not (weight.node.shape and weight.position is None):
                yield from self.of_element("w", weight)


def counted(nodes: Iterable[Node]) -> Numbers:
    """Return how many numbers some nodes hold."""
    return np.array([float(sum(math.prod(node.shape) for node in nodes))])


def falsehood(
    statement: Statement, names: ShownNames, view: str, is_mean: bool, lenient: bool = False
) -> tuple[str, int]:
    """Return what a statement says that is not true, "" if nothing, and how many of its names were resolved."""
    ranges = numbers_of(statement)
    if not ranges and UNKNOWN not in statement.sides:
        return "", 0
    everywhere = names.unambiguous if statement.owner == FIGURE else names.everywhere
    result = fault_in_all(statement, ranges, everywhere, names.at(statement.owner, view), is_mean, lenient)
    if (
        statement.owner == FIGURE and result == ("", 0) and statement.sides not in LEGEND_KEYS
    ):  # a bare letter: it has to be true of something at least
        return fault_in_all(statement, ranges, everywhere, names.of_parts, is_mean, lenient)
    return result


def fault_in_all(
    statement: Statement, ranges: Mapping[str, Range], everywhere: Names, tables: Sequence[Names], *how: bool
) -> tuple[str, int]:
    """Return what is not true with any of the tables of names, and how many names were resolved."""
    result = ("", 0)
    for table in tables:
        result = fault_in(statement, ranges, {**everywhere, **table}, *how)
        if not result[0] and result[1]:
            break
    return result


def fault_in(
    statement: Statement, ranges: Mapping[str, Range], table: Names, is_mean: bool, lenient: bool
) -> tuple[str, int]:
    """Return what is not true with these names, and how many sides of names they resolve.

    A `lenient` look minds no dash for a number that is known, and no number that does not depend on the pass.
    """
    resolved = 0
    has_mark = any(MARKED.fullmatch(text) for text in ranges)
    for side in statement.sides:
        if side in ranges or (known := true_value(side, table)) is None:
            continue
        resolved += 1
        if isinstance(known, str):  # resolved, but unknown
            if ranges and not lenient:
                return f"{side} is not known, but {' = '.join(ranges)} is shown", resolved
            continue
        is_marked = has_mark or MARKED.fullmatch(AFTER_WORDS.sub("", side)) or side.startswith("mean")
        if is_mean and not is_marked and len(set(map(str, known))) > 1:
            return f"{side} is a mean and not marked", resolved
        if UNKNOWN in statement.sides:
            if lenient:
                continue
            return f"{side} is {known[0].low:.6g}, but not shown", resolved
        mean = Range(sum(each.low for each in known) / len(known), sum(each.high for each in known) / len(known))
        for text, shown in ranges.items():
            if not math.isfinite(mean.low) and (math.isnan(mean.low) or not math.isfinite(shown.low)):
                continue  # rules differ in what NaN and infinity become: zero times NaN may be left out
            if not agree(shown, mean):
                return f"{side} is {mean.low:.6g}, not {text}", resolved
    name = statement.sides[0].strip("⟨⟩ ")
    return "δ of what is no weighted sum" if name == "δ" and "δ" not in table and ranges else "", resolved


def true_value(side: str, table: Names) -> list[Range] | str | None:
    """Return what a side in names stands for, for each sample; "unknown" where it is not known, None for other texts.

    A formula may hold printed numbers beside the names, which stand for all that are rounded to them.
    """
    name = side if side in table else AFTER_WORDS.sub("", side)
    marked = MARKED.fullmatch(name)
    text = marked[1] if marked else name
    if text in table:
        numbers = table[text]
        return "unknown" if numbers is None else [Range(number, number) for number in numbers.tolist()]
    longest = max(map(len, table), default=0)
    used: set[str] = set()

    def read_name(text: str, at: int, sample: int) -> tuple[Range, int] | None:
        for end in range(min(at + longest, len(text)), at, -1):
            if text[at:end] in table and not NAME_GOES_ON.match(text, end):
                used.add(text[at:end])
                numbers = table[text[at:end]]
                number = math.nan if numbers is None else float(numbers[sample % len(numbers)])
                return Range(number, number), end
        return read_number(text, at)

    results: list[Range] = []
    while not results or len(results) < max(len(numbers) for name in used if (numbers := table[name]) is not None):
        value = Expression(text, partial(read_name, sample=len(results))).evaluate()
        if value is None or not used:
            return None
        if any(table[name] is None for name in used):
            return "unknown"
        results.append(value)
    return results
