"""The process of large networks as boxes for DOT, Mermaid and text: grids with their sizes, some neurons of each layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad.drawing.diagram import Box, BoxGroup, Edge, Role
from minigrad.drawing.hinton import cut_axis, largest_of
from minigrad.drawing.numbers import format_computed
from minigrad.drawing.page import Page
from minigrad.drawing.process.arrays import Array
from minigrad.drawing.process.vectors import Layer
from minigrad.drawing.snapshot import loss_names
from minigrad.structure import Element
from minigrad.textbook_names import superscript

MOST = 8
"""Neurons or inputs of a layer that have a box."""


class LargeBoxes:
    """Boxes, edges and groups that are being collected, layer by layer, and which box each element has."""

    def __init__(self, layers: Sequence[Layer], page: Page) -> None:
        self._layers, self._page = layers, page
        self._boxes: list[Box] = []
        self._edges: list[Edge] = []
        self._groups: list[BoxGroup] = []
        self._keys: dict[Element, str] = {}

    def everything(self) -> tuple[list[Box], list[Edge], list[BoxGroup]]:
        """Return the boxes, edges and groups of the network."""
        for layer in self._layers:
            self.add_sources(layer)
            self.add_layer(layer)
        self.add_losses()
        return self._boxes, self._edges, self._groups

    def add_group(self, title: str, boxes: Sequence[Box]) -> None:
        """Add boxes that belong together."""
        self._boxes.extend(boxes)
        self._groups.append(BoxGroup(title, tuple(box.key for box in boxes)))

    def add_sources(self, layer: Layer) -> None:
        """Add boxes for what a layer reads and no layer before has as its outputs."""
        number, snapshot = layer.arrays.grid.number, self._page.snapshot
        new = [source for source in layer.arrays.grid.sources if source not in self._keys]
        axis = cut_axis(0.0, len(new), MOST, 1.0)
        boxes: list[Box] = []
        for place, source in enumerate(new):
            self._keys[source] = f"x{number}_{place}" if place in axis.shown else f"x{number}_more"
        for place in axis.shown if new else ():
            node, position = new[place]
            name = snapshot.mark(layer.structure.textbook_name(node, position), node)
            text = snapshot.text(node, position, self._page.digits)
            boxes.append(
                Box(self._keys[new[place]], (f"{name} = {text}",), role=Role.INPUT, highlighted=self.is_lit(node))
            )
        if new:
            boxes[axis.head : axis.head] = self.rest(f"x{number}_more", axis.left_out)
            self.add_group(layer.symbol(new, "ᵢ"), boxes)

    def add_layer(self, layer: Layer) -> None:
        """Add a box for the grid of a layer, and boxes for some of its neurons."""
        grid, digits = layer.arrays.grid, self._page.digits
        key, name = f"g{grid.number}", f"W{superscript(grid.number)}"
        mark = self._page.snapshot.mark
        fields = (
            (self._page.say("weights"), f"{len(grid.sources):,} × {len(grid.neurons):,}"),
            (
                self._page.say("largest {number}", number=f"|{mark('x·w', grid.sources[0].node)}|"),
                self.largest(layer.arrays.products),
            ),
            (self._page.say("largest {number}", number=f"|{mark('x·δ')}|"), self.largest(layer.arrays.gradients)),
        )
        boxes = [Box(key, (name,), fields, Role.MATRIX)]
        tails = dict.fromkeys(self._keys[source] for source in grid.sources)
        shown = {box.key for box in self._boxes}
        self._edges.extend(Edge(tail, key) for tail in tails if tail in shown)
        axis = cut_axis(0.0, len(layer.outputs), MOST, 1.0)
        vectors = [*layer.forward("ᵢ", "ⱼ"), *reversed(layer.backward("ⱼ", "ₖ"))]
        labels = [vector.head.partition(" = ")[0] for vector in vectors]
        texts = [vector.texts(axis.shown, digits) for vector in vectors]
        for place, output in enumerate(layer.outputs):
            self._keys[output] = f"h{grid.number}_{place}" if place in axis.shown else f"h{grid.number}_more"
        for place in axis.shown:
            output = layer.outputs[place]
            rows = tuple((label, text[place]) for label, text in zip(labels, texts, strict=True))
            title = layer.structure.textbook_name(*output)
            lit = self.is_lit(output.node) or self.is_lit(layer.sums[place].node)
            boxes.append(Box(self._keys[output], (title,), rows, Role.NEURON, highlighted=lit))
        boxes[axis.head + 1 : axis.head + 1] = self.rest(f"h{grid.number}_more", axis.left_out)
        self._edges.extend(Edge(key, box.key) for box in boxes[1:])
        self.add_group(name, boxes)

    def add_losses(self) -> None:
        """Add a box for each loss, which reads the last outputs."""
        snapshot, layer = self._page.snapshot, self._layers[-1]
        names = loss_names(layer.structure.graph)
        boxes = [
            Box(
                f"l{place}",
                (f"{snapshot.mark(name, node)} = {snapshot.text(node, digits=self._page.digits)}",),
                role=Role.LOSS,
            )
            for place, (node, name) in enumerate(list(names.items())[-MOST:])
        ]
        if boxes:
            tails = dict.fromkeys(self._keys[output] for output in layer.outputs)
            self._edges.extend(Edge(tail, boxes[-1].key) for tail in tails)
            self.add_group("L", boxes)

    def rest(self, key: str, count: int) -> Iterator[Box]:
        """Yield the box of those that are left out, if there are any."""
        if count:
            yield Box(key, ("⋮", self._page.say("{count} more", count=f"{count:,}")), role=Role.MORE)

    def largest(self, array: Array | None) -> str:
        """Return the largest magnitude of the cells of a grid as it is printed."""
        return format_computed(None if array is None else largest_of(array), self._page.digits)

    def is_lit(self, node: object) -> bool:
        """Return whether a node is highlighted."""
        return node in self._page.highlight
