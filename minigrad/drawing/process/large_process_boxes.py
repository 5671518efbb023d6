"""The process of large networks as boxes for DOT, Mermaid and text: grids with their sizes, and some neurons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad.core.node import Node
from minigrad.drawing.diagram import Box, Edge, Role
from minigrad.drawing.hinton import cut_axis, largest_phrase
from minigrad.drawing.neurons.column_layout import LayoutColumn, LayoutRow, PlacedNetwork, place_columns
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.process.arrays import Array
from minigrad.drawing.process.vectors import Layer
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import loss_names
from minigrad.structure import Element
from minigrad.textbook_names import superscript

MOST = 8
"""Neurons or inputs of a layer that have a box."""


class LargeBoxes:
    """Columns of boxes and edges that are being collected, layer by layer, and which box each element has."""

    def __init__(self, layers: Sequence[Layer], settings: DrawSettings) -> None:
        self._layers, self._settings = layers, settings
        self._columns: list[LayoutColumn] = []
        self._edges: list[Edge] = []
        self._keys: dict[Element, str] = {}

    def placed(self) -> PlacedNetwork:
        """Return the boxes and edges of the network in columns."""
        for layer in self._layers:
            self.add_sources(layer)
            self.add_grid(layer)
            self.add_neurons(layer)
        self.add_losses()
        return place_columns(self._columns, self._edges)

    def add_column(self, title: str, boxes: Sequence[Box]) -> None:
        """Add boxes one below the other."""
        self._columns.append(LayoutColumn(title, tuple(map(LayoutRow, boxes))))

    def add_sources(self, layer: Layer) -> None:
        """Add boxes for what a layer reads and no layer before has as its outputs."""
        snapshot, start = self._settings.snapshot, f"x{layer.arrays.grid.number}"
        new = [source for source in layer.arrays.grid.sources if source not in self._keys]
        if not new:
            return
        axis = cut_axis(0.0, len(new), MOST, 1.0)
        for index, source in enumerate(new):
            self._keys[source] = f"{start}_{index}" if index in axis.shown else f"{start}_more"
        boxes: list[Box] = []
        for index in axis.shown:
            node, position = new[index]
            name = snapshot.mark(layer.structure.textbook_name(node, position), node)
            text = f"{name} = {snapshot.text(node, position, self._settings.digits)}"
            boxes.append(Box(f"{start}_{index}", (text,), role=Role.INPUT, highlighted=self.is_highlighted(node)))
        boxes[axis.head : axis.head] = self.rest(f"{start}_more", axis.left_out)
        self.add_column(layer.symbol(new, "ᵢ"), boxes)

    def add_grid(self, layer: Layer) -> None:
        """Add a box for the grid of a layer, and edges from what it reads."""
        grid, snapshot, say = layer.arrays.grid, self._settings.snapshot, self._settings.say
        product, gradient = snapshot.mark("x·w", grid.sources[0].node), snapshot.mark("x·δ")
        fields = (
            (say("weights"), f"{len(grid.sources):,} × {len(grid.neurons):,}"),
            self.largest(product, layer.arrays.products),
            self.largest(gradient, layer.arrays.gradients),
        )
        name = f"W{superscript(grid.number)}"
        self._edges += [
            Edge(tail, f"m{grid.number}") for tail in dict.fromkeys(map(self._keys.get, grid.sources)) if tail
        ]
        self.add_column(name, [Box(f"m{grid.number}", (name,), fields, Role.MATRIX)])

    def add_neurons(self, layer: Layer) -> None:
        """Add boxes for some neurons of a layer, and edges to them."""
        start, grid = f"y{layer.arrays.grid.number}", f"m{layer.arrays.grid.number}"
        axis = cut_axis(0.0, len(layer.outputs), MOST, 1.0)
        for index, output in enumerate(layer.outputs):
            self._keys[output] = f"{start}_{index}" if index in axis.shown else f"{start}_more"
        boxes = [self.neuron(layer, index) for index in axis.shown]
        boxes[axis.head : axis.head] = self.rest(f"{start}_more", axis.left_out)
        self._edges += [Edge(grid, box.key) for box in boxes]
        self.add_column(layer.symbol(layer.outputs, "ⱼ"), boxes)

    def neuron(self, layer: Layer, index: int) -> Box:
        """Return the box of a neuron: its sum and its output, and their derivatives."""
        snapshot, digits, names = self._settings.snapshot, self._settings.digits, layer.structure
        output, weighted_sum, unit = layer.outputs[index], layer.sums[index], layer.arrays.grid.neurons[index]
        delta = names.textbook_names.delta(weighted_sum.node, unit.position)
        fields = [
            (snapshot.mark(names.textbook_name(*weighted_sum), weighted_sum.node), snapshot.text(*weighted_sum, digits))
        ]
        if layer.has_activation:
            name = names.textbook_name(*output)
            fields.append((snapshot.mark(name, output.node), snapshot.text(*output, digits)))
            fields.append((snapshot.mark(f"∂L/∂{name}"), snapshot.delta_text(*output, digits)))
        fields.append((snapshot.mark(delta), snapshot.delta_text(*weighted_sum, digits)))
        highlighted = self.is_highlighted(output.node) or self.is_highlighted(weighted_sum.node)
        title = names.textbook_name(*output)
        return Box(self._keys[output], (title,), tuple(fields), Role.NEURON, highlighted=highlighted)

    def add_losses(self) -> None:
        """Add a box for each loss; edges lead to the last one, which is the total of several."""
        snapshot, layer = self._settings.snapshot, self._layers[-1]
        boxes: list[Box] = []
        for index, (node, name) in enumerate(list(loss_names(layer.structure.graph).items())[-MOST:]):
            text = f"{snapshot.mark(name, node)} = {snapshot.text(node, digits=self._settings.digits)}"
            boxes.append(Box(f"l{index}", (text,), role=Role.LOSS, highlighted=self.is_highlighted(node)))
        if boxes:
            tails = dict.fromkeys(self._keys[output] for output in layer.outputs)
            self._edges += [Edge(tail, boxes[-1].key) for tail in tails]
            self.add_column(self._settings.say("loss"), boxes)

    def rest(self, key: str, count: int) -> Iterator[Box]:
        """Yield the box of those that are left out, if there are any."""
        if count:
            yield Box(key, ("⋮", self._settings.say("{count} more", count=f"{count:,}")), role=Role.MORE)

    def largest(self, name: str, array: Array | None) -> tuple[str, str]:
        """Return the largest magnitude of the cells of a grid, its name and the number."""
        phrase, number = largest_phrase(array)
        return self._settings.say(phrase, number=f"|{name}|"), format_computed(number, self._settings.digits)

    def is_highlighted(self, node: Node) -> bool:
        """Return whether a node is highlighted."""
        return node in self._settings.highlight
