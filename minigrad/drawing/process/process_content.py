"""What stands in the cells and boxes of the process view: names and numbers, all of one pass, and nothing of layout."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from minigrad.core.node import Node
from minigrad.drawing.figure import Color
from minigrad.drawing.marks import sign_style
from minigrad.drawing.numbers import format_computed, format_factor
from minigrad.drawing.process.grids import Grid, ProcessGrids, output_of, sum_of, unit_of
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot, is_frozen
from minigrad.drawing.text_layout import Line, number_line, with_key
from minigrad.drawing.textbook.formulas import loss_formula
from minigrad.structure import Element, NetworkStructure, Unit, source_nodes
from minigrad.textbook_names import TEXTBOOK_NAME

MOST_OPERANDS = 4
"""Operands of a node that are written out."""
LETTER_OF_OTHERS = "x"
"""How formulas call what enters a cell where it has no name of the textbook."""


class Kind(StrEnum):
    """What a block is, which decides its look."""

    CELL = "cell"
    NEURON = "neuron"
    INPUT = "input"
    ONE = "one"
    TARGET = "target"
    LOSS = "loss"
    NODE = "node"


class Row(NamedTuple):
    """A label and a number beside or below it; `number` is None where it is not known."""

    label: str
    text: str = ""
    number: float | None = 0.0
    color: Color = Color.INK
    is_bold: bool = False
    key: str = ""
    """The key of the quantity in an interactive figure."""

    @property
    def number_line(self) -> Line:
        """Return the number as a line."""
        return with_key(number_line(self.text, self.is_bold), self.key)


class Block(NamedTuple):
    """The content of one cell or box: rows of numbers, forward ones first, and what screen readers tell."""

    key: str
    kind: Kind
    rows: tuple[Row, ...]
    note: str
    nodes: tuple[Node, ...] = ()
    weight: float | None = None
    uses: int = 1
    is_frozen: bool = False
    is_constant: bool = False
    part_key: str = ""
    """The key of the part in an interactive figure."""

    @property
    def grid(self) -> int:
        """Return the number of the grid it belongs to; 0 for losses and what follows."""
        return int(self.key[1:].partition("_")[0]) if self.key[0] in "ghso" else 0

    @property
    def is_stripped(self) -> bool:
        """Return whether the last row is what the cell gives back to the output before."""
        return self.kind is Kind.CELL and len(self.rows) > 3


@dataclass(frozen=True)
class ProcessContent:
    """The blocks of a network, each with the numbers of the page."""

    process: ProcessGrids
    settings: DrawSettings

    @property
    def snapshot(self) -> Snapshot:
        """Return the numbers of the pass."""
        return self.settings.snapshot

    @property
    def structure(self) -> NetworkStructure:
        """Return the network."""
        return self.process.structure

    def name(self, element: Element) -> str:
        """Return the name of a node or of an element, as textbooks write it."""
        return self.structure.textbook_name(*element)

    def shown_name(self, element: Element) -> str:
        """Return the name of an element, or of a node without a name how it is computed, dropout(h₁)."""
        name, node = self.name(element), element.node
        has_name = node.name is not None or node.op is None or name == "L" or TEXTBOOK_NAME.fullmatch(name)
        return name if has_name else self.expression(element)

    def expression(self, element: Element) -> str:
        """Return the op of a node with the names of what it reads: h₁ × h₂, or dropout(h₁)."""
        node, position = element
        assert node.op is not None
        parents = source_nodes(unit_of(self.structure, element))
        elements = [Element(parent, position if parent.shape == node.shape else None) for parent in parents]
        names = [self.operand(element) for element in elements]
        label = node.op.label
        if len(names) == 2 and len(label) == 1:
            return f"{names[0]} {label} {names[1]}"
        written = names if len(names) <= MOST_OPERANDS else [*names[:2], "…", names[-1]]
        return f"{label}{'' if label.isidentifier() else ' '}({', '.join(written)})"

    def operand(self, element: Element) -> str:
        """Return what stands for an operand in a formula: its name, the number of a constant without one."""
        node, position = element
        if node.kind == "constant" and not node.name and not node.shape:
            return format_factor(self.snapshot.text(node, position, self.settings.digits))
        return self.name(element)

    def marked(self, element: Element) -> str:
        """Return the name of a value, marked where it is a mean."""
        return self.snapshot.mark(self.name(element), element.node)

    def letter(self, source: Element) -> str:
        """Return the letter of what a line carries: x, h, or ŷ."""
        name = self.name(source)
        return name[0] if TEXTBOOK_NAME.fullmatch(name) else LETTER_OF_OTHERS

    def computed(
        self, label: str, number: float | None, color: Color = Color.INK, is_bold: bool = False, key: str = ""
    ) -> Row:
        """Return a row with a number that was computed."""
        return Row(label, format_computed(number, self.settings.digits), number, color, is_bold, key)

    def value_row(self, element: Element, color: Color = Color.INK, is_bold: bool = True, label: str = "") -> Row:
        """Return a row with the value of a node, or of an element."""
        text = self.snapshot.text(*element, self.settings.digits)
        number = self.snapshot.value(*element) if element.position is not None or not element.node.shape else 0.0
        return Row(label or self.marked(element), text, number, color, is_bold, self.settings.key("value", element))

    def derivative_row(self, element: Element, label: str = "") -> Row:
        """Return a row with ∂L/∂ of a node, or of an element; δ of a weighted sum."""
        text = self.snapshot.delta_text(*element, self.settings.digits)
        number = self.snapshot.delta(*element) if element.position is not None or not element.node.shape else 0.0
        name, key = self.snapshot.mark(label or f"∂L/∂{self.name(element)}"), self.settings.key("delta", element)
        return Row(name, text, number, Color.BACKWARD, key=key)

    def delta_name(self, neuron: Unit) -> str:
        """Return what δ of a neuron is called."""
        return self.structure.textbook_names.delta(sum_of(neuron), neuron.position)

    def returns_share(self, source: Element) -> bool:
        """Return whether anything before a source has a use for its derivative."""
        return bool(source.node.parents) or source.node.kind == "parameter"

    def cell(self, grid: Grid, source: int, neuron: int) -> Block | None:
        """Return the cell where a neuron reads a source; None where it does not."""
        weight = grid.weight(source, neuron)
        if weight is None:
            return None
        before, unit = grid.sources[source], grid.neurons[neuron]
        after = Element(sum_of(unit), unit.position)
        letter, mark, key = self.letter(before), self.snapshot.mark, self.settings.key
        product = self.snapshot.product(before, weight)
        name = mark(f"{letter}·w", before.node, weight.node)
        rows = [self.computed(name, product, is_bold=True, key=key("product", before, weight))]
        gradient = self.snapshot.product_with_delta(before, after)
        rows.append(self.computed(mark(f"{letter}·δ"), gradient, Color.BACKWARD, key=key("share", before, after)))
        if self.returns_share(before):
            share = self.snapshot.product_with_delta(weight, after)
            rows.append(self.computed(mark("w·δ"), share, Color.BACKWARD, key=key("share", weight, after)))
        block = self.weight_block(f"g{grid.number}_{source}_{neuron}", weight, tuple(rows))
        return block._replace(part_key=key("edge", weight, after))

    def bias(self, grid: Grid, neuron: int) -> Block | None:
        """Return the cell of the bias of a neuron; None where nothing is added."""
        bias, unit = grid.bias(neuron), grid.neurons[neuron]
        if bias is None:
            return None
        rows = (
            self.value_row(bias, label=self.snapshot.mark("1·b", bias.node)),
            self.derivative_row(Element(sum_of(unit), unit.position), "δ"),
        )
        text = rows[0].text if self.settings.interactive else self.computed("", rows[0].number).text
        block = self.weight_block(f"g{grid.number}_b_{neuron}", bias, (rows[0]._replace(text=text), rows[1]))
        return block._replace(part_key=self.settings.key("edge", bias, Element(sum_of(unit), unit.position)))

    @cached_property
    def cells(self) -> dict[tuple[int, int, int], Block]:
        """Return every cell by the number of its grid, its source and its neuron; a bias stands after the sources."""
        cells: dict[tuple[int, int, int], Block] = {}
        for grid in self.process.grids:
            for neuron in range(len(grid.neurons)):
                blocks = [self.cell(grid, source, neuron) for source in range(len(grid.sources))]
                for source, block in enumerate((*blocks, self.bias(grid, neuron))):
                    if block is not None:
                        cells[grid.number, source, neuron] = block
        return cells

    def weight_block(self, key: str, weight: Element, rows: tuple[Row, ...]) -> Block:
        """Return the cell of a weight or a bias: first its name and value, then these rows."""
        node, uses = weight.node, self.snapshot.uses(weight)
        is_constant = node.kind == "constant"
        if is_constant:
            word = "" if self.settings.interactive else self.settings.say("constant")
            rows = (rows[0], Row(word, color=Color.MUTED), *rows[2:])
        number = self.snapshot.value(*weight)
        color = weight_color(number)
        title = self.value_row(weight, color, is_bold=False)
        note = [f"{title.label} = {title.text}", *(f"{row.label} = {row.text}" for row in rows if row.text)]
        if not is_constant:
            gradient = self.derivative_row(weight)
            if uses == 1:
                note[2] = f"{gradient.label} = {gradient.text}"
        if is_frozen(node):
            note.append(self.settings.say("frozen"))
        if uses > 1:
            note.append(self.settings.say("used {count} times", count=uses))
        block_rows = (title, *rows)
        return Block(key, Kind.CELL, block_rows, ", ".join(note), (node,), number, uses, is_frozen(node), is_constant)

    def sum_block(self, grid: Grid, neuron: int) -> Block:
        """Return the box where a line adds up: s and δ."""
        unit = grid.neurons[neuron]
        element = Element(sum_of(unit), unit.position)
        rows = (self.value_row(element), self.derivative_row(element, self.delta_name(unit)))
        block = make_block(f"s{grid.number}_{neuron}", Kind.NEURON, rows, (element.node,))
        return block._replace(part_key=self.settings.key("node", element))

    def value_block(self, key: str, element: Element, kind: Kind = Kind.NEURON) -> Block:
        """Return the box of an output: its value and ∂L/∂ of it."""
        rows = (self.value_row(element), self.derivative_row(element))
        return self.with_shown_name(self.element_block(key, kind, rows, element), element)

    def element_block(self, key: str, kind: Kind, rows: tuple[Row, ...], element: Element) -> Block:
        """Return the block of a node, or of an element."""
        unit = unit_of(self.structure, element)
        is_output = unit.weighted_sum is not None and output_of(unit) == element
        part = Element(sum_of(unit), unit.position) if is_output else element
        return make_block(key, kind, rows, (element.node,))._replace(part_key=self.settings.key("node", part))

    def with_shown_name(self, block: Block, element: Element) -> Block:
        """Return a block that shows how its node is computed, where it has no name; ∂L/∂ of it has its number."""
        first, *others = block.rows
        name, written = self.name(element), self.shown_name(element)
        return block._replace(rows=(first._replace(label=first.label.replace(name, written)), *others))

    def slope(self, unit: Unit) -> Row:
        """Return θ′ of a neuron, which stands between its output and its sum."""
        number = self.snapshot.slope(unit.output, sum_of(unit), unit.position)
        key = self.settings.key("slope", output_of(unit), Element(sum_of(unit), unit.position))
        return self.computed(self.snapshot.mark("θ′"), number, Color.BACKWARD, key=key)

    def leaf(self, key: str, element: Element, kind: Kind) -> Block:
        """Return an input or a target: its name and its value."""
        return self.element_block(key, kind, (self.value_row(element),), element)

    def returned(self, grid: Grid, source: int) -> Row:
        """Return the sum of the shares that one grid gives back to a source."""
        line = grid.sources[source]
        terms = [
            (weight, Element(sum_of(unit), unit.position))
            for neuron, unit in enumerate(grid.neurons)
            if (weight := grid.weight(source, neuron)) is not None
        ]
        shares = [self.snapshot.product_with_delta(*term) for term in terms]
        known = [share for share in shares if share is not None]
        total = sum(known) if known and len(known) == len(shares) else None
        is_all = self.readers[line] == 1 and len(line.node.shape) < 2
        label = f"∂L/∂{self.name(line)}" if is_all and shares else "Σ w·δ"
        keys = [self.settings.key("share", *term) for term in terms]
        return self.computed(self.snapshot.mark(label), total, Color.BACKWARD, key="+".join(keys) if all(keys) else "")

    @cached_property
    def readers(self) -> Counter[Element]:
        """Return how many lines of grids and other nodes read each source."""
        counts: Counter[Element] = Counter()
        for grid in self.process.grids:
            counts.update(grid.sources)
        for unit in dict.fromkeys(chain.from_iterable(self.structure.columns)):
            if unit.weighted_sum is None:
                counts.update(output_of(read) for node in source_nodes(unit) for read in self.structure.units_of(node))
        return counts

    def line_head(self, grid: Grid, source: int) -> Block:
        """Return the head of a line that does not run on from the grid before: an input, or what comes from afar."""
        element = grid.sources[source]
        key = f"h{grid.number}_{source}"
        if not self.returns_share(element):
            kind = Kind.INPUT if element.node.kind == "input" else Kind.NODE
            return self.leaf(key, element, kind)
        rows = (self.value_row(element), self.returned(grid, source))
        return self.with_shown_name(self.element_block(key, Kind.NODE, rows, element), element)

    def loss_block(self, unit: Unit) -> Block:
        """Return a loss: its name and its formula, and its value."""
        element = output_of(unit)
        formula = loss_formula(self.structure, self.settings, unit, "ₖ")
        row = self.value_row(element, label=f"{self.marked(element)} = {self.snapshot.mark(formula, unit.output)}")
        key = f"l{self.structure.graph.position[unit.output]}"
        return self.element_block(key, Kind.LOSS, (row,), element)

    def node_block(self, unit: Unit) -> Block:
        """Return a node that no line reaches: how it is computed, its value, and ∂L/∂ of it."""
        element = output_of(unit)
        key = f"n{self.structure.key(unit)}"
        row = self.value_row(element)
        has_derivative = unit.output.op is not None or unit.output.kind == "parameter"
        is_total = unit.output in self.structure.graph.outputs
        rows = (row, self.derivative_row(element)) if has_derivative and not is_total else (row,)
        block = self.element_block(key, Kind.NODE, rows, element)
        if unit.output.op is None:
            return block
        formula = f"{self.name(element)} = {self.expression(element)}"
        return block._replace(rows=(row._replace(label=self.snapshot.mark(formula, unit.output)), *rows[1:]))


def make_block(key: str, kind: Kind, rows: tuple[Row, ...], nodes: tuple[Node, ...]) -> Block:
    """Return a block whose rows are also what screen readers tell."""
    return Block(key, kind, rows, ", ".join(f"{row.label} = {row.text}" for row in rows), nodes)


def weight_color(number: float | None) -> Color:
    """Return the color of the text of a weight."""
    return Color.ZERO if number is None else sign_style(number).color
