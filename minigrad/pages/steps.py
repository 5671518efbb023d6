"""What a page needs to step through forward, backward and update of a network: its numbers, names, equations, steps."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.javascript import JavaScriptRules, node_table, update_source
from minigrad.compiler.recorded_update import RecordedUpdate, record_update
from minigrad.core.node import Node
from minigrad.core.passes import single_root
from minigrad.core.versions import check_up_to_date
from minigrad.errors import CompileError, PassError, RenderError
from minigrad.graph import Graph
from minigrad.optim import Optimizer
from minigrad.optim.base import Schedule, rate_of_step
from minigrad.pages.equations import EquationWriter
from minigrad.pages.item_names import ItemNames
from minigrad.pages.quantities import FlatElement, Quantities
from minigrad.pages.step_builder import StepBuilder
from minigrad.structure import read_structure
from minigrad.symbolic import text

MOST_NUMBERS = 20_000
"""Values of nodes that a page holds."""
MOST_RATES = 2_000
"""Steps for which the rates of a schedule are written into a page; after them it takes no more."""


class StepData(NamedTuple):
    """Data of a page, which becomes JSON, and its program, the source of a JavaScript object."""

    data: dict[str, Any]
    program: str


def step_data(graph: Graph, optimizer: Optimizer) -> StepData:
    """Return what a page that steps through a graph needs, but for its figures.

    Args:
        graph: The graph of the loss of one sample, after both passes.
        optimizer: What updates the parameters.

    Returns:
        The data, and the rules of the ops and of the optimizer in JavaScript.

    Raises:
        PassError: If the graph has no values of one pass.
        ShapeError: If it has no single scalar loss.
        RenderError: If the network is too large, or the pass was over a batch, or a rule is not made of formulas.
        CompileError: If the optimizer cannot be recorded.
    """
    check_page_size(graph)
    check_pass(graph)
    update = record_update(optimizer)
    quantities = Quantities(read_structure(graph))
    rules = JavaScriptRules()
    try:
        table = node_table(graph.nodes, rules)
    except CompileError as error:
        raise RenderError(
            f"a page needs ops whose rules are formulas: {error.what}",
            found=error.found,
            expected=error.expected,
            cure="Write the rule with operators and functions of xp.",
        ) from error
    names, writer = ItemNames(quantities), EquationWriter(quantities, rules, update)
    builder = StepBuilder(quantities, writer, names)
    targets = quantities.structure.targets
    data = {
        "nodes": table,
        "loss": graph.position[quantities.loss],
        "values": [number for node in graph.nodes for number in np.ravel(node.value).tolist()],
        **names.data(),
        "inputs": value_keys(quantities, [node for node in graph.inputs if node not in targets]),
        "targets": value_keys(quantities, [node for node in graph.inputs if node in targets]),
        "parameters": value_keys(quantities, graph.parameters),
        "frozen": value_keys(quantities, [node for node in graph.parameters if not node.trainable]),
        "steps": builder.steps(),
        "layers": builder.layers(),
        "equations": builder.other_equations(),
        "product": writer.product_template,
        "templates": writer.templates,
        "optimizer": optimizer_data(optimizer, update, graph),
    }
    program = f"{{\nrules: {rules.source},\nupdate: {update_source(update)},\n}}"
    return StepData(data, program)


def optimizer_data(optimizer: Optimizer, update: RecordedUpdate, graph: Graph) -> dict[str, Any]:
    """Return an optimizer as a page has it: its name, its learning rates or schedules, and its state."""
    name = type(optimizer).__name__
    values = [np.ravel(node.value) for node in graph.parameters if node.trainable]
    return {
        "name": f"{name if name.isidentifier() else 'optimizer'}()",
        "isDescent": is_descent(update),
        "settings": {rate.name: rate.value for rate in update.rates if not isinstance(rate.value, Schedule)},
        "schedules": {
            rate.name: {
                "state": rate.count,
                "rates": [float(rate_of_step(rate.value, np.array([step]))) for step in range(MOST_RATES)],
            }
            for rate in update.rates
            if isinstance(rate.value, Schedule) and rate.count is not None
        },
        "state": [np.ravel(part).tolist() for part in optimizer.init(np.concatenate([np.zeros(0), *values]))],
        "vectors": [update.is_vector(index) for index in range(len(update.states))],
    }


def is_descent(update: RecordedUpdate) -> bool:
    """Return whether an update is the gradient times a learning rate and nothing else."""
    descents = [text(update.weight - rate.symbol * update.gradient) for rate in update.rates]
    return text(update.new_weight) in descents


def check_page_size(graph: Graph) -> None:
    """Raise ShapeError unless a graph has one number as its root, RenderError if it has too many values."""
    single_root(graph.plan)
    count = sum(prod(node.shape) for node in graph.nodes)
    if count > MOST_NUMBERS:
        expected = f"at most {MOST_NUMBERS:,} values of nodes"
        cure = "Show a smaller network, or record training with minigrad.Recorder."
        raise RenderError("the network is too large for a page", found=f"{count:,}", expected=expected, cure=cure)


def check_pass(graph: Graph) -> None:
    """Raise unless a graph has the values of one pass over one sample."""
    root = single_root(graph.plan)
    if root.value is None:
        raise PassError(
            "no value yet", node=root.title, cure="Pass sample=(x, t), or the values of the inputs by name."
        )
    check_up_to_date(graph.plan, graph.plan.roots)
    for node in graph.nodes:
        if np.shape(node.value) != node.shape or (node.kind == "weighted sum" and node.ndim > 1):
            raise RenderError(
                "a page shows one sample",
                node=node.title,
                found=f"values of shape {np.shape(node.value)}",
                expected="a pass over one sample",
                cure="Pass one sample, such as sample=(X[0], T[0]).",
            )


def value_keys(quantities: Quantities, nodes: Iterable[Node]) -> list[str]:
    """Return the keys of the values of all elements of some nodes."""
    items = (FlatElement(node, offset) for node in nodes for offset in range(prod(node.shape)))
    return [quantities.key("value", item) for item in items]
