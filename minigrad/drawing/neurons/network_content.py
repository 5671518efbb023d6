"""What a picture of a network shows before it has positions: layers of boxes, edges, and the marks of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from minigrad.drawing.diagram import Box, Edge
from minigrad.drawing.neurons.layout import LayoutColumn
from minigrad.drawing.neurons.network_boxes import BoxMarks
from minigrad.drawing.neurons.network_edges import EdgeMarks


class NetworkContent(NamedTuple):
    """Layers, edges, and their marks; with `two_rows` numbers are shown before and after a step."""

    columns: Sequence[LayoutColumn]
    edges: Sequence[Edge]
    box_marks: Mapping[str, BoxMarks]
    edge_marks: Sequence[EdgeMarks]
    two_rows: bool = False

    def marks(self, box: Box) -> BoxMarks:
        """Return the marks of a box."""
        return self.box_marks.get(box.key, BoxMarks())

    @property
    def biases(self) -> dict[str, Box]:
        """Return the boxes of biases, which the figure does not show."""
        return {row.above.key: row.above for column in self.columns for row in column.rows if row.above}
