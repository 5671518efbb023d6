"""A network as a file: the graph of its outputs and of its loss, and which nodes are inputs, outputs and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minigrad.core.node import Node
from minigrad.errors import FileError
from minigrad.files.archive import Archive, as_file_error, read_archive, to_path, write_archive
from minigrad.files.graph_spec import decode_graph, encode_graph, is_integer_list

KIND = "network"


class Parts(NamedTuple):
    """The nodes that define a network."""

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    targets: tuple[Node, ...]
    loss: Node


def save(path: Any, parts: Parts) -> None:
    """Write a network, values of parameters and constants included; raise FileError where that cannot be done."""
    nodes, specs, values = encode_graph([*parts.outputs, parts.loss, *parts.inputs, *parts.targets])
    numbers = {node: number for number, node in enumerate(nodes)}
    document = {
        "inputs": [numbers[node] for node in parts.inputs],
        "outputs": [numbers[node] for node in parts.outputs],
        "targets": [numbers[node] for node in parts.targets],
        "loss": numbers[parts.loss],
        "graph": specs,
    }
    write_archive(path, Archive(KIND, document, {"values": values}))


def load(path: Any) -> Parts:
    """Read what `save` wrote; raise FileError for any other file."""
    with as_file_error(to_path(path), "a file that is no network"):
        _, document, arrays = read_archive(path, KIND)
        if arrays.keys() != {"values"}:
            raise FileError("not the arrays of a network", found=", ".join(arrays)[:200], expected="values")
        nodes = decode_graph(document.get("graph"), arrays["values"])
        (loss,) = select_nodes(nodes, [document.get("loss")], "loss")
        inputs, outputs, targets = (
            select_nodes(nodes, document.get(role), role) for role in ("inputs", "outputs", "targets")
        )
        return Parts(inputs, outputs, targets, loss)


def select_nodes(nodes: Sequence[Node], numbers: Any, role: str) -> tuple[Node, ...]:
    """Return nodes by their numbers; raise FileError for a number that no node has."""
    if not is_integer_list(numbers, 0) or max(numbers, default=0) >= len(nodes):
        raise FileError(f"{role} that are no nodes of the graph", found=repr(numbers)[:80])
    return tuple([nodes[number] for number in numbers])
