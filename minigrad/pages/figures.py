"""The figures of a page: the network as SVG whose parts and numbers the page finds by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minigrad.drawing.figure import Figure
from minigrad.drawing.neurons.interactive_network import interactive_network
from minigrad.drawing.process.process_diagram import interactive_process
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.snapshot import Snapshot
from minigrad.drawing.textbook.interactive_figure import interactive_figure
from minigrad.graph import Graph
from minigrad.ops import registry
from minigrad.pages.figure_svg import page_svg
from minigrad.structure import NetworkStructure, read_structure

WIDTHS = {"wide": 820.0, "narrow": 380.0}
"""Widths that figures are laid out for, in pixels."""
MOST_SHRUNK = 1.3
"""How much wider a figure may be; a page then shows it smaller. The textbook figure is always shown."""
KINDS: dict[str, Callable[[NetworkStructure, DrawSettings], Figure | None]] = {
    "textbook": interactive_figure,
    "numbers": interactive_network,
    "process": interactive_process,
}
"""The kinds of figures."""


def network_figures(graph: Graph, kinds: Iterable[str] = tuple(KINDS)) -> dict[str, dict[str, str]]:
    """Return the figures of a loss graph after a pass, {kind: {"wide": svg, "narrow": svg}}.

    Args:
        graph: The graph of the loss of one sample, after a forward and a backward pass.
        kinds: The kinds that are wanted.

    Returns:
        SVG elements without styles; `figure.css` has their colors. Kinds that do not suit the network are left out.
    """
    structure, snapshot, ranges = read_structure(graph), Snapshot(graph), output_ranges(graph)
    figures: dict[str, dict[str, str]] = {}
    for kind in kinds:
        laid_out = {
            size: KINDS[kind](structure, DrawSettings(snapshot, width=width, interactive=True))
            for size, width in WIDTHS.items()
        }
        drawn = {
            size: page_svg(figure, f"{kind} {size}", ranges)
            for size, figure in laid_out.items()
            if figure is not None and (kind == "textbook" or figure.width <= MOST_SHRUNK * WIDTHS[size])
        }
        if len(drawn) == len(WIDTHS):
            figures[kind] = drawn
    return figures


def output_ranges(graph: Graph) -> dict[str, tuple[float, float]]:
    """Return the ranges of the activations that have one, by their labels: of all ops, and of those of a graph."""
    ops = [*registry.values(), *(node.op for node in graph.table.computed)]
    return {op.label: op.output_range for op in ops if op is not None and op.output_range is not None}
