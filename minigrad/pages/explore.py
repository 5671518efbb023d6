"""The page that steps through one pass and one update of a network: `minigrad.explore`."""

from __future__ import annotations

from collections.abc import Mapping

from minigrad._validation import impossible_setting
from minigrad.compiler.recorded_update import record_update
from minigrad.core.node import Node
from minigrad.drawing.settings import Theme
from minigrad.drawing.snapshot import SampleChoice, snapshot_of
from minigrad.graph import Graph, HasGraph, graph_of
from minigrad.optim import SGD, Optimizer
from minigrad.pages.assembly import PageLanguage, page_html, page_settings
from minigrad.pages.figures import network_figures
from minigrad.pages.page import Page
from minigrad.pages.steps import check_page_size, step_data

STYLES = ("style.css", "figure.css")


def explore(
    network: Node | Graph | HasGraph,
    sample: SampleChoice | None = None,
    optimizer: Optimizer | None = None,
    *,
    title: str = "",
    language: PageLanguage = "auto",
    theme: Theme = "auto",
) -> Page:
    """Return a page that steps through forward, backward and update of a network, number by number.

    The page shows the network, and for each step its formula, the same with numbers, and the result. A reader can
    change inputs, targets, weights, activations and the learning rate in it, and take steps of training; the page
    computes what follows. The parameters of the network itself stay as they are.

    Args:
        network: A network, or the loss as a node or a `Graph`.
        sample: A pair (x, t) for a network, or a mapping from inputs or their names to values: one sample, which is run
            forward and backward and leaves this pass in the nodes. By default the pass that the nodes have.
        optimizer: What makes the update out of the gradient; SGD(lr=0.5) for None.
        title: A heading of your own.
        language: "en" or "zh"; "auto" for the reader's. The page can be switched.
        theme: "light" or "dark"; "auto" follows the reader's system. The page can be switched.

    Returns:
        A `Page`, which notebooks display; `save("steps.html")` writes it as one file that needs no network.

    Raises:
        OperandError: If `network` has no graph.
        SettingError: If an option is impossible, or `optimizer` is not an optimizer.
        DataError: If a pair (x, t) does not fit the network; nothing has changed then.
        FeedError: If values do not fit the inputs; nothing has changed then.
        PassError: If there is no sample, and the nodes have no values of one pass.
        ShapeError: If the loss is no scalar, or a value has another shape than its input; nothing has changed then.
        RenderError: If the network is too large for a page, the pass is that of a batch, or a rule of an op is not made
            of formulas.
        CompileError: If the rule of the optimizer is not made of formulas.

    Example:
        >>> import minigrad as mg
        >>> network = mg.Network(*mg.mlp([2, 3, 1], mg.sigmoid, rng=0))
        >>> page = mg.explore(network, sample=([0.8, -0.5], [1.0]), title="First steps")
        >>> page  # doctest: +ELLIPSIS
        <Page 'First steps', ... kB; .save('….html')>
    """
    settings = page_settings(title, language, theme)
    if sample is not None and not isinstance(sample, (tuple, Mapping)):
        raise impossible_setting("sample", sample, "a pair (x, t), or a mapping from inputs to values")
    rule = SGD(0.5) if optimizer is None else optimizer
    graph = graph_of(network)
    check_page_size(graph)
    record_update(rule)  # raises before the nodes get the values of a pass
    snapshot_of(network, graph, sample)
    steps, program = step_data(graph, rule)
    data = {**settings, **steps, "figures": network_figures(graph)}
    heading = title or "One step of back-propagation"
    html = page_html("explore", data, **{**settings, "title": heading}, program=program, styles=STYLES)
    return Page(html, heading)
