"""What a picture shows, in sentences for readers who do not see it."""

from __future__ import annotations

from minigrad.drawing.language import CHINESE, translate
from minigrad.drawing.layer_titles import column_title
from minigrad.drawing.settings import DrawSettings
from minigrad.structure import read_structure

MOST_NODES = 1_000
"""Nodes of a graph whose layers are told one by one."""


def describe_graph(settings: DrawSettings, shows: str) -> str:
    """Return what a view shows in general, then what the graph consists of, as sentences."""
    graph = settings.snapshot.graph
    has_neurons = any(node.kind == "weighted sum" for node in graph.nodes)
    if has_neurons and len(graph) <= MOST_NODES:
        structure = read_structure(graph)
        layers = ", ".join(column_title(structure, column, settings.say) for column in structure.columns)
        content = settings.say("Layer by layer: {layers}.", layers=layers)
    else:
        counts = {"nodes": len(graph), "inputs": len(graph.inputs), "parameters": len(graph.parameters)}
        content = settings.say("In the graph: {nodes} nodes, {inputs} inputs, {parameters} parameters.", **counts)
    sentence = translate(shows, settings.language) if shows in CHINESE else shows  # a user's view has one language
    return f"{sentence} {content}" if shows else content
