"""A network as a file: the graph of its outputs and of its loss, the roles of its nodes, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from minigrad._format import describe_value
from minigrad._labels import SIGNED_CLASSES
from minigrad.core.building import building
from minigrad.core.node import Node
from minigrad.errors import FileError
from minigrad.files.archive import Archive, reading_archive, write_archive
from minigrad.files.graph_spec import decode_graph, encode_graph, is_integer_list

KIND = "network"


class Parts(NamedTuple):
    """The nodes that define a network."""

    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    targets: tuple[Node, ...]
    loss: Node


class SavedHistory(NamedTuple):
    """The history of the last training: numbers of each epoch by name, and why it ended early."""

    columns: Mapping[str, Sequence[float]]
    stop_reason: str | None


def save(path: Any, parts: Parts, history: SavedHistory, classes: Sequence[str] | Sequence[int] | None = None) -> None:
    """Write a network, its values, flags, history and names of classes; raise FileError where that cannot be done."""
    with building():
        write_archive(path, encode_model(parts, history, classes))


def encode_model(parts: Parts, history: SavedHistory, classes: Sequence[str] | Sequence[int] | None) -> Archive:
    """Return the content of the file of a network; raise FileError where it cannot be stored."""
    numbers, specs, values = encode_graph([*parts.outputs, parts.loss, *parts.inputs, *parts.targets])
    document = {
        "inputs": [numbers[node] for node in parts.inputs],
        "outputs": [numbers[node] for node in parts.outputs],
        "targets": [numbers[node] for node in parts.targets],
        "loss": numbers[parts.loss],
        "graph": specs,
    }
    if classes is not None:
        document["classes"] = [*classes]
    arrays = {"values": values}
    if history.columns:
        document["history"] = {"columns": [*history.columns], "stop_reason": history.stop_reason}
        arrays["history"] = np.array([*history.columns.values()], np.float64)
    return Archive(KIND, document, arrays)


@contextmanager
def reading_model(path: Any) -> Iterator[tuple[Parts, SavedHistory, list[str] | list[int] | None]]:
    """Read what `save` wrote, to make a network of it in a `with` block; raise FileError for any other file."""
    with building(), reading_archive(path, KIND) as (_, document, arrays):
        expected = {"values", "history"} if "history" in document else {"values"}
        if arrays.keys() != expected:
            raise FileError("not the arrays of a network", found=", ".join(arrays)[:200], expected=", ".join(expected))
        nodes = decode_graph(document.pop("graph", None), arrays["values"])  # the specs are not needed any more
        (loss,) = select_nodes(nodes, [document.get("loss")], "loss")
        inputs, outputs, targets = (
            select_nodes(nodes, document.get(role), role) for role in ("inputs", "outputs", "targets")
        )
        parts = Parts(inputs, outputs, targets, loss)
        yield parts, read_history(document.get("history"), arrays.get("history")), read_classes(document)


def read_history(description: Any, rows: np.ndarray | None) -> SavedHistory:
    """Return the history in a file, an empty one for a file without; raise FileError for an inconsistent one."""
    if rows is None:
        return SavedHistory({}, None)
    names, reason = description["columns"], description["stop_reason"]
    valid = rows.ndim == 2 and rows.dtype == np.float64 and (reason is None or isinstance(reason, str))
    if not valid or not all(isinstance(name, str) for name in names) or len({*names}) < len(names):
        raise FileError("the history is malformed", found=describe_value(description))
    return SavedHistory(dict(zip(names, rows.tolist(), strict=True)), reason)


def read_classes(document: Mapping[str, Any]) -> list[str] | list[int] | None:
    """Return the classes in a file, None for a file without; raise FileError but for texts, or −1 and 1."""
    classes = document.get("classes")
    is_text = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    if "classes" in document and not is_text and classes != [*SIGNED_CLASSES]:
        raise FileError("the classes are malformed", found=repr(classes)[:200], expected="a list of texts, or -1 and 1")
    return classes


def select_nodes(nodes: Sequence[Node], numbers: Any, role: str) -> tuple[Node, ...]:
    """Return nodes by their numbers; raise FileError for a number that no node has."""
    if not is_integer_list(numbers, 0) or max(numbers, default=0) >= len(nodes):
        raise FileError(f"{role} that are no nodes of the graph", found=describe_value(numbers))
    return tuple([nodes[number] for number in numbers])
