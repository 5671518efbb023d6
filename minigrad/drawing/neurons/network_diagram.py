"""The positions of the diagram of a network, which DOT writes; its boxes and labels are larger than in the figure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from minigrad.drawing.diagram import Box, BoxGroup, Edge, Point
from minigrad.drawing.neurons.column_layout import straight_line
from minigrad.drawing.neurons.network_content import NetworkContent
from minigrad.drawing.neurons.network_layout import Inlet, Item, NetworkLayout, Route, lay_out_network
from minigrad.drawing.style import box_size, label_size

WIDTH = 1100.0
"""Width that the diagram fits into, in points."""
SPACE = 14.0
"""Space along an edge beside its label, for the arrow head."""


class PlacedDiagram(NamedTuple):
    """Boxes and edges at their positions, and a group with its title for each layer."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    groups: tuple[BoxGroup, ...]


def place_diagram(content: NetworkContent) -> PlacedDiagram:
    """Return the boxes and edges of a network at positions where none lies on another, layers one after the other."""
    biases = content.biases
    columns = [
        [Item(row.box.key, box_size(row.box), content.marks(row.box).attached) for row in column.rows]
        for column in content.columns
    ]
    layout = lay_out_network(columns, [inlet_of(edge, biases) for edge in content.edges], WIDTH, "right")
    boxes = tuple(
        row.box._replace(at=layout.at[row.box.key], size=layout.sizes[row.box.key])
        for column in content.columns
        for row in column.rows
    )
    groups = tuple(
        BoxGroup(column.title, tuple(box.key for row in column.rows for box in row if box), at)
        for column, at in zip(content.columns, layout.titles, strict=True)
    )
    placed_biases = tuple(place_biases(content, layout))
    edges = tuple(place_edge(edge, route, biases) for edge, route in zip(content.edges, layout.routes, strict=True))
    return PlacedDiagram((*boxes, *placed_biases), edges, groups)


def inlet_of(edge: Edge, biases: dict[str, Box]) -> Inlet:
    """Return the room that the label of an edge takes, or in its place the box of a bias."""
    if edge.tail in biases:
        size = box_size(biases[edge.tail])
        return Inlet("", edge.head, size.x + SPACE, size.y / 2 + 2.0, size.y / 2 + 2.0)
    if not edge.lines:
        return Inlet(edge.tail, edge.head)
    size = label_size(edge.lines)
    return Inlet(edge.tail, edge.head, size.x + SPACE, size.y / 2 + 2.0, size.y / 2 + 2.0)


def place_edge(edge: Edge, route: Route, biases: dict[str, Box]) -> Edge:
    """Return an edge with its way as curves, which are straight; that of a bias begins at its box."""
    points = [*route.shared_path[:-1], *route.path]
    if edge.tail in biases:
        end = points[-1]
        start = label_middle(route).x + box_size(biases[edge.tail]).x / 2
        points = [end._replace(x=start), end]
    curves = [straight_line(start, end) for start, end in pairwise(points)]
    path = (*curves[0][:1], *chain.from_iterable(curve[1:] for curve in curves))
    return edge._replace(path=path, label_at=label_middle(route) if edge.lines else None)


def label_middle(route: Route) -> Point:
    """Return the middle of a label, a little before the arrow head."""
    return route.label_at._replace(x=route.label_at.x - SPACE / 4)


def place_biases(content: NetworkContent, layout: NetworkLayout) -> Iterator[Box]:
    """Yield the boxes of biases, where the labels of other edges are."""
    biases = content.biases
    for edge, route in zip(content.edges, layout.routes, strict=True):
        if edge.tail in biases:
            box = biases[edge.tail]
            yield box._replace(at=label_middle(route), size=box_size(box))
