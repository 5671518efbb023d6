"""The textbook names of the numbers of a graph, in MathML and in plain text."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minigrad._format import shorten
from minigrad.core.node import Node
from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.structure import Unit
from minigrad.symbolic.mathml import mathml_name
from minigrad.textbook_names import TEXTBOOK_NAME


class ItemNames:
    """Names of nodes and elements; an element that is a copy of a number with a textbook name has that name."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self.graph = quantities.graph
        self.names = self.graph.textbook_names
        self._copies = self._named_copies()

    def text(self, item: FlatElement) -> str:
        """Return the name of a number, in one line and without characters that control it."""
        return shorten(self._name(self._copies.get(item, item)))

    def markup(self, item: FlatElement) -> str:
        """Return the name of a number in MathML."""
        return mathml_name(self.text(item))

    def of_node(self, node: Node) -> str:
        """Return the name of a node with all its elements in MathML, of an unnamed one those of the first and last."""
        if not node.shape:
            return self.markup(FlatElement(node))
        ends = FlatElement(node), FlatElement(node, prod(node.shape) - 1)
        if all(end in self._copies for end in ends):
            return f"{self.markup(ends[0])}<mo>…</mo>{self.markup(ends[1])}"
        return mathml_name(shorten(self._node_name(node)))

    def of_unit(self, unit: Unit) -> str:
        """Return the name of a unit in MathML."""
        return (
            self.of_node(unit.output) if unit.position is None else self.markup(FlatElement(unit.output, unit.position))
        )

    def data(self) -> dict[str, Any]:
        """Return the names as a page has them: of nodes, of the elements of arrays, and of the δ of weighted sums."""
        texts = [shorten(self._node_name(node)) for node in self.graph.nodes]
        arrays = {str(position): node for position, node in enumerate(self.graph.nodes) if node.shape}
        elements = {
            key: [FlatElement(node, index) for index in range(prod(node.shape))] for key, node in arrays.items()
        }
        sums = [node for node in self.graph.nodes if node.kind == "weighted sum" and node in self.quantities.sums]
        deltas = [FlatElement(node, index) for node in sums for index in range(prod(node.shape))]
        return {
            "names": [mathml_name(text) for text in texts],
            "labels": texts,
            "elementNames": {key: [self.markup(item) for item in items] for key, items in elements.items()},
            "elementLabels": {key: [self.text(item) for item in items] for key, items in elements.items()},
            "deltaNames": {self.quantities.element_key(item): mathml_name(self._delta(item)) for item in deltas},
        }

    def _delta(self, item: FlatElement) -> str:
        return shorten(self.names.delta(item.node, item.offset if item.node.shape else None))

    def _name(self, item: FlatElement) -> str:
        node, index = item
        if not node.shape:
            return self._node_name(node)
        return self.names.name(node, tuple(map(int, np.unravel_index(index, node.shape))))

    def _node_name(self, node: Node) -> str:
        """Return the name of a node; an output without any, such as a polynomial, is L, as the texts call it."""
        name = self.names.name(node)
        is_unnamed = node is self.quantities.loss and node.name is None and name.startswith("#")
        return "L" if is_unnamed else name

    def _named_copies(self) -> dict[FlatElement, FlatElement]:
        """Return for elements without a textbook name the number that has one and is the same one."""
        copies: dict[FlatElement, FlatElement] = {}
        for node in self.graph.nodes:
            for operand, result in self.quantities.copied(node):
                self._name_alike(copies, operand, result)
        return copies

    def _name_alike(self, copies: dict[FlatElement, FlatElement], operand: FlatElement, result: FlatElement) -> None:
        operand, result = copies.get(operand, operand), copies.get(result, result)
        are_named = [TEXTBOOK_NAME.fullmatch(self._name(item)) is not None for item in (operand, result)]
        if are_named == [True, False]:
            copies[result] = operand
        elif are_named == [False, True] and self._is_read_once(operand.node):
            copies[operand] = result

    def _is_read_once(self, node: Node) -> bool:
        """Return whether each element of a node is taken out of it once, and nothing else reads it."""
        readers = self.quantities.readers.get(node, [])
        elements = [reader.op.element for reader in readers if reader.op is not None]
        return None not in elements and len({*elements}) == len(elements)
