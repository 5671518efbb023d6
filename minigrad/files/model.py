"""A network as a file: the graph of its outputs and of its loss, and which nodes are inputs, outputs and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from minigrad.core.node import Node
from minigrad.errors import FileError
from minigrad.files.archive import Archive, explained, place_of, read, write
from minigrad.files.graph_spec import described, rebuilt, whole_numbers

KIND = "network"


class Parts(NamedTuple):
    """The nodes by which a network holds its graph."""

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    targets: tuple[Node, ...]
    loss: Node


def save(path: Any, parts: Parts) -> None:
    """Writes a network, values of parameters and constants included; raises FileError where that cannot be done."""
    nodes, description, values = described([*parts.outputs, parts.loss, *parts.inputs, *parts.targets])
    numbers = {node: number for number, node in enumerate(nodes)}
    document = {
        "inputs": [numbers[node] for node in parts.inputs],
        "outputs": [numbers[node] for node in parts.outputs],
        "targets": [numbers[node] for node in parts.targets],
        "loss": numbers[parts.loss],
        "graph": description,
    }
    write(path, Archive(KIND, document, {"values": values}))


def load(path: Any) -> Parts:
    """Reads what `save` wrote; raises FileError for any other file, and then nothing is made."""
    with explained(place_of(path), "a file that is no network"):
        archive = read(path, KIND)
        document = archive.document
        if archive.arrays.keys() != {"values"}:
            raise FileError("not the arrays of a network", found=", ".join(archive.arrays)[:200], expected="values")
        nodes = rebuilt(document.get("graph"), archive.arrays["values"])
        (loss,) = chosen(nodes, [document.get("loss")], "loss")
        inputs, outputs, targets = (
            chosen(nodes, document.get(role), role) for role in ("inputs", "outputs", "targets")
        )
        return Parts(inputs, outputs, targets, loss)


def chosen(nodes: Sequence[Node], numbers: Any, role: str) -> tuple[Node, ...]:
    """Nodes by their numbers; raises FileError for a number that no node has."""
    if not whole_numbers(numbers, 0) or max(numbers, default=0) >= len(nodes):
        raise FileError(f"{role} that are no nodes of the graph", found=repr(numbers)[:80])
    return tuple([nodes[number] for number in numbers])
