"""The process of networks with large grids: products and gradients as squares, forward above, backward below.

A grid is entered from above and read to the right; where the next one reads its outputs and nothing else, it stands
beside it, entered from the left and read down. The two are a pair; the next layers form the next pair below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minigrad.drawing.diagram import Diagram, Point
from minigrad.drawing.figure import Color, Figure, Shape, Stroke, Text
from minigrad.drawing.figure_builder import NARROW, FigureBuilder, margin_of
from minigrad.drawing.hinton import hinton_entries
from minigrad.drawing.legend import LegendEntry
from minigrad.drawing.process.grid_pair_layout import plan_grid_pair
from minigrad.drawing.process.grids import ProcessGrids
from minigrad.drawing.process.large_process_boxes import LargeBoxes
from minigrad.drawing.process.vectors import Layer, read_layers
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.text_fitting import wrap_text
from minigrad.drawing.text_layout import bold, label, line_width, notation

TITLE_SIZE, CAPTION_SIZE = 14.0, 12.0
PAIR_GAP = 22.0
"""Distance of two bands."""
ROWS, LEAST_ROWS = {1: 24, 2: 18}, 12
"""Rows of a grid that are shown, by the number of bands; of more bands each shows the least number."""
TITLES = {False: "Forward", True: "Backward"}
CAPTIONS = {
    False: "cells: what is read × weight; each line adds up to s",
    True: "cells: the gradient ∂L/∂w = what is read × δ, so each grid is one table of products",
}
"""What is said about each pass, the backward one under True."""
SIZES = "area, length: size, compared with the largest of its group"
LEFT_OUT = "⋯ left out, how many; sums go over all cells, also over these"
USES = "Weights that are used several times have one cell for each use; the gradient ∂L/∂w is the sum of these."
ZEROS = "An input of 0 sends nothing, and its weights learn nothing: empty columns above and below."


def large_diagram(process: ProcessGrids, settings: DrawSettings) -> Diagram:
    """Return the diagram of a network of any size, with a figure whose grids are cut in the middle to fit the page."""
    layers = read_layers(process, settings)
    figure = large_figure(layers, settings)
    boxes, edges, groups, _ = LargeBoxes(layers, settings).placed()
    legend = (*map(settings.say, CAPTIONS.values()), *settings.notes())
    return Diagram("process", boxes, edges, groups, legend, placed=True, figure=figure)


def large_figure(layers: Sequence[Layer], settings: DrawSettings) -> Figure:
    """Return the figure of a network of any size; grids are cut in the middle to fit the width of the page."""
    pairs = list(pair_layers(layers, settings))
    builder = FigureBuilder(settings)
    numbers: list[float | None] = []
    is_cut = False
    for is_backward in (False, True):
        if is_backward:
            builder.add([separator(builder)], builder.top + PAIR_GAP)
        builder.add(*section_title(settings, builder.top, is_backward))
        for pair in pairs:
            grid_pair = plan_grid_pair(settings, pair, builder.top, is_backward, ROWS.get(len(pairs), LEAST_ROWS))
            builder.add(grid_pair.shapes(), grid_pair.bottom + PAIR_GAP)
            numbers += grid_pair.numbers()
            is_cut = is_cut or grid_pair.is_cut
    entries = hinton_entries(settings, numbers)
    entries += [LegendEntry(notation(settings.say(text))) for text in (SIZES, *([LEFT_OUT] if is_cut else []))]
    builder.legend(entries, [*notes(layers, settings), *settings.notes()])
    sizes = "-".join(str(len(sources)) for sources in [layers[0].arrays.grid.sources, *(x.outputs for x in layers)])
    title = settings.say("The working process of a {sizes} network", sizes=sizes)
    return builder.figure(title, "  ".join(settings.say(CAPTIONS[is_backward]) for is_backward in (False, True)))


def pair_layers(layers: Sequence[Layer], settings: DrawSettings) -> Iterator[tuple[Layer, ...]]:
    """Yield the layers of each pair of grids: two where the second reads the first alone and the page is wide."""
    index = 0
    while index < len(layers):
        first = layers[index]
        count = 2 if first.following is not None and settings.width >= NARROW else 1
        yield tuple(layers[index : index + count])
        index += count


def section_title(settings: DrawSettings, top: float, is_backward: bool) -> tuple[list[Shape], float]:
    """Return the title of a pass with what its cells are, and where they end."""
    margin = margin_of(settings)
    title, at = bold(settings.say(TITLES[is_backward])), Point(margin, top + TITLE_SIZE)
    shapes: list[Shape] = [Text(at, title, TITLE_SIZE, Color.BACKWARD if is_backward else Color.INK)]
    left = margin + line_width(title, TITLE_SIZE) + 12.0
    lines = wrap_text(settings.say(CAPTIONS[is_backward]), CAPTION_SIZE, settings.width - margin - left)
    for row, line in enumerate(lines):
        shapes.append(Text(Point(left, at.y + 15.0 * row), label(line), CAPTION_SIZE, Color.MUTED))
    return shapes, at.y + 15.0 * (len(lines) - 1) + 8.0


def separator(builder: FigureBuilder) -> Stroke:
    """Return the line between the passes."""
    return Stroke(
        (Point(builder.margin, builder.top), Point(builder.width - builder.margin, builder.top)), Color.RULE, 1.0
    )


def notes(layers: Sequence[Layer], settings: DrawSettings) -> Iterator[str]:
    """Yield what is to be known about a network."""
    weights = [weight for sums in layers[0].structure.weighted_sums.values() for weight in sums.w]
    if len(set(weights)) < len(weights):
        yield settings.say(USES)
    x, first = layers[0].arrays.x, layers[0].arrays.grid.sources[0].node
    if x is not None and first.kind == "input" and not x.any(0).all():
        yield settings.say(ZEROS)
