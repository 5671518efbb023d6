"""The process view: the working process of a network as a staircase of weight grids, forward and backward at once."""

from __future__ import annotations

from minigrad._validation import check_integer
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.process.endings import read_endings
from minigrad.drawing.process.grids import read_grids
from minigrad.drawing.process.large_process import large_diagram
from minigrad.drawing.process.process_content import ProcessContent
from minigrad.drawing.process.process_diagram import process_diagram
from minigrad.drawing.process.surroundings import fitting_staircase
from minigrad.drawing.settings import DrawSettings
from minigrad.drawing.views.registry import register_view
from minigrad.errors import RenderError
from minigrad.graph import Graph
from minigrad.structure import read_structure

MOST = 12
"""Cells of a row or a column, biases not counted, that are shown with their numbers."""


@register_view(
    "process",
    shows="The weight matrices in a row: outputs pass forward through their cells, δ comes back through them.",
)
def process_view(graph: Graph, settings: DrawSettings, *, most: int = MOST) -> Diagram:
    """Draw the working process of a network: what every weight does, forward and backward, in grids of cells.

    Each output runs along its line of a weight matrix; every cell multiplies it by its weight, and each line across
    adds up to the weighted sum s of a neuron. θ(s) runs straight into its line of the next grid. δ comes back through
    the same cells: each keeps its gradient x·δ and gives back its share w·δ, which add up along the line.

    The first grid is entered from above and read to the right, so its columns are the inputs i and its rows the neurons
    j: the transpose of the matrix w_ij⁽¹⁾. The second is entered from the left and read down, as the matrix is written.

    Args:
        graph: The graph of a network.
        page: The pass to show, and the options that all views share.
        most: The largest number of cells in a row or a column that are shown with numbers.

    Returns:
        The diagram, with positions and a figure.

    Raises:
        RenderError: If the graph has no neurons.
        SettingError: If `most` is less than 1.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([2, 3, 1], activation=mg.tanh, rng=0))
        >>> loss = network.loss_graph([0.5, -1.0], [1.0])
        >>> mg.draw(network, view="process").diagram.groups[0].title
        'W⁽¹⁾'
    """
    check_integer(most, "most", 1)
    structure = read_structure(graph)
    if not structure.layers:
        cure = 'Draw it with view="expression" or view="backprop".'
        raise RenderError("the process view shows neurons, and this graph has none", cure=cure)
    process = read_grids(structure)
    if process.most > most:
        return large_diagram(process, settings)
    content = ProcessContent(process, settings)
    return process_diagram(fitting_staircase(content, read_endings(process)))
